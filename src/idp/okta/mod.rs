//! Okta: its cloud SCIM client, for apps of the App Integration Wizard and for catalogue apps, and its on-premises agent.
//!
//! Okta acts on events, one job each. A job is a sequence of requests, read top to bottom in `assign`, `users`, `groups`,
//! `members`, `import` and `discovery`; whatever it does not expect stops it and leaves a task for an administrator. Facts
//! are cited by their ids in `fixtures/facts.toml`.

mod abreast;
mod assign;
mod body;
mod dialect;
mod discovery;
mod groups;
mod headers;
mod import;
mod job;
mod list;
mod members;
mod memory;
mod profile;
mod run;
pub mod settings;
#[cfg(test)]
mod tests;
mod users;

pub use dialect::Okta;
pub use settings::{Profile, Switches};

use crate::directory::Directory;
use crate::wire::Wire;

/// What a job looks at: the directory when the job runs, and the wire on which it speaks.
#[derive(Clone, Copy)]
struct Moment<'a> {
    now: &'a Directory,
    wire: &'a Wire,
}
