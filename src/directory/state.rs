//! The directory as it stands, and how events change it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::limits::{self, Refusal};
use super::{
    AppSettings, Assignment, Attribute, Event, Family, Group, GroupKey, Membership, Person,
    PersonKey, Push, Scope, Status, UnlinkChoice,
};

/// The customer's people and groups, their assignment to the app, and the app's settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Directory {
    /// Whose directory it is.
    pub family: Family,
    /// The app's settings.
    pub settings: AppSettings,
    /// Whether provisioning is switched on.
    pub provisioning: bool,
    people: BTreeMap<PersonKey, Person>,
    groups: BTreeMap<GroupKey, Group>,
}

/// Why an event cannot happen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventError {
    /// The story names a person whom it does not introduce.
    #[error("there is no person `{0}` in the directory")]
    NoPerson(PersonKey),
    /// The story names a group that it does not introduce.
    #[error("there is no group `{0}` in the directory")]
    NoGroup(GroupKey),
    /// The vendor's directory does not take the new value.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl Directory {
    /// A directory without people and groups.
    pub fn new(family: Family, settings: AppSettings) -> Self {
        Self {
            family,
            settings,
            provisioning: true,
            people: BTreeMap::new(),
            groups: BTreeMap::new(),
        }
    }

    /// Puts everybody and every group in scope, where the app's scope is the whole directory.
    pub fn open(&mut self) {
        if self.settings.scope != Scope::Everybody {
            return;
        }
        for person in self.people.values_mut() {
            person.assignment = if self.provisioning {
                Assignment::Assigned
            } else {
                Assignment::BeforeProvisioning
            };
            person.was_assigned |= self.provisioning;
        }
        for group in self.groups.values_mut() {
            group.push = Push::On;
        }
    }

    /// Adds a person.
    ///
    /// # Errors
    /// The vendor's directory does not allow the person's names.
    pub fn add_person(&mut self, person: Person) -> Result<(), Refusal> {
        limits::check_person(self.family, &person)?;
        self.people.insert(person.key.clone(), person);
        Ok(())
    }

    /// Adds a group.
    pub fn add_group(&mut self, group: Group) {
        self.groups.insert(group.key.clone(), group);
    }

    /// The person of that key.
    pub fn person(&self, key: &PersonKey) -> Option<&Person> {
        self.people.get(key)
    }

    /// The group of that key.
    pub fn group(&self, key: &GroupKey) -> Option<&Group> {
        self.groups.get(key)
    }

    /// Everybody, by key.
    pub fn people(&self) -> impl Iterator<Item = &Person> {
        self.people.values()
    }

    /// Every group, by key.
    pub fn groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }

    /// The pushed groups that have that person, by key.
    pub fn pushed_groups_of<'a>(
        &'a self,
        person: &'a PersonKey,
    ) -> impl Iterator<Item = &'a Group> {
        self.groups()
            .filter(move |group| group.push == Push::On && group.has(person))
    }

    /// The members of a group whom the app has or is to have: assigned, and not deactivated.
    pub fn entitled_members<'a>(&'a self, group: &'a Group) -> impl Iterator<Item = &'a Person> {
        group
            .members
            .iter()
            .filter_map(|key| self.person(key))
            .filter(|person| person.entitled())
    }

    /// Changes the directory as the event says.
    ///
    /// # Errors
    /// The event names somebody unknown, or the vendor's directory does not take a new value.
    pub fn apply(&mut self, event: &Event) -> Result<(), EventError> {
        match event {
            Event::TestConnection
            | Event::PushNow(_)
            | Event::Import
            | Event::Cycle
            | Event::Wait { .. }
            | Event::RetryTasks
            | Event::AllowDeletions => {}
            Event::Assign(key) => {
                let assignment = if self.provisioning {
                    Assignment::Assigned
                } else {
                    Assignment::BeforeProvisioning
                };
                let person = self.person_mut(key)?;
                person.assignment = assignment;
                person.was_assigned |= assignment == Assignment::Assigned;
            }
            Event::ProvisionUser(key) => {
                let person = self.person_mut(key)?;
                person.assignment = Assignment::Assigned;
                person.was_assigned = true;
            }
            Event::SwitchOnProvisioning => self.switch_on(),
            Event::Unassign(key) => {
                let everybody = self.settings.scope == Scope::Everybody;
                let person = self.person_mut(key)?;
                // Who is in scope without being assigned stays in it.
                if !everybody {
                    person.assignment = Assignment::None;
                }
            }
            Event::ChangePassword(key) => {
                self.person_mut(key)?;
            }
            Event::Deactivate(key) => self.person_mut(key)?.status = Status::Deactivated,
            Event::Reactivate(key) | Event::Unsuspend(key) => {
                self.person_mut(key)?.status = Status::Active;
            }
            Event::Suspend(key) => self.person_mut(key)?.status = Status::Suspended,
            Event::Delete(key) => self.person_mut(key)?.status = Status::Deleted,
            Event::Update {
                person,
                changes,
                manager,
            } => self.update(person, changes, manager.as_ref())?,
            Event::PushGroup(key) => self.group_mut(key)?.push = Push::On,
            Event::PushRule(rule) => {
                for group in self.groups.values_mut().filter(|g| rule.selects(&g.name)) {
                    group.push = Push::On;
                }
            }
            Event::RenameGroup { group, name } => self.group_mut(group)?.name.clone_from(name),
            Event::Join(Membership { person, group }) => {
                self.person_mut(person)?;
                let group = self.group_mut(group)?;
                if !group.has(person) {
                    group.members.push(person.clone());
                }
            }
            Event::Leave(Membership { person, group }) => {
                self.group_mut(group)?.members.retain(|key| key != person);
            }
            Event::Unlink { group, .. } if self.settings.scope == Scope::Everybody => {
                self.group_mut(group)?;
            }
            Event::Unlink { group, choice } => {
                self.group_mut(group)?.push = match choice {
                    UnlinkChoice::Delete => Push::Deleted,
                    UnlinkChoice::Leave => Push::Left,
                };
            }
            Event::DeleteGroup(key) => {
                let group = self.group_mut(key)?;
                if group.push == Push::On {
                    group.push = Push::Deleted;
                }
                group.members.clear();
            }
        }
        Ok(())
    }

    /// Entra and JumpCloud provision whoever is assigned as soon as provisioning is on; Okta waits for *Provision User*.
    fn switch_on(&mut self) {
        self.provisioning = true;
        if self.family == Family::Okta {
            return;
        }
        for person in self.people.values_mut() {
            if person.assignment == Assignment::BeforeProvisioning {
                person.assignment = Assignment::Assigned;
                person.was_assigned = true;
            }
        }
    }

    fn update(
        &mut self,
        key: &PersonKey,
        changes: &BTreeMap<Attribute, Option<String>>,
        manager: Option<&Option<PersonKey>>,
    ) -> Result<(), EventError> {
        if let Some(Some(manager)) = manager {
            self.person_mut(manager)?;
        }
        let family = self.family;
        let person = self.person_mut(key)?;
        let mut changed = person.clone();
        for (attribute, value) in changes {
            match value {
                Some(value) => changed.profile.insert(*attribute, value.clone()),
                None => changed.profile.remove(attribute),
            };
        }
        if let Some(manager) = manager {
            changed.manager.clone_from(manager);
        }
        limits::check_person(family, &changed)?;
        *person = changed;
        Ok(())
    }

    fn person_mut(&mut self, key: &PersonKey) -> Result<&mut Person, EventError> {
        self.people
            .get_mut(key)
            .ok_or_else(|| EventError::NoPerson(key.clone()))
    }

    fn group_mut(&mut self, key: &GroupKey) -> Result<&mut Group, EventError> {
        self.groups
            .get_mut(key)
            .ok_or_else(|| EventError::NoGroup(key.clone()))
    }
}
