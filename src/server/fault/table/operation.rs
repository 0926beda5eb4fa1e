//! Operations of a PATCH, as faults look at them.

use crate::scim::filter::{Filter, Op};
use crate::scim::patch::{Operation, Verb};
use crate::scim::{Object, PatchPath, Value};

pub(super) fn verb(operation: &Operation) -> Option<Verb> {
    Verb::any_case(&operation.op)
}

pub(super) fn path(operation: &Operation) -> Option<PatchPath> {
    operation.path.as_deref()?.parse().ok()
}

/// Whether the path leads to that attribute, with or without a filter.
pub(super) fn is_at(operation: &Operation, attribute: &str) -> bool {
    path(operation).is_some_and(|p| p.attr.is_simple(attribute))
}

pub(super) fn is(operation: &Operation, wanted: Verb, attribute: &str) -> bool {
    verb(operation) == Some(wanted) && is_at(operation, attribute)
}

pub(super) fn is_filtered(operation: &Operation) -> bool {
    path(operation).is_some_and(|p| p.filter.is_some())
}

/// The members of the value of an operation without a path.
pub(super) fn members_without_path(operation: &mut Operation) -> Option<&mut Object> {
    match operation.path {
        None => operation.value.as_mut()?.as_object_mut(),
        Some(_) => None,
    }
}

/// The value that an operation gives to a simple attribute, with a path or without.
pub(super) fn given<'o>(operation: &'o mut Operation, attribute: &str) -> Option<&'o mut Value> {
    if is_at(operation, attribute) {
        return operation.value.as_mut();
    }
    members_without_path(operation)?.get_mut(attribute)
}

/// The ids under `members` of an operation's value.
pub(super) fn listed_members(operation: &Operation) -> Vec<String> {
    let value = match &operation.path {
        Some(_) if is_at(operation, "members") => operation.value.as_ref(),
        Some(_) => None,
        None => operation.value.as_ref().and_then(|v| v.get("members")),
    };
    let items = value.and_then(Value::as_array).unwrap_or_default();
    let ids = items.iter().filter_map(|item| item.get("value")?.as_str());
    ids.map(str::to_owned).collect()
}

/// The id in `members[value eq "id"]`.
pub(super) fn selected_member(operation: &Operation) -> Option<String> {
    match path(operation)?.filter? {
        Filter::Compare(attr, Op::Eq, value) if attr.is_simple("value") => {
            value.as_str().map(str::to_owned)
        }
        _ => None,
    }
}

/// The ids of a resource's members.
pub(super) fn members_of(resource: &Object) -> Vec<String> {
    let items = resource.get("members").and_then(Value::as_array);
    let ids = items.unwrap_or_default().iter();
    ids.filter_map(|item| item.get("value")?.as_str().map(str::to_owned))
        .collect()
}

pub(super) fn operation(verb: Verb, path: &str, value: Option<Value>) -> Operation {
    Operation {
        op: verb.as_str().to_owned(),
        path: Some(path.to_owned()),
        value,
    }
}
