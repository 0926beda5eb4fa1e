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
    /// Where it acts.
    hooks: &'static [Hook],
}

impl Fault {
    /// The seams at which it acts, in the order of a request's way.
    pub fn seams(&self) -> Vec<&'static str> {
        let mut seams: Vec<_> = self.hooks.iter().map(Hook::seam).collect();
        seams.dedup();
        seams
    }
}
