//! What Okta sends for people whom the app has: update, deactivate, a new password (`okta/5`, `okta/6.1`, `okta/7`).

use super::Moment;
use super::dialect::Okta;
use super::headers::{bare, with_body};
use super::job::{Step, Stop, line, nothing};
use super::profile::Writer;
use super::settings::{Prefetch, Writing};
use crate::directory::Person;
use crate::idp::Outcome;
use crate::scim::message::{PATCH_OP, envelope};
use crate::scim::{Object, Value};
use crate::wire::{Basis, Method, Request, ResourceKind};

pub(super) const READ: Step = Step {
    trouble: "Tasks: the user's profile could not be pushed, because the app's record could not be read",
    stops: |status| match status {
        Some(404) => Basis::captured("corrections/OK-9"),
        _ => Basis::reported("okta/5.4"),
    },
};
pub(super) const PUT: Step = Step {
    trouble: "Tasks: the user's profile could not be pushed",
    stops: |status| match status {
        Some(400 | 409) => Basis::documented("okta/5.4"),
        _ => Basis::reported("okta/5.4"),
    },
};
const DEACTIVATE: Step = Step {
    trouble: "Tasks: an account in the app needs deprovisioning, which can only be marked complete by hand",
    stops: |status| match status {
        Some(501) => Basis::documented("okta/2/12"),
        _ => Basis::captured("corrections/OK-11"),
    },
};
/// The GET before a deactivating PUT: a 404 ends the job, and the assignment goes all the same.
const READ_TO_DEACTIVATE: Step = Step {
    trouble: "The assignment is taken away, but the app's account could not be read, and was not deactivated",
    stops: |status| match status {
        Some(404) => Basis::captured("corrections/OK-10"),
        _ => Basis::captured("corrections/OK-11"),
    },
};
const PASSWORD: Step = Step {
    trouble: "Tasks: the password could not be pushed",
    stops: |_| Basis::documented("okta/12/10"),
};

impl Okta {
    /// A profile change: GET, then PUT of the whole user (`okta/5.1`); the agent's PUT alone. A 404 ends it; Okta creates
    /// nobody anew.
    pub(super) async fn update(
        &mut self,
        person: &Person,
        moment: Moment<'_>,
    ) -> Result<Outcome, Stop> {
        if !moment.now.settings.features.update {
            let why = "updating users is switched off in the app";
            return Ok(nothing(why, Basis::documented("okta/3/7")));
        }
        let Some(id) = self.memory.accounts.get(&person.key).cloned() else {
            let why = "the app has no account of this person that Okta knows";
            return Ok(nothing(why, Basis::inferred("okta/5.1")));
        };
        match self.switches.user_writes {
            Writing::ReadAndPut | Writing::Patch => {
                let basis = Basis::documented("okta/5.2");
                self.push_profile(person, &id, basis, moment).await?;
            }
            Writing::Put => {
                let basis = Basis::inferred("okta/13/10");
                let request = self.whole_user(person, &id, true, None, basis, moment);
                PUT.get_done(moment.wire, request).await?;
            }
        }
        Ok(Outcome::Done)
    }

    /// Unassign, or deactivate in Okta (`okta/6.1`). Tried once.
    pub(super) async fn deactivate(
        &mut self,
        person: &Person,
        moment: Moment<'_>,
    ) -> Result<Outcome, Stop> {
        let Some(id) = self.memory.accounts.get(&person.key).cloned() else {
            let why = "the app has no account of this person that Okta knows";
            return Ok(nothing(why, Basis::inferred("okta/6.1")));
        };
        if !moment.now.settings.features.deactivate {
            let why = "deactivating users is switched off in the app";
            return Ok(nothing(why, Basis::documented("okta/6.3")));
        }
        let request = match self.switches.user_writes {
            Writing::ReadAndPut => {
                let basis = Basis::captured("okta/6.1");
                let step = READ_TO_DEACTIVATE;
                let mut user = self.read_user(&id, &step, basis.clone(), moment).await?;
                user.set("active", false);
                with_body(Method::Put, user_path(&id), &user.into(), basis)
            }
            Writing::Patch => {
                let basis = Basis::reported("okta/16/13");
                match self.switches.deactivate_prefetch {
                    Prefetch::None => {}
                    Prefetch::Lookup => {
                        let request = self.lookup_person(person);
                        DEACTIVATE.get_done(moment.wire, request).await?;
                    }
                    Prefetch::Id => {
                        let request = bare(Method::Get, user_path(&id), basis);
                        DEACTIVATE.get_done(moment.wire, request).await?;
                    }
                }
                self.patch_user(&id, "active", false, Basis::documented("okta/6.1"))
            }
            Writing::Put => {
                let basis = Basis::inferred("okta/13/10");
                self.whole_user(person, &id, false, None, basis, moment)
            }
        };
        DEACTIVATE.get_done(moment.wire, request).await?;
        Ok(Outcome::Done)
    }

    /// A new password, where the app takes passwords (`okta/7`). The password is made up: nobody's real one is known here.
    pub(super) async fn change_password(
        &mut self,
        person: &Person,
        moment: Moment<'_>,
    ) -> Result<Outcome, Stop> {
        let Some(id) = self.memory.accounts.get(&person.key).cloned() else {
            let why = "the app has no account of this person that Okta knows";
            return Ok(nothing(why, Basis::inferred("okta/7")));
        };
        let password = self.password(moment);
        let request = match self.switches.user_writes {
            Writing::ReadAndPut => {
                let basis = Basis::inferred("okta/7/2");
                let mut user = self.read_user(&id, &READ, basis.clone(), moment).await?;
                user.set("password", password);
                with_body(Method::Put, user_path(&id), &user.into(), basis)
            }
            Writing::Patch => {
                self.patch_user(&id, "password", password, Basis::inferred("okta/7/1"))
            }
            Writing::Put => {
                let basis = Basis::documented("okta/7/3");
                self.whole_user(person, &id, true, Some(&password), basis, moment)
            }
        };
        PASSWORD.get_done(moment.wire, request).await?;
        Ok(Outcome::Done)
    }

    /// GET, write the profile over what came, PUT.
    pub(super) async fn push_profile(
        &self,
        person: &Person,
        id: &str,
        basis: Basis,
        moment: Moment<'_>,
    ) -> Result<(), Stop> {
        let mut user = self.read_user(id, &READ, basis.clone(), moment).await?;
        self.writer(moment, |writer| writer.overwrite(&mut user, person));
        let request = with_body(Method::Put, user_path(id), &user.into(), basis);
        // The reference asks for the user in the answer; that a 204 would be refused, no source says (`okta/5.4/4`).
        PUT.get_done(moment.wire, request).await?;
        Ok(())
    }

    /// `GET /Users/{id}`, which is to be answered with the user.
    pub(super) async fn read_user(
        &self,
        id: &str,
        step: &Step,
        basis: Basis,
        moment: Moment<'_>,
    ) -> Result<Object, Stop> {
        let request = bare(Method::Get, user_path(id), basis);
        let what = line(&request);
        let reply = step.get_done(moment.wire, request).await?;
        match reply.json() {
            Some(Value::Object(user)) => Ok(user.clone()),
            _ => {
                let why = format!("{what} was answered {} without a user", reply.status);
                Err(step.over(&reply, why, Basis::inferred("okta/5.2")))
            }
        }
    }

    /// The PATCH without a path by which a catalogue app activates, deactivates and pushes passwords.
    pub(super) fn patch_user(
        &self,
        id: &str,
        name: &str,
        new: impl Into<Value>,
        basis: Basis,
    ) -> Request {
        let mut value = Object::new();
        value.push(name, new);
        let mut operation = Object::new();
        operation.push("op", "replace");
        operation.push("value", value);
        let mut body = envelope(PATCH_OP);
        body.push("Operations", vec![operation.into()]);
        with_body(Method::Patch, user_path(id), &body.into(), basis)
    }

    /// The PUT by which the agent writes everything about a user.
    pub(super) fn whole_user(
        &self,
        person: &Person,
        id: &str,
        active: bool,
        password: Option<&str>,
        basis: Basis,
        moment: Moment<'_>,
    ) -> Request {
        let body = self.writer(moment, |writer| {
            writer.whole_user(person, Some(id), active, password)
        });
        with_body(Method::Put, user_path(id), &body, basis)
    }

    pub(super) fn writer<T>(&self, moment: Moment<'_>, write: impl FnOnce(&Writer<'_>) -> T) -> T {
        write(&Writer {
            switches: &self.switches,
            directory: moment.now,
            account: &|person| self.memory.accounts.get(person).cloned(),
        })
    }
}

pub(super) fn user_path(id: &str) -> String {
    ResourceKind::User.path_of(id)
}
