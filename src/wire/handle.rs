//! The handle through which everything is sent.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::tape::{Answered, By, Failed, Recorder, Sent};
use super::transport::{Incoming, Outgoing, Transport};
use super::{
    Body, Clock, Disturbance, Failure, FailureKind, Guard, Header, HeaderValue, Injected, Origin,
    Reply, Request, Secrets,
};
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

struct Shared {
    options: WireOptions,
    guard: Mutex<Guard>,
    disturbances: Mutex<Vec<Disturbance>>,
    passwords: Mutex<Secrets>,
    timeouts: AtomicU32,
}

/// Who is speaking.
#[derive(Clone, Debug)]
pub struct Context {
    /// Whose exchange it is.
    pub by: By,
    /// Which credentials are shown.
    pub show: Show,
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
    shared: Arc<Shared>,
    context: Arc<Context>,
    watcher: Option<Arc<dyn AfterWrite>>,
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
            judges: Vec::new(),
            demand: None,
        };
        Self {
            shared: Arc::new(Shared {
                options,
                guard: Mutex::default(),
                disturbances: Mutex::default(),
                passwords: Mutex::new(Secrets::labelled("password")),
                timeouts: AtomicU32::new(0),
            }),
            context: Arc::new(Context {
                by,
                show: Show::Right,
            }),
            watcher: None,
        }
    }

    /// The same wire, speaking for somebody else.
    #[must_use]
    pub fn speaking(&self, change: impl FnOnce(&mut Context)) -> Self {
        let mut context = (*self.context).clone();
        change(&mut context);
        Self {
            shared: Arc::clone(&self.shared),
            context: Arc::new(context),
            watcher: self.watcher.clone(),
        }
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
        wire
    }

    /// The same wire with somebody who looks at the target after each of the IdP's writes.
    #[must_use]
    pub fn watched(&self, watcher: Arc<dyn AfterWrite>) -> Self {
        let mut wire = self.clone();
        wire.watcher = Some(watcher);
        wire
    }

    /// Who is speaking.
    pub fn context(&self) -> &Context {
        &self.context
    }

    /// The run's clock.
    pub fn clock(&self) -> &Clock {
        &self.shared.options.clock
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
        let passwords = &self.shared.passwords;
        passwords
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .add(password);
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

    fn disturbances(&self) -> MutexGuard<'_, Vec<Disturbance>> {
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
        let outcome = self.send_once(&request).await;
        if self.context.by.origin == Origin::Idp {
            if let Some(watcher) = self.watcher.as_ref().filter(|_| request.method.writes()) {
                watcher.after_write(self, &request, &outcome).await;
            }
            return outcome;
        }
        let mut outcome = outcome;
        for _ in 0..10 {
            let Some(pause) = outcome.as_ref().ok().and_then(asks_to_wait) else {
                break;
            };
            tokio::time::sleep(pause.min(self.shared.options.limits.max_wait)).await;
            outcome = self.send_once(&request).await;
        }
        outcome
    }

    async fn send_once(&self, request: &Request) -> Result<Reply, Failure> {
        let n = self.shared.options.numbers.fetch_add(1, Ordering::Relaxed);
        let recorder = &self.shared.options.recorder;
        let outcome = self.attempt(n, request).await;
        match &outcome {
            Ok(reply) => {
                self.shared.timeouts.store(0, Ordering::Relaxed);
                recorder.answered(Answered {
                    n,
                    at: self.millis(),
                    injected: reply.injected,
                    status: reply.status,
                    headers: reply
                        .headers
                        .iter()
                        .map(|(name, value)| (name.clone(), self.redact(value)))
                        .collect(),
                    body: self.redact(&reply.body.text),
                });
            }
            Err(failure) => {
                if failure.kind == FailureKind::TimedOut {
                    self.shared.timeouts.fetch_add(1, Ordering::Relaxed);
                }
                recorder.failed(Failed {
                    n,
                    at: self.millis(),
                    kind: failure.kind,
                    message: failure.message.clone(),
                });
            }
        }
        outcome
    }

    async fn attempt(&self, n: u64, request: &Request) -> Result<Reply, Failure> {
        let fail = |kind, message: String| Failure {
            exchange: n,
            kind,
            message,
        };
        let credentials = self.credentials().await;
        let shown = credentials.as_ref().ok().and_then(Option::as_ref);
        let headers = self.headers(request, shown);
        self.shared.options.recorder.sent(Sent {
            n,
            by: self.context.by.clone(),
            at: self.millis(),
            waited: u64::try_from(self.clock().skipped().as_millis()).unwrap_or(u64::MAX),
            method: request.method,
            target: self.redact(&request.target),
            headers: headers
                .iter()
                .map(|(name, value)| (name.clone(), self.redact(value)))
                .collect(),
            body: request.body.as_deref().map(|body| self.redact(body)),
            basis: request.basis.clone(),
        });
        if let Err(message) = credentials {
            return Err(fail(FailureKind::Credentials, message));
        }
        let held = self.guard().check(request);
        if let Err(held) = held {
            return Err(fail(FailureKind::Guarded, held.to_string()));
        }
        let trouble = self.next_trouble(request);
        match &trouble {
            Some(Injected::Answer {
                status,
                retry_after,
            }) => {
                return Ok(injected_reply(n, *status, retry_after.as_deref()));
            }
            Some(Injected::TimeOut) => {
                self.clock().skip(self.shared.options.limits.timeout);
                let message = "the story lets this request time out; the target never saw it";
                return Err(fail(FailureKind::Injected, message.to_owned()));
            }
            Some(Injected::AnswerLost) | None => {}
        }
        let outgoing = Outgoing {
            method: request.method.as_str(),
            path: format!("{}{}", self.shared.options.base_path, request.target),
            headers,
            body: request.body.clone(),
        };
        let incoming = self
            .shared
            .options
            .transport
            .send(outgoing, self.shared.options.limits.timeout)
            .await
            .map_err(|e| fail(e.kind, e.message))?;
        let reply = read(n, incoming);
        let by = &self.context.by;
        self.guard()
            .learn(request, &reply, by.origin, by.subject.as_ref());
        if trouble == Some(Injected::AnswerLost) {
            self.clock().skip(self.shared.options.limits.timeout);
            let message = format!(
                "the story loses this answer; the target had answered {}",
                reply.status
            );
            return Err(fail(FailureKind::Injected, message));
        }
        Ok(reply)
    }

    async fn credentials(&self) -> Result<Option<(String, String)>, String> {
        match &self.context.show {
            Show::Right => self.shared.options.authority.header().await,
            Show::None => Ok(None),
            Show::Other(value) => Ok(Some(("Authorization".to_owned(), value.clone()))),
        }
    }

    /// Only the IdP's own requests are disturbed: trouble for the auditor would prove nothing.
    fn next_trouble(&self, request: &Request) -> Option<Injected> {
        if self.context.by.origin != Origin::Idp {
            return None;
        }
        let mut disturbances = self.disturbances();
        let at = disturbances.iter().position(|d| d.on.meets(request))?;
        let what = disturbances[at].what.clone();
        disturbances[at].times -= 1;
        if disturbances[at].times == 0 {
            disturbances.remove(at);
        }
        Some(what)
    }

    fn headers(
        &self,
        request: &Request,
        credentials: Option<&(String, String)>,
    ) -> Vec<(String, String)> {
        let neutral;
        let wanted = if request.headers.is_empty() {
            neutral = neutral_headers(request.body.is_some());
            &neutral
        } else {
            &request.headers
        };
        let mut headers = Vec::with_capacity(wanted.len() + 1);
        if !wanted.iter().any(|h| h.value == HeaderValue::Host) {
            headers.push(("Host".to_owned(), self.shared.options.host.clone()));
        }
        for Header { name, value } in wanted {
            let name = (*name).to_owned();
            match value {
                HeaderValue::Text(text) => headers.push((name, text.clone())),
                HeaderValue::Host => headers.push((name, self.shared.options.host.clone())),
                HeaderValue::Length => {
                    let length = request.body.as_ref().map_or(0, String::len);
                    headers.push((name, length.to_string()));
                }
                HeaderValue::Credentials => headers.extend(credentials.cloned()),
            }
        }
        for (name, value) in &request.beside {
            headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
            headers.push((name.clone(), value.clone()));
        }
        headers
    }

    fn redact(&self, text: &str) -> String {
        let marked = |secrets: &Mutex<Secrets>, text: &str| {
            let secrets = secrets.lock().unwrap_or_else(PoisonError::into_inner);
            secrets.redact(text)
        };
        marked(
            &self.shared.passwords,
            &marked(&self.shared.options.secrets, text),
        )
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.clock().real().as_millis()).unwrap_or(u64::MAX)
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

/// What a neutral RFC client sends.
fn neutral_headers(body: bool) -> Vec<Header> {
    let text = |name, value: &str| Header {
        name,
        value: HeaderValue::Text(value.to_owned()),
    };
    let mut headers = vec![
        Header {
            name: "Host",
            value: HeaderValue::Host,
        },
        Header {
            name: "Authorization",
            value: HeaderValue::Credentials,
        },
        text("Accept", "application/scim+json"),
        text(
            "User-Agent",
            concat!("scimulate/", env!("CARGO_PKG_VERSION")),
        ),
    ];
    if body {
        headers.push(text("Content-Type", "application/scim+json"));
        headers.push(Header {
            name: "Content-Length",
            value: HeaderValue::Length,
        });
    }
    headers
}

fn asks_to_wait(reply: &Reply) -> Option<Duration> {
    (reply.status == 429).then(|| {
        let seconds = reply
            .header("retry-after")
            .and_then(|v| v.trim().parse().ok());
        Duration::from_secs(seconds.unwrap_or(1))
    })
}

fn injected_reply(n: u64, status: u16, retry_after: Option<&str>) -> Reply {
    Reply {
        exchange: n,
        status,
        headers: retry_after
            .map(|v| ("Retry-After".to_owned(), v.to_owned()))
            .into_iter()
            .collect(),
        body: Body::default(),
        injected: true,
    }
}

fn read(n: u64, incoming: Incoming) -> Reply {
    Reply {
        exchange: n,
        status: incoming.status,
        headers: incoming.headers,
        body: Body::read(&incoming.body),
        injected: false,
    }
}
