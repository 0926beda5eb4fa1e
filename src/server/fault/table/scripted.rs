//! Faults that in the field harm: takeovers, code that runs. Each is scripted here, so that it shows every time and
//! hurts nobody.

use super::super::{Fault, Hook};
use super::operation::{is, listed_members, members_of};
use super::{ON, fault};
use crate::scim::patch::Verb;
use crate::scim::{Object, Value};
use crate::server::store::{Draft, Kind};

pub(super) const FAULTS: &[Fault] = &[
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
