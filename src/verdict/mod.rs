//! From the tape to verdicts: which requirements hold, which do not, and which defect explains it.
//!
//! Everything here is a pure function of the tape; the baseline is applied to what comes of it.

mod abreast;
mod assemble;
pub mod baseline;
mod blame;
mod door;
mod evidence;
mod finding;
mod flow;
mod judge;
mod localise;
mod play;
mod shape;

pub use judge::{Rules, judge};
