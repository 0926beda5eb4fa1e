//! What happens at the product behind the endpoint, as deeds.

use super::event::say;
use super::step::Compiler;
use crate::scenario::Deed;
use crate::scenario::diagnostic::Span;
use crate::scenario::syntax::{Action, Text};

/// Whether an action happens at the product, and not in the directory or in the IdP's console.
pub(super) fn is_deed(action: &Action) -> bool {
    matches!(
        action,
        Action::GrantRole(_)
            | Action::MakeOnlyAdministrator(_)
            | Action::Ban(_)
            | Action::SignOn(_)
            | Action::SignOnWithGroup(_)
            | Action::MakeLocalPerson(_)
            | Action::DeactivateByScim(_)
            | Action::SwitchOffScim
            | Action::SwitchOnScim
            | Action::FreeSeats(_)
    )
}

impl Compiler<'_> {
    /// The words of an action at the product, and its deeds.
    pub(super) fn deeds(&mut self, action: Action, span: Span) -> (String, Vec<Deed>) {
        match action {
            Action::GrantRole(who) => self.each("grant a role to", &who, span, Deed::GrantRole),
            Action::MakeOnlyAdministrator(who) => {
                let person = self.cast.person(&who, self.notes);
                let deeds = person
                    .map(Deed::MakeOnlyAdministrator)
                    .into_iter()
                    .collect();
                (
                    say(
                        "make the only administrator",
                        [who.text.as_str()].into_iter(),
                    ),
                    deeds,
                )
            }
            Action::Ban(who) => self.each("ban", &who, span, Deed::Ban),
            Action::SignOn(who) => self.each("sign on", &who, span, |person| Deed::SignOn {
                person,
                claim: None,
            }),
            Action::SignOnWithGroup(claims) => {
                self.named("sign on with group", claims, span, Self::sign_on)
            }
            Action::MakeLocalPerson(who) => {
                self.each("make local person", &who, span, Deed::MakeLocalPerson)
            }
            Action::DeactivateByScim(who) => {
                self.each("deactivate by SCIM", &who, span, Deed::DeactivateByScim)
            }
            Action::SwitchOffScim => ("switch off SCIM".to_owned(), vec![Deed::SwitchOffScim]),
            Action::SwitchOnScim => ("switch on SCIM".to_owned(), vec![Deed::SwitchOnScim]),
            Action::FreeSeats(free) => {
                let free = free.value;
                (
                    format!("leave {free} seats free"),
                    vec![Deed::LimitSeats { free }],
                )
            }
            // `is_deed` lets no other come here.
            _ => (String::new(), Vec::new()),
        }
    }

    fn sign_on(&mut self, name: &Text, group: Text) -> Vec<Deed> {
        let claim = self.cast.group(&group, self.notes);
        let people = self.cast.everybody(name, self.notes);
        let deed = |person| Deed::SignOn {
            person,
            claim: claim.clone(),
        };
        people.into_iter().map(deed).collect()
    }
}
