//! What a story asks of the product, and whether that is described.

use std::collections::BTreeSet;

use crate::model::Aspect;
use crate::run::product::{Action, CredentialKind, Product};
use crate::scenario::{Deed, RoleName, Scenario, StepKind, Wish};

/// Why nobody looks at the product's door.
pub(in crate::run) const UNDESCRIBED: &str =
    "nothing describes the product behind the endpoint: add `[product]` to the target file";

/// Why a story cannot be played against that product, if it cannot.
pub(in crate::run) fn lacks(scenario: &Scenario, product: Option<&Product>) -> Option<String> {
    let needed = needed(scenario);
    if needed.is_empty() {
        return None;
    }
    let Some(product) = product else {
        return Some(UNDESCRIBED.to_owned());
    };
    let sections: BTreeSet<Action> = needed.iter().filter_map(Need::section).collect();
    let missing: Vec<String> = sections
        .iter()
        .filter(|action| !product.has(**action))
        .map(|action| format!("`{action}`"))
        .collect();
    if !missing.is_empty() {
        let missing = missing.join(", ");
        return Some(format!("the target file does not describe {missing}"));
    }
    let enters = product
        .credentials
        .iter()
        .any(|spec| spec.kind == CredentialKind::Session)
        || product.sign_on.is_some();
    let names_administrator = product
        .roles
        .as_ref()
        .is_some_and(|roles| roles.administrator.is_some());
    let sacrificial = product
        .administrators
        .as_ref()
        .is_some_and(|a| a.sacrificial);
    needed.iter().find_map(|need| match need {
        Need::Enter if !enters => Some(
            "the target file describes no way in: add a `[[product.credential]]` of kind `session`, or `[product.sign-on]`"
                .to_owned(),
        ),
        Need::AdministratorsName if !names_administrator => Some(
            "`[product.roles]` of the target file does not say which role is the `administrator`'s".to_owned(),
        ),
        Need::Sacrifice if !sacrificial => Some(
            "the tenant may lose its administrator only where `[product.administrators]` of the target file says `sacrificial = true`"
                .to_owned(),
        ),
        _ => None,
    })
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Need {
    Section(Action),
    Enter,
    AdministratorsName,
    Sacrifice,
}

impl Need {
    fn section(&self) -> Option<Action> {
        match self {
            Self::Section(action) => Some(*action),
            Self::Enter => None,
            Self::AdministratorsName => Some(Action::Roles),
            Self::Sacrifice => Some(Action::Administrators),
        }
    }
}

fn needed(scenario: &Scenario) -> BTreeSet<Need> {
    let mut needed = BTreeSet::new();
    for step in &scenario.steps {
        match &step.kind {
            StepKind::Deeds(deeds) => needed.extend(deeds.iter().flat_map(of_deed)),
            StepKind::Expect(expectation) => {
                needed.extend(expectation.door.iter().flat_map(of_wish));
            }
            StepKind::Events(_) | StepKind::Probe(_) => {}
        }
    }
    needed
}

fn of_deed(deed: &Deed) -> Vec<Need> {
    let section = |action| vec![Need::Section(action)];
    match deed {
        Deed::GrantRole(_) => section(Action::GrantRole),
        Deed::MakeOnlyAdministrator(_) => vec![
            Need::Section(Action::GrantRole),
            Need::AdministratorsName,
            Need::Sacrifice,
        ],
        Deed::Ban(_) => section(Action::Ban),
        Deed::SignOn { .. } => section(Action::SignOn),
        Deed::MakeLocalPerson(_) => section(Action::MakePerson),
        // It goes through the SCIM endpoint.
        Deed::DeactivateByScim(_) => Vec::new(),
        Deed::SwitchOffScim | Deed::SwitchOnScim => section(Action::Provisioning),
        Deed::LimitSeats { .. } => section(Action::Seats),
    }
}

fn of_wish((wish, _): &(Wish, bool)) -> Vec<Need> {
    match wish {
        Wish::Enter => vec![Need::Enter],
        Wish::SignIn => vec![Need::Section(Action::SignIn)],
        Wish::MintToken => vec![Need::Section(Action::ProvisioningToken)],
        Wish::Role(name) => {
            let mut needs = vec![Need::Section(Action::Roles)];
            needs.extend(match name {
                RoleName::Administrator => Some(Need::AdministratorsName),
                RoleName::Granted => Some(Need::Section(Action::GrantRole)),
                RoleName::OfGroup(_) => Some(Need::Section(Action::RoleGroup)),
            });
            needs
        }
    }
}

/// The aspect that shows whether a wish is granted.
pub(in crate::run) fn aspect(wish: &Wish) -> Aspect {
    match wish {
        Wish::Enter => Aspect::SignIn,
        Wish::SignIn => Aspect::Password,
        Wish::MintToken => Aspect::MintsToken,
        Wish::Role(name) => Aspect::Role(name.to_string()),
    }
}

/// Whether somebody gets a password in a story.
pub(in crate::run) fn uses_password(scenario: &Scenario) -> bool {
    scenario.steps.iter().any(|step| match &step.kind {
        StepKind::Deeds(deeds) => {
            let made = |deed: &Deed| matches!(deed, Deed::MakeLocalPerson(_));
            deeds.iter().any(made)
        }
        StepKind::Expect(expectation) => expectation
            .door
            .iter()
            .any(|(wish, _)| *wish == Wish::SignIn),
        StepKind::Events(_) | StepKind::Probe(_) => false,
    })
}
