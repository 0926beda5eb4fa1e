//! How the IdPs write a query: in two encodings.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::scim::Value;
use crate::wire::percent_encoded;

/// How the values of a query are encoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Encoding {
    /// As in a URI (RFC 3986 §2.3): a blank is `%20`.
    Percent,
    /// As a browser writes a form (`application/x-www-form-urlencoded`): a blank is `+`.
    Form,
}

/// What a form leaves as it is.
const FORM: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'*')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b' ');

impl Encoding {
    /// The value as it stands in a query.
    pub fn encode(self, value: &str) -> String {
        match self {
            Self::Percent => percent_encoded(value),
            Self::Form => utf8_percent_encode(value, FORM)
                .to_string()
                .replace(' ', "+"),
        }
    }

    /// A path with those parameters in that order.
    pub fn query(self, path: &str, parameters: &[(&str, &str)]) -> String {
        let written: Vec<String> = parameters
            .iter()
            .map(|(name, value)| format!("{name}={}", self.encode(value)))
            .collect();
        format!("{path}?{}", written.join("&"))
    }
}

/// The filter `attribute eq "value"`, the value written as JSON writes a string (RFC 7644 §3.4.2.2).
pub fn equals(attribute: &str, value: &str) -> String {
    format!("{attribute} eq {}", Value::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lookup_is_written_in_either_encoding() {
        let filter = equals("userName", "o'neil+x@example.com");
        let parameters = [("filter", filter.as_str()), ("count", "100")];
        assert_eq!(
            Encoding::Percent.query("/Users", &parameters),
            "/Users?filter=userName%20eq%20%22o%27neil%2Bx%40example.com%22&count=100"
        );
        assert_eq!(
            Encoding::Form.query("/Users", &parameters),
            "/Users?filter=userName+eq+%22o%27neil%2Bx%40example.com%22&count=100"
        );
        assert_eq!(
            Encoding::Form.encode("emails[type eq \"work\"].value é"),
            "emails%5Btype+eq+%22work%22%5D.value+%C3%A9"
        );
    }

    #[test]
    fn a_quote_in_a_name_cannot_end_the_filter() {
        assert_eq!(
            equals("displayName", r#"a" or id pr \"#),
            r#"displayName eq "a\" or id pr \\""#
        );
    }
}
