//! The command as a user types it: exit codes and exact sentences.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

/// What a command said and how it ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Said {
    pub(crate) exit: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The command in an empty world: no variables of the machine, a home of its own.
pub(crate) fn command(home: &TempDir) -> Command {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin!("scimulate"));
    command
        .env_clear()
        .env("HOME", home.path())
        .current_dir(home.path());
    command
}

pub(crate) fn scimulate(arguments: &[&str]) -> Said {
    let home = tempfile::tempdir().unwrap();
    said(command(&home).args(arguments))
}

pub(crate) fn said(command: &mut Command) -> Said {
    let output = command.stdin(Stdio::null()).output().unwrap();
    Said {
        exit: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The base URL that a server says on its first line.
pub(crate) fn base_url(server: &mut Child) -> String {
    let mut line = String::new();
    let stdout = server.stdout.as_mut().unwrap();
    BufReader::new(stdout).read_line(&mut line).unwrap();
    let url = line.strip_suffix('\n');
    url.expect("the server says nothing").to_owned()
}

#[test]
fn wrong_usage_is_exit_2_with_one_sentence_on_stderr() {
    for (arguments, sentence) in [
        (
            &["show", "requirement", "lifecycle/state-as-promisd"][..],
            "error: there is no requirement `lifecycle/state-as-promisd`; did you mean `lifecycle/state-as-promised`?\n",
        ),
        (
            &["show", "idp", "okta/custom-ap"],
            "error: there is no IdP `okta/custom-ap`; did you mean `okta/custom-app`?\n",
        ),
        (
            &["show", "fault", "patch-op-case-sensitiv"],
            "error: there is no fault `patch-op-case-sensitiv`; did you mean `patch-op-case-sensitive`?\n",
        ),
        (
            &["show", "scenario", "leavr"],
            "error: there is no story `leavr`; did you mean `offboarding/leaver`?\n",
        ),
        (
            &["show", "idp", "jumpcloud", "pushgroup"],
            "error: there is no event `pushgroup`; did you mean `push-group`?\n",
        ),
        (
            &["show", "fact", "okta/1.1/111"],
            "error: there is no fact `okta/1.1/111`; did you mean `okta/1.1/1`?\n",
        ),
        (
            &["list", "facts", "--idp", "otka"],
            "error: there are no facts of an IdP `otka`; did you mean `okta`?\n",
        ),
        (
            &["show", "fault", "patch-op-case-sensitive", "assign"],
            "error: only `show idp` takes an event\n",
        ),
        (
            &["list", "faults", "--format", "markdown"],
            "error: only `list facts` has a page in Markdown\n",
        ),
        (
            &["repro", "1"],
            "error: there is no tape of an earlier run: run `scimulate run` first, or name a file with --from\n",
        ),
        (
            &["serve", "--token-env", "NO_SUCH_VARIABLE"],
            "error: the variable NO_SUCH_VARIABLE that --token-env names is not set: set it, such as `export NO_SUCH_VARIABLE=…`\n",
        ),
    ] {
        let said = scimulate(arguments);
        let wanted = Said {
            exit: 2,
            out: String::new(),
            err: sentence.to_owned(),
        };
        assert_eq!(said, wanted, "{arguments:?}");
    }
}

#[test]
fn an_unknown_verb_or_noun_is_exit_2_and_names_what_exists() {
    let said = scimulate(&["serv"]);
    assert_eq!(said.exit, 2);
    assert!(
        said.err.contains("a similar subcommand exists: 'serve'"),
        "{}",
        said.err
    );
    let said = scimulate(&["list", "requirement"]);
    assert_eq!(said.exit, 2);
    assert!(said.err.contains("requirements"), "{}", said.err);
}

#[test]
fn help_and_version_go_to_stdout_and_help_names_the_exit_codes() {
    let help = scimulate(&["--help"]);
    assert_eq!((help.exit, help.err.as_str()), (0, ""));
    assert!(help.out.contains("Exit codes"), "{}", help.out);
    let version = scimulate(&["--version"]);
    assert_eq!(
        version.out,
        concat!("scimulate ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn lists_are_for_people_and_for_programs() {
    let text = scimulate(&["list", "idps"]);
    assert!(text.out.starts_with("okta/custom-app "), "{}", text.out);
    for noun in ["requirements", "idps", "facts", "faults", "scenarios"] {
        let json = scimulate(&["list", noun, "--format", "json"]);
        let rows: Vec<serde_json::Value> = serde_json::from_str(&json.out).unwrap();
        assert!(rows.len() > 1, "{noun}");
        assert!(
            rows.iter()
                .all(|row| row["id"].is_string() && row["title"].is_string())
        );
        assert!(!json.out.contains('\u{1b}'));
    }
}

#[test]
fn whatever_is_listed_can_be_shown() {
    for (nouns, noun) in [
        ("requirements", "requirement"),
        ("idps", "idp"),
        ("facts", "fact"),
        ("faults", "fault"),
        ("scenarios", "scenario"),
    ] {
        let json = scimulate(&["list", nouns, "--format", "json"]);
        let rows: Vec<serde_json::Value> = serde_json::from_str(&json.out).unwrap();
        for row in rows.iter().take(3) {
            let id = row["id"].as_str().unwrap();
            let shown = scimulate(&["show", noun, id]);
            assert_eq!(shown.exit, 0, "{id}: {}", shown.err);
            assert!(shown.out.starts_with(id), "{}", shown.out);
        }
    }
}

#[test]
fn completions_complete_the_verbs() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = scimulate(&["completions", shell]);
        assert_eq!(script.exit, 0);
        assert!(script.out.contains("baseline"), "{shell}");
    }
}

#[test]
fn a_file_that_is_no_report_is_exit_3() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("x.json"), "{}").unwrap();
    let wrong = said(command(&home).args(["baseline", "--from", "x.json"]));
    assert_eq!(wrong.exit, 3);
    assert!(
        wrong.err.starts_with("error: x.json is neither "),
        "{}",
        wrong.err
    );
    let missing = said(command(&home).args(["baseline", "--from", "y.json"]));
    assert_eq!(missing.exit, 3);
    assert!(
        missing.err.starts_with("error: y.json cannot be read: "),
        "{}",
        missing.err
    );
}

#[test]
fn the_server_says_its_url_as_the_only_word_of_its_first_line_and_ends_when_told() {
    let home = tempfile::tempdir().unwrap();
    let mut server = command(&home)
        .args(["serve", "--listen", "127.0.0.1:0", "--token-env", "TOKEN"])
        .args(["--fault", "username-filter-case-sensitive"])
        .env("TOKEN", "s3cret")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let url = base_url(&mut server);
    let address = url
        .strip_prefix("http://")
        .and_then(|u| u.strip_suffix("/scim/v2"));
    let mut stream = TcpStream::connect(address.unwrap()).unwrap();
    write!(
        stream,
        "GET /scim/v2/Users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer s3cret\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let ended = Command::new("kill")
        .arg(server.id().to_string())
        .status()
        .unwrap();
    assert!(ended.success());
    let output = server.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let err = String::from_utf8(output.stderr).unwrap();
    let said = format!(
        "with the fault username-filter-case-sensitive=on\nwho exists and what was asked last: http://{}/\n",
        address.unwrap()
    );
    assert_eq!(err, said);
}

#[test]
fn an_address_that_is_taken_is_exit_2() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let said = scimulate(&["serve", "--listen", &address]);
    assert_eq!(said.exit, 2);
    assert!(
        said.err
            .starts_with(&format!("error: nothing can listen on {address} (")),
        "{}",
        said.err
    );
}

#[test]
fn a_wrong_story_is_exit_3_with_its_place_and_the_nearest_right_name() {
    let home = tempfile::tempdir().unwrap();
    let story = "scenario: 1\ntitle: t\nwhy: w\npeople:\n  ada: {given: Ada, family: King}\nsteps:\n  - assign: aba\n";
    std::fs::create_dir(home.path().join("own")).unwrap();
    std::fs::write(home.path().join("own/wrong.yaml"), story).unwrap();
    std::fs::write(
        home.path().join("own/right.yaml"),
        story.replace("aba", "ada"),
    )
    .unwrap();
    let both = said(command(&home).args(["check", "own"]));
    assert_eq!(both.exit, 3);
    assert_eq!(both.out, "own/right.yaml: t (1 step)\n");
    for part in [
        "[own/wrong.yaml:7:13]",
        "the story has no person `aba`",
        "help: did you mean `ada`?",
        "wrong: 1 of 2 story files\n",
    ] {
        assert!(both.err.contains(part), "{part}: {}", both.err);
    }
}
