//! Every fault in every mode changes what a client sees, at the step that it is about.

use super::*;
use crate::server::fault::ALL;

/// A series of named requests that touches everything; returns each with its answer.
async fn transcript(t: &Target, large: bool) -> Vec<(String, String)> {
    let mut steps = Steps {
        t,
        seen: Vec::new(),
    };
    let auth = ("authorization", "Bearer tok");
    steps.send("no token", "GET", "/Users", "", &[]).await;
    steps
        .send(
            "wrong token",
            "GET",
            "/Users",
            "",
            &[("authorization", "Bearer x")],
        )
        .await;
    steps
        .send(
            "empty token",
            "GET",
            "/Users",
            "",
            &[("authorization", "Bearer")],
        )
        .await;
    steps
        .send("discovery", "GET", "/ResourceTypes", "", &[auth])
        .await;
    steps
        .send(
            "configuration",
            "GET",
            "/ServiceProviderConfig",
            "",
            &[auth],
        )
        .await;
    steps
        .send("unknown path", "GET", "/Nothing", "", &[auth])
        .await;
    steps
        .call(
            "empty list",
            "GET",
            "/Users?filter=userName%20eq%20%22nobody%22",
            "",
        )
        .await;
    let full = format!(
        r#"{{"schemas":["{USER}","{ENTERPRISE}"],"userName":"Ada+1","externalId":"e1","active":true,"password":"pw","title":"x","nickName":"n",
        "name":{{"givenName":"A","familyName":"L"}},"roles":[{{"value":"r","primary":true}}],
        "emails":[{{"value":"ada@example.com","type":"work","primary":true}}],"{ENTERPRISE}":{{"department":"d"}}}}"#
    );
    let ada = steps.call("create", "POST", "/Users", &full).await;
    let ada_path = format!("/Users/{ada}");
    let ada_path = ada_path.as_str();
    steps.call("read", "GET", ada_path, "").await;
    let media = ("content-type", "application/scim+json");
    let second = r#"{"userName":"bob","active":true,"name":{"familyName":"B"}}"#;
    let bob = steps
        .send(
            "create with type",
            "POST",
            "/Users",
            second,
            &[auth, media, ("user-agent", "x")],
        )
        .await;
    steps.call("create again", "POST", "/Users", second).await;
    steps
        .call(
            "create in other case",
            "POST",
            "/Users",
            &second.replace("bob", "BOB"),
        )
        .await;
    steps
        .call(
            "create without name",
            "POST",
            "/Users",
            r#"{"name":{"familyName":"B"}}"#,
        )
        .await;
    steps
        .call(
            "create without family name",
            "POST",
            "/Users",
            r#"{"userName":"min"}"#,
        )
        .await;
    steps
        .call(
            "create with null",
            "POST",
            "/Users",
            r#"{"userName":"nul","name":{"familyName":"B"},"nickName":null}"#,
        )
        .await;
    let twin = r#"{"userName":"twin","name":{"familyName":"B"},"externalId":"e1"}"#;
    steps
        .call("create with used externalId", "POST", "/Users", twin)
        .await;
    let manager = format!(
        r#"{{"userName":"sub","name":{{"familyName":"B"}},"{ENTERPRISE}":{{"manager":"m"}}}}"#
    );
    steps
        .call("create with manager text", "POST", "/Users", &manager)
        .await;
    let same_address = r#"{"userName":"eve","externalId":"e2","name":{"familyName":"E"},"emails":[{"value":"ADA@example.com"}]}"#;
    steps
        .call("create with used address", "POST", "/Users", same_address)
        .await;
    for (name, filter) in [
        ("by userName", r#"userName eq "bob""#),
        ("by userName in other case", r#"userName eq "BOB""#),
        ("by userName with plus", r#"userName eq "Ada+1""#),
        ("by userName with apostrophe", r#"userName eq "o'neil""#),
        ("by userName with blank", r#"userName eq "a b""#),
        ("by externalId", r#"externalId eq "e1""#),
        ("by boolean", "active eq true"),
        ("by two", r#"userName eq "bob" and active eq false"#),
        ("by title", r#"title eq "x""#),
        ("by wildcard", r#"userName eq "*""#),
        ("by unknown operator", r#"userName like "x""#),
        (
            "by deep filter",
            &format!("{}title pr{}", "(".repeat(25), ")".repeat(25)),
        ),
    ] {
        let filter =
            percent_encoding::utf8_percent_encode(filter, percent_encoding::NON_ALPHANUMERIC);
        steps
            .call(
                name,
                "GET",
                &format!("/Users?filter={filter}&attributes=userName"),
                "",
            )
            .await;
    }
    steps
        .call("page 1", "GET", "/Users?startIndex=1&count=2", "")
        .await;
    steps
        .call("page 2", "GET", "/Users?startIndex=3&count=2", "")
        .await;
    steps
        .call(
            "page past the end",
            "GET",
            "/Users?startIndex=99&count=2",
            "",
        )
        .await;
    steps
        .call(
            "some attributes",
            "GET",
            &format!("{ada_path}?attributes=title"),
            "",
        )
        .await;
    for (name, operations) in [
        (
            "patch title",
            r#"{"op":"replace","path":"title","value":"y"}"#,
        ),
        (
            "patch with Replace",
            r#"{"op":"Replace","path":"title","value":"z"}"#,
        ),
        (
            "patch in other case",
            r#"{"op":"replace","path":"TITLE","value":"zz"}"#,
        ),
        (
            "patch without path",
            r#"{"op":"replace","value":{"displayName":"D"}}"#,
        ),
        (
            "patch dotted",
            &format!(
                r#"{{"op":"add","value":{{"name.middleName":"M","{ENTERPRISE}:division":"v"}}}}"#
            ),
        ),
        (
            "patch two",
            r#"{"op":"replace","path":"title","value":"one"},{"op":"replace","path":"title","value":"two"}"#,
        ),
        ("patch add", r#"{"op":"add","path":"locale","value":"en"}"#),
        (
            "patch value path",
            r#"{"op":"replace","path":"emails[type eq \"work\"].value","value":"w@example.com"}"#,
        ),
        (
            "patch value path new",
            r#"{"op":"add","path":"emails[type eq \"home\"].value","value":"h@example.com"},{"op":"add","path":"emails[type eq \"home\"].display","value":"H"}"#,
        ),
        (
            "patch add email",
            r#"{"op":"add","path":"emails","value":[{"value":"o@example.com","type":"other"}]}"#,
        ),
        (
            "patch primary",
            r#"{"op":"replace","path":"emails[type eq \"home\"].primary","value":true}"#,
        ),
        (
            "patch object",
            r#"{"op":"replace","path":"name","value":{"givenName":"G"}}"#,
        ),
        (
            "patch manager text",
            &format!(r#"{{"op":"replace","path":"{ENTERPRISE}:manager","value":"m"}}"#),
        ),
        (
            "patch remove with value",
            r#"{"op":"remove","path":"locale","value":"fr"}"#,
        ),
        (
            "patch roles",
            r#"{"op":"replace","path":"roles","value":[{"value":"s"}]}"#,
        ),
        (
            "patch unknown",
            r#"{"op":"replace","path":"nothing","value":"x"}"#,
        ),
        (
            "patch readonly",
            r#"{"op":"replace","path":"meta","value":{}}"#,
        ),
        (
            "patch readonly in capitals",
            r#"{"op":"replace","path":"META","value":{}}"#,
        ),
        (
            "patch failing",
            r#"{"op":"replace","path":"nickName","value":"half"},{"op":"replace","path":"userName","value":""}"#,
        ),
        (
            "patch text boolean",
            r#"{"op":"replace","path":"active","value":"False"}"#,
        ),
        (
            "patch reactivate",
            r#"{"op":"replace","path":"active","value":true}"#,
        ),
        (
            "patch deactivate and rename",
            r#"{"op":"replace","path":"active","value":false},{"op":"replace","path":"userName","value":"Ada+2"}"#,
        ),
    ] {
        let body = format!(r#"{{"schemas":["{PATCH}"],"Operations":[{operations}]}}"#);
        steps.call(name, "PATCH", ada_path, &body).await;
        steps
            .call(&format!("{name}: read"), "GET", ada_path, "")
            .await;
    }
    let bare = r#"{"Operations":[{"op":"replace","path":"title","value":"bare"}]}"#;
    steps
        .call("patch without schemas", "PATCH", ada_path, bare)
        .await;
    steps
        .call(
            "find inactive",
            "GET",
            "/Users?filter=userName%20eq%20%22ada%2B2%22",
            "",
        )
        .await;
    let put = r#"{"userName":"Ada+3","displayName":"Put","name":{"familyName":"L"},"active":true}"#;
    steps.call("put reactivates", "PUT", ada_path, put).await;
    steps
        .call(
            "put without active",
            "PUT",
            ada_path,
            &put.replace(r#","active":true"#, ""),
        )
        .await;
    steps
        .call(
            "put text boolean",
            "PUT",
            ada_path,
            &put.replace(":true", ":\"False\""),
        )
        .await;
    let ada = steps
        .call(
            "read after put",
            "GET",
            "/Users?filter=userName%20eq%20%22ada%2B3%22",
            "",
        )
        .await;
    let ada = if ada.is_empty() { bob.clone() } else { ada };
    let ada_path = &format!("/Users/{ada}");
    steps
        .send(
            "stale put",
            "PUT",
            ada_path,
            put,
            &[auth, ("if-match", "W/\"0\"")],
        )
        .await;
    let echo = put.replace(
        r#"{"userName""#,
        r#"{"meta":{"resourceType":"User"},"userName""#,
    );
    steps.call("put with meta", "PUT", ada_path, &echo).await;

    let app = Target {
        server: t.server.clone(),
        base: "/t/t1/app".to_owned(),
    };
    let login = app
        .send("POST", "/login", r#"{"userName":"bob"}"#, &[auth])
        .await;
    let session = format!("Bearer {}", login.text_at(&["session"]));
    let session = [("authorization", session.as_str())];
    let made = app.send("POST", "/tokens", "", &session).await;
    let token = format!("Bearer {}", made.text_at(&["token"]));
    let token = [("authorization", token.as_str())];
    let path = format!("/Users/{bob}");
    for (active, when) in [(false, "while inactive"), (true, "from before")] {
        let op = format!(r#"{{"op":"replace","path":"active","value":{active}}}"#);
        t.patch(&path, &op).await;
        for (name, credential) in [("session", session), ("token", token)] {
            let answer = app.send("GET", "/me", "", &credential).await;
            let seen = (format!("{name} {when}"), format!("{answer:?}"));
            steps.seen.push(seen);
        }
        let answer = app
            .send("POST", "/login", r#"{"userName":"bob"}"#, &[auth])
            .await;
        let seen = (
            format!("sign in, active {active}"),
            answer.status.to_string(),
        );
        steps.seen.push(seen);
    }
    let secret = r#"{"op":"add","path":"password","value":"pw"}"#;
    t.patch(&path, secret).await;
    let by_password = r#"{"userName":"bob","password":"pw"}"#;
    let answer = app.send("POST", "/login", by_password, &[]).await;
    let seen = ("sign in by password".to_owned(), answer.status.to_string());
    steps.seen.push(seen);
    let login = app
        .send("POST", "/login", r#"{"userName":"bob"}"#, &[auth])
        .await;
    let session = format!("Bearer {}", login.text_at(&["session"]));
    let session = [("authorization", session.as_str())];
    let body = format!(r#"{{"displayName":"role","members":[{{"value":"{bob}"}}]}}"#);
    let role = t.call("POST", "/Groups", &body).await.id();
    app.send("GET", "/me", "", &session).await;
    t.call("DELETE", &format!("/Groups/{role}"), "").await;
    let answer = app.send("GET", "/me", "", &session).await;
    let seen = ("roles after the group".to_owned(), format!("{answer:?}"));
    steps.seen.push(seen);

    let member = |id: &str| format!(r#"[{{"value":"{id}"}}]"#);
    let outer = format!(r#"{{"displayName":"one","members":{}}}"#, member(&bob));
    steps
        .call("create group of one", "POST", "/Groups", &outer)
        .await;
    let body =
        format!(r#"{{"displayName":"g","members":[{{"value":"{ada}"}},{{"value":"{bob}"}}]}}"#);
    let group = steps.call("create group", "POST", "/Groups", &body).await;
    let path = &format!("/Groups/{group}");
    steps
        .call(
            "create group again",
            "POST",
            "/Groups",
            r#"{"displayName":"g"}"#,
        )
        .await;
    let nested = format!(r#"{{"displayName":"n","members":{}}}"#, member(&group));
    steps
        .call("create nested group", "POST", "/Groups", &nested)
        .await;
    steps.call("list groups", "GET", "/Groups", "").await;
    steps
        .call(
            "group without members",
            "GET",
            &format!("{path}?excludedAttributes=members"),
            "",
        )
        .await;
    let carl = steps
        .call(
            "third user",
            "POST",
            "/Users",
            r#"{"userName":"carl","name":{"familyName":"C"}}"#,
        )
        .await;
    let both =
        [&ada, &bob].map(|id| format!(r#"{{"op":"remove","path":"members[value eq \"{id}\"]"}}"#));
    for (name, operations) in [
        (
            "add member",
            format!(
                r#"{{"op":"add","path":"members","value":{}}}"#,
                member(&carl)
            ),
        ),
        (
            "add member again",
            format!(
                r#"{{"op":"add","path":"members","value":{}}}"#,
                member(&carl)
            ),
        ),
        (
            "remove member by filter",
            format!(r#"{{"op":"remove","path":"members[value eq \"{carl}\"]"}}"#),
        ),
        (
            "add member back",
            format!(
                r#"{{"op":"add","path":"members","value":{}}}"#,
                member(&carl)
            ),
        ),
        ("remove two members", both.join(",")),
        (
            "replace members",
            format!(
                r#"{{"op":"replace","path":"members","value":[{{"value":"{ada}"}},{{"value":"{bob}"}}]}}"#
            ),
        ),
        (
            "remove member by value",
            format!(
                r#"{{"op":"remove","path":"members","value":{}}}"#,
                member(&ada)
            ),
        ),
        (
            "add unknown member",
            r#"{"op":"add","path":"members","value":[{"value":"nobody"}]}"#.to_owned(),
        ),
        (
            "replace with unknown member",
            r#"{"op":"replace","path":"members","value":[{"value":"nobody"}]}"#.to_owned(),
        ),
        (
            "rename group",
            r#"{"op":"replace","value":{"displayName":"g2"}}"#.to_owned(),
        ),
    ] {
        let body = format!(r#"{{"schemas":["{PATCH}"],"Operations":[{operations}]}}"#);
        steps.call(name, "PATCH", path, &body).await;
        steps.call(&format!("{name}: read"), "GET", path, "").await;
    }
    let put = format!(r#"{{"displayName":"g2","members":{}}}"#, member(&carl));
    steps.call("put group", "PUT", path, &put).await;
    steps
        .call(
            "by displayName",
            "GET",
            "/Groups?filter=displayName%20eq%20%22g2%22",
            "",
        )
        .await;
    steps.call("read group", "GET", path, "").await;
    steps
        .call("delete", "DELETE", &format!("/Users/{carl}"), "")
        .await;
    steps
        .call("delete again", "DELETE", &format!("/Users/{carl}"), "")
        .await;
    steps
        .call("read deleted", "GET", &format!("/Users/{carl}"), "")
        .await;
    steps.call("delete group", "DELETE", path, "").await;
    steps.call("read deleted group", "GET", path, "").await;
    let group = r#"{"displayName":"Habits"}"#;
    let id = steps.call("create habits", "POST", "/Groups", group).await;
    for (name, value) in [
        ("name again", r#"{"displayName":"Habits"}"#.to_owned()),
        (
            "name with id",
            format!(r#"{{"id":"{id}","displayName":"Old habits"}}"#),
        ),
    ] {
        let body = format!(
            r#"{{"schemas":["{PATCH}"],"Operations":[{{"op":"replace","value":{value}}}]}}"#
        );
        steps
            .call(name, "PATCH", &format!("/Groups/{id}"), &body)
            .await;
    }
    let elsewhere = ("x-forwarded-host", "elsewhere.example.com");
    let path = format!("/Groups/{id}");
    steps
        .send("forwarded", "GET", &path, "", &[auth, elsewhere])
        .await;
    for (name, operations, blanks) in [("many operations", 11, 0), ("many bytes", 1, 20_000)] {
        let one = r#"{"method":"DELETE","path":"/Users/nobody"}"#;
        let body = format!(
            r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[{}]}}{}"#,
            vec![one; operations].join(","),
            " ".repeat(blanks)
        );
        steps.call(name, "POST", "/Bulk", &body).await;
    }
    if large {
        let many: Vec<String> = {
            let mut ids = Vec::new();
            for n in 0..101 {
                let body = format!(r#"{{"userName":"many{n}","name":{{"familyName":"M"}}}}"#);
                ids.push(format!(
                    r#"{{"value":"{}"}}"#,
                    t.call("POST", "/Users", &body).await.id()
                ));
            }
            ids
        };
        let body = format!(
            r#"{{"displayName":"large","members":[{}]}}"#,
            many.join(",")
        );
        let large = t.call("POST", "/Groups", &body).await.id();
        let body = format!(
            r#"{{"Operations":[{{"op":"add","path":"members","value":{}}}]}}"#,
            member(&bob)
        );
        t.call("PATCH", &format!("/Groups/{large}"), &body).await;
        steps
            .call("large group", "GET", &format!("/Groups/{large}"), "")
            .await;
    }
    steps.seen
}

struct Steps<'a> {
    t: &'a Target,
    seen: Vec<(String, String)>,
}

impl Steps<'_> {
    async fn call(&mut self, name: &str, method: &str, path: &str, body: &str) -> String {
        let headers = [("authorization", "Bearer tok"), ("user-agent", "x")];
        self.send(name, method, path, body, &headers).await
    }

    /// Notes a request's answer and returns the id in it, of a list the first.
    async fn send(
        &mut self,
        name: &str,
        method: &str,
        path: &str,
        body: &str,
        headers: &[(&str, &str)],
    ) -> String {
        let answer = self.t.send(method, path, body, headers).await;
        let seen = format!("{} {:?} {}", answer.status, answer.headers, answer.text);
        self.seen.push((name.to_owned(), seen));
        let json = Value::parse(&answer.text).unwrap_or(Value::Null);
        let first = json.get("Resources").and_then(|r| r.as_array()?.first());
        let id = first.unwrap_or(&json).get("id").and_then(Value::as_str);
        id.unwrap_or_default().to_owned()
    }
}

#[tokio::test]
async fn every_fault_in_every_mode_shows_first_where_it_should() {
    let clean = transcript(&Target::new(), true).await;
    let again = transcript(&Target::new(), true).await;
    assert_eq!(clean, again, "the same requests get the same answers");
    let decided = decision::transcript(&Target::new()).await;
    let mut shown = String::new();
    for fault in ALL {
        for mode in fault.modes {
            let choice = format!("{}={mode}", fault.id);
            let large = fault.id == "members-truncated-then-deleted";
            let faulty = transcript(&Target::with(Leniency::default(), &[&choice]), large).await;
            let step = match difference(&clean, &faulty) {
                Some(step) => step,
                // What the product decides by itself, no client of SCIM sees.
                None => {
                    let target = Target::with(Leniency::default(), &[&choice]);
                    difference(&decided, &decision::transcript(&target).await).unwrap_or("NOTHING")
                }
            };
            shown.push_str(&format!("{choice}: {step}\n"));
        }
    }
    assert_eq!(shown, SHOWN);
}

/// The first step that is not the same.
fn difference<'s>(clean: &'s [(String, String)], faulty: &[(String, String)]) -> Option<&'s str> {
    let mut pairs = clean.iter().zip(faulty);
    let first = pairs.find(|(a, b)| a.1 != b.1);
    first.map(|(step, _)| step.0.as_str())
}

/// Where each fault is seen first. One shows nothing to requests that come one after the other, and must not; those between
/// tenants show nothing to one customer.
const SHOWN: &str = include_str!("fault_shown.txt");
