//! Attributes of the app, by the names that SCIM gives them.

use std::ops::Range;

use super::reader::Notes;
use crate::directory::Place;
use crate::scim::schema::{
    Attribute, COMMON, ENTERPRISE_USER, Mutability, Type, USER, USER_URN, find,
};

/// Reads an attribute that takes a text. A schema of the app's own is taken as it is.
pub(super) fn read(text: &str, at: Range<usize>, notes: &Notes) -> Option<Place> {
    let place = match text.parse::<Place>() {
        Ok(place) => place,
        Err(_) => {
            let what = format!("`{text}` is no attribute");
            let help = "write `title`, `name.givenName`, `emails[type eq \"work\"].value` or `urn:…:User:department`";
            notes.add(at, "this", what, help);
            return None;
        }
    };
    match check(place) {
        Ok(place) => Some(place),
        Err(Wrong::Unknown { what, name, known }) => {
            notes.unknown(at, what, &name, known.iter().map(String::as_str));
            None
        }
        Err(Wrong::Other { what, help }) => {
            notes.add(at, "this attribute", what, help);
            None
        }
    }
}

/// What is wrong with a place.
enum Wrong {
    Unknown {
        what: String,
        name: String,
        known: Vec<String>,
    },
    Other {
        what: String,
        help: String,
    },
}

fn other<T>(what: impl Into<String>, help: impl Into<String>) -> Result<T, Wrong> {
    Err(Wrong::Other {
        what: what.into(),
        help: help.into(),
    })
}

fn check(mut place: Place) -> Result<Place, Wrong> {
    if place
        .extension
        .as_deref()
        .is_some_and(|urn| urn.eq_ignore_ascii_case(USER_URN))
    {
        place.extension = None;
    }
    let enterprise = match &place.extension {
        None => false,
        Some(urn) if urn.eq_ignore_ascii_case(ENTERPRISE_USER.id) => true,
        // What the app's own schema has, only the app knows.
        Some(_) => return Ok(place),
    };
    let (schema, attributes) = if enterprise {
        ("the enterprise schema", vec![ENTERPRISE_USER.attributes])
    } else {
        ("the User schema", vec![USER.attributes, COMMON])
    };
    let found = attributes
        .iter()
        .find_map(|list| find(list, &place.attribute));
    let exact = found.filter(|attribute| attribute.name == place.attribute);
    let Some(attribute) = exact else {
        let prefix = if enterprise {
            format!("{}:", ENTERPRISE_USER.id)
        } else {
            String::new()
        };
        let known = attributes.iter().flat_map(|list| list.iter());
        return Err(Wrong::Unknown {
            what: format!("{schema} has no attribute `{}`", place.attribute),
            name: format!("{prefix}{}", place.attribute),
            known: known.map(|a| format!("{prefix}{}", a.name)).collect(),
        });
    };
    leaf(&place, attribute)?;
    Ok(place)
}

/// The place must lead to a single text.
fn leaf(place: &Place, attribute: &'static Attribute) -> Result<(), Wrong> {
    let name = attribute.name;
    match name {
        "password" => {
            return other(
                "`password` is not mapped here",
                "say `password-sync` in [okta] instead",
            );
        }
        "active" => {
            return other(
                "`active` takes no text: it is what the IdP computes",
                "in [entra], map \"Not([IsSoftDeleted])\" onto it, or `false` so that whoever leaves is deleted",
            );
        }
        _ if attribute.mutability == Mutability::ReadOnly => {
            return other(
                format!("`{name}` is the target's own to set"),
                "map onto another attribute",
            );
        }
        // The manager is the one reference that IdPs write.
        "manager" if place.sub.is_none() => return Ok(()),
        _ => {}
    }
    if attribute.kind != Type::Complex {
        if place.sub.is_some() || place.element.is_some() {
            return other(format!("`{name}` has no parts"), format!("write `{name}`"));
        }
        return text(name, attribute);
    }
    let subs: Vec<String> = attribute
        .subs
        .iter()
        .map(|sub| sub.name.to_owned())
        .collect();
    let example = |sub: &str| match attribute.multi_valued {
        true => format!("{name}[type eq \"work\"].{sub}"),
        false => format!("{name}.{sub}"),
    };
    let Some(written) = &place.sub else {
        let first = attribute.default_sub().or(attribute.subs.first());
        let example = example(first.map_or("value", |sub| sub.name));
        return other(
            format!("`{name}` has parts, and one of them is meant"),
            format!("write such as `{example}`"),
        );
    };
    let Some(sub) = attribute.sub(written).filter(|sub| sub.name == written) else {
        return Err(Wrong::Unknown {
            what: format!("`{name}` has no part `{written}`"),
            name: written.clone(),
            known: subs,
        });
    };
    if attribute.multi_valued != place.element.is_some() {
        return other(
            if attribute.multi_valued {
                format!("`{name}` is a list, and one of its elements is meant")
            } else {
                format!("`{name}` is no list")
            },
            format!("write such as `{}`", example(sub.name)),
        );
    }
    if attribute.multi_valued && sub.name == "type" {
        return other(
            format!("the `type` of `{name}` follows from the brackets"),
            format!("write such as `{}`", example("value")),
        );
    }
    text(&format!("{name}.{}", sub.name), sub)
}

fn text(name: &str, attribute: &Attribute) -> Result<(), Wrong> {
    match attribute.kind {
        Type::String | Type::Reference => Ok(()),
        _ => other(
            format!("`{name}` takes no text"),
            "map onto an attribute that takes one",
        ),
    }
}
