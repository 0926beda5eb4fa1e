//! What credentials may be used for.

use super::*;
use crate::server::{OAuthClient, Scopes};

fn scopes(text: &str) -> Scopes {
    text.parse().unwrap()
}

fn target() -> Target {
    Target::of(Tenant {
        scopes: scopes("read"),
        tokens: vec![("writer".to_owned(), scopes("read,write"))],
        oauth: Some(OAuthClient {
            id: "c".to_owned(),
            secret: "s".to_owned(),
            lifetime: 60,
            scopes: scopes("get:users,post:users"),
        }),
        ..Tenant::default()
    })
}

#[tokio::test]
async fn a_request_beyond_the_scopes_is_403_and_says_what_it_needs() {
    let t = target();
    assert_eq!(t.get("/Users").await.status, 200);
    assert_eq!(t.get("/ServiceProviderConfig").await.status, 200);
    assert_eq!(t.call("POST", "/Groups/.search", "{}").await.status, 200);
    let body = format!(r#"{{"schemas":["{USER}"],"userName":"ada"}}"#);
    let refused = t.call("POST", "/Users", &body).await;
    assert_eq!(refused.error(), "403");
    assert_eq!(
        refused.header("www-authenticate"),
        Some(r#"Bearer realm="scim", error="insufficient_scope", scope="post:users""#)
    );
    let writer = [("authorization", "Bearer writer")];
    assert_eq!(t.send("POST", "/Users", &body, &writer).await.status, 201);
    assert_eq!(t.get("/Users").await.names(), ["ada"]);
}

#[tokio::test]
async fn every_operation_of_a_bulk_request_needs_its_own_scope() {
    let t = target();
    let bulk = |method: &str| {
        format!(
            r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[
            {{"method":"{method}","path":"/Users","bulkId":"a","data":{{"schemas":["{USER}"],"userName":"ada"}}}}]}}"#
        )
    };
    let answer = t.call("POST", "/Bulk", &bulk("POST")).await;
    assert_eq!(answer.status, 200);
    assert!(answer.text.contains(r#""status":"403""#), "{answer:?}");
    assert!(t.get("/Users").await.names().is_empty());
}

#[tokio::test]
async fn a_token_of_the_token_endpoint_has_the_scopes_that_were_asked_for() {
    let t = target();
    let endpoint = Target {
        server: t.server.clone(),
        base: "/t/t1/oauth/token".to_owned(),
    };
    let ask = |scope: &str| {
        let form =
            format!("grant_type=client_credentials&client_id=c&client_secret=s&scope={scope}");
        let endpoint = &endpoint;
        async move { endpoint.send("POST", "", &form, &[]).await }
    };
    let answer = ask("get:users").await;
    assert_eq!(answer.text_at(&["scope"]), "get:users", "{answer:?}");
    let bearer = format!("Bearer {}", answer.text_at(&["access_token"]));
    let with = [("authorization", bearer.as_str())];
    assert_eq!(t.send("GET", "/Users", "", &with).await.status, 200);
    assert_eq!(t.send("GET", "/Groups", "", &with).await.error(), "403");
    let body = format!(r#"{{"schemas":["{USER}"],"userName":"ada"}}"#);
    assert_eq!(t.send("POST", "/Users", &body, &with).await.error(), "403");
    assert_eq!(
        ask("delete:users").await.text_at(&["error"]),
        "invalid_scope"
    );
    assert_eq!(ask("").await.text_at(&["scope"]), "get:users post:users");
}

#[tokio::test]
async fn the_product_lets_in_nobody_for_whom_a_reader_vouches() {
    let t = target();
    let app = Target {
        server: t.server.clone(),
        base: "/t/t1/app".to_owned(),
    };
    let writer = [("authorization", "Bearer writer")];
    let body = format!(r#"{{"schemas":["{USER}"],"userName":"ada"}}"#);
    assert_eq!(t.send("POST", "/Users", &body, &writer).await.status, 201);
    let ada = r#"{"userName":"ada"}"#;
    let root = r#"{"userName":"root","password":"a password"}"#;
    for (path, body) in [("/login", ada), ("/people", root)] {
        let refused = app.call("POST", path, body).await;
        assert_eq!(refused.error(), "403", "{refused:?}");
        let challenge = r#"Bearer realm="scim", error="insufficient_scope", scope="post:users""#;
        assert_eq!(refused.header("www-authenticate"), Some(challenge));
        let opened = app.send("POST", path, body, &writer).await;
        assert_eq!(opened.status, 201, "{opened:?}");
    }
}
