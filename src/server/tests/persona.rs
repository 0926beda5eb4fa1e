//! Personas: each does what its product is documented to do.

use super::*;
use crate::server::Scopes;
use crate::server::persona::find;

fn playing(persona: &str) -> Target {
    Target::of(Tenant::default().playing(find(persona).unwrap()))
}

fn member(id: &str) -> String {
    format!(r#"{{"value":"{id}"}}"#)
}

fn patch(operations: &str) -> String {
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{operations}]}}"#
    )
}

const INACTIVE: &str = r#"{"op":"replace","path":"active","value":false}"#;

#[tokio::test]
async fn sonarqube_server_knows_two_filters_and_keeps_an_administrator() {
    let t = playing("sonarqube-server");
    assert_eq!(t.base, "/t/t1/api/scim/v2");
    let (ada, bob) = (t.user("Ada").await, t.user("bob").await);
    let found = t.get("/Users?filter=USERNAME%20Eq%20%22ada%22").await;
    assert_eq!(found.names(), ["Ada"]);
    for other in [
        "userName%20sw%20%22a%22",
        "externalId%20eq%20%22a%22",
        "active%20eq%20true",
    ] {
        let answer = t.get(&format!("/Users?filter={other}")).await;
        assert_eq!(answer.error(), "400 invalidFilter", "{other}");
    }
    let admins = t.group("sonar-administrators", &[&ada, &bob]).await;
    let off = |id: &str| {
        let (path, body) = (format!("/Users/{id}"), patch(INACTIVE));
        let t = &t;
        async move { t.call("PATCH", &path, &body).await.status }
    };
    assert_eq!(off(&ada).await, 200);
    assert_eq!(off(&bob).await, 400, "the last administrator stays");
    assert_eq!(
        t.call("DELETE", &format!("/Users/{bob}"), "").await.status,
        400
    );
    // Who is deactivated leaves all groups, and comes back without them.
    let on = patch(r#"{"op":"replace","path":"active","value":true}"#);
    assert_eq!(
        t.call("PATCH", &format!("/Users/{ada}"), &on).await.status,
        200
    );
    let shown = t.get(&format!("/Groups/{admins}")).await;
    assert!(
        shown.text.contains(&bob) && !shown.text.contains(&ada),
        "{shown:?}"
    );
    // One address, one account.
    let with = |name: &str| {
        format!(
            r#"{{"schemas":["{USER}"],"userName":"{name}","emails":[{{"value":"X@example.com"}}]}}"#
        )
    };
    assert_eq!(t.call("POST", "/Users", &with("carl")).await.status, 201);
    let second = with("dora").replace("X@", "x@");
    assert_eq!(
        t.call("POST", "/Users", &second).await.error(),
        "409 uniqueness"
    );
}

#[tokio::test]
async fn sonarqube_cloud_says_what_it_got_and_what_it_needs() {
    let scopes: Scopes = "get:users,post:users".parse().unwrap();
    let t = Target::of(Tenant {
        scopes,
        ..Tenant::default().playing(find("sonarqube-cloud").unwrap())
    });
    assert_eq!(t.base, "/t/t1/scim/v2/connections/scimulate");
    assert_eq!(t.get("/Users").await.status, 200);
    let refused = t.get("/Groups").await;
    assert_eq!(refused.status, 403);
    assert_eq!(
        refused.text,
        r#"{"got":["get:users","post:users"],"need":[{"selection":["get:groups"]}],"detail":"Insufficient scope","status":"403"}"#
    );
}

#[tokio::test]
async fn aws_identity_center_never_shows_members_and_bounds_their_changes() {
    let t = playing("aws-identity-center");
    let body = |name: &str| {
        format!(
            r#"{{"schemas":["{USER}"],"userName":"{name}","displayName":"N","name":{{"givenName":"G","familyName":"F"}}}}"#
        )
    };
    let ada = t.call("POST", "/Users", &body("ada")).await.id();
    let nameless = format!(r#"{{"schemas":["{USER}"],"userName":"bob","displayName":"N"}}"#);
    assert_eq!(
        t.call("POST", "/Users", &nameless).await.error(),
        "400 invalidValue"
    );
    let group = t.group("eng", &[&ada]).await;
    for query in ["", "?attributes=members"] {
        let shown = t.get(&format!("/Groups/{group}{query}")).await;
        assert!(!shown.text.contains("\"members\""), "{query}: {shown:?}");
    }
    let path = format!("/Groups/{group}");
    for refused in [
        format!(
            r#"{{"op":"replace","path":"members","value":[{}]}}"#,
            member(&ada)
        ),
        r#"{"op":"remove","path":"members"}"#.to_owned(),
        format!(
            r#"{{"op":"add","path":"members","value":[{}]}}"#,
            vec![member(&ada); 101].join(",")
        ),
    ] {
        let answer = t.call("PATCH", &path, &patch(&refused)).await;
        assert_eq!(answer.status, 400, "{refused}");
    }
    let hundred = format!(
        r#"{{"op":"add","path":"members","value":[{}]}}"#,
        vec![member(&ada); 100].join(",")
    );
    assert_eq!(t.call("PATCH", &path, &patch(&hundred)).await.status, 204);
    let and = "/Users?filter=userName%20eq%20%22ada%22%20and%20active%20eq%20true";
    assert_eq!(t.get(and).await.names(), ["ada"]);
    assert_eq!(
        t.get("/Users?filter=userName%20pr").await.error(),
        "400 invalidFilter"
    );
    let config = t.get("/ServiceProviderConfig").await;
    assert_eq!(config.text_at(&["filter", "maxResults"]), "50");
    assert_eq!(config.text_at(&["bulk", "supported"]), "false");
    assert_eq!(config.text_at(&["changePassword", "supported"]), "false");
    assert_eq!(t.call("POST", "/Bulk", "{}").await.error(), "501");
}

#[tokio::test]
async fn slack_serves_twenty_creations_at_once_and_says_when_to_come_again() {
    let t = playing("slack");
    // The clock goes on one second with every request, which gives three more.
    let mut refused = None;
    for n in 0..200 {
        let body = format!(r#"{{"schemas":["{USER}"],"userName":"u{n}"}}"#);
        let answer = t.call("POST", "/Users", &body).await;
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
        assert_eq!(answer.status, 201);
    }
    assert!(refused.is_none(), "three a second are served for ever");
    let burst = Target::with_still_clock(Tenant::default().playing(find("slack").unwrap()));
    for n in 0..21 {
        let body = format!(r#"{{"schemas":["{USER}"],"userName":"u{n}"}}"#);
        let answer = burst.call("POST", "/Users", &body).await;
        let status = if n < 20 { 201 } else { 429 };
        assert_eq!(answer.status, status, "{n}");
        if status == 429 {
            assert_eq!(answer.header("retry-after"), Some("1"));
            assert_eq!(answer.error(), "429");
        }
    }
    // Reading has a bucket of its own.
    assert_eq!(burst.get("/Users").await.status, 200);
}

#[tokio::test]
async fn github_finds_by_one_comparison_and_wants_an_address() {
    let t = playing("github-emu");
    let bare = format!(r#"{{"schemas":["{USER}"],"userName":"ada"}}"#);
    assert_eq!(
        t.call("POST", "/Users", &bare).await.error(),
        "400 invalidValue"
    );
    let whole = bare.replace(
        "\"ada\"",
        r#""ada","externalId":"E","emails":[{"value":"ada@example.com"}]"#,
    );
    assert_eq!(t.call("POST", "/Users", &whole).await.status, 201);
    assert_eq!(
        t.get("/Users?filter=externalId%20eq%20%22E%22")
            .await
            .names(),
        ["ada"]
    );
    let both = "/Users?filter=externalId%20eq%20%22E%22%20and%20userName%20eq%20%22ada%22";
    assert_eq!(t.get(both).await.error(), "400 invalidFilter");
}

#[tokio::test]
async fn the_permissive_server_takes_the_other_choice() {
    let t = playing("permissive");
    let body = format!(
        r#"{{"schemas":["{USER}"],"userName":"Ada","nickName":"a","name":{{"givenName":"Ada","familyName":"L"}}}}"#
    );
    let ada = t.call("POST", "/Users", &body).await;
    assert_eq!(ada.text_at(&["userName"]), "ada");
    assert_eq!(ada.at(&["active"]), Some(Value::Null));
    assert_eq!(ada.header("etag"), None);
    assert_eq!(
        ada.header("content-type"),
        Some("application/json; charset=utf-8")
    );
    assert!(
        ada.text_at(&["meta", "created"]).ends_with("+00:00"),
        "{ada:?}"
    );
    let path = format!("/Users/{}", ada.id());
    let patched = t.call("PATCH", &path, &patch(INACTIVE)).await;
    assert_eq!((patched.status, patched.text.as_str()), (204, ""));
    // A PUT keeps what it does not name.
    let put = format!(r#"{{"schemas":["{USER}"],"userName":"Ada"}}"#);
    assert_eq!(t.call("PUT", &path, &put).await.text_at(&["nickName"]), "a");
    let other = put.replace("\"Ada\"", r#""Ada","id":"another""#);
    assert_eq!(t.call("PUT", &path, &other).await.error(), "400 mutability");
    let group = t.group("eng", &[&ada.id()]).await;
    t.group("ENG", &[]).await;
    let bare = t.get(&format!("/Groups/{group}")).await;
    assert!(!bare.text.contains("\"members\""), "{bare:?}");
    let asked = t.get(&format!("/Groups/{group}?attributes=members")).await;
    let reference = format!(r#""$ref":"/Users/{}""#, ada.id());
    assert!(
        asked.text.contains(&reference) && !asked.text.contains("schemas"),
        "{asked:?}"
    );
    assert_eq!(t.get("/ServiceProviderConfig").await.error(), "404");
    let none = t.get("/Users?filter=shoeSize%20eq%20%22x%22").await;
    assert_eq!(
        (
            none.status,
            none.at(&["Resources"]),
            none.at(&["startIndex"])
        ),
        (200, None, None)
    );
}
