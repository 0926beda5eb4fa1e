//! IdPs that are written as data, and JumpCloud's activation, against the bundled server.

use crate::cli::{command, said};
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

#[test]
fn a_profile_of_the_target_file_is_listed_and_shown_as_it_is_set_up() {
    let home = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(home.path().join(name), text).unwrap();
    write(
        "ours.yaml",
        "idp-profile: 1\nid: ours\ntitle: Our portal\nbased-on: okta/catalog-app\n",
    );
    write(
        "scimulate.toml",
        "config = 1\nidp-profiles = [\"ours.yaml\"]\n[idp.ours.switches]\nquery = \"form\"\n",
    );
    let say = |arguments: &[&str]| said(command(&home).args(arguments));
    let listed = say(&["list", "idps"]);
    assert!(
        listed.out.contains("ours") && listed.out.contains("Our portal"),
        "{listed:?}"
    );
    let shown = say(&["show", "idp", "ours"]);
    assert!(shown.out.contains("query = \"form\""), "{shown:?}");
    let sent = say(&["show", "idp", "ours", "assign", "--format", "http"]);
    assert!(
        sent.out.contains("filter=userName+eq"),
        "{}{}",
        sent.out,
        sent.err
    );
    assert_eq!(say(&["show", "idp", "ours", "--no-config"]).exit, 2);
}
