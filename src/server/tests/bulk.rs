//! Bulk requests, and the ways to get in.

use super::*;
use crate::server::OAuthClient;

const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

async fn bulk(t: &Target, rest: &str, operations: &[String]) -> Answer {
    let operations = operations.join(",");
    let body = format!(r#"{{"schemas":["{BULK}"]{rest},"Operations":[{operations}]}}"#);
    t.call("POST", "/Bulk", &body).await
}

fn post(path: &str, id: &str, data: &str) -> String {
    format!(r#"{{"method":"post","path":"{path}","bulkId":"{id}","data":{data}}}"#)
}

/// `status` of each operation, with the scimType of failures.
fn statuses(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{answer:?}");
    let operations = answer.at(&["Operations"]).unwrap();
    let text = |o: &Value, path: &[&str]| {
        let text = o.at(path).and_then(Value::as_str);
        text.unwrap_or_default().to_owned()
    };
    let status = |o: &Value| {
        let status = format!(
            "{} {}",
            text(o, &["status"]),
            text(o, &["response", "scimType"])
        );
        status.trim().to_owned()
    };
    operations.as_array().unwrap().iter().map(status).collect()
}

#[tokio::test]
async fn references_are_resolved_wherever_they_stand_and_whatever_comes_first() {
    let t = Target::new();
    let manager =
        format!(r#"{{"userName":"ada","{ENTERPRISE}":{{"manager":{{"value":"bulkId:b"}}}}}}"#);
    let answer = bulk(&t, "", &[
        post("/Groups", "g", r#"{"displayName":"g","members":[{"value":"bulkId:a"},{"value":"bulkId:b"}]}"#),
        post("/Users", "a", &manager),
        post("/Users", "b", r#"{"userName":"bob"}"#),
        r#"{"method":"PATCH","path":"/Users/bulkId:b","data":{"Operations":[{"op":"add","path":"title","value":"x"}]}}"#.to_owned(),
    ])
    .await;
    assert_eq!(
        statuses(&answer),
        ["201", "201", "201", "200"],
        "{answer:?}"
    );
    let operations = answer.at(&["Operations"]).unwrap();
    let first = &operations.as_array().unwrap()[0];
    let location = first.get("location").and_then(Value::as_str).unwrap();
    let group = location.rsplit('/').next().unwrap();
    assert!(location.starts_with("https://scim.example.com/t/t1/scim/v2/Groups/"));
    assert_eq!(first.get("bulkId").and_then(Value::as_str), Some("g"));
    assert_eq!(t.members(group).await, ["bob", "ada"]);
    let ada = t.get("/Users?filter=userName%20eq%20%22ada%22").await;
    assert!(!ada.text.contains("bulkId"), "{ada:?}");
}

/// A group whose members are what other operations create.
fn circle_data(name: &str, members: &[&str]) -> String {
    let members = members
        .iter()
        .map(|m| format!(r#"{{"value":"bulkId:{m}"}}"#));
    let members = members.collect::<Vec<_>>().join(",");
    format!(r#"{{"displayName":"{name}","members":[{members}]}}"#)
}

#[tokio::test]
async fn resources_that_refer_to_each_other_are_created_whole_or_not_at_all() {
    let t = Target::new();
    let manager = |name: &str, other: &str| {
        format!(
            r#"{{"userName":"{name}","{ENTERPRISE}":{{"manager":{{"value":"bulkId:{other}"}}}}}}"#
        )
    };
    let operations = [
        post("/Groups", "a", &circle_data("a", &["b", "u"])),
        post("/Groups", "b", &circle_data("b", &["a"])),
        post("/Groups", "self", &circle_data("self", &["self"])),
        post("/Users", "u", &manager("ada", "v")),
        post("/Users", "v", &manager("bob", "u")),
    ];
    let answer = bulk(&t, "", &operations).await;
    assert_eq!(statuses(&answer), ["201"; 5], "{answer:?}");
    let results = answer.at(&["Operations"]).unwrap();
    for (result, shown) in results
        .as_array()
        .unwrap()
        .iter()
        .zip(["members", "members", "members", ENTERPRISE, ENTERPRISE])
    {
        let location = result.get("location").and_then(Value::as_str).unwrap();
        let path = location.split("/scim/v2").last().unwrap();
        let resource = t.get(path).await;
        assert!(resource.at(&[shown]).is_some(), "{resource:?}");
        assert!(!resource.text.contains("bulkId"), "{resource:?}");
        assert_eq!(
            result.get("version").cloned(),
            resource.at(&["meta", "version"])
        );
    }
    // The second name is taken, so that the first group can never have it as a member.
    let operations = [
        post("/Groups", "c", &circle_data("c", &["d"])),
        post("/Groups", "d", &circle_data("A", &["c"])),
    ];
    let answer = bulk(&t, "", &operations).await;
    assert_eq!(statuses(&answer), ["409", "409 uniqueness"], "{answer:?}");
    assert_eq!(t.server.counts("t1").unwrap().groups, 3);
}

#[tokio::test]
async fn failures_stay_with_their_operation() {
    let t = Target::new();
    let bob = t.user("bob").await;
    let circle = |n: &str, other: &str| post("/Groups", n, &circle_data(n, &[other]));
    let operations = [
        post("/Users", "1", r#"{"userName":"BOB"}"#),
        post("/Users", "2", r#"{"userName":"ok"}"#),
        post(
            "/Groups",
            "3",
            r#"{"displayName":"g","members":[{"value":"bulkId:1"}]}"#,
        ),
        post(
            "/Groups",
            "4",
            r#"{"displayName":"h","members":[{"value":"bulkId:none"}]}"#,
        ),
        // A circle that begins at what is not there cannot be closed.
        circle("5", "6"),
        post("/Groups", "6", &circle_data("6", &["5", "1"])),
        format!(
            r#"{{"method":"PUT","path":"/Users/{bob}","version":"W/\"0\"","data":{{"userName":"x"}}}}"#
        ),
        format!(r#"{{"method":"DELETE","path":"/Users/{bob}"}}"#),
        r#"{"method":"DELETE","path":"/Users/none"}"#.to_owned(),
        r#"{"method":"DELETE","path":"/Bulk"}"#.to_owned(),
    ];
    let answer = bulk(&t, "", &operations).await;
    let expected = [
        "409 uniqueness",
        "201",
        "409",
        "400 invalidValue",
        "409",
        "409",
        "412",
        "204",
        "404",
        "404",
    ];
    assert_eq!(statuses(&answer), expected, "{answer:?}");
    let counts = t.server.counts("t1").unwrap();
    assert_eq!((counts.users, counts.groups), (1, 0));
    let answer = bulk(&t, r#","failOnErrors":2"#, &operations[6..]).await;
    assert_eq!(statuses(&answer), ["404", "404"]);
}

#[tokio::test]
async fn a_bulk_request_that_is_none_is_refused_as_a_whole() {
    let t = Target::new();
    let ok = post("/Users", "1", r#"{"userName":"a"}"#);
    let many = vec![ok.clone(); 11];
    assert_eq!(bulk(&t, "", &many).await.error(), "413");
    let large = post(
        "/Users",
        "1",
        &format!(r#"{{"userName":"{}"}}"#, "x".repeat(20_000)),
    );
    assert_eq!(bulk(&t, "", &[large]).await.error(), "413");
    for (rest, operation) in [
        ("", ok.replace("post", "GET")),
        ("", ok.replace("bulkId", "x")),
        ("", ok.replace("path", "x")),
        (r#","failOnErrors":0"#, ok.clone()),
        ("", format!("{ok},{ok}")),
    ] {
        let answer = bulk(&t, rest, &[operation]).await;
        assert_eq!(answer.status, 400, "{answer:?}");
    }
    assert_eq!(t.server.counts("t1").unwrap().users, 0);
}

#[tokio::test]
async fn a_version_that_is_none_stops_a_write_and_a_location_names_the_right_resource() {
    let t = Target::new();
    let path = format!("/Users/{}", t.user("eve").await);
    let odd = format!(r#"{{"method":"DELETE","path":"{path}","version":"\u00e4\n"}}"#);
    let title = |id: &str| {
        let data = r#"{"Operations":[{"op":"add","path":"title","value":"x"}]}"#;
        format!(r#"{{"method":"PATCH","path":"/Users/bulkId:{id}","data":{data}}}"#)
    };
    let operations = [
        odd,
        post("/Users", "1", r#"{"userName":"ada"}"#),
        post("/Users", "10", r#"{"userName":"bob"}"#),
        title("10"),
    ];
    let answer = bulk(&t, "", &operations).await;
    assert_eq!(statuses(&answer), ["412", "201", "201", "200"]);
    let results = answer.at(&["Operations"]).unwrap();
    let location = |n: usize| results.as_array().unwrap()[n].get("location").cloned();
    assert_eq!(location(3), location(2));
}

#[tokio::test]
async fn a_token_from_the_token_endpoint_opens_the_tenant() {
    let t = Target::new();
    let info = t
        .server
        .tenant(Tenant {
            name: "t2".to_owned(),
            token: "tok2".to_owned(),
            basic: Some(("ann".to_owned(), "pass".to_owned())),
            oauth: Some(OAuthClient {
                id: "id".to_owned(),
                secret: "secret".to_owned(),
                lifetime: 3_600,
                scopes: crate::server::Scopes::ALL,
            }),
            ..Tenant::default()
        })
        .unwrap();
    let endpoint = Target {
        server: t.server.clone(),
        base: info.token_path,
    };
    let form = "grant_type=client_credentials&client_id=id&client_secret=secret";
    let answer = endpoint.send("POST", "", form, &[]).await;
    let token = answer.text_at(&["access_token"]);
    let scim = Target {
        server: t.server.clone(),
        base: info.base_path,
    };
    for header in [format!("Bearer {token}"), "Basic YW5uOnBhc3M=".to_owned()] {
        let answer = scim
            .send("GET", "/Users", "", &[("authorization", &header)])
            .await;
        assert_eq!(answer.status, 200, "{header}");
        assert_eq!(
            t.send("GET", "/Users", "", &[("authorization", &header)])
                .await
                .status,
            401
        );
    }
    let refused = scim.send("GET", "/Users", "", &[]).await;
    let challenges: Vec<_> = refused.headers.get_all("www-authenticate").iter().collect();
    assert_eq!(challenges.len(), 2, "{refused:?}");
    let config = scim.send("GET", "/ServiceProviderConfig", "", &[]).await;
    assert!(config.text.contains("oauth2") && config.text.contains("httpbasic"));
}
