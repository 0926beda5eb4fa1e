//! Credentials, methods and media types.

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, IF_MATCH, USER_AGENT, WWW_AUTHENTICATE};
use http::{HeaderMap, Method};

use super::super::{Fault, Hook, Verdict};
use super::{ON, fault};
use crate::scim::message::{LIST_RESPONSE, MEDIA_TYPE};
use crate::server::handler::Route;
use crate::server::reply::{Failure, Reply};
use crate::server::store::Kind;

pub(super) const FAULTS: &[Fault] = &[
    fault(
        "any-principal-accepted",
        "A credential that is not the tenant's is accepted",
        ON,
        &[Hook::Auth(|admission, _| {
            if admission.verdict == Verdict::Wrong {
                admission.verdict = Verdict::Granted;
            }
        })],
    ),
    fault(
        "empty-bearer-accepted",
        "An empty bearer token is accepted",
        ON,
        &[Hook::Auth(|admission, _| {
            if text(admission.headers, AUTHORIZATION).eq_ignore_ascii_case("bearer") {
                admission.verdict = Verdict::Granted;
            }
        })],
    ),
    fault(
        "unauth-wrong-status",
        "A missing or wrong credential is not answered with 401 and a challenge",
        &["500", "403", "200", "401-without-challenge"],
        &[Hook::Reply(|out, mode| {
            if out.reply.status != 401 {
                return;
            }
            match mode {
                "401-without-challenge" => {
                    out.reply.headers.remove(WWW_AUTHENTICATE);
                }
                "200" => {
                    let list = format!(r#"{{"schemas":["{LIST_RESPONSE}"],"totalResults":0}}"#);
                    *out.reply = Reply::scim(200, list.into_bytes());
                }
                "403" => *out.reply = Failure::new(403, None, "no").into(),
                _ => *out.reply = Failure::new(500, None, "unexpected error").into(),
            }
        })],
    ),
    fault(
        "no-user-agent-blocked",
        "Requests without a User-Agent are refused",
        ON,
        &[Hook::Request(|incoming, _| {
            if !incoming.headers.contains_key(USER_AGENT) {
                incoming.answer = Some(Failure::new(403, None, "blocked").into());
            }
        })],
    ),
    fault(
        "no-accept-refused",
        "Requests without an Accept are refused",
        ON,
        &[Hook::Request(|incoming, _| {
            if !incoming.headers.contains_key(ACCEPT) {
                incoming.answer = Some(Failure::new(406, None, "name a media type").into());
            }
        })],
    ),
    fault(
        "rejects-scim-json",
        "A body of type application/scim+json is not accepted",
        ON,
        &[Hook::Request(|incoming, _| {
            if text(incoming.headers, CONTENT_TYPE).starts_with(MEDIA_TYPE) {
                let failure = Failure::new(415, None, "send application/json");
                incoming.answer = Some(failure.into());
            }
        })],
    ),
    fault(
        "users-patch-not-implemented",
        "PATCH of a user is not served",
        &["404", "405", "501", "400"],
        &[Hook::Request(|incoming, mode| {
            let user = matches!(incoming.route, Route::Resource(Kind::User, _));
            if user && incoming.method == Method::PATCH {
                incoming.answer = Some(not_served(mode));
            }
        })],
    ),
    fault(
        "put-not-implemented",
        "PUT is not served",
        &["501", "405", "404"],
        &[Hook::Request(|incoming, mode| {
            if incoming.method == Method::PUT {
                incoming.answer = Some(not_served(mode));
            }
        })],
    ),
    fault(
        "patch-accepted-but-ignored",
        "Any PATCH is answered with 204 and does nothing",
        ON,
        &[Hook::Request(|incoming, _| {
            if incoming.method == Method::PATCH {
                incoming.answer = Some(Reply::empty(204));
            }
        })],
    ),
    fault(
        "if-match-ignored",
        "If-Match is not looked at",
        ON,
        &[Hook::Request(|incoming, _| {
            incoming.headers.remove(IF_MATCH);
        })],
    ),
    fault(
        "bulk-limit-unenforced",
        "A bulk request may hold more than the configuration says",
        &["operations", "bytes"],
        &[Hook::Request(|incoming, mode| match mode {
            "operations" => incoming.bulk.operations = usize::MAX,
            _ => incoming.bulk.bytes = usize::MAX,
        })],
    ),
    fault(
        "discovery-missing",
        "The discovery endpoints are missing",
        ON,
        &[Hook::Request(|incoming, _| {
            if matches!(incoming.route, Route::Discovery(..)) {
                incoming.answer = Some(Failure::not_found("endpoint here").into());
            }
        })],
    ),
];

fn text(headers: &HeaderMap, name: http::HeaderName) -> &str {
    let value = headers.get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default().trim()
}

fn not_served(status: &str) -> Reply {
    let status = status.parse().unwrap_or(501);
    Failure::new(status, None, "not implemented").into()
}
