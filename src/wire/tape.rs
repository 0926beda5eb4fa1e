//! The three lines that an exchange leaves on the tape, and who takes them.
//!
//! The tape as a file has more kinds of lines (what was promised, what was observed); those are the run's. The wire knows
//! only that somebody records.

use serde::{Deserialize, Serialize};

use super::{Basis, FailureKind, Headers, Method, Origin};
use crate::directory::{Place, Subject};

/// A request, written before the socket is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The exchange's number, unique on the tape.
    pub n: u64,
    /// Who sent it, and in which story.
    #[serde(flatten)]
    pub by: By,
    /// Milliseconds since the run began, in real time.
    pub at: u64,
    /// Milliseconds of virtual waiting before this moment.
    pub waited: u64,
    /// The method.
    pub method: Method,
    /// Path and query behind the base URL.
    pub target: String,
    /// The headers as they are sent, secrets marked.
    pub headers: Headers,
    /// The body, secrets marked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Where the knowledge of the request's shape comes from.
    pub basis: Basis,
    /// The errors that the IdP reckons with and goes on from: they are no refusal.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub expects: Vec<u16>,
}

/// Whose exchange it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct By {
    /// Who sent it.
    pub origin: Origin,
    /// The variant that is simulated, or `rfc` for the prober.
    pub idp: String,
    /// The story.
    pub scenario: String,
    /// The step of the story, counted from 0; `None` before the first and after the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<usize>,
    /// The IdP's job, such as `create user`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub job: String,
    /// Whom or what the job is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// Whether it goes to the second customer's tenant, with that customer's credentials.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub other_tenant: bool,
    /// The requirements that a probe's exchange is to be judged by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub judges: Vec<String>,
    /// What a vendor's own test demands of the answer to a probe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demand: Option<Demand>,
}

/// What a vendor's own test demands of one answer. It is the vendor's demand and not the protocol's: a target may break it
/// and follow the RFCs all the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Demand {
    /// The vendor's name for the step.
    pub test: String,
    /// The statuses that it accepts; any success where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<u16>,
    /// How many results a list must have.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub results: Option<i64>,
    /// The values that the resource, or the first of a list, must have, each by its place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub has: Vec<(Place, serde_json::Value)>,
    /// The places that must hold nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<Place>,
}

/// A complete answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// The exchange's number.
    pub n: u64,
    /// Milliseconds since the run began, in real time.
    pub at: u64,
    /// Whether a story's disturbance answered in the target's place.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub injected: bool,
    /// The HTTP status.
    pub status: u16,
    /// The headers, secrets marked.
    pub headers: Headers,
    /// The body, secrets marked.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
}

/// No answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failed {
    /// The exchange's number.
    pub n: u64,
    /// Milliseconds since the run began, in real time.
    pub at: u64,
    /// What went wrong.
    pub kind: FailureKind,
    /// What went wrong, as a sentence.
    pub message: String,
}

/// Takes what happens on the wire, in order.
pub trait Recorder: Send + Sync {
    /// A request is about to be written to the socket; it must be safe when this returns.
    fn sent(&self, line: Sent);
    /// An answer came.
    fn answered(&self, line: Answered);
    /// No answer came.
    fn failed(&self, line: Failed);
}
