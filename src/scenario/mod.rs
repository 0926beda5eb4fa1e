//! Stories: YAML files of people, groups and what happens to them, read into events.
//!
//! A story speaks of people, never of SCIM, and is the same for every IdP: what an IdP's directory refuses, which
//! sign-in names and addresses people get and what is promised after each step is decided when it is played.
//! `syntax` reads YAML, `compile` gives it meaning, and every mistake is a [`Diagnostics`] entry with its place. It
//! knows neither promises nor requirements: a probe names the requirement that judges it, and no more.
//!
//! ```
//! let text = "
//! scenario: 1
//! title: a leaver loses access
//! why: a leaver who stays active keeps reading the source code
//! people:
//!   ada: {given: Ada, family: Lovelace}
//! steps:
//!   - assign: ada
//!   - unassign: ada
//! ";
//! let story = scimulate::scenario::parse("leaver.yaml", text).unwrap();
//! assert_eq!(story.id, "leaver");
//! assert_eq!(story.steps[1].action, "unassign ada");
//!
//! let wrong = scimulate::scenario::parse("leaver.yaml", &text.replace("unassign: ada", "unassign: aba")).unwrap_err();
//! let lines: Vec<_> = wrong.lines().collect();
//! assert_eq!(lines, ["leaver.yaml:9:15: the story has no person `aba`; did you mean `ada`?"]);
//! ```

mod beyond;
mod bundle;
mod compile;
mod probe;
mod schema;
mod story;
mod syntax;
#[cfg(test)]
mod tests;

pub use crate::yaml::Diagnostics;
use crate::yaml::diagnostic;
pub use beyond::Beyond;
pub use bundle::{bundled, load, parse};
pub use probe::{Credentials, FilledProbe, ProbeBody, ProbeSpec, Template, Unfilled};
pub use schema::schema;
pub use story::{
    Ability, Deed, Expectation, GroupSpec, Need, Only, PersonSpec, RoleName, Scenario, State, Step,
    StepKind, Wish,
};
pub use syntax::AtTarget;
