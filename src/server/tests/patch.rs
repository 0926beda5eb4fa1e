//! PATCH: every form that identity providers send, and every refusal of RFC 7644 §3.5.2.

use super::*;

/// A user with a bit of everything; what is compared are the attributes that clients write.
const BEFORE: &str = r#"{"userName":"ada","title":"x","name":{"givenName":"Ada","familyName":"King"},"emails":[{"value":"w@example.com","type":"work","primary":true},{"value":"h@example.com","type":"home"}],"active":true}"#;

async fn patched(t: &Target, id: &str, operations: &str) -> String {
    let answer = t.patch(&format!("/Users/{id}"), operations).await;
    if answer.status != 200 {
        return answer.error();
    }
    let Value::Object(mut user) = answer.json() else {
        panic!("{answer:?}")
    };
    for name in ["schemas", "id", "meta"] {
        user.remove(name);
    }
    Value::from(user).to_string()
}

async fn table(leniency: Leniency, rows: &[(&str, &str)]) {
    let t = Target::with(leniency, &[]);
    for (operations, expected) in rows {
        let body = BEFORE.replacen('{', &format!(r#"{{"schemas":["{USER}"],"#), 1);
        let id = t.call("POST", "/Users", &body).await.id();
        assert_eq!(
            &patched(&t, &id, operations).await,
            expected,
            "{operations}"
        );
        t.call("DELETE", &format!("/Users/{id}"), "").await;
    }
}

#[tokio::test]
async fn every_operation_does_what_it_says() {
    let with = |from: &str, to: &str| {
        assert!(BEFORE.contains(from), "{from}");
        BEFORE.replace(from, to)
    };
    let dept = format!(r#","active":true,"{ENTERPRISE}":{{"department":"d"}}}}"#);
    let manager = format!(r#","active":true,"{ENTERPRISE}":{{"manager":{{"value":"m"}}}}}}"#);
    let flat = format!(
        r#"{{"op":"replace","value":{{"displayName":"D","name.familyName":"L","{ENTERPRISE}:department":"d"}}}}"#
    );
    let nested = format!(r#"{{"op":"add","value":{{"{ENTERPRISE}":{{"department":"d"}}}}}}"#);
    let by_urn = format!(r#"{{"op":"Add","path":"{ENTERPRISE}:department","value":"d"}}"#);
    let whole = format!(r#"{{"op":"add","path":"{ENTERPRISE}","value":{{"department":"d"}}}}"#);
    let gone = format!("{whole},{{\"op\":\"remove\",\"path\":\"{ENTERPRISE}:department\"}}");
    let bare = format!(r#"{{"op":"Replace","path":"{ENTERPRISE}:manager","value":"m"}}"#);
    let bare_gone = format!("{bare},{}", bare.replace("\"m\"", "\"\""));
    let rows: Vec<(&str, String)> = vec![
        (
            r#"{"op":"Replace","path":"active","value":"False"}"#,
            BEFORE.replace("\"active\":true", "\"active\":false"),
        ),
        (
            r#"{"op":"add","path":"active","value":false}"#,
            BEFORE.replace("\"active\":true", "\"active\":false"),
        ),
        (
            r#"{"op":"replace","value":{"active":false}}"#,
            BEFORE.replace("\"active\":true", "\"active\":false"),
        ),
        (
            r#"{"op":"replace","path":"title","value":"y"}"#,
            with(r#""title":"x""#, r#""title":"y""#),
        ),
        (
            r#"{"op":"replace","path":"TITLE","value":[{"value":"y"}]}"#,
            with(r#""title":"x""#, r#""title":"y""#),
        ),
        (
            r#"{"op":"remove","path":"title"}"#,
            with(r#","title":"x""#, ""),
        ),
        (
            r#"{"op":"replace","path":"title","value":null}"#,
            with(r#","title":"x""#, ""),
        ),
        (
            r#"{"op":"replace","path":"title","value":""}"#,
            with(r#""title":"x""#, r#""title":"""#),
        ),
        (
            r#"{"op":"replace","path":"name","value":{"givenName":"B"}}"#,
            with(r#""Ada""#, r#""B""#),
        ),
        (
            r#"{"op":"replace","path":"name","value":{"givenName":null}}"#,
            with(r#""givenName":"Ada","#, ""),
        ),
        (
            r#"{"op":"remove","path":"name"}"#,
            with(r#","name":{"givenName":"Ada","familyName":"King"}"#, ""),
        ),
        (
            r#"{"op":"add","path":"name.middleName","value":"M"}"#,
            with(r#""King""#, r#""King","middleName":"M""#),
        ),
        (
            &flat,
            with(r#""King""#, r#""L""#).replace(
                r#","active":true}"#,
                &format!(
                    r#","active":true,"displayName":"D","{ENTERPRISE}":{{"department":"d"}}}}"#
                ),
            ),
        ),
        (&nested, with(r#","active":true}"#, &dept)),
        (&by_urn, with(r#","active":true}"#, &dept)),
        (&whole, with(r#","active":true}"#, &dept)),
        (&gone, BEFORE.to_owned()),
        (&bare, with(r#","active":true}"#, &manager)),
        (&bare_gone, BEFORE.to_owned()),
        (
            r#"{"op":"replace","path":"emails[type eq \"work\"].value","value":"n@example.com"}"#,
            with("w@example.com", "n@example.com"),
        ),
        (
            r#"{"op":"replace","path":"emails[type eq \"work\"]","value":{"value":"n@example.com"}}"#,
            with("w@example.com", "n@example.com"),
        ),
        (
            r#"{"op":"Add","path":"emails[type eq \"other\"].value","value":"o@example.com"}"#,
            with(
                r#""type":"home"}"#,
                r#""type":"home"},{"type":"other","value":"o@example.com"}"#,
            ),
        ),
        (
            r#"{"op":"Replace","path":"emails[type eq \"other\"].value","value":"o@example.com"}"#,
            with(
                r#""type":"home"}"#,
                r#""type":"home"},{"type":"other","value":"o@example.com"}"#,
            ),
        ),
        (
            r#"{"op":"Add","path":"emails[type eq \"other\"].value","value":[{"value":"o@example.com"}]}"#,
            with(
                r#""type":"home"}"#,
                r#""type":"home"},{"type":"other","value":"o@example.com"}"#,
            ),
        ),
        (
            r#"{"op":"add","path":"roles[primary eq \"True\"].value","value":"admin"}"#,
            with(
                r#","active":true}"#,
                r#","active":true,"roles":[{"primary":true,"value":"admin"}]}"#,
            ),
        ),
        (
            r#"{"op":"add","path":"emails","value":[{"value":"o@example.com","primary":true}]}"#,
            with(r#""primary":true"#, r#""primary":false"#).replace(
                r#""type":"home"}"#,
                r#""type":"home"},{"value":"o@example.com","primary":true}"#,
            ),
        ),
        (
            r#"{"op":"add","path":"emails","value":{"value":"h@example.com","type":"home"}}"#,
            BEFORE.to_owned(),
        ),
        (
            r#"{"op":"replace","path":"emails[type eq \"home\"].primary","value":true}"#,
            with(r#""primary":true"#, r#""primary":false"#)
                .replace(r#""type":"home"}"#, r#""type":"home","primary":true}"#),
        ),
        (
            r#"{"op":"replace","path":"emails","value":[{"value":"only@example.com"}]}"#,
            with(
                r#"{"value":"w@example.com","type":"work","primary":true},{"value":"h@example.com","type":"home"}"#,
                r#"{"value":"only@example.com"}"#,
            ),
        ),
        (
            r#"{"op":"remove","path":"emails[type eq \"work\"]"}"#,
            with(
                r#"{"value":"w@example.com","type":"work","primary":true},"#,
                "",
            ),
        ),
        (
            r#"{"op":"remove","path":"emails[type eq \"home\"].type"}"#,
            with(r#","type":"home""#, ""),
        ),
        (
            r#"{"op":"remove","path":"emails[type eq \"none\"]"}"#,
            BEFORE.to_owned(),
        ),
        (
            r#"{"op":"remove","path":"emails","value":[{"value":"w@example.com"}]}"#,
            with(
                r#"{"value":"w@example.com","type":"work","primary":true},"#,
                "",
            ),
        ),
        (
            r#"{"op":"remove","path":"emails"}"#,
            with(
                r#","emails":[{"value":"w@example.com","type":"work","primary":true},{"value":"h@example.com","type":"home"}]"#,
                "",
            ),
        ),
        (
            r#"{"op":"remove","path":"title"},{"op":"add","path":"title","value":"z"},{"op":"replace","path":"title","value":"x"}"#,
            BEFORE.to_owned(),
        ),
    ];
    let rows: Vec<(&str, &str)> = rows.iter().map(|(a, b)| (*a, b.as_str())).collect();
    table(Leniency::default(), &rows).await;
}

#[tokio::test]
async fn what_cannot_be_done_is_refused_with_its_keyword() {
    table(
        Leniency::default(),
        &[
            (
                r#"{"op":"move","path":"title","value":"y"}"#,
                "400 invalidSyntax",
            ),
            (r#"{"op":"remove"}"#, "400 noTarget"),
            (r#"{"op":"add","path":"title"}"#, "400 invalidValue"),
            (r#"{"op":"add","value":"x"}"#, "400 invalidValue"),
            (
                r#"{"op":"replace","path":"id","value":"x"}"#,
                "400 mutability",
            ),
            (r#"{"op":"replace","value":{"id":"x"}}"#, "400 mutability"),
            (r#"{"op":"remove","path":"meta"}"#, "400 mutability"),
            (
                r#"{"op":"add","path":"groups","value":[{"value":"x"}]}"#,
                "400 mutability",
            ),
            (r#"{"op":"remove","path":"userName"}"#, "400 mutability"),
            (
                r#"{"op":"replace","path":"userName","value":""}"#,
                "400 invalidValue",
            ),
            (
                r#"{"op":"replace","path":"userName","value":null}"#,
                "400 invalidValue",
            ),
            (
                r#"{"op":"replace","path":"nothing","value":"x"}"#,
                "400 noTarget",
            ),
            (
                r#"{"op":"replace","value":{"nothing":"x"}}"#,
                "400 noTarget",
            ),
            (
                r#"{"op":"replace","path":"a b","value":"x"}"#,
                "400 invalidPath",
            ),
            (
                r#"{"op":"replace","path":"emails[type eq","value":"x"}"#,
                "400 invalidPath",
            ),
            (
                r#"{"op":"replace","path":"emails[nothing eq 1].value","value":"x"}"#,
                "400 invalidPath",
            ),
            (
                r#"{"op":"replace","path":"title[value eq 1]","value":"x"}"#,
                "400 invalidPath",
            ),
            (
                r#"{"op":"replace","path":"emails[type co \"q\"].value","value":"x"}"#,
                "400 noTarget",
            ),
            (
                r#"{"op":"replace","path":"active","value":"maybe"}"#,
                "400 invalidValue",
            ),
            (
                r#"{"op":"replace","path":"title","value":"new"},{"op":"remove","path":"id"}"#,
                "400 mutability",
            ),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_strict_server_forgives_nothing() {
    let bare = format!(r#"{{"op":"replace","path":"{ENTERPRISE}:manager","value":"m"}}"#);
    table(
        Leniency::STRICT,
        &[
            (
                r#"{"op":"Replace","path":"active","value":false}"#,
                "400 invalidSyntax",
            ),
            (
                r#"{"op":"replace","path":"active","value":"False"}"#,
                "400 invalidValue",
            ),
            (
                r#"{"op":"replace","value":{"name.givenName":"x"}}"#,
                "400 noTarget",
            ),
            (
                r#"{"op":"add","path":"emails[type eq \"x\"].value","value":"x"}"#,
                "400 noTarget",
            ),
            (
                r#"{"op":"replace","path":"title","value":[{"value":"y"}]}"#,
                "400 invalidValue",
            ),
            (&bare, "400 invalidValue"),
        ],
    )
    .await;
    let t = Target::with(Leniency::STRICT, &[]);
    let ada = t.user("ada").await;
    let group = t.group("g", &[&ada, &t.user("bob").await]).await;
    let remove = format!(r#"{{"op":"remove","path":"members","value":[{{"value":"{ada}"}}]}}"#);
    let refused = t.patch(&format!("/Groups/{group}"), &remove).await;
    assert_eq!(refused.error(), "400 invalidValue");
    assert_eq!(t.members(&group).await.len(), 2);
    let answer = t
        .call("PATCH", &format!("/Users/{ada}"), r#"{"Operations":[]}"#)
        .await;
    assert_eq!(answer.error(), "400 invalidSyntax");
}

#[tokio::test]
async fn a_patch_that_leaves_open_what_it_means_is_refused() {
    let t = Target::new();
    let path = format!("/Users/{}", t.user("ada").await);
    for operations in [
        "",
        r#"{"op":"add","op":"remove","path":"title","value":"x"}"#,
        r#"{"op":"add","value":{"title":"x","Title":"y"}}"#,
        r#"{"op":"add","path":"name","value":{"givenName":"x","givenname":"y"}}"#,
    ] {
        let answer = t.patch(&path, operations).await;
        assert_eq!(answer.error(), "400 invalidSyntax", "{operations}");
    }
    assert_eq!(t.get(&path).await.at(&["title"]), None);
}

#[tokio::test]
async fn a_refused_patch_changes_nothing_and_an_idle_one_no_timestamp() {
    let t = Target::new();
    let path = format!("/Users/{}", t.user("ada").await);
    t.user("bob").await;
    let before = t.get(&path).await.text;
    for operations in [
        r#"{"op":"add","path":"title","value":"x"},{"op":"add","path":"nothing","value":"x"}"#,
        r#"{"op":"add","path":"title","value":"x"},{"op":"replace","path":"userName","value":"BOB"}"#,
        r#"{"op":"replace","value":{"title":"x","id":"other"}}"#,
    ] {
        assert!(
            t.patch(&path, operations).await.status >= 400,
            "{operations}"
        );
        assert_eq!(t.get(&path).await.text, before, "{operations}");
    }
    for operations in [
        r#"{"op":"replace","path":"active","value":"True"}"#,
        r#"{"op":"remove","path":"title"}"#,
        r#"{"op":"replace","path":"userName","value":"ada"}"#,
    ] {
        assert_eq!(
            t.patch(&path, operations).await.text,
            before,
            "{operations}"
        );
    }
    let changed = t
        .patch(&path, r#"{"op":"add","path":"title","value":"x"}"#)
        .await;
    assert_ne!(
        changed.text_at(&["meta", "lastModified"]),
        changed.text_at(&["meta", "created"])
    );
}

#[tokio::test]
async fn members_are_changed_in_every_form() {
    let t = Target::new();
    let ids = [
        t.user("ada").await,
        t.user("bob").await,
        t.user("carl").await,
    ];
    let [ada, bob, carl] = &ids;
    let value = |id: &str| format!(r#"[{{"value":"{id}"}}]"#);
    for (operations, members) in [
        (
            format!(r#"{{"op":"Add","path":"members","value":{}}}"#, value(carl)),
            &["ada", "bob", "carl"][..],
        ),
        (
            format!(r#"{{"op":"add","path":"members","value":[{{"$ref":null,"value":"{ada}"}}]}}"#),
            &["ada", "bob"],
        ),
        (
            format!(r#"{{"op":"add","path":"members","value":"{carl}"}}"#),
            &["ada", "bob", "carl"],
        ),
        (
            format!(r#"{{"op":"add","value":{{"members":{}}}}}"#, value(carl)),
            &["ada", "bob", "carl"],
        ),
        (
            format!(
                r#"{{"op":"Remove","path":"members","value":{}}}"#,
                value(ada)
            ),
            &["bob"],
        ),
        (
            format!(
                r#"{{"op":"remove","path":"members","value":{}}}"#,
                value("nobody")
            ),
            &["ada", "bob"],
        ),
        (
            format!(r#"{{"op":"remove","path":"members[value eq \"{ada}\"]"}}"#),
            &["bob"],
        ),
        (
            format!(r#"{{"op":"remove","path":"members[value eq \"{carl}\"]"}}"#),
            &["ada", "bob"],
        ),
        (
            r#"{"op":"remove","path":"members[display sw \"B\"]"}"#.to_owned(),
            &["ada"],
        ),
        (r#"{"op":"remove","path":"members"}"#.to_owned(), &[]),
        (
            format!(
                r#"{{"op":"replace","path":"members","value":{}}}"#,
                value(carl)
            ),
            &["carl"],
        ),
        (
            r#"{"op":"replace","path":"members","value":[]}"#.to_owned(),
            &[],
        ),
        (
            format!(
                r#"{{"op":"replace","value":{{"members":{},"displayName":"g","id":"ID"}}}}"#,
                value(bob)
            ),
            &["bob"],
        ),
        (
            format!(
                r#"{{"op":"remove","path":"members[value eq \"{ada}\"]"}},{{"op":"remove","path":"members[value eq \"{bob}\"]"}},{{"op":"add","path":"members","value":{}}}"#,
                value(carl)
            ),
            &["carl"],
        ),
        (
            format!(r#"{{"op":"add","path":"members[value eq \"{carl}\"]","value":{{}}}}"#),
            &["ada", "bob", "carl"],
        ),
    ] {
        let group = t.group("g", &[ada, bob]).await;
        let path = format!("/Groups/{group}");
        let answer = t.patch(&path, &operations.replace("ID", &group)).await;
        assert_eq!(
            (answer.status, answer.text.as_str()),
            (204, ""),
            "{operations}"
        );
        assert_eq!(t.members(&group).await, members, "{operations}");
        for (id, name) in ids.iter().zip(["ada", "bob", "carl"]) {
            let listed = t.get(&format!("/Users/{id}")).await.text.contains(&group);
            assert_eq!(listed, members.contains(&name), "{name}: {operations}");
        }
        t.call("DELETE", &path, "").await;
    }
    let group = t.group("g", &[ada]).await;
    let path = format!("/Groups/{group}");
    for (operations, error) in [
        (
            r#"{"op":"add","path":"members","value":[{"value":"nobody"}]}"#,
            "400 invalidValue",
        ),
        (
            r#"{"op":"replace","path":"members","value":[{"value":"nobody"}]}"#,
            "400 invalidValue",
        ),
        (r#"{"op":"remove","path":"displayName"}"#, "400 mutability"),
        (
            r#"{"op":"replace","path":"members[value eq \"x\"].display","value":"x"}"#,
            "400 mutability",
        ),
    ] {
        assert_eq!(
            t.patch(&path, operations).await.error(),
            error,
            "{operations}"
        );
        assert_eq!(t.members(&group).await, ["ada"], "{operations}");
    }
}
