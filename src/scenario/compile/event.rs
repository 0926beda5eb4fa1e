//! What happens in the directory or the console, as events.

use std::collections::BTreeMap;

use super::step::Compiler;
use crate::directory::{Attribute, Event, GroupKey, Membership, NameRule, PersonKey, UnlinkChoice};
use crate::scenario::diagnostic::{Mistake, Span};
use crate::scenario::syntax::{
    self, Action, Changes, Field, Many, Named, Nullable, PushRule, Text,
};

impl Compiler<'_> {
    /// The words of an action, and its events.
    pub(super) fn events(&mut self, action: Action, span: Span) -> (String, Vec<Event>) {
        match action {
            Action::Assign(who) => self.each("assign", &who, span, Event::Assign),
            Action::Unassign(who) => self.each("unassign", &who, span, Event::Unassign),
            Action::Deactivate(who) => self.each("deactivate", &who, span, Event::Deactivate),
            Action::Reactivate(who) => self.each("reactivate", &who, span, Event::Reactivate),
            Action::ChangePassword(who) => {
                self.each("change password", &who, span, Event::ChangePassword)
            }
            Action::Suspend(who) => self.each("suspend", &who, span, Event::Suspend),
            Action::Unsuspend(who) => self.each("unsuspend", &who, span, Event::Unsuspend),
            Action::Delete(who) => self.each("delete", &who, span, Event::Delete),
            Action::ProvisionUser(who) => {
                self.each("provision user", &who, span, Event::ProvisionUser)
            }
            Action::Update(changes) => self.named("update", changes, span, Self::update),
            Action::Rename(names) => self.named("rename", names, span, Self::rename),
            Action::Manager(managers) => self.named("manager of", managers, span, Self::manager),
            Action::PushGroup(groups) => {
                self.each_group("push group", &groups, span, Event::PushGroup)
            }
            Action::PushNow(groups) => self.each_group("push now", &groups, span, Event::PushNow),
            Action::DeleteGroup(groups) => {
                self.each_group("delete group", &groups, span, Event::DeleteGroup)
            }
            Action::PushRule(rule) => self.push_rule(rule, span),
            Action::RenameGroup(names) => {
                self.named("rename group", names, span, Self::rename_group)
            }
            Action::Join(members) => self.named("join", members, span, |this, group, who| {
                this.memberships(group, &who, Event::Join)
            }),
            Action::Leave(members) => self.named("leave", members, span, |this, group, who| {
                this.memberships(group, &who, Event::Leave)
            }),
            Action::Unlink(choices) => self.named("unlink", choices, span, Self::unlink),
            Action::Wait(time) => self.wait(&time),
            Action::SwitchOnProvisioning => {
                alone("switch on provisioning", Event::SwitchOnProvisioning)
            }
            Action::Import => alone("import", Event::Import),
            Action::TestConnection => alone("test the connection", Event::TestConnection),
            Action::Cycle => alone("cycle", Event::Cycle),
            Action::RetryTasks => alone("retry tasks", Event::RetryTasks),
            Action::AllowDeletions => alone("allow deletions", Event::AllowDeletions),
            // `step` and `part` take these before they come here.
            _ => (String::new(), Vec::new()),
        }
    }

    pub(super) fn each<T>(
        &mut self,
        verb: &str,
        who: &Many<Text>,
        span: Span,
        event: fn(PersonKey) -> T,
    ) -> (String, Vec<T>) {
        self.some(who.0.len(), verb, span);
        let people = self.cast.people_of(who, self.notes);
        (
            say(verb, who.0.iter().map(|name| name.text.as_str())),
            people.into_iter().map(event).collect(),
        )
    }

    fn each_group(
        &mut self,
        verb: &str,
        groups: &Many<Text>,
        span: Span,
        event: fn(GroupKey) -> Event,
    ) -> (String, Vec<Event>) {
        self.some(groups.0.len(), verb, span);
        let keys = groups
            .0
            .iter()
            .filter_map(|name| self.cast.group(name, self.notes));
        let events = keys.map(event).collect();
        (
            say(verb, groups.0.iter().map(|name| name.text.as_str())),
            events,
        )
    }

    /// An action on named things, each with its own value.
    pub(super) fn named<T: Said, E>(
        &mut self,
        verb: &str,
        named: Named<T>,
        span: Span,
        mut events: impl FnMut(&mut Self, &Text, T) -> Vec<E>,
    ) -> (String, Vec<E>) {
        self.some(named.0.len(), verb, span);
        let said = named.0.iter().map(|(name, value)| {
            let value = value.as_ref().map(Said::said);
            format!("{}{}", name.text, value.unwrap_or_default())
        });
        let said: Vec<String> = said.collect();
        let words = say(verb, said.iter().map(String::as_str));
        let mut all = Vec::new();
        for (name, value) in named.0 {
            if let Some(value) = value {
                all.extend(events(self, &name, value));
            }
        }
        (words, all)
    }

    fn some(&mut self, count: usize, verb: &str, span: Span) {
        if count == 0 {
            let mistake = Mistake::wrong(format!("`{verb}` names nobody"), "name at least one");
            self.notes.add(mistake, span);
        }
    }

    fn update(&mut self, name: &Text, written: Changes) -> Vec<Event> {
        let people = self.cast.everybody(name, self.notes);
        let mut changes = BTreeMap::new();
        for (attribute, Nullable(value)) in written.attributes() {
            let value = value
                .as_ref()
                .map(|text| self.notes.filled(text, attribute.name()));
            changes.insert(attribute, value);
        }
        let manager = written.manager.read().map(|Nullable(manager)| {
            manager.and_then(|manager| self.cast.manager(&people, &manager, self.notes))
        });
        if changes.is_empty() && manager.is_none() && self.notes.problems.is_empty() {
            let message = format!("nothing changes in `{}`", name.text);
            let mistake = Mistake::wrong(message, "name an attribute and its new value");
            self.notes.add(mistake, name.span);
        }
        let update = |person| Event::Update {
            person,
            changes: changes.clone(),
            manager: manager.clone(),
        };
        people.into_iter().map(update).collect()
    }

    /// The first word becomes the given name, the rest the family name, the whole the name shown to others.
    fn rename(&mut self, name: &Text, written: Text) -> Vec<Event> {
        let person = self.cast.person(name, self.notes);
        let full = written.text.trim();
        let Some((given, family)) = full.split_once(char::is_whitespace) else {
            let message = format!(
                "`{}` is not a given and a family name",
                syntax::shorten(full)
            );
            let help = "write both, as in `Ada King`; to change one alone, use `update`";
            self.notes.add(Mistake::wrong(message, help), written.span);
            return Vec::new();
        };
        let changes = BTreeMap::from([
            (Attribute::Given, Some(given.to_owned())),
            (Attribute::Family, Some(family.trim().to_owned())),
            (Attribute::DisplayName, Some(full.to_owned())),
        ]);
        let update = |person| Event::Update {
            person,
            changes,
            manager: None,
        };
        person.map(update).into_iter().collect()
    }

    fn manager(&mut self, name: &Text, Nullable(manager): Nullable<Text>) -> Vec<Event> {
        let people = self.cast.everybody(name, self.notes);
        let manager = manager.and_then(|manager| self.cast.manager(&people, &manager, self.notes));
        let update = |person| Event::Update {
            person,
            changes: BTreeMap::new(),
            manager: Some(manager.clone()),
        };
        people.into_iter().map(update).collect()
    }

    fn push_rule(&mut self, rule: PushRule, span: Span) -> (String, Vec<Event>) {
        let mut comparisons = rule.comparisons();
        let (Some((matches, text)), true) = (comparisons.pop(), comparisons.is_empty()) else {
            let message = "a push rule has one comparison";
            let help = "write one of `starts-with`, `ends-with` and `contains`, such as `{starts-with: eng}`";
            self.notes.add(Mistake::wrong(message, help), span);
            return (String::new(), Vec::new());
        };
        let text = self.notes.filled(&text, "the rule's text");
        let words = format!("push groups by rule `{}`", syntax::shorten(&text));
        (words, vec![Event::PushRule(NameRule { matches, text })])
    }

    fn rename_group(&mut self, group: &Text, written: Text) -> Vec<Event> {
        let group = self.cast.group(group, self.notes);
        let name = self.notes.filled(&written, "the group's name");
        self.renamed.push(name.clone());
        let rename = |group| Event::RenameGroup { group, name };
        group.map(rename).into_iter().collect()
    }

    fn memberships(
        &mut self,
        group: &Text,
        who: &Many<Text>,
        event: fn(Membership) -> Event,
    ) -> Vec<Event> {
        self.some(who.0.len(), "a change of members", group.span);
        let group = self.cast.group(group, self.notes);
        let people = self.cast.people_of(who, self.notes);
        let Some(group) = group else {
            return Vec::new();
        };
        let membership = |person| {
            let group = group.clone();
            event(Membership { person, group })
        };
        people.into_iter().map(membership).collect()
    }

    fn unlink(&mut self, group: &Text, choice: UnlinkChoice) -> Vec<Event> {
        let group = self.cast.group(group, self.notes);
        let unlink = |group| Event::Unlink { group, choice };
        group.map(unlink).into_iter().collect()
    }

    fn wait(&mut self, time: &Text) -> (String, Vec<Event>) {
        let text = time.text.trim();
        let seconds = seconds(text);
        if seconds.is_none() {
            let message = format!("`{}` is not a time", syntax::shorten(text));
            let help = "write a number and `s`, `m`, `h` or `d`, such as `40m`";
            self.notes.add(Mistake::wrong(message, help), time.span);
        }
        let seconds = seconds.unwrap_or_default();
        (format!("wait {text}"), vec![Event::Wait { seconds }])
    }
}

/// A value in the words of an action, behind what it belongs to.
pub(super) trait Said {
    fn said(&self) -> String;
}

impl Said for Text {
    fn said(&self) -> String {
        format!(" to {}", syntax::shorten(&self.text))
    }
}

impl Said for Nullable<Text> {
    fn said(&self) -> String {
        let name = self.0.as_ref().map_or("nobody", |name| name.text.as_str());
        format!(" to {}", syntax::shorten(name))
    }
}

impl Said for Many<Text> {
    fn said(&self) -> String {
        say(":", self.0.iter().map(|name| name.text.as_str()))
    }
}

impl Said for UnlinkChoice {
    fn said(&self) -> String {
        match self {
            Self::Delete => " and delete it".to_owned(),
            Self::Leave => " and leave it".to_owned(),
        }
    }
}

impl Said for Changes {
    fn said(&self) -> String {
        let attributes = self.attributes().map(|(attribute, _)| attribute.name());
        let manager = matches!(self.manager, Field::Read(_)).then_some("manager");
        format!(
            " ({})",
            Vec::from_iter(attributes.chain(manager)).join(", ")
        )
    }
}

fn alone(words: &str, event: Event) -> (String, Vec<Event>) {
    (words.to_owned(), vec![event])
}

/// `assign ada, bob and 3 more`.
pub(super) fn say<'a>(verb: &str, names: impl ExactSizeIterator<Item = &'a str>) -> String {
    let count = names.len();
    let mut words = format!("{verb} {}", names.take(4).collect::<Vec<_>>().join(", "));
    if count > 4 {
        words.push_str(&format!(" and {} more", count - 4));
    }
    words
}

/// The seconds of `90s`, `40m`, `2h`, `1d`.
fn seconds(text: &str) -> Option<u64> {
    let unit = match text.chars().last()? {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => return None,
    };
    let number = text[..text.len() - 1].trim_end();
    // A sign is no digit, though `parse` takes a plus.
    let number: u64 = number
        .parse()
        .ok()
        .filter(|_| number.starts_with(|c: char| c.is_ascii_digit()))?;
    number.checked_mul(unit)
}
