//! What files mean, and what is wrong with them.

use std::path::Path;
use std::time::Duration;

use miette::{GraphicalReportHandler, GraphicalTheme};

use super::Config;
use crate::directory::{Matching, Place, RuleMatch, Source};
use crate::run::{Action, Capture, CredentialKind};

const SAMPLE: &str = include_str!("../../docs/scimulate.toml");

fn parse(text: &str) -> Config {
    let text = format!("config = 1\n{text}");
    Config::parse(Path::new("scimulate.toml"), &text).unwrap_or_else(|e| panic!("{e}"))
}

/// What is wrong, drawn as on a terminal without colours.
fn wrong(text: &str) -> String {
    let text = format!("config = 1\n{text}");
    drawn(&text)
}

fn drawn(text: &str) -> String {
    let error = Config::parse(Path::new("scimulate.toml"), text).unwrap_err();
    let mut drawn = String::new();
    let theme = GraphicalTheme::unicode_nocolor();
    let handler = GraphicalReportHandler::new_themed(theme).with_width(100);
    handler.render_report(&mut drawn, &error).unwrap();
    drawn
}

/// One line a mistake.
fn lines(text: &str) -> Vec<String> {
    let text = format!("config = 1\n{text}");
    let error = Config::parse(Path::new("x.toml"), &text).unwrap_err();
    error.to_string().lines().map(str::to_owned).collect()
}

#[test]
fn the_sample_is_right_and_a_commented_line_of_it_is_too() {
    let config = Config::parse(Path::new("scimulate.toml"), SAMPLE).unwrap();
    let url = config.target.access.url.as_deref();
    assert_eq!(url, Some("https://app.example.com/scim/v2"));
    // Each commented key is one that the file takes: alone it may lack its companions, but it is never unknown.
    let keys = SAMPLE.lines().filter_map(|line| line.strip_prefix("# "));
    let of_target = |line: &&str| {
        line.contains(" = ")
            && !["'", "deletion", "idp-"]
                .iter()
                .any(|key| line.starts_with(key))
    };
    let keys = keys.filter(of_target);
    let mut seen = 0;
    for line in keys {
        seen += 1;
        let text = format!("config = 1\n[target]\n{line}\n");
        if let Err(error) = Config::parse(Path::new("x.toml"), &text) {
            assert!(!error.to_string().contains("has no"), "{error}");
        }
    }
    assert!(seen >= 8, "{seen}");
}

#[test]
fn a_second_customer_is_reached_as_the_target_is() {
    let config = parse(
        r#"
[target]
url = "https://app.example.com/scim/v2"
token-env = "FIRST"
[other-tenant]
url = "https://app.example.com/scim/v2"
oauth-token-url = "https://login.example.com/token"
client-id = "second"
client-secret-env = "SECOND"
"#,
    );
    let other = config.other_tenant.unwrap();
    assert_eq!(other.url, config.target.access.url);
    assert_eq!(other.client_secret_env.as_deref(), Some("SECOND"));
    assert_eq!(other.token_env, None);
    assert_eq!(parse("[target]\n").other_tenant, None);
}

#[test]
fn what_is_wrong_with_a_second_customer_is_said_with_its_place() {
    insta::assert_snapshot!(wrong(
        r#"[target]
url = "https://app.example.com/scim/v2"
token-env = "FIRST"
[other-tenant]
ur = "https://other.example.com/scim/v2"
token = "abcdefgh"
settle = "5s"
"#
    ));
    let same = "url = \"https://app.example.com/scim/v2\"\ntoken-env = \"FIRST\"\n";
    let same = lines(&format!("[target]\n{same}[other-tenant]\n{same}"));
    assert_eq!(same.len(), 1, "{same:?}");
    assert!(same[0].contains("are one access"), "{same:?}");
    let misnamed = lines("[other-tenants]\nurl = \"https://app.example.com/scim/v2\"\n");
    assert!(misnamed[0].contains("other-tenant"), "{misnamed:?}");
}

#[test]
fn an_app_is_set_up_as_the_file_says_and_the_others_stay_as_they_come() {
    let config = parse(
        r#"
[target]
settle = "20s"
max-wait = 90
forbidden = ['title']
[okta]
deactivate-users = false
push-rules = [{ starts-with = "eng" }]
[okta.mappings]
'userType' = '"Employee"'
'locale' = false
[entra]
matching = "external-id"
[entra.mappings]
'externalId' = "[objectId]"
'active' = false
[idp."okta/custom-app".switches]
query = "form"
"#,
    );
    assert_eq!(config.target.settle, Some(Duration::from_secs(20)));
    assert_eq!(config.target.max_wait, Some(Duration::from_secs(90)));
    let of = |id: &str| config.variants.iter().find(|v| v.id == id).unwrap();
    for id in ["okta/custom-app", "okta/catalog-app"] {
        let app = &of(id).app;
        assert!(!app.features.deactivate, "{id}");
        assert_eq!(app.push_rules[0].matches, RuleMatch::StartsWith);
        assert_eq!(app.source_of(&Place::core("locale")), None);
        let employee = Source::Constant("Employee".to_owned());
        assert_eq!(app.source_of(&Place::core("userType")), Some(&employee));
    }
    let entra = &of("entra/default").app;
    assert!(!entra.soft_delete && entra.features.deactivate);
    assert_eq!(entra.matching, Matching::ExternalId);
    for variant in &config.variants {
        assert_eq!(variant.app.source_of(&Place::core("title")), None);
        let form = variant
            .switches()
            .iter()
            .any(|s| s.name == "query" && s.value == "form");
        assert_eq!(form, variant.id == "okta/custom-app", "{}", variant.id);
    }
}

#[test]
fn okta_writes_the_name_by_which_it_looks() {
    let config = parse("[okta]\nmatching = \"work-email\"\n");
    let mut okta = config.variants.iter().filter(|v| v.id.starts_with("okta/"));
    let email = Source::Attribute(crate::directory::Attribute::Email);
    assert!(okta.all(|v| v.app.source_of(&Place::core("userName")) == Some(&email)));
}

#[test]
fn a_mapping_onto_an_attribute_that_does_not_exist_gets_the_nearest_right_name() {
    insta::assert_snapshot!(wrong("[entra.mappings]\n'nickname' = \"[mailNickname]\"\n"));
}

#[test]
fn a_rule_with_a_regular_expression_is_refused() {
    insta::assert_snapshot!(wrong("[okta]\npush-rules = [{ regex = \"^eng-.*\" }]\n"));
}

#[test]
fn an_unknown_switch_gets_the_nearest_right_name() {
    insta::assert_snapshot!(wrong(
        "[idp.\"okta/catalog-app\".switches]\npatch-bach = 10\n"
    ));
}

#[test]
fn a_secret_is_refused_and_not_shown() {
    let shown = wrong("[target]\ntoken = \"s3cr3t-value\"\n");
    assert!(!shown.contains("s3cr3t"), "{shown}");
    insta::assert_snapshot!(shown);
    let shown = wrong("[target]\ntoken-env = \"eyJhbGciOi.s3cr3t\"\nheader-env = 'X=s3cr3t!'\n");
    assert!(!shown.contains("s3cr3t"), "{shown}");
    let shown = wrong("[target]\nurl = \"https://me:s3cr3t@app.example.com/scim\"\n");
    assert!(!shown.contains("s3cr3t"), "{shown}");
}

#[test]
fn every_mistake_says_where_it_is_and_how_to_mend_it() {
    for (text, said) in [
        (
            "[okat]\n",
            "x.toml:2:2: the file has no `okat`; did you mean `okta`?",
        ),
        (
            "[okta]\ncreate-user = true\n",
            "x.toml:3:1: [okta] has no `create-user`; did you mean `create-users`?",
        ),
        (
            "[okta]\ncreate-users = \"no\"\n",
            "x.toml:3:16: `create-users` takes true or false, not a text; write true or false",
        ),
        (
            "[okta]\nmatching = \"external-id\"\n",
            "x.toml:3:12: `matching` cannot be `external-id`; these exist: user-name, work-email",
        ),
        (
            "[okta]\npush-rules = [{}]\n",
            "x.toml:3:15: a rule needs a condition on the name; write such as { starts-with = \"eng\" }",
        ),
        (
            "[okta.mappings]\n'emails' = \"user.email\"\n",
            "x.toml:3:1: `emails` has parts, and one of them is meant; write such as `emails[type eq \"work\"].value`",
        ),
        (
            "[okta.mappings]\n'name.givenname' = \"user.email\"\n",
            "x.toml:3:1: `name` has no part `givenname`; did you mean `givenName`?",
        ),
        (
            "[okta.mappings]\n'emails.value' = \"user.email\"\n",
            "x.toml:3:1: `emails` is a list, and one of its elements is meant; write such as `emails[type eq \"work\"].value`",
        ),
        (
            "[okta.mappings]\n'meta.created' = \"user.email\"\n",
            "x.toml:3:1: `meta` is the target's own to set; map onto another attribute",
        ),
        (
            "[okta.mappings]\n'password' = '\"x\"'\n",
            "x.toml:3:1: `password` is not mapped here; say `password-sync` in [okta] instead",
        ),
        (
            "[okta.mappings]\n'userName' = false\n",
            "x.toml:3:14: every IdP writes `userName`; map something else onto it",
        ),
        (
            "[okta.mappings]\n'title' = \"user.titel\"\n",
            "x.toml:3:11: Okta has no attribute `titel`; did you mean `title`?",
        ),
        (
            "[okta.mappings]\n'title' = 'String.toUpperCase(user.title)'\n",
            "x.toml:3:11: the function `String.toUpperCase` is not simulated; write an attribute, or a constant as '\"text\"'",
        ),
        (
            "[entra.mappings]\n'title' = \"Not([IsSoftDeleted])\"\n",
            "x.toml:3:11: this expression gives no text, and `title` takes one; it belongs to `active` or to `roles`",
        ),
        (
            "[entra.mappings]\n'title' = \"[manager]\"\n",
            "x.toml:3:11: a manager is a person, and `title` takes a text; map `manager` onto the enterprise schema's `manager`",
        ),
        (
            "[entra.mappings]\n'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:departement' = \"[department]\"\n",
            "x.toml:3:1: the enterprise schema has no attribute `departement`; did you mean `urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department`?",
        ),
        (
            "[entra]\nmatching = \"external-id\"\n[entra.mappings]\nexternalId = false\n",
            "x.toml:2:1: people are matched by `externalId`, and nothing is mapped onto it; map an attribute onto it, or match by another",
        ),
        (
            "[entra]\nscope = \"everybody\"\n[entra.mappings]\nroles = 'SingleAppRoleAssignment([appRoleAssignments])'\n",
            "x.toml:2:1: roles cannot be mapped where everybody is in scope; write `scope = \"assigned\"`, or take the mapping of `roles` out",
        ),
        (
            "[idp.\"okta/custom\".switches]\n",
            "x.toml:2:6: there is no IdP `okta/custom`; did you mean `okta/custom-app`?",
        ),
        (
            "[idp.entra.switches]\nforward-flag = \"yes\"\n",
            "x.toml:3:16: the switch `forward-flag` does not take this value; write true or false",
        ),
        (
            "[target]\nsettle = \"soon\"\n",
            "x.toml:3:10: `soon` is not a time; write such as 90s, 500ms or 2m",
        ),
        (
            "[target]\nforbidden = ['userName']\n",
            "x.toml:3:14: every IdP writes `userName`; take it out of the list",
        ),
        (
            "[target]\ntoken-env = \"A\"\nbasic-env = \"B\"\n",
            "x.toml:2:1: `token-env` and `basic-env` are two ways to prove who one is; keep one of them",
        ),
        (
            "[target]\noauth-token-url = \"https://a.example.com\"\nclient-id = \"x\"\n",
            "x.toml:2:1: `oauth-token-url` needs `client-secret-env`; add `client-secret-env = …`",
        ),
    ] {
        assert_eq!(lines(text), [said], "{text}");
    }
}

#[test]
fn all_mistakes_are_told_at_once_and_a_file_of_another_form_is_none_of_ours() {
    assert_eq!(lines("[okta]\na = 1\nb = 2\n").len(), 2);
    let error = Config::parse(Path::new("x"), "config = 2").unwrap_err();
    assert!(
        error
            .to_string()
            .contains("this is form 2 of a target file")
    );
    let error = Config::parse(Path::new("x"), "").unwrap_err();
    assert!(error.to_string().contains("write `config = 1`"));
    assert!(drawn("config = 1\n[target\n").contains("this is not TOML"));
}

#[test]
fn a_schema_of_the_apps_own_is_taken_as_it_is() {
    let urn = "urn:example:params:scim:schemas:extension:crm:2.0:User:region";
    let config = parse(&format!("[okta.mappings]\n'{urn}' = '\"EU\"'\n"));
    let okta = &config.variants[0].app;
    assert!(okta.source_of(&urn.parse().unwrap()).is_some());
}

const PRODUCT: &str = r#"
[product]
base = "https://app.example.com"
[[product.credential]]
name = "session"
kind = "session"
mint.path = "/login?as={userName}"
mint.body = '{"login": "{userName}", "password": "{env:APP_PASSWORD}"}'
mint.capture = { cookie = "SID" }
use.path = "/me"
use.headers = { Cookie = "SID={session}" }
"#;

#[test]
fn the_product_of_the_sample_has_a_session_and_a_token() {
    let config = Config::parse(Path::new("scimulate.toml"), SAMPLE).unwrap();
    let product = config.product.unwrap();
    assert_eq!(product.base.as_deref(), Some("https://app.example.com"));
    let kinds: Vec<CredentialKind> = product.credentials.iter().map(|c| c.kind).collect();
    assert_eq!(kinds, [CredentialKind::Session, CredentialKind::Token]);
    let capture = &product.credentials[0].mint.capture;
    assert_eq!(*capture, Capture::Cookie("SID".to_owned()));
    assert_eq!(product.credentials[1].usage.refused, [401, 403]);
    let names: Vec<String> = product.environment().into_iter().collect();
    assert_eq!(names, ["APP_ADMIN", "APP_PASSWORD"]);
    assert!(product.has(Action::Seats) && product.has(Action::Ban));
    assert!(!product.administrators.unwrap().sacrificial);
    assert!(parse("[target]\n").product.is_none());
}

#[test]
fn a_mistake_in_the_product_has_its_place() {
    parse(PRODUCT);
    for (from, to, said) in [
        ("\"/me\"", "\"me\"", "x.toml:6:8: the path `me`"),
        ("use.path", "use.pth", "x.toml:11:5: unknown field `pth`"),
        (
            "{ cookie",
            "{ jason",
            "x.toml:10:18: unknown variant `jason`",
        ),
        (
            "{session}",
            "{sesion}",
            "x.toml:6:8: credential `session` uses `{sesion}`",
        ),
        (
            "https://app",
            "https://me:s3cr3t@app",
            "x.toml:3:2: `base` of `product`: ",
        ),
        (
            "kind = \"session\"\n",
            "",
            "x.toml:5:1: missing field `kind`",
        ),
        (
            "[[product",
            "[product.sign-inn]\nask.path = \"/x\"\n[[product",
            "x.toml:5:10: unknown field `sign-inn`",
        ),
        (
            "[[product",
            "[product.sign-in]\nask.path = \"/x\"\n[[product",
            "x.toml:5:10: no part of a request of `[product.sign-in]` holds `{password}`",
        ),
        (
            "[[product",
            "[product.roles]\nread.path = \"/x/{usrName}\"\nat = \"/r\"\n[[product",
            "x.toml:5:10: `[product.roles]` uses `{usrName}`",
        ),
    ] {
        let lines = lines(&PRODUCT.replacen(from, to, 1));
        assert!(lines[0].starts_with(said), "{lines:?}");
        assert_eq!(lines.len(), 1, "{lines:?}");
        let slips = ["sign-inn", "usrName", "pth", "sesion", "jason"];
        let near = slips.iter().any(|wrong| to.contains(wrong));
        assert_eq!(near, lines[0].contains("did you mean"), "{lines:?}");
    }
    let lines = lines("product = 1\n");
    assert!(lines[0].starts_with("x.toml:2:11: "), "{lines:?}");
}

#[test]
fn a_secret_of_the_product_is_refused_and_not_shown() {
    for (from, to) in [
        ("{env:APP_PASSWORD}", "s3cr3t"),
        (
            "'{\"login\": \"{userName}\", \"password\": \"{env:APP_PASSWORD}\"}'",
            "'login={userName}&password=s3cr3t'",
        ),
        ("login?as={userName}", "login?access_token=s3cr3t"),
        (
            "SID={session}\" }",
            "SID={session}\", X-Api-Key = \"s3cr3t\" }",
        ),
        ("mint.capture", "mint.token = \"s3cr3t\"\nmint.capture"),
        ("https://app", "https://me:s3cr3t@app"),
    ] {
        let text = PRODUCT.replace(from, to);
        assert_ne!(text, PRODUCT);
        let shown = wrong(&text);
        assert!(!shown.contains("s3cr3t"), "{shown}");
        assert!(
            shown.contains("a secret may not") || shown.contains("`base`"),
            "{shown}"
        );
    }
}

const PROFILE: &str =
    "idp-profile: 1\nid: ours\ntitle: Okta as we know it\nbased-on: okta/custom-app\n";

#[test]
fn the_profiles_of_the_file_stand_beside_it_and_their_switches_are_set_too() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ours.yaml"), PROFILE).unwrap();
    let text = "config = 1\nidp-profiles = [\"ours.yaml\"]\n[okta]\nimport-users = false\n\
        [idp.ours.switches]\nquery = \"form\"\n";
    let config = Config::parse(&folder.path().join("scimulate.toml"), text).unwrap();
    let of = |id: &str| config.variants.iter().find(|v| v.id == id).unwrap();
    let form = |id: &str| {
        let switches = of(id).switches();
        switches
            .iter()
            .any(|s| s.name == "query" && s.value == "form")
    };
    assert!(form("ours") && !form("okta/custom-app"));
    // As with the option, the app of a profile is as the profile says.
    assert!(of("ours").app.features.import_users);
    assert!(!of("okta/custom-app").app.features.import_users);
}

#[test]
fn a_profile_that_is_wrong_is_told_with_its_own_place_and_that_of_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("scimulate.toml");
    let wrong = |text: &str| Config::parse(&file, text).unwrap_err().to_string();
    std::fs::write(
        folder.path().join("ours.yaml"),
        PROFILE.replace("custom-app", "custm-app"),
    )
    .unwrap();
    let said = wrong("config = 1\nidp-profiles = \"ours.yaml\"\n");
    assert!(
        said.contains("scimulate.toml:2:16: this profile cannot be used: "),
        "{said}"
    );
    assert!(said.contains("ours.yaml:4:11: "), "{said}");
    let said = wrong("config = 1\nidp-profiles = [\"none.yaml\"]\n");
    assert!(
        said.contains("scimulate.toml:2:17: ") && said.contains("none.yaml"),
        "{said}"
    );
}
