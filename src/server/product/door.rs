//! The product's door: who comes in, and who it is that asks.

use http::HeaderMap;
use jiff::Timestamp;

use crate::server::auth::bearer;
use crate::server::credential::Access;
use crate::server::fault::{Act, Acting};
use crate::server::handler::State;
use crate::server::reply::Failure;
use crate::server::store::{Draft, Kind, Store};

/// What the product writes to SCIM's resources by itself. No product should write anything.
#[derive(Debug)]
pub(in crate::server) enum Write {
    /// A resource that is new.
    Create(Kind, Draft),
    /// One that there is.
    Update(Kind, u32, Draft),
    /// One that goes.
    Delete(Kind, u32),
}

/// Whether something is done, and what else is.
pub(super) struct Done {
    person: Option<u32>,
    allowed: bool,
    writes: Vec<Write>,
}

/// Passes the seam before something is done at the product.
pub(super) fn act(
    tenant: &State,
    store: &Store,
    act: Act<'_>,
    person: Option<u32>,
    allowed: bool,
) -> Done {
    let mut acting = Acting {
        store,
        act,
        person,
        allowed,
        writes: Vec::new(),
    };
    tenant.faults.act(&mut acting);
    Done {
        person: acting.person,
        allowed: acting.allowed,
        writes: acting.writes,
    }
}

/// Passes the seam with somebody who wants to come in: whoever is known to the product, active and not banned.
pub(super) fn enter(tenant: &State, store: &Store, way: Act<'_>, person: Option<u32>) -> Done {
    let allowed = person.is_some_and(|person| is_welcome(store, person));
    act(tenant, store, way, person, allowed)
}

/// Whether a person is known to the product, active and not banned.
pub(super) fn is_welcome(store: &Store, person: u32) -> bool {
    let user = store.row(Kind::User, person);
    let known = user.map_or_else(|| store.locals().contains_key(&person), |row| row.active);
    known && !store.is_banned(person)
}

impl Done {
    /// Whether it may be done.
    pub(super) fn is_allowed(&self) -> bool {
        self.allowed
    }

    /// Writes what is written beside, and says who came in, if anybody did.
    pub(super) fn write(self, store: &mut Store, now: Timestamp) -> Option<u32> {
        let mut person = self.person;
        for write in self.writes {
            match write {
                Write::Create(Kind::User, draft) => {
                    let made = store.create(Kind::User, draft, now);
                    person = person.or(Some(made));
                }
                Write::Create(kind, draft) => {
                    store.create(kind, draft, now);
                }
                Write::Update(kind, handle, draft) => store.update(kind, handle, draft, now),
                Write::Delete(kind, handle) => store.delete(kind, handle, now),
            }
        }
        person.filter(|_| self.allowed)
    }
}

/// Who asks, by a session or a token.
pub(super) fn who(
    tenant: &State,
    store: &Store,
    headers: &HeaderMap,
) -> Result<(u32, Access), Failure> {
    let text = bearer(headers).ok_or_else(nobody)?;
    let (person, access) = store.credentials.owner(&text).ok_or_else(nobody)?;
    let entered = enter(tenant, store, Act::Enter(access), Some(person));
    let person = entered.person.filter(|_| entered.allowed);
    Ok((person.ok_or_else(nobody)?, access))
}

/// The id of the person who asks by a session or a token.
pub(in crate::server) fn person(tenant: &State, headers: &HeaderMap) -> Option<String> {
    let store = tenant.read();
    let (person, _) = who(tenant, &store, headers).ok()?;
    Some(store.row(Kind::User, person)?.id.to_string())
}

pub(super) fn nobody() -> Failure {
    Failure::new(401, None, "sign in first")
}
