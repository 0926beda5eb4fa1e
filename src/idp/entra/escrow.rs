//! When an object that failed is tried again (entra/9.3/1).

use std::time::Duration;

/// What fails again is tried after six, twelve and twenty-four hours, and daily from then on.
const LADDER: [Duration; 3] = [
    Duration::from_hours(6),
    Duration::from_hours(12),
    Duration::from_hours(24),
];

/// After four weeks nothing more is tried.
const GIVEN_UP_AFTER: Duration = Duration::from_hours(28 * 24);

/// A failure that waits for its next attempt, with what was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Escrow<T> {
    tried: T,
    since: Duration,
    failures: u32,
    due: Option<Duration>,
}

impl<T: PartialEq> Escrow<T> {
    /// The escrow after a failure at that moment. The first is followed by an attempt in the next cycle; what changed in
    /// the directory since then begins anew.
    pub(super) fn after(previous: Option<Self>, tried: T, at: Duration) -> Self {
        let previous = previous.filter(|previous| previous.tried == tried);
        let since = previous.as_ref().map_or(at, |previous| previous.since);
        let failures = previous.map_or(0, |previous| previous.failures) + 1;
        let rung = usize::try_from(failures)
            .unwrap_or(usize::MAX)
            .checked_sub(2);
        let due = rung.map_or(at, |rung| at + LADDER[rung.min(LADDER.len() - 1)]);
        Self {
            tried,
            since,
            failures,
            due: (due <= since + GIVEN_UP_AFTER).then_some(due),
        }
    }

    /// Whether a cycle at that moment tries it: its time has come, or the directory shows something else.
    pub(super) fn is_due(&self, now: &T, at: Duration) -> bool {
        self.tried != *now || self.due.is_some_and(|due| at >= due)
    }

    /// When it is tried next, if ever.
    pub(super) fn due(&self) -> Option<Duration> {
        self.due
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_tried_in_the_next_cycle_then_after_6_12_and_24_hours_and_daily_for_four_weeks()
    {
        let mut at = Duration::from_mins(40);
        let mut escrow = Escrow::after(None, 'a', at);
        assert!(escrow.is_due(&'a', at + Duration::from_mins(40)));
        let mut waits = Vec::new();
        while let Some(due) = escrow.due() {
            waits.push((due - at).as_secs() / 3600);
            at = due.max(at + Duration::from_mins(40));
            escrow = Escrow::after(Some(escrow), 'a', at);
        }
        assert_eq!(waits[..5], [0, 6, 12, 24, 24]);
        assert_eq!(
            waits.len(),
            30,
            "a day less than four weeks of days, and the first three"
        );
        assert!(!escrow.is_due(&'a', at + Duration::from_hours(1000)));
    }

    #[test]
    fn a_change_in_the_directory_is_tried_at_once_and_begins_anew() {
        let at = Duration::ZERO;
        let twice = Escrow::after(Some(Escrow::after(None, 'a', at)), 'a', at);
        assert!(!twice.is_due(&'a', at + Duration::from_hours(5)));
        assert!(twice.is_due(&'b', at));
        assert_eq!(Escrow::after(Some(twice), 'b', at).due(), Some(at));
    }
}
