//! However an administrator sets the app up, a right server stays green: promises follow the settings as the requests do.

use std::path::Path;

use scimulate::config::Config;
use scimulate::idp::Variant;
use scimulate::run::tape::{Line, Tape};
use scimulate::wire::{Method, Origin};

use crate::run::{judged, plan, play_tape, text};

fn variants(family: &str, settings: &str) -> Vec<Variant> {
    let config = Config::parse(
        Path::new("scimulate.toml"),
        &format!("config = 1\n{settings}"),
    );
    let mut variants = config
        .unwrap_or_else(|e| panic!("{settings}: {e}"))
        .variants;
    variants.retain(|v| v.id.starts_with(family));
    variants
}

/// Every default story with the variants so set up; what is found, as a report.
fn played(variants: Vec<Variant>, stories: &[&str]) -> (Tape, Option<String>) {
    let mut plan = plan(&[], stories, &[]);
    plan.variants = variants;
    plan.scenarios
        .retain(|s| s.tags.iter().all(|tag| tag != "opt-in"));
    let tape = play_tape(&plan);
    let report = judged(&tape);
    let broken = (!report.findings.is_empty()).then(|| text(&report));
    (tape, broken)
}

/// What a right server is blamed for where the app is set up so.
fn blamed(family: &str, settings: &str) -> Option<String> {
    let (_, broken) = played(variants(family, settings), &[]);
    broken.map(|broken| format!("{settings}\n{broken}"))
}

fn stay_green(setups: &[(&str, String)]) {
    let setups = setups.iter();
    let wrong: Vec<_> = setups
        .filter_map(|(family, settings)| blamed(family, settings))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The requests by which the IdP changed something.
fn writes(tape: &Tape) -> Vec<(Method, String)> {
    let sent = tape.lines.iter().filter_map(|line| match line {
        Line::Sent(sent) if sent.by.origin == Origin::Idp => {
            Some((sent.method, sent.target.clone()))
        }
        _ => None,
    });
    sent.filter(|(method, _)| *method != Method::Get).collect()
}

#[test]
fn no_feature_that_is_off_makes_a_right_server_look_wrong() {
    let mut setups = vec![
        ("okta", "[okta]\nimport-users = false\n".to_owned()),
        ("okta", "[okta]\nimport-groups = true\n".to_owned()),
        ("okta", "[okta]\nrename-groups = false\n".to_owned()),
        ("entra", "[entra]\nskip-out-of-scope = true\n".to_owned()),
        (
            "jumpcloud",
            "[jumpcloud]\nimport-users = false\n".to_owned(),
        ),
    ];
    for family in ["okta", "entra", "jumpcloud"] {
        for feature in [
            "create-users",
            "update-users",
            "deactivate-users",
            "push-groups",
        ] {
            setups.push((family, format!("[{family}]\n{feature} = false\n")));
        }
    }
    stay_green(&setups);
}

#[test]
fn no_mapping_no_match_and_no_rule_makes_a_right_server_look_wrong() {
    let mut setups = vec![
        ("okta", "[okta]\nmatching = \"work-email\"\n".to_owned()),
        ("okta", "[okta]\npush-rules = [{ contains = \"e\" }, { starts-with = \"Eng\" }, { ends-with = \"s\" }]\n".to_owned()),
        ("entra", "[entra]\nmatching = \"external-id\"\n".to_owned()),
        ("entra", "[entra]\nmatching = \"work-email\"\n".to_owned()),
        ("entra", "[entra]\nscope = \"everybody\"\n".to_owned()),
        ("entra", "[entra.mappings]\nactive = false\n".to_owned()),
        ("jumpcloud", "[jumpcloud.mappings]\nexternalId = false\n".to_owned()),
        ("entra", "[entra.mappings]\nexternalId = '[objectId]'\n'name.formatted' = 'Join(\", \", [surname], [givenName])'\n".to_owned()),
    ];
    for family in ["okta", "entra", "jumpcloud"] {
        let table = |lines: &str| (family, format!("[{family}.mappings]\n{lines}\n"));
        setups.push(table(
            "title = false\ndisplayName = false\n'name.givenName' = false",
        ));
        setups.push(table("userType = '\"Employee\"'\ntitle = \"department\""));
        let tenant = "[target]\nforbidden = ['displayName', 'emails[type eq \"work\"].value']\n";
        setups.push((family, tenant.to_owned()));
    }
    stay_green(&setups);
}

#[test]
fn what_is_switched_off_is_not_sent_and_not_promised() {
    for family in ["okta", "entra", "jumpcloud"] {
        let leaver = &["offboarding/leaver"];
        let off = format!("[{family}]\ndeactivate-users = false\n");
        let (tape, broken) = played(variants(family, &off), leaver);
        assert!(broken.is_none(), "{}", broken.unwrap_or_default());
        let writes = writes(&tape);
        assert!(
            !writes.is_empty() && writes.iter().all(|(method, _)| *method == Method::Post),
            "{family}: {writes:?}"
        );
        let promised = tape.lines.iter().any(|line| match line {
            Line::Promised(p) => p
                .promises
                .iter()
                .any(|p| p.line == "person/leaver-loses-access"),
            _ => false,
        });
        assert!(!promised, "{family}");
        let off = format!("[{family}]\ncreate-users = false\n");
        let (tape, _) = played(variants(family, &off), leaver);
        assert_eq!(self::writes(&tape), [], "{family}");
    }
}

#[test]
fn a_rule_from_the_beginning_pushes_at_once() {
    let rules = "[okta]\npush-rules = [{ starts-with = \"e\" }, { starts-with = \"E\" }]\n";
    let story = ["groups/members-in-and-out"];
    let (with, _) = played(variants("okta/custom-app", rules), &story);
    let first = writes(&with)
        .into_iter()
        .find(|(_, target)| target.contains("/Groups"));
    assert!(first.is_some_and(|(method, _)| method == Method::Post));
}

#[test]
fn no_switch_makes_a_right_server_look_wrong() {
    let stories = ["onboarding/joiner", "offboarding/leaver", "profile/renamed"];
    let mut wrong = Vec::new();
    for variant in scimulate::idp::VARIANTS.iter() {
        for switch in variant.switches() {
            for value in others(&switch).into_iter().filter(|v| *v != switch.value) {
                let mut other = variant.clone();
                if other.switch(&switch.name, value.clone()).is_err() {
                    continue;
                }
                if let (_, Some(broken)) = played(vec![other], &stories) {
                    wrong.push(format!(
                        "{} {} = {value}\n{broken}",
                        variant.id, switch.name
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The other values of a switch, as far as it says them: yes for no, and every word.
fn others(switch: &scimulate::idp::Switch) -> Vec<serde_json::Value> {
    match &switch.value {
        serde_json::Value::Bool(flag) => vec![(!flag).into()],
        serde_json::Value::Number(_) => vec![1.into(), 2.into()],
        _ => switch
            .allowed
            .split('`')
            .skip(1)
            .step_by(2)
            .map(Into::into)
            .collect(),
    }
}

#[test]
fn a_file_in_the_folder_of_the_run_applies_and_a_wrong_one_ends_it_with_three() {
    let folder = tempfile::tempdir().unwrap();
    let run = |file: &str, option: &[&str]| {
        std::fs::write(folder.path().join("scimulate.toml"), file).unwrap();
        assert_cmd::Command::cargo_bin("scimulate")
            .unwrap()
            .current_dir(folder.path())
            .args(["run", "offboarding/leaver", "--idp", "okta/custom-app"])
            .args(["--tape", "tape.ndjson"])
            .args(option)
            .output()
            .unwrap()
    };
    let said = |output: &std::process::Output| String::from_utf8_lossy(&output.stderr).into_owned();
    let right = run("config = 1\n[okta]\ndeactivate-users = false\n", &[]);
    assert_eq!(right.status.code(), Some(0), "{}", said(&right));
    assert!(said(&right).contains("target file: scimulate.toml"));
    let tape = Tape::read(&folder.path().join("tape.ndjson")).unwrap();
    assert!(
        writes(&tape)
            .iter()
            .all(|(method, _)| *method == Method::Post)
    );
    let wrong = run("config = 1\n[okta]\ndeactivate = false\n", &[]);
    assert_eq!(wrong.status.code(), Some(3), "{}", said(&wrong));
    assert!(said(&wrong).contains("did you mean"), "{}", said(&wrong));
    let passed_over = run("config = 1\n[okta]\ndeactivate = false\n", &["--no-config"]);
    assert_eq!(passed_over.status.code(), Some(0), "{}", said(&passed_over));
}
