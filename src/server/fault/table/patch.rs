//! PATCH of users: operation names, paths, values, order.

use http::Method;

use super::super::{Fault, Hook, Patching};
use super::operation::{
    given, is, is_at, is_filtered, members_without_path, operation, path, verb,
};
use super::{ON, fault};
use crate::scim::filter::{Filter, Op};
use crate::scim::patch::{Operation, Verb};
use crate::scim::schema::{ENTERPRISE_URN, Mutability, Resolved};
use crate::scim::{AttrPath, Object, Value};
use crate::server::reply::Failure;
use crate::server::store::Kind;

pub(super) const FAULTS: &[Fault] = &[
    fault(
        "patch-op-case-sensitive",
        "Operation names are accepted in lower case only",
        &["reject", "ignore-with-success"],
        &[Hook::Patch(|patch, mode| match mode {
            "reject" => patch.leniency.op_case = false,
            _ => patch.operations.retain(|o| Verb::exact(&o.op).is_some()),
        })],
    ),
    fault(
        "string-boolean-active",
        "\"False\" as a text is refused, taken for true or ignored",
        &["reject", "truthy", "ignore"],
        &[
            Hook::Patch(|patch, mode| {
                if mode == "reject" {
                    patch.leniency.text_booleans = false;
                }
                for operation in patch.operations.iter_mut() {
                    match given(operation, "active") {
                        Some(value @ Value::String(_)) if mode == "truthy" => *value = true.into(),
                        _ => {}
                    }
                }
                if mode == "ignore" {
                    let text =
                        |o: &mut Operation| matches!(given(o, "active"), Some(Value::String(_)));
                    patch.operations.retain_mut(|o| !text(o));
                }
            }),
            Hook::Body(|body, mode| {
                let Value::Object(object) = body.value else {
                    return;
                };
                if let Some(Value::String(_)) = object.get("active") {
                    match mode {
                        "reject" => body.refuse = Some(Failure::value("active must be a boolean")),
                        "truthy" => object.set("active", true),
                        _ => {
                            object.remove("active");
                        }
                    }
                }
            }),
        ],
    ),
    fault(
        "pathless-patch-rejected",
        "PATCH without a path is refused",
        &["400", "500"],
        &[Hook::Patch(|patch, mode| {
            if patch.operations.iter().any(|o| o.path.is_none()) {
                patch.refuse = Some(refusal(mode));
            }
        })],
    ),
    fault(
        "patch-schemas-demanded",
        "PATCH without schemas is refused",
        ON,
        &[Hook::Body(|body, _| {
            if body.method == Method::PATCH && body.value.get("schemas").is_none() {
                body.refuse = Some(Failure::syntax("schemas is missing"));
            }
        })],
    ),
    fault(
        "patch-first-operation-only",
        "Only the first of several operations is applied",
        ON,
        &[Hook::Patch(|patch, _| patch.operations.truncate(1))],
    ),
    fault(
        "patch-ops-not-sequential",
        "Operations are applied in the wrong order",
        ON,
        &[Hook::Patch(|patch, _| patch.operations.reverse())],
    ),
    fault(
        "patch-not-atomic",
        "A failing PATCH leaves what its earlier operations did",
        ON,
        &[Hook::Refusal(|refusal, _| refusal.keep = true)],
    ),
    fault(
        "pathless-dotted-keys-ignored",
        "Dotted and URN keys in a value without a path are ignored",
        ON,
        &[Hook::Patch(|patch, _| {
            for operation in patch.operations.iter_mut() {
                if let Some(members) = members_without_path(operation) {
                    let plain = |name: &str| !name.contains(['.', ':']);
                    members.retain(|name, value| plain(name) || value.as_object().is_some());
                }
            }
        })],
    ),
    fault(
        "pathless-treated-as-full-replace",
        "PATCH without a path clears what it does not mention",
        ON,
        &[Hook::Patch(|patch, _| {
            let mut cleared = Vec::new();
            for operation in patch.operations.iter_mut() {
                if let Some(members) = members_without_path(operation) {
                    let others = patch.before.iter().map(|(name, _)| name);
                    let others = others.filter(|n| !KEPT.contains(n) && !members.contains(n));
                    cleared.extend(others.map(|name| self::operation(Verb::Remove, name, None)));
                }
            }
            patch.operations.splice(0..0, cleared);
        })],
    ),
    fault(
        "valuepath-no-match-not-created",
        "A value path that selects nothing creates nothing",
        ON,
        &[Hook::Patch(|patch, _| {
            patch.leniency.create_by_value_path = false
        })],
    ),
    fault(
        "valuepath-filter-unsupported",
        "emails[type eq \"work\"].value is not understood",
        &["400", "500", "ignore-with-success"],
        &[Hook::Patch(|patch, mode| {
            let by_value = |o: &Operation| is_filtered(o) && !is_at_members(o);
            if mode == "ignore-with-success" {
                patch.operations.retain(|o| !by_value(o));
            } else if patch.operations.iter().any(by_value) {
                patch.refuse = Some(refusal(mode));
            }
        })],
    ),
    fault(
        "valuepath-add-splits-entries",
        "Two sub-attributes added by one value path become two entries",
        ON,
        &[Hook::Patch(|patch, _| {
            for operation in patch.operations.iter_mut() {
                if let Some(split) = as_own_entry(operation) {
                    *operation = split;
                }
            }
        })],
    ),
    fault(
        "extension-path-unknown",
        "A path that begins with an extension's URN is refused or ignored",
        &["refused", "ignored"],
        &[Hook::Patch(|patch, mode| {
            let at_extension = |o: &Operation| {
                path(o).is_some_and(|p| p.attr.urn.as_deref() == Some(ENTERPRISE_URN))
            };
            if mode == "ignored" {
                patch.operations.retain(|o| !at_extension(o));
            } else if patch.operations.iter().any(at_extension) {
                patch.refuse = Some(refusal("400"));
            }
        })],
    ),
    fault(
        "patch-knows-active-only",
        "PATCH of a user changes active and nothing else, and answers with success",
        ON,
        &[Hook::Patch(|patch, _| {
            if patch.kind != Kind::User {
                return;
            }
            patch.operations.retain_mut(|operation| {
                if let Some(members) = members_without_path(operation) {
                    members.retain(|name, _| name.eq_ignore_ascii_case("active"));
                }
                operation.path.is_none() || is_at(operation, "active")
            });
        })],
    ),
    fault(
        "manager-string-rejected",
        "The manager as a bare text is refused",
        ON,
        &[
            Hook::Patch(|patch, _| {
                let bare = |o: &Operation| {
                    let manager =
                        path(o).is_some_and(|p| p.attr.name.eq_ignore_ascii_case("manager"));
                    manager && matches!(o.value, Some(Value::String(_)))
                };
                if patch.operations.iter().any(bare) {
                    patch.refuse = Some(Failure::value("manager must be an object"));
                }
            }),
            Hook::Body(|body, _| {
                let manager = body.value.at(&[ENTERPRISE_URN, "manager"]);
                if matches!(manager, Some(Value::String(_))) {
                    body.refuse = Some(Failure::value("manager must be an object"));
                }
            }),
        ],
    ),
    fault(
        "patch-add-unsupported",
        "add is not served on users",
        ON,
        &[Hook::Patch(|patch, _| {
            let adds = patch.operations.iter().any(|o| verb(o) == Some(Verb::Add));
            if patch.kind == Kind::User && adds {
                patch.refuse = Some(Failure::syntax("add is not supported"));
            }
        })],
    ),
    fault(
        "patch-value-type-restricted",
        "A PATCH value must be a boolean or an object",
        ON,
        &[Hook::Patch(|patch, _| {
            let other = |o: &Operation| {
                matches!(
                    o.value,
                    Some(Value::String(_) | Value::Array(_) | Value::Number(_))
                )
            };
            if patch.kind == Kind::User && patch.operations.iter().any(other) {
                patch.refuse = Some(Failure::syntax("the value has the wrong type"));
            }
        })],
    ),
    fault(
        "patch-value-keys-lowercased",
        "Keys inside a PATCH value lose their spelling",
        ON,
        &[Hook::Patch(|patch, _| {
            for operation in patch.operations.iter_mut().filter(|o| o.path.is_some()) {
                if let Some(Value::Object(value)) = &mut operation.value {
                    value.retain(|name, _| !name.chars().any(|c| c.is_ascii_uppercase()));
                }
            }
        })],
    ),
    fault(
        "remove-mismatch-writes-value",
        "remove with a value writes the value",
        ON,
        &[Hook::Patch(|patch, _| {
            for operation in patch.operations.iter_mut() {
                let removes = verb(operation) == Some(Verb::Remove) && !is_at_members(operation);
                if removes && operation.value.is_some() {
                    operation.op = Verb::Replace.as_str().to_owned();
                }
            }
        })],
    ),
    fault(
        "added-email-steals-primary",
        "A further e-mail address becomes the primary one",
        ON,
        &[Hook::Patch(|patch, _| {
            for operation in patch.operations.iter_mut() {
                if is(operation, Verb::Add, "emails")
                    && let Some(Value::Array(items)) = &mut operation.value
                    && let Some(Value::Object(first)) = items.first_mut()
                {
                    first.set("primary", true);
                }
            }
        })],
    ),
    fault(
        "unsupported-patch-silently-ok",
        "An operation that the server does not understand is answered with success",
        ON,
        &[Hook::Patch(|patch, _| {
            let kind = patch.kind.resource_type();
            patch.operations.retain_mut(|operation| {
                if let Some(members) = members_without_path(operation) {
                    let known = |name: &str| {
                        let path = name.parse::<crate::scim::PatchPath>();
                        path.is_ok_and(|p| kind.resolve(&p.attr).is_some())
                    };
                    members.retain(|name, _| known(name));
                    return true;
                }
                let known = path(operation).is_some_and(|p| kind.resolve(&p.attr).is_some());
                verb(operation).is_some() && known
            });
        })],
    ),
    fault(
        "readonly-not-enforced",
        "A PATCH of a read-only attribute is answered with success",
        ON,
        &[Hook::Patch(|patch, _| {
            let kind = patch.kind;
            patch.operations.retain(|o| !is_read_only(o, kind));
        })],
    ),
    fault(
        "guard-bypassed-by-case",
        "A PATCH of a read-only attribute in capitals is answered with success",
        ON,
        &[Hook::Patch(|patch, _| {
            let kind = patch.kind;
            let capital = |o: &Operation| {
                let path = o.path.as_deref().unwrap_or_default();
                path.starts_with(|c: char| c.is_ascii_uppercase())
            };
            patch
                .operations
                .retain(|o| !(capital(o) && is_read_only(o, kind)));
        })],
    ),
    fault(
        "patch-path-case-or-urn-sensitive",
        "A path is known in its own spelling only",
        ON,
        &[Hook::Patch(|patch, _| {
            if patch.operations.iter().any(|o| misspells(o, patch)) {
                patch.refuse = Some(Failure::path("no such attribute"));
            }
        })],
    ),
];

/// What a user keeps where a PATCH without a path clears the rest.
const KEPT: [&str; 6] = ["schemas", "id", "meta", "userName", "active", "groups"];

fn refusal(mode: &str) -> Failure {
    match mode {
        "500" => Failure::new(500, None, "unexpected error"),
        _ => Failure::path("not supported"),
    }
}

fn is_at_members(operation: &Operation) -> bool {
    is_at(operation, "members")
}

fn is_read_only(operation: &Operation, kind: Kind) -> bool {
    let target = path(operation).and_then(|p| kind.resource_type().resolve(&p.attr));
    match target {
        Some(Resolved::Attribute(target)) => {
            target.attribute.mutability == Mutability::ReadOnly
                || target.last().mutability == Mutability::ReadOnly
        }
        _ => false,
    }
}

/// `add emails[type eq "x"].value` as `add emails [{"type": "x", "value": …}]`.
fn as_own_entry(of: &Operation) -> Option<Operation> {
    let path = path(of).filter(|_| verb(of) == Some(Verb::Add))?;
    let Some(Filter::Compare(attr, Op::Eq, value)) = path.filter else {
        return None;
    };
    let mut entry = Object::new();
    entry.push(attr.name, value);
    entry.push(path.attr.sub?, of.value.clone()?);
    let list = Value::Array(vec![entry.into()]);
    Some(operation(Verb::Add, &path.attr.name, Some(list)))
}

/// Whether a path names its attribute in another spelling, or with the URN of the core schema.
fn misspells(operation: &Operation, patch: &Patching<'_>) -> bool {
    let kind = patch.kind.resource_type();
    let Some(path) = path(operation) else {
        return false;
    };
    let core = path.attr.urn.as_deref() == Some(kind.schema.id);
    let spelled = AttrPath {
        sub: None,
        ..path.attr.clone()
    };
    match kind.resolve(&spelled) {
        Some(Resolved::Attribute(target)) => core || target.attribute.name != spelled.name,
        _ => false,
    }
}
