//! What was asked and answered last, without secrets.

use std::fmt;

use percent_encoding::percent_decode_str;

use super::super::history::{Body, Entry};
use super::html::Escaped;
use crate::scim::Value;

/// What stands where a secret stood.
const BLOT: &str = "••••••";

/// One exchange, which opens to show both bodies.
pub(super) fn exchange(f: &mut fmt::Formatter<'_>, entry: &Entry) -> fmt::Result {
    let class = match entry.status {
        ..300 => "good",
        300..500 => "mild",
        _ => "bad",
    };
    let path = decoded(entry.uri.path());
    let query = entry.uri.query().map(decoded);
    let query = query.map(|query| match is_secret(&query) {
        true => format!("?{BLOT}"),
        false => format!("?{query}"),
    });
    write!(
        f,
        "<details class=\"exchange\"><summary><span class=\"badge {class}\">{}</span><span class=\"mono\">{}</span>\
        <span class=\"path mono\"><bdi>{}{}</bdi></span><span class=\"soft mono wide\">{:.1} ms</span></summary>\
        <div class=\"bodies\">",
        entry.status,
        Escaped(entry.method.as_str()),
        Escaped(&path),
        Escaped(&query.unwrap_or_default()),
        entry.took.as_secs_f64() * 1_000.0,
    )?;
    write!(
        f,
        "<div><h3>sent {:.3}</h3><pre>{}</pre></div>",
        entry.at,
        Escaped(&shown(&entry.sent))
    )?;
    write!(
        f,
        "<div><h3>answered</h3><pre>{}</pre></div></div></details>",
        Escaped(&shown(&entry.answered))
    )
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

/// A body for people: JSON by lines, without secrets.
fn shown(body: &Body) -> String {
    let bytes = match body {
        Body::Large(size) => return format!("({size} bytes)"),
        Body::Kept(bytes) if bytes.is_empty() => return "(no body)".to_owned(),
        Body::Kept(bytes) => bytes,
    };
    let Ok(mut value) = Value::from_slice(bytes) else {
        return format!("({} bytes that are no JSON)", bytes.len());
    };
    blot(&mut value);
    serde_json::to_string_pretty(&value).unwrap_or_else(|_| value.to_string())
}

/// Whether a name or a path speaks of something secret.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["password", "secret", "token", "session"]
        .iter()
        .any(|word| name.contains(word))
}

fn blot(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(blot),
        Value::Object(object) => {
            // An operation of a PATCH names in `path` what its `value` is.
            let path = object
                .get("path")
                .and_then(Value::as_str)
                .is_some_and(is_secret);
            for (name, inner) in object.iter_mut() {
                // So does the filter of a search that is posted.
                let filter = name.eq_ignore_ascii_case("filter");
                let filter = filter && inner.as_str().is_some_and(is_secret);
                if is_secret(name) || filter || path && name.eq_ignore_ascii_case("value") {
                    *inner = BLOT.into();
                } else {
                    blot(inner);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_bodies_are_blotted_out() {
        let body = |text: &'static str| shown(&Body::Kept(text.as_bytes().into()));
        for secret in [
            r#"{"userName": "ada", "Password": "hush"}"#,
            r#"{"Operations": [{"op": "replace", "path": "password", "value": "hush"}]}"#,
            r#"{"Operations": [{"op": "replace", "value": {"urn:ietf:params:scim:schemas:core:2.0:User:password": "hush"}}]}"#,
            r#"{"access_token": "hush", "token_type": "Bearer"}"#,
            r#"{"session": {"id": "hush"}}"#,
            r#"{"schemas": [], "filter": "password eq \"hush\""}"#,
            "password=hush",
        ] {
            assert!(!body(secret).contains("hush"), "{secret}");
        }
        assert!(body(r#"{"userName": "ada"}"#).contains("ada"));
    }
}
