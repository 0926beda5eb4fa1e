//! The way from a tenant's store to whoever keeps it on disk: what one write changed, in one piece and in order.
//!
//! The store notes what it changes while it is locked for a write; when the lock is given back the notes go into the
//! queue as one [`Commit`]. Nothing is answered before everything that was queued is kept, reads included, so that no
//! answer tells of what a crash could take back.

use std::collections::BTreeSet;
use std::sync::mpsc::Sender;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::watch;

use super::credential::{Access, Digest};

/// What one write changed.
#[derive(Debug)]
pub(super) struct Commit {
    pub(super) tenant: Arc<str>,
    pub(super) notes: Notes,
}

/// What one write changed, without whose store it was.
#[derive(Debug)]
pub(super) struct Notes {
    pub(super) counters: Counters,
    /// Resources and people by handle, as bytes; none where they are gone.
    pub(super) rows: Vec<(u32, Option<Vec<u8>>)>,
    /// Group, member, and whether the one is in the other now.
    pub(super) members: Vec<(u32, u32, bool)>,
    /// Sessions and tokens by digest, with their owner; none where they ended.
    pub(super) credentials: Vec<(Digest, Option<(u32, Access)>)>,
    /// What the product decided, as bytes, if that changed.
    pub(super) decisions: Option<Vec<u8>>,
}

/// What a store must not begin anew when it is opened again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counters {
    /// The next handle.
    pub(super) next: u32,
    /// The last version.
    pub(super) version: u64,
    /// How many ids were drawn.
    pub(super) ids: u64,
    /// How many ids were drawn for secrets.
    pub(super) secrets: u64,
}

/// Everything that is kept of one tenant.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) counters: Counters,
    pub(super) rows: Vec<(u32, Vec<u8>)>,
    pub(super) members: Vec<(u32, u32)>,
    pub(super) credentials: Vec<(Digest, (u32, Access))>,
    pub(super) decisions: Option<Vec<u8>>,
}

/// Which rows and memberships a write touched, and whether the product decided something.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Touched {
    pub(super) rows: BTreeSet<u32>,
    pub(super) members: BTreeSet<(u32, u32)>,
    pub(super) decisions: bool,
}

/// How far whoever keeps the commits has come.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// How many are kept.
    pub(super) kept: u64,
    /// Why no more will be kept.
    pub(super) broken: Option<String>,
}

/// One tenant's end of the queue.
#[derive(Debug, Clone)]
pub(super) struct Journal {
    tenant: Arc<str>,
    queue: Queue,
}

/// The queue of all tenants. Clones share it.
#[derive(Debug, Clone)]
pub(super) struct Queue {
    /// The sender with the number of commits that were sent: one lock, so that the numbers stand in the queue's order.
    sender: Arc<Mutex<(Sender<Commit>, u64)>>,
    progress: watch::Receiver<Progress>,
}

impl Queue {
    pub(super) fn new(sender: Sender<Commit>, progress: watch::Receiver<Progress>) -> Self {
        Self {
            sender: Arc::new(Mutex::new((sender, 0))),
            progress,
        }
    }

    /// The end of the queue that belongs to one tenant.
    pub(super) fn of(&self, tenant: &str) -> Journal {
        Journal {
            tenant: tenant.into(),
            queue: self.clone(),
        }
    }
}

impl Journal {
    /// Queues what a write changed.
    pub(super) fn put(&self, notes: Notes) {
        let sender = self.queue.sender.lock();
        let mut sender = sender.unwrap_or_else(PoisonError::into_inner);
        let tenant = Arc::clone(&self.tenant);
        // Nobody listens any more only where the keeper broke, and then `kept` says so.
        sender.0.send(Commit { tenant, notes }).ok();
        sender.1 += 1;
    }

    /// Waits until everything that was queued so far is kept.
    ///
    /// # Errors
    /// It will not be; the text says why.
    pub(super) async fn kept(&self) -> Result<(), String> {
        let queued = {
            let sender = self.queue.sender.lock();
            sender.unwrap_or_else(PoisonError::into_inner).1
        };
        let mut progress = self.queue.progress.clone();
        let reached = progress
            .wait_for(|p| p.broken.is_some() || p.kept >= queued)
            .await;
        match reached {
            Ok(progress) => progress.broken.clone().map_or(Ok(()), Err),
            Err(_) => Err("whoever keeps the data has ended".to_owned()),
        }
    }
}
