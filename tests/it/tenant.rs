//! Two customers of one product: the second one's access is described or not, and the product keeps them apart or not.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use scimulate::report::{Report, ScenarioOutcome, Verdict};
use scimulate::run::tape::{Line, Tape};
use scimulate::run::{Access, Endpoint, Plan, Sweep, Swept, sweep};
use scimulate::server::{DEFAULT_TENANT, Server, Settings, Tenant, serve};
use scimulate::wire::Origin;
use scimulate::wire::transport::{Credentials, Target, TlsOptions};

use crate::run::{judged, plan, play_tape, text};

const STORY: &str = "security/other-tenant";
const REQUIREMENTS: [&str; 3] = [
    "tenant/objects-stay-inside",
    "tenant/name-is-free-elsewhere",
    "tenant/person-is-each-customers-own",
];
const FIRST: &str = "the-first-customers-token";
const SECOND: &str = "the-second-customers-token";

fn verdict(report: &Report, requirement: &str) -> Verdict {
    let found = report.requirements.iter().find(|r| r.id == requirement);
    let own = found.unwrap().results.iter().find(|r| r.idp == "rfc");
    own.unwrap().verdict
}

fn written(tape: &Tape) -> String {
    serde_json::to_string(&tape.lines).unwrap()
}

/// A server of its own, as somebody else's target, with two customers.
struct Foreign {
    runtime: tokio::runtime::Runtime,
    server: Server,
    address: std::net::SocketAddr,
}

impl Foreign {
    fn new() -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let server = Server::new(Settings::default());
        for (name, token) in [(DEFAULT_TENANT, FIRST), ("second", SECOND)] {
            let tenant = Tenant {
                name: name.to_owned(),
                token: token.to_owned(),
                ..Tenant::default()
            };
            server.tenant(tenant).unwrap();
        }
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"));
        let listener = listener.unwrap();
        let address = listener.local_addr().unwrap();
        // It ends with its runtime.
        runtime.spawn(serve(listener, server.clone(), std::future::pending()));
        Self {
            runtime,
            server,
            address,
        }
    }

    /// A run of the story, for which the second customer is described or not.
    fn plan(&self, described: bool) -> Plan {
        let access = |path: &str, token: &str| {
            Box::new(Access {
                target: Target::parse(&format!("http://{}{path}", self.address)).unwrap(),
                credentials: Credentials::Bearer(token.to_owned()),
                tls: TlsOptions::default(),
            })
        };
        let mut plan = plan(&[], &[STORY], &[]);
        plan.endpoint = Endpoint::Foreign {
            access: access("/scim/v2", FIRST),
            other_tenant: described.then(|| access("/t/second/scim/v2", SECOND)),
            product: None,
        };
        plan
    }

    /// How many resources each of the two customers has.
    fn left(&self) -> [usize; 2] {
        [DEFAULT_TENANT, "second"].map(|name| {
            let counts = self.server.counts(name).unwrap();
            counts.users + counts.groups
        })
    }

    /// Takes away what an earlier run left.
    fn sweep(&self, what: Sweep<'_>, described: bool) -> Result<Swept, String> {
        let swept = self
            .runtime
            .block_on(sweep(&self.plan(described), what, true));
        swept.map_err(|e| e.to_string())
    }
}

/// The tape of a run, and what is left of it at each of the customers.
fn foreign(described: bool) -> (Tape, [usize; 2]) {
    let foreign = Foreign::new();
    let tape = play_tape(&foreign.plan(described));
    (tape, foreign.left())
}

#[test]
fn two_customers_that_a_foreign_target_keeps_apart_are_told_so() {
    let (tape, left) = foreign(true);
    let report = judged(&tape);
    assert!(report.findings.is_empty(), "{}", text(&report));
    assert_eq!(report.scenarios[0].outcome, ScenarioOutcome::Passed);
    for requirement in REQUIREMENTS {
        assert_eq!(verdict(&report, requirement), Verdict::Pass);
    }
    assert_eq!(left, [0, 0]);
    // The second customer had a person and a group, the first one that person: a group with a foreign member is refused.
    assert_eq!(report.run.cleanup.gone, 3);
    let written = written(&tape);
    assert!(!written.contains(FIRST) && !written.contains(SECOND));
    assert!(written.contains("/t/second/scim/v2"));
    // Every attack left: the ids of that server are unlike any other's.
    let held = |line: &Line| matches!(line, Line::Failed(_));
    assert!(!tape.lines.iter().any(held));
}

#[test]
fn without_a_second_customer_nothing_is_said_of_two() {
    let (tape, left) = foreign(false);
    let report = judged(&tape);
    let story = &report.scenarios[0];
    assert_eq!(story.outcome, ScenarioOutcome::Skipped);
    let reason = story.reason.as_deref().unwrap_or_default();
    assert!(reason.contains("[other-tenant]"), "{reason}");
    for requirement in REQUIREMENTS {
        assert_eq!(verdict(&report, requirement), Verdict::NotExercised);
    }
    assert_eq!(left, [0, 0]);
}

#[test]
fn the_bundled_server_has_a_second_customer_whose_token_is_not_written_down() {
    let tape = play_tape(&plan(&[], &[STORY], &[]));
    let report = judged(&tape);
    for requirement in REQUIREMENTS {
        assert_eq!(verdict(&report, requirement), Verdict::Pass);
    }
    let written = written(&tape);
    assert!(written.contains("Bearer [secret:2]"));
    assert!(!written.contains("bundled-other-"));
}

#[test]
fn what_a_run_left_at_a_second_customer_is_taken_away_there() {
    let foreign = Foreign::new();
    for (base, token) in [("/scim/v2", FIRST), ("/t/second/scim/v2", SECOND)] {
        let request = http::Request::post(format!("{base}/Users"))
            .header("Authorization", format!("Bearer {token}"))
            .body(r#"{"userName":"ada.k3f7q2ab@example.com"}"#.to_owned().into());
        let answer = foreign.server.respond(request.unwrap());
        assert_eq!(foreign.runtime.block_on(answer).status(), 201);
    }
    // Where nobody says who the second customer is, only the first one's goes.
    let swept = foreign.sweep(Sweep::Mark("k3f7q2ab"), false).unwrap();
    assert_eq!((swept.cleanup.gone, foreign.left()), (1, [0, 1]));
    let swept = foreign.sweep(Sweep::Mark("k3f7q2ab"), true).unwrap();
    assert_eq!((swept.cleanup.gone, foreign.left()), (1, [0, 0]));
    assert!(swept.remnants[0].path.ends_with(" of the second customer"));
}

#[test]
fn a_tape_with_resources_of_a_second_customer_wants_that_one_described() {
    let foreign = Foreign::new();
    let mut tape = play_tape(&foreign.plan(true));
    assert_eq!(foreign.left(), [0, 0]);
    foreign.sweep(Sweep::Tape(&tape), false).unwrap();
    // A run that was killed before it could clean up.
    let cleaning = |line: &Line| match line {
        Line::Sent(sent) => sent.by.origin == Origin::Cleanup,
        _ => false,
    };
    let end = tape.lines.iter().position(cleaning).unwrap();
    tape.lines.truncate(end);
    let error = foreign.sweep(Sweep::Tape(&tape), false).unwrap_err();
    assert!(error.contains("[other-tenant]"), "{error}");
    let swept = foreign.sweep(Sweep::Tape(&tape), true).unwrap();
    assert!(swept.remnants.is_empty());
}

/// A server in a process of its own, with a second customer.
fn served(home: &tempfile::TempDir, more: &[&str]) -> (Child, String) {
    let mut server = crate::cli::command(home)
        .args(["serve", "--listen", "127.0.0.1:0"])
        .args(["--token-env", "FIRST", "--tenant", "second=SECOND"])
        .args(more)
        .env("FIRST", FIRST)
        .env("SECOND", SECOND)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    (server, line.trim_end().to_owned())
}

fn write_file(home: &tempfile::TempDir, base: &str, second: &str) {
    let file = format!(
        "config = 1\n[target]\nurl = \"{base}\"\ntoken-env = \"FIRST\"\n[other-tenant]\n{second}\n"
    );
    std::fs::write(home.path().join("mine.toml"), file).unwrap();
}

fn run(home: &tempfile::TempDir, arguments: &[&str]) -> crate::cli::Said {
    crate::cli::said(
        crate::cli::command(home)
            .args(arguments)
            .args(["--config", "mine.toml"])
            .env("FIRST", FIRST)
            .env("SECOND", SECOND),
    )
}

#[test]
fn the_target_file_describes_a_second_customer() {
    let home = tempfile::tempdir().unwrap();
    let (mut server, base) = served(&home, &[]);
    let second = base.replace("/scim/v2", "/t/second/scim/v2");
    write_file(
        &home,
        &base,
        &format!("url = \"{second}\"\nheader-env = \"Authorization=HEADER\""),
    );
    let args = ["run", STORY, "--tape", "tape.jsonl"];
    let said = run(&home, &args);
    assert_eq!(said.exit, 2, "{}", said.err);
    assert!(said.err.contains("HEADER"), "{}", said.err);
    write_file(
        &home,
        &base,
        &format!("url = \"{second}\"\ntoken-env = \"SECOND\""),
    );
    let said = run(&home, &args);
    assert_eq!(said.exit, 0, "{}{}", said.out, said.err);
    let tape = std::fs::read_to_string(home.path().join("tape.jsonl")).unwrap();
    assert!(tape.contains("/t/second/scim/v2/") || tape.contains("/t/second/scim/v2\""));
    assert!(!tape.contains(FIRST) && !tape.contains(SECOND));
    // The same customer twice would find its own people, and call that a breach.
    write_file(
        &home,
        &base,
        &format!("url = \"{base}/\"\ntoken-env = \"FIRST\""),
    );
    let said = run(&home, &args);
    assert_eq!(said.exit, 2, "{}", said.err);
    assert!(said.err.contains("the same customer"), "{}", said.err);
    server.kill().unwrap();
    server.wait().unwrap();
}

#[test]
fn a_breach_between_customers_fails_the_run() {
    let home = tempfile::tempdir().unwrap();
    let (mut server, base) = served(&home, &["--fault", "cross-tenant-object-access"]);
    let second = base.replace("/scim/v2", "/t/second/scim/v2");
    write_file(
        &home,
        &base,
        &format!("url = \"{second}\"\ntoken-env = \"SECOND\""),
    );
    let said = run(&home, &["run", STORY]);
    server.kill().unwrap();
    server.wait().unwrap();
    assert_eq!(said.exit, 1, "{}{}", said.out, said.err);
    assert!(said.out.contains(REQUIREMENTS[0]), "{}", said.out);
    assert!(!said.out.contains(SECOND));
}
