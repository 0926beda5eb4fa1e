//! The command line: one file a subcommand, and the only place that prints or reads arguments, environment and terminal.
//!
//! Data goes to stdout, talk to stderr. A finding is a result and not an error; how a run ends is decided by
//! [`Exit`](crate::report::Exit).

mod args;
mod baseline;
mod check;
mod clean;
mod completions;
mod console;
mod credentials;
mod environment;
mod failure;
mod list;
mod profiles;
mod progress;
mod repro;
mod run;
mod selection;
mod serve;
mod settings;
mod show;
mod signal;
mod start;
mod state;
mod stories;
mod target_file;
mod tenants;

pub use start::main;
