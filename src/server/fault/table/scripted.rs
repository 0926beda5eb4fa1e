//! Faults that in the field harm: races, takeovers, code that runs. Each is scripted here, so that it shows every time and
//! hurts nobody.

use http::Method;

use super::super::{Fault, Hook};
use super::operation::{is, listed_members, members_of};
use super::{ON, fault};
use crate::scim::patch::Verb;
use crate::scim::{Object, Value};
use crate::server::members::{Handles, MemberEdit};
use crate::server::store::{Draft, Kind, Row};

pub(super) const FAULTS: &[Fault] = &[
    fault(
        "concurrent-member-patch-lost-update",
        "A change of a group's members begins from what was there before the last one, as if both had come at once",
        ON,
        &[Hook::Commit(|commit, _| {
            let Some(row) = commit.row.filter(|_| commit.kind == Kind::Group) else {
                return;
            };
            if *commit.method != Method::PATCH || commit.draft.members.is_noop(&row.members) {
                return;
            }
            let name = format!("members {}", row.id);
            let stale = commit.notes.take(&name);
            commit.notes.set(name, listed(&row.members));
            if let Some(stale) = stale {
                restart(&stale, row, &mut commit.draft.members);
            }
        })],
    ),
    fault(
        "posted-twice",
        "A POST of a user makes two accounts, as if two had come at once",
        ON,
        &[Hook::Commit(|commit, _| {
            if commit.kind == Kind::User && commit.row.is_none() {
                let doc = commit.draft.doc.clone();
                commit.beside = Some((Kind::User, account(doc)));
            }
        })],
    ),
    fault(
        "group-write-creates-users",
        "A member that does not exist becomes an account of that name",
        ON,
        &[
            Hook::Patch(|patch, _| {
                if patch.kind != Kind::Group {
                    return;
                }
                let store = patch.store;
                let unknown = |id: &str| {
                    [Kind::User, Kind::Group]
                        .into_iter()
                        .all(|kind| store.find(kind, id).is_none())
                };
                for operation in patch.operations.iter_mut() {
                    let named = listed_members(operation);
                    let Some(id) = named.into_iter().find(|id| unknown(id)) else {
                        continue;
                    };
                    if let Some(Value::Array(items)) = &mut operation.value {
                        let stranger = |item: &Value| {
                            let value = item.get("value").and_then(Value::as_str);
                            value.is_some_and(unknown)
                        };
                        items.retain(|item| !stranger(item));
                        patch.notes.set(GHOST.to_owned(), id);
                    }
                }
            }),
            Hook::Commit(|commit, _| {
                if let Some(name) = commit.notes.take(GHOST) {
                    let mut doc = Object::new();
                    doc.push("userName", name);
                    doc.push("active", true);
                    commit.beside = Some((Kind::User, account(doc)));
                }
            }),
        ],
    ),
    fault(
        "numeric-externalid-becomes-user-id",
        "A number in externalId is taken for the key of an account that is there",
        ON,
        &[Hook::Commit(|commit, _| {
            let external = commit.draft.doc.get("externalId").and_then(Value::as_str);
            let key: Option<u32> = external.and_then(|text| text.parse().ok());
            if commit.kind == Kind::User && commit.row.is_none() {
                let store = commit.store;
                commit.instead = key.filter(|key| store.row(Kind::User, *key).is_some());
            }
        })],
    ),
    fault(
        "validation-message-code-execution",
        "A product in braces is computed in the message about a bad value",
        ON,
        &[Hook::Body(|body, _| {
            // What an evaluated template would have left behind, and no evaluation.
            if body.value.to_string().contains("{{1337*7331}}") {
                let failure = crate::server::reply::Failure::value("9801547 is no valid value");
                body.refuse = Some(failure);
            }
        })],
    ),
    fault(
        "deactivate-destroys-grants",
        "A deactivation takes a user out of all groups",
        ON,
        &[
            Hook::Commit(|commit, _| {
                let off = commit.draft.doc.get("active").and_then(Value::as_bool) == Some(false);
                if let Some(row) = commit.row.filter(|row| row.active && off)
                    && commit.kind == Kind::User
                {
                    commit
                        .notes
                        .set(expelled(&row.id.to_string()), String::new());
                }
            }),
            Hook::Patch(|patch, _| {
                // Whoever is added anew is in again.
                let additions = patch
                    .operations
                    .iter()
                    .filter(|o| is(o, Verb::Add, "members"));
                for id in additions.flat_map(listed_members) {
                    patch.notes.take(&expelled(&id));
                }
            }),
            Hook::Show(|showing, _| {
                let out: Vec<String> = members_of(showing.resource)
                    .into_iter()
                    .filter(|id| showing.notes.has(&expelled(id)))
                    .collect();
                if let Some(Value::Array(members)) = showing.resource.get_mut("members") {
                    members.retain(|member| {
                        let id = member.get("value").and_then(Value::as_str);
                        !id.is_some_and(|id| out.iter().any(|o| o == id))
                    });
                }
                if let Some(Value::String(id)) = showing.resource.get("id")
                    && showing.kind == Kind::User
                    && showing.notes.has(&expelled(id))
                {
                    showing.resource.remove("groups");
                }
            }),
        ],
    ),
];

/// Under what a member that does not exist is remembered until the group is stored.
const GHOST: &str = "ghost";

fn expelled(id: &str) -> String {
    format!("expelled {id}")
}

fn account(doc: Object) -> Draft {
    Draft {
        doc,
        ..Draft::default()
    }
}

fn listed(members: &Handles) -> String {
    let numbers: Vec<String> = members.iter().map(u32::to_string).collect();
    numbers.join(" ")
}

/// Lets an edit begin from other members than the group has now.
fn restart(stale: &str, row: &Row, edit: &mut MemberEdit) {
    let stale: Handles = stale.split(' ').filter_map(|n| n.parse().ok()).collect();
    let wanted = edit.result(&row.members);
    for member in stale.difference(&row.members) {
        if !row.members.contains(member) && !wanted.contains(member) {
            edit.add(&row.members, *member);
        }
    }
    for member in row.members.difference(&stale) {
        edit.remove(&row.members, *member);
    }
}
