//! What is wanted of people, and how it is written (entra/3.3 to entra/5.2).

use super::Job;
use super::attribute::{self, Change, Wanted, changes, lines};
use super::body;
use super::object::{Object, Standing, Task};
use super::settings::Operations;
use crate::directory::{Person, Place};
use crate::scim::Value;
use crate::scim::patch::Verb;
use crate::wire::Basis;

impl Job {
    /// Whoever leaves is disabled by a PATCH; whoever is deleted for good is deleted (entra/5.2).
    pub(super) fn user_task(&self, person: &Person) -> Task {
        let object = Object::Person(person);
        let known = self.memory.known(&object.subject());
        let seen = known.and_then(|known| known.seen.as_ref());
        let linked = known.is_some_and(|known| known.link.is_some());
        let left_before = seen.is_some_and(|seen| seen.standing == Standing::OutOfScope);
        match Standing::of(object) {
            Standing::InScope => Task::Provision,
            Standing::Deleted if linked && left_before => Task::Nothing(
                "whoever was unassigned before is no longer managed",
                Basis::documented("entra/5.2/3"),
            ),
            Standing::OutOfScope if linked && left_before => Task::Nothing(
                "whoever is not assigned is not managed",
                Basis::documented("entra/5.2/3"),
            ),
            Standing::Deleted if self.settings.on_demand => Task::Nothing(
                "whoever is deleted cannot be chosen for provisioning on demand",
                Basis::documented("entra/13/8"),
            ),
            Standing::Deleted => Task::Delete(Basis::documented("entra/5.2/2")),
            Standing::OutOfScope if !linked => Task::Delete(Basis::documented("entra/5.2/4")),
            Standing::OutOfScope if self.app.skip_out_of_scope => Task::Nothing(
                "objects that leave the scope are set to be skipped",
                Basis::documented("entra/5.2/5"),
            ),
            Standing::OutOfScope if !self.app.soft_delete => {
                Task::Delete(Basis::documented("entra/5.2/4"))
            }
            // A disabled account is soft-deleted too; that it takes the same way is our conclusion.
            Standing::Disabled if !self.app.soft_delete && linked => {
                Task::Delete(Basis::inferred("entra/5.2/4"))
            }
            Standing::OutOfScope | Standing::Disabled => Task::Provision,
        }
    }

    /// The value by which a person is looked for.
    pub(super) fn matching_value(&self, person: &Person) -> Option<String> {
        attribute::matching_value(person, &self.app)
    }

    /// The body of the POST. The manager is not in it, as a rule: the last phase follows up (entra/3.3/3).
    pub(super) fn user_body(&self, person: &Person) -> (Value, Basis) {
        let active = self.app.soft_delete.then_some(true);
        let mut lines = lines(person, &self.app, active);
        lines.retain(|line| line.value != Wanted::Text(String::new()));
        let manager = person
            .manager
            .as_ref()
            .filter(|_| self.settings.manager_in_post);
        let manager = manager.and_then(|manager| self.memory.person(manager));
        let roles = self.roles_to_post(person);
        let body = body::user(&lines, manager, roles, &self.settings);
        (body, Basis::captured("corrections/EN-1"))
    }

    /// What differs, `active` among it, as far as the job may change it.
    pub(super) fn user_changes(&self, person: &Person, shown: &Value) -> Vec<Change> {
        let active = Standing::of(Object::Person(person)) == Standing::InScope;
        let mut wanted = lines(person, &self.app, self.app.soft_delete.then_some(active));
        for line in &mut wanted {
            if self.settings.renames_soft_deleted
                && Standing::of(Object::Person(person)) == Standing::Disabled
                && line.place == Place::core("userName")
            {
                line.value = Wanted::Text(attribute::name_in_the_bin(person));
            }
        }
        let mut changes = changes(wanted, shown, &self.settings);
        let features = &self.app.features;
        changes.retain(|change| match change.value {
            Wanted::Flag(false) => features.deactivate,
            _ => features.update,
        });
        changes
    }

    /// How the form of a PATCH is known: least of all the restore and, under the flag, what stands alone.
    pub(super) fn basis_of_user(&self, changes: &[Change]) -> Basis {
        let [only] = changes else {
            return Basis::documented(match self.settings.operations {
                Operations::PathEach => "entra/4.1/2",
                Operations::Merged { .. } => "entra/4.2/3",
            });
        };
        match (&only.value, self.settings.operations) {
            (Wanted::Flag(true), _) => Basis::inferred("entra/5.2/13"),
            (Wanted::Flag(false), Operations::PathEach) => Basis::documented("entra/5.2/9"),
            (Wanted::Flag(false), Operations::Merged { .. }) => Basis::documented("entra/5.2/11"),
            (_, Operations::PathEach) => Basis::documented("entra/4.1/2"),
            (_, Operations::Merged { .. })
                if only.verb == Verb::Replace && only.place.element.is_none() =>
            {
                Basis::inferred("entra/4.2/4")
            }
            (_, Operations::Merged { .. }) => Basis::documented("entra/4.2/3"),
        }
    }
}
