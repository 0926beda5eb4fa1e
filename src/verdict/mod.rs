//! What the run's observations amount to.

pub mod baseline;
