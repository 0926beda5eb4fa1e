//! A small directory in front of a scripted target, for tests of dialects.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::script::{Act, Script, conversation, raw};
use super::{Dialect, JobReport, Outcome};
use crate::directory::{
    AppSettings, Assignment, Attribute, Dice, Directory, Event, Family, Group, GroupKey,
    Membership, Person, PersonKey, Push, Status,
};
use crate::wire::{Basis, Method, Origin, Request, ResourceKind, Wire};

/// The key of a person.
pub(crate) fn key(name: &str) -> PersonKey {
    PersonKey::new(name)
}

/// Somebody with that sign-in name at example.com and those attributes.
pub(crate) fn person(name: &str, profile: &[(Attribute, &str)]) -> Person {
    let user_name = format!("{name}@example.com");
    let mut all = BTreeMap::from([(Attribute::UserName, user_name)]);
    for (attribute, value) in profile {
        all.insert(*attribute, (*value).to_owned());
    }
    Person {
        key: key(name),
        profile: all,
        manager: None,
        status: Status::Active,
        assignment: Assignment::None,
        was_assigned: false,
    }
}

/// Somebody who is known by a sign-in name and a display name alone.
pub(crate) fn somebody(name: &str, display_name: &str) -> Person {
    person(name, &[(Attribute::DisplayName, display_name)])
}

/// Ada.
pub(crate) fn ada() -> Person {
    somebody("ada", "Ada Lovelace")
}

/// Bob.
pub(crate) fn bob() -> Person {
    somebody("bob", "Bob Kahn")
}

/// The group `team`.
pub(crate) fn team(name: &str, members: &[&str]) -> Group {
    Group {
        key: GroupKey::new("team"),
        name: name.to_owned(),
        description: String::new(),
        directory_id: "7c4f3b1e-0000-4000-8000-000000000001".to_owned(),
        members: members.iter().map(|name| key(name)).collect(),
        push: Push::Off,
        linked: false,
    }
}

/// An assignment.
pub(crate) fn assign(name: &str) -> Event {
    Event::Assign(key(name))
}

/// A membership of the group `team`.
pub(crate) fn membership(name: &str) -> Membership {
    Membership {
        person: key(name),
        group: GroupKey::new("team"),
    }
}

/// A change of a profile.
pub(crate) fn update(name: &str, changes: &[(Attribute, Option<&str>)]) -> Event {
    let changes = changes
        .iter()
        .map(|(attribute, value)| (*attribute, value.map(str::to_owned)));
    Event::Update {
        person: key(name),
        changes: changes.collect(),
        manager: None,
    }
}

/// The dice of every test, so that fixtures can name what they give.
pub(crate) fn dice() -> Dice {
    Dice::new(1, "idp", "test")
}

/// Whether every job came to its end.
pub(crate) fn all_done(reports: &[JobReport]) -> bool {
    reports.iter().all(|report| report.outcome == Outcome::Done)
}

/// A dialect, its directory and its target.
pub(crate) struct Stage {
    dialect: Box<dyn Dialect>,
    /// The directory after the last step.
    pub(crate) now: Directory,
    /// The wire to the target.
    pub(crate) wire: Wire,
}

impl Stage {
    /// A stage with those people and groups, nobody assigned and nothing pushed.
    pub(crate) fn new(
        dialect: Box<dyn Dialect>,
        family: Family,
        wire: Wire,
        people: &[Person],
        groups: &[Group],
    ) -> Self {
        let mut now = Directory::new(family, AppSettings::defaults(family));
        for person in people {
            now.add_person(person.clone()).unwrap();
        }
        for group in groups {
            now.add_group(group.clone());
        }
        Self { dialect, now, wire }
    }

    /// Lets the events of one step happen.
    pub(crate) async fn step(&mut self, events: &[Event]) -> Vec<JobReport> {
        let before = self.now.clone();
        for event in events {
            self.now.apply(event).unwrap();
            if let Event::Wait { seconds } = event {
                self.wire.clock().skip(Duration::from_secs(*seconds));
            }
        }
        self.dialect
            .perform(events, &before, &self.now, &self.wire)
            .await
    }

    /// The dialect's lookup of a person.
    pub(crate) fn find_person(&self, name: &str) -> Request {
        self.dialect
            .find_person(self.now.person(&key(name)).unwrap())
    }

    /// The dialect's lookup of a group.
    pub(crate) fn find_group(&self, name: &str) -> Request {
        self.dialect
            .find_group(self.now.group(&GroupKey::new(name)).unwrap())
    }

    /// Makes the guard take what the target answers to a POST for ours.
    pub(crate) async fn seed(&self, kind: ResourceKind) {
        let request = Request::new(Method::Post, kind.path(), Basis::inferred("test"));
        let wire = self.wire.origin(Origin::Seed);
        wire.send(request).await.unwrap();
    }
}

/// A fixture below `fixtures/idp` as it is played.
pub(crate) struct Play {
    fixture: String,
    exchanges: Vec<(String, Act)>,
    script: Arc<Script>,
    /// The stage.
    pub(crate) stage: Stage,
}

impl Play {
    /// Opens a fixture. In it `{guid N}` stands for the Nth GUID that the dice give, `{object id}` for the
    /// first id of JumpCloud's, `{length}` for the length of the body.
    /// What is seeded is ours before the fixture begins.
    pub(crate) async fn open(
        fixture: &str,
        dialect: Box<dyn Dialect>,
        family: Family,
        people: &[Person],
        groups: &[Group],
        seeded: &[(ResourceKind, &str)],
    ) -> Self {
        let path = format!("{}/fixtures/idp/{fixture}.http", env!("CARGO_MANIFEST_DIR"));
        let mut text = std::fs::read_to_string(&path).expect(&path);
        let mut draws = dice();
        for n in 0..40 {
            text = text.replace(&format!("{{guid {n}}}"), &draws.guid());
        }
        text = text.replace("{object id}", &dice().person_id(Family::Jumpcloud));
        let exchanges = conversation(&text);
        let seeds = seeded
            .iter()
            .map(|(_, id)| Act::Answer(201, format!(r#"{{"id":"{id}"}}"#)));
        let answers = exchanges.iter().map(|(_, act)| act.clone());
        let script = Script::new(seeds.chain(answers).collect::<Vec<_>>());
        let wire = script.wire(fixture);
        let stage = Stage::new(dialect, family, wire, people, groups);
        for (kind, _) in seeded {
            stage.seed(*kind).await;
        }
        script.take();
        Self {
            fixture: fixture.to_owned(),
            exchanges,
            script,
            stage,
        }
    }

    /// Plays the steps. Every request must be the fixture's, byte for byte, and none may be left over.
    pub(crate) async fn steps(mut self, steps: &[&[Event]]) -> Vec<JobReport> {
        let mut reports = Vec::new();
        for events in steps {
            reports.extend(self.stage.step(events).await);
        }
        let sent = self.script.take();
        for (n, (sent, (wanted, _))) in sent.iter().zip(&self.exchanges).enumerate() {
            let wanted = measured(wanted);
            assert_eq!(raw(sent), wanted, "{}: request {}", self.fixture, n + 1);
        }
        let (sent, wanted) = (sent.len(), self.exchanges.len());
        assert_eq!(sent, wanted, "{}: {reports:#?}", self.fixture);
        reports
    }
}

fn measured(request: &str) -> String {
    let length = request
        .split_once("\n\n")
        .map_or(0, |(_, body)| body.trim_end_matches('\n').len());
    request.replace("{length}", &length.to_string())
}
