//! What a job remembers between cycles: links, what it saw last, what it was told, what it has to try again.

use std::collections::BTreeMap;
use std::time::Duration;

use super::escrow::Escrow;
use super::object::{Object, Standing};
use crate::directory::{Attribute, Directory, Group, GroupKey, Person, PersonKey, Subject};
use crate::scim::Value;

/// The memory of one job.
#[derive(Clone, Debug, Default)]
pub(super) struct Memory {
    /// The people and groups that a cycle has seen in scope.
    objects: BTreeMap<Subject, Known>,
    /// The references of those people.
    references: BTreeMap<PersonKey, ReferenceMemory>,
    /// The members of those groups.
    members: BTreeMap<GroupKey, MemberMemory>,
    /// The ids of the app's roles in the directory, by their names.
    pub(super) roles: BTreeMap<String, String>,
}

/// What is known of a person or a group.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// The target's id.
    pub(super) link: Option<String>,
    /// The object as the last cycle saw it that came to an end with it.
    pub(super) seen: Option<Seen>,
    /// When that cycle was. References are written in the same one: nothing is written without reading.
    pub(super) seen_at: Option<Duration>,
    /// Set while the object itself fails.
    pub(super) escrow: Option<Escrow<Seen>>,
    /// Set while its members, or its manager, fail.
    pub(super) reference_escrow: Option<Escrow<Vec<PersonKey>>>,
    /// Whether the job was restarted since, so that the object is looked at again though nothing changed.
    pub(super) stale: bool,
    /// Whether the guard held a write back. The link leads to a stranger's record, so nothing more is sent.
    pub(super) held: bool,
}

/// What is known of a person's references.
#[derive(Clone, Debug, Default)]
pub(super) struct ReferenceMemory {
    /// The manager whom the target was told.
    pub(super) manager: Option<PersonKey>,
    /// What the target showed when this cycle looked; `None` where nothing needs looking after.
    pub(super) shown: Option<Shown>,
}

/// A person's references as the target showed them.
#[derive(Clone, Debug, Default)]
pub(super) struct Shown {
    /// The manager.
    pub(super) manager: Option<Value>,
    /// The roles.
    pub(super) roles: Option<Value>,
}

/// What is known of a group's members.
#[derive(Clone, Debug, Default)]
pub(super) struct MemberMemory {
    /// Who was added, under which id.
    pub(super) told: BTreeMap<PersonKey, String>,
    /// Whether the target showed members in this cycle although they were excluded (corrections/EN-17).
    pub(super) shown: bool,
}

/// What the directory's delta query shows of an object (entra/9.2/2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Seen {
    /// Where the object stands.
    pub(super) standing: Standing,
    content: Content,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Content {
    Person {
        profile: BTreeMap<Attribute, String>,
        manager: Option<PersonKey>,
    },
    Group {
        name: String,
        description: String,
        members: Vec<PersonKey>,
    },
}

impl Seen {
    /// What the query shows of that object now.
    pub(super) fn of(object: Object<'_>) -> Self {
        let content = match object {
            Object::Person(person) => Content::Person {
                profile: person.profile.clone(),
                manager: person.manager.clone(),
            },
            Object::Group(group) => Content::Group {
                name: group.name.clone(),
                description: group.description.clone(),
                members: group.members.clone(),
            },
        };
        Self {
            standing: Standing::of(object),
            content,
        }
    }
}

impl Memory {
    /// What is known of an object, if anything is.
    pub(super) fn known(&self, subject: &Subject) -> Option<&Known> {
        self.objects.get(subject)
    }

    /// What is known of an object from now on.
    pub(super) fn know(&mut self, subject: Subject) -> &mut Known {
        self.objects.entry(subject).or_default()
    }

    /// The target's id of a person or a group.
    pub(super) fn link(&self, subject: &Subject) -> Option<&str> {
        self.known(subject)?.link.as_deref()
    }

    /// The target's id of a person.
    pub(super) fn person(&self, person: &PersonKey) -> Option<&str> {
        self.link(&Subject::Person(person.clone()))
    }

    /// What is known of a person's references.
    pub(super) fn references(&mut self, person: &PersonKey) -> &mut ReferenceMemory {
        self.references.entry(person.clone()).or_default()
    }

    /// What is known of a group's members.
    pub(super) fn members(&mut self, group: &GroupKey) -> &mut MemberMemory {
        self.members.entry(group.clone()).or_default()
    }

    /// Whether the target showed members of that group although they were excluded.
    pub(super) fn shows_members(&self, group: &GroupKey) -> bool {
        self.members.get(group).is_some_and(|memory| memory.shown)
    }

    /// Whether a cycle at that moment has anything to do with an object: the delta query shows a change, a reference is
    /// open, or what failed is to be tried again (entra/9.2/2).
    pub(super) fn is_due(&self, object: Object<'_>, now: &Directory, at: Duration) -> bool {
        let seen = Seen::of(object);
        match self.known(&object.subject()) {
            Some(known) if known.held => false,
            Some(known) => match &known.escrow {
                Some(escrow) => escrow.is_due(&seen, at),
                None => {
                    known.stale
                        || known.seen.as_ref() != Some(&seen)
                        || self.reference_is_due(object, now, at)
                }
            },
            None => matches!(seen.standing, Standing::InScope | Standing::Disabled),
        }
    }

    fn reference_is_due(&self, object: Object<'_>, now: &Directory, at: Duration) -> bool {
        let escrow = self.known(&object.subject());
        let escrow = escrow.and_then(|known| known.reference_escrow.as_ref());
        let open = self.open_references(object, now);
        match (object, escrow) {
            (_, Some(escrow)) => escrow.is_due(&open, at),
            // Who was not reached is looked after again, and nothing is written without reading.
            (Object::Person(person), None) => self.awaits_references(person),
            (Object::Group(_), None) => !open.is_empty(),
        }
    }

    /// Whom the target is still to be told of as a member or no member of a group; for a person, the manager.
    pub(super) fn open_references(&self, object: Object<'_>, now: &Directory) -> Vec<PersonKey> {
        match object {
            Object::Person(person) => person.manager.iter().cloned().collect(),
            Object::Group(group) => {
                let joined = self.joined(group, now).into_iter();
                joined.chain(self.left(group)).map(|(key, _)| key).collect()
            }
        }
    }

    /// When the next object comes out of escrow.
    pub(super) fn next_retry(&self) -> Option<Duration> {
        let retries = self
            .objects
            .values()
            .filter(|known| !known.held)
            .flat_map(|known| {
                let object = known.escrow.as_ref().and_then(Escrow::due);
                let reference = known.reference_escrow.as_ref().and_then(Escrow::due);
                [object, reference]
            });
        retries.flatten().min()
    }

    /// Whether that person's references have to be looked after in this cycle.
    pub(super) fn awaits_references(&self, person: &Person) -> bool {
        let memory = self.references.get(&person.key);
        memory.is_some_and(|memory| memory.shown.is_some())
    }

    /// The members whom the target is still to be told, with their ids: only those who are in scope and provisioned.
    pub(super) fn joined(&self, group: &Group, now: &Directory) -> Vec<(PersonKey, String)> {
        if Standing::of(Object::Group(group)) != Standing::InScope {
            return Vec::new();
        }
        let told = self.members.get(&group.key).map(|memory| &memory.told);
        group
            .members
            .iter()
            .filter(|key| {
                let standing = now.person(key).map(|p| Standing::of(Object::Person(p)));
                matches!(standing, Some(Standing::InScope | Standing::Disabled))
            })
            .filter_map(|key| Some((key.clone(), self.person(key)?.to_owned())))
            .filter(|(key, id)| told.and_then(|told| told.get(key)) != Some(id))
            .collect()
    }

    /// The members of whom the target was told and who are in the group no longer, with their ids.
    pub(super) fn left(&self, group: &Group) -> Vec<(PersonKey, String)> {
        if Standing::of(Object::Group(group)) != Standing::InScope {
            return Vec::new();
        }
        let told = self.members.get(&group.key).map(|memory| &memory.told);
        told.into_iter()
            .flatten()
            .filter(|(key, _)| !group.has(key))
            .map(|(key, id)| (key.clone(), id.clone()))
            .collect()
    }

    /// Forgets a link, and every reference that was written with it.
    pub(super) fn unlink(&mut self, subject: &Subject) {
        if let Some(known) = self.objects.get_mut(subject) {
            known.link = None;
        }
        match subject {
            Subject::Person(key) => {
                self.references.remove(key);
                for group in self.members.values_mut() {
                    group.told.remove(key);
                }
            }
            Subject::Group(key) => {
                self.members.remove(key);
            }
        }
    }

    /// Forgets what was seen and what failed, and keeps the links, as a restart of the job does (entra/9.2/2). Whoever is
    /// out of scope is not looked at again.
    pub(super) fn restart(&mut self) {
        for known in self.objects.values_mut() {
            known.escrow = None;
            known.reference_escrow = None;
            let managed =
                |seen: &Seen| matches!(seen.standing, Standing::InScope | Standing::Disabled);
            known.stale = known.seen.as_ref().is_some_and(managed);
        }
    }
}
