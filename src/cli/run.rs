//! `scimulate run`: play the stories, judge, report.

use std::io::Write as _;

use jiff::tz::TimeZone;
use tokio::sync::watch;

use super::args::{ReportForm, RunArgs};
use super::console::Console;
use super::failure::Failure;
use super::progress;
use super::settings::{Output, Settings};
use super::signal::told_to_end;
use crate::report::{self, Exit, Palette, Report};
use crate::run::{self, Finished, Plan, RunError};
use crate::verdict::judge;
use crate::wire::Clock;

/// Plays, judges and reports.
pub(super) fn run(args: RunArgs, console: &mut Console) -> Result<Exit, Failure> {
    let now = Clock::start().started();
    let settings = Settings::read(args, now, console)?;
    if let Some(path) = &settings.plan.tape {
        console.say(&format!("tape: {}", path.display()));
    }
    // One request is under way at a time: threads would only hand it to each other.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Failure::Internal(format!("no runtime can be started ({e})")))?;
    let Some(finished) = runtime.block_on(play(&settings.plan, console))? else {
        return Ok(Exit::Interrupted);
    };
    if let Some(why) = &finished.tape_broken {
        console.say(&format!("the tape's file is not complete: {why}"));
    }
    let mut report = judge(&finished.tape, &settings.rules);
    report.keep(|requirement| settings.requirements.contain(requirement));
    if let Some(baseline) = &settings.baseline {
        baseline.apply(&mut report, now.to_zoned(TimeZone::UTC).date());
    }
    let exit = Exit::of(&report, settings.allow_inconclusive);
    report.run.exit = exit.code();
    for output in settings.reports {
        write(output, &report)?;
    }
    console.print(&report::text(&report, console.palette))?;
    Ok(exit)
}

/// Plays until the end or the first Ctrl-C, after which is cleaned up; a second one leaves everything as it is.
async fn play(plan: &Plan, console: &Console) -> Result<Option<Finished>, Failure> {
    let (stop, stopped) = watch::channel(false);
    let line = progress::Line::new();
    let played = run::run(plan, stopped, |progress| line.show(progress));
    let interrupted = async {
        told_to_end().await;
        line.clear();
        console.say("interrupted: cleaning up; once more leaves everything as it is");
        stop.send_replace(true);
        told_to_end().await;
    };
    let finished = tokio::select! {
        finished = played => finished,
        () = interrupted => {
            console.say("interrupted again: what the run made may still be there; `scimulate clean` takes it away");
            return Ok(None);
        }
    };
    line.clear();
    match finished {
        Ok(finished) => Ok(Some(finished)),
        Err(e @ (RunError::Tape { .. } | RunError::Bench(_))) => Err(Failure::Usage(e.to_string())),
    }
}

fn write(output: Output, report: &Report) -> Result<(), Failure> {
    let internal =
        |e: &dyn std::fmt::Display| Failure::Internal(format!("a report cannot be written ({e})"));
    let text = match output.form {
        ReportForm::Text => report::text(report, Palette::Plain),
        ReportForm::Json => report::json(report).map_err(|e| internal(&e))?,
        ReportForm::Junit => report::junit(report).map_err(|e| internal(&e))?,
    };
    let mut file = output.file;
    file.write_all(text.as_bytes()).map_err(|e| {
        Failure::Usage(format!(
            "the report {} cannot be written: {e}",
            output.path.display()
        ))
    })
}
