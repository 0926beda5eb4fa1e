//! What the server answers: a status, headers, a body; and refusals, which are SCIM errors (RFC 7644 §3.12).

use axum::body::Body;
use axum::response::Response;
use http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, ETAG, LOCATION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};

use crate::scim::Value;
use crate::scim::message::{self, MEDIA_TYPE, ScimType};

/// An answer on its way out.
#[derive(Debug, Clone)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) status: u16,
    pub(super) scim_type: Option<ScimType>,
    pub(super) detail: String,
}

impl Reply {
    /// An answer without a body.
    pub(super) fn empty(status: u16) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Vec::new(),
        }
    }

    /// An answer with a SCIM body.
    pub(super) fn scim(status: u16, body: Vec<u8>) -> Self {
        let mut reply = Self::empty(status);
        reply
            .headers
            .insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
        reply.body = body;
        reply
    }

    /// An answer with that value as body.
    pub(super) fn value(status: u16, value: &Value) -> Self {
        Self::scim(status, value.to_string().into_bytes())
    }

    /// The answer with one more header; a value that cannot stand in a header is left out.
    pub(super) fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// What is left of the answer for a HEAD: it tells the length of the body that it goes without.
    pub(super) fn without_body(self) -> Self {
        let length = self.body.len().to_string();
        let mut reply = match self.body.is_empty() {
            true => self,
            false => self.with(CONTENT_LENGTH, &length),
        };
        reply.body.clear();
        reply
    }

    pub(super) fn with_location(self, uri: &str) -> Self {
        self.with(LOCATION, uri)
    }

    pub(super) fn with_etag(self, version: &str) -> Self {
        self.with(ETAG, version)
    }

    /// The schemes stand in the challenge (RFC 7644 §2), each in a header of its own.
    pub(super) fn with_challenges(mut self, schemes: &[&'static str]) -> Self {
        for scheme in schemes {
            let value = HeaderValue::from_static(scheme);
            self.headers.append(WWW_AUTHENTICATE, value);
        }
        self
    }

    pub(super) fn not_allowed(method: &str, allowed: &str) -> Self {
        let detail = format!("{method} is not served here; try {allowed}");
        Self::from(Failure::new(405, None, detail)).with(ALLOW, allowed)
    }

    pub(super) fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        *response.headers_mut() = self.headers;
        response
    }
}

impl From<Failure> for Reply {
    fn from(failure: Failure) -> Self {
        let body = message::error(failure.status, failure.scim_type, &failure.detail);
        Self::value(failure.status, &body.into())
    }
}

impl Failure {
    pub(super) fn new(status: u16, scim_type: Option<ScimType>, detail: impl Into<String>) -> Self {
        Self {
            status,
            scim_type,
            detail: detail.into(),
        }
    }

    fn bad(scim_type: ScimType, detail: impl Into<String>) -> Self {
        Self::new(400, Some(scim_type), detail)
    }

    pub(super) fn syntax(detail: impl Into<String>) -> Self {
        Self::bad(ScimType::InvalidSyntax, detail)
    }

    pub(super) fn value(detail: impl Into<String>) -> Self {
        Self::bad(ScimType::InvalidValue, detail)
    }

    pub(super) fn filter(detail: impl Into<String>) -> Self {
        Self::bad(ScimType::InvalidFilter, detail)
    }

    pub(super) fn path(detail: impl Into<String>) -> Self {
        Self::bad(ScimType::InvalidPath, detail)
    }

    pub(super) fn no_target(detail: impl Into<String>) -> Self {
        Self::bad(ScimType::NoTarget, detail)
    }

    pub(super) fn mutability(detail: impl Into<String>) -> Self {
        Self::bad(ScimType::Mutability, detail)
    }

    /// A change of an immutable value.
    pub(super) fn fixed(name: &str) -> Self {
        let detail = format!("`{name}` has a value and can no longer be changed");
        Self::mutability(detail)
    }

    pub(super) fn too_many(detail: impl Into<String>) -> Self {
        Self::bad(ScimType::TooMany, detail)
    }

    pub(super) fn cursor(detail: impl Into<String>) -> Self {
        Self::bad(ScimType::InvalidCursor, detail)
    }

    pub(super) fn uniqueness(detail: impl Into<String>) -> Self {
        Self::new(409, Some(ScimType::Uniqueness), detail)
    }

    pub(super) fn not_found(what: &str) -> Self {
        Self::new(404, None, format!("there is no {what}"))
    }
}
