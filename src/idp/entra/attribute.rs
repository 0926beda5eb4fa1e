//! The attributes that the mapping table carries: what the directory wants, what the target shows, and the difference.

use super::settings::{AddOrReplace, Settings};
use crate::directory::{AppSettings, Matching, Person, Place};
use crate::scim::Value;
use crate::scim::patch::Verb;
use crate::scim::schema::ENTERPRISE_URN;

/// A value on its way to the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A text.
    Text(String),
    /// The flag of `active`, whose form depends on the message.
    Flag(bool),
}

/// A line of the mapping table, with the directory's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Where the value goes.
    pub(super) place: Place,
    /// The value.
    pub(super) value: Wanted,
}

/// A line that differs from what the target shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    /// How it is written.
    pub(super) verb: Verb,
    /// Where.
    pub(super) place: Place,
    /// What.
    pub(super) value: Wanted,
}

/// The lines that have a value, in the table's order, `active` second as in the portal (entra/8).
///
/// What the directory does not have is left out: Entra never sends that a value was emptied (entra/4.6/1).
pub(super) fn lines(person: &Person, app: &AppSettings, active: Option<bool>) -> Vec<Line> {
    let mut lines: Vec<Line> = app
        .mappings
        .iter()
        .filter_map(|mapping| {
            // The manager is a reference, and references travel by themselves (entra/3.1/4).
            let value = mapping.source.text(person)?;
            Some(Line {
                place: mapping.place.clone(),
                value: Wanted::Text(value),
            })
        })
        .collect();
    if let Some(flag) = active {
        let second = lines
            .iter()
            .position(|line| line.place == core("userName"))
            .map_or(0, |at| at + 1);
        let line = Line {
            place: core("active"),
            value: Wanted::Flag(flag),
        };
        lines.insert(second, line);
    }
    lines
}

/// What makes a line different from what the target shows: nothing, a missing value, or another one.
pub(super) fn changes(lines: Vec<Line>, shown: &Value, settings: &Settings) -> Vec<Change> {
    lines
        .into_iter()
        .filter_map(|Line { place, value }| {
            let current = find(shown, &place);
            if current.is_some_and(|current| equal(current, &value)) {
                return None;
            }
            let verb = verb(current, settings);
            Some(Change { verb, place, value })
        })
        .collect()
}

/// `Add` where the target shows nothing or an empty text, `Replace` where it shows a value (entra/13/4).
pub(super) fn verb(current: Option<&Value>, settings: &Settings) -> Verb {
    let missing = match current {
        None => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(value) => value.is_unassigned(),
    };
    match settings.add_or_replace {
        AddOrReplace::ByPresence if missing => Verb::Add,
        AddOrReplace::AlwaysAdd => Verb::Add,
        AddOrReplace::ByPresence | AddOrReplace::AlwaysReplace => Verb::Replace,
    }
}

/// The value that a resource shows at a place.
pub(super) fn find<'a>(resource: &'a Value, place: &Place) -> Option<&'a Value> {
    let holder = match &place.extension {
        Some(urn) => resource.get(urn)?,
        None => resource,
    };
    let mut value = holder.get(&place.attribute)?;
    if let Some(wanted) = &place.element {
        value = value.as_array()?.iter().find(|element| {
            let kind = element.get("type").and_then(Value::as_str);
            kind.is_some_and(|kind| kind.eq_ignore_ascii_case(wanted))
        })?;
    }
    match &place.sub {
        Some(sub) => value.get(sub),
        None => Some(value),
    }
}

fn equal(shown: &Value, wanted: &Wanted) -> bool {
    match wanted {
        Wanted::Text(text) => shown.as_str() == Some(text),
        Wanted::Flag(flag) => match shown {
            Value::String(text) => text.eq_ignore_ascii_case(if *flag { "true" } else { "false" }),
            value => value.as_bool() == Some(*flag),
        },
    }
}

/// The place by which an existing person is found.
pub(super) fn matching_place(app: &AppSettings) -> Place {
    match app.matching {
        Matching::UserName => core("userName"),
        Matching::ExternalId => core("externalId"),
        Matching::WorkEmail => Place {
            extension: None,
            attribute: "emails".to_owned(),
            element: Some("work".to_owned()),
            sub: Some("value".to_owned()),
        },
    }
}

/// The person's value of the matching attribute, as the mapping table makes it.
pub(super) fn matching_value(person: &Person, app: &AppSettings) -> Option<String> {
    let place = matching_place(app);
    let mapping = app.mappings.iter().find(|m| m.place == place)?;
    mapping.source.text(person)
}

/// A core attribute without sub-attributes.
pub(super) fn core(name: &str) -> Place {
    Place {
        extension: None,
        attribute: name.to_owned(),
        element: None,
        sub: None,
    }
}

/// The manager's place (entra/8/22).
pub(super) fn manager_place() -> Place {
    Place {
        extension: Some(ENTERPRISE_URN.to_owned()),
        ..core("manager")
    }
}
