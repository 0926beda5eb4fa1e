//! What the author wants said aloud.

use super::event;
use super::step::Compiler;
use crate::directory::{PersonKey, Subject};
use crate::scenario::diagnostic::{Mistake, Span};
use crate::scenario::syntax::Expect;
use crate::scenario::{Expectation, State};

impl Compiler<'_> {
    /// An expectation for each person meant.
    pub(super) fn expect(&mut self, expect: Expect, span: Span) -> Vec<Expectation> {
        let is = expect.is.read().unwrap_or_default().0;
        let (has, hasnt) = (expect.has.read(), expect.hasnt.read());
        let of_group = has.is_some() || hasnt.is_some();
        let has = self.cast.people_of(&has.unwrap_or_default(), self.notes);
        let hasnt = self.cast.people_of(&hasnt.unwrap_or_default(), self.notes);
        let (subjects, wrong_states, kind): (Vec<Subject>, &[State], _) =
            match (expect.person.read(), expect.group.read()) {
                (Some(person), None) => {
                    let people = self.cast.everybody(&person, self.notes);
                    let people = people.into_iter().map(Subject::Person);
                    (
                        people.collect(),
                        &[State::Present],
                        "a person is `active`, `inactive` or `absent`",
                    )
                }
                (None, Some(group)) => {
                    let group = self.cast.group(&group, self.notes).map(Subject::Group);
                    let wrong = &[State::Active, State::Inactive];
                    (
                        group.into_iter().collect(),
                        wrong,
                        "a group is `present` or `absent`",
                    )
                }
                _ => {
                    let message = "an expectation is about one person or one group";
                    self.notes.add(
                        Mistake::wrong(message, "write `person: …` or `group: …`"),
                        span,
                    );
                    return Vec::new();
                }
            };
        for state in is
            .iter()
            .filter(|state| wrong_states.contains(&state.value))
        {
            let message = format!("`{}` is no state here", state.value.name());
            self.notes.add(Mistake::wrong(message, kind), state.span);
        }
        if of_group
            && subjects
                .iter()
                .any(|subject| matches!(subject, Subject::Person(_)))
        {
            let message = "a person has no members";
            let help = "write `group: …` with `has` and `hasnt`, and name the person there";
            self.notes.add(Mistake::wrong(message, help), span);
        }
        if is.is_empty() && !of_group {
            let message = "the expectation says nothing";
            self.notes.add(
                Mistake::wrong(
                    message,
                    "add `is: …`, for a group also `has: …` or `hasnt: …`",
                ),
                span,
            );
        }
        let is: Vec<State> = is.into_iter().map(|state| state.value).collect();
        let expectation = |subject| Expectation {
            subject,
            is: is.clone(),
            has: has.clone(),
            hasnt: hasnt.clone(),
        };
        subjects.into_iter().map(expectation).collect()
    }
}

/// The expectation in words.
pub(super) fn say(expectation: &Expectation) -> String {
    let mut words = format!("expect {}", expectation.subject);
    let states: Vec<_> = expectation.is.iter().map(|state| state.name()).collect();
    if !states.is_empty() {
        words.push_str(&format!(" {}", states.join(" or ")));
    }
    for (verb, people) in [("has", &expectation.has), ("hasnt", &expectation.hasnt)] {
        if !people.is_empty() {
            let people = people.iter().map(PersonKey::as_str);
            words.push_str(&format!(" {}", event::say(verb, people)));
        }
    }
    words
}
