//! Rarer conversations, as bytes: roles, what was there before, deletions in place of disablement, quarantine, and
//! provisioning on demand.

use super::*;
use crate::directory::{AppSettings, Family, RoleExpression};

async fn play_with(
    variant: &str,
    file: &str,
    app: impl Fn(&mut AppSettings),
    cast: (&[Person], &[Group]),
    seeded: &[(ResourceKind, &str)],
    steps: &[&[Event]],
) -> Vec<JobReport> {
    let settings = match variant {
        "default" => Settings::unflagged(),
        "on-demand" => Settings::on_demand(),
        _ => Settings::flagged(),
    };
    let job = dialect(settings, setup());
    let fixture = format!("entra-{variant}/{file}");
    let (people, groups) = cast;
    let mut play = Play::open(&fixture, job, Family::Entra, people, groups, seeded).await;
    app(&mut play.stage.now.settings);
    play.steps(steps).await
}

#[tokio::test]
async fn roles_are_posted_as_objects_and_patched_by_the_expression_that_is_mapped() {
    for (file, expression, first, then) in [
        (
            "roles-single",
            RoleExpression::SingleAppRoleAssignment,
            "Reader",
            "Admin",
        ),
        (
            "roles-complex",
            RoleExpression::AppRoleAssignmentsComplex,
            "Reader",
            "Reader, Admin",
        ),
        (
            "roles-assertive",
            RoleExpression::AssertiveAppRoleAssignmentsComplex,
            "Admin, Reader",
            "Reader",
        ),
    ] {
        for variant in BOTH {
            let mapped = |app: &mut AppSettings| app.roles = Some(expression);
            let roles = |roles| update("ada", &[(Attribute::AppRoles, Some(roles))]);
            let steps: &[&[Event]] = &[&[assign("ada"), roles(first)], &[roles(then)]];
            let reports = play_with(variant, file, mapped, (&[ada()], &[]), &[], steps).await;
            assert!(all_done(&reports));
        }
    }
}

#[tokio::test]
async fn somebody_who_is_there_inactive_is_restored_and_somebody_equal_is_left_alone() {
    for variant in BOTH {
        let seeded = [(ResourceKind::User, "u-1"), (ResourceKind::User, "u-2")];
        let steps: &[&[Event]] = &[&[assign("ada"), assign("bob")]];
        let cast = (&[ada(), bob()][..], &[][..]);
        let reports = play_with(variant, "already-there", |_| {}, cast, &seeded, steps).await;
        assert!(all_done(&reports));
    }
}

#[tokio::test]
async fn without_an_active_mapping_a_leaver_is_deleted_and_posted_on_the_return() {
    for variant in BOTH {
        let steps: &[&[Event]] = &[
            &[assign("ada")],
            &[Event::Unassign(key("ada"))],
            &[assign("ada")],
        ];
        let hard = |app: &mut AppSettings| app.soft_delete = false;
        let cast = (&[ada()][..], &[][..]);
        let reports = play_with(variant, "leaver-deleted", hard, cast, &[], steps).await;
        assert!(all_done(&reports));
    }
}

#[tokio::test]
async fn a_group_that_is_there_is_linked_patched_and_joined() {
    for variant in BOTH {
        let push = Event::PushGroup(GroupKey::new("team"));
        let steps: &[&[Event]] = &[&[assign("ada"), push]];
        let groups = [team("Engineering", &["ada"])];
        let seeded = [(ResourceKind::Group, "g-1")];
        let cast = (&[ada()][..], &groups[..]);
        let reports = play_with(variant, "group-already-there", |_| {}, cast, &seeded, steps).await;
        assert!(all_done(&reports));
    }
}

#[tokio::test]
async fn after_a_refused_credential_the_next_cycle_is_a_day_later() {
    for variant in BOTH {
        let steps: &[&[Event]] = &[&[assign("ada")], &[Event::Cycle]];
        let cast = (&[ada()][..], &[][..]);
        play_with(variant, "quarantine", |_| {}, cast, &[], steps).await;
    }
}

#[tokio::test]
async fn on_demand_a_person_is_matched_and_written_at_once() {
    let steps: &[&[Event]] = &[
        &[assign("ada")],
        &[update("ada", &[(Attribute::Title, Some("Countess"))])],
        &[Event::Unassign(key("ada"))],
        &[assign("ada")],
        &[update(
            "ada",
            &[(Attribute::UserName, Some("king@example.com"))],
        )],
    ];
    let cast = (&[ada()][..], &[][..]);
    assert!(all_done(
        &play_with("on-demand", "person", |_| {}, cast, &[], steps).await
    ));
}

#[tokio::test]
async fn on_demand_a_report_is_provisioned_once_more_when_the_manager_is_there() {
    let mut ada = ada();
    ada.manager = Some(key("bob"));
    let steps: &[&[Event]] = &[&[assign("ada"), assign("bob")]];
    let cast = (&[ada, bob()][..], &[][..]);
    assert!(all_done(
        &play_with("on-demand", "manager", |_| {}, cast, &[], steps).await
    ));
}

#[tokio::test]
async fn on_demand_a_group_takes_five_members_a_run() {
    let names = ["p1", "p2", "p3", "p4", "p5", "p6", "p7"];
    let people: Vec<Person> = names
        .iter()
        .map(|name| somebody(name, &format!("Person {}", &name[1..])))
        .collect();
    let mut first: Vec<Event> = names.iter().map(|name| assign(name)).collect();
    first.push(Event::PushGroup(GroupKey::new("team")));
    let leave = [
        Event::Leave(membership("p1")),
        Event::Leave(membership("p2")),
    ];
    let groups = [team("Engineering", &names)];
    let cast = (&people[..], &groups[..]);
    let steps: &[&[Event]] = &[&first, &leave];
    assert!(all_done(
        &play_with("on-demand", "group", |_| {}, cast, &[], steps).await
    ));
}

#[tokio::test]
async fn on_demand_sends_no_roles_and_deletes_nobody() {
    let good = crate::idp::good::Good::start().await;
    let job = dialect(Settings::on_demand(), setup());
    let groups = [team("Engineering", &["ada"])];
    let wire = good.wire("entra/on-demand");
    let mut stage = crate::idp::stage::Stage::new(job, Family::Entra, wire, &[ada()], &groups);
    stage.now.settings.roles = Some(RoleExpression::AppRoleAssignmentsComplex);
    let team = GroupKey::new("team");
    let roles = update("ada", &[(Attribute::AppRoles, Some("Admin"))]);
    stage
        .step(&[assign("ada"), roles, Event::PushGroup(team.clone())])
        .await;
    assert!(good.user(0).get("roles").is_none());
    good.take();
    let reports = stage
        .step(&[Event::Delete(key("ada")), Event::DeleteGroup(team)])
        .await;
    let silent = |report: &&JobReport| matches!(report.outcome, Outcome::SendsNothing { .. });
    assert_eq!(reports.iter().filter(silent).count(), 2, "{reports:#?}");
    assert!(!good.take().iter().any(|line| line.starts_with("DELETE")));
}
