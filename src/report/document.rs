//! The report as a whole.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Cause, Exchange, Finding, StaleEntry, Standing, Step};
use crate::fact::Confidence;
use crate::requirement::Level;

/// The version of the format that this program writes.
const VERSION: u32 = 1;

/// Everything that a run found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "scimulate report")]
pub struct Report {
    /// The version of this format.
    pub report: u32,
    /// What wrote it.
    pub tool: Tool,
    /// The run.
    pub run: Run,
    /// The counts.
    pub summary: Summary,
    /// What became of each story with each variant.
    pub scenarios: Vec<ScenarioResult>,
    /// What became of each requirement.
    pub requirements: Vec<RequirementResult>,
    /// The defects, the most urgent first. A cause's number in texts is its place here, counted from 1.
    pub causes: Vec<Cause>,
    /// The violations.
    pub findings: Vec<Finding>,
    /// The entries of the baseline that no longer hold.
    #[serde(default)]
    pub stale: Vec<StaleEntry>,
    /// The exchanges that findings cite, and for the first finding of each cause those that led to it.
    pub exchanges: Vec<Exchange>,
}

/// The program and its rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The version of the rules by which it judges.
    pub rules: String,
}

/// One run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// The run's id.
    pub id: String,
    /// What ids, order and passwords were drawn from.
    pub seed: u64,
    /// When it began.
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub started: jiff::Timestamp,
    /// How long it took in real time.
    pub seconds: f64,
    /// The target's base URL.
    pub target: String,
    /// Whether the target is the bundled reference server.
    pub bundled: bool,
    /// Whether it came to its end.
    pub complete: bool,
    /// Why it did not come to its end.
    #[serde(default)]
    pub ended: Option<Ended>,
    /// The exit code.
    pub exit: u8,
    /// How many requests were sent, by origin.
    pub requests: RequestCounts,
    /// What became of the resources that the run made.
    pub cleanup: Cleanup,
}

/// Why a run did not come to its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Ended {
    /// What ended it.
    pub kind: EndedKind,
    /// What happened, as a sentence.
    pub message: String,
}

/// What ended a run early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EndedKind {
    /// The person who ran it.
    Interrupted,
    /// The target could not be examined: unreachable, TLS, credentials refused, time-outs in a row.
    Unexaminable,
}

/// How many requests were sent, by origin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RequestCounts {
    /// By the simulated IdPs.
    pub idp: u64,
    /// By the auditor.
    pub audit: u64,
    /// By the prober.
    pub probe: u64,
    /// To prepare what stories presuppose.
    pub seed: u64,
    /// To clean up.
    pub cleanup: u64,
    /// Answered by the wire in the target's place.
    pub injected: u64,
}

/// What became of the resources that the run made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cleanup {
    /// How many are gone.
    pub gone: u64,
    /// How many are inactive and no longer listed.
    pub released: u64,
    /// The paths of those that are still there.
    pub left: Vec<String>,
}

/// The counts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Stories with a variant, by what became of them.
    pub scenarios: ScenarioCounts,
    /// Requirements, by the gravest of their verdicts.
    pub requirements: RequirementCounts,
}

/// Stories with a variant, by what became of them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct ScenarioCounts {
    /// Nothing failed.
    pub passed: u64,
    /// Something failed.
    pub failed: u64,
    /// Could not be judged.
    pub inconclusive: u64,
    /// Did not run.
    pub skipped: u64,
}

/// Requirements, by the gravest of their verdicts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct RequirementCounts {
    /// Exercised and kept.
    pub pass: u64,
    /// Violated.
    pub fail: u64,
    /// Violated as the baseline says.
    pub known: u64,
    /// Nobody exercised them.
    pub not_exercised: u64,
    /// The target or the IdP does not have what they are about.
    pub not_applicable: u64,
    /// Could not be judged.
    pub inconclusive: u64,
}

/// What became of a story with a variant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScenarioResult {
    /// The story's id.
    pub scenario: String,
    /// The story's title.
    #[serde(default)]
    pub title: String,
    /// The variant, or `rfc` for the prober.
    pub idp: String,
    /// What became of it.
    pub outcome: ScenarioOutcome,
    /// Why it was skipped or could not be judged.
    #[serde(default)]
    pub reason: Option<String>,
    /// How many requests the IdP sent.
    pub requests: u64,
    /// How many promised values were compared.
    pub compared: u64,
    /// The steps at which this IdP sends nothing, as documented.
    #[serde(default)]
    pub silent: Vec<SilentStep>,
}

/// A step at which an IdP sends nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SilentStep {
    /// The step.
    pub step: Step,
    /// Why nothing is sent.
    pub why: String,
    /// Where that is known from.
    pub source: String,
    /// How sure it is.
    pub confidence: Confidence,
}

/// What became of a story.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ScenarioOutcome {
    /// Nothing failed.
    Passed,
    /// Something failed.
    Failed,
    /// It could not be judged.
    Inconclusive,
    /// It did not run.
    Skipped,
}

/// What became of a requirement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RequirementResult {
    /// The requirement's id.
    pub id: String,
    /// The sentence that a good target fulfils.
    pub title: String,
    /// How binding it is.
    pub level: Level,
    /// The verdicts: one for each variant, and where it fails in several ways one for each of them.
    pub results: Vec<VariantResult>,
}

/// A requirement's verdict with one variant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VariantResult {
    /// The variant, or `rfc` for the prober.
    pub idp: String,
    /// The verdict.
    pub verdict: Verdict,
    /// The way in which it fails.
    #[serde(default)]
    pub outcome: Option<String>,
    /// Why it is not applicable, was not exercised or could not be judged, where that is known.
    #[serde(default)]
    pub reason: Option<String>,
}

/// A requirement's verdict. The order is that of gravity.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The target or the IdP does not have what it is about.
    NotApplicable,
    /// Nobody exercised it.
    NotExercised,
    /// Exercised and kept.
    Pass,
    /// Violated as the baseline says.
    Known,
    /// It could not be judged.
    Inconclusive,
    /// Violated.
    Fail,
}

impl Report {
    /// A report without results. Add them, then call [`Report::finish`].
    pub fn new(tool: Tool, run: Run) -> Self {
        Self {
            report: VERSION,
            tool,
            run,
            summary: Summary::default(),
            scenarios: Vec::new(),
            requirements: Vec::new(),
            causes: Vec::new(),
            findings: Vec::new(),
            stale: Vec::new(),
            exchanges: Vec::new(),
        }
    }

    /// Puts the causes in the order in which to mend them and counts.
    ///
    /// What makes the run fail comes before advice and advice before what the baseline knows; then by impact, then by
    /// the number of variants and of findings.
    pub fn finish(&mut self) {
        // What no special requirement explains comes last: what is explained may have brought it about.
        let general = |cause: &Cause| cause.requirement.starts_with("lifecycle/");
        self.causes.sort_by(|a, b| {
            (a.standing, general(a), a.impact)
                .cmp(&(b.standing, general(b), b.impact))
                .then_with(|| b.idps.len().cmp(&a.idps.len()))
                .then_with(|| b.findings.len().cmp(&a.findings.len()))
                .then_with(|| a.id.cmp(&b.id))
        });
        self.summary = Summary::of(&self.scenarios, &self.requirements);
    }

    /// Leaves out the requirements that do not count, with their findings.
    pub fn keep(&mut self, counts: impl Fn(&str) -> bool) {
        self.requirements
            .retain(|requirement| counts(&requirement.id));
        let mut places = Vec::with_capacity(self.findings.len());
        let mut next = 0;
        for finding in &self.findings {
            let counts = counts(&finding.requirement);
            places.push(counts.then_some(next));
            next += usize::from(counts);
        }
        self.findings.retain(|finding| counts(&finding.requirement));
        for cause in &mut self.causes {
            let kept = cause
                .findings
                .iter()
                .filter_map(|n| places.get(*n).copied().flatten());
            cause.findings = kept.collect();
        }
        self.causes.retain(|cause| !cause.findings.is_empty());
        self.settle();
        self.finish();
    }

    /// Lets causes, requirements and stories follow the standing of their findings.
    pub fn settle(&mut self) {
        let findings = &self.findings;
        for cause in &mut self.causes {
            let standings = cause.findings.iter().filter_map(|n| findings.get(*n));
            cause.standing = standings
                .map(|finding| finding.standing)
                .min()
                .unwrap_or(cause.standing);
        }
        for requirement in &mut self.requirements {
            for result in &mut requirement.results {
                let mut own = findings
                    .iter()
                    .filter(|f| {
                        f.requirement == requirement.id
                            && f.idp == result.idp
                            && result.outcome.as_ref().is_none_or(|o| *o == f.outcome)
                    })
                    .peekable();
                if result.verdict == Verdict::Fail
                    && own.peek().is_some()
                    && own.all(|f| f.standing == Standing::Known)
                {
                    result.verdict = Verdict::Known;
                }
            }
        }
        for story in &mut self.scenarios {
            let fails = findings.iter().any(|f| {
                f.scenario == story.scenario && f.idp == story.idp && f.standing == Standing::Fails
            });
            if story.outcome == ScenarioOutcome::Failed && !fails {
                story.outcome = ScenarioOutcome::Passed;
            }
        }
    }

    /// A cause and its number in texts and for `scimulate repro`, by its id.
    pub fn cause(&self, id: &str) -> Option<(usize, &Cause)> {
        let place = self.causes.iter().position(|cause| cause.id == id)?;
        Some((place + 1, &self.causes[place]))
    }

    /// The exchange of that number.
    pub fn exchange(&self, n: u64) -> Option<&Exchange> {
        self.exchanges.iter().find(|exchange| exchange.n == n)
    }

    /// The variants in the order in which the report first names them; the prober comes last.
    pub fn idps(&self) -> Vec<&str> {
        let mut seen = BTreeSet::new();
        let mut idps: Vec<_> = self
            .scenarios
            .iter()
            .map(|result| result.idp.as_str())
            .filter(|idp| seen.insert(*idp))
            .collect();
        idps.sort_by_key(|idp| *idp == "rfc");
        idps
    }

    /// The findings of that standing.
    pub fn standing(&self, standing: Standing) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(move |finding| finding.standing == standing)
    }
}

impl Summary {
    /// Counts stories and requirements.
    pub fn of(scenarios: &[ScenarioResult], requirements: &[RequirementResult]) -> Self {
        let mut summary = Self::default();
        for result in scenarios {
            *match result.outcome {
                ScenarioOutcome::Passed => &mut summary.scenarios.passed,
                ScenarioOutcome::Failed => &mut summary.scenarios.failed,
                ScenarioOutcome::Inconclusive => &mut summary.scenarios.inconclusive,
                ScenarioOutcome::Skipped => &mut summary.scenarios.skipped,
            } += 1;
        }
        for requirement in requirements {
            let counts = &mut summary.requirements;
            *match requirement.verdict() {
                Verdict::Pass => &mut counts.pass,
                Verdict::Fail => &mut counts.fail,
                Verdict::Known => &mut counts.known,
                Verdict::NotExercised => &mut counts.not_exercised,
                Verdict::NotApplicable => &mut counts.not_applicable,
                Verdict::Inconclusive => &mut counts.inconclusive,
            } += 1;
        }
        summary
    }
}

impl RequirementResult {
    /// The gravest of its verdicts.
    pub fn verdict(&self) -> Verdict {
        self.results
            .iter()
            .map(|result| result.verdict)
            .max()
            .unwrap_or(Verdict::NotExercised)
    }

    /// Why nobody exercised it, where nobody did and a reason is known.
    pub fn unexercised(&self) -> Option<&str> {
        let exercised = self.verdict() != Verdict::NotExercised;
        let mut reasons = self.results.iter().filter(|_| !exercised);
        reasons.find_map(|result| result.reason.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_report_is_read_back_as_it_was_written() {
        let report = sample::report();
        let text = serde_json::to_string(&report).unwrap();
        let read: Report = serde_json::from_str(&text).unwrap();
        assert_eq!(read, report);
    }

    #[test]
    fn what_fails_is_mended_first_then_what_costs_most_then_what_is_broadest() {
        let report = sample::report();
        let order: Vec<_> = report
            .causes
            .iter()
            .map(|cause| (cause.standing, cause.impact, cause.idps.len()))
            .collect();
        let mut sorted = order.clone();
        sorted.sort_by_key(|(standing, impact, breadth)| {
            (*standing, *impact, std::cmp::Reverse(*breadth))
        });
        assert_eq!(order, sorted);
        assert!(order.len() > 3, "{order:?}");
    }

    #[test]
    fn what_is_left_out_leaves_causes_that_point_at_their_findings() {
        let mut report = sample::report();
        report.keep(|id| id != "user/deactivate");
        assert!(!report.causes.is_empty());
        for cause in &report.causes {
            for n in &cause.findings {
                assert_eq!(report.findings[*n].cause, cause.id);
            }
        }
        let leavers = report
            .scenarios
            .iter()
            .filter(|s| s.scenario == "offboarding/leaver");
        assert!(
            leavers
                .into_iter()
                .all(|s| s.outcome == ScenarioOutcome::Passed)
        );
        let before = report.clone();
        report.keep(|_| true);
        assert_eq!(report, before);
    }

    #[test]
    fn a_requirement_counts_once_by_its_gravest_verdict() {
        let report = sample::report();
        let counts = &report.summary.requirements;
        let total = counts.pass
            + counts.fail
            + counts.known
            + counts.not_exercised
            + counts.not_applicable
            + counts.inconclusive;
        assert_eq!(total, report.requirements.len() as u64);
        assert!(counts.fail > 0 && counts.known > 0 && counts.pass > 0);
    }
}
