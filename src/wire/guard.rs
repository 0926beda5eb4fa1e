//! The guard below every dialect: nothing that this run did not make is ever written to.
//!
//! A PUT, PATCH or DELETE to an id that the run neither created nor seeded does not leave the machine. That the IdP
//! would now have written to a stranger's record is a finding, and the record is safe.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Method, Origin, Reply, Request};
use crate::directory::Subject;

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
        /// Everything but unreserved characters is percent-encoded in a path (RFC 3986 §2.3).
        const RESERVED: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
            .remove(b'-')
            .remove(b'.')
            .remove(b'_')
            .remove(b'~');
        let id = percent_encoding::utf8_percent_encode(&self.id, RESERVED);
        format!("{}/{id}", self.kind.path())
    }
}

/// What this run may write to.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    owned: BTreeMap<(ResourceKind, String), Owned>,
    order: Vec<(ResourceKind, String)>,
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
}

impl Guard {
    /// Whether that request may leave the machine.
    pub(super) fn check(&self, request: &Request) -> Result<(), Held> {
        let Some((kind, id)) = split(&request.target) else {
            return Ok(());
        };
        if id.is_empty() || id == "." || id == ".." || id.chars().any(char::is_control) {
            return Err(Held::Id(id));
        }
        let changes = matches!(request.method, Method::Put | Method::Patch | Method::Delete);
        if changes && !self.owned.contains_key(&(kind, id)) {
            return Err(Held::Stranger {
                method: request.method,
                target: request.target.clone(),
            });
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
            (Method::Delete, 200..=299) => {
                if let Some(owned) = split(&request.target).and_then(|key| self.owned.get_mut(&key))
                {
                    owned.deleted = true;
                }
            }
            _ => {}
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

/// The id that a `Location` header of a 201 ends in, for targets that answer without a body.
fn located(reply: &Reply, kind: ResourceKind) -> Option<String> {
    let location = reply.header("location")?;
    let (_, tail) = location.rsplit_once(&format!("{}/", kind.path()))?;
    split(&format!("{}/{tail}", kind.path())).map(|(_, id)| id)
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
