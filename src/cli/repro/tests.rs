//! Tests of the script.

use std::process::Command;

use super::script::{ReproError, script};
use crate::report::sample;

#[test]
fn the_script_of_a_cause_is_pinned() {
    insta::assert_snapshot!(script(&sample::report(), 1).unwrap());
}

#[test]
fn a_number_that_is_none_of_the_run_is_told() {
    let report = sample::report();
    assert_eq!(
        script(&report, 9).unwrap_err().to_string(),
        "there is no cause 9: the run has causes 1 to 5"
    );
    assert!(script(&report, 0).is_err());
    assert_eq!(
        script(&sample::green(), 1).unwrap_err().to_string(),
        "there is no cause 1: the run has none"
    );
}

#[test]
fn a_report_without_exchanges_cannot_be_repeated() {
    let mut report = sample::report();
    report.exchanges.clear();
    assert_eq!(script(&report, 1), Err(ReproError::NoExchanges(1)));
}

const TOOLS: &[&str] = &[
    "sh", "cat", "chmod", "head", "mktemp", "od", "rm", "sed", "touch", "tr",
];

/// Runs a script with a curl that logs its arguments and answers always the same. Says what was logged.
fn run(script: &str, answer: &str, more: &[&str]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let bin = root.join("bin");
    std::fs::create_dir(&bin).unwrap();
    for tool in TOOLS.iter().chain(more) {
        let found = ["/usr/bin", "/bin"].map(|dir| std::path::Path::new(dir).join(tool));
        if let Some(found) = found.iter().find(|path| path.exists()) {
            std::os::unix::fs::symlink(found, bin.join(tool)).unwrap();
        }
    }
    let fake = format!(
        "#!/bin/sh\nfor a in \"$@\"; do printf '<%s>' \"$a\" >>'{0}/log'; done; echo >>'{0}/log'\n\
         while [ $# -gt 0 ]; do [ \"$1\" = --output ] && printf '%s' '{answer}' >\"$2\"; shift; done\nprintf 201\n",
        root.display()
    );
    std::fs::write(bin.join("curl"), fake).unwrap();
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(bin.join("curl"), executable).unwrap();
    let ran = Command::new("/bin/sh")
        .arg("-c")
        .arg(script)
        .current_dir(root)
        .env("PATH", &bin)
        .env("SECRET_1", "s3cret")
        .output()
        .unwrap();
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    let files: Vec<_> = std::fs::read_dir(root).unwrap().collect();
    assert_eq!(files.len(), 2, "the script made files: {files:?}");
    std::fs::read_to_string(root.join("log")).unwrap()
}

#[test]
fn the_script_takes_ids_from_answers_and_credentials_from_the_environment() {
    let script = script(&sample::report(), 1).unwrap();
    let answer = r#"{"schemas":["x"],"name":{"id":1}, "id" : "n/ew","x":1}"#;
    let flat = r#"{"schemas":["x"], "id" : "n/ew","x":{"id":"1"}}"#;
    for log in [run(&script, answer, &["jq"]), run(&script, flat, &[])] {
        assert!(log.contains("<Authorization: Bearer s3cret>"), "{log}");
        assert!(
            log.contains("<https://app.example.com/scim/v2/Users/%6e%2f%65%77>"),
            "{log}"
        );
        assert!(log.contains("<--request><DELETE>"), "{log}");
        assert!(!log.contains("ad'a;1"), "{log}");
    }
}

#[test]
fn without_a_usable_id_nothing_more_is_sent() {
    let script = script(&sample::report(), 1).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let fake = "curl() { printf '%s' \"$*\" >>log; echo >>log; printf 201; }\n";
    let ran = Command::new("sh")
        .arg("-c")
        .arg(format!("{fake}{script}"))
        .current_dir(folder.path())
        .env("SECRET_1", "s3cret")
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(1));
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(
        log.contains("POST") && !log.contains("DELETE") && !log.contains("PATCH"),
        "{log}"
    );
}

#[test]
fn nothing_that_a_target_said_runs() {
    let mut report = sample::report();
    let evil = "'; touch pwned; $(touch pwned) `touch pwned` \n touch pwned #";
    for finding in &mut report.findings {
        evil.clone_into(&mut finding.observed);
        finding.differences.clear();
    }
    for cause in &mut report.causes {
        evil.clone_into(&mut cause.title);
    }
    for exchange in &mut report.exchanges {
        let body = serde_json::json!({"id": evil}).to_string();
        if let Some(text) = exchange.response.as_mut().and_then(|r| r.body.as_mut()) {
            text.text.clone_from(&body);
        }
        if let Some(text) = &mut exchange.request.body {
            text.text = format!("{} {evil}", text.text);
        }
        exchange.request.path.push_str("?'$(touch pwned)");
        exchange
            .request
            .headers
            .push(("X".to_owned(), evil.replace('\n', " ")));
    }
    for number in 1..=report.causes.len() {
        run(
            &script(&report, number).unwrap(),
            r#"{"id":"$(touch pwned)"}"#,
            &["jq"],
        );
    }
}

#[test]
fn what_belongs_to_a_second_customer_is_sent_and_deleted_at_that_customers_tenant() {
    let mut report = sample::report();
    let made = |e: &crate::report::Exchange| e.request.method == crate::wire::Method::Post;
    for exchange in report.exchanges.iter_mut().filter(|e| made(e)) {
        exchange.other_tenant = true;
    }
    let script = script(&report, 1).unwrap();
    let there = "https://second.example.com/scim/v2";
    let log = run(
        &format!("OTHER_TENANT={there}\n{script}"),
        r#"{"id":"new"}"#,
        &[],
    );
    for line in log.lines() {
        let at_second = line.contains(there);
        let theirs = line.contains("<POST>") || line.contains("<DELETE>");
        assert_eq!(at_second, theirs, "{line}");
        assert!(
            at_second || line.contains("<https://app.example.com/scim/v2"),
            "{line}"
        );
    }
    assert!(log.contains("<DELETE>") && log.contains("<PATCH>"), "{log}");
}
