//! The command `scimulate`.

use std::process::ExitCode;

fn main() -> ExitCode {
    scimulate::cli::main()
}
