//! PATCH, then GET, equals a model that shares no code with the server; and no input makes it panic.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use tokio::runtime::{Builder, Runtime};

use super::*;

/// What a person is, as the model keeps it.
#[derive(Debug, Clone, Default, PartialEq)]
struct Person {
    /// Plain texts by path: `title`, `name.givenName`, `URN:department`.
    texts: BTreeMap<&'static str, String>,
    active: bool,
    emails: Vec<Email>,
}

#[derive(Debug, Clone, PartialEq)]
struct Email {
    kind: &'static str,
    /// Empty where there is none.
    value: String,
    primary: bool,
}

impl Person {
    /// The one that became primary last is the only one.
    fn prefer(&mut self, chosen: usize) {
        for (index, email) in self.emails.iter_mut().enumerate() {
            email.primary = index == chosen;
        }
    }

    fn add(&mut self, new: &[Email]) {
        for email in new {
            let same = |old: &Email| (old.kind, &old.value) == (email.kind, &email.value);
            let place = self.emails.iter().position(same).unwrap_or_else(|| {
                let primary = false;
                self.emails.push(Email {
                    primary,
                    ..email.clone()
                });
                self.emails.len() - 1
            });
            if email.primary {
                self.prefer(place);
            }
        }
    }
}

#[derive(Debug, Clone)]
enum Change {
    SetText(&'static str, String),
    ClearText(&'static str, bool),
    SetManyWithoutPath(Vec<(&'static str, String)>),
    Activate(bool, bool),
    SetEmail(&'static str, String),
    MakePrimary(&'static str),
    RemoveEmail(&'static str),
    RemoveAllBut(&'static str, String),
    AddEmails(Vec<Email>, bool),
    ReplaceEmails(Vec<Email>),
    ClearEmails,
    ClearExtension,
    Nonsense,
}

const DEPARTMENT: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value";
const TEXTS: [&str; 6] = [
    "title",
    "nickName",
    "name.givenName",
    "name.familyName",
    DEPARTMENT,
    MANAGER,
];
const TYPES: [&str; 3] = ["work", "home", "other"];

fn change() -> impl Strategy<Value = Change> {
    let text = || prop::sample::select(&TEXTS[..]);
    let kind = || prop::sample::select(&TYPES[..]);
    let word = || "[a-zA-Zä'\"\\\\ +%]{1,6}";
    prop_oneof![
        4 => (text(), word()).prop_map(|(t, v)| Change::SetText(t, v)),
        2 => (text(), any::<bool>()).prop_map(|(t, b)| Change::ClearText(t, b)),
        2 => prop::collection::btree_map(text(), word(), 1..4)
            .prop_map(|m| Change::SetManyWithoutPath(m.into_iter().collect())),
        2 => (any::<bool>(), any::<bool>()).prop_map(|(a, t)| Change::Activate(a, t)),
        3 => (kind(), word()).prop_map(|(k, v)| Change::SetEmail(k, v)),
        2 => kind().prop_map(Change::MakePrimary),
        2 => kind().prop_map(Change::RemoveEmail),
        1 => (kind(), "[ab]").prop_map(|(k, v)| Change::RemoveAllBut(k, v)),
        3 => (emails(), any::<bool>()).prop_map(|(e, path)| Change::AddEmails(e, path)),
        1 => emails().prop_map(Change::ReplaceEmails),
        1 => Just(Change::ClearEmails),
        1 => Just(Change::ClearExtension),
        1 => Just(Change::Nonsense),
    ]
}

/// Some addresses, no two the same and at most one of them primary; few values, so that they often meet.
fn emails() -> impl Strategy<Value = Vec<Email>> {
    let one = (prop::sample::select(&TYPES[..]), "[ab]");
    let some = prop::collection::btree_set(one, 1..4);
    (some, prop::option::of(0..3_usize)).prop_map(|(some, chosen)| {
        let email = |(index, (kind, value))| Email {
            kind,
            value,
            primary: chosen == Some(index),
        };
        some.into_iter().enumerate().map(email).collect()
    })
}

fn list(emails: &[Email]) -> String {
    let one = |email: &Email| {
        let primary = if email.primary {
            r#","primary":true"#
        } else {
            ""
        };
        format!(
            r#"{{"type":"{}","value":"{}"{primary}}}"#,
            email.kind, email.value
        )
    };
    let all: Vec<String> = emails.iter().map(one).collect();
    format!("[{}]", all.join(","))
}

impl Change {
    /// As an operation; Entra's and Okta's spellings both occur.
    fn to_json(&self) -> String {
        let q = |text: &str| Value::from(text).to_string();
        match self {
            Self::SetText(path, value) => {
                format!(r#"{{"op":"Replace","path":"{path}","value":{}}}"#, q(value))
            }
            Self::ClearText(path, true) => format!(r#"{{"op":"remove","path":"{path}"}}"#),
            Self::ClearText(path, false) => {
                format!(r#"{{"op":"replace","path":"{path}","value":null}}"#)
            }
            Self::SetManyWithoutPath(all) => {
                let all: Vec<String> = all
                    .iter()
                    .map(|(p, v)| format!("\"{p}\":{}", q(v)))
                    .collect();
                format!(r#"{{"op":"add","value":{{{}}}}}"#, all.join(","))
            }
            Self::Activate(active, true) => {
                let text = if *active { "True" } else { "False" };
                format!(r#"{{"op":"Add","path":"active","value":"{text}"}}"#)
            }
            Self::Activate(active, false) => {
                format!(r#"{{"op":"replace","value":{{"active":{active}}}}}"#)
            }
            Self::SetEmail(kind, value) => format!(
                r#"{{"op":"add","path":"emails[type eq \"{kind}\"].value","value":{}}}"#,
                q(value)
            ),
            Self::MakePrimary(kind) => {
                format!(
                    r#"{{"op":"replace","path":"emails[type eq \"{kind}\"].primary","value":true}}"#
                )
            }
            Self::RemoveEmail(kind) => {
                format!(r#"{{"op":"remove","path":"emails[type eq \"{kind}\"]"}}"#)
            }
            Self::RemoveAllBut(kind, value) => format!(
                r#"{{"op":"remove","path":"emails[not (type eq \"{kind}\" and value eq \"{value}\")]"}}"#
            ),
            Self::AddEmails(all, true) => {
                format!(r#"{{"op":"add","path":"emails","value":{}}}"#, list(all))
            }
            Self::AddEmails(all, false) => {
                format!(r#"{{"op":"add","value":{{"emails":{}}}}}"#, list(all))
            }
            Self::ReplaceEmails(all) => {
                format!(
                    r#"{{"op":"replace","path":"emails","value":{}}}"#,
                    list(all)
                )
            }
            Self::ClearExtension => format!(r#"{{"op":"remove","path":"{ENTERPRISE}"}}"#),
            Self::ClearEmails => r#"{"op":"remove","path":"emails"}"#.to_owned(),
            Self::Nonsense => r#"{"op":"replace","path":"nothing","value":1}"#.to_owned(),
        }
    }

    /// What it means; false if the whole PATCH must be refused.
    fn apply(&self, person: &mut Person) -> bool {
        match self {
            Self::SetText(path, value) => {
                person.texts.insert(path, value.clone());
            }
            Self::ClearText(path, _) => {
                person.texts.remove(path);
            }
            Self::SetManyWithoutPath(all) => person.texts.extend(all.iter().cloned()),
            Self::Activate(active, _) => person.active = *active,
            Self::SetEmail(kind, value) => {
                let matching = person.emails.iter_mut().filter(|e| e.kind == *kind);
                if matching.map(|e| e.value.clone_from(value)).count() == 0 {
                    let (value, primary) = (value.clone(), false);
                    person.emails.push(Email {
                        kind,
                        value,
                        primary,
                    });
                }
            }
            Self::MakePrimary(kind) => {
                let last = person.emails.iter().rposition(|e| e.kind == *kind);
                let last = last.unwrap_or_else(|| {
                    // Nothing of that type yet: the value path creates it, without an address.
                    let (value, primary) = (String::new(), false);
                    person.emails.push(Email {
                        kind,
                        value,
                        primary,
                    });
                    person.emails.len() - 1
                });
                person.prefer(last);
            }
            Self::RemoveEmail(kind) => person.emails.retain(|e| e.kind != *kind),
            Self::RemoveAllBut(kind, value) => person
                .emails
                .retain(|e| e.kind == *kind && e.value.eq_ignore_ascii_case(value)),
            Self::AddEmails(all, _) => person.add(all),
            Self::ReplaceEmails(all) => person.emails.clone_from(all),
            Self::ClearEmails => person.emails.clear(),
            Self::ClearExtension => {
                person.texts.remove(DEPARTMENT);
                person.texts.remove(MANAGER);
            }
            Self::Nonsense => return false,
        }
        true
    }
}

/// What a client reads.
fn read(answer: &Answer) -> Person {
    let user = answer.json();
    let mut person = Person {
        active: user.get("active").and_then(Value::as_bool).unwrap(),
        ..Person::default()
    };
    for path in TEXTS {
        let value = match path {
            DEPARTMENT => user.at(&[ENTERPRISE, "department"]),
            MANAGER => user.at(&[ENTERPRISE, "manager", "value"]),
            path => user.at(&path.split('.').collect::<Vec<_>>()),
        };
        if let Some(text) = value.and_then(Value::as_str) {
            person.texts.insert(path, text.to_owned());
        }
    }
    for email in user
        .get("emails")
        .and_then(Value::as_array)
        .unwrap_or_default()
    {
        let kind = email.get("type").and_then(Value::as_str).unwrap();
        let kind = TYPES.into_iter().find(|t| *t == kind).unwrap();
        let value = email
            .get("value")
            .and_then(Value::as_str)
            .unwrap_or_default();
        person.emails.push(Email {
            kind,
            value: value.to_owned(),
            primary: email.get("primary").and_then(Value::as_bool) == Some(true),
        });
    }
    person
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().build().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn after_any_patches_a_user_is_what_the_model_says(
        patches in prop::collection::vec(prop::collection::vec(change(), 1..5), 1..6)
    ) {
        runtime().block_on(async {
            let t = Target::new();
            let path = format!("/Users/{}", t.user("ada").await);
            let mut model = Person { active: true, ..Person::default() };
            for patch in &patches {
                let before = t.get(&path).await;
                let mut next = model.clone();
                let accepted = patch.iter().all(|change| change.apply(&mut next));
                let operations: Vec<String> = patch.iter().map(Change::to_json).collect();
                let answer = t.patch(&path, &operations.join(",")).await;
                assert_eq!(answer.status == 200, accepted, "{answer:?}");
                let after = t.get(&path).await;
                if accepted {
                    model = next;
                    assert_eq!(after.text, answer.text);
                } else {
                    assert_eq!(after.text, before.text);
                }
                assert_eq!(read(&after), model, "{operations:?}");
                let moved = after.text_at(&["meta", "lastModified"]) != before.text_at(&["meta", "lastModified"]);
                // What the model takes for the same may be written in another way: `primary` false, or not at all.
                let inside = |answer: &Answer| answer.text.split(r#","meta":"#).next().map(str::to_owned);
                assert_eq!(moved, inside(&after) != inside(&before), "{operations:?}");
            }
        });
    }

    #[test]
    fn after_any_member_changes_both_ends_agree_with_a_set(
        patches in prop::collection::vec((0..4_u8, prop::collection::btree_set(0..4_usize, 0..4)), 1..10)
    ) {
        runtime().block_on(async {
            let t = Target::new();
            let mut people = Vec::new();
            for n in 0..4 {
                people.push(t.user(&format!("p{n}")).await);
            }
            let group = t.group("g", &[]).await;
            let mut model = BTreeSet::new();
            for (verb, who) in &patches {
                let values: Vec<String> = who.iter().map(|n| format!(r#"{{"value":"{}"}}"#, people[*n])).collect();
                let values = values.join(",");
                let operations = match verb {
                    0 => { model.extend(who.iter().copied()); format!(r#"{{"op":"Add","path":"members","value":[{values}]}}"#) }
                    1 => { model = who.clone(); format!(r#"{{"op":"replace","value":{{"members":[{values}]}}}}"#) }
                    // A PATCH without operations is none.
                    3 if who.is_empty() => continue,
                    2 => { model.retain(|n| !who.contains(n)); format!(r#"{{"op":"remove","path":"members","value":[{values}]}}"#) }
                    _ => {
                        model.retain(|n| !who.contains(n));
                        let each = who.iter().map(|n| format!(r#"{{"op":"remove","path":"members[value eq \"{}\"]"}}"#, people[*n]));
                        each.collect::<Vec<_>>().join(",")
                    }
                };
                let answer = t.patch(&format!("/Groups/{group}"), &operations).await;
                assert_eq!(answer.status, 204, "{answer:?}");
                let names: Vec<String> = model.iter().map(|n| format!("p{n}")).collect();
                assert_eq!(t.members(&group).await, names);
                for (n, id) in people.iter().enumerate() {
                    let user = t.get(&format!("/Users/{id}")).await;
                    assert_eq!(user.text.contains(&group), model.contains(&n));
                }
            }
        });
    }

    #[test]
    fn no_path_body_or_filter_makes_it_panic(
        path in "[ -~ä]{0,40}",
        body in prop_oneof![
            "\\PC{0,60}".boxed(),
            r#"[\[\]{}":,a-z0-9 ]{0,60}"#.boxed(),
            r#"(op|path|value|Operations|schemas|add|remove|members|emails|\[type eq|[{}\[\]":, ]){0,30}"#.boxed(),
        ],
        method in prop::sample::select(vec!["GET", "POST", "PUT", "PATCH", "DELETE"]),
    ) {
        runtime().block_on(async {
            let t = Target::new();
            let id = t.user("ada").await;
            let encoded = percent_encoding::utf8_percent_encode(&path, percent_encoding::NON_ALPHANUMERIC).to_string();
            for uri in [
                format!("/Users?filter={encoded}"),
                format!("/Users?sortBy={encoded}&attributes={encoded}&startIndex={encoded}"),
                format!("/Users/{encoded}"),
                format!("/{encoded}/{encoded}"),
                format!("/Users/{id}"),
                "/Users".to_owned(),
                "/Groups/.search".to_owned(),
                "/Bulk".to_owned(),
            ] {
                let answer = t.call(method, &uri, &body).await;
                assert!(answer.status < 500 || answer.status == 501, "{method} {uri} {body}: {answer:?}");
                if answer.status >= 400 {
                    answer.error();
                }
            }
            let value = Value::from(path.as_str());
            let operations = format!(r#"{{"op":"add","path":{value},"value":{value}}},{{"op":"replace","value":{{{value}:{value}}}}}"#);
            let answer = t.patch(&format!("/Users/{id}"), &operations).await;
            assert!(answer.status < 500, "{answer:?}");
        });
    }
}
