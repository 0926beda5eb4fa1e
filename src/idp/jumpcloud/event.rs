//! What each event makes JumpCloud do. Events are sent one after the other, each as the directory stands then.

use super::answer::Trouble;
use super::{Connection, answer};
use crate::directory::{
    Assignment, Directory, Event, Group, GroupKey, Membership, Person, PersonKey, Push, Subject,
};
use crate::idp::{JobReport, Outcome};
use crate::wire::{Basis, Reply, Request, Wire};

/// The reports of a step.
#[derive(Debug, Default)]
pub(super) struct Reports(Vec<JobReport>);

impl Reports {
    /// Notes what became of a job; `log` is what the event log calls it.
    pub(super) fn note(
        &mut self,
        job: &str,
        subject: Option<Subject>,
        log: &str,
        result: Result<Outcome, Trouble>,
    ) {
        self.0.push(JobReport {
            job: job.to_owned(),
            subject,
            outcome: result.unwrap_or_else(|trouble| trouble.outcome(log)),
        });
    }
}

/// An outcome without a request.
pub(super) fn sends_nothing(why: &str, basis: Basis) -> Outcome {
    Outcome::SendsNothing {
        why: why.to_owned(),
        basis,
    }
}

/// Sends a request whose reply somebody else reads.
pub(super) async fn send(wire: &Wire, request: Request) -> Result<Reply, Trouble> {
    wire.send(request).await.map_err(|f| answer::failed(&f))
}

impl Connection {
    /// One step.
    pub(super) async fn events(
        &mut self,
        events: &[Event],
        before: &Directory,
        wire: &Wire,
    ) -> Vec<JobReport> {
        let mut reports = Reports::default();
        let mut now = before.clone();
        for event in events {
            let before = now.clone();
            // The runner has applied every event already; one that cannot happen makes nothing happen here.
            if now.apply(event).is_err() {
                continue;
            }
            self.app.clone_from(&now.settings);
            self.event(event, &before, &now, wire, &mut reports).await;
        }
        reports.0
    }

    async fn event(
        &mut self,
        event: &Event,
        before: &Directory,
        now: &Directory,
        wire: &Wire,
        reports: &mut Reports,
    ) {
        let asked = matches!(
            event,
            Event::TestConnection | Event::SwitchOnProvisioning | Event::Import
        );
        if !asked && (self.dead || !now.provisioning) {
            let why = "the integration is not active";
            let outcome = sends_nothing(why, Basis::documented("jumpcloud/4/13"));
            reports.note("provision", None, "", Ok(outcome));
            return;
        }
        match event {
            Event::TestConnection => self.test_connection(wire, reports).await,
            Event::Assign(person) | Event::ProvisionUser(person) => {
                self.assign(person, now, wire, reports).await;
            }
            Event::SwitchOnProvisioning => self.switch_on(now, wire, reports).await,
            Event::Unassign(person) => self.change(person, now, wire, reports).await,
            Event::Deactivate(person)
            | Event::Suspend(person)
            | Event::Reactivate(person)
            | Event::Unsuspend(person)
            | Event::Update { person, .. } => {
                let assigned = |person: &Person| person.assignment == Assignment::Assigned;
                if now.person(person).is_some_and(assigned) {
                    self.change(person, now, wire, reports).await;
                } else {
                    let why = "whoever is not assigned is not managed";
                    let outcome = sends_nothing(why, Basis::inferred("jumpcloud/3/8"));
                    let subject = Some(Subject::Person(person.clone()));
                    reports.note("update user", subject, "", Ok(outcome));
                }
            }
            Event::ChangePassword(person) => {
                let outcome = sends_nothing(
                    "the app maps no password",
                    Basis::documented("jumpcloud/3/12"),
                );
                let subject = Some(Subject::Person(person.clone()));
                reports.note("update user", subject, "", Ok(outcome));
            }
            Event::Delete(person) => self.delete_user(person, now, wire, reports).await,
            Event::PushGroup(key) => self.bind(key, now, wire, reports).await,
            Event::PushRule(_) => {
                for group in now.groups().filter(|group| group.push == Push::On) {
                    if before.group(&group.key).map(|old| old.push) != Some(Push::On) {
                        self.bind(&group.key, now, wire, reports).await;
                    }
                }
            }
            Event::RenameGroup { group, .. } => self.rename_group(group, now, wire, reports).await,
            Event::Join(member) => self.membership(member, true, now, wire, reports).await,
            Event::Leave(member) => self.membership(member, false, now, wire, reports).await,
            Event::Unlink { group, .. } => {
                let why = "a group that is unbound stays where it is";
                let outcome = sends_nothing(why, Basis::documented("jumpcloud/4/12"));
                let subject = Some(Subject::Group(group.clone()));
                reports.note("unbind group", subject, "", Ok(outcome));
            }
            Event::DeleteGroup(key) => self.delete_group(key, before, wire, reports).await,
            Event::Import => self.import(wire, reports).await,
            Event::PushNow(_)
            | Event::Cycle
            | Event::Wait { .. }
            | Event::RetryTasks
            | Event::AllowDeletions => {
                let why = "groups and people are sent when they change, not by a timer or a button";
                let outcome = sends_nothing(why, Basis::documented("jumpcloud/4/3"));
                reports.note("wait", None, "", Ok(outcome));
            }
        }
    }

    /// *Activate*, then everybody who is assigned, then every group that is bound. An activation that fails provisions nobody.
    async fn switch_on(&mut self, now: &Directory, wire: &Wire, reports: &mut Reports) {
        let result = self.activate(&wire.job("activate", None)).await;
        self.dead = result.is_err();
        let outcome = result.clone().map(|()| Outcome::Done);
        reports.note("activate", None, "the activation", outcome);
        // Whoever was provisioned before hears nothing of a further activation.
        let waiting: Vec<&Person> = now
            .people()
            .filter(|person| person.entitled() && !self.people.contains_key(&person.key))
            .collect();
        for person in waiting {
            match &result {
                Ok(()) => self.provision(person, wire, reports).await,
                Err(trouble) => {
                    let subject = Some(Subject::Person(person.key.clone()));
                    let stopped = Err(trouble.clone());
                    reports.note("provision user", subject, "the activation", stopped);
                }
            }
        }
        for group in now.groups().filter(|group| group.push == Push::On) {
            if result.is_ok() {
                self.bind(&group.key, now, wire, reports).await;
            }
        }
    }

    /// The person, and then its place in the bound groups: a membership change for each (jumpcloud/4/3).
    async fn assign(
        &mut self,
        key: &PersonKey,
        now: &Directory,
        wire: &Wire,
        reports: &mut Reports,
    ) {
        let Some(person) = now.person(key) else {
            return;
        };
        self.provision(person, wire, reports).await;
        let groups: Vec<GroupKey> = now
            .pushed_groups_of(key)
            .map(|group: &Group| group.key.clone())
            .collect();
        for group in groups {
            let person = key.clone();
            let membership = Membership { person, group };
            self.membership(&membership, true, now, wire, reports).await;
        }
    }
}
