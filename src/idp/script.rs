//! A target that answers as a test says, and remembers what reached it.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::wire::tape::{Answered, Failed, Recorder, Sent};
use crate::wire::transport::{Incoming, Outgoing, Transport, TransportError};
use crate::wire::{Authority, Clock, FailureKind, Limits, Secrets, Wire, WireOptions};

/// What the target does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// It answers with that status and body.
    Answer(u16, String),
    /// It answers with that status, one header and no body.
    Header(u16, &'static str, String),
    /// No answer comes.
    Fail(FailureKind),
}

type Decide = dyn FnMut(&Outgoing) -> Act + Send;

/// The target, its memory and the tape.
pub(crate) struct Script {
    decide: Mutex<Box<Decide>>,
    sent: Mutex<Vec<Outgoing>>,
    tape: Mutex<Vec<Sent>>,
}

impl Script {
    /// A target that takes each answer from that function.
    pub(crate) fn answering(decide: impl FnMut(&Outgoing) -> Act + Send + 'static) -> Arc<Self> {
        Arc::new(Self {
            decide: Mutex::new(Box::new(decide)),
            sent: Mutex::default(),
            tape: Mutex::default(),
        })
    }

    /// A target that gives those answers in that order, and then breaks every connection.
    pub(crate) fn new(answers: impl IntoIterator<Item = Act>) -> Arc<Self> {
        let mut answers: VecDeque<Act> = answers.into_iter().collect();
        Self::answering(move |_| {
            answers
                .pop_front()
                .unwrap_or(Act::Fail(FailureKind::Closed))
        })
    }

    /// A wire to this target at `https://scim.example.com`, with the bearer token `token`.
    pub(crate) fn wire(self: &Arc<Self>, idp: &str) -> Wire {
        wire(Arc::clone(self) as Arc<dyn Transport>, self.clone(), idp)
    }

    /// What reached the target so far, which then forgets it.
    pub(crate) fn take(&self) -> Vec<Outgoing> {
        std::mem::take(&mut *self.sent.lock().unwrap())
    }

    /// Method and target of what reached the target so far, which then forgets it.
    pub(crate) fn lines(&self) -> Vec<String> {
        let sent = self.take();
        sent.iter()
            .map(|r| format!("{} {}", r.method, r.path))
            .collect()
    }

    /// What was written to the tape so far.
    pub(crate) fn tape(&self) -> Vec<Sent> {
        self.tape.lock().unwrap().clone()
    }
}

/// A request as raw text: request line, headers in their order, a blank line, the body and the end of its line.
pub(crate) fn raw(request: &Outgoing) -> String {
    let mut text = format!("{} {} HTTP/1.1\n", request.method, request.path);
    for (name, value) in &request.headers {
        writeln!(text, "{name}: {value}").unwrap();
    }
    if let Some(body) = &request.body {
        writeln!(text, "\n{body}").unwrap();
    }
    text
}

/// A conversation as a fixture holds it: requests as raw text, each with the answer that it gets.
///
/// Exchanges are parted by lines that begin with `### `; in each, a line `HTTP/1.1 STATUS` ends the request and begins the
/// answer, whose body follows on the next line, if there is one.
pub(crate) fn conversation(fixture: &str) -> Vec<(String, Act)> {
    let mut exchanges = Vec::new();
    for block in fixture.split("\n### ").skip(1) {
        let (_, block) = block.split_once('\n').unwrap();
        let (request, answer) = block.split_once("\nHTTP/1.1 ").unwrap();
        let (status, body) = answer.split_once('\n').unwrap();
        let status = status.trim().parse().unwrap();
        let answer = Act::Answer(status, body.trim().to_owned());
        exchanges.push((request.to_owned(), answer));
    }
    exchanges
}

/// A wire over that transport, written to that tape.
pub(crate) fn wire(transport: Arc<dyn Transport>, recorder: Arc<dyn Recorder>, idp: &str) -> Wire {
    let options = WireOptions {
        transport,
        base_path: String::new(),
        host: "scim.example.com".to_owned(),
        authority: Arc::new(Token),
        recorder,
        secrets: Arc::new(Mutex::new(Secrets::default())),
        clock: Clock::start(),
        limits: Limits {
            timeout: Duration::from_secs(5),
            max_wait: Duration::from_secs(1),
        },
        numbers: Arc::new(AtomicU64::new(0)),
    };
    Wire::new(options, idp, "test")
}

struct Token;

impl Authority for Token {
    fn header(&self) -> BoxFuture<'_, Result<Option<(String, String)>, String>> {
        let header = ("Authorization".to_owned(), "Bearer token".to_owned());
        Box::pin(async { Ok(Some(header)) })
    }
}

impl Transport for Script {
    fn send(
        &self,
        request: Outgoing,
        _: Duration,
    ) -> BoxFuture<'_, Result<Incoming, TransportError>> {
        let act = (self.decide.lock().unwrap())(&request);
        self.sent.lock().unwrap().push(request);
        Box::pin(async move {
            let (status, headers, body) = match act {
                Act::Answer(status, body) => (status, Vec::new(), body),
                Act::Header(status, name, value) => {
                    (status, vec![(name.to_owned(), value)], String::new())
                }
                Act::Fail(kind) => {
                    return Err(TransportError {
                        kind,
                        message: format!("the test fails it: {kind:?}"),
                    });
                }
            };
            Ok(Incoming {
                status,
                headers,
                body: body.into(),
            })
        })
    }
}

impl Recorder for Script {
    fn sent(&self, line: Sent) {
        self.tape.lock().unwrap().push(line);
    }

    fn answered(&self, _: Answered) {}

    fn failed(&self, _: Failed) {}
}

#[tokio::test]
async fn a_script_answers_in_order_and_remembers_what_reached_it() {
    use crate::wire::{Basis, Method, Request};
    let fixture = "# A comment.\n### 1\nGET /Users HTTP/1.1\nHost: scim.example.com\nAuthorization: Bearer token\n\nHTTP/1.1 200\n{}\n";
    let exchanges = conversation(fixture);
    let answers = exchanges.iter().map(|(_, act)| act.clone());
    let throttled = Act::Header(429, "Retry-After", "1".to_owned());
    let script = Script::new(answers.chain([throttled]));
    let wire = script.wire("okta/custom-app");
    let request = || Request::new(Method::Get, "/Users", Basis::documented("okta/9.1"));
    assert_eq!(wire.send(request()).await.map(|r| r.status), Ok(200));
    let sent = script.take();
    let headers = &sent[0].headers;
    assert_eq!(
        headers[0],
        ("Host".to_owned(), "scim.example.com".to_owned())
    );
    assert!(raw(&sent[0]).starts_with(exchanges[0].0.lines().next().unwrap()));
    assert_eq!(wire.send(request()).await.map(|r| r.status), Ok(429));
    let kind = wire.send(request()).await.map_err(|f| f.kind);
    assert_eq!(kind, Err(FailureKind::Closed));
    assert_eq!(script.lines(), ["GET /Users", "GET /Users"]);
    assert_eq!(script.tape().len(), 3);
}
