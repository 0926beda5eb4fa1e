//! What Okta remembers of one app: the target's ids, what it pushed last, and the tasks that wait for an administrator.

use std::collections::BTreeMap;

use super::body::Member;
use super::job::Job;
use crate::directory::{GroupKey, PersonKey};

/// Okta's memory of one app.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    /// The target's ids of the people who are assigned, as the target gave them (Okta's app-user `externalId`).
    pub(super) accounts: BTreeMap<PersonKey, String>,
    /// Whom the app had before, and by which id.
    pub(super) former: BTreeMap<PersonKey, String>,
    /// The target's groups that Okta pushes to.
    pub(super) groups: BTreeMap<GroupKey, Mapping>,
    /// The target's groups as the last import saw them: the id by the name.
    pub(super) imported: BTreeMap<String, String>,
    /// The target's users as the imports saw them, by their ids.
    pub(super) users: Vec<String>,
    /// When the last import of users began.
    pub(super) imported_at: Option<jiff::Timestamp>,
    /// Whether the target's configuration announces imports of recent changes alone.
    pub(super) announces_incremental: bool,
    /// The jobs that an administrator can retry, oldest first.
    pub(super) tasks: Vec<Job>,
    /// Who got an account and waits for others to get theirs, before they enter their groups; nothing where nobody waits.
    pub(super) newcomers: Option<Vec<PersonKey>>,
}

/// A group push mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mapping {
    /// The group's id at the target, as the target gave it.
    pub(super) id: String,
    /// The name at the target, as Okta knows it.
    pub(super) name: String,
    /// The members that Okta last put into the target's group: their ids there and the names shown.
    pub(super) members: Vec<Member>,
    /// Whose joins and leaves are still to be sent.
    pub(super) pending: Vec<PersonKey>,
    /// Whether the mapping stands in error: nothing more is pushed until somebody retries (`okta/8.4/7`).
    pub(super) error: bool,
}

impl Memory {
    /// Remembers the id under which the target has that person.
    pub(super) fn link(&mut self, person: &PersonKey, id: &str) {
        self.accounts.insert(person.clone(), id.to_owned());
    }

    /// The assignment is gone, whatever the target made of it (`corrections/OK-10`).
    pub(super) fn unlink(&mut self, person: &PersonKey) {
        if let Some(id) = self.accounts.remove(person) {
            self.former.insert(person.clone(), id);
        }
    }

    /// Whether the app had that person before.
    pub(super) fn had(&self, person: &PersonKey) -> bool {
        self.former.contains_key(person)
    }

    /// Remembers the target's group for that group.
    pub(super) fn map(&mut self, group: &GroupKey, id: &str, name: &str) {
        let mapping = Mapping {
            id: id.to_owned(),
            name: name.to_owned(),
            members: Vec::new(),
            pending: Vec::new(),
            error: false,
        };
        self.groups.insert(group.clone(), mapping);
    }

    /// Leaves a task for a job; a job that waits already waits once.
    pub(super) fn leave_task(&mut self, job: &Job) {
        if !self.tasks.contains(job) {
            self.tasks.push(job.clone());
        }
    }
}
