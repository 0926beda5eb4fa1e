//! What a variant is, which events it can be looked at with, and what it sends at one of them.

use std::fmt::Write as _;

use super::super::args::FlowFormat;
use super::super::failure::Failure;
use super::flow;
use crate::idp::Variant;
use crate::report::{Palette, beside};
use crate::run::rehearsal::{self, Flow, OCCASIONS, Occasion};

/// What the variants are, each with its events, its switches and its promises.
pub(super) fn explain(variants: &[&Variant]) -> String {
    let mut text = String::new();
    for variant in variants {
        let _ = writeln!(text, "{}\n{}\n", variant.id, variant.label);
        let example = format!("scimulate show idp {} EVENT", variant.id);
        let _ = writeln!(text, "events, of which `{example}` shows the requests:");
        let width = OCCASIONS.iter().map(|o| o.id.len()).max().unwrap_or(0) + 2;
        for occasion in OCCASIONS {
            text.push_str(&beside(2, occasion.id, width, occasion.title));
        }
        let _ = writeln!(text, "\nswitches, with their values:");
        for switch in variant.switches() {
            let _ = writeln!(text, "  {} = {}", switch.name, switch.value);
            let doc = format!(
                "{} It takes {}.",
                switch.doc.replace('\n', " "),
                switch.allowed
            );
            text.push_str(&beside(4, "", 0, &doc));
        }
        let _ = writeln!(text, "\npromises:");
        let family = variant.base.split('/').next().unwrap_or(&variant.base);
        let prefix = format!("{family}/");
        let promises = crate::model::LINES.iter();
        for line in promises.filter(|line| line.source.contains(&prefix)) {
            let _ = writeln!(text, "  {}", line.id);
            let sure = flow::sure(line.confidence);
            let promise = format!("{} ({}, {sure})", line.promises, line.source);
            text.push_str(&beside(4, "", 0, &promise));
        }
        text.push('\n');
    }
    text
}

/// What the variants send at that event.
pub(super) fn event(
    variants: &[&Variant],
    event: &str,
    format: FlowFormat,
    palette: Palette,
) -> Result<String, Failure> {
    let occasion = rehearsal::find(event).map_err(|e| Failure::Usage(e.to_string()))?;
    let mut text = String::new();
    for variant in variants {
        text.push_str(&one(variant, occasion, format, palette)?);
        text.push('\n');
    }
    Ok(format!("{}\n", text.trim_end()))
}

fn one(
    variant: &Variant,
    occasion: &Occasion,
    format: FlowFormat,
    palette: Palette,
) -> Result<String, Failure> {
    let flow = play(variant, occasion)?;
    let head = format!("{} {}: {}", variant.id, occasion.id, occasion.title);
    Ok(match format {
        FlowFormat::Text => format!("{head}\n\n{}", flow::text(&flow, palette)),
        FlowFormat::Http => format!("# {head}\n\n{}", flow::http(&flow)),
        FlowFormat::Curl => format!("# {head}\n{}", flow::curl(&flow)),
    })
}

/// Lets the variant act on that occasion.
pub(super) fn play(variant: &Variant, occasion: &Occasion) -> Result<Flow, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|e| Failure::Internal(format!("no runtime can be started ({e})")))?;
    runtime
        .block_on(rehearsal::rehearse(variant, occasion))
        .map_err(|e| Failure::Internal(e.to_string()))
}
