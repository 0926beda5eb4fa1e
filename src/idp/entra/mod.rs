//! Microsoft Entra ID: the provisioning service of a non-gallery app.
//!
//! Nothing that an administrator does is sent by itself. Every forty minutes a cycle compares what changed in the directory
//! with what the target shows, in phases: `cycle` holds their order, `user`, `group` and `reference` one phase
//! each, `attribute` the comparison, `body` and `request` what goes out, `answer` how what comes back is read.
//! The two variants differ in their `settings` alone.

mod answer;
mod attribute;
mod body;
mod cycle;
mod group;
mod memory;
mod reference;
mod request;
mod settings;
#[cfg(test)]
mod tests;
mod user;

pub use settings::{
    AddOrReplace, Booleans, GoneLink, GroupSchemas, ManagerRemoval, MemberRemoval, Operations,
    Settings, VersionHeader,
};

use std::time::Duration;

use futures_util::future::BoxFuture;

use self::memory::Memory;
use self::request::Writer;
use super::{Dialect, JobReport, Lookup, Setup, equals};
use crate::directory::{AppSettings, Dice, Directory, Event, Group, Person};
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
    cycles: u64,
    writer: Writer,
    memory: Memory,
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
            cycles: 0,
            writer,
            memory: Memory::default(),
        }
    }

    /// Every cycle has its own time and its own activity id.
    fn begin_cycle(&mut self, now: &Directory) {
        self.app.clone_from(&now.settings);
        let interval = Duration::from_mins(self.settings.cycle_minutes);
        let since_first = interval.saturating_mul(u32::try_from(self.cycles).unwrap_or(u32::MAX));
        let date = FIRST_CYCLE.checked_add(since_first).unwrap_or(FIRST_CYCLE);
        self.writer = Writer::new(&self.settings, date, &self.dice.guid());
        self.cycles += 1;
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
        let filter = equals("displayName", &group.name);
        self.writer
            .find_groups(&filter, Basis::documented("entra/6.1/1"))
    }

    fn read_lookup(&self, reply: &Reply) -> Lookup {
        answer::lookup(reply)
    }
}
