//! The page's text. Everything that clients wrote passes [`Escaped`]; secrets in bodies are blotted out.

use std::collections::BTreeSet;
use std::fmt::{self, Display, Write as _};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use sha2::{Digest, Sha256};

use super::super::handler::State;
use super::super::history::{Body, Entry, History, KEPT};
use super::super::product::administrators;
use super::super::service::Server;
use super::super::store::{Kind, Row, Store};
use super::{PAGE, REFRESH};
use crate::scim::Value;

const STYLE: &str = include_str!("style.css");

/// What stands where a secret stood.
const BLOT: &str = "••••••";

/// The content security policy: this style, known by its hash, and nothing else.
pub(super) fn policy() -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

/// A page about one tenant.
pub(super) struct View<'a> {
    pub(super) server: &'a Server,
    pub(super) history: &'a History,
    pub(super) names: &'a [String],
    pub(super) tenant: &'a str,
    pub(super) users_from: usize,
    pub(super) groups_from: usize,
    pub(super) refresh: bool,
}

impl Display for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")?;
        f.write_str("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
        if self.refresh {
            write!(f, "<meta http-equiv=\"refresh\" content=\"{REFRESH}\">")?;
        }
        write!(
            f,
            "<title>{} · scimulate</title><style>{STYLE}</style></head><body>",
            Escaped(self.tenant)
        )?;
        match self.server.find(self.tenant) {
            Some(state) => self.body(f, &state)?,
            None => f.write_str("<main><p>The server has no tenant.</p></main>")?,
        }
        f.write_str("</body></html>\n")
    }
}

impl View<'_> {
    fn body(&self, f: &mut fmt::Formatter<'_>, state: &State) -> fmt::Result {
        let store = state.read();
        let base = format!("{}{}", self.server.base_url(), state.base_path);
        write!(
            f,
            "<header><h1>scimulate reference server</h1><p class=\"soft\"><code>{}</code></p>",
            Escaped(&base)
        )?;
        self.tenants(f)?;
        f.write_str("</header><main>")?;
        let exchanges = self.history.of(self.tenant);
        let active = store.rows(Kind::User).filter(|(_, row)| row.active).count();
        let failed = exchanges.iter().filter(|entry| entry.status >= 400).count();
        f.write_str("<dl class=\"figures\">")?;
        for (name, figure) in [
            ("people", store.len(Kind::User)),
            ("of them active", active),
            ("groups", store.len(Kind::Group)),
            ("last exchanges", exchanges.len()),
            ("of them refused", failed),
        ] {
            write!(f, "<div><dt>{name}</dt><dd>{figure}</dd></div>")?;
        }
        write!(f, "<div><dt>seats taken</dt><dd>{}", store.taken())?;
        if let Some(seats) = store.seats() {
            write!(f, " of {seats}")?;
        }
        f.write_str("</dd></div></dl>")?;
        if !store.provisions() {
            f.write_str("<p class=\"empty\">Provisioning is switched off.</p>")?;
        }
        f.write_str("<div class=\"columns\"><div>")?;
        let rulers = administrators(&store, state.administrators.as_deref());
        self.people(f, &store, &rulers)?;
        locals(f, &store, &rulers)?;
        self.groups(f, &store)?;
        f.write_str("</div><div>")?;
        self.exchanges(f, &exchanges)?;
        f.write_str("</div></div></main>")?;
        let (refresh, word) = match self.refresh {
            true => ("", "stop coming again"),
            false => ("&amp;refresh", "come again every 5 seconds"),
        };
        write!(
            f,
            "<footer><p><a href=\"?tenant={}{refresh}\">{word}</a></p><p>For this machine alone: the page shows people's \
            names. Credentials are never kept, secrets in bodies are blotted out.</p></footer>",
            Escaped(self.tenant)
        )
    }

    fn tenants(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.names.len() < 2 {
            return Ok(());
        }
        f.write_str("<nav aria-label=\"Tenants\">")?;
        for name in self.names {
            let current = match name == self.tenant {
                true => " aria-current=\"page\"",
                false => "",
            };
            let name = Escaped(name);
            write!(f, "<a href=\"?tenant={name}\"{current}>{name}</a>")?;
        }
        f.write_str("</nav>")
    }

    fn people(
        &self,
        f: &mut fmt::Formatter<'_>,
        store: &Store,
        rulers: &BTreeSet<u32>,
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
            standing(f, store, rulers, person)?;
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

    fn groups(&self, f: &mut fmt::Formatter<'_>, store: &Store) -> fmt::Result {
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

    fn exchanges(&self, f: &mut fmt::Formatter<'_>, exchanges: &[Entry]) -> fmt::Result {
        write!(
            f,
            "<section><header><h2>Exchanges</h2><span class=\"soft\">the last {KEPT}, newest first</span></header>"
        )?;
        if exchanges.is_empty() {
            f.write_str("<p class=\"empty\">Nothing was asked yet.</p>")?;
        }
        for entry in exchanges {
            exchange(f, entry)?;
        }
        f.write_str("</section>")
    }
}

/// The product's own people, if there are any.
fn locals(f: &mut fmt::Formatter<'_>, store: &Store, rulers: &BTreeSet<u32>) -> fmt::Result {
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
        standing(f, store, rulers, *person)?;
        f.write_str("</tr>")?;
    }
    f.write_str("</tbody></table></div></section>")
}

/// What the product decided of a person.
fn standing(
    f: &mut fmt::Formatter<'_>,
    store: &Store,
    rulers: &BTreeSet<u32>,
    person: u32,
) -> fmt::Result {
    if store.is_banned(person) {
        f.write_str(" <span class=\"badge bad\">banned</span>")?;
    }
    if rulers.contains(&person) {
        f.write_str(" <span class=\"badge mild\">administrator</span>")?;
    }
    Ok(())
}

fn exchange(f: &mut fmt::Formatter<'_>, entry: &Entry) -> fmt::Result {
    let class = match entry.status {
        ..300 => "good",
        300..500 => "mild",
        _ => "bad",
    };
    let path = decoded(entry.uri.path());
    let query = entry.uri.query().map(decoded);
    let query = query.map(|query| match is_secret(&query) {
        true => format!("?{BLOT}"),
        false => format!("?{query}"),
    });
    write!(
        f,
        "<details class=\"exchange\"><summary><span class=\"badge {class}\">{}</span><span class=\"mono\">{}</span>\
        <span class=\"path mono\"><bdi>{}{}</bdi></span><span class=\"soft mono wide\">{:.1} ms</span></summary>\
        <div class=\"bodies\">",
        entry.status,
        Escaped(entry.method.as_str()),
        Escaped(&path),
        Escaped(&query.unwrap_or_default()),
        entry.took.as_secs_f64() * 1_000.0,
    )?;
    write!(
        f,
        "<div><h3>sent {:.3}</h3><pre>{}</pre></div>",
        entry.at,
        Escaped(&shown(&entry.sent))
    )?;
    write!(
        f,
        "<div><h3>answered</h3><pre>{}</pre></div></div></details>",
        Escaped(&shown(&entry.answered))
    )
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

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// A body for people: JSON by lines, without secrets.
fn shown(body: &Body) -> String {
    let bytes = match body {
        Body::Large(size) => return format!("({size} bytes)"),
        Body::Kept(bytes) if bytes.is_empty() => return "(no body)".to_owned(),
        Body::Kept(bytes) => bytes,
    };
    let Ok(mut value) = Value::from_slice(bytes) else {
        return format!("({} bytes that are no JSON)", bytes.len());
    };
    blot(&mut value);
    serde_json::to_string_pretty(&value).unwrap_or_else(|_| value.to_string())
}

/// Whether a name or a path speaks of something secret.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["password", "secret", "token", "session"]
        .iter()
        .any(|word| name.contains(word))
}

fn blot(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(blot),
        Value::Object(object) => {
            // An operation of a PATCH names in `path` what its `value` is.
            let path = object
                .get("path")
                .and_then(Value::as_str)
                .is_some_and(is_secret);
            for (name, inner) in object.iter_mut() {
                // So does the filter of a search that is posted.
                let filter = name.eq_ignore_ascii_case("filter");
                let filter = filter && inner.as_str().is_some_and(is_secret);
                if is_secret(name) || filter || path && name.eq_ignore_ascii_case("value") {
                    *inner = BLOT.into();
                } else {
                    blot(inner);
                }
            }
        }
        _ => {}
    }
}

/// Text that clients wrote, harmless in HTML: no markup, no quotes, no characters that turn the line around.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\n' | '\t' => f.write_char(c)?,
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
                    write!(f, "{}", c.escape_unicode())?
                }
                c if c.is_control() => write!(f, "{}", c.escape_unicode())?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_clients_wrote_is_harmless() {
        let text = "<script>alert('\"&\u{202e}\u{1b}\0";
        let shown = Escaped(text).to_string();
        assert_eq!(
            shown,
            "&lt;script&gt;alert(&#39;&quot;&amp;\\u{202e}\\u{1b}\\u{0}"
        );
    }

    #[test]
    fn secrets_in_bodies_are_blotted_out() {
        let body = |text: &'static str| shown(&Body::Kept(text.as_bytes().into()));
        for secret in [
            r#"{"userName": "ada", "Password": "hush"}"#,
            r#"{"Operations": [{"op": "replace", "path": "password", "value": "hush"}]}"#,
            r#"{"Operations": [{"op": "replace", "value": {"urn:ietf:params:scim:schemas:core:2.0:User:password": "hush"}}]}"#,
            r#"{"access_token": "hush", "token_type": "Bearer"}"#,
            r#"{"session": {"id": "hush"}}"#,
            r#"{"schemas": [], "filter": "password eq \"hush\""}"#,
            "password=hush",
        ] {
            assert!(!body(secret).contains("hush"), "{secret}");
        }
        assert!(body(r#"{"userName": "ada"}"#).contains("ada"));
    }

    #[test]
    fn the_policy_names_the_style_alone() {
        let policy = policy();
        assert!(
            policy.starts_with("default-src 'none'; style-src 'sha256-"),
            "{policy}"
        );
        assert!(!STYLE.contains("url(") && !STYLE.contains("@import") && !STYLE.contains('<'));
    }
}
