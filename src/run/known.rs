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
