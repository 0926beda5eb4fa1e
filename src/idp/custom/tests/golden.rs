//! Whole conversations, compared as bytes with `fixtures/idp/onelogin`, `authentik` and `pingfederate`.

use super::*;
use crate::directory::{Attribute, Event, Group, GroupKey, Person};
use crate::idp::stage::{Play, assign, key, membership, person, team, update};
use crate::idp::{JobReport, Outcome};
use crate::wire::ResourceKind;

fn ada() -> Person {
    person(
        "ada",
        &[
            (Attribute::Given, "Ada"),
            (Attribute::Family, "Lovelace"),
            (Attribute::DisplayName, "Ada Lovelace"),
            (Attribute::Email, "ada@example.com"),
            (Attribute::DirectoryId, "00u1"),
        ],
    )
}

async fn play(
    file: &str,
    people: &[Person],
    groups: &[Group],
    seeded: &[(ResourceKind, &str)],
    steps: &[&[Event]],
) -> Vec<JobReport> {
    let (id, _) = file.split_once('/').unwrap();
    let variant = bundled(id);
    let dialect = dialect(&variant);
    let mut play = Play::open(file, dialect, variant.family, people, groups, seeded).await;
    play.stage.wire = play.stage.wire.with_constants(&variant.constants);
    play.stage.now.settings = variant.app;
    play.steps(steps).await
}

fn done(reports: &[JobReport]) -> Vec<(&str, bool)> {
    reports
        .iter()
        .map(|r| (r.job.as_str(), r.outcome == Outcome::Done))
        .collect()
}

/// A person comes, changes, leaves, returns and is deleted.
fn life() -> Vec<Vec<Event>> {
    let married = update("ada", &[(Attribute::Family, Some("King"))]);
    vec![
        vec![Event::TestConnection],
        vec![assign("ada")],
        vec![married],
        vec![Event::Unassign(key("ada"))],
        vec![assign("ada")],
        vec![Event::Delete(key("ada"))],
    ]
}

/// A group is pushed, joined, left, renamed and deleted.
fn group() -> Vec<Vec<Event>> {
    let group = GroupKey::new("team");
    let rename = Event::RenameGroup {
        group: group.clone(),
        name: "Engines".to_owned(),
    };
    vec![
        vec![assign("ada"), assign("bob")],
        vec![Event::PushGroup(group.clone())],
        vec![Event::Join(membership("bob"))],
        vec![Event::Leave(membership("ada"))],
        vec![rename],
        vec![Event::DeleteGroup(group)],
    ]
}

async fn lives(file: &str) -> Vec<JobReport> {
    let steps = life();
    let steps: Vec<&[Event]> = steps.iter().map(Vec::as_slice).collect();
    play(file, &[ada()], &[], &[], &steps).await
}

async fn grouped(file: &str) -> Vec<JobReport> {
    let steps = group();
    let steps: Vec<&[Event]> = steps.iter().map(Vec::as_slice).collect();
    let people = [person("ada", &[]), person("bob", &[])];
    let mut team = team("Engineering", &["ada"]);
    team.directory_id = "00g1".to_owned();
    play(file, &people, &[team], &[], &steps).await
}

#[tokio::test]
async fn onelogin_writes_people_by_put() {
    let reports = lives("onelogin/person").await;
    assert!(
        reports.iter().all(|r| r.outcome == Outcome::Done),
        "{reports:#?}"
    );
}

#[tokio::test]
async fn onelogin_patches_one_member_after_the_other() {
    let reports = grouped("onelogin/group").await;
    let last = done(&reports).pop();
    assert_eq!(last, Some(("group-deleted", false)), "{reports:#?}");
}

#[tokio::test]
async fn authentik_asks_what_the_target_can_and_looks_for_nobody() {
    let reports = lives("authentik/person").await;
    assert!(
        reports.iter().all(|r| r.outcome == Outcome::Done),
        "{reports:#?}"
    );
}

#[tokio::test]
async fn authentik_patches_groups_where_the_target_says_that_it_can() {
    let reports = grouped("authentik/group").await;
    assert!(
        reports.iter().all(|r| r.outcome == Outcome::Done),
        "{reports:#?}"
    );
}

#[tokio::test]
async fn authentik_looks_for_somebody_after_a_conflict_alone() {
    let seeded = [(ResourceKind::User, "u-1")];
    let steps: &[&[Event]] = &[&[assign("ada")]];
    let reports = play("authentik/conflict", &[ada()], &[], &seeded, steps).await;
    assert_eq!(done(&reports), [("person-assigned", true)]);
}

#[tokio::test]
async fn pingfederate_never_patches_anybody() {
    let reports = lives("pingfederate/person").await;
    let first = done(&reports)[0];
    assert_eq!(first, ("test-connection", false), "{reports:#?}");
}

#[tokio::test]
async fn pingfederate_reads_every_group_and_writes_the_whole() {
    let reports = grouped("pingfederate/group").await;
    assert!(
        reports.iter().all(|r| r.outcome == Outcome::Done),
        "{reports:#?}"
    );
}

#[tokio::test]
async fn nonsense_in_the_middle_of_a_flow_ends_it_and_says_why() {
    use crate::idp::good::{Good, Wrong};
    use crate::idp::stage::Stage;
    let lookup: &[&str] = &["GET /Users?"];
    let group: &[&str] = &["GET /Groups?"];
    let ping: &[&str] = &["GET /Groups"];
    let (bind, join) = (Event::PushGroup(GroupKey::new("team")), assign("ada"));
    let two = r#"{"totalResults":2,"Resources":[{"id":"a"},{"id":"b"}]}"#;
    for (id, number, wrong, event, sent, why) in [
        (
            "onelogin",
            0,
            Wrong::Body(200, "<html>"),
            &join,
            lookup,
            "not a list",
        ),
        (
            "onelogin",
            0,
            Wrong::Body(200, two),
            &join,
            lookup,
            "found 2",
        ),
        ("onelogin", 0, Wrong::Status(500), &join, lookup, "HTTP 500"),
        (
            "pingfederate",
            1,
            Wrong::Body(201, "{}"),
            &join,
            &["GET /Users?", "POST /Users"],
            "no text at `/id`",
        ),
        (
            "authentik",
            0,
            Wrong::Status(400),
            &join,
            &["POST /Users"],
            "answered 400",
        ),
        (
            "onelogin",
            0,
            Wrong::Body(200, "[]"),
            &bind,
            group,
            "not a list",
        ),
        (
            "pingfederate",
            0,
            Wrong::Body(200, r#"{"Resources":{}}"#),
            &bind,
            ping,
            "not a list",
        ),
    ] {
        let good = Good::start().await;
        let variant = bundled(id);
        let wire = good.wire(id);
        let team = team("Engineering", &[]);
        let mut stage = Stage::new(dialect(&variant), variant.family, wire, &[ada()], &[team]);
        stage.now.settings = variant.app.clone();
        good.answer(number, wrong.clone());
        let reports = stage.step(std::slice::from_ref(event)).await;
        assert_eq!(good.take(), sent, "{id} {wrong:?}");
        let stopped = reports.iter().find_map(|report| match &report.outcome {
            Outcome::Stopped { why, exchange, .. } => Some((why.clone(), *exchange)),
            _ => None,
        });
        let (told, exchange) = stopped.unwrap_or_else(|| panic!("{id} {wrong:?}: {reports:#?}"));
        assert!(told.contains(why), "{id} {wrong:?}: {told}");
        assert!(exchange.is_some(), "{id} {wrong:?}");
    }
}
