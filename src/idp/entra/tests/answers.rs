//! Every answer of entra/1.2 and entra/1.3 into every step: what follows at once, what the next cycle repeats, and what the
//! administrator reads.

use super::*;
use std::collections::BTreeSet;

use crate::directory::{Push, Subject};
use crate::idp::good::{Good, Wrong};
use crate::idp::stage::Stage;
use crate::wire::{Disturbance, Injected, On};

/// What an administrator does, after Ada, Bob and the team are where the step needs them.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// Ada and Bob are assigned: probes, then match and POST for each (requests 0 to 5).
    Assign,
    /// Ada gets a title, Bob a title: probes, then GET and PATCH for each.
    Update,
    /// Ada and Bob leave: probes, then GET and PATCH for each.
    Leave,
    /// Ada and Bob are deleted for good: probes, then a DELETE for each.
    Delete,
    /// The team is pushed with Ada and Bob in it: probes, match, POST, a PATCH for each.
    Push,
    /// The team is renamed: probes, GET, PATCH.
    Rename,
    /// The team is deleted: probes, DELETE.
    DeleteGroup,
    /// Ada gets Bob as manager, and Bob Ada: probes, a GET for each, then a PATCH for each.
    Manager,
}

const PROBES: [&str; 2] = ["GET /Users?", "GET /Groups?"];
const MATCH: &str = "GET /Users?";
const POST: &str = "POST /Users";
const MATCH_GROUP: &str = "GET /Groups?";
const POST_GROUP: &str = "POST /Groups";
const READ: [&str; 2] = ["GET /Users/u1", "GET /Users/u2"];
const PATCH: [&str; 2] = ["PATCH /Users/u1", "PATCH /Users/u2"];
const DELETE: [&str; 2] = ["DELETE /Users/u1", "DELETE /Users/u2"];
const READ_GROUP: &str = "GET /Groups/g1?";
const PATCH_GROUP: &str = "PATCH /Groups/g1";
const DELETE_GROUP: &str = "DELETE /Groups/g1";
const INCOMPATIBLE: &str = "SystemForCrossDomainIdentityManagementServiceIncompatible;";
const BAD: &str = "SystemForCrossDomainIdentityManagementBadRequest;";

/// A row: the step, which of its requests gets which answer, what else the step sends, what the next cycle sends behind its
/// probes, and the log's code (nothing where the answer is no trouble).
type Row = (
    Step,
    usize,
    Wrong,
    &'static [&'static str],
    &'static [&'static str],
    &'static str,
);

const HTML: Wrong = Wrong::Body(200, "<html>Please sign in</html>");
const NO_LIST: Wrong = Wrong::Body(200, r#"{"id":"u1"}"#);
const LIST: Wrong = Wrong::Body(200, r#"{"totalResults":0,"Resources":[]}"#);
const TWO: Wrong = Wrong::Body(
    200,
    r#"{"totalResults":2,"Resources":[{"id":"a"},{"id":"b"}]}"#,
);
const NO_ID: Wrong = Wrong::Body(
    200,
    r#"{"totalResults":1,"Resources":[{"userName":"ada"}]}"#,
);

fn status(status: u16) -> Wrong {
    Wrong::Status(status)
}

fn rows() -> Vec<Row> {
    use Step as S;
    let both: &[&str] = &[MATCH, POST, MATCH, POST];
    let ada: &[&str] = &[MATCH, POST];
    let bob: &[&str] = &[MATCH, POST];
    let mut rows: Vec<Row> = vec![
        // The probes: whatever is not a list ends the cycle, and nothing is lost by it.
        (S::Assign, 0, status(400), &[], both, BAD),
        (S::Assign, 0, status(401), &[], both, "Unauthorized;"),
        (S::Assign, 0, status(403), &[], both, "InsufficientRights;"),
        (S::Assign, 0, status(404), &[], both, INCOMPATIBLE),
        (S::Assign, 0, status(429), &[], both, "TooManyRequests;"),
        (S::Assign, 0, status(503), &[], both, "InternalServerError;"),
        (S::Assign, 0, HTML, &[], both, INCOMPATIBLE),
        (S::Assign, 0, NO_LIST, &[], both, INCOMPATIBLE),
        (S::Assign, 1, status(404), &[], both, INCOMPATIBLE),
        // The match. Ada fails and Bob goes on, or the job is in quarantine.
        (S::Assign, 2, status(400), bob, ada, BAD),
        (S::Assign, 2, status(401), &[], both, "Unauthorized;"),
        (S::Assign, 2, status(404), &[], both, INCOMPATIBLE),
        (
            S::Assign,
            2,
            status(409),
            bob,
            ada,
            "ServiceIncompatibleFiltering;",
        ),
        (S::Assign, 2, status(429), bob, ada, "TooManyRequests;"),
        (S::Assign, 2, status(500), bob, ada, "InternalServerError;"),
        (S::Assign, 2, HTML, &[], both, INCOMPATIBLE),
        (S::Assign, 2, TWO, bob, ada, "DuplicateTargetEntries;"),
        (S::Assign, 2, NO_ID, &[], both, INCOMPATIBLE),
        // The POST.
        (S::Assign, 3, status(400), bob, ada, BAD),
        (S::Assign, 3, status(401), &[], both, "Unauthorized;"),
        (S::Assign, 3, status(403), &[], both, "InsufficientRights;"),
        (S::Assign, 3, status(404), bob, ada, INCOMPATIBLE),
        (S::Assign, 3, status(409), bob, ada, "EntryConflict;"),
        (S::Assign, 3, status(422), bob, ada, "UnprocessableEntity;"),
        (S::Assign, 3, status(429), bob, ada, "TooManyRequests;"),
        (S::Assign, 3, status(500), bob, ada, "InternalServerError;"),
        (S::Assign, 3, status(501), bob, ada, "NotImplemented;"),
        (S::Assign, 3, Wrong::Body(201, "{}"), bob, ada, INCOMPATIBLE),
        (
            S::Assign,
            3,
            Wrong::Body(200, r#"{"id":"u9"}"#),
            bob,
            &[],
            "",
        ),
        // The deletion: what is gone need not be deleted.
        (S::Delete, 2, status(404), &[DELETE[1]], &[], ""),
        (S::Delete, 2, status(400), &[DELETE[1]], &[DELETE[0]], BAD),
        (S::Delete, 2, status(401), &[], &DELETE, "Unauthorized;"),
        (
            S::Delete,
            2,
            status(503),
            &[DELETE[1]],
            &[DELETE[0]],
            "InternalServerError;",
        ),
        // A group.
        (
            S::Push,
            2,
            status(400),
            &[],
            &[MATCH_GROUP, POST_GROUP, PATCH_GROUP, PATCH_GROUP],
            BAD,
        ),
        (
            S::Push,
            2,
            status(404),
            &[],
            &[MATCH_GROUP, POST_GROUP, PATCH_GROUP, PATCH_GROUP],
            INCOMPATIBLE,
        ),
        (
            S::Push,
            3,
            status(409),
            &[],
            &[MATCH_GROUP, POST_GROUP, PATCH_GROUP, PATCH_GROUP],
            "EntryConflict;",
        ),
        (
            S::Push,
            3,
            status(503),
            &[],
            &[MATCH_GROUP, POST_GROUP, PATCH_GROUP, PATCH_GROUP],
            "InternalServerError;",
        ),
        // A membership that fails holds up no other.
        (
            S::Push,
            4,
            status(400),
            &[PATCH_GROUP],
            &[READ_GROUP, PATCH_GROUP],
            BAD,
        ),
        (
            S::Push,
            4,
            status(401),
            &[],
            &[READ_GROUP, PATCH_GROUP, PATCH_GROUP],
            "Unauthorized;",
        ),
        (
            S::Push,
            4,
            status(404),
            &[PATCH_GROUP],
            &[READ_GROUP, PATCH_GROUP],
            "InvalidAnchor;",
        ),
        (
            S::Push,
            4,
            status(409),
            &[PATCH_GROUP],
            &[READ_GROUP, PATCH_GROUP],
            "Conflict;",
        ),
        (
            S::Push,
            4,
            status(429),
            &[PATCH_GROUP],
            &[READ_GROUP, PATCH_GROUP],
            "TooManyRequests;",
        ),
        (S::Push, 4, status(200), &[PATCH_GROUP], &[], ""),
        (
            S::Rename,
            2,
            status(404),
            &[],
            &[READ_GROUP, PATCH_GROUP],
            "InvalidAnchor;",
        ),
        (
            S::Rename,
            3,
            status(409),
            &[],
            &[READ_GROUP, PATCH_GROUP],
            "Conflict;",
        ),
        (S::DeleteGroup, 2, status(404), &[], &[], ""),
        (
            S::DeleteGroup,
            2,
            status(503),
            &[],
            &[DELETE_GROUP],
            "InternalServerError;",
        ),
        // A manager: a reference failure, and the person is read again before the next attempt.
        (
            S::Manager,
            4,
            status(400),
            &[PATCH[1]],
            &[READ[0], PATCH[0]],
            BAD,
        ),
        (
            S::Manager,
            4,
            status(404),
            &[PATCH[1]],
            &[READ[0], PATCH[0]],
            "InvalidAnchor;",
        ),
        (
            S::Manager,
            4,
            status(401),
            &[],
            &[READ[0], READ[1], PATCH[0], PATCH[1]],
            "Unauthorized;",
        ),
    ];
    // Profile changes and departures react alike.
    for step in [S::Update, S::Leave] {
        let bob: &[&str] = &[READ[1], PATCH[1]];
        let ada: &[&str] = &[READ[0], PATCH[0]];
        let both: &[&str] = &[READ[0], PATCH[0], READ[1], PATCH[1]];
        rows.extend([
            (step, 2, status(400), bob, ada, BAD),
            (step, 2, status(401), &[][..], both, "Unauthorized;"),
            (step, 2, status(404), bob, ada, "InvalidAnchor;"),
            (step, 2, status(429), bob, ada, "TooManyRequests;"),
            (step, 2, status(503), bob, ada, "InternalServerError;"),
            (step, 2, HTML, &[][..], both, INCOMPATIBLE),
            (step, 2, LIST, bob, ada, "MultipleEntriesInResponse;"),
            (step, 3, status(200), bob, &[][..], ""),
            (step, 3, status(400), bob, ada, BAD),
            (step, 3, status(401), &[][..], both, "Unauthorized;"),
            (step, 3, status(404), bob, ada, "InvalidAnchor;"),
            (step, 3, status(409), bob, ada, "Conflict;"),
            (step, 3, status(429), bob, ada, "TooManyRequests;"),
            (step, 3, status(500), bob, ada, "InternalServerError;"),
        ]);
    }
    rows
}

fn events(step: Step) -> (Vec<Event>, Vec<Event>) {
    let team = GroupKey::new("team");
    let assigned = || vec![assign("ada"), assign("bob")];
    let pushed = || {
        let mut events = assigned();
        events.push(Event::PushGroup(team.clone()));
        events
    };
    let people = |event: fn(crate::directory::PersonKey) -> Event| {
        ["ada", "bob"].map(|name| event(key(name))).to_vec()
    };
    let titled = |name| update(name, &[(Attribute::Title, Some("Analyst"))]);
    let manager = |name: &str, manager: &str| Event::Update {
        person: key(name),
        changes: BTreeMap::new(),
        manager: Some(Some(key(manager))),
    };
    match step {
        Step::Assign => (Vec::new(), assigned()),
        Step::Update => (assigned(), vec![titled("ada"), titled("bob")]),
        Step::Leave => (assigned(), people(Event::Unassign)),
        Step::Delete => (assigned(), people(Event::Delete)),
        Step::Push => (assigned(), vec![Event::PushGroup(team)]),
        Step::Rename => {
            let name = "Engines".to_owned();
            (pushed(), vec![Event::RenameGroup { group: team, name }])
        }
        Step::DeleteGroup => (pushed(), vec![Event::DeleteGroup(team)]),
        Step::Manager => (
            assigned(),
            vec![manager("ada", "bob"), manager("bob", "ada")],
        ),
    }
}

/// Nothing is passed over in silence: each of the people, and the team where it is pushed, has a report; and where the
/// cycle was cut short, all that it did not reach names the exchange that did it.
fn accounted(reports: &[JobReport], stage: &Stage, row: &str) {
    let team = stage.now.group(&GroupKey::new("team")).unwrap();
    let mut subjects = vec![Subject::Person(key("ada")), Subject::Person(key("bob"))];
    if team.push != Push::Off {
        subjects = vec![Subject::Group(team.key.clone())];
    }
    for subject in subjects {
        let named = |report: &JobReport| report.subject.as_ref() == Some(&subject);
        assert!(reports.iter().any(named), "{row}: {subject}, {reports:#?}");
    }
    let exchanges: BTreeSet<Option<u64>> = reports
        .iter()
        .filter_map(|report| match &report.outcome {
            Outcome::Stopped { exchange, .. } => Some(*exchange),
            _ => None,
        })
        .collect();
    assert!(exchanges.len() <= 1, "{row}: {reports:#?}");
}

async fn stage(good: &Good, settings: Settings, step: Step) -> (Stage, Vec<Event>) {
    let dialect = dialect(settings, setup());
    let wire = good.wire("entra");
    let groups = [team("Engineering", &["ada", "bob"])];
    let mut stage = Stage::new(dialect, Family::Entra, wire, &[ada(), bob()], &groups);
    let (first, then) = events(step);
    if !first.is_empty() {
        assert!(all_done(&stage.step(&first).await), "{step:?}");
    }
    (stage, then)
}

fn codes(reports: &[JobReport]) -> Vec<&str> {
    let stopped = reports.iter().filter_map(|report| match &report.outcome {
        Outcome::Stopped { admin_sees, .. } => Some(admin_sees.as_str()),
        _ => None,
    });
    stopped.collect()
}

#[tokio::test]
async fn every_answer_leads_to_the_next_request_or_to_the_stop_that_entra_makes() {
    let rows = rows();
    assert!(rows.len() >= 35, "{}", rows.len());
    for settings in [Settings::unflagged(), Settings::flagged()] {
        for (step, number, wrong, then, next, code) in &rows {
            let row = format!("{step:?}, request {number}, {wrong:?}");
            let good = Good::start().await;
            let (mut stage, events) = stage(&good, settings.clone(), *step).await;
            good.answer(*number, wrong.clone());
            let reports = stage.step(&events).await;
            let sent = good.take();
            assert_eq!(sent[number + 1..], **then, "{row}: at once");
            let codes = codes(&reports);
            assert_eq!(codes.is_empty(), code.is_empty(), "{row}: {reports:#?}");
            accounted(&reports, &stage, &row);
            assert!(
                codes.iter().all(|text| text.contains(code)),
                "{row}: {codes:?}"
            );

            let reports = stage.step(&[Event::Cycle]).await;
            let sent = good.take();
            assert_eq!(sent[..2], PROBES, "{row}: next cycle");
            assert_eq!(sent[2..], **next, "{row}: next cycle");
            assert!(
                super::answers::codes(&reports).is_empty(),
                "{row}: {reports:#?}"
            );
            stage.step(&[Event::Cycle]).await;
            assert_eq!(good.take(), PROBES, "{row}: nothing is left to do");
        }
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_after_the_post_leads_to_no_second_person() {
    let good = Good::start().await;
    let (mut stage, events) = stage(&good, Settings::unflagged(), Step::Assign).await;
    stage.wire.disturb(Disturbance {
        on: On {
            method: Some(crate::wire::Method::Post),
            path: Some("/Users".to_owned()),
        },
        what: Injected::AnswerLost,
        times: 1,
    });
    let reports = stage.step(&events).await;
    assert!(codes(&reports)[0].contains("Timeout;"), "{reports:#?}");
    good.take();
    assert!(all_done(&stage.step(&[Event::Cycle]).await));
    assert_eq!(good.take(), [PROBES[0], PROBES[1], MATCH]);
}

#[tokio::test]
async fn test_connection_fails_by_the_same_rules_and_changes_nothing() {
    for (number, wrong, code) in [
        (0, status(404), INCOMPATIBLE),
        (0, status(401), "Unauthorized;"),
        (0, HTML, INCOMPATIBLE),
        (1, status(404), INCOMPATIBLE),
        (1, status(503), "InternalServerError;"),
    ] {
        let good = Good::start().await;
        let (mut stage, _) = stage(&good, Settings::unflagged(), Step::Assign).await;
        good.answer(number, wrong);
        let reports = stage.step(&[Event::TestConnection]).await;
        assert_eq!(good.take().len(), number + 1);
        assert!(codes(&reports)[0].contains(code), "{reports:#?}");
    }
}

#[tokio::test]
async fn a_write_to_a_stranger_is_held_back_once_and_never_tried_again() {
    let good = Good::start().await;
    let (mut stage, _) = stage(&good, Settings::unflagged(), Step::Assign).await;
    let found = r#"{"totalResults":1,"Resources":[{"id":"boss","userName":"ada@example.com"}]}"#;
    good.answer(2, Wrong::Body(200, found));
    let pushed = [
        assign("ada"),
        assign("bob"),
        Event::PushGroup(GroupKey::new("team")),
    ];
    let reports = stage.step(&pushed).await;
    let held: Vec<_> = codes(&reports);
    assert_eq!(held.len(), 1, "{reports:#?}");
    assert!(held[0].contains("a record that the app had before"));
    let wanted = [
        PROBES[0],
        PROBES[1],
        MATCH,
        MATCH,
        POST,
        MATCH_GROUP,
        POST_GROUP,
        PATCH_GROUP,
    ];
    assert_eq!(good.take(), wanted, "Bob goes on, and only Bob is a member");
    stage
        .step(&[update("ada", &[(Attribute::Title, Some("Boss"))])])
        .await;
    assert_eq!(good.take(), PROBES);
}

#[tokio::test]
async fn what_entra_does_not_send_is_said_with_its_reason() {
    let good = Good::start().await;
    let (mut stage, events) = stage(&good, Settings::unflagged(), Step::Rename).await;
    drop(events);
    good.take();
    for event in [
        Event::Suspend(key("ada")),
        Event::Unsuspend(key("ada")),
        Event::Import,
    ] {
        let reports = stage.step(&[event]).await;
        assert!(matches!(reports[0].outcome, Outcome::SendsNothing { .. }));
        assert_eq!(good.take(), [""; 0], "not even a cycle");
    }
    // A cycle follows these, and finds nothing to do.
    let leave = Event::Unlink {
        group: GroupKey::new("team"),
        choice: crate::directory::UnlinkChoice::Leave,
    };
    let unassigned = [Event::Unassign(key("ada"))];
    stage.step(&unassigned).await;
    good.take();
    for event in [leave, Event::Delete(key("ada"))] {
        let reports = stage.step(&[event]).await;
        let silent = |r: &JobReport| matches!(r.outcome, Outcome::SendsNothing { .. });
        assert!(reports.iter().any(silent), "{reports:#?}");
        assert_eq!(good.take(), PROBES);
    }
    assert_eq!(
        stage.now.group(&GroupKey::new("team")).unwrap().push,
        Push::Left
    );
}
