//! The formats that are written in YAML, read so that every mistake has its place: stories, and IdPs as data.
//!
//! `tree` reads YAML into spanned nodes, `reader` (with `access` and `variant`) reads nodes into a format's types, `wrapper`
//! holds what those types are made of, `diagnostic` says what is wrong, and `notes` collects it. What a name means is not known here.

pub(crate) mod access;
pub(crate) mod diagnostic;
mod notes;
pub(crate) mod reader;
pub(crate) mod tree;
pub(crate) mod variant;
pub(crate) mod wrapper;

pub use diagnostic::Diagnostics;
pub(crate) use diagnostic::{Format, Mistake, Problem, Span, Unknown};
pub(crate) use notes::Notes;
pub(crate) use tree::shorten;
pub(crate) use wrapper::{Field, Items, Json, Many, Named, Nullable, Spot, Text};

use serde::de::DeserializeOwned;

/// Reads a text; `None` if nothing of it could be read.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> (Option<T>, Vec<Problem>) {
    let node = match tree::read(text) {
        Ok(node) => node,
        Err(problem) => return (None, vec![*problem]),
    };
    let problems = reader::Problems::default();
    let file = T::deserialize(reader::Reader::new(&node, &problems));
    let mut problems = problems.into_inner();
    match file {
        Ok(file) => (Some(file), problems),
        Err(failure) => {
            problems.push(failure.problem());
            (None, problems)
        }
    }
}

/// The name of a part of a format with its article: `a person`, `an expectation`, `the story`.
fn article(name: &str) -> String {
    match name {
        "story" | "profile" => format!("the {name}"),
        "Family" => "a vendor's directory".to_owned(),
        "Confidence" => "a confidence".to_owned(),
        "Encoding" => "an encoding".to_owned(),
        "UnlinkChoice" => "what becomes of the app's group".to_owned(),
        _ if name.starts_with(['a', 'e', 'i', 'o', 'u']) => format!("an {name}"),
        _ => format!("a {name}"),
    }
}

/// How a part of a format looks where it is not as it should.
fn shape(name: &str) -> String {
    match name {
        "story" => "a story that begins with `scenario: 1`".to_owned(),
        "profile" => "a profile that begins with `idp-profile: 1`".to_owned(),
        _ => format!("{} in the form `key: value`", article(name)),
    }
}

/// The value that an editor's YAML reader hands to the schema.
#[cfg(test)]
pub(crate) fn as_editors_read(text: &str) -> serde_json::Value {
    let options = serde_saphyr::options! { strict_booleans: true };
    serde_saphyr::from_str_with_options(text, options).unwrap()
}
