//! What is promised of a person.

use super::super::{Aspect, Datum, Promise, Want};
use super::memory::{Policy, Seed, is_left_alone};
use crate::directory::{
    Assignment, Attribute, Directory, Family, Leavers, Person, Source, Status, Subject,
};

impl Policy {
    pub(super) fn of_person(&self, now: &Directory, person: &Person, promises: &mut Vec<Promise>) {
        let subject = Subject::Person(person.key.clone());
        let features = &now.settings.features;
        let mut promise = |line, aspect, want| {
            promises.push(Promise::of(&subject, line, aspect, want));
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
                    promise(line, Aspect::Presence, Want::yes());
                    promise(line, Aspect::Active, Want::Is(Datum::Flag(*active)));
                    for (aspect, value) in values {
                        promise(line, aspect.clone(), Want::Is(value.clone()));
                    }
                }
                _ => promise(
                    "person/unassigned-has-no-account",
                    Aspect::Presence,
                    Want::no(),
                ),
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
            promise(line, Aspect::Presence, Want::yes());
            if self.is_activated(now, person) {
                promise(line, Aspect::Active, Want::yes());
            }
            let (old, want) = match person.status {
                Status::Suspended => ("person/suspended-stays-in", Some(Want::yes())),
                _ if self.put_out.contains(&person.key) => {
                    ("person/returner-gets-nothing-old", Some(Want::no()))
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
            promise(line, Aspect::Presence, Want::yes());
            promise(line, Aspect::Active, Want::yes());
            return;
        }
        let purged = person.status == Status::Deleted && person.assignment == Assignment::Assigned;
        if purged && !self.deletes {
            return;
        }
        if purged && self.family == Family::Entra {
            promise(
                "person/deleted-for-good-is-gone",
                Aspect::Presence,
                Want::no(),
            );
        } else if self.terms.leavers == Leavers::Gone && person.status != Status::Suspended {
            promise("person/leaver-is-deleted", Aspect::Presence, Want::no());
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
                promise("person/leaver-is-out-at-once", aspect, Want::no());
            }
        }
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
            Some((Aspect::Value(mapping.place.clone()), Want::text(&value)))
        })
        .collect()
}
