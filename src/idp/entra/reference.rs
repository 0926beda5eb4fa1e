//! The last phases of a cycle: references between objects, once both ends exist (entra/6.3, entra/7.1).

use std::ops::ControlFlow;

use super::Job;
use super::answer::{self, Action, Reach, Trouble};
use super::attribute::{find, verb};
use super::body;
use super::cycle::Reports;
use super::demand;
use super::escrow::Escrow;
use super::memory::Shown;
use super::object::{Object, Standing};
use super::settings::{MemberRemoval, Operations};
use crate::directory::{Directory, Group, Person, PersonKey, Place, Source, Subject};
use crate::idp::{Outcome, equals};
use crate::scim::Value;
use crate::scim::patch::Verb;
use crate::wire::{Basis, ResourceKind, Wire, Work, shuffle};

/// Who joins or leaves, with the target's id.
type Member = (PersonKey, String);

impl Job {
    /// The members of a group that is in scope and linked: additions, then removals, each a PATCH of its own. A reference
    /// that fails holds up no other; the first trouble is the report's.
    pub(super) async fn members(
        &mut self,
        group: &Group,
        now: &Directory,
        wire: &Wire,
        reports: &mut Reports,
    ) -> ControlFlow<()> {
        let subject = Subject::Group(group.key.clone());
        let joined = self.memory.joined(group, now);
        let left = self.memory.left(group);
        let Some(id) = self.writable(&subject) else {
            return ControlFlow::Continue(());
        };
        if joined.is_empty() && left.is_empty() {
            return ControlFlow::Continue(());
        }
        let wire = wire.job("update members", Some(subject.clone()));
        let result = self.members_of(group, &id, joined, left, &wire).await;
        let open = self.memory.open_references(Object::Group(group), now);
        self.remember_references(&subject, open, result.as_ref().err());
        reports.note(
            "update members",
            Some(subject),
            result.map(|()| Outcome::Done),
        )
    }

    /// The link of an object whose references may be written: it was read in this cycle.
    fn writable(&self, subject: &Subject) -> Option<String> {
        let known = self.memory.known(subject)?;
        let read = known.seen_at == Some(self.at) && known.escrow.is_none() && !known.held;
        known.link.clone().filter(|_| read)
    }

    fn remember_references(
        &mut self,
        subject: &Subject,
        open: Vec<PersonKey>,
        trouble: Option<&Trouble>,
    ) {
        let at = self.at;
        let known = self.memory.know(subject.clone());
        known.held |= trouble.is_some_and(|trouble| trouble.reach == Reach::Held);
        let before = known.reference_escrow.take();
        known.reference_escrow = trouble.map(|_| Escrow::after(before, open, at));
    }

    async fn members_of(
        &mut self,
        group: &Group,
        id: &str,
        mut joined: Vec<Member>,
        mut left: Vec<Member>,
        wire: &Wire,
    ) -> Result<(), Trouble> {
        if self.settings.on_demand {
            joined.truncate(demand::MEMBERS);
            left.truncate(demand::MEMBERS - joined.len());
        }
        let size = self.settings.members_per_patch.max(1);
        let joining = joined.chunks(size).map(|members| (members, true));
        let leaving = left.chunks(size).map(|members| (members, false));
        let mut patches: Vec<(&[Member], bool)> = joining.chain(leaving).collect();
        // Hundreds of writes may follow one read, over several connections (entra/1/20): as many as the wire takes.
        let mut order = self.dice.clone();
        if wire.at_once() > 1 {
            order = self.dice.fork();
            shuffle(&mut patches, &mut order);
        }
        let mut first = Ok(());
        for some in patches.chunks(wire.at_once()) {
            let job = &*self;
            let work = some.iter().map(|(members, joins)| -> Work<'_, _> {
                Box::new(move |wire| {
                    Box::pin(
                        async move { job.member_patch(group, id, members, *joins, &wire).await },
                    )
                })
            });
            let results = wire.abreast(&mut order, work.collect()).await;
            for ((members, joins), result) in some.iter().zip(results) {
                match result {
                    Ok(()) => self.told_members(group, members, *joins),
                    Err(trouble) if matches!(trouble.reach, Reach::Job | Reach::Held) => {
                        return Err(trouble);
                    }
                    Err(trouble) => first = first.and(Err(trouble)),
                }
            }
        }
        first
    }

    /// One PATCH of members.
    async fn member_patch(
        &self,
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
            let replacing = joins
                && self.settings.replace_shown_members
                && self.memory.shows_members(&group.key);
            let body = if joins {
                body::add_members(&ids, replacing, &self.settings)
            } else {
                body::remove_members(&ids, &self.settings)
            };
            let basis = self.basis_of_members(joins, replacing);
            let request = self.writer.patch(ResourceKind::Group, id, &body, basis);
            self.write(wire, Action::Reference, request).await?;
        }
        Ok(())
    }

    /// Remembers whom the target's group has been told of.
    fn told_members(&mut self, group: &Group, members: &[Member], joins: bool) {
        let told = &mut self.memory.members(&group.key).told;
        for (key, member) in members {
            if joins {
                told.insert(key.clone(), member.clone());
            } else {
                told.remove(key);
            }
        }
    }

    /// The query of entra/6.4, where it is switched on.
    async fn is_member(&self, group: &str, member: &str, wire: &Wire) -> Result<bool, Trouble> {
        let filter = format!("{} and {}", equals("id", group), equals("members", member));
        let basis = Basis::reported("entra/6.1/7");
        let request = self.writer.check(ResourceKind::Group, &filter, basis);
        Ok(answer::list(&self.send(wire, request).await?)? > 0)
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

    /// Notes what the target showed of a person's manager and roles, for the last phase. Out of scope, or neither is mapped:
    /// nothing to look after.
    pub(super) fn await_references(&mut self, person: &Person, shown: &Value) {
        let manager = self.manager_mapping();
        let managed = Standing::of(Object::Person(person)) != Standing::OutOfScope;
        let mapped = manager.is_some() || self.role_expression().is_some();
        self.memory.references(&person.key).shown = (managed && mapped).then(|| Shown {
            manager: manager.and_then(|place| find(shown, &place).cloned()),
            roles: shown.get("roles").cloned(),
        });
    }

    fn manager_mapping(&self) -> Option<Place> {
        let mut mappings = self.app.mappings.iter();
        let mapping = mappings.find(|mapping| mapping.source == Source::Manager)?;
        Some(mapping.place.clone())
    }

    /// The manager, then the roles, of somebody whom this cycle, or one that broke off, has looked at.
    pub(super) async fn person_references(
        &mut self,
        person: &Person,
        now: &Directory,
        wire: &Wire,
        reports: &mut Reports,
    ) -> ControlFlow<()> {
        let subject = Subject::Person(person.key.clone());
        let Some(id) = self.writable(&subject) else {
            return ControlFlow::Continue(());
        };
        let Some(shown) = self.memory.references(&person.key).shown.take() else {
            return ControlFlow::Continue(());
        };
        let task = wire.job("update manager", Some(subject.clone()));
        let manager = self
            .manager(person, &id, shown.manager.as_ref(), now, &task)
            .await;
        let ends = |trouble: &Trouble| matches!(trouble.reach, Reach::Job | Reach::Held);
        let roles = match &manager {
            Err(trouble) if ends(trouble) => Ok(Told::Nothing),
            _ => {
                let task = wire.job("update roles", Some(subject.clone()));
                self.roles(person, &id, shown.roles.as_ref(), &task).await
            }
        };
        let open = self.memory.open_references(Object::Person(person), now);
        let trouble = manager.as_ref().err().or(roles.as_ref().err());
        self.remember_references(&subject, open, trouble);
        for (job, told) in [("update manager", manager), ("update roles", roles)] {
            match told {
                Ok(Told::Nothing | Told::Known) => {}
                told => reports.note(job, Some(subject.clone()), told.map(|_| Outcome::Done))?,
            }
        }
        ControlFlow::Continue(())
    }

    async fn manager(
        &mut self,
        person: &Person,
        id: &str,
        shown: Option<&Value>,
        now: &Directory,
        wire: &Wire,
    ) -> Result<Told, Trouble> {
        let Some(place) = self.manager_mapping() else {
            return Ok(Told::Nothing);
        };
        let told = self
            .tell_manager(person, id, &place, shown, now, wire)
            .await?;
        if told != Told::Nothing {
            let manager = &mut self.memory.references(&person.key).manager;
            manager.clone_from(&person.manager);
        }
        Ok(told)
    }

    /// One person's manager: set, changed, or taken away.
    async fn tell_manager(
        &mut self,
        person: &Person,
        id: &str,
        place: &Place,
        shown: Option<&Value>,
        now: &Directory,
        wire: &Wire,
    ) -> Result<Told, Trouble> {
        let Some(key) = &person.manager else {
            if self.memory.references(&person.key).manager.is_none() {
                return Ok(Told::Nothing);
            }
            let body = body::remove_manager(place, &self.settings);
            let basis = Basis::inferred("entra/7.1/6");
            let request = self.writer.patch(ResourceKind::User, id, &body, basis);
            self.write(wire, Action::Reference, request).await?;
            return Ok(Told::Now);
        };
        // A manager who is not provisioned is not sent, nor looked at again (entra/7.1/7).
        let in_scope = now
            .person(key)
            .is_some_and(|manager| Standing::of(Object::Person(manager)) == Standing::InScope);
        let Some(manager) = self.memory.person(key).filter(|_| in_scope) else {
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
        let body = body::set_manager(verb, place, manager, &self.settings);
        let basis = match verb {
            Verb::Add => Basis::captured("entra/7.1/3"),
            _ => Basis::documented("entra/7.1/5"),
        };
        let request = self.writer.patch(ResourceKind::User, id, &body, basis);
        self.write(wire, Action::Reference, request).await?;
        Ok(Told::Now)
    }

    /// The query of entra/7.1/1, where it is switched on. A target need not know what `manager eq` compares, so that it may
    /// refuse the query; what Entra ID makes of that nobody says. It then does not know of a manager, and writes one.
    async fn has_manager(&self, user: &str, manager: &str, wire: &Wire) -> Result<bool, Trouble> {
        let filter = format!("{} and {}", equals("id", user), equals("manager", manager));
        let basis = Basis::documented("entra/7.1/1");
        let request = self.writer.check(ResourceKind::User, &filter, basis);
        let reply = self.send(wire, request).await?;
        Ok(reply.status != 400 && answer::list(&reply)? > 0)
    }
}

/// What became of a reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// There was nothing to tell.
    Nothing,
    /// The target has it already.
    Known,
    /// The target was told.
    Now,
}
