//! `scimulate serve` with personas, tenants, scopes and schemas.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Stdio;

use crate::cli::{base_url, command, scimulate};

/// A request to a server that listens, and its answer.
fn asked(address: &str, token: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn tenants_of_options_and_of_a_file_are_served_side_by_side() {
    let home = tempfile::tempdir().unwrap();
    let schemas =
        r#"[{"id": "urn:example:hr:User", "attributes": [{"name": "badge", "type": "string"}]}]"#;
    std::fs::write(home.path().join("hr.json"), schemas).unwrap();
    let tenants = "[[tenant]]\nname = \"acme\"\ntoken-env = \"ACME\"\nscopes = \"get:users\"\nschemas = \"hr.json\"\n\
        [[tenant]]\nname = \"cloud\"\ntoken-env = \"ACME\"\npersona = \"sonarqube-cloud\"\nstrict = true\nlenient = [\"op-case\"]\n";
    std::fs::write(home.path().join("tenants.toml"), tenants).unwrap();
    let mut server = command(&home)
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--persona",
            "sonarqube-server",
        ])
        .args(["--tenant", "beta=BETA", "--tenants"])
        .arg(home.path().join("tenants.toml"))
        .env("ACME", "acme-token")
        .env("BETA", "beta-token")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let url = base_url(&mut server);
    let address = url.strip_prefix("http://");
    let address = address
        .and_then(|url| url.strip_suffix("/api/scim/v2"))
        .unwrap();
    for (token, path, status) in [
        ("scimulate", "/api/scim/v2/Users", "200"),
        ("beta-token", "/t/beta/api/scim/v2/Users", "200"),
        ("beta-token", "/api/scim/v2/Users", "401"),
        ("acme-token", "/t/acme/scim/v2/Users", "200"),
        ("acme-token", "/t/acme/scim/v2/Groups", "403"),
        (
            "acme-token",
            "/t/acme/scim/v2/Schemas/urn:example:hr:User",
            "200",
        ),
        (
            "acme-token",
            "/t/cloud/scim/v2/connections/scimulate/Groups",
            "200",
        ),
        ("", "/", "200"),
    ] {
        let answer = asked(address, token, path);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{path}: {answer}"
        );
    }
    server.kill().unwrap();
    let err = String::from_utf8(server.wait_with_output().unwrap().stderr).unwrap();
    assert!(
        err.contains(&format!("tenant acme: http://{address}/t/acme/scim/v2\n")),
        "{err}"
    );
    assert!(
        !err.contains("acme-token") && !err.contains("beta-token"),
        "{err}"
    );
}

#[test]
fn the_tenants_that_the_documentation_shows_are_served() {
    let home = tempfile::tempdir().unwrap();
    let shown = include_str!("../../docs/tenants.toml");
    std::fs::write(home.path().join("tenants.toml"), shown).unwrap();
    let schemas =
        r#"[{"id": "urn:example:hr:User", "attributes": [{"name": "badge", "type": "string"}]}]"#;
    std::fs::write(home.path().join("hr.json"), schemas).unwrap();
    let mut server = command(&home)
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--tenants",
            "tenants.toml",
        ])
        .env("ACME_TOKEN", "acme-token")
        .env("ACME_READER", "acme-reader")
        .env("ACME_BASIC", "acme:basic")
        .env("ACME_SECRET", "acme-secret")
        .env("STRICT_TOKEN", "strict-token")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let url = base_url(&mut server);
    let address = url.strip_prefix("http://").unwrap();
    let address = address.strip_suffix("/scim/v2").unwrap();
    let answer = asked(address, "strict-token", "/t/strict/scim/v2/Users");
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[test]
fn a_wrong_word_about_the_server_is_told_in_a_sentence() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("wrong.toml");
    std::fs::write(&file, "[[tenant]]\nname = \"a\"\ntoken-emv = \"A\"\n").unwrap();
    let file = file.to_str().unwrap();
    for (arguments, exit, sentence) in [
        (
            vec!["--persona", "slak"],
            2,
            "there is no persona `slak`; did you mean `slack`?",
        ),
        (
            vec!["--strict", "--lenient", "op"],
            2,
            "there is no leniency `op`",
        ),
        (
            vec!["--scope", "raed"],
            2,
            "there is no scope `raed`; did you mean `read`?",
        ),
        (vec!["--tenant", "acme"], 2, "write NAME=VARIABLE"),
        (vec!["--tenants", file], 3, "unknown field `token-emv`"),
        (vec!["--schemas", file], 3, "it must be a JSON array"),
        (
            vec!["--basic-env", "NONE"],
            2,
            "the variable NONE that --basic-env names is not set",
        ),
    ] {
        let said = scimulate(&[&["serve", "--listen", "127.0.0.1:0"], &arguments[..]].concat());
        assert_eq!(said.exit, exit, "{arguments:?}: {}", said.err);
        assert!(said.err.contains(sentence), "{arguments:?}: {}", said.err);
    }
}

#[test]
fn personas_are_listed_and_shown() {
    let listed = scimulate(&["list", "personas"]);
    assert!(listed.out.contains("permissive") && listed.out.contains("aws-identity-center"));
    let shown = scimulate(&["show", "persona", "slack"]);
    assert!(
        shown.out.contains("docs.slack.dev") && shown.out.contains("per-minute = 600"),
        "{}",
        shown.out
    );
}
