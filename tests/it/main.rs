//! The tests that need more than one module: one binary for all.

#[cfg(test)]
mod cli;
