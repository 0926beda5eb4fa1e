//! The report for a person at a terminal: per IdP, story by story, and at the end what to fix first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::escape::terminal as safe;
use super::layout::{beside, count};
use super::{
    Exchange, Finding, Palette, Report, ScenarioOutcome, ScenarioResult, Standing, excerpt,
    fix_first,
};
use crate::wire::Origin;

/// Writes the report for a terminal of a hundred columns.
pub fn text(report: &Report, palette: Palette) -> String {
    let mut writer = Writer {
        report,
        palette,
        told: BTreeSet::new(),
        out: String::new(),
    };
    for idp in report.idps() {
        writer.idp(idp);
    }
    writer.homeless();
    let mut out = writer.out;
    out.push_str(&fix_first::text(report, palette));
    out
}

struct Writer<'a> {
    report: &'a Report,
    palette: Palette,
    /// The causes that were already shown for a variant.
    told: BTreeSet<(&'a str, &'a str)>,
    out: String,
}

/// The width of the words in front of a line.
const LABEL: usize = 14;

/// The longest name of an attribute that has its values beside it; those of a longer one stand below.
const NAME: usize = 28;

impl<'a> Writer<'a> {
    fn idp(&mut self, idp: &str) {
        let of_idp: Vec<_> = self
            .report
            .scenarios
            .iter()
            .filter(|result| result.idp == idp)
            .collect();
        self.out
            .push_str(&self.palette.strong(&safe(&heading(idp))));
        self.out.push('\n');
        let quiet: Vec<_> = of_idp
            .iter()
            .filter(|r| r.outcome == ScenarioOutcome::Passed && self.findings(r).next().is_none())
            .map(|r| r.scenario.as_str())
            .collect();
        if !quiet.is_empty() {
            let names = format!("{}: {}", quiet.len(), listed(&quiet));
            self.labelled("passed", &names, Palette::good);
        }
        self.silent(&of_idp);
        self.skipped(&of_idp);
        for result in &of_idp {
            self.story(result);
        }
        self.out.push('\n');
    }

    /// The steps at which this IdP sends nothing: one by one where they are few, else how many in which stories.
    fn silent(&mut self, results: &[&ScenarioResult]) {
        const FEW: usize = 4;
        let steps: Vec<_> = results
            .iter()
            .flat_map(|result| result.silent.iter().map(move |silent| (result, silent)))
            .collect();
        let text = match steps.len() {
            0 => return,
            1..=FEW => {
                let one_by_one = steps.iter().map(|(result, silent)| {
                    let (action, story) = (&silent.step.action, &result.scenario);
                    let sure = confidence(silent.confidence);
                    format!("{action} in {story} ({sure}, {})", silent.source)
                });
                one_by_one.collect::<Vec<_>>().join("; ")
            }
            many => {
                let mut sure: BTreeMap<_, usize> = BTreeMap::new();
                for (_, silent) in &steps {
                    *sure.entry(Reverse(silent.confidence)).or_default() += 1;
                }
                let sure = sure.into_iter();
                let sure = sure.map(|(Reverse(sure), n)| format!("{n} {}", confidence(sure)));
                let sure = sure.collect::<Vec<_>>().join(", ");
                let mut stories: Vec<_> = steps.iter().map(|(r, _)| r.scenario.as_str()).collect();
                stories.dedup();
                format!(
                    "at {} ({sure}) of {}",
                    count(many, "step"),
                    folded(&stories)
                )
            }
        };
        self.labelled("sends nothing", &text, Palette::faint);
    }

    /// What was not played, by the reason.
    fn skipped(&mut self, results: &[&ScenarioResult]) {
        let mut reasons: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for result in results {
            if result.outcome == ScenarioOutcome::Skipped {
                let reason = result.reason.as_deref().unwrap_or("it was not played");
                reasons.entry(reason).or_default().push(&result.scenario);
            }
        }
        for (reason, stories) in reasons {
            let text = format!("{}: {reason}", folded(&stories));
            self.labelled("skipped", &text, Palette::faint);
        }
    }

    fn story(&mut self, result: &'a ScenarioResult) {
        let findings: Vec<_> = self.findings(result).collect();
        let (label, paint): (_, fn(Palette, &str) -> String) = match result.outcome {
            ScenarioOutcome::Passed if findings.is_empty() => return,
            ScenarioOutcome::Passed => ("passed, but", Palette::odd),
            ScenarioOutcome::Failed => ("FAILED", Palette::bad),
            ScenarioOutcome::Inconclusive => ("inconclusive", Palette::odd),
            ScenarioOutcome::Skipped => return,
        };
        let mut what = result.scenario.clone();
        match &result.reason {
            Some(reason) => what = format!("{what}: {reason}"),
            None if !result.title.is_empty() => what = format!("{what}: {}", result.title),
            None => {}
        }
        self.labelled(label, &what, paint);
        let mut at = None;
        for finding in findings {
            let step = finding.step.as_ref();
            if at != Some(step) {
                self.step(finding);
                at = Some(step);
            }
            self.finding(finding);
        }
    }

    /// Findings of stories that are not in the list, so that none is ever left out.
    fn homeless(&mut self) {
        let report = self.report;
        let lost = report.findings.iter().filter(|finding| {
            !report
                .scenarios
                .iter()
                .any(|r| r.idp == finding.idp && r.scenario == finding.scenario)
        });
        for finding in lost {
            self.labelled(
                "FAILED",
                &format!("{} ({})", finding.scenario, finding.idp),
                Palette::bad,
            );
            self.step(finding);
            self.finding(finding);
        }
    }

    fn findings(&self, result: &ScenarioResult) -> impl Iterator<Item = &'a Finding> + use<'a> {
        let (idp, scenario) = (result.idp.clone(), result.scenario.clone());
        self.report
            .findings
            .iter()
            .filter(move |finding| finding.idp == idp && finding.scenario == scenario)
    }

    fn step(&mut self, finding: &Finding) {
        let Some(step) = &finding.step else { return };
        let mut place = step.file.clone().unwrap_or_default();
        if let (Some(line), false) = (step.line, place.is_empty()) {
            place = format!("{place}:{line}");
        }
        if !place.is_empty() {
            place = format!(" ({place})");
        }
        self.line(
            4,
            &format!("step {}: {}{place}", step.index + 1, step.action),
        );
    }

    fn finding(&mut self, finding: &'a Finding) {
        let number = self.report.cause(&finding.cause).map(|(number, _)| number);
        let number = number.map_or_else(String::new, |n| format!(" [{n}]"));
        let said = format!("{}{number}", safe(&finding.message));
        let (word, paint): (_, fn(Palette, &str) -> String) = match finding.standing {
            Standing::Fails => (finding.impact.as_str(), Palette::bad),
            Standing::Advice => ("advice", Palette::odd),
            Standing::Known => ("known", Palette::faint),
        };
        self.painted(6, word, 10, &said, paint);
        if let Some(known) = &finding.known {
            let until = known.until.as_ref();
            let until = until.map_or_else(String::new, |day| format!(" (until {day})"));
            self.said(&format!("{}{until}", known.reason), "accepted");
            return;
        }
        // One finding of a cause shows it; the others are named, or a defect that shows everywhere would bury the rest.
        if self.told.insert((&finding.cause, &finding.idp)) {
            self.difference(finding);
            self.exchanges(finding);
            self.said(&finding.customers, "it means");
            if let Some(sees) = &finding.admin_sees {
                self.said(sees, "admin sees");
            }
        }
    }

    /// Promised against observed, as a diff of people and groups.
    fn difference(&mut self, finding: &Finding) {
        if finding.differences.is_empty() {
            self.side(0, "", "- expected", &finding.expected, Palette::good);
            self.side(0, "", "+ observed", &finding.observed, Palette::bad);
        }
        let names = finding.differences.iter().map(|d| safe(&d.attribute));
        let widest = names.map(|name| name.chars().count());
        let width = widest
            .filter(|width| *width <= NAME)
            .max()
            .unwrap_or(0)
            .max(16)
            + 1;
        let mut subject = None;
        for difference in &finding.differences {
            if subject != Some(&difference.subject) {
                self.line(8, &difference.subject);
                subject = Some(&difference.subject);
            }
            let mut attribute = safe(&difference.attribute);
            if attribute.chars().count() > NAME {
                self.line(10, &attribute);
                attribute.clear();
            }
            let (promised, observed) = (&difference.promised, &difference.observed);
            self.side(width, &attribute, "- promised", promised, Palette::good);
            self.side(width, "", "+ observed", observed, Palette::bad);
        }
    }

    /// One side of a difference.
    fn side(
        &mut self,
        width: usize,
        attribute: &str,
        side: &str,
        value: &str,
        paint: fn(Palette, &str) -> String,
    ) {
        let block = beside(10, attribute, width, &format!("{side} {}", safe(value)));
        let painted: Vec<_> = block
            .lines()
            .map(|line| paint(self.palette, line))
            .collect();
        self.out.push_str(&painted.join("\n"));
        self.out.push('\n');
    }

    /// The deciding exchange, and the first of those in which the effect is seen.
    fn exchanges(&mut self, finding: &Finding) {
        for n in finding.exchanges.iter().take(2) {
            if let Some(exchange) = self.report.exchange(*n) {
                self.exchange(exchange, finding);
            }
        }
        if finding.exchanges.len() > 2 {
            let more: Vec<_> = finding.exchanges[2..]
                .iter()
                .map(ToString::to_string)
                .collect();
            let noun = if more.len() == 1 {
                "exchange"
            } else {
                "exchanges"
            };
            self.line(8, &format!("and {noun} {}", more.join(", ")));
        }
    }

    fn exchange(&mut self, exchange: &Exchange, finding: &Finding) {
        let attribute = finding.attribute.as_deref();
        let request = &exchange.request;
        let path = &request.path;
        let who = match exchange.origin {
            Origin::Audit => "read back by ",
            Origin::Probe => "probe ",
            Origin::Idp | Origin::Seed | Origin::Cleanup | Origin::Injected => "",
        };
        let sure = exchange
            .confidence
            .filter(|_| exchange.origin == Origin::Idp);
        let sure = sure.map_or_else(String::new, |sure| format!(", {}", confidence(sure)));
        let line = format!(
            "{who}{} {path} (exchange {}{sure})",
            request.method, exchange.n
        );
        self.line(8, &line);
        if let Some(body) = &request.body {
            self.body(">", &excerpt::request(&body.text, attribute));
        }
        match (&exchange.response, &exchange.failure) {
            (Some(response), _) => {
                let body = response.body.as_ref().map(|body| body.text.as_str());
                let body = body.filter(|text| !text.trim().is_empty());
                let body = body.map_or_else(
                    || "without a body".to_owned(),
                    |text| excerpt::answer(text, attribute),
                );
                self.body("<", &format!("{} {body}", response.status));
            }
            (None, Some(failure)) => self.body("<", &format!("no answer: {}", failure.message)),
            (None, None) => self.body("<", "no answer"),
        }
    }

    fn body(&mut self, sign: &str, text: &str) {
        self.out.push_str(&beside(10, sign, 2, &safe(text)));
    }

    fn said(&mut self, text: &str, label: &str) {
        self.out.push_str(&beside(8, label, 12, &safe(text)));
    }

    fn line(&mut self, indent: usize, text: &str) {
        self.out.push_str(&beside(indent, "", 0, &safe(text)));
    }

    fn labelled(&mut self, label: &str, text: &str, paint: fn(Palette, &str) -> String) {
        self.painted(2, label, LABEL, &safe(text), paint);
    }

    fn painted(
        &mut self,
        indent: usize,
        label: &str,
        width: usize,
        text: &str,
        paint: fn(Palette, &str) -> String,
    ) {
        let block = beside(indent, label, width, text);
        let painted = paint(self.palette, label);
        self.out.push_str(&block.replacen(label, &painted, 1));
    }
}

/// The variant's name as its administrators know it, and its id.
fn heading(idp: &str) -> String {
    if idp == "rfc" {
        return "What no IdP sends, asked by the prober (rfc)".to_owned();
    }
    let variant = crate::idp::every().iter().find(|v| v.id == idp);
    variant.map_or_else(
        || idp.to_owned(),
        |variant| format!("{} ({idp})", variant.label),
    )
}

/// Ids by name where they are few, else how many in which folders: what is as it should be may not fill the screen.
fn listed(ids: &[&str]) -> String {
    const FEW: usize = 12;
    if ids.len() <= FEW {
        return folded(ids);
    }
    let mut folders: Vec<(&str, usize)> = Vec::new();
    for id in ids {
        let folder = id.rsplit_once('/').map_or("others", |(folder, _)| folder);
        match folders.iter_mut().find(|(known, _)| *known == folder) {
            Some((_, number)) => *number += 1,
            None => folders.push((folder, 1)),
        }
    }
    let folders = folders.iter().map(|(folder, n)| format!("{folder} {n}"));
    folders.collect::<Vec<_>>().join(", ")
}

/// Ids by their folders, each of which is named once: `groups/ renamed, empty; profile/ mover`.
fn folded(ids: &[&str]) -> String {
    let mut folders: Vec<(&str, Vec<&str>)> = Vec::new();
    for id in ids {
        let (folder, name) = id.rsplit_once('/').unwrap_or(("", id));
        match folders.iter_mut().find(|(known, _)| *known == folder) {
            Some((_, names)) => names.push(name),
            None => folders.push((folder, vec![name])),
        }
    }
    let folder = |(folder, names): &(&str, Vec<&str>)| match (*folder, names.as_slice()) {
        ("", names) => names.join(", "),
        (folder, [name]) => format!("{folder}/{name}"),
        (folder, names) => format!("{folder}/ {}", names.join(", ")),
    };
    folders.iter().map(folder).collect::<Vec<_>>().join("; ")
}

/// How sure a fact is, in the report's words.
pub(super) fn confidence(confidence: crate::fact::Confidence) -> &'static str {
    use crate::fact::Confidence;
    match confidence {
        Confidence::Documented => "documented",
        Confidence::Captured => "captured",
        Confidence::Reported => "only reported",
        Confidence::Inferred => "only inferred",
    }
}

/// How many findings there are in which variants.
pub(super) fn breadth(findings: usize, idps: &[String]) -> String {
    format!("{} in {}", count(findings, "finding"), idps.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Difference, sample};

    #[test]
    fn a_green_run_fits_a_screen() {
        let shown = text(&sample::green(), Palette::Plain);
        assert!(shown.lines().count() <= 40, "{shown}");
        insta::assert_snapshot!(shown);
    }

    #[test]
    fn many_passes_are_told_by_their_folders_and_few_by_their_names() {
        let many: Vec<_> = (0..13).map(|n| format!("groups/{n}")).collect();
        let many: Vec<_> = many.iter().map(String::as_str).chain(["mine"]).collect();
        assert_eq!(listed(&many), "groups 13, others 1");
        assert_eq!(
            listed(&["groups/a", "groups/b", "x/c", "mine"]),
            "groups/ a, b; x/c; mine"
        );
    }

    #[test]
    fn no_line_is_wider_than_a_hundred_columns_and_none_controls_the_terminal() {
        let shown = text(&sample::report(), Palette::Plain);
        for line in shown.lines() {
            assert!(line.chars().count() <= 100, "{line}");
            assert!(!line.contains(char::is_control), "{line:?}");
        }
    }

    #[test]
    fn colours_change_nothing_but_colour() {
        let plain = text(&sample::report(), Palette::Plain);
        let mut coloured = text(&sample::report(), Palette::Ansi);
        for code in ["1;31", "32", "33", "1", "2", "0"] {
            coloured = coloured.replace(&format!("\u{1b}[{code}m"), "");
        }
        assert_eq!(coloured, plain);
    }

    #[test]
    fn the_values_of_a_finding_stand_in_one_column_and_those_of_a_long_name_below_it() {
        let mut report = sample::report();
        let long = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";
        let differences = ["active", "an old session works", long].map(|attribute| Difference {
            subject: "person ada".to_owned(),
            attribute: attribute.to_owned(),
            promised: "no".to_owned(),
            observed: "yes".to_owned(),
        });
        report.findings[0].differences = differences.to_vec();
        let shown = text(&report, Palette::Plain);
        let block = format!(
            "        person ada
          active               - promised no
                               + observed yes
          an old session works - promised no
                               + observed yes
          {long}
                               - promised no
                               + observed yes
"
        );
        assert!(shown.contains(&block), "{shown}");
    }

    #[test]
    fn every_finding_is_shown_even_where_its_story_is_not_listed() {
        let mut report = sample::report();
        report.scenarios.clear();
        let shown = text(&report, Palette::Plain);
        for finding in &report.findings {
            assert!(shown.contains(&finding.message), "{}", finding.message);
        }
    }
}
