//! The run's two clocks.
//!
//! What the IdP decides to wait (a cycle, a back-off, five minutes after a 429) passes on the virtual clock, at once.
//! What the target asks for and what the network needs takes real time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A clock that is shared by everything in one run. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Clock {
    skipped: Arc<AtomicU64>,
    started: Instant,
    epoch: jiff::Timestamp,
}

impl Clock {
    /// A clock that stands at this moment.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the machine's clocks"
    )]
    pub fn start() -> Self {
        Self {
            skipped: Arc::default(),
            started: Instant::now(),
            epoch: jiff::Timestamp::now(),
        }
    }

    /// When the run began, in real time.
    pub fn started(&self) -> jiff::Timestamp {
        self.epoch
    }

    /// The time that really passed since the start.
    pub fn real(&self) -> Duration {
        self.started.elapsed()
    }

    /// The time that the IdP believes has passed since the start, waits that were skipped included.
    pub fn skipped(&self) -> Duration {
        Duration::from_millis(self.skipped.load(Ordering::Relaxed))
    }

    /// What a watch in the simulated world shows.
    pub fn now(&self) -> jiff::Timestamp {
        let passed = self.real().saturating_add(self.skipped());
        jiff::SignedDuration::try_from(passed)
            .ok()
            .and_then(|passed| self.epoch.checked_add(passed).ok())
            .unwrap_or(jiff::Timestamp::MAX)
    }

    /// Lets virtual time pass, at once.
    pub fn skip(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        // A story may wait for ages; it must not wrap around.
        let add = |skipped: u64| Some(skipped.saturating_add(millis));
        self.skipped
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, add)
            .ok();
    }
}
