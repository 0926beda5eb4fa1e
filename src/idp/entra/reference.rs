//! The last phases of a cycle: references between objects, once both ends exist (entra/6.3, entra/7.1).

use std::ops::ControlFlow;

use super::Job;
use super::answer::{self, Action, Reach, Trouble};
use super::attribute::{find, manager_place, verb};
use super::body;
use super::cycle::{Reports, send, write};
use super::memory::Standing;
use super::settings::{MemberRemoval, Operations};
use crate::directory::{Directory, Group, Person, PersonKey, Push, Source, Subject};
use crate::idp::{Outcome, equals};
use crate::scim::Value;
use crate::wire::{Basis, ResourceKind, Wire};

/// Who joins or leaves, with the target's id.
type Member = (PersonKey, String);

impl Job {
    /// The members of every group that is in scope and linked: additions, then removals.
    pub(super) async fn memberships(
        &mut self,
        now: &Directory,
        wire: &Wire,
        reports: &mut Reports,
    ) -> ControlFlow<()> {
        for group in now.groups().filter(|group| group.push == Push::On) {
            let Some(memory) = self.memory.groups.get(&group.key) else {
                continue;
            };
            // A group that failed in this cycle was not read, and nothing is written without reading.
            let Some(id) = memory.link.clone().filter(|_| !memory.failed) else {
                continue;
            };
            let joined = self.memory.joined(group, now);
            let left = self.memory.left(group);
            if joined.is_empty() && left.is_empty() {
                continue;
            }
            let subject = Some(Subject::Group(group.key.clone()));
            let wire = wire.job("update members", subject.clone());
            let result = self.members(group, &id, &joined, &left, &wire).await;
            if let (Err(trouble), Some(memory)) = (&result, self.memory.groups.get_mut(&group.key))
            {
                memory.failed = true;
                memory.held = trouble.reach == Reach::Held;
            }
            let result = result.map(|()| Outcome::Done);
            reports.note("update members", subject, result)?;
        }
        ControlFlow::Continue(())
    }

    /// One PATCH after the other. A reference that fails holds up no other; the first trouble is the report's.
    async fn members(
        &mut self,
        group: &Group,
        id: &str,
        joined: &[Member],
        left: &[Member],
        wire: &Wire,
    ) -> Result<(), Trouble> {
        let size = self.settings.members_per_patch.max(1);
        let joining = joined.chunks(size).map(|members| (members, true));
        let leaving = left.chunks(size).map(|members| (members, false));
        let mut first = Ok(());
        for (members, joins) in joining.chain(leaving) {
            match self.member_patch(group, id, members, joins, wire).await {
                Err(trouble) if matches!(trouble.reach, Reach::Job | Reach::Held) => {
                    return Err(trouble);
                }
                result => first = first.and(result),
            }
        }
        first
    }

    /// One PATCH of members.
    async fn member_patch(
        &mut self,
        group: &Group,
        id: &str,
        members: &[Member],
        joins: bool,
        wire: &Wire,
    ) -> Result<(), Trouble> {
        let mut ids = Vec::new();
        for (_, member) in members {
            if !self.settings.membership_check || self.is_member(id, member, wire).await? != joins {
                ids.push(member.as_str());
            }
        }
        if !ids.is_empty() {
            let replacing = joins && self.settings.replace_shown_members && self.shown(group);
            let body = if joins {
                body::add_members(&ids, replacing, &self.settings)
            } else {
                body::remove_members(&ids, &self.settings)
            };
            let basis = self.basis_of_members(joins, replacing);
            let request = self.writer.patch(ResourceKind::Group, id, &body, basis);
            write(wire, Action::Reference, request).await?;
        }
        let memory = self.memory.groups.entry(group.key.clone()).or_default();
        for (key, member) in members {
            if joins {
                memory.members.insert(key.clone(), member.clone());
            } else {
                memory.members.remove(key);
            }
        }
        Ok(())
    }

    fn shown(&self, group: &Group) -> bool {
        let memory = self.memory.groups.get(&group.key);
        memory.is_some_and(|memory| memory.shows_members)
    }

    /// The query of entra/6.4, where it is switched on.
    async fn is_member(&self, group: &str, member: &str, wire: &Wire) -> Result<bool, Trouble> {
        let filter = format!("{} and {}", equals("id", group), equals("members", member));
        let basis = Basis::reported("entra/6.1/7");
        let request = self.writer.check(ResourceKind::Group, &filter, basis);
        Ok(answer::list(&send(wire, request).await?)? > 0)
    }

    fn basis_of_members(&self, joins: bool, replacing: bool) -> Basis {
        match (joins, self.settings.operations) {
            _ if replacing => Basis::captured("corrections/EN-17"),
            (true, Operations::PathEach) => Basis::captured("entra/6.3/2"),
            (true, Operations::Merged { .. }) => Basis::inferred("entra/14/6"),
            (false, _) if self.settings.member_removal == MemberRemoval::ValueList => {
                Basis::captured("entra/6.3/5")
            }
            (false, _) => Basis::documented("entra/6.3/4"),
        }
    }

    /// Notes what the target showed as a person's manager, for the last phase. Not mapped: nothing to look after.
    pub(super) fn await_manager(&mut self, person: &Person, shown: &Value) {
        let mut mappings = self.app.mappings.iter();
        let mapped = mappings.find(|mapping| mapping.source == Source::Manager);
        let shown = mapped.map(|mapping| find(shown, &mapping.place).cloned());
        let memory = self.memory.people.entry(person.key.clone()).or_default();
        memory.awaits_manager = shown;
    }

    /// The managers of everybody whom this cycle, or one that broke off, has looked at.
    pub(super) async fn managers(
        &mut self,
        now: &Directory,
        wire: &Wire,
        reports: &mut Reports,
    ) -> ControlFlow<()> {
        for person in now.people() {
            let Some(memory) = self.memory.people.get_mut(&person.key) else {
                continue;
            };
            let (Some(shown), Some(id)) = (memory.awaits_manager.take(), memory.link.clone())
            else {
                continue;
            };
            let told = memory.manager.clone();
            let subject = Some(Subject::Person(person.key.clone()));
            let wire = wire.job("update manager", subject.clone());
            let result = self
                .manager(person, &id, shown.as_ref(), told.is_some(), now, &wire)
                .await;
            let Some(memory) = self.memory.people.get_mut(&person.key) else {
                continue;
            };
            let result = match result {
                Ok(Told::Nothing) => continue,
                Ok(Told::Known) => {
                    memory.manager.clone_from(&person.manager);
                    continue;
                }
                Ok(Told::Now) => {
                    memory.manager.clone_from(&person.manager);
                    Ok(Outcome::Done)
                }
                Err(trouble) => {
                    memory.failed = true;
                    memory.held = trouble.reach == Reach::Held;
                    Err(trouble)
                }
            };
            reports.note("update manager", subject, result)?;
        }
        ControlFlow::Continue(())
    }

    /// One person's manager: set, changed, or taken away.
    async fn manager(
        &self,
        person: &Person,
        id: &str,
        shown: Option<&Value>,
        told: bool,
        now: &Directory,
        wire: &Wire,
    ) -> Result<Told, Trouble> {
        let mut mappings = self.app.mappings.iter();
        let place = mappings
            .find(|mapping| mapping.source == Source::Manager)
            .map_or_else(manager_place, |mapping| mapping.place.clone());
        let Some(key) = &person.manager else {
            if !told {
                return Ok(Told::Nothing);
            }
            let body = body::remove_manager(&place, &self.settings);
            let basis = Basis::inferred("entra/7.1/6");
            let request = self.writer.patch(ResourceKind::User, id, &body, basis);
            write(wire, Action::Reference, request).await?;
            return Ok(Told::Now);
        };
        // A manager who is not provisioned is not sent, nor looked at again (entra/7.1/7).
        let in_scope = now.person(key).map(Standing::of) == Some(Standing::InScope);
        let Some(manager) = self.memory.link(key).filter(|_| in_scope) else {
            return Ok(Told::Nothing);
        };
        let current = shown.and_then(|shown| shown.get("value").or(Some(shown)));
        if current.and_then(Value::as_str) == Some(manager) {
            return Ok(Told::Known);
        }
        if self.settings.manager_check && self.has_manager(id, manager, wire).await? {
            return Ok(Told::Known);
        }
        let verb = verb(current, &self.settings);
        let body = body::set_manager(verb, &place, manager, &self.settings);
        let basis = match verb {
            crate::scim::patch::Verb::Add => Basis::captured("entra/7.1/3"),
            _ => Basis::documented("entra/7.1/5"),
        };
        let request = self.writer.patch(ResourceKind::User, id, &body, basis);
        write(wire, Action::Reference, request).await?;
        Ok(Told::Now)
    }

    /// The query of entra/7.1/1, where it is switched on.
    async fn has_manager(&self, user: &str, manager: &str, wire: &Wire) -> Result<bool, Trouble> {
        let filter = format!("{} and {}", equals("id", user), equals("manager", manager));
        let basis = Basis::documented("entra/7.1/1");
        let request = self.writer.check(ResourceKind::User, &filter, basis);
        Ok(answer::list(&send(wire, request).await?)? > 0)
    }
}

/// What became of a manager.
enum Told {
    /// There was nothing to tell.
    Nothing,
    /// The target has it already.
    Known,
    /// The target was told.
    Now,
}
