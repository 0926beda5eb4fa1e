//! What an IdP promises its customer: a table with a source for every line, and the rules that say when a line holds.
//!
//! A value is wanted, unwanted or free. Free is the default: whatever has no line here is never compared.

mod group;
mod line;
mod memory;
mod person;

pub use line::{LINES, Line, find};
pub use memory::{Policy, Seed};
