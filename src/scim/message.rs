//! The protocol's messages (RFC 7644 §3): lists, errors, search requests, and their URNs.

use super::{Object, Value};

/// The URN of a list (RFC 7644 §3.4.2).
pub const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
/// The URN of a search by POST (RFC 7644 §3.4.3).
pub const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
/// The URN of a PATCH body (RFC 7644 §3.5.2).
pub const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
/// The URN of a bulk request (RFC 7644 §3.7).
pub const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
/// The URN of the answer to a bulk request (RFC 7644 §3.7).
pub const BULK_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
/// The URN of an error (RFC 7644 §3.12).
pub const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";
/// The media type of every body (RFC 7644 §3.8).
pub const MEDIA_TYPE: &str = "application/scim+json";

/// The keywords of errors (RFC 7644 §3.12, RFC 9865 §2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScimType {
    /// The filter breaks the grammar, or asks for what the attribute's type does not allow.
    InvalidFilter,
    /// More results than the server will give.
    TooMany,
    /// The value is taken.
    Uniqueness,
    /// The attribute may not be changed so.
    Mutability,
    /// The body cannot be read.
    InvalidSyntax,
    /// The PATCH path cannot be read.
    InvalidPath,
    /// The PATCH path leads to nothing.
    NoTarget,
    /// A value is missing, or of the wrong type.
    InvalidValue,
    /// The protocol version is not supported.
    InvalidVers,
    /// The request's URI shows what must not be shown there.
    Sensitive,
    /// The cursor is not one of this server's.
    InvalidCursor,
    /// The cursor waited too long.
    ExpiredCursor,
    /// The count is out of bounds, or not that of the first page.
    InvalidCount,
}

impl ScimType {
    /// The keyword.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVers => "invalidVers",
            Self::Sensitive => "sensitive",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
            Self::InvalidCount => "invalidCount",
        }
    }
}

/// An error's body (RFC 7644 §3.12); the status is a text there.
pub fn error(status: u16, scim_type: Option<ScimType>, detail: &str) -> Object {
    let mut body = envelope(ERROR);
    body.push("status", status.to_string());
    if let Some(keyword) = scim_type {
        body.push("scimType", keyword.as_str());
    }
    body.push("detail", detail);
    body
}

/// An object that holds nothing but `schemas` with that one URN.
pub fn envelope(urn: &str) -> Object {
    let mut body = Object::new();
    body.push("schemas", vec![Value::from(urn)]);
    body
}

/// What a query asks for, from a URL or from a search request's body (RFC 7644 §3.4.2, RFC 9865 §2).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Which resources.
    pub filter: Option<String>,
    /// The attribute to sort by.
    pub sort_by: Option<String>,
    /// `ascending` or `descending`.
    pub sort_order: Option<String>,
    /// The first result wanted, counted from 1.
    pub start_index: Option<i64>,
    /// How many results at most.
    pub count: Option<i64>,
    /// The cursor; empty asks for the first page.
    pub cursor: Option<String>,
    /// Nothing but these attributes.
    pub attributes: Vec<String>,
    /// All default attributes but these.
    pub excluded_attributes: Vec<String>,
}

/// A query parameter that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` must be {wanted}")]
pub struct QueryError {
    /// The parameter or member.
    pub name: &'static str,
    /// What it must be.
    pub wanted: &'static str,
}

impl Query {
    /// Reads the parameters of a URL, already decoded. Unknown ones are left aside (RFC 7644 §3.4.2).
    pub fn from_pairs<'a>(
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, QueryError> {
        let mut query = Self::default();
        for (name, value) in pairs {
            query.set(name, &Value::from(value))?;
        }
        Ok(query)
    }

    /// Reads a search request's body (RFC 7644 §3.4.3).
    pub fn from_body(body: &Object) -> Result<Self, QueryError> {
        let mut query = Self::default();
        for (name, value) in body.iter().filter(|(_, v)| **v != Value::Null) {
            query.set(name, value)?;
        }
        Ok(query)
    }

    fn set(&mut self, name: &str, value: &Value) -> Result<(), QueryError> {
        const NAMES: [&str; 8] = [
            "filter",
            "sortBy",
            "sortOrder",
            "startIndex",
            "count",
            "cursor",
            "attributes",
            "excludedAttributes",
        ];
        let Some(name) = NAMES.into_iter().find(|n| n.eq_ignore_ascii_case(name)) else {
            return Ok(());
        };
        let text = || {
            let wanted = "a text";
            let text = value.as_str().map(str::to_owned);
            text.ok_or(QueryError { name, wanted }).map(Some)
        };
        match name {
            "filter" => self.filter = text()?,
            "sortBy" => self.sort_by = text()?,
            "sortOrder" => self.sort_order = text()?,
            "cursor" => self.cursor = text()?,
            "startIndex" => self.start_index = Some(integer(name, value)?),
            "count" => self.count = Some(integer(name, value)?),
            "attributes" => self.attributes = names(name, value)?,
            _ => self.excluded_attributes = names(name, value)?,
        }
        Ok(())
    }
}

/// A number, from a URL as text; beyond 64 bits it is as far as a number goes.
fn integer(name: &'static str, value: &Value) -> Result<i64, QueryError> {
    let number = match value {
        Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64())),
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| {
                let digits = text.strip_prefix('-').unwrap_or(text);
                let all = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
                let bound = if text.starts_with('-') {
                    i64::MIN
                } else {
                    i64::MAX
                };
                all.then_some(bound)
            })
        }
        _ => None,
    };
    let wanted = "a whole number";
    number.ok_or(QueryError { name, wanted })
}

fn whole(number: Option<f64>) -> Option<i64> {
    number
        .filter(|n| n.fract() == 0.0)
        .and_then(|n| format!("{n:.0}").parse().ok())
}

/// A list of names: separated by commas in a URL, an array in a body.
fn names(name: &'static str, value: &Value) -> Result<Vec<String>, QueryError> {
    let wanted = "a list of attribute names";
    let texts: Option<Vec<&str>> = match value {
        Value::String(text) => Some(split_names(text)),
        Value::Array(items) => items.iter().map(Value::as_str).collect(),
        _ => None,
    };
    let texts = texts.ok_or(QueryError { name, wanted })?;
    let trimmed = texts.into_iter().map(str::trim);
    Ok(trimmed
        .filter(|t| !t.is_empty())
        .map(str::to_owned)
        .collect())
}

/// Splits at commas outside of brackets and quotes: Microsoft's collection sends value paths here.
fn split_names(text: &str) -> Vec<&str> {
    let (mut depth, mut quoted) = (0_usize, false);
    text.split(move |c| {
        match c {
            '"' => quoted = !quoted,
            '[' if !quoted => depth += 1,
            ']' if !quoted => depth = depth.saturating_sub(1),
            ',' => return depth == 0 && !quoted,
            _ => {}
        }
        false
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_of_an_error_is_a_text() {
        let body = error(409, Some(ScimType::Uniqueness), "taken");
        assert_eq!(
            Value::from(body).to_string(),
            r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"409","scimType":"uniqueness","detail":"taken"}"#
        );
    }

    #[test]
    fn a_query_reads_the_same_from_url_and_body() {
        let url = Query::from_pairs([
            ("startIndex", "-1"),
            ("COUNT", "2"),
            ("attributes", "userName, name.givenName,"),
            ("filter", "a pr"),
            ("other", "x"),
        ])
        .unwrap();
        let body = Value::parse(
            r#"{"schemas":[],"startIndex":-1,"count":2.0,"attributes":["userName","name.givenName"],"filter":"a pr","cursor":null}"#,
        )
        .unwrap();
        let body = Query::from_body(body.as_object().unwrap()).unwrap();
        assert_eq!(url, body);
        assert_eq!(url.attributes, ["userName", "name.givenName"]);
        assert_eq!((url.start_index, url.count), (Some(-1), Some(2)));
    }

    #[test]
    fn what_is_no_number_is_refused_and_what_is_too_long_is_bounded() {
        assert!(Query::from_pairs([("count", "ten")]).is_err());
        assert!(Query::from_pairs([("count", "")]).is_err());
        assert!(Query::from_pairs([("count", "1.5")]).is_err());
        let query = Query::from_pairs([("count", "99999999999999999999")]).unwrap();
        assert_eq!(query.count, Some(i64::MAX));
    }

    #[test]
    fn value_paths_stay_whole_in_a_list_of_names() {
        let query =
            Query::from_pairs([("attributes", r#"emails[type eq "a,b"],userName"#)]).unwrap();
        assert_eq!(query.attributes, [r#"emails[type eq "a,b"]"#, "userName"]);
    }
}
