//! What an administrator or the clock does in the directory. A story's steps are events; no event names SCIM.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Attribute, GroupKey, PersonKey};

/// One thing that happens in the customer's directory or in the IdP's console.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// The administrator presses the button that tests the connection.
    TestConnection,
    /// A person is assigned to the app.
    Assign(PersonKey),
    /// A person is taken off the app.
    Unassign(PersonKey),
    /// A person's profile changes in the directory.
    Update {
        /// Whose profile.
        person: PersonKey,
        /// The attributes that change; `None` empties one.
        changes: BTreeMap<Attribute, Option<String>>,
        /// The new manager; `Some(None)` takes the manager away.
        manager: Option<Option<PersonKey>>,
    },
    /// A person's account in the directory is deactivated.
    Deactivate(PersonKey),
    /// A person's account in the directory is activated again.
    Reactivate(PersonKey),
    /// A person gets a new password in the directory. Which one is nobody's business: the IdP makes one up.
    ChangePassword(PersonKey),
    /// A person is suspended.
    Suspend(PersonKey),
    /// A suspension ends.
    Unsuspend(PersonKey),
    /// A person's account in the directory is deleted for good.
    Delete(PersonKey),
    /// The administrator switches provisioning on, after people were assigned (JumpCloud: activates the integration).
    SwitchOnProvisioning,
    /// The administrator presses *Provision User* for a person who was assigned before provisioning was on.
    ProvisionUser(PersonKey),
    /// A group is pushed to the app by its name.
    PushGroup(GroupKey),
    /// A rule pushes every group that it matches.
    PushRule(NameRule),
    /// A group gets a new name.
    RenameGroup {
        /// Which group.
        group: GroupKey,
        /// Its new name.
        name: String,
    },
    /// A person joins a group.
    Join(Membership),
    /// A person leaves a group.
    Leave(Membership),
    /// The administrator presses *Push now*.
    PushNow(GroupKey),
    /// The administrator stops pushing a group.
    Unlink {
        /// Which group.
        group: GroupKey,
        /// What becomes of the app's group.
        choice: UnlinkChoice,
    },
    /// A group is deleted in the directory.
    DeleteGroup(GroupKey),
    /// The IdP imports the app's people (and groups, where that is on).
    Import,
    /// The clock starts a provisioning cycle.
    Cycle,
    /// The clock moves on.
    Wait {
        /// By how many seconds.
        seconds: u64,
    },
    /// The administrator retries the tasks that failed (Entra: restarts the job).
    RetryTasks,
    /// The administrator allows the deletions that are held back because they are so many.
    AllowDeletions,
}

/// A person and a group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// Who.
    pub person: PersonKey,
    /// In which group.
    pub group: GroupKey,
}

/// What becomes of the app's group when the IdP stops pushing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UnlinkChoice {
    /// It is deleted.
    Delete,
    /// It stays.
    Leave,
}

/// How a push rule compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RuleMatch {
    /// The name starts with the text.
    StartsWith,
    /// The name ends with the text.
    EndsWith,
    /// The name contains the text.
    Contains,
}

/// A rule that selects groups by their name. There are no regular expressions in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NameRule {
    /// How the name is compared.
    pub matches: RuleMatch,
    /// With what.
    pub text: String,
}

impl NameRule {
    /// Whether the rule selects a group of that name.
    pub fn selects(&self, name: &str) -> bool {
        match self.matches {
            RuleMatch::StartsWith => name.starts_with(&self.text),
            RuleMatch::EndsWith => name.ends_with(&self.text),
            RuleMatch::Contains => name.contains(&self.text),
        }
    }
}

impl Event {
    /// The people whom the event is about, so that what is read back can be limited to them.
    pub fn people(&self) -> Vec<&PersonKey> {
        match self {
            Self::Assign(p)
            | Self::Unassign(p)
            | Self::Deactivate(p)
            | Self::Reactivate(p)
            | Self::ChangePassword(p)
            | Self::Suspend(p)
            | Self::Unsuspend(p)
            | Self::Delete(p)
            | Self::ProvisionUser(p) => vec![p],
            Self::Update { person, .. } => vec![person],
            Self::Join(m) | Self::Leave(m) => vec![&m.person],
            _ => Vec::new(),
        }
    }

    /// The group that the event is about, if it is about one.
    pub fn group(&self) -> Option<&GroupKey> {
        match self {
            Self::PushGroup(g) | Self::PushNow(g) | Self::DeleteGroup(g) => Some(g),
            Self::RenameGroup { group, .. } | Self::Unlink { group, .. } => Some(group),
            Self::Join(m) | Self::Leave(m) => Some(&m.group),
            _ => None,
        }
    }
}
