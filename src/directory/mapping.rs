//! Which attribute of the directory goes where in the app: the table that an administrator sees in the IdP's console.

use std::fmt;
use std::ops::{Deref, DerefMut};
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Attribute, Family, Source};

/// Where a value lives in the app, in the notation of RFC 7644 §3.10 with an optional selection by `type`:
/// `title`, `name.givenName`, `emails[type eq "work"].value`, `urn:…:User:department`.
///
/// Every promise and every look names places, so clones share what they hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place(Arc<Parts>);

/// What a [`Place`] is made of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Parts {
    /// The URN of the extension, where the attribute is not a core one.
    pub extension: Option<String>,
    /// The attribute.
    pub attribute: String,
    /// The `type` of the element meant, where the attribute has several values.
    pub element: Option<String>,
    /// The sub-attribute.
    pub sub: Option<String>,
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mapping {
    /// Where the value comes from.
    pub source: Source,
    /// Where it goes.
    pub place: Place,
}

/// The URN of the enterprise extension (RFC 7643 §4.3).
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

impl Mapping {
    fn core(source: Source, attribute: &str, element: Option<&str>, sub: Option<&str>) -> Self {
        let place = Place::new(None, attribute, element, sub);
        Self { source, place }
    }

    fn enterprise(source: Source, attribute: &str) -> Self {
        let place = Place::new(Some(ENTERPRISE), attribute, None, None);
        Self { source, place }
    }

    /// The table that a new app has, before an administrator touches it.
    pub fn defaults(family: Family) -> Vec<Self> {
        use Attribute as A;
        use Source::Attribute as From;
        match family {
            Family::Okta => vec![
                Self::core(From(A::UserName), "userName", None, None),
                Self::core(From(A::Given), "name", None, Some("givenName")),
                Self::core(From(A::Family), "name", None, Some("familyName")),
                Self::core(From(A::Email), "emails", Some("work"), Some("value")),
                Self::core(From(A::Title), "title", None, None),
                Self::core(From(A::DisplayName), "displayName", None, None),
                Self::core(From(A::PreferredLanguage), "locale", None, None),
                Self::enterprise(From(A::EmployeeNumber), "employeeNumber"),
                Self::enterprise(From(A::Department), "department"),
                Self::core(From(A::DirectoryId), "externalId", None, None),
            ],
            Family::Entra => vec![
                Self::core(From(A::UserName), "userName", None, None),
                Self::core(From(A::DisplayName), "displayName", None, None),
                Self::core(From(A::Title), "title", None, None),
                Self::core(From(A::Email), "emails", Some("work"), Some("value")),
                Self::core(From(A::PreferredLanguage), "preferredLanguage", None, None),
                Self::core(From(A::Given), "name", None, Some("givenName")),
                Self::core(From(A::Family), "name", None, Some("familyName")),
                Self::core(Source::full_name(), "name", None, Some("formatted")),
                Self::core(
                    From(A::Office),
                    "addresses",
                    Some("work"),
                    Some("formatted"),
                ),
                Self::core(
                    From(A::Street),
                    "addresses",
                    Some("work"),
                    Some("streetAddress"),
                ),
                Self::core(From(A::City), "addresses", Some("work"), Some("locality")),
                Self::core(From(A::Region), "addresses", Some("work"), Some("region")),
                Self::core(
                    From(A::PostalCode),
                    "addresses",
                    Some("work"),
                    Some("postalCode"),
                ),
                Self::core(From(A::Country), "addresses", Some("work"), Some("country")),
                Self::core(
                    From(A::WorkPhone),
                    "phoneNumbers",
                    Some("work"),
                    Some("value"),
                ),
                Self::core(
                    From(A::MobilePhone),
                    "phoneNumbers",
                    Some("mobile"),
                    Some("value"),
                ),
                Self::core(From(A::Fax), "phoneNumbers", Some("fax"), Some("value")),
                Self::core(From(A::MailNickname), "externalId", None, None),
                Self::enterprise(From(A::EmployeeNumber), "employeeNumber"),
                Self::enterprise(From(A::Department), "department"),
                Self::enterprise(Source::Manager, "manager"),
            ],
            Family::Jumpcloud => vec![
                Self::core(From(A::UserName), "userName", None, None),
                Self::core(From(A::Given), "name", None, Some("givenName")),
                Self::core(From(A::Family), "name", None, Some("familyName")),
                Self::core(From(A::Email), "emails", Some("work"), Some("value")),
                Self::core(From(A::DisplayName), "displayName", None, None),
                Self::core(From(A::Title), "title", None, None),
                Self::core(
                    From(A::WorkPhone),
                    "phoneNumbers",
                    Some("work"),
                    Some("value"),
                ),
                Self::core(From(A::PreferredLanguage), "preferredLanguage", None, None),
                Self::enterprise(From(A::Department), "department"),
                Self::core(From(A::DirectoryId), "externalId", None, None),
            ],
        }
    }
}

impl Place {
    /// An attribute, with the URN of its extension, the `type` of its element and its sub-attribute.
    pub fn new(
        extension: Option<&str>,
        attribute: &str,
        element: Option<&str>,
        sub: Option<&str>,
    ) -> Self {
        Self(Arc::new(Parts {
            extension: extension.map(str::to_owned),
            attribute: attribute.to_owned(),
            element: element.map(str::to_owned),
            sub: sub.map(str::to_owned),
        }))
    }

    /// A core attribute without sub-attributes.
    pub fn core(attribute: &str) -> Self {
        Self::new(None, attribute, None, None)
    }
}

impl Deref for Place {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl DerefMut for Place {
    fn deref_mut(&mut self) -> &mut Parts {
        Arc::make_mut(&mut self.0)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = &self.extension {
            write!(f, "{urn}:")?;
        }
        f.write_str(&self.attribute)?;
        if let Some(element) = &self.element {
            write!(f, "[type eq \"{element}\"]")?;
        }
        match &self.sub {
            Some(sub) => write!(f, ".{sub}"),
            None => Ok(()),
        }
    }
}

/// Why a text is not a place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a place for a value: write `title`, `name.givenName`, `emails[type eq \"work\"].value` or `urn:…:User:department`"
)]
pub struct ParsePlaceError(String);

impl FromStr for Place {
    type Err = ParsePlaceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || ParsePlaceError(text.to_owned());
        let name = |part: &str| {
            let legal = part.starts_with(|c: char| c.is_ascii_alphabetic())
                && part
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
            legal.then(|| part.to_owned()).ok_or_else(wrong)
        };
        // The last colon ends the URN: `2.0` holds a dot, so dots may only be read behind it.
        let (extension, rest) = match text.get(..4) {
            Some(start) if start.eq_ignore_ascii_case("urn:") => {
                let (urn, rest) = text.rsplit_once(':').ok_or_else(wrong)?;
                (Some(urn.to_owned()), rest)
            }
            _ => (None, text),
        };
        let (head, element, tail) = match rest.split_once("[type eq \"") {
            Some((head, after)) => {
                let (element, tail) = after.split_once("\"]").ok_or_else(wrong)?;
                (head, Some(element.to_owned()), tail)
            }
            None => match rest.split_once('.') {
                Some((head, _)) => (head, None, &rest[head.len()..]),
                None => (rest, None, ""),
            },
        };
        let sub = match tail.strip_prefix('.') {
            Some(sub) => Some(name(sub)?),
            None if tail.is_empty() => None,
            None => return Err(wrong()),
        };
        Ok(Self(Arc::new(Parts {
            extension,
            attribute: name(head)?,
            element,
            sub,
        })))
    }
}

impl Serialize for Place {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_place_reads_back_as_it_is_written() {
        for family in [Family::Okta, Family::Entra, Family::Jumpcloud] {
            for mapping in Mapping::defaults(family) {
                let text = mapping.place.to_string();
                assert_eq!(text.parse::<Place>().as_ref(), Ok(&mapping.place), "{text}");
            }
        }
    }

    #[test]
    fn nonsense_is_not_a_place() {
        for text in [
            "",
            ".",
            "name.",
            "emails[",
            "emails[type eq \"work\"]x",
            "na me",
            "urn:x:",
            "a.b.c",
        ] {
            assert!(text.parse::<Place>().is_err(), "{text}");
        }
    }
}
