//! The headers of Okta's cloud client, in the order of its raw dumps (`okta/1.1`).

use crate::scim::Value;
use crate::wire::{Basis, Header, HeaderValue, Method, Request};

/// A request without a body.
pub(super) fn bare(method: Method, target: String, basis: Basis) -> Request {
    Request::new(method, target, basis).with_headers(headers(false))
}

/// A request with a body.
pub(super) fn with_body(method: Method, target: String, body: &Value, basis: Basis) -> Request {
    Request::new(method, target, basis)
        .with_headers(headers(true))
        .with_body(body)
}

fn headers(body: bool) -> Vec<Header> {
    let text = |name, value: &str| {
        let value = HeaderValue::Text(value.to_owned());
        Some(Header { name, value })
    };
    let slot = |name, value| Some(Header { name, value });
    // A captured GET has no Content-Type (`okta/1.1/5`); whether a DELETE still has one, as in 2018, is not known.
    let content_type = text("Content-Type", "application/scim+json; charset=utf-8");
    let length = slot("Content-Length", HeaderValue::Length);
    [
        text("Accept", "application/scim+json"),
        text("Accept-Charset", "utf-8"),
        content_type.filter(|_| body),
        text("User-Agent", "Okta SCIM Client 1.0.0"),
        slot("Authorization", HeaderValue::Credentials),
        length.filter(|_| body),
        slot("Host", HeaderValue::Host),
        text("Connection", "Keep-Alive"),
        text("Accept-Encoding", "gzip,deflate"),
    ]
    .into_iter()
    .flatten()
    .collect()
}
