//! A person's profile as Okta writes it: into a new user, and over what the target has (`okta/4.2`, `okta/5.2`).

use super::settings::{Empty, LocaleForm, Switches};
use crate::directory::{Directory, Mapping, Person, PersonKey, Place, Source};
use crate::scim::schema;
use crate::scim::{Object, Value};

/// A value and where it goes.
struct Mapped<'a> {
    place: &'a Place,
    value: Option<Value>,
    /// Whether it belongs to the one e-mail address that Okta reads and writes, which is marked as primary.
    primary: bool,
}

/// What a new body is made of.
struct Parts {
    schemas: Vec<Value>,
    core: Object,
    extensions: Object,
}

/// What a profile is made from.
pub(super) struct Writer<'a> {
    pub(super) switches: &'a Switches,
    pub(super) directory: &'a Directory,
    /// The id by which the app knows somebody.
    pub(super) account: &'a dyn Fn(&PersonKey) -> Option<String>,
}

impl Writer<'_> {
    /// The body of a POST: schemas, userName, name, emails, other core attributes, extensions, externalId, groups,
    /// password, active. Attributes without a value are left out.
    pub(super) fn new_user(&self, person: &Person, password: &str) -> Value {
        let parts = self.parts(person, &["userName", "name", "emails"]);
        let mut body = Object::new();
        body.push("schemas", parts.schemas);
        let members = parts.core.into_iter().chain(parts.extensions);
        members.for_each(|(name, value)| body.push(name, value));
        body.push("externalId", self.external_id(person));
        body.push("groups", Vec::new());
        body.push("password", password);
        body.push("active", true);
        body.into()
    }

    /// A whole user as the on-premises agent writes one, for POST and PUT (`okta/13/8`, `okta/13/10`). The order of members
    /// is that of the vendor's messages for SCIM 1.1, none being published for SCIM 2.0.
    pub(super) fn whole_user(
        &self,
        person: &Person,
        id: Option<&str>,
        active: bool,
        password: Option<&str>,
    ) -> Value {
        let parts = match id {
            None => self.parts(person, &["userName", "emails", "phoneNumbers", "name"]),
            Some(_) => self.parts(person, &["userName", "name", "emails", "phoneNumbers"]),
        };
        let mut body = Object::new();
        body.push("schemas", parts.schemas);
        if let Some(id) = id {
            body.push("id", id);
        }
        let members = parts.core.into_iter();
        members.for_each(|(name, value)| body.push(name, value));
        body.push("active", active);
        if let Some(password) = password {
            body.push("password", password);
        }
        let members = parts.extensions.into_iter();
        members.for_each(|(name, value)| body.push(name, value));
        // The agent has none; an app of the cloud that writes like it has.
        let table = &self.directory.settings.mappings;
        if table.iter().any(|m| is_external_id(&m.place)) {
            body.push("externalId", self.external_id(person));
        }
        body.into()
    }

    /// The mapped values that there are: the core attributes with some in front, and the extensions by their URNs.
    fn parts(&self, person: &Person, first: &[&str]) -> Parts {
        let mut parts = Parts {
            schemas: vec![Value::from(schema::USER_URN)],
            core: Object::new(),
            extensions: Object::new(),
        };
        let mut mapped = self.mapped(person);
        mapped.sort_by_key(|m| {
            let place = first.iter().position(|name| *name == m.place.attribute);
            place.unwrap_or(first.len())
        });
        for m in mapped {
            let Some(value) = &m.value else { continue };
            match &m.place.extension {
                None => self.write(&mut parts.core, &m, value),
                Some(urn) => {
                    if !parts.extensions.contains(urn) {
                        parts.schemas.push(Value::from(urn.as_str()));
                    }
                    self.write(child(&mut parts.extensions, urn), &m, value);
                }
            }
        }
        parts
    }

    /// Writes the profile over the target's own object. What Okta does not map stays as it came, in its place.
    pub(super) fn overwrite(&self, user: &mut Object, person: &Person) {
        for m in self.mapped(person) {
            let empty = match self.switches.empty {
                Empty::Absent => None,
                Empty::Text => Some(Value::from("")),
                Empty::Null => Some(Value::Null),
            };
            let value = m.value.clone().or(empty);
            match (&m.place.extension, value) {
                (None, Some(value)) => self.write(user, &m, &value),
                (None, None) => erase(user, &m),
                (Some(urn), Some(value)) => {
                    self.write(child(user, urn), &m, &value);
                    list_schema(user, urn);
                }
                (Some(urn), None) => {
                    let Some(extension) = user.get_mut(urn).and_then(Value::as_object_mut) else {
                        continue;
                    };
                    erase(extension, &m);
                    if extension.is_empty() {
                        user.remove(urn);
                        unlist_schema(user, urn);
                    }
                }
            }
        }
        user.set("externalId", self.external_id(person));
        if !user.contains("groups") {
            user.push("groups", Vec::new());
        }
    }

    fn external_id(&self, person: &Person) -> Value {
        let table = &self.directory.settings.mappings;
        let mapping = table.iter().find(|m| is_external_id(&m.place));
        mapping
            .and_then(|m| self.value(m, person))
            .unwrap_or_else(|| Value::from(person.directory_id()))
    }

    /// The table's values; externalId is always sent, so it is written apart.
    fn mapped(&self, person: &Person) -> Vec<Mapped<'_>> {
        let table = &self.directory.settings.mappings;
        let main = table.iter().find(|m| is_email(&m.place)).map(|m| &m.place);
        table
            .iter()
            .filter(|m| !is_external_id(&m.place))
            .map(|m| Mapped {
                place: &m.place,
                value: self.value(m, person),
                primary: is_email(&m.place)
                    && main.is_some_and(|main| main.element == m.place.element),
            })
            .collect()
    }

    fn value(&self, mapping: &Mapping, person: &Person) -> Option<Value> {
        let place = &mapping.place;
        let text = match &mapping.source {
            Source::Manager => person.manager.as_ref().and_then(self.account)?,
            source => source.text(person)?,
        };
        if place.attribute == "manager" && place.sub.is_none() {
            let mut manager = Object::new();
            manager.push("value", text);
            return Some(manager.into());
        }
        let underscore = self.switches.locale == LocaleForm::Underscore;
        if place.attribute == "locale" && place.extension.is_none() && underscore {
            return Some(Value::from(text.replace('-', "_")));
        }
        Some(Value::from(text))
    }

    fn write(&self, object: &mut Object, m: &Mapped<'_>, value: &Value) {
        let place = m.place;
        let sub = place.sub.as_deref();
        let Some(element) = &place.element else {
            return match sub {
                None => object.set(place.attribute.as_str(), value.clone()),
                Some(sub) => child(object, &place.attribute).set(sub, value.clone()),
            };
        };
        let items = children(object, &place.attribute);
        let at = position(items, m);
        let typed = !m.primary || self.switches.email_type;
        let at = at.unwrap_or_else(|| {
            let mut new = Object::new();
            if !m.primary {
                new.push("type", element.as_str());
            }
            items.push(new.into());
            items.len() - 1
        });
        if let Some(item) = items[at].as_object_mut() {
            if m.primary {
                item.set("primary", true);
            }
            item.set(sub.unwrap_or("value"), value.clone());
            if typed {
                item.set("type", element.as_str());
            }
        }
    }
}

/// Takes a value out, and what it leaves empty.
fn erase(object: &mut Object, m: &Mapped<'_>) {
    let place = m.place;
    let sub = place.sub.as_deref();
    let Some(member) = object.get_mut(&place.attribute) else {
        return;
    };
    let empty = match (member, &place.element, sub) {
        (Value::Array(items), Some(_), sub) => {
            if let Some(at) = position(items, m) {
                let item = items[at].as_object_mut();
                let hollow = item.is_none_or(|item| {
                    item.remove(sub.unwrap_or("value"));
                    item.iter().all(|(name, _)| is_label(name))
                });
                if hollow || sub.is_none_or(|sub| sub == "value") {
                    items.remove(at);
                }
            }
            items.is_empty()
        }
        (Value::Object(parent), None, Some(sub)) => {
            parent.remove(sub);
            parent.is_empty()
        }
        _ => true,
    };
    if empty {
        object.remove(&place.attribute);
    }
}

/// The element that a place means: the primary one for the main e-mail, else the first of that type.
fn position(items: &[Value], m: &Mapped<'_>) -> Option<usize> {
    let primary = |item: &Value| item.get("primary").and_then(Value::as_bool) == Some(true);
    let typed = |item: &Value| {
        let kind = item.get("type").and_then(Value::as_str);
        kind.zip(m.place.element.as_deref())
            .is_some_and(|(kind, wanted)| kind.eq_ignore_ascii_case(wanted))
    };
    let main = items.iter().position(|item| m.primary && primary(item));
    main.or_else(|| items.iter().position(typed))
}

/// The object that is a member of another, made where it is missing.
fn child<'a>(object: &'a mut Object, name: &str) -> &'a mut Object {
    if object.get(name).and_then(Value::as_object).is_none() {
        object.set(name, Object::new());
    }
    match object.get_mut(name) {
        Some(Value::Object(child)) => child,
        _ => unreachable!("the member was just made an object"),
    }
}

/// The array that is a member of an object, made where it is missing.
fn children<'a>(object: &'a mut Object, name: &str) -> &'a mut Vec<Value> {
    if object.get(name).and_then(Value::as_array).is_none() {
        object.set(name, Vec::new());
    }
    match object.get_mut(name) {
        Some(Value::Array(items)) => items,
        _ => unreachable!("the member was just made an array"),
    }
}

fn list_schema(user: &mut Object, urn: &str) {
    let schemas = children(user, "schemas");
    if !schemas.iter().any(|s| s.as_str() == Some(urn)) {
        schemas.push(Value::from(urn));
    }
}

fn unlist_schema(user: &mut Object, urn: &str) {
    if let Some(schemas) = user.get_mut("schemas").and_then(Value::as_array_mut) {
        schemas.retain(|s| s.as_str() != Some(urn));
    }
}

fn is_email(place: &Place) -> bool {
    place.extension.is_none() && place.attribute == "emails" && place.element.is_some()
}

fn is_external_id(place: &Place) -> bool {
    place.extension.is_none() && place.attribute == "externalId"
}

/// What says of which kind an element is, and is no value by itself.
fn is_label(name: &str) -> bool {
    ["type", "primary", "display"]
        .iter()
        .any(|label| name.eq_ignore_ascii_case(label))
}
