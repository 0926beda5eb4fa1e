//! What Okta sends when somebody is assigned or comes back: look the person up, then create or link (`okta/4`, `okta/6.2`).

use super::dialect::Okta;
use super::headers::{bare, with_body};
use super::job::{Step, Stop, nothing};
use super::settings::Writing;
use super::users::{PUT, READ, user_path};
use super::{Moment, list};
use crate::directory::{Attribute, Mapping, Person, Place, Source};
use crate::idp::{Lookup, Outcome, equals};
use crate::scim::Value;
use crate::wire::{Basis, Method, Reply, Request};

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
const ACTIVATE: Step = Step {
    trouble: "Tasks: the user could not be activated in the app",
    stops: |_| Basis::documented("okta/12/10"),
};

/// What passwords are made of that Okta makes up.
const LETTERS_AND_DIGITS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const WITH_SYMBOLS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789^&!#%*+-=?@_";

/// An account that a lookup has found.
struct Account {
    id: String,
    inactive: bool,
}

impl Okta {
    /// The lookup that comes before everything Okta does for a person whom it has not linked (`okta/4.1`).
    ///
    /// The filtered attribute is `userName`, and what is matched by changes the value alone (`okta/4.4/1`); where another
    /// unique field is set, as behind the agent, it is that attribute with what is mapped onto it (`okta/13/7`).
    pub(super) fn lookup_person(&self, person: &Person) -> Request {
        let field = &self.app.unique_identifier;
        let by = if *field == Place::core("userName") {
            self.app.matching.attribute()
        } else {
            self.mapped_onto(field)
        };
        let value = person.get(by).unwrap_or_default();
        let filter = equals(&field.to_string(), value);
        let parameters = [
            ("filter", filter.as_str()),
            ("startIndex", "1"),
            ("count", "100"),
        ];
        let target = self.switches.query.query("/Users", &parameters);
        bare(Method::Get, target, Basis::documented("okta/4.1"))
    }

    /// The directory's attribute that is mapped onto an attribute of the app; nothing else than Okta's id identifies.
    fn mapped_onto(&self, field: &Place) -> Attribute {
        let mut mappings = self.app.mappings.iter();
        let onto = |m: &Mapping| match m.source {
            Source::Attribute(attribute)
                if m.place.extension == field.extension && m.place.attribute == field.attribute =>
            {
                Some(attribute)
            }
            _ => None,
        };
        mappings.find_map(onto).unwrap_or(Attribute::DirectoryId)
    }

    /// Assign, *Provision User* and re-assign: look the person up, then create or link.
    pub(super) async fn provision(
        &mut self,
        person: &Person,
        moment: Moment<'_>,
    ) -> Result<Outcome, Stop> {
        if !moment.now.settings.features.create {
            let why = "creating users is switched off in the app";
            return Ok(nothing(why, Basis::documented("okta/3")));
        }
        match self.look_up(person, moment).await? {
            None => self.create(person, moment).await,
            Some(account) => self.link(person, &account, moment).await,
        }
    }

    /// Reactivate in Okta: as a new assignment, but for the agent, which PUTs to the account that it knows (`okta/13/10`).
    pub(super) async fn reactivate(
        &mut self,
        person: &Person,
        moment: Moment<'_>,
    ) -> Result<Outcome, Stop> {
        let known = self.memory.former.get(&person.key).cloned();
        match (self.switches.user_writes, known) {
            (Writing::Put, Some(id)) => {
                let account = Account { id, inactive: true };
                self.link(person, &account, moment).await
            }
            _ => self.provision(person, moment).await,
        }
    }

    /// `GET /Users?filter=…`: an empty list and a 404 with an error both say that there is nobody.
    async fn look_up(&self, person: &Person, moment: Moment<'_>) -> Result<Option<Account>, Stop> {
        let reply = LOOK_UP.ask(moment.wire, self.lookup_person(person)).await?;
        match list::lookup(&reply) {
            Lookup::None => Ok(None),
            Lookup::Found { id, resource } => {
                let inactive = is_inactive(&resource);
                Ok(Some(Account { id, inactive }))
            }
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
        let password = self.password(moment);
        let body = self.writer(moment, |writer| match self.switches.user_writes {
            Writing::Put => writer.whole_user(person, None, true, Some(&password)),
            Writing::ReadAndPut | Writing::Patch => writer.new_user(person, &password),
        });
        let basis = match self.switches.user_writes {
            Writing::Put => Basis::inferred("okta/13/8"),
            Writing::ReadAndPut | Writing::Patch => Basis::documented("okta/4.2"),
        };
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
        account: &Account,
        moment: Moment<'_>,
    ) -> Result<Outcome, Stop> {
        self.memory.link(&person.key, &account.id);
        match self.switches.user_writes {
            Writing::ReadAndPut => self.link_by_read_and_put(person, account, moment).await?,
            Writing::Patch => self.link_by_patch(person, account, moment).await?,
            Writing::Put => self.link_by_put(person, account, moment).await?,
        }
        Ok(Outcome::Done)
    }

    /// A custom app: GET, then PUT of the merged user with `active:true`, as many times as the switch says.
    async fn link_by_read_and_put(
        &self,
        person: &Person,
        Account { id, inactive }: &Account,
        moment: Moment<'_>,
    ) -> Result<(), Stop> {
        let update = moment.now.settings.features.update;
        if !update && !inactive {
            return Ok(());
        }
        let (pairs, basis) = if self.memory.had(&person.key) {
            let pairs = self.switches.reactivation_puts;
            (pairs, Basis::captured("okta/6.2"))
        } else {
            (self.switches.link_puts, Basis::captured("okta/4.3"))
        };
        for _ in 0..pairs.max(1) {
            let mut user = self.read_user(id, &READ, basis.clone(), moment).await?;
            if update {
                self.writer(moment, |writer| writer.overwrite(&mut user, person));
            }
            user.set("active", true);
            let request = with_body(Method::Put, user_path(id), &user.into(), basis.clone());
            let reply = PUT.get_done(moment.wire, request).await?;
            self.active_now(&reply)?;
        }
        Ok(())
    }

    /// A catalogue app: PATCH `active:true` where the account is inactive; then GET and PUT of the profile.
    async fn link_by_patch(
        &self,
        person: &Person,
        Account { id, inactive }: &Account,
        moment: Moment<'_>,
    ) -> Result<(), Stop> {
        if *inactive {
            let request = self.patch_user(id, "active", true, Basis::documented("okta/6.2"));
            let reply = ACTIVATE.get_done(moment.wire, request).await?;
            self.active_now(&reply)?;
        }
        if moment.now.settings.features.update {
            // That the profile follows a reactivating PATCH is inferred; after a first match it is documented.
            let basis = if self.memory.had(&person.key) {
                Basis::inferred("okta/6.2")
            } else {
                Basis::documented("okta/4.3")
            };
            self.push_profile(person, id, basis, moment).await?;
        }
        Ok(())
    }

    /// The agent: PUT of the whole user. Where pushing profiles is switched off, the profile is read instead (`okta/4.3/5`).
    async fn link_by_put(
        &self,
        person: &Person,
        Account { id, inactive }: &Account,
        moment: Moment<'_>,
    ) -> Result<(), Stop> {
        if moment.now.settings.features.update || *inactive {
            let basis = Basis::inferred("okta/13/10");
            let request = self.whole_user(person, id, true, None, basis, moment);
            let reply = PUT.get_done(moment.wire, request).await?;
            self.active_now(&reply)
        } else {
            let request = bare(Method::Get, user_path(id), Basis::documented("okta/4.3/5"));
            READ.get_done(moment.wire, request).await?;
            Ok(())
        }
    }

    /// Whether the answer to a reactivation may say that the user is inactive still: then Okta puts the job off by itself
    /// (`corrections/OK-20`), where the switch says so.
    fn active_now(&self, reply: &Reply) -> Result<(), Stop> {
        let late = self.switches.reschedule_inactive && reply.json().is_some_and(is_inactive);
        if late {
            return Err(Stop::PutOff(reply.clone()));
        }
        Ok(())
    }

    /// A password of Okta's own making, which no tape shows.
    pub(super) fn password(&mut self, moment: Moment<'_>) -> String {
        let letters = if self.switches.password_symbols {
            WITH_SYMBOLS
        } else {
            LETTERS_AND_DIGITS
        };
        let password = self.dice.text(8, letters);
        moment.wire.mark_password(&password);
        password
    }
}

fn is_inactive(user: &Value) -> bool {
    user.get("active").and_then(Value::as_bool) == Some(false)
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
