//! Who administers the product: those who were granted the role, and the members of a group where the tenant names one.
//!
//! A product that nobody can administer is lost, so SCIM is refused the last one.

use std::collections::BTreeSet;

use serde_json::json;

use super::door::is_welcome;
use super::route::Ask;
use crate::server::reply::{Failure, Reply};
use crate::server::store::{ADMINISTRATOR, Kind, Store};

/// Refuses a deactivation or deletion that would leave nobody to administer the product.
pub(in crate::server) fn check_last(
    store: &Store,
    group: Option<&str>,
    leaver: u32,
) -> Result<(), Failure> {
    let all = administrators(store, group);
    if all.len() != 1 || !all.contains(&leaver) {
        return Ok(());
    }
    let detail = "this is the last administrator, who cannot be deactivated or deleted";
    Err(match group {
        // That is how SonarQube answers, whose rule it is.
        Some(_) => Failure::value(detail),
        None => Failure::new(403, None, detail),
    })
}

/// Whether a person administers the product.
pub(super) fn is_administrator(store: &Store, group: Option<&str>, person: u32) -> bool {
    administrators(store, group).contains(&person)
}

/// Lists who administers the product, by name.
pub(super) fn list(ask: &Ask<'_>) -> Result<Reply, Failure> {
    let store = ask.tenant.read();
    let all = administrators(&store, ask.tenant.administrators.as_deref());
    let names: BTreeSet<_> = all.into_iter().filter_map(|h| store.name_of(h)).collect();
    let body = json!({ "administrators": names });
    Ok(Reply::value(200, &body.into()))
}

/// Who can administer the product now: whoever does not come in administers nothing.
pub(in crate::server) fn administrators(store: &Store, group: Option<&str>) -> BTreeSet<u32> {
    let mut all: BTreeSet<u32> = store.holders(ADMINISTRATOR).collect();
    let group = group.into_iter();
    let mut seen: Vec<u32> = group.flat_map(|g| store.named(Kind::Group, g)).collect();
    let mut next = 0;
    while let Some(handle) = seen.get(next).copied() {
        next += 1;
        let members = store.row(Kind::Group, handle).map(|row| &row.members);
        for member in members.into_iter().flatten() {
            match store.any_row(*member) {
                Some((Kind::Group, _)) if seen.contains(member) => {}
                Some((Kind::Group, _)) => seen.push(*member),
                _ => {
                    all.insert(*member);
                }
            }
        }
    }
    all.retain(|person| is_welcome(store, *person));
    all
}
