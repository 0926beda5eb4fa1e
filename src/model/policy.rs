//! What an IdP promises its customer: data, with a source for every line.
//!
//! A value is wanted, unwanted or free. Free is the default: whatever has no line here is never compared.

use std::collections::{BTreeMap, BTreeSet};

use super::{Aspect, Datum, Promise, Want};
use crate::directory::{
    Assignment, Attribute, Directory, Event, Family, Group, GroupKey, Leavers, Membership, Person,
    PersonKey, Push, Source, Status, Subject, Terms,
};
use crate::fact::Confidence;

/// One line of the policy: what it promises, and why that is known.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// The line's id, which every promise carries.
    pub id: &'static str,
    /// What is promised, as a sentence.
    pub promises: &'static str,
    /// Where it is from.
    pub source: &'static str,
    /// How sure it is.
    pub confidence: Confidence,
}

const fn line(
    id: &'static str,
    promises: &'static str,
    source: &'static str,
    confidence: Confidence,
) -> Line {
    Line {
        id,
        promises,
        source,
        confidence,
    }
}

/// Every line.
pub const LINES: &[Line] = &[
    line(
        "person/assigned-has-an-account",
        "whoever is assigned has exactly one active account with the mapped values",
        "okta/4, entra/3.3, jumpcloud/3",
        Confidence::Documented,
    ),
    line(
        "person/leaver-loses-access",
        "whoever is unassigned or deactivated has no active account; the account may stay or go",
        "okta/6.1, entra/5.2, jumpcloud/3",
        Confidence::Documented,
    ),
    line(
        "person/leaver-is-deleted",
        "whoever is unassigned or deactivated has no account any more, where the IdP deletes leavers",
        "a profile's `promises`",
        Confidence::Documented,
    ),
    line(
        "person/deleted-for-good-is-gone",
        "whoever is deleted for good while assigned has no account (Entra ID sends a DELETE)",
        "entra/5.2",
        Confidence::Documented,
    ),
    line(
        "person/suspended-keeps-access",
        "a suspension in Okta changes nothing at the app",
        "okta/6.3",
        Confidence::Documented,
    ),
    line(
        "person/suspended-loses-access",
        "a suspension in JumpCloud makes the account inactive",
        "jumpcloud/3",
        Confidence::Reported,
    ),
    line(
        "person/nobody-else-is-touched",
        "an account that the IdP does not manage stays as it is",
        "okta/4.3, entra/3.2",
        Confidence::Documented,
    ),
    line(
        "person/unassigned-has-no-account",
        "nobody gets an account who is not assigned",
        "okta/8.1, entra/3.1",
        Confidence::Documented,
    ),
    line(
        "person/inactive-is-still-found",
        "an inactive account that exists is found by the IdP's lookup, or it is created again",
        "okta/6.2, entra/5.2",
        Confidence::Documented,
    ),
    line(
        "person/manager-is-set",
        "the manager of the directory is the manager at the app, once both have an account",
        "entra/7.1",
        Confidence::Captured,
    ),
    line(
        "person/leaver-is-out-at-once",
        "whoever loses access is out at once: sessions and tokens are dead, and there is no new one",
        "SonarQube Cloud documentation: provisioning with SCIM",
        Confidence::Documented,
    ),
    line(
        "person/returner-gets-nothing-old",
        "whoever comes back gets no session and no token back from before",
        "SonarQube Cloud documentation: provisioning with SCIM",
        Confidence::Documented,
    ),
    line(
        "person/suspended-stays-in",
        "a suspension in Okta sends nothing, so sessions and tokens work as before",
        "okta/6.3",
        Confidence::Documented,
    ),
    line(
        "group/pushed-group-mirrors-the-directory",
        "a pushed group exists under its name and has exactly the members who have an account",
        "okta/8.1, entra/6.1, jumpcloud/4",
        Confidence::Documented,
    ),
    line(
        "group/unlinked-is-deleted",
        "a group whose push ended with its deletion is gone",
        "okta/8.3, entra/6.1, jumpcloud/4",
        Confidence::Documented,
    ),
    line(
        "group/unlinked-stays",
        "a group whose push ended with leaving it is still there",
        "okta/8.1, jumpcloud/4",
        Confidence::Documented,
    ),
    line(
        "group/nobody-else-is-touched",
        "a group that the IdP does not manage stays as it is",
        "okta/8.1, entra/6.1",
        Confidence::Documented,
    ),
    line(
        "deletions/wait-until-allowed",
        "where more leave at once than the administrator's threshold, nobody loses anything until the deletions are allowed",
        "entra/5.2",
        Confidence::Documented,
    ),
    line(
        "scenario/expect",
        "what the author of the story says aloud",
        "the story",
        Confidence::Documented,
    ),
    line(
        "import/reads-everybody-once",
        "an import reads every account of the app exactly once",
        "okta/9.1, jumpcloud/5",
        Confidence::Documented,
    ),
];

/// The line of that id.
pub fn find(id: &str) -> Option<&'static Line> {
    LINES.iter().find(|line| line.id == id)
}

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
    family: Family,
    terms: Terms,
    /// Whether whoever comes back is put into the pushed groups again by itself (a custom app in Okta: captured).
    restores_memberships: bool,
    /// Whether what is deleted in the directory is deleted at the app: nobody can choose it for provisioning on demand.
    deletes: bool,
    /// Whose deletion waits until an administrator allows it.
    waiting: BTreeSet<Subject>,
    seeds: BTreeMap<Subject, Seed>,
    free_members: BTreeSet<(GroupKey, PersonKey)>,
    ever_filled: BTreeSet<GroupKey>,
    /// Who lost access, and was not suspended since with access regained: what they had from before stays dead.
    put_out: BTreeSet<PersonKey>,
    /// Whoever had no access for a while.
    away: BTreeSet<PersonKey>,
    imported: bool,
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
    fn is_provisioned(&self, now: &Directory, person: &Person) -> bool {
        let subject = Subject::Person(person.key.clone());
        let taken_over = self.family != Family::Okta && self.seeds.contains_key(&subject);
        now.settings.features.create || taken_over
    }

    /// Whether the IdP makes an inactive account active again: for Okta that is part of linking, for the others it is an
    /// update (okta/6.2, entra/5.2, jumpcloud/3).
    fn is_activated(&self, now: &Directory, person: &Person) -> bool {
        let subject = Subject::Person(person.key.clone());
        let inactive = matches!(
            self.seeds.get(&subject),
            Some(Seed::Person { active: false, .. })
        );
        let was_inactive = inactive || self.away.contains(&person.key);
        match self.family {
            Family::Okta => true,
            // What is not mapped is free (entra/5.2).
            Family::Entra if !now.settings.soft_delete => false,
            Family::Entra | Family::Jumpcloud => now.settings.features.update || !was_inactive,
        }
    }

    fn of_person(&self, now: &Directory, person: &Person, promises: &mut Vec<Promise>) {
        let subject = Subject::Person(person.key.clone());
        let features = &now.settings.features;
        let mut promise = |line: &'static str, aspect, want| {
            promises.push(Promise {
                subject: subject.clone(),
                aspect,
                want,
                line: line.into(),
            });
        };
        let once = || Want::Is(Datum::Count(1));
        let seed = self.seeds.get(&subject);
        if self.imported && seed.is_some() && features.import_users {
            promise("import/reads-everybody-once", Aspect::Imported, once());
        }
        if !person.was_assigned {
            match seed {
                Some(Seed::Person { active, values }) => {
                    let line = "person/nobody-else-is-touched";
                    promise(line, Aspect::Presence, yes());
                    promise(line, Aspect::Active, Want::Is(Datum::Flag(*active)));
                    for (aspect, value) in values {
                        promise(line, aspect.clone(), Want::Is(value.clone()));
                    }
                }
                _ => promise("person/unassigned-has-no-account", Aspect::Presence, no()),
            }
            return;
        }
        if self.has_access(person) {
            if !self.is_provisioned(now, person) {
                return;
            }
            let line = match person.status {
                Status::Suspended => "person/suspended-keeps-access",
                _ => "person/assigned-has-an-account",
            };
            promise(line, Aspect::Presence, yes());
            if self.is_activated(now, person) {
                promise(line, Aspect::Active, yes());
            }
            let (old, want) = match person.status {
                Status::Suspended => ("person/suspended-stays-in", Some(yes())),
                _ if self.put_out.contains(&person.key) => {
                    ("person/returner-gets-nothing-old", Some(no()))
                }
                _ => ("", None),
            };
            if let Some(want) = want {
                promise(old, Aspect::Session, want.clone());
                promise(old, Aspect::Token, want);
            }
            if features.update {
                promise(line, Aspect::Found, once());
                for (aspect, want) in mapped_values(now, person) {
                    promise(line, aspect, want);
                }
                if let Some((aspect, want)) = self.manager(now, person) {
                    promise("person/manager-is-set", aspect, want);
                }
            }
            return;
        }
        let promised = features.deactivate && self.terms.leavers != Leavers::Nothing;
        if !promised || !self.is_provisioned(now, person) {
            return;
        }
        // Free: whether the account is to stay, the administrator knows.
        if is_left_alone(now, person) {
            return;
        }
        if self.waiting.contains(&subject) {
            let line = "deletions/wait-until-allowed";
            promise(line, Aspect::Presence, yes());
            promise(line, Aspect::Active, yes());
            return;
        }
        let purged = person.status == Status::Deleted && person.assignment == Assignment::Assigned;
        if purged && !self.deletes {
            return;
        }
        if purged && self.family == Family::Entra {
            promise("person/deleted-for-good-is-gone", Aspect::Presence, no());
        } else if self.terms.leavers == Leavers::Gone && person.status != Status::Suspended {
            promise("person/leaver-is-deleted", Aspect::Presence, no());
        } else {
            let line = match person.status {
                Status::Suspended => "person/suspended-loses-access",
                _ => "person/leaver-loses-access",
            };
            promise(line, Aspect::Active, Want::IsNot(Datum::Flag(true)));
            // A name that changed is not followed where updates are off, and the lookup by the new one finds nobody.
            if features.update {
                promise("person/inactive-is-still-found", Aspect::Found, once());
            }
        }
        if self.put_out.contains(&person.key) {
            for aspect in [Aspect::Session, Aspect::Token, Aspect::SignIn] {
                promise("person/leaver-is-out-at-once", aspect, no());
            }
        }
    }

    fn manager(&self, now: &Directory, person: &Person) -> Option<(Aspect, Want)> {
        let mapping = now
            .settings
            .mappings
            .iter()
            .find(|m| m.source == Source::Manager)?;
        let manager = now.person(person.manager.as_ref()?)?;
        let known = self.has_access(manager) && self.is_provisioned(now, manager);
        known.then(|| {
            let want = Want::Is(Datum::Person(manager.key.clone()));
            (Aspect::Value(mapping.place.clone()), want)
        })
    }

    fn of_group(&self, now: &Directory, group: &Group, promises: &mut Vec<Promise>) {
        if !now.settings.features.push_groups {
            return;
        }
        let subject = Subject::Group(group.key.clone());
        let mut promise = |line: &'static str, aspect, want| {
            promises.push(Promise {
                subject: subject.clone(),
                aspect,
                want,
                line: line.into(),
            });
        };
        let seed = self.seeds.get(&subject);
        // A group is an object like a person for Entra: the same boxes say what may be done to it (entra/6.1).
        let features = &now.settings.features;
        let boxed = self.family == Family::Entra;
        // Not every IdP creates a group without members.
        let empty = !self.terms.empty_groups && !self.ever_filled.contains(&group.key);
        match group.push {
            Push::On | Push::Left if boxed && !features.create && seed.is_none() => {}
            Push::Deleted if boxed && !features.deactivate => {}
            Push::Off => {
                if let Some(Seed::Group { members }) = seed {
                    let line = "group/nobody-else-is-touched";
                    promise(line, Aspect::Presence, yes());
                    promise(line, Aspect::GroupName, text(&group.name));
                    for member in members {
                        promise(line, Aspect::Member(member.clone()), yes());
                    }
                }
            }
            Push::Left if empty => {}
            Push::Left => promise("group/unlinked-stays", Aspect::Presence, yes()),
            Push::Deleted if self.waiting.contains(&subject) => {
                promise("deletions/wait-until-allowed", Aspect::Presence, yes());
            }
            Push::Deleted if !self.deletes => {}
            Push::Deleted if !self.terms.groups_go => {}
            Push::Deleted => promise("group/unlinked-is-deleted", Aspect::Presence, no()),
            Push::On if empty => {}
            Push::On => {
                let line = "group/pushed-group-mirrors-the-directory";
                promise(line, Aspect::Presence, yes());
                if now.settings.rename_groups && (features.update || !boxed) {
                    promise(line, Aspect::GroupName, text(&group.name));
                }
                // Whoever was in the app's group before it was taken over may stay there.
                let stays = |key: &PersonKey| match seed {
                    Some(Seed::Group { members }) => members.contains(key),
                    _ => false,
                };
                let served = |p: &&Person| self.has_access(p) && self.is_provisioned(now, p);
                for person in now.people().filter(served) {
                    let key = &person.key;
                    let member = group.has(key);
                    let free = self
                        .free_members
                        .contains(&(group.key.clone(), key.clone()))
                        || (!member && (stays(key) || !self.terms.members_leave));
                    if !free {
                        let want = Want::Is(Datum::Flag(member));
                        promise(line, Aspect::Member(key.clone()), want);
                    }
                }
                if seed.is_none() {
                    promise(line, Aspect::Strangers, Want::Is(Datum::Count(0)));
                }
            }
        }
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

/// The mapped values that the directory has; what is empty there is free, because no IdP is known to clear it alike.
fn mapped_values(now: &Directory, person: &Person) -> Vec<(Aspect, Want)> {
    let mappings = now.settings.mappings.iter();
    mappings
        .filter_map(|mapping| {
            let source = &mapping.source;
            let known = |attribute: &Attribute| person.get(*attribute).is_some();
            let value = source
                .text(person)
                .filter(|_| source.attributes().iter().all(known))?;
            Some((Aspect::Value(mapping.place.clone()), text(&value)))
        })
        .collect()
}

fn yes() -> Want {
    Want::Is(Datum::Flag(true))
}

fn no() -> Want {
    Want::Is(Datum::Flag(false))
}

fn text(value: &str) -> Want {
    Want::Is(Datum::Text(value.to_owned()))
}

/// Whether the IdP takes no notice of somebody who left the scope (entra/5.2/5).
fn is_left_alone(now: &Directory, person: &Person) -> bool {
    now.settings.skip_out_of_scope && person.assignment != Assignment::Assigned
}
