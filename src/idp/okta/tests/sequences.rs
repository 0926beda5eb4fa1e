//! Sequences that only some sources record, and what is not sent at all.

use super::*;
use crate::directory::UnlinkChoice;
use crate::idp::Outcome;
use crate::idp::okta::settings::Follow;

#[tokio::test]
async fn the_other_recorded_sequences_are_sent_where_their_switches_say_so() {
    type Set = fn(&mut Switches);
    let ada = r#"{"totalResults":1,"Resources":[{"id":"u1","active":true}]}"#;
    let find = || Act::Answer(200, ada.to_owned());
    let error = |status| Act::Answer(status, "{}".to_owned());
    let unlink = || Event::Unlink {
        group: engineering(),
        choice: UnlinkChoice::Delete,
    };
    let push = || Event::PushGroup(engineering());
    let pair = ["GET /Users/u1", "PUT /Users/u1"];
    let cases = [
        (
            (|s| s.reactivation_puts = 2) as Set,
            vec![assign("ada"), unassign("ada")],
            assign("ada"),
            find(),
            [&["L"], &pair[..], &pair[..]].concat(),
        ),
        (
            |s| s.link_puts = 2,
            vec![assign("ada"), unassign("ada")],
            assign("ada"),
            find(),
            [&["L"], &pair[..]].concat(),
        ),
        (
            |s| s.delete_404_is_done = false,
            vec![assign("ada"), push()],
            unlink(),
            error(404),
            vec!["DELETE /Groups/g1"],
        ),
        (
            |s| s.group_lookup = Follow::Never,
            vec![assign("ada")],
            push(),
            Act::Answer(201, r#"{"id":"g1"}"#.to_owned()),
            vec!["POST /Groups", "GET /Groups/g1", "PUT /Groups/g1"],
        ),
        (
            |s| s.groups_on_save = Follow::Always,
            vec![],
            Event::SwitchOnProvisioning,
            Act::Answer(200, r#"{"totalResults":0}"#.to_owned()),
            vec![
                "GET /Users?startIndex=1&count=2",
                "GET /Groups?startIndex=1&count=100",
            ],
        ),
    ];
    for (set, before, event, act, wanted) in cases {
        let mut stage = Stage::new(Profile::CustomApp);
        set(&mut stage.okta.switches);
        for event in &before {
            stage.step(std::slice::from_ref(event)).await;
        }
        stage.target.take();
        stage.target.next([act]);
        stage.step(std::slice::from_ref(&event)).await;
        assert_eq!(stage.target.lines(), wanted);
    }
}

#[tokio::test]
async fn a_create_that_timed_out_is_sent_again_only_where_the_switch_says_so() {
    for (repeat, wanted) in [
        (false, vec!["L", "POST /Users"]),
        (true, vec!["L", "POST /Users", "POST /Users"]),
    ] {
        let mut stage = Stage::new(Profile::CustomApp);
        stage.okta.switches.repeat_create_after_timeout = repeat;
        let nobody = Act::Answer(200, r#"{"totalResults":0}"#.to_owned());
        let late = Act::Fail(crate::wire::FailureKind::TimedOut);
        stage.target.next([nobody, late]);
        let reports = stage.step(&[assign("ada")]).await;
        assert_eq!(stage.target.lines(), wanted);
        assert_eq!(reports[0].outcome == Outcome::Done, repeat);
    }
}

#[tokio::test]
async fn a_write_to_a_stranger_is_not_sent_and_the_report_says_why() {
    let mut stage = Stage::new(Profile::CatalogApp);
    let stranger = r#"{"totalResults":1,"Resources":[{"id":"x9","active":false}]}"#;
    stage.target.next([Act::Answer(200, stranger.to_owned())]);
    let reports = stage.step(&[assign("ada")]).await;
    let Outcome::Stopped { why, exchange, .. } = &reports[0].outcome else {
        panic!("{reports:?}");
    };
    assert!(why.contains("the guard held PATCH /Users/x9 back"), "{why}");
    assert_eq!(*exchange, Some(1));
    assert_eq!(stage.target.lines(), ["L"]);
}

#[tokio::test]
async fn whoever_is_served_already_is_not_looked_for_again() {
    let mut stage = Stage::new(Profile::CustomApp);
    stage.step(&[assign("ada")]).await;
    stage.target.take();
    for event in [assign("ada"), Event::Reactivate(key("ada"))] {
        stage.step(&[event]).await;
    }
    assert_eq!(stage.target.lines(), [""; 0]);
    stage.step(&[unassign("ada"), assign("ada")]).await;
    assert_eq!(
        stage.target.lines(),
        ["GET /Users/u1", "PUT /Users/u1", "L", "POST /Users"]
    );
}
