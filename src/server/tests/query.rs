//! Filters, pages, sorting and projections.

use super::*;

async fn people() -> Target {
    let t = Target::new();
    for (name, rest) in [
        ("carl", r#","title":"b""#),
        ("Ada", r#","externalId":"E1","title":"A","active":false"#),
        (
            "bob",
            r#","emails":[{"value":"z@example.com"},{"value":"a@example.com","primary":true}]"#,
        ),
        (
            "o'neil+x@example.com",
            r#","emails":[{"value":"m@example.com","type":"work"}]"#,
        ),
    ] {
        let body = format!(r#"{{"userName":"{name}"{rest}}}"#);
        assert_eq!(t.call("POST", "/Users", &body).await.status, 201);
    }
    t
}

fn encoded(filter: &str) -> String {
    percent_encoding::utf8_percent_encode(filter, percent_encoding::NON_ALPHANUMERIC).to_string()
}

#[tokio::test]
async fn filters_select_and_never_more() {
    let t = people().await;
    let all = ["carl", "Ada", "bob", "o'neil+x@example.com"];
    for (filter, found) in [
        (r#"userName eq "ADA""#, &all[1..2]),
        (r#"userName eq "o'neil+x@example.com""#, &all[3..]),
        (r#"userName eq "nobody""#, &[]),
        (r#"externalId eq "e1""#, &[]),
        (r#"externalId eq "E1""#, &all[1..2]),
        (r#"title pr"#, &all[..2]),
        (r#"active eq false or userName sw "B""#, &all[1..3]),
        (r#"emails[type eq "work" and value sw "m"]"#, &all[3..]),
        (
            r#"meta.created gt "2000-01-01T00:00:00Z" and not (title pr)"#,
            &all[2..],
        ),
        (r#"id pr"#, &all),
        (
            r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#,
            &[],
        ),
        (
            r#"schemas eq "URN:ietf:params:scim:schemas:core:2.0:User""#,
            &all,
        ),
        (
            r#"emails[type eq "work" and not (value co "z" or value pr)]"#,
            &[],
        ),
    ] {
        let answer = t.get(&format!("/Users?filter={}", encoded(filter))).await;
        assert_eq!(answer.names(), found, "{filter}");
        assert_eq!(answer.text_at(&["totalResults"]), found.len().to_string());
        let body = format!(r#"{{"filter":{}}}"#, Value::from(filter));
        assert_eq!(t.call("POST", "/Users/.search", &body).await.names(), found);
    }
    for filter in [
        "userName zz 1",
        "userName eq",
        "(",
        "active gt false",
        "nothing eq 1",
        r#"password eq "x""#,
        "title co null",
    ] {
        let answer = t.get(&format!("/Users?filter={}", encoded(filter))).await;
        assert_eq!(answer.error(), "400 invalidFilter", "{filter}");
    }
    let plus = t.get("/Users?filter=userName+eq+%22Ada%22").await;
    assert_eq!(plus.names(), ["Ada"]);
}

#[tokio::test]
async fn memberships_can_be_asked_from_both_ends() {
    let t = Target::new();
    let (ada, bob) = (t.user("ada").await, t.user("bob").await);
    let group = t.group("g", &[&ada]).await;
    t.group("h", &[]).await;
    for (path, filter, found) in [
        (
            "/Groups",
            format!(r#"members.value eq "{ada}""#),
            &["g"][..],
        ),
        ("/Groups", format!(r#"members[value eq "{ada}"]"#), &["g"]),
        (
            "/Groups",
            format!(r#"id eq "{group}" and members eq "{ada}""#),
            &["g"],
        ),
        (
            "/Groups",
            format!(r#"id eq "{group}" and members eq "{bob}""#),
            &[],
        ),
        ("/Groups", r#"members[type eq "User"]"#.to_owned(), &["g"]),
        ("/Groups", "members pr".to_owned(), &["g"]),
        ("/Users", format!(r#"groups.value eq "{group}""#), &["ada"]),
        ("/Users", "not (groups pr)".to_owned(), &["bob"]),
    ] {
        let answer = t.get(&format!("{path}?filter={}", encoded(&filter))).await;
        assert_eq!(answer.names(), found, "{filter}");
    }
    let group = t
        .get(&format!("/Groups/{group}?excludedAttributes=members"))
        .await;
    assert_eq!(group.at(&["members"]), None);
    assert_eq!(group.text_at(&["displayName"]), "g");
}

#[tokio::test]
async fn pages_are_cut_as_the_standard_reads_odd_numbers() {
    let t = people().await;
    for (query, names, start) in [
        ("startIndex=2&count=2", &["Ada", "bob"][..], "2"),
        ("startIndex=0&count=1", &["carl"], "1"),
        ("startIndex=-5&count=1", &["carl"], "1"),
        ("startIndex=9", &[], "9"),
        (
            "startIndex=99999999999999999999",
            &[],
            "9223372036854775807",
        ),
        ("count=0", &[], "1"),
        ("count=-1", &[], "1"),
        (
            "startIndex=3&count=99999",
            &["bob", "o'neil+x@example.com"],
            "3",
        ),
    ] {
        let answer = t.get(&format!("/Users?{query}")).await;
        assert_eq!(answer.names(), names, "{query}");
        assert_eq!(answer.text_at(&["totalResults"]), "4", "{query}");
        assert_eq!(answer.text_at(&["startIndex"]), start, "{query}");
        assert_eq!(answer.text_at(&["itemsPerPage"]), names.len().to_string());
    }
}

#[tokio::test]
async fn sorting_follows_type_case_and_absence() {
    let t = people().await;
    let (neil, all) = ("o'neil+x@example.com", "/Users?sortBy=");
    for (query, names) in [
        ("userName", ["Ada", "bob", "carl", neil]),
        (
            "userName&sortOrder=descending",
            [neil, "carl", "bob", "Ada"],
        ),
        ("title", ["Ada", "carl", "bob", neil]),
        ("title&sortOrder=descending", ["bob", neil, "carl", "Ada"]),
        ("emails", ["bob", neil, "carl", "Ada"]),
        (
            "meta.created&sortOrder=descending",
            [neil, "bob", "Ada", "carl"],
        ),
    ] {
        assert_eq!(
            t.get(&format!("{all}{query}")).await.names(),
            names,
            "{query}"
        );
    }
    assert_eq!(
        t.get("/Users?sortBy=nothing").await.error(),
        "400 invalidValue"
    );
}

#[tokio::test]
async fn a_search_at_the_root_looks_at_everything() {
    let t = people().await;
    t.group("gamma", &[]).await;
    let body = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter":"displayName eq \"gamma\" or userName eq \"bob\""}"#;
    let answer = t.call("POST", "/.search", body).await;
    assert_eq!(answer.names(), ["bob", "gamma"], "{answer:?}");
}

#[tokio::test]
async fn projections_show_what_is_asked_and_always_the_id() {
    let t = Target::new();
    let body = format!(
        r#"{{"userName":"ada","title":"x","name":{{"givenName":"A","familyName":"L"}},"emails":[{{"value":"a@example.com","type":"work"}}],"{ENTERPRISE}":{{"department":"d","manager":{{"value":"m"}}}}}}"#
    );
    let id = t.call("POST", "/Users", &body).await.id();
    let start = format!(r#"{{"schemas":["{USER}","{ENTERPRISE}"],"id":"{id}""#);
    for (query, rest) in [
        (
            "attributes=userName,password",
            r#","userName":"ada"}"#.to_owned(),
        ),
        (
            "attributes=name.givenName,emails.type",
            r#","name":{"givenName":"A"},"emails":[{"type":"work"}]}"#.to_owned(),
        ),
        ("attributes=nothing", "}".to_owned()),
        (
            "attributes=emails%5Btype%20eq%20%22work%22%5D",
            r#","emails":[{"value":"a@example.com","type":"work"}]}"#.to_owned(),
        ),
        (
            &format!("attributes={ENTERPRISE}:manager.value"),
            format!(r#","{ENTERPRISE}":{{"manager":{{"value":"m"}}}}}}"#),
        ),
        (
            &format!(
                "excludedAttributes=id,userName,title,name.givenName,emails,active,meta,{ENTERPRISE}"
            ),
            r#","name":{"familyName":"L"}}"#.to_owned(),
        ),
    ] {
        let answer = t.get(&format!("/Users/{id}?{query}")).await;
        assert_eq!(answer.text, format!("{start}{rest}"), "{query}");
        let list = t.get(&format!("/Users?{query}")).await;
        assert!(list.text.contains(&answer.text), "{list:?}");
    }
    let patched = format!("/Users/{id}?attributes=title");
    let answer = t
        .patch(&patched, r#"{"op":"replace","path":"title","value":"y"}"#)
        .await;
    assert_eq!(answer.text, format!(r#"{start},"title":"y"}}"#));
}

#[tokio::test]
async fn cursors_lead_through_all_pages_and_no_further() {
    let t = people().await;
    for query in ["", "&sortBy=userName", "&filter=id%20pr"] {
        let all = t.get(&format!("/Users?count=50{query}")).await.names();
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        for page in 0..9 {
            let answer = t
                .get(&format!("/Users?cursor={cursor}&count=2{query}"))
                .await;
            assert_eq!(answer.text_at(&["totalResults"]), "4");
            assert_eq!(answer.at(&["startIndex"]), None);
            seen.extend(answer.names());
            cursor = answer.text_at(&["nextCursor"]);
            if cursor.is_empty() {
                assert_eq!(page, 1, "{query}");
                break;
            }
        }
        assert_eq!(seen, all, "{query}");
    }
    let first = t.get("/Users?cursor&count=2").await;
    let cursor = first.text_at(&["nextCursor"]);
    let body = format!(r#"{{"cursor":"{cursor}","count":1}}"#);
    assert_eq!(
        t.call("POST", "/Users/.search", &body).await.names(),
        ["bob"]
    );
    // What goes meanwhile shifts nothing.
    let ada = t.get("/Users?filter=userName%20eq%20%22ada%22").await;
    let ada = ada.at(&["Resources"]).unwrap().as_array().unwrap()[0].clone();
    let ada = ada.get("id").and_then(Value::as_str).unwrap().to_owned();
    t.call("DELETE", &format!("/Users/{ada}"), "").await;
    let next = t.get(&format!("/Users?cursor={cursor}")).await;
    assert_eq!(next.names(), ["bob", "o'neil+x@example.com"]);
    for wrong in [
        "/Users?cursor=nonsense".to_owned(),
        format!("/Groups?cursor={cursor}"),
        format!("/Users?cursor={cursor}&filter=id%20pr"),
    ] {
        assert_eq!(t.get(&wrong).await.error(), "400 invalidCursor", "{wrong}");
    }
    assert_eq!(
        t.get("/Users?cursor&count=0").await.at(&["nextCursor"]),
        None
    );
}

#[tokio::test]
async fn what_has_no_order_is_not_sorted_by() {
    let t = people().await;
    for path in [
        "nothing",
        "name",
        "password",
        "emails%5Bprimary%20eq%20true%5D",
    ] {
        for filter in ["", "&filter=userName%20eq%20%22nobody%22"] {
            let answer = t.get(&format!("/Users?sortBy={path}{filter}")).await;
            assert_eq!(answer.error(), "400 invalidValue", "{path}");
        }
    }
    // Over all types it is enough that one of them has the attribute.
    let all = t.get("/?sortBy=userName&sortOrder=descending").await;
    assert_eq!(all.names()[0], "o'neil+x@example.com");
}

#[tokio::test]
async fn a_message_that_says_to_be_another_is_refused() {
    for (leniency, bare) in [(Leniency::default(), 200), (Leniency::STRICT, 400)] {
        let t = Target::with(leniency, &[]);
        for path in ["/.search", "/Users/.search", "/Bulk"] {
            let operations = r#""Operations":[]"#;
            let bare_body = format!("{{{operations}}}");
            assert_eq!(
                t.call("POST", path, &bare_body).await.status,
                bare,
                "{path}"
            );
            let other = format!(r#"{{"schemas":["{PATCH}"],{operations}}}"#);
            let answer = t.call("POST", path, &other).await;
            assert_eq!(answer.error(), "400 invalidSyntax", "{path}");
        }
    }
}
