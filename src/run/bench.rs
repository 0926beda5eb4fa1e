//! What a run is played on: the bundled server on a free loopback port, or somebody's endpoint.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::plan::{Access, Endpoint, Over, Plan};
use super::product::Product;
use super::tape::TapeWriter;
use crate::server::fault::FaultChoice;
use crate::server::persona::Persona;
use crate::server::{Server, Settings, Tenant};
use crate::wire::transport::{Credentials, InProcess, Keeper, Live, Target, TlsOptions, Transport};
use crate::wire::{Authority, Beside, Clock, Limits, Secrets, Wire, WireOptions};

/// What a run is played on.
pub struct Bench {
    clock: Clock,
    secrets: Arc<Mutex<Secrets>>,
    numbers: Arc<AtomicU64>,
    timeouts: AtomicU32,
    limits: Limits,
    seed: u64,
    target: Target,
    kind: Kind,
}

enum Kind {
    Bundled {
        server: Server,
        faults: Vec<FaultChoice>,
        persona: Option<&'static Persona>,
        transport: Arc<dyn Transport>,
        shutdown: Mutex<Option<oneshot::Sender<()>>>,
        product: Arc<Product>,
    },
    Foreign(Box<Foreign>),
}

/// Somebody's endpoint.
struct Foreign {
    way: Way,
    /// The second customer's base URL and the way there, where they were described.
    other: Option<(String, Way)>,
    /// The product behind the endpoint and the way there, where it was described.
    product: Option<(Arc<Product>, Beside)>,
}

impl std::fmt::Debug for Bench {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bench({})", self.target)
    }
}

/// Where one play's requests go.
pub(super) struct Stand {
    /// The base URL.
    pub(super) base: String,
    way: Way,
    /// The product behind the endpoint and the way there, if they are known.
    pub(super) product: Option<(Arc<Product>, Beside)>,
    /// Whether it is the second customer's.
    other_tenant: bool,
}

/// How requests reach a SCIM endpoint, and how one gets in there.
#[derive(Clone)]
struct Way {
    transport: Arc<dyn Transport>,
    host: String,
    base_path: String,
    authority: Arc<dyn Authority>,
}

impl Bench {
    /// Makes the endpoint ready.
    ///
    /// # Errors
    /// The server cannot be started, or the transport cannot be set up: the text says why.
    pub(super) async fn set_up(plan: &Plan) -> Result<Self, String> {
        let clock = Clock::start();
        let secrets = Arc::new(Mutex::new(Secrets::default()));
        let live = |target: &Target, tls: &TlsOptions| {
            let live = Live::new(target, tls, plan.body_limit).map_err(|e| e.to_string())?;
            Ok::<Arc<dyn Transport>, String>(Arc::new(live))
        };
        let (target, kind) = match &plan.endpoint {
            Endpoint::Bundled {
                faults,
                persona,
                over,
            } => {
                let server = server(plan.seed, &clock);
                let (target, transport, shutdown) = match over {
                    Over::Http => {
                        let (target, shutdown) = listen(&server).await?;
                        let transport = live(&target, &TlsOptions::default())?;
                        (target, transport, Some(shutdown))
                    }
                    Over::Memory(interceptor) => {
                        let target =
                            Target::parse("http://127.0.0.1/scim/v2").map_err(|e| e.to_string())?;
                        let transport = InProcess::new(server.router(), interceptor.clone());
                        (target, Arc::new(transport) as Arc<dyn Transport>, None)
                    }
                };
                let kind = Kind::Bundled {
                    server,
                    faults: faults.clone(),
                    persona: *persona,
                    transport,
                    shutdown: Mutex::new(shutdown),
                    product: Arc::new(Product::bundled()?),
                };
                (target, kind)
            }
            Endpoint::Foreign {
                access,
                other_tenant,
                product,
            } => {
                let way = |access: &Access| {
                    let keeper = Keeper::new(
                        access.credentials.clone(),
                        access.tls.clone(),
                        clock.clone(),
                        Arc::clone(&secrets),
                    );
                    Ok::<Way, String>(Way {
                        transport: live(&access.target, &access.tls)?,
                        host: access.target.authority(),
                        base_path: access.target.path().to_owned(),
                        authority: Arc::new(keeper),
                    })
                };
                let other = other_tenant.as_ref().map(|access| {
                    let base = access.target.to_string();
                    Ok::<_, String>((base, way(access)?))
                });
                let Access { target, tls, .. } = &**access;
                let product = match product {
                    None => None,
                    Some(product) => {
                        let base = product.base.as_deref();
                        let place = base.map_or_else(|| Ok(target.clone()), Target::parse);
                        let place = place.map_err(|e| e.to_string())?;
                        let way = way_to(&place, "", live(&place, tls)?);
                        let mut known = secrets.lock().unwrap_or_else(PoisonError::into_inner);
                        product
                            .secrets
                            .values()
                            .for_each(|secret| known.add(secret));
                        Some((Arc::new((**product).clone()), way))
                    }
                };
                let foreign = Foreign {
                    way: way(access)?,
                    other: other.transpose()?,
                    product,
                };
                (target.clone(), Kind::Foreign(Box::new(foreign)))
            }
        };
        Ok(Self {
            clock,
            secrets,
            numbers: Arc::new(AtomicU64::new(1)),
            timeouts: AtomicU32::new(0),
            limits: plan.limits,
            seed: plan.seed,
            target,
            kind,
        })
    }

    /// The run's clock.
    pub(super) fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The base URL as reports name it.
    pub(super) fn target(&self) -> String {
        self.target.to_string()
    }

    pub(super) fn note_timeouts(&self, in_a_row: u32) {
        self.timeouts.store(in_a_row, Ordering::Relaxed);
    }

    pub(super) fn timeouts_in_a_row(&self) -> u32 {
        self.timeouts.load(Ordering::Relaxed)
    }

    /// A place of its own for one play: a tenant of the bundled server, or the endpoint as it is.
    ///
    /// # Errors
    /// The bundled server makes no tenant; the text says why.
    pub(super) fn stand(&self, name: &str) -> Result<Stand, String> {
        match &self.kind {
            Kind::Foreign(foreign) => Ok(Stand {
                base: self.target.to_string(),
                way: foreign.way.clone(),
                product: foreign.product.clone(),
                other_tenant: false,
            }),
            Kind::Bundled { .. } => self.tenant(name, format!("bundled-{:016x}", self.seed)),
        }
    }

    /// The place of a second customer, whose tenant holds nothing of the first one's.
    ///
    /// # Errors
    /// None is known; the text says so.
    pub(super) fn other_stand(&self, name: &str) -> Result<Stand, String> {
        let stand = match &self.kind {
            Kind::Foreign(foreign) => {
                let Some((base, way)) = &foreign.other else {
                    return Err("no second customer's access is known: describe one in the target file, in `[other-tenant]`".to_owned());
                };
                Stand {
                    base: base.clone(),
                    way: way.clone(),
                    product: None,
                    other_tenant: true,
                }
            }
            Kind::Bundled { .. } => {
                let token = format!("bundled-other-{:016x}", self.seed);
                self.tenant(&other_name(name), token)?
            }
        };
        Ok(Stand {
            other_tenant: true,
            ..stand
        })
    }

    /// A tenant of the bundled server.
    fn tenant(&self, name: &str, token: String) -> Result<Stand, String> {
        let Kind::Bundled {
            server,
            faults,
            persona,
            transport,
            product,
            ..
        } = &self.kind
        else {
            return Err("only the bundled server makes tenants".to_owned());
        };
        let tenant = Tenant {
            name: name.to_owned(),
            token: token.clone(),
            faults: faults.clone(),
            ..Tenant::default()
        };
        let tenant = match persona {
            Some(persona) => tenant.playing(persona),
            None => tenant,
        };
        let info = server.tenant(tenant).map_err(|e| e.to_string())?;
        let keeper = Keeper::new(
            Credentials::Bearer(token),
            TlsOptions::default(),
            self.clock.clone(),
            Arc::clone(&self.secrets),
        );
        let base = format!("http://{}{}", self.target.authority(), info.base_path);
        let app = way_to(&self.target, &info.app_path, Arc::clone(transport));
        Ok(Stand {
            base,
            product: Some((Arc::clone(product), app)),
            way: Way {
                transport: Arc::clone(transport),
                host: self.target.authority(),
                base_path: info.base_path,
                authority: Arc::new(keeper),
            },
            other_tenant: false,
        })
    }

    /// Forgets a play's tenant.
    pub(super) fn remove(&self, name: &str) {
        if let Kind::Bundled { server, .. } = &self.kind {
            server.remove_tenant(name);
            server.remove_tenant(&other_name(name));
        }
    }

    /// Ends what was started.
    pub(super) async fn take_down(&self) {
        if let Kind::Bundled { shutdown, .. } = &self.kind {
            let shutdown = shutdown
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .take();
            if let Some(shutdown) = shutdown {
                // The server may already be gone; then nobody listens.
                shutdown.send(()).ok();
            }
        }
        tokio::task::yield_now().await;
    }
}

impl Stand {
    /// A wire for one play.
    pub(super) fn wire(&self, bench: &Bench, tape: &TapeWriter, idp: &str, scenario: &str) -> Wire {
        let way = self.way.clone();
        let options = WireOptions {
            transport: way.transport,
            base_path: way.base_path,
            host: way.host,
            authority: way.authority,
            recorder: Arc::new(tape.clone()),
            secrets: Arc::clone(&bench.secrets),
            clock: bench.clock.clone(),
            limits: bench.limits,
            numbers: Arc::clone(&bench.numbers),
        };
        let wire = Wire::new(options, idp, scenario);
        wire.speaking(|context| context.by.other_tenant = self.other_tenant)
    }
}

/// What the second customer of a play is called at the bundled server.
fn other_name(name: &str) -> String {
    format!("{name}-other")
}

/// The way to what lies beside the SCIM endpoint.
fn way_to(target: &Target, prefix: &str, transport: Arc<dyn Transport>) -> Beside {
    let scheme = if target.tls() { "https" } else { "http" };
    Beside {
        base: format!("{scheme}://{}{prefix}", target.authority()),
        prefix: prefix.to_owned(),
        host: target.authority(),
        transport,
    }
}

fn server(seed: u64, clock: &Clock) -> Server {
    let clock = clock.clone();
    Server::new(Settings {
        clock: Arc::new(move || clock.now()),
        seed,
        ..Settings::default()
    })
}

/// Serves on a free loopback port until the sender is used or dropped.
async fn listen(server: &Server) -> Result<(Target, oneshot::Sender<()>), String> {
    let failed = |e: std::io::Error| format!("the bundled server cannot be started: {e}");
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let target = Target::parse(&format!("http://{address}/scim/v2")).map_err(|e| e.to_string())?;
    let (shutdown, stopped) = oneshot::channel::<()>();
    let serving = crate::server::serve(listener, server.clone(), async {
        stopped.await.ok();
    });
    tokio::spawn(async move { serving.await.ok() });
    Ok((target, shutdown))
}
