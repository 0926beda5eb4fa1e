//! The bundled server in other shapes. Whatever the RFCs permit is no violation; what a product is documented to do
//! otherwise is found, and nothing else.

use std::collections::BTreeMap;

use scimulate::report::{Finding, Report};
use scimulate::run::Endpoint;
use scimulate::server::persona::{self, Persona};

use crate::run::{judged, plan, play_tape};

fn played(persona: &'static Persona) -> Report {
    let mut plan = plan(&["okta", "entra", "jumpcloud"], &[], &[]);
    if let Endpoint::Bundled { persona: role, .. } = &mut plan.endpoint {
        *role = Some(persona);
    }
    judged(&play_tape(&plan))
}

/// What a report blames, with how often and one of the messages.
fn blamed(report: &Report, counts: impl Fn(&Finding) -> bool) -> String {
    let mut blamed: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for finding in report.findings.iter().filter(|f| counts(f)) {
        let key = format!(
            "{} {} {}",
            finding.level, finding.requirement, finding.outcome
        );
        let example = format!(
            "{} {}: {} / expected {} / observed {}",
            finding.idp, finding.scenario, finding.message, finding.expected, finding.observed
        );
        blamed.entry(key).or_insert((0, example)).0 += 1;
    }
    let lines = blamed
        .iter()
        .map(|(key, (n, example))| format!("{key} ({n}): {example}\n"));
    lines.collect()
}

#[test]
fn the_other_permitted_choice_is_no_violation() {
    let report = played(persona::find("permissive").unwrap());
    let wrong = blamed(&report, |f| matches!(f.level.as_str(), "must" | "should"));
    assert!(wrong.is_empty(), "{wrong}");
}
