//! Quarantine, the ladder of attempts, and deletions that wait: all on the virtual clock.

use super::*;
use crate::idp::entra::Quarantine;
use crate::idp::good::{Good, Wrong};
use crate::idp::stage::Stage;

const PROBES: [&str; 2] = ["GET /Users?", "GET /Groups?"];
const HOUR: u64 = 3600;

async fn stage(good: &Good, settings: Settings) -> Stage {
    let job = dialect(settings, setup());
    let groups = [team("Engineering", &["ada"])];
    let people = [ada(), bob(), somebody("eve", "Eve Hale")];
    Stage::new(job, Family::Entra, good.wire("entra"), &people, &groups)
}

fn wait(seconds: u64) -> [Event; 1] {
    [Event::Wait { seconds }]
}

fn sees(reports: &[JobReport], text: &str) -> bool {
    reports.iter().any(|report| match &report.outcome {
        Outcome::Stopped { admin_sees, .. } => admin_sees.contains(text),
        Outcome::SendsNothing { why, .. } => why.contains(text),
        _ => false,
    })
}

#[tokio::test]
async fn in_quarantine_nothing_is_sent_until_the_daily_cycle_and_a_good_one_ends_it() {
    let good = Good::start().await;
    let mut stage = stage(&good, Settings::unflagged()).await;
    good.answer(0, Wrong::Status(401));
    stage.step(&[assign("ada")]).await;
    good.take();
    let reports = stage.step(&wait(23 * HOUR)).await;
    assert!(good.take().is_empty());
    assert!(sees(&reports, "in quarantine"), "{reports:#?}");
    stage.step(&wait(HOUR)).await;
    assert_eq!(
        good.take(),
        [PROBES[0], PROBES[1], "GET /Users?", "POST /Users"]
    );
    stage.step(&wait(2400)).await;
    assert_eq!(good.take(), PROBES, "every forty minutes again");
}

#[tokio::test]
async fn a_step_in_quarantine_ends_with_the_daily_cycle() {
    let good = Good::start().await;
    let mut stage = stage(&good, Settings::unflagged()).await;
    good.answer(0, Wrong::Status(404));
    stage.step(&[assign("ada")]).await;
    let before = stage.wire.clock().skipped();
    stage.step(&[assign("bob")]).await;
    let passed = stage.wire.clock().skipped() - before;
    assert_eq!(passed.as_secs(), 24 * HOUR);
}

#[tokio::test]
async fn after_four_weeks_in_quarantine_the_job_is_switched_off_until_it_is_restarted() {
    let target = crate::idp::script::Script::answering(|_| {
        crate::idp::script::Act::Answer(401, String::new())
    });
    let job = dialect(Settings::unflagged(), setup());
    let wire = target.wire("entra");
    let mut stage = Stage::new(job, Family::Entra, wire, &[ada()], &[]);
    stage.step(&[assign("ada")]).await;
    target.take();
    let reports = stage.step(&wait(40 * 24 * HOUR)).await;
    assert_eq!(target.take().len(), 28, "one attempt a day");
    assert!(sees(&reports, "in quarantine"), "{reports:#?}");
    for event in [
        Event::Cycle,
        assign("ada"),
        Event::Wait { seconds: 24 * HOUR },
    ] {
        let reports = stage.step(&[event]).await;
        assert!(target.take().is_empty());
        assert!(sees(&reports, "switched off"), "{reports:#?}");
    }
    stage.step(&[Event::RetryTasks]).await;
    assert_eq!(target.take().len(), 1, "restarted");
}

#[tokio::test]
async fn what_fails_is_tried_after_6_12_and_24_hours_and_at_once_when_it_changes() {
    let good = Good::start().await;
    let mut stage = stage(&good, Settings::unflagged()).await;
    let tried = ["GET /Users?", "GET /Groups?", "GET /Users?", "POST /Users"];
    good.answer(3, Wrong::Status(503));
    stage.step(&[assign("ada")]).await;
    good.answer(3, Wrong::Status(503));
    stage.step(&[Event::Cycle]).await;
    assert_eq!(good.take(), tried, "in the next cycle");
    for hours in [6, 12, 24, 24] {
        stage.step(&wait(hours * HOUR - 2400)).await;
        assert_eq!(good.take(), PROBES, "not before {hours} hours");
        good.answer(3, Wrong::Status(503));
        stage.step(&wait(2400)).await;
        assert_eq!(good.take(), tried, "after {hours} hours");
    }
    stage
        .step(&[update("ada", &[(Attribute::Title, Some("Analyst"))])])
        .await;
    assert_eq!(good.take(), tried, "at once");
}

#[tokio::test]
async fn a_long_wait_has_room_for_every_attempt() {
    let good = Good::start().await;
    let mut stage = stage(&good, Settings::unflagged()).await;
    for _ in 0..2 {
        good.answer(3, Wrong::Status(503));
        stage.step(&[assign("ada")]).await;
    }
    good.answer(3, Wrong::Status(503));
    stage.step(&wait(20 * HOUR)).await;
    let posts = good
        .take()
        .iter()
        .filter(|line| *line == "POST /Users")
        .count();
    assert_eq!(
        posts, 2,
        "the attempt after six hours fails, the one after another twelve does not"
    );
}

#[tokio::test]
async fn a_restart_forgets_what_failed_and_keeps_the_links() {
    let good = Good::start().await;
    let mut stage = stage(&good, Settings::unflagged()).await;
    for _ in 0..2 {
        good.answer(3, Wrong::Status(503));
        stage.step(&[assign("ada")]).await;
    }
    good.take();
    stage.step(&[assign("bob")]).await;
    assert_eq!(
        good.take()[2..],
        ["GET /Users?", "POST /Users"],
        "Bob alone"
    );
    stage.step(&[Event::RetryTasks]).await;
    let wanted = ["GET /Users?", "POST /Users", "GET /Users/u1"];
    assert_eq!(good.take()[2..], wanted, "Ada at last, and Bob by his link");
}

#[tokio::test]
async fn a_membership_that_fails_again_and_again_is_tried_less_often_and_holds_up_no_other() {
    let good = Good::start().await;
    let mut stage = stage(&good, Settings::unflagged()).await;
    let team = GroupKey::new("team");
    stage.step(&[assign("ada"), assign("bob")]).await;
    good.answer(4, Wrong::Status(400));
    stage.step(&[Event::PushGroup(team)]).await;
    good.answer(3, Wrong::Status(400));
    stage.step(&[Event::Cycle]).await;
    good.take();
    stage.step(&[Event::Cycle]).await;
    assert_eq!(good.take(), PROBES);
    stage.step(&[Event::Join(membership("bob"))]).await;
    let wanted = ["GET /Groups/g1?", "PATCH /Groups/g1", "PATCH /Groups/g1"];
    assert_eq!(
        good.take()[2..],
        wanted,
        "a change in the group is tried at once"
    );
}

#[tokio::test]
async fn too_many_failures_quarantine_the_job_and_those_of_references_do_not() {
    let settings = Settings {
        quarantine: Quarantine {
            from: 1,
            percent: 40,
            failures: 40_000,
            absolute: 60_000,
        },
        ..Settings::unflagged()
    };
    let good = Good::start().await;
    let mut stage = stage(&good, settings).await;
    good.answer(3, Wrong::Status(503));
    let reports = stage
        .step(&[assign("ada"), assign("bob"), assign("eve")])
        .await;
    assert!(
        !sees(&reports, "EncounteredEscrow"),
        "a third is not 40 per cent: {reports:#?}"
    );
    good.answer(3, Wrong::Status(503));
    let reports = stage.step(&[Event::Cycle]).await;
    assert!(
        sees(&reports, "EncounteredEscrowProportionThreshold"),
        "{reports:#?}"
    );
    good.take();
    stage.step(&wait(2400)).await;
    assert!(good.take().is_empty(), "in quarantine");
    stage.step(&wait(24 * HOUR)).await;
    good.take();
    good.answer(4, Wrong::Status(400));
    let reports = stage.step(&[Event::PushGroup(GroupKey::new("team"))]).await;
    assert!(sees(&reports, "BadRequest"), "{reports:#?}");
    assert!(!sees(&reports, "EncounteredEscrow"), "{reports:#?}");
}

#[test]
fn the_published_thresholds_weigh_from_5000_failures_on() {
    let thresholds = Settings::unflagged().quarantine;
    for (objects, failures, exceeded) in [
        (4_999, 4_999, false),
        (12_499, 5_000, true),
        (12_500, 5_000, false),
        (1_000_000, 40_000, false),
        (1_000_000, 40_001, true),
    ] {
        let found = thresholds.exceeded(objects, failures).is_some();
        assert_eq!(found, exceeded, "{failures} of {objects}");
    }
}

#[tokio::test]
async fn more_deletions_than_the_threshold_wait_until_they_are_allowed() {
    let good = Good::start().await;
    let mut stage = stage(&good, Settings::unflagged()).await;
    stage.now.settings.deletion_threshold = Some(2);
    let team = GroupKey::new("team");
    let joined = [
        assign("ada"),
        assign("bob"),
        assign("eve"),
        Event::PushGroup(team.clone()),
    ];
    stage.step(&joined).await;
    good.take();
    let leave = [
        Event::Unassign(key("ada")),
        Event::Delete(key("bob")),
        Event::DeleteGroup(team),
        update("eve", &[(Attribute::Title, Some("Analyst"))]),
    ];
    let reports = stage.step(&leave).await;
    assert_eq!(
        good.take()[2..],
        ["GET /Users/u3", "PATCH /Users/u3"],
        "Eve alone"
    );
    let staged = reports
        .iter()
        .filter(|report| sees(std::slice::from_ref(report), "StagedDelete"));
    assert_eq!(staged.count(), 3);
    stage.step(&wait(2400)).await;
    assert!(good.take().is_empty(), "in quarantine");
    stage.step(&wait(24 * HOUR)).await;
    assert_eq!(good.take(), PROBES, "still held back");
    stage.step(&[Event::AllowDeletions]).await;
    let wanted = [
        "GET /Users/u1",
        "PATCH /Users/u1",
        "DELETE /Users/u2",
        "DELETE /Groups/g1",
    ];
    assert_eq!(good.take()[2..], wanted);
    stage.step(&[Event::Unassign(key("eve"))]).await;
    assert_eq!(
        good.take()[2..],
        ["GET /Users/u3", "PATCH /Users/u3"],
        "below the threshold"
    );
}

#[tokio::test]
async fn a_restart_looks_after_a_manager_who_came_later() {
    let good = Good::start().await;
    let job = dialect(Settings::unflagged(), setup());
    let mut ada = ada();
    ada.manager = Some(key("bob"));
    let wire = good.wire("entra");
    let mut stage = Stage::new(job, Family::Entra, wire, &[ada, bob()], &[]);
    stage.step(&[assign("ada")]).await;
    stage.step(&[assign("bob")]).await;
    stage.step(&[Event::Cycle]).await;
    let patches = |sent: Vec<String>| {
        sent.into_iter()
            .filter(|line| line.starts_with("PATCH"))
            .count()
    };
    assert_eq!(patches(good.take()), 0, "nobody looks at Ada again");
    stage.step(&[Event::RetryTasks]).await;
    assert_eq!(patches(good.take()), 1);
}
