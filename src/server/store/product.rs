//! What the product knows by itself, and SCIM neither sees nor writes: roles that were granted, bans, seats, whether SCIM
//! is served at all, and the tokens that the product's administrators made for it.

use std::collections::BTreeSet;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

use super::index::fold;
use super::memory::Store;
use super::row::{Kind, Known};
use crate::scim::{Object, Value};
use crate::server::credential::digest;

/// The role of those who administer the product.
pub(in crate::server) const ADMINISTRATOR: &str = "administrator";

/// What the product's administrators decided, beside what they decided of single people.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Decisions {
    /// Whether the SCIM endpoint is switched off.
    closed: bool,
    /// How many active people there may be, if that is limited.
    seats: Option<u64>,
    /// The folded user names of those who may not come in, whether or not they have an account at present.
    banned: BTreeSet<String>,
    /// The digests of the tokens that open the SCIM endpoint beside the tenant's own.
    tokens: BTreeSet<String>,
}

impl Store {
    /// The person of that name, in any case: one of the product's own, else one of SCIM's.
    pub(in crate::server) fn person(&self, name: &str) -> Option<u32> {
        let local = self.local(name).map(|(handle, _)| handle);
        local.or_else(|| self.named(Kind::User, name).next())
    }

    /// The user name of a person.
    pub(in crate::server) fn name_of(&self, person: u32) -> Option<String> {
        if let Some(local) = self.locals.get(&person) {
            return Some(local.name.to_string());
        }
        let row = self.row(Kind::User, person)?;
        user_name(&row.doc()).map(str::to_owned)
    }

    /// The roles that a person was granted in the product.
    pub(in crate::server) fn granted(&self, person: u32) -> impl Iterator<Item = &str> {
        let roles = self.granted.get(&person);
        roles.into_iter().flatten().map(String::as_str)
    }

    /// Those who were granted a role.
    pub(in crate::server) fn holders<'s>(&'s self, role: &'s str) -> impl Iterator<Item = u32> {
        let all = self.granted.iter();
        all.filter(move |(_, roles)| roles.contains(role))
            .map(|(person, _)| *person)
    }

    /// Grants a role.
    pub(in crate::server) fn grant(&mut self, person: u32, role: &str) {
        let roles = self.granted.entry(person).or_default();
        if roles.insert(role.to_owned()) {
            self.touch(person);
        }
    }

    /// Takes a granted role back.
    pub(in crate::server) fn take_back(&mut self, person: u32, role: &str) {
        let Some(roles) = self.granted.get_mut(&person) else {
            return;
        };
        if roles.remove(role) {
            if roles.is_empty() {
                self.granted.remove(&person);
            }
            self.touch(person);
        }
    }

    /// Whether a person may not come in.
    pub(in crate::server) fn is_banned(&self, person: u32) -> bool {
        // Hardly ever is anybody banned, and a name is read off a text.
        !self.decisions.banned.is_empty()
            && self
                .name_of(person)
                .is_some_and(|name| self.is_banned_name(&name))
    }

    /// Whether whoever has that name may not come in.
    pub(in crate::server) fn is_banned_name(&self, name: &str) -> bool {
        self.decisions.banned.contains(&fold(name))
    }

    /// Bans a person: all that was opened ends, and whoever has the name does not come in.
    pub(in crate::server) fn ban(&mut self, person: u32) {
        if let Some(name) = self.name_of(person) {
            self.decisions_mut().banned.insert(fold(&name));
            self.credentials.end_all(person, &[]);
        }
    }

    /// Lifts the ban on a name.
    pub(in crate::server) fn lift_ban(&mut self, name: &str) {
        if self.is_banned_name(name) {
            self.decisions_mut().banned.remove(&fold(name));
        }
    }

    /// How many are banned.
    pub(in crate::server) fn bans(&self) -> usize {
        self.decisions.banned.len()
    }

    /// A ban is on a person, so it goes along with a new name.
    pub(super) fn carry_ban(&mut self, before: &Object, after: &Object) {
        if self.decisions.banned.is_empty() {
            return;
        }
        let (before, after) = (user_name(before).map(fold), user_name(after).map(fold));
        if before != after
            && let (Some(before), Some(after)) = (before, after)
            && self.decisions.banned.contains(&before)
        {
            let banned = &mut self.decisions_mut().banned;
            banned.remove(&before);
            banned.insert(after);
        }
    }

    /// What a faulty write makes the product forget.
    pub(super) fn forget(&mut self, person: u32, doc: &Object, known: &[Known]) {
        for known in known {
            match known {
                Known::Roles if self.granted.remove(&person).is_some() => self.touch(person),
                Known::Roles => {}
                Known::Ban => {
                    if let Some(name) = user_name(doc) {
                        self.lift_ban(name);
                    }
                }
            }
        }
    }

    /// Whether the SCIM endpoint is served.
    pub(in crate::server) fn provisions(&self) -> bool {
        !self.decisions.closed
    }

    /// Switches the SCIM endpoint on or off.
    pub(in crate::server) fn set_provisioning(&mut self, on: bool) {
        self.decisions_mut().closed = !on;
    }

    /// How many active people there may be, if that is limited.
    pub(in crate::server) fn seats(&self) -> Option<u64> {
        self.decisions.seats
    }

    /// Limits how many active people there may be.
    pub(in crate::server) fn set_seats(&mut self, seats: Option<u64>) {
        self.decisions_mut().seats = seats;
    }

    /// How many seats are taken: one by each active person.
    pub(in crate::server) fn taken(&self) -> u64 {
        // Few tenants limit them, so the active ones are counted when somebody asks.
        let active = self.rows(Kind::User).filter(|(_, row)| row.active).count();
        (active + self.locals.len()) as u64
    }

    /// Lets whoever shows that text provision this tenant.
    pub(in crate::server) fn add_provisioning_token(&mut self, text: &str) {
        let digest = HEXLOWER.encode(&digest(text));
        self.decisions_mut().tokens.insert(digest);
    }

    /// Whether a text is a token that somebody made for provisioning.
    pub(in crate::server) fn is_provisioning_token(&self, text: &str) -> bool {
        let tokens = &self.decisions.tokens;
        !tokens.is_empty() && tokens.contains(&HEXLOWER.encode(&digest(text)))
    }

    /// How many tokens for provisioning there are.
    pub(in crate::server) fn provisioning_tokens(&self) -> usize {
        self.decisions.tokens.len()
    }

    fn decisions_mut(&mut self) -> &mut Decisions {
        if let Some(touched) = &mut self.touched {
            touched.decisions = true;
        }
        &mut self.decisions
    }
}

fn user_name(doc: &Object) -> Option<&str> {
    doc.get("userName").and_then(Value::as_str)
}
