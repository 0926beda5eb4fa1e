//! From a path below `/app` to what answers it, and who may ask.

use http::HeaderMap;
use http::Method;
use jiff::Timestamp;

use super::{administrator, ban, local, provisioning, role, seat, sign_on};
use crate::scim::Value;
use crate::server::auth::scopes;
use crate::server::handler::{Route, State};
use crate::server::reply::{Failure, Reply};
use crate::server::scope::Scopes;
use crate::server::store::Kind;

/// A request to the product.
pub(super) struct Ask<'a> {
    pub(super) tenant: &'a State,
    pub(super) headers: &'a HeaderMap,
    body: &'a [u8],
    pub(super) now: Timestamp,
    /// Whether the tenant's own credentials were shown.
    pub(super) by_the_tenant: bool,
}

impl Ask<'_> {
    /// The body, which must be JSON.
    pub(super) fn body(&self) -> Result<Value, Failure> {
        Value::from_slice(self.body).map_err(|e| Failure::syntax(e.to_string()))
    }
}

/// A text of a body, which must be there.
pub(super) fn text<'b>(body: &'b Value, name: &str) -> Result<&'b str, Failure> {
    let found = body.get(name).and_then(Value::as_str);
    found
        .filter(|text| !text.is_empty())
        .ok_or_else(|| Failure::value(format!("`{name}` is missing")))
}

/// Answers a request to the product.
pub(in crate::server) fn reply(
    tenant: &State,
    method: &Method,
    segments: &[String],
    headers: &HeaderMap,
    body: &[u8],
    now: Timestamp,
) -> Reply {
    let path: Vec<&str> = segments.iter().map(String::as_str).collect();
    let Some((asker, methods)) = page(&path) else {
        return Failure::not_found("page here").into();
    };
    let got = scopes(&tenant.gate, headers, now);
    // Whoever vouches for people or lets them in might as well create them.
    let needed = Scopes::needed(&Method::POST, &Route::Resources(Kind::User));
    if asker != Asker::Person
        && let Some(refusal) = got.and_then(|got| tenant.forbids(got, needed))
    {
        return refusal;
    }
    if asker == Asker::Tenant && got.is_none() {
        let why = "only the tenant's own credentials open this";
        return Failure::new(401, None, why).into();
    }
    let ask = Ask {
        tenant,
        headers,
        body,
        now,
        by_the_tenant: got.is_some(),
    };
    let answer = match (path.as_slice(), method.as_str()) {
        (["login"], "POST") => sign_on::login(&ask),
        (["sign-on"], "POST") => sign_on::sign_on(&ask),
        (["session"], "DELETE") => sign_on::sign_out(&ask),
        (["me"], "GET") => role::me(&ask),
        (["tokens"], "POST") => sign_on::make_token(&ask),
        (["people"], "POST") => local::let_in(&ask),
        (["people", name, "roles", role], "PUT") => role::grant(&ask, name, role),
        (["people", name, "roles", role], "DELETE") => role::take_back(&ask, name, role),
        (["people", name, "ban"], "PUT") => ban::ban(&ask, name),
        (["people", name, "ban"], "DELETE") => ban::lift(&ask, name),
        (["administrators"], "GET") => administrator::list(&ask),
        (["seats"], "GET") => seat::show(&ask),
        (["seats"], "PUT") => seat::limit(&ask),
        (["provisioning"], "GET") => provisioning::show(&ask),
        (["provisioning"], "PUT") => provisioning::switch(&ask),
        (["provisioning-tokens"], "POST") => provisioning::make_token(&ask),
        (_, other) => Ok(Reply::not_allowed(other, methods)),
    };
    answer.unwrap_or_else(Reply::from)
}

/// Who may ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asker {
    /// Whoever shows the tenant's own credentials.
    Tenant,
    /// Whoever shows a session or a token.
    Person,
    /// Either, or somebody with a password.
    Anybody,
}

/// Who may ask for a page, and by which methods.
fn page(path: &[&str]) -> Option<(Asker, &'static str)> {
    Some(match path {
        ["login"] => (Asker::Anybody, "POST"),
        ["me"] => (Asker::Person, "GET"),
        ["session"] => (Asker::Person, "DELETE"),
        ["tokens" | "provisioning-tokens"] => (Asker::Person, "POST"),
        ["sign-on" | "people"] => (Asker::Tenant, "POST"),
        ["people", _, "roles", _] | ["people", _, "ban"] => (Asker::Tenant, "PUT, DELETE"),
        ["administrators"] => (Asker::Tenant, "GET"),
        ["seats" | "provisioning"] => (Asker::Tenant, "GET, PUT"),
        _ => return None,
    })
}
