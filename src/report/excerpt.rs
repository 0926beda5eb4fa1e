//! The telling part of a message: what a person has to see of it to believe the finding.

use crate::scim::{Object, Value};

/// The longest excerpt, in characters.
const LONGEST: usize = 400;

/// The telling part of a request's body, given the value that the finding is about.
///
/// `schemas` says nothing to a person; of a PATCH only the operations count, of a resource only the value in question.
pub(super) fn request(body: &str, attribute: Option<&str>) -> String {
    let Ok(Value::Object(object)) = Value::parse(body) else {
        return cut(body.trim());
    };
    if let Some(operations) = find(&object, "Operations").and_then(Value::as_array) {
        return cut(&telling_operations(operations, attribute).to_string());
    }
    cut(&telling_members(object, attribute).to_string())
}

/// The telling part of an answer's body, given the value that the finding is about.
pub(super) fn answer(body: &str, attribute: Option<&str>) -> String {
    match Value::parse(body) {
        Ok(Value::Object(object)) if find(&object, "Resources").is_some() => cut(&list(&object)),
        Ok(Value::Object(object)) => cut(&telling_members(object, attribute).to_string()),
        _ => cut(body.trim()),
    }
}

/// The operations that name the value in question, or all where none does.
fn telling_operations(operations: &[Value], attribute: Option<&str>) -> Value {
    let Some(name) = attribute.map(member_of) else {
        return Value::from(operations.to_vec());
    };
    let wanted = name.to_ascii_lowercase();
    let named: Vec<_> = operations
        .iter()
        .filter(|op| op.to_string().to_ascii_lowercase().contains(&wanted))
        .cloned()
        .collect();
    if named.is_empty() {
        Value::from(operations.to_vec())
    } else {
        Value::from(named)
    }
}

/// The member in question, or everything but what says nothing to a person.
fn telling_members(object: Object, attribute: Option<&str>) -> Value {
    if let Some(name) = attribute.map(member_of)
        && let Some((key, value)) = object
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name) || is_extension_of(key, name))
    {
        let mut telling = Object::new();
        telling.push(key, value.clone());
        return telling.into();
    }
    let mut rest = object;
    rest.retain(|key, _| {
        !["schemas", "meta"]
            .iter()
            .any(|dull| key.eq_ignore_ascii_case(dull))
    });
    rest.into()
}

/// A list by its counters and the ids in it.
fn list(object: &Object) -> String {
    let resources = find(object, "Resources")
        .and_then(Value::as_array)
        .unwrap_or_default();
    let total = find(object, "totalResults").map_or_else(|| "none".to_owned(), Value::to_string);
    let ids: Vec<_> = resources
        .iter()
        .map(|r| {
            r.get("id")
                .map_or_else(|| "no id".to_owned(), Value::to_string)
        })
        .collect();
    format!(
        "totalResults {total}, {} in Resources: [{}]",
        resources.len(),
        ids.join(", ")
    )
}

fn find<'a>(object: &'a Object, name: &str) -> Option<&'a Value> {
    let mut members = object.iter();
    members
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

/// The top-level member that holds a value of a finding: `member bob` stands in `members`, `name.givenName` in `name`.
fn member_of(attribute: &str) -> &str {
    if attribute.starts_with("member ") || attribute == "other members" {
        return "members";
    }
    if attribute.starts_with("urn:") {
        return attribute;
    }
    attribute.split(['.', '[']).next().unwrap_or(attribute)
}

/// Whether a member is the schema extension in which a value with a URN lives.
fn is_extension_of(key: &str, attribute: &str) -> bool {
    key.starts_with("urn:")
        && attribute
            .get(..key.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(key))
}

fn cut(text: &str) -> String {
    let length = text.chars().count();
    if length <= LONGEST {
        return text.to_owned();
    }
    let kept: String = text.chars().take(LONGEST).collect();
    format!("{kept} … ({length} characters)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_patch_only_the_operations_that_name_the_value_are_shown() {
        let body = r#"{"schemas":["x"],"Operations":[{"op":"Replace","path":"title","value":"Dr"},{"op":"Replace","path":"active","value":"False"}]}"#;
        assert_eq!(
            request(body, Some("active")),
            r#"[{"op":"Replace","path":"active","value":"False"}]"#
        );
        assert!(request(body, Some("nickName")).contains("title"));
        assert!(!request(body, None).contains("schemas"));
    }

    #[test]
    fn of_a_resource_only_the_value_in_question_is_shown() {
        let body = r#"{"schemas":["x"],"id":"1","name":{"givenName":"Ada"},"urn:x:User":{"department":"R"}}"#;
        assert_eq!(
            answer(body, Some("name.givenName")),
            r#"{"name":{"givenName":"Ada"}}"#
        );
        assert_eq!(
            answer(body, Some("urn:x:User:department")),
            r#"{"urn:x:User":{"department":"R"}}"#
        );
        assert_eq!(
            answer(
                r#"{"schemas":["x"],"status":"400","detail":"no"}"#,
                Some("active")
            ),
            r#"{"status":"400","detail":"no"}"#
        );
    }

    #[test]
    fn a_list_is_shown_by_its_counters_and_ids() {
        let body = r#"{"totalResults":2,"Resources":[{"id":"a"},{}]}"#;
        assert_eq!(
            answer(body, None),
            r#"totalResults 2, 2 in Resources: ["a", no id]"#
        );
    }

    #[test]
    fn what_is_not_json_is_cut() {
        let page = "<html>".repeat(100);
        let shown = answer(&page, None);
        assert!(shown.ends_with("(600 characters)"), "{shown}");
        assert!(shown.chars().count() < 430);
    }
}
