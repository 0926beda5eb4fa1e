use super::*;
use crate::requirement::sample::{Sample, delete, get, message_table, patch, post, put};

fn user(body: &str) -> Sample {
    get("/Users/1", 200, body)
}

fn group(body: &str) -> Sample {
    get("/Groups/1", 200, body)
}

#[test]
fn an_id_is_a_text() {
    let list = |items: &str| {
        get(
            "/Users",
            200,
            &format!(r#"{{"totalResults":2,"Resources":[{items}]}}"#),
        )
    };
    message_table(
        &HAS_ID,
        &[
            (user(r#"{"id":"1"}"#), "pass"),
            (user(r#"{"ID":"1"}"#), "pass"),
            (list(r#"{"id":"1"},{"id":"2"}"#), "pass"),
            (list(""), "n/a"),
            (list(r#"{"id":"1"},{"userName":"x"}"#), "missing"),
            (post("/Users", 201, r#"{"userName":"x"}"#), "missing"),
            (patch("/Users/1", 200, r#"{"id":""}"#), "missing"),
            (
                get("/Users/1?attributes=userName", 200, r#"{"userName":"x"}"#),
                "missing",
            ),
            (put("/Users/1", 200, r#"{"id":1}"#), "wrong-form"),
            (user(r#"{"id":"bulkId:1"}"#), "wrong-form"),
            (patch("/Users/1", 204, ""), "n/a"),
            (delete("/Users/1", 200, "{}"), "n/a"),
            (get("/Users/1", 404, r#"{"status":"404"}"#), "n/a"),
            (get("/ServiceProviderConfig", 200, "{}"), "n/a"),
        ],
    );
}

#[test]
fn active_is_true_or_false() {
    message_table(
        &ACTIVE_IS_BOOLEAN,
        &[
            (user(r#"{"active":true}"#), "pass"),
            (user(r#"{"active":false}"#), "pass"),
            (user(r#"{"active":"true"}"#), "as-text"),
            (user(r#"{"active":"False"}"#), "as-text"),
            (user(r#"{"active":1}"#), "as-number"),
            (user(r#"{"active":null}"#), "n/a"),
            (user(r#"{"id":"1"}"#), "n/a"),
            (group(r#"{"active":1}"#), "n/a"),
        ],
    );
}

#[test]
fn a_password_is_never_shown() {
    let secret = r#"{"password":"[secret:1]"}"#;
    let patch_body = r#"{"Operations":[{"op":"replace","value":{"password":"[secret:1]"}}]}"#;
    let quoted = r#"{"detail":"[secret:1] is too weak"}"#;
    message_table(
        &PASSWORD,
        &[
            (user(r#"{"id":"1"}"#), "pass"),
            (user(r#"{"password":null}"#), "pass"),
            (post("/Users", 201, "{}").request(secret), "pass"),
            (
                post("/Users", 400, r#"{"detail":"too weak"}"#).request(secret),
                "pass",
            ),
            (post("/Users", 201, "").request(secret), "pass"),
            (user(r#"{"password":"$2b$hash"}"#), "returned"),
            (
                get("/Users?count=1", 200, r#"{"Resources":[{"password":"x"}]}"#),
                "returned",
            ),
            (post("/Users", 400, quoted).request(secret), "quoted"),
            (patch("/Users/1", 400, quoted).request(patch_body), "quoted"),
            // Too short to be told from any other text.
            (
                post("/Users", 400, quoted).request(r#"{"password":"weak"}"#),
                "n/a",
            ),
            (post("/Users", 400, quoted), "n/a"),
        ],
    );
}

#[test]
fn a_whole_resource_lists_its_schemas() {
    let core = "urn:ietf:params:scim:schemas:core:2.0:User";
    let with = |rest: &str| user(&format!(r#"{{"schemas":["{core}"]{rest}}}"#));
    let both =
        format!(r#"{{"schemas":["{ENTERPRISE}","{core}"],"{ENTERPRISE}":{{"division":"x"}}}}"#);
    message_table(
        &SCHEMAS,
        &[
            (with(""), "pass"),
            (user(&both), "pass"),
            (with(&format!(r#","{ENTERPRISE}":{{}}"#)), "pass"),
            (
                with(&format!(r#","{ENTERPRISE}":{{"division":"x"}}"#)),
                "extension-unlisted",
            ),
            (user(r#"{"id":"1"}"#), "missing"),
            (user(r#"{"schemas":[]}"#), "missing"),
            (user(r#"{"schemas":["urn:x:User"]}"#), "wrong"),
            (group(&format!(r#"{{"schemas":["{core}"]}}"#)), "wrong"),
            (get("/Users/1?attributes=id", 200, r#"{"id":"1"}"#), "n/a"),
            (
                get("/Groups/1?excludedAttributes=members", 200, r#"{"id":"1"}"#),
                "n/a",
            ),
        ],
    );
}

#[test]
fn members_are_objects() {
    let with = |members: &str| group(&format!(r#"{{"id":"1","members":{members}}}"#));
    message_table(
        &MEMBERS,
        &[
            (with(r#"[{"value":"1"}]"#), "pass"),
            (
                with(r#"[{"value":"1","display":"Ada","type":"User","$ref":"../Users/1"}]"#),
                "pass",
            ),
            (with(r#"["1"]"#), "bare-ids"),
            (with(r#"[{"id":"1"}]"#), "no-value"),
            (with(r#"[{"value":1}]"#), "no-value"),
            (with(r#"{"value":"1"}"#), "not-a-list"),
            (with("[]"), "n/a"),
            (with("null"), "n/a"),
            (group(r#"{"id":"1"}"#), "n/a"),
            (user(r#"{"members":["1"]}"#), "n/a"),
        ],
    );
}

#[test]
fn one_value_is_primary() {
    let emails = |items: &str| user(&format!(r#"{{"emails":[{items}]}}"#));
    let yes = r#"{"value":"a","primary":true}"#;
    let no = r#"{"value":"b","primary":false}"#;
    let custom = format!(r#"{{"urn:example:User":{{"badges":[{yes},{yes}]}}}}"#);
    message_table(
        &ONE_PRIMARY,
        &[
            (emails(yes), "pass"),
            (emails(&format!("{yes},{no}")), "pass"),
            (emails(&format!("{yes},{no},{yes}")), "several"),
            (user(&custom), "several"),
            (emails(no), "n/a"),
            (emails(""), "n/a"),
        ],
    );
}

#[test]
fn no_member_is_shown_twice() {
    let with = |members: &str| group(&format!(r#"{{"members":[{members}]}}"#));
    let emails = r#"{"emails":[{"value":"a","type":"work"},{"value":"a","type":"home"}]}"#;
    let same = r#"{"emails":[{"value":"a","type":"work"},{"value":"a","type":"Work"}]}"#;
    message_table(
        &NO_VALUE_TWICE,
        &[
            (with(r#"{"value":"1"},{"value":"2"}"#), "pass"),
            (user(emails), "pass"),
            (
                with(r#"{"value":"1"},{"value":"2"},{"value":"1"}"#),
                "twice",
            ),
            (user(same), "twice"),
            (
                user(r#"{"addresses":[{"type":"work"},{"type":"work"}]}"#),
                "n/a",
            ),
            (with(""), "n/a"),
        ],
    );
}

#[test]
fn a_manager_is_an_object() {
    let with = |manager: &str| user(&format!(r#"{{"{ENTERPRISE}":{{"manager":{manager}}}}}"#));
    message_table(
        &MANAGER,
        &[
            (with(r#"{"value":"7"}"#), "pass"),
            (with(r#"{"displayName":"Bob"}"#), "pass"),
            (with("{}"), "pass"),
            (with(r#""7""#), "as-text"),
            (with(r#"[{"value":"7"}]"#), "wrong-form"),
            (with("7"), "wrong-form"),
            (with("null"), "n/a"),
            (user(r#"{"id":"1"}"#), "n/a"),
        ],
    );
}
