//! The bodies of Entra's messages: POSTs (entra/3.3, entra/6.2) and PATCHes (entra/4.1, entra/4.2, entra/6.3, entra/7.1).

use std::collections::BTreeMap;

use super::attribute::{Change, Line, Wanted};
use super::settings::{
    Booleans, GroupSchemas, ManagerRemoval, MemberForm, MemberRemoval, Operations, Settings,
};
use crate::directory::{Group, Place};
use crate::scim::message::{PATCH_OP, envelope};
use crate::scim::patch::{Operation, Verb};
use crate::scim::schema::{ENTERPRISE_URN, GROUP_URN, USER_URN};
use crate::scim::{Object, Value};

/// What Microsoft's own schema of groups is called in the documented form of a group's POST.
const MICROSOFT_GROUP_URN: &str =
    "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";

/// One attribute of a body under construction.
enum Part {
    Simple(Value),
    Complex(BTreeMap<String, Value>),
    Elements(Vec<(String, BTreeMap<String, Value>)>),
}

/// A user's POST: `schemas`, `externalId`, `userName`, the other core attributes by alphabet, extensions last
/// (corrections/EN-1). The enterprise URN is listed even where no attribute of it follows, a custom one never.
pub(super) fn user(
    lines: &[Line],
    manager: Option<&str>,
    roles: Option<Vec<Value>>,
    settings: &Settings,
) -> Value {
    let mut core: BTreeMap<String, Part> = BTreeMap::new();
    let mut extensions: BTreeMap<String, BTreeMap<String, Part>> = BTreeMap::new();
    for Line { place, value } in lines {
        let value = json(value, settings.post_active);
        match &place.extension {
            Some(urn) => put(extensions.entry(urn.clone()).or_default(), place, value),
            None => put(&mut core, place, value),
        }
    }
    if let Some(id) = manager {
        let enterprise = extensions.entry(ENTERPRISE_URN.to_owned()).or_default();
        enterprise.insert("manager".to_owned(), Part::Simple(id.into()));
    }
    let mut meta = BTreeMap::new();
    meta.insert("resourceType".to_owned(), Value::from("User"));
    core.insert("meta".to_owned(), Part::Complex(meta));
    if let Some(roles) = roles {
        core.insert("roles".to_owned(), Part::Simple(Value::Array(roles)));
    }

    let mut body = Object::new();
    let schemas = vec![Value::from(USER_URN), Value::from(ENTERPRISE_URN)];
    body.push("schemas", schemas);
    for first in ["externalId", "userName"] {
        if let Some(part) = core.remove(first) {
            body.push(first, part.finish(first, settings));
        }
    }
    for (name, part) in core {
        let value = part.finish(&name, settings);
        body.push(name, value);
    }
    let enterprise = extensions.remove_entry(ENTERPRISE_URN);
    for (urn, parts) in enterprise.into_iter().chain(extensions) {
        let parts = parts.into_iter().map(|(name, part)| {
            let value = part.finish(&name, settings);
            (name, value)
        });
        body.push(urn, Value::Object(parts.collect()));
    }
    body.into()
}

/// Puts a value where its place says.
fn put(parts: &mut BTreeMap<String, Part>, place: &Place, value: Value) {
    let name = place.attribute.clone();
    let sub = place.sub.clone().unwrap_or_else(|| "value".to_owned());
    match (&place.element, &place.sub) {
        (Some(kind), _) => {
            let part = parts.entry(name).or_insert(Part::Elements(Vec::new()));
            let Part::Elements(elements) = part else {
                return;
            };
            match elements.iter_mut().find(|(other, _)| other == kind) {
                Some((_, element)) => {
                    element.insert(sub, value);
                }
                None => elements.push((kind.clone(), BTreeMap::from([(sub, value)]))),
            }
        }
        (None, Some(_)) => {
            let part = parts.entry(name).or_insert(Part::Complex(BTreeMap::new()));
            if let Part::Complex(subs) = part {
                subs.insert(sub, value);
            }
        }
        (None, None) => {
            parts.insert(name, Part::Simple(value));
        }
    }
}

impl Part {
    /// A name begins with `formatted`; an element with `primary` and `type`; the rest is by alphabet.
    fn finish(self, name: &str, settings: &Settings) -> Value {
        match self {
            Self::Simple(value) => value,
            Self::Complex(mut subs) => {
                let formatted = subs.remove_entry("formatted");
                Value::Object(formatted.into_iter().chain(subs).collect())
            }
            Self::Elements(elements) => {
                let elements = elements.into_iter().map(|(kind, subs)| {
                    let mut element = Object::new();
                    if let Some(primary) = primary(name, &kind, settings) {
                        element.push("primary", primary);
                    }
                    element.push("type", kind);
                    for (sub, value) in subs {
                        element.push(sub, value);
                    }
                    Value::from(element)
                });
                Value::Array(elements.collect())
            }
        }
    }
}

/// Whether an element says that it is the primary one. The work address does; in 2019 every element said something.
fn primary(attribute: &str, kind: &str, settings: &Settings) -> Option<bool> {
    match (attribute, kind) {
        ("emails", "work") => Some(true),
        _ if !settings.primary_everywhere => None,
        ("phoneNumbers", "work") => Some(true),
        _ => Some(false),
    }
}

/// A group's POST, without members (entra/6.2): `schemas`, `externalId`, `displayName`, then whatever else is mapped.
pub(super) fn group(group: &Group, settings: &Settings) -> Value {
    let mut schemas = vec![Value::from(GROUP_URN)];
    if settings.group_schemas == GroupSchemas::WithMicrosoft {
        schemas.push(Value::from(MICROSOFT_GROUP_URN));
    }
    let mut meta = Object::new();
    meta.push("resourceType", "Group");
    let mut body = Object::new();
    body.push("schemas", schemas);
    body.push("externalId", group.directory_id.as_str());
    body.push("displayName", group.name.as_str());
    if settings.group_description && !group.description.is_empty() {
        let mut parts = BTreeMap::new();
        put(
            &mut parts,
            &description_place(),
            group.description.as_str().into(),
        );
        for (name, part) in parts {
            let value = part.finish(&name, settings);
            body.push(name, value);
        }
    }
    if settings.group_empty_members {
        body.push("members", Value::Array(Vec::new()));
    }
    body.push("meta", meta);
    body.into()
}

/// Where the description of a group goes, if it is mapped (corrections/EN-16).
pub(super) fn description_place() -> Place {
    Place::new(None, "emails", Some("other"), Some("value"))
}

/// The PATCH that makes these changes, all in one (entra/4.1).
pub(super) fn update(changes: &[Change], settings: &Settings) -> Value {
    patch(match settings.operations {
        Operations::PathEach => changes.iter().map(|c| with_path(c, settings)).collect(),
        Operations::Merged {
            single_replace_without_path,
        } => {
            let (filtered, flat): (Vec<&Change>, Vec<&Change>) =
                changes.iter().partition(|c| c.place.element.is_some());
            let mut operations: Vec<_> = filtered.iter().map(|c| with_path(c, settings)).collect();
            for verb in [Verb::Add, Verb::Replace] {
                let same: Vec<_> = flat.iter().copied().filter(|c| c.verb == verb).collect();
                operations.extend(match same[..] {
                    [] => None,
                    // A single addition keeps its path, and so does the disable (entra/4.2/4).
                    [one]
                        if verb == Verb::Add
                            || matches!(one.value, Wanted::Flag(_))
                            || !single_replace_without_path =>
                    {
                        Some(with_path(one, settings))
                    }
                    _ => Some(merged(verb, &same, settings)),
                });
            }
            operations
        }
    })
}

fn with_path(change: &Change, settings: &Settings) -> Operation {
    Operation {
        op: spell(change.verb, settings),
        path: Some(change.place.to_string()),
        value: Some(json(&change.value, settings.booleans)),
    }
}

/// One operation without a path, its value flat: `name.givenName`, `urn:…:User:department` (entra/4.2/3).
fn merged(verb: Verb, changes: &[&Change], settings: &Settings) -> Operation {
    let values = changes.iter().map(|change| {
        let value = json(&change.value, settings.booleans);
        (change.place.to_string(), value)
    });
    Operation {
        op: spell(verb, settings),
        path: None,
        value: Some(Value::Object(values.collect())),
    }
}

/// The PATCH that adds members. `replacing` is the odd form that meets targets which show members although Entra
/// excluded them (corrections/EN-17).
pub(super) fn add_members(ids: &[&str], replacing: bool, settings: &Settings) -> Value {
    let verb = if replacing { Verb::Replace } else { Verb::Add };
    patch(vec![Operation {
        op: spell(verb, settings),
        path: Some("members".to_owned()),
        value: Some(members(ids, settings)),
    }])
}

/// The PATCH that takes members out (entra/6.3).
pub(super) fn remove_members(ids: &[&str], settings: &Settings) -> Value {
    let operation = |path: String, value| Operation {
        op: spell(Verb::Remove, settings),
        path: Some(path),
        value,
    };
    patch(match settings.member_removal {
        MemberRemoval::ValueList => {
            vec![operation(
                "members".to_owned(),
                Some(members(ids, settings)),
            )]
        }
        MemberRemoval::FilteredPath => ids
            .iter()
            .map(|id| operation(format!("members[value eq {}]", Value::from(*id)), None))
            .collect(),
    })
}

fn members(ids: &[&str], settings: &Settings) -> Value {
    let members = ids.iter().map(|id| {
        let mut member = Object::new();
        match settings.member_form {
            MemberForm::Text => return Value::from(*id),
            MemberForm::RefNull => member.push("$ref", Value::Null),
            MemberForm::Value => {}
        }
        member.push("value", *id);
        Value::from(member)
    });
    Value::Array(members.collect())
}

/// The PATCH that sets the manager: the bare id, as a text (entra/7.1/3).
pub(super) fn set_manager(verb: Verb, place: &Place, id: &str, settings: &Settings) -> Value {
    patch(vec![Operation {
        op: spell(verb, settings),
        path: Some(place.to_string()),
        value: Some(id.into()),
    }])
}

/// The PATCH that takes the manager away (entra/7.1/6).
pub(super) fn remove_manager(place: &Place, settings: &Settings) -> Value {
    let (verb, value) = match settings.manager_removal {
        ManagerRemoval::EmptyText => (Verb::Replace, Some(Value::from(""))),
        ManagerRemoval::EmptyValue => (Verb::Replace, Some(valued("".into()))),
        ManagerRemoval::Remove => (Verb::Remove, None),
    };
    patch(vec![Operation {
        op: spell(verb, settings),
        path: Some(place.to_string()),
        value,
    }])
}

/// The PATCH that writes roles (entra/7.2).
pub(super) fn roles(verb: Verb, roles: Vec<Value>, settings: &Settings) -> Value {
    patch(vec![Operation {
        op: spell(verb, settings),
        path: Some("roles".to_owned()),
        value: Some(Value::Array(roles)),
    }])
}

fn patch(operations: Vec<Operation>) -> Value {
    let mut body = envelope(PATCH_OP);
    let operations = operations.iter().map(Operation::to_value);
    body.push("Operations", Value::Array(operations.collect()));
    body.into()
}

fn json(value: &Wanted, booleans: Booleans) -> Value {
    match (value, booleans) {
        (Wanted::Text(text), _) => Value::from(text.as_str()),
        (Wanted::Flag(flag), Booleans::Json) => Value::from(*flag),
        (Wanted::Flag(true), Booleans::Text) => Value::from("True"),
        (Wanted::Flag(false), Booleans::Text) => Value::from("False"),
        (Wanted::Flag(flag), Booleans::LowerCaseText) => Value::from(flag.to_string()),
        (Wanted::Listed(text), _) => Value::Array(vec![valued(text.as_str().into())]),
    }
}

/// An object with nothing but that `value`.
pub(super) fn valued(value: Value) -> Value {
    let mut object = Object::new();
    object.push("value", value);
    object.into()
}

fn spell(verb: Verb, settings: &Settings) -> String {
    let lower = verb.as_str();
    match settings.operations {
        Operations::Merged { .. } => lower.to_owned(),
        Operations::PathEach => lower[..1].to_ascii_uppercase() + &lower[1..],
    }
}
