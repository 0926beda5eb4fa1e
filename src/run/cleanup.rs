//! The clean-up: what a story made at the target goes away again, groups before people.
//!
//! Each resource ends as *gone*, *released* (inactive, where the target deletes nobody) or *left*.

use crate::fact::Basis;
use crate::wire::{Method, Origin, Owned, Request, ResourceKind, Wire};

/// How a story's resources ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cleanup {
    /// How many are gone.
    pub gone: u32,
    /// How many could only be made inactive.
    pub released: u32,
    /// The paths of what is still there.
    pub left: Vec<String>,
}

impl Cleanup {
    /// Adds how the resources of another place ended.
    pub(super) fn add(&mut self, other: Self) {
        self.gone += other.gone;
        self.released += other.released;
        self.left.extend(other.left);
    }
}

/// Takes away everything that the wire's story made.
pub(super) async fn clean(wire: &Wire) -> Cleanup {
    let wire = wire.origin(Origin::Cleanup).job("clean up", None);
    wire.calm();
    let owned: Vec<Owned> = wire.guard().owned().cloned().collect();
    let mut cleanup = Cleanup::default();
    for kind in [ResourceKind::Group, ResourceKind::User] {
        for resource in owned.iter().filter(|o| o.kind == kind) {
            clean_one(&wire, resource, &mut cleanup).await;
        }
    }
    cleanup
}

/// Where a resource is, for people: its path, and whose it is where that is the second customer.
pub(super) fn place(wire: &Wire, resource: &Owned) -> String {
    let path = resource.path();
    match wire.context().by.other_tenant {
        false => path,
        true => format!("{path} of the second customer"),
    }
}

async fn clean_one(wire: &Wire, resource: &Owned, cleanup: &mut Cleanup) {
    if resource.deleted {
        cleanup.gone += 1;
        return;
    }
    let path = resource.path();
    let basis = Basis::documented("rfc7644/3.6");
    let reply = wire
        .send(Request::new(Method::Delete, path.clone(), basis))
        .await;
    match reply.as_ref().map(|r| r.status) {
        Ok(200..=299 | 404 | 410) => {
            cleanup.gone += 1;
            return;
        }
        Ok(_) if resource.kind == ResourceKind::User && release(wire, &path).await => {
            cleanup.released += 1;
            return;
        }
        _ => {}
    }
    cleanup.left.push(place(wire, resource));
}

/// Makes a person inactive at a target that deletes nobody. A full PUT is understood by more targets than any PATCH.
async fn release(wire: &Wire, path: &str) -> bool {
    let basis = || Basis::documented("rfc7644/3.5.1");
    let Ok(reply) = wire.send(Request::new(Method::Get, path, basis())).await else {
        return false;
    };
    let Some(mut resource) = reply.json().cloned() else {
        return false;
    };
    let Some(object) = resource.as_object_mut() else {
        return false;
    };
    if object.get("active").and_then(crate::scim::Value::as_bool) == Some(false) {
        return true;
    }
    object.set("active", false);
    let put = Request::new(Method::Put, path, basis()).with_body(&resource);
    matches!(wire.send(put).await, Ok(reply) if reply.ok())
}
