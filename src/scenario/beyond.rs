//! A body that is made larger than the target says that it takes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A limit of bulk requests that a probe's body is made to pass by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "limit", rename_all = "kebab-case")]
pub enum Beyond {
    /// `bulk.maxOperations`: the last operation is repeated until there is one too many.
    MaxOperations,
    /// `bulk.maxPayloadSize`: blanks follow until there is one byte too many.
    MaxPayloadSize,
}

impl Beyond {
    /// The limit's name in the configuration (RFC 7643 §5).
    pub fn name(self) -> &'static str {
        match self {
            Self::MaxOperations => "maxOperations",
            Self::MaxPayloadSize => "maxPayloadSize",
        }
    }

    /// Up to which limit a probe tries it; beyond that the try itself would be a burden.
    pub fn most(self) -> i64 {
        match self {
            Self::MaxOperations => 10_000,
            Self::MaxPayloadSize => 8 * 1024 * 1024,
        }
    }

    /// Whether a body can be made so large.
    pub(super) fn fits(self, body: &Value) -> bool {
        let operations = body.get("Operations").and_then(Value::as_array);
        operations.is_some_and(|operations| !operations.is_empty())
    }

    /// The body, one more than the limit.
    pub fn pass(self, body: &str, limit: usize) -> String {
        match self {
            Self::MaxPayloadSize => {
                let missing = (limit + 1).saturating_sub(body.len());
                format!("{body}{}", " ".repeat(missing))
            }
            Self::MaxOperations => {
                let mut json: Value = serde_json::from_str(body).unwrap_or_default();
                if let Some(Value::Array(operations)) = json.get_mut("Operations")
                    && let Some(last) = operations.last().cloned()
                {
                    operations.resize(operations.len().max(limit + 1), last);
                }
                json.to_string()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_passes_the_limit_by_one() {
        let body = r#"{"Operations":[{"method":"DELETE","path":"/Users/1"}]}"#;
        let many = Beyond::MaxOperations.pass(body, 3);
        let many: Value = serde_json::from_str(&many).unwrap();
        let many = many["Operations"].as_array().unwrap();
        assert_eq!(many.len(), 4);
        assert!(many.iter().all(|operation| operation == &many[0]));
        let large = Beyond::MaxPayloadSize.pass(body, 1_000);
        assert_eq!(large.len(), 1_001);
        assert_eq!(large.trim_end(), body);
        assert_eq!(Beyond::MaxPayloadSize.pass(body, 3), body);
    }
}
