//! One promised value.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::directory::{PersonKey, Place, Subject};

/// Which side of a person or a group a promise is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Aspect {
    /// Whether the target has the resource.
    Presence,
    /// Whether the person may use the app.
    Active,
    /// A value of the profile.
    Value(Place),
    /// A group's name.
    GroupName,
    /// Whether that person is a member of the group.
    Member(PersonKey),
    /// How many members the group has whom nobody put there.
    Strangers,
    /// How many resources the IdP's own lookup finds for this one.
    Found,
    /// How often the resource turned up in an import.
    Imported,
    /// Whether a session that was opened before the last change of access still lets the person in.
    Session,
    /// Whether a personal access token that was made before the last change of access still lets the person in.
    Token,
    /// Whether the person can sign in anew.
    SignIn,
    /// Whether the person can sign in with a password.
    Password,
    /// Whether the person can make credentials for provisioning.
    MintsToken,
    /// Whether the person has that role at the product, by the story's name for it.
    Role(String),
}

/// A value, as promises and observations hold it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Datum {
    /// Yes or no.
    Flag(bool),
    /// A number of things.
    Count(u32),
    /// A text.
    Text(String),
    /// A person of the story.
    Person(PersonKey),
}

/// What is promised of a value. What is free is not promised and has no [`Promise`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Want {
    /// The value is this one.
    Is(Datum),
    /// The value is anything but this one; an absent resource satisfies it.
    IsNot(Datum),
}

impl Want {
    /// It is so.
    pub(super) fn yes() -> Self {
        Self::Is(Datum::Flag(true))
    }

    /// It is not so.
    pub(super) fn no() -> Self {
        Self::Is(Datum::Flag(false))
    }

    /// The value is that text.
    pub(super) fn text(value: &str) -> Self {
        Self::Is(Datum::Text(value.to_owned()))
    }

    /// Whether whatever fulfils this one fulfils the other, too.
    pub fn implies(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Is(Datum::Flag(one)), Self::IsNot(Datum::Flag(other))) => one != other,
            _ => self == other,
        }
    }
}

/// One promised value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promise {
    /// Of whom or what.
    pub subject: Subject,
    /// Which value.
    pub aspect: Aspect,
    /// What is promised.
    pub want: Want,
    /// The line of the policy that promises it.
    pub line: Cow<'static, str>,
}

impl Promise {
    /// What that line of the policy promises of a person or a group.
    pub(super) fn of(subject: &Subject, line: &'static str, aspect: Aspect, want: Want) -> Self {
        Self {
            subject: subject.clone(),
            aspect,
            want,
            line: line.into(),
        }
    }
}

impl Aspect {
    /// Whether it is seen at the product's own door and not in a resource, which may be gone.
    pub fn is_at_the_door(&self) -> bool {
        matches!(
            self,
            Self::Session
                | Self::Token
                | Self::SignIn
                | Self::Password
                | Self::MintsToken
                | Self::Role(_)
        )
    }
}

impl fmt::Display for Aspect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Presence => f.write_str("presence"),
            Self::Active => f.write_str("active"),
            Self::Value(place) => write!(f, "{place}"),
            Self::GroupName => f.write_str("displayName"),
            Self::Member(person) => write!(f, "member {person}"),
            Self::Strangers => f.write_str("other members"),
            Self::Found => f.write_str("found by the IdP's lookup"),
            Self::Imported => f.write_str("times in the import"),
            Self::Session => f.write_str("an old session works"),
            Self::Token => f.write_str("an old token works"),
            Self::SignIn => f.write_str("can sign in"),
            Self::Password => f.write_str("can sign in with a password"),
            Self::MintsToken => f.write_str("can make credentials for provisioning"),
            Self::Role(role) => write!(f, "role {role}"),
        }
    }
}

impl fmt::Display for Datum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(true) => f.write_str("yes"),
            Self::Flag(false) => f.write_str("no"),
            Self::Count(count) => write!(f, "{count}"),
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Person(key) => write!(f, "{key}"),
        }
    }
}
