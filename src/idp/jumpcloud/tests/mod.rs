//! Whole conversations, compared as bytes with `fixtures/idp/jumpcloud`.

mod answers;
mod random;
mod switches;

use super::{Settings, dialect};
use crate::directory::{
    Attribute, Event, Family, Group, GroupKey, Person, PersonKey, UnlinkChoice,
};
use crate::idp::stage::{
    Play, ada, all_done, assign, bob, dice, key, membership, person, team, update,
};
use crate::idp::{Dialect, JobReport, Outcome, Setup};
use crate::wire::ResourceKind;

fn connection(settings: Settings) -> Box<dyn Dialect> {
    let setup = Setup {
        dice: dice(),
        test_email: "probe@example.com".to_owned(),
        app: crate::directory::AppSettings::defaults(crate::directory::Family::Jumpcloud),
    };
    dialect(settings, setup)
}

async fn play(
    file: &str,
    people: &[Person],
    groups: &[Group],
    seeded: &[(ResourceKind, &str)],
    steps: &[&[Event]],
) -> Vec<JobReport> {
    let fixture = format!("jumpcloud/{file}");
    let dialect = connection(Settings::default());
    let play = Play::open(&fixture, dialect, Family::Jumpcloud, people, groups, seeded).await;
    play.steps(steps).await
}

fn outcomes(reports: &[JobReport]) -> Vec<(&str, bool)> {
    reports
        .iter()
        .map(|report| (report.job.as_str(), report.outcome == Outcome::Done))
        .collect()
}

#[tokio::test]
async fn the_connection_test_reads_the_list_of_users() {
    let steps: &[&[Event]] = &[&[Event::TestConnection]];
    assert!(all_done(
        &play("test-connection", &[], &[], &[], steps).await
    ));
}

#[tokio::test]
async fn an_activation_tries_the_target_with_a_person_and_a_group_of_its_own() {
    let steps: &[&[Event]] = &[&[Event::SwitchOnProvisioning]];
    let reports = play("activation", &[], &[], &[], steps).await;
    assert_eq!(outcomes(&reports), [("activate", true)]);
}

#[tokio::test]
async fn an_activation_leaves_its_person_inactive_where_nobody_is_deleted() {
    let steps: &[&[Event]] = &[&[Event::SwitchOnProvisioning]];
    let reports = play("activation-without-delete", &[], &[], &[], steps).await;
    assert_eq!(outcomes(&reports), [("activate", true)]);
}

#[tokio::test]
async fn a_person_is_created_once_and_every_change_is_a_full_put() {
    use Attribute as A;
    let ada = person(
        "ada",
        &[
            (A::DisplayName, "Ada Lovelace"),
            (A::Given, "Ada"),
            (A::Family, "Lovelace"),
            (A::Email, "ada@example.com"),
            (A::Title, "Captain"),
            (A::Department, "C-Suite"),
            (A::WorkPhone, "+44 20 7946 0001"),
            (A::PreferredLanguage, "en-GB"),
            (A::DirectoryId, "66e2d689590450d073d2df3b"),
        ],
    );
    let renamed = update(
        "ada",
        &[
            (A::DisplayName, Some("Ada King")),
            (A::Family, Some("King")),
            (A::Title, None),
        ],
    );
    let ada_key = || -> PersonKey { key("ada") };
    let steps: &[&[Event]] = &[
        &[assign("ada")],
        &[renamed],
        &[Event::Unassign(ada_key())],
        &[assign("ada")],
        &[Event::Suspend(ada_key())],
        &[Event::Unsuspend(ada_key())],
        &[Event::Delete(ada_key())],
    ];
    assert!(all_done(&play("person", &[ada], &[], &[], steps).await));
}

#[tokio::test]
async fn somebody_whom_the_target_has_is_updated() {
    let seeded = [(ResourceKind::User, "u-1")];
    let steps: &[&[Event]] = &[&[assign("ada")]];
    assert!(all_done(
        &play("match", &[ada()], &[], &seeded, steps).await
    ));
}

#[tokio::test]
async fn a_lookup_answered_404_leads_to_a_creation() {
    let steps: &[&[Event]] = &[&[assign("ada")]];
    assert!(all_done(
        &play("lookup-404", &[ada()], &[], &[], steps).await
    ));
}

#[tokio::test]
async fn a_group_waits_for_its_first_member_and_is_left_alone_when_unbound() {
    let group = GroupKey::new("team");
    let steps: &[&[Event]] = &[
        &[Event::PushGroup(group.clone())],
        &[assign("ada"), assign("bob")],
        &[Event::Join(membership("ada"))],
        &[Event::Join(membership("bob"))],
        &[Event::Leave(membership("ada"))],
        &[Event::RenameGroup {
            group: group.clone(),
            name: "Engines".to_owned(),
        }],
        &[Event::PushNow(group.clone())],
        &[Event::DeleteGroup(group)],
    ];
    let groups = [team("Engineering", &[])];
    let reports = play("group", &[ada(), bob()], &groups, &[], steps).await;
    let wanted = [
        ("provision group", false),
        ("provision user", true),
        ("provision user", true),
        ("provision group", true),
        ("add member", true),
        ("remove member", true),
        ("rename group", true),
        ("wait", false),
        ("delete group", true),
    ];
    assert_eq!(outcomes(&reports), wanted);
}

#[tokio::test]
async fn a_group_of_the_same_name_is_taken_over() {
    let group = GroupKey::new("team");
    let unlink = Event::Unlink {
        group: group.clone(),
        choice: UnlinkChoice::Delete,
    };
    let steps: &[&[Event]] = &[&[assign("ada"), Event::PushGroup(group)], &[unlink]];
    let seeded = [(ResourceKind::Group, "g-1")];
    let groups = [team("Engineering", &["ada"])];
    let reports = play("group-taken-over", &[ada()], &groups, &seeded, steps).await;
    let wanted = [
        ("provision user", true),
        ("provision group", true),
        ("unbind group", false),
    ];
    assert_eq!(outcomes(&reports), wanted);
}

#[tokio::test]
async fn an_import_reads_every_page_and_keeps_repeated_ids() {
    let steps: &[&[Event]] = &[&[Event::Import]];
    let reports = play("import", &[], &[], &[], steps).await;
    let ids = ["u-1", "u-2", "u-3", "u-2", "u-5"].map(str::to_owned);
    let wanted = Outcome::Imported { ids: ids.to_vec() };
    assert_eq!(reports[0].outcome, wanted);
}
