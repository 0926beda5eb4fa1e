//! The product behind the SCIM endpoint, as small as can be: people sign in, have sessions, make personal access
//! tokens, and ask who they are. Offboarding means that all of this ends, and that must be seen to happen.
//!
//! Below a tenant's root: `POST /app/login` with the tenant's own credentials stands for a sign-on that an identity
//! provider vouches for and opens a session; `GET /app/me` shows who one is; `POST /app/tokens` makes a token;
//! `DELETE /app/session` signs out. A person who is not active, or whom SCIM did not create, cannot sign in.

use http::HeaderMap;
use http::Method;
use jiff::Timestamp;
use serde_json::{Value as Json, json};

use super::auth::{bearer, is_admitted};
use super::credential::Access;
use super::handler::State;
use super::reply::{Failure, Reply};
use super::store::{Kind, Row, Store};
use crate::scim::Value;

/// How many sessions and tokens a person may have.
const MAX_CREDENTIALS: usize = 100;

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
    let answer = match (segments.as_slice(), method.as_str()) {
        (["login"], "POST") => login(tenant, headers, body, now),
        (["me"], "GET") => me(tenant, headers),
        (["tokens"], "POST") => make_token(tenant, headers),
        (["session"], "DELETE") => sign_out(tenant, headers),
        (["login" | "tokens"], other) => Ok(Reply::not_allowed(other, "POST")),
        (["me"], other) => Ok(Reply::not_allowed(other, "GET")),
        (["session"], other) => Ok(Reply::not_allowed(other, "DELETE")),
        _ => Err(Failure::not_found("page here")),
    };
    answer.unwrap_or_else(Reply::from)
}

fn login(
    tenant: &State,
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Result<Reply, Failure> {
    if !is_admitted(&tenant.gate, headers, now) {
        return Err(Failure::new(
            401,
            None,
            "only the identity provider vouches for people",
        ));
    }
    let body = Value::from_slice(body).map_err(|e| Failure::syntax(e.to_string()))?;
    let name = body.get("userName").and_then(Value::as_str);
    let name = name.ok_or_else(|| Failure::value("`userName` is missing"))?;
    let mut store = tenant.write();
    let found = store.named(Kind::User, name).next();
    let active = found.filter(|h| store.row(Kind::User, *h).is_some_and(|row| row.active));
    let Some(person) = active else {
        return Err(Failure::new(403, None, "this person may not sign in"));
    };
    let session = grant(&mut store, person, Access::Session)?;
    Ok(Reply::value(201, &json!({ "session": session }).into()))
}

fn make_token(tenant: &State, headers: &HeaderMap) -> Result<Reply, Failure> {
    let mut store = tenant.write();
    let person = match who(&store, headers)? {
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
    who(&store, headers)?;
    if let Some(text) = bearer(headers) {
        store.credentials.end(&text);
    }
    Ok(Reply::empty(204))
}

fn me(tenant: &State, headers: &HeaderMap) -> Result<Reply, Failure> {
    let store = tenant.read();
    let (person, access) = who(&store, headers)?;
    let row = store.row(Kind::User, person).ok_or_else(nobody)?;
    let body: Json = json!({
        "id": row.id.to_string(),
        "userName": row.doc().get("userName").and_then(Value::as_str),
        "active": row.active,
        "by": match access { Access::Session => "session", Access::Token => "token" },
        "roles": roles(&store, row),
    });
    Ok(Reply::value(200, &body.into()))
}

/// The names of all groups that a person is in, directly or through other groups.
fn roles(store: &Store, row: &Row) -> Vec<String> {
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
    names
}

/// Who asks, by a session or a token.
fn who(store: &Store, headers: &HeaderMap) -> Result<(u32, Access), Failure> {
    let text = bearer(headers).ok_or_else(nobody)?;
    store.credentials.owner(&text).ok_or_else(nobody)
}

fn nobody() -> Failure {
    Failure::new(401, None, "sign in first")
}
