//! What a person may do: the names of all groups that the person is in, and the roles that the product's administrator
//! granted. What SCIM writes into the user's `roles` is a directory's note and grants nothing.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::door::{nobody, who};
use super::route::Ask;
use crate::server::credential::Access;
use crate::server::fault::Rights;
use crate::server::handler::State;
use crate::server::reply::{Failure, Reply};
use crate::server::store::{Kind, Row, Store};

/// How many roles a person may be granted.
const MAX_ROLES: usize = 100;

/// Shows who asks.
pub(super) fn me(ask: &Ask<'_>) -> Result<Reply, Failure> {
    let store = ask.tenant.read();
    let (person, access) = who(ask.tenant, &store, ask.headers)?;
    let by = match access {
        Access::Session => "session",
        Access::Token => "token",
    };
    let (row, local) = (store.row(Kind::User, person), store.locals().get(&person));
    let id = row.map(|row| row.id).or(local.map(|local| local.id));
    let body: Json = json!({
        "id": id.ok_or_else(nobody)?.to_string(),
        "userName": store.name_of(person),
        "active": row.is_none_or(|row| row.active),
        "local": row.is_none(),
        "by": by,
        "roles": roles(ask.tenant, &store, person),
    });
    Ok(Reply::value(200, &body.into()))
}

fn roles(tenant: &State, store: &Store, person: u32) -> BTreeSet<String> {
    let row = store.row(Kind::User, person);
    let mut roles = row.map_or_else(BTreeSet::new, |row| from_groups(tenant, store, row));
    roles.extend(store.granted(person).map(str::to_owned));
    roles
}

/// The names of all groups that a person is in, directly or through other groups.
fn from_groups(tenant: &State, store: &Store, row: &Row) -> BTreeSet<String> {
    let mut seen = row.groups.clone();
    let mut next: Vec<u32> = seen.iter().copied().collect();
    while let Some(handle) = next.pop() {
        let outer = store.row(Kind::Group, handle).map(|group| &group.groups);
        for group in outer.into_iter().flatten() {
            if seen.insert(*group) {
                next.push(*group);
            }
        }
    }
    let groups: Vec<&Row> = seen
        .iter()
        .filter_map(|h| store.row(Kind::Group, *h))
        .collect();
    let mut roles = groups.iter().map(|group| group.label.to_string()).collect();
    tenant.faults.rights(&mut Rights {
        row,
        groups: &groups,
        notes: &tenant.faults.notes,
        roles: &mut roles,
    });
    roles
}

/// Grants a role.
pub(super) fn grant(ask: &Ask<'_>, name: &str, role: &str) -> Result<Reply, Failure> {
    let mut store = ask.tenant.write();
    let person = find(&store, name)?;
    if store.granted(person).count() >= MAX_ROLES {
        let why = "that person was granted too many roles";
        return Err(Failure::new(429, None, why));
    }
    store.grant(person, role);
    Ok(Reply::empty(204))
}

/// Takes a role back.
pub(super) fn take_back(ask: &Ask<'_>, name: &str, role: &str) -> Result<Reply, Failure> {
    let mut store = ask.tenant.write();
    let person = find(&store, name)?;
    store.take_back(person, role);
    Ok(Reply::empty(204))
}

/// The person of that name, whom SCIM made or not.
pub(super) fn find(store: &Store, name: &str) -> Result<u32, Failure> {
    let found = store.person(name);
    found.ok_or_else(|| Failure::not_found("person of that userName"))
}
