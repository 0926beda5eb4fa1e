//! Exchanges made for tests, and the table that a check is held against.

use super::{Check, Judged, Requirement};
use crate::scim::Value;
use crate::wire::tape::{Answered, By, Sent};
use crate::wire::{Basis, Exchange, Headers, Method, Origin};

/// An exchange with everything it borrows.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    sent: Sent,
    answered: Option<Answered>,
}

/// A request with its answer, which is of SCIM's media type if it has a body.
pub(super) fn sample(method: Method, target: &str, status: u16, body: &str) -> Sample {
    let media = (
        "Content-Type".to_owned(),
        "application/scim+json".to_owned(),
    );
    Sample {
        sent: Sent {
            n: 1,
            by: By {
                origin: Origin::Probe,
                idp: "rfc".to_owned(),
                scenario: "test".to_owned(),
                step: None,
                job: String::new(),
                subject: None,
                other_tenant: false,
                judges: Vec::new(),
                demand: None,
            },
            at: 0,
            waited: 0,
            method,
            target: target.to_owned(),
            headers: Headers::default(),
            body: None,
            basis: Basis::inferred("none"),
            expects: Vec::new(),
        },
        answered: Some(Answered {
            n: 1,
            at: 0,
            injected: false,
            status,
            headers: (!body.is_empty()).then_some(media).into_iter().collect(),
            body: body.to_owned(),
        }),
    }
}

pub(super) fn get(target: &str, status: u16, body: &str) -> Sample {
    sample(Method::Get, target, status, body)
}

pub(super) fn post(target: &str, status: u16, body: &str) -> Sample {
    sample(Method::Post, target, status, body)
}

pub(super) fn put(target: &str, status: u16, body: &str) -> Sample {
    sample(Method::Put, target, status, body)
}

pub(super) fn patch(target: &str, status: u16, body: &str) -> Sample {
    sample(Method::Patch, target, status, body)
}

pub(super) fn delete(target: &str, status: u16, body: &str) -> Sample {
    sample(Method::Delete, target, status, body)
}

/// A PATCH of the user 1 with those operations.
pub(super) fn operations(operations: &str, status: u16) -> Sample {
    let body = format!(r#"{{"Operations":[{operations}]}}"#);
    patch("/Users/1", status, "").request(&body)
}

/// The user 1, created with those members.
pub(super) fn created(rest: &str) -> Sample {
    post("/Users", 201, &format!(r#"{{"id":"1",{rest}}}"#))
}

/// The user 1, read with those members.
pub(super) fn read(rest: &str) -> Sample {
    get("/Users/1", 200, &format!(r#"{{"id":"1",{rest}}}"#))
}

/// A plain PATCH that took effect, as the read behind it shows.
pub(super) fn taken_effect() -> [Sample; 2] {
    let change = operations(r#"{"op":"replace","path":"x","value":1}"#, 204);
    let name = r#""name":{"givenName":"G","familyName":"A"}"#;
    let seen = format!(r#""x":1,"displayName":"A","roles":[{{"value":"a"}}],{name}"#);
    [change, read(&seen)]
}

impl Sample {
    /// The same with that request body.
    pub(super) fn request(mut self, body: &str) -> Self {
        self.sent.body = Some(body.to_owned());
        self
    }

    /// The same with that header in the request.
    pub(super) fn asking(mut self, name: &str, value: &str) -> Self {
        let headers = self.sent.headers.iter().chain([(name, value)]);
        self.sent.headers = headers.collect();
        self
    }

    /// The same with that header in the answer, in place of one of that name.
    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        if let Some(answered) = &mut self.answered {
            let others = answered.headers.iter();
            let others = others.filter(|(n, _)| !n.eq_ignore_ascii_case(name));
            answered.headers = others.chain([(name, value)]).collect();
        }
        self
    }

    /// The same, sent to the second customer's tenant.
    pub(super) fn elsewhere(mut self) -> Self {
        self.sent.by.other_tenant = true;
        self
    }

    /// The same in that step, with the requirement that judges it.
    pub(super) fn judged_by(mut self, judge: &str, step: usize) -> Self {
        self.sent.by.judges = vec![judge.to_owned()];
        self.sent.by.step = Some(step);
        self
    }

    /// The same with what a vendor's test demands of it.
    pub(super) fn demand(mut self, judge: &str, demand: crate::wire::tape::Demand) -> Self {
        self.sent.by.judges = vec![judge.to_owned()];
        self.sent.by.demand = Some(demand);
        self
    }

    /// The same without any header in the answer.
    pub(super) fn bare(mut self) -> Self {
        if let Some(answered) = &mut self.answered {
            answered.headers = Headers::default();
        }
        self
    }

    /// The same, answered by the wire in the target's place.
    pub(super) fn injected(mut self) -> Self {
        if let Some(answered) = &mut self.answered {
            answered.injected = true;
        }
        self
    }

    pub(super) fn exchange(&self) -> Exchange<'_> {
        Exchange::new(&self.sent, self.answered.as_ref(), None)
    }
}

/// What a check says: `pass`, `n/a`, or the outcome's name.
fn said(requirement: &Requirement, judged: Judged) -> &'static str {
    match judged {
        Judged::Pass => "pass",
        Judged::NotApplicable => "n/a",
        Judged::Fail(violation) => {
            let known = requirement.outcome(violation.outcome).is_some();
            assert!(
                known,
                "{} declares no `{}`",
                requirement.id, violation.outcome
            );
            assert!(!violation.expected.is_empty() && !violation.observed.is_empty());
            violation.outcome
        }
    }
}

/// Holds a check of single messages against a table, which must have every outcome, a green and a red row.
pub(super) fn message_table(requirement: &Requirement, rows: &[(Sample, &str)]) {
    let Check::Message(check) = requirement.check else {
        panic!("{} is no check of messages", requirement.id);
    };
    for (n, (sample, wanted)) in rows.iter().enumerate() {
        let found = said(requirement, check(&sample.exchange()));
        assert_eq!(found, *wanted, "{}, row {n}: {sample:?}", requirement.id);
        if *wanted != "n/a" {
            let injected = sample.clone().injected();
            assert_eq!(said(requirement, check(&injected.exchange())), "n/a");
        }
    }
    complete(requirement, rows.iter().map(|(_, wanted)| *wanted));
}

/// Holds a check against what a target says of itself, each row with the configuration in which it says so.
pub(super) fn told_table(requirement: &Requirement, rows: &[(Sample, &str, &str)]) {
    let Check::Told(check) = requirement.check else {
        panic!("{} asks for nothing that was told", requirement.id);
    };
    for (n, (sample, told, wanted)) in rows.iter().enumerate() {
        let told = Value::parse(told).unwrap();
        let found = said(requirement, check(&sample.exchange(), &told));
        assert_eq!(found, *wanted, "{}, row {n}: {sample:?}", requirement.id);
    }
    complete(requirement, rows.iter().map(|(_, _, wanted)| *wanted));
}

/// Holds a check of probes against a table, which must have every outcome, a green and a red row.
pub(super) fn probe_table(requirement: &Requirement, rows: &[(&[Sample], &str)]) {
    let Check::Probe(check) = requirement.check else {
        panic!("{} is no check of probes", requirement.id);
    };
    for (n, (samples, wanted)) in rows.iter().enumerate() {
        let exchanges: Vec<_> = samples.iter().map(Sample::exchange).collect();
        let found = said(requirement, check(&exchanges));
        assert_eq!(found, *wanted, "{}, row {n}: {samples:?}", requirement.id);
    }
    assert_eq!(said(requirement, check(&[])), "n/a");
    complete(requirement, rows.iter().map(|(_, wanted)| *wanted));
}

fn complete<'a>(requirement: &Requirement, wanted: impl Iterator<Item = &'a str>) {
    let wanted: Vec<_> = wanted.collect();
    let outcomes = requirement.outcomes.iter().map(|outcome| outcome.name);
    for needed in outcomes.chain(["pass"]) {
        assert!(
            wanted.contains(&needed),
            "{} has no row `{needed}`",
            requirement.id
        );
    }
}
