//! Signing in and out, and the sessions and personal access tokens that come of it.

use super::door::{enter, who};
use super::route::{Ask, text};
use crate::scim::{Object, Value};
use crate::server::auth::bearer;
use crate::server::credential::Access;
use crate::server::fault::Act;
use crate::server::reply::{Failure, Reply};
use crate::server::store::{Kind, Store};

/// How many sessions and tokens a person may have.
const MAX_CREDENTIALS: usize = 100;

/// Opens a session: for whom an identity provider vouches, or by a password for the product's own people.
pub(super) fn login(ask: &Ask<'_>) -> Result<Reply, Failure> {
    let body = ask.body();
    let secret = body.as_ref().ok().and_then(|body| body.get("password"));
    let secret = match (ask.by_the_tenant, secret.and_then(Value::as_str)) {
        (true, _) => None,
        (false, Some(secret)) => Some(secret.to_owned()),
        (false, None) => {
            let why = "sign in with a password, or let the identity provider vouch for the person";
            return Err(Failure::new(401, None, why));
        }
    };
    let body = body?;
    let name = text(&body, "userName")?;
    let store = &mut *ask.tenant.write();
    let (way, person) = if let Some(secret) = &secret {
        // Whom an identity provider manages signs in through it, whatever password SCIM may have set.
        let local = store.local(name).map(|(handle, _)| handle);
        let right = local.filter(|handle| store.is_password(*handle, secret));
        (Act::Password(name, secret), right)
    } else {
        (Act::Vouch, store.named(Kind::User, name).next())
    };
    // A wrong password is no secret to whoever tried it; that somebody is banned is one.
    let status = match secret.is_some() && person.is_none() {
        true => 401,
        false => 403,
    };
    open(ask, store, way, person, status)
}

/// Opens a session after a sign-on with claims. Accounts and memberships are SCIM's: none is made, enabled or changed.
pub(super) fn sign_on(ask: &Ask<'_>) -> Result<Reply, Failure> {
    let body = ask.body()?;
    let name = text(&body, "userName")?;
    let groups = match body.get("groups") {
        None | Some(Value::Null) => None,
        Some(Value::Array(groups)) => {
            let names = groups.iter().map(Value::as_str);
            let names: Option<Vec<&str>> = names.collect();
            Some(names.ok_or_else(no_names)?)
        }
        Some(_) => return Err(no_names()),
    };
    let claims = Act::SignOn {
        name,
        groups: groups.as_deref(),
    };
    let store = &mut *ask.tenant.write();
    let person = store.person(name);
    open(ask, store, claims, person, 403)
}

fn no_names() -> Failure {
    Failure::value("`groups` must be a list of names")
}

fn open(
    ask: &Ask<'_>,
    store: &mut Store,
    way: Act<'_>,
    person: Option<u32>,
    status: u16,
) -> Result<Reply, Failure> {
    let entered = enter(ask.tenant, store, way, person).write(store, ask.now);
    let refused = || Failure::new(status, None, "this person may not sign in");
    let session = add(store, entered.ok_or_else(refused)?, Access::Session)?;
    let mut body = Object::new();
    body.push("session", session);
    Ok(Reply::value(201, &body.into()))
}

/// Makes a personal access token.
pub(super) fn make_token(ask: &Ask<'_>) -> Result<Reply, Failure> {
    let mut store = ask.tenant.write();
    let person = by_session(ask, &store)?;
    let token = add(&mut store, person, Access::Token)?;
    Ok(token_reply(token))
}

/// Who asks, by a session: tokens make no tokens.
pub(super) fn by_session(ask: &Ask<'_>, store: &Store) -> Result<u32, Failure> {
    match who(ask.tenant, store, ask.headers)? {
        (person, Access::Session) => Ok(person),
        (_, Access::Token) => Err(Failure::new(403, None, "a token cannot make tokens")),
    }
}

/// The answer with a token that was made.
pub(super) fn token_reply(token: String) -> Reply {
    let mut body = Object::new();
    body.push("token", token);
    Reply::value(201, &body.into())
}

fn add(store: &mut Store, person: u32, access: Access) -> Result<String, Failure> {
    if store.credentials.count(person) >= MAX_CREDENTIALS {
        let why = "there are too many sessions and tokens";
        return Err(Failure::new(429, None, why));
    }
    let text = store.draw_secret();
    store.credentials.add(person, access, &text);
    Ok(text)
}

/// Ends what was shown.
pub(super) fn sign_out(ask: &Ask<'_>) -> Result<Reply, Failure> {
    let mut store = ask.tenant.write();
    who(ask.tenant, &store, ask.headers)?;
    if let Some(text) = bearer(ask.headers) {
        store.credentials.end(&text);
    }
    Ok(Reply::empty(204))
}
