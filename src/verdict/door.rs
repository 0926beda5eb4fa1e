//! What people can do at the product's door, and what became of their sessions and tokens there.

use super::evidence::{Failure, Gatherer, How};
use super::play::Act;
use crate::directory::Subject;
use crate::model::{Aspect, Datum, Difference, Divergence, Promise, Seen, Want};
use crate::requirement;

/// The requirement behind a promise about the door, or the one that the author of a story names. That somebody stays in has
/// none of its own.
pub(super) fn requirement(promise: &Promise) -> Option<&'static str> {
    if let Some(named) = requirement::find(&promise.line) {
        return Some(named.id);
    }
    match (&promise.aspect, &promise.want) {
        (Aspect::Session, Want::Is(Datum::Flag(false))) => {
            Some("lifecycle/sessions-end-on-deactivation")
        }
        (Aspect::Token, Want::Is(Datum::Flag(false))) => {
            Some("lifecycle/tokens-die-on-deactivation")
        }
        (Aspect::SignIn, Want::Is(Datum::Flag(false))) => {
            Some("lifecycle/no-sign-in-after-deactivation")
        }
        _ => None,
    }
}

/// Whether a step shows how it is with a promise.
pub(super) fn is_seen(act: &Act<'_>, promise: &Promise) -> bool {
    let looks = act
        .looks
        .iter()
        .filter(|look| look.seen.subject == promise.subject);
    looks
        .into_iter()
        .any(|look| matches!(look.seen.of(&promise.aspect), Seen::Value(_)))
}

/// Why a step does not show how it is with a promise.
pub(super) fn unseen<'a>(act: &Act<'a>, promise: &Promise) -> Option<&'a str> {
    act.looks
        .iter()
        .filter(|look| look.seen.subject == promise.subject)
        .find_map(|look| match look.seen.values.get(&promise.aspect) {
            Some(Seen::NotObservable(why)) => Some(why.as_str()),
            _ => None,
        })
}

impl Gatherer<'_, '_> {
    /// Somebody gets in who should be out, or the other way round.
    pub(super) fn door_failure(
        &mut self,
        act: usize,
        subject: &Subject,
        divergence: &Divergence,
    ) -> Option<Failure> {
        let promise = &divergence.promise;
        let named = requirement::find(&promise.line).is_some();
        if !promise.aspect.is_at_the_door() && !named {
            return None;
        }
        let outcome = match (&promise.aspect, &*promise.line) {
            _ if named => match divergence.difference {
                Difference::Unwanted => "unwanted",
                _ => "missing",
            },
            (Aspect::SignIn, _) => "admitted",
            (_, "person/returner-gets-nothing-old") => "revived",
            _ => "kept",
        };
        let settled = match self::requirement(promise) {
            Some(id) => (id, outcome),
            None => ("lifecycle/state-as-promised", "missing"),
        };
        let own = |n: &u64| {
            let exchange = self.play.exchange(*n);
            exchange.is_some_and(|exchange| !exchange.is_scim())
        };
        let seen = || divergence.exchanges.iter().rev();
        let tried = seen().find(|n| own(n)).or_else(|| seen().next());
        let write = self
            .idp_exchanges(act)
            .filter(|e| e.sent.method.writes() && self.play.subject(e) == Some(subject))
            .last();
        Some(Failure {
            exchange: write.map(|e| e.sent.n).or(tried.copied()),
            how: How::Ignored,
            settled: Some(settled),
            ..Failure::unexplained(act, Some(subject.clone()))
        })
    }

    /// What somebody can do at the door follows from what SCIM shows: whoever still has an active account gets in, whoever is
    /// still a member has the group's role, and a group that kept its name gives the old one.
    pub(super) fn because_of_what_is_shown(
        &self,
        subject: &Subject,
        divergence: &Divergence,
    ) -> Option<usize> {
        let (Subject::Person(person), true) = (subject, divergence.promise.aspect.is_at_the_door())
        else {
            return None;
        };
        let role = matches!(divergence.promise.aspect, Aspect::Role(_));
        let explains = |known: &Divergence| match &known.promise.aspect {
            Aspect::Active | Aspect::Presence if !role => {
                known.promise.subject == *subject && known.difference == Difference::Unwanted
            }
            Aspect::Member(member) if role => {
                member == person && known.difference == divergence.difference
            }
            Aspect::GroupName if role => matches!(known.promise.subject, Subject::Group(_)),
            _ => false,
        };
        let mut failures = self.evidence.failures.iter();
        failures.rposition(|failure| failure.differences.iter().any(explains))
    }
}
