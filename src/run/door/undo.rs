//! What must be taken back at the product when a story is over, however it ends.

use std::sync::{Arc, Mutex, PoisonError};

use crate::wire::{Origin, Request, Wire};

/// What a story did at the product, newest last.
#[derive(Clone, Default)]
pub(in crate::run) struct Undo(Arc<Mutex<Vec<Back>>>);

/// One request that takes something back.
pub(super) struct Back {
    /// What it does, as in `lift the ban of ada`.
    pub(super) what: String,
    pub(super) wire: Wire,
    pub(super) request: Request,
    /// The statuses by which the product shows that it was done.
    pub(super) accepted: Vec<u16>,
}

impl Undo {
    /// Remembers what takes back a deed that is about to be done.
    pub(super) fn remember(&self, back: Back) {
        self.lock().push(back);
    }

    /// Forgets the newest, because its deed was refused.
    pub(super) fn forget(&self) {
        self.lock().pop();
    }

    /// Takes one out, to do it now.
    pub(super) fn take(&self, what: &str) -> Option<Back> {
        let mut backs = self.lock();
        let at = backs.iter().rposition(|back| back.what == what)?;
        Some(backs.remove(at))
    }

    /// Takes everything back, the newest first, and says what could not be.
    pub(in crate::run) async fn all(&self) -> Vec<String> {
        let mut left = Vec::new();
        loop {
            // Not in the loop's head, or the lock would be held while the request travels.
            let newest = self.lock().pop();
            let Some(back) = newest else {
                return left;
            };
            if let Err(why) = back.run().await {
                left.push(why);
            }
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Back>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Back {
    /// Does it, or says what is left.
    pub(super) async fn run(self) -> Result<(), String> {
        let wire = self.wire.origin(Origin::Cleanup);
        match wire.send(self.request).await {
            // What is not there any more need not be taken back.
            Ok(reply) if self.accepted.contains(&reply.status) || reply.status == 404 => Ok(()),
            Ok(reply) => Err(format!(
                "the product: to {} was answered with {}",
                self.what, reply.status
            )),
            Err(failure) => Err(format!("the product: to {}: {failure}", self.what)),
        }
    }
}
