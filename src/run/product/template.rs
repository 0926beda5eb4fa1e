//! Requests as templates: names in braces, and the values that take their places.
//!
//! `{userName}` and `{email}` are the person's, `{NAME}` is a credential that an earlier entry made, `{env:NAME}` is a secret
//! of the tester's. Other braces stand for themselves, so JSON can be written as it is.

use std::collections::BTreeMap;

/// How a value is written where it is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::run) enum Spelling {
    /// As it is.
    Plain,
    /// Inside a JSON text.
    Json,
    /// Percent-encoded, in a URL or a form.
    Percent,
}

/// A template with its places filled. A name without a value stays as it is.
pub(in crate::run) fn fill(
    text: &str,
    values: &BTreeMap<String, String>,
    spelling: Spelling,
) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((start, end)) = place(rest) {
        filled.push_str(&rest[..start]);
        let name = &rest[start + 1..end];
        match values.get(name) {
            Some(value) => filled.push_str(&spelled(value, spelling)),
            None => filled.push_str(&rest[start..=end]),
        }
        rest = &rest[end + 1..];
    }
    filled.push_str(rest);
    filled
}

fn spelled(value: &str, spelling: Spelling) -> String {
    match spelling {
        Spelling::Plain => value.to_owned(),
        Spelling::Json => {
            let text = serde_json::Value::from(value).to_string();
            text[1..text.len() - 1].to_owned()
        }
        Spelling::Percent => {
            let set = percent_encoding::NON_ALPHANUMERIC;
            percent_encoding::utf8_percent_encode(value, set).to_string()
        }
    }
}

/// The names that a template uses.
pub(super) fn names(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (start, end) = place(rest)?;
        let name = &rest[start + 1..end];
        rest = &rest[end + 1..];
        Some(name)
    })
}

/// Whether something is filled in where that text is sent.
pub fn is_template(text: &str) -> bool {
    place(text).is_some()
}

/// The first `{name}` of a text: where its braces stand.
fn place(text: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(at) = text[from..].find('{') {
        let start = from + at;
        let inner = &text[start + 1..];
        let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':');
        let end = inner.find(|c| !word(c)).unwrap_or(inner.len());
        if end > 0 && inner[end..].starts_with('}') {
            return Some((start, start + 1 + end));
        }
        from = start + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_their_place_needs() {
        let values = BTreeMap::from([("userName".to_owned(), "o\"n/e".to_owned())]);
        let fill = |text, spelling| fill(text, &values, spelling);
        let json = fill(r#"{"a":{"user":"{userName}"},"b":{}}"#, Spelling::Json);
        assert_eq!(json, r#"{"a":{"user":"o\"n/e"},"b":{}}"#);
        assert_eq!(fill("/u/{userName}", Spelling::Percent), "/u/o%22n%2Fe");
        assert_eq!(fill("{none} {userName}", Spelling::Plain), "{none} o\"n/e");
    }
}
