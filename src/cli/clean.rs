//! `scimulate clean`: take away what an earlier run left at a target.

use std::path::Path;
use std::time::Duration;

use super::args::{CleanArgs, TargetArgs};
use super::console::Console;
use super::failure::Failure;
use super::{settings, state, target_file};
use crate::config::Config;
use crate::report::escape::terminal as safe;
use crate::report::{Exit, count};
use crate::run::tape::Tape;
use crate::run::{Plan, Sweep, Swept, sweep};
use crate::wire::Clock;

/// Takes away what is left.
pub(super) fn clean(mut args: CleanArgs, console: &mut Console) -> Result<Exit, Failure> {
    let config = target_file::load(&mut args.target, false, console)?;
    let args = &args;
    let config = config.as_ref();
    if let Some(mark) = &args.instance {
        return by_mark(args, Sweep::Mark(mark), config, console);
    }
    if let Some(age) = args.older_than {
        let age = jiff::SignedDuration::try_from(age.0).unwrap_or(jiff::SignedDuration::MAX);
        let moment = Clock::start().started().saturating_sub(age);
        let moment = moment.map_err(|e| Failure::Usage(e.to_string()))?;
        let of_file = config.and_then(|c| c.target.mail_domain.as_deref());
        let domain = args.mail_domain.as_deref().or(of_file);
        let domain = domain.unwrap_or(settings::MAIL_DOMAIN);
        return by_mark(args, Sweep::Before { moment, domain }, config, console);
    }
    let path = match &args.tape {
        Some(path) => path.clone(),
        None => state::last_tape()?,
    };
    by_tape(args, &path, config, console)
}

fn by_tape(
    args: &CleanArgs,
    path: &Path,
    config: Option<&Config>,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let tape = Tape::read(path).map_err(|e| Failure::NotThat(e.to_string()))?;
    let Some(head) = tape.head() else {
        return Err(Failure::NotThat(format!(
            "{} has no first line",
            path.display()
        )));
    };
    if head.bundled {
        console
            .say("the last run examined the bundled server, which is gone with everything in it");
        return Ok(Exit::Success);
    }
    let target = args.target.target.as_deref().unwrap_or(&head.target);
    if target.trim_end_matches('/') != head.target {
        return Err(Failure::Usage(format!(
            "the tape is of a run against {}, and --target names {}: ids of one say nothing at the other",
            safe(&head.target),
            safe(target)
        )));
    }
    let plan = plan(target, &args.target, config, console)?;
    let swept = swept(&plan, Sweep::Tape(&tape), true)?;
    told(&swept, console)
}

fn by_mark(
    args: &CleanArgs,
    what: Sweep<'_>,
    config: Option<&Config>,
    console: &mut Console,
) -> Result<Exit, Failure> {
    let target = args.target.target.as_deref().unwrap_or_default();
    let plan = plan(target, &args.target, config, console)?;
    let swept = swept(&plan, what, args.yes)?;
    if args.yes || swept.remnants.is_empty() {
        return told(&swept, console);
    }
    for remnant in &swept.remnants {
        console.print(&format!(
            "{}  {}\n",
            safe(&remnant.path),
            safe(&remnant.name)
        ))?;
    }
    let found = count(swept.remnants.len(), "resource");
    console.say(&format!(
        "{found} found, none deleted: look at the names, then add --yes"
    ));
    Ok(Exit::Success)
}

fn told(swept: &Swept, console: &mut Console) -> Result<Exit, Failure> {
    let cleanup = &swept.cleanup;
    console.print(&format!(
        "{} gone, {} released (inactive), {} left\n",
        cleanup.gone,
        cleanup.released,
        cleanup.left.len()
    ))?;
    for path in &cleanup.left {
        console.print(&format!("left: {}\n", safe(path)))?;
    }
    Ok(if cleanup.left.is_empty() {
        Exit::Success
    } else {
        Exit::Findings
    })
}

fn plan(
    target: &str,
    args: &TargetArgs,
    config: Option<&Config>,
    console: &Console,
) -> Result<Plan, Failure> {
    Ok(Plan {
        endpoint: settings::foreign(target, args, config, console)?,
        variants: Vec::new(),
        scenarios: Vec::new(),
        seed: 0,
        mail_domain: String::new(),
        required: Vec::new(),
        limits: settings::limits(args),
        body_limit: settings::body_limit(args),
        settle: Duration::ZERO,
        tape: None,
    })
}

fn swept(plan: &Plan, what: Sweep<'_>, delete: bool) -> Result<Swept, Failure> {
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|e| Failure::Internal(format!("no runtime can be started ({e})")))?;
    let swept = runtime.block_on(sweep(plan, what, delete));
    swept.map_err(|e| Failure::Unexaminable(e.to_string()))
}
