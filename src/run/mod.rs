//! One run: stories, variants and a target in; a tape out.

mod auditor;
pub mod tape;
mod target;

pub use target::{CannotExamine, Offer};
