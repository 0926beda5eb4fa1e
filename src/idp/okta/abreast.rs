//! Jobs of different people at the same time (`okta/12/12`).
//!
//! What one person's events set off stays in its order; different people are served in any. Each job works on a copy of
//! what Okta remembers and brings back what it learned, because that is all it changes: its own person's account, and
//! the members of groups. Groups themselves are pushed alone, and whoever has just got an account enters their groups
//! when every account of the step is known, so that a list which is pushed whole lacks nobody whom Okta knows.

use std::collections::BTreeSet;

use super::Moment;
use super::dialect::Okta;
use super::memory::Memory;
use crate::directory::{Directory, Event, PersonKey};
use crate::idp::JobReport;
use crate::wire::{Work, shuffle};

/// What one copy of Okta did.
type Done = (Vec<JobReport>, Memory);

impl Okta {
    /// All jobs of a step's events, as many at the same time as the wire allows.
    pub(super) async fn abreast(
        &mut self,
        events: &[Event],
        before: &Directory,
        moment: Moment<'_>,
    ) -> Vec<JobReport> {
        let mut reports = Vec::new();
        let mut rest = events;
        while let Some(first) = rest.first() {
            let personal = rest.iter().take_while(|event| whose(event).is_some());
            let count = personal.count();
            if count == 0 {
                reports.extend(self.on(first, before, moment).await);
                rest = &rest[1..];
                continue;
            }
            let (stretch, later) = rest.split_at(count);
            rest = later;
            for wave in waves(stretch) {
                reports.extend(self.wave(wave, before, moment).await);
            }
        }
        reports
    }

    /// One event of each of several people.
    async fn wave(
        &mut self,
        mut events: Vec<&Event>,
        before: &Directory,
        moment: Moment<'_>,
    ) -> Vec<JobReport> {
        shuffle(&mut events, &mut self.dice);
        let jobs = events.into_iter().map(|event| {
            let mut copy = self.copy();
            copy.memory.newcomers = Some(Vec::new());
            let work: Work<'_, Done> = Box::new(move |wire| {
                Box::pin(async move {
                    let moment = Moment {
                        wire: &wire,
                        ..moment
                    };
                    let reports = copy.on(event, before, moment).await;
                    (reports, copy.memory)
                })
            });
            work
        });
        let jobs: Vec<_> = jobs.collect();
        let mut reports = self.run_together(jobs, moment).await;
        let newcomers = self.memory.newcomers.take().unwrap_or_default();
        let jobs = newcomers.into_iter().map(|person| {
            let mut copy = self.copy();
            let work: Work<'_, Done> = Box::new(move |wire| {
                Box::pin(async move {
                    let moment = Moment {
                        wire: &wire,
                        ..moment
                    };
                    let reports = copy.enter_groups(&person, moment).await;
                    (reports, copy.memory)
                })
            });
            work
        });
        let jobs: Vec<_> = jobs.collect();
        reports.extend(self.run_together(jobs, moment).await);
        reports
    }

    async fn run_together(
        &mut self,
        jobs: Vec<Work<'_, Done>>,
        moment: Moment<'_>,
    ) -> Vec<JobReport> {
        let base = self.memory.clone();
        let mut order = self.dice.fork();
        let mut reports = Vec::new();
        for (done, memory) in moment.wire.abreast(&mut order, jobs).await {
            reports.extend(done);
            self.memory.learn(&base, memory);
        }
        reports
    }

    /// Okta as it is, with dice of its own: two people do not get one password.
    fn copy(&mut self) -> Self {
        Self {
            dice: self.dice.fork(),
            switches: self.switches.clone(),
            memory: self.memory.clone(),
            app: self.app.clone(),
        }
    }
}

/// Whose event it is, if it is one person's.
fn whose(event: &Event) -> Option<&PersonKey> {
    event.people().first().copied()
}

/// The first event of each person, then the second …
fn waves(mut events: &[Event]) -> Vec<Vec<&Event>> {
    let mut waves: Vec<Vec<&Event>> = Vec::new();
    while let Some((event, rest)) = events.split_first() {
        events = rest;
        let has = |wave: &Vec<&Event>| wave.iter().any(|other| whose(other) == whose(event));
        // Behind the last wave that has the person.
        let place = waves.iter().rposition(has).map_or(0, |last| last + 1);
        match waves.get_mut(place) {
            Some(wave) => wave.push(event),
            None => waves.push(vec![event]),
        }
    }
    waves
}

impl Memory {
    /// Takes over what a copy has learned since it was made.
    fn learn(&mut self, base: &Self, copy: Self) {
        for person in base.accounts.keys() {
            if !copy.accounts.contains_key(person) {
                self.accounts.remove(person);
            }
        }
        for (person, id) in copy.accounts {
            if base.accounts.get(&person) != Some(&id) {
                self.accounts.insert(person, id);
            }
        }
        for (person, id) in copy.former {
            if base.former.get(&person) != Some(&id) {
                self.former.insert(person, id);
            }
        }
        self.tasks
            .retain(|task| copy.tasks.contains(task) || !base.tasks.contains(task));
        for task in &copy.tasks {
            if !base.tasks.contains(task) {
                self.leave_task(task);
            }
        }
        for (key, mapping) in copy.groups {
            let Some(ours) = self.groups.get_mut(&key) else {
                self.groups.insert(key, mapping);
                continue;
            };
            let Some(base) = base.groups.get(&key).filter(|base| **base != mapping) else {
                continue;
            };
            // What another copy left waiting waits on; what this one sent does not.
            let sent: BTreeSet<_> = base
                .pending
                .iter()
                .filter(|p| !mapping.pending.contains(p))
                .collect();
            ours.pending.retain(|person| !sent.contains(person));
            for person in mapping.pending {
                if !ours.pending.contains(&person) && !base.pending.contains(&person) {
                    ours.pending.push(person);
                }
            }
            ours.error |= mapping.error;
            ours.name = mapping.name;
            ours.members = mapping.members;
        }
        if let Some(newcomers) = copy.newcomers {
            self.newcomers.get_or_insert_default().extend(newcomers);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::{GroupKey, Membership};

    #[test]
    fn a_persons_events_keep_their_order_and_different_people_share_a_wave() {
        let person = |name: &str| PersonKey::new(name);
        let join = |name: &str, group: &str| {
            Event::Join(Membership {
                person: person(name),
                group: GroupKey::new(group),
            })
        };
        let events = [
            Event::Assign(person("ada")),
            Event::Assign(person("bob")),
            join("ada", "a"),
            Event::Unassign(person("bob")),
            join("ada", "b"),
        ];
        let waves = waves(&events);
        let wanted: [&[usize]; 3] = [&[0, 1], &[2, 3], &[4]];
        assert_eq!(waves.len(), wanted.len());
        for (wave, wanted) in waves.iter().zip(wanted) {
            let wanted: Vec<_> = wanted.iter().map(|n| &events[*n]).collect();
            assert_eq!(*wave, wanted);
        }
    }
}
