//! Choosing faults: `ID` or `ID=MODE`.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};

use super::seam::Hook;
use super::{ALL, Fault};
use crate::nearest;

/// A fault in one of its modes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultChoice {
    /// The fault's id.
    pub id: String,
    /// One of its modes.
    pub mode: String,
}

/// Why a choice names no fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChoiceError {
    /// There is no fault of that id.
    #[error("there is no fault `{id}`{hint}")]
    Unknown {
        /// What was asked for.
        id: String,
        /// `; did you mean …?`, where an id is near.
        hint: String,
    },
    /// The fault has no such mode.
    #[error("fault `{id}` has no mode `{mode}`; its modes are {modes}")]
    Mode {
        /// The fault.
        id: &'static str,
        /// What was asked for.
        mode: String,
        /// What there is.
        modes: String,
    },
}

/// The fault of that id.
pub fn find(id: &str) -> Option<&'static Fault> {
    ALL.iter().find(|fault| fault.id == id)
}

impl FromStr for FaultChoice {
    type Err = ChoiceError;

    fn from_str(text: &str) -> Result<Self, ChoiceError> {
        let (id, mode) = match text.split_once('=') {
            Some((id, mode)) => (id, Some(mode)),
            None => (text, None),
        };
        let fault = resolve(id)?;
        let mode = mode.unwrap_or(fault.modes[0]);
        check_mode(fault, mode)?;
        Ok(Self {
            id: fault.id.to_owned(),
            mode: mode.to_owned(),
        })
    }
}

impl fmt::Display for FaultChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.id, self.mode)
    }
}

fn resolve(id: &str) -> Result<&'static Fault, ChoiceError> {
    find(id).ok_or_else(|| ChoiceError::Unknown {
        id: id.to_owned(),
        hint: nearest::hint(id, ALL.iter().map(|fault| fault.id)),
    })
}

fn check_mode(fault: &'static Fault, mode: &str) -> Result<(), ChoiceError> {
    if fault.modes.contains(&mode) {
        return Ok(());
    }
    Err(ChoiceError::Mode {
        id: fault.id,
        mode: mode.to_owned(),
        modes: fault.modes.join(", "),
    })
}

/// The faults of one tenant, with their modes.
#[derive(Debug, Default)]
pub(in crate::server) struct Faults {
    chosen: Vec<(&'static Fault, String)>,
    pub(in crate::server) notes: Notes,
}

/// What a fault remembers from one request to the next: texts under names.
#[derive(Debug, Default)]
pub(in crate::server) struct Notes(Mutex<BTreeMap<String, String>>);

impl Notes {
    pub(super) fn set(&self, name: String, text: String) {
        let notes = self.0.lock();
        let mut notes = notes.unwrap_or_else(PoisonError::into_inner);
        notes.insert(name, text);
    }

    /// Replaces what is remembered under a name; nothing is forgotten.
    pub(super) fn change(&self, name: &str, change: impl FnOnce(Option<&str>) -> Option<String>) {
        let notes = self.0.lock();
        let mut notes = notes.unwrap_or_else(PoisonError::into_inner);
        match change(notes.get(name).map(String::as_str)) {
            Some(text) => notes.insert(name.to_owned(), text),
            None => notes.remove(name),
        };
    }

    pub(super) fn has(&self, name: &str) -> bool {
        let notes = self.0.lock();
        notes
            .unwrap_or_else(PoisonError::into_inner)
            .contains_key(name)
    }

    pub(super) fn get(&self, name: &str) -> Option<String> {
        let notes = self.0.lock();
        let notes = notes.unwrap_or_else(PoisonError::into_inner);
        notes.get(name).cloned()
    }

    pub(super) fn take(&self, name: &str) -> Option<String> {
        let notes = self.0.lock();
        notes.unwrap_or_else(PoisonError::into_inner).remove(name)
    }
}

impl Faults {
    pub(in crate::server) fn new(choices: &[FaultChoice]) -> Result<Self, ChoiceError> {
        let resolved = choices.iter().map(|choice| {
            let fault = resolve(&choice.id)?;
            check_mode(fault, &choice.mode)?;
            Ok((fault, choice.mode.clone()))
        });
        Ok(Self {
            chosen: resolved.collect::<Result<_, _>>()?,
            notes: Notes::default(),
        })
    }

    /// Whether there is any.
    pub(in crate::server) fn any(&self) -> bool {
        !self.chosen.is_empty()
    }

    /// Every hook of every fault with the fault's mode.
    pub(super) fn hooks(&self) -> impl Iterator<Item = (&'static Hook, &str)> {
        self.chosen
            .iter()
            .flat_map(|(fault, mode)| fault.hooks.iter().map(move |hook| (hook, mode.as_str())))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_choice_is_an_id_with_or_without_a_mode() {
        let fault = &ALL[0];
        let choice: FaultChoice = fault.id.parse().unwrap();
        assert_eq!(
            choice.to_string(),
            format!("{}={}", fault.id, fault.modes[0])
        );
        assert_eq!(choice.to_string().parse(), Ok(choice));
        let error = format!("{}=nonsense", fault.id)
            .parse::<FaultChoice>()
            .unwrap_err();
        assert!(error.to_string().contains(fault.modes[0]), "{error}");
    }

    #[test]
    fn a_misspelt_id_is_answered_with_the_nearest() {
        for fault in ALL {
            let misspelt = format!("{}x", fault.id);
            let error = misspelt.parse::<FaultChoice>().unwrap_err().to_string();
            assert!(error.contains(fault.id), "{error}");
        }
    }

    #[test]
    fn there_are_no_more_than_fifteen_seams() {
        let seams: BTreeSet<_> = ALL.iter().flat_map(Fault::seams).collect();
        assert!(seams.len() <= 15, "{seams:?}");
    }

    #[test]
    fn ids_are_unique_kebab_case_and_every_fault_has_a_mode_and_a_hook() {
        for (i, fault) in ALL.iter().enumerate() {
            assert!(
                ALL[..i].iter().all(|other| other.id != fault.id),
                "{}",
                fault.id
            );
            let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(fault.id.chars().all(kebab), "{}", fault.id);
            assert!(
                !fault.modes.is_empty() && !fault.hooks.is_empty(),
                "{}",
                fault.id
            );
        }
    }
}
