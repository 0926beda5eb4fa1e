//! `[okta.mappings]` and the like: which attribute of the directory goes where.
//!
//! A line names the app's attribute, and what is mapped onto it in the console's own language; `false` takes the line of
//! the default table out.

use toml::de::DeValue;

use super::place;
use super::reader::Section;
use crate::directory::{AppChanges, Expression, Family, Place, Source};
use crate::scim::schema::ENTERPRISE_URN;

/// Reads the table.
pub(super) fn read(family: Family, mut section: Section<'_>, changes: &mut AppChanges) {
    let notes = section.notes();
    for (key, value) in section.rest() {
        let name = *key.get_ref();
        let text = match value.get_ref() {
            DeValue::String(text) => Some(text.as_ref()),
            DeValue::Boolean(false) => None,
            other => {
                let expected = "an expression in quotes, or false";
                section.wrong_type(name, value.span(), expected, other);
                continue;
            }
        };
        let expression = match text.map(|text| Expression::parse(family, text)).transpose() {
            Ok(expression) => expression,
            Err(error) => {
                match error.names() {
                    Some((wrong, known)) if !known.is_empty() => {
                        let known = known.iter().map(String::as_str);
                        notes.unknown(value.span(), error.to_string(), wrong, known);
                    }
                    _ => notes.add(value.span(), "this", error.to_string(), error.help()),
                }
                continue;
            }
        };
        let computed = family == Family::Entra && ["active", "roles"].contains(&name);
        if computed {
            match (name, expression) {
                ("active", None) => changes.soft_delete = Some(false),
                ("active", Some(Expression::NotSoftDeleted)) => changes.soft_delete = Some(true),
                ("roles", None) => {}
                ("roles", Some(Expression::Roles(roles))) => changes.roles = Some(roles),
                _ => {
                    let what = format!("`{name}` takes another expression");
                    let help = if name == "active" {
                        "write \"Not([IsSoftDeleted])\", or false"
                    } else {
                        "write such as \"AppRoleAssignmentsComplex([appRoleAssignments])\""
                    };
                    notes.add(value.span(), "this", what, help);
                }
            }
            continue;
        }
        let Some(place) = place::read(name, key.span(), notes) else {
            continue;
        };
        let source = match expression {
            None => None,
            Some(Expression::Value(source)) => Some(source),
            Some(Expression::NotSoftDeleted | Expression::Roles(_)) => {
                let what = format!("this expression gives no text, and `{name}` takes one");
                let help = "it belongs to `active` or to `roles`";
                notes.add(value.span(), "this", what, help);
                continue;
            }
        };
        if let Some((what, help)) = misfit(&place, source.as_ref()) {
            notes.add(value.span(), "this", what, help);
            continue;
        }
        changes.mappings.push((place, source));
    }
}

/// Why that source cannot stand at that place.
fn misfit(place: &Place, source: Option<&Source>) -> Option<(String, &'static str)> {
    let manager = Place::new(Some(ENTERPRISE_URN), "manager", None, None);
    match source {
        None if *place == Place::core("userName") => {
            let what = "every IdP writes `userName`".to_owned();
            Some((what, "map something else onto it"))
        }
        Some(Source::Constant(text)) if text.is_empty() => {
            let what = "an empty constant maps nothing".to_owned();
            Some((what, "write false to take the line out"))
        }
        Some(Source::Constant(_)) if *place == Place::core("userName") => {
            let what = "everybody would have the same `userName`".to_owned();
            Some((what, "map an attribute of the directory onto it"))
        }
        Some(Source::Manager) if *place != manager => {
            let what = format!("a manager is a person, and `{place}` takes a text");
            Some((what, "map `manager` onto the enterprise schema's `manager`"))
        }
        Some(source) if *place == manager && *source != Source::Manager => {
            let what = "`manager` takes a person, not a text".to_owned();
            Some((what, "map `manager` onto it"))
        }
        _ => None,
    }
}
