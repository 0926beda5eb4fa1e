//! The bodies that Okta writes for groups (`okta/8.2`, `okta/8.3`), member by member in Okta's order.

use crate::idp::equals;
use crate::scim::message::{PATCH_OP, envelope};
use crate::scim::schema::GROUP_URN;
use crate::scim::{Object, Value};

/// A member: the id at the target and the userName, which Okta shows as `display`. Nothing else is ever sent.
pub(super) type Member = (String, String);

/// The URN under which a group's description travels (`okta/13/11`).
const DESCRIBED: &str = "urn:okta:custom:group:1.0";

/// A whole group, for POST and PUT.
pub(super) fn group(
    id: Option<&str>,
    name: &str,
    members: &[Member],
    description: Option<&str>,
) -> Value {
    let mut schemas = vec![Value::from(GROUP_URN)];
    schemas.extend(description.map(|_| Value::from(DESCRIBED)));
    let mut body = Object::new();
    body.push("schemas", schemas);
    if let Some(id) = id {
        body.push("id", id);
    }
    body.push("displayName", name);
    body.push("members", list(members));
    if let Some(description) = description {
        let mut extension = Object::new();
        extension.push("description", description);
        body.push(DESCRIBED, extension);
    }
    body.into()
}

/// A PATCH.
pub(super) fn patch(operations: Vec<Value>) -> Value {
    let mut body = envelope(PATCH_OP);
    body.push("Operations", operations);
    body.into()
}

/// Takes one member out, by the only filtered path that Okta uses.
pub(super) fn remove_member((id, _): &Member) -> Value {
    let mut operation = Object::new();
    operation.push("op", "remove");
    operation.push("path", format!("members[{}]", equals("value", id)));
    operation.into()
}

/// Adds members, all in one operation.
pub(super) fn add_members(members: &[Member]) -> Value {
    let mut operation = Object::new();
    operation.push("op", "add");
    operation.push("path", "members");
    operation.push("value", list(members));
    operation.into()
}

/// Puts members in the place of all that are there.
pub(super) fn replace_members(members: &[Member]) -> Value {
    let mut operation = Object::new();
    operation.push("op", "replace");
    operation.push("path", "members");
    operation.push("value", list(members));
    operation.into()
}

/// The same without a path, with id and name where they are sent too.
pub(super) fn replace_whole(members: &[Member], named: Option<(&str, &str)>) -> Value {
    let mut value = Object::new();
    value.push("members", list(members));
    if let Some((id, name)) = named {
        value.push("id", id);
        value.push("displayName", name);
    }
    let mut operation = Object::new();
    operation.push("op", "replace");
    operation.push("value", value);
    operation.into()
}

/// Gives the group its name, without a path and with the id beside it.
pub(super) fn rename(id: &str, name: &str) -> Value {
    let mut value = Object::new();
    value.push("id", id);
    value.push("displayName", name);
    let mut operation = Object::new();
    operation.push("op", "replace");
    operation.push("value", value);
    operation.into()
}

fn list(members: &[Member]) -> Vec<Value> {
    let member = |(id, name): &Member| {
        let mut member = Object::new();
        member.push("value", id.as_str());
        member.push("display", name.as_str());
        member.into()
    };
    members.iter().map(member).collect()
}
