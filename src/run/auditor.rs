//! The auditor: a neutral RFC client that reads state back.
//!
//! It looks right after each of the IdP's writes, so that a divergence can be blamed on the write that made it, and at the
//! end of each step, by the IdP's own lookup, so that it is known what the IdP will see next.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::tape::{Line, Observed, TapeWriter};
use super::target::Offer;
use crate::directory::{Directory, GroupKey, Person, PersonKey, Place, Subject};
use crate::fact::Basis;
use crate::idp::{Dialect, Lookup};
use crate::model::{Aspect, Datum, Observation, Presence, Seen, read_group, read_person};
use crate::scim::Value;
use crate::wire::{
    AfterWrite, Failure, Method, Origin, Reply, Request, ResourceKind, Wire, split_target,
};

/// Reads state back for one story with one variant.
#[derive(Clone)]
pub(super) struct Auditor {
    tape: TapeWriter,
    offer: Arc<Offer>,
    people: Arc<Vec<PersonKey>>,
    places: Arc<Vec<Place>>,
    /// The last look at each, and the number of the write it followed.
    last: Arc<Mutex<BTreeMap<Subject, Observation>>>,
    /// Those at whom nobody has looked since something was written in the story.
    stale: Arc<Mutex<BTreeMap<Subject, bool>>>,
}

impl Auditor {
    pub(super) fn new(tape: TapeWriter, offer: Arc<Offer>, directory: &Directory) -> Self {
        let places = directory.settings.mappings.iter().map(|m| m.place.clone());
        Self {
            tape,
            offer,
            people: Arc::new(directory.people().map(|p| p.key.clone()).collect()),
            places: Arc::new(places.collect()),
            last: Arc::default(),
            stale: Arc::default(),
        }
    }

    /// Looks at a person by id and, where the person as the directory has it is given, by the IdP's own lookup.
    pub(super) async fn person(
        &self,
        wire: &Wire,
        key: &PersonKey,
        person: Option<&Person>,
        dialect: &dyn Dialect,
        settled: Option<Duration>,
    ) -> Observation {
        let subject = Subject::Person(key.clone());
        let mut seen = match self.fresh(&subject) {
            Some(seen) => seen,
            None => self.look(wire, &subject).await,
        };
        if let Some(person) = person {
            let wire = wire
                .origin(Origin::Audit)
                .job("look up", Some(subject.clone()));
            match wire.send(dialect.find_person(person)).await {
                Ok(reply) => {
                    let read_by_id = !seen.exchanges.is_empty();
                    seen.exchanges.push(reply.exchange);
                    let lookup = dialect.read_lookup(&reply);
                    found(&mut seen, lookup, reply.status, read_by_id);
                }
                Err(failure) => {
                    seen.exchanges.push(failure.exchange);
                    let why = Seen::NotObservable(failure.message);
                    seen.values.insert(Aspect::Found, why);
                }
            }
        }
        self.record(wire, None, settled, seen.clone());
        seen
    }

    /// Looks at a group by id.
    pub(super) async fn group(
        &self,
        wire: &Wire,
        key: &GroupKey,
        settled: Option<Duration>,
    ) -> Observation {
        let subject = Subject::Group(key.clone());
        let seen = match self.fresh(&subject) {
            Some(seen) => seen,
            None => self.look(wire, &subject).await,
        };
        self.record(wire, None, settled, seen.clone());
        seen
    }

    /// Forgets what was seen, because time has passed or something else was written.
    pub(super) fn doubt_everything(&self) {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let mut stale = self.stale.lock().unwrap_or_else(PoisonError::into_inner);
        for subject in last.keys() {
            stale.insert(subject.clone(), true);
        }
    }

    fn fresh(&self, subject: &Subject) -> Option<Observation> {
        let stale = self.stale.lock().unwrap_or_else(PoisonError::into_inner);
        if stale.get(subject) != Some(&false) {
            return None;
        }
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.get(subject).cloned()
    }

    /// The last look at a subject.
    pub(super) fn last(&self, subject: &Subject) -> Option<Observation> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.get(subject).cloned()
    }

    /// Whether nothing was written since the last look at a subject.
    pub(super) fn is_fresh(&self, subject: &Subject) -> bool {
        self.fresh(subject).is_some()
    }

    /// Puts a look on the tape.
    pub(super) fn record(
        &self,
        wire: &Wire,
        after: Option<u64>,
        settled: Option<Duration>,
        observation: Observation,
    ) {
        let by = &wire.context().by;
        let subject = observation.subject.clone();
        self.tape.write(Line::Observed(Observed {
            idp: by.idp.clone(),
            scenario: by.scenario.clone(),
            step: by.step,
            after,
            settled: settled.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX)),
            observation: observation.clone(),
        }));
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.insert(subject.clone(), observation);
        let mut stale = self.stale.lock().unwrap_or_else(PoisonError::into_inner);
        stale.insert(subject, false);
    }

    async fn look(&self, wire: &Wire, subject: &Subject) -> Observation {
        let wire = wire
            .origin(Origin::Audit)
            .job("read back", Some(subject.clone()));
        let owned = wire.guard().of(subject).cloned();
        let Some(owned) = owned else {
            return never_seen(subject.clone());
        };
        let path = owned.path();
        let basis = Basis::documented("rfc7644/3.4.1");
        let mut seen = Observation {
            subject: subject.clone(),
            exchanges: Vec::new(),
            presence: Presence::Gone,
            values: BTreeMap::new(),
        };
        let reply = match wire
            .send(Request::new(Method::Get, path.clone(), basis))
            .await
        {
            Ok(reply) => reply,
            Err(failure) => {
                seen.exchanges.push(failure.exchange);
                seen.presence = Presence::Unreadable(failure.message);
                return seen;
            }
        };
        seen.exchanges.push(reply.exchange);
        match (reply.status, reply.json()) {
            // Whatever has no id is no resource, and says nothing about one.
            (200, Some(resource)) if resource.get("id").is_none() => {
                let why = "reading it back was answered without an id".to_owned();
                seen.presence = Presence::Unreadable(why);
            }
            (200, Some(resource)) => {
                seen.presence = Presence::Here(owned.id.clone());
                match owned.kind {
                    ResourceKind::User => {
                        seen.values = read_person(resource, &self.places, &|id| known(&wire, id));
                        self.drop_what_is_not_offered(&mut seen);
                    }
                    ResourceKind::Group => {
                        let people = &self.people;
                        seen.values = read_group(resource, people, &|id| known(&wire, id));
                        if seen.values.contains_key(&Aspect::Strangers) {
                            self.offer.shows_members();
                        } else {
                            self.members(&wire, &path, &mut seen).await;
                        }
                    }
                }
            }
            (404 | 410, _) => {}
            (status, _) => {
                let why = format!("reading it back was answered with {status}");
                seen.presence = Presence::Unreadable(why);
            }
        }
        seen
    }

    /// A target may implement a part of the schema only, if it says so.
    fn drop_what_is_not_offered(&self, seen: &mut Observation) {
        for (aspect, value) in &mut seen.values {
            if let Aspect::Value(place) = aspect
                && *value == Seen::Missing
                && !self.offer.has(place)
            {
                let why = format!("the target's /Schemas does not offer {place}");
                *value = Seen::NotObservable(why);
            }
        }
    }

    /// The group came without members. That is an empty group, or a target that shows members on request only.
    async fn members(&self, wire: &Wire, path: &str, seen: &mut Observation) {
        let empty = |seen: &mut Observation| {
            let nobody = serde_json::json!({"members": []});
            let people = &self.people;
            let shown = read_group(&Value::from(nobody), people, &|_| None);
            let members = shown
                .into_iter()
                .filter(|(aspect, _)| *aspect != Aspect::GroupName);
            seen.values.extend(members);
        };
        // A target that shows members unasked has shown all there are.
        if self.offer.members_shown() {
            return empty(seen);
        }
        let basis = Basis::documented("rfc7644/3.9");
        let asked = Request::new(Method::Get, format!("{path}?attributes=members"), basis);
        if let Ok(reply) = wire.send(asked).await {
            seen.exchanges.push(reply.exchange);
            let shown = reply.json().filter(|_| reply.ok());
            let shown = shown.map(|group| read_group(group, &self.people, &|id| known(wire, id)));
            if let Some(values) = shown.filter(|values| values.contains_key(&Aspect::Strangers)) {
                let members = values
                    .into_iter()
                    .filter(|(aspect, _)| *aspect != Aspect::GroupName);
                seen.values.extend(members);
                return;
            }
        }
        if self.offer.members_by_default() {
            return empty(seen);
        }
        let why = "the target shows no group's members";
        for person in self.people.iter() {
            let hidden = Seen::NotObservable(why.to_owned());
            seen.values.insert(Aspect::Member(person.clone()), hidden);
        }
        let hidden = Seen::NotObservable(why.to_owned());
        seen.values.insert(Aspect::Strangers, hidden);
    }
}

impl AfterWrite for Auditor {
    fn after_write<'a>(
        &'a self,
        wire: &'a Wire,
        request: &'a Request,
        outcome: &'a Result<Reply, Failure>,
    ) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let exchange = match outcome {
                Ok(reply) => reply.exchange,
                Err(failure) => failure.exchange,
            };
            self.doubt_everything();
            let written = split_target(&request.target).and_then(|(kind, id)| {
                wire.guard()
                    .get(kind, &id)
                    .and_then(|owned| owned.subject.clone())
            });
            let Some(subject) = written.or_else(|| wire.context().by.subject.clone()) else {
                return;
            };
            let seen = self.look(wire, &subject).await;
            self.record(wire, Some(exchange), None, seen);
        })
    }
}

fn never_seen(subject: Subject) -> Observation {
    Observation {
        subject,
        exchanges: Vec::new(),
        presence: Presence::Gone,
        values: BTreeMap::new(),
    }
}

/// Puts what the IdP's own lookup finds into the observation.
fn found(seen: &mut Observation, lookup: Lookup, status: u16, read_by_id: bool) {
    let one = |count| Seen::Value(Datum::Count(count));
    let value = match lookup {
        Lookup::Found { id, .. } => match &seen.presence {
            Presence::Here(known) if *known != id => {
                Seen::WrongForm(format!("another record, with the id {id:?}"))
            }
            // Whoever had no id to read by is known by the lookup alone; an id that answers 404 stays gone.
            Presence::Gone if !read_by_id => {
                seen.presence = Presence::Here(id);
                one(1)
            }
            Presence::Here(_) | Presence::Gone | Presence::Unreadable(_) => one(1),
        },
        Lookup::None => one(0),
        Lookup::Many(count) => one(u32::try_from(count).unwrap_or(u32::MAX)),
        Lookup::Unreadable(why) => Seen::NotObservable(format!(
            "the IdP cannot read the answer to its lookup ({status}): {why}"
        )),
    };
    seen.values.insert(Aspect::Found, value);
}

fn known(wire: &Wire, id: &str) -> Option<PersonKey> {
    let guard = wire.guard();
    match guard.get(ResourceKind::User, id)?.subject.clone()? {
        Subject::Person(key) => Some(key),
        Subject::Group(_) => None,
    }
}
