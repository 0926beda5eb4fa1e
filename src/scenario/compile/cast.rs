//! The people and groups of a story.

use std::collections::BTreeMap;

use crate::directory::{Attribute, GroupKey, PersonKey};
use crate::scenario::diagnostic::{Mistake, Unknown};
use crate::scenario::syntax::{Field, Group, Many, Named, Person, Text};
use crate::scenario::{GroupSpec, PersonSpec};
use crate::yaml::Notes;

/// More people than this belong to a load test, not to a story.
const MOST_PEOPLE: u32 = 10_000;

/// Attributes that no two people share.
const UNIQUE: [Attribute; 4] = [
    Attribute::UserName,
    Attribute::Email,
    Attribute::EmployeeNumber,
    Attribute::MailNickname,
];

/// Who is in a story.
pub(super) struct Cast {
    pub(super) people: Vec<PersonSpec>,
    pub(super) groups: Vec<GroupSpec>,
    /// Whom each name means: one person, or everybody of a crowd.
    names: BTreeMap<String, Vec<PersonKey>>,
    group_names: BTreeMap<String, GroupKey>,
}

impl Cast {
    pub(super) fn new(
        people: Field<Named<Person>>,
        groups: Field<Named<Group>>,
        notes: &mut Notes,
    ) -> Self {
        let mut cast = Self {
            people: Vec::new(),
            groups: Vec::new(),
            names: BTreeMap::new(),
            group_names: BTreeMap::new(),
        };
        let people = people.read().unwrap_or_default().0;
        let mut managers = Vec::new();
        for (name, person) in people {
            check_key(&name, notes);
            let keys = match &person {
                Some(person) => keys(&name.text, person, notes),
                None => vec![PersonKey::new(name.text.clone())],
            };
            for key in &keys {
                cast.names
                    .insert(key.as_str().to_owned(), vec![key.clone()]);
            }
            if let Some(person) = person {
                managers.push((keys.clone(), person.manager.clone().read()));
                cast.people.extend(introduce(&name, &person, &keys, notes));
            }
            cast.names.insert(name.text, keys);
        }
        for (keys, manager) in managers {
            let Some(manager) = manager.and_then(|manager| cast.manager(&keys, &manager, notes))
            else {
                continue;
            };
            for person in cast.people.iter_mut().filter(|p| keys.contains(&p.key)) {
                person.manager = Some(manager.clone());
            }
        }
        let groups = groups.read().unwrap_or_default().0;
        for (name, group) in groups {
            let key = GroupKey::new(name.text.clone());
            cast.group_names.insert(name.text.clone(), key.clone());
            if let Some(group) = group {
                let group = cast.group_spec(key, &name, group, notes);
                cast.groups.push(group);
            }
        }
        cast
    }

    /// The names of all people and groups.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let people = self.names.keys();
        people.chain(self.group_names.keys()).map(String::as_str)
    }

    /// Whom a name means.
    pub(super) fn everybody(&self, name: &Text, notes: &mut Notes) -> Vec<PersonKey> {
        match self.names.get(&name.text) {
            Some(keys) => keys.clone(),
            None => {
                let unknown = Unknown::new(&name.text, self.names.keys().cloned());
                notes.add(Mistake::UnknownPerson(unknown), name.span);
                Vec::new()
            }
        }
    }

    /// Whom several names mean, each person once.
    pub(super) fn people_of(&self, names: &Many<Text>, notes: &mut Notes) -> Vec<PersonKey> {
        let mut keys = Vec::new();
        for name in &names.0 {
            for key in self.everybody(name, notes) {
                if keys.contains(&key) {
                    let message = format!("`{}` is named twice", name.text);
                    notes.add(Mistake::wrong(message, "name everybody once"), name.span);
                    break;
                }
                keys.push(key);
            }
        }
        keys
    }

    /// The one person that a name means.
    pub(super) fn person(&self, name: &Text, notes: &mut Notes) -> Option<PersonKey> {
        let mut keys = self.everybody(name, notes);
        if keys.len() > 1 {
            let message = format!(
                "`{}` is {} people, and one is meant here",
                name.text,
                keys.len()
            );
            notes.add(
                Mistake::wrong(message, format!("name one, such as `{}`", keys[0])),
                name.span,
            );
            return None;
        }
        keys.pop()
    }

    /// The manager whom a name means for those people.
    pub(super) fn manager(
        &self,
        of: &[PersonKey],
        name: &Text,
        notes: &mut Notes,
    ) -> Option<PersonKey> {
        let manager = self.person(name, notes)?;
        if of.contains(&manager) {
            let message = format!("`{manager}` cannot be the own manager");
            notes.add(Mistake::wrong(message, "name somebody else"), name.span);
        }
        Some(manager)
    }

    /// The group that a name means.
    pub(super) fn group(&self, name: &Text, notes: &mut Notes) -> Option<GroupKey> {
        let key = self.group_names.get(&name.text).cloned();
        if key.is_none() {
            let unknown = Unknown::new(&name.text, self.group_names.keys().cloned());
            notes.add(Mistake::UnknownGroup(unknown), name.span);
        }
        key
    }

    fn group_spec(
        &self,
        key: GroupKey,
        written: &Text,
        group: Group,
        notes: &mut Notes,
    ) -> GroupSpec {
        let name = group.name.read();
        let name = notes.filled(name.as_ref().unwrap_or(written), "the group's name");
        let members = group.members.read().unwrap_or_default();
        let at_target = group
            .at_target
            .read()
            .and_then(|members| self.seeded(&members, notes));
        GroupSpec {
            key,
            name,
            description: group
                .description
                .read()
                .map(|text| text.text)
                .unwrap_or_default(),
            members: self.people_of(&members, notes),
            at_target,
        }
    }

    /// The members of the app's group: nobody for `true`, else people whom the app has.
    fn seeded(&self, members: &Many<Text>, notes: &mut Notes) -> Option<Vec<PersonKey>> {
        match members.0.as_slice() {
            [word] if word.text == "true" => return Some(Vec::new()),
            [word] if word.text == "false" => return None,
            _ => {}
        }
        let keys = self.people_of(members, notes);
        for name in &members.0 {
            let absent = |key: &&PersonKey| {
                self.people
                    .iter()
                    .any(|p| p.key == **key && p.at_target.is_none())
            };
            let meant = self.names.get(&name.text);
            if let Some(absent) = meant.into_iter().flatten().find(absent) {
                let message = format!("the app does not have `{absent}` when the story begins");
                let help = format!("give `{absent}` `at-target: active`");
                notes.add(Mistake::wrong(message, help), name.span);
            }
        }
        Some(keys)
    }
}

/// Sign-in names are made of the names that the story uses, so those must be fit for every directory.
fn check_key(name: &Text, notes: &mut Notes) {
    let text = &name.text;
    let fit = text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b))
        && !text.ends_with('.');
    if !fit {
        let message = format!(
            "`{}` cannot be a story's name for a person",
            super::syntax::shorten(text)
        );
        let help = "use lower-case letters, digits, `-`, `_` and `.`; what others see is `given` and `family`";
        notes.add(Mistake::wrong(message, help), name.span);
    }
}

fn keys(name: &str, person: &Person, notes: &mut Notes) -> Vec<PersonKey> {
    let Field::Read(count) = &person.count else {
        return vec![PersonKey::new(name)];
    };
    if count.value == 0 || count.value > MOST_PEOPLE {
        let message = format!("{} people cannot be made", count.value);
        let help = format!("write a number from 1 to {MOST_PEOPLE}");
        notes.add(Mistake::wrong(message, help), count.span);
        return vec![PersonKey::new(name)];
    }
    let width = count.value.to_string().len();
    (1..=count.value)
        .map(|number| PersonKey::new(format!("{name}-{number:0width$}")))
        .collect()
}

/// The people of one entry: the keys of a crowd differ from its name by their numbers, and so do the family names.
fn introduce(
    name: &Text,
    person: &Person,
    keys: &[PersonKey],
    notes: &mut Notes,
) -> Vec<PersonSpec> {
    let crowd = matches!(person.count, Field::Read(_));
    let mut profile = BTreeMap::new();
    for (attribute, value) in person.attributes() {
        let text = notes.filled(value, attribute.name());
        if crowd && UNIQUE.contains(&attribute) {
            let message = format!(
                "all of `{}` cannot have the same `{}`",
                name.text,
                attribute.name()
            );
            notes.add(Mistake::wrong(message, "leave it out"), value.span);
        }
        profile.insert(attribute, text);
    }
    for (key, field) in [("given", &person.given), ("family", &person.family)] {
        if matches!(field, Field::Missing) {
            let (what, key) = (format!("`{}`", name.text), key.to_owned());
            notes.add(Mistake::MissingKey { what, key }, name.span);
        }
    }
    let spec = |key: &PersonKey| {
        let mut profile = profile.clone();
        let number = key.as_str().strip_prefix(&name.text).unwrap_or_default();
        if let (true, Some(family)) = (crowd, profile.get_mut(&Attribute::Family)) {
            *family = format!("{family} {}", number.trim_start_matches('-'));
        }
        PersonSpec {
            key: key.clone(),
            profile,
            manager: None,
            at_target: person.at_target.clone().read().map(|at| at.value),
            assigned_before: matches!(person.assigned, Field::Read(_)),
        }
    };
    keys.iter().map(spec).collect()
}
