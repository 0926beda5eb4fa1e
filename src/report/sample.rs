//! A report made by hand that has everything a report can have, for the tests of the writers.

use super::{
    Advice, Body, Cause, Cleanup, Difference, Exchange, ExchangeFailure, ExchangeRequest,
    ExchangeResponse, Finding, Known, Report, RequestCounts, RequirementResult, Run,
    ScenarioOutcome, ScenarioResult, SilentStep, StaleEntry, StaleWhy, Standing, Step, Tool,
    VariantResult, Verdict,
};
use crate::fact::Confidence;
use crate::requirement::{Impact, Level};
use crate::wire::{FailureKind, Method, Origin};

/// A run without a finding against the bundled server.
pub(crate) fn green() -> Report {
    let run = Run {
        id: "k3f7q2ab".to_owned(),
        seed: 7,
        started: jiff::Timestamp::UNIX_EPOCH,
        seconds: 1.25,
        target: "http://127.0.0.1:49152/scim/v2".to_owned(),
        bundled: true,
        complete: true,
        ended: None,
        exit: 0,
        requests: RequestCounts {
            idp: 300,
            audit: 200,
            probe: 20,
            seed: 5,
            cleanup: 90,
            injected: 3,
        },
        cleanup: Cleanup {
            gone: 80,
            released: 0,
            left: Vec::new(),
        },
    };
    let tool = Tool {
        name: "scimulate".to_owned(),
        version: "0.1.0".to_owned(),
        rules: "2026.11".to_owned(),
    };
    let mut report = Report::new(tool, run);
    for idp in [
        "okta/custom-app",
        "okta/catalog-app",
        "entra/default",
        "jumpcloud",
        "rfc",
    ] {
        for (scenario, title) in STORIES {
            if (idp == "rfc") == scenario.starts_with("connection/probe") {
                report.scenarios.push(passed(scenario, title, idp));
            }
        }
    }
    let suspension = report
        .scenarios
        .iter_mut()
        .find(|result| result.scenario == "offboarding/suspension")
        .unwrap();
    suspension.silent.push(SilentStep {
        step: step(2, "suspend ada", "offboarding/suspension", 14),
        why: "Okta sends nothing when a person is suspended".to_owned(),
        source: "okta/6.3".to_owned(),
        confidence: Confidence::Documented,
    });
    for (id, title, level) in REQUIREMENTS {
        let results = ["okta/custom-app", "okta/catalog-app", "entra/default"]
            .into_iter()
            .map(|idp| verdict(idp, Verdict::Pass, None, None))
            .collect();
        report.requirements.push(RequirementResult {
            id: (*id).to_owned(),
            title: (*title).to_owned(),
            level: *level,
            results,
        });
    }
    report.finish();
    report
}

/// A run against a foreign target that has findings of every impact and standing.
pub(crate) fn report() -> Report {
    let mut report = green();
    report.run.target = "https://app.example.com/scim/v2".to_owned();
    report.run.bundled = false;
    report.run.exit = 1;
    report.run.cleanup.left = vec!["/Groups/9\u{1b}[2J".to_owned()];
    report.findings = findings();
    report.causes = causes();
    report.exchanges = exchanges();
    report.stale = vec![
        StaleEntry {
            requirement: "group/rename".to_owned(),
            outcome: "ignored".to_owned(),
            idps: vec!["okta".to_owned()],
            reason: "our groups have fixed names".to_owned(),
            until: None,
            line: 9,
            why: StaleWhy::NotHappening,
        },
        StaleEntry {
            requirement: "list/paging".to_owned(),
            outcome: "partly".to_owned(),
            idps: vec!["entra/default".to_owned(), "jumpcloud".to_owned()],
            reason: "mended in the next release".to_owned(),
            until: Some("2026-10-31".to_owned()),
            line: 14,
            why: StaleWhy::Expired,
        },
    ];
    for result in &mut report.scenarios {
        if report.findings.iter().any(|f| {
            f.idp == result.idp && f.scenario == result.scenario && f.standing == Standing::Fails
        }) {
            result.outcome = ScenarioOutcome::Failed;
        }
        match (result.idp.as_str(), result.scenario.as_str()) {
            ("entra/default", "recovery/outage") => {
                result.outcome = ScenarioOutcome::Inconclusive;
                result.reason = Some(
                    "the target asked to wait 600 s (`Retry-After`), longer than --max-wait allows"
                        .to_owned(),
                );
            }
            ("jumpcloud", "groups/pushed") => {
                result.outcome = ScenarioOutcome::Skipped;
                result.reason =
                    Some("the target already has a group of the name `group-name`".to_owned());
            }
            _ => {}
        }
    }
    set(
        &mut report,
        0,
        "okta/custom-app",
        Verdict::Fail,
        Some("ignored"),
    );
    set(
        &mut report,
        0,
        "okta/catalog-app",
        Verdict::Fail,
        Some("ignored"),
    );
    set(
        &mut report,
        1,
        "entra/default",
        Verdict::Fail,
        Some("too-much"),
    );
    set(
        &mut report,
        2,
        "entra/default",
        Verdict::Fail,
        Some("refused"),
    );
    set(
        &mut report,
        3,
        "okta/custom-app",
        Verdict::Known,
        Some("wrong-form"),
    );
    set(&mut report, 4, "entra/default", Verdict::Inconclusive, None);
    set(
        &mut report,
        5,
        "entra/default",
        Verdict::NotApplicable,
        None,
    );
    report.requirements[6].results.clear();
    report.finish();
    report
}

const STORIES: &[(&str, &str)] = &[
    (
        "connection/probe",
        "what no IdP sends is answered as the RFC says",
    ),
    ("groups/pushed", "a group is pushed with its members"),
    ("groups/renamed", "a pushed group is renamed"),
    ("offboarding/leaver", "a leaver loses access"),
    (
        "offboarding/one-of-many",
        "one of three members leaves a group",
    ),
    ("offboarding/suspension", "a suspended person"),
    ("onboarding/joiner", "a joiner gets an account"),
    ("profile/mover", "a mover gets a new department"),
    ("recovery/outage", "an outage during onboarding"),
];

const REQUIREMENTS: &[(&str, &str, Level)] = &[
    (
        "user/deactivate",
        "a deactivated user is inactive",
        Level::Must,
    ),
    (
        "patch/remove-member-by-filter",
        "a filtered remove takes out only the selected member",
        Level::Must,
    ),
    (
        "patch/manager-as-text",
        "a manager given as text is stored",
        Level::Interop,
    ),
    (
        "message/media-type",
        "an answer has a JSON media type",
        Level::Should,
    ),
    ("list/paging", "pages do not overlap", Level::Must),
    ("etag/kept", "an ETag changes with its resource", Level::May),
    ("bulk/limits", "Bulk keeps its limits", Level::May),
    ("error/body", "an error has a body", Level::Should),
];

fn passed(scenario: &str, title: &str, idp: &str) -> ScenarioResult {
    ScenarioResult {
        scenario: scenario.to_owned(),
        title: title.to_owned(),
        idp: idp.to_owned(),
        outcome: ScenarioOutcome::Passed,
        reason: None,
        requests: 9,
        compared: 31,
        silent: Vec::new(),
    }
}

fn verdict(
    idp: &str,
    verdict: Verdict,
    outcome: Option<&str>,
    reason: Option<&str>,
) -> VariantResult {
    VariantResult {
        idp: idp.to_owned(),
        verdict,
        outcome: outcome.map(str::to_owned),
        reason: reason.map(str::to_owned),
    }
}

fn set(
    report: &mut Report,
    requirement: usize,
    idp: &str,
    verdict: Verdict,
    outcome: Option<&str>,
) {
    let results = &mut report.requirements[requirement].results;
    let result = results.iter_mut().find(|r| r.idp == idp).unwrap();
    result.verdict = verdict;
    result.outcome = outcome.map(str::to_owned);
}

fn step(index: usize, action: &str, story: &str, line: u32) -> Step {
    Step {
        index,
        action: action.to_owned(),
        file: Some(format!("scenarios/{story}.yaml")),
        line: Some(line),
    }
}

fn difference(subject: &str, attribute: &str, promised: &str, observed: &str) -> Difference {
    Difference {
        subject: subject.to_owned(),
        attribute: attribute.to_owned(),
        promised: promised.to_owned(),
        observed: observed.to_owned(),
    }
}

fn leaver(id: &str, idp: &str, exchanges: Vec<u64>) -> Finding {
    Finding {
        id: id.to_owned(),
        cause: "c-deactivate".to_owned(),
        requirement: "user/deactivate".to_owned(),
        outcome: "ignored".to_owned(),
        level: Level::Must,
        impact: Impact::Security,
        standing: Standing::Fails,
        advice: None,
        known: None,
        idp: idp.to_owned(),
        scenario: "offboarding/leaver".to_owned(),
        step: Some(step(2, "unassign ada", "offboarding/leaver", 14)),
        subject: Some("person ada".to_owned()),
        attribute: Some("active".to_owned()),
        expected: "active: no".to_owned(),
        observed: "active: yes".to_owned(),
        differences: vec![difference("person ada", "active", "no", "yes")],
        message: "the deactivation was answered with success and not carried out".to_owned(),
        fix: "Store `active: false` when a PATCH replaces it.".to_owned(),
        admin_sees: Some("Nothing: Okta shows the person as deprovisioned.".to_owned()),
        customers: "At Okta's customers everybody who leaves keeps access to the app.".to_owned(),
        source: "RFC 7644 §3.5.2.3".to_owned(),
        confidence: Confidence::Captured,
        exchanges,
    }
}

fn findings() -> Vec<Finding> {
    let first = leaver("f-1", "okta/custom-app", vec![12, 13]);
    let second = leaver("f-2", "okta/catalog-app", vec![22, 23]);
    let members = Finding {
        id: "f-3".to_owned(),
        cause: "c-members".to_owned(),
        requirement: "patch/remove-member-by-filter".to_owned(),
        outcome: "too-much".to_owned(),
        impact: Impact::Data,
        idp: "entra/default".to_owned(),
        scenario: "offboarding/one-of-many".to_owned(),
        step: Some(step(
            1,
            "remove bob from engineering",
            "offboarding/one-of-many",
            17,
        )),
        subject: Some("group engineering".to_owned()),
        attribute: Some("members".to_owned()),
        expected: "members: ada, eve".to_owned(),
        observed: "no members".to_owned(),
        differences: vec![
            difference("group engineering", "member ada", "yes", "no"),
            difference("group engineering", "member eve", "yes", "no"),
        ],
        message: "removing one member removed all of them".to_owned(),
        fix: "Evaluate the path's filter against each member before removing any.".to_owned(),
        admin_sees: None,
        customers: "At Entra ID's customers one leaver takes a whole group with them.".to_owned(),
        source: "RFC 7644 §3.5.2.2".to_owned(),
        confidence: Confidence::Documented,
        exchanges: vec![31],
        ..first.clone()
    };
    let manager = Finding {
        id: "f-4".to_owned(),
        cause: "c-manager".to_owned(),
        requirement: "patch/manager-as-text".to_owned(),
        outcome: "refused".to_owned(),
        level: Level::Interop,
        impact: Impact::Blocks,
        idp: "entra/default".to_owned(),
        scenario: "profile/mover".to_owned(),
        step: Some(step(1, "make eve the manager of ada", "profile/mover", 12)),
        attribute: Some("manager".to_owned()),
        expected: "2xx".to_owned(),
        observed: "400 \u{1b}[31minvalidValue".to_owned(),
        differences: Vec::new(),
        message: "the update was refused".to_owned(),
        fix: "Take a text for `manager` as the manager's id.".to_owned(),
        admin_sees: Some("SystemForCrossDomainIdentityManagementBadResponse".to_owned()),
        customers: "At Entra ID's customers no profile with a manager is ever updated.".to_owned(),
        source: "entra/4.2".to_owned(),
        confidence: Confidence::Reported,
        standing: Standing::Advice,
        advice: Some(Advice::Basis),
        exchanges: vec![41],
        ..first.clone()
    };
    let media = Finding {
        id: "f-5".to_owned(),
        cause: "c-media".to_owned(),
        requirement: "message/media-type".to_owned(),
        outcome: "wrong-form".to_owned(),
        level: Level::Should,
        impact: Impact::Noise,
        standing: Standing::Known,
        known: Some(Known {
            reason: "the proxy sets it".to_owned(),
            until: Some("2027-01-31".to_owned()),
        }),
        scenario: "onboarding/joiner".to_owned(),
        step: Some(step(0, "assign ada", "onboarding/joiner", 9)),
        subject: None,
        attribute: None,
        expected: "Content-Type: application/scim+json".to_owned(),
        observed: "Content-Type: text/plain".to_owned(),
        differences: Vec::new(),
        message: "the answer is not labelled as JSON".to_owned(),
        fix: "Answer with `Content-Type: application/scim+json`.".to_owned(),
        admin_sees: None,
        customers: "Nobody's customers: the IdPs read it all the same.".to_owned(),
        source: "RFC 7644 §3.1".to_owned(),
        exchanges: vec![3],
        ..first.clone()
    };
    let probe = Finding {
        id: "f-6".to_owned(),
        cause: "c-token".to_owned(),
        requirement: "error/body".to_owned(),
        outcome: "missing".to_owned(),
        level: Level::Should,
        impact: Impact::Noise,
        standing: Standing::Advice,
        advice: Some(Advice::Level),
        idp: "rfc".to_owned(),
        scenario: "connection/probe".to_owned(),
        step: None,
        subject: None,
        attribute: None,
        expected: "an error body".to_owned(),
        observed: "no body".to_owned(),
        differences: Vec::new(),
        message: "the refusal of a wrong token has no body".to_owned(),
        fix: "Answer 401 with an error body.".to_owned(),
        admin_sees: None,
        customers: "Administrators at every IdP see a bare status.".to_owned(),
        source: "RFC 7644 §3.12".to_owned(),
        exchanges: vec![51],
        ..first.clone()
    };
    vec![first, second, members, manager, media, probe]
}

fn causes() -> Vec<Cause> {
    let findings = findings();
    let cause = |title: &str, places: &[usize]| {
        let first = &findings[places[0]];
        Cause {
            id: first.cause.clone(),
            title: title.to_owned(),
            requirement: first.requirement.clone(),
            outcome: first.outcome.clone(),
            level: first.level,
            impact: first.impact,
            standing: first.standing,
            fix: first.fix.clone(),
            source: first.source.clone(),
            confidence: first.confidence,
            idps: places.iter().map(|n| findings[*n].idp.clone()).collect(),
            findings: places.to_vec(),
        }
    };
    vec![
        cause("a wrong token is refused without an error body", &[5]),
        cause("answers are not labelled as JSON", &[4]),
        cause("a manager given as text is refused", &[3]),
        cause("a filtered remove empties the group", &[2]),
        cause("`active: false` in a PATCH is ignored", &[0, 1]),
    ]
}

fn exchange(n: u64, idp: &str, scenario: &str, method: Method, path: &str) -> Exchange {
    Exchange {
        n,
        origin: Origin::Idp,
        idp: idp.to_owned(),
        scenario: scenario.to_owned(),
        step: Some(1),
        job: None,
        other_tenant: false,
        milliseconds: 3.1,
        request: ExchangeRequest {
            method,
            url: format!("https://app.example.com/scim/v2{path}"),
            path: path.to_owned(),
            headers: vec![
                ("Authorization".to_owned(), "Bearer [secret:1]".to_owned()),
                (
                    "Content-Type".to_owned(),
                    "application/scim+json".to_owned(),
                ),
            ],
            body: None,
        },
        response: None,
        failure: None,
        injected: false,
        basis: Some("okta/6.1".to_owned()),
        confidence: Some(Confidence::Captured),
    }
}

fn answered(mut exchange: Exchange, body: &str, status: u16, answer: &str) -> Exchange {
    let text = |text: &str| {
        Some(Body {
            text: text.to_owned(),
        })
        .filter(|body| !body.text.is_empty())
    };
    exchange.request.body = text(body);
    exchange.response = Some(ExchangeResponse {
        status,
        headers: vec![(
            "Content-Type".to_owned(),
            "application/scim+json".to_owned(),
        )],
        body: text(answer),
    });
    exchange
}

fn exchanges() -> Vec<Exchange> {
    let deactivate = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","value":{"active":false}}]}"#;
    let created = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"ad'a;1","userName":"ada.k3f7q2ab@example.com","active":true}"#;
    let refused = "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:Error\"],\"status\":\"400\",\"scimType\":\"invalidValue\",\"detail\":\"bad \\u001b[31mmanager\"}";
    let post = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada.k3f7q2ab@example.com","active":true}"#;
    let story = |n: u64, idp: &str| {
        let of = |n, method, path| exchange(n, idp, "offboarding/leaver", method, path);
        [
            answered(of(n - 2, Method::Post, "/Users"), post, 201, created),
            answered(of(n, Method::Patch, "/Users/ad'a;1"), deactivate, 204, ""),
            Exchange {
                origin: Origin::Audit,
                ..answered(of(n + 1, Method::Get, "/Users/ad'a;1"), "", 200, created)
            },
        ]
    };
    let mut all = vec![answered(
        exchange(
            3,
            "okta/custom-app",
            "onboarding/joiner",
            Method::Post,
            "/Users",
        ),
        post,
        201,
        created,
    )];
    all.extend(story(12, "okta/custom-app"));
    all.extend(story(22, "okta/catalog-app"));
    all.push(answered(
        exchange(31, "entra/default", "offboarding/one-of-many", Method::Patch, "/Groups/g1"),
        r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Remove","path":"members[value eq \"b0b\"]"}]}"#,
        204,
        "",
    ));
    all.push(answered(
        exchange(41, "entra/default", "profile/mover", Method::Patch, "/Users/ada1"),
        r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"Add","path":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager","value":"ev3"}]}"#,
        400,
        refused,
    ));
    all.push(Exchange {
        origin: Origin::Probe,
        failure: Some(ExchangeFailure {
            kind: FailureKind::Closed,
            message: "the connection closed before the answer was complete".to_owned(),
        }),
        ..exchange(51, "rfc", "connection/probe", Method::Get, "/Users?count=1")
    });
    all
}
