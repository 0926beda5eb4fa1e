//! From the arguments to the exit code.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser as _;

use super::args::{Cli, Command};
use super::console::Console;
use super::failure::Failure;
use super::{baseline, check, clean, completions, list, repro, run, serve, show};
use crate::report::Exit;

/// Runs the command with the arguments and the environment of this process.
pub fn main() -> ExitCode {
    let exit = catch_unwind(AssertUnwindSafe(command)).unwrap_or_else(|_| {
        Console::new()
            .say("This is a fault of scimulate itself; please report it with the lines above.");
        Exit::Internal
    });
    ExitCode::from(exit.code())
}

fn command() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(e) => {
            let exit = if e.use_stderr() {
                Exit::Usage
            } else {
                Exit::Success
            };
            // There is nobody left to tell when this fails.
            let _ = e.print();
            return exit;
        }
    };
    let mut console = Console::new();
    match dispatch(cli.command, &mut console) {
        Ok(exit) => exit,
        Err(failure) => {
            console.fail(&failure);
            failure.exit()
        }
    }
}

fn dispatch(command: Command, console: &mut Console) -> Result<Exit, Failure> {
    match command {
        Command::Run(args) => run::run(*args, console),
        Command::Serve(args) => serve::serve(&args, console),
        Command::Check(args) => check::check(&args, console),
        Command::List(args) => list::list(&args, console),
        Command::Show(args) => show::show(&args, console),
        Command::Baseline(args) => baseline::baseline(&args, console),
        Command::Repro(args) => repro::repro(&args, console),
        Command::Clean(args) => clean::clean(*args, console),
        Command::Completions(args) => completions::completions(&args, console),
    }
}
