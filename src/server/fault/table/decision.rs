//! What the product decided by itself, and SCIM or a sign-on undoes: roles, bans, seats, the last administrator, its own
//! people.

use super::super::{Act, Commit, Fault, Hook};
use super::{ON, fault};
use crate::scim::{Object, Value};
use crate::server::members::MemberEdit;
use crate::server::product::Write;
use crate::server::store::{Draft, Kind, Known, Row, fold, is_active};

pub(super) const FAULTS: &[Fault] = &[
    fault(
        "jit-login-resurrects-user",
        "A sign-on makes the account anew that SCIM deleted, and enables the one that SCIM deactivated",
        ON,
        &[Hook::Act(|acting, _| {
            let Act::SignOn { name, .. } = acting.act else {
                return;
            };
            if acting.store.is_banned_name(name) || acting.allowed {
                return;
            }
            let known = acting.person.map(|h| (h, acting.store.row(Kind::User, h)));
            acting.writes.push(match known {
                None => Write::Create(Kind::User, account(name)),
                Some((_, None)) => return,
                Some((handle, Some(row))) => {
                    let mut doc = row.doc();
                    doc.set("active", true);
                    Write::Update(Kind::User, handle, draft(doc))
                }
            });
            acting.allowed = true;
        })],
    ),
    fault(
        "sso-claims-override-scim",
        "A sign-on writes the groups of its claims over the memberships that SCIM set",
        ON,
        &[Hook::Act(|acting, _| {
            let Act::SignOn {
                groups: Some(claimed),
                ..
            } = acting.act
            else {
                return;
            };
            let Some(person) = acting.person.filter(|_| acting.allowed) else {
                return;
            };
            for (handle, group) in acting.store.rows(Kind::Group) {
                let wanted = claimed.iter().any(|name| fold(name) == fold(&group.label));
                if wanted != group.members.contains(&person) {
                    let mut draft = draft(group.doc());
                    draft.members = joins_or_leaves(group, person, wanted);
                    let write = Write::Update(Kind::Group, handle, draft);
                    acting.writes.push(write);
                }
            }
        })],
    ),
    fault(
        "scim-update-erases-local-roles",
        "Any change of a user by SCIM takes away the roles that were granted in the product",
        ON,
        &[Hook::Commit(|commit, _| {
            if commit.kind == Kind::User && commit.row.is_some() {
                commit.draft.forgets = &[Known::Roles];
            }
        })],
    ),
    fault(
        "role-attribute-escalation",
        "An administrator's role in the SCIM attribute roles is one in the product",
        ON,
        &[Hook::Rights(|rights, _| {
            let doc = rights.row.doc();
            let roles = doc.get("roles").and_then(Value::as_array);
            for role in roles.unwrap_or_default() {
                let role = role.get("value").and_then(Value::as_str);
                if let Some(role) = role.filter(|role| is_an_administrators(role)) {
                    rights.roles.insert(role.to_owned());
                }
            }
        })],
    ),
    fault(
        "group-rename-leaves-old-role-mapping",
        "Who is in a group that was renamed keeps the role of the old name and has none of the new one",
        ON,
        &[
            Hook::Commit(|commit, _| {
                let Some(row) = commit.row.filter(|_| commit.kind == Kind::Group) else {
                    return;
                };
                let name = commit.draft.doc.get("displayName");
                if name.and_then(Value::as_str) != Some(&*row.label) {
                    commit.notes.change(&first_name(row), |noted| {
                        Some(noted.unwrap_or(&row.label).to_owned())
                    });
                }
            }),
            Hook::Rights(|rights, _| {
                for group in rights.groups {
                    if let Some(first) = rights.notes.get(&first_name(group)) {
                        rights.roles.remove(&*group.label);
                        rights.roles.insert(first);
                    }
                }
            }),
        ],
    ),
    fault(
        "scim-delete-lifts-ban",
        "Whoever is banned comes in again once SCIM deleted the account and made it anew",
        ON,
        &[Hook::Commit(|commit, _| {
            if commit.kind == Kind::User && commit.row.is_none() {
                commit.draft.forgets = &[Known::Ban];
            }
        })],
    ),
    fault(
        "scim-disable-side-effects",
        "Switching provisioning off deletes whom SCIM made",
        ON,
        &[Hook::Act(|acting, _| {
            if matches!(acting.act, Act::Switch(false)) {
                let people = acting.store.rows(Kind::User);
                let gone = people.map(|(handle, _)| Write::Delete(Kind::User, handle));
                acting.writes.extend(gone);
            }
        })],
    ),
    fault(
        "any-member-mints-token",
        "Whoever is signed in makes tokens for provisioning",
        ON,
        &[Hook::Act(|acting, _| {
            if matches!(acting.act, Act::MakeToken) {
                acting.allowed = true;
            }
        })],
    ),
    fault(
        "seat-cap-bypassed",
        "More people are active than there are seats: new ones, or reactivated ones",
        &["create", "reactivate"],
        &[Hook::Commit(|commit, mode| {
            let comes_back = is_active(&commit.draft.doc) && was_active(commit) == Some(false);
            commit.unguarded |= match mode {
                "create" => commit.row.is_none(),
                _ => comes_back,
            };
        })],
    ),
    fault(
        "scim-governs-foreign-users",
        "SCIM shows the product's own people, and its writes lock them out",
        ON,
        &[Hook::Act(|acting, _| {
            if let Act::LetIn(name) = acting.act {
                let shown = Write::Create(Kind::User, account(name));
                acting.writes.push(shown);
            }
            let local = acting.person.and_then(|h| acting.store.locals().get(&h));
            if let Some(local) = local {
                let mut shown = acting.store.named(Kind::User, &local.name);
                let row = shown.next().and_then(|h| acting.store.row(Kind::User, h));
                acting.allowed &= row.is_some_and(|row| row.active);
            }
        })],
    ),
    fault(
        "last-admin-deprovisioned",
        "SCIM deactivates and deletes the only administrator",
        ON,
        &[
            Hook::Commit(|commit, _| {
                let leaves = !is_active(&commit.draft.doc) && was_active(commit) == Some(true);
                commit.unguarded |= leaves;
            }),
            Hook::Removal(|removal, _| removal.unguarded = true),
        ],
    ),
];

fn draft(doc: Object) -> Draft {
    Draft {
        doc,
        ..Draft::default()
    }
}

/// The account that a product makes when it knows no more than a name.
fn account(name: &str) -> Draft {
    let mut doc = Object::new();
    doc.push("userName", name);
    doc.push("active", true);
    draft(doc)
}

fn joins_or_leaves(group: &Row, person: u32, joins: bool) -> MemberEdit {
    let mut members = MemberEdit::default();
    match joins {
        true => members.add(&group.members, person),
        false => members.remove(&group.members, person),
    }
    members
}

/// Whether a role is what products call their administrators'.
fn is_an_administrators(role: &str) -> bool {
    let names = ["administrator", "admin", "owner"];
    names.iter().any(|name| role.eq_ignore_ascii_case(name))
}

/// Under what a group's first name is remembered.
fn first_name(group: &Row) -> String {
    format!("first name of {}", group.id)
}

/// Whether the user was active before the write, if it is one of a user.
fn was_active(commit: &Commit<'_>) -> Option<bool> {
    let row = commit.row.filter(|_| commit.kind == Kind::User);
    row.map(|row| row.active)
}
