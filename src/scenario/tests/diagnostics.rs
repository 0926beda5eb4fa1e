//! What is said about stories that are wrong, and that nothing makes the reader panic.

use std::path::Path;

use miette::{GraphicalReportHandler, GraphicalTheme};

use super::story;
use crate::scenario::*;

/// The mistakes with their places, without how to mend them.
fn wrong(rest: &str) -> String {
    let diagnostics = parse("story.yaml", &story(rest)).unwrap_err();
    let places = diagnostics
        .lines()
        .map(|line| line.split_once("; ").unwrap().0.to_owned());
    places.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_mistake_of_a_file_is_reported_in_the_order_of_the_file() {
    let text = "people:\n  ada: {givn: Ada, family: [L], at-target: here}\n  ada: {given: A, family: B}\nsteps:\n  \
                - asign: ada\n  - assign: bob\n  - wait: soon\n";
    insta::assert_snapshot!(wrong(text));
}

/// What a terminal of a hundred columns without colour shows.
fn drawn(text: &str) -> String {
    drawn_of(&parse("stories/mine.yaml", text).unwrap_err())
}

fn drawn_of(diagnostics: &Diagnostics) -> String {
    let mut drawn = String::new();
    GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor())
        .with_width(100)
        .render_report(&mut drawn, diagnostics)
        .unwrap();
    drawn
}

macro_rules! diagnostics {
    ($($name:ident: $text:expr,)*) => {$(
        #[test]
        fn $name() {
            insta::assert_snapshot!(drawn($text));
        }
    )*};
}

diagnostics! {
    an_empty_file_is_no_story: "",
    broken_yaml_is_shown_where_it_breaks: "scenario: 1\ntitle: a\nwhy: b\nsteps:\n  - assign: [ada\n",
    another_version_is_named: "scenario: 2\ntitle: a\n",
    a_story_needs_steps: &story("steps: []\n"),
    an_unknown_key_gets_the_nearest_right_one: &story("stpes: []\nsteps: [cycle]\n"),
    an_unknown_person_gets_the_nearest_right_one:
        &story("people: {ada: {given: Ada, family: L}}\nsteps:\n  - assign: adda\n"),
    an_unknown_group_lists_those_that_exist:
        &story("groups: {engineering: {}, sales: {}}\nsteps:\n  - push-group: finance\n"),
    an_unknown_idp_gets_the_nearest_right_one: &story("only: {idps: [okto], reason: why}\nsteps: [cycle]\n"),
    an_unknown_attribute_gets_the_nearest_right_one:
        &story("people: {ada: {given: Ada, family: L}}\nsteps:\n  - update: {ada: {departement: IT}}\n"),
    an_unknown_action_gets_the_nearest_right_one:
        &story("people: {ada: {given: Ada, family: L}}\nsteps:\n  - unasign: ada\n"),
    a_double_key_shows_both: &story("people:\n  ada: {given: Ada, family: L}\n  ada: {given: A, family: B}\nsteps: [cycle]\n"),
    a_wrong_type_says_what_is_expected: &story("people: [ada]\nsteps: {assign: ada}\n"),
    a_step_does_one_thing:
        &story("people: {ada: {given: Ada, family: L}}\nsteps:\n  - assign: ada\n    cycle:\n"),
    a_word_without_its_value_asks_for_it: &story("steps:\n  - assign\n  - assign:\n"),
    an_expectation_fits_its_subject:
        &story("people: {ada: {given: Ada, family: L}}\ngroups: {eng: {}}\nsteps:\n  - expect: {person: ada, is: present}\n  - expect: {group: eng, is: [active]}\n"),
    a_member_at_the_target_must_be_there:
        &story("people: {ada: {given: Ada, family: L}}\ngroups: {eng: {at-target: [ada]}}\nsteps: [cycle]\n"),
    a_disturbance_is_checked: &story("steps:\n  - cycle:\n    disturb: {answer: 200, on: GETT /Users, times: 0}\n"),
    a_probe_is_checked: &story(
        "steps:\n  - probe: {send: 'GET /Users/${idd}', judges: nothing}\n  - probe: {send: FETCH /Users}\n  \
         - probe: {send: 'GET /Users?filter=userName eq \"x\"', capture: {id: id}}\n"
    ),
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let diagnostics = load(Path::new("no/such/story.yaml")).unwrap_err();
    assert_eq!(diagnostics.to_string(), "no/such/story.yaml has a mistake");
    let why = diagnostics.lines().next().unwrap();
    assert!(
        why.starts_with("no/such/story.yaml:1:1: the file cannot be read"),
        "{why}"
    );
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in ".*") {
        let _ = parse("story.yaml", &text);
    }

    #[test]
    fn no_change_of_a_story_makes_the_reader_panic(
        index in 0_usize..1_000,
        at in 0_usize..4_000,
        length in 0_usize..12,
        with in "[-a-z:,\\[\\]{}&*!|>'\"%#@ \n\té0-9~$]{0,6}",
    ) {
        let stories = bundled();
        let mut text: Vec<char> = stories[index % stories.len()].text.chars().collect();
        let start = at % (text.len() + 1);
        let end = (start + length).min(text.len());
        text.splice(start..end, with.chars());
        let text: String = text.into_iter().collect();
        if let Err(wrong) = parse("story.yaml", &text) {
            // Drawing must find every place within the text.
            drawn_of(&wrong);
            proptest::prop_assert!(wrong.lines().count() > 0);
        }
    }
}

#[test]
fn nesting_without_end_and_repetition_without_end_are_refused() {
    let deep = "[".repeat(100_000);
    let laughs = "a: &a [x, x, x, x, x, x, x, x]\n".to_owned()
        + &(1..12)
            .map(|n| {
                format!(
                    "a{n}: &a{n} [{}]\n",
                    vec![
                        if n == 1 {
                            "*a".to_owned()
                        } else {
                            format!("*a{}", n - 1)
                        };
                        9
                    ]
                    .join(", ")
                )
            })
            .collect::<String>();
    for text in [deep, laughs] {
        assert!(parse("story.yaml", &text).is_err());
    }
}
