//! The deviations of a target that its owners know and accept, in a file that they keep and review.
//!
//! A known outcome excuses no other, every entry says why it is there, and an entry that no longer holds makes the run
//! fail until it is taken out.

mod apply;
mod file;
#[cfg(test)]
mod tests;
mod write;

pub use apply::Baseline;
pub use write::write;
