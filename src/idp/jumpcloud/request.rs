//! JumpCloud's requests: targets and headers (jumpcloud/2.1, jumpcloud/6).

use super::settings::Settings;
use crate::idp::resource;
use crate::scim::Value;
use crate::wire::{Basis, Header, HeaderValue, Method, Request, ResourceKind};

/// A list that a filter narrows down.
pub(super) fn find(kind: ResourceKind, filter: &str, basis: Basis, settings: &Settings) -> Request {
    let target = settings.encoding.query(kind.path(), &[("filter", filter)]);
    get(target, basis, settings)
}

/// A GET.
pub(super) fn get(target: String, basis: Basis, settings: &Settings) -> Request {
    Request::new(Method::Get, target, basis).with_headers(headers(false, settings))
}

/// A POST to a collection.
pub(super) fn post(kind: ResourceKind, body: &Value, basis: Basis, settings: &Settings) -> Request {
    Request::new(Method::Post, kind.path(), basis)
        .with_headers(headers(true, settings))
        .with_body(body)
}

/// A PUT of a user.
pub(super) fn put(id: &str, body: &Value, basis: Basis, settings: &Settings) -> Request {
    Request::new(Method::Put, resource(ResourceKind::User, id), basis)
        .with_headers(headers(true, settings))
        .with_body(body)
}

/// A PATCH of a group.
pub(super) fn patch(id: &str, body: &Value, basis: Basis, settings: &Settings) -> Request {
    Request::new(Method::Patch, resource(ResourceKind::Group, id), basis)
        .with_headers(headers(true, settings))
        .with_body(body)
}

/// A DELETE.
pub(super) fn delete(kind: ResourceKind, id: &str, basis: Basis, settings: &Settings) -> Request {
    Request::new(Method::Delete, resource(kind, id), basis).with_headers(headers(false, settings))
}

fn headers(body: bool, settings: &Settings) -> Vec<Header> {
    let header = |name, value| Header { name, value };
    let mut headers = vec![header("Host", HeaderValue::Host)];
    if let Some(agent) = &settings.user_agent {
        headers.push(header("User-Agent", HeaderValue::Text(agent.clone())));
    }
    headers.push(header("Authorization", HeaderValue::Credentials));
    if body {
        let media_type = HeaderValue::Text(settings.content_type.clone());
        headers.push(header("Content-Type", media_type));
        headers.push(header("Content-Length", HeaderValue::Length));
    }
    headers
}
