//! The other values of the switches, and the figures of large groups.

use super::*;
use crate::idp::okta::settings::Prefetch;
use crate::idp::{Lookup, Outcome};
use crate::scim::Value;

/// Assigns as many people as asked for, all of them in the group.
async fn crowd(profile: Profile, people: usize) -> Stage {
    let mut stage = Stage::new(profile);
    stage.step(&[leave("ada"), leave("bob")]).await;
    for n in 0..people {
        let name = format!("p{n:03}");
        let mail = format!("{name}@example.com");
        let id = format!("00u{name:0>17}");
        let person = person(&name, [&name, "Crowd", &mail, &id]);
        stage.directory.add_person(person).unwrap();
        stage.step(&[join(&name), assign(&name)]).await;
    }
    stage.target.take();
    stage
}

#[tokio::test]
async fn two_hundred_and_fifty_members_are_three_patches() {
    let mut stage = crowd(Profile::CatalogApp, 250).await;
    stage.step(&[Event::PushGroup(engineering())]).await;
    let sent = bodies(&stage.target);
    let added: Vec<usize> = sent
        .iter()
        .map(|body| body.matches(r#""value":"u"#).count())
        .collect();
    // The POST, the name, and the members.
    assert_eq!(added, [0, 0, 100, 100, 50]);
    assert!(
        sent[2..]
            .iter()
            .all(|body| body.matches(r#""op":"add""#).count() == 1)
    );

    stage.step(&[Event::PushNow(engineering())]).await;
    let sent = bodies(&stage.target);
    let operations: Vec<bool> = sent.iter().map(|body| body.contains("replace")).collect();
    assert_eq!(operations, [true, false, false]);
}

#[tokio::test]
async fn a_custom_app_puts_two_hundred_and_fifty_members_at_once() {
    let mut stage = crowd(Profile::CustomApp, 250).await;
    stage.step(&[Event::PushGroup(engineering())]).await;
    let sent = bodies(&stage.target);
    let added: Vec<usize> = sent
        .iter()
        .map(|body| body.matches(r#""value":"u"#).count())
        .collect();
    assert_eq!(added, [250, 250]);
}

#[tokio::test]
async fn one_patch_never_changes_more_members_than_the_batch() {
    let mut stage = crowd(Profile::CatalogApp, 5).await;
    stage.okta.switches.patch_batch = 2;
    stage.step(&[Event::PushGroup(engineering())]).await;
    stage.target.next([Act::Answer(500, String::new())]);
    // All but the first wait behind an error, and go out together with the retry.
    for name in ["p000", "p001", "p002"] {
        stage.step(&[leave(name)]).await;
    }
    stage.target.take();
    stage
        .step(&[join("ada"), join("bob"), Event::RetryTasks])
        .await;
    let sent = bodies(&stage.target);
    let changes = |body: &String| {
        let out = body.matches(r#""op":"remove""#).count();
        (out, body.matches(r#""display""#).count())
    };
    let changes: Vec<_> = sent.iter().map(changes).collect();
    assert_eq!(changes, [(2, 0), (1, 0), (0, 0)], "{sent:#?}");
}

#[tokio::test]
async fn an_imported_change_of_members_is_pushed_twice_with_the_old_list_first() {
    let mut stage = Stage::new(Profile::CustomApp);
    for event in [
        assign("ada"),
        assign("bob"),
        Event::PushGroup(engineering()),
    ] {
        stage.step(&[event]).await;
    }
    stage.okta.switches.group_put_repeat.member_change = 2;
    stage.target.take();
    stage.step(&[leave("bob")]).await;
    let sent = stage.target.take();
    let methods: Vec<&str> = sent.iter().map(|r| r.method).collect();
    assert_eq!(methods, ["GET", "GET", "PUT", "PUT"]);
    let has_bob = |n: usize| sent[n].body.as_ref().unwrap().contains("u2");
    assert!(has_bob(2) && !has_bob(3));
}

#[tokio::test]
async fn what_is_switched_off_sends_nothing() {
    let push = || Event::PushGroup(engineering());
    type Off = fn(&mut Directory);
    let cases: [(Off, Vec<Event>, Event); 6] = [
        (
            |d| d.settings.features.create = false,
            vec![],
            assign("ada"),
        ),
        (
            |d| d.settings.features.update = false,
            vec![assign("ada")],
            update("ada", [(Attribute::Title, Some("Analyst"))]),
        ),
        (
            |d| d.settings.features.deactivate = false,
            vec![assign("ada")],
            unassign("ada"),
        ),
        (
            |d| d.settings.features.push_groups = false,
            vec![assign("ada")],
            push(),
        ),
        (
            |d| {
                d.settings.features.import_users = false;
                d.settings.features.import_groups = false;
            },
            vec![],
            Event::Import,
        ),
        (
            |d| d.provisioning = false,
            vec![assign("ada")],
            unassign("ada"),
        ),
    ];
    for profile in PROFILES {
        for (off, before, event) in &cases {
            let mut stage = Stage::new(profile);
            for event in before {
                stage.step(std::slice::from_ref(event)).await;
            }
            stage.target.take();
            off(&mut stage.directory);
            let reports = stage.step(std::slice::from_ref(event)).await;
            assert_eq!(stage.target.lines(), [""; 0], "{event:?}");
            let quiet = |r: &JobReport| matches!(r.outcome, Outcome::SendsNothing { .. });
            assert!(
                !reports.is_empty() && reports.iter().all(quiet),
                "{reports:?}"
            );
        }
    }
}

#[tokio::test]
async fn a_group_keeps_its_name_at_the_target_where_renaming_is_off() {
    let mut stage = Stage::new(Profile::CustomApp);
    stage.directory.settings.rename_groups = false;
    for event in [
        assign("ada"),
        Event::PushGroup(engineering()),
        rename("Research"),
    ] {
        stage.step(&[event]).await;
    }
    stage.target.take();
    let there = r#"{"id":"g1","displayName":"engineering (app)"}"#;
    stage.target.next([Act::Answer(200, there.to_owned())]);
    stage.step(&[leave("ada")]).await;
    let body = &bodies(&stage.target)[0];
    assert!(
        body.contains(r#""displayName":"engineering (app)""#),
        "{body}"
    );
}

#[tokio::test]
async fn a_catalogue_app_may_read_before_it_deactivates() {
    for (prefetch, wanted) in [
        (Prefetch::None, vec!["PATCH /Users/u1"]),
        (Prefetch::Lookup, vec!["L", "PATCH /Users/u1"]),
        (Prefetch::Id, vec!["GET /Users/u1", "PATCH /Users/u1"]),
    ] {
        let mut stage = Stage::new(Profile::CatalogApp);
        stage.okta.switches.deactivate_prefetch = prefetch;
        stage.step(&[assign("ada")]).await;
        stage.target.take();
        stage.step(&[unassign("ada")]).await;
        assert_eq!(stage.target.lines(), wanted);
    }
}

#[tokio::test]
async fn ids_are_escaped_in_paths_and_kept_in_bodies() {
    let mut stage = Stage::new(Profile::CatalogApp);
    let odd = r#"{"id":"A/b?c d"}"#.to_owned();
    let none = r#"{"totalResults":0}"#.to_owned();
    stage
        .target
        .next([Act::Answer(200, none), Act::Answer(201, odd)]);
    for event in [assign("ada"), Event::PushGroup(engineering())] {
        stage.step(&[event]).await;
    }
    stage.target.take();
    stage.step(&[leave("ada")]).await;
    let body = &bodies(&stage.target)[0];
    assert!(
        body.contains(r#""path":"members[value eq \"A/b?c d\"]""#),
        "{body}"
    );
    stage.step(&[unassign("ada")]).await;
    assert_eq!(stage.target.lines(), ["PATCH /Users/A%2Fb%3Fc%20d"]);
}

#[tokio::test]
async fn every_request_names_its_job_its_subject_and_its_source() {
    let target = Arc::<Target>::default();
    let answering = Arc::clone(&target);
    let script = Script::answering(move |request| answering.answer(request.clone()));
    let mut stage = Stage::before(Profile::CustomApp, target, script.wire("okta"));
    let everything = [
        Event::TestConnection,
        assign("ada"),
        Event::PushGroup(engineering()),
        leave("ada"),
        Event::PushNow(engineering()),
        unassign("ada"),
        Event::Import,
    ];
    for event in everything {
        stage.step(&[event]).await;
    }
    let tape = script.tape();
    assert!(tape.len() > 12);
    for line in &tape {
        assert!(!line.by.job.is_empty());
        let reading = ["test connection", "import users"].contains(&line.by.job.as_str());
        assert_eq!(line.by.subject.is_none(), reading, "{line:?}");
        let fact = line.basis.fact.as_ref();
        assert!(
            fact.starts_with("okta/") || fact.starts_with("corrections/OK-"),
            "{fact}"
        );
    }
}

/// Sections and facts that the dialect cites must stand in the table of facts.
#[test]
fn every_cited_fact_is_known() {
    let facts = include_str!("../../../../fixtures/facts.toml");
    let mut cited = 0;
    for source in [
        include_str!("../assign.rs"),
        include_str!("../body.rs"),
        include_str!("../dialect.rs"),
        include_str!("../discovery.rs"),
        include_str!("../groups.rs"),
        include_str!("../import.rs"),
        include_str!("../job.rs"),
        include_str!("../members.rs"),
        include_str!("../profile.rs"),
        include_str!("../run.rs"),
        include_str!("../settings.rs"),
        include_str!("../users.rs"),
    ] {
        for id in source.split(['"', '`']).filter(|t| {
            let known = t.starts_with("okta/") || t.starts_with("corrections/OK-");
            known && !t.contains(' ')
        }) {
            cited += 1;
            let fact = format!("id = \"{id}\"");
            let inside = |part: char| facts.contains(&format!("id = \"{id}{part}"));
            assert!(facts.contains(&fact) || inside('/') || inside('.'), "{id}");
        }
    }
    assert!(cited > 60);
}

#[test]
fn a_reply_to_a_lookup_is_read_as_okta_reads_it() {
    let okta = Okta::new(Profile::CustomApp, setup());
    let reply = |status, text: &str| crate::wire::Reply {
        exchange: 0,
        status,
        headers: Vec::new(),
        body: crate::wire::Body::read(text.as_bytes()),
        injected: false,
    };
    let found = okta.read_lookup(&reply(
        200,
        r#"{"totalResults":1,"resources":[{"id":"7","active":false}]}"#,
    ));
    let resource = Value::parse(r#"{"id":"7","active":false}"#).unwrap();
    let id = "7".to_owned();
    assert_eq!(found, Lookup::Found { id, resource });
    assert_eq!(okta.read_lookup(&reply(404, "{}")), Lookup::None);
    assert!(matches!(
        okta.read_lookup(&reply(500, "{}")),
        Lookup::Unreadable(_)
    ));
}
