//! The switch of the SCIM endpoint, and the tokens that administrators make for it.

use http::HeaderMap;
use serde_json::json;

use super::administrator::is_administrator;
use super::door::act;
use super::route::Ask;
use super::sign_on::{by_session, token_reply};
use crate::scim::Value;
use crate::server::auth::bearer;
use crate::server::fault::Act;
use crate::server::handler::State;
use crate::server::reply::{Failure, Reply};

/// How many tokens for provisioning there may be.
const MAX_TOKENS: usize = 100;

/// Refuses what comes to the SCIM endpoint while it is off.
pub(in crate::server) fn check_provisioning(tenant: &State) -> Result<(), Failure> {
    if tenant.read().provisions() {
        return Ok(());
    }
    let why = "provisioning by SCIM is switched off in the product";
    Err(Failure::new(403, None, why))
}

/// Whether a request shows a token that an administrator made for provisioning.
pub(in crate::server) fn is_provisioning_token(tenant: &State, headers: &HeaderMap) -> bool {
    bearer(headers).is_some_and(|text| tenant.read().is_provisioning_token(&text))
}

/// Shows the switch.
pub(super) fn show(ask: &Ask<'_>) -> Result<Reply, Failure> {
    let body = json!({ "on": ask.tenant.read().provisions() });
    Ok(Reply::value(200, &body.into()))
}

/// Switches the endpoint on or off. Whom SCIM made stays as he or she is.
pub(super) fn switch(ask: &Ask<'_>) -> Result<Reply, Failure> {
    let body = ask.body()?;
    let on = body.get("on").and_then(Value::as_bool);
    let on = on.ok_or_else(|| Failure::value("`on` must be true or false"))?;
    let store = &mut *ask.tenant.write();
    let done = act(ask.tenant, store, Act::Switch(on), None, true);
    done.write(store, ask.now);
    store.set_provisioning(on);
    Ok(Reply::empty(204))
}

/// Makes a token for provisioning, if an administrator asks. It is the tenant's and not a person's, so it stays when
/// the administrator goes.
pub(super) fn make_token(ask: &Ask<'_>) -> Result<Reply, Failure> {
    let store = &mut *ask.tenant.write();
    let person = by_session(ask, store)?;
    let may = is_administrator(store, ask.tenant.administrators.as_deref(), person);
    let done = act(ask.tenant, store, Act::MakeToken, Some(person), may);
    if !done.is_allowed() {
        let why = "only an administrator makes tokens for provisioning";
        return Err(Failure::new(403, None, why));
    }
    if store.provisioning_tokens() >= MAX_TOKENS {
        let why = "there are too many tokens for provisioning";
        return Err(Failure::new(429, None, why));
    }
    let token = store.draw_secret();
    store.add_provisioning_token(&token);
    Ok(token_reply(token))
}
