//! Requests and replies as they stand on the wire, and what is known about them.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fact::Basis;
use crate::scim::Value;

/// An HTTP method that SCIM uses.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Reads.
    Get,
    /// Creates or searches.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Deletes.
    Delete,
}

impl Method {
    /// The method as it is written in a request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether the method may change the target.
    pub fn writes(self) -> bool {
        self != Self::Get
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who sent an exchange, and why.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// The simulated IdP: the sequence under test.
    Idp,
    /// The auditor, who reads state back.
    Audit,
    /// The prober, who sends what no IdP sends, on resources of its own.
    Probe,
    /// The preparation of what a story presupposes at the target.
    Seed,
    /// The clean-up.
    Cleanup,
    /// Nobody: the wire answered in the target's place.
    Injected,
}

/// A header's value, or the place where a value belongs that only the transport knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeaderValue {
    /// The value as it is sent.
    Text(String),
    /// The target's credentials. They never reach a dialect.
    Credentials,
    /// The target's host and port.
    Host,
    /// The number of bytes in the body.
    Length,
}

/// One header. Order and spelling are the sender's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The name, in the sender's spelling.
    pub name: &'static str,
    /// The value.
    pub value: HeaderValue,
}

/// One request, complete but for what only the transport knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// What follows the base URL, as it is sent: path and query, percent-encoded by the sender.
    pub target: String,
    /// The headers in their order. Empty: the neutral set of an RFC client.
    pub headers: Vec<Header>,
    /// What takes the place of headers of the same name, or follows them: a prober's oddities.
    pub beside: Vec<(String, String)>,
    /// The body's text.
    pub body: Option<String>,
    /// Where the knowledge of this request's shape comes from.
    pub basis: Basis,
    /// The errors that the sender reckons with and goes on from.
    pub expects: Vec<u16>,
}

impl Request {
    /// A request without headers and body.
    pub fn new(method: Method, target: impl Into<String>, basis: Basis) -> Self {
        Self {
            method,
            target: target.into(),
            headers: Vec::new(),
            beside: Vec::new(),
            body: None,
            basis,
            expects: Vec::new(),
        }
    }

    /// The same request with that body.
    #[must_use]
    pub fn with_body(mut self, body: &Value) -> Self {
        self.body = Some(body.to_string());
        self
    }

    /// The same request whose sender reckons with those errors.
    #[must_use]
    pub fn expecting(mut self, statuses: impl IntoIterator<Item = u16>) -> Self {
        self.expects.extend(statuses);
        self
    }

    /// The same request with those headers.
    #[must_use]
    pub fn with_headers(mut self, headers: Vec<Header>) -> Self {
        self.headers = headers;
        self
    }
}

/// A reply's body.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Body {
    /// The text; bytes that are not UTF-8 are replaced.
    pub text: String,
    /// The JSON value, where the text is one.
    pub json: Option<Value>,
}

impl Body {
    /// Reads a body from bytes.
    pub fn read(bytes: &[u8]) -> Self {
        Self {
            text: String::from_utf8_lossy(bytes).into_owned(),
            json: Value::from_slice(bytes).ok(),
        }
    }
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The number of the exchange on the tape.
    pub exchange: u64,
    /// The HTTP status.
    pub status: u16,
    /// The headers in their order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
    /// Whether a story's disturbance answered in the target's place.
    pub injected: bool,
}

impl Reply {
    /// Whether the status is 2xx.
    pub fn ok(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The first header of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_str())
    }

    /// The body as JSON, where it is JSON.
    pub fn json(&self) -> Option<&Value> {
        self.body.json.as_ref()
    }

    /// The resource's `id`, where the body has a usable one.
    pub fn id(&self) -> Option<&str> {
        self.json()?.get("id")?.as_str().filter(|id| !id.is_empty())
    }
}

/// Why there is no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// Nobody listens there, or the name does not resolve.
    Unreachable,
    /// TLS could not be set up.
    Tls,
    /// No answer within the time-out.
    TimedOut,
    /// The connection broke before the answer was complete.
    Closed,
    /// The answer is not HTTP, or exceeds a limit.
    Unreadable,
    /// The guard did not let the request out.
    Guarded,
    /// The token request failed.
    Credentials,
    /// A story's disturbance took the answer away.
    Injected,
}

/// A request that got no reply.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// The number of the exchange on the tape.
    pub exchange: u64,
    /// What went wrong.
    pub kind: FailureKind,
    /// A sentence for the person who runs the program.
    pub message: String,
}
