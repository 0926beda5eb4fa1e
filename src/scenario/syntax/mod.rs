//! The story format as it is written, in YAML. Whether a name exists is not asked here but in `compile`.

mod file;
mod probe;
mod step;

pub use file::AtTarget;
pub(super) use file::{Changes, File, Group, Limit, Person};
pub(super) use probe::{Answer, Probe};
pub(super) use step::{AT_ONCE, Action, Disturb, Expect, PushRule, Step, Together};

#[cfg(test)]
pub(super) use crate::yaml::as_editors_read;
pub(super) use crate::yaml::{Field, Items, Many, Named, Nullable, Spot, Text, shorten};

use crate::yaml::{Problem, wrapper};

/// Reads a story's text; `None` if nothing of it could be read.
pub(super) fn read(text: &str) -> (Option<File>, Vec<Problem>) {
    crate::yaml::read(text)
}
