//! The bundled server in other shapes. Whatever the RFCs permit is no violation; what a product is documented to do
//! otherwise is found, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use scimulate::report::{Finding, Report};
use scimulate::run::Endpoint;
use scimulate::server::Leniency;
use scimulate::server::persona::{self, Persona};
use serde::Deserialize;

use crate::run::{judged, plan, play_tape, text};

/// What is found of the personas, each reviewed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reviewed {
    finding: Vec<Known>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    persona: String,
    requirement: String,
    outcome: String,
    reason: String,
}

fn played(persona: &'static Persona) -> Report {
    let mut plan = plan(&["okta", "entra", "jumpcloud"], &[], &[]);
    if let Endpoint::Bundled { persona: role, .. } = &mut plan.endpoint {
        *role = Some(persona);
    }
    judged(&play_tape(&plan))
}

/// What a report finds, with how often and one example.
fn found(report: &Report) -> BTreeMap<(String, String), String> {
    let mut found: BTreeMap<(String, String), (usize, String)> = BTreeMap::new();
    for finding in &report.findings {
        let key = (finding.requirement.clone(), finding.outcome.clone());
        let example = format!(
            "{} {} {}: {} / expected {} / observed {}",
            finding.level,
            finding.idp,
            finding.scenario,
            finding.message,
            finding.expected,
            finding.observed
        );
        found.entry(key).or_insert((0, example)).0 += 1;
    }
    let found = found.into_iter();
    found
        .map(|(key, (n, example))| (key, format!("{n} times, {example}")))
        .collect()
}

fn is_binding(finding: &Finding) -> bool {
    matches!(finding.level.as_str(), "must" | "should")
}

fn binding(report: &Report) -> Vec<String> {
    let findings = report.findings.iter().filter(|f| is_binding(f));
    let line = |f: &Finding| format!("{} {}: {} {}", f.requirement, f.outcome, f.idp, f.scenario);
    findings.map(line).collect()
}

/// How many requirements were exercised.
fn exercised(report: &Report) -> u64 {
    let counts = &report.summary.requirements;
    counts.pass + counts.fail
}

#[test]
fn the_other_permitted_choice_is_no_violation() {
    let report = played(persona::find("permissive").unwrap());
    assert_eq!(binding(&report), [""; 0], "{}", text(&report));
    // A run that could not look would be green as well.
    assert!(exercised(&report) >= 75, "{}", exercised(&report));
}

#[test]
fn refusing_what_the_standard_lets_a_server_refuse_breaks_no_rule() {
    for name in ["permissive", "slack"] {
        let mut strict = persona::find(name).unwrap().clone();
        strict.leniency = Leniency::STRICT;
        let report = played(Box::leak(Box::new(strict)));
        assert_eq!(binding(&report), [""; 0], "{name} {}", text(&report));
        assert!(
            !report.findings.is_empty(),
            "the IdPs do need what it refuses"
        );
    }
}

#[test]
fn a_persona_is_blamed_for_what_is_true_of_it_and_for_nothing_else() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/personas.toml");
    let reviewed: Reviewed = toml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let mut wrong = String::new();
    for persona in persona::all() {
        let known = reviewed.finding.iter().filter(|k| k.persona == persona.id);
        let known: BTreeSet<_> = known
            .map(|k| {
                assert!(k.reason.len() > 20, "{} {}", k.persona, k.requirement);
                (k.requirement.clone(), k.outcome.clone())
            })
            .collect();
        let found = found(&played(persona));
        for ((requirement, outcome), example) in &found {
            if !known.contains(&(requirement.clone(), outcome.clone())) {
                wrong += &format!("{}: {requirement} {outcome}, {example}\n", persona.id);
            }
        }
        for (requirement, outcome) in known.iter().filter(|k| !found.contains_key(*k)) {
            wrong += &format!("{}: no longer {requirement} {outcome}\n", persona.id);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
