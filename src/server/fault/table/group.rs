//! Groups and their members.

use http::Method;

use super::super::{Fault, Hook};
use super::operation::{
    is, is_at, is_filtered, listed_members, members_of, members_without_path, operation,
    selected_member,
};
use super::user::{changes, restore};
use super::{ON, fault};
use crate::scim::patch::Verb;
use crate::scim::{Object, Value};
use crate::server::members::{Handles, MemberEdit};
use crate::server::reply::Failure;
use crate::server::store::{Kind, Store};

pub(super) const FAULTS: &[Fault] = &[
    fault(
        "remove-members-value-wipes-group",
        "Removing listed members empties the group",
        ON,
        &[Hook::Patch(|patch, _| {
            let removals = patch.operations.iter_mut();
            for operation in removals.filter(|o| is(o, Verb::Remove, "members")) {
                operation.value = None;
            }
        })],
    ),
    fault(
        "remove-members-value-rejected",
        "Removing listed members is refused",
        ON,
        &[Hook::Patch(|patch, _| {
            let mut operations = patch.operations.iter();
            if operations.any(|o| is(o, Verb::Remove, "members") && o.value.is_some()) {
                patch.refuse = Some(Failure::path("name the member in the path"));
            }
        })],
    ),
    fault(
        "filtered-remove-noop",
        "members[value eq …] is answered with success and removes nobody",
        ON,
        &[Hook::Patch(|patch, _| {
            let selects = |o: &_| is(o, Verb::Remove, "members") && is_filtered(o);
            patch.operations.retain(|o| !selects(o));
        })],
    ),
    fault(
        "filtered-remove-clears-all",
        "members[value eq …] removes everybody",
        ON,
        &[Hook::Patch(|patch, _| {
            for operation in patch.operations.iter_mut() {
                if is(operation, Verb::Remove, "members") && is_filtered(operation) {
                    operation.path = Some("members".to_owned());
                }
            }
        })],
    ),
    fault(
        "add-members-replaces-list",
        "Adding a member replaces the list",
        ON,
        &[Hook::Patch(|patch, _| {
            let additions = patch.operations.iter_mut();
            for operation in additions.filter(|o| is(o, Verb::Add, "members")) {
                operation.op = Verb::Replace.as_str().to_owned();
            }
        })],
    ),
    fault(
        "replace-members-keeps-stale",
        "Replacing the list leaves former members in place",
        ON,
        &[
            Hook::Patch(|patch, _| {
                let replacements = patch.operations.iter_mut();
                for operation in replacements.filter(|o| is(o, Verb::Replace, "members")) {
                    operation.op = Verb::Add.as_str().to_owned();
                }
            }),
            Hook::Commit(|commit, _| {
                if *commit.method == Method::PUT
                    && let Some(row) = commit.row
                {
                    for member in &row.members {
                        commit.draft.members.add(&row.members, *member);
                    }
                }
            }),
        ],
    ),
    fault(
        "replace-bad-id-wipes-group",
        "A replacement with an unknown id empties the group",
        ON,
        &[
            Hook::Patch(|patch, _| {
                let all = std::mem::take(patch.operations);
                for o in all {
                    if is(&o, Verb::Replace, "members") {
                        patch
                            .operations
                            .push(operation(Verb::Remove, "members", None));
                        patch
                            .operations
                            .push(operation(Verb::Add, "members", o.value));
                    } else {
                        patch.operations.push(o);
                    }
                }
            }),
            Hook::Refusal(|refusal, _| {
                let failure = refusal.failure.as_ref();
                let member = failure.is_some_and(|f| f.detail.contains("a member"));
                refusal.keep = refusal.kind == Kind::Group && member;
            }),
        ],
    ),
    fault(
        "multi-remove-index-shift",
        "Several removals in one PATCH take out the wrong people",
        ON,
        &[Hook::Patch(|patch, _| {
            let positions = members_of(patch.before);
            let mut left = positions.clone();
            patch.operations.retain_mut(|operation| {
                let id =
                    selected_member(operation).filter(|_| is(operation, Verb::Remove, "members"));
                let Some(index) = id.and_then(|id| positions.iter().position(|m| *m == id)) else {
                    return true;
                };
                if index >= left.len() {
                    return false;
                }
                let hit = left.remove(index);
                operation.path = Some(format!(r#"members[value eq "{hit}"]"#));
                true
            });
        })],
    ),
    fault(
        "member-write-accepted-not-persisted",
        "A membership write is answered with success and not stored",
        &["patch", "put", "post"],
        &[Hook::Commit(|commit, mode| {
            if commit.method.as_str().eq_ignore_ascii_case(mode) {
                commit.draft.members = MemberEdit::default();
            }
        })],
    ),
    fault(
        "readd-member-errors",
        "Adding a member who is in the group fails",
        &["409", "400", "500"],
        &[Hook::Patch(|patch, mode| {
            let present = members_of(patch.before);
            let additions = patch
                .operations
                .iter()
                .filter(|o| is(o, Verb::Add, "members"));
            let mut ids = additions.flat_map(listed_members);
            if ids.any(|id| present.contains(&id)) {
                let status = mode.parse().unwrap_or(409);
                patch.refuse = Some(Failure::new(status, None, "already a member"));
            }
        })],
    ),
    fault(
        "readd-member-duplicates",
        "Adding a member again stores the member twice",
        ON,
        &[
            Hook::Patch(|patch, _| {
                let present = members_of(patch.before);
                let additions = patch
                    .operations
                    .iter()
                    .filter(|o| is(o, Verb::Add, "members"));
                for id in additions.flat_map(listed_members) {
                    if present.contains(&id) {
                        patch.notes.set(twice(patch.before, &id), String::new());
                    }
                }
            }),
            Hook::Show(|showing, _| {
                let again = showing.resource.clone();
                let Some(Value::Array(members)) = showing.resource.get_mut("members") else {
                    return;
                };
                let ids = members_of(&again);
                let noted = ids.iter().map(|id| showing.notes.has(&twice(&again, id)));
                let copies: Vec<Value> = members
                    .iter()
                    .zip(noted)
                    .filter(|(_, noted)| *noted)
                    .map(|(member, _)| member.clone())
                    .collect();
                members.extend(copies);
            }),
        ],
    ),
    fault(
        "unknown-member-silently-accepted",
        "Members that do not exist are accepted and dropped",
        ON,
        &[
            Hook::Patch(|patch, _| {
                for operation in patch.operations.iter_mut() {
                    if is_at(operation, "members") {
                        keep_known(operation.value.as_mut(), patch.store);
                    } else if let Some(members) = members_without_path(operation) {
                        keep_known(members.get_mut("members"), patch.store);
                    }
                }
            }),
            Hook::Body(|body, _| {
                let members = body
                    .value
                    .as_object_mut()
                    .and_then(|o| o.get_mut("members"));
                keep_known(members, body.store);
            }),
        ],
    ),
    fault(
        "unresolvable-member-fails-group",
        "A member that does not exist ends in 500",
        ON,
        &[Hook::Reply(|out, _| {
            let text = String::from_utf8_lossy(&out.reply.body);
            if out.reply.status == 400 && text.contains("to be a member") {
                *out.reply = Failure::new(500, None, "unexpected error").into();
            }
        })],
    ),
    fault(
        "single-member-group-500",
        "A group of exactly one member fails",
        ON,
        &[Hook::Commit(|commit, _| {
            let none = Handles::new();
            let base = commit.row.map_or(&none, |row| &row.members);
            if commit.kind == Kind::Group && commit.draft.members.result(base).len() == 1 {
                commit.refuse = Some(Failure::new(500, None, "unexpected error"));
            }
        })],
    ),
    fault(
        "nested-group-mishandled",
        "A group inside a group is lost",
        ON,
        &[Hook::Commit(|commit, _| {
            let none = Handles::new();
            let base = commit.row.map_or(&none, |row| &row.members);
            for member in commit.draft.members.result(base) {
                if commit.store.row(Kind::Group, member).is_some() {
                    commit.draft.members.remove(base, member);
                }
            }
        })],
    ),
    fault(
        "members-truncated-then-deleted",
        "A PATCH keeps the first 100 members and loses the rest",
        ON,
        &[Hook::Commit(|commit, _| {
            if *commit.method == Method::PATCH
                && let Some(row) = commit.row
            {
                for member in row.members.iter().skip(100) {
                    commit.draft.members.remove(&row.members, *member);
                }
            }
        })],
    ),
    fault(
        "group-rename-not-applied",
        "A group's new name is ignored",
        ON,
        &[Hook::Commit(|commit, _| {
            if commit.kind == Kind::Group && commit.row.is_some() {
                restore(commit, "displayName");
            }
        })],
    ),
    fault(
        "group-rename-wipes-members",
        "Renaming a group removes its members",
        ON,
        &[Hook::Commit(|commit, _| {
            if commit.kind == Kind::Group && changes(commit, "displayName") {
                commit.draft.members.clear();
            }
        })],
    ),
    fault(
        "group-external-id-demanded",
        "A group without an externalId is refused",
        ON,
        &[Hook::Body(|body, _| {
            let group = body.kind == Kind::Group && body.method == Method::POST;
            if group && body.value.get("externalId").is_none() {
                body.refuse = Some(Failure::value("externalId is required"));
            }
        })],
    ),
    fault(
        "group-delete-ignored",
        "DELETE of a group is answered with success and does nothing",
        ON,
        &[Hook::Removal(|removal, _| {
            removal.ignore |= removal.kind == Kind::Group;
        })],
    ),
    fault(
        "members-as-bare-ids",
        "Members are shown as ids instead of objects",
        ON,
        &[Hook::Show(|showing, _| {
            let ids = members_of(showing.resource);
            if let Some(members) = showing.resource.get_mut("members") {
                *members = Value::Array(ids.into_iter().map(Value::from).collect());
            }
        })],
    ),
    fault(
        "duplicate-group-accepted",
        "A second group of the same name is created",
        ON,
        &[Hook::Refusal(|refusal, _| {
            if refusal.kind == Kind::Group && refusal.names.is_some() {
                refusal.failure = None;
            }
        })],
    ),
];

fn twice(group: &Object, member: &str) -> String {
    let id = group.get("id").and_then(Value::as_str).unwrap_or_default();
    format!("{id} holds {member} twice")
}

fn keep_known(members: Option<&mut Value>, store: &Store) {
    if let Some(Value::Array(items)) = members {
        items.retain(|item| {
            let id = item.get("value").and_then(Value::as_str);
            id.is_some_and(|id| store.find_any(id).is_some())
        });
    }
}
