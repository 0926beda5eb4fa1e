//! The PATCH message (RFC 7644 §3.5.2), read but not judged: words keep the form in which they were sent.

use super::message::PATCH_OP;
use super::{Object, Value};

/// A PATCH request's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatchOp {
    /// The URNs under `schemas`.
    pub schemas: Vec<String>,
    /// What to do, in this order.
    pub operations: Vec<Operation>,
}

/// One operation, as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The verb in its own spelling: Entra ID writes `Replace`.
    pub op: String,
    /// The target; without it, the value's members are the targets.
    pub path: Option<String>,
    /// The value; `null` and absence differ.
    pub value: Option<Value>,
}

/// What an operation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Adds values.
    Add,
    /// Takes values out.
    Remove,
    /// Puts values in the place of others.
    Replace,
}

/// Why a body is no PATCH message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PatchError {
    /// The body is no object.
    #[error("a PATCH body must be an object, not {0}")]
    NotAnObject(&'static str),
    /// `schemas` is no list of texts.
    #[error("`schemas` must be a list of URNs")]
    Schemas,
    /// `Operations` is missing or no list.
    #[error("`Operations` must be a list of operations")]
    Operations,
    /// A member of one operation has the wrong type.
    #[error("operation {index}: `{member}` must be {wanted}")]
    Member {
        /// The operation, counted from 1.
        index: usize,
        /// The member's name.
        member: &'static str,
        /// What it must be.
        wanted: &'static str,
    },
}

impl Verb {
    /// The verb of exactly that spelling.
    pub fn exact(text: &str) -> Option<Self> {
        match text {
            "add" => Some(Self::Add),
            "remove" => Some(Self::Remove),
            "replace" => Some(Self::Replace),
            _ => None,
        }
    }

    /// The verb of that spelling in any case.
    pub fn any_case(text: &str) -> Option<Self> {
        Self::exact(&text.to_ascii_lowercase())
    }

    /// The verb as RFC 7644 writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Remove => "remove",
            Self::Replace => "replace",
        }
    }
}

impl PatchOp {
    /// Reads a body. Member names are found in any case (RFC 7643 §2.1).
    pub fn read(body: &Value) -> Result<Self, PatchError> {
        let object = body
            .as_object()
            .ok_or(PatchError::NotAnObject(body.kind()))?;
        let schemas = match object.get("schemas") {
            None => Vec::new(),
            Some(Value::Array(urns)) => urns
                .iter()
                .map(|urn| urn.as_str().map(str::to_owned).ok_or(PatchError::Schemas))
                .collect::<Result<_, _>>()?,
            Some(_) => return Err(PatchError::Schemas),
        };
        let Some(Value::Array(list)) = object.get("Operations") else {
            return Err(PatchError::Operations);
        };
        let operations = (1..)
            .zip(list)
            .map(|(index, operation)| Operation::read(index, operation))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            schemas,
            operations,
        })
    }

    /// Whether `schemas` names the PATCH message and nothing else.
    pub fn names_itself(&self) -> bool {
        matches!(&self.schemas[..], [urn] if urn.eq_ignore_ascii_case(PATCH_OP))
    }
}

impl Operation {
    fn read(index: usize, operation: &Value) -> Result<Self, PatchError> {
        let wrong = |member, wanted| PatchError::Member {
            index,
            member,
            wanted,
        };
        let Value::Object(object) = operation else {
            return Err(wrong("Operations", "an object"));
        };
        let op = object.get("op").and_then(Value::as_str);
        let path = match object.get("path") {
            None | Some(Value::Null) => None,
            Some(Value::String(path)) => Some(path.clone()),
            Some(_) => return Err(wrong("path", "a text")),
        };
        Ok(Self {
            op: op.ok_or_else(|| wrong("op", "a text"))?.to_owned(),
            path,
            value: object.get("value").cloned(),
        })
    }

    /// The operation as a member of `Operations`.
    pub fn to_value(&self) -> Value {
        let mut object = Object::new();
        object.push("op", self.op.as_str());
        if let Some(path) = &self.path {
            object.push("path", path.as_str());
        }
        if let Some(value) = &self.value {
            object.push("value", value.clone());
        }
        object.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_keep_their_spelling_and_order() {
        let body = Value::parse(
            r#"{"operations":[{"Op":"Replace","Path":"active","value":"False"},{"op":"add","value":null}]}"#,
        )
        .unwrap();
        let patch = PatchOp::read(&body).unwrap();
        assert!(!patch.names_itself());
        assert_eq!(patch.operations[0].op, "Replace");
        assert_eq!(patch.operations[0].path.as_deref(), Some("active"));
        assert_eq!(patch.operations[1].path, None);
        assert_eq!(patch.operations[1].value, Some(Value::Null));
        assert_eq!(
            patch.operations[0].to_value().to_string(),
            r#"{"op":"Replace","path":"active","value":"False"}"#
        );
        assert_eq!(Verb::exact("Replace"), None);
        assert_eq!(Verb::any_case("RePlace"), Some(Verb::Replace));
    }

    #[test]
    fn what_is_no_patch_message_is_refused() {
        for body in [
            "[]",
            "{}",
            r#"{"Operations":{}}"#,
            r#"{"Operations":[1]}"#,
            r#"{"Operations":[{"path":"a"}]}"#,
            r#"{"Operations":[{"op":1}]}"#,
            r#"{"Operations":[{"op":"add","path":1}]}"#,
            r#"{"schemas":"x","Operations":[]}"#,
        ] {
            assert!(
                PatchOp::read(&Value::parse(body).unwrap()).is_err(),
                "{body}"
            );
        }
    }
}
