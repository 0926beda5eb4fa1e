//! JumpCloud's requests: targets and headers (jumpcloud/2.1, jumpcloud/6).

use super::settings::Settings;
use crate::idp::equals;
use crate::scim::Value;
use crate::wire::{Basis, Header, HeaderValue, Method, Request, ResourceKind};

/// The lookup of a person (jumpcloud/3/2).
pub(super) fn find_user(name: &str, basis: Basis, settings: &Settings) -> Request {
    find(ResourceKind::User, "userName", name, basis, settings)
}

/// The lookup of a group.
pub(super) fn find_group(name: &str, basis: Basis, settings: &Settings) -> Request {
    find(ResourceKind::Group, "displayName", name, basis, settings)
}

fn find(
    kind: ResourceKind,
    attribute: &str,
    value: &str,
    basis: Basis,
    settings: &Settings,
) -> Request {
    let filter = equals(attribute, value);
    let parameters = [("filter", filter.as_str())];
    get(
        settings.encoding.query(kind.path(), &parameters),
        basis,
        settings,
    )
}

/// The list that the connection test reads.
pub(super) fn list(kind: ResourceKind, basis: Basis, settings: &Settings) -> Request {
    let size = settings.page_size.to_string();
    let target = match settings.test_pages {
        false => kind.path().to_owned(),
        true => settings
            .encoding
            .query(kind.path(), &[("startIndex", "1"), ("count", &size)]),
    };
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
    Request::new(Method::Put, ResourceKind::User.path_of(id), basis)
        .with_headers(headers(true, settings))
        .with_body(body)
}

/// A PATCH.
pub(super) fn patch(
    kind: ResourceKind,
    id: &str,
    body: &Value,
    basis: Basis,
    settings: &Settings,
) -> Request {
    Request::new(Method::Patch, kind.path_of(id), basis)
        .with_headers(headers(true, settings))
        .with_body(body)
}

/// A DELETE.
pub(super) fn delete(kind: ResourceKind, id: &str, basis: Basis, settings: &Settings) -> Request {
    Request::new(Method::Delete, kind.path_of(id), basis).with_headers(headers(false, settings))
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
