//! Random events and random answers, for the tests that a dialect survives any of both.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use proptest::prelude::*;

use super::Dialect;
use super::script::{Act, Script};
use super::stage::{Stage, person, team};
use crate::directory::{
    Attribute, Event, Family, Group, GroupKey, Membership, NameRule, PersonKey, RuleMatch,
    UnlinkChoice,
};
use crate::wire::FailureKind;
use crate::wire::transport::Outgoing;

const PEOPLE: [&str; 3] = ["ada", "bob", "eve"];
const TEAMS: [&str; 2] = ["team", "crew"];

/// More requests than any one event may lead to in a directory of this size.
const BOUND: usize = 60;

/// Steps of events, and a number for each answer.
pub(crate) fn chaos() -> impl Strategy<Value = (Vec<Vec<Event>>, Vec<u8>)> {
    let steps = prop::collection::vec(prop::collection::vec(event(), 1..4), 1..12);
    (steps, prop::collection::vec(any::<u8>(), 1..60))
}

fn event() -> impl Strategy<Value = Event> {
    let one = || prop::sample::select(&PEOPLE[..]).prop_map(PersonKey::new);
    let group = || prop::sample::select(&TEAMS[..]).prop_map(GroupKey::new);
    let text = || prop::sample::select(&["", "x", "O'Neil \"ö\" \\ 🦀", "a&b=c?d#e%41+"][..]);
    let membership = || (one(), group()).prop_map(|(person, group)| Membership { person, group });
    let attribute = prop::sample::select(&Attribute::ALL[..]);
    let changes = prop::collection::btree_map(
        attribute,
        prop::option::of(text().prop_map(str::to_owned)),
        0..4,
    );
    let change = (one(), changes, prop::option::of(prop::option::of(one())));
    let change = change.prop_map(|(person, changes, manager)| Event::Update {
        person,
        changes,
        manager,
    });
    let rule = text().prop_map(|text| {
        Event::PushRule(NameRule {
            matches: RuleMatch::Contains,
            text: text.to_owned(),
        })
    });
    let rename = (group(), text()).prop_map(|(group, name)| Event::RenameGroup {
        group,
        name: name.to_owned(),
    });
    let choice = prop::sample::select(&[UnlinkChoice::Delete, UnlinkChoice::Leave][..]);
    let unlink = (group(), choice).prop_map(|(group, choice)| Event::Unlink { group, choice });
    let plain = prop::sample::select(vec![
        Event::TestConnection,
        Event::SwitchOnProvisioning,
        Event::Import,
        Event::Cycle,
        Event::Wait { seconds: 60 },
        Event::Wait { seconds: 5000 },
        Event::RetryTasks,
        Event::AllowDeletions,
    ]);
    prop_oneof![
        3 => one().prop_map(Event::Assign),
        1 => one().prop_map(Event::Unassign),
        1 => one().prop_map(Event::Deactivate),
        1 => one().prop_map(Event::Reactivate),
        1 => one().prop_map(Event::Suspend),
        1 => one().prop_map(Event::Unsuspend),
        1 => one().prop_map(Event::Delete),
        1 => one().prop_map(Event::ProvisionUser),
        2 => change,
        2 => group().prop_map(Event::PushGroup),
        1 => group().prop_map(Event::PushNow),
        1 => group().prop_map(Event::DeleteGroup),
        2 => membership().prop_map(Event::Join),
        2 => membership().prop_map(Event::Leave),
        1 => rule,
        1 => rename,
        1 => unlink,
        3 => plain,
    ]
}

/// What the target gave out, and what reached it with an id that it never gave.
#[derive(Default)]
struct Given {
    ids: BTreeSet<String>,
    invented: Vec<String>,
}

impl Given {
    fn new_id(&mut self) -> String {
        let id = format!("id-{}-di", self.ids.len());
        self.ids.insert(id.clone());
        id
    }

    fn check(&mut self, request: &Outgoing) {
        let path = request.path.split('?').next().unwrap_or_default();
        let segment = path.split('/').nth(2);
        let body = request.body.as_deref().unwrap_or_default();
        let named = body.split("id-").skip(1).filter_map(|rest| {
            let (number, _) = rest.split_once("-di")?;
            Some(format!("id-{number}-di"))
        });
        for id in segment.map(str::to_owned).into_iter().chain(named) {
            if !self.ids.contains(&id) {
                self.invented
                    .push(format!("{} {}", request.method, request.path));
            }
        }
    }

    /// Half of the answers are good ones, so that flows come to their later steps.
    fn answer(&mut self, request: &Outgoing, number: u8) -> Act {
        let act = |status, body: &str| Act::Answer(status, body.to_owned());
        let path = request.path.split('?').next().unwrap_or_default();
        if number < 128 {
            return match (request.method, path.split('/').nth(2)) {
                ("POST", _) => {
                    let id = self.new_id();
                    let body = request.body.clone().unwrap_or_default();
                    Act::Answer(201, format!(r#"{{"id":"{id}",{}"#, &body[1..]))
                }
                ("GET", None) => act(200, r#"{"totalResults":0,"Resources":[]}"#),
                ("GET", Some(id)) => Act::Answer(200, format!(r#"{{"id":"{id}"}}"#)),
                _ => act(204, ""),
            };
        }
        let list = |resources: &str| {
            let body = format!(r#"{{"totalResults":7,"Resources":[{resources}]}}"#);
            Act::Answer(200, body)
        };
        match number % 20 {
            0 => act(400, ""),
            1 => act(401, ""),
            2 => act(404, ""),
            3 => act(409, r#"{"id":"never-given"}"#),
            4 => act(429, ""),
            5 => act(503, "<html>"),
            6 => act(200, "<html>"),
            7 => act(200, "[]"),
            8 => act(201, "{}"),
            9 => act(201, r#"{"id":".."}"#),
            10 => list(r#"{"id":".."}"#),
            11 => list(r#"{"id":7,"name":null,"emails":"x","members":[3],"active":"maybe"}"#),
            12 => list("7,null"),
            13 => Act::Fail(FailureKind::TimedOut),
            14 => Act::Fail(FailureKind::Closed),
            15 => act(200, r#"{"totalResults":-1,"Resources":{}}"#),
            16 => act(302, ""),
            17 => act(200, r#"{"Resources":null,"totalResults":0}"#),
            18 => {
                let id = self.new_id();
                list(&format!(r#"{{"id":"{id}","members":[{{"value":"z"}}]}}"#))
            }
            _ => {
                let id = self.new_id();
                list(&format!(r#"{{"id":"{id}"}},{{"id":"{id}"}}"#))
            }
        }
    }
}

/// Plays the steps against the answers: the dialect comes back from each, after a bounded number of requests, and names no
/// id that it was not given.
pub(crate) fn survives(
    dialect: Box<dyn Dialect>,
    family: Family,
    steps: &[Vec<Event>],
    answers: Vec<u8>,
) -> Result<(), TestCaseError> {
    let given = Arc::new(Mutex::new(Given::default()));
    let target = Arc::clone(&given);
    let mut numbers = answers.into_iter().cycle();
    let script = Script::answering(move |request| {
        let mut given = target.lock().unwrap();
        given.check(request);
        given.answer(request, numbers.next().unwrap_or_default())
    });
    let people = PEOPLE.map(|name| person(name, &[(Attribute::Email, "mail@example.com")]));
    let groups = TEAMS.map(|name| Group {
        key: GroupKey::new(name),
        ..team(name, &["ada"])
    });
    let wire = script.wire("chaos");
    let mut stage = Stage::new(dialect, family, wire, &people, &groups);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    for events in steps {
        // The scenario's compiler refuses what the directory refuses.
        let mut trial = stage.now.clone();
        let possible: Vec<Event> = events
            .iter()
            .filter(|event| trial.apply(event).is_ok())
            .cloned()
            .collect();
        let reports = runtime.block_on(stage.step(&possible));
        let sent = script.lines().len();
        prop_assert!(
            sent <= BOUND * possible.len().max(1),
            "{sent} requests: {possible:?}"
        );
        prop_assert!(reports.len() <= BOUND);
    }
    let given = given.lock().unwrap();
    prop_assert!(given.invented.is_empty(), "{:?}", given.invented);
    Ok(())
}
