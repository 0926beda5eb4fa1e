//! The customer's people and groups inside the IdP, their assignment to the app, the app's settings, and the
//! events that change them.
//!
//! Nothing here knows SCIM messages, a dialect or a promise: [`Directory`] is what the administrator sees in the IdP's
//! own console. Dialects read it to decide what to send, the policy reads it to decide what was promised, and
//! neither knows the other.

mod dice;
mod event;
mod expression;
mod group;
mod limits;
mod mapping;
mod person;
mod settings;
mod source;
mod state;
mod terms;

pub use dice::{Dice, Instance};
pub use event::{Event, Membership, NameRule, RuleMatch, UnlinkChoice};
pub use expression::{Expression, ExpressionError};
pub use group::{Group, GroupKey, Push};
pub use limits::Refusal;
pub use mapping::{Mapping, ParsePlaceError, Parts, Place};
pub use person::{Assignment, Attribute, Person, PersonKey, Status};
pub use settings::{
    AppChanges, AppSettings, Features, Matching, PasswordSync, RoleExpression, Scope,
};
pub use source::Source;
pub use state::{Directory, EventError};
pub use terms::{Leavers, Terms};

use serde::{Deserialize, Serialize};

/// Whose directory it is: the vendors differ in what names they allow, how ids look and what is mapped by default.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Okta.
    Okta,
    /// Microsoft Entra ID.
    Entra,
    /// JumpCloud.
    Jumpcloud,
}

impl Family {
    /// The product's name as its customers write it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Okta => "Okta",
            Self::Entra => "Entra ID",
            Self::Jumpcloud => "JumpCloud",
        }
    }
}

/// Whom or what a change, a promise or a finding is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A person, by the story's key.
    Person(PersonKey),
    /// A group, by the story's key.
    Group(GroupKey),
}

impl std::fmt::Display for Subject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Person(key) => write!(f, "person {key}"),
            Self::Group(key) => write!(f, "group {key}"),
        }
    }
}

/// A story's name for a person or a group.
macro_rules! key {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The key of that text.
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }

            /// The key's text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}
use key;
