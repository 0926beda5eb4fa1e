//! The events that can be looked at one by one, each with what must have happened before it.

use std::collections::BTreeMap;

use crate::directory::{
    Attribute, Event, GroupKey, Membership, NameRule, PersonKey, RuleMatch, UnlinkChoice,
};
use crate::nearest;

/// What the target has from before the IdP began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtTarget {
    /// Nothing.
    Nothing,
    /// Ada's account, active or not.
    Ada {
        /// Whether it is active.
        active: bool,
    },
    /// The group `Engineering`, empty.
    Engineering,
}

/// One event, and the state in which it comes.
#[derive(Clone, Copy, Debug)]
pub struct Occasion {
    /// Its name: the story's word for the event, or that of a case of it.
    pub id: &'static str,
    /// What happens, as a sentence.
    pub title: &'static str,
    /// What the target has before the IdP begins.
    pub at_target: AtTarget,
    /// Whether the administrator has switched provisioning on before the first event.
    pub provisioning: bool,
    /// Whether the first try fails, so that there is a task to retry.
    pub fails_first: bool,
    /// What happened before, one step each.
    before: fn() -> Vec<Event>,
    /// The event itself.
    now: fn() -> Event,
}

impl Occasion {
    /// What happened before, one step each.
    pub fn before(&self) -> Vec<Event> {
        (self.before)()
    }

    /// The event itself.
    pub fn event(&self) -> Event {
        (self.now)()
    }
}

/// A name that is no occasion.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no event `{name}`{hint}")]
pub struct UnknownOccasion {
    name: String,
    hint: String,
}

/// The occasion of that name.
///
/// # Errors
/// None has it; the message says which one was most likely meant.
pub fn find(id: &str) -> Result<&'static Occasion, UnknownOccasion> {
    let named = OCCASIONS.iter().find(|occasion| occasion.id == id);
    named.ok_or_else(|| UnknownOccasion {
        name: id.to_owned(),
        hint: nearest::hint(id, OCCASIONS.iter().map(|occasion| occasion.id)),
    })
}

const PLAIN: Occasion = Occasion {
    id: "",
    title: "",
    at_target: AtTarget::Nothing,
    provisioning: true,
    fails_first: false,
    before: Vec::new,
    now: || Event::Cycle,
};

const fn plain(
    id: &'static str,
    title: &'static str,
    before: fn() -> Vec<Event>,
    now: fn() -> Event,
) -> Occasion {
    Occasion {
        id,
        title,
        before,
        now,
        ..PLAIN
    }
}

/// Every occasion, in the order of a person's and then a group's life.
pub const OCCASIONS: &[Occasion] = &[
    plain(
        "test-connection",
        "the administrator tests the connection (JumpCloud: and activates it)",
        Vec::new,
        || Event::TestConnection,
    ),
    Occasion {
        provisioning: false,
        ..plain(
            "switch-on-provisioning",
            "provisioning is switched on, with Ada assigned before",
            || vec![assign("ada")],
            || Event::SwitchOnProvisioning,
        )
    },
    Occasion {
        provisioning: false,
        ..plain(
            "provision-user",
            "the administrator provisions Ada, who was assigned before provisioning was on",
            || vec![assign("ada"), Event::SwitchOnProvisioning],
            || Event::ProvisionUser(person("ada")),
        )
    },
    plain(
        "assign",
        "Ada is assigned, whom the target does not know",
        Vec::new,
        || assign("ada"),
    ),
    Occasion {
        at_target: AtTarget::Ada { active: true },
        ..plain(
            "assign-existing",
            "Ada is assigned, who has an active account at the target",
            Vec::new,
            || assign("ada"),
        )
    },
    Occasion {
        at_target: AtTarget::Ada { active: false },
        ..plain(
            "assign-inactive",
            "Ada is assigned, who has an inactive account at the target",
            Vec::new,
            || assign("ada"),
        )
    },
    plain(
        "update",
        "Ada gets another title and department",
        || vec![assign("ada")],
        || {
            let changes = [
                (Attribute::Title, Some("Countess")),
                (Attribute::Department, Some("Engines")),
            ];
            update(&changes)
        },
    ),
    plain(
        "rename",
        "Ada gets another family name and display name",
        || vec![assign("ada")],
        || {
            let changes = [
                (Attribute::Family, Some("King")),
                (Attribute::DisplayName, Some("Ada King")),
            ];
            update(&changes)
        },
    ),
    plain(
        "empty",
        "Ada loses her title",
        || {
            vec![
                update(&[(Attribute::Title, Some("Countess"))]),
                assign("ada"),
            ]
        },
        || update(&[(Attribute::Title, None)]),
    ),
    plain(
        "manager",
        "Bob becomes Ada's manager",
        || vec![assign("ada"), assign("bob")],
        || Event::Update {
            person: person("ada"),
            changes: BTreeMap::new(),
            manager: Some(Some(person("bob"))),
        },
    ),
    plain(
        "unassign",
        "Ada is taken off the app",
        || vec![assign("ada")],
        || Event::Unassign(person("ada")),
    ),
    plain(
        "reassign",
        "Ada, who was taken off the app, is assigned again",
        || vec![assign("ada"), Event::Unassign(person("ada"))],
        || assign("ada"),
    ),
    plain(
        "deactivate",
        "Ada's account in the directory is deactivated",
        || vec![assign("ada")],
        || Event::Deactivate(person("ada")),
    ),
    plain(
        "reactivate",
        "Ada's account in the directory is activated again",
        || vec![assign("ada"), Event::Deactivate(person("ada"))],
        || Event::Reactivate(person("ada")),
    ),
    plain(
        "suspend",
        "Ada is suspended",
        || vec![assign("ada")],
        || Event::Suspend(person("ada")),
    ),
    plain(
        "unsuspend",
        "Ada's suspension ends",
        || vec![assign("ada"), Event::Suspend(person("ada"))],
        || Event::Unsuspend(person("ada")),
    ),
    plain(
        "delete",
        "Ada's account in the directory is deleted for good",
        || vec![assign("ada"), Event::Deactivate(person("ada"))],
        || Event::Delete(person("ada")),
    ),
    plain(
        "push-group",
        "a group of two people is pushed by its name",
        both,
        push,
    ),
    plain(
        "push-rule",
        "a rule pushes every group whose name starts with `Eng`",
        both,
        || {
            Event::PushRule(NameRule {
                matches: RuleMatch::StartsWith,
                text: "Eng".to_owned(),
            })
        },
    ),
    plain(
        "push-empty-group",
        "a group is pushed of which nobody is assigned",
        Vec::new,
        push,
    ),
    Occasion {
        at_target: AtTarget::Engineering,
        ..plain(
            "link-group",
            "a group is pushed that the target has under the same name",
            both,
            push,
        )
    },
    plain(
        "join",
        "Bob joins a pushed group",
        || {
            let left = Event::Leave(membership("bob"));
            [vec![left], both(), vec![push()]].concat()
        },
        || Event::Join(membership("bob")),
    ),
    plain("leave", "Bob leaves a pushed group", pushed, || {
        Event::Leave(membership("bob"))
    }),
    plain(
        "unassign-member",
        "Bob, a member of a pushed group, is taken off the app",
        pushed,
        || Event::Unassign(person("bob")),
    ),
    plain(
        "rename-group",
        "a pushed group gets another name",
        pushed,
        || Event::RenameGroup {
            group: group(),
            name: "Research".to_owned(),
        },
    ),
    plain(
        "push-now",
        "the administrator presses *Push now*",
        pushed,
        || Event::PushNow(group()),
    ),
    plain(
        "unlink-delete",
        "the push ends, and the target's group is to be deleted",
        pushed,
        || unlink(UnlinkChoice::Delete),
    ),
    plain(
        "unlink-leave",
        "the push ends, and the target's group is to stay",
        pushed,
        || unlink(UnlinkChoice::Leave),
    ),
    plain(
        "delete-group",
        "a pushed group is deleted in the directory",
        pushed,
        || Event::DeleteGroup(group()),
    ),
    plain(
        "import",
        "the IdP imports the target's people, Ada and Bob",
        both,
        || Event::Import,
    ),
    plain(
        "cycle",
        "the clock starts a cycle in which nothing is to be done",
        pushed,
        || Event::Cycle,
    ),
    Occasion {
        fails_first: true,
        ..plain(
            "retry-tasks",
            "the administrator retries the creation of Ada, which the target had refused with 500",
            || vec![assign("ada")],
            || Event::RetryTasks,
        )
    },
];

fn person(name: &str) -> PersonKey {
    PersonKey::new(name)
}

fn group() -> GroupKey {
    GroupKey::new("engineering")
}

fn membership(name: &str) -> Membership {
    Membership {
        person: person(name),
        group: group(),
    }
}

fn assign(name: &str) -> Event {
    Event::Assign(person(name))
}

fn update(changes: &[(Attribute, Option<&str>)]) -> Event {
    let changes = changes.iter();
    let changes = changes.map(|(attribute, value)| (*attribute, value.map(str::to_owned)));
    Event::Update {
        person: person("ada"),
        changes: changes.collect(),
        manager: None,
    }
}

fn push() -> Event {
    Event::PushGroup(group())
}

fn unlink(choice: UnlinkChoice) -> Event {
    Event::Unlink {
        group: group(),
        choice,
    }
}

fn both() -> Vec<Event> {
    vec![assign("ada"), assign("bob")]
}

fn pushed() -> Vec<Event> {
    vec![assign("ada"), assign("bob"), push()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_occasion_has_a_name_of_its_own_and_a_slip_in_it_is_understood() {
        for (n, occasion) in OCCASIONS.iter().enumerate() {
            assert_eq!(find(occasion.id).unwrap().title, occasion.title);
            let twice = OCCASIONS[..n].iter().any(|o| o.id == occasion.id);
            assert!(!twice, "{}", occasion.id);
        }
        let slip = find("pushgroup").unwrap_err().to_string();
        assert_eq!(
            slip,
            "there is no event `pushgroup`; did you mean `push-group`?"
        );
        let far = find("zzzzzz").unwrap_err().to_string();
        assert_eq!(far, "there is no event `zzzzzz`");
    }
}
