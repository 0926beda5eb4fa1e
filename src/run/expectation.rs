//! What an author says aloud in a story, as promises beside those of the policy.

use super::door::aspect;
use crate::model::{Aspect, Datum, Promise, Want};
use crate::scenario::{Expectation, State};

/// Whether a promise of the policy bears out what an author says aloud.
pub(super) fn bears(promised: &Promise, said: &Promise) -> bool {
    let agree = promised.want.implies(&said.want) || said.want.implies(&promised.want);
    promised.subject == said.subject && promised.aspect == said.aspect && agree
}

/// What an author says aloud, as promises.
pub(super) fn expected(expectation: &Expectation) -> Vec<Promise> {
    let promise = |aspect, want| Promise {
        subject: expectation.subject.clone(),
        aspect,
        want,
        line: match &expectation.judges {
            Some(judges) => judges.clone().into(),
            None => "scenario/expect".into(),
        },
    };
    let flag = |value| Want::Is(Datum::Flag(value));
    let says = |state| expectation.is.contains(&state);
    let mut promises = Vec::new();
    match (
        says(State::Active),
        says(State::Inactive),
        says(State::Present),
        says(State::Absent),
    ) {
        (true, false, _, false) => {
            promises.push(promise(Aspect::Presence, flag(true)));
            promises.push(promise(Aspect::Active, flag(true)));
        }
        (false, true, _, false) => {
            promises.push(promise(Aspect::Presence, flag(true)));
            promises.push(promise(Aspect::Active, flag(false)));
        }
        (false, true, false, true) => {
            promises.push(promise(Aspect::Active, Want::IsNot(Datum::Flag(true))));
        }
        (false, false, false, true) => promises.push(promise(Aspect::Presence, flag(false))),
        (true, true, _, false) | (false, false, true, false) => {
            promises.push(promise(Aspect::Presence, flag(true)));
        }
        // Any state would do: nothing is expected.
        _ => {}
    }
    let has = expectation.has.iter().map(|key| (key, true));
    let hasnt = expectation.hasnt.iter().map(|key| (key, false));
    for (key, member) in has.chain(hasnt) {
        promises.push(promise(Aspect::Member(key.clone()), flag(member)));
    }
    for (wish, wanted) in &expectation.door {
        promises.push(promise(aspect(wish), flag(*wanted)));
    }
    promises
}
