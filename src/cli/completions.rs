//! `scimulate completions SHELL`.

use clap::CommandFactory as _;

use super::args::{Cli, CompletionsArgs};
use super::console::Console;
use super::failure::Failure;
use crate::report::Exit;

/// Writes completions for a shell.
pub(super) fn completions(args: &CompletionsArgs, console: &mut Console) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "scimulate", &mut script);
    console.print(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Success)
}
