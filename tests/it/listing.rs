//! The vendors' own acceptance tests, as stories: the bundled server passes them, and a server with a fitting fault does not.

use scimulate::report::Report;
use scimulate::scenario::Scenario;

use crate::run::{judged, plan, play_tape, text};

fn played(faults: &[&str]) -> Report {
    let listing = |s: &&Scenario| s.tags.iter().any(|t| t == "listing");
    let stories = scimulate::scenario::bundled().iter().filter(listing);
    let ids: Vec<_> = stories.map(|s| s.id.as_str()).collect();
    assert!(ids.len() >= 5, "{ids:?}");
    judged(&play_tape(&plan(&[], &ids, faults)))
}

/// The tests of a vendor that fail, by the names that the vendor gives them.
fn failing(requirement: &str, fault: &str) -> Vec<String> {
    let report = played(&[fault]);
    let own = report
        .findings
        .iter()
        .filter(|f| f.requirement == requirement);
    let test = |expected: &str| expected.split('`').nth(1).unwrap().to_owned();
    own.map(|f| test(&f.expected)).collect()
}

#[test]
fn the_bundled_server_passes_every_vendors_own_test() {
    let report = played(&[]);
    assert!(report.findings.is_empty(), "{}", text(&report));
    let result = |id: &str| report.requirements.iter().find(|r| r.id == id).unwrap();
    for id in [
        "listing/okta-spec-test",
        "listing/entra-validator",
        "listing/entra-gallery",
    ] {
        assert!(!result(id).results.is_empty(), "{id} was not exercised");
    }
}

#[test]
fn a_fault_fails_the_vendors_test_that_looks_for_it() {
    let okta = failing("listing/okta-spec-test", "duplicate-create-accepted");
    assert_eq!(okta, ["8 the same user name is refused"]);
    let validator = failing("listing/entra-validator", "username-filter-case-sensitive");
    assert_eq!(validator, ["Filter with different case"]);
    let gallery = failing("listing/entra-gallery", "patch-accepted-but-ignored");
    assert!(
        gallery.contains(&"SCIM_User_Update".to_owned()),
        "{gallery:?}"
    );
    assert!(
        !gallery.contains(&"SCIM_User_Create".to_owned()),
        "{gallery:?}"
    );
}

#[test]
fn the_fault_that_a_listing_requirement_names_turns_it_red() {
    let listing = |r: &&scimulate::requirement::Requirement| r.id.starts_with("listing/");
    for requirement in scimulate::requirement::all().filter(listing) {
        let red = failing(requirement.id, requirement.fault);
        assert!(!red.is_empty(), "{}", requirement.id);
    }
}
