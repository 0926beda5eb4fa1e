//! Tenants that are not kept apart.

use std::sync::Arc;

use http::Method;

use super::super::{Arriving, Fault, Hook};
use super::{ON, fault};
use crate::scim::filter::Op;
use crate::scim::{Filter, Value};
use crate::server::handler::{Route, State};
use crate::server::reply::Failure;
use crate::server::store::Kind;

pub(super) const FAULTS: &[Fault] = &[
    fault(
        "cross-tenant-object-access",
        "A resource is found by its id, whichever tenant it belongs to; or by its name",
        &["any", "read", "write", "delete", "by-name"],
        &[Hook::Arrive(|arriving, mode| {
            let wanted = match mode {
                "read" => *arriving.method == Method::GET,
                "write" => writes(arriving.method),
                "delete" => *arriving.method == Method::DELETE,
                _ => true,
            };
            let holder = match mode {
                "by-name" => {
                    asked_for(arriving).and_then(|(kind, name)| named(arriving, kind, &name))
                }
                _ => with_that_id(arriving),
            };
            arriving.instead = holder.filter(|_| wanted);
        })],
    ),
    fault(
        "cross-tenant-409-oracle",
        "A userName that another tenant has is taken",
        ON,
        &[Hook::Arrive(|arriving, _| {
            let posted =
                (arriving.method, arriving.route) == (&Method::POST, &Route::Resources(Kind::User));
            let name = Value::from_slice(arriving.body).ok();
            let name = name.and_then(|body| Some(body.get("userName")?.as_str()?.to_owned()));
            if let Some(name) = name.filter(|_| posted)
                && named(arriving, Kind::User, &name).is_some()
            {
                let detail = "there is a user with that userName already";
                arriving.answer = Some(Failure::uniqueness(detail).into());
            }
        })],
    ),
    fault(
        "cross-tenant-user-mutation",
        "A person is one record for all tenants, and each of them may change it, or delete it",
        &["change", "delete"],
        &[Hook::Arrive(|arriving, mode| {
            let deletes = *arriving.method == Method::DELETE;
            if deletes || writes(arriving.method) {
                let same = same_person(arriving);
                arriving.also = same.filter(|_| deletes == (mode == "delete"));
            }
        })],
    ),
];

fn writes(method: &Method) -> bool {
    matches!(*method, Method::PUT | Method::PATCH)
}

/// The other tenant that holds a resource of the id that the path names.
fn with_that_id(arriving: &Arriving<'_>) -> Option<Arc<State>> {
    match arriving.route {
        Route::Resource(kind, id) => holder(arriving, *kind, id),
        _ => None,
    }
}

/// The other tenant that holds the resource of that id.
fn holder(arriving: &Arriving<'_>, kind: Kind, id: &str) -> Option<Arc<State>> {
    let holds = |other: &&Arc<State>| other.read().find(kind, id).is_some();
    arriving.others.iter().find(holds).cloned()
}

/// The other tenant that holds a resource of that name.
fn named(arriving: &Arriving<'_>, kind: Kind, name: &str) -> Option<Arc<State>> {
    let holds = |other: &&Arc<State>| other.read().named(kind, name).next().is_some();
    arriving.others.iter().find(holds).cloned()
}

/// The name by which a list is filtered.
fn asked_for(arriving: &Arriving<'_>) -> Option<(Kind, String)> {
    let Route::Resources(kind) = arriving.route else {
        return None;
    };
    let mut query = url::form_urlencoded::parse(arriving.query.as_bytes());
    let (_, filter) = query.find(|(name, _)| name == "filter")?;
    match filter.parse().ok()? {
        Filter::Compare(path, Op::Eq, Value::String(name))
            if path.is_simple(kind.name_attribute()) =>
        {
            Some((*kind, name))
        }
        _ => None,
    }
}

/// The other tenant that has the person whom the path names, and that person's id there. Who it is was settled when the
/// person was first written to: a new name makes nobody somebody else.
fn same_person(arriving: &Arriving<'_>) -> Option<(Arc<State>, String)> {
    let Route::Resource(Kind::User, id) = arriving.route else {
        return None;
    };
    let mut found = None;
    let notes = &arriving.tenant.faults.notes;
    notes.change(&format!("same person {id}"), |noted| {
        found = noted.map(str::to_owned).or_else(|| namesake(arriving, id));
        found.clone()
    });
    let id = found?;
    Some((holder(arriving, Kind::User, &id)?, id))
}

/// The id that a person of the same name has in another tenant.
fn namesake(arriving: &Arriving<'_>, id: &str) -> Option<String> {
    let name = {
        let store = arriving.tenant.read();
        let (_, row) = store.find(Kind::User, id)?;
        row.doc().get("userName")?.as_str()?.to_owned()
    };
    let other = named(arriving, Kind::User, &name)?;
    let store = other.read();
    let handle = store.named(Kind::User, &name).next()?;
    Some(store.row(Kind::User, handle)?.id.to_string())
}
