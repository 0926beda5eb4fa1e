//! The product's own people, of whom SCIM knows nothing.

use serde_json::json;

use super::door::act;
use super::route::{Ask, text};
use super::seat::check_seat;
use crate::scim::Value;
use crate::server::fault::Act;
use crate::server::reply::{Failure, Reply};

/// How many people there may be whom SCIM did not create.
const MAX_LOCALS: usize = 1_000;

/// Lets somebody in, with a password.
pub(super) fn let_in(ask: &Ask<'_>) -> Result<Reply, Failure> {
    let body = ask.body()?;
    let (name, secret) = (text(&body, "userName")?, text(&body, "password")?);
    let administrator = body.get("administrator").and_then(Value::as_bool);
    let administrator = administrator.unwrap_or(false);
    let store = &mut *ask.tenant.write();
    if store.person(name).is_some() {
        return Err(Failure::uniqueness("somebody has that name already"));
    }
    if store.locals().len() >= MAX_LOCALS {
        return Err(Failure::new(429, None, "there are too many local people"));
    }
    check_seat(store)?;
    act(ask.tenant, store, Act::LetIn(name), None, true).write(store, ask.now);
    let id = store.create_local(name, secret, administrator).to_string();
    let body = json!({ "id": id, "userName": name, "administrator": administrator });
    Ok(Reply::value(201, &body.into()))
}
