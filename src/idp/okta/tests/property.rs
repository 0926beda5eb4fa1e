//! No series of events and no answers make Okta panic, go on for ever, or use an id that it was not given.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::directory::{NameRule, PasswordSync, RuleMatch, UnlinkChoice};
use crate::idp::okta::settings::{CreateOrder, Follow, ImportStop, Prefetch, PushNowForm};
use crate::scim::Value;

/// More requests than that for one event would be a loop: an import of people and groups ends after a thousand pages each.
const BOUND: usize = 2_400;

fn event_strategy() -> impl Strategy<Value = Event> {
    let person = prop_oneof![Just(key("ada")), Just(key("bob"))];
    let group = prop_oneof![Just(engineering()), Just(GroupKey::new("sales"))];
    let member = (person.clone(), group.clone());
    let member = member.prop_map(|(person, group)| Membership { person, group });
    let title = prop::option::of("[a-z\"\\\\é ]{0,6}");
    prop_oneof![
        4 => person.clone().prop_map(Event::Assign),
        2 => person.clone().prop_map(Event::Unassign),
        2 => (person.clone(), title).prop_map(|(person, title)| Event::Update {
            person,
            changes: BTreeMap::from([(Attribute::Title, title)]),
            manager: None,
        }),
        1 => person.clone().prop_map(Event::Deactivate),
        1 => person.clone().prop_map(Event::Reactivate),
        1 => person.clone().prop_map(Event::ChangePassword),
        1 => person.clone().prop_map(Event::Suspend),
        1 => person.clone().prop_map(Event::Delete),
        1 => person.prop_map(Event::ProvisionUser),
        3 => group.clone().prop_map(Event::PushGroup),
        1 => group.clone().prop_map(Event::PushNow),
        1 => group.clone().prop_map(Event::DeleteGroup),
        1 => (group.clone(), "[A-Z\"é]{1,4}").prop_map(|(group, name)| Event::RenameGroup { group, name }),
        2 => member.clone().prop_map(Event::Join),
        2 => member.prop_map(Event::Leave),
        1 => (group.clone(), any::<bool>()).prop_map(|(group, delete)| Event::Unlink {
            group,
            choice: if delete { UnlinkChoice::Delete } else { UnlinkChoice::Leave },
        }),
        1 => Just(Event::PushRule(NameRule { matches: RuleMatch::Contains, text: String::new() })),
        2 => Just(Event::RetryTasks),
        1 => Just(Event::Import),
        1 => Just(Event::TestConnection),
        1 => Just(Event::SwitchOnProvisioning),
        1 => Just(Event::Cycle),
    ]
}

/// Ids as a hostile or careless target may give them.
fn id_strategy() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        6 => "[a-z0-9]{1,3}",
        1 => Just("..".to_owned()),
        1 => Just(".".to_owned()),
        1 => Just(String::new()),
        1 => Just("a\nb".to_owned()),
        1 => Just("a/../b?c#d%2F é\"".to_owned()),
    ];
    prop_oneof![
        9 => text.prop_map(Value::from),
        1 => Just(Value::Null),
        1 => Just(Value::from(7)),
    ]
}

fn resource_strategy() -> impl Strategy<Value = Value> {
    let odd = prop_oneof![
        Just(Value::Null),
        Just(Value::from("x")),
        Just(Value::from(Vec::new())),
        Just(Value::from(vec![Value::from("x"), Value::Null])),
        Just(Value::from(Object::new())),
    ];
    let member = (
        prop_oneof![
            Just("emails"),
            Just("name"),
            Just("schemas"),
            Just("active"),
            Just("displayName"),
            Just("groups"),
            Just("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"),
        ],
        odd,
    );
    let members = prop::collection::vec(member, 0..4);
    (id_strategy(), any::<bool>(), members).prop_map(|(id, active, members)| {
        let mut resource = Object::new();
        resource.push("id", id);
        resource.push("active", active);
        resource.push("displayName", "Engineering");
        members.into_iter().for_each(|(n, v)| resource.push(n, v));
        resource.into()
    })
}

fn answer_strategy() -> impl Strategy<Value = Act> {
    let list = (
        prop_oneof![Just(0_i64), Just(1), 0..400_i64, Just(-1)],
        prop::collection::vec(resource_strategy(), 0..3),
    );
    let list = list.prop_map(|(total, resources)| {
        let mut list = Object::new();
        list.push("totalResults", total);
        list.push("Resources", resources);
        Value::from(list)
    });
    let status = prop_oneof![
        8 => Just(200_u16), 8 => Just(201), 2 => Just(204), 1 => Just(302), 1 => Just(400),
        2 => Just(404), 1 => Just(409), 1 => Just(500), 1 => Just(501), 1 => Just(429),
    ];
    let body = prop_oneof![
        4 => resource_strategy().prop_map(|v| v.to_string()),
        4 => list.prop_map(|v| v.to_string()),
        1 => Just(String::new()),
        1 => Just("<html>".to_owned()),
        1 => Just("[1,".to_owned()),
        1 => Just("[]".to_owned()),
    ];
    prop_oneof![
        12 => (status, body).prop_map(|(status, body)| Act::Answer(status, body)),
        1 => Just(Act::Header(429, "Retry-After", "0".to_owned())),
        1 => Just(Act::Header(429, "Retry-After", "99999999999".to_owned())),
        1 => Just(Act::Fail(crate::wire::FailureKind::TimedOut)),
    ]
}

fn switches_strategy() -> impl Strategy<Value = (Profile, Switches, [bool; 8])> {
    let profile = prop_oneof![
        Just(Profile::CustomApp),
        Just(Profile::CatalogApp),
        Just(Profile::OnPremAgent),
    ];
    (profile, any::<[bool; 8]>(), any::<[bool; 8]>()).prop_map(|(profile, flags, settings)| {
        let mut switches = Switches::of(profile);
        if flags[0] {
            switches.create_order = CreateOrder::MembersFirst;
        }
        if flags[1] {
            switches.group_lookup = Follow::Always;
        }
        if flags[2] {
            switches.import_stop = ImportStop::EmptyPage;
        }
        if flags[3] {
            switches.deactivate_prefetch = Prefetch::Lookup;
        }
        if flags[4] {
            switches.push_now_form = PushNowForm::PathlessWithName;
        }
        if flags[5] {
            switches.incremental_import = Follow::Always;
            switches.import_user_schema = true;
            switches.reschedule_inactive = true;
            switches.patch_batch = 0;
        }
        switches.link_puts = if flags[6] { 2 } else { 0 };
        switches.repeat_create_after_timeout = flags[7];
        (profile, switches, settings)
    })
}

/// Every text that stands as an `id` anywhere in an answer.
fn ids(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object.iter() {
                if let (true, Some(id)) = (name == "id", value.as_str()) {
                    found.insert(id.to_owned());
                }
                ids(value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| ids(item, found)),
        _ => {}
    }
}

/// The ids of people that a request's body names as members.
fn members(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            if let (Some(id), Some(_)) = (object.get("value"), object.get("display")) {
                found.extend(id.as_str().map(str::to_owned));
            }
            object.iter().for_each(|(_, value)| members(value, found));
        }
        Value::Array(items) => items.iter().for_each(|item| members(item, found)),
        _ => {}
    }
}

async fn play(
    (profile, switches, settings): (Profile, Switches, [bool; 8]),
    steps: Vec<Vec<Event>>,
    acts: Vec<Act>,
) -> Result<(), TestCaseError> {
    let given: Arc<Mutex<BTreeSet<String>>> = Arc::default();
    let giving = Arc::clone(&given);
    let mut next = acts.into_iter().cycle();
    let script = Script::answering(move |_| {
        let act = next.next().unwrap();
        if let Act::Answer(_, body) = &act
            && let Ok(value) = Value::parse(body)
        {
            ids(&value, &mut giving.lock().unwrap());
        }
        act
    });
    let mut directory = directory(profile.app_settings());
    let mut sales = directory.group(&engineering()).unwrap().clone();
    sales.key = GroupKey::new("sales");
    sales.name = "Sales".to_owned();
    directory.add_group(sales);
    let features = &mut directory.settings.features;
    features.import_groups = settings[0];
    // Most of the time everything is on, so that something happens.
    features.update = settings[1] || settings[2];
    features.deactivate = settings[3] || settings[4];
    directory.settings.rename_groups = settings[5];
    directory.settings.entitlements = settings[6];
    if settings[7] {
        directory.settings.password_sync = PasswordSync::Generated;
    }
    directory.provisioning = settings[6] || settings[7];
    let mut okta = Okta::switched(switches, setup());
    let wire = script.wire("okta");
    for events in steps {
        let before = directory.clone();
        for event in &events {
            directory.apply(event).unwrap();
        }
        let reports = okta.perform(&events, &before, &directory, &wire).await;
        prop_assert!(reports.len() >= events.len().min(1));
        let sent = script.take();
        prop_assert!(
            sent.len() <= BOUND * events.len(),
            "{} requests",
            sent.len()
        );
        let given = given.lock().unwrap();
        for request in &sent {
            let path = request.path.split('?').next().unwrap();
            let id = path
                .strip_prefix("/Users/")
                .or(path.strip_prefix("/Groups/"));
            if let Some(id) = id {
                let id = percent_encoding::percent_decode_str(id)
                    .decode_utf8()
                    .unwrap();
                prop_assert!(given.contains(&*id), "{id} was never given");
                prop_assert!(!["", ".", ".."].contains(&&*id) && !id.contains(char::is_control));
            }
            let mut named = Vec::new();
            if let Some(body) = request
                .body
                .as_deref()
                .filter(|_| path.starts_with("/Groups"))
            {
                members(&Value::parse(body).unwrap(), &mut named);
            }
            for id in named {
                prop_assert!(given.contains(&id), "{id} was never given");
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn no_events_and_no_answers_make_okta_panic_loop_or_invent_an_id(
        how in switches_strategy(),
        steps in prop::collection::vec(prop::collection::vec(event_strategy(), 1..3), 1..12),
        acts in prop::collection::vec(answer_strategy(), 1..24),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(play(how, steps, acts))?;
    }
}
