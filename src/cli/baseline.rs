//! `scimulate baseline`.

use std::path::Path;

use jiff::tz::TimeZone;

use super::args::BaselineArgs;
use super::console::Console;
use super::failure::{Failure, read};
use super::repro::report_of;
use crate::report::Exit;
use crate::verdict::baseline::{self, Baseline};

/// Writes a first baseline file to stdout.
pub(super) fn baseline(args: &BaselineArgs, console: &mut Console) -> Result<Exit, Failure> {
    let mut report = report_of(args.from.as_deref())?;
    if let Some(path) = &args.keep {
        let day = report.run.started.to_zoned(TimeZone::UTC).date();
        load(path)?.apply(&mut report, day);
    }
    console.print(&baseline::write(&report))?;
    console.say("Write a reason to each entry: the file is refused until every one has one.");
    Ok(Exit::Success)
}

/// Reads a baseline file.
pub(super) fn load(path: &Path) -> Result<Baseline, Failure> {
    let text = read(path)?;
    Baseline::parse(&path.display().to_string(), &text).map_err(|e| Failure::File(Box::new(e)))
}
