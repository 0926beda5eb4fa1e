//! The prober sends what no IdP sends, on resources of its own.

use std::collections::BTreeMap;

use super::target::Offer;
use crate::directory::{Person, Subject};
use crate::fact::Basis;
use crate::idp::{Encoding, equals};
use crate::scenario::{Credentials, ProbeSpec};
use crate::scim::Value;
use crate::wire::{FailureKind, Method, Origin, Owned, Reply, Request, ResourceKind, Show, Wire};

/// A token that no target gave out. It is constant, so that runs are alike.
const NO_TOKEN: &str = "Bearer scimulate-never-issued-0000000000";

/// Sends one probe and captures what later ones need. `other` leads to the second customer's tenant, where there is one.
///
/// # Errors
/// A value that the probe needs is missing, or a limit: the text says which.
pub(super) async fn probe(
    wire: &Wire,
    other: Option<&Wire>,
    spec: &ProbeSpec,
    offer: &Offer,
    values: &mut BTreeMap<String, String>,
) -> Result<(), String> {
    if let Some(name) = &spec.only_with
        && !values.contains_key(name)
    {
        return Ok(());
    }
    let filled = spec.fill(values).map_err(|e| e.to_string())?;
    let elsewhere = spec.credentials == Credentials::OtherTenant;
    let way = match (elsewhere, other) {
        (false, _) => wire,
        (true, Some(other)) => other,
        (true, None) => return Err("no second customer's tenant is known".to_owned()),
    };
    let by = &wire.context().by;
    let way = way.origin(Origin::Probe).speaking(|context| {
        context.by.step = by.step;
        context.by.judges.clone_from(&spec.judges);
        context.by.demand.clone_from(&filled.demand);
        context.show = match spec.credentials {
            Credentials::Right | Credentials::OtherTenant => Show::Right,
            Credentials::None => Show::None,
            Credentials::Wrong => Show::Other(NO_TOKEN.to_owned()),
        };
    });
    let mut request = Request::new(spec.method, filled.target, Basis::documented("rfc7644/3"));
    request.beside = filled.headers;
    request.body = match (filled.body, spec.beyond) {
        (Some(body), Some(beyond)) => Some(beyond.pass(&body, offer.limit(beyond)?)),
        (body, _) => body,
    };
    let reply = match way.send(request.clone()).await {
        Ok(reply) => reply,
        // Here the id of the other tenant's resource may be somebody else's: what the attack would show stays open.
        Err(failure)
            if failure.kind == FailureKind::Guarded && way.guard().is_exposed(&request) =>
        {
            return Ok(());
        }
        Err(failure) => return Err(failure.to_string()),
    };
    if elsewhere && request.method == Method::Post {
        expose(wire, &way, &request, &reply);
    }
    for (name, pointer) in &spec.capture {
        let json = serde_json::from_str::<serde_json::Value>(&reply.body.text).unwrap_or_default();
        let found = match json.pointer(pointer) {
            Some(serde_json::Value::String(text)) => Some(text.clone()),
            Some(value @ (serde_json::Value::Number(_) | serde_json::Value::Bool(_))) => {
                Some(value.to_string())
            }
            _ => None,
        };
        match found {
            Some(value) => values.insert(name.clone(), value),
            // A later probe that needs it says that it is missing.
            None => values.remove(name),
        };
    }
    Ok(())
}

/// Tells the guard of the first tenant what was made in the second one.
fn expose(wire: &Wire, other: &Wire, request: &Request, reply: &Reply) {
    let name = request.body.as_deref().and_then(name_in);
    let Some((id, name)) = reply.id().zip(name) else {
        return;
    };
    for kind in [ResourceKind::User, ResourceKind::Group] {
        let made = other.guard().get(kind, id).is_some();
        if made {
            wire.guard().expose(kind, id, &name);
        }
    }
}

/// The name under which a body makes a resource.
fn name_in(body: &str) -> Option<String> {
    let body: serde_json::Value = serde_json::from_str(body).ok()?;
    let name = body.get("userName").or_else(|| body.get("displayName"))?;
    Some(name.as_str()?.to_owned())
}

/// Takes in the account of somebody whom this run made at the product, or let it make, if SCIM shows one.
pub(super) async fn adopt(wire: &Wire, person: &Person) -> Option<Owned> {
    let subject = Subject::Person(person.key.clone());
    let wire = wire
        .origin(Origin::Probe)
        .job("look for the account", Some(subject.clone()));
    let name = person.user_name();
    let filter = equals("userName", name);
    let target = Encoding::Percent.query(ResourceKind::User.path(), &[("filter", &filter)]);
    let request = Request::new(Method::Get, target, Basis::documented("rfc7644/3.4.2.2"));
    let reply = wire.send(request).await.ok()?;
    let users = reply.json()?.get("Resources")?.as_array()?;
    // A target that ignores the filter lists strangers; the name carries the run's mark.
    let named = |user: &&Value| {
        let found = user.get("userName").and_then(Value::as_str);
        found.is_some_and(|found| found.eq_ignore_ascii_case(name))
    };
    let id = users.iter().find(named)?.get("id")?.as_str()?.to_owned();
    let owned = Owned {
        kind: ResourceKind::User,
        id,
        subject: Some(subject),
        origin: Origin::Probe,
        deleted: false,
    };
    let mut guard = wire.guard();
    if guard.get(owned.kind, &owned.id).is_none() {
        guard.adopt(owned.clone());
    }
    Some(owned)
}

/// Tries to make an account inactive.
pub(super) async fn deactivate(wire: &Wire, owned: &Owned) {
    let wire = wire
        .origin(Origin::Probe)
        .job("deactivate", owned.subject.clone());
    let body = serde_json::json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "active", "value": false}],
    });
    let basis = Basis::documented("rfc7644/3.5.2.3");
    let patch = Request::new(Method::Patch, owned.path(), basis).with_body(&body.into());
    // Whatever the answer is, the product shows what it did.
    wire.send(patch).await.ok();
}
