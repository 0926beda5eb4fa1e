//! What the policy remembers from step to step, and who is to have access.

use std::collections::{BTreeMap, BTreeSet};

use super::super::{Aspect, Datum, Promise};
use crate::directory::{
    Assignment, Directory, Event, Family, Group, GroupKey, Membership, Person, PersonKey, Push,
    Status, Subject, Terms,
};

/// What stood at the target before the IdP began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seed {
    /// An account.
    Person {
        /// Whether it was active.
        active: bool,
        /// The values that were put there.
        values: Vec<(Aspect, Datum)>,
    },
    /// A group with those members.
    Group {
        /// Its members.
        members: Vec<PersonKey>,
    },
}

/// The policy of one variant, with what it must remember from step to step.
#[derive(Clone, Debug)]
pub struct Policy {
    pub(super) family: Family,
    pub(super) terms: Terms,
    /// Whether whoever comes back is put into the pushed groups again by itself (a custom app in Okta: captured).
    restores_memberships: bool,
    /// Whether what is deleted in the directory is deleted at the app: nobody can choose it for provisioning on demand.
    pub(super) deletes: bool,
    /// Whose deletion waits until an administrator allows it.
    pub(super) waiting: BTreeSet<Subject>,
    pub(super) seeds: BTreeMap<Subject, Seed>,
    pub(super) free_members: BTreeSet<(GroupKey, PersonKey)>,
    pub(super) ever_filled: BTreeSet<GroupKey>,
    /// Who lost access, and was not suspended since with access regained: what they had from before stays dead.
    pub(super) put_out: BTreeSet<PersonKey>,
    /// Whoever had no access for a while.
    pub(super) away: BTreeSet<PersonKey>,
    pub(super) imported: bool,
}

impl Policy {
    /// The policy of that variant.
    pub fn new(variant: &str, family: Family) -> Self {
        Self {
            family,
            terms: Terms::of(family),
            restores_memberships: variant == "okta/custom-app",
            deletes: variant != "entra/on-demand",
            waiting: BTreeSet::new(),
            seeds: BTreeMap::new(),
            free_members: BTreeSet::new(),
            ever_filled: BTreeSet::new(),
            put_out: BTreeSet::new(),
            away: BTreeSet::new(),
            imported: false,
        }
    }

    /// The same policy under other terms.
    #[must_use]
    pub fn under(mut self, terms: Terms) -> Self {
        self.terms = terms;
        self
    }

    /// Remembers what stood at the target before the IdP began.
    pub fn seeded(&mut self, subject: Subject, seed: Seed) {
        self.seeds.insert(subject, seed);
    }

    /// Whom and what stood at the target before the IdP began.
    pub fn seeds(&self) -> impl Iterator<Item = &Subject> {
        self.seeds.keys()
    }

    /// Remembers what the step changed and later promises depend on.
    pub fn after(&mut self, before: &Directory, events: &[Event], now: &Directory) {
        for person in now.people() {
            let had = before
                .person(&person.key)
                .is_some_and(|p| self.has_access(p));
            if had && !self.has_access(person) {
                self.put_out.insert(person.key.clone());
            } else if person.status == Status::Suspended && self.has_access(person) {
                self.put_out.remove(&person.key);
            }
            let came_back = before.person(&person.key).is_some_and(|earlier| {
                earlier.was_assigned && !self.has_access(earlier) && self.has_access(person)
            });
            if came_back && !self.restores_memberships {
                let groups = now.groups().filter(|group| group.has(&person.key));
                let pairs = groups.map(|group| (group.key.clone(), person.key.clone()));
                self.free_members.extend(pairs);
            }
        }
        self.hold_back(before, events, now);
        let gone = now
            .people()
            .filter(|p| p.was_assigned && !self.has_access(p));
        let gone: Vec<_> = gone.map(|p| p.key.clone()).collect();
        self.away.extend(gone);
        self.imported = false;
        for event in events {
            match event {
                Event::Join(Membership { person, group })
                | Event::Leave(Membership { person, group }) => {
                    self.free_members.remove(&(group.clone(), person.clone()));
                }
                Event::PushNow(group) => {
                    self.free_members.retain(|(key, _)| key != group);
                }
                Event::Import => self.imported = true,
                _ => {}
            }
        }
        for group in now.groups().filter(|group| group.push == Push::On) {
            if self.members_with_access(now, group).next().is_some() {
                self.ever_filled.insert(group.key.clone());
            }
        }
    }

    /// Notes whose deletion waits, because too many leave at once.
    fn hold_back(&mut self, before: &Directory, events: &[Event], now: &Directory) {
        let mut leaving = std::mem::take(&mut self.waiting);
        let threshold = match now.settings.deletion_threshold {
            Some(threshold) if self.deletes && self.family == Family::Entra => threshold,
            _ => return,
        };
        if events.contains(&Event::AllowDeletions) {
            return;
        }
        for person in now.people() {
            let subject = Subject::Person(person.key.clone());
            let earlier = before.person(&person.key);
            if self.has_access(person) {
                leaving.remove(&subject);
            } else if earlier.is_some_and(|earlier| self.has_access(earlier))
                && self.is_provisioned(now, person)
                && !is_left_alone(now, person)
            {
                leaving.insert(subject);
            }
        }
        let features = &now.settings.features;
        for group in now.groups().filter(|_| features.push_groups) {
            let subject = Subject::Group(group.key.clone());
            if !features.create && !self.seeds.contains_key(&subject) {
                continue;
            }
            let earlier = before.group(&group.key);
            if group.push == Push::On {
                leaving.remove(&subject);
            } else if earlier.is_some_and(|earlier| earlier.push == Push::On) {
                leaving.insert(subject);
            }
        }
        if leaving.len() > threshold {
            self.waiting = leaving;
        }
    }

    /// Everything that is promised now.
    pub fn promises(&self, now: &Directory) -> Vec<Promise> {
        let mut promises = Vec::new();
        for person in now.people() {
            self.of_person(now, person, &mut promises);
        }
        for group in now.groups() {
            self.of_group(now, group, &mut promises);
        }
        promises
    }

    /// Whether that person is to be able to use the app.
    pub fn has_access(&self, person: &Person) -> bool {
        person.assignment == Assignment::Assigned
            && match person.status {
                Status::Active => true,
                Status::Suspended => !self.terms.suspension_ends_access,
                Status::Deactivated | Status::Deleted => false,
            }
    }

    /// Whether that person may have an account by the IdP's doing: nobody is created where that is switched off, and Okta
    /// then looks for nobody either, while the others still take over whom the app has (okta/3, entra/3.2, jumpcloud/3).
    pub(super) fn is_provisioned(&self, now: &Directory, person: &Person) -> bool {
        let subject = Subject::Person(person.key.clone());
        let taken_over = self.family != Family::Okta && self.seeds.contains_key(&subject);
        now.settings.features.create || taken_over
    }

    fn members_with_access<'a>(
        &'a self,
        now: &'a Directory,
        group: &'a Group,
    ) -> impl Iterator<Item = &'a Person> {
        group
            .members
            .iter()
            .filter_map(|key| now.person(key))
            .filter(|person| self.has_access(person) && self.is_provisioned(now, person))
    }
}

/// Whether the IdP takes no notice of somebody who left the scope (entra/5.2/5).
pub(super) fn is_left_alone(now: &Directory, person: &Person) -> bool {
    now.settings.skip_out_of_scope && person.assignment != Assignment::Assigned
}
