//! What an IdP that is written as data sends: its flows with every name resolved.

use std::collections::BTreeMap;

use super::text::{Template, Values};
use crate::directory::{Family, Leavers, Terms};
use crate::fact::Basis;
use crate::idp::Encoding;
use crate::scim::{Object, Value};
use crate::wire::{Method, ResourceKind};

/// An IdP that is written as data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flows {
    pub(super) title: String,
    pub(super) encoding: Encoding,
    pub(super) flows: BTreeMap<When, Flow>,
}

impl Flows {
    /// What its customers are promised: what is never sent is never promised.
    pub(in crate::idp) fn terms(&self, family: Family) -> Terms {
        let sends = |when| self.flows.contains_key(&when);
        let leavers = match sends(When::PersonLeft) {
            true => Terms::of(family).leavers,
            false => Leavers::Nothing,
        };
        Terms {
            leavers,
            suspension_ends_access: sends(When::PersonSuspended),
            empty_groups: sends(When::GroupPushed),
            members_leave: sends(When::MemberLeft),
            groups_go: sends(When::GroupDeleted),
        }
    }

    /// Whether a rename arrives at the target.
    pub(in crate::idp) fn renames_groups(&self) -> bool {
        self.flows.contains_key(&When::GroupRenamed)
    }
}

/// When a flow is sent. The order is that of the file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum When {
    TestConnection,
    PersonAssigned,
    PersonChanged,
    PersonLeft,
    PersonReturned,
    PersonSuspended,
    PersonDeleted,
    GroupPushed,
    GroupRenamed,
    MemberJoined,
    MemberLeft,
    GroupDeleted,
}

impl When {
    /// The name of the flow, as files write it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::TestConnection => "test-connection",
            Self::PersonAssigned => "person-assigned",
            Self::PersonChanged => "person-changed",
            Self::PersonLeft => "person-left",
            Self::PersonReturned => "person-returned",
            Self::PersonSuspended => "person-suspended",
            Self::PersonDeleted => "person-deleted",
            Self::GroupPushed => "group-pushed",
            Self::GroupRenamed => "group-renamed",
            Self::MemberJoined => "member-joined",
            Self::MemberLeft => "member-left",
            Self::GroupDeleted => "group-deleted",
        }
    }
}

/// What is sent, one step after the other, and how that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Flow {
    pub(super) basis: Basis,
    pub(super) steps: Vec<Step>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Reads a list.
    Lookup {
        lookup: Lookup,
        found: Vec<Step>,
        none: Vec<Step>,
    },
    /// Sends a request.
    Request(Request),
    /// Keeps parts of the last answer by their JSON pointers.
    Capture(Vec<(String, String)>),
    /// Goes one way or the other.
    When {
        value: String,
        then: Vec<Step>,
        otherwise: Vec<Step>,
    },
    /// The same for each member of the group.
    ForEachMember(Vec<Step>),
}

/// A list that is read, and who is looked for in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Lookup {
    pub(super) list: ResourceKind,
    pub(super) by: Option<By>,
    pub(super) end: String,
}

/// An attribute and the value that is looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct By {
    pub(super) attribute: String,
    pub(super) value: Template,
    /// Whether the target is asked by a filter; otherwise the whole list is read.
    pub(super) filter: bool,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) method: Method,
    pub(super) target: Template,
    pub(super) body: Option<Body>,
    pub(super) on: BTreeMap<u16, Vec<Step>>,
    pub(super) members: Option<Template>,
}

/// A body, or a part of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Body {
    /// A text with values in it; `{active}` alone is a boolean.
    Text(Template),
    /// A number, a boolean or null.
    Value(Value),
    /// An object.
    Object(Vec<(String, Body)>),
    /// A list.
    List(Vec<Body>),
    /// The mapped values, in the place where this stands in an object.
    Mapped,
    /// A list with one element for each member.
    Each(Box<Body>),
}

impl Body {
    /// The body with its values; nothing where one is missing.
    pub(super) fn fill(
        &self,
        values: &Values,
        mapped: &Object,
        members: &[String],
    ) -> Option<Value> {
        match self {
            Self::Text(text) if text.alone() == Some("active") => {
                Some((values.get("active").map(String::as_str) == Some("true")).into())
            }
            Self::Text(text) => text.fill(values).map(Value::from),
            Self::Value(value) => Some(value.clone()),
            Self::List(elements) => {
                let elements = elements.iter();
                let elements = elements.filter_map(|e| e.fill(values, mapped, members));
                Some(Value::Array(elements.collect()))
            }
            Self::Mapped => Some(mapped.clone().into()),
            Self::Each(element) => {
                let elements = members.iter().filter_map(|member| {
                    let mut values = values.clone();
                    values.insert("member-id".to_owned(), member.clone());
                    element.fill(&values, mapped, members)
                });
                Some(Value::Array(elements.collect()))
            }
            Self::Object(entries) => {
                let mut object = Object::new();
                for (name, part) in entries {
                    match (part, part.fill(values, mapped, members)) {
                        (Self::Mapped, Some(Value::Object(mapped))) => {
                            for (name, value) in mapped {
                                object.set(name, value);
                            }
                        }
                        (_, Some(value)) => object.set(name.as_str(), value),
                        (_, None) => {}
                    }
                }
                (!object.is_empty() || entries.is_empty()).then(|| object.into())
            }
        }
    }

    /// Whether a list in it has an element for each member.
    pub(super) fn names_members(&self) -> bool {
        match self {
            Self::Each(_) => true,
            Self::Text(_) | Self::Value(_) | Self::Mapped => false,
            Self::Object(entries) => entries.iter().any(|(_, part)| part.names_members()),
            Self::List(elements) => elements.iter().any(Self::names_members),
        }
    }
}
