//! What an administrator may set in the console, and what the tape says of each exchange.

use super::*;
use crate::directory::{Mapping, Matching, Source, Subject};
use crate::idp::good::Good;
use crate::idp::stage::Stage;
use crate::wire::transport::Transport;

async fn stage(good: &Good) -> Stage {
    let mut ada = person(
        "ada",
        &[
            (Attribute::Email, "mail@example.com"),
            (Attribute::MailNickname, "ada l"),
        ],
    );
    ada.manager = Some(key("bob"));
    let job = dialect(Settings::unflagged(), setup());
    let groups = [team("The \"A\" Team's", &["ada"])];
    let wire = good.wire("entra");
    Stage::new(job, Family::Entra, wire, &[ada, bob()], &groups)
}

#[tokio::test]
async fn the_matching_attribute_decides_what_is_looked_for() {
    for (matching, wanted) in [
        (Matching::UserName, "userName+eq+%22ada%40example.com%22"),
        (Matching::ExternalId, "externalId+eq+%22ada+l%22"),
        (
            Matching::WorkEmail,
            "emails%5Btype+eq+%22work%22%5D.value+eq+%22mail%40example.com%22",
        ),
    ] {
        let good = Good::start().await;
        let mut stage = stage(&good).await;
        stage.now.settings.matching = matching;
        stage.step(&[Event::TestConnection]).await;
        let found = stage.find_person("ada");
        assert_eq!(found.target, format!("/Users?filter={wanted}"));
        let group = stage.find_group("team");
        assert_eq!(
            group.target,
            "/Groups?excludedAttributes=members&filter=displayName+eq+%22The+%5C%22A%5C%22+Team%27s%22"
        );
    }
}

#[tokio::test]
async fn whoever_has_no_matching_value_is_not_looked_for() {
    let good = Good::start().await;
    let mut stage = stage(&good).await;
    stage.now.settings.matching = Matching::WorkEmail;
    let reports = stage.step(&[assign("bob")]).await;
    assert_eq!(good.take().len(), 2, "the probes alone");
    let Outcome::Stopped {
        exchange,
        admin_sees,
        ..
    } = &reports[1].outcome
    else {
        panic!("{reports:#?}");
    };
    assert!(exchange.is_none() && admin_sees.contains("MissingValues"));
}

#[tokio::test]
async fn whoever_leaves_the_scope_is_skipped_or_deleted_where_the_job_says_so() {
    let after: [(Event, &[&str]); 2] = [
        (Event::Unassign(key("bob")), &[]),
        (
            Event::Deactivate(key("bob")),
            &["GET /Users/u1", "PATCH /Users/u1"],
        ),
    ];
    for (leave, wanted) in after {
        let good = Good::start().await;
        let mut stage = stage(&good).await;
        stage.now.settings.skip_out_of_scope = true;
        stage.step(&[assign("bob")]).await;
        good.take();
        stage.step(&[leave]).await;
        let sent = good.take();
        let of_bob: Vec<_> = sent.iter().filter(|line| line.contains("/u1")).collect();
        assert_eq!(of_bob, wanted, "{sent:?}");
    }
}

#[tokio::test]
async fn without_an_active_mapping_whoever_leaves_is_deleted() {
    for leave in [Event::Unassign(key("bob")), Event::Deactivate(key("bob"))] {
        let good = Good::start().await;
        let mut stage = stage(&good).await;
        stage.now.settings.soft_delete = false;
        stage.step(&[assign("bob")]).await;
        good.take();
        stage.step(&[leave]).await;
        assert_eq!(good.take()[2..], ["DELETE /Users/u1"]);
        stage
            .step(&[assign("bob"), Event::Reactivate(key("bob"))])
            .await;
        assert_eq!(good.take()[2], "GET /Users?", "matched anew");
    }
}

#[tokio::test]
async fn a_custom_extension_comes_last_and_is_not_listed() {
    let urn = "urn:ietf:params:scim:schemas:extension:acme:2.0:User";
    let lines = vec![
        super::super::attribute::Line {
            place: format!("{urn}:badge").parse().unwrap(),
            value: super::super::attribute::Wanted::Text("7".to_owned()),
        },
        super::super::attribute::Line {
            place: "userName".parse().unwrap(),
            value: super::super::attribute::Wanted::Text("ada".to_owned()),
        },
    ];
    let body = super::super::body::user(&lines, None, None, &Settings::unflagged()).to_string();
    let wanted = format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"],"userName":"ada","meta":{{"resourceType":"User"}},"{urn}":{{"badge":"7"}}}}"#
    );
    assert_eq!(body, wanted);
}

#[tokio::test]
async fn what_the_job_may_not_do_it_does_not_send() {
    let good = Good::start().await;
    let mut stage = stage(&good).await;
    stage.now.settings.features.create = false;
    stage.step(&[assign("bob")]).await;
    assert_eq!(good.take()[2..], ["GET /Users?"]);
    stage.now.settings.features.create = true;
    stage
        .step(&[update("bob", &[(Attribute::Title, Some("x"))])])
        .await;
    good.take();
    stage.now.settings.features.update = false;
    stage.now.settings.features.deactivate = false;
    stage
        .step(&[update("bob", &[(Attribute::Title, Some("y"))])])
        .await;
    assert_eq!(good.take()[2..], ["GET /Users/u1"]);
    stage.step(&[Event::Unassign(key("bob"))]).await;
    assert_eq!(good.take()[2..], ["GET /Users/u1"]);
    stage.now.settings.features.push_groups = false;
    stage.step(&[Event::PushGroup(GroupKey::new("team"))]).await;
    assert_eq!(good.take().len(), 2, "the probes alone");
    stage.now.provisioning = false;
    let reports = stage.step(&[assign("ada")]).await;
    assert!(matches!(reports[0].outcome, Outcome::SendsNothing { .. }));
    assert!(good.take().is_empty());
}

#[tokio::test]
async fn a_constant_is_sent_like_any_value() {
    let good = Good::start().await;
    let mut stage = stage(&good).await;
    let mapping = Mapping {
        source: Source::Constant("staff".to_owned()),
        place: "userType".parse().unwrap(),
    };
    stage.now.settings.mappings.push(mapping);
    stage.step(&[assign("bob")]).await;
    good.take();
    assert_eq!(
        good.user(0).get("userType").and_then(|v| v.as_str()),
        Some("staff")
    );
}

#[tokio::test]
async fn a_cycle_takes_its_time_from_the_virtual_clock() {
    let good = Good::start().await;
    let mut stage = stage(&good).await;
    stage.step(&[Event::Cycle]).await;
    assert_eq!(stage.wire.clock().skipped().as_secs(), 40 * 60);
    good.take();
    stage.step(&[Event::Wait { seconds: 60 }]).await;
    assert!(good.take().is_empty(), "no cycle is due within a minute");
    stage.step(&[Event::Wait { seconds: 2400 }]).await;
    assert_eq!(good.take().len(), 2);
    assert_eq!(
        stage.wire.clock().skipped().as_secs(),
        40 * 60 + 60 + 2400,
        "who waits has waited"
    );
}

#[tokio::test]
async fn every_exchange_says_whose_job_it_is() {
    use crate::idp::script::{Act, Script, wire};
    let mut made = 0;
    let script = Script::answering(move |request| match request.method {
        "POST" => {
            made += 1;
            Act::Answer(201, format!(r#"{{"id":"r{made}"}}"#))
        }
        "GET" => Act::Answer(200, r#"{"totalResults":0}"#.to_owned()),
        _ => Act::Answer(204, String::new()),
    });
    let transport: std::sync::Arc<dyn Transport> = script.clone();
    let wire = wire(transport, script.clone(), "entra");
    let job = dialect(Settings::unflagged(), setup());
    let mut ada = ada();
    ada.manager = Some(key("bob"));
    let groups = [team("Engineering", &["ada"])];
    let mut stage = Stage::new(job, Family::Entra, wire, &[ada, bob()], &groups);
    let team = GroupKey::new("team");
    let events = [assign("ada"), assign("bob"), Event::PushGroup(team.clone())];
    stage.step(&events).await;
    let tape = script.tape();
    let said: Vec<(&str, Option<Subject>)> = tape
        .iter()
        .map(|sent| (sent.by.job.as_str(), sent.by.subject.clone()))
        .collect();
    let (ada, bob) = (Subject::Person(key("ada")), Subject::Person(key("bob")));
    let team = Subject::Group(team);
    let wanted = [
        ("probe", None),
        ("probe", None),
        ("create user", Some(ada.clone())),
        ("create user", Some(ada.clone())),
        ("create user", Some(bob.clone())),
        ("create user", Some(bob)),
        ("create group", Some(team.clone())),
        ("create group", Some(team.clone())),
        // The answer to the POST showed no externalId.
        ("create group", Some(team.clone())),
        ("update members", Some(team)),
        ("update manager", Some(ada)),
    ];
    assert_eq!(said, wanted);
}
