//! Tests of the baseline.

use jiff::civil::Date;

use super::*;
use crate::report::{Exit, Report, ScenarioOutcome, StaleWhy, Standing, Verdict, sample};

const ID: &str = "lifecycle/state-as-promised";

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn entry(idp: &str, outcome: &str, rest: &str) -> String {
    format!(
        "baseline: 1\nentries:\n  - requirement: {ID}\n    outcome: {outcome}\n    idp: {idp}\n    reason: we mend it in 4.2\n{rest}"
    )
}

/// The sample with its first requirement under an id that the registry has: fails as `unwanted` with both of Okta's
/// variants, passes with Entra.
fn report() -> Report {
    let mut report = sample::report();
    report.stale.clear();
    report.findings.truncate(2);
    for finding in &mut report.findings {
        ID.clone_into(&mut finding.requirement);
        "unwanted".clone_into(&mut finding.outcome);
    }
    report
        .causes
        .retain(|cause| cause.id == report.findings[0].cause);
    report.requirements.truncate(1);
    ID.clone_into(&mut report.requirements[0].id);
    for result in &mut report.requirements[0].results {
        if result.verdict == Verdict::Fail {
            result.outcome = Some("unwanted".to_owned());
        }
    }
    for story in &mut report.scenarios {
        if story.outcome != ScenarioOutcome::Failed || story.idp == "entra/default" {
            story.outcome = ScenarioOutcome::Passed;
        }
    }
    report.finish();
    report
}

fn applied(text: &str) -> Report {
    let mut report = report();
    let baseline = Baseline::parse("known.yaml", text).unwrap();
    baseline.apply(&mut report, day("2026-11-22"));
    report
}

fn mistakes(text: &str) -> String {
    Baseline::parse("known.yaml", text).unwrap_err().to_string()
}

#[test]
fn what_is_known_is_shown_and_does_not_count() {
    let report = applied(&entry("okta", "unwanted", "    until: 2026-11-22\n"));
    assert!(
        report
            .findings
            .iter()
            .all(|f| f.standing == Standing::Known)
    );
    assert_eq!(
        report.findings[0].known.as_ref().unwrap().reason,
        "we mend it in 4.2"
    );
    assert_eq!(report.causes[0].standing, Standing::Known);
    assert_eq!(report.summary.requirements.known, 1);
    assert_eq!(report.summary.scenarios.failed, 0);
    assert_eq!(report.stale, []);
    assert_eq!(Exit::of(&report, false), Exit::Success);
}

#[test]
fn a_known_outcome_excuses_no_other() {
    let report = applied(&entry("okta/custom-app", "wrong-value", ""));
    assert_eq!(report.standing(Standing::Fails).count(), 2);
    assert_eq!(report.stale[0].why, StaleWhy::NotHappening);
    assert_eq!(Exit::of(&report, false), Exit::Findings);
}

#[test]
fn an_idp_that_is_not_named_is_not_excused() {
    let report = applied(&entry("okta/custom-app", "unwanted", ""));
    assert_eq!(report.standing(Standing::Fails).count(), 1);
    assert_eq!(report.causes[0].standing, Standing::Fails);
    assert_eq!(report.stale, []);
    assert_eq!(Exit::of(&report, false), Exit::Findings);
}

#[test]
fn an_entry_past_its_last_day_excuses_nothing_and_is_stale() {
    let report = applied(&entry("okta", "unwanted", "    until: 2026-11-21\n"));
    assert_eq!(report.standing(Standing::Fails).count(), 2);
    assert_eq!(report.stale[0].why, StaleWhy::Expired);
    assert_eq!(report.stale[0].line, 3);
}

#[test]
fn an_entry_that_was_exercised_and_does_not_happen_is_stale() {
    let both = format!(
        "{}  - {{requirement: {ID}, outcome: missing, idp: entra/default, reason: slow index}}\n",
        entry("okta", "unwanted", "")
    );
    let report = applied(&both);
    assert_eq!(report.stale.len(), 1);
    assert_eq!(report.stale[0].idps, ["entra/default"]);
    assert_eq!(Exit::of(&report, false), Exit::StaleBaseline);
}

#[test]
fn an_entry_that_was_not_exercised_with_all_its_variants_is_not_stale() {
    // Only one of Entra ID's two variants is in the run, and JumpCloud is not.
    for idp in ["entra", "jumpcloud", "rfc"] {
        assert_eq!(applied(&entry(idp, "missing", "")).stale, [], "{idp}");
    }
}

#[test]
fn an_interrupted_run_makes_no_entry_stale() {
    let mut report = report();
    report.run.complete = false;
    let baseline = Baseline::parse("x", &entry("entra/default", "missing", "")).unwrap();
    baseline.apply(&mut report, day("2026-11-22"));
    assert_eq!(report.stale, []);
}

#[test]
fn an_entry_without_a_reason_is_refused_at_its_place() {
    let text = entry("okta", "unwanted", "").replace("we mend it in 4.2", "\"\"");
    assert_eq!(
        mistakes(&text),
        "known.yaml:6:13: nobody has said why `lifecycle/state-as-promised` (unwanted) is accepted; write the reason: \
         whoever reads this file next has to be able to tell whether it still holds"
    );
    let text = entry("okta", "unwanted", "").replace("    reason: we mend it in 4.2\n", "");
    assert!(mistakes(&text).contains("nobody has said why"), "{text}");
}

#[test]
fn every_wrong_name_is_told_with_the_right_one() {
    let text = "baseline: 1\nentries:\n  - {requirement: lifecycle/state-as-promisd, outcome: x, idp: otka, reason: r}\n  - {requirement: lifecycle/state-as-promised, outcome: ignored, idp: [okta], reason: r, until: tomorrow}\n";
    let said = mistakes(text);
    for part in [
        "known.yaml:3:19: there is no requirement `lifecycle/state-as-promisd`; did you mean `lifecycle/state-as-promised`?",
        "there is no IdP `otka`; did you mean `okta`?",
        "`lifecycle/state-as-promised` has no outcome `ignored`; its outcomes are missing, unwanted, wrong-value",
        "`tomorrow` is no day",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
}

#[test]
fn what_is_no_baseline_is_told_with_its_place() {
    for (text, part) in [
        (
            "baseline: 2\nentries: []\n",
            "known.yaml:1:11: this is form 2 of a baseline",
        ),
        (
            "baseline: 1\nentris: []\n",
            "known.yaml:2:1: this is not a baseline",
        ),
        ("baseline: 1\nentries: [", "known.yaml:2:"),
        ("", "this is not a baseline"),
    ] {
        assert!(mistakes(text).contains(part), "{text}: {}", mistakes(text));
    }
}

#[test]
fn what_is_written_is_refused_until_the_reasons_are_filled_in_and_then_excuses_everything() {
    let text = write(&report());
    assert!(
        text.contains("idp: [okta/catalog-app, okta/custom-app]\n    reason: \"\"\n"),
        "{text}"
    );
    assert!(mistakes(&text).contains("nobody has said why"));
    let filled = text.replace("\"\"", "\"it's \\\"known\\\": yes\"");
    let report = applied(&filled);
    assert_eq!(Exit::of(&report, false), Exit::Success);
    assert_eq!(write(&report), filled, "a reason that is known is kept");
}

#[test]
fn nothing_to_accept_is_an_empty_list() {
    let text = write(&sample::green());
    assert!(text.ends_with("entries: []\n"));
    assert_eq!(Baseline::parse("x", &text).unwrap(), Baseline::default());
}
