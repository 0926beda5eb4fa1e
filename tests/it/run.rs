//! Whole runs against the bundled server.

use std::time::Duration;

use scimulate::report::{Palette, Report};
use scimulate::run::tape::Tape;
use scimulate::run::{Endpoint, Over, Plan, run};
use scimulate::scenario::Scenario;
use scimulate::verdict::{Rules, judge};
use scimulate::wire::Limits;

/// A plan against the bundled server, without a socket. No stories named: all but those that take long and the vendors' own
/// tests, which repeat what the others ask.
pub(crate) fn plan(idps: &[&str], stories: &[&str], faults: &[&str]) -> Plan {
    let apart = |s: &Scenario| s.tags.iter().any(|t| t == "volume" || t == "listing");
    let wanted =
        |s: &Scenario| (stories.is_empty() && !apart(s)) || stories.contains(&s.id.as_str());
    Plan {
        endpoint: Endpoint::Bundled {
            faults: faults.iter().map(|f| f.parse().unwrap()).collect(),
            persona: None,
            over: Over::Memory(None),
        },
        variants: idps
            .iter()
            .flat_map(|idp| scimulate::idp::select(idp).unwrap())
            .cloned()
            .collect(),
        scenarios: scimulate::scenario::bundled()
            .iter()
            .filter(|s| wanted(s))
            .cloned()
            .collect(),
        seed: 7,
        mail_domain: "example.com".to_owned(),
        required: Vec::new(),
        limits: Limits::default(),
        body_limit: 16 * 1024 * 1024,
        settle: Duration::ZERO,
        tape: None,
    }
}

/// Plays a plan and gives its tape.
pub(crate) fn play_tape(plan: &Plan) -> Tape {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (_stop, stopped) = tokio::sync::watch::channel(false);
    runtime.block_on(run(plan, stopped, |_| {})).unwrap().tape
}

/// Judges a tape by the ordinary rules.
pub(crate) fn judged(tape: &Tape) -> Report {
    judge(tape, &Rules::default())
}

fn play(plan: &Plan) -> (Tape, Report) {
    let tape = play_tape(plan);
    let report = judged(&tape);
    (tape, report)
}

pub(crate) fn text(report: &Report) -> String {
    scimulate::report::text(report, Palette::Plain)
}

#[test]
fn the_bundled_server_is_green_in_every_story_with_every_variant() {
    let (_, report) = play(&plan(&["okta", "entra", "jumpcloud"], &[], &[]));
    let bad: Vec<_> = report.findings.iter().collect();
    assert!(bad.is_empty(), "{}", text(&report));
}
