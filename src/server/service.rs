//! The server as a whole: tenants by path, bodies within bounds, every answer past the last seam.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use axum::serve::ListenerExt;
use bytes::Bytes;
use http::Method;
use http::header::CONTENT_LENGTH;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use tokio::net::TcpListener;

use super::auth::Gate;
#[cfg(feature = "durable")]
use super::data::{Data, DataError};
use super::fault::{Admission, Faults, Outgoing, Verdict};
use super::handler::{Call, Handler, Route, State};
use super::id::IdSource;
use super::journal::Journal;
use super::product;
use super::reply::{Failure, Reply};
use super::settings::{Counts, DEFAULT_TENANT, Error, Settings, Tenant, TenantInfo};
use super::store::{Kind, Store};

/// The reference server. Clones share everything.
#[derive(Clone)]
pub struct Server(Arc<Shared>);

struct Shared {
    settings: Settings,
    /// The authority of the socket, once there is one.
    bound: OnceLock<String>,
    tenants: RwLock<BTreeMap<String, Arc<State>>>,
    #[cfg(feature = "durable")]
    data: Option<Data>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let settings = &self.0.settings;
        f.debug_struct("Server")
            .field("settings", settings)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// A server without tenants.
    pub fn new(settings: Settings) -> Self {
        Self(Arc::new(Shared {
            settings,
            bound: OnceLock::new(),
            tenants: RwLock::default(),
            #[cfg(feature = "durable")]
            data: None,
        }))
    }

    /// A server without tenants whose tenants find what the file keeps of them, and whose answers wait until what
    /// they tell of is on disk.
    ///
    /// # Errors
    /// The file cannot be used; the error says why.
    #[cfg(feature = "durable")]
    pub fn open(settings: Settings, file: &std::path::Path) -> Result<Self, DataError> {
        Ok(Self(Arc::new(Shared {
            settings,
            bound: OnceLock::new(),
            tenants: RwLock::default(),
            data: Some(Data::open(file)?),
        })))
    }

    /// Opens a tenant. The one named [`DEFAULT_TENANT`] is served at `/scim/v2`, others at `/t/NAME/scim/v2`.
    pub fn tenant(&self, tenant: Tenant) -> Result<TenantInfo, Error> {
        let Tenant {
            name,
            token,
            basic,
            oauth,
            faults,
            leniency,
            administrators,
        } = tenant;
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if name.is_empty() || name.len() > 64 || !name.chars().all(allowed) {
            return Err(Error::Name(name));
        }
        if token.is_empty() || !token.chars().all(|c| c.is_ascii_graphic()) {
            return Err(Error::Token(name));
        }
        let root = match name.as_str() {
            DEFAULT_TENANT => String::new(),
            other => format!("/t/{other}"),
        };
        let info = TenantInfo {
            base_path: format!("{root}/scim/v2"),
            token_path: format!("{root}/oauth/token"),
            app_path: format!("{root}/app"),
        };
        let ids = || IdSource::new(self.0.settings.seed, &name);
        let (store, journal) = self.store(&name, ids())?;
        let state = State::new(
            info.base_path.clone(),
            Gate::new(&token, basic, oauth, ids()),
            leniency,
            Faults::new(&faults)?,
            administrators,
            store,
            journal,
        );
        let mut tenants = self
            .0
            .tenants
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if tenants.contains_key(&name) {
            return Err(Error::Taken(name));
        }
        tenants.insert(name, Arc::new(state));
        Ok(info)
    }

    /// An empty store, or what the data file keeps of the tenant and where its changes go.
    #[cfg(feature = "durable")]
    fn store(&self, tenant: &str, ids: IdSource) -> Result<(Store, Option<Journal>), Error> {
        let Some(data) = &self.0.data else {
            return Ok((Store::new(ids), None));
        };
        let kept = data.load(tenant)?;
        let mut store = Store::restore(ids, kept).map_err(|why| data.wrong(why))?;
        store.note_changes();
        Ok((store, Some(data.queue.of(tenant))))
    }

    #[cfg(not(feature = "durable"))]
    fn store(&self, _: &str, ids: IdSource) -> Result<(Store, Option<Journal>), Error> {
        Ok((Store::new(ids), None))
    }

    /// Closes a tenant and forgets all that it held in memory.
    pub fn remove_tenant(&self, name: &str) {
        let tenants = self.0.tenants.write();
        tenants.unwrap_or_else(PoisonError::into_inner).remove(name);
    }

    /// How many resources a tenant holds, if there is such a tenant.
    pub fn counts(&self, tenant: &str) -> Option<Counts> {
        let state = self.find(tenant)?;
        let store = state.read();
        let inactive = store.rows(Kind::User).filter(|(_, row)| !row.active);
        Some(Counts {
            users: store.len(Kind::User),
            inactive: inactive.count(),
            groups: store.len(Kind::Group),
        })
    }

    /// The server as a router, to be served on any listener or called in process.
    pub fn router(&self) -> Router {
        let server = self.clone();
        Router::new().fallback(move |request: Request| {
            let server = server.clone();
            async move { server.respond(request).await }
        })
    }

    fn find(&self, tenant: &str) -> Option<Arc<State>> {
        let tenants = self.0.tenants.read();
        let tenants = tenants.unwrap_or_else(PoisonError::into_inner);
        tenants.get(tenant).cloned()
    }

    fn base_url(&self) -> &str {
        let settings = self.0.settings.base_url.as_deref();
        let bound = || self.0.bound.get().map(String::as_str);
        settings.or_else(bound).unwrap_or("http://localhost")
    }

    /// Answers one request in process; the runtime must have its timers enabled.
    pub async fn respond(&self, request: Request) -> Response {
        let (mut head, body) = request.into_parts();
        let Some(segments) = decode(head.uri.path()) else {
            let failure = Failure::syntax("the path is not UTF-8");
            return Reply::from(failure).into_response();
        };
        let Some((tenant, segments)) = self.locate(&segments) else {
            let failure = Failure::not_found("service here");
            return Reply::from(failure).into_response();
        };
        let now = (self.0.settings.clock)();
        let segments = match segments {
            [scim, version, rest @ ..] if scim == "scim" && version == "v2" => rest,
            [oauth, token] if oauth == "oauth" && token == "token" => {
                let reply = match read_body(body, MAX_TOKEN_REQUEST).await {
                    Ok(form) => tenant.gate.token(&head.method, &head.headers, &form, now),
                    Err(reply) => *reply,
                };
                return reply.into_response();
            }
            [app, rest @ ..] if app == "app" => {
                let reply = match read_body(body, MAX_TOKEN_REQUEST).await {
                    Ok(body) => {
                        product::reply(&tenant, &head.method, rest, &head.headers, &body, now)
                    }
                    Err(reply) => *reply,
                };
                return tenant.when_kept(reply).await.into_response();
            }
            _ => {
                let failure = Failure::not_found("service here");
                return Reply::from(failure).into_response();
            }
        };
        let route = Route::read(segments);
        let mut admission = Admission {
            headers: &head.headers,
            verdict: tenant.gate.check(&head.headers, now),
        };
        tenant.faults.auth(&mut admission);
        let is_open = matches!(route, Route::Discovery(..)) && head.method == Method::GET;
        let mut reply = match admission.verdict {
            Verdict::Granted => {
                self.admitted(&tenant, &mut head, route.clone(), body, now)
                    .await
            }
            // How to authenticate is said to everyone (RFC 7643 §5).
            Verdict::Missing if is_open => {
                self.admitted(&tenant, &mut head, route.clone(), body, now)
                    .await
            }
            Verdict::Missing => refused(&tenant.gate, "credentials are needed"),
            Verdict::Wrong => refused(&tenant.gate, "the credentials do not open this tenant"),
        };
        reply = tenant.when_kept(reply).await;
        tenant.faults.reply(&mut Outgoing {
            method: &head.method,
            route: &route,
            reply: &mut reply,
        });
        if head.method == Method::HEAD {
            reply.body.clear();
        }
        reply.into_response()
    }

    async fn admitted(
        &self,
        tenant: &State,
        head: &mut http::request::Parts,
        route: Route,
        body: axum::body::Body,
        now: Timestamp,
    ) -> Reply {
        let limit = self.0.settings.max_body;
        let length = head.headers.get(CONTENT_LENGTH);
        let length = length.and_then(|v| v.to_str().ok()?.parse::<u64>().ok());
        if length.is_some_and(|length| length > limit as u64) {
            return too_large(limit);
        }
        let body = match read_body(body, limit).await {
            Ok(body) => body,
            Err(reply) => return *reply,
        };
        let handler = Handler {
            tenant,
            settings: &self.0.settings,
            base: format!("{}{}", self.base_url(), tenant.base_path),
            now,
        };
        handler.answer(Call {
            method: &head.method,
            route,
            headers: std::mem::take(&mut head.headers),
            query: head.uri.query().unwrap_or_default(),
            body: &body,
        })
    }

    /// The tenant of a path and what is left of the path.
    fn locate<'s>(&self, segments: &'s [String]) -> Option<(Arc<State>, &'s [String])> {
        let (name, rest) = match segments {
            [t, name, rest @ ..] if t == "t" => (name.as_str(), rest),
            rest => (DEFAULT_TENANT, rest),
        };
        Some((self.find(name)?, rest))
    }
}

/// Serves until `shutdown` completes, then finishes the requests that are under way.
pub async fn serve(
    listener: TcpListener,
    server: Server,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let mut address = listener.local_addr()?;
    if address.ip().is_unspecified() {
        address.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    }
    // A server that listens twice keeps the first address.
    let _ = server.0.bound.set(format!("http://{address}"));
    let listener = listener.tap_io(|stream| {
        // Without it small answers wait for acknowledgements; a socket that refuses works all the same.
        let _ = stream.set_nodelay(true);
    });
    axum::serve(listener, server.router())
        .with_graceful_shutdown(shutdown)
        .await
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

async fn read_body(body: axum::body::Body, limit: usize) -> Result<Bytes, Box<Reply>> {
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

/// How long a body may take to arrive.
const BODY_PATIENCE: Duration = Duration::from_secs(60);

/// How many bytes a request for a token, or to the product, may have.
const MAX_TOKEN_REQUEST: usize = 16 * 1024;
