//! Provisioning on demand: the administrator picks one person, or one group with at most five of its members, and sees at
//! once what becomes of it (entra/13/8, entra/6.5/4).

use super::Job;
use super::answer::Trouble;
use super::cycle::Reports;
use super::object::Object;
use crate::directory::{Directory, Person};
use crate::idp::Outcome;
use crate::wire::Wire;

/// So many members of a group go with one run.
pub(super) const MEMBERS: usize = 5;

impl Job {
    /// A run for everybody and every group that changed, as an administrator would pick them: people before the groups
    /// that they are in, and once more whoever's manager came after them.
    pub(super) async fn on_demand(&mut self, now: &Directory, wire: &Wire, reports: &mut Reports) {
        let due = |job: &Self, object| job.memory.is_due(object, now, job.at);
        let mut picked = Vec::new();
        for person in now.people() {
            if due(self, Object::Person(person)) {
                self.run(Object::Person(person), now, wire, reports).await;
                picked.push(person);
            }
        }
        for person in picked {
            if self.manager_came_later(person) {
                self.run(Object::Person(person), now, wire, reports).await;
            }
        }
        let groups = now.groups().map(Object::Group);
        for group in groups.filter(|_| now.settings.features.push_groups) {
            // Each run takes the next five members, until one takes nobody.
            let mut open = usize::MAX;
            while due(self, group) {
                let left = self.memory.open_references(group, now).len();
                if left >= open {
                    break;
                }
                open = left;
                self.run(group, now, wire, reports).await;
            }
        }
    }

    fn manager_came_later(&mut self, person: &Person) -> bool {
        let manager = person.manager.as_ref();
        let told = self.memory.references(&person.key).manager.clone();
        let linked = self.memory.person(&person.key).is_some();
        linked
            && told.as_ref() != manager
            && manager.is_some_and(|manager| self.memory.person(manager).is_some())
    }

    /// One run: probe, match, POST or PATCH, then the references of that object.
    async fn run(
        &mut self,
        object: Object<'_>,
        now: &Directory,
        wire: &Wire,
        reports: &mut Reports,
    ) {
        self.begin_cycle(now, self.at);
        let job = self.job_for(object);
        let task = wire.job(job, Some(object.subject()));
        let result = match self.probe(&task).await {
            Ok(()) => self.object(object, &task).await,
            Err(trouble) => Err(trouble),
        };
        let result = result.map_err(Trouble::of_one_run);
        let provisioned = matches!(result, Ok(Outcome::Done));
        self.remember(object, &result);
        // What fails here fails this run alone, so no note ends anything.
        let _ = reports.note_object(job, object.subject(), result);
        if provisioned {
            let _ = match object {
                Object::Person(person) => self.person_references(person, now, wire, reports).await,
                Object::Group(group) => self.members(group, now, wire, reports).await,
            };
        }
    }
}
