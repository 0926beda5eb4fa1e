//! The second phase of a cycle: people (entra/3.1 to entra/5.2).

use std::ops::ControlFlow;

use super::Job;
use super::answer::{self, Action, Reach, Trouble};
use super::attribute::{self, Wanted, changes, lines};
use super::body;
use super::cycle::{Reports, send, write};
use super::memory::{SeenPerson, Standing};
use super::settings::{GoneLink, Operations};
use crate::directory::{Directory, Person, Subject};
use crate::idp::{Dialect as _, Outcome};
use crate::scim::Value;
use crate::wire::{Basis, ResourceKind, Wire};

impl Job {
    /// Everybody whom the delta query shows, or whose last attempt failed.
    pub(super) async fn users(
        &mut self,
        now: &Directory,
        wire: &Wire,
        reports: &mut Reports,
    ) -> ControlFlow<()> {
        for person in now.people() {
            if !self.memory.person_is_due(person) {
                continue;
            }
            let job = self.job_for(person);
            let subject = Some(Subject::Person(person.key.clone()));
            let wire = wire.job(job, subject.clone());
            let result = self.user(person, &wire).await;
            self.remember(person, &result);
            reports.note(job, subject, result)?;
        }
        ControlFlow::Continue(())
    }

    pub(super) fn job_for(&self, person: &Person) -> &'static str {
        let memory = self.memory.people.get(&person.key);
        let linked = memory.is_some_and(|memory| memory.link.is_some());
        let seen = memory.and_then(|memory| memory.seen.as_ref());
        match Standing::of(person) {
            Standing::Deleted => "delete user",
            Standing::OutOfScope if !self.app.soft_delete => "delete user",
            Standing::Disabled | Standing::OutOfScope => "disable user",
            Standing::InScope if !linked => "create user",
            Standing::InScope if seen.is_some_and(|s| s.standing != Standing::InScope) => {
                "restore user"
            }
            Standing::InScope => "update user",
        }
    }

    /// What fails is due again.
    fn remember(&mut self, person: &Person, result: &Result<Outcome, Trouble>) {
        let memory = self.memory.people.entry(person.key.clone()).or_default();
        memory.failed = result.is_err();
        match result {
            Ok(_) => memory.seen = Some(SeenPerson::of(person)),
            Err(trouble) if trouble.reach == Reach::Held => {
                memory.held = true;
                self.memory.unlink(&person.key);
            }
            Err(_) => {}
        }
    }

    /// One person.
    async fn user(&mut self, person: &Person, wire: &Wire) -> Result<Outcome, Trouble> {
        let memory = self.memory.people.entry(person.key.clone()).or_default();
        let link = memory.link.clone();
        let standing_before = memory.seen.as_ref().map(|seen| seen.standing);
        let standing = Standing::of(person);
        match (standing, link) {
            (Standing::Deleted, Some(_)) if standing_before == Some(Standing::OutOfScope) => {
                Ok(Outcome::SendsNothing {
                    why: "whoever was unassigned before is no longer managed".to_owned(),
                    basis: Basis::documented("entra/5.2/3"),
                })
            }
            (Standing::OutOfScope, Some(_)) if standing_before == Some(Standing::OutOfScope) => {
                Ok(Outcome::SendsNothing {
                    why: "whoever is not assigned is not managed".to_owned(),
                    basis: Basis::documented("entra/5.2/3"),
                })
            }
            (Standing::Deleted, Some(id)) => {
                self.delete_user(person, &id, Basis::documented("entra/5.2/2"), wire)
                    .await
            }
            (Standing::OutOfScope, Some(_)) if self.settings.skip_out_of_scope => {
                Ok(Outcome::SendsNothing {
                    why: "objects that leave the scope are set to be skipped".to_owned(),
                    basis: Basis::documented("entra/5.2/5"),
                })
            }
            (Standing::OutOfScope, Some(id)) if !self.app.soft_delete => {
                self.delete_user(person, &id, Basis::documented("entra/5.2/4"), wire)
                    .await
            }
            // A disabled account is soft-deleted too; that it takes the same way is our conclusion.
            (Standing::Disabled, Some(id)) if !self.app.soft_delete => {
                self.delete_user(person, &id, Basis::inferred("entra/5.2/4"), wire)
                    .await
            }
            (Standing::Deleted | Standing::OutOfScope, None) => Ok(Outcome::SendsNothing {
                why: "the person was never provisioned".to_owned(),
                basis: Basis::documented("entra/3.1"),
            }),
            (_, Some(id)) => self.linked_user(person, &id, wire).await,
            (_, None) => self.unlinked_user(person, wire).await,
        }
    }

    /// GET by id, then a PATCH of what differs, `active` among it (entra/4.1, entra/5.2).
    async fn linked_user(
        &mut self,
        person: &Person,
        id: &str,
        wire: &Wire,
    ) -> Result<Outcome, Trouble> {
        let reply = send(wire, self.writer.read_user(id)).await?;
        match answer::resource(&reply) {
            Ok(shown) => self.update_user(person, id, &shown, wire).await,
            Err(trouble)
                if trouble.reach == Reach::Gone
                    && self.settings.gone_link == GoneLink::MatchedAnew =>
            {
                self.memory.unlink(&person.key);
                self.unlinked_user(person, wire).await
            }
            Err(trouble) => Err(trouble),
        }
    }

    /// The match, then a PATCH of what differs, or a POST (entra/3.2).
    async fn unlinked_user(&mut self, person: &Person, wire: &Wire) -> Result<Outcome, Trouble> {
        if attribute::matching_value(person, &self.app).is_none() {
            return Err(Trouble::without_exchange(
                "the person has no value for the matching attribute, so nothing can be looked for",
                "MissingValues",
                Basis::documented("entra/9.3/3"),
            ));
        }
        let reply = send(wire, self.find_person(person)).await?;
        match answer::at_most_one(&reply)? {
            Some((id, shown)) => {
                self.link_user(person, id.clone());
                self.update_user(person, &id, &shown, wire).await
            }
            None if Standing::of(person) != Standing::InScope => Ok(Outcome::SendsNothing {
                why: "a disabled person whom the target does not have is not created".to_owned(),
                basis: Basis::documented("entra/3.1"),
            }),
            None if !self.app.features.create => Ok(Outcome::SendsNothing {
                why: "the job may not create".to_owned(),
                basis: Basis::documented("entra/3.1"),
            }),
            None => self.create_user(person, wire).await,
        }
    }

    /// POST. The answer's `id` is the link.
    async fn create_user(&mut self, person: &Person, wire: &Wire) -> Result<Outcome, Trouble> {
        let active = self.app.soft_delete.then_some(true);
        let lines = lines(person, &self.app, active);
        let manager = self
            .settings
            .manager_in_post
            .then_some(person.manager.as_ref())
            .flatten()
            .and_then(|manager| self.memory.link(manager));
        let body = body::user(&lines, manager, &self.settings);
        let basis = Basis::captured("corrections/EN-1");
        let request = self.writer.create(ResourceKind::User, &body, basis);
        let (id, shown) = answer::created(&send(wire, request).await?)?;
        self.link_user(person, id);
        self.await_manager(person, &shown);
        Ok(Outcome::Done)
    }

    /// PATCH, if anything differs (entra/4.1).
    async fn update_user(
        &mut self,
        person: &Person,
        id: &str,
        shown: &Value,
        wire: &Wire,
    ) -> Result<Outcome, Trouble> {
        let active = Standing::of(person) == Standing::InScope;
        let wanted = lines(person, &self.app, self.app.soft_delete.then_some(active));
        let mut changes = changes(wanted, shown, &self.settings);
        let features = &self.app.features;
        changes.retain(|change| match change.value {
            Wanted::Flag(false) => features.deactivate,
            Wanted::Flag(true) | Wanted::Text(_) => features.update,
        });
        if !changes.is_empty() {
            let body = body::update(&changes, &self.settings);
            let basis = self.basis_of(&changes);
            let request = self.writer.patch(ResourceKind::User, id, &body, basis);
            write(wire, Action::Update, request).await?;
        }
        if Standing::of(person) != Standing::OutOfScope {
            self.await_manager(person, shown);
        }
        Ok(Outcome::Done)
    }

    /// How the form of a PATCH is known: least of all the restore and, under the flag, what stands alone.
    fn basis_of(&self, changes: &[attribute::Change]) -> Basis {
        match (changes, self.settings.operations) {
            ([only], _) if only.value == Wanted::Flag(true) => Basis::inferred("entra/5.2/13"),
            ([only], Operations::PathEach) if only.value == Wanted::Flag(false) => {
                Basis::documented("entra/5.2/9")
            }
            ([only], Operations::Merged { .. }) if only.value == Wanted::Flag(false) => {
                Basis::documented("entra/5.2/11")
            }
            (_, Operations::PathEach) => Basis::documented("entra/4.1/2"),
            ([only], Operations::Merged { .. })
                if only.verb == crate::scim::patch::Verb::Replace
                    && only.place.element.is_none() =>
            {
                Basis::inferred("entra/4.2/4")
            }
            (_, Operations::Merged { .. }) => Basis::documented("entra/4.2/3"),
        }
    }

    /// DELETE (entra/5.2).
    async fn delete_user(
        &mut self,
        person: &Person,
        id: &str,
        basis: Basis,
        wire: &Wire,
    ) -> Result<Outcome, Trouble> {
        if !self.app.features.deactivate {
            return Ok(Outcome::SendsNothing {
                why: "the job may not delete".to_owned(),
                basis: Basis::documented("entra/3.1"),
            });
        }
        if self.settings.get_before_delete {
            let reply = send(wire, self.writer.read_user(id)).await?;
            match answer::resource(&reply) {
                Err(trouble) if trouble.reach == Reach::Gone => {}
                read => {
                    read?;
                }
            }
        }
        let request = self.writer.delete(ResourceKind::User, id, basis);
        write(wire, Action::Delete, request).await?;
        self.memory.unlink(&person.key);
        Ok(Outcome::Done)
    }

    fn link_user(&mut self, person: &Person, id: String) {
        let memory = self.memory.people.entry(person.key.clone()).or_default();
        memory.link = Some(id);
    }
}
