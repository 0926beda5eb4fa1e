//! One event, played by one variant on the bundled server in memory: what the variant sends, and how that is known.
//!
//! Nothing here is written by hand but the events: the requests are those of the dialect itself, against a good target.

mod occasion;
mod recorder;
mod stage;
#[cfg(test)]
mod tests;

pub use occasion::{AtTarget, OCCASIONS, Occasion, UnknownOccasion, find};
pub use recorder::Arrow;
pub use stage::{Flow, NotRehearsed, rehearse};
