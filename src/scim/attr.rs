//! Attribute notation (RFC 7644 §3.10): `name`, `name.sub`, `URN:name`, `URN:name.sub`, or a bare URN.

use std::fmt;
use std::str::FromStr;

/// How an attribute is named in a filter, a PATCH path or a list of attributes.
///
/// Names keep the case in which they were written; whoever looks one up compares without case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttrPath {
    /// The schema's URN, if the name is qualified.
    pub urn: Option<String>,
    /// The attribute; empty where the text was a URN that no attribute name can end (`urn:example:1.0`).
    pub name: String,
    /// The sub-attribute.
    pub sub: Option<String>,
}

/// The text is no attribute name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an attribute name")]
pub struct NotAnAttribute(pub String);

impl AttrPath {
    /// An unqualified attribute without a sub-attribute.
    pub fn simple(name: impl Into<String>) -> Self {
        Self {
            urn: None,
            name: name.into(),
            sub: None,
        }
    }

    /// Whether this is that attribute, unqualified and without a sub-attribute.
    pub fn is_simple(&self, name: &str) -> bool {
        self.urn.is_none() && self.sub.is_none() && self.name.eq_ignore_ascii_case(name)
    }

    /// Whether a character may stand in attribute notation outside of brackets.
    pub(super) fn allows(c: char) -> bool {
        c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '$' | '.' | ':')
    }
}

/// A letter or `$` (as in `$ref`), then letters, digits, `-`, `_`, `$` (RFC 7643 §2.1).
fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '$')
        && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '$'))
}

impl FromStr for AttrPath {
    type Err = NotAnAttribute;

    fn from_str(text: &str) -> Result<Self, NotAnAttribute> {
        let wrong = || NotAnAttribute(text.to_owned());
        let is_urn = text
            .get(..4)
            .is_some_and(|head| head.eq_ignore_ascii_case("urn:"));
        let (urn, rest) = match text.rsplit_once(':') {
            Some((urn, rest)) if is_urn && text.chars().all(Self::allows) => (Some(urn), rest),
            Some(_) => return Err(wrong()),
            None => (None, text),
        };
        let (name, sub) = match rest.split_once('.') {
            Some((name, sub)) => (name, Some(sub)),
            None => (rest, None),
        };
        if is_name(name) && sub.is_none_or(is_name) {
            return Ok(Self {
                urn: urn.map(str::to_owned),
                name: name.to_owned(),
                sub: sub.map(str::to_owned),
            });
        }
        if urn.is_none() || rest.is_empty() {
            return Err(wrong());
        }
        Ok(Self {
            urn: Some(text.to_owned()),
            name: String::new(),
            sub: None,
        })
    }
}

/// The notation again, as it was read.
impl fmt::Display for AttrPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = &self.urn {
            f.write_str(urn)?;
            if !self.name.is_empty() {
                f.write_str(":")?;
            }
        }
        f.write_str(&self.name)?;
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_notation_is_taken_apart_and_put_together_again() {
        let ext = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        for (text, urn, name, sub) in [
            ("userName", None, "userName", None),
            ("name.givenName", None, "name", Some("givenName")),
            ("members.$ref", None, "members", Some("$ref")),
            ("$ref", None, "$ref", None),
            (
                &format!("{ext}:manager.value"),
                Some(ext),
                "manager",
                Some("value"),
            ),
            (
                "URN:ietf:params:scim:schemas:core:2.0:User:x-y_1",
                Some("URN:ietf:params:scim:schemas:core:2.0:User"),
                "x-y_1",
                None,
            ),
            ("urn:example:hr:1.0", Some("urn:example:hr:1.0"), "", None),
        ] {
            let path: AttrPath = text.parse().unwrap();
            assert_eq!(
                (path.urn.as_deref(), &*path.name, path.sub.as_deref()),
                (urn, name, sub)
            );
            assert_eq!(path.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in [
            "", ".", "a.", ".a", "a.b.c", "1a", "a b", "a:b", "urn:", "ä", "a[", "urn:x:",
        ] {
            assert!(text.parse::<AttrPath>().is_err(), "{text}");
        }
    }
}
