//! Exchanges as a report shows them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fact::Confidence;
use crate::wire::{FailureKind, Method, Origin};

/// One request and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Exchange {
    /// Its number on the tape.
    pub n: u64,
    /// Who sent it.
    pub origin: Origin,
    /// The variant that was simulated, or `rfc` for the prober.
    pub idp: String,
    /// The story.
    pub scenario: String,
    /// The step of the story, counted from 0; none before the first and after the last.
    #[serde(default)]
    pub step: Option<usize>,
    /// The IdP's job, such as `create user`.
    #[serde(default)]
    pub job: Option<String>,
    /// Whether it went to the second customer's tenant.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub other_tenant: bool,
    /// How long the target took.
    pub milliseconds: f64,
    /// The request.
    pub request: ExchangeRequest,
    /// The answer, if one came.
    #[serde(default)]
    pub response: Option<ExchangeResponse>,
    /// Why no answer came.
    #[serde(default)]
    pub failure: Option<ExchangeFailure>,
    /// Whether a story's disturbance answered in the target's place.
    #[serde(default)]
    pub injected: bool,
    /// Where the knowledge of the request's shape comes from, such as `okta/8.3`.
    #[serde(default)]
    pub basis: Option<String>,
    /// How sure it is that the IdP sends this.
    #[serde(default)]
    pub confidence: Option<Confidence>,
}

/// A request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExchangeRequest {
    /// The method.
    pub method: Method,
    /// The whole URL.
    pub url: String,
    /// What follows the base URL: path and query.
    pub path: String,
    /// The headers in their order, secrets marked.
    pub headers: Vec<(String, String)>,
    /// The body, secrets marked.
    #[serde(default)]
    pub body: Option<Body>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExchangeResponse {
    /// The HTTP status.
    pub status: u16,
    /// The headers in their order, secrets marked.
    pub headers: Vec<(String, String)>,
    /// The body, secrets marked.
    #[serde(default)]
    pub body: Option<Body>,
}

/// A body.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Body {
    /// Its text.
    pub text: String,
}

/// Why no answer came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExchangeFailure {
    /// What went wrong.
    pub kind: FailureKind,
    /// What went wrong, as a sentence.
    pub message: String,
}
