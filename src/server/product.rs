//! The product behind the SCIM endpoint, as small as can be: people sign in, have sessions, make personal access
//! tokens, and ask who they are. Offboarding means that all of this ends, and that must be seen to happen.
//!
//! Below a tenant's root: `POST /app/login` opens a session, either with the tenant's own credentials, which stands for
//! a sign-on that an identity provider vouches for, or with the person's password; `GET /app/me` shows who one is and
//! what one may do; `POST /app/tokens` makes a token; `DELETE /app/session` signs out. `POST /app/people` with the
//! tenant's credentials lets in somebody of whom SCIM knows nothing; either needs credentials that may create people. Nobody signs in who is not active.

use http::HeaderMap;
use http::Method;
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::auth::{bearer, scopes};
use super::credential::Access;
use super::fault::{Entering, Entry, Rights};
use super::handler::{Route, State};
use super::reply::{Failure, Reply};
use super::scope::Scopes;
use super::store::{Kind, Row, Store};
use crate::scim::Value;

/// How many sessions and tokens a person may have.
const MAX_CREDENTIALS: usize = 100;

/// How many people there may be whom SCIM did not create.
const MAX_LOCALS: usize = 1_000;

/// Answers a request to the product.
pub(super) fn reply(
    tenant: &State,
    method: &Method,
    segments: &[String],
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Reply {
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let got = scopes(&tenant.gate, headers, now);
    // Whoever vouches for people or lets them in might as well create them.
    let needed = Scopes::needed(&Method::POST, &Route::Resources(Kind::User));
    if let (["login" | "people"], Some(got)) = (segments.as_slice(), got)
        && let Some(refusal) = tenant.forbids(got, needed)
    {
        return refusal;
    }
    let answer = match (segments.as_slice(), method.as_str()) {
        (["login"], "POST") => login(tenant, got.is_some(), body),
        (["me"], "GET") => me(tenant, headers),
        (["tokens"], "POST") => make_token(tenant, headers),
        (["session"], "DELETE") => sign_out(tenant, headers),
        (["people"], "POST") => let_in(tenant, got.is_some(), body),
        (["login" | "tokens" | "people"], other) => Ok(Reply::not_allowed(other, "POST")),
        (["me"], other) => Ok(Reply::not_allowed(other, "GET")),
        (["session"], other) => Ok(Reply::not_allowed(other, "DELETE")),
        _ => Err(Failure::not_found("page here")),
    };
    answer.unwrap_or_else(Reply::from)
}

fn login(tenant: &State, vouched: bool, body: &[u8]) -> Result<Reply, Failure> {
    let body = Value::from_slice(body).map_err(|e| Failure::syntax(e.to_string()));
    let secret = body.as_ref().ok().and_then(|body| body.get("password"));
    let secret = match (vouched, secret.and_then(Value::as_str)) {
        (true, _) => None,
        (false, Some(secret)) => Some(secret.to_owned()),
        (false, None) => {
            let why = "sign in with a password, or let the identity provider vouch for the person";
            return Err(Failure::new(401, None, why));
        }
    };
    let body = body?;
    let name = text(&body, "userName")?;
    let mut store = tenant.write();
    let (entry, person) = if let Some(secret) = &secret {
        // Whom an identity provider manages signs in through it, whatever password SCIM may have set.
        let local = store.local(name).map(|(handle, _)| handle);
        let right = local.filter(|handle| store.is_password(*handle, secret));
        (Entry::Password(name, secret), right)
    } else {
        (Entry::Vouched, store.named(Kind::User, name).next())
    };
    let Some(person) = admitted(tenant, &store, entry, person) else {
        return Err(Failure::new(
            if vouched { 403 } else { 401 },
            None,
            "this person may not sign in",
        ));
    };
    let session = grant(&mut store, person, Access::Session)?;
    Ok(Reply::value(201, &json!({ "session": session }).into()))
}

/// The person, if that person may come in: somebody known to the product and active.
fn admitted(tenant: &State, store: &Store, entry: Entry<'_>, person: Option<u32>) -> Option<u32> {
    let may_enter = |handle: u32| {
        let user = store.row(Kind::User, handle);
        user.map_or_else(|| store.locals().contains_key(&handle), |row| row.active)
    };
    let mut entering = Entering {
        store,
        entry,
        person,
        admitted: person.is_some_and(may_enter),
    };
    tenant.faults.enter(&mut entering);
    entering.person.filter(|_| entering.admitted)
}

fn let_in(tenant: &State, by_the_tenant: bool, body: &[u8]) -> Result<Reply, Failure> {
    if !by_the_tenant {
        let why = "only the tenant's administrator makes local people";
        return Err(Failure::new(401, None, why));
    }
    let body = Value::from_slice(body).map_err(|e| Failure::syntax(e.to_string()))?;
    let (name, secret) = (text(&body, "userName")?, text(&body, "password")?);
    let administrator = body.get("administrator").and_then(Value::as_bool);
    let administrator = administrator.unwrap_or(false);
    let mut store = tenant.write();
    if store.local(name).is_some() || store.named(Kind::User, name).next().is_some() {
        return Err(Failure::uniqueness("somebody has that name already"));
    }
    if store.locals().len() >= MAX_LOCALS {
        return Err(Failure::new(429, None, "there are too many local people"));
    }
    let id = store.create_local(name, secret, administrator).to_string();
    let body = json!({ "id": id, "userName": name, "administrator": administrator });
    Ok(Reply::value(201, &body.into()))
}

fn text<'b>(body: &'b Value, name: &str) -> Result<&'b str, Failure> {
    let found = body.get(name).and_then(Value::as_str);
    found
        .filter(|text| !text.is_empty())
        .ok_or_else(|| Failure::value(format!("`{name}` is missing")))
}

fn make_token(tenant: &State, headers: &HeaderMap) -> Result<Reply, Failure> {
    let mut store = tenant.write();
    let person = match who(tenant, &store, headers)? {
        (person, Access::Session) => person,
        (_, Access::Token) => {
            return Err(Failure::new(403, None, "a token cannot make tokens"));
        }
    };
    let token = grant(&mut store, person, Access::Token)?;
    Ok(Reply::value(201, &json!({ "token": token }).into()))
}

fn grant(store: &mut Store, person: u32, access: Access) -> Result<String, Failure> {
    if store.credentials.count(person) >= MAX_CREDENTIALS {
        return Err(Failure::new(
            429,
            None,
            "there are too many sessions and tokens",
        ));
    }
    let text = store.draw_secret();
    store.credentials.add(person, access, &text);
    Ok(text)
}

fn sign_out(tenant: &State, headers: &HeaderMap) -> Result<Reply, Failure> {
    let mut store = tenant.write();
    who(tenant, &store, headers)?;
    if let Some(text) = bearer(headers) {
        store.credentials.end(&text);
    }
    Ok(Reply::empty(204))
}

fn me(tenant: &State, headers: &HeaderMap) -> Result<Reply, Failure> {
    let store = tenant.read();
    let (person, access) = who(tenant, &store, headers)?;
    let by = match access {
        Access::Session => "session",
        Access::Token => "token",
    };
    let body: Json = match (store.row(Kind::User, person), store.locals().get(&person)) {
        (Some(row), _) => json!({
            "id": row.id.to_string(),
            "userName": row.doc().get("userName").and_then(Value::as_str),
            "active": row.active,
            "local": false,
            "by": by,
            "roles": roles(tenant, &store, row),
        }),
        (None, Some(local)) => json!({
            "id": local.id.to_string(),
            "userName": &*local.name,
            "active": true,
            "local": true,
            "by": by,
            "roles": if local.administrator { vec!["administrator"] } else { Vec::new() },
        }),
        (None, None) => return Err(nobody()),
    };
    Ok(Reply::value(200, &body.into()))
}

/// The names of all groups that a person is in, directly or through other groups.
fn roles(tenant: &State, store: &Store, row: &Row) -> Vec<String> {
    let mut seen = row.groups.clone();
    let mut next: Vec<u32> = seen.iter().copied().collect();
    while let Some(handle) = next.pop() {
        let outer = store.row(Kind::Group, handle).map(|group| &group.groups);
        for group in outer.into_iter().flatten() {
            if seen.insert(*group) {
                next.push(*group);
            }
        }
    }
    let names = seen.iter().filter_map(|h| store.row(Kind::Group, *h));
    let mut names: Vec<String> = names.map(|group| group.label.to_string()).collect();
    names.sort();
    tenant.faults.rights(&mut Rights {
        row,
        notes: &tenant.faults.notes,
        roles: &mut names,
    });
    names
}

/// Who asks, by a session or a token.
fn who(tenant: &State, store: &Store, headers: &HeaderMap) -> Result<(u32, Access), Failure> {
    let text = bearer(headers).ok_or_else(nobody)?;
    let (person, access) = store.credentials.owner(&text).ok_or_else(nobody)?;
    let person = admitted(tenant, store, Entry::By(access), Some(person));
    Ok((person.ok_or_else(nobody)?, access))
}

/// The id of the person who asks by a session or a token.
pub(super) fn person(tenant: &State, headers: &HeaderMap) -> Option<String> {
    let store = tenant.read();
    let (person, _) = who(tenant, &store, headers).ok()?;
    Some(store.row(Kind::User, person)?.id.to_string())
}

fn nobody() -> Failure {
    Failure::new(401, None, "sign in first")
}
