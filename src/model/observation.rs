//! What a neutral RFC client sees at the target, put into the words of the promises.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Aspect, Datum};
use crate::directory::{PersonKey, Place, Subject};
use crate::scim::Value;

/// Whether the target has a resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// It has one, with that id.
    Here(String),
    /// It has none.
    Gone,
    /// The target's answer does not tell; the text says why.
    Unreadable(String),
}

/// One observed value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seen {
    /// This value.
    Value(Datum),
    /// No value.
    Missing,
    /// A value in a form that no IdP can read; the text is the form.
    WrongForm(String),
    /// Nothing that can be seen from outside; the text says why.
    NotObservable(String),
}

/// What was seen of one person or group at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// Of whom or what.
    pub subject: Subject,
    /// The exchanges that show it.
    pub exchanges: Vec<u64>,
    /// Whether the target has it.
    pub presence: Presence,
    /// The values.
    #[serde(with = "pairs")]
    pub values: BTreeMap<Aspect, Seen>,
}

impl Observation {
    /// Nothing of a subject that the target does not have.
    pub fn nothing(subject: Subject) -> Self {
        Self {
            subject,
            exchanges: Vec::new(),
            presence: Presence::Gone,
            values: BTreeMap::new(),
        }
    }

    /// What was seen of one aspect.
    pub fn of(&self, aspect: &Aspect) -> Seen {
        if *aspect == Aspect::Presence {
            return match &self.presence {
                Presence::Here(_) => Seen::Value(Datum::Flag(true)),
                Presence::Gone => Seen::Value(Datum::Flag(false)),
                Presence::Unreadable(why) => Seen::NotObservable(why.clone()),
            };
        }
        self.values
            .get(aspect)
            .cloned()
            .unwrap_or_else(|| Seen::NotObservable("nobody looked".to_owned()))
    }
}

/// Reads a person's resource. `known` turns the target's ids into people of the story.
pub fn read_person(
    resource: &Value,
    places: &[Place],
    known: &dyn Fn(&str) -> Option<PersonKey>,
) -> BTreeMap<Aspect, Seen> {
    let mut values = BTreeMap::new();
    let active = match resource.get("active") {
        None | Some(Value::Null) => {
            Seen::NotObservable("the target does not show `active`".to_owned())
        }
        Some(Value::Bool(flag)) => Seen::Value(Datum::Flag(*flag)),
        Some(other) => Seen::WrongForm(format!("{} {other}", other.kind())),
    };
    values.insert(Aspect::Active, active);
    for place in places {
        let seen = read_place(resource, place, known);
        values.insert(Aspect::Value(place.clone()), seen);
    }
    values
}

/// Reads a group's resource. A missing `members` says nothing: it may be returned on request only (RFC 7643 §2.2).
pub fn read_group(
    resource: &Value,
    people: &[PersonKey],
    known: &dyn Fn(&str) -> Option<PersonKey>,
) -> BTreeMap<Aspect, Seen> {
    let mut values = BTreeMap::new();
    let name = match resource.get("displayName") {
        Some(Value::String(name)) => Seen::Value(Datum::Text(name.clone())),
        None | Some(Value::Null) => Seen::Missing,
        Some(other) => Seen::WrongForm(format!("{} {other}", other.kind())),
    };
    values.insert(Aspect::GroupName, name);
    if let Some(members) = member_ids(resource) {
        members_seen(&members, people, known, &mut values);
    }
    values
}

/// The ids of a group's members as the resource shows them, or `None` where it shows no list.
fn member_ids(resource: &Value) -> Option<Vec<&str>> {
    let members = resource.get("members")?.as_array()?;
    // A bare id instead of an object is a wrong form, which the exchange checks report; it still names a member.
    Some(
        members
            .iter()
            .filter_map(|member| member.get("value").unwrap_or(member).as_str())
            .collect(),
    )
}

/// Puts a list of members into the words of the promises.
pub(crate) fn members_seen(
    ids: &[&str],
    people: &[PersonKey],
    known: &dyn Fn(&str) -> Option<PersonKey>,
    values: &mut BTreeMap<Aspect, Seen>,
) {
    let members: Vec<_> = ids.iter().map(|id| known(id)).collect();
    for person in people {
        let member = members.iter().flatten().any(|key| key == person);
        values.insert(
            Aspect::Member(person.clone()),
            Seen::Value(Datum::Flag(member)),
        );
    }
    let strangers = members.iter().filter(|key| key.is_none()).count();
    let strangers = u32::try_from(strangers).unwrap_or(u32::MAX);
    values.insert(Aspect::Strangers, Seen::Value(Datum::Count(strangers)));
}

fn read_place(resource: &Value, place: &Place, known: &dyn Fn(&str) -> Option<PersonKey>) -> Seen {
    let holder = match &place.extension {
        Some(urn) => resource.get(urn),
        None => Some(resource),
    };
    let Some(value) = holder.and_then(|holder| holder.get(&place.attribute)) else {
        return Seen::Missing;
    };
    if value.is_unassigned() {
        return Seen::Missing;
    }
    // `manager` holds a reference; its `value` is the id of a person (RFC 7643 §4.3).
    if place.extension.is_some() && place.attribute.eq_ignore_ascii_case("manager") {
        return read_manager(value, known);
    }
    let value = match (&place.element, value) {
        (None, value) => Some(value),
        (Some(kind), Value::Array(items)) => choose(items, kind),
        (Some(_), other) => {
            return Seen::WrongForm(format!("{} where a list belongs", other.kind()));
        }
    };
    let value = match (value, &place.sub) {
        (Some(Value::Object(object)), Some(sub)) => object.get(sub),
        (Some(Value::Object(_)), None) | (Some(_), None) => value,
        (Some(other), Some(_)) => {
            return Seen::WrongForm(format!("{} where an object belongs", other.kind()));
        }
        (None, _) => None,
    };
    match value {
        None | Some(Value::Null) => Seen::Missing,
        Some(Value::String(text)) => Seen::Value(Datum::Text(text.clone())),
        Some(other) => Seen::WrongForm(format!("{} {other}", other.kind())),
    }
}

fn read_manager(value: &Value, known: &dyn Fn(&str) -> Option<PersonKey>) -> Seen {
    match value {
        Value::Object(manager) => match manager.get("value").and_then(Value::as_str) {
            None | Some("") => Seen::Missing,
            Some(id) => Seen::Value(match known(id) {
                Some(key) => Datum::Person(key),
                None => Datum::Text(id.to_owned()),
            }),
        },
        other => Seen::WrongForm(format!("{} where an object belongs", other.kind())),
    }
}

/// The element of that `type`. Where the target keeps no types, the primary or the only element is meant.
fn choose<'a>(items: &'a [Value], kind: &str) -> Option<&'a Value> {
    let untyped = |item: &&Value| item.get("type").and_then(Value::as_str).is_none();
    let primary = |item: &&Value| item.get("primary").and_then(Value::as_bool) == Some(true);
    let typed = |item: &&Value| {
        let found = item.get("type").and_then(Value::as_str);
        found.is_some_and(|found| found.eq_ignore_ascii_case(kind))
    };
    items
        .iter()
        .find(typed)
        .or_else(|| items.iter().filter(untyped).find(primary))
        .or_else(|| items.iter().find(untyped))
}

/// Maps with structured keys as lists of pairs, because JSON keys are texts.
mod pairs {
    use std::collections::BTreeMap;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{Aspect, Seen};

    pub(super) fn serialize<S: Serializer>(
        map: &BTreeMap<Aspect, Seen>,
        s: S,
    ) -> Result<S::Ok, S::Error> {
        map.iter().collect::<Vec<_>>().serialize(s)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        d: D,
    ) -> Result<BTreeMap<Aspect, Seen>, D::Error> {
        Ok(Vec::<(Aspect, Seen)>::deserialize(d)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

    fn see(resource: serde_json::Value, place: &str) -> Seen {
        let known = |id: &str| (id == "7").then(|| PersonKey::new("bob"));
        read_place(&Value::from(resource), &place.parse().unwrap(), &known)
    }

    #[test]
    fn values_are_found_where_the_mapping_says() {
        let ada = serde_json::json!({
            "USERNAME": "ada", "name": {"givenName": "Ada"}, "emails": [
                {"type": "home", "value": "h@example.com"}, {"type": "Work", "value": "w@example.com"}],
            ENTERPRISE: {"department": "R&D", "manager": {"value": "7"}}, "phoneNumbers": []});
        let text = |t: &str| Seen::Value(Datum::Text(t.to_owned()));
        assert_eq!(see(ada.clone(), "userName"), text("ada"));
        assert_eq!(see(ada.clone(), "name.givenName"), text("Ada"));
        assert_eq!(
            see(ada.clone(), "emails[type eq \"work\"].value"),
            text("w@example.com")
        );
        assert_eq!(
            see(ada.clone(), &format!("{ENTERPRISE}:department")),
            text("R&D")
        );
        let bob = Seen::Value(Datum::Person(PersonKey::new("bob")));
        assert_eq!(see(ada.clone(), &format!("{ENTERPRISE}:manager")), bob);
        assert_eq!(see(ada.clone(), "title"), Seen::Missing);
        assert_eq!(
            see(ada, "phoneNumbers[type eq \"work\"].value"),
            Seen::Missing
        );
    }

    #[test]
    fn an_untyped_primary_address_stands_for_the_work_address() {
        let ada = serde_json::json!({"emails": [{"value": "a"}, {"value": "b", "primary": true}]});
        let place = "emails[type eq \"work\"].value";
        assert_eq!(see(ada, place), Seen::Value(Datum::Text("b".to_owned())));
        let home = serde_json::json!({"emails": [{"value": "a", "type": "home"}]});
        assert_eq!(see(home, place), Seen::Missing);
    }

    #[test]
    fn a_wrong_form_is_not_a_value() {
        let ada = serde_json::json!({"active": "true", ENTERPRISE: {"manager": "7"}, "title": 7});
        let values = read_person(&Value::from(ada.clone()), &[], &|_| None);
        assert!(matches!(values[&Aspect::Active], Seen::WrongForm(_)));
        assert!(matches!(
            see(ada.clone(), &format!("{ENTERPRISE}:manager")),
            Seen::WrongForm(_)
        ));
        assert!(matches!(see(ada, "title"), Seen::WrongForm(_)));
    }

    #[test]
    fn a_group_without_a_list_shows_no_members() {
        let people = [PersonKey::new("bob")];
        let known = |id: &str| (id == "7").then(|| PersonKey::new("bob"));
        let hidden = serde_json::json!({"displayName": "g"});
        let values = read_group(&Value::from(hidden), &people, &known);
        assert!(!values.contains_key(&Aspect::Strangers));
        let shown =
            serde_json::json!({"displayName": "g", "members": [{"value": "7"}, {"value": "8"}]});
        let values = read_group(&Value::from(shown), &people, &known);
        assert_eq!(values[&Aspect::Strangers], Seen::Value(Datum::Count(1)));
        assert_eq!(
            values[&Aspect::Member(people[0].clone())],
            Seen::Value(Datum::Flag(true))
        );
    }
}
