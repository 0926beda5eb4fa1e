//! Bans. SCIM knows nothing of them: a banned person is shown as active, and is out all the same.

use super::role::find;
use super::route::Ask;
use crate::server::reply::{Failure, Reply};

/// How many names may be banned.
const MAX_BANS: usize = 10_000;

/// Bans a person, who is out at once.
pub(super) fn ban(ask: &Ask<'_>, name: &str) -> Result<Reply, Failure> {
    let mut store = ask.tenant.write();
    let person = find(&store, name)?;
    if store.bans() >= MAX_BANS {
        return Err(Failure::new(429, None, "too many people are banned"));
    }
    store.ban(person);
    Ok(Reply::empty(204))
}

/// Lifts a ban. The account may be gone: the ban is not.
pub(super) fn lift(ask: &Ask<'_>, name: &str) -> Result<Reply, Failure> {
    ask.tenant.write().lift_ban(name);
    Ok(Reply::empty(204))
}
