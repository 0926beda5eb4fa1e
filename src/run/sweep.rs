//! Taking away later what a run left: by its tape, or by the marks in names.
//!
//! Nothing is trusted to be ours because of its id alone, which a target may hand out again: each resource is read
//! first, and its name has to carry a mark that a run gives.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::bench::Bench;
use super::cleanup::{self, Cleanup};
use super::tape::{Line, Tape, TapeWriter};
use super::{PROBER, Plan, RunError};
use crate::fact::Basis;
use crate::scim::Value;
use crate::wire::tape::Sent;
use crate::wire::{Method, Origin, Owned, Request, ResourceKind, Wire, split_target};

/// How many pages of a list are read at most.
const PAGES: usize = 1_000;
/// How many letters and digits a mark has.
const MARK: usize = 8;

/// Which resources are meant.
#[derive(Clone, Copy, Debug)]
pub enum Sweep<'a> {
    /// What the run of that tape made and did not take away.
    Tape(&'a Tape),
    /// Whatever carries that mark.
    Mark(&'a str),
    /// Whoever has a mark and an address in that domain, and was made before that moment; and groups with their marks.
    Before {
        /// The moment.
        moment: Timestamp,
        /// The domain.
        domain: &'a str,
    },
}

/// One resource that is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remnant {
    /// Its path behind the base URL, and whose it is where that is the second customer.
    pub path: String,
    /// Its name.
    pub name: String,
}

/// What a sweep found, and what became of it.
#[derive(Debug, Default)]
pub struct Swept {
    /// What is meant.
    pub remnants: Vec<Remnant>,
    /// What became of it; nothing where nothing was to be deleted.
    pub cleanup: Cleanup,
}

/// Looks for what a run left at the plan's endpoint, and in the second customer's tenant, and, if `delete`, takes it away.
///
/// # Errors
/// The endpoint cannot be reached or does not list what it has, or nobody says where the second customer's tenant is.
pub async fn sweep(plan: &Plan, what: Sweep<'_>, delete: bool) -> Result<Swept, RunError> {
    let bench = Bench::set_up(plan).await.map_err(RunError::Bench)?;
    let stand = bench.stand("clean").map_err(RunError::Bench)?;
    let tape = TapeWriter::create(None).map_err(|e| RunError::Bench(e.to_string()))?;
    let mut swept = Swept::default();
    let wire = stand.wire(&bench, &tape, PROBER, "clean");
    sweep_one(&wire, what, delete, &mut swept).await?;
    match (bench.other_stand("clean"), bases(what)) {
        (Ok(other), bases) if bases.iter().all(|base| **base == other.base) => {
            let wire = other.wire(&bench, &tape, PROBER, "clean");
            sweep_one(&wire, what, delete, &mut swept).await?;
        }
        (Err(_), bases) if bases.is_empty() => {}
        (_, bases) => {
            let bases: Vec<_> = bases.into_iter().collect();
            let bases = bases.join(", ");
            return Err(RunError::Bench(format!(
                "the run made resources in the tenant of a second customer, {bases}, and the target file does not describe that one in `[other-tenant]`"
            )));
        }
    }
    bench.take_down().await;
    Ok(swept)
}

/// Where the tape's run made something in a second customer's tenant that it did not take away.
fn bases(what: Sweep<'_>) -> BTreeSet<&str> {
    match what {
        Sweep::Tape(tape) => {
            let (made, unanswered) = made_on(tape, true);
            let begins = tape.lines.iter().filter_map(|line| match line {
                Line::Begin(begin) => begin.other_base.as_deref(),
                _ => None,
            });
            let any = !made.is_empty() || !unanswered.is_empty();
            begins.filter(|_| any).collect()
        }
        Sweep::Mark(_) | Sweep::Before { .. } => BTreeSet::new(),
    }
}

/// Sweeps one tenant: where the wire leads.
async fn sweep_one(
    wire: &Wire,
    what: Sweep<'_>,
    delete: bool,
    swept: &mut Swept,
) -> Result<(), RunError> {
    let reader = wire.origin(Origin::Cleanup).job("look", None);
    let found = match what {
        Sweep::Tape(tape) => left_on(&reader, tape).await?,
        Sweep::Mark(mark) => marked(&reader, |_| true, &BTreeSet::from([mark.to_owned()])).await?,
        Sweep::Before { moment, domain } => {
            let ours = |user: &Value| made_before(user, moment) && lives_in(user, domain);
            marked(&reader, ours, &BTreeSet::new()).await?
        }
    };
    for (owned, name) in found {
        let path = cleanup::place(wire, &owned);
        swept.remnants.push(Remnant { path, name });
        if delete {
            wire.guard().adopt(owned);
        }
    }
    if delete {
        swept.cleanup.add(cleanup::clean(wire).await);
    }
    Ok(())
}

/// What the tape's run made and did not delete, and what is still there under a name that the run gave.
async fn left_on(wire: &Wire, tape: &Tape) -> Result<Vec<(Owned, String)>, RunError> {
    let mut found = Vec::new();
    let (made, unanswered) = made_on(tape, wire.context().by.other_tenant);
    for (made, given) in made {
        let request = Request::new(Method::Get, made.path(), Basis::documented("rfc7644/3.4.1"));
        let reply = wire
            .send(request)
            .await
            .map_err(|e| RunError::Bench(e.message))?;
        refused(reply.status)?;
        let Some(resource) = reply.json().filter(|_| reply.ok()) else {
            continue;
        };
        let name = name(resource, made.kind);
        let ours = |name: &&str| *name == given.name || name.contains(&given.mark);
        if let Some(name) = name.filter(ours) {
            found.push((made, name.to_owned()));
        }
    }
    for (kind, given) in unanswered {
        for id in named(wire, kind, &given.name).await? {
            found.push((owned(kind, id), given.name.clone()));
        }
    }
    Ok(found)
}

/// The ids of what has exactly that name.
async fn named(wire: &Wire, kind: ResourceKind, wanted: &str) -> Result<Vec<String>, RunError> {
    let attribute = attribute(kind);
    let filter = format!("{attribute} eq {}", Value::from(wanted));
    let filter = percent_encoding::utf8_percent_encode(&filter, percent_encoding::NON_ALPHANUMERIC);
    let path = format!("{}?filter={filter}", kind.path());
    let request = Request::new(Method::Get, path, Basis::documented("rfc7644/3.4.2.2"));
    let reply = wire
        .send(request)
        .await
        .map_err(|e| RunError::Bench(e.message))?;
    refused(reply.status)?;
    let resources = reply.json().and_then(|json| json.get("Resources"));
    let resources = resources.and_then(Value::as_array).unwrap_or_default();
    // A target that ignores the filter lists strangers.
    let exact = resources.iter().filter(|r| name(r, kind) == Some(wanted));
    Ok(exact.filter_map(id).collect())
}

/// The name that a resource was given, and the mark of its story.
#[derive(Clone, Debug)]
struct Given {
    name: String,
    mark: String,
}

/// Creations by what they are to make.
type Posts = Vec<(ResourceKind, Given)>;

/// What a tape's run made and did not delete in one of the tenants; and what it may have made, for no answer is on the tape.
fn made_on(tape: &Tape, other_tenant: bool) -> (Vec<(Owned, Given)>, Posts) {
    let mut marks: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    let mut sent = BTreeMap::new();
    let mut made: Vec<(Owned, Given)> = Vec::new();
    let mut unanswered: BTreeMap<u64, (ResourceKind, Given)> = BTreeMap::new();
    for line in &tape.lines {
        match line {
            Line::Begin(begin) => {
                marks.insert((&begin.idp, &begin.scenario), &begin.instance);
            }
            // An id of one tenant says nothing in the other.
            Line::Sent(request) if request.by.other_tenant != other_tenant => {}
            Line::Sent(request) => {
                if let Some(posted) = posted(request, &marks) {
                    unanswered.insert(request.n, posted);
                }
                sent.insert(request.n, request);
            }
            Line::Answered(answer) => {
                let posted = unanswered.remove(&answer.n);
                match (posted, answer.status) {
                    (Some((kind, given)), 201) if !answer.injected => {
                        let id = id_in(&answer.body);
                        made.extend(id.map(|id| (owned(kind, id), given)));
                    }
                    (None, 200..=299 | 404 | 410) => {
                        let delete = sent.get(&answer.n).filter(|r| r.method == Method::Delete);
                        let gone = delete.and_then(|r| split_target(&r.target));
                        made.retain(|(o, _)| gone.as_ref() != Some(&(o.kind, o.id.clone())));
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
    // Without a mark in it a name says nothing about whose the resource is.
    let unanswered = unanswered.into_values();
    let ours = unanswered.filter(|(_, given)| given.name.contains(&given.mark));
    (made, ours.collect())
}

/// What a request is to make, and under which name.
fn posted(request: &Sent, marks: &BTreeMap<(&str, &str), &str>) -> Option<(ResourceKind, Given)> {
    let path = request.target.split('?').next().unwrap_or_default();
    let kinds = [ResourceKind::User, ResourceKind::Group];
    let kind = kinds.into_iter().find(|kind| kind.path() == path)?;
    let mark = marks.get(&(request.by.idp.as_str(), request.by.scenario.as_str()))?;
    let body = Value::parse(request.body.as_deref()?).ok()?;
    let given = Given {
        name: name(&body, kind)?.to_owned(),
        mark: (*mark).to_owned(),
    };
    (request.method == Method::Post).then_some((kind, given))
}

/// Whoever carries a mark, and the groups that carry one of those marks or one of the given ones.
async fn marked(
    wire: &Wire,
    ours: impl Fn(&Value) -> bool,
    given: &BTreeSet<String>,
) -> Result<Vec<(Owned, String)>, RunError> {
    let mut marks = given.clone();
    let mut found = Vec::new();
    for user in list(wire, ResourceKind::User).await? {
        let Some(user_name) = name(&user, ResourceKind::User) else {
            continue;
        };
        let Some(mark) = mark_of_address(user_name) else {
            continue;
        };
        if (given.is_empty() || given.contains(mark)) && ours(&user) {
            marks.insert(mark.to_owned());
            found.extend(id(&user).map(|id| (owned(ResourceKind::User, id), user_name.to_owned())));
        }
    }
    for group in list(wire, ResourceKind::Group).await? {
        let Some(group_name) = name(&group, ResourceKind::Group) else {
            continue;
        };
        let mark = group_name.rsplit_once(' ').map(|(_, mark)| mark);
        if mark.is_some_and(|mark| marks.contains(mark)) {
            found.extend(
                id(&group).map(|id| (owned(ResourceKind::Group, id), group_name.to_owned())),
            );
        }
    }
    Ok(found)
}

/// Every resource of a collection, page by page.
async fn list(wire: &Wire, kind: ResourceKind) -> Result<Vec<Value>, RunError> {
    let mut all: Vec<Value> = Vec::new();
    let mut seen = BTreeSet::new();
    for _ in 0..PAGES {
        let path = format!("{}?startIndex={}&count=100", kind.path(), all.len() + 1);
        let request = Request::new(Method::Get, path, Basis::documented("rfc7644/3.4.2"));
        let reply = wire
            .send(request)
            .await
            .map_err(|e| RunError::Bench(e.message))?;
        refused(reply.status)?;
        let resources = reply.json().and_then(|json| json.get("Resources"));
        let resources = resources.and_then(Value::as_array).unwrap_or_default();
        // A target that repeats its pages would never end.
        let fresh: Vec<_> = resources
            .iter()
            .filter(|r| id(r).is_some_and(|id| seen.insert(id)))
            .cloned()
            .collect();
        if fresh.is_empty() {
            return Ok(all);
        }
        all.extend(fresh);
    }
    Err(RunError::Bench(format!(
        "the target's list of {} does not end after {PAGES} pages",
        kind.path()
    )))
}

fn refused(status: u16) -> Result<(), RunError> {
    match status {
        401 | 403 => Err(RunError::Bench(format!(
            "the target refuses the credentials: it answers {status}"
        ))),
        _ => Ok(()),
    }
}

fn owned(kind: ResourceKind, id: String) -> Owned {
    Owned {
        kind,
        id,
        subject: None,
        origin: Origin::Cleanup,
        deleted: false,
    }
}

fn id_in(body: &str) -> Option<String> {
    id(&Value::parse(body).ok()?)
}

fn id(resource: &Value) -> Option<String> {
    let id = resource.get("id")?.as_str()?;
    Some(id.to_owned()).filter(|id| !id.is_empty())
}

fn name(resource: &Value, kind: ResourceKind) -> Option<&str> {
    resource.get(attribute(kind))?.as_str()
}

fn attribute(kind: ResourceKind) -> &'static str {
    match kind {
        ResourceKind::User => "userName",
        ResourceKind::Group => "displayName",
    }
}

/// The mark in `ada.k3f7q2ab@example.com`.
fn mark_of_address(address: &str) -> Option<&str> {
    let (local, _) = address.rsplit_once('@')?;
    let (_, mark) = local.rsplit_once('.')?;
    let mark_like =
        mark.len() == MARK && mark.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'));
    mark_like.then_some(mark)
}

fn lives_in(user: &Value, domain: &str) -> bool {
    let address = name(user, ResourceKind::User).and_then(|name| name.rsplit_once('@'));
    address.is_some_and(|(_, d)| d.eq_ignore_ascii_case(domain))
}

/// Whether the target says that a resource was made before a moment; where it does not say, it was not.
fn made_before(resource: &Value, moment: Timestamp) -> bool {
    let created = resource.at(&["meta", "created"]).and_then(Value::as_str);
    let created = created.and_then(|text| text.parse::<Timestamp>().ok());
    created.is_some_and(|created| created < moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_eight_characters_before_the_at_sign() {
        assert_eq!(
            mark_of_address("ada.k3f7q2ab@example.com"),
            Some("k3f7q2ab")
        );
        for stranger in [
            "ada@example.com",
            "ada.k3f7q2a@example.com",
            "ada.K3F7Q2AB@example.com",
            "ada.k3f7q2a1@example.com",
            "k3f7q2ab@example.com",
            "ada.k3f7q2ab",
        ] {
            assert_eq!(mark_of_address(stranger), None, "{stranger}");
        }
    }
}
