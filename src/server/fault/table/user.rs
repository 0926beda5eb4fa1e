//! Writes of users: activation, names, attributes that get lost.

use std::collections::BTreeSet;

use http::Method;

use super::super::{Commit, Fault, Hook};
use super::{ON, fault};
use crate::scim::schema::ENTERPRISE_URN;
use crate::scim::{Object, Value};
use crate::server::reading::is_primary;
use crate::server::reply::Failure;
use crate::server::store::{Draft, Kind, fold};

pub(super) const FAULTS: &[Fault] = &[
    fault(
        "deactivate-accepted-but-ignored",
        "active:false is answered with success and nothing happens",
        ON,
        &[Hook::Commit(|commit, _| {
            if was_active(commit) == Some(true) {
                commit.draft.doc.set("active", true);
            }
        })],
    ),
    fault(
        "put-active-ignored",
        "A PUT changes everything but active",
        ON,
        &[Hook::Commit(|commit, _| {
            if *commit.method == Method::PUT
                && let Some(active) = was_active(commit)
            {
                commit.draft.doc.set("active", active);
            }
        })],
    ),
    fault(
        "reactivation-patch-fails",
        "Reactivation is answered with success and nothing happens",
        ON,
        &[Hook::Commit(stays_inactive)],
    ),
    fault(
        "reprovision-inactive-conflicts",
        "An inactive user cannot be found, or cannot be activated again",
        &["hidden-then-409", "returned-but-still-inactive"],
        &[
            Hook::Found(|found, mode| {
                if mode == "hidden-then-409" && found.filtered && found.kind == Kind::User {
                    let store = found.store;
                    let active = |h: &u32| store.row(Kind::User, *h).is_some_and(|row| row.active);
                    found.found.retain(active);
                }
            }),
            Hook::Commit(|commit, mode| {
                if mode == "returned-but-still-inactive" {
                    stays_inactive(commit, mode);
                }
            }),
        ],
    ),
    fault(
        "reprovision-mints-new-id",
        "A user who is activated again gets another id",
        ON,
        &[Hook::Commit(|commit, _| {
            if was_active(commit) == Some(false) && is_active(&commit.draft.doc) {
                commit.draft.renew_id = true;
            }
        })],
    ),
    fault(
        "refused-write-partially-applied",
        "A deactivation is refused although it is done",
        &["403-applied", "500-applied"],
        &[Hook::Commit(|commit, mode| {
            if was_active(commit) == Some(true) && !is_active(&commit.draft.doc) {
                let status = if mode == "403-applied" { 403 } else { 500 };
                commit.refuse = Some(Failure::new(status, None, "refused"));
                commit.keep = true;
            }
        })],
    ),
    fault(
        "deactivate-plus-rename-misses-user",
        "A deactivation that comes with a new userName is lost",
        ON,
        &[Hook::Commit(|commit, _| {
            if was_active(commit) == Some(true) && changes(commit, "userName") {
                commit.draft.doc.set("active", true);
            }
        })],
    ),
    fault(
        "active-omitted-means-false",
        "A PUT without active deactivates",
        ON,
        &[Hook::Body(|body, _| {
            if body.kind == Kind::User
                && body.method == Method::PUT
                && let Value::Object(object) = body.value
                && !object.contains("active")
            {
                object.set("active", false);
            }
        })],
    ),
    fault(
        "put-merges",
        "PUT keeps what it does not mention and what it clears",
        ON,
        &[Hook::Commit(|commit, _| {
            if *commit.method == Method::PUT
                && let Some(row) = commit.row
            {
                for (name, value) in row.doc() {
                    if !commit.draft.doc.contains(&name) {
                        commit.draft.doc.push(name, value);
                    }
                }
            }
        })],
    ),
    fault(
        "put-drops-attributes",
        "PUT loses displayName, title, telephone numbers, addresses and language",
        ON,
        &[Hook::Commit(|commit, _| {
            if *commit.method == Method::PUT && commit.kind == Kind::User {
                let kept = |name: &str| MAPPED.contains(&name) && name != "displayName";
                commit.draft.doc.retain(|name, _| kept(name));
            }
        })],
    ),
    fault(
        "put-changes-another-user",
        "PUT writes the profile to somebody else as well",
        ON,
        &[Hook::Commit(|commit, _| {
            if *commit.method != Method::PUT || commit.kind != Kind::User {
                return;
            }
            let own = commit.row.map(|row| row.id);
            let mut others = commit.store.rows(Kind::User);
            let Some((handle, other)) = others.find(|(_, row)| Some(row.id) != own) else {
                return;
            };
            let mut draft = Draft {
                doc: other.doc(),
                ..Draft::default()
            };
            for name in ["name", "displayName", "title", "nickName"] {
                if let Some(value) = commit.draft.doc.get(name) {
                    draft.doc.set(name, value.clone());
                }
            }
            commit.elsewhere = Some((handle, draft));
        })],
    ),
    fault(
        "adopt-by-email-takeover",
        "A new user gets the account that has the same e-mail address",
        ON,
        &[Hook::Commit(|commit, _| {
            let known = addresses(&commit.draft.doc);
            if commit.row.is_none() && commit.kind == Kind::User {
                let mut others = commit.store.rows(Kind::User);
                let taken = others.find(|(_, row)| !addresses(&row.doc()).is_disjoint(&known));
                commit.instead = taken.map(|(handle, _)| handle);
            }
        })],
    ),
    fault(
        "preexisting-account-not-linkable",
        "A user without an externalId cannot be found by a filter",
        ON,
        &[Hook::Found(|found, _| {
            if found.filtered && found.kind == Kind::User {
                let store = found.store;
                let linked = |h: &u32| {
                    let row = store.row(Kind::User, *h);
                    row.is_some_and(|row| row.doc().contains("externalId"))
                };
                found.found.retain(linked);
            }
        })],
    ),
    fault(
        "reads-lag-behind-writes",
        "The first read after a change shows what was before",
        ON,
        &[
            Hook::Commit(|commit, _| {
                if let Some(row) = commit.row {
                    let before = format!("{{{}}}", row.text());
                    commit.notes.set(format!("before {}", row.id), before);
                }
            }),
            Hook::Show(|showing, _| {
                let id = text(showing.resource, "id").unwrap_or_default();
                let note = format!("before {id}");
                if showing.place == super::super::Place::Write {
                    return;
                }
                let before = showing.notes.take(&note);
                let before = before.and_then(|text| Value::parse(&text).ok());
                if let Some(Value::Object(before)) = before {
                    showing
                        .resource
                        .retain(|name, _| KNOWN_TO_SERVER.contains(&name));
                    for (name, value) in before {
                        showing.resource.set(name, value);
                    }
                }
            }),
        ],
    ),
    fault(
        "deleted-still-readable",
        "DELETE of a user is answered with success and does nothing",
        ON,
        &[Hook::Removal(|removal, _| {
            removal.ignore |= removal.kind == Kind::User;
        })],
    ),
    fault(
        "manager-not-shown",
        "The manager is kept and not shown",
        ON,
        &[Hook::Show(|showing, _| {
            let extension = showing.resource.get_mut(ENTERPRISE_URN);
            if let Some(extension) = extension.and_then(|e| e.as_object_mut()) {
                extension.remove("manager");
            }
        })],
    ),
    fault(
        "manager-shown-as-text",
        "The manager is shown as a bare text",
        ON,
        &[Hook::Show(|showing, _| {
            let extension = showing.resource.get_mut(ENTERPRISE_URN);
            if let Some(manager) = extension.and_then(|e| e.as_object_mut()?.get_mut("manager"))
                && let Some(value) = manager.get("value").cloned()
            {
                *manager = value;
            }
        })],
    ),
    fault(
        "extension-dropped-on-write",
        "The enterprise extension is not stored",
        ON,
        &[Hook::Commit(|commit, _| {
            commit.draft.doc.remove(ENTERPRISE_URN);
        })],
    ),
    fault(
        "identifier-rewritten",
        "userName is stored with a prefix",
        ON,
        &[Hook::Commit(|commit, _| {
            if let Some(name) = text(&commit.draft.doc, "userName")
                && !name.starts_with("corp/")
            {
                let name = format!("corp/{name}");
                commit.draft.doc.set("userName", name);
            }
        })],
    ),
    fault(
        "username-email-conflated",
        "userName is stored as the e-mail address",
        ON,
        &[Hook::Commit(|commit, _| {
            let emails = commit.draft.doc.get("emails").and_then(Value::as_array);
            let emails = emails.unwrap_or_default();
            let primary = emails.iter().find(|email| is_primary(email));
            let email = primary.or(emails.first()).and_then(|e| e.get("value"));
            if let Some(email) = email.and_then(Value::as_str).map(str::to_owned) {
                commit.draft.doc.set("userName", email);
            }
        })],
    ),
    fault(
        "password-returned",
        "The password is shown",
        ON,
        &[Hook::Commit(|commit, _| {
            if let Some(password) = &commit.draft.password {
                commit.draft.doc.set("password", password.as_str());
            }
        })],
    ),
    fault(
        "role-only-at-create",
        "roles are stored at creation only",
        ON,
        &[Hook::Commit(|commit, _| {
            if commit.row.is_some() {
                restore(commit, "roles");
            }
        })],
    ),
    fault(
        "patch-rewrites-unmapped-attributes",
        "PATCH of one attribute loses others",
        ON,
        &[Hook::Commit(|commit, _| {
            if *commit.method != Method::PATCH || commit.kind != Kind::User {
                return;
            }
            let before = commit.row.map(|row| row.doc()).unwrap_or_default();
            commit
                .draft
                .doc
                .retain(|name, value| MAPPED.contains(&name) || before.get(name) != Some(value));
        })],
    ),
    fault(
        "two-primaries",
        "A value that becomes primary leaves the old one primary",
        ON,
        &[Hook::Commit(|commit, _| {
            let before = commit.row.map(|row| row.doc()).unwrap_or_default();
            for (name, value) in commit.draft.doc.iter_mut() {
                let old = before.get(name).and_then(Value::as_array);
                for item in value.as_array_mut().into_iter().flatten() {
                    let was = |o: &&Value| is_primary(o) && o.get("value") == item.get("value");
                    if old.unwrap_or_default().iter().any(|o| was(&o))
                        && let Some(object) = item.as_object_mut()
                    {
                        object.set("primary", true);
                    }
                }
            }
        })],
    ),
    fault(
        "externalid-globally-unique",
        "No two resources may share an externalId",
        ON,
        &[Hook::Commit(|commit, _| {
            let Some(external) = text(&commit.draft.doc, "externalId") else {
                return;
            };
            let store = commit.store;
            let taken = [Kind::User, Kind::Group].into_iter().any(|kind| {
                let mut others = store.with_external_id(kind, external);
                others.any(|h| store.row(kind, h).map(|r| r.id) != commit.row.map(|r| r.id))
            });
            if taken {
                commit.refuse = Some(Failure::uniqueness("externalId is taken"));
            }
        })],
    ),
    fault(
        "duplicate-not-409",
        "A taken name is not answered with 409",
        &["400", "500"],
        &[Hook::Refusal(|refusal, mode| {
            let status = if mode == "400" { 400 } else { 500 };
            if refusal.names.is_some() {
                refusal.failure = Some(Failure::new(status, None, "cannot save"));
            }
        })],
    ),
    fault(
        "duplicate-create-accepted",
        "A second user of the same userName is created",
        ON,
        &[Hook::Refusal(|refusal, _| {
            let user = refusal.kind == Kind::User && refusal.names.is_some();
            if user && refusal.method == Method::POST {
                refusal.failure = None;
            }
        })],
    ),
    fault(
        "case-variant-duplicate",
        "A userName in other case makes a second account",
        ON,
        &[Hook::Refusal(|refusal, _| {
            let other_case = refusal
                .names
                .is_some_and(|(written, stored)| written != stored);
            if refusal.kind == Kind::User && other_case {
                refusal.failure = None;
            }
        })],
    ),
    fault(
        "required-not-enforced",
        "A user without a userName is accepted, nameless or under a name that the server makes up",
        &["nameless", "named"],
        &[
            Hook::Body(|body, _| {
                if body.kind == Kind::User
                    && body.method != Method::PATCH
                    && let Value::Object(object) = body.value
                    && text(object, "userName").is_none_or(|name| name.trim().is_empty())
                {
                    let name = format!("{MADE_UP}{}", body.store.len(Kind::User));
                    object.set("userName", name);
                }
            }),
            Hook::Commit(|commit, mode| {
                let name = text(&commit.draft.doc, "userName");
                let made_up = name.is_some_and(|name| name.starts_with(MADE_UP));
                if mode == "nameless" && made_up {
                    commit.draft.doc.remove("userName");
                }
            }),
        ],
    ),
    fault(
        "optional-attribute-demanded",
        "A user without a telephone number is refused",
        ON,
        &[Hook::Body(|body, _| {
            let user = body.kind == Kind::User && body.method != Method::PATCH;
            if user && body.value.get("phoneNumbers").is_none() {
                body.refuse = Some(Failure::value("phoneNumbers is required"));
            }
        })],
    ),
    fault(
        "null-values-rejected",
        "null and empty lists are refused",
        ON,
        &[Hook::Body(|body, _| {
            let empty = body.value.as_object().is_some_and(|object| {
                let mut values = object.iter().filter(|(name, _)| *name != "members");
                values.any(|(_, value)| value.is_unassigned())
            });
            if empty {
                body.refuse = Some(Failure::value("null is not a value"));
            }
        })],
    ),
    fault(
        "hard-delete-fails",
        "DELETE of a user who was deactivated before fails",
        ON,
        &[Hook::Removal(|removal, _| {
            if removal.kind == Kind::User && !removal.row.active {
                removal.refuse = Some(Failure::new(500, None, "unexpected error"));
            }
        })],
    ),
];

/// How a name begins that the server makes up.
const MADE_UP: &str = "unnamed-";

/// What survives where a server keeps only what it maps.
const MAPPED: [&str; 7] = [
    "userName",
    "name",
    "displayName",
    "emails",
    "active",
    "externalId",
    ENTERPRISE_URN,
];

/// What is shown of a resource beside what clients wrote.
const KNOWN_TO_SERVER: [&str; 5] = ["schemas", "id", "meta", "groups", "members"];

/// The e-mail addresses of a user, and the userName where it is one.
fn addresses(doc: &Object) -> BTreeSet<String> {
    let emails = doc.get("emails").and_then(Value::as_array);
    let values = emails.unwrap_or_default().iter();
    let values = values.filter_map(|email| email.get("value")?.as_str());
    let name = text(doc, "userName").filter(|name| name.contains('@'));
    values.chain(name).map(fold).collect()
}

fn text<'o>(object: &'o Object, name: &str) -> Option<&'o str> {
    object.get(name).and_then(Value::as_str)
}

fn is_active(doc: &Object) -> bool {
    doc.get("active").and_then(Value::as_bool) != Some(false)
}

/// Whether the user was active before this write; none for new users and for groups.
fn was_active(commit: &Commit<'_>) -> Option<bool> {
    let user = commit.kind == Kind::User;
    commit.row.filter(|_| user).map(|row| row.active)
}

fn stays_inactive(commit: &mut Commit<'_>, _: &str) {
    if was_active(commit) == Some(false) {
        commit.draft.doc.set("active", false);
    }
}

/// Whether the write changes an attribute of a resource that was there.
pub(super) fn changes(commit: &Commit<'_>, attribute: &str) -> bool {
    let before = commit.row.map(|row| row.doc());
    before.is_some_and(|before| before.get(attribute) != commit.draft.doc.get(attribute))
}

/// Puts an attribute back to what it was.
pub(super) fn restore(commit: &mut Commit<'_>, attribute: &str) {
    let before = commit.row.and_then(|row| row.doc().remove(attribute));
    match before {
        Some(value) => commit.draft.doc.set(attribute, value),
        None => {
            commit.draft.doc.remove(attribute);
        }
    }
}
