//! Jobs of different people at the same time: repeatable, and green on a target that loses nothing.

use scimulate::run::tape::{Line, Tape};
use scimulate::wire::tape::Sent;
use scimulate::wire::{Method, Origin};

use crate::run::{judged, plan, play_tape, text};

const STORIES: [&str; 2] = ["groups/ten-join-at-once", "onboarding/ten-at-once"];

/// What the IdPs sent, in order.
fn sent(tape: &Tape) -> Vec<&Sent> {
    let lines = tape.lines.iter().filter_map(|line| match line {
        Line::Sent(sent) if sent.by.origin == Origin::Idp => Some(&**sent),
        _ => None,
    });
    lines.collect()
}

#[test]
fn people_who_come_at_once_are_all_there_and_the_same_seed_sends_the_same() {
    let plan = plan(&["okta", "entra", "jumpcloud"], &STORIES, &[]);
    let tapes = [(); 2].map(|()| play_tape(&plan));
    let report = judged(&tapes[0]);
    assert!(report.findings.is_empty(), "{}", text(&report));
    let [first, again] = tapes.each_ref().map(|tape| {
        let sent = sent(tape).into_iter();
        let what = sent.map(|s| (s.n, s.method, s.target.clone(), s.body.clone()));
        what.collect::<Vec<_>>()
    });
    assert_eq!(first, again);
}

#[test]
fn another_seed_serves_the_same_people_in_another_order() {
    let order = |seed| {
        let mut plan = plan(&["okta/catalog-app"], &STORIES[1..], &[]);
        plan.seed = seed;
        let tape = play_tape(&plan);
        let created = sent(&tape)
            .into_iter()
            .filter(|s| s.method == Method::Post && s.target == "/Users");
        let who = created.map(|s| format!("{:?}", s.by.subject));
        who.collect::<Vec<_>>()
    };
    let (one, other) = (order(1), order(2));
    assert_eq!(one.len(), 10);
    assert_ne!(one, other);
    let sorted = |mut people: Vec<String>| {
        people.sort();
        people
    };
    assert_eq!(sorted(one), sorted(other));
}

/// One after the other, an app from the catalogue reads the group between two changes; abreast, ten changes are under way
/// before the first read.
#[test]
fn the_members_of_one_group_are_changed_abreast() {
    for (idp, first) in [
        ("okta/catalog-app", Method::Patch),
        ("okta/custom-app", Method::Get),
    ] {
        let tape = play_tape(&plan(&[idp], &STORIES[..1], &[]));
        let joining = sent(&tape).into_iter().filter(|s| s.by.step == Some(2));
        let methods: Vec<Method> = joining.map(|s| s.method).collect();
        assert!(methods.len() >= 20, "{idp}: {methods:?}");
        assert!(
            methods[..10].iter().all(|m| *m == first),
            "{idp}: {methods:?}"
        );
        assert_ne!(methods[10], first, "{idp}: {methods:?}");
    }
    let tape = play_tape(&plan(&["entra/default"], &STORIES[..1], &[]));
    let members = sent(&tape).into_iter();
    let members = members.filter(|s| s.by.step == Some(2) && s.by.job == "update members");
    assert_eq!(members.count(), 10);
}

/// A target that reads a group, changes its copy and writes it back is red where changes overlap, and only there.
#[test]
fn member_changes_that_overlap_are_lost_where_the_target_reads_changes_and_writes_back() {
    let fault = "concurrent-member-patch-lost-update";
    for idp in ["okta/catalog-app", "entra/default"] {
        let report = judged(&play_tape(&plan(&[idp], &STORIES[..1], &[fault])));
        let data = report.findings.iter();
        let lost = data.filter(|f| f.requirement.starts_with("group/")).count();
        assert!(lost > 0, "{idp}: {}", text(&report));
        let one_by_one = ["groups/members-in-and-out"];
        let report = judged(&play_tape(&plan(&[idp], &one_by_one, &[fault])));
        assert!(report.findings.is_empty(), "{idp}: {}", text(&report));
    }
}
