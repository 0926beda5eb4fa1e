//! Who may administer the product: the members of one group, and such of its own people as were made administrators.
//!
//! A product that nobody can administer is lost, so a tenant can refuse to lose the last one.

use super::reply::Failure;
use super::store::{Kind, Store};

/// Refuses what would leave nobody to administer the product.
pub(super) fn check_last(store: &Store, group: Option<&str>, leaver: u32) -> Result<(), Failure> {
    let Some(group) = group else {
        return Ok(());
    };
    if !is_last(store, group, leaver) {
        return Ok(());
    }
    // That is how SonarQube answers, whose rule it is; RFC 7644 has no word for it.
    let detail = "this is the last administrator, who cannot be deactivated or deleted";
    Err(Failure::value(detail))
}

fn is_last(store: &Store, group: &str, leaver: u32) -> bool {
    let mut others = false;
    let mut own = false;
    let mut seen: Vec<u32> = store.named(Kind::Group, group).collect();
    let mut next = 0;
    while let Some(handle) = seen.get(next).copied() {
        next += 1;
        let members = store.row(Kind::Group, handle).map(|row| &row.members);
        for member in members.into_iter().flatten() {
            match store.any_row(*member) {
                Some((Kind::User, row)) if row.active => {
                    own |= *member == leaver;
                    others |= *member != leaver;
                }
                Some((Kind::Group, _)) if !seen.contains(member) => seen.push(*member),
                _ => {}
            }
        }
    }
    let local = store.locals().values().any(|local| local.administrator);
    own && !others && !local
}
