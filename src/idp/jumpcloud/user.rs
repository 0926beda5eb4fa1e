//! People (jumpcloud/3).

use super::answer::{self, Trouble};
use super::event::{Reports, send, sends_nothing};
use super::{Connection, LinkedPerson, body, request};
use crate::directory::{Assignment, Directory, Person, PersonKey, Subject};
use crate::idp::{Dialect as _, Outcome};
use crate::scim::Value;
use crate::wire::{Basis, ResourceKind, Wire};

/// What a password consists of.
const PASSWORD: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789!-_";

impl Connection {
    /// Somebody is assigned: the lookup decides between POST and PUT (jumpcloud/3/1).
    pub(super) async fn provision(&mut self, person: &Person, wire: &Wire, reports: &mut Reports) {
        let subject = Some(Subject::Person(person.key.clone()));
        let wire = wire.job("provision user", subject.clone());
        let (log, result) = self.look_up_and_write(person, &wire).await;
        reports.note("provision user", subject, log, result);
    }

    async fn look_up_and_write(
        &mut self,
        person: &Person,
        wire: &Wire,
    ) -> (&'static str, Result<Outcome, Trouble>) {
        if let Some(linked) = self.people.get(&person.key) {
            let id = linked.id.clone();
            return ("the user's update", self.update(person, &id, wire).await);
        }
        let found = match send(wire, self.find_person(person)).await {
            Ok(reply) => answer::found(&reply),
            Err(trouble) => Err(trouble),
        };
        match found {
            Err(trouble) => ("user_lookup_provision", Err(trouble)),
            Ok(Some(id)) => ("the user's update", self.update(person, &id, wire).await),
            Ok(None) => ("the user's creation", self.post(person, wire).await),
        }
    }

    /// POST.
    async fn post(&mut self, person: &Person, wire: &Wire) -> Result<Outcome, Trouble> {
        if !self.app.features.create {
            let why = "people are not created";
            return Ok(sends_nothing(why, Basis::inferred("jumpcloud/3")));
        }
        let active = body::active(person);
        let mut body = body::user(person, active, None, &self.app, &self.settings);
        if self.settings.password {
            let password = self.dice.text(16, PASSWORD);
            wire.mark_password(&password);
            body = body::with_password(body, &password);
        }
        let basis = Basis::captured("jumpcloud/3/4");
        let request = request::post(ResourceKind::User, &body, basis, &self.settings);
        let id = answer::created(&send(wire, request).await?)?;
        let sent = body::user(person, active, Some(&id), &self.app, &self.settings);
        self.link(&person.key, id, sent);
        Ok(Outcome::Done)
    }

    /// PUT of the whole person, which carries every change and `active` (jumpcloud/3/6, jumpcloud/3/8).
    async fn update(&mut self, person: &Person, id: &str, wire: &Wire) -> Result<Outcome, Trouble> {
        let active = body::active(person) && person.assignment == Assignment::Assigned;
        let body = body::user(person, active, Some(id), &self.app, &self.settings);
        let sent = self.people.get(&person.key).and_then(|p| p.sent.as_ref());
        if sent == Some(&body) {
            let why = "nothing that is mapped has changed";
            return Ok(sends_nothing(why, Basis::inferred("jumpcloud/3")));
        }
        let was_active = sent.and_then(|sent| sent.get("active")?.as_bool());
        if self.settings.reactivate_by_post && active && was_active == Some(false) {
            return self.post(person, wire).await;
        }
        let request = if self.settings.update_by_patch {
            let changes = body::changes(sent, &body, &self.settings);
            let basis = Basis::inferred("jumpcloud/3/7");
            request::patch(ResourceKind::User, id, &changes, basis, &self.settings)
        } else {
            let basis = match active {
                true => Basis::captured("jumpcloud/3/6"),
                false => Basis::inferred("jumpcloud/3/8"),
            };
            request::put(id, &body, basis, &self.settings)
        };
        let result = match send(wire, request).await {
            Ok(reply) => answer::accepted(&reply),
            Err(trouble) => Err(trouble),
        };
        match result {
            Ok(()) => {
                self.link(&person.key, id.to_owned(), body);
                Ok(Outcome::Done)
            }
            Err(trouble) if trouble.status == Some(404) => {
                // Whoever is gone is looked up again when the next event comes.
                self.people.remove(&person.key);
                Err(trouble)
            }
            Err(trouble) => {
                self.doubt(&person.key);
                Err(trouble)
            }
        }
    }

    /// Somebody leaves the app, or changes while assigned: a profile change, a suspension, a departure and their opposites
    /// are all one full PUT.
    pub(super) async fn change(
        &mut self,
        key: &PersonKey,
        now: &Directory,
        wire: &Wire,
        reports: &mut Reports,
    ) {
        let Some(person) = now.person(key) else {
            return;
        };
        let subject = Some(Subject::Person(key.clone()));
        let Some(linked) = self.people.get(key).cloned() else {
            // Somebody who is to be at the target and is not (an earlier attempt failed) is looked up like a newcomer.
            if person.entitled() {
                self.provision(person, wire, reports).await;
            } else {
                let why = "the target does not have the person";
                let outcome = sends_nothing(why, Basis::inferred("jumpcloud/3"));
                reports.note("update user", subject, "", Ok(outcome));
            }
            return;
        };
        let leaves = !body::active(person) || person.assignment != Assignment::Assigned;
        let (job, log, allowed) = if leaves {
            let allowed = self.app.features.deactivate;
            ("deactivate user", "user_deprovision", allowed)
        } else {
            ("update user", "the user's update", self.app.features.update)
        };
        let wire = wire.job(job, subject.clone());
        let result = if !allowed {
            let why = "the integration does not send this";
            Ok(sends_nothing(why, Basis::inferred("jumpcloud/3")))
        } else if self.settings.lookup_before_update {
            self.people.remove(key);
            self.look_up_and_write(person, &wire).await.1
        } else {
            self.update(person, &linked.id, &wire).await
        };
        reports.note(job, subject, log, result);
    }

    /// An account that is deleted while it is assigned is deleted at the target (jumpcloud/3/10).
    pub(super) async fn delete_user(
        &mut self,
        key: &PersonKey,
        now: &Directory,
        wire: &Wire,
        reports: &mut Reports,
    ) {
        let subject = Some(Subject::Person(key.clone()));
        let assigned = now
            .person(key)
            .is_some_and(|person| person.assignment == Assignment::Assigned);
        let linked = self.people.get(key).cloned();
        let Some(linked) = linked.filter(|_| assigned && self.app.features.deactivate) else {
            let why = "whoever is not assigned is not managed";
            let outcome = sends_nothing(why, Basis::inferred("jumpcloud/3/10"));
            reports.note("delete user", subject, "", Ok(outcome));
            return;
        };
        let wire = wire.job("delete user", subject.clone());
        let basis = Basis::documented("jumpcloud/3/10");
        let request = request::delete(ResourceKind::User, &linked.id, basis, &self.settings);
        let result = match send(&wire, request).await {
            Ok(reply) if reply.status == 404 => Ok(()),
            Ok(reply) => answer::accepted(&reply),
            Err(trouble) => Err(trouble),
        };
        if result.is_ok() {
            self.people.remove(key);
            for group in self.groups.values_mut() {
                group.members.remove(key);
            }
        }
        let result = result.map(|()| Outcome::Done);
        reports.note("delete user", subject, "user_delete_provision", result);
    }

    /// What a failed write left behind is not known, so the next event writes in any case.
    fn doubt(&mut self, key: &PersonKey) {
        if let Some(linked) = self.people.get_mut(key) {
            linked.sent = None;
        }
    }

    fn link(&mut self, key: &PersonKey, id: String, sent: Value) {
        let sent = Some(sent);
        self.people.insert(key.clone(), LinkedPerson { id, sent });
    }
}
