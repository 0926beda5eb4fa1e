//! What somebody may do at the product, and which roles somebody has there.

use std::collections::BTreeMap;

use super::ask::{Closed, texts};
use super::need::aspect;
use super::{Door, Tried};
use crate::directory::Person;
use crate::run::product::{CredentialKind, RoleGroup, Spelling, fill};
use crate::scenario::{RoleName, Wish};
use crate::wire::Method;

impl Door {
    /// Tries what a person may do, and reads the roles that the person has.
    ///
    /// `group` gives a group's name at the target for its name in the story.
    pub(in crate::run) async fn see(
        &self,
        step: Option<usize>,
        person: &Person,
        wishes: &[(Wish, bool)],
        group: impl Fn(&str) -> String,
    ) -> Tried {
        let mut tried = Tried::default();
        let mut roles = None;
        for (wish, _) in wishes {
            let shown = match wish {
                Wish::Enter => self.sign_on_anew(step, person).await,
                Wish::SignIn => self.sign_in(step, person).await,
                Wish::MintToken => self.mint_token(step, person).await,
                Wish::Role(name) => {
                    if roles.is_none() {
                        roles = Some(self.roles(step, person).await);
                    }
                    match roles.as_ref() {
                        Some(Ok((n, all))) => {
                            let role = self.role(name, &group);
                            match role.is_some_and(|role| {
                                all.iter().any(|own| own.eq_ignore_ascii_case(&role))
                            }) {
                                true => Ok(*n),
                                false => {
                                    Err(Closed::Refused(*n, "the role is not there".to_owned()))
                                }
                            }
                        }
                        Some(Err(why)) => Err(Closed::Unclear(why.clone())),
                        None => Err(Closed::Unclear("nobody looked".to_owned())),
                    }
                }
            };
            tried.note(aspect(wish), shown);
        }
        tried
    }

    /// Lets a person in anew: by a session, where the description says how one is made, or by single sign-on.
    async fn sign_on_anew(&self, step: Option<usize>, person: &Person) -> Result<u64, Closed> {
        let mut credentials = self.product.credentials.iter();
        if let Some(session) = credentials.find(|spec| spec.kind == CredentialKind::Session) {
            return self.make(step, person, session, &mut BTreeMap::new()).await;
        }
        let Some(sign_on) = &self.product.sign_on else {
            return Err(Closed::Unclear("no way in is described".to_owned()));
        };
        let asked = self.ask(
            step,
            Some(person),
            "sign on",
            &sign_on.ask,
            Method::Post,
            &[("group", "")],
        );
        asked.await.map(|reply| reply.exchange)
    }

    async fn sign_in(&self, step: Option<usize>, person: &Person) -> Result<u64, Closed> {
        let Some(sign_in) = &self.product.sign_in else {
            return Err(Closed::Unclear(
                "`[product.sign-in]` is not described".to_owned(),
            ));
        };
        let password = [("password", self.password.as_str())];
        let asked = self.ask(
            step,
            Some(person),
            "sign in with a password",
            &sign_in.ask,
            Method::Post,
            &password,
        );
        asked.await.map(|reply| reply.exchange)
    }

    async fn mint_token(&self, step: Option<usize>, person: &Person) -> Result<u64, Closed> {
        let Some(token) = &self.product.provisioning_token else {
            let why = "`[product.provisioning-token]` is not described";
            return Err(Closed::Unclear(why.to_owned()));
        };
        let asked = self.asked(
            step,
            Some(person),
            "make a provisioning token",
            &token.ask,
            Method::Post,
            &[],
        );
        // Who does not get in at all proves nothing.
        let (request, wire) = asked.await.map_err(Closed::unclear)?;
        let reply = super::ask::send(&wire, request).await?;
        token.ask.outcome(&reply, "make a provisioning token")
    }

    /// The effective roles of a person, and the exchange that shows them.
    async fn roles(
        &self,
        step: Option<usize>,
        person: &Person,
    ) -> Result<(u64, Vec<String>), String> {
        let Some(roles) = &self.product.roles else {
            return Err("`[product.roles]` is not described".to_owned());
        };
        let reply = self.ask(
            step,
            Some(person),
            "read the roles",
            &roles.read,
            Method::Get,
            &[],
        );
        let reply = reply.await.map_err(Closed::why)?;
        let all = texts(&reply, &roles.at).map_err(Closed::why)?;
        Ok((reply.exchange, all))
    }

    /// A role as it stands among the effective ones.
    fn role(&self, name: &RoleName, group: &impl Fn(&str) -> String) -> Option<String> {
        match name {
            RoleName::Administrator => self.product.roles.as_ref()?.administrator.clone(),
            RoleName::Granted => Some(self.product.grant_role.as_ref()?.role.clone()),
            RoleName::OfGroup(name) => {
                let RoleGroup { role } = self.product.role_group.as_ref()?;
                let values = BTreeMap::from([("group".to_owned(), group(name))]);
                Some(fill(role, &values, Spelling::Plain))
            }
        }
    }
}
