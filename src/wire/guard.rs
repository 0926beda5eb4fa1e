//! The guard below every dialect: nothing that this run did not make is ever written to.
//!
//! A PUT, PATCH or DELETE to an id that the run neither created nor seeded does not leave the machine. That the IdP
//! would now have written to a stranger's record is a finding, and the record is safe.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::exposed::Exposed;
use super::{Method, Origin, Reply, Request};
use crate::directory::Subject;
use crate::scim::{Object, Value};

/// Which collection a resource lives in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResourceKind {
    /// `/Users`.
    User,
    /// `/Groups`.
    Group,
}

impl ResourceKind {
    /// The collection's path.
    pub fn path(self) -> &'static str {
        match self {
            Self::User => "/Users",
            Self::Group => "/Groups",
        }
    }
}

/// A resource at the target that this run made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owned {
    /// Which collection it lives in.
    pub kind: ResourceKind,
    /// Its id at the target.
    pub id: String,
    /// About whom the job was that made it.
    pub subject: Option<Subject>,
    /// Who made it.
    pub origin: Origin,
    /// Whether the target acknowledged a DELETE of it.
    pub deleted: bool,
}

impl Owned {
    /// The path of the resource behind the base URL.
    pub fn path(&self) -> String {
        self.kind.path_of(&self.id)
    }
}

/// What this run may write to.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    owned: BTreeMap<(ResourceKind, String), Owned>,
    order: Vec<(ResourceKind, String)>,
    /// What this run made in another tenant, which only a probe tries to change from here.
    exposed: BTreeMap<(ResourceKind, String), Exposed>,
}

/// Why the guard holds a request back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Held {
    /// The id cannot be put into a path.
    #[error(
        "the target's id {0:?} cannot stand in a URL path: an id must be a non-empty text other than `.` and `..`, without control characters"
    )]
    Id(String),
    /// The resource is somebody else's.
    #[error(
        "{method} {target} would have changed a record that this run did not make; it was not sent"
    )]
    Stranger {
        /// The method.
        method: Method,
        /// The path.
        target: String,
    },
    /// An operation of a bulk request is about a resource of somebody else's.
    #[error(
        "the bulk request holds {method} {path}, which would have changed a record that this run did not make; it was not sent"
    )]
    Operation {
        /// The operation's method.
        method: String,
        /// The operation's path.
        path: String,
    },
}

impl Held {
    fn stranger(request: &Request) -> Self {
        Self::Stranger {
            method: request.method,
            target: request.target.clone(),
        }
    }
}

impl Guard {
    /// Whether that request may leave the machine.
    pub(super) fn check(&self, request: &Request, origin: Origin) -> Result<(), Held> {
        let mut named = self.named_in(request);
        if request.method.writes() && !named.all(|(id, exposed)| exposed.harms_nobody(id)) {
            return Err(Held::stranger(request));
        }
        if is_bulk(request) {
            return self.check_bulk(request);
        }
        let Some((kind, id)) = split(&request.target) else {
            return Ok(());
        };
        if id.is_empty() || id == "." || id == ".." || id.chars().any(char::is_control) {
            return Err(Held::Id(id));
        }
        let changes = matches!(request.method, Method::Put | Method::Patch | Method::Delete);
        let key = (kind, id);
        if !changes || self.owned.contains_key(&key) {
            return Ok(());
        }
        let exposed = self.exposed.get(&key);
        let exposed = exposed.filter(|_| origin == Origin::Probe);
        if exposed.is_some_and(|exposed| exposed.harms_nobody(&key.1)) {
            return Ok(());
        }
        Err(Held::stranger(request))
    }

    /// Takes in what this run made in another tenant under that name: a probe may try to change it from here, once a GET of
    /// its id has shown that nobody else has that id here.
    pub fn expose(&mut self, kind: ResourceKind, id: &str, name: &str) {
        let key = (kind, id.to_owned());
        let exposed = self.exposed.entry(key);
        exposed.or_insert_with(|| Exposed::new(name));
    }

    /// Whether that request is about what this run made in another tenant.
    pub fn is_exposed(&self, request: &Request) -> bool {
        split(&request.target).is_some_and(|key| self.exposed.contains_key(&key))
            || self.named_in(request).next().is_some()
    }

    /// What the request's body names of what this run made in another tenant, such as a group's new member.
    fn named_in<'a>(
        &'a self,
        request: &'a Request,
    ) -> impl Iterator<Item = (&'a str, &'a Exposed)> {
        let body = request.body.as_deref().unwrap_or_default();
        let named = |id: &str| body.contains(&format!("\"{id}\""));
        let exposed = self.exposed.iter().map(|((_, id), e)| (id.as_str(), e));
        exposed.filter(move |(id, _)| named(id))
    }

    /// Whether every operation of a bulk request writes to what this run made, or makes something.
    fn check_bulk(&self, request: &Request) -> Result<(), Held> {
        for (method, path) in operations(request) {
            let own = |key: &(ResourceKind, String)| {
                // What an earlier operation of the same request makes is ours (RFC 7644 §3.7.2).
                self.owned.contains_key(key) || key.1.starts_with("bulkId:")
            };
            let creates = method.eq_ignore_ascii_case("post");
            if !creates && split(&path).filter(own).is_none() {
                return Err(Held::Operation { method, path });
            }
        }
        Ok(())
    }

    /// Remembers what the reply to that request says was made or unmade.
    pub(super) fn learn(
        &mut self,
        request: &Request,
        reply: &Reply,
        origin: Origin,
        subject: Option<&Subject>,
    ) {
        if is_bulk(request) {
            return self.learn_bulk(reply, origin);
        }
        match (request.method, reply.status) {
            // Ours is what our POST was answered with 201 for. Whoever answers 200 may have handed out somebody else's.
            (Method::Post, 201) => {
                let path = request.target.split('?').next().unwrap_or_default();
                let kind = match path {
                    "/Users" => ResourceKind::User,
                    "/Groups" => ResourceKind::Group,
                    _ => return,
                };
                if let Some(id) = reply
                    .id()
                    .map(str::to_owned)
                    .or_else(|| located(reply, kind))
                {
                    self.own(kind, id, origin, subject.cloned());
                }
            }
            (Method::Get, status) => {
                if let Some(exposed) =
                    split(&request.target).and_then(|key| self.exposed.get_mut(&key))
                {
                    exposed.learn(status, reply);
                }
            }
            // Whatever a probe's PUT put there is this run's, whether it is the other tenant's or a new one.
            (Method::Put, 200..=299) => {
                if let Some((kind, id)) =
                    split(&request.target).filter(|key| self.exposed.contains_key(key))
                {
                    self.own(kind, id, origin, subject.cloned());
                }
            }
            (Method::Delete, 200..=299) => {
                if let Some(owned) = split(&request.target).and_then(|key| self.owned.get_mut(&key))
                {
                    owned.deleted = true;
                }
            }
            _ => {}
        }
    }

    /// Remembers what the operations of a bulk request made and unmade, by the places that the reply names.
    fn learn_bulk(&mut self, reply: &Reply, origin: Origin) {
        let results = reply.json().and_then(|body| body.get("Operations"));
        for result in results.and_then(Value::as_array).unwrap_or_default() {
            let text = |name| result.get(name).and_then(Value::as_str);
            let code = result.at(&["status", "code"]).or(result.get("status"));
            let code = code.and_then(|code| match code {
                Value::String(code) => code.parse().ok(),
                other => other.as_i64(),
            });
            let place = text("location").and_then(resource);
            match (text("method").unwrap_or_default(), code, place) {
                (method, Some(201), Some((kind, id))) if method.eq_ignore_ascii_case("post") => {
                    self.own(kind, id, origin, None);
                }
                (method, Some(200..=299), Some(key)) if method.eq_ignore_ascii_case("delete") => {
                    if let Some(owned) = self.owned.get_mut(&key) {
                        owned.deleted = true;
                    }
                }
                _ => {}
            }
        }
    }

    fn own(&mut self, kind: ResourceKind, id: String, origin: Origin, subject: Option<Subject>) {
        let key = (kind, id.clone());
        let owned = Owned {
            kind,
            id,
            subject,
            origin,
            deleted: false,
        };
        if self.owned.insert(key.clone(), owned).is_none() {
            self.order.push(key);
        }
    }

    /// Takes in a resource that an earlier run made.
    pub(crate) fn adopt(&mut self, owned: Owned) {
        self.own(owned.kind, owned.id, owned.origin, owned.subject);
    }

    /// What this run made, in the order in which it was made.
    pub fn owned(&self) -> impl DoubleEndedIterator<Item = &Owned> {
        self.order.iter().filter_map(|key| self.owned.get(key))
    }

    /// The resource that stands for that subject: the newest that still exists, else the newest.
    pub fn of(&self, subject: &Subject) -> Option<&Owned> {
        let mine = |owned: &&Owned| owned.subject.as_ref() == Some(subject);
        let living = self.owned().rev().filter(mine).find(|owned| !owned.deleted);
        living.or_else(|| self.owned().rev().find(mine))
    }

    /// The record of one resource, if this run made it.
    pub fn get(&self, kind: ResourceKind, id: &str) -> Option<&Owned> {
        self.owned.get(&(kind, id.to_owned()))
    }
}

/// Whether it is a request of several writes in one (RFC 7644 §3.7).
fn is_bulk(request: &Request) -> bool {
    let path = request.target.split(['?', '#']).next().unwrap_or_default();
    path.trim_matches('/').eq_ignore_ascii_case("bulk")
}

/// Method and path of each operation in a bulk request. A target may read names in any case, so this does.
fn operations(request: &Request) -> Vec<(String, String)> {
    let body = request.body.as_deref().unwrap_or_default();
    let Ok(Value::Object(body)) = Value::parse(body) else {
        // What is no object holds no operations for anybody.
        return Vec::new();
    };
    let text = |operation: &Value, wanted: &str| {
        let members = operation.as_object().into_iter().flat_map(Object::iter);
        let mut named = members.filter(|(name, _)| name.eq_ignore_ascii_case(wanted));
        let found = named.find_map(|(_, value)| value.as_str());
        found.unwrap_or_default().to_owned()
    };
    body.iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("operations"))
        .filter_map(|(_, value)| value.as_array())
        .flatten()
        .map(|operation| {
            let path = text(operation, "path");
            let path = format!("/{}", path.trim_start_matches('/'));
            (text(operation, "method"), path)
        })
        .collect()
}

/// The collection and the id that a URI of a resource ends in.
fn resource(uri: &str) -> Option<(ResourceKind, String)> {
    let kinds = [ResourceKind::User, ResourceKind::Group];
    kinds.into_iter().find_map(|kind| {
        let (_, tail) = uri.rsplit_once(&format!("{}/", kind.path()))?;
        split(&format!("{}/{tail}", kind.path()))
    })
}

/// The id that a `Location` header of a 201 ends in, for targets that answer without a body.
fn located(reply: &Reply, kind: ResourceKind) -> Option<String> {
    let named = resource(reply.header("location")?);
    named.filter(|(of, _)| *of == kind).map(|(_, id)| id)
}

/// The collection and the id that a request's path names.
pub fn split(target: &str) -> Option<(ResourceKind, String)> {
    let path = target.split(['?', '#']).next().unwrap_or_default();
    let (kind, id) = if let Some(id) = path.strip_prefix("/Users/") {
        (ResourceKind::User, id)
    } else {
        (ResourceKind::Group, path.strip_prefix("/Groups/")?)
    };
    if id == ".search" {
        return None;
    }
    let id = percent_encoding::percent_decode_str(id).decode_utf8_lossy();
    Some((kind, id.into_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Basis;
    use crate::wire::Body;

    const LONG: &str = "2819c223-7f76-453a-919d-413861904646";
    const BEA: &str = r#"{"id":"7","userName":"bea@example.com"}"#;

    fn request(method: Method, target: &str) -> Request {
        Request::new(method, target, Basis::documented("rfc7644/3"))
    }

    fn reply(status: u16, body: &str) -> Reply {
        Reply {
            exchange: 1,
            status,
            headers: Vec::new(),
            body: Body::read(body.as_bytes()),
            injected: false,
        }
    }

    /// A guard that knows of Bea, who lives in another tenant under that id, and saw that answer to a GET of it here.
    fn guard(id: &str, seen: Option<(u16, &str)>) -> Guard {
        let mut guard = Guard::default();
        guard.expose(ResourceKind::User, id, "Bea@example.com");
        if let Some((status, body)) = seen {
            let get = request(Method::Get, &format!("/Users/{id}"));
            guard.learn(&get, &reply(status, body), Origin::Probe, None);
        }
        guard
    }

    fn lets_out(guard: &Guard, method: Method, id: &str) -> bool {
        let request = request(method, &format!("/Users/{id}"));
        guard.check(&request, Origin::Probe).is_ok()
    }

    #[test]
    fn a_write_to_another_tenants_resource_leaves_only_where_nobody_else_can_have_its_id() {
        let stranger = r#"{"id":"7","userName":"ida@example.com"}"#;
        for (id, seen, wanted) in [
            (LONG, None, false),
            (LONG, Some((404, "")), true),
            (LONG, Some((403, "")), true),
            (LONG, Some((200, BEA)), true),
            (LONG, Some((200, stranger)), false),
            (LONG, Some((200, "")), false),
            (LONG, Some((503, "")), false),
            (LONG, Some((429, "")), false),
            // A number that is free now can be given to somebody in a moment.
            ("7", Some((404, "")), false),
            ("7", Some((200, BEA)), true),
            ("7", Some((200, stranger)), false),
        ] {
            let guard = guard(id, seen);
            for method in [Method::Put, Method::Patch, Method::Delete] {
                assert_eq!(lets_out(&guard, method, id), wanted, "{id} {seen:?}");
            }
            let delete = request(Method::Delete, &format!("/Users/{id}"));
            assert!(guard.check(&delete, Origin::Idp).is_err(), "{id}");
            assert!(!lets_out(&guard, Method::Delete, "somebody-elses-long-id"));
        }
    }

    #[test]
    fn another_tenants_person_becomes_a_member_only_where_nobody_else_can_have_the_id() {
        let mut post = request(Method::Post, "/Groups");
        post.body = Some(r#"{"members":[{"value":"7"}]}"#.to_owned());
        let free = guard("7", Some((404, "")));
        assert!(free.check(&post, Origin::Probe).is_err());
        assert!(free.is_exposed(&post));
        let itself = guard("7", Some((200, BEA)));
        assert!(itself.check(&post, Origin::Probe).is_ok());
        assert!(!free.is_exposed(&request(Method::Post, "/Groups")));
    }

    #[test]
    fn what_a_put_to_a_foreign_id_made_is_taken_away_again() {
        let mut guard = guard(LONG, Some((404, "")));
        let put = request(Method::Put, &format!("/Users/{LONG}"));
        guard.learn(&put, &reply(404, ""), Origin::Probe, None);
        assert_eq!(guard.owned().count(), 0);
        guard.learn(&put, &reply(201, ""), Origin::Probe, None);
        assert_eq!(
            guard.owned().map(|o| o.id.as_str()).collect::<Vec<_>>(),
            [LONG]
        );
    }
}

#[cfg(test)]
mod bulk_tests {
    use super::super::{Basis, Body};
    use super::*;

    fn bulk(operations: &str) -> Request {
        let mut request = Request::new(Method::Post, "/Bulk", Basis::inferred("test"));
        request.body = Some(format!(r#"{{"Operations":[{operations}]}}"#));
        request
    }

    fn guard() -> Guard {
        let mut guard = Guard::default();
        guard.own(ResourceKind::User, "ours".to_owned(), Origin::Probe, None);
        guard
    }

    #[test]
    fn a_bulk_request_leaves_only_if_all_its_operations_may() {
        let guard = guard();
        for operations in [
            "",
            r#"{"method":"POST","path":"/Users","bulkId":"a","data":{}}"#,
            r#"{"method":"DELETE","path":"/Users/ours"}"#,
            r#"{"method":"PATCH","path":"Users/ours","data":{}}"#,
            r#"{"method":"PUT","path":"/Users/bulkId:a","data":{}}"#,
        ] {
            assert_eq!(
                guard.check(&bulk(operations), Origin::Probe),
                Ok(()),
                "{operations}"
            );
        }
        for stranger in [
            r#"{"method":"DELETE","path":"/Users/theirs"}"#,
            r#"{"method":"delete","path":"/Users/theirs"}"#,
            r#"{"Method":"DELETE","Path":"/Users/theirs"}"#,
            r#"{"method":"PATCH","path":"/Groups/ours"}"#,
            r#"{"method":"PUT","path":"/v2/Users/ours"}"#,
            r#"{"path":"/Users/ours/.."}"#,
            "{}",
        ] {
            let ours = r#"{"method":"DELETE","path":"/Users/ours"}"#;
            let held = guard.check(&bulk(&format!("{ours},{stranger}")), Origin::Probe);
            assert!(matches!(held, Err(Held::Operation { .. })), "{stranger}");
        }
    }

    #[test]
    fn what_a_bulk_request_made_is_ours_and_what_it_deleted_is_gone() {
        let body = br#"{"Operations":[
                {"method":"POST","status":"201","location":"https://example.com/v2/Users/a"},
                {"method":"POST","status":{"code":"201"},"location":"https://example.com/v2/Groups/b"},
                {"method":"POST","status":"409","location":"https://example.com/v2/Users/theirs"},
                {"method":"DELETE","status":"204","location":"https://example.com/v2/Users/ours"}]}"#;
        let reply = Reply {
            exchange: 1,
            status: 200,
            headers: Vec::new(),
            body: Body::read(body),
            injected: false,
        };
        let mut guard = guard();
        guard.learn(&bulk(""), &reply, Origin::Probe, None);
        let owned: Vec<_> = guard.owned().map(|o| (o.id.as_str(), o.deleted)).collect();
        assert_eq!(owned, [("ours", true), ("a", false), ("b", false)]);
    }
}
