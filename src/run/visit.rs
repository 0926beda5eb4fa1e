//! What a story does at the product's door: people are tried there before and after a change, somebody signs on, its
//! administrator grants and bans.

use std::collections::{BTreeMap, BTreeSet};

use super::door::{self, Halt, Tried};
use super::play::Stage;
use super::prober;
use crate::directory::{Directory, Event, Subject};
use crate::model::{Aspect, Observation, Promise, Seen, compare};
use crate::scenario::{Deed, Wish};
use crate::wire::Wire;

impl Stage<'_> {
    /// The first of those who are about to lose access, or to be suspended, gets a session and a token before that.
    pub(super) async fn before_the_change(
        &mut self,
        at: usize,
        events: &[Event],
        before: &Directory,
        now: &Directory,
    ) {
        let Some(door) = self.door.as_mut().filter(|_| self.play.is_of_leavers()) else {
            return;
        };
        let of_the_door = |promises: Vec<Promise>| {
            let mut promises = promises;
            promises.retain(|promise| promise.aspect.is_at_the_door());
            promises
        };
        let mut next = self.policy.clone();
        next.after(before, events, now);
        let known = of_the_door(self.policy.promises(before));
        let same = |one: &Promise, other: &Promise| {
            one.subject == other.subject && one.aspect == other.aspect && one.want == other.want
        };
        let mut promises = of_the_door(next.promises(now));
        promises.retain(|promise| !known.iter().any(|old| same(old, promise)));
        let changes = |person: &&crate::directory::Person| {
            let subject = Subject::Person(person.key.clone());
            self.policy.has_access(person) && promises.iter().any(|p| p.subject == subject)
        };
        // Whoever changes in the same step changes alike; one shows it, and a large group is not dragged to the door.
        if let Some(person) = before.people().find(changes) {
            door.open(Some(at), person).await;
        }
    }

    /// Tries what people have from before, where something is promised of it.
    pub(super) async fn at_the_door(&self, wire: &Wire, at: usize, subjects: &BTreeSet<Subject>) {
        let mut promises = self.policy.promises(&self.directory);
        promises.retain(|promise| promise.aspect.is_at_the_door());
        let Some(door) = &self.door else {
            self.without_a_door(wire, subjects, &promises);
            return;
        };
        for person in self.directory.people() {
            let subject = Subject::Person(person.key.clone());
            let about = |promise: &&Promise| promise.subject == subject;
            let judged = subjects.contains(&subject) && !self.pending.contains(&subject);
            if !judged || !door.knows(&person.key) || !promises.iter().any(|p| about(&p)) {
                continue;
            }
            let own: Vec<Promise> = promises.iter().filter(about).cloned().collect();
            let sign_in = own.iter().any(|promise| promise.aspect == Aspect::SignIn);
            let seen = |tried: &Tried| self.with_tried(&subject, tried);
            let right = |tried: &Tried| compare(&own, &seen(tried)).divergences.is_empty();
            let settle = self.play.settle;
            let tried = door.look_until(Some(at), person, sign_in, settle, right);
            let tried = tried.await;
            self.auditor.note(wire, seen(&tried));
        }
    }

    /// Says of what is promised at the door that nobody can look there.
    fn without_a_door(&self, wire: &Wire, subjects: &BTreeSet<Subject>, promises: &[Promise]) {
        if !self.play.is_of_leavers() {
            return;
        }
        for subject in subjects {
            let own = promises
                .iter()
                .filter(|promise| promise.subject == *subject);
            let unseen = |promise: &Promise| {
                let why = Seen::NotObservable(door::UNDESCRIBED.to_owned());
                (promise.aspect.clone(), why)
            };
            let values: BTreeMap<Aspect, Seen> = own.map(unseen).collect();
            if !values.is_empty() {
                let exchanges = Vec::new();
                let seen = self.with_tried(subject, &Tried { values, exchanges });
                self.auditor.note(wire, seen);
            }
        }
    }

    /// Tries at the product what somebody may do there, until it is as promised or the target had time to settle.
    pub(super) async fn see(
        &self,
        wire: &Wire,
        at: usize,
        subject: &Subject,
        wishes: &[(Wish, bool)],
        promises: &[Promise],
    ) -> Option<Observation> {
        let (Some(door), Subject::Person(key), false) = (&self.door, subject, promises.is_empty())
        else {
            return None;
        };
        let person = self.directory.person(key)?;
        let start = wire.clock().real();
        loop {
            let tried = door.see(Some(at), person, wishes, |name| self.play.marks.group(name));
            let seen = self.with_tried(subject, &tried.await);
            let waited = wire.clock().real().saturating_sub(start);
            let settle = self.play.settle;
            if compare(promises, &seen).divergences.is_empty() || waited >= settle {
                return Some(seen);
            }
            tokio::time::sleep((settle / 10).min(settle.saturating_sub(waited))).await;
        }
    }

    /// The last look at somebody, with what was tried at the product's door.
    fn with_tried(&self, subject: &Subject, tried: &Tried) -> Observation {
        let last = self.auditor.last(subject);
        let mut seen = last.unwrap_or_else(|| Observation::nothing(subject.clone()));
        seen.values.extend(tried.values.clone());
        seen.exchanges.extend(&tried.exchanges);
        seen
    }

    /// Lets somebody do something at the product.
    pub(super) async fn deed(&self, wire: &Wire, at: usize, deed: &Deed) -> Result<(), Halt> {
        let person = deed.person().and_then(|key| self.directory.person(key));
        let claim = match deed {
            Deed::SignOn { claim, .. } => claim.as_ref(),
            _ => None,
        };
        let claim = claim.and_then(|key| self.directory.group(key));
        let claim = claim.map(|group| group.name.as_str()).unwrap_or_default();
        if let Some(door) = &self.door {
            door.perform(Some(at), deed, person, claim).await?;
        }
        match (deed, person) {
            // Whom the sign-on may have made is this run's to take away.
            (Deed::SignOn { .. }, Some(person)) => {
                prober::adopt(wire, person).await;
            }
            (Deed::DeactivateByScim(_), Some(person)) => {
                if let Some(owned) = prober::adopt(wire, person).await {
                    prober::deactivate(wire, &owned).await;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The ids of people and groups, which probes may name.
    pub(super) fn note_ids(&mut self, wire: &Wire) {
        let guard = wire.guard();
        for person in self.directory.people() {
            if let Some(owned) = guard.of(&Subject::Person(person.key.clone())) {
                self.values.insert(person.key.to_string(), owned.id.clone());
            }
        }
        for group in self.directory.groups() {
            if let Some(owned) = guard.of(&Subject::Group(group.key.clone())) {
                self.values.insert(group.key.to_string(), owned.id.clone());
            }
        }
    }
}

/// Whether what a story builds upon is so.
pub(super) fn given(promises: &[Promise], seen: Option<Observation>) -> Result<(), Halt> {
    let Some(seen) = seen else {
        return Ok(());
    };
    let compared = compare(promises, &seen);
    let unseen = compared.unseen.into_iter().map(|(promise, why)| {
        format!(
            "whether {} {} cannot be seen: {why}",
            promise.subject, promise.aspect
        )
    });
    let wrong = compared.divergences.into_iter().map(|divergence| {
        let Promise { subject, aspect, .. } = divergence.promise;
        format!("the story builds upon {subject} {aspect} being otherwise at the product: is it described rightly?")
    });
    match unseen.chain(wrong).next() {
        Some(why) => Err(Halt::Inconclusive(why)),
        None => Ok(()),
    }
}
