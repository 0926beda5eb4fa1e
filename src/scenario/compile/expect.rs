//! What the author wants said aloud.

use super::event;
use super::probe::check_requirement;
use super::step::Compiler;
use crate::directory::{PersonKey, Subject};
use crate::scenario::diagnostic::{Mistake, Span, Unknown};
use crate::scenario::syntax::{Expect, Field, Many, Spot, Text};
use crate::scenario::{Ability, Expectation, RoleName, State, Wish};

impl Compiler<'_> {
    /// An expectation for each person meant.
    pub(super) fn expect(&mut self, expect: Expect, span: Span, given: bool) -> Vec<Expectation> {
        let is = expect.is.read().unwrap_or_default().0;
        let (has, hasnt) = (expect.has.read(), expect.hasnt.read());
        let door = self.door(
            expect.may,
            expect.may_not,
            expect.has_role,
            expect.hasnt_role,
        );
        let judges = expect.judges.read();
        if let Some(judges) = &judges {
            check_requirement(judges, self.notes);
        }
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
        if !door.is_empty()
            && subjects
                .iter()
                .any(|subject| matches!(subject, Subject::Group(_)))
        {
            let message = "a group does nothing at the product and has no roles there";
            let help = "write `person: …`";
            self.notes.add(Mistake::wrong(message, help), span);
        }
        if given && (door.is_empty() || !is.is_empty() || of_group || judges.is_some()) {
            let message = "`given` is about what somebody may do or has at the product";
            let help = "write `person: …` with `may`, `may-not`, `has-role` or `hasnt-role` alone";
            self.notes.add(Mistake::wrong(message, help), span);
        }
        if is.is_empty() && !of_group && door.is_empty() {
            let message = "the expectation says nothing";
            self.notes.add(
                Mistake::wrong(
                    message,
                    "add `is: …`, for a group also `has: …` or `hasnt: …`, for a person `may: …` or `has-role: …`",
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
            door: door.clone(),
            judges: judges.as_ref().map(|id| id.text.clone()),
            given,
        };
        subjects.into_iter().map(expectation).collect()
    }

    /// What somebody may do or has at the product.
    fn door(
        &mut self,
        may: Field<Many<Spot<Ability>>>,
        may_not: Field<Many<Spot<Ability>>>,
        has: Field<Many<Text>>,
        hasnt: Field<Many<Text>>,
    ) -> Vec<(Wish, bool)> {
        let mut door = Vec::new();
        for (abilities, wanted) in [(may, true), (may_not, false)] {
            let abilities = abilities.read().unwrap_or_default().0;
            door.extend(abilities.into_iter().map(|a| (a.value.wish(), wanted)));
        }
        for (roles, wanted) in [(has, true), (hasnt, false)] {
            for role in roles.read().unwrap_or_default().0 {
                let role = self.role(&role);
                door.extend(role.map(|role| (Wish::Role(role), wanted)));
            }
        }
        door
    }

    fn role(&mut self, name: &Text) -> Option<RoleName> {
        match name.text.as_str() {
            "administrator" => return Some(RoleName::Administrator),
            "granted" => return Some(RoleName::Granted),
            _ => {}
        }
        let groups = self.cast.groups.iter().map(|group| &group.name);
        let known: Vec<&str> = groups.chain(&self.renamed).map(String::as_str).collect();
        if known.contains(&name.text.as_str()) {
            return Some(RoleName::OfGroup(name.text.clone()));
        }
        let what = "the name of a group, `administrator` or `granted`".to_owned();
        let known = known.into_iter().chain(["administrator", "granted"]);
        let unknown = Unknown::new(&name.text, known);
        self.notes
            .add(Mistake::UnknownWord { what, unknown }, name.span);
        None
    }
}

/// The expectation in words.
pub(super) fn say(expectation: &Expectation) -> String {
    let verb = if expectation.given { "given" } else { "expect" };
    let mut words = format!("{verb} {}", expectation.subject);
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
    for (wish, wanted) in &expectation.door {
        words.push_str(&match (wish, wanted) {
            (Wish::Role(role), true) => format!(" has role {role}"),
            (Wish::Role(role), false) => format!(" hasnt role {role}"),
            (wish, true) => format!(" may {}", ability(wish)),
            (wish, false) => format!(" may not {}", ability(wish)),
        });
    }
    words
}

fn ability(wish: &Wish) -> &'static str {
    match wish {
        Wish::Enter => Ability::Enter.name(),
        Wish::SignIn => Ability::SignIn.name(),
        Wish::MintToken => Ability::MintToken.name(),
        Wish::Role(_) => "have a role",
    }
}
