//! What each vendor's own directory refuses before anything could be sent.
//!
//! A story whose names an IdP does not allow is skipped there, with the reason: a request that the real IdP can
//! never send proves nothing.

use super::{Family, Person};

/// Why a directory does not take a person or a group.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{family} does not allow {what}", family = .family.label())]
pub struct Refusal {
    /// Whose directory.
    pub family: Family,
    /// What it does not allow.
    pub what: String,
}

/// Checks a person's names against what the vendor's directory allows.
pub(super) fn check_person(family: Family, person: &Person) -> Result<(), Refusal> {
    let name = person.user_name();
    let refuse = |what: String| Err(Refusal { family, what });
    // All three require an address-like sign-in name; stories may leave the domain to the target's settings.
    let Some((local, domain)) = name.split_once('@') else {
        return refuse(format!("the sign-in name `{name}`: it has no `@`"));
    };
    if local.is_empty() || domain.is_empty() || domain.contains('@') {
        return refuse(format!("the sign-in name `{name}`"));
    }
    // Entra's userPrincipalName takes letters, digits and ' . - _ ! # ^ ~ only (documented), JumpCloud's user name the
    // narrower set of an e-mail local part; Okta's default format is an e-mail address, `+` and accents included.
    let legal: fn(char) -> bool = match family {
        Family::Okta => |c| !c.is_whitespace() && !c.is_control() && !"\"<>()[],;:\\".contains(c),
        Family::Entra => |c| c.is_ascii_alphanumeric() || "'.-_!#^~".contains(c),
        Family::Jumpcloud => |c| c.is_ascii_alphanumeric() || "'.-_+".contains(c),
    };
    match local.chars().find(|c| !legal(*c)) {
        Some(c) => refuse(format!("`{c}` in the sign-in name `{name}`")),
        None => Ok(()),
    }
}
