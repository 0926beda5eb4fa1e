//! `scimulate list NOUN`.

use serde_json::{Value, json};

use super::args::{Format, ListArgs, ListNoun};
use super::console::Console;
use super::failure::Failure;
use crate::report::Exit;
use crate::{idp, requirement, scenario, server};

/// Lists what there is of a noun.
pub(super) fn list(args: &ListArgs, console: &mut Console) -> Result<Exit, Failure> {
    let rows = match args.noun {
        ListNoun::Requirements => requirements(),
        ListNoun::Idps => idps(),
        ListNoun::Faults => faults(),
        ListNoun::Scenarios => scenarios(),
    };
    let text = match args.format {
        Format::Json => {
            let rows: Vec<_> = rows.into_iter().map(|row| row.json).collect();
            format!("{:#}\n", Value::from(rows))
        }
        Format::Text => {
            let width = rows.iter().map(|row| row.id.len()).max().unwrap_or(0);
            let line = |row: &Row| format!("{:width$}  {}\n", row.id, row.title);
            rows.iter().map(line).collect()
        }
    };
    console.print(&text)?;
    Ok(Exit::Success)
}

/// One thing in a list.
struct Row {
    id: String,
    title: String,
    json: Value,
}

fn requirements() -> Vec<Row> {
    let row = |r: &requirement::Requirement| Row {
        id: r.id.to_owned(),
        title: format!("{:7}  {}", r.level(), r.title),
        json: json!({
            "id": r.id,
            "title": r.title,
            "level": r.level(),
            "fix": r.fix,
            "fault": r.fault,
            "sources": r.cites.iter().map(ToString::to_string).collect::<Vec<_>>(),
            "outcomes": r.outcomes.iter().map(|o| json!({
                "outcome": o.name, "level": o.level, "impact": o.impact, "customers": o.customers,
            })).collect::<Vec<_>>(),
        }),
    };
    requirement::all().map(row).collect()
}

fn idps() -> Vec<Row> {
    let row = |v: &idp::Variant| Row {
        id: v.id.clone(),
        title: v.label.clone(),
        json: json!({"id": v.id, "idp": v.family, "title": v.label, "switches": v.switches()}),
    };
    idp::VARIANTS.iter().map(row).collect()
}

fn faults() -> Vec<Row> {
    let row = |f: &server::fault::Fault| Row {
        id: f.id.to_owned(),
        title: f.title.to_owned(),
        json: json!({"id": f.id, "title": f.title, "modes": f.modes}),
    };
    let mut rows: Vec<_> = server::fault::ALL.iter().map(row).collect();
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    rows
}

fn scenarios() -> Vec<Row> {
    let row = |s: &scenario::Scenario| Row {
        id: s.id.clone(),
        title: s.title.clone(),
        json: json!({
            "id": s.id, "title": s.title, "why": s.why, "tags": s.tags, "needs": s.needs, "file": s.file,
        }),
    };
    scenario::bundled().iter().map(row).collect()
}
