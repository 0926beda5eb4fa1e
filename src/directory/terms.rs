//! What IdPs promise their customers differently.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Family;

/// What becomes of the account of somebody who leaves the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "end of an account", rename_all = "kebab-case")]
#[schemars(rename = "leavers")]
pub enum Leavers {
    /// It ends to be active; it may go.
    Inactive,
    /// It goes.
    Gone,
    /// Nothing is promised.
    Nothing,
}

/// What an IdP's customers are promised where the vendors differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// What becomes of a leaver's account.
    pub leavers: Leavers,
    /// Whether a suspension takes the account's access away (JumpCloud) or changes nothing (Okta).
    pub suspension_ends_access: bool,
    /// Whether a group is made that has no members (not by JumpCloud).
    pub empty_groups: bool,
    /// Whether whoever leaves a group in the directory leaves the app's.
    pub members_leave: bool,
    /// Whether a group that is deleted, or no longer pushed and to be deleted, goes.
    pub groups_go: bool,
}

impl Terms {
    /// What that vendor promises.
    pub fn of(family: Family) -> Self {
        let jumpcloud = family == Family::Jumpcloud;
        Self {
            leavers: Leavers::Inactive,
            suspension_ends_access: jumpcloud,
            empty_groups: !jumpcloud,
            members_leave: true,
            groups_go: true,
        }
    }
}
