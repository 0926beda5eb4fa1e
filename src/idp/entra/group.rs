//! What is wanted of groups, without their members, and how it is written (entra/6.1, entra/6.2).

use super::Job;
use super::attribute::{self, Change, Line, Wanted, changes};
use super::body;
use super::object::Task;
use super::settings::{GroupSchemas, Operations};
use crate::directory::{Group, Place, Push};
use crate::scim::Value;
use crate::wire::Basis;

impl Job {
    /// A group that is deleted or unassigned is deleted at the target: groups have no soft deletion (entra/6.1/8).
    pub(super) fn group_task(&self, group: &Group) -> Task {
        match group.push {
            Push::On => Task::Provision,
            Push::Left => Task::Nothing(
                "objects that leave the scope are set to be skipped",
                Basis::inferred("entra/5.2/5"),
            ),
            Push::Deleted if self.settings.on_demand => Task::Nothing(
                "a group that is deleted or unassigned cannot be chosen for provisioning on demand",
                Basis::inferred("entra/13/8"),
            ),
            Push::Off | Push::Deleted => Task::Delete(Basis::documented("entra/6.1/8")),
        }
    }

    /// The body of the POST, without members.
    pub(super) fn group_body(&self, group: &Group) -> (Value, Basis) {
        let basis = match self.settings.group_schemas {
            GroupSchemas::Core => Basis::captured("corrections/EN-14"),
            GroupSchemas::WithMicrosoft => Basis::documented("entra/6.2/1"),
        };
        (body::group(group, &self.settings), basis)
    }

    /// What differs.
    pub(super) fn group_changes(&self, group: &Group, shown: &Value) -> Vec<Change> {
        let mut changes = changes(self.group_lines(group), shown, &self.settings);
        changes.retain(|_| self.app.features.update);
        changes
    }

    /// An answer to the POST that lacks `externalId` is followed by a PATCH that adds it (corrections/EN-15).
    pub(super) fn missing_external_id(&self, group: &Group, shown: &Value) -> Vec<Change> {
        let mut missing = self.group_changes(group, shown);
        missing.retain(|change| change.place == Place::core("externalId"));
        missing.retain(|change| attribute::find(shown, &change.place).is_none());
        missing
    }

    /// How the form of a PATCH is known.
    pub(super) fn basis_of_group(&self, changes: &[Change]) -> Basis {
        let name = Place::core("displayName");
        let renames = changes.iter().any(|change| change.place == name);
        match (renames, self.settings.operations) {
            (false, _) => Basis::captured("corrections/EN-15"),
            (true, Operations::PathEach) => Basis::documented("entra/6.3/6"),
            (true, Operations::Merged { .. }) => Basis::inferred("entra/6.3/6"),
        }
    }

    /// The group's own mapping table (entra/8). One element of several is written as a list (corrections/EN-16).
    fn group_lines(&self, group: &Group) -> Vec<Line> {
        let text = |name, value: &String| Line {
            place: Place::core(name),
            value: Wanted::Text(value.clone()),
        };
        let mut lines = Vec::new();
        lines.push(text("displayName", &group.name));
        lines.push(text("externalId", &group.directory_id));
        if self.settings.group_description {
            lines.push(Line {
                place: body::description_place(),
                value: Wanted::Listed(group.description.clone()),
            });
        }
        lines
    }
}
