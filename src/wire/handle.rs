//! The handle through which everything is sent.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::round::Rounds;
use super::tape::{By, Recorder};
use super::transport::Transport;
use super::{Clock, Disturbance, Failure, Guard, Origin, Reply, Request, Secrets};
use crate::directory::Subject;

/// Bounds on what one exchange may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How long a reply may take. The IdPs give up after 60 s.
    pub timeout: Duration,
    /// How long the program waits in real time because the target asked for it.
    pub max_wait: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            timeout: Duration::from_mins(1),
            max_wait: Duration::from_secs(30),
        }
    }
}

/// Supplies the header by which the program proves who it is.
pub trait Authority: Send + Sync {
    /// Name and value of the header, or nothing where the target asks for nothing.
    fn header(&self) -> BoxFuture<'_, Result<Option<(String, String)>, String>>;
}

/// Whoever wants to look at the target right after a write.
pub trait AfterWrite: Send + Sync {
    /// Called when a write of the IdP was answered, or failed.
    fn after_write<'a>(
        &'a self,
        wire: &'a Wire,
        request: &'a Request,
        outcome: &'a Result<Reply, Failure>,
    ) -> BoxFuture<'a, ()>;
}

/// What a wire is made of.
pub struct WireOptions {
    /// How requests travel.
    pub transport: Arc<dyn Transport>,
    /// The path that every request begins with.
    pub base_path: String,
    /// The `Host` header's value.
    pub host: String,
    /// How the program proves who it is.
    pub authority: Arc<dyn Authority>,
    /// Who records.
    pub recorder: Arc<dyn Recorder>,
    /// The secrets that are marked wherever they turn up.
    pub secrets: Arc<Mutex<Secrets>>,
    /// The run's clock.
    pub clock: Clock,
    /// The bounds of an exchange.
    pub limits: Limits,
    /// Numbers the exchanges of a run, across its wires.
    pub numbers: Arc<AtomicU64>,
}

impl std::fmt::Debug for WireOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "WireOptions({}{})", self.host, self.base_path)
    }
}

pub(super) struct Shared {
    pub(super) options: WireOptions,
    /// Where this wire leads, if that is beside the SCIM endpoint. What is answered there is nobody's business: it goes
    /// on the tape by its shape alone.
    pub(super) beside: Option<String>,
    pub(super) guard: Mutex<Guard>,
    pub(super) disturbances: Mutex<Vec<Disturbance>>,
    /// Simulated passwords, and what people got at the product's door.
    pub(super) marked: Arc<[Mutex<Secrets>; 2]>,
    pub(super) timeouts: AtomicU32,
    /// Whether nothing but the clean-up may send any more.
    pub(super) halted: AtomicBool,
    /// Held by each exchange that is under way.
    pub(super) under_way: tokio::sync::RwLock<()>,
}

/// Who is speaking.
#[derive(Clone, Debug)]
pub struct Context {
    /// Whose exchange it is.
    pub by: By,
    /// Which credentials are shown.
    pub show: Show,
    /// Headers that the IdP's requests have in place of their own, or do without.
    pub constants: Arc<[(String, Option<String>)]>,
}

/// Which credentials a request shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Show {
    /// The right ones.
    #[default]
    Right,
    /// None.
    None,
    /// Those, as the value of an `Authorization` header.
    Other(String),
}

/// The handle through which everything is sent. Cloning is cheap; clones share the connection, the guard and the tape.
#[derive(Clone)]
pub struct Wire {
    pub(super) shared: Arc<Shared>,
    pub(super) context: Arc<Context>,
    pub(super) watcher: Option<Arc<dyn AfterWrite>>,
    /// How many of the IdP's jobs may run at the same time.
    pub(super) at_once: usize,
    /// The rounds in which this job sends, if it runs beside others.
    pub(super) rounds: Option<Arc<Rounds>>,
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Wire({:?})", self.context)
    }
}

impl Wire {
    /// A wire for one story with one variant.
    pub fn new(options: WireOptions, idp: &str, scenario: &str) -> Self {
        let by = By {
            origin: Origin::Idp,
            idp: idp.to_owned(),
            scenario: scenario.to_owned(),
            step: None,
            job: String::new(),
            subject: None,
            other_tenant: false,
            judges: Vec::new(),
            demand: None,
        };
        Self {
            shared: Arc::new(Shared {
                options,
                beside: None,
                guard: Mutex::default(),
                disturbances: Mutex::default(),
                marked: Arc::new(
                    ["password", "credential"]
                        .map(Secrets::labelled)
                        .map(Mutex::new),
                ),
                timeouts: AtomicU32::new(0),
                halted: AtomicBool::new(false),
                under_way: tokio::sync::RwLock::default(),
            }),
            context: Arc::new(Context {
                by,
                show: Show::Right,
                constants: Arc::new([]),
            }),
            watcher: None,
            at_once: 1,
            rounds: None,
        }
    }

    /// The same wire, speaking for somebody else.
    #[must_use]
    pub fn speaking(&self, change: impl FnOnce(&mut Context)) -> Self {
        let mut wire = self.clone();
        change(Arc::make_mut(&mut wire.context));
        wire
    }

    /// The same wire for one of the IdP's jobs.
    #[must_use]
    pub fn job(&self, job: &str, subject: Option<Subject>) -> Self {
        self.speaking(|context| {
            job.clone_into(&mut context.by.job);
            context.by.subject = subject;
        })
    }

    /// The same wire for another origin, without a watcher.
    #[must_use]
    pub fn origin(&self, origin: Origin) -> Self {
        let mut wire = self.speaking(|context| context.by.origin = origin);
        wire.watcher = None;
        wire.rounds = None;
        wire
    }

    /// The same wire for jobs of which so many may run at the same time.
    #[must_use]
    pub fn bounded(&self, at_once: usize) -> Self {
        let mut wire = self.clone();
        wire.at_once = at_once.max(1);
        wire
    }

    /// How many of the IdP's jobs may run at the same time.
    pub fn at_once(&self) -> usize {
        self.at_once
    }

    /// The same wire for a job that sends in those rounds.
    pub(super) fn in_rounds(&self, rounds: &Arc<Rounds>) -> Self {
        let mut wire = self.clone();
        wire.rounds = Some(Arc::clone(rounds));
        wire
    }

    /// The same wire with somebody who looks at the target after each of the IdP's writes.
    #[must_use]
    pub fn watched(&self, watcher: Arc<dyn AfterWrite>) -> Self {
        let mut wire = self.clone();
        wire.watcher = Some(watcher);
        wire
    }

    /// The same wire for an IdP whose requests have those headers in place of their own, or do without them.
    #[must_use]
    pub fn with_constants(&self, constants: &[(String, Option<String>)]) -> Self {
        self.speaking(|context| context.constants = constants.into())
    }

    /// Who is speaking.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// The run's clock.
    pub fn clock(&self) -> &Clock {
        &self.shared.options.clock
    }

    /// Lets nobody but the clean-up begin another exchange, and waits until those under way are over: what was made by a request
    /// whose answer nobody heard could not be taken away.
    pub async fn halt(&self) {
        self.shared.halted.store(true, Ordering::Relaxed);
        drop(self.shared.under_way.write().await);
    }

    /// What this wire's story has made at the target.
    pub fn guard(&self) -> MutexGuard<'_, Guard> {
        self.shared
            .guard
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Marks a simulated password wherever it turns up in this story from now on.
    pub fn mark_password(&self, password: &str) {
        self.mark(0, password);
    }

    /// Marks what a person got at the product's door wherever it turns up in this story from now on.
    pub fn mark_credential(&self, credential: &str) {
        self.mark(1, credential);
    }

    fn mark(&self, which: usize, secret: &str) {
        let marked = &self.shared.marked[which];
        marked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .add(secret);
    }

    /// Makes trouble on the wire from now on.
    pub fn disturb(&self, disturbance: Disturbance) {
        self.disturbances().push(disturbance);
    }

    /// Ends all trouble that has not happened yet, and says whether there was any.
    pub fn calm(&self) -> bool {
        !std::mem::take(&mut *self.disturbances()).is_empty()
    }

    /// How many requests in a row were not answered in time.
    pub fn timeouts_in_a_row(&self) -> u32 {
        self.shared.timeouts.load(Ordering::Relaxed)
    }

    pub(super) fn disturbances(&self) -> MutexGuard<'_, Vec<Disturbance>> {
        self.shared
            .disturbances
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits because an answer asked for it: at once where the wire itself had answered, in real time otherwise.
    ///
    /// # Errors
    /// The target asks for more than the run allows.
    pub async fn wait_for_target(&self, reply: &Reply, time: Duration) -> Result<(), TooLong> {
        if reply.injected {
            self.clock().skip(time);
            return Ok(());
        }
        let max = self.shared.options.limits.max_wait;
        if time > max {
            return Err(TooLong { asked: time, max });
        }
        tokio::time::sleep(time).await;
        Ok(())
    }

    /// Sends a request and waits for the reply.
    ///
    /// Outside the IdP's own sequence a 429 is waited out, because it says nothing about the target.
    ///
    /// # Errors
    /// There is no reply; the tape has the reason.
    pub async fn send(&self, request: Request) -> Result<Reply, Failure> {
        if let Some(rounds) = &self.rounds {
            return rounds.send(self, request).await;
        }
        let mut outcome = self.send_once(&request).await;
        if self.context.by.origin == Origin::Idp {
            self.watch(&request, &outcome).await;
            return outcome;
        }
        for _ in 0..10 {
            let Some(pause) = outcome.as_ref().ok().and_then(asks_to_wait) else {
                break;
            };
            tokio::time::sleep(pause.min(self.shared.options.limits.max_wait)).await;
            outcome = self.send_once(&request).await;
        }
        outcome
    }
    /// Lets whoever looks on have a look after a write.
    pub(super) async fn watch(&self, request: &Request, outcome: &Result<Reply, Failure>) {
        if let Some(watcher) = self.watcher.as_ref().filter(|_| request.method.writes()) {
            watcher.after_write(self, request, outcome).await;
        }
    }
}

/// The target asks for more time than the run gives it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the target asks to wait {} s, more than the {} s that --max-wait allows", .asked.as_secs(), .max.as_secs())]
pub struct TooLong {
    /// What the target asks for.
    pub asked: Duration,
    /// What the run allows.
    pub max: Duration,
}

fn asks_to_wait(reply: &Reply) -> Option<Duration> {
    (reply.status == 429).then(|| {
        let seconds = reply
            .header("retry-after")
            .and_then(|v| v.trim().parse().ok());
        Duration::from_secs(seconds.unwrap_or(1))
    })
}
