//! Whole conversations, compared as bytes with `fixtures/idp/entra-*`.
//!
//! The fixtures are written from what is known of the service, not from this code. In them `{guid N}` stands for the Nth
//! GUID that the dice give, and `{length}` for the length of the body.

use std::collections::BTreeMap;

use super::Job;
use super::settings::Settings;
use crate::directory::{
    AppSettings, Assignment, Attribute, Dice, Directory, Event, Family, Group, GroupKey,
    Membership, Person, PersonKey, Push, Status,
};
use crate::idp::script::{Act, Script, conversation, raw};
use crate::idp::{Dialect as _, JobReport, Outcome, Setup};
use crate::wire::{Method, Origin, Request, ResourceKind, Wire};

/// A job, its directory and its target.
struct Stage {
    job: Job,
    before: Directory,
    now: Directory,
    wire: Wire,
}

fn key(name: &str) -> PersonKey {
    PersonKey::new(name)
}

fn person(name: &str, profile: &[(Attribute, &str)]) -> Person {
    let user_name = format!("{name}@example.com");
    let mut all = BTreeMap::from([(Attribute::UserName, user_name)]);
    for (attribute, value) in profile {
        all.insert(*attribute, (*value).to_owned());
    }
    Person {
        key: key(name),
        profile: all,
        manager: None,
        status: Status::Active,
        assignment: Assignment::None,
        was_assigned: false,
    }
}

/// Somebody who is known by a sign-in name and a display name alone.
fn somebody(name: &str, display_name: &str) -> Person {
    person(name, &[(Attribute::DisplayName, display_name)])
}

fn ada() -> Person {
    somebody("ada", "Ada Lovelace")
}

fn bob() -> Person {
    somebody("bob", "Bob Kahn")
}

fn team(name: &str, members: &[&str]) -> Group {
    Group {
        key: GroupKey::new("team"),
        name: name.to_owned(),
        description: String::new(),
        directory_id: "7c4f3b1e-0000-4000-8000-000000000001".to_owned(),
        members: members.iter().map(|name| key(name)).collect(),
        push: Push::Off,
        linked: false,
    }
}

fn assign(name: &str) -> Event {
    Event::Assign(key(name))
}

fn membership(name: &str) -> Membership {
    Membership {
        person: key(name),
        group: GroupKey::new("team"),
    }
}

fn update(name: &str, changes: &[(Attribute, Option<&str>)]) -> Event {
    let changes = changes
        .iter()
        .map(|(attribute, value)| (*attribute, value.map(str::to_owned)));
    Event::Update {
        person: key(name),
        changes: changes.collect(),
        manager: None,
    }
}

fn dice() -> Dice {
    Dice::new(1, "entra", "golden")
}

impl Stage {
    fn new(settings: Settings, wire: Wire, people: &[Person], groups: &[Group]) -> Self {
        let mut now = Directory::new(Family::Entra, AppSettings::defaults(Family::Entra));
        for person in people {
            now.add_person(person.clone()).unwrap();
        }
        for group in groups {
            now.add_group(group.clone());
        }
        let setup = Setup {
            dice: dice(),
            test_email: "probe@example.com".to_owned(),
        };
        Self {
            job: Job::new(settings, setup),
            before: now.clone(),
            now,
            wire,
        }
    }

    async fn step(&mut self, events: &[Event]) -> Vec<JobReport> {
        self.before.clone_from(&self.now);
        for event in events {
            self.now.apply(event).unwrap();
        }
        self.job
            .perform(events, &self.before, &self.now, &self.wire)
            .await
    }
}

/// Makes the guard take a resource for one that this run made.
async fn seed(wire: &Wire, kind: ResourceKind) {
    let basis = crate::wire::Basis::inferred("entra/13");
    let request = Request::new(Method::Post, kind.path(), basis);
    wire.origin(Origin::Seed).send(request).await.unwrap();
}

/// Plays a fixture: every request must be the fixture's, byte for byte, and none may be left over.
async fn play(
    variant: &str,
    file: &str,
    people: &[Person],
    groups: &[Group],
    seeded: &[(ResourceKind, &str)],
    steps: &[&[Event]],
) -> Vec<JobReport> {
    let path = format!(
        "{}/fixtures/idp/entra-{variant}/{file}.http",
        env!("CARGO_MANIFEST_DIR")
    );
    let mut text = std::fs::read_to_string(&path).unwrap();
    let mut draws = dice();
    for n in 0..40 {
        text = text.replace(&format!("{{guid {n}}}"), &draws.guid());
    }
    let exchanges = conversation(&text);
    let seeds = seeded
        .iter()
        .map(|(_, id)| Act::Answer(201, format!(r#"{{"id":"{id}"}}"#)));
    let answers: Vec<Act> = exchanges.iter().map(|(_, act)| act.clone()).collect();
    let script = Script::new(seeds.chain(answers).collect::<Vec<_>>());
    let wire = script.wire(&format!("entra/{variant}"));
    for (kind, _) in seeded {
        seed(&wire, *kind).await;
    }
    script.take();
    let settings = match variant {
        "default" => Settings::unflagged(),
        _ => Settings::flagged(),
    };
    let mut stage = Stage::new(settings, wire, people, groups);
    let mut reports = Vec::new();
    for events in steps {
        reports.extend(stage.step(events).await);
    }
    let sent: Vec<String> = script.take().iter().map(raw).collect();
    let wanted: Vec<String> = exchanges
        .iter()
        .map(|(request, _)| measured(request))
        .collect();
    for (n, (sent, wanted)) in sent.iter().zip(&wanted).enumerate() {
        assert_eq!(sent, wanted, "{variant}/{file}: request {}", n + 1);
    }
    assert_eq!(sent.len(), wanted.len(), "{variant}/{file}: {reports:#?}");
    reports
}

fn measured(request: &str) -> String {
    let length = request
        .split_once("\n\n")
        .map_or(0, |(_, body)| body.trim_end_matches('\n').len());
    request.replace("{length}", &length.to_string())
}

fn all_done(reports: &[JobReport]) -> bool {
    reports.iter().all(|report| report.outcome == Outcome::Done)
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
