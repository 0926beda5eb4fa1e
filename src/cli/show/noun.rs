//! The nouns, and what is shown of each.

use std::fmt::Write as _;

use super::super::args::{FlowFormat, ShowArgs, ShowNoun};
use super::super::console::Console;
use super::super::failure::Failure;
use super::super::{profiles, stories};
use super::{fact, idp};
use crate::report::Exit;
use crate::requirement::Requirement;
use crate::{nearest, requirement, server};

/// Explains one thing.
pub(in crate::cli) fn show(args: &ShowArgs, console: &mut Console) -> Result<Exit, Failure> {
    if args.noun != ShowNoun::Idp && args.event.is_some() {
        return Err(Failure::Usage("only `show idp` takes an event".to_owned()));
    }
    let text = match args.noun {
        ShowNoun::Requirement => find_requirement(&args.id)?.page(),
        ShowNoun::Idp => {
            let known = profiles::known(&args.known, console)?;
            let variants = crate::idp::select_from(&known, &args.id);
            let variants = variants.map_err(|e| Failure::Usage(e.to_string()))?;
            match &args.event {
                None => idp::explain(&variants),
                Some(event) => {
                    let format = args.format.unwrap_or(FlowFormat::Text);
                    idp::event(&variants, event, format, console.palette)?
                }
            }
        }
        ShowNoun::Fact => fact::explain(&args.id)?,
        ShowNoun::Scenario => explain_scenario(&args.id)?,
        ShowNoun::Fault => explain_fault(&args.id)?,
        ShowNoun::Persona => explain_persona(&args.id)?,
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

fn explain_fault(id: &str) -> Result<String, Failure> {
    let fault = server::fault::find(id).ok_or_else(|| {
        let near = nearest::hint(id, server::fault::ALL.iter().map(|fault| fault.id));
        Failure::Usage(format!("there is no fault `{id}`{near}"))
    })?;
    Ok(super::fault::page(fault))
}

fn explain_persona(id: &str) -> Result<String, Failure> {
    let persona = crate::cli::settings::persona(id)?;
    let mut text = format!("{}\n{}\n\n{}\n\n", persona.id, persona.title, persona.about);
    for source in &persona.sources {
        let _ = writeln!(text, "source: {source}");
    }
    let _ = writeln!(text, "try it: scimulate serve --persona {}", persona.id);
    // What it chooses is its file, which says it best.
    if let Some(at) = persona.text.find("\n[") {
        let _ = writeln!(text, "\n{}", persona.text[at..].trim());
    }
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
