//! What the baseline makes of a report.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::report::{Known, Report, StaleEntry, StaleWhy, Standing, Verdict};

/// A baseline file that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    pub(super) entries: Vec<Entry>,
}

/// One accepted deviation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) requirement: String,
    pub(super) outcome: String,
    /// The IdPs as they are written.
    pub(super) idps: Vec<String>,
    /// The variants that they mean.
    pub(super) variants: BTreeSet<String>,
    pub(super) reason: String,
    pub(super) until: Option<Date>,
    pub(super) line: u32,
}

impl Baseline {
    /// Marks what the baseline knows in a report, and says which entries no longer hold.
    ///
    /// Only what was exercised with every variant that an entry names can show that it no longer happens. `today` is
    /// the day of the run.
    pub fn apply(&self, report: &mut Report, today: Date) {
        report.stale = self.stale(report, today);
        for finding in &mut report.findings {
            let entry = self.entries.iter().find(|entry| {
                entry.holds(today)
                    && entry.covers(&finding.requirement, &finding.outcome, &finding.idp)
            });
            if let Some(entry) = entry {
                finding.standing = Standing::Known;
                finding.known = Some(Known {
                    reason: entry.reason.clone(),
                    until: entry.until.map(|day| day.to_string()),
                });
            }
        }
        report.settle();
        report.finish();
    }

    fn stale(&self, report: &Report, today: Date) -> Vec<StaleEntry> {
        let why = |entry: &Entry| {
            if !entry.holds(today) {
                Some(StaleWhy::Expired)
            } else if entry.no_longer_happens(report) {
                Some(StaleWhy::NotHappening)
            } else {
                None
            }
        };
        let entries = self.entries.iter();
        entries
            .filter_map(|entry| {
                Some(StaleEntry {
                    requirement: entry.requirement.clone(),
                    outcome: entry.outcome.clone(),
                    idps: entry.idps.clone(),
                    reason: entry.reason.clone(),
                    until: entry.until.map(|day| day.to_string()),
                    line: entry.line,
                    why: why(entry)?,
                })
            })
            .collect()
    }
}

impl Entry {
    /// Whether its last day is not over.
    fn holds(&self, today: Date) -> bool {
        self.until.is_none_or(|until| today <= until)
    }

    fn covers(&self, requirement: &str, outcome: &str, idp: &str) -> bool {
        self.requirement == requirement && self.outcome == outcome && self.variants.contains(idp)
    }

    fn no_longer_happens(&self, report: &Report) -> bool {
        if !report.run.complete {
            return false;
        }
        let happens = report
            .findings
            .iter()
            .any(|f| self.covers(&f.requirement, &f.outcome, &f.idp));
        let verdicts = |idp: &str| {
            let requirement = report
                .requirements
                .iter()
                .find(|r| r.id == self.requirement);
            let results = requirement
                .map(|r| r.results.as_slice())
                .unwrap_or_default();
            results
                .iter()
                .filter(|r| r.idp == idp)
                .map(|r| r.verdict)
                .collect::<Vec<_>>()
        };
        let mut exercised = false;
        for idp in &self.variants {
            let verdicts = verdicts(idp);
            let judged = verdicts.iter().all(|v| {
                matches!(
                    v,
                    Verdict::Pass | Verdict::Fail | Verdict::Known | Verdict::NotApplicable
                )
            });
            if verdicts.is_empty() || !judged {
                return false;
            }
            exercised |= !verdicts.contains(&Verdict::NotApplicable);
        }
        exercised && !happens
    }
}
