//! What the product's administrator, or somebody at its door, does in a story.

use super::Door;
use super::ask::{Closed, at, send, texts};
use super::undo::Back;
use crate::directory::Person;
use crate::run::product::Ask;
use crate::scenario::Deed;
use crate::wire::Method;

const ON_AGAIN: &str = "switch provisioning on again";

/// Why a story does not go on.
#[derive(Debug)]
pub(in crate::run) enum Halt {
    /// It does not suit this target.
    Skip(String),
    /// It cannot be judged.
    Inconclusive(String),
}

impl From<Closed> for Halt {
    fn from(closed: Closed) -> Self {
        Self::Inconclusive(closed.why())
    }
}

/// Who does something to whom, at which step.
#[derive(Clone, Copy)]
struct Scene<'a> {
    step: Option<usize>,
    person: Option<&'a Person>,
}

impl Door {
    /// Does one deed. What it changes for longer than the story is taken back afterwards.
    pub(in crate::run) async fn perform(
        &self,
        step: Option<usize>,
        deed: &Deed,
        person: Option<&Person>,
        claim: &str,
    ) -> Result<(), Halt> {
        let product = std::sync::Arc::clone(&self.product);
        let scene = Scene { step, person };
        let missing = || Halt::Inconclusive("the product is not described".to_owned());
        match deed {
            Deed::GrantRole(_) => {
                let roles = product.grant_role.as_ref().ok_or_else(missing)?;
                let role = [("role", roles.role.as_str())];
                let job = ("grant a role", "take a role back");
                self.change(scene, job, &roles.grant, &roles.take, &role)
                    .await
            }
            Deed::MakeOnlyAdministrator(_) => self.make_only_administrator(scene).await,
            Deed::Ban(_) => {
                let ban = product.ban.as_ref().ok_or_else(missing)?;
                self.change(scene, ("ban", "lift the ban"), &ban.set, &ban.lift, &[])
                    .await
            }
            Deed::SignOn { .. } => {
                let ask = &product.sign_on.as_ref().ok_or_else(missing)?.ask;
                let (request, wire) = self
                    .asked(
                        step,
                        person,
                        "sign on",
                        ask,
                        Method::Post,
                        &[("group", claim)],
                    )
                    .await?;
                // Whether it lets the person in is not the question here: what it changes is.
                send(&wire, request).await?;
                Ok(())
            }
            Deed::MakeLocalPerson(_) => {
                let people = product.make_person.as_ref().ok_or_else(missing)?;
                let password = self.password.clone();
                let password = [("password", password.as_str())];
                let job = ("make a local person", "take a local person away");
                self.change(scene, job, &people.make, &people.remove, &password)
                    .await
            }
            Deed::SwitchOffScim => {
                let provisioning = product.provisioning.as_ref().ok_or_else(missing)?;
                let job = ("switch provisioning off", ON_AGAIN);
                self.change(scene, job, &provisioning.off, &provisioning.on, &[])
                    .await
            }
            Deed::SwitchOnScim => {
                let done = self.undo.now(ON_AGAIN).await;
                done.map_err(Halt::Inconclusive)
            }
            Deed::LimitSeats { free } => self.limit_seats(scene, *free).await,
            // The SCIM endpoint is asked for that.
            Deed::DeactivateByScim(_) => Ok(()),
        }
    }

    /// Changes something, and remembers how it is taken back before it is sent.
    async fn change(
        &self,
        Scene { step, person }: Scene<'_>,
        (job, back): (&str, &str),
        ask: &Ask,
        undo: &Ask,
        more: &[(&str, &str)],
    ) -> Result<(), Halt> {
        let (request, wire) = self
            .asked(step, person, back, undo, Method::Post, more)
            .await?;
        self.undo.remember(Back {
            what: back.to_owned(),
            wire,
            request,
            accepted: undo.accepted.clone(),
            answered: false,
        });
        match self.ask(step, person, job, ask, Method::Post, more).await {
            Ok(_) => {
                self.undo.answered();
                Ok(())
            }
            Err(closed) => {
                if matches!(closed, Closed::Refused(..)) {
                    self.undo.forget();
                }
                Err(closed.into())
            }
        }
    }

    /// Makes somebody of this run the administrator, where nobody else is one.
    async fn make_only_administrator(&self, scene: Scene<'_>) -> Result<(), Halt> {
        let Scene { step, person } = scene;
        let product = &self.product;
        let role = product
            .roles
            .as_ref()
            .and_then(|roles| roles.administrator.as_deref());
        let described = product
            .grant_role
            .as_ref()
            .zip(role)
            .zip(product.administrators.as_ref());
        let (Some(((grant, role), administrators)), Some(person)) = (described, person) else {
            return Err(Halt::Inconclusive(
                "the product is not described".to_owned(),
            ));
        };
        let job = (
            "make an administrator",
            "take the administrator's role back",
        );
        self.change(scene, job, &grant.grant, &grant.take, &[("role", role)])
            .await?;
        let read = &administrators.read;
        let reply = self
            .ask(
                step,
                None,
                "list the administrators",
                read,
                Method::Get,
                &[],
            )
            .await?;
        let all = texts(&reply, &administrators.at)?;
        let own = |name: &String| name.eq_ignore_ascii_case(person.user_name());
        if !all.iter().any(own) {
            let why = "whom the run made administrator is not among the product's administrators";
            return Err(Halt::Inconclusive(why.to_owned()));
        }
        if all.len() > 1 {
            let why = "the product has another administrator, who is none of this run's business, so nobody is the last";
            return Err(Halt::Skip(why.to_owned()));
        }
        Ok(())
    }

    /// Sets the number of seats so that so many are free.
    async fn limit_seats(&self, scene: Scene<'_>, free: u32) -> Result<(), Halt> {
        let Some(seats) = &self.product.seats else {
            return Err(Halt::Inconclusive(
                "the product is not described".to_owned(),
            ));
        };
        let read = self.ask(
            scene.step,
            None,
            "count the seats",
            &seats.read,
            Method::Get,
            &[],
        );
        let reply = read.await?;
        let number = |pointer: &str| at(&reply, pointer).and_then(|value| value.as_u64());
        let before = match (at(&reply, &seats.at), number(&seats.at)) {
            (_, Some(limit)) => limit.to_string(),
            (Some(serde_json::Value::Null), None) => "null".to_owned(),
            _ => {
                let why = format!("the answer has no number of seats at `{}`", seats.at);
                return Err(Halt::Inconclusive(why));
            }
        };
        let Some(taken) = number(&seats.taken) else {
            let why = format!(
                "the answer has no number of taken seats at `{}`",
                seats.taken
            );
            return Err(Halt::Inconclusive(why));
        };
        let now = (taken + u64::from(free)).to_string();
        let back = "set the number of seats back";
        let (request, wire) = self
            .asked(
                scene.step,
                None,
                back,
                &seats.set,
                Method::Post,
                &[("seats", &before)],
            )
            .await?;
        self.undo.remember(Back {
            what: back.to_owned(),
            wire,
            request,
            accepted: seats.set.accepted.clone(),
            answered: false,
        });
        let job = "limit the seats";
        self.ask(
            scene.step,
            None,
            job,
            &seats.set,
            Method::Post,
            &[("seats", &now)],
        )
        .await?;
        self.undo.answered();
        Ok(())
    }
}
