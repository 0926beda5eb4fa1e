//! Which flow each event leads to. Events are sent one after the other, each as the directory stands then.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::flow::{Flows, When};
use super::play::{Play, Stop, by_name, first_lookup};
use super::text::Values;
use crate::directory::{
    AppSettings, Assignment, Attribute, Directory, Event, Group, GroupKey, Membership, Person,
    PersonKey, Push, Source, Status, Subject, UnlinkChoice,
};
use crate::idp::answer::lenient;
use crate::idp::{Dialect, JobReport, Lookup, Outcome, Setup, place};
use crate::scim::Object;
use crate::wire::{Basis, Reply, Request, ResourceKind, Wire};

/// An IdP that is written as data, with its memory of one app.
#[derive(Clone, Debug)]
struct Connection {
    idp: Arc<Flows>,
    app: AppSettings,
    test_address: String,
    /// The target's ids of people and groups.
    people: BTreeMap<PersonKey, String>,
    groups: BTreeMap<GroupKey, String>,
    /// What was captured, for the flows that follow.
    captured: Values,
}

/// The dialect of those flows.
pub(in crate::idp) fn dialect(idp: Arc<Flows>, setup: Setup) -> Box<dyn Dialect> {
    Box::new(Connection {
        idp,
        app: setup.app,
        test_address: setup.test_email,
        people: BTreeMap::new(),
        groups: BTreeMap::new(),
        captured: Values::new(),
    })
}

/// Whom or what a flow is about.
#[derive(Clone, Copy)]
enum About<'a> {
    Nobody,
    Person(&'a Person),
    /// A group, and the member by whom it changes.
    Group(&'a Group, Option<&'a PersonKey>),
}

impl Connection {
    async fn event(
        &mut self,
        event: &Event,
        before: &Directory,
        now: &Directory,
        wire: &Wire,
    ) -> Vec<JobReport> {
        match event {
            Event::TestConnection => {
                vec![
                    self.play(When::TestConnection, About::Nobody, now, wire)
                        .await,
                ]
            }
            _ if !now.provisioning => Vec::new(),
            Event::SwitchOnProvisioning => self.everybody(now, wire).await,
            Event::Assign(key) | Event::ProvisionUser(key) | Event::Reactivate(key) => {
                self.arrival(key, now, wire).await
            }
            Event::Unassign(key) | Event::Deactivate(key) => {
                self.departure(When::PersonLeft, key, before, now, wire)
                    .await
            }
            Event::Suspend(key) => {
                let when = When::PersonSuspended;
                self.departure(when, key, before, now, wire).await
            }
            Event::Unsuspend(key) if self.idp.flows.contains_key(&When::PersonSuspended) => {
                self.arrival(key, now, wire).await
            }
            Event::Delete(key) => {
                let deletes = self.idp.flows.contains_key(&When::PersonDeleted);
                let when = match deletes {
                    true => When::PersonDeleted,
                    false => When::PersonLeft,
                };
                self.departure(when, key, before, now, wire).await
            }
            Event::Update { person, .. } => self.change(person, now, wire).await,
            Event::PushGroup(key) => self.push(key, now, wire).await,
            Event::PushRule(_) => {
                let mut reports = Vec::new();
                let pushed = |group: &&Group| {
                    let earlier = before.group(&group.key).map(|g| g.push);
                    group.push == Push::On && earlier != Some(Push::On)
                };
                for group in now.groups().filter(pushed) {
                    reports.extend(self.push(&group.key, now, wire).await);
                }
                reports
            }
            Event::RenameGroup { group, .. } => {
                let linked = now.group(group).filter(|_| self.groups.contains_key(group));
                self.of_group(When::GroupRenamed, linked, None, now, wire)
                    .await
            }
            Event::Join(Membership { person, group }) => {
                self.membership(When::MemberJoined, person, group, now, wire)
                    .await
            }
            Event::Leave(Membership { person, group }) => {
                self.membership(When::MemberLeft, person, group, now, wire)
                    .await
            }
            Event::DeleteGroup(key)
            | Event::Unlink {
                group: key,
                choice: UnlinkChoice::Delete,
            } => {
                let linked = before.group(key).filter(|_| self.groups.contains_key(key));
                self.of_group(When::GroupDeleted, linked, None, now, wire)
                    .await
            }
            Event::Unsuspend(_)
            | Event::Unlink { .. }
            | Event::PushNow(_)
            | Event::Import
            | Event::Cycle
            | Event::Wait { .. }
            | Event::AllowDeletions
            | Event::ChangePassword(_)
            | Event::RetryTasks => vec![sends_nothing(
                "wait",
                None,
                "the profile has no flow for it",
            )],
        }
    }

    /// Everybody who is assigned, then every group that is pushed.
    async fn everybody(&mut self, now: &Directory, wire: &Wire) -> Vec<JobReport> {
        let mut reports = Vec::new();
        for person in now.people().filter(|person| person.entitled()) {
            reports.extend(self.arrival(&person.key, now, wire).await);
        }
        for group in now.groups().filter(|group| group.push == Push::On) {
            reports.extend(self.push(&group.key, now, wire).await);
        }
        reports
    }

    /// Somebody is assigned or comes back; then the memberships in pushed groups.
    async fn arrival(&mut self, key: &PersonKey, now: &Directory, wire: &Wire) -> Vec<JobReport> {
        let Some(person) = now.person(key).filter(|p| p.entitled()) else {
            return Vec::new();
        };
        let returns = self.people.contains_key(key);
        let allowed = match returns {
            true => self.app.features.update,
            false => self.app.features.create,
        };
        if !allowed {
            let subject = Some(Subject::Person(key.clone()));
            return vec![sends_nothing(
                "person",
                subject,
                "the app's settings do not allow it",
            )];
        }
        let written = self.idp.flows.contains_key(&When::PersonReturned);
        let when = match returns && written {
            true => When::PersonReturned,
            false => When::PersonAssigned,
        };
        let mut reports = vec![self.play(when, About::Person(person), now, wire).await];
        let groups: Vec<&Group> = now.pushed_groups_of(key).collect();
        for group in groups {
            reports.extend(
                self.membership(When::MemberJoined, key, &group.key, now, wire)
                    .await,
            );
        }
        reports
    }

    /// Somebody who has an account leaves, or is suspended.
    async fn departure(
        &mut self,
        when: When,
        key: &PersonKey,
        before: &Directory,
        now: &Directory,
        wire: &Wire,
    ) -> Vec<JobReport> {
        let assigned = |p: &&Person| p.assignment == Assignment::Assigned;
        let managed = before.person(key).filter(assigned).is_some();
        let person = now
            .person(key)
            .filter(|_| managed && self.people.contains_key(key));
        match person {
            Some(person) if self.app.features.deactivate => {
                vec![self.play(when, About::Person(person), now, wire).await]
            }
            _ => {
                let subject = Some(Subject::Person(key.clone()));
                vec![sends_nothing(
                    when.name(),
                    subject,
                    "the person is not managed",
                )]
            }
        }
    }

    /// A profile changes; somebody who should have an account and has none is provisioned again.
    async fn change(&mut self, key: &PersonKey, now: &Directory, wire: &Wire) -> Vec<JobReport> {
        let Some(person) = now.person(key).filter(|p| p.entitled()) else {
            return Vec::new();
        };
        if !self.people.contains_key(key) {
            return self.arrival(key, now, wire).await;
        }
        if !self.app.features.update {
            let subject = Some(Subject::Person(key.clone()));
            return vec![sends_nothing(
                "person",
                subject,
                "the app's settings do not allow it",
            )];
        }
        vec![
            self.play(When::PersonChanged, About::Person(person), now, wire)
                .await,
        ]
    }

    async fn push(&mut self, key: &GroupKey, now: &Directory, wire: &Wire) -> Vec<JobReport> {
        let group = now
            .group(key)
            .filter(|group| group.push == Push::On && !self.groups.contains_key(key));
        self.of_group(When::GroupPushed, group, None, now, wire)
            .await
    }

    /// Somebody joins or leaves a pushed group. A group that is not at the target yet is pushed by its next joiner.
    async fn membership(
        &mut self,
        when: When,
        person: &PersonKey,
        group: &GroupKey,
        now: &Directory,
        wire: &Wire,
    ) -> Vec<JobReport> {
        let pushed = now.group(group).filter(|group| group.push == Push::On);
        let known = self.people.contains_key(person);
        let Some(group) = pushed.filter(|_| known) else {
            return Vec::new();
        };
        if !self.groups.contains_key(&group.key) {
            return match when {
                When::MemberJoined => self.push(&group.key, now, wire).await,
                _ => Vec::new(),
            };
        }
        self.of_group(when, Some(group), Some(person), now, wire)
            .await
    }

    async fn of_group(
        &mut self,
        when: When,
        group: Option<&Group>,
        member: Option<&PersonKey>,
        now: &Directory,
        wire: &Wire,
    ) -> Vec<JobReport> {
        match group {
            Some(group) if self.app.features.push_groups => {
                vec![
                    self.play(when, About::Group(group, member), now, wire)
                        .await,
                ]
            }
            _ => Vec::new(),
        }
    }

    /// Plays a flow and remembers whom or what the target has after it.
    async fn play(
        &mut self,
        when: When,
        about: About<'_>,
        now: &Directory,
        wire: &Wire,
    ) -> JobReport {
        let subject = match about {
            About::Nobody => None,
            About::Person(person) => Some(Subject::Person(person.key.clone())),
            About::Group(group, _) => Some(Subject::Group(group.key.clone())),
        };
        let idp = Arc::clone(&self.idp);
        let Some(flow) = idp.flows.get(&when) else {
            return sends_nothing(when.name(), subject, "the profile has no flow for it");
        };
        let wire = wire.job(when.name(), subject.clone());
        let members = self.members(about, now);
        let mut values = self.values(about);
        values.insert("members".to_owned(), (!members.is_empty()).to_string());
        let mut play = Play {
            idp: &idp,
            basis: &flow.basis,
            wire: &wire,
            values,
            mapped: self.mapped(about),
            members,
            last: None,
        };
        let result = play.steps(&flow.steps).await;
        let values = play.values;
        self.remember(about, &values);
        let outcome = match result {
            Ok(()) => Outcome::Done,
            Err(stop) => Stop::outcome(stop, &idp.title, flow.basis.clone()),
        };
        JobReport {
            job: when.name().to_owned(),
            subject,
            outcome,
        }
    }

    /// What the flow can name.
    fn values(&self, about: About<'_>) -> Values {
        let mut values = self.captured.clone();
        values.insert("test-address".to_owned(), self.test_address.clone());
        let mut put = |name: &str, value: &str| values.insert(name.to_owned(), value.to_owned());
        match about {
            About::Nobody => {}
            About::Person(person) => {
                for attribute in Attribute::ALL {
                    if let Some(value) = person.get(attribute) {
                        put(attribute.name(), value);
                    }
                }
                put("external-id", person.directory_id());
                put("active", if active(person) { "true" } else { "false" });
                if let Some(id) = self.people.get(&person.key) {
                    put("id", id);
                }
                let manager = person.manager.as_ref().and_then(|m| self.people.get(m));
                if let Some(id) = manager {
                    put("manager-id", id);
                }
            }
            About::Group(group, member) => {
                put("group-name", &group.name);
                put("external-id", &group.directory_id);
                if let Some(id) = self.groups.get(&group.key) {
                    put("id", id);
                }
                if let Some(id) = member.and_then(|key| self.people.get(key)) {
                    put("member-id", id);
                }
            }
        }
        values
    }

    /// The mapped values of a person, in the order of the table.
    fn mapped(&self, about: About<'_>) -> Object {
        let mut mapped = Object::new();
        let About::Person(person) = about else {
            return mapped;
        };
        for mapping in &self.app.mappings {
            let value = match &mapping.source {
                Source::Manager => {
                    let manager = person.manager.as_ref();
                    manager.and_then(|m| self.people.get(m)).cloned()
                }
                source => source.text(person),
            };
            if let Some(value) = value {
                place::put(&mut mapped, &mapping.place, value);
            }
        }
        mapped
    }

    /// The target's ids of a group's members.
    fn members(&self, about: About<'_>, now: &Directory) -> Vec<String> {
        let About::Group(group, _) = about else {
            return Vec::new();
        };
        now.entitled_members(group)
            .filter_map(|person| self.people.get(&person.key).cloned())
            .collect()
    }

    /// Keeps the target's id of whom or what the flow was about, and what else was captured.
    fn remember(&mut self, about: About<'_>, values: &Values) {
        let id = values.get("id").filter(|id| !id.is_empty()).cloned();
        match (about, id) {
            (About::Nobody, _) => {}
            (About::Person(person), Some(id)) => {
                self.people.insert(person.key.clone(), id);
            }
            (About::Person(person), None) => {
                self.people.remove(&person.key);
            }
            (About::Group(group, _), Some(id)) => {
                self.groups.insert(group.key.clone(), id);
            }
            (About::Group(group, _), None) => {
                self.groups.remove(&group.key);
            }
        }
        let kept = values.iter().filter(|(name, _)| !super::is_given(name));
        self.captured
            .extend(kept.map(|(n, v)| (n.clone(), v.clone())));
    }

    /// The lookup by which that flow finds somebody; by the name where the flow looks for nobody.
    fn lookup(&self, when: When, about: About<'_>) -> Request {
        let flow = self.idp.flows.get(&when);
        let basis = flow.map_or(Basis::inferred("custom"), |flow| flow.basis.clone());
        let by_name = match about {
            About::Group(..) => by_name(ResourceKind::Group, "displayName", "{group-name}"),
            _ => by_name(ResourceKind::User, "userName", "{user-name}"),
        };
        let own = flow.and_then(|flow| first_lookup(&flow.steps));
        own.unwrap_or(&by_name)
            .message(&self.values(about), self.idp.encoding, basis)
    }
}

/// Whether the account is to be active: assigned, and neither suspended nor deactivated.
fn active(person: &Person) -> bool {
    person.status == Status::Active && person.assignment == Assignment::Assigned
}

fn sends_nothing(job: &str, subject: Option<Subject>, why: &str) -> JobReport {
    JobReport {
        job: job.to_owned(),
        subject,
        outcome: Outcome::SendsNothing {
            why: why.to_owned(),
            basis: Basis::inferred("custom"),
        },
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
        Box::pin(async move {
            let mut reports = Vec::new();
            let mut now = before.clone();
            for event in events {
                let before = now.clone();
                // The runner has applied every event already; one that cannot happen makes nothing happen here.
                if now.apply(event).is_err() {
                    continue;
                }
                self.app.clone_from(&now.settings);
                reports.extend(self.event(event, &before, &now, wire).await);
            }
            reports
        })
    }

    fn find_person(&self, person: &Person) -> Request {
        self.lookup(When::PersonAssigned, About::Person(person))
    }

    fn find_group(&self, group: &Group) -> Request {
        self.lookup(When::GroupPushed, About::Group(group, None))
    }

    fn read_lookup(&self, reply: &Reply) -> Lookup {
        lenient::lookup(reply)
    }
}
