//! What stories must be read as, and what is said about those that are wrong.

use std::collections::BTreeMap;
use std::path::Path;

use miette::{GraphicalReportHandler, GraphicalTheme};

use super::*;
use crate::directory::{
    AppSettings, Assignment, Attribute, Directory, Event, Family, Group, Person, PersonKey, Push,
    Refusal, Status, UnlinkChoice,
};
use crate::wire::{Injected, Method};

fn story(rest: &str) -> String {
    format!("scenario: 1\ntitle: a story\nwhy: it matters\n{rest}")
}

fn read(rest: &str) -> Scenario {
    match parse("story.yaml", &story(rest)) {
        Ok(story) => story,
        Err(why) => panic!("{}", Vec::from_iter(why.lines()).join("\n")),
    }
}

/// The mistakes with their places, without how to mend them.
fn wrong(rest: &str) -> String {
    let diagnostics = parse("story.yaml", &story(rest)).unwrap_err();
    let places = diagnostics
        .lines()
        .map(|line| line.split_once("; ").unwrap().0.to_owned());
    places.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_bundled_story_compiles() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut files = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "yaml") {
                files.push(path);
            }
        }
    }
    let mut ids = Vec::new();
    for file in files {
        match load(&file) {
            Ok(story) => ids.push(story.id),
            Err(why) => panic!("{}", Vec::from_iter(why.lines()).join("\n")),
        }
    }
    ids.sort();
    let bundled: Vec<_> = bundled().iter().map(|story| story.id.clone()).collect();
    assert_eq!(ids, bundled);
}

#[test]
fn every_bundled_story_is_fit_for_every_tenant_and_for_editors() {
    let mut titles = std::collections::BTreeSet::new();
    for story in bundled() {
        let id = &story.id;
        let up = "../".repeat(id.matches('/').count());
        let line = format!("# yaml-language-server: $schema={up}scenario.schema.json\n");
        assert!(story.text.starts_with(&line), "{id}");
        assert!(!story.tags.is_empty(), "{id}");
        assert!(titles.insert(&story.title), "{id}");
        // The mail domain is the tenant's, so no story may name one.
        let named = story
            .people
            .iter()
            .flat_map(|person| person.profile.values());
        assert!(!named.into_iter().any(|value| value.contains('@')), "{id}");
        let groups = story.steps.iter().any(|step| match &step.kind {
            StepKind::Events(events) => events.iter().any(|event| event.group().is_some()),
            StepKind::Expect(_) | StepKind::Probe(_) => false,
        });
        assert!(!groups || story.needs.contains(&Need::Groups), "{id}");
    }
}

/// The people as a run would put them into that directory, if it takes them.
fn directory_of(story: &Scenario, family: Family) -> Result<Directory, Refusal> {
    let mut directory = Directory::new(family, AppSettings::defaults(family));
    story.settings.apply(&mut directory.settings);
    directory.provisioning = story.begins_provisioned();
    for spec in &story.people {
        let mut profile = spec.profile.clone();
        let local = profile.get(&Attribute::UserName).cloned();
        let local = local.unwrap_or_else(|| spec.key.to_string());
        profile.insert(Attribute::UserName, format!("{local}@example.com"));
        directory.add_person(Person {
            key: spec.key.clone(),
            profile,
            manager: spec.manager.clone(),
            status: Status::Active,
            assignment: Assignment::None,
            was_assigned: false,
        })?;
    }
    for spec in &story.groups {
        directory.add_group(Group {
            key: spec.key.clone(),
            name: spec.name.clone(),
            description: spec.description.clone(),
            directory_id: String::new(),
            members: spec.members.clone(),
            push: Push::Off,
            linked: false,
        });
    }
    Ok(directory)
}

#[test]
fn every_bundled_story_can_happen_in_the_directory_of_every_idp_that_it_suits() {
    for story in bundled() {
        for variant in crate::idp::VARIANTS {
            let directory = directory_of(story, variant.family);
            let suits = story.suits(variant.id).is_ok();
            let id = &story.id;
            // A refusal skips a story when it is played; a bundled one says so itself.
            let Ok(mut directory) = directory else {
                assert!(!suits, "{id} with {}", variant.id);
                continue;
            };
            let mut events = story.steps.iter().flat_map(|step| match &step.kind {
                StepKind::Events(events) => events.as_slice(),
                StepKind::Expect(_) | StepKind::Probe(_) => &[],
            });
            let qualified = |event: &Event| {
                let mut event = event.clone();
                if let Event::Update { changes, .. } = &mut event
                    && let Some(Some(name)) = changes.get_mut(&Attribute::UserName)
                {
                    name.push_str("@example.com");
                }
                event
            };
            let refused = events.find_map(|event| directory.apply(&qualified(event)).err());
            assert!(
                refused.is_none() || !suits,
                "{id} with {}: {refused:?}",
                variant.id
            );
        }
    }
}

#[test]
fn the_default_run_is_small_and_the_rest_is_tagged_volume() {
    for story in bundled() {
        let volume = story.tags.iter().any(|tag| tag == "volume");
        assert_eq!(story.people.len() > 20, volume, "{}", story.id);
    }
}

#[test]
fn every_scalar_is_text_unless_the_schema_says_number() {
    let words = [
        "no",
        "2.0",
        "2024-01-01",
        "null",
        "0x10",
        "1_000",
        "~x",
        ".inf",
        "007",
        "true",
    ];
    for word in words {
        let story = read(&format!(
            "people: {{ada: {{given: {word}, family: 12, employee-number: {word}}}}}\n\
             groups: {{{word}: {{members: [ada]}}}}\nsteps:\n  - push-group: {word}\n"
        ));
        let ada = &story.people[0].profile;
        assert_eq!(ada[&Attribute::Given], word);
        assert_eq!(ada[&Attribute::EmployeeNumber], word);
        assert_eq!(ada[&Attribute::Family], "12");
        assert_eq!(story.groups[0].name, word);
        assert_eq!(story.steps[0].action, format!("push group {word}"));
    }
}

#[test]
fn a_bare_null_empties_an_attribute_and_a_quoted_one_is_text() {
    let story = read(
        "people: {ada: {given: Ada, family: L}}\nsteps:\n  - update: {ada: {title: null, department: 'null'}}\n",
    );
    let changes = BTreeMap::from([
        (Attribute::Title, None),
        (Attribute::Department, Some("null".to_owned())),
    ]);
    let update = Event::Update {
        person: PersonKey::new("ada"),
        changes,
        manager: None,
    };
    assert_eq!(story.steps[0].kind, StepKind::Events(vec![update]));
}

#[test]
fn a_crowd_is_everybody_by_its_name_and_one_by_a_number() {
    let story = read(
        "people: {crowd: {given: Pat, family: Doe, count: 12}}\n\
         groups: {all: {members: crowd}}\nsteps:\n  - assign: crowd\n  - unassign: crowd-07\n",
    );
    assert_eq!(story.people.len(), 12);
    assert_eq!(story.people[6].profile[&Attribute::Family], "Doe 07");
    assert_eq!(story.groups[0].members.len(), 12);
    let StepKind::Events(assigned) = &story.steps[0].kind else {
        panic!("an assignment is an event");
    };
    assert_eq!(assigned.len(), 12);
    let seventh = Event::Unassign(PersonKey::new("crowd-07"));
    assert_eq!(story.steps[1].kind, StepKind::Events(vec![seventh]));
}

#[test]
fn a_disturbance_is_a_word_or_has_conditions() {
    let story = read(
        "people: {ada: {given: Ada, family: L}}\nsteps:\n  - assign: ada\n    disturb: answer-lost\n  \
         - unassign: ada\n    disturb:\n      - {answer: 429, retry-after: 1, times: 2, on: PATCH /Users}\n      - time-out\n",
    );
    let lost = &story.steps[0].disturb[0];
    assert_eq!((&lost.what, lost.times), (&Injected::AnswerLost, 1));
    assert_eq!((lost.on.method, lost.on.path.as_deref()), (None, None));
    let busy = &story.steps[1].disturb[0];
    let retry_after = Some("1".to_owned());
    assert_eq!(
        busy.what,
        Injected::Answer {
            status: 429,
            retry_after
        }
    );
    assert_eq!(
        (busy.on.method, busy.on.path.as_deref(), busy.times),
        (Some(Method::Patch), Some("/Users"), 2)
    );
    assert_eq!(story.steps[1].disturb[1].what, Injected::TimeOut);
}

#[test]
fn together_is_one_step_and_an_expectation_one_for_each_subject() {
    let story = read(
        "people: {ada: {given: Ada, family: L}, bob: {given: Bob, family: K}}\ngroups: {eng: {}}\nsteps:\n  \
         - together: [{rename: {ada: Ada King Noel}}, {unassign: ada}, {unlink: {eng: leave}}, cycle]\n  \
         - expect: [{person: ada, is: [inactive, absent]}, {group: eng, has: bob, hasnt: ada}]\n",
    );
    assert_eq!(
        story.steps[0].action,
        "together: rename ada, unassign ada, unlink eng, cycle"
    );
    assert_eq!(story.steps[0].line, 7);
    let StepKind::Events(events) = &story.steps[0].kind else {
        panic!("what happens together is events");
    };
    let Event::Update { changes, .. } = &events[0] else {
        panic!("a rename is an update");
    };
    assert_eq!(changes[&Attribute::Family].as_deref(), Some("King Noel"));
    assert!(matches!(
        &events[2],
        Event::Unlink {
            choice: UnlinkChoice::Leave,
            ..
        }
    ));
    assert_eq!(events[3], Event::Cycle);
    let actions: Vec<_> = story.steps[1..]
        .iter()
        .map(|step| step.action.as_str())
        .collect();
    assert_eq!(
        actions,
        [
            "expect person ada inactive or absent",
            "expect group eng has bob hasnt ada"
        ]
    );
}

#[test]
fn only_and_except_name_variants_in_the_order_of_the_list() {
    let limited = |rest: &str| {
        let story = read(&format!(
            "{rest}\npeople: {{ada: {{given: Ada, family: L}}}}\nsteps: [{{assign: ada}}]\n"
        ));
        story.only.unwrap().idps.join(" ")
    };
    assert_eq!(
        limited("only: {idps: [jumpcloud, okta], reason: r}"),
        "okta/custom-app okta/catalog-app jumpcloud"
    );
    assert_eq!(
        limited("except: {idps: okta/custom-app, reason: r}"),
        "okta/catalog-app entra/default entra/aadOptscim062020 jumpcloud"
    );
}

#[test]
fn a_probe_keeps_json_types_and_sends_text_as_it_stands() {
    let story = read(
        "steps:\n  - probe:\n      send: POST /Users\n      body: {active: true, n: 1.50, name: 'true', at: no, list: [null]}\n      \
         capture: {id: /id}\n  - probe: {send: 'PATCH /Users/${id}', body: '{broken', credentials: wrong, judges: error/body}\n",
    );
    let StepKind::Probe(create) = &story.steps[0].kind else {
        panic!("a probe is a probe");
    };
    let values = BTreeMap::from([("id".to_owned(), "a1".to_owned())]);
    let sent = create.fill(&values).unwrap();
    let body = r#"{"active":true,"n":1.5,"name":"true","at":"no","list":[null]}"#;
    assert_eq!(
        (create.method, sent.body.as_deref()),
        (Method::Post, Some(body))
    );
    let StepKind::Probe(change) = &story.steps[1].kind else {
        panic!("a probe is a probe");
    };
    let sent = change.fill(&values).unwrap();
    assert_eq!(
        (sent.target.as_str(), sent.body.as_deref()),
        ("/Users/a1", Some("{broken"))
    );
    assert_eq!(
        (change.credentials, change.judges.as_slice()),
        (Credentials::Wrong, &["error/body".to_owned()][..])
    );
}

#[test]
fn provisioning_is_off_at_the_start_only_where_a_step_switches_it_on() {
    let people = "people: {ada: {given: Ada, family: L, assigned: before-provisioning}}\n";
    assert!(read(&format!("{people}steps: [{{provision-user: ada}}]\n")).begins_provisioned());
    assert!(!read(&format!("{people}steps: [switch-on-provisioning]\n")).begins_provisioned());
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

#[test]
fn the_published_schema_is_the_one_of_the_types() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/scenario.schema.json");
    let published = std::fs::read_to_string(file).unwrap_or_default();
    let right = format!("{:#}\n", schema());
    assert!(
        published == right,
        "scenarios/scenario.schema.json is not what the types say: \
         run `cargo test --lib scenario::tests::write_the_schema -- --ignored`"
    );
}

#[test]
#[ignore = "writes scenarios/scenario.schema.json"]
fn write_the_schema() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/scenario.schema.json");
    std::fs::write(file, format!("{:#}\n", schema())).unwrap();
}

#[test]
fn every_bundled_story_fits_the_published_schema_as_an_editor_reads_it() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for story in bundled() {
        let json: serde_json::Value = syntax::as_editors_read(&story.text);
        let errors: Vec<_> = validator
            .iter_errors(&json)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{}: {errors:?}", story.file);
    }
}

#[test]
fn the_schema_refuses_what_is_no_story() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let right = story(
        "people: {ada: {given: Ada, family: 2.0}}\ngroups: {no: {}}\nsteps: [cycle, {assign: ada, disturb: time-out}]\n",
    );
    assert!(validator.is_valid(&syntax::as_editors_read(&right)));
    for (from, to) in [
        ("scenario: 1", "scenario: 2"),
        ("steps:", "step:"),
        ("given:", "givn:"),
        ("assign:", "asign:"),
        ("disturb: time-out", "disturb: storm"),
        ("title: a story\n", ""),
    ] {
        let wrong = right.replace(from, to);
        assert!(
            !validator.is_valid(&syntax::as_editors_read(&wrong)),
            "{to}"
        );
        assert!(parse("story.yaml", &wrong).is_err(), "{to}");
    }
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
