//! What must be taken back at the product when a story is over, however it ends.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::wire::{Origin, Request, Wire};

/// How long a deed whose answer nobody waited for may take to arrive: what takes it back must not overtake it.
const ON_ITS_WAY: Duration = Duration::from_millis(500);

/// What a story did at the product, newest last.
#[derive(Clone, Default)]
pub(in crate::run) struct Undo(Arc<Mutex<Vec<Back>>>);

/// One request that takes something back.
#[derive(Clone)]
pub(super) struct Back {
    /// What it does, as in `lift the ban of ada`.
    pub(super) what: String,
    pub(super) wire: Wire,
    pub(super) request: Request,
    /// The statuses by which the product shows that it was done.
    pub(super) accepted: Vec<u16>,
    /// Whether the product has answered the deed.
    pub(super) answered: bool,
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

    /// Notes that the product has answered the newest deed.
    pub(super) fn answered(&self) {
        if let Some(back) = self.lock().last_mut() {
            back.answered = true;
        }
    }

    /// Takes the newest deed of that name back now. It stays remembered until that is done: the run may be interrupted meanwhile.
    pub(super) async fn now(&self, what: &str) -> Result<(), String> {
        let named = |back: &Back| back.what == what;
        let newest = self.lock().iter().rfind(|back| named(back)).cloned();
        let Some(back) = newest else {
            return Ok(());
        };
        back.run().await?;
        let mut backs = self.lock();
        if let Some(at) = backs.iter().rposition(named) {
            backs.remove(at);
        }
        Ok(())
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
            if !back.answered {
                tokio::time::sleep(ON_ITS_WAY).await;
            }
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
