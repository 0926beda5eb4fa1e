//! What each of the IdP's writes did and did not do: the evidence that causes are found from.
//!
//! A divergence is blamed on a write. A write that found a value wrong and left it right counts for every form it was
//! written in; a write that was to set a value right and did not, or was refused, counts against them.

use std::collections::{BTreeMap, BTreeSet};

use super::play::{Act, Look, Play};
use super::shape::Part;
use crate::directory::Subject;
use crate::model::{Aspect, Comparison, Datum, Divergence, Presence, Promise, Seen, Want, compare};
use crate::wire::{Exchange, Method, Origin};

/// What the writes of one play show.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// The parts of writes that did what they were to do.
    pub(super) worked: Vec<Part>,
    /// What went wrong, in the order in which it showed.
    pub(super) failures: Vec<Failure>,
    /// How many promised values were compared.
    pub(super) compared: usize,
    /// How many could not be seen, by the reason.
    pub(super) unseen: BTreeMap<String, usize>,
}

/// One thing that went wrong.
#[derive(Clone, Debug)]
pub(super) struct Failure {
    /// The step, as an index into the play's.
    pub(super) act: usize,
    /// Whom or what it befell.
    pub(super) subject: Option<Subject>,
    /// The exchange that is to blame, if one is.
    pub(super) exchange: Option<u64>,
    /// The parts of that exchange that did not do what they were to do.
    pub(super) parts: Vec<Part>,
    /// In which way it went wrong.
    pub(super) how: How,
    /// The promised values that are not as promised because of it.
    pub(super) differences: Vec<Divergence>,
    /// Requirement and outcome, where no search for the cause is needed.
    pub(super) settled: Option<(&'static str, &'static str)>,
    /// What the IdP's administrator sees, where the IdP gave up.
    pub(super) admin_sees: Option<String>,
    /// What happened, as a sentence, where no difference tells it.
    pub(super) note: Option<String>,
}

impl Failure {
    /// Whether it is about who is in a group, and about nothing else.
    pub(super) fn is_of_members(&self) -> bool {
        let member = |d: &Divergence| matches!(d.promise.aspect, Aspect::Member(_));
        !self.differences.is_empty() && self.differences.iter().all(member)
    }

    /// A failure that nothing explains yet.
    pub(super) fn unexplained(act: usize, subject: Option<Subject>) -> Self {
        Self {
            act,
            subject,
            exchange: None,
            parts: Vec::new(),
            how: How::Unexplained,
            differences: Vec::new(),
            settled: None,
            admin_sees: None,
            note: None,
        }
    }
}

/// The ways in which a write goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum How {
    /// The target answered with an error.
    Refused(u16),
    /// The target answered with success and changed nothing of it.
    Ignored,
    /// Another value stands there now.
    Changed,
    /// The value stands there in a form that nobody can read.
    WrongForm,
    /// The write changed what it was not about.
    TooMuch,
    /// The IdP could not make anything of the answer.
    Unreadable,
    /// Nothing shows who did it.
    Unexplained,
}

/// Gathers the evidence of one play. `violations` are the exchanges whose form already broke a requirement that matters.
pub(super) fn gather(play: &Play<'_>, violations: &BTreeSet<u64>) -> Evidence {
    let mut gatherer = Gatherer {
        play,
        violations,
        evidence: Evidence::default(),
        latest: BTreeMap::new(),
        reported: Vec::new(),
        derailed: BTreeMap::new(),
        doubled: BTreeSet::new(),
        unready: None,
        misled: BTreeMap::new(),
    };
    for act in 0..play.steps.len() {
        gatherer.lookups(act);
        gatherer.refusals(act);
        gatherer.strangers(act);
        gatherer.stops(act);
        gatherer.judge(act);
    }
    gatherer.evidence
}

pub(super) struct Gatherer<'a, 'b> {
    pub(super) play: &'b Play<'a>,
    pub(super) violations: &'b BTreeSet<u64>,
    pub(super) evidence: Evidence,
    /// The last look at each subject before the step.
    pub(super) latest: BTreeMap<Subject, Look<'a>>,
    /// The divergences that are already told of, and still as they were.
    pub(super) reported: Vec<Divergence>,
    /// The subjects whose flow broke, each with the failure that broke it.
    pub(super) derailed: BTreeMap<Subject, usize>,
    /// The subjects of whom the target has several: whatever the IdP does with one of them goes astray.
    pub(super) doubled: BTreeSet<Subject>,
    /// The refused write that ended what the IdP does before it provisions anybody (JumpCloud's activation).
    pub(super) unready: Option<usize>,
    /// The subjects whom a lookup that broke a requirement may have tied to a wrong record, each with that exchange.
    pub(super) misled: BTreeMap<Subject, u64>,
}

impl<'a> Gatherer<'a, '_> {
    pub(super) fn idp_exchanges(&self, act: usize) -> impl Iterator<Item = &Exchange<'a>> {
        let range = self.play.steps[act].exchanges.clone();
        let exchanges = self.play.exchanges.get(range).unwrap_or_default();
        exchanges.iter().filter(|e| e.sent.by.origin == Origin::Idp)
    }

    pub(super) fn fail(&mut self, failure: Failure) -> usize {
        let at = self.evidence.failures.len();
        if let Some(subject) = &failure.subject {
            self.derailed.insert(subject.clone(), at);
        }
        self.evidence.failures.push(failure);
        at
    }

    /// Compares what is promised at the end of a step with what was last seen.
    pub(super) fn judge(&mut self, act: usize) {
        let play = self.play;
        let step: &Act<'a> = &play.steps[act];
        let mut current = self.latest.clone();
        for look in &step.looks {
            current.insert(look.seen.subject.clone(), *look);
        }
        let mut still = Vec::new();
        for (subject, look) in &current {
            if step.step.pending.contains(subject) {
                continue;
            }
            let promises: Vec<_> = step
                .promises
                .iter()
                .filter(|p| p.subject == *subject && !names_pending(p, &step.step.pending))
                .cloned()
                .collect();
            let comparison = compare(&promises, look.seen);
            self.evidence.compared += comparison.compared;
            for (_, why) in &comparison.unseen {
                *self.evidence.unseen.entry(why.clone()).or_default() += 1;
            }
            for promise in &promises {
                if kept(promise, &comparison) {
                    self.count_what_worked(step, subject, promise);
                }
            }
            let renamed = other_name(subject, comparison.divergences.iter().chain(&self.reported));
            for divergence in comparison.divergences {
                // Nobody is found under a new name that was not stored: that the name is wrong says it all. And who may
                // well be gone, only that the target does not say so as it should, need not be found.
                let found = divergence.promise.aspect == Aspect::Found;
                let unreadable = matches!(look.seen.presence, Presence::Unreadable(_));
                let elsewhere = || self.stored_under_another_name(look, &divergence);
                if found && (renamed || unreadable || elsewhere()) {
                    continue;
                }
                let old = self.reported.iter().any(|known| same(known, &divergence));
                still.push(divergence.clone());
                if !old {
                    self.blame(act, subject, divergence);
                }
            }
        }
        self.healed(act, &current);
        // What this step said nothing about is as it was.
        let judged = |known: &Divergence| {
            let about = |p: &Promise| {
                p.subject == known.promise.subject && p.aspect == known.promise.aspect
            };
            step.promises.iter().any(about)
        };
        self.reported.retain(|known| !judged(known));
        self.reported.extend(still);
        self.latest = current;
    }

    /// Whether the lookup that found nobody asked for another name than the target has stored, where nothing is promised of
    /// the name any more.
    fn stored_under_another_name(&self, look: &Look<'_>, divergence: &Divergence) -> bool {
        let lookup = divergence.exchanges.last();
        let lookup = lookup.and_then(|n| self.play.exchange(*n)?.parameter("filter"));
        let name = look
            .seen
            .values
            .iter()
            .find_map(|(aspect, seen)| match (aspect, seen) {
                (Aspect::Value(place), Seen::Value(Datum::Text(name))) => {
                    let is_name = place.attribute.eq_ignore_ascii_case("userName");
                    is_name.then(|| name.to_lowercase())
                }
                _ => None,
            });
        let (Some(filter), Some(name)) = (lookup, name) else {
            return false;
        };
        let filter = filter.to_lowercase();
        filter.starts_with("username eq ") && !filter.contains(&name)
    }

    /// What was wrong at a first look and right when the target had had time.
    pub(super) fn healed(&mut self, act: usize, current: &BTreeMap<Subject, Look<'a>>) {
        let play = self.play;
        let step = &play.steps[act];
        for (subject, last) in current.iter().filter(|(_, look)| look.settled.is_some()) {
            let own = |look: &&Look<'_>| look.seen.subject == *subject && look.settled.is_none();
            let Some(first) = step.looks.iter().rev().find(own) else {
                continue;
            };
            let mut differences = compare(step.promises, first.seen).divergences;
            let still = compare(step.promises, last.seen).divergences;
            differences.retain(|d| !still.iter().any(|other| other.promise == d.promise));
            if differences.is_empty() {
                continue;
            }
            self.evidence.failures.push(Failure {
                exchange: first.seen.exchanges.last().copied(),
                differences,
                settled: Some(("consistency/reads-follow-writes", "late")),
                ..Failure::unexplained(act, Some(subject.clone()))
            });
        }
    }

    /// The write that found a value wrong and left it right is good evidence for the forms it was written in.
    pub(super) fn count_what_worked(
        &mut self,
        step: &Act<'a>,
        subject: &Subject,
        promise: &Promise,
    ) {
        let mut before = self.latest.get(subject).map(|look| right(promise, look));
        for look in step
            .looks
            .iter()
            .filter(|look| look.seen.subject == *subject)
        {
            let now = right(promise, look);
            let write = look.after.and_then(|n| self.play.exchange(n));
            // Without an earlier look it is not known that the value was wrong, unless the write made the resource.
            let was_wrong = match before {
                Some(before) => before != Some(true),
                None => write.is_some_and(|w| w.sent.method == Method::Post),
            };
            if now == Some(true) && was_wrong {
                let part = write
                    .and_then(|w| self.parts(w).into_iter().find(|p| self.touches(p, promise)));
                self.evidence.worked.extend(part);
            }
            before = Some(now);
        }
    }
}

/// Whether a look shows a promise kept; nothing where it cannot be seen.
pub(super) fn right(promise: &Promise, look: &Look<'_>) -> Option<bool> {
    let comparison = compare(std::slice::from_ref(promise), look.seen);
    // Of a resource that is not there nothing is right yet but its absence.
    if look.seen.presence == Presence::Gone && promise.aspect != Aspect::Presence {
        return Some(matches!(promise.want, Want::IsNot(_)));
    }
    (comparison.compared > 0).then_some(comparison.divergences.is_empty())
}

fn kept(promise: &Promise, comparison: &Comparison) -> bool {
    !comparison.divergences.iter().any(|d| d.promise == *promise)
        && !comparison.unseen.iter().any(|(p, _)| p == promise)
}

/// Whether a divergence is one that was told of already. What an author expects aloud is no promise of its own.
fn same(known: &Divergence, new: &Divergence) -> bool {
    known.promise.subject == new.promise.subject
        && known.promise.aspect == new.promise.aspect
        && known.seen == new.seen
        && (known.promise.want == new.promise.want || new.promise.line == "scenario/expect")
}

/// Whether the person is looked for under a name that the record does not have.
pub(super) fn other_name<'d>(
    subject: &Subject,
    divergences: impl IntoIterator<Item = &'d Divergence>,
) -> bool {
    divergences.into_iter().any(|d| match &d.promise.aspect {
        Aspect::Value(place) => {
            d.promise.subject == *subject && place.attribute.eq_ignore_ascii_case("userName")
        }
        _ => false,
    })
}

/// Whether a membership or a manager hangs on somebody whose own job is still pending.
fn names_pending(promise: &Promise, pending: &[Subject]) -> bool {
    match &promise.aspect {
        Aspect::Member(key) => pending.contains(&Subject::Person(key.clone())),
        _ => false,
    }
}

/// Whether a filter's value has characters that need care in a URL or in a query language.
pub(super) fn has_special_characters(filter: &str) -> bool {
    let value = filter
        .split_once('"')
        .map_or(filter, |(_, rest)| rest.trim_end_matches('"'));
    value
        .chars()
        .any(|c| !c.is_ascii_alphanumeric() && !"@.-_ ".contains(c))
}
