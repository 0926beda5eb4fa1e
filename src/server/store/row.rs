//! One resource: the text it was given, what is read off it, and the memberships at its end.

use jiff::Timestamp;

use super::super::credential::{Access, Digest};
use super::super::id::Id;
use super::super::members::{Handles, MemberEdit};
use crate::scim::schema::{GROUP_TYPE, ResourceType, Schema, USER_TYPE};
use crate::scim::{Object, Value};

/// Users or groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::server) enum Kind {
    User,
    Group,
}

impl Kind {
    pub(in crate::server) fn resource_type(self) -> &'static ResourceType {
        match self {
            Self::User => &USER_TYPE,
            Self::Group => &GROUP_TYPE,
        }
    }

    /// The attribute that no two resources of the kind share.
    pub(in crate::server) fn name_attribute(self) -> &'static str {
        match self {
            Self::User => "userName",
            Self::Group => "displayName",
        }
    }

    /// The word for people.
    pub(in crate::server) fn noun(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
        }
    }
}

/// One resource.
#[derive(Debug, Clone)]
pub(in crate::server) struct Row {
    pub(in crate::server) id: Id,
    /// The attributes that clients write, as the inside of a JSON object: no braces, no `schemas`, `id`, `members`.
    pub(super) text: Box<str>,
    /// Which of the type's extensions it uses, one bit each.
    pub(super) extensions: u8,
    /// False where `active` is false.
    pub(in crate::server) active: bool,
    /// What members lists call it.
    pub(in crate::server) label: Box<str>,
    pub(in crate::server) created: Timestamp,
    pub(in crate::server) modified: Timestamp,
    pub(in crate::server) version: u64,
    /// The groups that it is a member of.
    pub(in crate::server) groups: Handles,
    /// The members that it has; users have none.
    pub(in crate::server) members: Handles,
    /// What is kept of the password, if one was ever given.
    pub(super) password: Option<Box<Digest>>,
}

/// What a write leaves: the attributes, the members, a new password.
#[derive(Debug, Clone, Default)]
pub(in crate::server) struct Draft {
    /// The attributes that clients write, in canonical spelling.
    pub(in crate::server) doc: Object,
    /// What happens to the members.
    pub(in crate::server) members: MemberEdit,
    /// A new password.
    pub(in crate::server) password: Option<String>,
    /// The resource gets another id. No server should do that.
    pub(in crate::server) renew_id: bool,
    /// What a deactivation leaves as it is of sessions and tokens. No server should leave anything.
    pub(in crate::server) spared: &'static [Access],
    /// What the product forgets of the person. No server should forget anything.
    pub(in crate::server) forgets: &'static [Known],
}

/// What the product knows of a person, and SCIM does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::server) enum Known {
    /// The roles that were granted.
    Roles,
    /// That the person is banned.
    Ban,
}

impl Row {
    /// The attributes as they are written between the braces.
    pub(in crate::server) fn text(&self) -> &str {
        &self.text
    }

    /// The attributes that clients write.
    pub(in crate::server) fn doc(&self) -> Object {
        match Value::parse(&format!("{{{}}}", self.text)) {
            Ok(Value::Object(doc)) => doc,
            _ => unreachable!("the text was written from an object"),
        }
    }

    /// The extensions of its type that it uses.
    pub(in crate::server) fn extensions(
        &self,
        of: &'static ResourceType,
    ) -> impl Iterator<Item = &'static Schema> + use<> {
        let used = self.extensions;
        let all = of.extensions.iter();
        (0..)
            .zip(all)
            .filter(move |(bit, _)| used >> bit & 1 == 1)
            .map(|(_, schema)| schema)
    }

    /// The entity tag (RFC 7644 §3.14). It is weak, because it stands for what a client can write: that a group was given another
    /// name moves no tag of its members, although their `groups` show it (RFC 9110 §8.8.1).
    pub(in crate::server) fn etag(&self) -> String {
        format!("W/\"{}\"", self.version)
    }
}

/// The members of an object without its braces.
pub(super) fn text_of(doc: &Object) -> Box<str> {
    let text = Value::from(doc.clone()).to_string();
    text[1..text.len() - 1].into()
}

/// Whether somebody with these attributes may use the product.
pub(in crate::server) fn is_active(doc: &Object) -> bool {
    doc.get("active").and_then(Value::as_bool) != Some(false)
}

pub(super) fn extensions_of(of: &ResourceType, doc: &Object) -> u8 {
    let all = of.extensions.iter();
    (0_u8..8)
        .zip(all)
        .filter(|(_, schema)| doc.contains(schema.id))
        .fold(0, |bits, (bit, _)| bits | 1 << bit)
}

/// What others call the resource: displayName, else userName.
pub(super) fn label_of(kind: Kind, doc: &Object) -> Box<str> {
    let name = ["displayName", kind.name_attribute()]
        .into_iter()
        .filter_map(|name| doc.get(name)?.as_str())
        .find(|text| !text.is_empty());
    name.unwrap_or_default().into()
}

/// Whether two objects say the same: the order of members does not count, that of elements does.
pub(super) fn same_members(a: &Object, b: &Object) -> bool {
    a.len() == b.len()
        && a.iter()
            .all(|(name, value)| b.get(name).is_some_and(|other| same(value, other)))
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => same_members(a, b),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        _ => a == b,
    }
}
