//! Who there is: SCIM's people and groups, and the product's own people.

use std::collections::BTreeSet;
use std::fmt;

use super::super::store::{Kind, Row, Store};
use super::PAGE;
use super::html::{Escaped, View};
use crate::scim::Value;

impl View<'_> {
    pub(super) fn people(
        &self,
        f: &mut fmt::Formatter<'_>,
        store: &Store,
        admins: &BTreeSet<u32>,
    ) -> fmt::Result {
        let total = store.len(Kind::User);
        self.heading(f, "People", "users", self.users_from, total)?;
        if total == 0 {
            return f.write_str("<p class=\"empty\">Nobody yet.</p></section>");
        }
        f.write_str(
            "<div class=\"scroll\"><table><thead><tr><th>user name<th>state<th>groups<th class=\"wide\">external id\
            <th class=\"wide\">last change</tr></thead><tbody>",
        )?;
        for (person, row) in store.rows(Kind::User).skip(self.users_from).take(PAGE) {
            let doc = row.doc();
            let text = |name: &str| doc.get(name).and_then(Value::as_str).unwrap_or_default();
            let (class, state) = match row.active {
                true => ("good", "active"),
                false => ("bad", "inactive"),
            };
            let name = text("userName");
            write!(f, "<tr><td class=\"name\"><bdi>{}</bdi>", Escaped(name))?;
            if *row.label != *name {
                write!(
                    f,
                    "<br><span class=\"soft\"><bdi>{}</bdi></span>",
                    Escaped(&row.label)
                )?;
            }
            write!(f, "<td><span class=\"badge {class}\">{state}</span>")?;
            standing(f, store, admins, person)?;
            f.write_str("<td>")?;
            names(
                f,
                row.groups.iter().filter_map(|h| store.row(Kind::Group, *h)),
                row.groups.len(),
            )?;
            write!(
                f,
                "<td class=\"wide mono\">{}<td class=\"wide mono\">{:.0}</tr>",
                Escaped(text("externalId")),
                row.modified
            )?;
        }
        f.write_str("</tbody></table></div></section>")
    }

    pub(super) fn groups(&self, f: &mut fmt::Formatter<'_>, store: &Store) -> fmt::Result {
        let total = store.len(Kind::Group);
        self.heading(f, "Groups", "groups", self.groups_from, total)?;
        if total == 0 {
            return f.write_str("<p class=\"empty\">No group yet.</p></section>");
        }
        f.write_str(
            "<div class=\"scroll\"><table><thead><tr><th>name<th>size<th>members</tr></thead><tbody>",
        )?;
        for (_, row) in store.rows(Kind::Group).skip(self.groups_from).take(PAGE) {
            write!(
                f,
                "<tr><td class=\"name\"><bdi>{}</bdi><td class=\"number\">{}<td>",
                Escaped(&row.label),
                row.members.len()
            )?;
            let members = row.members.iter().filter_map(|h| store.any_row(*h));
            names(f, members.map(|(_, row)| row), row.members.len())?;
            f.write_str("</tr>")?;
        }
        f.write_str("</tbody></table></div></section>")
    }

    /// A heading with the way to the next page, if there is one.
    fn heading(
        &self,
        f: &mut fmt::Formatter<'_>,
        title: &str,
        parameter: &str,
        from: usize,
        total: usize,
    ) -> fmt::Result {
        write!(f, "<section><header><h2>{title}</h2>")?;
        if total > PAGE {
            let (first, last) = ((from + 1).min(total), (from + PAGE).min(total));
            let tenant = Escaped(self.tenant);
            write!(f, "<span class=\"soft\">{first} to {last} of {total}")?;
            if from > 0 {
                write!(
                    f,
                    " · <a href=\"?tenant={tenant}&amp;{parameter}={}\">back</a>",
                    from.saturating_sub(PAGE)
                )?;
            }
            if last < total {
                write!(
                    f,
                    " · <a href=\"?tenant={tenant}&amp;{parameter}={last}\">on</a>"
                )?;
            }
            f.write_str("</span>")?;
        }
        f.write_str("</header>")
    }
}

/// The product's own people, if there are any.
pub(super) fn locals(
    f: &mut fmt::Formatter<'_>,
    store: &Store,
    admins: &BTreeSet<u32>,
) -> fmt::Result {
    let total = store.locals().len();
    if total == 0 {
        return Ok(());
    }
    f.write_str("<section><header><h2>Local people</h2>")?;
    if total > PAGE {
        write!(f, "<span class=\"soft\">the first {PAGE} of {total}</span>")?;
    }
    f.write_str("</header><div class=\"scroll\"><table><thead><tr><th>user name<th>state</tr></thead><tbody>")?;
    for (person, local) in store.locals().iter().take(PAGE) {
        let name = Escaped(&local.name);
        write!(
            f,
            "<tr><td class=\"name\"><bdi>{name}</bdi><td><span class=\"badge good\">active</span>"
        )?;
        standing(f, store, admins, *person)?;
        f.write_str("</tr>")?;
    }
    f.write_str("</tbody></table></div></section>")
}

/// What the product decided of a person.
fn standing(
    f: &mut fmt::Formatter<'_>,
    store: &Store,
    admins: &BTreeSet<u32>,
    person: u32,
) -> fmt::Result {
    if store.is_banned(person) {
        f.write_str(" <span class=\"badge bad\">banned</span>")?;
    }
    if admins.contains(&person) {
        f.write_str(" <span class=\"badge mild\">administrator</span>")?;
    }
    Ok(())
}

/// The first names of a list.
fn names<'r>(
    f: &mut fmt::Formatter<'_>,
    rows: impl Iterator<Item = &'r Row>,
    total: usize,
) -> fmt::Result {
    const SHOWN: usize = 5;
    for (row, index) in rows.take(SHOWN).zip(0..) {
        if index > 0 {
            f.write_str(", ")?;
        }
        write!(f, "<bdi>{}</bdi>", Escaped(&row.label))?;
    }
    match total.checked_sub(SHOWN) {
        Some(more) if more > 0 => write!(f, " <span class=\"soft\">and {more} more</span>"),
        _ => Ok(()),
    }
}
