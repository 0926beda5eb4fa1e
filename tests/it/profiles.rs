//! IdPs that are written as data, and JumpCloud's activation, against the bundled server.

use crate::run::{judged, plan, play_tape, text};

#[test]
fn every_bundled_profile_is_green_in_every_story() {
    for idp in ["authentik", "onelogin", "pingfederate"] {
        let report = judged(&play_tape(&plan(&[idp], &[], &[])));
        assert!(report.findings.is_empty(), "{}", text(&report));
        let played = report.scenarios.iter().filter(|s| s.idp == idp).count();
        assert!(played > 30, "{idp}: {played}");
    }
}

#[test]
fn a_fault_that_an_idp_of_the_profiles_meets_turns_it_red() {
    for (idp, fault, requirement) in [
        ("onelogin", "put-not-implemented", "user/put-accepted"),
        ("onelogin", "lookup-refused", "filter/user-name-lookup"),
        (
            "onelogin",
            "filtered-remove-noop",
            "group/member-removed-by-filter",
        ),
        (
            "authentik",
            "remove-members-value-rejected",
            "group/member-removed-by-value-list",
        ),
        ("authentik", "put-active-ignored", "user/active-by-put"),
        ("pingfederate", "put-active-ignored", "user/active-by-put"),
    ] {
        let report = judged(&play_tape(&plan(&[idp], &[], &[fault])));
        let found: Vec<&str> = report
            .causes
            .iter()
            .map(|c| c.requirement.as_str())
            .collect();
        assert!(found.contains(&requirement), "{idp} {fault}: {found:?}");
    }
}

#[test]
fn an_activation_that_the_target_refuses_provisions_nobody_and_leaves_nothing() {
    let stories = ["connection/activation"];
    for (fault, requirement) in [
        ("group-external-id-demanded", "group/created"),
        ("pathless-patch-rejected", "patch/path-less"),
        ("null-values-rejected", ""),
    ] {
        let report = judged(&play_tape(&plan(&["jumpcloud"], &stories, &[fault])));
        let found: Vec<&str> = report
            .causes
            .iter()
            .map(|c| c.requirement.as_str())
            .collect();
        assert!(!found.is_empty(), "{fault} is not seen");
        let area = requirement.split('/').next().unwrap();
        assert!(
            found.iter().any(|id| id.starts_with(area)),
            "{fault}: {found:?}"
        );
        assert!(
            report.run.cleanup.left.is_empty(),
            "{fault}: {:?}",
            report.run.cleanup
        );
    }
}
