//! One exchange, in three parts: what is written down before the socket is, the way to the target and back, and what is
//! written down then. Jobs that run at the same time share only the middle one.

use std::borrow::Cow;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;

use super::handle::Show;
use super::tape::{Answered, Failed, Sent};
use super::transport::{Incoming, Outgoing, TransportError};
use super::{
    Body, Failure, FailureKind, Header, HeaderValue, Injected, Origin, Reply, Request, Wire,
};

/// A request that is on the tape, and how it goes on.
#[derive(Debug)]
pub(super) struct Begun {
    n: u64,
    next: Next,
}

/// How a request goes on.
#[derive(Debug)]
enum Next {
    /// It stays here: the wire has the reply already.
    Over(Result<Reply, Failure>),
    /// It goes out; its answer may be lost on the way back.
    Out {
        outgoing: Outgoing,
        answer_lost: bool,
    },
}

/// A request that was under way.
#[derive(Debug)]
pub(super) struct Back {
    n: u64,
    came: Came,
}

#[derive(Debug)]
enum Came {
    Over(Result<Reply, Failure>),
    In {
        incoming: Result<Incoming, TransportError>,
        answer_lost: bool,
    },
}

impl Wire {
    /// One exchange, alone.
    pub(super) async fn send_once(&self, request: &Request) -> Result<Reply, Failure> {
        let halted = self.shared.halted.load(Ordering::Relaxed);
        if halted && self.context().by.origin != Origin::Cleanup {
            // Whoever asks is dropped in a moment.
            return std::future::pending().await;
        }
        let _under_way = self.shared.under_way.read().await;
        let begun = self.begin(request).await;
        let back = self.travel(begun).await;
        self.end(request, back)
    }

    /// Gives the request its number, writes it down, and decides whether it goes out.
    pub(super) async fn begin(&self, request: &Request) -> Begun {
        let n = self.shared.options.numbers.fetch_add(1, Ordering::Relaxed);
        let next = self.decide(n, request).await.unwrap_or_else(Next::Over);
        Begun { n, next }
    }

    async fn decide(&self, n: u64, request: &Request) -> Result<Next, Result<Reply, Failure>> {
        let fail = |kind, message: String| {
            Err(Failure {
                exchange: n,
                kind,
                message,
            })
        };
        let credentials = self.credentials().await;
        let shown = credentials.as_ref().ok().and_then(Option::as_ref);
        let headers = self.headers(request, shown);
        self.shared.options.recorder.sent(Sent {
            n,
            by: self.context().by.clone(),
            at: self.millis(),
            waited: u64::try_from(self.clock().skipped().as_millis()).unwrap_or(u64::MAX),
            method: request.method,
            target: self.redact(&format!(
                "{}{}",
                self.shared.beside.as_deref().unwrap_or_default(),
                request.target
            )),
            headers: headers
                .iter()
                .map(|(name, value)| (name, self.redact(value)))
                .collect(),
            body: request.body.as_deref().map(|body| self.redact(body)),
            basis: request.basis.clone(),
            expects: request.expects.clone(),
        });
        if let Err(message) = credentials {
            return Err(fail(FailureKind::Credentials, message));
        }
        let held = self.guard().check(request, self.context().by.origin);
        if let Err(held) = held {
            return Err(fail(FailureKind::Guarded, held.to_string()));
        }
        let trouble = self.next_trouble(request);
        match &trouble {
            Some(Injected::Answer {
                status,
                retry_after,
            }) => {
                return Err(Ok(injected_reply(n, *status, retry_after.as_deref())));
            }
            Some(Injected::TimeOut) => {
                self.clock().skip(self.shared.options.limits.timeout);
                let message = "the story lets this request time out; the target never saw it";
                return Err(fail(FailureKind::Injected, message.to_owned()));
            }
            Some(Injected::AnswerLost) | None => {}
        }
        Ok(Next::Out {
            outgoing: Outgoing {
                method: request.method.as_str(),
                path: format!("{}{}", self.shared.options.base_path, request.target),
                headers,
                body: request.body.clone(),
            },
            answer_lost: trouble == Some(Injected::AnswerLost),
        })
    }

    /// To the target and back.
    pub(super) async fn travel(&self, begun: Begun) -> Back {
        let options = &self.shared.options;
        let came = match begun.next {
            Next::Over(outcome) => Came::Over(outcome),
            Next::Out {
                outgoing,
                answer_lost,
            } => Came::In {
                incoming: options
                    .transport
                    .send(outgoing, options.limits.timeout)
                    .await,
                answer_lost,
            },
        };
        Back { n: begun.n, came }
    }

    /// Reads what came back, learns from it, and writes it down.
    pub(super) fn end(&self, request: &Request, back: Back) -> Result<Reply, Failure> {
        let n = back.n;
        let outcome = match back.came {
            Came::Over(outcome) => outcome,
            Came::In {
                incoming,
                answer_lost,
            } => self.learn(n, request, incoming, answer_lost),
        };
        self.write_down(n, &outcome);
        outcome
    }

    fn learn(
        &self,
        n: u64,
        request: &Request,
        incoming: Result<Incoming, TransportError>,
        answer_lost: bool,
    ) -> Result<Reply, Failure> {
        let fail = |kind, message: String| Failure {
            exchange: n,
            kind,
            message,
        };
        let reply = read(n, incoming.map_err(|e| fail(e.kind, e.message))?);
        let by = &self.context().by;
        self.guard()
            .learn(request, &reply, by.origin, by.subject.as_ref());
        if answer_lost {
            self.clock().skip(self.shared.options.limits.timeout);
            let message = format!(
                "the story loses this answer; the target had answered {}",
                reply.status
            );
            return Err(fail(FailureKind::Injected, message));
        }
        Ok(reply)
    }

    fn write_down(&self, n: u64, outcome: &Result<Reply, Failure>) {
        let recorder = &self.shared.options.recorder;
        match outcome {
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
                        .map(|(name, value)| (name, self.shown_header(name, value)))
                        .collect(),
                    body: self.shown_body(&reply.body.text),
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
    }

    async fn credentials(&self) -> Result<Option<(String, String)>, String> {
        match &self.context().show {
            Show::Right => self.shared.options.authority.header().await,
            Show::None => Ok(None),
            Show::Other(value) => Ok(Some(("Authorization".to_owned(), value.clone()))),
        }
    }

    /// Only the IdP's own requests are disturbed: trouble for the auditor would prove nothing.
    fn next_trouble(&self, request: &Request) -> Option<Injected> {
        if self.context().by.origin != Origin::Idp {
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
        // A neutral client has none of an IdP's constants.
        if !request.headers.is_empty() {
            for (name, value) in self.context().constants.iter() {
                put_constant(&mut headers, name, value.as_deref(), request.body.is_some());
            }
        }
        for (name, value) in &request.beside {
            headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
            headers.push((name.clone(), value.clone()));
        }
        headers
    }

    pub(super) fn redact(&self, text: &str) -> String {
        let [passwords, credentials] = &*self.shared.marked;
        let secrets = [&*self.shared.options.secrets, passwords, credentials];
        let redacted = secrets.into_iter().fold(Cow::from(text), |text, secrets| {
            let secrets = secrets.lock().unwrap_or_else(PoisonError::into_inner);
            secrets.redact(text)
        });
        redacted.into_owned()
    }

    fn millis(&self) -> u64 {
        u64::try_from(self.clock().real().as_millis()).unwrap_or(u64::MAX)
    }
}

/// Gives a header its constant value in its place, or a place before the length of the body; or takes it away. Only what
/// has a body has a type.
fn put_constant(headers: &mut Vec<(String, String)>, name: &str, value: Option<&str>, body: bool) {
    let at = headers
        .iter()
        .position(|(n, _)| n.eq_ignore_ascii_case(name));
    match (at, value) {
        (Some(at), Some(value)) => headers[at] = (name.to_owned(), value.to_owned()),
        (Some(at), None) => {
            headers.remove(at);
        }
        (None, Some(value)) if body || !name.eq_ignore_ascii_case("content-type") => {
            let length = |(n, _): &(String, String)| n == "Content-Length";
            let at = headers.iter().position(length).unwrap_or(headers.len());
            headers.insert(at, (name.to_owned(), value.to_owned()));
        }
        (None, _) => {}
    }
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

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU64;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;

    use futures_util::future::BoxFuture;

    use super::super::tape::Recorder;
    use super::super::transport::Transport;
    use super::super::{Authority, Basis, Clock, Limits, Method, Secrets, WireOptions};
    use super::*;

    /// A target that takes its time to make somebody.
    struct Slow;

    impl Transport for Slow {
        fn send(
            &self,
            _: Outgoing,
            _: Duration,
        ) -> BoxFuture<'_, Result<Incoming, TransportError>> {
            Box::pin(async {
                for _ in 0..20 {
                    tokio::task::yield_now().await;
                }
                Ok(Incoming {
                    status: 201,
                    headers: Vec::new(),
                    body: bytes::Bytes::from_static(br#"{"id":"a1b2c3"}"#),
                })
            })
        }
    }

    impl Recorder for Slow {
        fn sent(&self, _: Sent) {}
        fn answered(&self, _: Answered) {}
        fn failed(&self, _: Failed) {}
    }

    impl Authority for Slow {
        fn header(&self) -> BoxFuture<'_, Result<Option<(String, String)>, String>> {
            Box::pin(async { Ok(None) })
        }
    }

    #[tokio::test]
    async fn what_is_under_way_is_heard_before_a_halt_and_nothing_follows() {
        let options = WireOptions {
            transport: Arc::new(Slow),
            base_path: String::new(),
            host: "scim.example.com".to_owned(),
            authority: Arc::new(Slow),
            recorder: Arc::new(Slow),
            secrets: Arc::new(Mutex::new(Secrets::default())),
            clock: Clock::start(),
            limits: Limits::default(),
            numbers: Arc::new(AtomicU64::new(0)),
        };
        let wire = Wire::new(options, "test", "test");
        let post = || Request::new(Method::Post, "/Users".to_owned(), Basis::inferred("test"));
        let two = async {
            wire.send_once(&post()).await.unwrap();
            wire.send_once(&post()).await.unwrap();
        };
        let halt = async {
            tokio::task::yield_now().await;
            wire.halt().await;
        };
        tokio::select! {
            () = two => panic!("the second request left as well"),
            () = halt => {}
        }
        assert_eq!(wire.guard().owned().count(), 1);
        let cleanup = wire.origin(Origin::Cleanup);
        let delete = Request::new(
            Method::Delete,
            "/Users/a1b2c3".to_owned(),
            Basis::inferred("test"),
        );
        assert!(cleanup.send_once(&delete).await.is_ok());
    }
}
