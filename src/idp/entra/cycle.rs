//! What a step makes the job do, and the order of one cycle's phases (entra/3.1).

use std::ops::ControlFlow;
use std::time::Duration;

use super::Job;
use super::answer::{self, Action, Reach, Trouble};
use super::memory::PersonMemory;
use crate::directory::{Directory, Event, Push, Subject, UnlinkChoice};
use crate::idp::{JobReport, Outcome, equals};
use crate::wire::{Basis, Reply, Request, Wire};

/// The reports of a step, and whether its cycle may go on.
#[derive(Debug, Default)]
pub(super) struct Reports(Vec<JobReport>);

impl Reports {
    /// Notes what became of a job. A quarantine ends the cycle.
    pub(super) fn note(
        &mut self,
        job: &str,
        subject: Option<Subject>,
        result: Result<Outcome, Trouble>,
    ) -> ControlFlow<()> {
        let quarantined = matches!(&result, Err(trouble) if trouble.reach == Reach::Job);
        self.0.push(JobReport {
            job: job.to_owned(),
            subject,
            outcome: result.unwrap_or_else(Trouble::outcome),
        });
        if quarantined {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }

    fn sends_nothing(&mut self, job: &str, subject: Option<Subject>, why: &str, basis: Basis) {
        let outcome = Outcome::SendsNothing {
            why: why.to_owned(),
            basis,
        };
        self.0.push(JobReport {
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
        let mut cycle = false;
        let mut waited = false;
        for event in events {
            cycle |= self.announce(event, now, &mut reports);
            waited |= matches!(event, Event::Wait { .. });
        }
        if events.contains(&Event::TestConnection) {
            self.begin_cycle(now);
            let result = self.probe(&wire.job("test connection", None)).await;
            let _ = reports.note("test connection", None, result.map(|()| Outcome::Done));
        }
        if cycle && !now.provisioning {
            let why = "provisioning is switched off";
            reports.sends_nothing("cycle", None, why, Basis::documented("entra/3.1"));
        } else if cycle {
            // A wait has let the time pass already.
            if !waited {
                let interval = Duration::from_mins(self.settings.cycle_minutes);
                wire.clock().skip(interval);
            }
            let ended = self.cycle(now, wire, &mut reports).await;
            if ended.is_break() {
                self.cut_short(now, &mut reports);
            }
        }
        reports.0
    }

    /// Whether a cycle follows the event; what Entra does not send for it, by its own rules, is said here.
    fn announce(&self, event: &Event, now: &Directory, reports: &mut Reports) -> bool {
        let person = |key: &crate::directory::PersonKey| Some(Subject::Person(key.clone()));
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
            Event::Wait { seconds } => *seconds >= self.settings.cycle_minutes * 60,
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
        self.begin_cycle(now);
        let probed = self.probe(&wire.job("probe", None)).await;
        let healthy = probed.is_ok();
        reports.note("probe", None, probed.map(|()| Outcome::Done))?;
        // An outage is waited out: the next cycle finds everything that is due now (entra/1.3/1).
        if !healthy {
            return ControlFlow::Break(());
        }
        self.users(now, wire, reports).await?;
        if now.settings.features.push_groups {
            self.groups(now, wire, reports).await?;
            self.memberships(now, wire, reports).await?;
        }
        self.managers(now, wire, reports).await
    }

    /// Says of everything that is due and was not reached that it is, and which exchange kept it from being reached.
    fn cut_short(&self, now: &Directory, reports: &mut Reports) {
        let Some(end) = reports.0.last().map(|report| report.outcome.clone()) else {
            return;
        };
        let people = now.people().filter(|p| self.memory.person_is_due(p));
        let people = people.map(|person| {
            let awaits = |memory: &PersonMemory| memory.awaits_manager.is_some();
            let reached = self.memory.people.get(&person.key).is_some_and(awaits);
            let job = if reached {
                "update manager"
            } else {
                self.job_for(person)
            };
            (job, Subject::Person(person.key.clone()))
        });
        let groups = now.groups().filter(|g| self.memory.group_is_due(g, now));
        let groups =
            groups.map(|group| (self.job_for_group(group), Subject::Group(group.key.clone())));
        for (job, subject) in people.chain(groups).collect::<Vec<_>>() {
            let told = reports
                .0
                .iter()
                .any(|report| report.subject.as_ref() == Some(&subject) && report.outcome == end);
            if !told {
                reports.0.push(JobReport {
                    job: job.to_owned(),
                    subject: Some(subject),
                    outcome: end.clone(),
                });
            }
        }
    }

    /// Asks for people and a group that cannot exist, to see that the endpoint answers (entra/2).
    async fn probe(&mut self, wire: &Wire) -> Result<(), Trouble> {
        let place = super::attribute::matching_place(&self.app).to_string();
        for _ in 0..self.settings.user_probes {
            let filter = equals(&place, &self.dice.guid());
            let basis = Basis::documented("entra/2/1");
            let request = self.writer.find_users(&filter, basis);
            answer::list(&send(wire, request).await?)?;
        }
        if self.settings.group_probe {
            let filter = equals("displayName", &self.dice.guid());
            let basis = Basis::documented("entra/2/2");
            let request = self.writer.find_groups(&filter, basis);
            answer::list(&send(wire, request).await?)?;
        }
        Ok(())
    }
}

/// Sends a request whose reply somebody else reads.
pub(super) async fn send(wire: &Wire, request: Request) -> Result<Reply, Trouble> {
    wire.send(request).await.map_err(|f| answer::failed(&f))
}

/// Sends a write, and reads its reply by its status alone.
pub(super) async fn write(wire: &Wire, action: Action, request: Request) -> Result<Reply, Trouble> {
    let reply = send(wire, request).await?;
    answer::judge(action, &reply)?;
    Ok(reply)
}
