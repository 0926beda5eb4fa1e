//! `scimulate list NOUN`.

use serde_json::{Value, json};

use super::args::{Format, ListArgs, ListNoun, Sure};
use super::console::Console;
use super::failure::Failure;
use super::profiles;
use super::show::facts_page;
use crate::fact::{self, Confidence, Fact};
use crate::report::Exit;
use crate::{defect, idp, nearest, requirement, scenario, server};

/// Lists what there is of a noun.
pub(super) fn list(args: &ListArgs, console: &mut Console) -> Result<Exit, Failure> {
    let rows = match args.noun {
        ListNoun::Requirements => requirements(),
        ListNoun::Idps => idps(&profiles::known(&args.known, console)?),
        ListNoun::Faults => faults(),
        ListNoun::Personas => personas(),
        ListNoun::Scenarios => scenarios(),
        ListNoun::Facts => {
            let facts = chosen(args)?;
            if args.format == Format::Markdown {
                console.print(&facts_page(&facts))?;
                return Ok(Exit::Success);
            }
            facts.into_iter().map(fact_row).collect()
        }
    };
    if args.noun != ListNoun::Facts && (args.idp.is_some() || args.confidence.is_some()) {
        let why = "`--idp` and `--confidence` choose among facts alone";
        return Err(Failure::Usage(why.to_owned()));
    }
    let text = match args.format {
        Format::Json => {
            let rows: Vec<_> = rows.into_iter().map(|row| row.json).collect();
            format!("{:#}\n", Value::from(rows))
        }
        Format::Markdown => {
            let why = "only `list facts` has a page in Markdown";
            return Err(Failure::Usage(why.to_owned()));
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

fn idps(known: &[idp::Variant]) -> Vec<Row> {
    let row = |v: &idp::Variant| Row {
        id: v.id.clone(),
        title: v.label.clone(),
        json: json!({"id": v.id, "idp": v.family, "title": v.label, "switches": v.switches()}),
    };
    known.iter().map(row).collect()
}

fn faults() -> Vec<Row> {
    let row = |f: &server::fault::Fault| Row {
        id: f.id.to_owned(),
        title: f.title.to_owned(),
        json: json!({
            "id": f.id, "title": f.title, "modes": f.modes, "seams": f.seams(),
            "shown": defect::of_fault(f.id).map(|(_, shown)| json!({
                "fault": shown.fault,
                "breaks": shown.breaks.as_ref().map(|b| &b.requirement),
                "outcome": shown.breaks.as_ref().map(|b| &b.outcome),
                "level": shown.breaks.as_ref().map(|b| b.level),
                "also": shown.also,
            })).collect::<Vec<_>>(),
        }),
    };
    let mut rows: Vec<_> = server::fault::ALL.iter().map(row).collect();
    rows.sort_by(|a, b| a.id.cmp(&b.id));
    rows
}

fn personas() -> Vec<Row> {
    let row = |p: &server::persona::Persona| Row {
        id: p.id.clone(),
        title: p.title.clone(),
        json: json!({"id": p.id, "title": p.title, "about": p.about, "sources": p.sources}),
    };
    server::persona::all().iter().map(row).collect()
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

/// The facts that the arguments choose.
fn chosen(args: &ListArgs) -> Result<Vec<&'static Fact>, Failure> {
    let idps = ["okta", "entra", "jumpcloud", "other"];
    if let Some(idp) = args.idp.as_deref().filter(|idp| !idps.contains(idp)) {
        let near = nearest::hint(idp, idps);
        return Err(Failure::Usage(format!(
            "there are no facts of an IdP `{idp}`{near}"
        )));
    }
    let sure = args.confidence.map(|sure| match sure {
        Sure::Documented => Confidence::Documented,
        Sure::Captured => Confidence::Captured,
        Sure::Reported => Confidence::Reported,
        Sure::Inferred => Confidence::Inferred,
    });
    let facts = fact::all().iter().filter(|fact| {
        let of_idp = args.idp.as_deref().is_none_or(|idp| fact.idp() == idp);
        of_idp && sure.is_none_or(|sure| fact.confidence == sure)
    });
    Ok(facts.collect())
}

fn fact_row(fact: &Fact) -> Row {
    let sure = format!("{:?}", fact.confidence).to_lowercase();
    Row {
        id: fact.id.clone(),
        title: format!("{sure:10}  {}", fact.statement),
        json: json!({
            "id": fact.id,
            "idp": fact.idp(),
            "title": fact.statement,
            "confidence": fact.confidence,
            "sources": fact.source.split("; ").collect::<Vec<_>>(),
            "correctedBy": fact.corrected_by,
            "covered": fact.covered,
            "notSent": fact.not_sent,
        }),
    }
}
