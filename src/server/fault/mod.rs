//! Named ways to make a tenant wrong.
//!
//! A fault hooks into the seams that every request passes; the handlers call the seams and know no fault. Each is
//! known from servers in use, and each must be found by a check: that is what they are for.

mod choice;
mod seam;
mod table;

pub use choice::{ChoiceError, FaultChoice, find};
pub(super) use choice::{Faults, Notes};
pub(super) use seam::*;
pub use table::ALL;

/// One fault.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// Its name.
    pub id: &'static str,
    /// What the server does wrong.
    pub title: &'static str,
    /// Its forms, the first by default.
    pub modes: &'static [&'static str],
    /// The requirement and the outcome that it shows first; filled in where the requirements are declared.
    pub primary: Option<(&'static str, &'static str)>,
    /// Where it acts.
    hooks: &'static [Hook],
}
