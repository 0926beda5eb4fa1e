//! Which write is to blame for a value that is not as promised.

use std::collections::BTreeSet;

use crate::directory::{PersonKey, Subject};
use crate::model::{Aspect, Datum, Difference, Divergence, Promise, Seen, Want};
use crate::wire::{Exchange, Method};

use super::evidence::{Failure, Gatherer, How, has_special_characters, right};
use super::play::Look;
use super::shape::{self, About, Form, Membering, Part};

/// What a target breaks that has several accounts of one name.
const DOUBLED: (&str, &str) = ("user/user-name-unique", "duplicate");

impl Gatherer<'_, '_> {
    pub(super) fn blame(&mut self, act: usize, subject: &Subject, divergence: Divergence) {
        // What hangs on somebody whose own flow broke is a consequence of that.
        let cause = self
            .because_of(subject, &divergence)
            .or_else(|| self.because_of_what_is_shown(subject, &divergence));
        if let Some(at) = cause {
            self.evidence.failures[at].differences.push(divergence);
            return;
        }
        let blamed = self
            .door_failure(act, subject, &divergence)
            .or_else(|| self.form_failure(act, &divergence))
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
        if failure.settled == Some(DOUBLED) {
            self.doubled.insert(subject.clone());
        }
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

    pub(super) fn because_of(&self, subject: &Subject, divergence: &Divergence) -> Option<usize> {
        let other = match &divergence.promise.aspect {
            Aspect::Member(key) => Some(Subject::Person(key.clone())),
            _ => match &divergence.promise.want {
                Want::Is(Datum::Person(key)) => Some(Subject::Person(key.clone())),
                _ => None,
            },
        };
        let direct = self.derailed.get(subject);
        let written = |e: &&Exchange<'_>| self.play.subject(e) == Some(subject);
        direct
            .or_else(|| self.derailed.get(other.as_ref()?))
            .copied()
            .or_else(|| {
                self.unready
                    .filter(|_| self.play.writes().find(written).is_none())
            })
    }

    /// The value is there in a form that is a finding of its own already.
    pub(super) fn form_failure(&self, act: usize, divergence: &Divergence) -> Option<Failure> {
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
    pub(super) fn lookup_failure(&self, act: usize, divergence: &Divergence) -> Option<Failure> {
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
            Difference::Unwanted | Difference::WrongForm => DOUBLED,
        };
        Some(Failure {
            exchange: lookup,
            settled: Some(requirement),
            ..Failure::unexplained(act, Some(divergence.promise.subject.clone()))
        })
    }

    /// An import did not see somebody, or saw somebody more than once.
    pub(super) fn import_failure(&self, act: usize, divergence: &Divergence) -> Option<Failure> {
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
    pub(super) fn damage(
        &self,
        act: usize,
        subject: &Subject,
        divergence: &Divergence,
    ) -> Option<Failure> {
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
                Some(too_much(write, own, divergence.difference))
            },
            parts: touching.into_iter().collect(),
            how: match divergence.difference {
                Difference::WrongForm => How::WrongForm,
                // Another value stands where the right one was: that says more than that something is missing.
                Difference::Other => How::Changed,
                Difference::Missing | Difference::Unwanted => How::TooMuch,
            },
            differences: Vec::new(),
            admin_sees: None,
            note: None,
        })
    }

    /// The value never became right: the last write that was about it is to blame.
    pub(super) fn omission(
        &self,
        act: usize,
        subject: &Subject,
        divergence: &Divergence,
    ) -> Option<Failure> {
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
    pub(super) fn parts(&self, write: &Exchange<'_>) -> Vec<Part> {
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
    pub(super) fn touches(&self, part: &Part, promise: &Promise) -> bool {
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

    pub(super) fn is(&self, id: &str, person: &PersonKey) -> bool {
        self.play.owners.get(id) == Some(&Subject::Person(person.clone()))
    }
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

/// Which requirement a write breaks that changes what it is not about.
fn too_much(
    write: &Exchange<'_>,
    own: bool,
    difference: Difference,
) -> (&'static str, &'static str) {
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
        match difference {
            Difference::Missing => ("user/values-kept-on-put", "missing"),
            _ => ("user/values-kept-on-put", "wrong-value"),
        }
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
