//! A request's body in a few words: the names of its members, or what its operations do.

use crate::scim::{Object, Value};

/// So many elements of a list are shown by their values; more by their number.
const FEW: usize = 3;

/// The body in a few words; ids are written as whose they are.
pub(super) fn digest(body: &str, ids: &[(String, String)]) -> String {
    let text = match Value::parse(body) {
        Ok(Value::Object(object)) => match object.get("Operations").and_then(Value::as_array) {
            Some(operations) => {
                let operations: Vec<_> = operations.iter().map(operation).collect();
                operations.join("; ")
            }
            None => members(&object),
        },
        _ => body.to_owned(),
    };
    named(&text, ids)
}

/// The text with every id of the target written as whose it is.
pub(super) fn named(text: &str, ids: &[(String, String)]) -> String {
    ids.iter().fold(text.to_owned(), |text, (id, whose)| {
        text.replace(id.as_str(), &format!("{{{whose}}}"))
    })
}

/// `replace active=false`, `Add members[1]`, `replace {id, displayName=…}`.
fn operation(operation: &Value) -> String {
    let text = |name| operation.get(name).and_then(Value::as_str);
    let op = text("op").unwrap_or("?");
    match (text("path"), operation.get("value")) {
        (Some(path), Some(value)) => format!("{op} {}{}", short(path), scalar(value)),
        (Some(path), None) => format!("{op} {}", short(path)),
        (None, Some(Value::Object(value))) => format!("{op} {}", members(value)),
        (None, Some(value)) => format!("{op}{}", scalar(value)),
        (None, None) => op.to_owned(),
    }
}

/// The names of an object's members; what is short stands with its value.
fn members(object: &Object) -> String {
    let telling = object.iter().filter(|(name, _)| *name != "schemas");
    let members: Vec<_> = telling
        .map(|(name, value)| {
            let name = short(name);
            match value {
                Value::Array(_) | Value::Bool(_) | Value::Null => {
                    format!("{name}{}", scalar(value))
                }
                _ => name,
            }
        })
        .collect();
    format!("{{{}}}", members.join(", "))
}

/// The name without the middle of its URN.
fn short(name: &str) -> String {
    match name.strip_prefix("urn:") {
        Some(urn) => format!("urn:…:{}", urn.rsplit(':').next().unwrap_or(urn)),
        None => name.to_owned(),
    }
}

fn scalar(value: &Value) -> String {
    match value {
        Value::Array(elements) => {
            let value = |element: &Value| Some(element.get("value")?.as_str()?.to_owned());
            let values: Option<Vec<String>> = elements.iter().map(value).collect();
            match values {
                Some(values) if (1..=FEW).contains(&values.len()) => {
                    format!("[{}]", values.join(", "))
                }
                _ => format!("[{}]", elements.len()),
            }
        }
        Value::Object(object) => format!(" {}", members(object)),
        other => format!("={other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_told_by_what_it_changes() {
        let ids = [("u7".to_owned(), "ada".to_owned())];
        let told = |body| digest(body, &ids);
        assert_eq!(
            told(
                r#"{"schemas":["x"],"Operations":[{"op":"Remove","path":"members[value eq \"u7\"]"},{"op":"replace","value":{"id":"u7","active":false}},{"op":"add","path":"members","value":[{"value":"u7"}]}]}"#
            ),
            r#"Remove members[value eq "{ada}"]; replace {id, active=false}; add members[{ada}]"#
        );
        assert_eq!(
            told(
                r#"{"schemas":["x"],"userName":"a","emails":[{}],"urn:a:b:User":{"manager":null},"title":null}"#
            ),
            "{userName, emails[1], urn:…:User, title=null}"
        );
        assert_eq!(told("nonsense"), "nonsense");
    }
}
