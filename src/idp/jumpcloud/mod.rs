//! JumpCloud: the custom SCIM connection of an SSO application, with management of groups switched on.
//!
//! What an administrator does is sent at once: `event` says which function each event leads to, `activation`, `user` and
//! `group` hold one function for each, `import` reads the target's people. Whatever is known comes from two publishers.

mod activation;
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

use super::answer::lenient;
use super::{Dialect, JobReport, Lookup, Setup};
use crate::directory::{AppSettings, Dice, Directory, Event, Group, GroupKey, Person, PersonKey};
use crate::scim::Value;
use crate::wire::{Basis, Reply, Request, Wire};

/// One connection.
#[derive(Clone, Debug)]
struct Connection {
    settings: Settings,
    app: AppSettings,
    dice: Dice,
    /// The address that the activation tries a person with.
    test_email: String,
    /// Whether an activation failed, and none has succeeded since.
    dead: bool,
    people: BTreeMap<PersonKey, LinkedPerson>,
    groups: BTreeMap<GroupKey, LinkedGroup>,
}

/// What is known of a person whom the target has.
#[derive(Clone, Debug)]
struct LinkedPerson {
    id: String,
    /// The body that was accepted last; nothing where that is in doubt.
    sent: Option<Value>,
}

/// What is known of a group that the target has.
#[derive(Clone, Debug)]
struct LinkedGroup {
    id: String,
    members: BTreeSet<PersonKey>,
}

/// The dialect of a connection with those settings.
pub fn dialect(settings: Settings, setup: Setup) -> Box<dyn Dialect> {
    Box::new(Connection {
        settings,
        app: setup.app,
        dice: setup.dice,
        test_email: setup.test_email,
        dead: false,
        people: BTreeMap::new(),
        groups: BTreeMap::new(),
    })
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
        let basis = Basis::reported("jumpcloud/3/2");
        request::find_user(person.user_name(), basis, &self.settings)
    }

    fn find_group(&self, group: &Group) -> Request {
        let basis = Basis::inferred("jumpcloud/4/2");
        request::find_group(&group.name, basis, &self.settings)
    }

    fn read_lookup(&self, reply: &Reply) -> Lookup {
        lenient::lookup(reply)
    }

    fn constant_groups(&self, event: &Event) -> &'static [&'static str] {
        match event {
            Event::SwitchOnProvisioning => &[activation::GROUP, activation::RENAMED],
            _ => &[],
        }
    }
}
