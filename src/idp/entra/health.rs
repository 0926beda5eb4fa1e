//! The job's health: when its cycles slow down, when they end, and which deletions wait for an administrator
//! (entra/9.3/2, entra/5.2/6).

use std::time::Duration;

use super::Job;
use super::cycle::Reports;
use super::object::{Object, Standing, Task};
use crate::directory::Directory;
use crate::idp::Outcome;
use crate::wire::Basis;

/// How the job fares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Health {
    /// A cycle follows the other.
    Running,
    /// There is one cycle a day.
    Quarantined {
        /// Since when.
        since: Duration,
    },
    /// There are no cycles any more, until an administrator restarts the job.
    SwitchedOff,
}

/// In quarantine a cycle a day is left.
const DAY: Duration = Duration::from_hours(24);

/// After four weeks in quarantine the job is switched off.
const SWITCHED_OFF_AFTER: Duration = Duration::from_hours(28 * 24);

impl Job {
    /// How far two cycles are apart.
    pub(super) fn interval(&self) -> Duration {
        match self.health {
            Health::Quarantined { .. } => DAY,
            Health::Running | Health::SwitchedOff => {
                Duration::from_mins(self.settings.cycle_minutes)
            }
        }
    }

    /// When the next cycle is that a wait until that moment has room for, if there is one.
    ///
    /// In quarantine each of the daily cycles counts. Otherwise cycles that have nothing to do are left out: of those only
    /// the last takes place.
    pub(super) fn next_cycle(&self, until: Duration) -> Option<Duration> {
        let next = self.last_cycle.saturating_add(self.interval());
        let at = match self.health {
            Health::SwitchedOff => return None,
            Health::Quarantined { .. } => next,
            Health::Running => {
                let retry = self.memory.next_retry().unwrap_or(until);
                retry.clamp(next, until.max(next))
            }
        };
        (at <= until).then_some(at)
    }

    /// Whether the job has been in quarantine for so long that this cycle does not take place any more.
    pub(super) fn is_switched_off(&mut self, at: Duration) -> bool {
        if let Health::Quarantined { since } = self.health
            && at.saturating_sub(since) > SWITCHED_OFF_AFTER
        {
            self.health = Health::SwitchedOff;
        }
        self.health == Health::SwitchedOff
    }

    /// What a cycle that ran to its end, or broke off, makes of the job's health.
    pub(super) fn judge_cycle(&mut self, complete: bool, reports: &mut Reports) {
        let thresholds = &self.settings.quarantine;
        if let Some(why) = thresholds.exceeded(reports.objects, reports.failures) {
            reports.stop("cycle", None, &why, "EncounteredEscrowProportionThreshold");
        }
        self.health = match (self.health, reports.quarantine) {
            (Health::Running, true) => Health::Quarantined { since: self.at },
            (Health::Quarantined { .. }, false) if complete => Health::Running,
            (health, _) => health,
        };
    }

    /// Decides which deletions, disablements among them, are held back in this cycle: all, where they are more than the
    /// administrator's threshold and were not allowed.
    pub(super) fn stage_deletions(&mut self, now: &Directory) {
        self.staged.clear();
        let threshold = match self.app.deletion_threshold {
            Some(threshold) if !self.deletions_allowed => threshold,
            _ => return,
        };
        let leaving = Object::all(now).filter(|object| self.leaves(*object, now));
        let leaving: Vec<_> = leaving.map(Object::subject).collect();
        if leaving.len() > threshold {
            self.staged.extend(leaving);
        }
    }

    fn leaves(&self, object: Object<'_>, now: &Directory) -> bool {
        let known = self.memory.known(&object.subject());
        let linked = known.is_some_and(|known| known.link.is_some());
        let seen = known.and_then(|known| known.seen.as_ref());
        let was_there = seen.is_some_and(|seen| seen.standing == Standing::InScope);
        let leaves = match self.task(object) {
            Task::Delete(_) => true,
            Task::Provision => Standing::of(object) != Standing::InScope && was_there,
            Task::Nothing(..) => false,
        };
        linked && leaves && self.memory.is_due(object, now, self.at)
    }

    /// Whether the object's deletion is held back, which is then reported.
    pub(super) fn withhold(&self, object: Object<'_>, reports: &mut Reports) -> bool {
        let subject = object.subject();
        let staged = self.staged.contains(&subject);
        if staged {
            let why = format!(
                "{} deletions in one cycle are more than the threshold, so they wait until an administrator allows them",
                self.staged.len()
            );
            reports.stop(self.job_for(object), Some(subject), &why, "StagedDelete");
        }
        staged
    }

    /// Says why no cycle follows.
    pub(super) fn announce_health(&self, reports: &mut Reports) {
        let why = match self.health {
            Health::Running => return,
            Health::Quarantined { .. } => {
                "the job is in quarantine, and its next cycle is a day after the last one"
            }
            Health::SwitchedOff => {
                "the job was in quarantine for four weeks and is switched off until it is restarted"
            }
        };
        reports.sends_nothing("cycle", None, why, Basis::documented("entra/9.3/2"));
    }
}

/// The outcome of what the job itself gives up, without an exchange that made it.
pub(super) fn stopped(why: &str, code: &str) -> Outcome {
    let fact = match code {
        "StagedDelete" => "entra/5.2/6",
        _ => "entra/9.3/2",
    };
    Outcome::Stopped {
        exchange: None,
        why: why.to_owned(),
        admin_sees: format!(
            "Provisioning log: {code}; the job is in quarantine, and an e-mail tells the administrators so"
        ),
        basis: Basis::documented(fact),
    }
}
