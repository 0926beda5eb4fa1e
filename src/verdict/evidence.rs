//! What each of the IdP's writes did and did not do: the evidence that causes are found from.
//!
//! A divergence is blamed on a write. A write that found a value wrong and left it right counts for every form it was
//! written in; a write that was to set a value right and did not, or was refused, counts against them.

use std::collections::{BTreeMap, BTreeSet};

use super::play::{Act, Look, Play};
use super::shape::{self, About, Form, Membering, Part};
use crate::directory::{PersonKey, Subject};
use crate::idp::Outcome as JobOutcome;
use crate::model::{
    Aspect, Comparison, Datum, Difference, Divergence, Presence, Promise, Seen, Want, compare,
};
use crate::wire::{Exchange, FailureKind, Method, Origin, split_target};

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
    /// A failure that nothing explains yet.
    fn unexplained(act: usize, subject: Option<Subject>) -> Self {
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

struct Gatherer<'a, 'b> {
    play: &'b Play<'a>,
    violations: &'b BTreeSet<u64>,
    evidence: Evidence,
    /// The last look at each subject before the step.
    latest: BTreeMap<Subject, Look<'a>>,
    /// The divergences that are already told of, and still as they were.
    reported: Vec<Divergence>,
    /// The subjects whose flow broke, each with the failure that broke it.
    derailed: BTreeMap<Subject, usize>,
    /// The subjects whom a lookup that broke a requirement may have tied to a wrong record, each with that exchange.
    misled: BTreeMap<Subject, u64>,
}

impl<'a> Gatherer<'a, '_> {
    fn idp_exchanges(&self, act: usize) -> impl Iterator<Item = &Exchange<'a>> {
        let range = self.play.steps[act].exchanges.clone();
        let exchanges = self.play.exchanges.get(range).unwrap_or_default();
        exchanges.iter().filter(|e| e.sent.by.origin == Origin::Idp)
    }

    /// The lookups whose answer broke a requirement: whatever the IdP does with it later is a consequence.
    fn lookups(&mut self, act: usize) {
        let misleading: Vec<_> = self
            .idp_exchanges(act)
            .filter(|e| e.parameter("filter").is_some() && self.violations.contains(&e.sent.n))
            .filter_map(|e| Some((e.sent.by.subject.clone()?, e.sent.n)))
            .collect();
        for (subject, n) in misleading {
            self.misled.entry(subject).or_insert(n);
        }
    }

    /// The lookup that led the job astray which made that write, or that was about that subject.
    fn misleading(&self, write: Option<u64>, subject: &Subject) -> Option<u64> {
        let writer = write
            .and_then(|n| self.play.exchange(n))
            .and_then(|e| e.sent.by.subject.as_ref());
        let found = writer.and_then(|writer| self.misled.get(writer));
        found.or_else(|| self.misled.get(subject)).copied()
    }

    /// The IdP's writes that the target answered with an error.
    fn refusals(&mut self, act: usize) {
        let mut failures = Vec::new();
        for exchange in self.idp_exchanges(act) {
            let (Some(status), true) = (exchange.status(), exchange.sent.method.writes()) else {
                continue;
            };
            // A 429 is the target's right, and what it says of credentials is another requirement's matter.
            if status < 400 || status == 429 {
                continue;
            }
            let subject = self.play.subject(exchange).cloned();
            let here = subject.as_ref().and_then(|s| self.latest.get(s));
            // A resource that is known to be gone may be answered with 404.
            if status == 404 && here.is_some_and(|look| look.seen.presence == Presence::Gone) {
                continue;
            }
            // What the lookup did not find and the target has: the lookup is to blame, which the state shows.
            let exists = here.is_some_and(|look| matches!(look.seen.presence, Presence::Here(_)));
            let settled = (status == 409 && exchange.sent.method == Method::Post && exists)
                .then_some(("filter/finds-what-exists", "missing"));
            if let Some(n) = subject
                .as_ref()
                .and_then(|s| self.misleading(Some(exchange.sent.n), s))
            {
                failures.push(Failure {
                    exchange: Some(n),
                    how: How::Unreadable,
                    ..Failure::unexplained(act, subject)
                });
                continue;
            }
            failures.push(Failure {
                act,
                subject,
                exchange: Some(exchange.sent.n),
                parts: self.parts(exchange),
                how: How::Refused(status),
                differences: Vec::new(),
                settled,
                admin_sees: None,
                note: None,
            });
        }
        for failure in failures {
            self.fail(failure);
        }
    }

    /// The IdP's POSTs that the target answered with somebody else's account.
    fn strangers(&mut self, act: usize) {
        let mut failures = Vec::new();
        for exchange in self.idp_exchanges(act) {
            let Some(before) = self.play.handed_over.get(&exchange.sent.n) else {
                continue;
            };
            failures.push(Failure {
                act,
                subject: Some(before.clone()),
                exchange: Some(exchange.sent.n),
                parts: Vec::new(),
                how: How::TooMuch,
                differences: Vec::new(),
                settled: Some(("identity/no-stranger-is-linked", "linked")),
                admin_sees: None,
                note: Some(format!(
                    "the POST was answered with the account of {before}"
                )),
            });
        }
        for failure in failures {
            self.fail(failure);
        }
    }

    /// The jobs that the IdP gave up although the target had refused nothing.
    fn stops(&mut self, act: usize) {
        for report in &self.play.steps[act].step.reports {
            let Some(subject) = &report.subject else {
                continue;
            };
            let JobOutcome::Stopped {
                exchange,
                why,
                admin_sees,
                ..
            } = &report.outcome
            else {
                if report.outcome == JobOutcome::Done {
                    self.derailed.remove(subject);
                }
                continue;
            };
            if let Some(&failure) = self.derailed.get(subject) {
                let failure = &mut self.evidence.failures[failure];
                if failure.act == act {
                    failure.admin_sees.get_or_insert_with(|| admin_sees.clone());
                    continue;
                }
            }
            let Some(culprit) = exchange.and_then(|n| self.play.exchange(n)) else {
                continue;
            };
            // One refused write can end the jobs of several subjects.
            let told = self
                .evidence
                .failures
                .iter()
                .position(|f| f.exchange == *exchange);
            if let Some(at) = told {
                self.derailed.insert(subject.clone(), at);
                self.evidence.failures[at]
                    .admin_sees
                    .get_or_insert_with(|| admin_sees.clone());
                continue;
            }
            if culprit.answered.is_some_and(|a| a.injected) || failed_by_the_wire(culprit) {
                continue;
            }
            let guarded = culprit
                .failed
                .is_some_and(|f| f.kind == FailureKind::Guarded);
            // The form of an earlier answer in the same job explains why the IdP went astray.
            let own = self
                .violations
                .contains(&culprit.sent.n)
                .then_some(culprit.sent.n);
            let first = self.first_violation(act, subject).or(own).or_else(|| {
                let id = split_target(&culprit.sent.target).filter(|_| guarded)?.1;
                self.made_without_201(&id)
            });
            let (settled, n) = match first {
                Some(n) => (None, n),
                None if guarded => {
                    let linked = ("identity/no-stranger-is-linked", "linked");
                    (Some(linked), culprit.sent.n)
                }
                None => (astray(culprit), culprit.sent.n),
            };
            self.fail(Failure {
                act,
                subject: Some(subject.clone()),
                exchange: Some(n),
                parts: self.parts(culprit),
                how: How::Unreadable,
                differences: Vec::new(),
                settled,
                admin_sees: Some(admin_sees.clone()),
                note: Some(why.clone()),
            });
        }
    }

    /// The first exchange of a subject's jobs in a step whose form broke a requirement.
    fn first_violation(&self, act: usize, subject: &Subject) -> Option<u64> {
        self.idp_exchanges(act)
            .filter(|e| e.sent.by.subject.as_ref() == Some(subject))
            .map(|e| e.sent.n)
            .find(|n| self.violations.contains(n))
    }

    /// The IdP's own POST that gave this id with another success than 201, so that it does not count as made.
    fn made_without_201(&self, id: &str) -> Option<u64> {
        let gave = |e: &&Exchange<'_>| {
            let given = e
                .reply()
                .and_then(|r| r.get("id"))
                .and_then(crate::scim::Value::as_str);
            e.sent.method == Method::Post
                && e.succeeded()
                && e.status() != Some(201)
                && given == Some(id)
        };
        self.play.writes().find(gave).map(|e| e.sent.n)
    }

    fn fail(&mut self, failure: Failure) -> usize {
        let at = self.evidence.failures.len();
        if let Some(subject) = &failure.subject {
            self.derailed.insert(subject.clone(), at);
        }
        self.evidence.failures.push(failure);
        at
    }

    /// Compares what is promised at the end of a step with what was last seen.
    fn judge(&mut self, act: usize) {
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
                // Nobody is found under a new name that was not stored: that the name is wrong says it all.
                if renamed && divergence.promise.aspect == Aspect::Found {
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

    /// What was wrong at a first look and right when the target had had time.
    fn healed(&mut self, act: usize, current: &BTreeMap<Subject, Look<'a>>) {
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
    fn count_what_worked(&mut self, step: &Act<'a>, subject: &Subject, promise: &Promise) {
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

    fn blame(&mut self, act: usize, subject: &Subject, divergence: Divergence) {
        // What hangs on somebody whose own flow broke is a consequence of that.
        if let Some(at) = self.because_of(subject, &divergence) {
            self.evidence.failures[at].differences.push(divergence);
            return;
        }
        let blamed = self
            .form_failure(act, &divergence)
            .or_else(|| self.lookup_failure(act, &divergence))
            .or_else(|| self.import_failure(act, &divergence))
            .or_else(|| self.damage(act, subject, &divergence))
            .or_else(|| self.omission(act, subject, &divergence));
        let write = blamed.as_ref().and_then(|failure| failure.exchange);
        let failure = match self.misleading(write, subject) {
            Some(n) => Failure {
                exchange: Some(n),
                how: How::Unreadable,
                ..Failure::unexplained(act, Some(subject.clone()))
            },
            None => blamed.unwrap_or_else(|| Failure::unexplained(act, Some(subject.clone()))),
        };
        // One write that fails in one way is one failure, however many values show it.
        let twin = self.evidence.failures.iter_mut().find(|f| {
            f.act == failure.act
                && f.exchange == failure.exchange
                && f.subject == failure.subject
                && f.how == failure.how
                && f.settled == failure.settled
                && f.parts == failure.parts
        });
        match twin {
            Some(twin) => twin.differences.push(divergence),
            None => self.evidence.failures.push(Failure {
                differences: vec![divergence],
                ..failure
            }),
        }
    }

    fn because_of(&self, subject: &Subject, divergence: &Divergence) -> Option<usize> {
        let other = match &divergence.promise.aspect {
            Aspect::Member(key) => Some(Subject::Person(key.clone())),
            _ => match &divergence.promise.want {
                Want::Is(Datum::Person(key)) => Some(Subject::Person(key.clone())),
                _ => None,
            },
        };
        let direct = self.derailed.get(subject);
        direct
            .or_else(|| self.derailed.get(other.as_ref()?))
            .copied()
    }

    /// The value is there in a form that is a finding of its own already.
    fn form_failure(&self, act: usize, divergence: &Divergence) -> Option<Failure> {
        if divergence.difference != Difference::WrongForm {
            return None;
        }
        let n = divergence
            .exchanges
            .iter()
            .find(|n| self.violations.contains(n))?;
        Some(Failure {
            exchange: Some(*n),
            how: How::WrongForm,
            ..Failure::unexplained(act, Some(divergence.promise.subject.clone()))
        })
    }

    /// The IdP's own lookup does not find what is there, or finds more.
    fn lookup_failure(&self, act: usize, divergence: &Divergence) -> Option<Failure> {
        if divergence.promise.aspect != Aspect::Found {
            return None;
        }
        let lookup = divergence.exchanges.last().copied();
        let requirement = match divergence.difference {
            Difference::Missing if divergence.promise.line == "person/inactive-is-still-found" => {
                ("user/inactive-user-is-found", "missing")
            }
            Difference::Missing | Difference::Other => {
                let target = lookup
                    .and_then(|n| self.play.exchange(n))
                    .and_then(|e| e.parameter("filter"));
                if target.is_some_and(|filter| has_special_characters(&filter)) {
                    ("filter/special-characters", "missing")
                } else {
                    ("filter/finds-what-exists", "missing")
                }
            }
            Difference::Unwanted | Difference::WrongForm => ("user/user-name-unique", "duplicate"),
        };
        Some(Failure {
            exchange: lookup,
            settled: Some(requirement),
            ..Failure::unexplained(act, Some(divergence.promise.subject.clone()))
        })
    }

    /// An import did not see somebody, or saw somebody more than once.
    fn import_failure(&self, act: usize, divergence: &Divergence) -> Option<Failure> {
        if divergence.promise.aspect != Aspect::Imported {
            return None;
        }
        let outcome = match divergence.seen {
            Seen::Value(Datum::Count(count)) if count > 1 => "duplicate",
            _ => "missing",
        };
        let list = |e: &&Exchange<'_>| e.sent.method == Method::Get && e.path() == "/Users";
        let last = self.idp_exchanges(act).filter(list).last();
        Some(Failure {
            act,
            subject: Some(divergence.promise.subject.clone()),
            exchange: last.map(|e| e.sent.n),
            parts: Vec::new(),
            how: How::Unexplained,
            differences: Vec::new(),
            settled: Some(("import/everybody-once", outcome)),
            admin_sees: None,
            note: None,
        })
    }

    /// The value was right, and after a write it was not.
    fn damage(&self, act: usize, subject: &Subject, divergence: &Divergence) -> Option<Failure> {
        let step = &self.play.steps[act];
        let promise = &divergence.promise;
        let mut was_right = self
            .latest
            .get(subject)
            .and_then(|look| right(promise, look));
        let mut culprit = None;
        for look in step
            .looks
            .iter()
            .filter(|look| look.seen.subject == *subject)
        {
            let now = right(promise, look);
            if now == Some(false) && was_right == Some(true) {
                culprit = Some(look.after);
            }
            if now == Some(true) {
                culprit = None;
            }
            was_right = now.or(was_right);
        }
        let after = culprit?;
        let writes = self.idp_exchanges(act).filter(|e| e.sent.method.writes());
        let write = match after {
            Some(n) => self.play.exchange(n)?,
            // Nobody looked right after it: whatever was written last in the step is suspected.
            None => writes.last()?,
        };
        let touching = self
            .parts(write)
            .into_iter()
            .find(|part| self.touches(part, promise));
        let own = self.play.subject(write) == Some(subject);
        Some(Failure {
            act,
            subject: Some(subject.clone()),
            exchange: Some(write.sent.n),
            settled: if own && touching.is_some() {
                None
            } else {
                Some(too_much(write, own))
            },
            parts: touching.into_iter().collect(),
            how: if divergence.difference == Difference::WrongForm {
                How::WrongForm
            } else {
                How::TooMuch
            },
            differences: Vec::new(),
            admin_sees: None,
            note: None,
        })
    }

    /// The value never became right: the last write that was about it is to blame.
    fn omission(&self, act: usize, subject: &Subject, divergence: &Divergence) -> Option<Failure> {
        let promise = &divergence.promise;
        let writes: Vec<_> = self
            .idp_exchanges(act)
            .filter(|e| e.sent.method.writes() && self.play.subject(e) == Some(subject))
            .collect();
        let about = writes.iter().rev().find_map(|write| {
            let part = self
                .parts(write)
                .into_iter()
                .find(|part| self.touches(part, promise))?;
            Some((*write, part))
        });
        let (write, parts) = match about {
            Some((write, part)) => (write, vec![part]),
            None => (*writes.last()?, Vec::new()),
        };
        let before = self
            .latest
            .get(subject)
            .map(|look| look.seen.of(&promise.aspect));
        let how = match divergence.difference {
            Difference::WrongForm => How::WrongForm,
            Difference::Other if before.as_ref() != Some(&divergence.seen) => How::Changed,
            Difference::Other | Difference::Missing | Difference::Unwanted => How::Ignored,
        };
        Some(Failure {
            act,
            subject: Some(subject.clone()),
            exchange: Some(write.sent.n),
            settled: parts
                .is_empty()
                .then_some(("lifecycle/state-as-promised", unexplained(divergence))),
            parts,
            how,
            differences: Vec::new(),
            admin_sees: None,
            note: None,
        })
    }

    /// The parts of a write. A value path is another thing where the element it selects is not there yet.
    fn parts(&self, write: &Exchange<'_>) -> Vec<Part> {
        let mut parts = shape::parts(write);
        let before = self
            .play
            .subject(write)
            .and_then(|subject| self.latest.get(subject));
        for part in &mut parts {
            let About::Value(place) = &part.about else {
                continue;
            };
            if part.forms.contains(&Form::ValuePath)
                && !before.is_some_and(|look| has_element(look, place))
            {
                part.forms.remove(&Form::ValuePath);
                part.forms.insert(Form::ValuePathCreates);
            }
        }
        parts
    }

    /// Whether a part of a write is about the promised value.
    fn touches(&self, part: &Part, promise: &Promise) -> bool {
        match (&part.about, &promise.aspect) {
            (About::Whole, Aspect::Presence) => part.forms.iter().any(|form| {
                matches!(
                    form,
                    Form::PostUser | Form::PostGroup | Form::DeleteUser | Form::DeleteGroup
                )
            }),
            (About::GroupName, Aspect::GroupName) => true,
            // A write that says the opposite (a PUT of what a GET had shown) was not to bring this about.
            (About::Active(said), Aspect::Active) => said.is_none_or(|on| promises(promise, on)),
            (About::Value(one), Aspect::Value(other)) => same_place(one, other),
            (About::Members(membering, ids), Aspect::Member(person)) => {
                let named = ids.iter().any(|id| self.is(id, person));
                let member = match membering {
                    Membering::Add if named => true,
                    Membering::Remove if named => false,
                    Membering::Replace => named,
                    Membering::Add | Membering::Remove => return false,
                };
                promises(promise, member)
            }
            (About::Members(membering, _), Aspect::Strangers) => *membering == Membering::Replace,
            _ => false,
        }
    }

    fn is(&self, id: &str, person: &PersonKey) -> bool {
        self.play.owners.get(id) == Some(&Subject::Person(person.clone()))
    }
}

/// Whether a look shows a promise kept; nothing where it cannot be seen.
fn right(promise: &Promise, look: &Look<'_>) -> Option<bool> {
    let comparison = compare(std::slice::from_ref(promise), look.seen);
    // Of a resource that is not there nothing is right yet but its absence.
    if look.seen.presence == Presence::Gone && promise.aspect != Aspect::Presence {
        return Some(matches!(promise.want, Want::IsNot(_)));
    }
    (comparison.compared > 0).then_some(comparison.divergences.is_empty())
}

/// Whether that is the value that a promise wants.
fn promises(promise: &Promise, value: bool) -> bool {
    match &promise.want {
        Want::Is(Datum::Flag(wanted)) => *wanted == value,
        Want::IsNot(Datum::Flag(unwanted)) => *unwanted != value,
        _ => true,
    }
}

/// Whether any value of the element that a place selects was there.
fn has_element(look: &Look<'_>, place: &crate::directory::Place) -> bool {
    look.seen.values.iter().any(|(aspect, seen)| match aspect {
        Aspect::Value(other) => {
            matches!(seen, crate::model::Seen::Value(_))
                && other.attribute.eq_ignore_ascii_case(&place.attribute)
                && other.element.as_ref().map(|e| e.to_lowercase())
                    == place.element.as_ref().map(|e| e.to_lowercase())
        }
        _ => false,
    })
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
fn other_name<'d>(
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

fn same_place(one: &crate::directory::Place, other: &crate::directory::Place) -> bool {
    let equal = |a: &Option<String>, b: &Option<String>| match (a, b) {
        (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
        (None, None) => true,
        _ => false,
    };
    one.attribute.eq_ignore_ascii_case(&other.attribute)
        && equal(&one.extension, &other.extension)
        && equal(&one.element, &other.element)
        && equal(&one.sub, &other.sub)
}

/// Whether a membership or a manager hangs on somebody whose own job is still pending.
fn names_pending(promise: &Promise, pending: &[Subject]) -> bool {
    match &promise.aspect {
        Aspect::Member(key) => pending.contains(&Subject::Person(key.clone())),
        _ => false,
    }
}

/// A story's disturbance took the answer away, or the network did.
fn failed_by_the_wire(exchange: &Exchange<'_>) -> bool {
    exchange
        .failed
        .is_some_and(|failed| failed.kind != FailureKind::Guarded)
}

/// What a target broke whose answer, right in form, leads an IdP nowhere.
fn astray(exchange: &Exchange<'_>) -> Option<(&'static str, &'static str)> {
    let lookup = exchange.sent.method == Method::Get && exchange.parameter("filter").is_some();
    match exchange.sent.method {
        Method::Get
            if exchange
                .parameter("filter")
                .is_some_and(|f| has_special_characters(&f)) =>
        {
            let refused = !exchange.succeeded();
            Some((
                "filter/special-characters",
                if refused { "refused" } else { "missing" },
            ))
        }
        Method::Get if lookup && exchange.path() == "/Groups" => {
            Some(("filter/group-name-lookup", outcome_of_lookup(exchange)))
        }
        Method::Get if lookup => Some(("filter/user-name-lookup", outcome_of_lookup(exchange))),
        Method::Post if exchange.path() == "/Users" => Some(("user/created", "wrong-form")),
        _ => Some(("lifecycle/state-as-promised", "missing")),
    }
}

fn outcome_of_lookup(exchange: &Exchange<'_>) -> &'static str {
    if exchange.succeeded() {
        "unreadable"
    } else {
        "refused"
    }
}

/// Which requirement a write breaks that changes what it is not about.
fn too_much(write: &Exchange<'_>, own: bool) -> (&'static str, &'static str) {
    if !own {
        return match write.sent.method {
            Method::Put => ("user/put-touches-only-that-user", "too-much"),
            _ => ("lifecycle/state-as-promised", "wrong-value"),
        };
    }
    let forms: BTreeSet<Form> = shape::parts(write)
        .into_iter()
        .flat_map(|part| part.forms)
        .collect();
    let has = |form| forms.contains(&form);
    if has(Form::MemberRemovedByFilter) {
        ("group/member-removed-by-filter", "too-much")
    } else if has(Form::MemberRemovedByList) {
        ("group/member-removed-by-value-list", "too-much")
    } else if has(Form::MemberAdded) {
        ("group/adding-keeps-the-others", "too-much")
    } else if has(Form::MembersReplaced) {
        ("group/members-replaced", "missing")
    } else if has(Form::RenamedByPatch) {
        ("group/rename-keeps-members", "too-much")
    } else if has(Form::PatchUser) {
        ("patch/keeps-what-it-does-not-name", "too-much")
    } else if has(Form::PutUser) {
        ("user/values-kept-on-put", "missing")
    } else {
        ("lifecycle/state-as-promised", "wrong-value")
    }
}

fn unexplained(divergence: &Divergence) -> &'static str {
    match divergence.difference {
        Difference::Missing => "missing",
        Difference::Unwanted => "unwanted",
        Difference::Other | Difference::WrongForm => "wrong-value",
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
