//! Whole conversations, compared as bytes with `fixtures/idp/entra-*`.
//!
//! The fixtures are written from what is known of the service, not from this code.

mod answers;
mod console;
mod golden;
mod health;
mod random;
mod rare;
mod switches;

use std::collections::BTreeMap;

use super::{Settings, dialect};
use crate::directory::{Attribute, Event, Family, Group, GroupKey, Person};
use crate::idp::stage::{
    Play, ada, all_done, assign, bob, dice, key, membership, person, somebody, team, update,
};
use crate::idp::{JobReport, Outcome, Setup};
use crate::wire::ResourceKind;

fn setup() -> Setup {
    Setup {
        dice: dice(),
        test_email: "probe@example.com".to_owned(),
        app: crate::directory::AppSettings::defaults(crate::directory::Family::Entra),
    }
}

async fn play(
    variant: &str,
    file: &str,
    people: &[Person],
    groups: &[Group],
    seeded: &[(ResourceKind, &str)],
    steps: &[&[Event]],
) -> Vec<JobReport> {
    let settings = match variant {
        "default" => Settings::unflagged(),
        _ => Settings::flagged(),
    };
    let job = dialect(settings, setup());
    let fixture = format!("entra-{variant}/{file}");
    let play = Play::open(&fixture, job, Family::Entra, people, groups, seeded).await;
    play.steps(steps).await
}

const BOTH: [&str; 2] = ["default", "aadOptscim062020"];

#[tokio::test]
async fn test_connection_is_a_probe_of_users_and_one_of_groups() {
    for variant in BOTH {
        let steps: &[&[Event]] = &[&[Event::TestConnection]];
        let reports = play(variant, "test-connection", &[ada()], &[], &[], steps).await;
        assert!(all_done(&reports));
    }
}

#[tokio::test]
async fn a_leaver_is_disabled_by_a_patch_and_comes_back_by_one() {
    for variant in BOTH {
        let steps: &[&[Event]] = &[
            &[assign("ada")],
            &[Event::Unassign(key("ada"))],
            &[assign("ada")],
        ];
        let reports = play(variant, "leaver", &[ada()], &[], &[], steps).await;
        assert!(all_done(&reports));
        let jobs: Vec<&str> = reports.iter().map(|report| report.job.as_str()).collect();
        let wanted = ["create user", "disable user", "restore user"];
        assert_eq!(jobs, wanted.map(|job| ["probe", job]).concat());
    }
}

#[tokio::test]
async fn a_newcomer_is_posted_whole_and_the_manager_follows_last() {
    use Attribute as A;
    let mut ada = person(
        "ada",
        &[
            (A::DisplayName, "Ada Lovelace"),
            (A::Given, "Ada"),
            (A::Family, "Lovelace"),
            (A::Email, "ada@example.com"),
            (A::Title, "Analyst"),
            (A::Department, "Research"),
            (A::EmployeeNumber, "1815"),
            (A::PreferredLanguage, "en-GB"),
            (A::Office, "Engine Room"),
            (A::Street, "12 St James's Square"),
            (A::City, "London"),
            (A::Region, "England"),
            (A::PostalCode, "SW1Y 4JH"),
            (A::Country, "GB"),
            (A::WorkPhone, "+44 20 7946 0001"),
            (A::MobilePhone, "+44 7700 900001"),
            (A::Fax, "+44 20 7946 0002"),
            (A::MailNickname, "ada"),
        ],
    );
    ada.manager = Some(key("bob"));
    for variant in BOTH {
        let steps: &[&[Event]] = &[&[assign("ada"), assign("bob")]];
        let people = [ada.clone(), bob()];
        assert!(all_done(
            &play(variant, "create", &people, &[], &[], steps).await
        ));
    }
}

#[tokio::test]
async fn somebody_whom_the_target_has_is_linked_and_patched_where_it_differs() {
    use Attribute as A;
    let ada = person(
        "ada",
        &[
            (A::DisplayName, "Ada Lovelace"),
            (A::Given, "Ada"),
            (A::Family, "Lovelace"),
            (A::Email, "ada@example.com"),
        ],
    );
    for variant in BOTH {
        let steps: &[&[Event]] = &[&[assign("ada")]];
        let seeded = [(ResourceKind::User, "u-1")];
        let people = [ada.clone()];
        assert!(all_done(
            &play(variant, "match", &people, &[], &seeded, steps).await
        ));
    }
}

#[tokio::test]
async fn a_profile_change_is_one_patch_of_what_differs_and_nothing_when_emptied() {
    use Attribute as A;
    let ada = person(
        "ada",
        &[
            (A::DisplayName, "Ada Lovelace"),
            (A::Given, "Ada"),
            (A::Family, "Lovelace"),
            (A::Email, "ada@example.com"),
        ],
    );
    for variant in BOTH {
        let moved = update(
            "ada",
            &[
                (A::DisplayName, Some("Ada King")),
                (A::Family, Some("King")),
                (A::Email, Some("king@example.com")),
                (A::Title, Some("Countess")),
                (A::Department, Some("Research")),
            ],
        );
        let steps: &[&[Event]] = &[
            &[assign("ada")],
            &[moved],
            &[update("ada", &[(A::PreferredLanguage, Some("en-GB"))])],
            &[update("ada", &[(A::UserName, Some("king@example.com"))])],
            &[update("ada", &[(A::Title, None)])],
        ];
        let people = [ada.clone()];
        let reports = play(variant, "update", &people, &[], &[], steps).await;
        let silent = reports
            .iter()
            .filter(|report| matches!(report.outcome, Outcome::SendsNothing { .. }));
        assert_eq!(silent.count(), 1, "the emptied title");
    }
}

#[tokio::test]
async fn a_rename_and_a_departure_of_one_cycle_share_a_patch() {
    for variant in BOTH {
        let together = [
            update("ada", &[(Attribute::DisplayName, Some("Ada King"))]),
            Event::Unassign(key("ada")),
        ];
        let steps: &[&[Event]] = &[&[assign("ada")], &together];
        assert!(all_done(
            &play(variant, "rename-and-leave", &[ada()], &[], &[], steps).await
        ));
    }
}

#[tokio::test]
async fn whoever_is_deleted_for_good_is_deleted() {
    for variant in BOTH {
        let steps: &[&[Event]] = &[&[assign("ada")], &[Event::Delete(key("ada"))]];
        assert!(all_done(
            &play(variant, "delete", &[ada()], &[], &[], steps).await
        ));
    }
}

#[tokio::test]
async fn a_group_is_posted_empty_and_its_members_follow_one_by_one() {
    let name = "Engineering & Research";
    for variant in BOTH {
        let group = GroupKey::new("team");
        let steps: &[&[Event]] = &[
            &[
                assign("ada"),
                assign("bob"),
                Event::PushGroup(group.clone()),
            ],
            &[
                Event::Join(membership("bob")),
                Event::Leave(membership("ada")),
            ],
            &[Event::RenameGroup {
                group: group.clone(),
                name: "Engines".to_owned(),
            }],
            &[Event::DeleteGroup(group)],
        ];
        let groups = [team(name, &["ada"])];
        let reports = play(variant, "group", &[ada(), bob()], &groups, &[], steps).await;
        assert!(all_done(&reports));
    }
}

#[tokio::test]
async fn a_group_that_comes_back_without_external_id_is_patched() {
    for variant in BOTH {
        let steps: &[&[Event]] = &[&[Event::PushGroup(GroupKey::new("team"))]];
        let groups = [team("Engineering", &[])];
        assert!(all_done(
            &play(variant, "group-external-id", &[], &groups, &[], steps).await
        ));
    }
}

#[tokio::test]
async fn a_manager_is_set_changed_and_taken_away_as_a_bare_text() {
    let mut ada = ada();
    ada.manager = Some(key("bob"));
    let people = [ada, bob(), somebody("eve", "Eve Moneypenny")];
    let becomes = |manager: Option<&str>| Event::Update {
        person: key("ada"),
        changes: BTreeMap::new(),
        manager: Some(manager.map(key)),
    };
    for variant in BOTH {
        let steps: &[&[Event]] = &[
            &[assign("ada"), assign("bob"), assign("eve")],
            &[becomes(Some("eve"))],
            &[becomes(None)],
        ];
        assert!(all_done(
            &play(variant, "manager", &people, &[], &[], steps).await
        ));
    }
}
