//! IdPs as data: a YAML profile that changes a bundled variant, or that writes its own flows.
//!
//! `syntax` is the format, `compile` resolves its names, `flow` is what comes of it, and `play` and `dialect` are one more
//! implementation of [`Dialect`](super::Dialect): lookup, request, capture, when, for each member, and nothing more.

mod bundle;
mod compile;
mod dialect;
mod flow;
mod play;
mod schema;
mod steps;
mod syntax;
#[cfg(test)]
mod tests;
mod text;

pub use bundle::{bundled, load, parse};
pub(super) use dialect::dialect;
pub use flow::Flows;
pub use schema::schema;

use crate::directory::Attribute;

/// What a flow can name beside what is captured and the attributes of a person.
const GIVEN: [&str; 8] = [
    "active",
    "external-id",
    "group-name",
    "id",
    "manager-id",
    "member-id",
    "members",
    "test-address",
];

/// Whether a value of that name is given by the directory or the link, and not captured.
fn is_given(name: &str) -> bool {
    GIVEN.contains(&name) || Attribute::ALL.iter().any(|a| a.name() == name)
}
