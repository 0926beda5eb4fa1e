//! Creating, reading, replacing, deleting; errors, credentials, tenants, versions, discovery.

use super::*;

#[tokio::test]
async fn a_user_is_created_shown_and_deleted_and_the_name_is_free_again() {
    let t = Target::new();
    let body = format!(
        r#"{{"schemas":["{ENTERPRISE}","{USER}"],"USERNAME":"Ada","id":"mine","meta":{{"created":"x"}},"externalId":"e1",
        "password":"s3cret","favourite":"tea","name":{{"givenName":"Ada","nick":"x"}},"emails":[{{"value":"ada@example.com","type":"work","primary":true}}],
        "phoneNumbers":[],"photos":null,"{ENTERPRISE}":{{"department":"Engines","manager":"m1"}}}}"#
    );
    let created = t.call("POST", "/Users", &body).await;
    assert_eq!(created.status, 201, "{created:?}");
    let id = created.id();
    let location = format!("https://scim.example.com/t/t1/scim/v2/Users/{id}");
    assert_eq!(created.header("location"), Some(&*location));
    assert_eq!(
        created.header("content-type"),
        Some("application/scim+json")
    );
    assert_eq!(
        created.text,
        format!(
            r#"{{"schemas":["{USER}","{ENTERPRISE}"],"id":"{id}","userName":"Ada","externalId":"e1","name":{{"givenName":"Ada"}},"#
        ) + r#""emails":[{"value":"ada@example.com","type":"work","primary":true}],"#
            + &format!(
                r#""{ENTERPRISE}":{{"department":"Engines","manager":{{"value":"m1"}}}},"active":true,"meta":{{"resourceType":"User","created":"2026-09-21T14:13:20Z","lastModified":"2026-09-21T14:13:20Z","location":"{location}","version":"W/\"1\""}}}}"#
            )
    );
    let read = t.get(&format!("/Users/{id}")).await;
    assert_eq!(read.text, created.text);
    assert_eq!(read.header("etag"), Some("W/\"1\""));

    let gone = t.call("DELETE", &format!("/Users/{id}"), "").await;
    assert_eq!((gone.status, gone.text.as_str()), (204, ""));
    for (method, body) in [
        ("GET", ""),
        ("PUT", &*body),
        ("PATCH", "{}"),
        ("DELETE", ""),
    ] {
        let answer = t.call(method, &format!("/Users/{id}"), body).await;
        assert_eq!(answer.error(), "404", "{method}");
    }
    assert_ne!(t.user("ada").await, id);
}

#[tokio::test]
async fn bodies_that_are_no_resource_are_refused() {
    let t = Target::new();
    t.user("taken").await;
    t.group("taken", &[]).await;
    let user = |rest: &str| format!(r#"{{"schemas":["{USER}"]{rest}}}"#);
    for (path, body, error) in [
        ("/Users", String::new(), "400 invalidSyntax"),
        ("/Users", "{".to_owned(), "400 invalidSyntax"),
        ("/Users", "[]".to_owned(), "400 invalidSyntax"),
        ("/Users", "[".repeat(5000), "400 invalidSyntax"),
        (
            "/Users",
            user(r#","userName":"a","username":"b""#),
            "400 invalidSyntax",
        ),
        ("/Users", user(""), "400 invalidValue"),
        ("/Users", user(r#","userName":"  ""#), "400 invalidValue"),
        ("/Users", user(r#","userName":1"#), "400 invalidValue"),
        (
            "/Users",
            user(r#","userName":"a","active":"maybe""#),
            "400 invalidValue",
        ),
        (
            "/Users",
            user(r#","userName":"a","name":"Ada""#),
            "400 invalidValue",
        ),
        (
            "/Users",
            user(r#","userName":"a","emails":[1]"#),
            "400 invalidValue",
        ),
        (
            "/Users",
            user(
                r#","userName":"a","emails":[{"value":"a","primary":true},{"value":"b","primary":true}]"#,
            ),
            "400 invalidValue",
        ),
        (
            "/Users",
            format!(r#"{{"schemas":["{GROUP}"],"userName":"a"}}"#),
            "400 invalidSyntax",
        ),
        ("/Users", user(r#","userName":"TAKEN""#), "409 uniqueness"),
        (
            "/Groups",
            format!(r#"{{"schemas":["{GROUP}"]}}"#),
            "400 invalidValue",
        ),
        (
            "/Groups",
            r#"{"displayName":"Taken"}"#.to_owned(),
            "409 uniqueness",
        ),
        (
            "/Groups",
            r#"{"displayName":"g","members":[{"value":"nobody"}]}"#.to_owned(),
            "400 invalidValue",
        ),
    ] {
        let answer = t.call("POST", path, &body).await;
        assert_eq!(answer.error(), error, "{path} {body:.200}");
    }
    let counts = t.server.counts("t1").unwrap();
    assert_eq!((counts.users, counts.groups), (1, 1));
    let large = user(&format!(r#","userName":"{}""#, "x".repeat(1024 * 1024)));
    assert_eq!(t.call("POST", "/Users", &large).await.error(), "413");
}

#[tokio::test]
async fn put_replaces_but_keeps_what_is_read_only_and_active() {
    let t = Target::new();
    let ada = t.user("ada").await;
    let group = t.group("g", &[&ada]).await;
    t.user("bob").await;
    let path = format!("/Users/{ada}");
    let body = format!(
        r#"{{"schemas":["{USER}"],"id":"other","userName":"ada","title":"Countess","active":false,"groups":[],"emails":null}}"#
    );
    let put = t.call("PUT", &path, &body).await;
    assert_eq!(put.status, 200, "{put:?}");
    assert_eq!(put.id(), ada);
    assert_eq!(put.text_at(&["active"]), "false");
    assert!(put.text.contains(&group), "{put:?}");
    let again = t.call("PUT", &path, r#"{"userName":"ada"}"#).await;
    assert_eq!(again.text_at(&["active"]), "false");
    assert_eq!(again.at(&["title"]), None);
    let same = t
        .call("PUT", &path, r#"{"active":"False","userName":"ada"}"#)
        .await;
    assert_eq!(
        same.text_at(&["meta", "lastModified"]),
        again.text_at(&["meta", "lastModified"])
    );
    assert_eq!(
        t.call("PUT", &path, r#"{"userName":"BOB"}"#).await.error(),
        "409 uniqueness"
    );
    assert_eq!(
        t.call("PUT", &path, r#"{"title":"x"}"#).await.error(),
        "400 invalidValue"
    );

    let path = format!("/Groups/{group}");
    t.call("PUT", &path, r#"{"displayName":"g2","members":[]}"#)
        .await;
    assert!(t.members(&group).await.is_empty());
    assert!(!t.get(&format!("/Users/{ada}")).await.text.contains(&group));
}

#[tokio::test]
async fn memberships_are_the_same_from_both_ends() {
    let t = Target::new();
    let (ada, bob) = (t.user("ada").await, t.user("bob").await);
    let group = t.group("g", &[&ada, &bob, &ada]).await;
    let outer = t.group("outer", &[&group]).await;
    assert_eq!(t.members(&group).await, ["ada", "bob"]);
    assert_eq!(t.members(&outer).await, ["g"]);
    let read = t.get(&format!("/Users/{ada}")).await;
    let groups = read.at(&["groups"]).unwrap();
    assert_eq!(
        groups.to_string(),
        format!(
            r#"[{{"value":"{group}","$ref":"https://scim.example.com/t/t1/scim/v2/Groups/{group}","display":"g","type":"direct"}}]"#
        )
    );
    t.call("DELETE", &format!("/Users/{ada}"), "").await;
    assert_eq!(t.members(&group).await, ["bob"]);
    t.call("DELETE", &format!("/Groups/{group}"), "").await;
    assert_eq!(t.get(&format!("/Users/{bob}")).await.at(&["groups"]), None);
    assert!(t.members(&outer).await.is_empty());
}

#[tokio::test]
async fn credentials_open_their_own_tenant_and_nothing_else() {
    let t = Target::new();
    let ada = t.user("ada").await;
    t.server
        .tenant(Tenant {
            name: "t2".to_owned(),
            token: "tok2".to_owned(),
            ..Tenant::default()
        })
        .unwrap();
    for headers in [
        &[][..],
        &[("authorization", "Bearer wrong")],
        &[("authorization", "Bearer tok2")],
        &[("authorization", "Basic dG9r")],
    ] {
        for path in [
            "/Users".to_owned(),
            format!("/Users/{ada}"),
            "/nothing".to_owned(),
        ] {
            let answer = t.send("GET", &path, "", headers).await;
            assert_eq!(answer.error(), "401", "{path} {headers:?}");
            assert!(
                answer
                    .header("www-authenticate")
                    .unwrap()
                    .starts_with("Bearer")
            );
        }
    }
    assert_eq!(
        t.send("GET", "/ServiceProviderConfig", "", &[])
            .await
            .status,
        200
    );
    let other = Target {
        server: t.server.clone(),
        base: "/t/t2/scim/v2".to_owned(),
    };
    let token = [("authorization", "Bearer tok2")];
    let path = format!("/Users/{ada}");
    assert_eq!(other.send("GET", &path, "", &token).await.error(), "404");
    assert_eq!(other.send("DELETE", &path, "", &token).await.error(), "404");
    assert!(
        other
            .send("GET", "/Users", "", &token)
            .await
            .names()
            .is_empty()
    );
    let body = r#"{"userName":"ada"}"#;
    assert_eq!(other.send("POST", "/Users", body, &token).await.status, 201);
    t.server.remove_tenant("t2");
    assert_eq!(other.send("GET", "/Users", "", &token).await.error(), "404");
}

#[tokio::test]
async fn a_group_has_another_version_when_a_member_is_deleted() {
    let t = Target::new();
    let ada = t.user("ada").await;
    let path = format!("/Groups/{}", t.group("staff", &[&ada]).await);
    let etag = t.get(&path).await.header("etag").unwrap().to_owned();
    let gone = t.call("DELETE", &format!("/Users/{ada}"), "").await;
    assert_eq!(gone.status, 204);
    let headers = [("authorization", "Bearer tok"), ("if-none-match", &etag)];
    let now = t.send("GET", &path, "", &headers).await;
    assert_eq!(now.status, 200);
    assert_eq!(now.at(&["members"]), None);
}

#[tokio::test]
async fn a_packed_body_is_refused_unread() {
    let t = Target::new();
    for (coding, status) in [("gzip", 415), ("identity", 201)] {
        let headers = [
            ("authorization", "Bearer tok"),
            ("content-encoding", coding),
        ];
        let body = r#"{"userName":"ada"}"#;
        let answer = t.send("POST", "/Users", body, &headers).await;
        assert_eq!(answer.status, status, "{coding}");
    }
}

#[tokio::test]
async fn versions_guard_writes_and_save_reads() {
    let t = Target::new();
    let path = format!("/Users/{}", t.user("ada").await);
    let auth = ("authorization", "Bearer tok");
    let etag = t.get(&path).await.header("etag").unwrap().to_owned();
    let fresh = t
        .send("GET", &path, "", &[auth, ("if-none-match", &etag)])
        .await;
    assert_eq!((fresh.status, fresh.text.as_str()), (304, ""));
    let other = t
        .send("GET", &path, "", &[auth, ("if-match", "W/\"0\"")])
        .await;
    assert_eq!(other.error(), "412");
    let body = r#"{"userName":"ada","title":"x"}"#;
    let stale = t
        .send("PUT", &path, body, &[auth, ("if-match", "W/\"0\"")])
        .await;
    assert_eq!(stale.error(), "412");
    for tag in [&*etag, "*", "W/\"0\", *"] {
        let answer = t.send("PUT", &path, body, &[auth, ("if-match", tag)]).await;
        assert_eq!(answer.status, 200, "{tag}");
    }
    let late = t
        .send("DELETE", &path, "", &[auth, ("if-match", &etag)])
        .await;
    assert_eq!(late.error(), "412");
}

#[tokio::test]
async fn whatever_is_not_served_is_a_scim_error() {
    let t = Target::new();
    let ada = t.user("ada").await;
    for (method, path, error) in [
        ("GET", "/Nothing", "404"),
        ("GET", "/Users/a/b", "404"),
        ("GET", "/Users/%2e%2e%2fGroups", "404"),
        ("GET", "/users", "404"),
        ("GET", "/Me", "501"),
        ("DELETE", "/Users", "405"),
        ("POST", "/Schemas", "405"),
        ("GET", "/Users/.search", "405"),
        ("GET", "/Users?count=x", "400 invalidValue"),
        ("GET", "/Schemas?filter=id%20pr", "403"),
        ("GET", "/Schemas/urn:none", "404"),
        ("GET", "/Users/%ff", "400 invalidSyntax"),
        ("PURGE", "/Users", "405"),
    ] {
        assert_eq!(
            t.call(method, path, "").await.error(),
            error,
            "{method} {path}"
        );
    }
    for path in [&format!("/Users/{ada}"), "/Users", "/Schemas", "/Nothing"] {
        let (head, get) = (t.call("HEAD", path, "").await, t.get(path).await);
        assert_eq!(
            (head.status, head.text.as_str()),
            (get.status, ""),
            "{path}"
        );
        let length = get.text.len().to_string();
        assert_eq!(
            head.header("content-length"),
            Some(length.as_str()),
            "{path}"
        );
    }
    assert_eq!(t.get("/Users/").await.names(), ["ada"]);
}

#[tokio::test]
async fn discovery_is_true_of_the_server() {
    let t = Target::new();
    let config = t.get("/ServiceProviderConfig").await;
    assert_eq!(config.text_at(&["filter", "maxResults"]), "50");
    let types = t.get("/ResourceTypes").await;
    assert_eq!(types.text_at(&["totalResults"]), "2");
    assert_eq!(
        t.get("/ResourceTypes/User").await.text_at(&["endpoint"]),
        "/Users"
    );
    let schemas = t.get("/Schemas").await.at(&["Resources"]).unwrap();
    let ids: Vec<&str> = schemas
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|s| s.get("id")?.as_str())
        .collect();
    assert_eq!(ids, [USER, ENTERPRISE, GROUP]);
    for id in ids {
        assert_eq!(t.get(&format!("/Schemas/{id}")).await.id(), id);
    }
}

#[tokio::test]
async fn a_hundred_thousand_names_and_operations_are_read_in_a_bounded_time() {
    let t = Target::new();
    let names: Vec<String> = (0..60_000).map(|n| format!("\"a{n}\":1")).collect();
    let body = format!(r#"{{"userName":"ada",{}}}"#, names.join(","));
    assert_eq!(t.call("POST", "/Users", &body).await.status, 201);
    let ada = t.user("bob").await;
    let path = format!("/Users/{ada}");
    let values: Vec<String> = (0..1_000)
        .map(|n| format!(r#"{{"value":"{n}"}}"#))
        .collect();
    let add = format!(
        r#"{{"op":"add","path":"emails","value":[{}]}}"#,
        values.join(",")
    );
    assert_eq!(t.patch(&path, &add).await.status, 200);
    let touch = r#"{"op":"replace","path":"emails[value eq \"1\"].type","value":"x"}"#;
    let many = vec![touch; 2_000].join(",");
    assert_eq!(t.patch(&path, &many).await.error(), "400 tooMany");
    assert_eq!(t.get(&path).await.text.matches(r#""type":"x""#).count(), 0);
}
