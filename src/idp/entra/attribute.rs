//! The attributes that the mapping table carries: what the directory wants, what the target shows, and the difference.

use super::settings::{AddOrReplace, Emptied, Settings};
use crate::directory::{AppSettings, Person, Place, Source};
use crate::scim::Value;
use crate::scim::patch::Verb;

/// A value on its way to the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A text.
    Text(String),
    /// The flag of `active`, whose form depends on the message.
    Flag(bool),
    /// A text that a PATCH writes as a list of one element.
    Listed(String),
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

/// The table's lines, in its order, `active` second as in the portal (entra/8). What the directory does not have is an empty
/// text, which hardly ever goes out.
pub(super) fn lines(person: &Person, app: &AppSettings, active: Option<bool>) -> Vec<Line> {
    // The manager is a reference, and references travel by themselves (entra/3.1/4).
    let mappings = app.mappings.iter().filter(|m| m.source != Source::Manager);
    let mut lines: Vec<Line> = mappings
        .map(|mapping| Line {
            place: mapping.place.clone(),
            value: Wanted::Text(mapping.source.text(person).unwrap_or_default()),
        })
        .collect();
    if let Some(flag) = active {
        let second = lines
            .iter()
            .position(|line| line.place == Place::core("userName"))
            .map_or(0, |at| at + 1);
        let line = Line {
            place: Place::core("active"),
            value: Wanted::Flag(flag),
        };
        lines.insert(second, line);
    }
    lines
}

/// What makes a line different from what the target shows: nothing, a missing value, or another one.
///
/// What the directory does not have is no difference: Entra never sends that a value was emptied, unless the table's
/// expressions say so (entra/4.6).
pub(super) fn changes(lines: Vec<Line>, shown: &Value, settings: &Settings) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut flags = Vec::new();
    for Line { place, value } in lines {
        let current = find(shown, &place);
        let empty = match &value {
            Wanted::Text(text) | Wanted::Listed(text) => text.is_empty(),
            Wanted::Flag(_) => false,
        };
        let same = match current {
            Some(current) => equal(current, &value),
            None => empty,
        };
        let silent = empty && settings.emptied == Emptied::NotSent;
        let flag = matches!(value, Wanted::Flag(_));
        let change = Change {
            verb: verb(current, settings),
            place,
            value,
        };
        if !same && !silent {
            changes.push(change);
        } else if flag && settings.repeats_active {
            flags.push(change);
        }
    }
    if !changes.is_empty() {
        changes.append(&mut flags);
    }
    changes
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
        Wanted::Text(text) | Wanted::Listed(text) => shown.as_str() == Some(text),
        Wanted::Flag(flag) => match shown {
            Value::String(text) => text.eq_ignore_ascii_case(if *flag { "true" } else { "false" }),
            value => value.as_bool() == Some(*flag),
        },
    }
}

/// The place by which an existing person is found.
pub(super) fn matching_place(app: &AppSettings) -> Place {
    app.matching.place()
}

/// The person's value of the matching attribute, as the mapping table makes it.
pub(super) fn matching_value(person: &Person, app: &AppSettings) -> Option<String> {
    let place = matching_place(app);
    let mapping = app.mappings.iter().find(|m| m.place == place)?;
    mapping.source.text(person)
}

/// The name of somebody in the recycle bin: the object id without its hyphens, and the old name (corrections/EN-22).
pub(super) fn name_in_the_bin(person: &Person) -> String {
    let id = person.directory_id().replace('-', "");
    format!("{id}{}", person.user_name())
}
