//! Schemas from a file: their attributes are stored, found, changed and shown as their characteristics say.

use super::*;
use crate::server::Types;

const HR: &str = "urn:example:params:scim:schemas:extension:hr:2.0:User";

fn schemas() -> String {
    format!(
        r#"[
        {{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"], "id": "{HR}", "name": "HR", "attributes": [
            {{"name": "badge", "type": "string", "required": true, "uniqueness": "server", "caseExact": true}},
            {{"name": "hired", "type": "dateTime", "mutability": "immutable"}},
            {{"name": "level", "type": "integer"}},
            {{"name": "notes", "type": "string", "returned": "request"}},
            {{"name": "pin", "type": "string", "mutability": "writeOnly"}},
            {{"name": "desk", "type": "complex", "subAttributes": [
                {{"name": "floor", "type": "integer"}}, {{"name": "room", "type": "string"}}]}},
            {{"name": "cars", "type": "complex", "multiValued": true, "subAttributes": [
                {{"name": "value", "type": "string"}}, {{"name": "type", "type": "string"}}]}}]}},
        {{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"], "id": "urn:example:team", "attributes": [
            {{"name": "cost-centre", "type": "string"}}]}},
        {{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"], "name": "Group", "schemaExtensions": [
            {{"schema": "urn:example:team", "required": true}}]}}]"#
    )
}

fn target() -> Target {
    Target::of(Tenant {
        types: Types::default().with_schemas(&schemas()).unwrap(),
        ..Tenant::default()
    })
}

fn user(name: &str, hr: &str) -> String {
    format!(r#"{{"schemas":["{USER}","{HR}"],"userName":"{name}","{HR}":{hr}}}"#)
}

#[tokio::test]
async fn attributes_behave_as_their_schema_says() {
    let t = target();
    let hr = r#"{"badge":"B1","hired":"2026-01-02T03:04:05Z","level":3,"notes":"n","pin":"1","desk":{"floor":2},
        "cars":[{"value":"x","type":"a"}]}"#;
    let ada = t.call("POST", "/Users", &user("ada", hr)).await;
    assert_eq!(ada.status, 201, "{ada:?}");
    assert_eq!(ada.text_at(&[HR, "level"]), "3");
    assert_eq!((ada.at(&[HR, "notes"]), ada.at(&[HR, "pin"])), (None, None));
    let path = format!("/Users/{}", ada.id());
    let asked = t.get(&format!("{path}?attributes={HR}:notes")).await;
    assert_eq!(asked.text_at(&[HR, "notes"]), "n", "{asked:?}");
    assert_eq!(asked.at(&[HR, "level"]), None);
    let pin = t.get(&format!("{path}?attributes={HR}:pin")).await;
    assert!(!pin.text.contains("pin"), "{pin:?}");
    for (filter, found) in [
        (format!("{HR}:level%20gt%202"), 1),
        (format!("{HR}:level%20gt%203"), 0),
        (format!("{HR}:desk.floor%20eq%202"), 1),
        (format!("{HR}:cars%5Btype%20eq%20%22A%22%5D"), 1),
        (format!("{HR}:badge%20eq%20%22b1%22"), 0),
        (format!("{HR}:hired%20lt%20%222026-01-02T04:04:05Z%22"), 1),
    ] {
        let answer = t.get(&format!("/Users?filter={filter}")).await;
        assert_eq!(answer.names().len(), found, "{filter}");
    }
    let patch = |operation: &str| {
        format!(
            r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{operation}]}}"#
        )
    };
    for (operation, answer) in [
        (
            format!(r#"{{"op":"replace","path":"{HR}:level","value":4}}"#),
            "200",
        ),
        (
            format!(r#"{{"op":"replace","path":"{HR}:level","value":"four"}}"#),
            "400 invalidValue",
        ),
        (
            format!(r#"{{"op":"replace","path":"{HR}:hired","value":"2027-01-01T00:00:00Z"}}"#),
            "400 mutability",
        ),
        (
            format!(r#"{{"op":"replace","path":"{HR}:hired","value":"2026-01-02T03:04:05Z"}}"#),
            "200",
        ),
        (
            format!(r#"{{"op":"remove","path":"{HR}:badge"}}"#),
            "400 mutability",
        ),
        (
            format!(r#"{{"op":"add","path":"{HR}:cars[type eq \"b\"].value","value":"y"}}"#),
            "200",
        ),
    ] {
        let changed = t.call("PATCH", &path, &patch(&operation)).await;
        let said = match changed.status {
            200 => "200".to_owned(),
            _ => changed.error(),
        };
        assert_eq!(said, answer, "{operation}");
    }
    assert_eq!(t.get(&path).await.text_at(&[HR, "level"]), "4");
    // A PUT keeps what is immutable, and refuses another value for it.
    let put = t
        .call("PUT", &path, &user("ada", r#"{"badge":"B1"}"#))
        .await;
    assert_eq!(
        put.text_at(&[HR, "hired"]),
        "2026-01-02T03:04:05Z",
        "{put:?}"
    );
    assert_eq!(put.at(&[HR, "level"]), None);
    let other = user("ada", r#"{"badge":"B1","hired":"2027-01-02T03:04:05Z"}"#);
    assert_eq!(t.call("PUT", &path, &other).await.error(), "400 mutability");
    let twin = user("bob", r#"{"badge":"B1"}"#);
    assert_eq!(
        t.call("POST", "/Users", &twin).await.error(),
        "409 uniqueness"
    );
    let without = user("bob", r#"{"level":1}"#);
    assert_eq!(
        t.call("POST", "/Users", &without).await.error(),
        "400 invalidValue"
    );
}

#[tokio::test]
async fn discovery_shows_the_schemas_and_an_extension_can_be_required() {
    let t = target();
    let schema = t.get(&format!("/Schemas/{HR}")).await;
    assert_eq!(schema.text_at(&["name"]), "HR");
    assert!(schema.text.contains(r#""name":"pin""#), "{schema:?}");
    let group = t.get("/ResourceTypes/Group").await;
    assert!(
        group
            .text
            .contains(r#"{"schema":"urn:example:team","required":true}"#),
        "{group:?}"
    );
    let user = t.get("/ResourceTypes/User").await;
    assert!(
        user.text
            .contains(&format!(r#"{{"schema":"{HR}","required":false}}"#)),
        "{user:?}"
    );
    let bare = format!(r#"{{"schemas":["{GROUP}"],"displayName":"eng"}}"#);
    assert_eq!(
        t.call("POST", "/Groups", &bare).await.error(),
        "400 invalidValue"
    );
    let whole = bare.replace("\"eng\"", r#""eng","urn:example:team":{"cost-centre":"7"}"#);
    assert_eq!(t.call("POST", "/Groups", &whole).await.status, 201);
}

#[test]
fn a_wrong_file_is_told_in_a_sentence() {
    let one = |rest: &str| format!(r#"[{{"id":"urn:example:x:User","attributes":[{rest}]}}]"#);
    for (file, sentence) in [
        ("{}".to_owned(), "it must be a JSON array"),
        ("[{}]".to_owned(), "entry 1 is neither a Schema"),
        (
            one(r#"{"name":"a","type":"text"}"#),
            "`type` is `text`, which is none of string, boolean",
        ),
        (one(r#"{"name":"a"}"#), "missing field `type`"),
        (
            one(r#"{"name":"1a","type":"string"}"#),
            "a name begins with a letter",
        ),
        (
            one(r#"{"name":"a","type":"string"},{"name":"A","type":"string"}"#),
            "there are two of that name",
        ),
        (
            one(r#"{"name":"a","type":"complex"}"#),
            "needs `subAttributes`",
        ),
        (
            one(r#"{"name":"a","type":"complex","subAttributes":[{"name":"b","type":"complex"}]}"#),
            "attribute `a.b`: a sub-attribute cannot be complex",
        ),
        (
            one(r#"{"name":"a","type":"string","mutability":"writeOnly","returned":"default"}"#),
            "returned `never`",
        ),
        (
            one(r#"{"name":"a","type":"string","mutabilty":"x"}"#),
            "unknown field `mutabilty`",
        ),
        (
            r#"[{"id":"urn:example:x","attributes":[]}]"#.to_owned(),
            "the schema urn:example:x extends nothing",
        ),
        (
            r#"[{"id":"x","attributes":[]}]"#.to_owned(),
            "must have a URN as id",
        ),
        (
            format!(r#"[{{"id":"{USER}","attributes":[]}}]"#),
            "the server defines itself",
        ),
        (
            r#"[{"name":"Device","schemaExtensions":[]}]"#.to_owned(),
            "the resource type `Device` is not served",
        ),
        (
            r#"[{"name":"User","schemaExtensions":[{"schema":"urn:example:x"}]}]"#.to_owned(),
            "that no entry defines",
        ),
    ] {
        let error = Types::default()
            .with_schemas(&file)
            .unwrap_err()
            .to_string();
        assert!(error.contains(sentence), "{file}: {error}");
    }
}

#[tokio::test]
async fn what_is_fixed_stays_also_inside_and_what_is_never_shown_is_never_told() {
    let file = format!(
        r#"[{{"id": "{HR}", "attributes": [
            {{"name": "pin", "type": "string", "mutability": "writeOnly"}},
            {{"name": "level", "type": "integer"}},
            {{"name": "rate", "type": "decimal"}},
            {{"name": "desk", "type": "complex", "subAttributes": [
                {{"name": "room", "type": "string"}},
                {{"name": "key", "type": "string", "mutability": "immutable"}}]}}]}}]"#
    );
    let t = Target::of(Tenant {
        types: Types::default().with_schemas(&file).unwrap(),
        ..Tenant::default()
    });
    let with = |hr: &str| user("ada", hr);
    for wrong in [
        r#"{"level":1.5}"#,
        r#"{"level":1e2}"#,
        r#"{"level":99999999999999999999}"#,
        r#"{"rate":1e999}"#,
        r#"{"rate":"1"}"#,
    ] {
        let answer = t.call("POST", "/Users", &with(wrong)).await;
        assert_eq!(answer.error(), "400 invalidValue", "{wrong}");
    }
    let hr = r#"{"pin":"1234","level":9007199254740993,"desk":{"room":"a","key":"k"}}"#;
    let ada = t.call("POST", "/Users", &with(hr)).await;
    assert_eq!(ada.status, 201, "{ada:?}");
    let path = format!("/Users/{}", ada.id());
    for query in [
        format!("filter={HR}:pin%20sw%20%221%22"),
        format!("filter={HR}:pin%20pr"),
        format!("sortBy={HR}:pin"),
    ] {
        assert_eq!(
            t.get(&format!("/Users?{query}")).await.status,
            400,
            "{query}"
        );
    }
    for (number, found) in [("9007199254740993", 1), ("9007199254740992", 0)] {
        let answer = t
            .get(&format!("/Users?filter={HR}:level%20eq%20{number}"))
            .await;
        assert_eq!(answer.names().len(), found, "{number}");
    }
    let other = t.call("PUT", &path, &with(r#"{"desk":{"key":"l"}}"#)).await;
    assert_eq!(other.error(), "400 mutability");
    let kept = t
        .call("PUT", &path, &with(r#"{"desk":{"room":"b"}}"#))
        .await;
    assert_eq!(kept.text_at(&[HR, "desk", "key"]), "k", "{kept:?}");
    for operation in [
        format!(r#"{{"op":"replace","path":"{HR}:desk","value":{{"key":"l"}}}}"#),
        format!(r#"{{"op":"replace","path":"{HR}:desk.key","value":"l"}}"#),
        format!(r#"{{"op":"remove","path":"{HR}:desk"}}"#),
    ] {
        let answer = t.patch(&path, &operation).await;
        assert_eq!(answer.error(), "400 mutability", "{operation}");
    }
    let moved = format!(r#"{{"op":"replace","path":"{HR}:desk","value":{{"room":"c"}}}}"#);
    let moved = t.patch(&path, &moved).await;
    assert_eq!(moved.text_at(&[HR, "desk", "room"]), "c", "{moved:?}");
    let certificate = r#"{"userName":"x","x509Certificates":[{"value":"%%%"}]}"#;
    let answer = t.call("POST", "/Users", certificate).await;
    assert_eq!(answer.error(), "400 invalidValue");
}
