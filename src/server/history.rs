//! What was asked and answered last, for whoever looks at the status page.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Method, Uri};
use jiff::Timestamp;

/// How many exchanges are kept.
pub(super) const KEPT: usize = 200;

/// How many bytes of a body are kept at most; larger ones are not kept at all, so that what is shown is whole.
const MAX_BODY: usize = 16 * 1024;

/// The last exchanges, the newest first. Headers are not kept: they hold credentials.
#[derive(Debug)]
pub(super) struct History {
    began: Instant,
    entries: Mutex<VecDeque<Entry>>,
}

/// One exchange.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) tenant: String,
    pub(super) at: Timestamp,
    pub(super) took: Duration,
    pub(super) method: Method,
    pub(super) uri: Uri,
    pub(super) status: u16,
    pub(super) sent: Body,
    pub(super) answered: Body,
}

/// A body, or how large it was.
#[derive(Debug, Clone)]
pub(super) enum Body {
    Kept(Bytes),
    Large(usize),
}

impl Body {
    pub(super) fn of(bytes: &Bytes) -> Self {
        match bytes.len() {
            large if large > MAX_BODY => Self::Large(large),
            _ => Self::Kept(bytes.clone()),
        }
    }

    pub(super) fn copied(bytes: &[u8]) -> Self {
        match bytes.len() {
            large if large > MAX_BODY => Self::Large(large),
            _ => Self::Kept(Bytes::copy_from_slice(bytes)),
        }
    }
}

impl Default for History {
    fn default() -> Self {
        Self {
            began: instant(),
            entries: Mutex::default(),
        }
    }
}

impl History {
    /// How long the history is kept already.
    pub(super) fn age(&self) -> Duration {
        instant().saturating_duration_since(self.began)
    }

    pub(super) fn note(&self, entry: Entry) {
        let entries = self.entries.lock();
        let mut entries = entries.unwrap_or_else(PoisonError::into_inner);
        entries.truncate(KEPT - 1);
        entries.push_front(entry);
    }

    /// The exchanges of a tenant, the newest first.
    pub(super) fn of(&self, tenant: &str) -> Vec<Entry> {
        let entries = self.entries.lock();
        let entries = entries.unwrap_or_else(PoisonError::into_inner);
        let own = entries.iter().filter(|entry| entry.tenant == tenant);
        own.cloned().collect()
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "how long an answer took is real time, whatever the server's clock says"
)]
fn instant() -> Instant {
    Instant::now()
}
