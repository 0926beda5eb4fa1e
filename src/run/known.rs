//! What the auditor remembers of each person and group, so that nobody is asked again for what cannot have changed.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::directory::Subject;
use crate::model::Observation;
use crate::wire::Request;

/// What is known of one person or group.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// What the resource itself showed when it was read last.
    pub(super) read: Observation,
    /// That, and all that was found out beside.
    pub(super) last: Observation,
    /// The IdP's own lookup whose answer is among it.
    pub(super) lookup: Option<Request>,
    /// Whether nothing was written since.
    fresh: bool,
}

impl Known {
    /// What a resource shows, and nothing beside.
    pub(super) fn by(read: Observation) -> Self {
        Self {
            last: read.clone(),
            read,
            lookup: None,
            fresh: true,
        }
    }

    /// The number of the last exchange that shows it.
    fn at(&self) -> u64 {
        let shown = self.read.exchanges.iter().chain(&self.last.exchanges);
        shown.max().copied().unwrap_or(0)
    }
}

/// What is known of everybody in one story.
#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<BTreeMap<Subject, Known>>);

impl Memory {
    /// What is known of a subject.
    pub(super) fn of(&self, subject: &Subject) -> Option<Known> {
        self.known().get(subject).cloned()
    }

    /// What is known of a subject, if nothing was written since.
    pub(super) fn fresh(&self, subject: &Subject) -> Option<Known> {
        self.of(subject).filter(|known| known.fresh)
    }

    /// Remembers what was just seen.
    pub(super) fn keep(&self, known: Known) {
        let subject = known.last.subject.clone();
        self.known().insert(subject, known);
    }

    /// Remembers what was found out beside; the resource is as fresh or stale as it was.
    pub(super) fn add(&self, seen: Observation) {
        let mut all = self.known();
        match all.get_mut(&seen.subject) {
            Some(known) => known.last = seen,
            None => {
                let known = Known {
                    read: Observation::nothing(seen.subject.clone()),
                    last: seen,
                    lookup: None,
                    fresh: false,
                };
                all.insert(known.last.subject.clone(), known);
            }
        }
    }

    /// Something was written by the exchange of that number: only what was seen later is as it is now.
    pub(super) fn written_by(&self, exchange: u64) {
        for known in self.known().values_mut() {
            known.fresh &= known.at() > exchange;
        }
    }

    /// Time has passed, or somebody may have written unseen.
    pub(super) fn doubt(&self) {
        for known in self.known().values_mut() {
            known.fresh = false;
        }
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<Subject, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::PersonKey;

    fn seen(key: &str, exchange: u64) -> Observation {
        let mut seen = Observation::nothing(Subject::Person(PersonKey::new(key)));
        seen.exchanges.push(exchange);
        seen
    }

    fn is_fresh(memory: &Memory, key: &str) -> bool {
        let subject = Subject::Person(PersonKey::new(key));
        memory.fresh(&subject).is_some()
    }

    #[test]
    fn a_write_leaves_fresh_only_what_was_seen_after_it() {
        let memory = Memory::default();
        memory.keep(Known::by(seen("ada", 4)));
        memory.keep(Known::by(seen("bob", 6)));
        memory.written_by(5);
        assert!(!is_fresh(&memory, "ada"));
        assert!(is_fresh(&memory, "bob"));
        memory.doubt();
        assert!(!is_fresh(&memory, "bob"));
    }

    #[test]
    fn what_is_found_out_beside_makes_nothing_fresh() {
        let memory = Memory::default();
        memory.keep(Known::by(seen("ada", 4)));
        memory.written_by(5);
        memory.add(seen("ada", 6));
        memory.add(seen("bob", 7));
        assert!(!is_fresh(&memory, "ada"));
        assert!(!is_fresh(&memory, "bob"));
        let ada = memory.of(&Subject::Person(PersonKey::new("ada")));
        assert_eq!(ada.map(|known| known.read), Some(seen("ada", 4)));
    }
}
