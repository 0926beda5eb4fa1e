//! Where an IdP's flow broke: refused writes, jobs given up, lookups that led astray, strangers' records.

use crate::directory::Subject;
use crate::idp::Outcome as JobOutcome;
use crate::model::{Aspect, Datum, Presence, Seen};
use crate::scim::Value;
use crate::wire::{Exchange, FailureKind, Method, Origin, ResourceKind, split_target};

use super::evidence::{Failure, Gatherer, How, has_special_characters, other_name};
use super::shape::About;

impl Gatherer<'_, '_> {
    /// The lookups whose answer broke a requirement: whatever the IdP does with it later is a consequence.
    pub(super) fn lookups(&mut self, act: usize) {
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
    pub(super) fn misleading(&self, write: Option<u64>, subject: &Subject) -> Option<u64> {
        let writer = write
            .and_then(|n| self.play.exchange(n))
            .and_then(|e| e.sent.by.subject.as_ref());
        let found = writer.and_then(|writer| self.misled.get(writer));
        found.or_else(|| self.misled.get(subject)).copied()
    }

    /// The IdP's writes that the target answered with an error.
    pub(super) fn refusals(&mut self, act: usize) {
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
            if exchange.sent.expects.contains(&status) {
                continue;
            }
            // A resource that is known to be gone may be answered with 404.
            if status == 404 && here.is_some_and(|look| look.seen.presence == Presence::Gone) {
                continue;
            }
            if subject.as_ref().is_some_and(|s| self.doubled.contains(s)) {
                continue;
            }
            let settled = if self.done_all_the_same(act, exchange) {
                Some(("consistency/refused-write-changes-nothing", "applied"))
            } else if status == 409 && exchange.sent.method == Method::Post {
                subject.as_ref().and_then(|s| self.unfound(exchange, s))
            } else {
                None
            };
            let misleading = subject
                .as_ref()
                .and_then(|s| self.misleading(Some(exchange.sent.n), s));
            let misleading = misleading
                .or_else(|| self.spoiled(exchange))
                .or_else(|| self.own_violation(exchange));
            if let Some(n) = misleading {
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

    /// Whether the target did what it refused: nothing else that was written to the resource in the step was answered with
    /// success, and the value that the write names became right.
    fn done_all_the_same(&self, act: usize, write: &Exchange<'_>) -> bool {
        let Some(subject) = self.play.subject(write) else {
            return false;
        };
        let step = &self.play.steps[act];
        let alone = self.idp_exchanges(act).all(|other| {
            let writes = other.sent.method.writes() && self.play.subject(other) == Some(subject);
            !writes || !other.succeeded()
        });
        let last = step
            .looks
            .iter()
            .rev()
            .find(|look| look.seen.subject == *subject);
        let (Some(before), Some(after), true) = (self.latest.get(subject), last, alone) else {
            return false;
        };
        if write.sent.method == Method::Delete {
            let here = matches!(before.seen.presence, Presence::Here(_));
            return here && after.seen.presence == Presence::Gone;
        }
        self.parts(write).iter().any(|part| {
            let About::Active(Some(on)) = part.about else {
                return false;
            };
            let shows = |seen: Seen, on| seen == Seen::Value(Datum::Flag(on));
            shows(before.seen.of(&Aspect::Active), !on) && shows(after.seen.of(&Aspect::Active), on)
        })
    }

    /// Why a POST met a name that is taken: the target has the account, and the lookup before did not show it.
    fn unfound(
        &self,
        post: &Exchange<'_>,
        subject: &Subject,
    ) -> Option<(&'static str, &'static str)> {
        let here = self.latest.get(subject).map(|look| &look.seen.presence);
        let owned = self.play.owners.values().any(|owner| owner == subject);
        let exists = match here {
            Some(Presence::Here(_)) => true,
            Some(Presence::Gone) => false,
            _ => owned,
        };
        if !exists {
            return None;
        }
        // Under another name than the one that was sent nobody can be found.
        if other_name(subject, &self.reported) {
            return Some(("user/values-kept-on-create", "wrong-value"));
        }
        let body = post.sent.body.as_deref().unwrap_or_default();
        let lookup = self.play.exchanges.iter().rev().find(|e| {
            e.sent.n < post.sent.n
                && e.sent.by.subject.as_ref() == Some(subject)
                && e.parameter("filter").is_some()
        });
        let filter = lookup.and_then(|e| e.parameter("filter"));
        let special = filter.is_some_and(|f| has_special_characters(&f)) && !body.is_empty();
        Some(match special {
            true => ("filter/special-characters", "missing"),
            false => ("filter/finds-what-exists", "missing"),
        })
    }

    /// The read that a refused PUT was built on, where it showed no `schemas`: the IdP sent back what it was given.
    fn spoiled(&self, put: &Exchange<'_>) -> Option<u64> {
        let body = put.request().filter(|_| put.sent.method == Method::Put)?;
        // What the IdP itself adds for an extension does not make up for the type's own schema.
        let schemas = body.get("schemas").and_then(Value::as_array);
        let core = |schema: &Value| schema.as_str().is_some_and(|urn| urn.contains(":core:"));
        if schemas.unwrap_or_default().iter().any(core) {
            return None;
        }
        let (_, id) = split_target(&put.sent.target)?;
        let read = self.play.exchanges.iter().rev().find_map(|e| {
            let before = e.sent.by.origin == Origin::Idp && e.sent.n < put.sent.n && e.succeeded();
            let body = e.reply().filter(|_| before)?;
            let listed = body.get("Resources").and_then(Value::as_array);
            let mut shown = listed.unwrap_or_default().iter().chain([body]);
            let own = |one: &&Value| one.get("id").and_then(Value::as_str) == Some(&id);
            Some((e.sent.n, shown.find(own)?))
        });
        let (n, shown) = read?;
        shown.get("schemas").is_none().then_some(n)
    }

    /// The write itself, where its own answer is a finding already that says why it was refused.
    fn own_violation(&self, write: &Exchange<'_>) -> Option<u64> {
        let told = write.status() == Some(415) && self.violations.contains(&write.sent.n);
        told.then_some(write.sent.n)
    }

    /// The IdP's POSTs that the target answered with somebody else's account.
    pub(super) fn strangers(&mut self, act: usize) {
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
    pub(super) fn stops(&mut self, act: usize) {
        for report in &self.play.steps[act].step.reports {
            let Some(subject) = &report.subject else {
                self.broken_import(act, &report.outcome);
                self.set_up(&report.outcome);
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
            if self.doubled.contains(subject) {
                continue;
            }
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
                self.made_without_201(&id).or_else(|| self.odd_creation())
            });
            let (settled, n) = match (first, self.undeleted(culprit)) {
                (Some(n), _) => (None, n),
                (None, Some((settled, n))) => (Some(settled), n),
                (None, None) if guarded => {
                    let linked = ("identity/no-stranger-is-linked", "linked");
                    (Some(linked), culprit.sent.n)
                }
                (None, None) => (astray(culprit), culprit.sent.n),
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
    pub(super) fn first_violation(&self, act: usize, subject: &Subject) -> Option<u64> {
        self.idp_exchanges(act)
            .filter(|e| e.sent.by.subject.as_ref() == Some(subject))
            .map(|e| e.sent.n)
            .find(|n| self.violations.contains(n))
    }

    /// The IdP's own DELETE of somebody whom a lookup finds all the same.
    fn undeleted(&self, lookup: &Exchange<'_>) -> Option<((&'static str, &'static str), u64)> {
        let found = lookup.reply().and_then(|list| list.get("Resources"))?;
        let [only] = found.as_array()? else {
            return None;
        };
        let id = only.get("id").and_then(Value::as_str)?;
        let delete = self.play.writes().find(|e| {
            let target = split_target(&e.sent.target);
            e.sent.n < lookup.sent.n
                && e.sent.method == Method::Delete
                && target == Some((ResourceKind::User, id.to_owned()))
        })?;
        let outcome = if delete.succeeded() {
            "ignored"
        } else {
            "refused"
        };
        Some((("user/deleted", outcome), delete.sent.n))
    }

    /// A refused write in a job about nobody of the story leaves the IdP without a connection, until such a job is done.
    fn set_up(&mut self, outcome: &JobOutcome) {
        match outcome {
            JobOutcome::Done => self.unready = None,
            JobOutcome::Stopped { exchange, .. } => {
                let told =
                    |f: &Failure| f.exchange == *exchange && matches!(f.how, How::Refused(_));
                self.unready = self.evidence.failures.iter().position(told);
            }
            _ => {}
        }
    }

    /// An import that the target broke off sees nobody.
    fn broken_import(&mut self, act: usize, outcome: &JobOutcome) {
        let JobOutcome::Stopped {
            exchange,
            why,
            admin_sees,
            ..
        } = outcome
        else {
            return;
        };
        let Some(list) = exchange.and_then(|n| self.play.exchange(n)) else {
            return;
        };
        // What the IdP reads of the service itself is no import.
        let lists = matches!(list.path().trim_matches('/'), "Users" | "Groups");
        let reads = lists && list.sent.method == Method::Get && list.parameter("filter").is_none();
        if !reads
            || !list
                .status()
                .is_some_and(|status| status >= 400 && status != 429)
        {
            return;
        }
        self.evidence.failures.push(Failure {
            exchange: Some(list.sent.n),
            settled: Some(("import/everybody-once", "missing")),
            admin_sees: Some(admin_sees.clone()),
            note: Some(why.clone()),
            ..Failure::unexplained(act, None)
        });
    }

    /// A POST of the story that was answered with another success than 201: the answer that was lost looked like it.
    fn odd_creation(&self) -> Option<u64> {
        let lost = |e: &Exchange<'_>| e.sent.method == Method::Post && e.status().is_none();
        let odd = |e: &&Exchange<'_>| {
            e.sent.method == Method::Post && e.succeeded() && e.status() != Some(201)
        };
        let lost = self.play.writes().any(lost);
        let mut posts = self.play.exchanges.iter();
        posts.find(odd).filter(|_| lost).map(|e| e.sent.n)
    }

    /// The IdP's own POST that gave this id with another success than 201, so that it does not count as made.
    pub(super) fn made_without_201(&self, id: &str) -> Option<u64> {
        let gave = |e: &&Exchange<'_>| {
            let given = e.reply().and_then(|r| r.get("id")).and_then(Value::as_str);
            e.sent.method == Method::Post
                && e.succeeded()
                && e.status() != Some(201)
                && given == Some(id)
        };
        self.play.writes().find(gave).map(|e| e.sent.n)
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
