//! Every requirement can fail: the fault that it names turns it red on the reference server.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use scimulate::requirement::{self, Requirement};
use scimulate::server::fault::FaultChoice;

use crate::run::{judged, plan, play_tape};

/// What the bundled stories find under a fault.
fn causes(fault: &str) -> Vec<(String, String)> {
    let mut plan = plan(&["okta", "entra", "jumpcloud"], &[], &[fault]);
    // A target that lags is told from one that does nothing by giving it time.
    if fault == "reads-lag-behind-writes" {
        plan.settle = Duration::from_millis(50);
    }
    let report = judged(&play_tape(&plan));
    let cause = |c: &scimulate::report::Cause| (c.requirement.clone(), c.outcome.clone());
    report.causes.iter().map(cause).collect()
}

#[test]
fn the_fault_that_a_requirement_names_turns_it_red() {
    let mut by_fault: Vec<(&str, Vec<&Requirement>)> = Vec::new();
    // The vendors' own tests are not in the default run; `listing.rs` shows each of them red.
    let judged_by_default = |r: &&Requirement| !r.id.starts_with("listing/");
    for requirement in requirement::all().filter(judged_by_default) {
        match by_fault
            .iter_mut()
            .find(|(fault, _)| *fault == requirement.fault)
        {
            Some((_, all)) => all.push(requirement),
            None => by_fault.push((requirement.fault, vec![requirement])),
        }
    }
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(BTreeSet::new());
    let table = Mutex::new(BTreeSet::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some((fault, requirements)) =
                    by_fault.get(next.fetch_add(1, Ordering::Relaxed))
                {
                    if let Err(e) = fault.parse::<FaultChoice>() {
                        wrong.lock().unwrap().insert(format!("{fault}: {e}"));
                        continue;
                    }
                    let causes = causes(fault);
                    for requirement in requirements {
                        let place = causes.iter().position(|(id, _)| id == requirement.id);
                        let line =
                            format!("{:44} {fault:48} {place:?} of {causes:?}", requirement.id);
                        if place.is_none() {
                            wrong.lock().unwrap().insert(line.clone());
                        }
                        table.lock().unwrap().insert(line);
                    }
                }
            });
        }
    });
    if let Some(path) = option_env!("SCIMULATE_MATRIX") {
        let table: Vec<_> = table.into_inner().unwrap().into_iter().collect();
        std::fs::write(path, table.join("\n")).unwrap();
    }
    let wrong: Vec<_> = wrong.into_inner().unwrap().into_iter().collect();
    assert!(
        wrong.is_empty(),
        "{} not red:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
