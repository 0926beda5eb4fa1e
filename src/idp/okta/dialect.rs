//! Which jobs an event makes Okta do, and how a job runs: put off by a 429, stopped by anything else, retried by hand.

use futures_util::future::BoxFuture;

use super::job::{Job, Patience, Stop, nothing};
use super::memory::{Change, Memory};
use super::settings::{Profile, Switches};
use super::{Moment, list};
use crate::directory::{
    Assignment, Dice, Directory, Event, Group, GroupKey, Matching, Membership, Person, PersonKey,
    Push, Source, Subject, UnlinkChoice,
};
use crate::idp::{Dialect, JobReport, Lookup, Outcome, Setup};
use crate::wire::{Basis, Reply, Request, Wire};

/// Okta with one app.
#[derive(Debug)]
pub struct Okta {
    pub(super) profile: Profile,
    pub(super) switches: Switches,
    pub(super) dice: Dice,
    pub(super) memory: Memory,
    /// The unique identifier that the administrator chose, as last seen.
    pub(super) matching: Matching,
}

impl Okta {
    /// Okta with a new app of that kind, switched as usual.
    pub fn new(profile: Profile, setup: Setup) -> Self {
        Self::switched(profile, Switches::of(profile), setup)
    }

    /// Okta with a new app of that kind, switched otherwise.
    pub fn switched(profile: Profile, switches: Switches, setup: Setup) -> Self {
        Self {
            profile,
            switches,
            dice: setup.dice,
            memory: Memory::default(),
            matching: Matching::default(),
        }
    }

    /// The jobs of one event, one after the other.
    async fn on(
        &mut self,
        event: &Event,
        before: &Directory,
        moment: Moment<'_>,
    ) -> Vec<JobReport> {
        let now = moment.now;
        match event {
            Event::TestConnection => self.carry_out(Job::TestConnection, moment).await,
            Event::SwitchOnProvisioning => self.carry_out(Job::SaveProvisioning, moment).await,
            _ if !now.provisioning => {
                let why = "provisioning is switched off";
                silent(event, why, Basis::documented("okta/6.3"))
            }
            Event::Assign(person) if assigned_before_provisioning(now, person) => {
                let why = "whoever was assigned before provisioning waits for Provision User";
                silent(event, why, Basis::documented("okta/10"))
            }
            Event::Assign(person) | Event::ProvisionUser(person) => {
                self.carry_out(Job::Provision(person.clone()), moment).await
            }
            Event::Update { person, .. } if !self.maps(event, now) => {
                let _ = person;
                let why = "none of the changed attributes is mapped";
                silent(event, why, Basis::documented("okta/5.3"))
            }
            Event::Update { person, .. } => {
                self.carry_out(Job::Update(person.clone()), moment).await
            }
            // Deleting somebody who is still active deactivates first; deleting by itself sends nothing (`okta/6.3/2`).
            Event::Delete(person) if !self.memory.accounts.contains_key(person) => {
                let why = "Okta deletes nobody in an app";
                silent(event, why, Basis::documented("okta/6.3"))
            }
            Event::Unassign(person) | Event::Deactivate(person) | Event::Delete(person) => {
                self.carry_out(Job::Deactivate(person.clone()), moment)
                    .await
            }
            Event::Reactivate(person) => {
                self.carry_out(Job::Reactivate(person.clone()), moment)
                    .await
            }
            Event::Suspend(_) | Event::Unsuspend(_) => {
                let why = "Okta sends nothing when a person is suspended or unsuspended";
                silent(event, why, Basis::documented("okta/6.3"))
            }
            Event::Cycle | Event::Wait { .. } => {
                let why = "Okta acts on events and has no cycle; nothing was put off";
                silent(event, why, Basis::captured("okta/4.1"))
            }
            Event::Import => {
                let mut reports = self.carry_out(Job::ImportUsers, moment).await;
                if now.settings.features.import_groups {
                    reports.extend(self.carry_out(Job::ImportGroups, moment).await);
                }
                reports
            }
            Event::RetryTasks => self.retry(moment).await,
            Event::PushRule(_) | Event::PushGroup(_) | Event::PushNow(_)
                if !now.settings.features.push_groups =>
            {
                let why = "pushing groups is switched off in the app";
                silent(event, why, Basis::documented("okta/3"))
            }
            Event::PushGroup(group) => self.carry_out(Job::PushGroup(group.clone()), moment).await,
            Event::PushRule(rule) => {
                let new = |group: &&Group| {
                    let on = before.group(&group.key).is_some_and(|g| g.push == Push::On);
                    rule.selects(&group.name) && group.push == Push::On && !on
                };
                let keys: Vec<_> = now.groups().filter(new).map(|g| g.key.clone()).collect();
                let mut reports = Vec::new();
                for key in keys {
                    reports.extend(self.carry_out(Job::PushGroup(key), moment).await);
                }
                if reports.is_empty() {
                    let why = "the rule selects no group that is not pushed already";
                    return silent(event, why, Basis::documented("okta/8.1"));
                }
                reports
            }
            Event::PushNow(group) => self.carry_out(Job::PushNow(group.clone()), moment).await,
            Event::RenameGroup { group, .. } => {
                self.carry_out(Job::Rename(group.clone()), moment).await
            }
            Event::Join(membership) => {
                let change = Change::Join(membership.person.clone());
                self.change_members(event, membership, change, moment).await
            }
            Event::Leave(membership) => {
                let change = Change::Leave(membership.person.clone());
                self.change_members(event, membership, change, moment).await
            }
            Event::Unlink { group, choice } => match choice {
                UnlinkChoice::Delete => {
                    self.carry_out(Job::DeleteGroup(group.clone()), moment)
                        .await
                }
                UnlinkChoice::Leave => {
                    self.memory.groups.remove(group);
                    self.memory.tasks.retain(|task| task.group() != Some(group));
                    let why = "the app's group is left as it is";
                    silent(event, why, Basis::documented("okta/8.1"))
                }
            },
            Event::DeleteGroup(group) => {
                self.carry_out(Job::DeleteGroup(group.clone()), moment)
                    .await
            }
        }
    }

    /// A join or a leave concerns the app if the group is pushed and the person has an account there (`okta/8.1/1`).
    async fn change_members(
        &mut self,
        event: &Event,
        Membership { person, group }: &Membership,
        change: Change,
        moment: Moment<'_>,
    ) -> Vec<JobReport> {
        if !self.memory.accounts.contains_key(person) {
            let why = "a member without an account in the app is left out";
            return silent(event, why, Basis::documented("okta/8.1"));
        }
        if let Some(mapping) = self.memory.groups.get_mut(group) {
            mapping.pending.push(change);
        }
        self.carry_out(Job::Members(group.clone()), moment).await
    }

    /// Runs a job, and what follows from it: whoever has just got an account enters their pushed groups
    /// (`corrections/OK-2`, `corrections/OK-3`).
    async fn carry_out(&mut self, job: Job, moment: Moment<'_>) -> Vec<JobReport> {
        let report = self.run(&job, moment).await;
        let done = report.outcome == Outcome::Done;
        let mut reports = vec![report];
        let (Job::Provision(person) | Job::Reactivate(person)) = job else {
            return reports;
        };
        if done {
            let groups = moment.now.pushed_groups_of(&person);
            let keys: Vec<GroupKey> = groups.map(|group| group.key.clone()).collect();
            for key in keys {
                if let Some(mapping) = self.memory.groups.get_mut(&key) {
                    mapping.pending.push(Change::Join(person.clone()));
                    reports.push(self.run(&Job::Members(key), moment).await);
                }
            }
        }
        reports
    }

    /// *Retry* on every task: each job again from its first request (`okta/12/11`).
    async fn retry(&mut self, moment: Moment<'_>) -> Vec<JobReport> {
        let tasks = std::mem::take(&mut self.memory.tasks);
        if tasks.is_empty() {
            let why = "no task offers a retry; a failed deactivation's can only be marked complete";
            return silent(
                &Event::RetryTasks,
                why,
                Basis::captured("corrections/OK-11"),
            );
        }
        let mut reports = Vec::new();
        for job in tasks {
            if let Some(mapping) = job.group().and_then(|g| self.memory.groups.get_mut(g)) {
                mapping.error = false;
            }
            let group = job.group().cloned();
            reports.extend(self.carry_out(job, moment).await);
            // What changed while the mapping stood in error is pushed with the retry.
            if let Some(group) = group.filter(|group| self.waits(group)) {
                reports.extend(self.carry_out(Job::Members(group), moment).await);
            }
        }
        reports
    }

    fn waits(&self, group: &GroupKey) -> bool {
        let mapping = self.memory.groups.get(group);
        mapping.is_some_and(|mapping| !mapping.error && !mapping.pending.is_empty())
    }

    /// Runs one job to its end; a 429 puts it off and starts it again from its first request.
    async fn run(&mut self, job: &Job, moment: Moment<'_>) -> JobReport {
        let wire = moment.wire.job(job.name(), job.subject());
        let moment = Moment {
            wire: &wire,
            ..moment
        };
        let mut patience = Patience::new(self.switches.throttle);
        let outcome = loop {
            match self.attempt(job, moment).await {
                Ok(outcome) => break outcome,
                Err(Stop::Over(outcome) | Stop::Unanswered(outcome)) => break outcome,
                Err(Stop::Throttled(reply)) if !job.patient() => break throttled(&reply),
                Err(Stop::Throttled(reply)) => {
                    if let Err(outcome) = patience.wait(&wire, &reply).await {
                        break outcome;
                    }
                }
            }
        };
        self.remember(job, &outcome);
        JobReport {
            job: job.name().to_owned(),
            subject: job.subject(),
            outcome,
        }
    }

    /// What stays of a job: a task where an administrator can retry it, an error on a group's mapping.
    fn remember(&mut self, job: &Job, outcome: &Outcome) {
        match outcome {
            Outcome::Stopped { .. } | Outcome::Inconclusive { .. } => {
                if job.retryable() {
                    self.memory.leave_task(job);
                }
                if let Some(mapping) = job.group().and_then(|g| self.memory.groups.get_mut(g)) {
                    mapping.error = true;
                }
            }
            Outcome::Done => self.memory.tasks.retain(|task| task != job),
            Outcome::SendsNothing { .. } | Outcome::Imported { .. } => {}
        }
        // The assignment in Okta is not rolled back, whatever became of the account (`okta/6.4`).
        if let Job::Deactivate(person) = job {
            self.memory.unlink(person);
            let gone = Some(Subject::Person(person.clone()));
            self.memory.tasks.retain(|task| task.subject() != gone);
        }
    }

    async fn attempt(&mut self, job: &Job, moment: Moment<'_>) -> Result<Outcome, Stop> {
        match job {
            Job::TestConnection => self.test_connection(moment).await,
            Job::SaveProvisioning => self.save_provisioning(moment).await,
            Job::ImportUsers => self.import_users(moment).await,
            Job::ImportGroups => self.import_groups(moment).await,
            Job::Provision(person) | Job::Reactivate(person) => {
                match moment.now.person(person).filter(|person| person.entitled()) {
                    Some(person) => self.provision(person, moment).await,
                    None => {
                        let why = "the person is not assigned, or not active in Okta";
                        Ok(nothing(why, Basis::documented("okta/6.2")))
                    }
                }
            }
            Job::Update(person) => self.update(known(moment.now, person)?, moment).await,
            Job::Deactivate(person) => self.deactivate(known(moment.now, person)?, moment).await,
            // The group itself may be gone from the directory.
            Job::DeleteGroup(group) => self.delete_group(group, moment).await,
            Job::PushGroup(key) | Job::PushNow(key) | Job::Members(key) | Job::Rename(key) => {
                match self.pushable(key, job, moment.now) {
                    Ok(group) => match job {
                        Job::PushGroup(_) => self.push_group(group, moment).await,
                        Job::PushNow(_) => self.push_now(group, moment).await,
                        Job::Members(_) => self.push_members(group, moment).await,
                        _ => self.rename_group(group, moment).await,
                    },
                    Err(outcome) => Ok(outcome),
                }
            }
        }
    }

    /// The group, if its mapping takes the job.
    fn pushable<'a>(
        &self,
        key: &GroupKey,
        job: &Job,
        now: &'a Directory,
    ) -> Result<&'a Group, Outcome> {
        let group = now.group(key).filter(|group| group.push == Push::On);
        let Some(group) = group else {
            let why = "the group is not pushed";
            return Err(nothing(why, Basis::documented("okta/8.1")));
        };
        if !now.settings.features.push_groups {
            let why = "pushing groups is switched off in the app";
            return Err(nothing(why, Basis::documented("okta/3")));
        }
        let mapping = self.memory.groups.get(key);
        match job {
            Job::PushGroup(_) if mapping.is_some_and(|m| !m.error && !m.name.is_empty()) => {
                let why = "the group is pushed already";
                Err(nothing(why, Basis::inferred("okta/8.1")))
            }
            Job::PushGroup(_) | Job::PushNow(_) => Ok(group),
            _ if mapping.is_none_or(|m| m.error) => {
                let why = "the group's push stands in error until an administrator retries it";
                Err(nothing(why, Basis::reported("okta/8.4")))
            }
            Job::Rename(_) if !now.settings.rename_groups => {
                let why = "renaming the app's groups is switched off";
                Err(nothing(why, Basis::documented("okta/8.1")))
            }
            _ => Ok(group),
        }
    }

    /// Whether the app's table of attributes reads anything that an update changes.
    fn maps(&self, event: &Event, now: &Directory) -> bool {
        use crate::directory::Attribute::{Family, Given};
        let Event::Update {
            changes, manager, ..
        } = event
        else {
            return false;
        };
        now.settings.mappings.iter().any(|m| match &m.source {
            Source::Attribute(attribute) => changes.contains_key(attribute),
            Source::FullName => changes.contains_key(&Given) || changes.contains_key(&Family),
            Source::Manager => manager.is_some(),
            Source::Constant(_) => false,
        })
    }
}

impl Dialect for Okta {
    fn perform<'a>(
        &'a mut self,
        events: &'a [Event],
        before: &'a Directory,
        now: &'a Directory,
        wire: &'a Wire,
    ) -> BoxFuture<'a, Vec<JobReport>> {
        Box::pin(async move {
            self.matching = now.settings.matching;
            let mut reports = Vec::new();
            for event in events {
                reports.extend(self.on(event, before, Moment { now, wire }).await);
            }
            reports
        })
    }

    fn find_person(&self, person: &Person) -> Request {
        self.lookup_person(person)
    }

    fn find_group(&self, group: &Group) -> Request {
        self.lookup_group(&group.name)
    }

    fn read_lookup(&self, reply: &Reply) -> Lookup {
        list::lookup(reply)
    }
}

/// The report of an event for which Okta sends nothing.
fn silent(event: &Event, why: &str, basis: Basis) -> Vec<JobReport> {
    let people = event.people();
    let subject = match (people.first(), event.group()) {
        (_, Some(group)) => Some(Subject::Group(group.clone())),
        (Some(person), None) => Some(Subject::Person((*person).clone())),
        (None, None) => None,
    };
    vec![JobReport {
        job: "nothing".to_owned(),
        subject,
        outcome: nothing(why, basis),
    }]
}

/// A dialog that somebody looks at does not wait.
fn throttled(reply: &Reply) -> Outcome {
    Outcome::Stopped {
        exchange: Some(reply.exchange),
        why: "the target answered 429, which the dialog reports at once".to_owned(),
        admin_sees: "The dialog says that the app asks for fewer requests".to_owned(),
        basis: Basis::inferred("okta/3"),
    }
}

fn assigned_before_provisioning(now: &Directory, person: &PersonKey) -> bool {
    let person = now.person(person);
    person.is_some_and(|person| person.assignment == Assignment::BeforeProvisioning)
}

/// Nobody of that key in the directory: the directory itself refuses such an event before a job comes of it.
fn known<'a>(now: &'a Directory, person: &PersonKey) -> Result<&'a Person, Stop> {
    now.person(person).ok_or_else(|| {
        let why = "the directory has no such person";
        Stop::Over(nothing(why, Basis::inferred("okta/5.3")))
    })
}
