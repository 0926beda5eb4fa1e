//! What a run is played on: the bundled server on a free loopback port, or somebody's endpoint.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::plan::{Endpoint, Over, Plan};
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
    transport: Arc<dyn Transport>,
    target: Target,
    kind: Kind,
}

enum Kind {
    Bundled {
        server: Server,
        faults: Vec<FaultChoice>,
        persona: Option<&'static Persona>,
        shutdown: Mutex<Option<oneshot::Sender<()>>>,
    },
    Foreign {
        authority: Arc<dyn Authority>,
        /// The product behind the endpoint and the way there, where it was described.
        product: Option<(Product, Beside)>,
    },
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
    base_path: String,
    authority: Arc<dyn Authority>,
    /// The product behind the endpoint and the way there, if they are known.
    pub(super) product: Option<(Product, Beside)>,
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
        let (target, kind, transport) = match &plan.endpoint {
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
                    shutdown: Mutex::new(shutdown),
                };
                (target, kind, transport)
            }
            Endpoint::Foreign {
                target,
                credentials,
                tls,
                product,
            } => {
                let keeper = Keeper::new(
                    (**credentials).clone(),
                    tls.clone(),
                    clock.clone(),
                    Arc::clone(&secrets),
                );
                let authority: Arc<dyn Authority> = Arc::new(keeper);
                let product = match product {
                    None => None,
                    Some(product) => {
                        let base = product.base.as_deref();
                        let place = base.map_or_else(|| Ok(target.clone()), Target::parse);
                        let place = place.map_err(|e| e.to_string())?;
                        let way = way_to(&place, live(&place, tls)?);
                        let mut known = secrets.lock().unwrap_or_else(PoisonError::into_inner);
                        product
                            .secrets
                            .values()
                            .for_each(|secret| known.add(secret));
                        Some(((**product).clone(), way))
                    }
                };
                (
                    target.clone(),
                    Kind::Foreign { authority, product },
                    live(target, tls)?,
                )
            }
        };
        Ok(Self {
            clock,
            secrets,
            numbers: Arc::new(AtomicU64::new(1)),
            timeouts: AtomicU32::new(0),
            limits: plan.limits,
            seed: plan.seed,
            transport,
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
            Kind::Foreign { authority, product } => Ok(Stand {
                base: self.target.to_string(),
                base_path: self.target.path().to_owned(),
                authority: Arc::clone(authority),
                product: product.clone(),
            }),
            Kind::Bundled {
                server,
                faults,
                persona,
                ..
            } => {
                let token = format!("bundled-{:016x}", self.seed);
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
                Ok(Stand {
                    base: format!("http://{}{}", self.target.authority(), info.base_path),
                    base_path: info.base_path,
                    authority: Arc::new(keeper),
                    product: Some((
                        Product::bundled(&info.app_path),
                        way_to(&self.target, Arc::clone(&self.transport)),
                    )),
                })
            }
        }
    }

    /// Forgets a play's tenant.
    pub(super) fn remove(&self, name: &str) {
        if let Kind::Bundled { server, .. } = &self.kind {
            server.remove_tenant(name);
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
        let options = WireOptions {
            transport: Arc::clone(&bench.transport),
            base_path: self.base_path.clone(),
            host: bench.target.authority(),
            authority: Arc::clone(&self.authority),
            recorder: Arc::new(tape.clone()),
            secrets: Arc::clone(&bench.secrets),
            clock: bench.clock.clone(),
            limits: bench.limits,
            numbers: Arc::clone(&bench.numbers),
        };
        Wire::new(options, idp, scenario)
    }
}

/// The way to what lies beside the SCIM endpoint.
fn way_to(target: &Target, transport: Arc<dyn Transport>) -> Beside {
    let scheme = if target.tls() { "https" } else { "http" };
    Beside {
        base: format!("{scheme}://{}", target.authority()),
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
