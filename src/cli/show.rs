//! `scimulate show NOUN ID`.

use std::fmt::Write as _;

use super::args::{ShowArgs, ShowNoun};
use super::console::Console;
use super::failure::Failure;
use super::stories;
use crate::report::Exit;
use crate::requirement::Requirement;
use crate::{idp, nearest, requirement, server};

/// Explains one thing.
pub(super) fn show(args: &ShowArgs, console: &mut Console) -> Result<Exit, Failure> {
    let text = match args.noun {
        ShowNoun::Requirement => find_requirement(&args.id)?.page(),
        ShowNoun::Idp => explain_idp(&args.id)?,
        ShowNoun::Scenario => explain_scenario(&args.id)?,
        ShowNoun::Fault => explain_fault(&args.id)?,
    };
    let text = match text.split_once('\n') {
        Some((id, rest)) => format!("{}\n{rest}", console.palette.strong(id)),
        None => text,
    };
    console.print(&text)?;
    Ok(Exit::Success)
}

fn find_requirement(id: &str) -> Result<&'static Requirement, Failure> {
    requirement::find(id).ok_or_else(|| {
        let near = nearest::hint(id, requirement::all().map(|r| r.id));
        Failure::Usage(format!("there is no requirement `{id}`{near}"))
    })
}

fn explain_idp(name: &str) -> Result<String, Failure> {
    let variants = idp::select(name).map_err(|e| Failure::Usage(e.to_string()))?;
    let mut text = String::new();
    for variant in variants {
        let _ = writeln!(text, "{}\n{}", variant.id, variant.label);
        let prefix = format!("{}/", idp_of(variant));
        let promises = crate::model::LINES
            .iter()
            .filter(|line| line.source.contains(&prefix));
        for line in promises {
            let sure = format!("{:?}", line.confidence).to_lowercase();
            let _ = writeln!(
                text,
                "  {}: {} ({}, {sure})",
                line.id, line.promises, line.source
            );
        }
        text.push('\n');
    }
    Ok(text)
}

fn idp_of(variant: &idp::Variant) -> &str {
    variant.id.split('/').next().unwrap_or(&variant.id)
}

fn explain_fault(id: &str) -> Result<String, Failure> {
    let fault = server::fault::find(id).ok_or_else(|| {
        let near = nearest::hint(id, server::fault::ALL.iter().map(|fault| fault.id));
        Failure::Usage(format!("there is no fault `{id}`{near}"))
    })?;
    let mut text = format!("{}\n{}\n\n", fault.id, fault.title);
    let _ = writeln!(
        text,
        "modes: {} (the first by default)",
        fault.modes.join(", ")
    );
    let shown: Vec<_> = requirement::all()
        .filter(|r| r.fault.split('=').next() == Some(fault.id))
        .map(|r| r.id)
        .collect();
    if !shown.is_empty() {
        let _ = writeln!(text, "turns red: {}", shown.join(", "));
    }
    let _ = writeln!(text, "try it: scimulate serve --fault {}", fault.id);
    Ok(text)
}

fn explain_scenario(id: &str) -> Result<String, Failure> {
    let story = stories::bundled(id)?;
    let mut text = format!(
        "{}\n{}\n{}\n\n",
        story.id,
        story.title,
        story.why.trim_end()
    );
    if !story.tags.is_empty() {
        let _ = writeln!(text, "tags: {}", story.tags.join(", "));
    }
    if let Some(only) = &story.only {
        let _ = writeln!(text, "only: {} ({})", only.idps.join(", "), only.reason);
    }
    for (n, step) in story.steps.iter().enumerate() {
        let _ = writeln!(text, "step {}: {}", n + 1, step.action);
    }
    let _ = writeln!(text, "\n{}", story.text.trim_end());
    Ok(text)
}
