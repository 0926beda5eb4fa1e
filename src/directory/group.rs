//! A group in the customer's directory.

use serde::{Deserialize, Serialize};

use super::PersonKey;

super::key! {
    /// A story's name for a group, such as `engineering`.
    GroupKey
}

/// Whether the IdP pushes a group to the app.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Push {
    /// Not pushed.
    #[default]
    Off,
    /// Pushed.
    On,
    /// Was pushed; the app's group was left where it is.
    Left,
    /// Was pushed; the app's group was to be deleted.
    Deleted,
}

/// A group in the customer's directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The story's name for the group.
    pub key: GroupKey,
    /// The group's name.
    pub name: String,
    /// The group's description, which push rules may read.
    pub description: String,
    /// The IdP's own id of the group.
    pub directory_id: String,
    /// The members, in the order in which they joined.
    pub members: Vec<PersonKey>,
    /// Whether the IdP pushes the group.
    pub push: Push,
    /// Whether an app's group of that name existed before the push and was taken over.
    pub linked: bool,
}

impl Group {
    /// Whether that person is a member.
    pub fn has(&self, person: &PersonKey) -> bool {
        self.members.contains(person)
    }
}
