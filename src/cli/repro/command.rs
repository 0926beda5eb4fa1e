//! The command.

use std::path::Path;

use super::super::args::ReproArgs;
use super::super::console::Console;
use super::super::failure::{Failure, read};
use super::super::state;
use super::script::script;
use crate::report::{Exit, Report};
use crate::run::tape::{Line, Tape};
use crate::verdict::{Rules, judge};

/// Writes the script.
pub(in crate::cli) fn repro(args: &ReproArgs, console: &mut Console) -> Result<Exit, Failure> {
    let report = report_of(args.from.as_deref())?;
    let text = script(&report, args.number).map_err(|e| Failure::Usage(e.to_string()))?;
    match &args.output {
        None => console.print(&text)?,
        Some(path) => {
            std::fs::write(path, text).map_err(|e| {
                Failure::Usage(format!("{} cannot be written: {e}", path.display()))
            })?;
            console.say(&format!("written to {}", path.display()));
        }
    }
    Ok(Exit::Success)
}

/// The report that a file holds; without a file, that of the last run's tape.
pub(in crate::cli) fn report_of(from: Option<&Path>) -> Result<Report, Failure> {
    let path = match from {
        Some(path) => path.to_owned(),
        None => state::last_tape()?,
    };
    let text = read(&path)?;
    // A report is one JSON object over many lines; a tape has one on each.
    let first = text.lines().next().unwrap_or_default();
    if serde_json::from_str::<Line>(first).is_ok() {
        let tape = Tape::read(&path).map_err(|e| Failure::NotThat(e.to_string()))?;
        return Ok(judge(&tape, &Rules::default()));
    }
    serde_json::from_str(&text).map_err(|e| {
        Failure::NotThat(format!(
            "{} is neither a JSON report of scimulate nor a tape: {e}",
            path.display()
        ))
    })
}
