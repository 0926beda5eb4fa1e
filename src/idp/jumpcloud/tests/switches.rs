//! Every switch changes what its fact says, and nothing else.

use serde_json::json;

use super::*;
use crate::idp::script::{Act, Script, raw};
use crate::idp::stage::Stage;
use crate::idp::{Setup, Variant, select};

/// What an integration with that switch sends for those steps to a target that takes everything and finds nothing.
async fn sends(switch: &str, value: serde_json::Value, steps: &[&[Event]]) -> Vec<String> {
    let mut variant = select("jumpcloud").unwrap()[0].clone();
    variant.switch(switch, value).unwrap();
    sends_as(&variant, steps).await
}

async fn sends_as(variant: &Variant, steps: &[&[Event]]) -> Vec<String> {
    let mut made = 0;
    let script = Script::answering(move |request| {
        let path = request.path.split('?').next().unwrap_or_default();
        match (request.method, path) {
            ("POST", _) => {
                made += 1;
                Act::Answer(201, format!(r#"{{"id":"x-{made}"}}"#))
            }
            ("GET", "/Users" | "/Groups") => {
                Act::Answer(200, r#"{"totalResults":0,"Resources":[]}"#.to_owned())
            }
            ("GET", _) => Act::Answer(200, r#"{"id":"x-1"}"#.to_owned()),
            _ => Act::Answer(204, String::new()),
        }
    });
    let dialect = variant.dialect(Setup {
        dice: dice(),
        test_email: "probe@example.com".to_owned(),
        app: variant.app.clone(),
    });
    let groups = [team("Engineering", &["ada"])];
    let wire = script.wire("jumpcloud");
    let mut stage = Stage::new(dialect, Family::Jumpcloud, wire, &[ada()], &groups);
    stage.now.settings = variant.app.clone();
    for events in steps {
        let reports = stage.step(events).await;
        let stopped = |r: &JobReport| matches!(r.outcome, Outcome::Stopped { .. });
        assert!(!reports.iter().any(stopped), "{reports:?}");
    }
    script.take().iter().map(raw).collect()
}

#[tokio::test]
async fn every_switch_changes_what_its_fact_says() {
    let activate: &[&[Event]] = &[&[Event::SwitchOnProvisioning]];
    let title = update("ada", &[(Attribute::Title, Some("Captain"))]);
    let life: &[&[Event]] = &[
        &[assign("ada"), Event::PushGroup(GroupKey::new("team"))],
        &[title],
        &[Event::Leave(membership("ada"))],
        &[Event::Unassign(key("ada"))],
        &[assign("ada")],
    ];
    let title_alone = r#"{"Operations":[{"op":"replace","path":"title","value":"Captain"}]}"#;
    for (switch, value, steps, shown) in [
        ("encoding", json!("percent"), life, "userName%20eq%20%22"),
        (
            "content-type",
            json!("application/json"),
            life,
            "Content-Type: application/json\n",
        ),
        (
            "user-agent",
            json!("Go-http-client/1.1"),
            life,
            "User-Agent: Go-http-client/1.1\n",
        ),
        (
            "test-reads-groups",
            json!(true),
            activate,
            "GET /Groups HTTP/1.1",
        ),
        (
            "test-pages",
            json!(true),
            activate,
            "GET /Users?startIndex=1&count=100 HTTP/1.1",
        ),
        (
            "probe-adds-member",
            json!(true),
            activate,
            r#""value":[{"value":"x-1"}]"#,
        ),
        ("update-by-patch", json!(true), life, title_alone),
        ("password", json!(true), life, r#""password":""#),
        (
            "members-in-post",
            json!(true),
            life,
            r#""members":[{"value":"x-1"}],"schemas""#,
        ),
        (
            "remove-by-filter",
            json!(true),
            life,
            r#""path":"members[value eq \"x-1\"]"}"#,
        ),
        (
            "patch-schemas",
            json!(true),
            life,
            "urn:ietf:params:scim:api:messages:2.0:PatchOp",
        ),
    ] {
        let plain = sends("pages", json!(7), steps).await.join("\n");
        assert!(!plain.contains(shown), "{switch} is on already: {plain}");
        let switched = sends(switch, value, steps).await.join("\n");
        assert!(switched.contains(shown), "{switch}: {switched}");
    }
    for (switch, hidden) in [
        ("locale", r#""locale""#),
        ("empty-lists", r#""addresses":[]"#),
    ] {
        let ada = update("ada", &[(Attribute::PreferredLanguage, Some("en-GB"))]);
        let id = update(
            "ada",
            &[(Attribute::DirectoryId, Some("66e2d689590450d073d2df3b"))],
        );
        let steps: &[&[Event]] = &[&[ada, id], &[assign("ada")]];
        let plain = sends("pages", json!(7), steps).await.join("\n");
        assert!(plain.contains(hidden), "{switch}: {plain}");
        let switched = sends(switch, json!(false), steps).await.join("\n");
        assert!(!switched.contains(hidden), "{switch}: {switched}");
    }
}

#[tokio::test]
async fn the_external_id_is_sent_where_it_is_mapped() {
    let mut variant = select("jumpcloud").unwrap()[0].clone();
    let id = update(
        "ada",
        &[(Attribute::DirectoryId, Some("66e2d689590450d073d2df3b"))],
    );
    let steps: &[&[Event]] = &[&[Event::SwitchOnProvisioning, id], &[assign("ada")]];
    let posts = |sent: Vec<String>| {
        let with = |text: &&String| text.contains("POST /Users") && text.contains("externalId");
        sent.iter().filter(with).count()
    };
    assert_eq!(posts(sends_as(&variant, steps).await), 2);
    variant
        .app
        .mappings
        .retain(|m| m.place.attribute != "externalId");
    assert_eq!(posts(sends_as(&variant, steps).await), 0);
}

#[tokio::test]
async fn somebody_who_comes_back_can_be_posted_anew_and_looked_up_each_time() {
    let steps: &[&[Event]] = &[
        &[assign("ada")],
        &[Event::Unassign(key("ada"))],
        &[assign("ada")],
    ];
    let lines = |sent: Vec<String>| -> Vec<String> {
        let method = |text: &String| text.split(['?', ' ']).take(2).collect::<Vec<_>>().join(" ");
        sent.iter().map(method).collect()
    };
    let anew = lines(sends("reactivate-by-post", json!(true), steps).await);
    assert_eq!(
        anew,
        ["GET /Users", "POST /Users", "PUT /Users/x-1", "POST /Users"]
    );
    // The target of this test finds nobody, so that each lookup leads to a POST.
    let again = lines(sends("lookup-before-update", json!(true), &steps[..2]).await);
    assert_eq!(
        again,
        ["GET /Users", "POST /Users", "GET /Users", "POST /Users"]
    );
}
