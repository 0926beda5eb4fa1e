//! Turns credentials into the header that proves who the program is, and fetches tokens where those are asked for.

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use futures_util::future::BoxFuture;
use tokio::sync::Mutex;

use super::{Credentials, Live, Outgoing, Target, TlsOptions, TokenRequest, Transport as _};
use crate::scim::Value;
use crate::wire::handle::Authority;
use crate::wire::{Clock, Secrets};

/// Supplies the header for one set of credentials.
pub struct Keeper {
    credentials: Credentials,
    tls: TlsOptions,
    clock: Clock,
    secrets: Arc<std::sync::Mutex<Secrets>>,
    token: Mutex<Option<Token>>,
}

struct Token {
    value: String,
    /// Real time since the run's start after which the token is fetched anew.
    until: Duration,
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Keeper({:?})", self.credentials)
    }
}

/// How long before its end a token is fetched anew.
const MARGIN: Duration = Duration::from_secs(30);
/// How long a token lives whose server does not say.
const UNKNOWN_LIFE: Duration = Duration::from_mins(5);
/// How long the token endpoint may take.
const TIMEOUT: Duration = Duration::from_mins(1);
/// How large a token answer may be.
const BODY_LIMIT: usize = 1024 * 1024;

impl Keeper {
    /// A keeper of those credentials. All that is secret about them is marked wherever it turns up from now on.
    pub fn new(
        credentials: Credentials,
        tls: TlsOptions,
        clock: Clock,
        secrets: Arc<std::sync::Mutex<Secrets>>,
    ) -> Self {
        {
            let mut known = secrets
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            match &credentials {
                Credentials::None => {}
                Credentials::Bearer(token) => known.add(token),
                Credentials::Basic { user, password } => {
                    known.add(password);
                    known.add(&base64(&format!("{user}:{password}")));
                }
                Credentials::Header { value, .. } => {
                    known.add(value);
                    // `Bearer abc` typed whole: the token must not be written without its scheme either.
                    if let Some((_, token)) = value.split_once(' ') {
                        known.add(token);
                    }
                }
                Credentials::Client(client) => {
                    known.add(&client.client_secret);
                    known.add(&base64(&format!(
                        "{}:{}",
                        client.client_id, client.client_secret
                    )));
                }
            }
        }
        Self {
            credentials,
            tls,
            clock,
            secrets,
            token: Mutex::default(),
        }
    }

    async fn token(&self, client: &TokenRequest) -> Result<String, String> {
        let mut token = self.token.lock().await;
        if let Some(token) = token.as_ref().filter(|t| self.clock.real() < t.until) {
            return Ok(token.value.clone());
        }
        let (value, life) = self.fetch(client).await?;
        self.secrets
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .add(&value);
        let until = self.clock.real() + life.saturating_sub(MARGIN);
        *token = Some(Token {
            value: value.clone(),
            until,
        });
        Ok(value)
    }

    async fn fetch(&self, client: &TokenRequest) -> Result<(String, Duration), String> {
        let place = &client.url;
        let target = Target::parse(place.as_str()).map_err(|e| e.to_string())?;
        let live = Live::new(&target, &self.tls, BODY_LIMIT).map_err(|e| e.to_string())?;
        let request = ask(client, &target);
        let failed =
            |why: String| format!("the token endpoint {place} gave no access token: {why}");
        let reply = live
            .send(request, TIMEOUT)
            .await
            .map_err(|e| failed(e.message))?;
        let body = Value::from_slice(&reply.body)
            .map_err(|_| failed(format!("status {}, no JSON", reply.status)))?;
        let word = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
        if !(200..300).contains(&reply.status) {
            let error = word("error_description")
                .or_else(|| word("error"))
                .unwrap_or_default();
            return Err(failed(format!("status {} {error}", reply.status)));
        }
        let token = word("access_token")
            .ok_or_else(|| failed("no `access_token` in the answer".to_owned()))?;
        let life = body
            .get("expires_in")
            .and_then(Value::as_i64)
            .and_then(|s| u64::try_from(s).ok());
        Ok((token, life.map_or(UNKNOWN_LIFE, Duration::from_secs)))
    }
}

impl Authority for Keeper {
    fn header(&self) -> BoxFuture<'_, Result<Option<(String, String)>, String>> {
        Box::pin(async move {
            let bearer = |token: &str| ("Authorization".to_owned(), format!("Bearer {token}"));
            Ok(match &self.credentials {
                Credentials::None => None,
                Credentials::Bearer(token) => Some(bearer(token)),
                Credentials::Basic { user, password } => {
                    let pair = base64(&format!("{user}:{password}"));
                    Some(("Authorization".to_owned(), format!("Basic {pair}")))
                }
                Credentials::Header { name, value } => Some((name.clone(), value.clone())),
                Credentials::Client(client) => Some(bearer(&self.token(client).await?)),
            })
        })
    }
}

/// The token request (RFC 6749 §4.4.2).
fn ask(client: &TokenRequest, target: &Target) -> Outgoing {
    let place = &client.url;
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "client_credentials");
    if let Some(scope) = &client.scope {
        form.append_pair("scope", scope);
    }
    let mut headers = vec![
        ("Host".to_owned(), target.authority()),
        ("Accept".to_owned(), "application/json".to_owned()),
        (
            "Content-Type".to_owned(),
            "application/x-www-form-urlencoded".to_owned(),
        ),
    ];
    if client.in_body {
        form.append_pair("client_id", &client.client_id);
        form.append_pair("client_secret", &client.client_secret);
    } else {
        // Both parts are form-encoded before they are joined (RFC 6749 §2.3.1).
        let part =
            |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
        let pair = format!(
            "{}:{}",
            part(&client.client_id),
            part(&client.client_secret)
        );
        headers.push((
            "Authorization".to_owned(),
            format!("Basic {}", base64(&pair)),
        ));
    }
    let body = form.finish();
    headers.push(("Content-Length".to_owned(), body.len().to_string()));
    let path = match place.query() {
        Some(query) => format!("{}?{query}", place.path()),
        None => place.path().to_owned(),
    };
    Outgoing {
        method: "POST",
        path,
        headers,
        body: Some(body),
    }
}

fn base64(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(text)
}
