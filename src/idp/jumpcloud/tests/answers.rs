//! Every answer of jumpcloud/2.2 and jumpcloud/6 into every step: what follows at once, and what the next event sends.

use super::*;
use crate::idp::good::{Good, Wrong};
use crate::idp::stage::Stage;
use crate::wire::{Disturbance, Injected, On};

/// What an administrator does, after Ada and Bob are where the step needs them.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// The connection is tested: GET.
    Test,
    /// The integration is activated, all 13 calls. The next event is Ada's assignment.
    Activate,
    /// Ada is assigned: lookup, POST. The next event is a new title.
    Assign,
    /// Ada gets a title: PUT. The next event is another title.
    Update,
    /// Ada leaves: PUT. The next event is her return.
    Leave,
    /// Ada is deleted: DELETE. The next event is her departure from the app.
    Delete,
    /// The team is bound with Ada and Bob in it: lookup, POST, a PATCH for each. The next event takes Ada out.
    Bind,
    /// The team is renamed: PATCH. The next event is another name.
    Rename,
    /// The team is deleted: DELETE. The next event is another name.
    DeleteGroup,
    /// The people are imported: GET. The next event is another import.
    Import,
}

/// A row: the step, which of its requests gets which answer, what else the step sends, what the next event sends, and how
/// many jobs stop.
type Row = (
    Step,
    usize,
    Wrong,
    &'static [&'static str],
    &'static [&'static str],
    usize,
);

const FIND: &str = "GET /Users?";
const POST: &str = "POST /Users";
const PUT: &str = "PUT /Users/u1";
const POST_GROUP: &str = "POST /Groups";
const PATCH: &str = "PATCH /Groups/g1";
const LIST: &str = "GET /Users?";
const AFTER_GROUP_REFUSED: &[&str] = &[
    POST_GROUP,
    "GET /Groups/g1",
    PATCH,
    "DELETE /Groups/g1",
    "DELETE /Users/u1",
];
const ONE: Wrong = Wrong::Body(200, r#"{"totalResults":1,"Resources":[{"id":"a"}]}"#);
const HTML: Wrong = Wrong::Body(200, "<html>");
const TWO: Wrong = Wrong::Body(
    200,
    r#"{"totalResults":2,"resources":[{"id":"a"},{"id":"b"}]}"#,
);
const NO_ID: Wrong = Wrong::Body(
    200,
    r#"{"totalResults":1,"Resources":[{"userName":"ada"}]}"#,
);
/// The leniency of jumpcloud/6/3: the key in lower case, another media type, no schema.
const LENIENT: Wrong = Wrong::Body(200, r#"{"totalResults":0,"resources":[]}"#);

fn rows() -> Vec<Row> {
    use Step as S;
    let status = Wrong::Status;
    let again: &[&str] = &[FIND, POST];
    let mut rows: Vec<Row> = vec![
        (S::Test, 0, LENIENT, &[], &[], 0),
        (S::Test, 0, HTML, &[], &[], 1),
        (S::Test, 0, status(401), &[], &[], 1),
        (S::Test, 0, status(404), &[], &[], 1),
        (S::Activate, 0, HTML, &[], &[], 1),
        (S::Activate, 1, status(500), &[], &[], 1),
        // Whoever has the test address ends the activation, and so does a person whom nothing can be written to.
        (S::Activate, 1, ONE, &[], &[], 1),
        (S::Activate, 2, status(400), &[], &[], 1),
        (S::Activate, 2, status(409), &[], &[], 1),
        (S::Activate, 4, status(400), &[], &[], 1),
        (S::Activate, 6, status(400), &[], &[], 1),
        (S::Activate, 8, status(400), AFTER_GROUP_REFUSED, again, 0),
        (S::Activate, 8, status(500), &[], &[], 1),
        (S::Activate, 10, status(400), &[], &[], 1),
        (
            S::Activate,
            11,
            status(405),
            &["DELETE /Users/u1"],
            again,
            0,
        ),
        (S::Activate, 12, status(404), &[], again, 0),
        (S::Activate, 12, status(501), &[PUT], again, 0),
        (S::Assign, 0, LENIENT, &[POST], &[PUT], 0),
        (S::Assign, 0, status(404), &[POST], &[PUT], 0),
        (S::Assign, 0, status(400), &[], again, 1),
        (S::Assign, 0, status(401), &[], again, 1),
        (S::Assign, 0, status(500), &[], again, 1),
        (S::Assign, 0, HTML, &[], again, 1),
        (S::Assign, 0, TWO, &[], again, 1),
        (S::Assign, 0, NO_ID, &[], again, 1),
        // Four tries are known of the activation alone.
        (S::Assign, 1, status(400), &[], again, 1),
        (S::Assign, 1, status(409), &[], again, 1),
        (S::Assign, 1, status(429), &[], again, 1),
        (S::Assign, 1, status(500), &[], again, 1),
        (S::Assign, 1, Wrong::Body(201, "{}"), &[], again, 1),
        (
            S::Assign,
            1,
            Wrong::Body(200, r#"{"id":"u1"}"#),
            &[],
            &[],
            0,
        ),
        (S::Delete, 0, status(404), &[], &[], 0),
        (S::Delete, 0, status(500), &[], &[PUT], 1),
        (
            S::Bind,
            0,
            status(404),
            &[POST_GROUP, PATCH, PATCH],
            &[PATCH],
            0,
        ),
        (S::Bind, 0, HTML, &[], &[], 1),
        (S::Bind, 1, status(400), &[], &[], 1),
        (S::Bind, 1, status(409), &[], &[], 1),
        (S::Bind, 2, status(200), &[PATCH], &[PATCH], 0),
        (S::Bind, 2, status(400), &[], &[], 1),
        (S::Bind, 3, status(404), &[], &[PATCH], 1),
        (S::Rename, 0, status(200), &[], &[PATCH], 0),
        (S::Rename, 0, status(400), &[], &[PATCH], 1),
        (S::DeleteGroup, 0, status(404), &[], &[], 0),
        (S::DeleteGroup, 0, status(501), &[], &[], 1),
        (S::Import, 0, LENIENT, &[], &[LIST], 0),
        (S::Import, 0, status(503), &[], &[LIST], 1),
        (S::Import, 0, HTML, &[], &[LIST], 1),
    ];
    for step in [S::Update, S::Leave] {
        rows.extend([
            (step, 0, status(204), &[][..], &[PUT][..], 0),
            (step, 0, status(400), &[][..], &[PUT][..], 1),
            (step, 0, status(409), &[][..], &[PUT][..], 1),
            (step, 0, status(429), &[][..], &[PUT][..], 1),
            (step, 0, status(500), &[][..], &[PUT][..], 1),
            // Whoever is gone is looked up anew.
            (step, 0, status(404), &[][..], &[FIND, PUT][..], 1),
        ]);
    }
    rows
}

fn events(step: Step) -> (Vec<Event>, Vec<Event>, Event) {
    let group = GroupKey::new("team");
    let assigned = vec![assign("ada"), assign("bob")];
    let mut bound = assigned.clone();
    bound.push(Event::PushGroup(group.clone()));
    let titled = |title| update("ada", &[(Attribute::Title, Some(title))]);
    let named = |name: &str| Event::RenameGroup {
        group: group.clone(),
        name: name.to_owned(),
    };
    let ada = || key("ada");
    match step {
        Step::Test => (Vec::new(), vec![Event::TestConnection], Event::Cycle),
        Step::Activate => {
            let activate = vec![Event::SwitchOnProvisioning];
            (Vec::new(), activate, assign("ada"))
        }
        Step::Assign => (Vec::new(), vec![assign("ada")], titled("Captain")),
        Step::Update => (assigned, vec![titled("Captain")], titled("Admiral")),
        Step::Leave => (assigned, vec![Event::Unassign(ada())], assign("ada")),
        Step::Delete => (assigned, vec![Event::Delete(ada())], Event::Unassign(ada())),
        Step::Bind => {
            let bind = vec![Event::PushGroup(group.clone())];
            (assigned, bind, Event::Leave(membership("ada")))
        }
        Step::Rename => (bound, vec![named("Engines")], named("Motors")),
        Step::DeleteGroup => (
            bound,
            vec![Event::DeleteGroup(group.clone())],
            named("Motors"),
        ),
        Step::Import => (Vec::new(), vec![Event::Import], Event::Import),
    }
}

fn stops(reports: &[JobReport]) -> usize {
    let stopped = |report: &&JobReport| matches!(report.outcome, Outcome::Stopped { .. });
    reports.iter().filter(stopped).count()
}

async fn stage(good: &Good, step: Step) -> (Stage, Vec<Event>, Event) {
    let dialect = connection(Settings::default());
    let wire = good.wire("jumpcloud");
    let groups = [team("Engineering", &["ada", "bob"])];
    let mut stage = Stage::new(dialect, Family::Jumpcloud, wire, &[ada(), bob()], &groups);
    let (first, then, next) = events(step);
    assert!(all_done(&stage.step(&first).await), "{step:?}");
    (stage, then, next)
}

#[tokio::test]
async fn every_answer_leads_to_the_next_request_or_to_the_stop() {
    let rows = rows();
    assert!(rows.len() >= 35, "{}", rows.len());
    for (step, number, wrong, then, next, stopped) in rows {
        let row = format!("{step:?}, request {number}, {wrong:?}");
        let good = Good::start().await;
        let (mut stage, events, following) = stage(&good, step).await;
        good.answer(number, wrong);
        let reports = stage.step(&events).await;
        assert_eq!(good.take()[number + 1..], *then, "{row}: at once");
        assert_eq!(stops(&reports), stopped, "{row}: {reports:#?}");
        let reports = stage.step(&[following]).await;
        assert_eq!(good.take(), *next, "{row}: next event, {reports:#?}");
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_after_the_post_leads_to_no_second_person() {
    let good = Good::start().await;
    let (mut stage, events, next) = stage(&good, Step::Assign).await;
    stage.wire.disturb(Disturbance {
        on: On {
            method: Some(crate::wire::Method::Post),
            path: Some("/Users".to_owned()),
        },
        what: Injected::AnswerLost,
        times: 1,
    });
    assert_eq!(stops(&stage.step(&events).await), 1);
    good.take();
    assert!(all_done(&stage.step(&[next]).await));
    assert_eq!(good.take(), [FIND, PUT]);
}

#[tokio::test]
async fn a_write_to_a_stranger_is_held_back() {
    let good = Good::start().await;
    let (mut stage, _, _) = stage(&good, Step::Assign).await;
    good.answer(
        0,
        Wrong::Body(200, r#"{"totalResults":1,"Resources":[{"id":"boss"}]}"#),
    );
    let reports = stage.step(&[assign("ada")]).await;
    assert_eq!(good.take(), [FIND]);
    let [
        JobReport {
            outcome: Outcome::Stopped { admin_sees, .. },
            ..
        },
    ] = &reports[..]
    else {
        panic!("{reports:#?}");
    };
    assert!(admin_sees.contains("a record that the app had before"));
}

#[tokio::test]
async fn a_returner_is_put_back_and_added_to_the_bound_groups_again() {
    let good = Good::start().await;
    let (mut stage, _, _) = stage(&good, Step::Rename).await;
    stage.step(&[Event::Unassign(key("ada"))]).await;
    good.take();
    assert!(all_done(&stage.step(&[assign("ada")]).await));
    assert_eq!(good.take(), [PUT, PATCH]);
}

#[tokio::test]
async fn an_import_of_a_list_without_end_is_given_up() {
    let good = Good::start().await;
    let endless = Settings {
        pages: 1,
        ..Settings::default()
    };
    let wire = good.wire("jumpcloud");
    let dialect = connection(endless);
    let mut stage = Stage::new(dialect, Family::Jumpcloud, wire, &[], &[]);
    good.answer(
        0,
        Wrong::Body(200, r#"{"totalResults":9,"Resources":[{"id":"a"}]}"#),
    );
    let reports = stage.step(&[Event::Import]).await;
    assert!(
        matches!(reports[0].outcome, Outcome::Inconclusive { .. }),
        "{reports:#?}"
    );
}
