//! The page of a fault: what it does, in which forms, what it breaks first, where it is known from, how to see it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::defect::{self, Shown};
use crate::server::fault::Fault;

/// Everything about one fault.
pub(super) fn page(fault: &Fault) -> String {
    let mut text = format!("{}\n{}\n\n", fault.id, fault.title);
    let _ = writeln!(text, "acts at: {}", fault.seams().join(", "));
    for (n, mode) in fault.modes.iter().enumerate() {
        let first = if n == 0 && fault.modes.len() > 1 {
            " (the default)"
        } else {
            ""
        };
        let _ = writeln!(text, "\nmode {mode}{first}");
        let choice = format!("{}={mode}", fault.id);
        let of_mode = defect::of_fault(fault.id).find(|(_, shown)| shown.fault == choice);
        if let Some((_, shown)) = of_mode {
            show_mode(&mut text, shown);
        }
    }
    let mut told = BTreeSet::new();
    for (defect, _) in defect::of_fault(fault.id) {
        if !told.insert(&defect.id) {
            continue;
        }
        let _ = writeln!(text, "\nknown: {}", defect.known);
        if let Some(why) = &defect.unseen {
            let _ = writeln!(text, "no run shows it: {why}");
        }
        if !defect.reported.is_empty() {
            let _ = writeln!(text, "reported: {}", defect.reported.join(", "));
        }
    }
    let _ = writeln!(text, "\nsee it: scimulate run --fault {}", fault.id);
    let _ = writeln!(text, "meet it: scimulate serve --fault {}", fault.id);
    text
}

fn show_mode(text: &mut String, shown: &Shown) {
    if let Some(broken) = &shown.breaks {
        let _ = writeln!(
            text,
            "  breaks first: {}, {} ({})",
            broken.requirement, broken.outcome, broken.level
        );
    }
    if let Some(why) = &shown.permitted {
        let _ = writeln!(text, "  breaks nothing: {why}");
    }
    if !shown.also.is_empty() {
        let _ = writeln!(text, "  breaks as well: {}", shown.also.join(", "));
    }
    if !shown.stories.is_empty() {
        let stories = shown.stories.join(" ");
        let idps = match shown.idps.is_empty() {
            true => String::new(),
            false => format!(" --idp {}", shown.idps.join(",")),
        };
        let _ = writeln!(
            text,
            "  shortest: scimulate run --fault {} {stories}{idps}",
            shown.fault
        );
    }
}
