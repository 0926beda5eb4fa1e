//! What is promised of a group.

use super::super::{Aspect, Datum, Promise, Want};
use super::memory::{Policy, Seed};
use crate::directory::{Directory, Family, Group, Person, PersonKey, Push, Subject};

impl Policy {
    pub(super) fn of_group(&self, now: &Directory, group: &Group, promises: &mut Vec<Promise>) {
        if !now.settings.features.push_groups {
            return;
        }
        let subject = Subject::Group(group.key.clone());
        let mut promise = |line, aspect, want| {
            promises.push(Promise::of(&subject, line, aspect, want));
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
                    promise(line, Aspect::Presence, Want::yes());
                    promise(line, Aspect::GroupName, Want::text(&group.name));
                    for member in members {
                        promise(line, Aspect::Member(member.clone()), Want::yes());
                    }
                }
            }
            Push::Left if empty => {}
            Push::Left => promise("group/unlinked-stays", Aspect::Presence, Want::yes()),
            Push::Deleted if self.waiting.contains(&subject) => {
                promise(
                    "deletions/wait-until-allowed",
                    Aspect::Presence,
                    Want::yes(),
                );
            }
            Push::Deleted if !self.deletes => {}
            Push::Deleted if !self.terms.groups_go => {}
            Push::Deleted => promise("group/unlinked-is-deleted", Aspect::Presence, Want::no()),
            Push::On if empty => {}
            Push::On => {
                let line = "group/pushed-group-mirrors-the-directory";
                promise(line, Aspect::Presence, Want::yes());
                if now.settings.rename_groups && (features.update || !boxed) {
                    promise(line, Aspect::GroupName, Want::text(&group.name));
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
}
