//! The story format as it is written: the only module of the stories that knows YAML.
//!
//! `tree` reads YAML into spanned nodes, `reader` (with `access` and `variant`) reads nodes into the types of `file`, `step` and
//! `probe`, and `wrapper` holds what
//! those types are made of. Whether a name exists is not asked here but in `compile`.

mod access;
mod file;
mod probe;
mod reader;
mod step;
mod tree;
mod variant;
mod wrapper;

pub use file::AtTarget;
pub(super) use file::{Changes, File, Group, Limit, Person};
pub(super) use probe::{Answer, Probe};
pub(super) use step::{Action, Disturb, Expect, PushRule, Step, Together};
pub(super) use tree::shorten;
pub(super) use wrapper::{Field, Items, Many, Named, Nullable, Spot, Text};

use serde::Deserialize as _;

use super::diagnostic::Problem;

/// Reads a story's text; `None` if nothing of it could be read.
pub(super) fn read(text: &str) -> (Option<File>, Vec<Problem>) {
    let node = match tree::read(text) {
        Ok(node) => node,
        Err(problem) => return (None, vec![problem]),
    };
    let problems = reader::Problems::default();
    let file = File::deserialize(reader::Reader::new(&node, &problems));
    let mut problems = problems.into_inner();
    match file {
        Ok(file) => (Some(file), problems),
        Err(failure) => {
            problems.push(failure.problem());
            (None, problems)
        }
    }
}

/// The name of a part of the format with its article: `a person`, `an expectation`, `the story`.
fn article(name: &str) -> String {
    match name {
        "story" => "the story".to_owned(),
        "UnlinkChoice" => "what becomes of the app's group".to_owned(),
        _ if name.starts_with(['a', 'e', 'i', 'o', 'u']) => format!("an {name}"),
        _ => format!("a {name}"),
    }
}

/// How a part of the format looks where it is not as it should.
fn shape(name: &str) -> String {
    match name {
        "story" => "a story that begins with `scenario: 1`".to_owned(),
        _ => format!("{} in the form `key: value`", article(name)),
    }
}

/// The value that an editor's YAML reader hands to the schema.
#[cfg(test)]
pub(super) fn as_editors_read(text: &str) -> serde_json::Value {
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(text, options).unwrap()
}
