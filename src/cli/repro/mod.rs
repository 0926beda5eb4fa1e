//! `scimulate repro N`: one cause's exchanges as a shell script.

mod command;
mod script;
mod template;
#[cfg(test)]
#[cfg(unix)]
mod tests;

pub(super) use command::{report_of, repro};
