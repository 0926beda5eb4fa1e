//! Who may use a tenant: bearer tokens (RFC 6750), basic credentials (RFC 7617), and tokens of limited life from a
//! token endpoint (RFC 6749 §4.4). Secrets are kept as digests and compared in constant time.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use jiff::{SignedDuration, Timestamp};
use percent_encoding::percent_decode_str;
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::fault::Verdict;
use super::id::IdSource;
use super::reply::Reply;
use super::scope::Scopes;
use super::settings::Tenant;

/// A credential of which only the digest is kept. Digests have one length, so that comparing them tells nothing about
/// the length either.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Secret([u8; 32]);

impl Secret {
    fn new(text: &str) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(&Sha256::digest(text));
        Self(bytes)
    }

    fn is(&self, text: &str) -> bool {
        self.0.ct_eq(&Self::new(text).0).into()
    }
}

/// What opens one tenant.
pub(super) struct Gate {
    /// The tokens with what each may be used for; the first is the tenant's own.
    bearers: Vec<(Secret, Scopes)>,
    /// Of `name:password`.
    basic: Option<(Secret, Scopes)>,
    oauth: Option<Client>,
}

struct Client {
    /// Of `id:secret`.
    secret: Secret,
    lifetime: u32,
    scopes: Scopes,
    tokens: Mutex<Tokens>,
}

/// The tokens that were given out, by digest, with their ends. A digest that can be looked up tells nothing about a
/// token that cannot be guessed.
struct Tokens {
    source: IdSource,
    ends: BTreeMap<Secret, (Timestamp, Scopes)>,
}

/// How many tokens live at a time; beyond it the next to end makes room.
const MAX_TOKENS: usize = 10_000;

impl Gate {
    pub(super) fn new(tenant: &Tenant, source: &IdSource) -> Self {
        let own = (tenant.token.as_str(), tenant.scopes);
        let others = tenant.tokens.iter();
        let others = others.map(|(text, scopes)| (text.as_str(), *scopes));
        let bearers = std::iter::once(own).chain(others);
        let basic = tenant.basic.as_ref();
        Self {
            bearers: bearers
                .map(|(text, scopes)| (Secret::new(text), scopes))
                .collect(),
            basic: basic.map(|(name, password)| {
                (Secret::new(&format!("{name}:{password}")), tenant.scopes)
            }),
            oauth: tenant.oauth.as_ref().map(|client| Client {
                secret: Secret::new(&format!("{}:{}", client.id, client.secret)),
                lifetime: client.lifetime,
                scopes: client.scopes,
                tokens: Mutex::new(Tokens {
                    source: source.of("access tokens"),
                    ends: BTreeMap::new(),
                }),
            }),
        }
    }

    /// What the request's credentials are worth, and what for.
    pub(super) fn check(&self, headers: &HeaderMap, now: Timestamp) -> (Verdict, Scopes) {
        if !headers.contains_key(AUTHORIZATION) {
            return (Verdict::Missing, Scopes::ALL);
        }
        let opens = match credentials(headers) {
            Some(("bearer", token)) => self.bearer(&token).or_else(|| self.live(&token, now)),
            Some(("basic", pair)) => self
                .basic
                .and_then(|(basic, scopes)| basic.is(&pair).then_some(scopes)),
            _ => None,
        };
        match opens {
            Some(scopes) => (Verdict::Granted, scopes),
            None => (Verdict::Wrong, Scopes::ALL),
        }
    }

    /// What a token that does not end may be used for. All are compared, whichever it is.
    fn bearer(&self, token: &str) -> Option<Scopes> {
        self.bearers.iter().fold(None, |found, (secret, scopes)| {
            let is = secret.is(token);
            found.or(is.then_some(*scopes))
        })
    }

    fn live(&self, token: &str, now: Timestamp) -> Option<Scopes> {
        let client = self.oauth.as_ref()?;
        let tokens = client.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        let (end, scopes) = tokens.ends.get(&Secret::new(token))?;
        (now < *end).then_some(*scopes)
    }

    /// A text that only this gate knows.
    pub(super) fn seal(&self) -> String {
        let own = self.bearers.first().map(|(secret, _)| secret.0);
        STANDARD.encode(Sha256::digest(own.unwrap_or_default()))
    }

    /// The challenges of a refusal.
    pub(super) fn challenges(&self) -> Vec<&'static str> {
        let basic = self
            .basic
            .map(|_| "Basic realm=\"scim\", charset=\"UTF-8\"");
        ["Bearer realm=\"scim\""].into_iter().chain(basic).collect()
    }

    /// The schemes as the server describes itself (RFC 7643 §5).
    pub(super) fn schemes(&self) -> Vec<Json> {
        let bearer = json!({
            "type": "oauthbearertoken",
            "name": "Bearer token",
            "description": "A token in the Authorization header",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        });
        let basic = self.basic.map(|_| {
            json!({
                "type": "httpbasic",
                "name": "Basic",
                "description": "A name and a password in the Authorization header",
                "specUri": "https://www.rfc-editor.org/info/rfc7617",
            })
        });
        let oauth = self.oauth.as_ref().map(|_| {
            json!({
                "type": "oauth2",
                "name": "Client credentials",
                "description": "A token of limited life from the token endpoint",
                "specUri": "https://www.rfc-editor.org/info/rfc6749",
            })
        });
        [Some(bearer), basic, oauth].into_iter().flatten().collect()
    }

    /// Answers a request for a token (RFC 6749 §4.4.2, §5).
    pub(super) fn token(
        &self,
        method: &Method,
        headers: &HeaderMap,
        form: &[u8],
        now: Timestamp,
    ) -> Reply {
        let Some(client) = &self.oauth else {
            return oauth_error(404, "invalid_request", "there is no token endpoint here");
        };
        if method != Method::POST {
            return Reply::not_allowed(method.as_str(), "POST");
        }
        let form: BTreeMap<_, _> = url::form_urlencoded::parse(form).into_owned().collect();
        let field = |name: &str| form.get(name).map(String::as_str).unwrap_or_default();
        let pair = match credentials(headers) {
            Some(("basic", pair)) => pair,
            Some(_) => String::new(),
            None => format!("{}:{}", field("client_id"), field("client_secret")),
        };
        // Not every client encodes what it puts together.
        if !client.secret.is(&pair) && !client.secret.is(&decoded(&pair)) {
            let reply = oauth_error(401, "invalid_client", "the client is not known");
            return reply.with_challenges(&["Basic realm=\"token\""]);
        }
        match field("grant_type") {
            "client_credentials" => {}
            "" => return oauth_error(400, "invalid_request", "`grant_type` is missing"),
            _ => return oauth_error(400, "unsupported_grant_type", "use client_credentials"),
        }
        let scopes = match field("scope").parse::<Scopes>() {
            Ok(Scopes::NONE) => client.scopes,
            Ok(asked) if client.scopes.contain(asked) => asked,
            Ok(_) => {
                let detail = format!("this client may ask for {}", client.scopes);
                return oauth_error(400, "invalid_scope", &detail);
            }
            Err(e) => return oauth_error(400, "invalid_scope", &e.to_string()),
        };
        let body = json!({
            "access_token": client.give(scopes, now),
            "token_type": "Bearer",
            "expires_in": client.lifetime,
            "scope": scopes.to_string(),
        });
        oauth_reply(200, &body)
    }
}

impl Client {
    fn give(&self, scopes: Scopes, now: Timestamp) -> String {
        let mut tokens = self.tokens.lock().unwrap_or_else(PoisonError::into_inner);
        tokens.ends.retain(|_, (end, _)| now < *end);
        if tokens.ends.len() >= MAX_TOKENS {
            let first = tokens.ends.iter().min_by_key(|(_, (end, _))| *end);
            if let Some(secret) = first.map(|(secret, _)| *secret) {
                tokens.ends.remove(&secret);
            }
        }
        let token = format!("{}.{}", tokens.source.draw(), tokens.source.draw());
        let life = SignedDuration::from_secs(i64::from(self.lifetime));
        let end = now.saturating_add(life).unwrap_or(Timestamp::MAX);
        tokens.ends.insert(Secret::new(&token), (end, scopes));
        token
    }
}

/// What credentials that open the tenant may be used for.
pub(super) fn scopes(gate: &Gate, headers: &HeaderMap, now: Timestamp) -> Option<Scopes> {
    let (verdict, scopes) = gate.check(headers, now);
    (verdict == Verdict::Granted).then_some(scopes)
}

/// The bearer token of a request.
pub(super) fn bearer(headers: &HeaderMap) -> Option<String> {
    match credentials(headers) {
        Some(("bearer", token)) => Some(token),
        _ => None,
    }
}

/// The scheme in lower case, and the token or the decoded `name:password`.
fn credentials(headers: &HeaderMap) -> Option<(&'static str, String)> {
    let header = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, rest) = header.trim().split_once(' ')?;
    let rest = rest.trim();
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(("bearer", rest.to_owned()));
    }
    if scheme.eq_ignore_ascii_case("basic") {
        let pair = STANDARD.decode(rest).ok()?;
        return Some(("basic", String::from_utf8(pair).ok()?));
    }
    None
}

/// Client credentials are form-encoded before they are put together (RFC 6749 §2.3.1).
fn decoded(pair: &str) -> String {
    let blanks = pair.replace('+', " ");
    let decoded = percent_decode_str(&blanks).decode_utf8_lossy();
    decoded.into_owned()
}

fn oauth_error(status: u16, error: &str, description: &str) -> Reply {
    oauth_reply(
        status,
        &json!({"error": error, "error_description": description}),
    )
}

fn oauth_reply(status: u16, body: &Json) -> Reply {
    let mut reply = Reply::empty(status);
    let json = HeaderValue::from_static("application/json");
    reply.headers.insert(CONTENT_TYPE, json);
    let no_store = HeaderValue::from_static("no-store");
    reply.headers.insert(CACHE_CONTROL, no_store);
    reply.body = body.to_string().into_bytes();
    reply
}

#[cfg(test)]
mod tests {
    use super::super::settings::OAuthClient;
    use super::*;

    fn gate() -> Gate {
        let tenant = Tenant {
            token: "s3cret".to_owned(),
            tokens: vec![("reader".to_owned(), "read".parse().unwrap())],
            basic: Some(("ann".to_owned(), "pä:ss".to_owned())),
            oauth: Some(OAuthClient {
                id: "c 1".to_owned(),
                secret: "s%+".to_owned(),
                lifetime: 60,
                scopes: "read,post:users".parse().unwrap(),
            }),
            ..Tenant::default()
        };
        Gate::new(&tenant, &IdSource::new(1, "t"))
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn with(authorization: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, authorization.parse().unwrap());
        headers
    }

    #[test]
    fn only_the_credentials_themselves_open() {
        let gate = gate();
        let verdict = |header: &str| gate.check(&with(header), at(0)).0;
        let basic = |pair: &str| format!("Basic {}", STANDARD.encode(pair));
        for right in ["Bearer s3cret", "bearer  s3cret", &basic("ann:pä:ss")] {
            assert_eq!(verdict(right), Verdict::Granted, "{right}");
        }
        for wrong in [
            "Bearer",
            "Bearer s3cre",
            "Bearer s3crets",
            "Bearer S3CRET",
            "Basic s3cret",
            "s3cret",
            &basic("ann:pass"),
            &basic("s3cret"),
        ] {
            assert_eq!(verdict(wrong), Verdict::Wrong, "{wrong}");
        }
        assert_eq!(gate.check(&HeaderMap::new(), at(0)).0, Verdict::Missing);
        let reader = gate.check(&with("Bearer reader"), at(0));
        assert_eq!(reader, (Verdict::Granted, "read".parse().unwrap()));
    }

    #[test]
    fn a_token_opens_until_it_ends() {
        let gate = gate();
        let form = |text: &str, headers: &HeaderMap| {
            let reply = gate.token(&Method::POST, headers, text.as_bytes(), at(0));
            let body: Json = serde_json::from_slice(&reply.body).unwrap();
            (reply.status, body)
        };
        let none = HeaderMap::new();
        let in_body =
            "grant_type=client_credentials&client_id=c+1&client_secret=s%25%2B&scope=get:users";
        let (status, body) = form(in_body, &none);
        assert_eq!((status, &body["scope"]), (200, &Json::from("get:users")));
        let in_header = with(&format!("Basic {}", STANDARD.encode("c+1:s%25%2B")));
        let (status, other) = form("grant_type=client_credentials", &in_header);
        assert_eq!((status, &other["expires_in"]), (200, &Json::from(60)));
        assert_ne!(body["access_token"], other["access_token"]);
        let bearer = with(&format!(
            "Bearer {}",
            body["access_token"].as_str().unwrap()
        ));
        let granted = (Verdict::Granted, "get:users".parse().unwrap());
        assert_eq!(gate.check(&bearer, at(59)), granted);
        assert_eq!(gate.check(&bearer, at(60)).0, Verdict::Wrong);
        for (text, headers, status, error) in [
            ("", &none, 401, "invalid_client"),
            (
                "grant_type=client_credentials&client_id=c+1&client_secret=no",
                &none,
                401,
                "invalid_client",
            ),
            ("", &in_header, 400, "invalid_request"),
            (
                "grant_type=client_credentials&scope=delete:users",
                &in_header,
                400,
                "invalid_scope",
            ),
            (
                "grant_type=client_credentials&scope=all",
                &in_header,
                400,
                "invalid_scope",
            ),
            (
                "grant_type=password",
                &in_header,
                400,
                "unsupported_grant_type",
            ),
        ] {
            let (found, body) = form(text, headers);
            assert_eq!(
                (found, body["error"].as_str()),
                (status, Some(error)),
                "{text}"
            );
        }
    }
}
