//! `scimulate run` as a user types it, with what follows from a run: reports, baseline, repro.

use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::cli::{Said, command, said, scimulate};

/// One story with one IdP: a run that takes no time.
const QUICK: &[&str] = &[
    "run",
    "offboarding/leaver",
    "--idp",
    "okta/custom-app",
    "--seed",
    "7",
];

fn run(home: &TempDir, more: &[&str]) -> Said {
    said(command(home).args(QUICK).args(more))
}

fn json(path: &Path) -> Value {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn wrong_usage_is_exit_2_with_one_sentence_on_stderr() {
    for (arguments, sentence) in [
        (
            &["run", "--target", ""][..],
            "error: the target is empty: give the SCIM base URL, such as https://app.example.com/scim/v2\n",
        ),
        (
            &["run", "--target", "app.example.com/scim"],
            "error: `app.example.com/scim` is not a URL (relative URL without a base): give the SCIM base URL, such as https://app.example.com/scim/v2\n",
        ),
        (
            &["run", "--target", "https://u:p@app.example.com"],
            "error: the target holds credentials: take them out of the URL and use --token-env, --basic-env or --header-env\n",
        ),
        (
            &[
                "run",
                "--target",
                "http://127.0.0.1:1",
                "--token-env",
                "TOKEN",
            ],
            "error: the variable TOKEN that --token-env names is not set: set it, such as `export TOKEN=…`\n",
        ),
        (
            &[
                "run",
                "--target",
                "http://127.0.0.1:1",
                "--token-file",
                "none",
            ],
            "error: the file none that --token-file names cannot be read: No such file or directory (os error 2)\n",
        ),
        (
            &[
                "run",
                "--target",
                "http://127.0.0.1:1",
                "--header-env",
                "X-Key",
            ],
            "error: `X-Key` is no header and variable: write such as --header-env X-Api-Key=SCIM_KEY\n",
        ),
        (
            &[
                "run",
                "--target",
                "http://127.0.0.1:1",
                "--ca-file",
                "none.pem",
            ],
            "error: the file none.pem that --ca-file names cannot be read: No such file or directory (os error 2)\n",
        ),
        (
            &["run", "--idp", "okta,entr"],
            "error: there is no IdP `entr`; did you mean `entra`?\n",
        ),
        (
            &["run", "offboarding/leavr"],
            "error: there is no story `offboarding/leavr`; did you mean `offboarding/leaver`?\n",
        ),
        (
            &["run", "--tag", "volum"],
            "error: no story has the tag `volum`; did you mean `volume`?\n",
        ),
        (
            &["run", "--tag", "xyzzy"],
            "error: no story is selected: none of them has the tag `xyzzy`\n",
        ),
        (
            &["run", "--only", "lifecycl-"],
            "error: no requirement begins with `lifecycl-`; did you mean `lifecycle/state-as-promised`?\n",
        ),
        (
            &["run", "--fail-on", "shuld"],
            "error: there is no level `shuld`; did you mean `should`?; --fail-on takes must, should, may and interop, or none\n",
        ),
        (
            &["run", "--fault", "patch-op-case-sensitive=rejct"],
            "error: fault `patch-op-case-sensitive` has no mode `rejct`; its modes are reject, ignore-with-success\n",
        ),
        (
            &["run", "--report", "junit=no/such/folder/x.xml"],
            "error: the report no/such/folder/x.xml cannot be written: No such file or directory (os error 2)\n",
        ),
        (
            &["run", "--tape", "no/such/folder/x.ndjson"],
            "error: the tape no/such/folder/x.ndjson cannot be written: there is no folder no/such/folder\n",
        ),
    ] {
        let wanted = Said {
            exit: 2,
            out: String::new(),
            err: sentence.to_owned(),
        };
        assert_eq!(scimulate(arguments), wanted, "{arguments:?}");
    }
}

#[test]
fn options_that_do_not_go_together_are_told() {
    for (arguments, part) in [
        (&["run", "--token-env", "A"][..], "--target <URL>"),
        (
            &[
                "run",
                "--target",
                "https://x.example",
                "--token-env",
                "A",
                "--basic-env",
                "B",
            ],
            "cannot be used with",
        ),
        (
            &[
                "run",
                "--target",
                "https://x.example",
                "--oauth-token-url",
                "https://x.example",
            ],
            "--client-id <ID>",
        ),
        (
            &["run", "--target", "https://x.example", "--fault", "x"],
            "cannot be used with",
        ),
        (
            &["run", "--timeout", "soon"],
            "`soon` is not a time: write such as 90s, 500ms or 2m",
        ),
        (&["run", "--report", "junt=x"], "did you mean `junit`?"),
    ] {
        let said = scimulate(arguments);
        assert_eq!((said.exit, said.out.as_str()), (2, ""), "{arguments:?}");
        assert!(said.err.contains(part), "{arguments:?}: {}", said.err);
    }
}

#[test]
fn a_green_run_is_exit_0_and_writes_what_was_asked_for() {
    let home = tempfile::tempdir().unwrap();
    let green = run(
        &home,
        &[
            "--report",
            "json=r.json",
            "--report",
            "junit=r.xml",
            "--report",
            "text=r.txt",
        ],
    );
    assert_eq!(green.exit, 0, "{green:?}");
    assert!(
        green
            .out
            .contains("target  BUNDLED reference server at http://127.0.0.1:"),
        "{}",
        green.out
    );
    let report = json(&home.path().join("r.json"));
    assert_eq!(
        (
            report["run"]["exit"].as_i64(),
            report["run"]["seed"].as_i64()
        ),
        (Some(0), Some(7))
    );
    assert_eq!(report["summary"]["scenarios"]["passed"], 1);
    assert!(report["scenarios"][0]["compared"].as_i64() > Some(0));
    let schema = json(Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/reports/report.schema.json"
    )));
    jsonschema::validate(&schema, &report).unwrap();
    let xml = std::fs::read_to_string(home.path().join("r.xml")).unwrap();
    assert!(
        xml.contains("a leaver loses access") && !xml.contains("<failure"),
        "{xml}"
    );
    assert_eq!(
        std::fs::read_to_string(home.path().join("r.txt")).unwrap(),
        green.out
    );
}

#[test]
fn the_tape_goes_to_the_state_folder_and_its_place_is_said() {
    let home = tempfile::tempdir().unwrap();
    let said = run(&home, &[]);
    let path = said.err.strip_prefix("tape: ").unwrap().trim_end();
    assert!(
        Path::new(path).starts_with(home.path().join(".local/state/scimulate")),
        "{path}"
    );
    let tape = std::fs::read_to_string(path).unwrap();
    assert!(
        tape.lines().last().unwrap().starts_with(r#"{"line":"end""#),
        "{tape}"
    );
}

#[test]
fn a_defect_is_exit_1_and_first_under_fix_first_and_a_reviewed_baseline_excuses_it_until_it_is_mended()
 {
    let home = tempfile::tempdir().unwrap();
    let fault = ["--fault", "deactivate-accepted-but-ignored"];
    let broken = run(&home, &fault);
    assert_eq!(broken.exit, 1, "{}", broken.out);
    let first = broken
        .out
        .split("Fix first\n")
        .nth(1)
        .unwrap()
        .lines()
        .next()
        .unwrap();
    assert!(first.starts_with("  1.  "), "{first}");

    let baseline = said(command(&home).arg("baseline"));
    assert_eq!(baseline.exit, 0, "{}", baseline.err);
    std::fs::write(home.path().join("known.yaml"), &baseline.out).unwrap();
    let known = ["--baseline", "known.yaml"];
    let unreviewed = run(&home, &[&fault[..], &known].concat());
    assert_eq!(unreviewed.exit, 3, "{}", unreviewed.err);
    assert!(
        unreviewed.err.contains("nobody has said why"),
        "{}",
        unreviewed.err
    );

    let reviewed = baseline.out.replace("\"\"", "\"mended in 4.2\"");
    std::fs::write(home.path().join("known.yaml"), reviewed).unwrap();
    let excused = run(&home, &[&fault[..], &known].concat());
    assert_eq!(excused.exit, 0, "{}", excused.out);
    assert!(excused.out.contains("Known (baseline)"), "{}", excused.out);

    let mended = run(&home, &known);
    assert_eq!(mended.exit, 6, "{}", mended.out);
    assert!(
        mended.out.contains("was exercised and no longer happens"),
        "{}",
        mended.out
    );
}

#[test]
fn a_cause_can_be_repeated_from_the_tape_of_the_last_run() {
    let home = tempfile::tempdir().unwrap();
    assert_eq!(
        run(&home, &["--fault", "deactivate-accepted-but-ignored"]).exit,
        1
    );
    let script = said(command(&home).args(["repro", "1"]));
    assert_eq!(script.exit, 0, "{}", script.err);
    assert!(script.out.starts_with("#!/bin/sh\n"), "{}", script.out);
    assert!(script.out.contains(" POST '/Users'"), "{}", script.out);
    let none = said(command(&home).args(["repro", "99"]));
    assert_eq!(none.exit, 2);
    assert!(
        none.err
            .starts_with("error: there is no cause 99: the run has "),
        "{}",
        none.err
    );
}

#[test]
fn the_same_seed_gives_the_same_report_but_for_times() {
    let reports = [(); 2].map(|()| {
        let home = tempfile::tempdir().unwrap();
        let said = run(
            &home,
            &[
                "--fault",
                "deactivate-accepted-but-ignored",
                "--report",
                "json=r.json",
            ],
        );
        assert_eq!(said.exit, 1);
        let mut report = json(&home.path().join("r.json"));
        // The port of the bundled server is drawn by the system.
        let text = report.to_string();
        let port = report["run"]["target"].as_str().unwrap();
        let port = port.split(['/', ':']).nth(4).unwrap();
        report = serde_json::from_str(&text.replace(port, "PORT")).unwrap();
        for key in ["id", "started", "seconds"] {
            report["run"][key] = Value::Null;
        }
        for exchange in report["exchanges"].as_array_mut().unwrap() {
            exchange["milliseconds"] = Value::Null;
            let response = exchange["response"]["headers"].as_array_mut();
            response.into_iter().flatten().for_each(|h| {
                if h[0] == "date" {
                    h[1] = Value::Null;
                }
            });
        }
        report
    });
    assert_eq!(reports[0]["findings"], reports[1]["findings"]);
    assert_eq!(reports[0]["causes"], reports[1]["causes"]);
    assert_eq!(reports[0]["requirements"], reports[1]["requirements"]);
}

#[test]
fn a_target_where_nobody_listens_is_exit_4_with_a_sentence_and_a_report() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let home = tempfile::tempdir().unwrap();
    let target = format!("http://127.0.0.1:{port}/scim/v2");
    let said = run(&home, &["--target", &target, "--report", "json=r.json"]);
    assert_eq!(said.exit, 4, "{said:?}");
    assert!(
        said.out.starts_with("the target cannot be examined: "),
        "{}",
        said.out
    );
    assert!(said.out.contains("NOT EXAMINED"), "{}", said.out);
    assert_eq!(
        json(&home.path().join("r.json"))["run"]["ended"]["kind"],
        "unexaminable"
    );
}

#[test]
fn what_no_story_exercises_is_exit_5() {
    let home = tempfile::tempdir().unwrap();
    // The leaver is in no group.
    let said = run(&home, &["--only", "group/"]);
    assert_eq!(said.exit, 5, "{}", said.out);
    assert!(said.out.contains("NOTHING EXERCISED"), "{}", said.out);
}
