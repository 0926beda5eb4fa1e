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
            "error: no requirement begins with `lifecycl-`; did you mean `lifecycle/no-sign-in-after-deactivation`?\n",
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
        (
            &["run", "--token-env", "A"][..],
            "error: --token-env is for a target of yours: name it with --target\n",
        ),
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

/// A server of its own for a test, ended with the test.
struct Served {
    process: std::process::Child,
    url: String,
}

impl Served {
    fn start(home: &TempDir, more: &[&str]) -> Self {
        use std::io::BufRead as _;
        let mut process = command(home)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(more)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let out = process.stdout.as_mut().unwrap();
        std::io::BufReader::new(out).read_line(&mut line).unwrap();
        let url = line.trim_end().to_owned();
        Self { process, url }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Sends a request past the program, as somebody else would, and gives the answer as text.
fn send(url: &str, method: &str, path: &str, body: &str) -> String {
    use std::io::{Read as _, Write as _};
    let address = url
        .strip_prefix("http://")
        .unwrap()
        .split('/')
        .next()
        .unwrap();
    let mut stream = std::net::TcpStream::connect(address).unwrap();
    write!(
        stream,
        "{method} /scim/v2{path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer scimulate\r\nContent-Type: application/scim+json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn post(url: &str, user_name: &str) {
    let schema = "urn:ietf:params:scim:schemas:core:2.0:User";
    let body = format!(r#"{{"schemas":["{schema}"],"userName":"{user_name}"}}"#);
    let answer = send(url, "POST", "/Users", &body);
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
}

#[test]
fn a_run_leaves_nothing_at_a_foreign_target_and_clean_has_nothing_to_do() {
    let home = tempfile::tempdir().unwrap();
    let served = Served::start(&home, &[]);
    let target = ["--target", &served.url, "--token-env", "TOKEN"];
    let ran = said(
        command(&home)
            .args(QUICK)
            .args(target)
            .env("TOKEN", "scimulate"),
    );
    assert_eq!(ran.exit, 0, "{ran:?}");
    let cleaned = said(
        command(&home)
            .args(["clean", "--token-env", "TOKEN"])
            .env("TOKEN", "scimulate"),
    );
    assert_eq!(
        (cleaned.exit, cleaned.out.as_str()),
        (0, "0 gone, 0 released (inactive), 0 left\n"),
        "{cleaned:?}"
    );
}

#[test]
fn clean_takes_away_what_the_tape_says_is_left_and_nothing_else() {
    let home = tempfile::tempdir().unwrap();
    let served = Served::start(&home, &[]);
    let target = [
        "--target",
        &served.url,
        "--token-env",
        "TOKEN",
        "--tape",
        "t.ndjson",
    ];
    let ran = said(
        command(&home)
            .args(QUICK)
            .args(target)
            .env("TOKEN", "scimulate"),
    );
    assert_eq!(ran.exit, 0, "{ran:?}");
    // A tape without its clean-up is that of a run that was killed; its people are posted again here.
    let path = home.path().join("t.ndjson");
    let tape = std::fs::read_to_string(&path).unwrap();
    let mark = tape
        .split(r#""instance":""#)
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    post(&served.url, "john.anderson@example.com");
    post(&served.url, &format!("ada.{mark}@example.com"));

    let clean = |more: &[&str]| {
        said(
            command(&home)
                .args(["clean", "--target", &served.url, "--token-env", "TOKEN"])
                .args(more)
                .env("TOKEN", "scimulate"),
        )
    };
    let by_tape = clean(&["--tape", "t.ndjson"]);
    assert_eq!(
        by_tape.out, "0 gone, 0 released (inactive), 0 left\n",
        "ids of the tape are gone"
    );
    let looked = clean(&["--instance", &mark]);
    assert_eq!(looked.exit, 0, "{looked:?}");
    assert!(
        looked.out.ends_with(&format!("  ada.{mark}@example.com\n")),
        "{looked:?}"
    );
    assert_eq!(looked.out.lines().count(), 1, "{looked:?}");
    assert_eq!(
        looked.err,
        "1 resource found, none deleted: look at the names, then add --yes\n"
    );
    let young = clean(&["--older-than", "2h"]);
    assert_eq!(young.out, "0 gone, 0 released (inactive), 0 left\n");
    let cleaned = clean(&["--instance", &mark, "--yes"]);
    assert_eq!(cleaned.out, "1 gone, 0 released (inactive), 0 left\n");
    let again = clean(&["--instance", &mark]);
    assert_eq!(again.out, "0 gone, 0 released (inactive), 0 left\n");
}

#[test]
fn clean_finishes_what_a_killed_run_left() {
    let home = tempfile::tempdir().unwrap();
    let served = Served::start(&home, &[]);
    let path = home.path().join("t.ndjson");
    let mut running = command(&home)
        .args([
            "run",
            "--idp",
            "okta,entra,jumpcloud",
            "--target",
            &served.url,
        ])
        .args(["--token-env", "TOKEN", "--tape", "t.ndjson"])
        .env("TOKEN", "scimulate")
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    // Killed in the middle of a story: right behind a creation that is on the tape.
    for _ in 0..20_000 {
        let tape = std::fs::read_to_string(&path).unwrap_or_default();
        let last = tape.lines().rfind(|line| line.contains(r#""status":201"#));
        if last.is_some() && tape.lines().count() > 200 {
            break;
        }
        std::thread::park_timeout(std::time::Duration::from_millis(1));
    }
    running.kill().unwrap();
    running.wait().unwrap();
    let clean = || {
        said(
            command(&home)
                .args(["clean", "--tape", "t.ndjson", "--token-env", "TOKEN"])
                .env("TOKEN", "scimulate"),
        )
    };
    let cleaned = clean();
    assert_eq!(cleaned.exit, 0, "{cleaned:?}");
    for collection in ["/Users", "/Groups"] {
        let list = send(&served.url, "GET", collection, "");
        assert!(list.contains(r#""totalResults":0,"#), "{list}");
    }
    let other = said(command(&home).args([
        "clean",
        "--tape",
        "t.ndjson",
        "--target",
        "http://127.0.0.1:1/x",
    ]));
    assert_eq!(other.exit, 2, "{other:?}");
    assert!(
        other.err.contains("ids of one say nothing at the other"),
        "{other:?}"
    );
}
