//! The bodies of JumpCloud's messages (jumpcloud/2.2, jumpcloud/3, jumpcloud/4). Members stand by alphabet.

use std::collections::BTreeMap;

use super::settings::Settings;
use crate::directory::{AppSettings, Mapping, Person, Status};
use crate::idp::place;
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
    let mut body = Object::new();
    body.push("active", active);
    if settings.empty_lists {
        body.push("addresses", Vec::new());
        body.push("phoneNumbers", Vec::new());
    }
    match id {
        None => body.push("schemas", list([USER_URN, ENTERPRISE_URN])),
        Some(id) => {
            body.push("id", id);
            body.push("schemas", list([ENTERPRISE_URN, USER_URN]));
        }
    }
    for mapping in &app.mappings {
        if let Some(value) = mapping.source.text(person) {
            place::put(&mut body, &mapping.place, value);
        }
    }
    if settings.locale
        && !body.contains("locale")
        && let Some(language) = body.get("preferredLanguage").cloned()
    {
        body.push("locale", language);
    }
    sorted(body.into())
}

/// The person with a password (jumpcloud/3/12).
pub(super) fn with_password(user: Value, password: &str) -> Value {
    let mut user = user;
    if let Some(members) = user.as_object_mut() {
        members.set("password", password);
    }
    sorted(user)
}

fn list(texts: [&str; 2]) -> Value {
    texts.map(Value::from).to_vec().into()
}

/// The formula of `active`: neither suspended nor deactivated. Expired passwords are not part of a story (jumpcloud/3/9).
pub(super) fn active(person: &Person) -> bool {
    person.status == Status::Active
}

/// The object with its members, and those of all objects in it, by alphabet.
fn sorted(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let members = object
                .into_iter()
                .map(|(name, value)| (name, sorted(value)));
            let members: BTreeMap<String, Value> = members.collect();
            Value::Object(members.into_iter().collect())
        }
        Value::Array(elements) => Value::Array(elements.into_iter().map(sorted).collect()),
        value => value,
    }
}

/// The person whom an activation creates (jumpcloud/2.2), without `externalId` where that is not mapped: both captured bodies
/// have it, JumpCloud's documentation is said to deny it (jumpcloud/3/5).
pub(super) fn test_user(email: &str, directory_id: &str, app: &AppSettings) -> Value {
    let mut body = Value::from(serde_json::json!({
        "active": true,
        "addresses": [{
            "country": "US",
            "locality": "locality",
            "postalCode": "80027",
            "primary": true,
            "region": "region",
            "streetAddress": "street-address",
            "type": "work",
        }],
        "displayName": "displayName",
        "emails": [{"primary": true, "type": "work", "value": email}],
        "externalId": directory_id,
        "locale": "en-US",
        "name": {"familyName": "lastname", "givenName": "firstname"},
        "phoneNumbers": [{"primary": true, "type": "work", "value": "tel:+1-555-555-5555"}],
        "preferredLanguage": "en-US",
        "schemas": [USER_URN, ENTERPRISE_URN],
        "userName": email,
    }));
    let mapped = |m: &Mapping| m.place.extension.is_none() && m.place.attribute == "externalId";
    if let Some(members) = body.as_object_mut()
        && !app.mappings.iter().any(mapped)
    {
        members.remove("externalId");
    }
    body
}

/// The same person in the activation's PUTs: `emails` is a literal null, and most of the rest is left out.
pub(super) fn changed_test_user(email: &str, id: &str, active: bool) -> Value {
    Value::from(serde_json::json!({
        "active": active,
        "emails": null,
        "id": id,
        "name": {"familyName": "lastname", "givenName": "firstname"},
        "schemas": [USER_URN],
        "userName": email,
    }))
}

/// A group's POST.
pub(super) fn group(name: &str, members: &[&str]) -> Value {
    let mut body = Object::new();
    body.push("displayName", name);
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
    patch([operation("replace", None, Some(value.into()))], settings)
}

/// One member in, by a list with one value (jumpcloud/4/6).
pub(super) fn joins(id: &str, settings: &Settings) -> Value {
    let add = operation("add", Some("members".to_owned()), Some(values(&[id])));
    patch([add], settings)
}

/// One member out, by a list with one value or by a filtered path (jumpcloud/4/7).
pub(super) fn leaves(id: &str, settings: &Settings) -> Value {
    let remove = if settings.remove_by_filter {
        let path = format!("members[value eq {}]", Value::from(id));
        operation("remove", Some(path), None)
    } else {
        operation("remove", Some("members".to_owned()), Some(values(&[id])))
    };
    patch([remove], settings)
}

/// What differs between two bodies of a person, one `replace` for each attribute (jumpcloud/3/7). What went is left alone.
pub(super) fn changes(old: Option<&Value>, new: &Value, settings: &Settings) -> Value {
    let before: BTreeMap<String, &Value> = old.map(flat).unwrap_or_default();
    let unsaid = ["schemas", "id"];
    let changed = flat(new)
        .into_iter()
        .filter(|(path, value)| !unsaid.contains(&path.as_str()) && before.get(path) != Some(value))
        .map(|(path, value)| operation("replace", Some(path), Some(value.clone())));
    patch(changed, settings)
}

/// The attributes of a resource by their paths; the sub-attributes of `name` and of the extension have paths of their own.
fn flat(resource: &Value) -> BTreeMap<String, &Value> {
    let mut paths = BTreeMap::new();
    for (name, value) in resource.as_object().into_iter().flat_map(Object::iter) {
        let join = if name.contains(':') { ':' } else { '.' };
        match value {
            Value::Object(inner) => {
                let inner = inner.iter();
                paths.extend(inner.map(|(sub, value)| (format!("{name}{join}{sub}"), value)));
            }
            value => {
                paths.insert(name.to_owned(), value);
            }
        }
    }
    paths
}

fn values(ids: &[&str]) -> Value {
    let values = ids.iter().map(|id| {
        let mut member = Object::new();
        member.push("value", *id);
        Value::from(member)
    });
    Value::Array(values.collect())
}

fn operation(op: &str, path: Option<String>, value: Option<Value>) -> Value {
    let op = op.to_owned();
    Operation { op, path, value }.to_value()
}

fn patch(operations: impl IntoIterator<Item = Value>, settings: &Settings) -> Value {
    let mut body = Object::new();
    body.push("Operations", Value::Array(operations.into_iter().collect()));
    if settings.patch_schemas {
        body.push("schemas", vec![Value::from(PATCH_OP)]);
    }
    body.into()
}
