//! Microsoft Entra ID: the provisioning service of a non-gallery app.
//!
//! Nothing that an administrator does is sent by itself. Every forty minutes a cycle compares what changed in the directory
//! with what the target shows, in phases: `cycle` holds their order, `object` the phase of people and that of groups, `user` and
//! `group` what differs between them, `reference` the members and managers that come last. `demand` is the other way in: one
//! person or group, picked by an administrator.
//!
//! `attribute` is the comparison, `body` and `request` are what goes out, `answer` is how what comes back is read; `escrow` says
//! when what failed is tried again, `health` when the job slows down. The variants differ in their `settings` alone.

mod answer;
mod attribute;
mod body;
mod cycle;
mod demand;
mod escrow;
mod group;
mod health;
mod memory;
mod object;
mod reference;
mod request;
mod role;
mod settings;
#[cfg(test)]
mod tests;
mod user;

pub use settings::{
    AddOrReplace, Booleans, Emptied, GoneLink, GroupMatching, GroupProbe, GroupSchemas,
    ManagerRemoval, MemberForm, MemberRemoval, Operations, Quarantine, RoleForm, Settings,
    VersionHeader,
};

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::BoxFuture;

use self::health::Health;
use self::memory::Memory;
use self::request::Writer;
use super::{Dialect, JobReport, Lookup, Setup, equals};
use crate::directory::{AppSettings, Dice, Directory, Event, Group, Person, Subject};
use crate::wire::{Basis, Reply, Request, Wire};

/// The simulated service's first cycle is dated here. The machine's clock would make two runs of one seed differ, and no
/// target can tell.
const FIRST_CYCLE: jiff::Timestamp = jiff::Timestamp::constant(1_767_225_600, 0);

/// One provisioning job.
#[derive(Clone, Debug)]
struct Job {
    settings: Settings,
    app: AppSettings,
    dice: Dice,
    writer: Writer,
    memory: Memory,
    health: Health,
    /// Whose deletion is held back.
    staged: BTreeSet<Subject>,
    /// Whether an administrator has allowed the deletions that are held back.
    deletions_allowed: bool,
    /// When, on the virtual clock, the cycle is that takes place now.
    at: Duration,
    /// When the last cycle was.
    last_cycle: Duration,
    /// When the job was first at work.
    first: Option<Duration>,
}

/// The dialect of a job with those settings.
pub fn dialect(settings: Settings, setup: Setup) -> Box<dyn Dialect> {
    Box::new(Job::new(settings, setup))
}

impl Job {
    fn new(settings: Settings, setup: Setup) -> Self {
        let mut dice = setup.dice;
        let writer = Writer::new(&settings, FIRST_CYCLE, &dice.guid());
        Self {
            settings,
            app: setup.app,
            dice,
            writer,
            memory: Memory::default(),
            health: Health::Running,
            staged: BTreeSet::new(),
            deletions_allowed: false,
            at: Duration::ZERO,
            last_cycle: Duration::ZERO,
            first: None,
        }
    }

    /// Every cycle, and every run on demand, has its own time and its own activity id.
    fn begin_cycle(&mut self, now: &Directory, at: Duration) {
        self.app.clone_from(&now.settings);
        self.at = at;
        let first = *self.first.get_or_insert(at);
        let date = jiff::SignedDuration::try_from(at.saturating_sub(first))
            .ok()
            .and_then(|passed| FIRST_CYCLE.checked_add(passed).ok())
            .unwrap_or(FIRST_CYCLE);
        self.writer = Writer::new(&self.settings, date, &self.dice.guid());
    }
}

impl Dialect for Job {
    fn perform<'a>(
        &'a mut self,
        events: &'a [Event],
        _before: &'a Directory,
        now: &'a Directory,
        wire: &'a Wire,
    ) -> BoxFuture<'a, Vec<JobReport>> {
        Box::pin(self.step(events, now, wire))
    }

    fn find_person(&self, person: &Person) -> Request {
        let place = attribute::matching_place(&self.app);
        let value = attribute::matching_value(person, &self.app).unwrap_or_default();
        let filter = equals(&place.to_string(), &value);
        self.writer
            .find_users(&filter, Basis::captured("entra/1/5"))
    }

    fn find_group(&self, group: &Group) -> Request {
        let filter = match self.settings.group_matching {
            GroupMatching::DisplayName => equals("displayName", &group.name),
            GroupMatching::ExternalId => equals("externalId", &group.directory_id),
        };
        self.writer
            .find_groups(&filter, Basis::documented("entra/6.1/1"))
    }

    fn read_lookup(&self, reply: &Reply) -> Lookup {
        answer::lookup(reply)
    }
}
