//! One fact, and the page that shows them all.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::super::failure::Failure;
use super::flow::sure;
use super::idp;
use crate::fact::{self, Confidence, Fact};
use crate::idp::VARIANTS;
use crate::run::rehearsal::OCCASIONS;
use crate::{model, nearest, requirement};

/// A fact: what it says, how sure it is, what holds it, and who cites it. A section's number shows all its facts.
pub(super) fn explain(id: &str) -> Result<String, Failure> {
    let facts: Vec<_> = fact::all()
        .iter()
        .filter(|fact| fact.is_meant_by(id))
        .collect();
    if facts.is_empty() {
        let near = nearest::hint(id, fact::all().iter().map(|fact| fact.id.as_str()));
        return Err(Failure::Usage(format!("there is no fact `{id}`{near}")));
    }
    let cited = sent()?;
    let shown: Vec<_> = facts.into_iter().map(|fact| one(fact, &cited)).collect();
    Ok(shown.join("\n"))
}

/// A fact or section that requests rest on, with the variant and the event that send them.
type Cited = BTreeSet<(String, &'static str, &'static str)>;

/// What every request of every variant at every event rests on, found by sending them all to the bundled server.
fn sent() -> Result<Cited, Failure> {
    let mut cited = Cited::new();
    for variant in VARIANTS.iter() {
        for occasion in OCCASIONS {
            for arrow in idp::play(variant, occasion)?.arrows {
                let fact = arrow.sent.basis.fact.into_owned();
                cited.insert((fact, variant.id.as_str(), occasion.id));
            }
        }
    }
    Ok(cited)
}

fn one(fact: &Fact, sent: &Cited) -> String {
    let mut text = format!("{}\n{}\n\n", fact.id, fact.statement);
    let _ = writeln!(text, "confidence: {}", sure(fact.confidence));
    for source in fact.source.split("; ") {
        let known = fact::sources().iter().find(|s| s.name == source);
        let place = known.map_or_else(String::new, |s| format!(" ({}: {})", s.kind, s.place));
        let _ = writeln!(text, "source: {source}{place}");
    }
    if let Some(correction) = &fact.corrected_by {
        let _ = writeln!(text, "corrected by: {correction}");
    }
    for reference in &fact.covered {
        let _ = writeln!(text, "held by: {reference}");
    }
    if !fact.not_sent.is_empty() {
        let _ = writeln!(text, "not sent: {}", fact.not_sent);
    }
    for (what, id) in cited_by(fact) {
        let _ = writeln!(text, "cited by: {what} {id}");
    }
    let mut events: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (cited, variant, event) in sent {
        if fact.is_meant_by(cited) {
            events.entry(variant).or_default().insert(event);
        }
    }
    for (variant, events) in events {
        let events: Vec<_> = events.into_iter().collect();
        let _ = writeln!(
            text,
            "basis of requests: {variant} at {}",
            events.join(", ")
        );
    }
    text
}

/// The requirements and the lines of the policy that cite the fact or its section.
fn cited_by(fact: &Fact) -> Vec<(&'static str, &'static str)> {
    let of_requirement = |r: &requirement::Requirement| {
        let mut cites = r.cites.iter();
        cites.any(|cite| matches!(cite, requirement::Cite::Fact(id) if fact.is_meant_by(id)))
    };
    let requirements = requirement::all().filter(|r| of_requirement(r));
    let requirements = requirements.map(|r| ("requirement", r.id));
    let of_policy = |line: &&model::Line| line.source.split(", ").any(|id| fact.is_meant_by(id));
    let lines = model::LINES.iter().filter(of_policy);
    let lines = lines.map(|line| ("policy line", line.id));
    requirements.chain(lines).collect()
}

/// Every fact on a page in Markdown, figures first. `scimulate list facts --format markdown` prints it.
pub(in crate::cli) fn page(facts: &[&Fact]) -> String {
    let mut text = String::from("# What the IdPs are known to send\n\n");
    text.push_str("| of | facts | held here | not sent | open | documented | captured | reported | inferred |\n");
    text.push_str("|---|--:|--:|--:|--:|--:|--:|--:|--:|\n");
    let mut pages: BTreeMap<&str, Vec<&Fact>> = BTreeMap::new();
    for fact in facts {
        let page = fact.id.split('/').next().unwrap_or_default();
        pages.entry(page).or_default().push(fact);
    }
    for (page, facts) in &pages {
        figures(&mut text, page, facts);
    }
    figures(&mut text, "all", facts);
    for (page, facts) in &pages {
        let _ = write!(
            text,
            "\n## {page}\n\n| fact | says | sure | held by |\n|---|---|---|---|\n"
        );
        for fact in facts {
            let held = match (fact.covered.as_slice(), fact.not_sent.as_str()) {
                ([], "") => "open".to_owned(),
                ([], why) => format!("not sent: {}", cell(why)),
                (covered, _) => {
                    let covered = covered.iter().map(|reference| code(reference));
                    covered.collect::<Vec<_>>().join("<br>")
                }
            };
            let says = cell(&fact.statement);
            let source = cell(&fact.source);
            let sure = sure(fact.confidence);
            let _ = writeln!(text, "| {} | {says} | {sure}: {source} | {held} |", fact.id);
        }
    }
    text
}

fn figures(text: &mut String, page: &str, facts: &[&Fact]) {
    let count = |is: &dyn Fn(&Fact) -> bool| facts.iter().filter(|fact| is(fact)).count();
    let held = count(&|fact| !fact.covered.is_empty());
    let not_sent = count(&|fact| !fact.not_sent.is_empty());
    let open = count(&|fact| !fact.accounted_for());
    let _ = write!(
        text,
        "| {page} | {} | {held} | {not_sent} | {open} |",
        facts.len()
    );
    for confidence in [
        Confidence::Documented,
        Confidence::Captured,
        Confidence::Reported,
        Confidence::Inferred,
    ] {
        let _ = write!(text, " {} |", count(&|fact| fact.confidence == confidence));
    }
    text.push('\n');
}

/// The text in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// The text as code in a cell of a table.
fn code(text: &str) -> String {
    let fence = if text.contains('`') { "``" } else { "`" };
    format!("{fence}{}{fence}", cell(text))
}
