//! How a job runs: put off by a 429, stopped by anything else that is not expected, retried by hand.

use super::Moment;
use super::dialect::{Okta, silent};
use super::job::{Job, Patience, Stop, nothing};
use crate::directory::{Directory, Event, Group, GroupKey, Person, PersonKey, Push, Subject};
use crate::idp::{JobReport, Outcome};
use crate::wire::{Basis, Reply};

impl Okta {
    /// Runs a job, and what follows from it: whoever has just got an account enters their pushed groups
    /// (`corrections/OK-2`, `corrections/OK-3`).
    pub(super) async fn carry_out(&mut self, job: Job, moment: Moment<'_>) -> Vec<JobReport> {
        let report = self.run(&job, moment).await;
        let done = report.outcome == Outcome::Done;
        let mut reports = vec![report];
        let (Job::Provision(person) | Job::Reactivate(person)) = job else {
            return reports;
        };
        if done {
            match &mut self.memory.newcomers {
                Some(newcomers) => newcomers.push(person),
                None => reports.extend(self.enter_groups(&person, moment).await),
            }
        }
        reports
    }

    /// Puts a person into the app's group of every pushed group that has them.
    pub(super) async fn enter_groups(
        &mut self,
        person: &PersonKey,
        moment: Moment<'_>,
    ) -> Vec<JobReport> {
        let groups = moment.now.pushed_groups_of(person);
        let keys: Vec<GroupKey> = groups.map(|group| group.key.clone()).collect();
        let mut reports = Vec::new();
        for key in keys {
            if let Some(mapping) = self.memory.groups.get_mut(&key) {
                mapping.pending.push(person.clone());
                reports.push(self.run(&Job::Enter(key), moment).await);
            }
        }
        reports
    }

    /// *Retry* on every task: each job again from its first request (`okta/12/11`).
    pub(super) async fn retry(&mut self, moment: Moment<'_>) -> Vec<JobReport> {
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
                Err(Stop::PutOff(reply)) if !job.patient() => break throttled(&reply),
                Err(Stop::PutOff(reply)) => {
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
            // Whatever waited for the same group has gone out with it.
            Outcome::Done => self.memory.tasks.retain(|task| {
                task != job && (job.group().is_none() || task.group() != job.group())
            }),
            Outcome::SendsNothing { .. } | Outcome::Imported { .. } => {}
        }
        // The assignment in Okta is not rolled back, whatever became of the account (`corrections/OK-10`).
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
            Job::ImportSchema => self.import_schema(moment).await,
            Job::DiscoverEntitlements => self.discover_entitlements(moment).await,
            Job::Provision(person) | Job::Reactivate(person) => {
                match moment.now.person(person).filter(|person| person.entitled()) {
                    Some(person) if matches!(job, Job::Reactivate(_)) => {
                        self.reactivate(person, moment).await
                    }
                    Some(person) => self.provision(person, moment).await,
                    None => {
                        let why = "the person is not assigned, or not active in Okta";
                        Ok(nothing(why, Basis::documented("okta/6.2")))
                    }
                }
            }
            Job::Update(person) => self.update(known(moment.now, person)?, moment).await,
            Job::Password(person) => {
                self.change_password(known(moment.now, person)?, moment)
                    .await
            }
            Job::Deactivate(person) => self.deactivate(known(moment.now, person)?, moment).await,
            // The group itself may be gone from the directory.
            Job::DeleteGroup(group) => self.delete_group(group, moment).await,
            Job::PushGroup(key)
            | Job::PushNow(key)
            | Job::Members(key)
            | Job::Enter(key)
            | Job::Rename(key) => match self.pushable(key, job, moment.now) {
                Ok(group) => match job {
                    Job::PushNow(_) => self.push_now(group, moment).await,
                    Job::Members(_) => self.push_members(group, moment).await,
                    Job::Enter(_) => self.enter_group(group, moment).await,
                    Job::Rename(_) => self.rename_group(group, moment).await,
                    _ => self.push_group(group, moment).await,
                },
                Err(outcome) => Ok(outcome),
            },
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
            return Err(nothing(why, Basis::documented("okta/3/7")));
        }
        let mapping = self.memory.groups.get(key);
        match job {
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

/// Nobody of that key in the directory: the directory itself refuses such an event before a job comes of it.
fn known<'a>(now: &'a Directory, person: &PersonKey) -> Result<&'a Person, Stop> {
    now.person(person).ok_or_else(|| {
        let why = "the directory has no such person";
        Stop::Over(nothing(why, Basis::inferred("okta/5.1")))
    })
}
