//! Requests and answers of the whole server, called in process.

mod bulk;
mod custom;
mod decision;
mod discovery;
mod fault;
mod model;
mod patch;
mod persona;
mod product;
mod query;
mod resource;
mod scope;
mod socket;
mod status;
mod tenant;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::body::Body;
use http::{HeaderMap, Method, Request};
use http_body_util::BodyExt;
use jiff::Timestamp;

use super::{Leniency, Server, Settings, Tenant};
use crate::scim::Value;

/// A server with one tenant and a clock that goes on one second with every look.
pub(super) struct Target {
    pub(super) server: Server,
    base: String,
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        Value::parse(&self.text).unwrap_or_else(|e| panic!("{e}: {}", self.text))
    }

    pub(super) fn at(&self, path: &[&str]) -> Option<Value> {
        self.json().at(path).cloned()
    }

    /// A member as text; JSON if it is no text, empty if it is absent.
    pub(super) fn text_at(&self, path: &[&str]) -> String {
        match self.at(path) {
            Some(Value::String(text)) => text,
            Some(other) => other.to_string(),
            None => String::new(),
        }
    }

    pub(super) fn id(&self) -> String {
        self.text_at(&["id"])
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// `status scimType`.
    pub(super) fn error(&self) -> String {
        assert_eq!(
            self.text_at(&["status"]),
            self.status.to_string(),
            "{self:?}"
        );
        format!("{} {}", self.status, self.text_at(&["scimType"]))
            .trim()
            .to_owned()
    }

    /// The userNames or displayNames of a list.
    pub(super) fn names(&self) -> Vec<String> {
        assert_eq!(self.status, 200, "{self:?}");
        let resources = self.at(&["Resources"]).unwrap_or(Value::Array(Vec::new()));
        let name = |r: &Value| {
            let name = r
                .get("userName")
                .or(r.get("displayName"))
                .and_then(Value::as_str);
            name.unwrap_or("?").to_owned()
        };
        resources
            .as_array()
            .unwrap_or_default()
            .iter()
            .map(name)
            .collect()
    }
}

impl Target {
    pub(super) fn new() -> Self {
        Self::with(Leniency::default(), &[])
    }

    pub(super) fn with(leniency: Leniency, faults: &[&str]) -> Self {
        Self::of(Tenant {
            faults: faults.iter().map(|f| f.parse().unwrap()).collect(),
            leniency,
            ..Tenant::default()
        })
    }

    /// A server with that tenant, which is given a name and a token.
    pub(super) fn of(tenant: Tenant) -> Self {
        Self::ticking(tenant, 1)
    }

    /// The same with a clock that stands still.
    pub(super) fn with_still_clock(tenant: Tenant) -> Self {
        Self::ticking(tenant, 0)
    }

    fn ticking(tenant: Tenant, step: i64) -> Self {
        let seconds = AtomicI64::new(1_790_000_000);
        let server = Server::new(Settings {
            clock: Arc::new(move || {
                Timestamp::from_second(seconds.fetch_add(step, Ordering::Relaxed)).unwrap()
            }),
            seed: 7,
            base_url: Some("https://scim.example.com".to_owned()),
            max_body: 1024 * 1024,
            max_page: 50,
            max_bulk: 10,
            max_bulk_bytes: 20_000,
            ..Settings::default()
        });
        let info = server
            .tenant(Tenant {
                name: "t1".to_owned(),
                token: "tok".to_owned(),
                ..tenant
            })
            .unwrap();
        Self {
            server,
            base: info.base_path,
        }
    }

    /// A second customer of the same server, with the same token.
    pub(super) fn beside(&self, name: &str) -> Self {
        let server = self.server.clone();
        let tenant = Tenant {
            name: name.to_owned(),
            token: "tok".to_owned(),
            ..Tenant::default()
        };
        let base = server.tenant(tenant).unwrap().base_path;
        Self { server, base }
    }

    /// A request with the right token; the path is below the service root.
    pub(super) async fn call(&self, method: &str, path: &str, body: &str) -> Answer {
        self.send(method, path, body, &[("authorization", "Bearer tok")])
            .await
    }

    pub(super) async fn send(
        &self,
        method: &str,
        path: &str,
        body: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        let uri = format!("{}{path}", self.base);
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let mut request = Request::builder().method(method).uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = self.server.respond(request).await;
        let (head, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            text: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        self.call("GET", path, "").await
    }

    /// Creates a user of that name and returns its id.
    pub(super) async fn user(&self, name: &str) -> String {
        let body = format!(r#"{{"schemas":["{USER}"],"userName":"{name}"}}"#);
        let answer = self.call("POST", "/Users", &body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.id()
    }

    /// Creates a group with those members and returns its id.
    pub(super) async fn group(&self, name: &str, members: &[&str]) -> String {
        let members: Vec<String> = members
            .iter()
            .map(|m| format!(r#"{{"value":"{m}"}}"#))
            .collect();
        let members = members.join(",");
        let body =
            format!(r#"{{"schemas":["{GROUP}"],"displayName":"{name}","members":[{members}]}}"#);
        let answer = self.call("POST", "/Groups", &body).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.id()
    }

    /// A PATCH of those operations.
    pub(super) async fn patch(&self, path: &str, operations: &str) -> Answer {
        let body = format!(r#"{{"schemas":["{PATCH}"],"Operations":[{operations}]}}"#);
        self.call("PATCH", path, &body).await
    }

    /// Who is in a group, by name, in order.
    pub(super) async fn members(&self, group: &str) -> Vec<String> {
        let answer = self
            .get(&format!("/Groups/{group}?attributes=members.display"))
            .await;
        let members = answer.at(&["members"]).unwrap_or(Value::Array(Vec::new()));
        let display = |m: &Value| m.get("display").and_then(Value::as_str).map(str::to_owned);
        members
            .as_array()
            .unwrap_or_default()
            .iter()
            .filter_map(display)
            .collect()
    }
}

pub(super) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(super) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub(super) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub(super) const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
