//! What stories must be read as.

mod bundled;
mod diagnostics;

use std::collections::BTreeMap;

use super::*;
use crate::directory::{
    AppSettings, Attribute, Event, Family, GroupKey, Matching, Membership, NameRule, PersonKey,
    RuleMatch, UnlinkChoice,
};
use crate::wire::{Injected, Method};

/// A story with that rest.
pub(super) fn story(rest: &str) -> String {
    format!("scenario: 1\ntitle: a story\nwhy: it matters\n{rest}")
}

fn read(rest: &str) -> Scenario {
    match parse("story.yaml", &story(rest)) {
        Ok(story) => story,
        Err(why) => panic!("{}", Vec::from_iter(why.lines()).join("\n")),
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
        "together: rename ada to Ada King Noel, unassign ada, unlink eng and leave it, cycle"
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
        "okta/custom-app okta/catalog-app okta/on-prem-agent jumpcloud"
    );
    assert_eq!(
        limited("except: {idps: okta/custom-app, reason: r}"),
        "okta/catalog-app okta/on-prem-agent entra/default entra/aadOptscim062020 entra/on-demand jumpcloud"
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

/// The action's words and events in a story of two people and a group.
fn done(step: &str) -> (String, Vec<Event>) {
    let story = read(&format!(
        "people: {{ada: {{given: Ada, family: L}}, bob: {{given: Bob, family: K}}}}\ngroups: {{eng: {{}}}}\n\
         steps:\n  - {step}\n"
    ));
    let [step] = story.steps.as_slice() else {
        panic!("one step is read as one");
    };
    match &step.kind {
        StepKind::Events(events) => (step.action.clone(), events.clone()),
        other => panic!("{other:?} is no event"),
    }
}

#[test]
fn every_action_becomes_its_event() {
    let (ada, bob) = (PersonKey::new("ada"), PersonKey::new("bob"));
    let eng = GroupKey::new("eng");
    let member = |person: &PersonKey| Membership {
        person: person.clone(),
        group: eng.clone(),
    };
    let manager = |of: &PersonKey, manager: Option<&PersonKey>| Event::Update {
        person: of.clone(),
        changes: BTreeMap::new(),
        manager: Some(manager.cloned()),
    };
    let name = "Research".to_owned();
    let table: Vec<(&str, &str, Vec<Event>)> = vec![
        (
            "assign: [ada, bob]",
            "assign ada, bob",
            vec![Event::Assign(ada.clone()), Event::Assign(bob.clone())],
        ),
        (
            "unassign: ada",
            "unassign ada",
            vec![Event::Unassign(ada.clone())],
        ),
        (
            "deactivate: ada",
            "deactivate ada",
            vec![Event::Deactivate(ada.clone())],
        ),
        (
            "reactivate: ada",
            "reactivate ada",
            vec![Event::Reactivate(ada.clone())],
        ),
        (
            "change-password: ada",
            "change password ada",
            vec![Event::ChangePassword(ada.clone())],
        ),
        (
            "suspend: ada",
            "suspend ada",
            vec![Event::Suspend(ada.clone())],
        ),
        (
            "unsuspend: ada",
            "unsuspend ada",
            vec![Event::Unsuspend(ada.clone())],
        ),
        (
            "delete: ada",
            "delete ada",
            vec![Event::Delete(ada.clone())],
        ),
        (
            "provision-user: ada",
            "provision user ada",
            vec![Event::ProvisionUser(ada.clone())],
        ),
        (
            "manager: {ada: bob, bob: null}",
            "manager of ada to bob, bob to nobody",
            vec![manager(&ada, Some(&bob)), manager(&bob, None)],
        ),
        (
            "update: {ada: {manager: bob}}",
            "update ada (manager)",
            vec![manager(&ada, Some(&bob))],
        ),
        (
            "push-group: eng",
            "push group eng",
            vec![Event::PushGroup(eng.clone())],
        ),
        (
            "push-now: [eng]",
            "push now eng",
            vec![Event::PushNow(eng.clone())],
        ),
        (
            "delete-group: eng",
            "delete group eng",
            vec![Event::DeleteGroup(eng.clone())],
        ),
        (
            "push-rule: {ends-with: neering}",
            "push groups by rule `neering`",
            vec![Event::PushRule(NameRule {
                matches: RuleMatch::EndsWith,
                text: "neering".to_owned(),
            })],
        ),
        (
            "rename-group: {eng: Research}",
            "rename group eng to Research",
            vec![Event::RenameGroup {
                group: eng.clone(),
                name,
            }],
        ),
        (
            "join: {eng: [ada, bob]}",
            "join eng: ada, bob",
            vec![Event::Join(member(&ada)), Event::Join(member(&bob))],
        ),
        (
            "leave: {eng: ada}",
            "leave eng: ada",
            vec![Event::Leave(member(&ada))],
        ),
        (
            "unlink: {eng: delete}",
            "unlink eng and delete it",
            vec![Event::Unlink {
                group: eng.clone(),
                choice: UnlinkChoice::Delete,
            }],
        ),
        (
            "switch-on-provisioning",
            "switch on provisioning",
            vec![Event::SwitchOnProvisioning],
        ),
        ("import:", "import", vec![Event::Import]),
        (
            "test-connection",
            "test the connection",
            vec![Event::TestConnection],
        ),
        ("cycle", "cycle", vec![Event::Cycle]),
        ("retry-tasks", "retry tasks", vec![Event::RetryTasks]),
        (
            "wait: 40m",
            "wait 40m",
            vec![Event::Wait { seconds: 2_400 }],
        ),
        (
            "wait: 2 h",
            "wait 2 h",
            vec![Event::Wait { seconds: 7_200 }],
        ),
    ];
    for (step, words, events) in table {
        assert_eq!(done(step), (words.to_owned(), events), "{step}");
    }
}

#[test]
fn switches_are_set_and_the_others_stay_as_a_new_app_has_them() {
    let story = read(
        "settings: {soft-delete: false, import-groups: true, matching: external-id}\nsteps: [cycle]\n",
    );
    let new = AppSettings::defaults(Family::Entra);
    let mut set = new.clone();
    story.settings.apply(Family::Entra, &mut set);
    assert!(!set.soft_delete && set.features.import_groups);
    assert_eq!(set.matching, Matching::ExternalId);
    set.soft_delete = new.soft_delete;
    set.matching = new.matching;
    set.features.import_groups = new.features.import_groups;
    assert_eq!(set, new);
}
