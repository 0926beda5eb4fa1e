//! From the socket to a tenant: the path decoded, the body read within bounds, who asks and for what, and every answer
//! past the last seam.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH, RETRY_AFTER};
use http::request::Parts;
use http::{HeaderMap, Method};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;

use super::auth::Gate;
use super::bulk;
use super::fault::{Admission, Arriving, Outgoing, Verdict};
use super::handler::{Call, Handler, Route, State};
use super::history::{self, Entry};
use super::product;
use super::reply::{Failure, Reply};
use super::scope::Scopes;
use super::service::Server;
use super::settings::DEFAULT_TENANT;
use super::status;
use super::store::Kind;

/// What the history learns of a request on its way.
#[derive(Default)]
struct Seen {
    tenant: String,
    body: Bytes,
}

impl Server {
    /// Answers one request in process; the runtime must have its timers enabled.
    pub async fn respond(&self, request: Request) -> Response {
        let (head, body) = request.into_parts();
        let Some(history) = &self.0.history else {
            let mut seen = Seen::default();
            return self.reply(head, body, &mut seen).await.into_response();
        };
        let (method, uri) = (head.method.clone(), head.uri.clone());
        let (came, at) = (history.age(), (self.0.settings.clock)());
        let mut seen = Seen::default();
        let reply = self.reply(head, body, &mut seen).await;
        if !seen.tenant.is_empty() {
            history.note(Entry {
                tenant: seen.tenant,
                at,
                took: history.age().saturating_sub(came),
                method,
                uri,
                status: reply.status,
                sent: history::Body::of(&seen.body),
                answered: history::Body::copied(&reply.body),
            });
        }
        reply.into_response()
    }

    async fn reply(&self, mut head: Parts, body: Body, seen: &mut Seen) -> Reply {
        let Some(segments) = decode(head.uri.path()) else {
            return Failure::syntax("the path is not UTF-8").into();
        };
        if segments.is_empty()
            && let Some(history) = &self.0.history
        {
            return status::page(self, history, &head);
        }
        let (name, segments) = match segments.as_slice() {
            [t, name, rest @ ..] if t == "t" => (name.as_str(), rest),
            rest => (DEFAULT_TENANT, rest),
        };
        let Some(tenant) = self.find(name) else {
            return Failure::not_found("service here").into();
        };
        name.clone_into(&mut seen.tenant);
        let now = (self.0.settings.clock)();
        let base = tenant
            .choices
            .base_path
            .split('/')
            .filter(|s| !s.is_empty());
        let base: Vec<&str> = base.collect();
        let below = segments.len() >= base.len()
            && base
                .iter()
                .zip(segments)
                .all(|(base, segment)| base == segment);
        match segments {
            _ if below => {
                let route = Route::read(&segments[base.len()..]);
                self.scim(&tenant, &mut head, route, body, (now, seen))
                    .await
            }
            [oauth, token] if oauth == "oauth" && token == "token" => {
                match read_body(body, MAX_TOKEN_REQUEST).await {
                    Ok(form) => tenant.gate.token(&head.method, &head.headers, &form, now),
                    Err(reply) => *reply,
                }
            }
            [app, rest @ ..] if app == "app" => match read_body(body, MAX_TOKEN_REQUEST).await {
                Ok(body) => {
                    seen.body = body.clone();
                    let (method, headers) = (&head.method, &head.headers);
                    let reply = product::reply(&tenant, method, rest, headers, &body, now);
                    tenant.when_kept(reply).await
                }
                Err(reply) => *reply,
            },
            _ => Failure::not_found("service here").into(),
        }
    }

    /// Answers a request to the SCIM endpoint.
    async fn scim(
        &self,
        tenant: &Arc<State>,
        head: &mut Parts,
        route: Route,
        body: Body,
        (now, seen): (Timestamp, &mut Seen),
    ) -> Reply {
        let (verdict, scopes) = match tenant.gate.check(&head.headers, now) {
            (Verdict::Wrong, _) if product::is_provisioning_token(tenant, &head.headers) => {
                (Verdict::Granted, Scopes::ALL)
            }
            checked => checked,
        };
        let mut admission = Admission {
            headers: &head.headers,
            verdict,
        };
        tenant.faults.auth(&mut admission);
        if route == Route::Me
            && admission.verdict == Verdict::Wrong
            && let Some(id) = product::person(tenant, &head.headers)
        {
            return self.me(tenant, head, id, (now, seen)).await;
        }
        // How to authenticate is said to everyone (RFC 7643 §5), unless the tenant chooses not to.
        let is_open = tenant.choices.offers.open_discovery
            && matches!(route, Route::Discovery(..))
            && matches!(head.method, Method::GET | Method::HEAD);
        let refusal = match admission.verdict {
            Verdict::Granted => tenant.forbids(scopes, Scopes::needed(&head.method, &route)),
            Verdict::Missing if is_open => None,
            Verdict::Missing => Some(refused(&tenant.gate, "credentials are needed")),
            Verdict::Wrong => Some(refused(
                &tenant.gate,
                "the credentials do not open this tenant",
            )),
        };
        let wait = || tenant.rates.refuses(&head.method, &route, now);
        let mut reply = match refusal.or_else(|| wait().map(too_often)) {
            Some(refusal) => refusal,
            None => {
                self.admitted(tenant, head, route.clone(), body, (now, scopes, seen))
                    .await
            }
        };
        reply = tenant.when_kept(reply).await;
        tenant.faults.reply(&mut Outgoing {
            method: &head.method,
            route: &route,
            notes: &tenant.faults.notes,
            reply: &mut reply,
        });
        if head.method == Method::HEAD {
            reply = reply.without_body();
        }
        reply
    }

    /// Shows a person, who asks by a session or a token of the product's, the person's own resource (RFC 7644 §3.11).
    async fn me(
        &self,
        tenant: &State,
        head: &mut Parts,
        id: String,
        (now, seen): (Timestamp, &mut Seen),
    ) -> Reply {
        if !matches!(head.method, Method::GET | Method::HEAD) {
            let detail = "people may look at their own account, but not change it";
            return Failure::new(403, None, detail).into();
        }
        let location = format!("{}{}/Users/{id}", self.base_url(), tenant.base_path);
        let route = Route::Resource(Kind::User, id);
        let scopes = Scopes::needed(&Method::GET, &route);
        let reply = self.admitted(tenant, head, route, Body::empty(), (now, scopes, seen));
        let mut reply = reply.await.with_location(&location);
        if head.method == Method::HEAD {
            reply = reply.without_body();
        }
        tenant.when_kept(reply).await
    }

    async fn admitted(
        &self,
        tenant: &State,
        head: &mut Parts,
        route: Route,
        body: Body,
        (now, scopes, seen): (Timestamp, Scopes, &mut Seen),
    ) -> Reply {
        if let Err(refusal) = product::check_provisioning(tenant) {
            return refusal.into();
        }
        if let Some(coding) = foreign_coding(&head.headers) {
            let detail = format!("the body is coded as `{coding}`; send it as it is");
            return Failure::new(415, None, detail).into();
        }
        let limit = self.0.settings.max_body;
        if announced(&head.headers).is_some_and(|length| length > limit as u64) {
            return too_large(limit);
        }
        let body = match read_body(body, limit).await {
            Ok(body) => body,
            Err(reply) => return *reply,
        };
        seen.body = body.clone();
        let handler = Handler {
            tenant,
            settings: &self.0.settings,
            base: format!("{}{}", self.base_url(), tenant.base_path),
            now,
            scopes,
        };
        let call = Call {
            method: &head.method,
            route,
            headers: std::mem::take(&mut head.headers),
            query: head.uri.query().unwrap_or_default(),
            body: &body,
            bulk: bulk::Limits::of(&self.0.settings),
        };
        match tenant.faults.any() {
            false => handler.answer(call),
            true => self.arrived(&handler, call).await,
        }
    }

    /// Answers a call past the seam that it arrives at.
    async fn arrived(&self, handler: &Handler<'_>, call: Call<'_>) -> Reply {
        let tenant = handler.tenant;
        let others = self.others(tenant);
        let mut arriving = Arriving {
            method: call.method,
            route: &call.route,
            query: call.query,
            body: call.body,
            tenant,
            others: &others,
            pause: Duration::ZERO,
            answer: None,
            instead: None,
            also: None,
        };
        tenant.faults.arrive(&mut arriving);
        let Arriving {
            pause,
            answer,
            instead,
            also,
            ..
        } = arriving;
        if !pause.is_zero() {
            tokio::time::sleep(pause).await;
        }
        if let Some(answer) = answer {
            return answer;
        }
        let again = also.map(|(other, id)| {
            let route = match call.route {
                Route::Resource(kind, _) => Route::Resource(kind, id),
                ref route => route.clone(),
            };
            let again = Call {
                method: call.method,
                route,
                headers: HeaderMap::new(),
                query: call.query,
                body: call.body,
                bulk: call.bulk,
            };
            (other, again)
        });
        let reply = handler
            .of(instead.as_deref().unwrap_or(tenant))
            .answer(call);
        if let Some((other, call)) = again.filter(|_| (200..300).contains(&reply.status)) {
            handler.of(&other).answer(call);
        }
        reply
    }
}

/// A content coding other than none (RFC 9110 §8.4): the server reads no packed body, so that none unpacks without bounds.
fn foreign_coding(headers: &HeaderMap) -> Option<String> {
    let coding = headers.get(CONTENT_ENCODING)?;
    let coding = String::from_utf8_lossy(coding.as_bytes()).into_owned();
    (!coding.eq_ignore_ascii_case("identity")).then_some(coding)
}

fn announced(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The segments of a path, decoded one by one, so that an encoded slash stays inside its segment.
fn decode(path: &str) -> Option<Vec<String>> {
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    segments
        .map(|segment| {
            let decoded = percent_decode_str(segment).decode_utf8();
            decoded.ok().map(|text| text.into_owned())
        })
        .collect()
}

async fn read_body(body: Body, limit: usize) -> Result<Bytes, Box<Reply>> {
    let body = Limited::new(body, limit).collect();
    let Ok(body) = tokio::time::timeout(BODY_PATIENCE, body).await else {
        let failure = Failure::new(408, None, "the body took too long");
        return Err(Box::new(failure.into()));
    };
    match body {
        Ok(body) => Ok(body.to_bytes()),
        Err(e) if e.is::<LengthLimitError>() => Err(Box::new(too_large(limit))),
        Err(_) => {
            let failure = Failure::syntax("the body broke off");
            Err(Box::new(failure.into()))
        }
    }
}

fn too_large(limit: usize) -> Reply {
    let detail = format!("the body is larger than {limit} bytes");
    Failure::new(413, None, detail).into()
}

fn refused(gate: &Gate, detail: &str) -> Reply {
    Reply::from(Failure::new(401, None, detail)).with_challenges(&gate.challenges())
}

fn too_often(seconds: u64) -> Reply {
    let detail = format!("too many requests; try again in {seconds} s");
    Reply::from(Failure::new(429, None, detail)).with(RETRY_AFTER, &seconds.to_string())
}

/// How long a body may take to arrive.
const BODY_PATIENCE: Duration = Duration::from_secs(60);

/// How many bytes a request for a token, or to the product, may have.
const MAX_TOKEN_REQUEST: usize = 16 * 1024;
