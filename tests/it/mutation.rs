//! Every check can fail: after each write of each story one promised value is altered in what the auditor reads back, and
//! the alteration must be found and blamed on that write.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use scimulate::directory::{Place, Subject};
use scimulate::model::{Aspect, Datum, Observation, Presence, Promise, Want, compare};
use scimulate::run::tape::{Line, Tape};
use scimulate::run::{Endpoint, Over};
use scimulate::scim::{Object, Value};
use scimulate::wire::Origin;
use scimulate::wire::transport::{Incoming, Interceptor, Outgoing};

use crate::run::{judged, plan, play_tape};

/// One alteration: from the write of that rank on, the auditor sees this value of this resource altered.
#[derive(Clone, Debug)]
struct Alteration {
    rank: usize,
    blamed: u64,
    subject: Subject,
    id: String,
    group: bool,
    promise: Promise,
    /// The id of the member that the promise is about.
    member: Option<String>,
}

struct Mutator {
    alteration: Alteration,
    writes: AtomicUsize,
    /// What each path was answered before the alteration began: what a stale replica would still say.
    before: Mutex<BTreeMap<String, Incoming>>,
}

/// The neutral client is known by its name; the IdPs have others, or none.
fn is_auditor(request: &Outgoing) -> bool {
    request.headers.iter().any(|(name, value)| {
        name.eq_ignore_ascii_case("user-agent") && value.starts_with("scimulate/")
    })
}

impl Interceptor for Mutator {
    fn reply(&self, request: &Outgoing, reply: &mut Incoming) {
        if !is_auditor(request) {
            if request.method != "GET" {
                self.writes.fetch_add(1, Ordering::Relaxed);
            }
            return;
        }
        let kind = if self.alteration.group {
            "Groups"
        } else {
            "Users"
        };
        let own = format!("/{kind}/{}", self.alteration.id);
        let path = request.path.split('?').next().unwrap_or_default();
        if request.method != "GET" || !path.ends_with(&own) {
            return;
        }
        if self.writes.load(Ordering::Relaxed) <= self.alteration.rank {
            self.before.lock().unwrap().insert(own, reply.clone());
            return;
        }
        alter(
            &self.alteration,
            self.before.lock().unwrap().get(&own),
            reply,
        );
    }
}

fn alter(alteration: &Alteration, before: Option<&Incoming>, reply: &mut Incoming) {
    let wanted = &alteration.promise.want;
    if alteration.promise.aspect == Aspect::Presence {
        match wanted {
            Want::Is(Datum::Flag(true)) => {
                reply.status = 404;
                reply.body = not_found();
            }
            // Stale: what was deleted is still shown.
            _ => *reply = before.expect("a deleted resource was there before").clone(),
        }
        return;
    }
    // What a later write deletes has no value left to alter.
    if reply.status != 200 {
        return;
    }
    let mut body = Value::from_slice(&reply.body).unwrap();
    let object = body.as_object_mut().unwrap();
    match &alteration.promise.aspect {
        Aspect::Active => {
            let flag = object.get("active").and_then(Value::as_bool);
            object.set("active", flag != Some(true));
        }
        Aspect::GroupName => object.set("displayName", "somebody else's group"),
        Aspect::Value(place) => change(object, place),
        Aspect::Member(_) => {
            let id = alteration.member.clone().unwrap();
            let members = object
                .get("members")
                .and_then(Value::as_array)
                .unwrap_or_default();
            let mut members = members.to_vec();
            if *wanted == Want::Is(Datum::Flag(true)) {
                members.retain(|m| m.get("value").and_then(Value::as_str) != Some(&id));
            } else {
                members.push(Value::from(serde_json::json!({"value": id})));
            }
            object.set("members", members);
        }
        Aspect::Strangers => {
            let members = object
                .get("members")
                .and_then(Value::as_array)
                .unwrap_or_default();
            let mut members = members.to_vec();
            members.push(Value::from(serde_json::json!({"value": "a-stranger"})));
            object.set("members", members);
        }
        other => unreachable!("{other:?} is not altered"),
    }
    reply.body = body.to_string().into();
}

fn not_found() -> bytes::Bytes {
    r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404","detail":"gone"}"#
        .into()
}

/// Drops the value, or puts another person's in its place, by turns. A value that is gone by a later write stays so.
fn change(object: &mut Object, place: &Place) {
    let drop = place.to_string().len().is_multiple_of(2);
    let holder = match &place.extension {
        Some(urn) => object.get_mut(urn).and_then(Value::as_object_mut),
        None => Some(object),
    };
    let Some(holder) = holder else { return };
    let set = |object: &mut Object, name: &str| {
        if drop {
            object.remove(name);
        } else {
            object.set(name, "somebody else's");
        }
    };
    match (&place.element, &place.sub) {
        _ if place.attribute == "manager" => {
            holder.remove("manager");
        }
        (None, None) => set(holder, &place.attribute),
        (None, Some(sub)) => {
            if let Some(inner) = holder
                .get_mut(&place.attribute)
                .and_then(Value::as_object_mut)
            {
                set(inner, sub);
            }
        }
        (Some(element), sub) => {
            let items = holder
                .get_mut(&place.attribute)
                .and_then(Value::as_array_mut);
            let typed =
                |item: &&mut Value| item.get("type").and_then(Value::as_str) == Some(element);
            let item = items.and_then(|items| items.iter_mut().find(typed));
            if let (Some(item), Some(sub)) = (item.and_then(Value::as_object_mut), sub) {
                set(item, sub);
            }
        }
    }
}

/// For every write of a clean play, one promised value that became right with it (or that it left right last).
fn alterations(tape: &Tape) -> Vec<Alteration> {
    let mut found = Vec::new();
    let mut ids: BTreeMap<Subject, String> = BTreeMap::new();
    let mut latest: BTreeMap<Subject, Observation> = BTreeMap::new();
    let mut writes: Vec<u64> = Vec::new();
    let mut looks: Vec<(Option<u64>, Observation)> = Vec::new();
    let mut promises: Vec<Promise> = Vec::new();
    for line in &tape.lines {
        match line {
            Line::Sent(sent) if sent.by.origin == Origin::Idp && sent.method.writes() => {
                writes.push(sent.n)
            }
            // What the wire answered in the target's place never reached it.
            Line::Answered(line) if line.injected => writes.retain(|n| *n != line.n),
            Line::Failed(line) if line.message.contains("never saw") => {
                writes.retain(|n| *n != line.n)
            }
            Line::Observed(line) => {
                if let Presence::Here(id) = &line.observation.presence {
                    ids.insert(line.observation.subject.clone(), id.clone());
                }
                looks.push((line.after, line.observation.clone()));
            }
            Line::Promised(line) => promises.clone_from(&line.promises),
            Line::Step(step) => {
                promises.retain(|p| !step.pending.contains(&p.subject));
                found.extend(of_step(&latest, &looks, &promises, &writes, &ids));
                for (_, look) in looks.drain(..) {
                    latest.insert(look.subject.clone(), look);
                }
                promises.clear();
            }
            _ => {}
        }
    }
    found
}

fn of_step(
    latest: &BTreeMap<Subject, Observation>,
    looks: &[(Option<u64>, Observation)],
    promises: &[Promise],
    writes: &[u64],
    ids: &BTreeMap<Subject, String>,
) -> Vec<Alteration> {
    let right = |promise: &Promise, seen: Option<&Observation>| {
        seen.is_some_and(|seen| {
            let comparison = compare(std::slice::from_ref(promise), seen);
            comparison.compared > 0
                && comparison.divergences.is_empty()
                && seen.presence != Presence::Gone
        })
    };
    let mut found = Vec::new();
    for (at, (after, seen)) in looks.iter().enumerate() {
        let Some(n) = after else { continue };
        let own = |look: &&(Option<u64>, Observation)| look.1.subject == seen.subject;
        let earlier = looks[..at].iter().rev().find(own).map(|(_, look)| look);
        let earlier = earlier.or_else(|| latest.get(&seen.subject));
        // Nothing of the same resource may be written later in the step: the last write that is about a value is blamed.
        if looks[at + 1..]
            .iter()
            .any(|look| own(&look) && look.0.is_some())
        {
            continue;
        }
        let gone = seen.presence == Presence::Gone;
        let fits = |promise: &&Promise| {
            promise.subject == seen.subject
                && match &promise.aspect {
                    Aspect::Found | Aspect::Imported => false,
                    Aspect::Presence => {
                        gone == (promise.want == Want::Is(Datum::Flag(false)))
                            && (!gone || earlier.is_some_and(|e| e.presence != Presence::Gone))
                    }
                    _ => !gone && right(promise, Some(seen)),
                }
        };
        let became_right = |promise: &&Promise| fits(promise) && !right(promise, earlier);
        let chosen: Vec<&Promise> = promises.iter().filter(became_right).collect();
        let chosen = if chosen.is_empty() {
            promises.iter().filter(fits).collect()
        } else {
            chosen
        };
        // One value of each write, by turns another one.
        let Some(promise) = chosen.get(usize::try_from(*n).unwrap() % chosen.len().max(1)) else {
            continue;
        };
        let rank = writes.iter().position(|write| write == n);
        let (Some(id), Some(rank)) = (ids.get(&seen.subject), rank) else {
            continue;
        };
        let member = match &promise.aspect {
            Aspect::Member(key) => match ids.get(&Subject::Person(key.clone())) {
                Some(id) => Some(id.clone()),
                None => continue,
            },
            _ => None,
        };
        found.push(Alteration {
            rank,
            blamed: *n,
            subject: seen.subject.clone(),
            id: id.clone(),
            group: matches!(seen.subject, Subject::Group(_)),
            promise: (*promise).clone(),
            member,
        });
    }
    found
}

#[test]
fn every_altered_value_is_found_and_blamed_on_the_write_it_followed() {
    let mut pairs: Vec<(&str, &str)> = Vec::new();
    for variant in scimulate::idp::VARIANTS.iter() {
        for scenario in scimulate::scenario::bundled() {
            // Where jobs run abreast, no write is the one that a value followed.
            let long = ["volume", "import", "parallel"]
                .iter()
                .any(|tag| scenario.tags.iter().any(|t| t == tag));
            if !long && scenario.suits(&variant.id).is_ok() {
                pairs.push((&variant.id, &scenario.id));
            }
        }
    }
    let done = AtomicUsize::new(0);
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((idp, scenario)) = pairs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let clean = play_tape(&plan(&[idp], &[scenario], &[]));
                    for alteration in alterations(&clean) {
                        done.fetch_add(1, Ordering::Relaxed);
                        if let Some(complaint) = missed(idp, scenario, &alteration) {
                            wrong.lock().unwrap().push(complaint);
                        }
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(
        wrong.is_empty(),
        "{} missed:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
    assert!(
        done.into_inner() > 300,
        "too few alterations to mean anything"
    );
}

/// What was missed of an alteration, if anything was.
fn missed(idp: &str, scenario: &str, alteration: &Alteration) -> Option<String> {
    let mut plan = plan(&[idp], &[scenario], &[]);
    plan.endpoint = Endpoint::Bundled {
        faults: Vec::new(),
        persona: None,
        over: Over::Memory(Some(Arc::new(Mutator {
            alteration: alteration.clone(),
            writes: AtomicUsize::new(0),
            before: Mutex::default(),
        }))),
    };
    let report = judged(&play_tape(&plan));
    let what = format!(
        "{idp} {scenario}: {} {} after exchange {}",
        alteration.subject, alteration.promise.aspect, alteration.blamed
    );
    let told = report.findings.iter().filter(|finding| {
        let subject = alteration.subject.to_string();
        finding.subject.as_deref() == Some(&subject)
            || finding.differences.iter().any(|d| d.subject == subject)
    });
    let told: Vec<_> = told.collect();
    if told.is_empty() {
        return Some(format!("{what}: not found"));
    }
    let blamed = told
        .iter()
        .any(|finding| finding.exchanges.first() == Some(&alteration.blamed));
    (!blamed).then(|| {
        let blames: Vec<_> = told
            .iter()
            .map(|f| (f.cause.as_str(), f.exchanges.first()))
            .collect();
        format!("{what}: blamed on {blames:?}")
    })
}
