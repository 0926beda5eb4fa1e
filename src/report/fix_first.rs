//! The end of the terminal's report: what the baseline knows, what was left behind, what to fix first, and the sum.

use std::collections::BTreeMap;

use super::escape::terminal as safe;
use super::layout::{beside, count};
use super::text::{breadth, confidence};
use super::{Advice, Cause, Exit, Palette, Report, StaleEntry, StaleWhy, Standing};

/// Writes the end of the report.
pub(super) fn text(report: &Report, palette: Palette) -> String {
    let mut out = String::new();
    known(&mut out, report, palette);
    stale(&mut out, report, palette);
    left(&mut out, report, palette);
    causes(&mut out, report, palette);
    out.push_str(&summary(report, palette));
    out
}

/// Everything that the baseline knows, a line each.
fn known(out: &mut String, report: &Report, palette: Palette) {
    let known: Vec<_> = numbered(report, |cause| cause.standing == Standing::Known).collect();
    if known.is_empty() {
        return;
    }
    heading(out, palette, "Known (baseline)");
    for (number, cause) in known {
        let line = format!(
            "{}: {} ({}, {})",
            safe(&cause.title),
            breadth(cause.findings.len(), &cause.idps),
            cause.requirement,
            cause.outcome
        );
        out.push_str(&beside(2, &format!("{number}."), 4, &line));
    }
    out.push('\n');
}

/// The entries of the baseline that no longer hold, which make the run fail.
fn stale(out: &mut String, report: &Report, palette: Palette) {
    if report.stale.is_empty() {
        return;
    }
    heading(
        out,
        palette,
        "Stale in the baseline: take these entries out",
    );
    for StaleEntry {
        requirement,
        outcome,
        idps,
        until,
        line,
        why,
        ..
    } in &report.stale
    {
        let why = match (why, until) {
            (StaleWhy::NotHappening, _) => "was exercised and no longer happens".to_owned(),
            (StaleWhy::Expired, Some(day)) => format!("was accepted until {day}"),
            (StaleWhy::Expired, None) => "its last day is over".to_owned(),
        };
        let entry = format!(
            "line {line}: {requirement}, {outcome}, {}: {why}",
            idps.join(", ")
        );
        out.push_str(&beside(2, "", 0, &safe(&entry)));
    }
    out.push('\n');
}

fn left(out: &mut String, report: &Report, palette: Palette) {
    let left = &report.run.cleanup.left;
    if left.is_empty() {
        return;
    }
    heading(
        out,
        palette,
        "Left at the target: `scimulate clean` tries again",
    );
    for path in left {
        out.push_str(&beside(2, "", 0, &safe(path)));
    }
    out.push('\n');
}

/// What to mend, the worst first. It comes last, so that it is what a person sees.
fn causes(out: &mut String, report: &Report, palette: Palette) {
    let open: Vec<_> = numbered(report, |cause| cause.standing != Standing::Known).collect();
    if open.is_empty() {
        return;
    }
    heading(out, palette, "Fix first");
    for (number, cause) in &open {
        cause_block(out, report, palette, *number, cause);
    }
    out.push('\n');
}

fn cause_block(out: &mut String, report: &Report, palette: Palette, number: usize, cause: &Cause) {
    let label = format!("{number}.");
    let title = format!("{}: {}", cause.impact, safe(&cause.title));
    let block = beside(2, &label, 4, &title);
    let impact = cause.impact.as_str();
    let painted = match cause.standing {
        Standing::Fails => palette.bad(impact),
        Standing::Advice | Standing::Known => palette.odd(impact),
    };
    out.push_str(&block.replacen(impact, &painted, 1));
    let advice = match cause.standing {
        Standing::Advice => advice(report, cause),
        Standing::Fails | Standing::Known => String::new(),
    };
    let where_from = format!(
        "{}, {} ({}, {}); {}{advice}",
        cause.requirement,
        cause.outcome,
        cause.level,
        cause.source,
        breadth(cause.findings.len(), &cause.idps),
    );
    out.push_str(&beside(6, "", 0, &safe(&where_from)));
    out.push_str(&beside(6, "fix:", 5, &safe(&cause.fix)));
    let repro = palette.faint(&format!("scimulate repro {number}"));
    out.push_str(&format!("      {repro}\n"));
}

/// Why nothing of it counts.
fn advice(report: &Report, cause: &Cause) -> String {
    let findings = cause
        .findings
        .iter()
        .filter_map(|n| report.findings.get(*n));
    let unsure = findings
        .filter(|finding| finding.advice == Some(Advice::Basis))
        .map(|finding| finding.confidence)
        .max();
    match unsure {
        Some(unsure) => format!(
            "; advice: that the IdP sends this is {}",
            confidence(unsure)
        ),
        None => "; advice: the level is not in --fail-on".to_owned(),
    }
}

/// What came out, and of what.
fn summary(report: &Report, palette: Palette) -> String {
    let mut out = String::new();
    let run = &report.run;
    if let Some(ended) = &run.ended {
        out.push_str(&beside(0, "", 0, &safe(&ended.message)));
    }
    let stories = &report.summary.scenarios;
    let of_stories = parts(&[
        (stories.passed, "passed"),
        (stories.failed, "failed"),
        (stories.inconclusive, "inconclusive"),
        (stories.skipped, "skipped"),
    ]);
    let kept = &report.summary.requirements;
    let of_requirements = parts(&[
        (kept.pass, "kept"),
        (kept.fail, "violated"),
        (kept.known, "known"),
        (kept.inconclusive, "inconclusive"),
        (kept.not_exercised, "not exercised"),
        (kept.not_applicable, "not applicable"),
    ]);
    let word = Exit::word(run.exit);
    let line = format!("stories: {of_stories}; requirements: {of_requirements}");
    let block = beside(0, word, word.len() + 2, &line);
    let painted = if run.exit == Exit::Success.code() {
        palette.good(word)
    } else {
        palette.bad(word)
    };
    out.push_str(&block.replacen(word, &painted, 1));
    for (why, ids) in unexercised(report) {
        let line = format!("{}: {}", ids.join(", "), safe(why));
        out.push_str(&beside(0, "unasked", word.len() + 2, &line));
    }
    let sent = &run.requests;
    let total = sent.idp + sent.audit + sent.probe + sent.seed + sent.cleanup;
    let bundled = if run.bundled {
        "BUNDLED reference server at "
    } else {
        ""
    };
    let target = format!(
        "{bundled}{}, seed {}, {} ({} of the IdPs) in {:.1} s",
        safe(&run.target),
        run.seed,
        count(usize::try_from(total).unwrap_or(usize::MAX), "request"),
        sent.idp,
        run.seconds
    );
    out.push_str(&beside(0, "target", word.len() + 2, &target));
    out
}

/// The requirements that nobody exercised, by the reason, where one is known.
fn unexercised(report: &Report) -> BTreeMap<&str, Vec<&str>> {
    let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for requirement in &report.requirements {
        if let Some(why) = requirement.unexercised() {
            reasons.entry(why).or_default().push(&requirement.id);
        }
    }
    reasons
}

/// The counts that are not zero; the first is always said.
fn parts(counts: &[(u64, &str)]) -> String {
    let said: Vec<_> = counts
        .iter()
        .enumerate()
        .filter(|(place, (number, _))| *place == 0 || *number > 0)
        .map(|(_, (number, word))| format!("{number} {word}"))
        .collect();
    said.join(", ")
}

fn heading(out: &mut String, palette: Palette, text: &str) {
    out.push_str(&palette.strong(text));
    out.push('\n');
}

/// The causes with their numbers.
fn numbered<'a>(
    report: &'a Report,
    keep: impl Fn(&Cause) -> bool + 'a,
) -> impl Iterator<Item = (usize, &'a Cause)> {
    report
        .causes
        .iter()
        .enumerate()
        .map(|(place, cause)| (place + 1, cause))
        .filter(move |(_, cause)| keep(cause))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn advice_says_why_it_does_not_count() {
        let report = sample::report();
        let shown = text(&report, Palette::Plain).replace("\n      ", " ");
        for (requirement, why) in [
            (
                "patch/manager-as-text",
                "that the IdP sends this is only reported",
            ),
            ("error/body", "the level is not in --fail-on"),
        ] {
            let (_, rest) = shown.split_once(&format!("{requirement}, ")).unwrap();
            let (said, _) = rest.split_once("fix:").unwrap();
            assert!(said.contains(&format!("advice: {why}")), "{said}");
        }
    }
}
