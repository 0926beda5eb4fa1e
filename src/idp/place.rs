//! Puts mapped values where they belong in a resource.

use crate::directory::Place;
use crate::scim::{Object, Value};

/// Puts a value into a resource. An extension, a complex attribute and the element of a list are made when the first of
/// their values comes; the element for work is the primary one.
pub(crate) fn put(resource: &mut Object, place: &Place, value: impl Into<Value>) {
    let holder = match &place.extension {
        Some(urn) => object(resource, urn),
        None => Some(resource),
    };
    let target = match (&place.element, &place.sub) {
        (Some(kind), _) => holder.and_then(|h| element(h, &place.attribute, kind)),
        (None, Some(_)) => holder.and_then(|h| object(h, &place.attribute)),
        (None, None) => holder,
    };
    let name = match (&place.element, &place.sub) {
        (_, Some(sub)) => sub.as_str(),
        (Some(_), None) => "value",
        (None, None) => &place.attribute,
    };
    if let Some(target) = target {
        target.set(name, value);
    }
}

/// The object of that name, made if it is not there.
fn object<'a>(holder: &'a mut Object, name: &str) -> Option<&'a mut Object> {
    if holder.get(name).and_then(Value::as_object).is_none() {
        holder.set(name, Object::new());
    }
    holder.get_mut(name).and_then(Value::as_object_mut)
}

/// The element of that type, made if it is not there.
fn element<'a>(holder: &'a mut Object, name: &str, kind: &str) -> Option<&'a mut Object> {
    if holder.get(name).and_then(Value::as_array).is_none() {
        holder.set(name, Vec::new());
    }
    let elements = holder.get_mut(name).and_then(Value::as_array_mut)?;
    let of_type = |e: &Value| e.get("type").and_then(Value::as_str) == Some(kind);
    if !elements.iter().any(of_type) {
        let mut element = Object::new();
        element.push("primary", kind == "work");
        element.push("type", kind);
        elements.push(element.into());
    }
    elements
        .iter_mut()
        .find(|e| of_type(e))
        .and_then(Value::as_object_mut)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_one_element_or_object_stand_together() {
        let mut resource = Object::new();
        for (place, value) in [
            ("title", "Captain"),
            ("name.givenName", "Ada"),
            ("addresses[type eq \"work\"].country", "GB"),
            ("name.familyName", "King"),
            ("addresses[type eq \"work\"].region", "Surrey"),
            ("addresses[type eq \"home\"].region", "Kent"),
            ("emails[type eq \"work\"]", "ada@example.com"),
            ("urn:x:User:department", "C-Suite"),
            ("urn:x:User:manager.value", "7"),
        ] {
            put(&mut resource, &place.parse().unwrap(), value);
        }
        let wanted = r#"{"title":"Captain","name":{"givenName":"Ada","familyName":"King"},"addresses":[{"primary":true,"type":"work","country":"GB","region":"Surrey"},{"primary":false,"type":"home","region":"Kent"}],"emails":[{"primary":true,"type":"work","value":"ada@example.com"}],"urn:x:User":{"department":"C-Suite","manager":{"value":"7"}}}"#;
        assert_eq!(Value::from(resource).to_string(), wanted);
    }
}
