//! What a step makes the job do, and the order of one cycle's phases (entra/3.1).

use std::ops::ControlFlow;

use super::Job;
use super::answer::{self, Action, Reach, Trouble};
use super::health::{self, Health};
use super::object::Object;
use super::settings::GroupProbe;
use crate::directory::{Directory, Event, PersonKey, Push, Subject, UnlinkChoice};
use crate::idp::{JobReport, Outcome, equals};
use crate::wire::{Basis, Reply, Request, Wire};

/// The reports of a step, and what they say of the job's health.
#[derive(Debug, Default)]
pub(super) struct Reports {
    list: Vec<JobReport>,
    /// How many objects a cycle has tried.
    pub(super) objects: u64,
    /// How many of them failed; what fails of their references does not count (entra/1.3/7).
    pub(super) failures: u64,
    /// Whether something puts the job into quarantine.
    pub(super) quarantine: bool,
}

impl Reports {
    /// Notes what became of a job. What quarantines the job ends the cycle.
    pub(super) fn note(
        &mut self,
        job: &str,
        subject: Option<Subject>,
        result: Result<Outcome, Trouble>,
    ) -> ControlFlow<()> {
        let ends = matches!(&result, Err(trouble) if trouble.reach == Reach::Job);
        self.quarantine |= ends;
        self.push(job, subject, result.unwrap_or_else(Trouble::outcome));
        if ends {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    /// Notes what became of an object, and counts it.
    pub(super) fn note_object(
        &mut self,
        job: &str,
        subject: Subject,
        result: Result<Outcome, Trouble>,
    ) -> ControlFlow<()> {
        self.objects += 1;
        self.failures += u64::from(result.is_err());
        self.note(job, Some(subject), result)
    }

    /// Notes what the job itself gives up, which puts it into quarantine.
    pub(super) fn stop(&mut self, job: &str, subject: Option<Subject>, why: &str, code: &str) {
        self.quarantine = true;
        self.push(job, subject, health::stopped(why, code));
    }

    /// Notes what is not sent, by Entra's own rules.
    pub(super) fn sends_nothing(
        &mut self,
        job: &str,
        subject: Option<Subject>,
        why: &str,
        basis: Basis,
    ) {
        let why = why.to_owned();
        self.push(job, subject, Outcome::SendsNothing { why, basis });
    }

    fn push(&mut self, job: &str, subject: Option<Subject>, outcome: Outcome) {
        self.list.push(JobReport {
            job: job.to_owned(),
            subject,
            outcome,
        });
    }
}

impl Job {
    /// One step: the events have happened, and the next cycle carries all of them.
    pub(super) async fn step(
        &mut self,
        events: &[Event],
        now: &Directory,
        wire: &Wire,
    ) -> Vec<JobReport> {
        let mut reports = Reports::default();
        let mut asked = false;
        for event in events {
            asked |= self.announce(event, now, &mut reports);
        }
        let waits = events
            .iter()
            .any(|event| matches!(event, Event::Wait { .. }));
        if events.contains(&Event::TestConnection) {
            self.test_connection(now, wire, &mut reports).await;
        }
        if asked && !now.provisioning {
            let why = "provisioning is switched off";
            reports.sends_nothing("cycle", None, why, Basis::documented("entra/3.1"));
        } else if self.settings.on_demand && now.provisioning {
            self.at = wire.clock().skipped();
            self.on_demand(now, wire, &mut reports).await;
        } else if (asked || waits) && now.provisioning {
            // A wait has let the time pass already, and may have room for several cycles.
            if !waits && self.health != Health::SwitchedOff {
                wire.clock().skip(self.interval());
            }
            self.cycles(asked, now, wire, &mut reports).await;
        }
        reports.list
    }

    /// The button of the console: the probes, and nothing else (entra/2).
    async fn test_connection(&mut self, now: &Directory, wire: &Wire, reports: &mut Reports) {
        self.begin_cycle(now, wire.clock().skipped());
        let wire = wire.job("test connection", None);
        let mut result = self.probe_users(&wire).await;
        if result.is_ok() && self.settings.group_probe_on_test {
            result = self.probe_groups(&wire).await;
        }
        let _ = reports.note("test connection", None, result.map(|()| Outcome::Done));
        reports.quarantine = false;
    }

    /// The cycles that take place until now: at least one where something was done in the directory.
    async fn cycles(&mut self, asked: bool, now: &Directory, wire: &Wire, reports: &mut Reports) {
        let until = wire.clock().skipped();
        let mut ran = false;
        loop {
            let at = match self.next_cycle(until) {
                Some(at) => at,
                None if asked && !ran && self.health == Health::Running => until,
                None => break,
            };
            if self.is_switched_off(at) {
                break;
            }
            ran = true;
            self.last_cycle = at;
            self.begin_cycle(now, at);
            let start = std::mem::take(reports);
            let ended = self.cycle(now, wire, reports).await;
            if ended.is_break() {
                self.cut_short(now, reports);
            }
            self.judge_cycle(ended.is_continue(), reports);
            reports.list.splice(..0, start.list);
        }
        if !ran {
            self.announce_health(reports);
        }
    }

    /// Whether a cycle follows the event; what Entra does not send for it, by its own rules, is said here.
    fn announce(&mut self, event: &Event, now: &Directory, reports: &mut Reports) -> bool {
        let person = |key: &PersonKey| Some(Subject::Person(key.clone()));
        match event {
            Event::TestConnection => false,
            Event::Suspend(key) | Event::Unsuspend(key) => {
                let why = "Entra ID's directory knows no suspension";
                reports.sends_nothing("suspend", person(key), why, Basis::inferred("entra/5.2"));
                false
            }
            Event::Import => {
                let why = "Entra ID reads single people and groups and never lists the target's";
                reports.sends_nothing("import", None, why, Basis::inferred("entra/9.2/3"));
                false
            }
            Event::Wait { .. } => false,
            Event::RetryTasks => {
                self.memory.restart();
                self.health = Health::Running;
                true
            }
            Event::SwitchOnProvisioning => {
                self.health = Health::Running;
                true
            }
            Event::AllowDeletions => {
                self.deletions_allowed = true;
                self.health = Health::Running;
                true
            }
            Event::Update {
                person: key,
                changes,
                ..
            } => {
                if changes.values().any(Option::is_none) {
                    let why = "a value that was emptied in Entra ID is not sent";
                    let basis = Basis::documented("entra/4.6/1");
                    reports.sends_nothing("clear attribute", person(key), why, basis);
                }
                true
            }
            Event::Unlink {
                group,
                choice: UnlinkChoice::Leave,
            } => {
                if now.group(group).is_some_and(|g| g.push == Push::Left) {
                    let subject = Some(Subject::Group(group.clone()));
                    let why = "objects that leave the scope are set to be skipped";
                    let basis = Basis::inferred("entra/5.2/5");
                    reports.sends_nothing("delete group", subject, why, basis);
                }
                true
            }
            _ => true,
        }
    }

    /// One cycle. Breaks off where the job is quarantined; what it did not reach is due in the next one.
    async fn cycle(
        &mut self,
        now: &Directory,
        wire: &Wire,
        reports: &mut Reports,
    ) -> ControlFlow<()> {
        let probed = self.probe(&wire.job("probe", None)).await;
        let healthy = probed.is_ok();
        reports.note("probe", None, probed.map(|()| Outcome::Done))?;
        // An outage is waited out: the next cycle finds everything that is due now (entra/1.3/1).
        if !healthy {
            return ControlFlow::Break(());
        }
        self.stage_deletions(now);
        let people = now.people().map(Object::Person);
        self.objects(people, now, wire, reports).await?;
        if self.app.features.push_groups {
            let groups = now.groups().map(Object::Group);
            self.objects(groups, now, wire, reports).await?;
            for group in now.groups() {
                self.members(group, now, wire, reports).await?;
            }
        }
        for person in now.people() {
            self.person_references(person, now, wire, reports).await?;
        }
        self.deletions_allowed = false;
        ControlFlow::Continue(())
    }

    /// Says of everything that is due and was not reached that it is, and which exchange kept it from being reached.
    fn cut_short(&self, now: &Directory, reports: &mut Reports) {
        let Some(end) = reports.list.last().map(|report| report.outcome.clone()) else {
            return;
        };
        let due = Object::all(now).filter(|object| self.memory.is_due(*object, now, self.at));
        for object in due {
            let subject = object.subject();
            let reached = |report: &JobReport| {
                report.subject.as_ref() == Some(&subject) && report.outcome == end
            };
            if !reports.list.iter().any(reached) {
                let job = match object {
                    Object::Person(person) if self.memory.awaits_references(person) => {
                        "update manager"
                    }
                    _ => self.job_for(object),
                };
                reports.push(job, Some(subject), end.clone());
            }
        }
    }

    /// Asks for people and a group that cannot exist, to see that the endpoint answers (entra/2).
    pub(super) async fn probe(&mut self, wire: &Wire) -> Result<(), Trouble> {
        self.probe_users(wire).await?;
        let probes_groups = match self.settings.group_probe {
            GroupProbe::Always => true,
            GroupProbe::WhereGroupsAreMapped => self.app.features.push_groups,
            GroupProbe::Never => false,
        };
        if probes_groups {
            self.probe_groups(wire).await?;
        }
        Ok(())
    }

    async fn probe_users(&mut self, wire: &Wire) -> Result<(), Trouble> {
        let place = super::attribute::matching_place(&self.app).to_string();
        for _ in 0..self.settings.user_probes {
            let filter = equals(&place, &self.dice.guid());
            let basis = Basis::documented("entra/2/1");
            let request = self.writer.find_users(&filter, basis);
            answer::list(&self.send(wire, request).await?)?;
        }
        Ok(())
    }

    async fn probe_groups(&mut self, wire: &Wire) -> Result<(), Trouble> {
        let filter = equals(self.settings.group_matching.attribute(), &self.dice.guid());
        let basis = Basis::documented("entra/2/2");
        let request = self.writer.find_groups(&filter, basis);
        answer::list(&self.send(wire, request).await?)?;
        Ok(())
    }

    /// Sends a request whose reply somebody else reads. A target that asks for patience gets it where the job is set to
    /// honour that, once (entra/9.4/3).
    pub(super) async fn send(&self, wire: &Wire, request: Request) -> Result<Reply, Trouble> {
        let again = self.settings.honours_retry_after.then(|| request.clone());
        let reply = wire.send(request).await.map_err(|f| answer::failed(&f))?;
        match (answer::asks_for_patience(&reply), again) {
            (Some(time), Some(request)) if wire.wait_for_target(&reply, time).await.is_ok() => {
                wire.send(request).await.map_err(|f| answer::failed(&f))
            }
            _ => Ok(reply),
        }
    }

    /// Sends a write, and reads its reply by its status alone.
    pub(super) async fn write(
        &self,
        wire: &Wire,
        action: Action,
        request: Request,
    ) -> Result<(), Trouble> {
        answer::judge(action, &self.send(wire, request).await?)
    }
}
