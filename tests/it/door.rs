//! Sessions and tokens of people who leave, tried at the product's door.

use std::collections::BTreeSet;
use std::process::Stdio;

use scimulate::report::{Cause, Report, ScenarioOutcome, Standing, Verdict};
use scimulate::run::tape::{Line, Tape};
use scimulate::run::{Access, Endpoint, Over, Product};
use scimulate::server::{DEFAULT_TENANT, Server, Settings, Tenant, serve};
use scimulate::wire::transport::{Credentials, Target, TlsOptions};

use crate::run::{judged, plan, play_tape, text};

const IDPS: &[&str] = &["okta", "entra", "jumpcloud"];
const SESSIONS: &str = "lifecycle/sessions-end-on-deactivation";
const TOKENS: &str = "lifecycle/tokens-die-on-deactivation";
const SIGN_IN: &str = "lifecycle/no-sign-in-after-deactivation";

const STORIES: &[&str] = &[
    "offboarding/deactivated",
    "offboarding/deleted-for-good",
    "offboarding/returner",
    "offboarding/suspended",
];

fn causes(report: &Report) -> Vec<(&str, &str)> {
    let causes = report.causes.iter();
    causes
        .map(|c| (c.requirement.as_str(), c.outcome.as_str()))
        .collect()
}

fn verdicts(report: &Report, requirement: &str) -> Vec<(String, Verdict)> {
    let found = report.requirements.iter().find(|r| r.id == requirement);
    let results = found.unwrap().results.iter();
    results
        .filter(|r| r.idp != "rfc")
        .map(|r| (r.idp.clone(), r.verdict))
        .collect()
}

/// Everything that stands on a tape.
fn written(tape: &Tape) -> String {
    serde_json::to_string(&tape.lines).unwrap()
}

/// Whether a text holds what the bundled product hands out: two ids with a dot between them.
fn holds_a_credential(text: &str) -> bool {
    let id = |text: &str| {
        text.len() == 36
            && text.char_indices().all(|(at, c)| match at {
                8 | 13 | 18 | 23 => c == '-',
                _ => c.is_ascii_hexdigit(),
            })
    };
    text.match_indices('.').any(|(at, _)| {
        let (before, after) = (
            text.get(at.saturating_sub(36)..at),
            text.get(at + 1..at + 37),
        );
        before.is_some_and(id) && after.is_some_and(id)
    })
}

#[test]
fn leavers_are_out_at_once_and_no_credential_is_written_down() {
    let tape = play_tape(&plan(IDPS, STORIES, &[]));
    let report = judged(&tape);
    assert!(report.findings.is_empty(), "{}", text(&report));
    for requirement in [SESSIONS, TOKENS, SIGN_IN] {
        for (idp, verdict) in verdicts(&report, requirement) {
            assert_eq!(verdict, Verdict::Pass, "{requirement} with {idp}");
        }
    }
    let written = written(&tape);
    assert!(holds_a_credential(
        "x 00000000-0000-4000-8000-000000000000.00000000-0000-4000-8000-000000000000 y"
    ));
    assert!(!holds_a_credential(&written));
    assert!(written.contains("Bearer [credential:1]"));
    // The answer that held it is there by its shape alone.
    assert!(written.contains(r#"{\"session\":\"[hidden]\"}"#));
    // Before the change both open the door, after it neither.
    let tried = |line: &Line| match line {
        Line::Sent(sent) => sent.by.job.starts_with("use "),
        _ => false,
    };
    assert!(tape.lines.iter().filter(|line| tried(line)).count() > 40);
}

#[test]
fn what_stays_open_is_one_cause_with_every_idp() {
    for (fault, wanted) in [
        (
            "deactivate-leaves-sessions",
            &[(SESSIONS, "kept"), (TOKENS, "kept")][..],
        ),
        ("tokens-survive-deactivation", &[(TOKENS, "kept")]),
        (
            "reactivation-revives-credentials",
            &[(SESSIONS, "revived"), (TOKENS, "revived")],
        ),
        ("inactive-person-signs-in", &[(SIGN_IN, "admitted")]),
    ] {
        let report = judged(&play_tape(&plan(IDPS, STORIES, &[fault])));
        assert_eq!(causes(&report), wanted, "{fault}: {}", text(&report));
        for cause in &report.causes {
            assert_eq!(cause.standing, Standing::Fails, "{fault}");
        }
    }
}

#[test]
fn whoever_stays_active_gets_in_because_of_that() {
    let fault = "deactivate-accepted-but-ignored";
    let report = judged(&play_tape(&plan(&["okta/catalog-app"], STORIES, &[fault])));
    let causes = causes(&report);
    assert!(!causes.is_empty());
    let door = |(id, _): &(&str, &str)| [SESSIONS, TOKENS, SIGN_IN].contains(id);
    assert!(!causes.iter().any(door), "{}", text(&report));
}

/// A server of its own, as somebody else's target, and a product described as a tester would.
fn foreign(product: Option<&str>) -> Report {
    foreign_with(product, &["offboarding/deactivated"])
}

/// The same, with stories of their own.
fn foreign_with(product: Option<&str>, stories: &[&str]) -> Report {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (address, stop) = runtime.block_on(async {
        let server = Server::new(Settings::default());
        let tenant = Tenant {
            name: DEFAULT_TENANT.to_owned(),
            token: "the-tenants-own-token".to_owned(),
            ..Tenant::default()
        };
        server.tenant(tenant).unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        tokio::spawn(serve(listener, server, async {
            stopped.await.ok();
        }));
        (address, stop)
    });
    let mut plan = plan(&["okta/catalog-app"], stories, &[]);
    assert!(matches!(
        plan.endpoint,
        Endpoint::Bundled {
            over: Over::Memory(_),
            ..
        }
    ));
    plan.endpoint = Endpoint::Foreign {
        access: Box::new(Access {
            target: Target::parse(&format!("http://{address}/scim/v2")).unwrap(),
            credentials: Credentials::Bearer("the-tenants-own-token".to_owned()),
            tls: TlsOptions::default(),
        }),
        other_tenant: None,
        product: product.map(|json| {
            let product: Product = serde_json::from_str(json).unwrap();
            product.check().unwrap();
            Box::new(product)
        }),
    };
    let report = judged(&play_tape(&plan));
    stop.send(()).ok();
    assert!(report.findings.is_empty(), "{}", text(&report));
    report
}

fn verdict(report: &Report, requirement: &str) -> Verdict {
    verdicts(report, requirement)[0].1
}

const DESCRIBED: &str = r#"{"credential":[{"name":"s","kind":"session",
    "mint":{"path":"/app/login","headers":{"Content-Type":"application/json"},"target-credentials":true,
        "body":"{\"userName\":\"{userName}\"}","capture":{"json":"/session"}},
    "use":{"path":"/app/me","headers":{"Authorization":"Bearer {s}"}}}]}"#;

#[test]
fn a_foreign_target_is_tried_as_its_description_says() {
    let report = foreign(Some(DESCRIBED));
    assert_eq!(verdict(&report, SESSIONS), Verdict::Pass);
    assert_eq!(verdict(&report, SIGN_IN), Verdict::Pass);
    assert_eq!(verdict(&report, TOKENS), Verdict::NotExercised);
}

#[test]
fn what_is_not_described_or_does_not_work_is_not_exercised() {
    let wrong = DESCRIBED.replace("/app/login", "/app/no-such-page");
    for (product, why) in [
        (None, "nothing describes the product behind the endpoint"),
        (Some(wrong.as_str()), "making s was answered with 4"),
    ] {
        let report = foreign(product);
        for requirement in [SESSIONS, SIGN_IN] {
            assert_eq!(verdict(&report, requirement), Verdict::NotExercised);
            assert!(
                reason(&report, requirement).starts_with(why),
                "{}",
                reason(&report, requirement)
            );
        }
        assert_eq!(verdict(&report, TOKENS), Verdict::NotExercised);
        // Whoever reads the report is told why.
        let shown = text(&report);
        let words: Vec<_> = shown.split_whitespace().collect();
        assert!(words.join(" ").contains(why), "{shown}");
        let junit = scimulate::report::junit(&report).unwrap();
        assert!(junit.contains(why), "{junit}");
    }
    let report = foreign(Some(DESCRIBED));
    let why = "the target file describes no credential of kind `token`";
    assert_eq!(reason(&report, TOKENS), why);
}

/// Why a requirement was not put to the test.
fn reason<'a>(report: &'a Report, requirement: &str) -> &'a str {
    let found = report.requirements.iter().find(|r| r.id == requirement);
    found.unwrap().unexercised().unwrap_or_default()
}

/// The stories of the product, each with a fault that it shows and the requirement that is broken by it.
const DEEDS: &[(&str, &str, &str)] = &[
    (
        "role-by-group",
        "group-removal-keeps-role",
        "role-goes-with-the-membership",
    ),
    (
        "role-after-rename",
        "group-rename-leaves-old-role-mapping",
        "role-follows-the-groups-name",
    ),
    (
        "role-of-the-products-own",
        "scim-update-erases-local-roles",
        "own-roles-survive-updates",
    ),
    (
        "role-by-attribute",
        "role-attribute-escalation",
        "no-administrator-by-attribute",
    ),
    (
        "password",
        "scim-password-creates-credential",
        "password-opens-nothing",
    ),
    (
        "sign-on-after-deactivation",
        "jit-login-resurrects-user",
        "sign-on-revives-nobody",
    ),
    (
        "sign-on-after-deletion",
        "jit-login-resurrects-user",
        "sign-on-revives-nobody",
    ),
    (
        "sign-on-with-an-old-claim",
        "sso-claims-override-scim",
        "claims-change-no-membership",
    ),
    ("ban", "scim-delete-lifts-ban", "ban-outlives-the-account"),
    (
        "local-person",
        "scim-governs-foreign-users",
        "local-people-are-left-alone",
    ),
    (
        "provisioning-token",
        "any-member-mints-token",
        "members-make-no-provisioning-token",
    ),
    ("seats", "seat-cap-bypassed=create", "seats-are-kept"),
    ("seats", "seat-cap-bypassed=reactivate", "seats-are-kept"),
    (
        "switched-off",
        "scim-disable-side-effects",
        "switching-off-keeps-people",
    ),
    (
        "last-administrator",
        "last-admin-deprovisioned",
        "last-administrator-stays",
    ),
];

#[test]
fn what_the_product_promises_is_seen_kept_and_seen_broken() {
    let mut wrong = Vec::new();
    for (story, fault, requirement) in DEEDS {
        let (story, requirement) = (format!("product/{story}"), format!("product/{requirement}"));
        let tape = play_tape(&plan(IDPS, &[&story], &[]));
        let report = judged(&tape);
        let found = report.requirements.iter().find(|r| r.id == requirement);
        let left = &report.run.cleanup.left;
        if !report.findings.is_empty()
            || found.unwrap().verdict() != Verdict::Pass
            || !left.is_empty()
            // One play is enough.
            || report.scenarios.len() != 1
            || holds_a_credential(&written(&tape))
        {
            wrong.push(format!("{story}: {left:?} {}", text(&report)));
        }
        let report = judged(&play_tape(&plan(IDPS, &[&story], &[fault])));
        let other = |cause: &Cause| cause.requirement != requirement;
        if report.causes.is_empty() || report.causes.iter().any(other) {
            wrong.push(format!("{fault}: {:?} {}", causes(&report), text(&report)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_idp_plays_the_stories_of_the_product_without_a_false_alarm() {
    let stories: BTreeSet<String> = DEEDS
        .iter()
        .map(|row| format!("product/{}", row.0))
        .collect();
    let stories: Vec<&str> = stories.iter().map(String::as_str).collect();
    for variant in scimulate::idp::VARIANTS.iter() {
        let report = judged(&play_tape(&plan(&[&variant.id], &stories, &[])));
        assert!(
            report.findings.is_empty(),
            "{}: {}",
            variant.id,
            text(&report)
        );
        for result in &report.scenarios {
            let said = (&result.scenario, &result.reason);
            assert_eq!(
                result.outcome,
                ScenarioOutcome::Passed,
                "{}: {said:?}",
                variant.id
            );
        }
    }
}

#[test]
fn a_story_of_the_product_is_passed_over_where_its_part_is_not_described() {
    for (story, _, requirement) in DEEDS {
        let report = foreign_with(Some(DESCRIBED), &[&format!("product/{story}")]);
        let [only] = report.scenarios.as_slice() else {
            panic!("{story}: {}", text(&report));
        };
        let why = only.reason.as_deref().unwrap_or_default();
        let said = "the target file does not describe `[product.";
        assert!(why.starts_with(said), "{story}: {why}");
        assert_eq!(reason(&report, &format!("product/{requirement}")), why);
    }
}

#[test]
fn somebody_elses_product_is_asked_as_its_description_says() {
    let described = serde_json::json!({
        "roles": {
            "read": {"path": "/app/me", "headers": {"Authorization": "Bearer {s}"}},
            "at": "/roles",
        },
        "role-group": {"role": "{group}"},
        "provisioning": {
            "off": {"method": "PUT", "path": "/app/provisioning", "body": "{\"on\": false}", "target-credentials": true},
            "on": {"method": "PUT", "path": "/app/provisioning", "body": "{\"on\": true}", "target-credentials": true},
        },
    });
    let mut product: serde_json::Value = serde_json::from_str(DESCRIBED).unwrap();
    let own = product.as_object_mut().unwrap();
    own.extend(described.as_object().unwrap().clone());
    let stories = [
        "product/role-by-group",
        "product/switched-off",
        "product/seats",
    ];
    let report = foreign_with(Some(&product.to_string()), &stories);
    let verdict = |id: &str| {
        let found = report.requirements.iter().find(|r| r.id == id);
        found.unwrap().verdict()
    };
    assert_eq!(
        verdict("product/role-goes-with-the-membership"),
        Verdict::Pass
    );
    assert_eq!(verdict("product/switching-off-keeps-people"), Verdict::Pass);
    assert_eq!(verdict("product/seats-are-kept"), Verdict::NotExercised);
    assert!(reason(&report, "product/seats-are-kept").contains("`[product.seats]`"));
    assert!(report.run.cleanup.left.is_empty());
    // A description that is wrong makes the story say nothing, and not the product wrong.
    let wrong = product.to_string().replace("\"/roles\"", "\"/rights\"");
    let report = foreign_with(Some(&wrong), &stories[..1]);
    assert_eq!(report.scenarios[0].outcome, ScenarioOutcome::Inconclusive);
    let why = reason(&report, "product/role-goes-with-the-membership");
    assert!(why.contains("no list of texts at `/rights`"), "{why}");
}

/// A product that is described in the target file, behind a server of its own process.
fn run_by_file(fault: &[&str]) -> crate::cli::Said {
    const PRODUCT: &str = r#"
[product]
[[product.credential]]
name = "session"
kind = "session"
mint.path = "/app/login"
mint.headers = { Content-Type = "application/json" }
mint.body = '{"userName": "{userName}", "key": "{env:APP_KEY}"}'
mint.target-credentials = true
mint.capture = { json = "/session" }
use.path = "/app/me"
use.headers = { Authorization = "Bearer {session}" }
[[product.credential]]
name = "token"
kind = "token"
mint.path = "/app/tokens"
mint.headers = { Authorization = "Bearer {session}" }
mint.capture = { json = "/token" }
use.path = "/app/me"
use.headers = { Authorization = "Bearer {token}" }
"#;
    let home = tempfile::tempdir().unwrap();
    let mut server = crate::cli::command(&home)
        .args(["serve", "--listen", "127.0.0.1:0"])
        .args(fault)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let target = format!(
        "config = 1\n[target]\nurl = \"{}\"\ntoken-env = \"SCIM_TOKEN\"\n{PRODUCT}",
        crate::cli::base_url(&mut server)
    );
    std::fs::write(home.path().join("mine.toml"), target).unwrap();
    let story = ["offboarding/leaver", "--idp", "okta/catalog-app"];
    let said = crate::cli::said(
        crate::cli::command(&home)
            .args(["run", "--config", "mine.toml", "--tape", "tape.jsonl"])
            .args(story)
            .env("SCIM_TOKEN", "scimulate")
            .env("APP_KEY", "a-key-of-the-testers"),
    );
    server.kill().unwrap();
    server.wait().unwrap();
    let tape = std::fs::read_to_string(home.path().join("tape.jsonl")).unwrap();
    assert!(tape.contains("/app/login") && !tape.contains("a-key-of-the-testers"));
    assert!(!holds_a_credential(&tape));
    said
}

#[test]
fn a_product_that_the_target_file_describes_is_tried_at_its_door() {
    let said = run_by_file(&[]);
    assert_eq!(said.exit, 0, "{}", said.out);
    let said = run_by_file(&["--fault", "tokens-survive-deactivation"]);
    assert_eq!(said.exit, 1, "{}", said.out);
    assert!(said.out.contains(TOKENS), "{}", said.out);
}
