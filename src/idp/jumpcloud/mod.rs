//! JumpCloud: the custom SCIM connection of an SSO application, with management of groups switched on.
//!
//! What an administrator does is sent at once: `event` says which function each event leads to, `user` and `group`
//! hold one function for each, `import` reads the target's people. Whatever is known comes from two publishers.

mod answer;
mod body;
mod event;
mod group;
mod import;
mod request;
mod settings;
#[cfg(test)]
mod tests;
mod user;

pub use settings::Settings;

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::BoxFuture;

use super::{Dialect, JobReport, Lookup, Setup, equals};
use crate::directory::{AppSettings, Directory, Event, Group, GroupKey, Person, PersonKey};
use crate::wire::{Basis, Reply, Request, ResourceKind, Wire};

/// One connection.
#[derive(Clone, Debug)]
struct Connection {
    settings: Settings,
    app: AppSettings,
    people: BTreeMap<PersonKey, LinkedPerson>,
    groups: BTreeMap<GroupKey, LinkedGroup>,
}

/// What is known of a person whom the target has.
#[derive(Clone, Debug)]
struct LinkedPerson {
    id: String,
    /// The body that was accepted last.
    sent: String,
}

/// What is known of a group that the target has.
#[derive(Clone, Debug)]
struct LinkedGroup {
    id: String,
    members: BTreeSet<PersonKey>,
}

/// The dialect of a connection with those settings.
///
/// The whole activation, with the person that it tries at the address which the setup has for it, is not played yet.
pub fn dialect(settings: Settings, setup: Setup) -> Box<dyn Dialect> {
    Box::new(Connection::new(settings, setup))
}

impl Connection {
    fn new(settings: Settings, setup: Setup) -> Self {
        Self {
            settings,
            app: setup.app,
            people: BTreeMap::new(),
            groups: BTreeMap::new(),
        }
    }
}

impl Dialect for Connection {
    fn perform<'a>(
        &'a mut self,
        events: &'a [Event],
        before: &'a Directory,
        _now: &'a Directory,
        wire: &'a Wire,
    ) -> BoxFuture<'a, Vec<JobReport>> {
        Box::pin(self.events(events, before, wire))
    }

    fn find_person(&self, person: &Person) -> Request {
        let filter = equals("userName", person.user_name());
        let basis = Basis::reported("jumpcloud/3/2");
        request::find(ResourceKind::User, &filter, basis, &self.settings)
    }

    fn find_group(&self, group: &Group) -> Request {
        let filter = equals("displayName", &group.name);
        let basis = Basis::inferred("jumpcloud/4/2");
        request::find(ResourceKind::Group, &filter, basis, &self.settings)
    }

    fn read_lookup(&self, reply: &Reply) -> Lookup {
        answer::lookup(reply)
    }
}
