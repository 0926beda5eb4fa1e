//! Every answer of `okta/4.5`, `okta/5.4`, `okta/6.4` and `okta/8.4` to every step: what Okta asks next, or that it stops.

use std::sync::Arc;
use std::time::Duration;

use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Respond, ResponseTemplate};

use super::*;
use crate::directory::UnlinkChoice;
use crate::idp::Outcome;
use crate::idp::script::wire;
use crate::wire::transport::{Live, Target as Url, TlsOptions};
use crate::wire::{Disturbance, Injected, On};

/// An answer by its name in the table.
fn act(text: &str) -> Act {
    let (status, name) = text.split_once(' ').unwrap();
    let status = status.parse().unwrap();
    let header = |value: &str| Act::Header(status, "Retry-After", value.to_owned());
    let list = |total: &str, resources: &str| {
        format!(
            r#"{{"totalResults":{total},"startIndex":1,"itemsPerPage":1,"Resources":[{resources}]}}"#
        )
    };
    let body = match name {
        "nothing" => String::new(),
        "html" => "<html><h1>Oops</h1></html>".to_owned(),
        "error" => r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"detail":"no <b>way</b>","status":"400"}"#.to_owned(),
        "nobody" => list("0", ""),
        "ada" => list("1", r#"{"id":"u1","active":true}"#),
        "idle" => list("1", r#"{"id":"u1","active":false}"#),
        "stranger" => list("1", r#"{"id":"x9","active":true}"#),
        "idle-stranger" => list("1", r#"{"id":"x9","active":false}"#),
        "two" => list("2", r#"{"id":"x8"},{"id":"x9"}"#),
        "one-of-many" => list("50", r#"{"id":"x9"}"#),
        "nameless" => list("1", r#"{"userName":"ada@example.com"}"#),
        "claimed" => list("1", ""),
        "text-counters" => list(r#""1""#, r#"{"id":"x9"}"#),
        "no-counters" => r#"{"Resources":[{"id":"x9"}]}"#.to_owned(),
        "new" | "user" => r#"{"id":"u1","userName":"ada@example.com","active":true}"#.to_owned(),
        "idle-user" => r#"{"id":"u1","userName":"ada@example.com","active":false}"#.to_owned(),
        "user-without-id" => r#"{"userName":"ada@example.com"}"#.to_owned(),
        "group" => r#"{"id":"g1","displayName":"Engineering","members":[]}"#.to_owned(),
        "bare-group" => r#"{"id":"g1","displayName":"Engineering","members":null}"#.to_owned(),
        "after-0" => return header("0"),
        "after-60" => return header("60"),
        "after-date" => return header("Sun, 06 Nov 1994 08:49:37 GMT"),
        other => panic!("no answer is called {other}"),
    };
    Act::Answer(status, body)
}

/// What an event needs before it, and the event.
fn event(name: &str) -> (Vec<Event>, Event) {
    let push = || Event::PushGroup(engineering());
    let pushed = || vec![leave("bob"), assign("ada"), assign("bob"), push()];
    match name {
        "assign" => (Vec::new(), assign("ada")),
        "update" => {
            let change = update("ada", [(Attribute::Family, Some("King"))]);
            (vec![assign("ada")], change)
        }
        "unassign" => (vec![assign("ada")], unassign("ada")),
        "reassign" => (vec![assign("ada"), unassign("ada")], assign("ada")),
        "push" => (vec![assign("ada")], push()),
        "join" => (pushed(), join("bob")),
        "rename" => (pushed(), rename("Research")),
        "push-now" => (pushed(), Event::PushNow(engineering())),
        "delete" => {
            let group = engineering();
            let choice = UnlinkChoice::Delete;
            (pushed(), Event::Unlink { group, choice })
        }
        "import" => (Vec::new(), Event::Import),
        "test" => (Vec::new(), Event::TestConnection),
        other => panic!("no event is called {other}"),
    }
}

impl Respond for TargetOnWire {
    fn respond(&self, request: &wiremock::Request) -> ResponseTemplate {
        let query = request.url.query().map(|q| format!("?{q}"));
        let method = ["GET", "POST", "PUT", "PATCH", "DELETE"]
            .into_iter()
            .find(|method| *method == request.method.as_str())
            .unwrap();
        let act = self.0.answer(Outgoing {
            method,
            path: format!("{}{}", request.url.path(), query.unwrap_or_default()),
            headers: Vec::new(),
            body: None,
        });
        match act {
            Act::Answer(status, body) => ResponseTemplate::new(status).set_body_string(body),
            Act::Header(status, name, value) => {
                ResponseTemplate::new(status).insert_header(name, value)
            }
            Act::Fail(_) => panic!("a server of this kind cannot break a connection"),
        }
    }
}

/// The target of a test, behind a socket.
struct TargetOnWire(Arc<Target>);

async fn on_a_socket(profile: Profile) -> (Stage, MockServer) {
    let target = Arc::<Target>::default();
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(TargetOnWire(Arc::clone(&target)))
        .mount(&server)
        .await;
    let url = Url::parse(&server.uri()).unwrap();
    let live = Live::new(&url, &TlsOptions::default(), 1 << 20).unwrap();
    let wire = wire(Arc::new(live), Script::new([]), "okta");
    (Stage::before(profile, target, wire), server)
}

#[tokio::test]
async fn every_answer_leads_to_the_request_or_the_stop_that_the_sources_tell() {
    let table = include_str!("../../../../fixtures/idp/okta/answers.txt");
    let rows = table
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut count = 0;
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let [app, name, answers, requests, end] = cells[..] else {
            panic!("a row has five cells: {row}");
        };
        for (id, profile) in [
            ("custom", Profile::CustomApp),
            ("catalog", Profile::CatalogApp),
            ("agent", Profile::OnPremAgent),
        ] {
            if app != id && !(app == "both" && id != "agent") {
                continue;
            }
            count += 1;
            let row = format!("{id}: {name} with {answers}");
            let (mut stage, _server) = on_a_socket(profile).await;
            let (before, event) = event(name);
            for event in &before {
                stage.step(std::slice::from_ref(event)).await;
            }
            stage.target.take();
            stage.target.next(answers.split(", ").map(act));
            let reports = stage.step(std::slice::from_ref(&event)).await;
            let wanted: Vec<&str> = requests.split(", ").collect();
            assert_eq!(stage.target.lines(), wanted, "{row}");
            stage.target.answers.lock().unwrap().clear();
            let outcome = &reports[0].outcome;
            let (kind, retry) = end.split_once(", ").unwrap_or((end, ""));
            match (kind, outcome) {
                ("done", Outcome::Done | Outcome::Imported { .. }) => {}
                ("doubt", Outcome::Inconclusive { why }) => assert!(why.contains("--max-wait")),
                (
                    "stop",
                    Outcome::Stopped {
                        why, admin_sees, ..
                    },
                ) => {
                    assert!(!why.is_empty() && !admin_sees.is_empty(), "{row}");
                    stage.step(&[Event::RetryTasks]).await;
                    let first = stage.target.lines();
                    let first = first.first().map_or("nothing", String::as_str);
                    assert_eq!(first, retry, "{row}: the retry");
                }
                _ => panic!("{row}: {outcome:?} where {kind} is wanted"),
            }
        }
    }
    assert!(count >= 60, "{count} rows were played");
}

/// What is injected is waited out on the virtual clock, so that its doubling can be seen.
#[tokio::test]
async fn a_429_is_waited_out_doubled_and_given_up_after_ten_retries() {
    for (header, times, waited, done) in [
        (None, 1, 300, true),
        (None, 3, 300 + 600 + 1200, true),
        (Some("30"), 1, 30, true),
        (Some("30"), 3, 30 + 60 + 120, true),
        (Some("1.5"), 1, 300, true),
        (Some("soon"), 1, 300, true),
        (None, 10, 300 * 1023, true),
        (None, 11, 300 * 1023, false),
    ] {
        let mut stage = Stage::new(Profile::CustomApp);
        stage.wire.disturb(Disturbance {
            on: On {
                method: Some(Method::Post),
                path: None,
            },
            what: Injected::Answer {
                status: 429,
                retry_after: header.map(str::to_owned),
            },
            times,
        });
        let reports = stage.step(&[assign("ada")]).await;
        let skipped = stage.wire.clock().skipped();
        assert_eq!(skipped, Duration::from_secs(waited), "{header:?} {times}");
        // The target sees the lookup that begins every try, and the POST that is not answered in its place.
        let mut wanted = vec!["L"; usize::try_from(times).unwrap()];
        if done {
            wanted.extend(["L", "POST /Users"]);
        }
        assert_eq!(stage.target.lines(), wanted, "{header:?} {times}");
        assert_eq!(reports[0].outcome == Outcome::Done, done);
    }
}

#[tokio::test]
async fn a_lost_answer_leaves_a_task_and_nobody_is_created_twice() {
    for profile in [Profile::CustomApp, Profile::CatalogApp] {
        let mut stage = Stage::new(profile);
        stage.wire.disturb(Disturbance {
            on: On {
                method: Some(Method::Post),
                path: None,
            },
            what: Injected::AnswerLost,
            times: 1,
        });
        let reports = stage.step(&[assign("ada")]).await;
        assert!(matches!(reports[0].outcome, Outcome::Stopped { .. }));
        assert_eq!(stage.target.lines(), ["L", "POST /Users"]);
        stage
            .target
            .next([act("200 ada"), act("200 user"), act("200 user")]);
        let reports = stage.step(&[Event::RetryTasks]).await;
        assert_eq!(reports[0].outcome, Outcome::Done);
        assert_eq!(
            stage.target.lines(),
            ["L", "GET /Users/u1", "PUT /Users/u1"]
        );
        let reports = stage.step(&[Event::RetryTasks]).await;
        assert!(matches!(reports[0].outcome, Outcome::SendsNothing { .. }));
    }
}

#[tokio::test]
async fn a_connection_that_breaks_at_the_lookup_is_retried_from_the_lookup() {
    let mut stage = Stage::new(Profile::CustomApp);
    stage
        .target
        .next([Act::Fail(crate::wire::FailureKind::Unreachable)]);
    let reports = stage.step(&[assign("ada")]).await;
    let Outcome::Stopped { basis, .. } = &reports[0].outcome else {
        panic!("{reports:?}");
    };
    assert_eq!(basis.fact, "corrections/OK-12");
    stage.target.take();
    stage.step(&[Event::RetryTasks]).await;
    assert_eq!(stage.target.lines(), ["L", "POST /Users"]);
}

#[tokio::test]
async fn a_failed_deactivation_does_not_keep_the_person_assigned() {
    for profile in [Profile::CustomApp, Profile::CatalogApp] {
        let mut stage = Stage::new(profile);
        stage.step(&[assign("ada")]).await;
        stage.target.take();
        stage.target.next([act("404 error")]);
        stage.step(&[unassign("ada")]).await;
        stage.target.take();
        stage.target.next([
            act("200 nobody"),
            Act::Answer(201, r#"{"id":"u7"}"#.to_owned()),
        ]);
        stage.step(&[assign("ada")]).await;
        assert_eq!(stage.target.lines(), ["L", "POST /Users"]);
        stage
            .step(&[update("ada", [(Attribute::Title, Some("Analyst"))])])
            .await;
        assert_eq!(stage.target.lines(), ["GET /Users/u7", "PUT /Users/u7"]);
    }
}

#[tokio::test]
async fn a_mapping_in_error_takes_no_change_until_somebody_retries_and_then_all_of_them() {
    let mut stage = Stage::new(Profile::CatalogApp);
    for event in [
        assign("ada"),
        assign("bob"),
        Event::PushGroup(engineering()),
    ] {
        stage.step(&[event]).await;
    }
    stage.target.take();
    stage.target.next([act("400 error")]);
    stage.step(&[leave("ada")]).await;
    assert_eq!(stage.target.lines(), ["PATCH /Groups/g1"]);
    for event in [leave("bob"), join("ada"), rename("Research")] {
        let reports = stage.step(&[event]).await;
        assert!(matches!(reports[0].outcome, Outcome::SendsNothing { .. }));
    }
    assert_eq!(stage.target.lines(), [""; 0]);
    stage.step(&[Event::RetryTasks]).await;
    let sent = stage.target.take();
    let bodies: Vec<&str> = sent.iter().filter_map(|r| r.body.as_deref()).collect();
    assert_eq!(
        bodies,
        [
            r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"remove","path":"members[value eq \"u2\"]"},{"op":"add","path":"members","value":[{"value":"u1","display":"ada@example.com"}]}]}"#,
            r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{"op":"replace","value":{"id":"g1","displayName":"Research"}}]}"#,
        ]
    );
}
