//! The target of a PATCH operation (RFC 7644 §3.5.2): `attr`, `attr.sub`, `attr[filter]`, `attr[filter].sub`.

use std::fmt;
use std::str::FromStr;

use super::filter::{FilterError, Grammar, MAX_LENGTH};
use super::{AttrPath, Filter};

/// Where a PATCH operation acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatchPath {
    /// The attribute, with its sub-attribute whether or not a filter stands between them.
    pub attr: AttrPath,
    /// Which values of a multi-valued attribute are meant.
    pub filter: Option<Filter>,
}

/// Why a text is no PATCH path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PathError {
    /// The attribute or sub-attribute is no name.
    #[error("`{0}` is not a path: expected attr, attr.sub, attr[filter] or attr[filter].sub")]
    NotAPath(String),
    /// The part between the brackets is no filter.
    #[error("the path's filter cannot be read: {0}")]
    Filter(#[from] FilterError),
}

impl FromStr for PatchPath {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let wrong = || PathError::NotAPath(text.chars().take(200).collect());
        if text.len() > MAX_LENGTH {
            return Err(FilterError::TooLong.into());
        }
        let Some(bracket) = text.find('[') else {
            let attr = text.trim().parse().map_err(|_| wrong())?;
            return Ok(Self { attr, filter: None });
        };
        let (head, mut rest) = text.split_at(bracket);
        let mut attr: AttrPath = head.trim().parse().map_err(|_| wrong())?;
        let filter = Grammar::bracketed(&mut rest).map_err(|f| f.into_error(text.len()))?;
        let rest = rest.trim_end();
        match rest.strip_prefix('.') {
            Some(sub) if attr.sub.is_none() => {
                let sub: AttrPath = sub.parse().map_err(|_| wrong())?;
                if sub.urn.is_some() || sub.sub.is_some() {
                    return Err(wrong());
                }
                attr.sub = Some(sub.name);
            }
            None if rest.is_empty() => {}
            _ => return Err(wrong()),
        }
        Ok(Self {
            attr,
            filter: Some(filter),
        })
    }
}

impl fmt::Display for PatchPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(filter) = &self.filter else {
            return write!(f, "{}", self.attr);
        };
        let list = AttrPath {
            sub: None,
            ..self.attr.clone()
        };
        write!(f, "{list}[{filter}]")?;
        match &self.attr.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_and_written_again() {
        for text in [
            "active",
            "name.givenName",
            r#"members[value eq "4f"]"#,
            r#"emails[type eq "work" and primary eq true].value"#,
            r#"roles[primary eq "True"].display"#,
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
            "urn:example:ext:2.0:User:contacts[primary eq true].value",
        ] {
            let path: PatchPath = text.parse().unwrap();
            assert_eq!(path.to_string(), text);
        }
    }

    #[test]
    fn broken_paths_are_refused() {
        for text in [
            "",
            "a.b.c",
            "[x pr]",
            "a[",
            "a[]",
            "a[b eq]",
            "a[b pr",
            "a[b pr]x",
            "a[b pr].c.d",
            "a.b[c pr].d",
            "a[b pr].",
            "a b",
            "/Users",
        ] {
            assert!(text.parse::<PatchPath>().is_err(), "{text}");
        }
        let deep = format!("a[{}b pr{}]", "(".repeat(5_000), ")".repeat(5_000));
        assert_eq!(
            deep.parse::<PatchPath>(),
            Err(PathError::Filter(FilterError::TooDeep))
        );
    }
}
