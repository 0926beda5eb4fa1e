//! Demands that a client's habits do not meet: what servers were seen to refuse of what Okta sends every day.

use http::Method;

use super::super::{Fault, Hook};
use super::{ON, fault};
use crate::scim::Value;
use crate::server::reply::Failure;
use crate::server::store::Kind;

pub(super) const FAULTS: &[Fault] = &[
    fault(
        "pathless-id-refused",
        "A PATCH without a path is refused where its value repeats the id",
        ON,
        &[Hook::Patch(|patch, _| {
            let repeats = |value: &Value| value.get("id").is_some();
            let pathless = patch.operations.iter().filter(|o| o.path.is_none());
            if pathless.filter_map(|o| o.value.as_ref()).any(repeats) {
                patch.refuse = Some(Failure::mutability("id is read-only"));
            }
        })],
    ),
    fault(
        "own-name-conflicts",
        "A group that is given the name it has is refused as a duplicate",
        ON,
        &[Hook::Patch(|patch, _| {
            let name = patch.before.get("displayName");
            let same = |value: &Value| name.is_some() && value.get("displayName") == name;
            let mut values = patch.operations.iter().filter_map(|o| o.value.as_ref());
            if patch.kind == Kind::Group && values.any(same) {
                patch.refuse = Some(Failure::uniqueness("displayName is taken"));
            }
        })],
    ),
    fault(
        "placeholder-password-refused",
        "A user whose password has no symbol is refused",
        ON,
        &[Hook::Body(|body, _| {
            let password = body.value.get("password").and_then(Value::as_str);
            let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric());
            if body.kind == Kind::User && password.is_some_and(plain) {
                body.refuse = Some(Failure::value("password needs a symbol"));
            }
        })],
    ),
    fault(
        "echoed-read-only-refused",
        "A PUT that repeats id and meta as they were read is refused",
        ON,
        &[Hook::Body(|body, _| {
            if body.method == Method::PUT && body.value.get("meta").is_some() {
                body.refuse = Some(Failure::mutability("meta is read-only"));
            }
        })],
    ),
    fault(
        "inactive-user-untouchable",
        "An inactive user is found and listed, and answered 404 by every write",
        ON,
        &[Hook::Commit(|commit, _| {
            let inactive = commit.row.is_some_and(|row| !row.active);
            if commit.kind == Kind::User && inactive {
                commit.refuse = Some(Failure::not_found("User"));
            }
        })],
    ),
];
