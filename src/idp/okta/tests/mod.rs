//! What Okta sends, byte for byte, and what it makes of every answer.

mod agent;
mod answers;
mod golden;
mod profile;
mod property;
mod sequences;
mod switches;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use super::Okta;
use super::settings::{Profile, Switches};
use crate::directory::{
    AppSettings, Attribute, Dice, Directory, Event, Family, Group, GroupKey, Membership, Person,
    PersonKey,
};
use crate::idp::script::{Act, Script};
use crate::idp::{Dialect, JobReport, Setup};
use crate::scim::Object;
use crate::wire::transport::Outgoing;
use crate::wire::{Basis, Method, Origin, Request, Wire};

/// Every kind of app.
const PROFILES: [Profile; 3] = [
    Profile::CustomApp,
    Profile::CatalogApp,
    Profile::OnPremAgent,
];

/// A directory with Ada, Bob and their group, an app of Okta, and a target.
struct Stage {
    directory: Directory,
    okta: Okta,
    wire: Wire,
    target: Arc<Target>,
}

impl Stage {
    fn new(profile: Profile) -> Self {
        let target = Arc::<Target>::default();
        let answering = Arc::clone(&target);
        let script = Script::answering(move |request| answering.answer(request.clone()));
        Self::before(profile, target, script.wire("okta"))
    }

    fn before(profile: Profile, target: Arc<Target>, wire: Wire) -> Self {
        Self {
            directory: directory(profile.app_settings()),
            okta: Okta::new(profile, setup()),
            wire,
            target,
        }
    }

    /// Applies the events as one step, and lets Okta catch up.
    async fn step(&mut self, events: &[Event]) -> Vec<JobReport> {
        let before = self.directory.clone();
        for event in events {
            self.directory.apply(event).unwrap();
        }
        let now = &self.directory;
        self.okta.perform(events, &before, now, &self.wire).await
    }

    /// Makes a user or a group at the target as a story's preparation does, so that the guard knows it.
    async fn seed(&self, path: &str) {
        let basis = Basis::documented("okta/4.1");
        let request = Request::new(Method::Post, path, basis).with_body(&Object::new().into());
        self.wire.origin(Origin::Seed).send(request).await.unwrap();
    }
}

/// A target that answers as a test says, and as a plain good target where the test says nothing.
#[derive(Default)]
struct Target {
    answers: Mutex<VecDeque<Act>>,
    good: Mutex<Good>,
    seen: Mutex<Vec<Outgoing>>,
}

impl Target {
    fn next(&self, acts: impl IntoIterator<Item = Act>) {
        self.answers.lock().unwrap().extend(acts);
    }

    fn answer(&self, request: Outgoing) -> Act {
        let next = self.answers.lock().unwrap().pop_front();
        let act = next.unwrap_or_else(|| self.good.lock().unwrap().answer(&request));
        self.seen.lock().unwrap().push(request);
        act
    }

    /// What came so far; it is forgotten then.
    fn take(&self) -> Vec<Outgoing> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }

    /// Method and path of what came so far, lookups as `L` and `LG`; it is forgotten then.
    fn lines(&self) -> Vec<String> {
        let seen = self.take();
        let short = |request: &Outgoing| match request.path.split_once("?filter=") {
            Some(("/Users", _)) => "L".to_owned(),
            Some(_) => "LG".to_owned(),
            None => format!("{} {}", request.method, request.path),
        };
        seen.iter().map(short).collect()
    }
}

/// A target that finds nobody, creates `u1`, `u2`, `g1` and so on, and agrees to everything.
#[derive(Default)]
struct Good {
    users: usize,
    groups: usize,
}

impl Good {
    fn answer(&mut self, request: &Outgoing) -> Act {
        let path = request.path.split('?').next().unwrap_or_default();
        match (request.method, path) {
            ("POST", "/Users") => {
                self.users += 1;
                Act::Answer(201, format!(r#"{{"id":"u{}"}}"#, self.users))
            }
            ("POST", "/Groups") => {
                self.groups += 1;
                Act::Answer(201, format!(r#"{{"id":"g{}"}}"#, self.groups))
            }
            ("GET", "/Users" | "/Groups") => {
                Act::Answer(200, r#"{"totalResults":0,"Resources":[]}"#.to_owned())
            }
            ("GET", _) => Act::Answer(200, "{}".to_owned()),
            _ => Act::Answer(204, String::new()),
        }
    }
}

/// The bodies of what came so far; all of it is forgotten then.
fn bodies(target: &Target) -> Vec<String> {
    target.take().into_iter().filter_map(|r| r.body).collect()
}

fn setup() -> Setup {
    Setup {
        dice: Dice::new(7, "okta", "test"),
        test_email: "test@example.com".to_owned(),
        app: AppSettings::defaults(Family::Okta),
    }
}

fn directory(settings: AppSettings) -> Directory {
    let mut directory = Directory::new(Family::Okta, settings);
    let ada = ["Ada", "Lovelace", "ada@example.com", "00uada0lovelace00001"];
    let bob = ["Bob", "Kahn", "bob@example.com", "00ubob0kahn000000001"];
    directory.add_person(person("ada", ada)).unwrap();
    directory.add_person(person("bob", bob)).unwrap();
    directory.add_group(Group {
        key: engineering(),
        name: "Engineering".to_owned(),
        description: String::new(),
        directory_id: "00gengineering000001".to_owned(),
        members: vec![key("ada"), key("bob")],
        push: crate::directory::Push::Off,
        linked: false,
    });
    directory
}

fn person(name: &str, [given, family, mail, id]: [&str; 4]) -> Person {
    let profile = [
        (Attribute::UserName, mail.to_owned()),
        (Attribute::Given, given.to_owned()),
        (Attribute::Family, family.to_owned()),
        (Attribute::DisplayName, format!("{given} {family}")),
        (Attribute::Email, mail.to_owned()),
        (Attribute::PreferredLanguage, "en-US".to_owned()),
        (Attribute::DirectoryId, id.to_owned()),
    ];
    Person {
        key: key(name),
        profile: BTreeMap::from(profile),
        manager: None,
        status: crate::directory::Status::Active,
        assignment: crate::directory::Assignment::None,
        was_assigned: false,
    }
}

fn key(name: &str) -> PersonKey {
    PersonKey::new(name)
}

fn engineering() -> GroupKey {
    GroupKey::new("engineering")
}

fn assign(name: &str) -> Event {
    Event::Assign(key(name))
}

fn unassign(name: &str) -> Event {
    Event::Unassign(key(name))
}

fn join(name: &str) -> Event {
    Event::Join(membership(name))
}

fn leave(name: &str) -> Event {
    Event::Leave(membership(name))
}

fn membership(name: &str) -> Membership {
    Membership {
        person: key(name),
        group: engineering(),
    }
}

fn rename(name: &str) -> Event {
    Event::RenameGroup {
        group: engineering(),
        name: name.to_owned(),
    }
}

fn update<const N: usize>(name: &str, changes: [(Attribute, Option<&str>); N]) -> Event {
    let changes = changes.map(|(attribute, value)| (attribute, value.map(str::to_owned)));
    Event::Update {
        person: key(name),
        changes: BTreeMap::from(changes),
        manager: None,
    }
}
