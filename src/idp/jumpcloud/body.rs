//! The bodies of JumpCloud's messages (jumpcloud/2.2, jumpcloud/3, jumpcloud/4). Members stand by alphabet.

use std::collections::BTreeMap;

use super::settings::Settings;
use crate::directory::{AppSettings, Attribute, Group, Mapping, Person, Source, Status};
use crate::scim::message::PATCH_OP;
use crate::scim::patch::Operation;
use crate::scim::schema::{ENTERPRISE_URN, GROUP_URN, USER_URN};
use crate::scim::{Object, Value};

/// The whole person: for a POST without `id`, for a PUT with it.
///
/// `schemas` names the enterprise extension even where no attribute of it follows; a PUT names it first.
pub(super) fn user(
    person: &Person,
    active: bool,
    id: Option<&str>,
    app: &AppSettings,
    settings: &Settings,
) -> Value {
    let mut members: BTreeMap<String, Value> = BTreeMap::new();
    members.insert("active".to_owned(), active.into());
    if settings.empty_lists {
        for list in ["addresses", "phoneNumbers"] {
            members.insert(list.to_owned(), Value::Array(Vec::new()));
        }
    }
    let schemas = match id {
        None => [USER_URN, ENTERPRISE_URN],
        Some(id) => {
            members.insert("id".to_owned(), id.into());
            [ENTERPRISE_URN, USER_URN]
        }
    };
    let schemas = schemas.map(Value::from).to_vec();
    members.insert("schemas".to_owned(), schemas.into());
    for mapping in &app.mappings {
        if let Some(value) = text(person, &mapping.source).filter(|text| !text.is_empty()) {
            put(&mut members, mapping, value);
        }
    }
    if !settings.external_id {
        members.remove("externalId");
    }
    if settings.locale
        && let Some(language) = members.get("preferredLanguage").cloned()
    {
        members.entry("locale".to_owned()).or_insert(language);
    }
    sorted(members.into_iter().collect())
}

/// The formula of `active`: neither suspended nor deactivated. Expired passwords are not part of a story (jumpcloud/3/9).
pub(super) fn active(person: &Person) -> bool {
    person.status == Status::Active
}

fn text(person: &Person, source: &Source) -> Option<String> {
    match source {
        Source::Attribute(attribute) => person.get(*attribute).map(str::to_owned),
        Source::FullName => {
            let names = [Attribute::Given, Attribute::Family];
            let names: Vec<&str> = names.iter().filter_map(|name| person.get(*name)).collect();
            Some(names.join(" "))
        }
        Source::Constant(text) => Some(text.clone()),
        // JumpCloud's table has no line for a manager.
        Source::Manager => None,
    }
}

fn put(members: &mut BTreeMap<String, Value>, mapping: &Mapping, text: String) {
    let place = &mapping.place;
    let value = match (&place.element, &place.sub) {
        (Some(kind), sub) => {
            let mut element = Object::new();
            element.push("primary", kind == "work");
            element.push("type", kind.as_str());
            element.push(sub.as_deref().unwrap_or("value"), text);
            let mut elements = match members.remove(&place.attribute) {
                Some(Value::Array(elements)) => elements,
                _ => Vec::new(),
            };
            elements.push(element.into());
            members.insert(place.attribute.clone(), elements.into());
            return;
        }
        (None, None) if place.extension.is_none() => {
            members.insert(place.attribute.clone(), text.into());
            return;
        }
        (None, None) => Value::from(text),
        (None, Some(sub)) => {
            let mut object = Object::new();
            object.push(sub.as_str(), text);
            object.into()
        }
    };
    // A sub-attribute joins the ones that are there, an extension's attribute its extension.
    let (holder, name, value) = match (&place.extension, value) {
        (Some(urn), value) => (urn.clone(), place.attribute.clone(), value),
        (None, Value::Object(object)) => {
            for (name, value) in object {
                join(members, &place.attribute, name, value);
            }
            return;
        }
        (None, value) => {
            members.insert(place.attribute.clone(), value);
            return;
        }
    };
    join(members, &holder, name, value);
}

fn join(members: &mut BTreeMap<String, Value>, holder: &str, name: String, value: Value) {
    let holder = members
        .entry(holder.to_owned())
        .or_insert_with(|| Object::new().into());
    if let Some(object) = holder.as_object_mut() {
        object.set(name, value);
    }
}

/// The object with its members, and those of its objects, by alphabet.
fn sorted(object: Object) -> Value {
    let members: BTreeMap<String, Value> = object.into_iter().collect();
    let members = members.into_iter().map(|(name, value)| match value {
        Value::Object(inner) => (name, sorted(inner)),
        value => (name, value),
    });
    Value::Object(members.collect())
}

/// A group's POST.
pub(super) fn group(group: &Group, members: &[&str]) -> Value {
    let mut body = Object::new();
    body.push("displayName", group.name.as_str());
    if !members.is_empty() {
        body.push("members", values(members));
    }
    body.push("schemas", vec![Value::from(GROUP_URN)]);
    body.into()
}

/// The rename: one operation without a path (jumpcloud/4/5).
pub(super) fn rename(name: &str, settings: &Settings) -> Value {
    let mut value = Object::new();
    value.push("displayName", name);
    patch("replace", None, value.into(), settings)
}

/// One member in or out, by a list with one value (jumpcloud/4/6, jumpcloud/4/7).
pub(super) fn member(op: &str, id: &str, settings: &Settings) -> Value {
    patch(op, Some("members"), values(&[id]), settings)
}

fn values(ids: &[&str]) -> Value {
    let values = ids.iter().map(|id| {
        let mut member = Object::new();
        member.push("value", *id);
        Value::from(member)
    });
    Value::Array(values.collect())
}

fn patch(op: &str, path: Option<&str>, value: Value, settings: &Settings) -> Value {
    let operation = Operation {
        op: op.to_owned(),
        path: path.map(str::to_owned),
        value: Some(value),
    };
    let mut body = Object::new();
    body.push("Operations", vec![operation.to_value()]);
    if settings.patch_schemas {
        body.push("schemas", vec![Value::from(PATCH_OP)]);
    }
    body.into()
}
