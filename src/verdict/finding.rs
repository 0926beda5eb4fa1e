//! Findings in the making, and how they are put into words.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::evidence::{Failure, How};
use super::judge::{Rules, advice};
use super::localise::{Spectrum, outcomes};
use super::play::Play;
use super::shape::Form;
use crate::directory::Subject;
use crate::fact::Confidence;
use crate::model::{Aspect, Datum, Divergence, Seen, Want, policy_line};
use crate::report::{
    Body, Difference, Exchange as Shown, ExchangeFailure, ExchangeRequest, ExchangeResponse,
    Finding, Standing, Step,
};
use crate::requirement::{self, Check, Impact, Outcome, Requirement, Violation};
use crate::scim::Value;
use crate::wire::{Exchange, Headers, Method, Origin, ResourceKind, split_target};

/// How many exchanges a finding shows.
const SHOWN: usize = 6;

/// A finding before it is put into words.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) play: usize,
    pub(super) requirement: &'static Requirement,
    pub(super) outcome: &'static Outcome,
    pub(super) exchanges: Vec<u64>,
    act: Option<usize>,
    subject: Option<Subject>,
    differences: Vec<Divergence>,
    expected: String,
    observed: String,
    admin_sees: Option<String>,
    note: Option<String>,
    confidence: Confidence,
}

impl Draft {
    pub(super) fn impact(&self) -> Impact {
        self.outcome.impact
    }

    /// Whether a probe found it by a PATCH of a kind of which none does anything: what a target does not do at all it does
    /// not do right in detail either.
    pub(super) fn is_explained_by(&self, play: &Play<'_>, spectrum: &Spectrum) -> bool {
        let dead = |exchange: &Exchange<'_>| match split_target(&exchange.sent.target) {
            _ if exchange.sent.method != Method::Patch => false,
            Some((ResourceKind::User, _)) => spectrum.never_works(Form::PatchUser),
            Some((ResourceKind::Group, _)) => spectrum.never_works(Form::PatchGroup),
            None => false,
        };
        let mut exchanges = self.exchanges.iter().filter_map(|n| play.exchange(*n));
        matches!(self.requirement.check, Check::Probe(_)) && exchanges.any(dead)
    }

    /// What it costs: whoever was to lose access and has it still is worse than any loss of data.
    fn cost(&self) -> Impact {
        let kept = self.differences.iter().any(|d| {
            d.promise.aspect == Aspect::Active && d.difference == crate::model::Difference::Unwanted
        });
        if kept {
            Impact::Security
        } else {
            self.outcome.impact
        }
    }

    /// A finding about the form of a message.
    pub(super) fn of_violation(
        at: usize,
        play: &Play<'_>,
        requirement: &'static Requirement,
        violation: &Violation,
        exchange: &Exchange<'_>,
    ) -> Self {
        let outcome = requirement.outcome(violation.outcome);
        let act = play.steps.iter().position(|act| {
            let range = play
                .exchanges
                .get(act.exchanges.clone())
                .unwrap_or_default();
            range.iter().any(|e| e.sent.n == exchange.sent.n)
        });
        Self {
            play: at,
            requirement,
            outcome: outcome
                .or(requirement.outcomes.first())
                .unwrap_or(&UNDECLARED),
            exchanges: vec![exchange.sent.n],
            act,
            subject: exchange.sent.by.subject.clone(),
            differences: Vec::new(),
            expected: violation.expected.clone(),
            observed: violation.observed.clone(),
            admin_sees: None,
            note: None,
            // What a message must look like does not hang on how sure a request's shape is.
            confidence: Confidence::Documented,
        }
    }

    /// A finding about what became of the state.
    pub(super) fn of_failure(
        at: usize,
        play: &Play<'_>,
        failure: &Failure,
        spectrum: &Spectrum,
    ) -> Self {
        let exchange = failure.exchange.and_then(|n| play.exchange(n));
        let (requirement, outcome) = explain(failure, spectrum);
        let (expected, observed) = said(failure, exchange);
        let mut exchanges: Vec<u64> = failure.exchange.into_iter().collect();
        for n in failure.differences.iter().flat_map(|d| &d.exchanges) {
            if !exchanges.contains(n) && exchanges.len() < SHOWN {
                exchanges.push(*n);
            }
        }
        let confidence = match exchange {
            Some(exchange) if exchange.sent.by.origin == Origin::Idp => {
                exchange.sent.basis.confidence
            }
            Some(_) => Confidence::Documented,
            None => {
                let line = failure
                    .differences
                    .first()
                    .and_then(|d| policy_line(&d.promise.line));
                line.map_or(Confidence::Inferred, |line| line.confidence)
            }
        };
        Self {
            play: at,
            requirement,
            outcome,
            exchanges,
            act: Some(failure.act),
            subject: failure.subject.clone(),
            differences: failure.differences.clone(),
            expected,
            observed,
            admin_sees: failure.admin_sees.clone(),
            note: failure.note.clone(),
            confidence,
        }
    }

    /// Takes over what followed from this finding.
    pub(super) fn adopt(&mut self, failure: &Failure) {
        self.differences.extend(failure.differences.iter().cloned());
        if self.admin_sees.is_none() {
            self.admin_sees.clone_from(&failure.admin_sees);
        }
        self.act.get_or_insert(failure.act);
        if self.subject.is_none() {
            self.subject.clone_from(&failure.subject);
        }
    }

    /// Puts the finding into words.
    pub(super) fn finding(
        &self,
        play: &Play<'_>,
        rules: &Rules,
        files: &BTreeMap<String, (String, String)>,
    ) -> Finding {
        let step = self
            .act
            .and_then(|act| play.steps.get(act))
            .map(|act| Step {
                index: act.step.step.unwrap_or(play.steps.len().saturating_sub(1)),
                action: act.step.action.clone(),
                file: files.get(play.scenario).map(|(file, _)| file.clone()),
                line: u32::try_from(act.step.at_line)
                    .ok()
                    .filter(|line| *line > 0),
            });
        let attribute = self
            .differences
            .first()
            .map(|d| d.promise.aspect.to_string());
        let subject = self.subject.as_ref().map(Subject::to_string);
        let cause = format!("{}:{}", self.requirement.id, self.outcome.name);
        let at = step
            .as_ref()
            .map(|s| s.index.to_string())
            .unwrap_or_default();
        let id = fingerprint(&[
            &cause,
            play.idp,
            play.scenario,
            &at,
            subject.as_deref().unwrap_or_default(),
            attribute.as_deref().unwrap_or_default(),
        ]);
        let mut message = format!("expected {}; found {}", self.expected, self.observed);
        if let Some(note) = &self.note {
            message = format!("{message}. {note}");
        }
        let cites: Vec<String> = self
            .requirement
            .cites
            .iter()
            .map(ToString::to_string)
            .collect();
        let advice = advice(self.outcome.level, self.confidence, rules);
        Finding {
            id,
            cause,
            requirement: self.requirement.id.to_owned(),
            outcome: self.outcome.name.to_owned(),
            level: self.outcome.level,
            impact: self.cost(),
            standing: advice.map_or(Standing::Fails, |_| Standing::Advice),
            advice,
            known: None,
            idp: play.idp.to_owned(),
            scenario: play.scenario.to_owned(),
            step,
            subject,
            attribute,
            expected: self.expected.clone(),
            observed: self.observed.clone(),
            differences: self.differences.iter().map(difference).collect(),
            message,
            fix: self.requirement.fix.to_owned(),
            admin_sees: self.admin_sees.clone(),
            customers: self.outcome.customers.to_owned(),
            source: cites.join(", "),
            confidence: self.confidence,
            exchanges: self.exchanges.iter().copied().take(SHOWN).collect(),
        }
    }
}

/// Stands in for an outcome that a check names and no declaration has; a test keeps this from happening.
static UNDECLARED: Outcome = Outcome {
    name: "undeclared",
    level: requirement::Level::May,
    impact: Impact::Noise,
    customers: "unknown",
};

/// Which requirement a failure breaks, and how.
pub(super) fn explain(
    failure: &Failure,
    spectrum: &Spectrum,
) -> (&'static Requirement, &'static Outcome) {
    let forms = failure
        .parts
        .iter()
        .flat_map(|part| part.forms.iter().copied());
    let form = spectrum.culprit(failure.how, forms);
    let (id, mut wanted) = match failure.settled {
        Some((id, outcome)) => (id, vec![outcome]),
        None => {
            let id = form.map_or("lifecycle/state-as-promised", |form| form.requirement());
            (id, outcomes(failure.how, form, spectrum))
        }
    };
    let general = &requirement::STATE_AS_PROMISED;
    let requirement = requirement::find(id).unwrap_or(general);
    if let Some(outcome) = wanted.iter().find_map(|name| requirement.outcome(name)) {
        return (requirement, outcome);
    }
    wanted.extend(["missing", "unwanted", "wrong-value"]);
    let outcome = wanted
        .iter()
        .find_map(|name| general.outcome(name))
        .unwrap_or(&UNDECLARED);
    (general, outcome)
}

/// What was expected and what was there, as phrases.
fn said(failure: &Failure, exchange: Option<&Exchange<'_>>) -> (String, String) {
    if let How::Refused(status) = failure.how {
        let detail = exchange
            .and_then(Exchange::reply)
            .and_then(|reply| reply.get("detail"))
            .and_then(Value::as_str)
            .map(|detail| format!(": {detail}"))
            .unwrap_or_default();
        return ("an answer of 2xx".to_owned(), format!("{status}{detail}"));
    }
    match failure.differences.first() {
        Some(first) => {
            let shown = difference(first);
            let name = format!("{} {}", shown.subject, shown.attribute);
            (
                format!("{name} = {}", shown.promised),
                format!("{name} = {}", shown.observed),
            )
        }
        None => {
            let status = exchange.and_then(Exchange::status);
            let observed = match status {
                Some(status) => format!("an answer with {status} that it cannot use"),
                None => "no usable answer".to_owned(),
            };
            ("an answer that the IdP can go on with".to_owned(), observed)
        }
    }
}

fn difference(divergence: &Divergence) -> Difference {
    let promised = match &divergence.promise.want {
        Want::Is(datum) => datum.to_string(),
        Want::IsNot(Datum::Flag(flag)) => Datum::Flag(!flag).to_string(),
        Want::IsNot(datum) => format!("not {datum}"),
    };
    let observed = match &divergence.seen {
        Seen::Value(datum) => datum.to_string(),
        Seen::Missing => "nothing".to_owned(),
        Seen::WrongForm(form) => form.clone(),
        Seen::NotObservable(why) => format!("not observable ({why})"),
    };
    let attribute = match &divergence.promise.aspect {
        Aspect::Presence => "exists".to_owned(),
        aspect => aspect.to_string(),
    };
    Difference {
        subject: divergence.promise.subject.to_string(),
        attribute,
        promised,
        observed,
    }
}

/// A short id that depends on what went wrong and where, not on the run.
fn fingerprint(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    data_encoding::HEXLOWER.encode(&hash.finalize()[..6])
}

fn pairs(headers: &Headers) -> Vec<(String, String)> {
    let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    headers.iter().map(owned).collect()
}

/// An exchange as a report shows it.
pub(super) fn shown(play: &Play<'_>, exchange: &Exchange<'_>, target: &str) -> Shown {
    let sent = exchange.sent;
    let body = |text: &str| {
        (!text.is_empty()).then(|| Body {
            text: text.to_owned(),
        })
    };
    let until = exchange
        .answered
        .map(|a| a.at)
        .or(exchange.failed.map(|f| f.at))
        .unwrap_or(sent.at);
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds of an exchange fit a float"
    )]
    let milliseconds = until.saturating_sub(sent.at) as f64;
    let base = play.begin.and_then(|begin| match sent.by.other_tenant {
        false => Some(begin.base.as_str()),
        true => begin.other_base.as_deref(),
    });
    let base = base.unwrap_or(target);
    Shown {
        n: sent.n,
        origin: if exchange.answered.is_some_and(|a| a.injected) {
            Origin::Injected
        } else {
            sent.by.origin
        },
        idp: sent.by.idp.clone(),
        scenario: sent.by.scenario.clone(),
        step: sent.by.step,
        job: Some(sent.by.job.clone()).filter(|job| !job.is_empty()),
        other_tenant: sent.by.other_tenant,
        milliseconds,
        request: ExchangeRequest {
            method: sent.method,
            url: match exchange.is_scim() {
                true => format!("{base}{}", sent.target),
                false => sent.target.clone(),
            },
            path: sent.target.clone(),
            headers: pairs(&sent.headers),
            body: sent.body.as_deref().and_then(body),
        },
        response: exchange.answered.map(|answered| ExchangeResponse {
            status: answered.status,
            headers: pairs(&answered.headers),
            body: body(&answered.body),
        }),
        failure: exchange.failed.map(|failed| ExchangeFailure {
            kind: failed.kind,
            message: failed.message.clone(),
        }),
        injected: exchange.answered.is_some_and(|a| a.injected),
        basis: Some(sent.basis.fact.to_string()),
        confidence: Some(sent.basis.confidence),
    }
}
