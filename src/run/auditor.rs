//! The auditor: a neutral RFC client that reads state back.
//!
//! It looks right after each of the IdP's writes, so that a divergence can be blamed on the write that made it, and at the
//! end of each step, by the IdP's own lookup, so that it is known what the IdP will see next.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;

use super::known::{Known, Memory};
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
    memory: Arc<Memory>,
}

impl Auditor {
    pub(super) fn new(tape: TapeWriter, offer: Arc<Offer>, directory: &Directory) -> Self {
        let places = directory.settings.mappings.iter().map(|m| m.place.clone());
        Self {
            tape,
            offer,
            people: Arc::new(directory.people().map(|p| p.key.clone()).collect()),
            places: Arc::new(places.collect()),
            memory: Arc::default(),
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
        let known = match person {
            None => self.current(wire, &subject).await,
            Some(person) => {
                let in_time = settled.is_none();
                self.looked_up(wire, &subject, person, dialect, in_time)
                    .await
            }
        };
        self.record(wire, None, settled, known)
    }

    /// Looks at a group by id.
    pub(super) async fn group(
        &self,
        wire: &Wire,
        key: &GroupKey,
        settled: Option<Duration>,
    ) -> Observation {
        let known = self.current(wire, &Subject::Group(key.clone())).await;
        self.record(wire, None, settled, known)
    }

    /// Forgets what was seen, because time has passed or somebody else may have written.
    pub(super) fn doubt_everything(&self) {
        self.memory.doubt();
    }

    /// The last look at a subject.
    pub(super) fn last(&self, subject: &Subject) -> Option<Observation> {
        self.memory.of(subject).map(|known| known.last)
    }

    /// Whether nothing was written since the last look at a subject.
    pub(super) fn is_fresh(&self, subject: &Subject) -> bool {
        self.memory.fresh(subject).is_some()
    }

    /// Puts what was found out beside the resource on the tape.
    pub(super) fn note(&self, wire: &Wire, observation: Observation) {
        self.write(wire, None, None, observation.clone());
        self.memory.add(observation);
    }

    /// Puts a look on the tape.
    fn record(
        &self,
        wire: &Wire,
        after: Option<u64>,
        settled: Option<Duration>,
        known: Known,
    ) -> Observation {
        let seen = known.last.clone();
        self.memory.keep(known);
        self.write(wire, after, settled, seen.clone());
        seen
    }

    fn write(
        &self,
        wire: &Wire,
        after: Option<u64>,
        settled: Option<Duration>,
        observation: Observation,
    ) {
        let by = &wire.context().by;
        self.tape.write(Line::Observed(Observed {
            idp: by.idp.clone(),
            scenario: by.scenario.clone(),
            step: by.step,
            after,
            settled: settled.map(|time| u64::try_from(time.as_millis()).unwrap_or(u64::MAX)),
            observation,
        }));
    }

    /// What is known of a subject, read again if anything was written since.
    async fn current(&self, wire: &Wire, subject: &Subject) -> Known {
        match self.memory.fresh(subject) {
            Some(known) => known,
            None => Known::by(self.look(wire, subject).await),
        }
    }

    /// What the IdP's own lookup and reading by id show. The lookup is not repeated if nothing was written since, and what
    /// it shows just as it was read last is not read again: unless the target is late, whose lists may be later still.
    async fn looked_up(
        &self,
        wire: &Wire,
        subject: &Subject,
        person: &Person,
        dialect: &dyn Dialect,
        in_time: bool,
    ) -> Known {
        let request = dialect.find_person(person);
        let fresh = self.memory.fresh(subject);
        if let Some(known) = fresh.filter(|k| k.lookup.as_ref() == Some(&request)) {
            return known;
        }
        let asking = wire
            .origin(Origin::Audit)
            .job("look up", Some(subject.clone()));
        let reply = match asking.send(request.clone()).await {
            Ok(reply) => reply,
            Err(failure) => {
                let mut known = self.current(wire, subject).await;
                known.last.exchanges.push(failure.exchange);
                let why = Seen::NotObservable(failure.message);
                known.last.values.insert(Aspect::Found, why);
                known.lookup = None;
                return known;
            }
        };
        let lookup = dialect.read_lookup(&reply);
        let as_it_was = self.memory.of(subject).map(|known| known.read);
        let as_it_was = as_it_was.filter(|read| in_time && self.shows(wire, &lookup, read));
        let mut known = match (self.memory.fresh(subject), as_it_was) {
            (Some(known), _) => known,
            (None, Some(read)) => Known::by(read),
            (None, None) => self.current(wire, subject).await,
        };
        let read_by_id = !known.read.exchanges.is_empty();
        known.last.exchanges.push(reply.exchange);
        found(&mut known.last, lookup, reply.status, read_by_id);
        known.lookup = Some(request);
        known
    }

    /// Whether a lookup shows a person just as reading by id did.
    fn shows(&self, wire: &Wire, lookup: &Lookup, read: &Observation) -> bool {
        match (lookup, &read.presence) {
            (Lookup::Found { id, resource }, Presence::Here(known)) if id == known => {
                self.read_person(wire, resource) == read.values
            }
            _ => false,
        }
    }

    async fn look(&self, wire: &Wire, subject: &Subject) -> Observation {
        let wire = wire
            .origin(Origin::Audit)
            .job("read back", Some(subject.clone()));
        let owned = wire.guard().of(subject).cloned();
        let Some(owned) = owned else {
            return Observation::nothing(subject.clone());
        };
        let path = owned.path();
        let basis = Basis::documented("rfc7644/3.4.1");
        let mut seen = Observation::nothing(subject.clone());
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
                        seen.values = self.read_person(&wire, resource);
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

    /// A target may implement a part of the schema only, if it says so: what it does not offer cannot be missing.
    fn read_person(&self, wire: &Wire, resource: &Value) -> BTreeMap<Aspect, Seen> {
        let mut values = read_person(resource, &self.places, &|id| known(wire, id));
        for (aspect, value) in &mut values {
            if let Aspect::Value(place) = aspect
                && *value == Seen::Missing
                && !self.offer.has(place)
            {
                let why = format!("the target's /Schemas does not offer {place}");
                *value = Seen::NotObservable(why);
            }
        }
        values
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
            self.memory.written_by(exchange);
            let written = split_target(&request.target).and_then(|(kind, id)| {
                wire.guard()
                    .get(kind, &id)
                    .and_then(|owned| owned.subject.clone())
            });
            let Some(subject) = written.or_else(|| wire.context().by.subject.clone()) else {
                return;
            };
            // Of writes that were under way together, one look shows what all have done.
            let known = match self.memory.fresh(&subject) {
                Some(known) => Known::by(known.read),
                None => Known::by(self.look(wire, &subject).await),
            };
            self.record(wire, Some(exchange), None, known);
        })
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
