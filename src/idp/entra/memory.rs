//! What a job remembers between cycles: links, what it saw last, what it has to try again.

use std::collections::BTreeMap;

use crate::directory::{
    Assignment, Attribute, Directory, Group, GroupKey, Person, PersonKey, Push, Status,
};
use crate::scim::Value;

/// The memory of one job.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    /// The people that a cycle has seen in scope.
    pub(super) people: BTreeMap<PersonKey, PersonMemory>,
    /// The groups that a cycle has seen in scope.
    pub(super) groups: BTreeMap<GroupKey, GroupMemory>,
}

/// What is known of a person.
#[derive(Clone, Debug, Default)]
pub(super) struct PersonMemory {
    /// The target's id.
    pub(super) link: Option<String>,
    /// The person as the last cycle saw it that came to an end with it.
    pub(super) seen: Option<SeenPerson>,
    /// The manager whom the target was told.
    pub(super) manager: Option<PersonKey>,
    /// What the target showed as the manager when this cycle looked; `None` where the manager needs no looking after.
    pub(super) awaits_manager: Option<Option<Value>>,
    /// Whether the last attempt failed, so that the next cycle repeats it.
    pub(super) failed: bool,
    /// Whether the guard held a write back. The link leads to a stranger's record, so nothing more is sent.
    pub(super) held: bool,
}

/// What a cycle sees of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SeenPerson {
    profile: BTreeMap<Attribute, String>,
    manager: Option<PersonKey>,
    /// Where the person stands.
    pub(super) standing: Standing,
}

/// Where a person stands, in the job's eyes. The middle two set `IsSoftDeleted` (entra/8/2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// In scope.
    InScope,
    /// In scope, but the account is disabled.
    Disabled,
    /// Not assigned.
    OutOfScope,
    /// Deleted for good.
    Deleted,
}

/// What is known of a group.
#[derive(Clone, Debug, Default)]
pub(super) struct GroupMemory {
    /// The target's id.
    pub(super) link: Option<String>,
    /// The name and the scope that the last cycle saw which came to an end with the group.
    pub(super) seen: Option<(String, bool)>,
    /// Who was added, under which id.
    pub(super) members: BTreeMap<PersonKey, String>,
    /// Whether the target showed members in this cycle although they were excluded (corrections/EN-17).
    pub(super) shows_members: bool,
    /// Whether the last attempt failed, so that the next cycle repeats it.
    pub(super) failed: bool,
    /// Whether the guard held a write back. The link leads to a stranger's record, so nothing more is sent.
    pub(super) held: bool,
}

impl SeenPerson {
    /// What a cycle sees of that person now.
    pub(super) fn of(person: &Person) -> Self {
        Self {
            profile: person.profile.clone(),
            manager: person.manager.clone(),
            standing: Standing::of(person),
        }
    }
}

impl Standing {
    /// Where that person stands. Entra's directory knows no suspension, so a suspended person stands as before.
    pub(super) fn of(person: &Person) -> Self {
        match (person.status, person.assignment) {
            (Status::Deleted, _) => Self::Deleted,
            (_, Assignment::None | Assignment::BeforeProvisioning) => Self::OutOfScope,
            (Status::Deactivated, Assignment::Assigned) => Self::Disabled,
            (Status::Active | Status::Suspended, Assignment::Assigned) => Self::InScope,
        }
    }
}

impl Memory {
    /// Whether a cycle has anything to do with that person: the delta query shows a change, or the last attempt failed
    /// (entra/9.2/2).
    pub(super) fn person_is_due(&self, person: &Person) -> bool {
        let seen = SeenPerson::of(person);
        match self.people.get(&person.key) {
            Some(memory) if memory.held => false,
            // A manager who was not reached is looked after again, and nothing is written without reading.
            Some(memory) => {
                memory.failed
                    || memory.awaits_manager.is_some()
                    || memory.seen.as_ref() != Some(&seen)
            }
            None => matches!(seen.standing, Standing::InScope | Standing::Disabled),
        }
    }

    /// Whether a cycle has anything to do with that group.
    pub(super) fn group_is_due(&self, group: &Group, now: &Directory) -> bool {
        let in_scope = group.push == Push::On;
        match self.groups.get(&group.key) {
            Some(memory) if memory.held => false,
            Some(memory) => {
                memory.failed
                    || memory.seen.as_ref() != Some(&(group.name.clone(), in_scope))
                    || in_scope
                        && !(self.joined(group, now).is_empty() && self.left(group).is_empty())
            }
            None => in_scope,
        }
    }

    /// The target's id of a person.
    pub(super) fn link(&self, person: &PersonKey) -> Option<&str> {
        self.people.get(person)?.link.as_deref()
    }

    /// The members whom the target is still to be told, with their ids: only those who are in scope and provisioned.
    pub(super) fn joined(&self, group: &Group, now: &Directory) -> Vec<(PersonKey, String)> {
        let told = self.groups.get(&group.key).map(|memory| &memory.members);
        group
            .members
            .iter()
            .filter(|key| {
                let standing = now.person(key).map(Standing::of);
                matches!(standing, Some(Standing::InScope | Standing::Disabled))
            })
            .filter_map(|key| Some((key.clone(), self.link(key)?.to_owned())))
            .filter(|(key, id)| told.and_then(|told| told.get(key)) != Some(id))
            .collect()
    }

    /// The members of whom the target was told and who are in the group no longer, with their ids.
    pub(super) fn left(&self, group: &Group) -> Vec<(PersonKey, String)> {
        let told = self.groups.get(&group.key).map(|memory| &memory.members);
        told.into_iter()
            .flatten()
            .filter(|(key, _)| !group.has(key))
            .map(|(key, id)| (key.clone(), id.clone()))
            .collect()
    }

    /// Forgets a link, and every membership that was written with it.
    pub(super) fn unlink(&mut self, person: &PersonKey) {
        if let Some(memory) = self.people.get_mut(person) {
            memory.link = None;
            memory.manager = None;
        }
        for group in self.groups.values_mut() {
            group.members.remove(person);
        }
    }
}
