//! Entra's requests: targets, encoding and headers (entra/1). Bodies are made elsewhere.

use super::settings::{Settings, VersionHeader};
use crate::idp::Encoding;
use crate::scim::Value;
use crate::wire::{Basis, Header, HeaderValue, Method, Request, ResourceKind};

/// Writes requests as one job sends them during one cycle.
#[derive(Clone, Debug)]
pub(super) struct Writer {
    forward_flag: bool,
    version: Option<String>,
    agent: Option<&'static str>,
}

/// What a gallery connector calls itself (corrections/EN-9).
const GALLERY_AGENT: &str = "Microsoft Azure AD SCIM provisioning 1.0.0";

impl Writer {
    /// A writer for the cycle that starts at that moment and has that activity id.
    pub(super) fn new(settings: &Settings, date: jiff::Timestamp, activity: &str) -> Self {
        let version = match settings.version_header {
            VersionHeader::DateAndActivity => Some(format!("Date:{date}, ActivityId:{activity}")),
            VersionHeader::Number => Some("5.0".to_owned()),
            VersionHeader::Absent => None,
        };
        Self {
            forward_flag: settings.forward_flag,
            version,
            agent: settings.gallery_user_agent.then_some(GALLERY_AGENT),
        }
    }

    /// The users that a filter selects.
    pub(super) fn find_users(&self, filter: &str, basis: Basis) -> Request {
        let target = Encoding::Form.query("/Users", &[("filter", filter)]);
        self.get(target, basis)
    }

    /// The groups that a filter selects, without their members. `excludedAttributes` comes first (entra/6.1/1).
    pub(super) fn find_groups(&self, filter: &str, basis: Basis) -> Request {
        let parameters = [("excludedAttributes", "members"), ("filter", filter)];
        let target = Encoding::Form.query("/Groups", &parameters);
        self.get(target, basis)
    }

    /// The ids of what satisfies a filter on two attributes (entra/6.4, entra/7.1).
    pub(super) fn check(&self, kind: ResourceKind, filter: &str, basis: Basis) -> Request {
        let parameters = [("filter", filter), ("attributes", "id")];
        let target = Encoding::Form.query(kind.path(), &parameters);
        self.get(target, basis)
    }

    /// A linked object: a user (entra/3.5/2), or a group without its members (entra/6.1/2).
    pub(super) fn read(&self, kind: ResourceKind, id: &str) -> Request {
        let target = kind.path_of(id);
        match kind {
            ResourceKind::User => self.get(target, Basis::documented("entra/3.5/2")),
            ResourceKind::Group => {
                let target = target + "?excludedAttributes=members";
                self.get(target, Basis::documented("entra/6.1/2"))
            }
        }
    }

    /// A POST to a collection.
    pub(super) fn create(&self, kind: ResourceKind, body: &Value, basis: Basis) -> Request {
        let request = Request::new(Method::Post, self.flagged(kind.path().to_owned()), basis);
        self.with_body(request, body)
    }

    /// A PATCH.
    pub(super) fn patch(
        &self,
        kind: ResourceKind,
        id: &str,
        body: &Value,
        basis: Basis,
    ) -> Request {
        let request = Request::new(Method::Patch, self.flagged(kind.path_of(id)), basis);
        self.with_body(request, body)
    }

    /// A DELETE.
    pub(super) fn delete(&self, kind: ResourceKind, id: &str, basis: Basis) -> Request {
        let target = self.flagged(kind.path_of(id));
        Request::new(Method::Delete, target, basis).with_headers(self.headers(false))
    }

    fn get(&self, target: String, basis: Basis) -> Request {
        let target = self.flagged(target);
        Request::new(Method::Get, target, basis).with_headers(self.headers(false))
    }

    fn with_body(&self, request: Request, body: &Value) -> Request {
        request.with_headers(self.headers(true)).with_body(body)
    }

    fn flagged(&self, target: String) -> String {
        match (self.forward_flag, target.contains('?')) {
            (false, _) => target,
            (true, true) => target + "&aadOptscim062020",
            (true, false) => target + "?aadOptscim062020",
        }
    }

    /// There is no `User-Agent` as a rule and no `Accept`, and `Content-Type` only beside a body (entra/1/11 to entra/1/16).
    fn headers(&self, body: bool) -> Vec<Header> {
        let header = |name, value| Header { name, value };
        let mut headers = vec![
            header("Host", HeaderValue::Host),
            header("Authorization", HeaderValue::Credentials),
        ];
        if let Some(version) = &self.version {
            headers.push(header("ADSCIMVersion", HeaderValue::Text(version.clone())));
        }
        if let Some(agent) = self.agent {
            headers.push(header("User-Agent", HeaderValue::Text(agent.to_owned())));
        }
        if body {
            let media_type = "application/scim+json; charset=utf-8".to_owned();
            headers.push(header("Content-Type", HeaderValue::Text(media_type)));
            headers.push(header("Content-Length", HeaderValue::Length));
        }
        headers
    }
}
