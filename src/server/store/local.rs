//! The product's own people: SCIM did not make them and does not see them.

use std::collections::BTreeMap;

use subtle::ConstantTimeEq;

use super::index::fold;
use super::memory::{Store, password};
use super::product::ADMINISTRATOR;
use super::row::Kind;
use crate::server::credential::Digest;
use crate::server::id::Id;

/// Somebody whom the product's own administrator let in, with a password.
#[derive(Debug, Clone)]
pub(in crate::server) struct Local {
    pub(in crate::server) id: Id,
    pub(in crate::server) name: Box<str>,
    pub(super) password: Box<Digest>,
}

impl Store {
    /// The product's own people.
    pub(in crate::server) fn locals(&self) -> &BTreeMap<u32, Local> {
        &self.locals
    }

    /// The product's own person of that name, in any case.
    pub(in crate::server) fn local(&self, name: &str) -> Option<(u32, &Local)> {
        let name = fold(name);
        let mut locals = self.locals.iter();
        let (handle, local) = locals.find(|(_, local)| fold(&local.name) == name)?;
        Some((*handle, local))
    }

    /// Lets somebody in of whom SCIM knows nothing.
    pub(in crate::server) fn create_local(
        &mut self,
        name: &str,
        secret: &str,
        administrator: bool,
    ) -> Id {
        let handle = self.next;
        self.next += 1;
        let id = self.ids.draw();
        let local = Local {
            id,
            name: name.into(),
            password: password(handle, secret),
        };
        self.locals.insert(handle, local);
        self.touch(handle);
        if administrator {
            self.grant(handle, ADMINISTRATOR);
        }
        id
    }

    /// Whether that is the person's password.
    pub(in crate::server) fn is_password(&self, handle: u32, secret: &str) -> bool {
        let user = || self.row(Kind::User, handle)?.password.as_deref();
        let known = self.locals.get(&handle).map(|local| &*local.password);
        let given = password(handle, secret);
        known
            .or_else(user)
            .is_some_and(|known| known.ct_eq(&*given).into())
    }
}
