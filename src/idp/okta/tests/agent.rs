//! The on-premises agent, schema discovery, passwords: what only some apps do, and apps that are switched to another's way.

use super::*;
use crate::directory::PasswordSync;
use crate::idp::Outcome;
use crate::idp::okta::settings::{Follow, Writing};
use crate::scim::Value;

/// Everything that happens to a person and to a group, and what was sent for it.
async fn life(mut stage: Stage) -> Vec<String> {
    for event in [
        assign("ada"),
        Event::PushGroup(engineering()),
        update("ada", [(Attribute::Family, Some("King"))]),
        leave("ada"),
        rename("Research"),
        Event::PushNow(engineering()),
        unassign("ada"),
    ] {
        stage.step(&[event]).await;
    }
    stage.target.lines()
}

#[tokio::test]
async fn a_catalogue_app_that_okta_switched_to_put_sends_what_a_custom_app_sends() {
    let mut stage = Stage::new(Profile::CatalogApp);
    stage.okta.switches.user_writes = Writing::ReadAndPut;
    stage.okta.switches.group_writes = Writing::ReadAndPut;
    let switched = life(stage).await;
    assert_eq!(switched, life(Stage::new(Profile::CustomApp)).await);
    assert!(switched.iter().all(|line| !line.starts_with("PATCH")));
}

#[tokio::test]
async fn an_app_of_the_oin_wizard_may_patch_people_and_put_groups() {
    let mut stage = Stage::new(Profile::CatalogApp);
    stage.okta.switches.group_writes = Writing::ReadAndPut;
    let lines = life(stage).await;
    assert!(lines.contains(&"PATCH /Users/u1".to_owned()), "{lines:?}");
    assert!(lines.contains(&"PUT /Groups/g1".to_owned()), "{lines:?}");
    assert!(!lines.contains(&"PATCH /Groups/g1".to_owned()), "{lines:?}");
}

#[tokio::test]
async fn the_agent_writes_without_reading() {
    let lines = life(Stage::new(Profile::OnPremAgent)).await;
    let wanted = [
        "L",
        "POST /Users",
        "POST /Groups",
        "PUT /Users/u1",
        "PUT /Groups/g1",
        "PUT /Groups/g1",
        "PUT /Groups/g1",
        "PUT /Users/u1",
    ];
    assert_eq!(lines, wanted);
}

#[tokio::test]
async fn an_agent_asks_for_recent_changes_alone_where_the_target_announces_that() {
    let config = |capability: &str| {
        let config = format!(
            r#"{{"urn:okta:schemas:scim:providerconfig:1.0":{{"userManagementCapabilities":["{capability}"]}}}}"#
        );
        Act::Answer(200, config)
    };
    for (follow, capability, recent) in [
        (Follow::Setting, "OPP_SCIM_INCREMENTAL_IMPORTS", true),
        (Follow::Setting, "IMPORT_NEW_USERS", false),
        (Follow::Always, "IMPORT_NEW_USERS", true),
        (Follow::Never, "OPP_SCIM_INCREMENTAL_IMPORTS", false),
    ] {
        let mut stage = Stage::new(Profile::OnPremAgent);
        stage.okta.switches.incremental_import = follow;
        stage.directory.settings.features.import_groups = false;
        stage.target.next([config(capability)]);
        stage.step(&[Event::SwitchOnProvisioning]).await;
        stage.step(&[Event::Import]).await;
        stage.target.take();
        stage.step(&[Event::Import]).await;
        let lines = stage.target.lines();
        let wanted = if recent {
            "L"
        } else {
            "GET /Users?startIndex=1&count=100"
        };
        assert_eq!(lines, [wanted], "{follow:?} {capability}");
    }
}

#[tokio::test]
async fn an_import_of_recent_changes_leaves_what_is_known_of_the_others() {
    let mut stage = Stage::new(Profile::OnPremAgent);
    stage.okta.switches.incremental_import = Follow::Always;
    stage.directory.settings.features.import_groups = false;
    let list = |ids: &[&str]| {
        let users: Vec<String> = ids.iter().map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
        let (total, users) = (ids.len(), users.join(","));
        Act::Answer(
            200,
            format!(r#"{{"totalResults":{total},"Resources":[{users}]}}"#),
        )
    };
    stage
        .target
        .next([list(&["a", "b", "c"]), list(&["b", "d"])]);
    stage.step(&[Event::Import]).await;
    let reports = stage.step(&[Event::Import]).await;
    let ids = ["a", "c", "b", "d"].map(str::to_owned).to_vec();
    assert_eq!(reports[0].outcome, Outcome::Imported { ids });
}

#[tokio::test]
async fn only_what_can_be_granted_is_listed_and_only_at_paths_of_the_target() {
    let mut stage = Stage::new(Profile::CatalogApp);
    stage.directory.settings.entitlements = true;
    let kind = |endpoint: &str, schema: &str| {
        format!(r#"{{"endpoint":"{endpoint}","schema":"urn:okta:scim:schemas:core:1.0:{schema}"}}"#)
    };
    let kinds = [
        kind("/Roles", "Role"),
        kind("/Profiles", "Entitlement"),
        kind("/Devices", "Device"),
        kind("https://example.com/Roles", "Role"),
        kind("/../Roles", "Role"),
        kind("/Roles?all", "Role"),
    ];
    let none = || Act::Answer(200, r#"{"totalResults":0}"#.to_owned());
    // The list of types is a list by the standard, and a bare array with some.
    for types in [
        format!(r#"{{"Resources":[{}]}}"#, kinds.join(",")),
        format!("[{}]", kinds.join(",")),
    ] {
        stage.target.next([none(), Act::Answer(200, types)]);
        stage.target.next([none(), none(), none()]);
        let reports = stage.step(&[Event::SwitchOnProvisioning]).await;
        assert!(reports.iter().all(|report| report.outcome == Outcome::Done));
        assert_eq!(
            stage.target.lines(),
            [
                "GET /Users?startIndex=1&count=2",
                "GET /ResourceTypes",
                "GET /Schemas",
                "GET /Roles?startIndex=1&count=100",
                "GET /Profiles?startIndex=1&count=100",
            ]
        );
    }
}

#[tokio::test]
async fn a_discovery_that_is_refused_stops_and_leaves_provisioning_saved() {
    let mut stage = Stage::new(Profile::CatalogApp);
    stage.okta.switches.import_user_schema = true;
    let none = Act::Answer(200, r#"{"totalResults":0}"#.to_owned());
    stage.target.next([none, Act::Answer(404, String::new())]);
    let reports = stage.step(&[Event::SwitchOnProvisioning]).await;
    assert_eq!(reports[0].outcome, Outcome::Done);
    assert!(matches!(reports[1].outcome, Outcome::Stopped { .. }));
    stage.step(&[assign("ada")]).await;
    let lines = stage.target.lines();
    assert_eq!(lines[1..], ["GET /Schemas", "L", "POST /Users"]);
}

#[tokio::test]
async fn a_made_up_password_has_symbols_only_where_the_switch_says_so() {
    for symbols in [false, true] {
        let mut stage = Stage::new(Profile::CustomApp);
        stage.okta.switches.password_symbols = symbols;
        stage.directory.settings.password_sync = PasswordSync::Own;
        stage.step(&[assign("ada")]).await;
        for _ in 0..8 {
            stage.step(&[Event::ChangePassword(key("ada"))]).await;
        }
        let mut passwords = Vec::new();
        for body in bodies(&stage.target) {
            let body = Value::parse(&body).unwrap();
            let password = body.get("password").and_then(Value::as_str);
            passwords.extend(password.map(str::to_owned));
        }
        assert_eq!(passwords.len(), 9);
        passwords.dedup();
        assert_eq!(passwords.len(), 9, "each is a new one");
        let odd = |p: &String| p.chars().any(|c| !c.is_ascii_alphanumeric());
        assert_eq!(passwords.iter().any(odd), symbols);
    }
}

#[tokio::test]
async fn a_password_that_is_refused_leaves_a_task_and_is_pushed_again_with_it() {
    for (profile, wanted) in [
        (Profile::CustomApp, vec!["GET /Users/u1", "PUT /Users/u1"]),
        (Profile::CatalogApp, vec!["PATCH /Users/u1"]),
        (Profile::OnPremAgent, vec!["PUT /Users/u1"]),
    ] {
        let mut stage = Stage::new(profile);
        stage.directory.settings.password_sync = PasswordSync::Own;
        stage.step(&[assign("ada")]).await;
        stage.target.take();
        stage.target.next([Act::Answer(500, String::new())]);
        let reports = stage.step(&[Event::ChangePassword(key("ada"))]).await;
        assert!(matches!(reports[0].outcome, Outcome::Stopped { .. }));
        stage.target.take();
        let reports = stage.step(&[Event::RetryTasks]).await;
        assert_eq!(reports[0].outcome, Outcome::Done);
        assert_eq!(stage.target.lines(), wanted);
    }
}

#[tokio::test]
async fn a_reactivation_that_takes_no_effect_is_put_off_only_where_the_switch_says_so() {
    let idle = r#"{"id":"u1","userName":"ada@example.com","active":false}"#;
    let found = format!(r#"{{"totalResults":1,"Resources":[{idle}]}}"#);
    for (profile, writes) in [
        (Profile::CustomApp, vec!["GET /Users/u1", "PUT /Users/u1"]),
        (Profile::CatalogApp, vec!["PATCH /Users/u1"]),
        (Profile::OnPremAgent, vec!["PUT /Users/u1"]),
    ] {
        for again in [false, true] {
            let mut stage = Stage::new(profile);
            stage.okta.switches.reschedule_inactive = again;
            stage.step(&[assign("ada")]).await;
            stage.step(&[unassign("ada")]).await;
            stage.target.take();
            let answers = vec![Act::Answer(200, idle.to_owned()); writes.len()];
            stage.target.next([Act::Answer(200, found.clone())]);
            stage.target.next(answers);
            let nobody = r#"{"totalResults":0}"#.to_owned();
            stage.target.next(again.then_some(Act::Answer(200, nobody)));
            let reports = stage.step(&[assign("ada")]).await;
            assert_eq!(reports[0].outcome, Outcome::Done, "{profile:?} {again}");
            let lines = stage.target.lines();
            let begins = [&["L"], writes.as_slice()].concat();
            assert_eq!(lines[..begins.len()], begins);
            assert_eq!(
                lines[begins.len()..].contains(&"L".to_owned()),
                again,
                "{lines:?}"
            );
            let waited = stage.wire.clock().skipped().as_secs();
            assert_eq!(waited, if again { 300 } else { 0 });
        }
    }
}
