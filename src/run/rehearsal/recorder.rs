//! Keeps what went over the wire, in order.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::wire::Origin;
use crate::wire::tape::{Answered, Failed, Recorder, Sent};

/// One request and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrow {
    /// The request, secrets marked.
    pub sent: Sent,
    /// The answer; a good target gives one.
    pub answered: Option<Answered>,
}

/// The arrows so far.
#[derive(Debug, Default)]
pub(super) struct Arrows(Mutex<Vec<Arrow>>);

impl Arrows {
    /// The IdP's arrows so far, which are then forgotten.
    pub(super) fn take(&self) -> Vec<Arrow> {
        let mut arrows = std::mem::take(&mut *self.lock());
        arrows.retain(|arrow| arrow.sent.by.origin == Origin::Idp);
        arrows
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arrow>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorder for Arrows {
    fn sent(&self, sent: Sent) {
        let answered = None;
        self.lock().push(Arrow { sent, answered });
    }

    fn answered(&self, line: Answered) {
        let mut arrows = self.lock();
        let arrow = arrows.iter_mut().rfind(|arrow| arrow.sent.n == line.n);
        if let Some(arrow) = arrow {
            arrow.answered = Some(line);
        }
    }

    fn failed(&self, _: Failed) {}
}
