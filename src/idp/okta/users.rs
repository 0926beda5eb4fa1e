//! What Okta sends for people: assign, update, deactivate, reactivate (`okta/4`, `okta/5`, `okta/6`).

use super::dialect::Okta;
use super::headers::{bare, with_body};
use super::job::{Step, Stop, line, nothing};
use super::profile::Writer;
use super::settings::{Prefetch, Profile};
use super::{Moment, list};
use crate::directory::{Attribute, Matching, Person};
use crate::idp::{Lookup, Outcome, equals, resource};
use crate::scim::message::{PATCH_OP, envelope};
use crate::scim::{Object, Value};
use crate::wire::{Basis, Method, Reply, Request, ResourceKind};

const LOOK_UP: Step = Step {
    trouble: "Assignments tab: it could not be verified whether the app has this user",
    stops: |status| match status {
        None => Basis::captured("corrections/OK-12"),
        _ => Basis::documented("okta/4.5"),
    },
};
const CREATE: Step = Step {
    trouble: "Assignments tab and Tasks: the user could not be created in the app",
    stops: |status| match status {
        Some(409) => Basis::documented("okta/4.5"),
        _ => Basis::reported("okta/4.5"),
    },
};
const READ: Step = Step {
    trouble: "Tasks: the user's profile could not be pushed, because the app's record could not be read",
    stops: |status| match status {
        Some(404) => Basis::captured("corrections/OK-9"),
        _ => Basis::reported("okta/5.4"),
    },
};
const PUT: Step = Step {
    trouble: "Tasks: the user's profile could not be pushed",
    stops: |status| match status {
        Some(400 | 409) => Basis::documented("okta/5.4"),
        _ => Basis::reported("okta/5.4"),
    },
};
const ACTIVATE: Step = Step {
    trouble: "Tasks: the user could not be activated in the app",
    stops: |_| Basis::documented("okta/12/10"),
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

impl Okta {
    /// The lookup that comes before everything Okta does for a person whom it has not linked (`okta/4.1`).
    ///
    /// The filtered attribute is always `userName`; another unique identifier changes the value alone (`okta/4.4`).
    pub(super) fn lookup_person(&self, person: &Person) -> Request {
        let value = match self.matching {
            Matching::UserName => person.user_name(),
            Matching::ExternalId => person.directory_id(),
            Matching::WorkEmail => person.get(Attribute::Email).unwrap_or_default(),
        };
        let filter = equals("userName", value);
        let parameters = [
            ("filter", filter.as_str()),
            ("startIndex", "1"),
            ("count", "100"),
        ];
        let target = self.switches.query.query("/Users", &parameters);
        bare(Method::Get, target, Basis::documented("okta/4.1"))
    }

    /// Assign, *Provision User*, re-assign, and reactivate: lookup, then create or link.
    pub(super) async fn provision(
        &mut self,
        person: &Person,
        moment: Moment<'_>,
    ) -> Result<Outcome, Stop> {
        if !moment.now.settings.features.create {
            let why = "creating users is switched off in the app";
            return Ok(nothing(why, Basis::documented("okta/3")));
        }
        let reply = LOOK_UP.ask(moment.wire, self.lookup_person(person)).await?;
        match list::lookup(&reply) {
            Lookup::None => self.create(person, moment).await,
            Lookup::Found { id, resource } => self.link(person, &id, &resource, moment).await,
            Lookup::Many(count) => {
                let why = format!("the app has {count} users of that name, and Okta cannot choose");
                Err(LOOK_UP.over(&reply, why, Basis::inferred("okta/4.3")))
            }
            Lookup::Unreadable(_) if !reply.ok() => Err(LOOK_UP.refusal("GET /Users", &reply)),
            Lookup::Unreadable(why) => Err(LOOK_UP.over(&reply, why, Basis::reported("okta/1.4"))),
        }
    }

    /// `POST /Users`; the id that comes back is kept and used in every later path (`okta/4.1/4`).
    async fn create(&mut self, person: &Person, moment: Moment<'_>) -> Result<Outcome, Stop> {
        let password = self.dice.text(8, b"abcdefghijklmnopqrstuvwxyz0123456789");
        moment.wire.mark_password(&password);
        let body = self.writer(moment, |writer| writer.new_user(person, &password));
        let basis = Basis::documented("okta/4.2");
        let request = with_body(Method::Post, "/Users".to_owned(), &body, basis);
        let mut reply = CREATE.get_done(moment.wire, request.clone()).await;
        if matches!(reply, Err(Stop::Unanswered(_))) && self.switches.repeat_create_after_timeout {
            reply = CREATE.get_done(moment.wire, request).await;
        }
        let reply = reply?;
        let Some(id) = reply.id() else {
            return Err(no_user(&CREATE, &reply));
        };
        self.memory.link(&person.key, id);
        Ok(Outcome::Done)
    }

    /// The app has the person: the id is stored, an inactive account is activated, the profile is pushed (`okta/4.3`, `okta/6.2`).
    async fn link(
        &mut self,
        person: &Person,
        id: &str,
        found: &Value,
        moment: Moment<'_>,
    ) -> Result<Outcome, Stop> {
        let returning = self.memory.former.contains(&person.key);
        self.memory.link(&person.key, id);
        let inactive = found.get("active").and_then(Value::as_bool) == Some(false);
        let update = moment.now.settings.features.update;
        match self.profile {
            Profile::CatalogApp => {
                if inactive {
                    let request = self.patch_active(id, true, Basis::documented("okta/6.2"));
                    ACTIVATE.get_done(moment.wire, request).await?;
                }
                if update {
                    // That the profile follows a reactivating PATCH is inferred; after a first match it is documented.
                    let basis = if returning {
                        Basis::inferred("okta/6.2")
                    } else {
                        Basis::documented("okta/4.3")
                    };
                    self.push_profile(person, id, basis, moment).await?;
                }
            }
            Profile::CustomApp => {
                let pairs = if returning {
                    self.switches.reactivation_puts
                } else {
                    self.switches.link_puts
                };
                let needed = update || inactive;
                for _ in 0..pairs.max(1) * usize::from(needed) {
                    let basis = Basis::captured(if returning { "okta/6.2" } else { "okta/4.3" });
                    let mut user = self.read_user(id, &READ, basis.clone(), moment).await?;
                    if update {
                        self.writer(moment, |writer| writer.overwrite(&mut user, person));
                    }
                    user.set("active", true);
                    let request = self.put_user(id, user, basis);
                    PUT.get_done(moment.wire, request).await?;
                }
            }
        }
        Ok(Outcome::Done)
    }

    /// A profile change: GET, then PUT of the whole user (`okta/5.1`). A 404 ends it; Okta creates nobody anew.
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
        let basis = Basis::documented("okta/5.2");
        self.push_profile(person, &id, basis, moment).await?;
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
        match self.profile {
            Profile::CustomApp => {
                let basis = Basis::captured("okta/6.1");
                let step = READ_TO_DEACTIVATE;
                let mut user = self.read_user(&id, &step, basis.clone(), moment).await?;
                user.set("active", false);
                let request = self.put_user(&id, user, basis);
                DEACTIVATE.get_done(moment.wire, request).await?;
            }
            Profile::CatalogApp => {
                let basis = Basis::reported("okta/16/13");
                let prefetch = match self.switches.deactivate_prefetch {
                    Prefetch::None => None,
                    Prefetch::Lookup => Some(self.lookup_person(person)),
                    Prefetch::Id => Some(bare(Method::Get, user_path(&id), basis)),
                };
                if let Some(request) = prefetch {
                    DEACTIVATE.get_done(moment.wire, request).await?;
                }
                let request = self.patch_active(&id, false, Basis::documented("okta/6.1"));
                DEACTIVATE.get_done(moment.wire, request).await?;
            }
        }
        Ok(Outcome::Done)
    }

    /// GET, write the profile over what came, PUT.
    async fn push_profile(
        &mut self,
        person: &Person,
        id: &str,
        basis: Basis,
        moment: Moment<'_>,
    ) -> Result<(), Stop> {
        let mut user = self.read_user(id, &READ, basis.clone(), moment).await?;
        self.writer(moment, |writer| writer.overwrite(&mut user, person));
        let request = self.put_user(id, user, basis);
        // The reference asks for the user in the answer; that a 204 would be refused, no source says (`okta/5.4/4`).
        PUT.get_done(moment.wire, request).await?;
        Ok(())
    }

    async fn read_user(
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

    fn put_user(&self, id: &str, user: Object, basis: Basis) -> Request {
        with_body(Method::Put, user_path(id), &user.into(), basis)
    }

    /// The PATCH without a path by which a catalogue app activates and deactivates.
    fn patch_active(&self, id: &str, active: bool, basis: Basis) -> Request {
        let mut value = Object::new();
        value.push("active", active);
        let mut operation = Object::new();
        operation.push("op", "replace");
        operation.push("value", value);
        let mut body = envelope(PATCH_OP);
        body.push("Operations", vec![operation.into()]);
        with_body(Method::Patch, user_path(id), &body.into(), basis)
    }

    fn writer<T>(&self, moment: Moment<'_>, write: impl FnOnce(&Writer<'_>) -> T) -> T {
        write(&Writer {
            switches: &self.switches,
            directory: moment.now,
            account: &|person| self.memory.accounts.get(person).cloned(),
        })
    }
}

fn user_path(id: &str) -> String {
    resource(ResourceKind::User, id)
}

/// A POST that was answered with success and without the user (`okta/4.5/4`, `okta/4.5/5`).
fn no_user(step: &Step, reply: &Reply) -> Stop {
    let empty = reply.body.text.trim().is_empty();
    let (why, basis) = if empty {
        (
            "the app answered the create with an empty user",
            Basis::documented("okta/4.5"),
        )
    } else {
        (
            "the app answered the create with a user that has no `id`",
            Basis::inferred("okta/4.5"),
        )
    };
    step.over(reply, why.to_owned(), basis)
}
