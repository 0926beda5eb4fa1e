//! The fault matrix: each fault, in each of its modes, shows first what it breaks first, and nothing else than it may.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use scimulate::defect::{self, Shown};
use scimulate::report::Report;
use scimulate::requirement::{self, Check};
use scimulate::scenario::StepKind;
use scimulate::server::fault;
use scimulate::{idp, scenario};

use crate::run::{judged, plan, play_tape};

const IDPS: [&str; 3] = ["okta", "entra", "jumpcloud"];

/// What stories find under a fault. None named: all that run unasked.
fn found(fault: &str, stories: &[&str], idps: &[&str]) -> Report {
    let mut plan = plan(idps, stories, &[fault]);
    // A target that lags is told from one that does nothing by giving it time.
    if fault.starts_with("reads-lag-behind-writes") {
        plan.settle = Duration::from_millis(50);
    }
    judged(&play_tape(&plan))
}

/// What is wrong with what was found, if anything is.
fn complaint(shown: &Shown, report: &Report) -> Option<String> {
    let red: Vec<_> = report
        .causes
        .iter()
        .map(|cause| format!("{} {} ({})", cause.requirement, cause.outcome, cause.level))
        .collect();
    let Some(broken) = &shown.breaks else {
        let why = format!("{} is permitted, and found: {red:?}", shown.fault);
        return (!red.is_empty()).then_some(why);
    };
    let wanted = format!(
        "{} {} ({})",
        broken.requirement, broken.outcome, broken.level
    );
    if red.first() != Some(&wanted) {
        return Some(format!("{}: not first {wanted} but {red:?}", shown.fault));
    }
    let may = |id: &String| *id == broken.requirement || shown.also.contains(id);
    let others: Vec<_> = report
        .causes
        .iter()
        .map(|cause| cause.requirement.clone())
        .filter(|id| !may(id))
        .collect();
    (!others.is_empty()).then(|| format!("{}: {others:?} as well", shown.fault))
}

/// Plays all, on as many threads as CI has, and gives what each found.
fn play_all(all: &[(&Shown, bool)]) -> Vec<(String, BTreeSet<String>, Option<String>)> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((shown, whole)) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let stories: Vec<&str> = match whole {
                        true => Vec::new(),
                        false => shown.stories.iter().map(String::as_str).collect(),
                    };
                    let named: Vec<&str> = shown.idps.iter().map(String::as_str).collect();
                    let idps = match *whole || named.is_empty() {
                        true => IDPS.as_slice(),
                        false => &named,
                    };
                    let report = found(&shown.fault, &stories, idps);
                    let red = report.causes.iter().map(|c| c.requirement.clone());
                    let result = (
                        shown.fault.clone(),
                        red.collect(),
                        complaint(shown, &report),
                    );
                    results.lock().unwrap().push(result);
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap();
    results.sort();
    results
}

/// Every mode of every fault that a run shows, once.
fn matrix() -> Vec<&'static Shown> {
    let mut all: Vec<&Shown> = defect::all().iter().flat_map(|d| &d.shown).collect();
    all.sort_by(|a, b| a.fault.cmp(&b.fault));
    all.dedup_by(|a, b| a.fault == b.fault);
    all
}

/// A fault's name with its mode.
fn with_mode(name: &str) -> String {
    name.parse::<fault::FaultChoice>().unwrap().to_string()
}

#[test]
fn each_fault_shows_first_what_it_breaks_first_and_each_requirement_turns_red() {
    let played: Vec<_> = matrix().into_iter().map(|shown| (shown, false)).collect();
    let results = play_all(&played);
    let mut wrong: Vec<String> = results.iter().filter_map(|r| r.2.clone()).collect();
    for requirement in requirement::all() {
        // The vendors' own tests have a test of their own.
        if requirement.id.starts_with("listing/") {
            continue;
        }
        let named = with_mode(requirement.fault);
        let red = results
            .iter()
            .any(|(fault, red, _)| *fault == named && red.contains(requirement.id));
        if !red {
            wrong.push(format!("{} is not red under {named}", requirement.id));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Faults of every area, of which whole runs are looked at for surprises.
const SAMPLE: [&str; 6] = [
    "deactivate-accepted-but-ignored=on",
    "pathless-patch-rejected=400",
    "identifier-rewritten=on",
    "extension-path-unknown=refused",
    "list-leaves-one-out=on",
    "unknown-id-not-404=200",
];

#[test]
fn a_whole_run_under_a_fault_holds_no_surprise() {
    let sample: Vec<_> = matrix()
        .into_iter()
        .filter(|shown| SAMPLE.contains(&shown.fault.as_str()))
        .map(|shown| (shown, true))
        .collect();
    assert_eq!(sample.len(), SAMPLE.len());
    let wrong: Vec<_> = play_all(&sample).into_iter().filter_map(|r| r.2).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
#[ignore = "every fault with every story takes a quarter of an hour: before a release"]
fn whole_runs_under_every_fault_hold_no_surprise() {
    let all: Vec<_> = matrix().into_iter().map(|shown| (shown, true)).collect();
    let wrong: Vec<_> = play_all(&all).into_iter().filter_map(|r| r.2).collect();
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn the_table_knows_every_fault_in_every_mode_and_names_only_what_exists() {
    let mut wrong = Vec::new();
    let mut ids = BTreeSet::new();
    let mut known = BTreeSet::new();
    for defect in defect::all() {
        if !ids.insert(&defect.id) {
            wrong.push(format!("{} twice", defect.id));
        }
        if defect.shown.is_empty() != defect.unseen.is_some() {
            wrong.push(format!("{} shows, or says why not", defect.id));
        }
        for shown in &defect.shown {
            known.insert(shown.fault.clone());
            if shown.fault != with_mode(&shown.fault) {
                wrong.push(format!("{}: {} has no mode", defect.id, shown.fault));
            }
            if shown.breaks.is_some() == shown.permitted.is_some() {
                wrong.push(format!("{} breaks something or is permitted", shown.fault));
            }
            if let Some(broken) = &shown.breaks {
                let outcome = requirement::find(&broken.requirement)
                    .and_then(|requirement| requirement.outcome(&broken.outcome));
                if outcome.map(|outcome| outcome.level) != Some(broken.level) {
                    wrong.push(format!("{}: {broken:?} is declared otherwise", shown.fault));
                }
            }
            wrong.extend(
                shown
                    .also
                    .iter()
                    .filter(|id| requirement::find(id).is_none())
                    .map(|id| format!("{}: there is no {id}", shown.fault)),
            );
            let story = |id: &str| scenario::bundled().iter().any(|story| story.id == id);
            wrong.extend(
                shown
                    .stories
                    .iter()
                    .filter(|id| !story(id))
                    .map(|id| format!("{}: there is no story {id}", shown.fault)),
            );
            wrong.extend(
                shown
                    .idps
                    .iter()
                    .filter(|id| idp::select(id).is_err())
                    .map(|id| format!("{}: there is no {id}", shown.fault)),
            );
        }
    }
    for fault in fault::ALL {
        for mode in fault.modes {
            let choice = format!("{}={mode}", fault.id);
            if !known.contains(&choice) {
                wrong.push(format!("the table does not know {choice}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// How many of the defects that are known from the field are shown by runs. It only rises.
const SHOWN: usize = 129;

#[test]
fn of_the_defects_known_from_the_field_no_fewer_are_shown_than_before() {
    let field: Vec<_> = defect::all()
        .iter()
        .filter(|defect| !defect.reported.is_empty())
        .collect();
    let shown = field
        .iter()
        .filter(|defect| defect.unseen.is_none())
        .count();
    assert_eq!((field.len(), shown), (133, SHOWN));
}

#[test]
fn every_requirement_that_a_story_judges_by_exists_and_every_check_of_probes_has_a_story() {
    let mut judged = BTreeSet::new();
    for story in scenario::bundled() {
        for step in &story.steps {
            let StepKind::Probe(probe) = &step.kind else {
                continue;
            };
            for id in &probe.judges {
                assert!(
                    requirement::find(id).is_some(),
                    "{}: there is no {id}",
                    story.id
                );
                judged.insert(id.as_str());
            }
        }
    }
    for requirement in requirement::all() {
        if matches!(requirement.check, Check::Probe(_)) {
            assert!(
                judged.contains(requirement.id),
                "no story judges by {}",
                requirement.id
            );
        }
    }
}
