//! Exit codes: a public promise.

use super::{EndedKind, Report, ScenarioOutcome, Standing, Verdict};

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Nothing to complain about.
    Success,
    /// At least one finding counts that the baseline does not know.
    Findings,
    /// Wrong usage, or a pattern that selects nothing.
    Usage,
    /// A story, baseline, report or tape file is wrong.
    BadFile,
    /// The target could not be examined at all.
    Unexaminable,
    /// Nothing was exercised.
    NothingExercised,
    /// The baseline has stale entries.
    StaleBaseline,
    /// Nothing failed, but a selected story could not be judged.
    Inconclusive,
    /// A fault of the program.
    Internal,
    /// Interrupted, after clean-up.
    Interrupted,
}

impl Exit {
    /// Every way to end, by its code.
    pub const ALL: [Self; 10] = [
        Self::Success,
        Self::Findings,
        Self::Usage,
        Self::BadFile,
        Self::Unexaminable,
        Self::NothingExercised,
        Self::StaleBaseline,
        Self::Inconclusive,
        Self::Internal,
        Self::Interrupted,
    ];

    /// The exit code.
    pub const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::BadFile => 3,
            Self::Unexaminable => 4,
            Self::NothingExercised => 5,
            Self::StaleBaseline => 6,
            Self::Inconclusive => 7,
            Self::Internal => 70,
            Self::Interrupted => 130,
        }
    }

    /// The exit code's meaning in a word, for the report's last lines.
    pub fn word(code: u8) -> &'static str {
        let exit = Self::ALL.into_iter().find(|exit| exit.code() == code);
        match exit {
            Some(Self::Success) => "PASSED",
            Some(Self::Findings) => "FAILED",
            Some(Self::Usage | Self::BadFile | Self::Internal) | None => "NOT RUN",
            Some(Self::Unexaminable) => "NOT EXAMINED",
            Some(Self::NothingExercised) => "NOTHING EXERCISED",
            Some(Self::StaleBaseline) => "STALE BASELINE",
            Some(Self::Inconclusive) => "INCONCLUSIVE",
            Some(Self::Interrupted) => "INTERRUPTED",
        }
    }

    /// How a run with that report ends: the first of the meanings that holds, in their order of precedence.
    ///
    /// An interruption is the user's own doing and comes before everything that the rest of the run would have said.
    pub fn of(report: &Report, allow_inconclusive: bool) -> Self {
        let ended = report.run.ended.as_ref().map(|ended| ended.kind);
        let exercised = || {
            report
                .requirements
                .iter()
                .flat_map(|requirement| &requirement.results)
                .any(|result| {
                    !matches!(
                        result.verdict,
                        Verdict::NotExercised | Verdict::NotApplicable
                    )
                })
        };
        let inconclusive = || {
            report
                .scenarios
                .iter()
                .any(|result| result.outcome == ScenarioOutcome::Inconclusive)
        };
        if ended == Some(EndedKind::Interrupted) {
            Self::Interrupted
        } else if ended == Some(EndedKind::Unexaminable) {
            Self::Unexaminable
        } else if report.standing(Standing::Fails).next().is_some() {
            Self::Findings
        } else if !report.stale.is_empty() {
            Self::StaleBaseline
        } else if inconclusive() && !allow_inconclusive {
            Self::Inconclusive
        } else if !exercised() {
            Self::NothingExercised
        } else {
            Self::Success
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Ended, sample};

    #[test]
    fn the_first_meaning_that_holds_is_the_exit_code() {
        let mut report = sample::report();
        report.run.ended = Some(Ended {
            kind: EndedKind::Unexaminable,
            message: "three time-outs in a row".to_owned(),
        });
        assert_eq!(Exit::of(&report, false), Exit::Unexaminable);
        report.run.ended = None;
        assert_eq!(Exit::of(&report, false), Exit::Findings);
        for finding in &mut report.findings {
            finding.standing = Standing::Advice;
        }
        assert_eq!(Exit::of(&report, false), Exit::StaleBaseline);
        report.stale.clear();
        assert_eq!(Exit::of(&report, false), Exit::Inconclusive);
        assert_eq!(Exit::of(&report, true), Exit::Success);
        report.requirements.clear();
        assert_eq!(Exit::of(&report, true), Exit::NothingExercised);
    }

    #[test]
    fn an_interruption_is_told_whatever_was_found_before() {
        let mut report = sample::report();
        report.run.ended = Some(Ended {
            kind: EndedKind::Interrupted,
            message: "interrupted".to_owned(),
        });
        assert_eq!(Exit::of(&report, false).code(), 130);
    }

    #[test]
    fn codes_are_unique_and_every_one_has_a_word() {
        let codes: std::collections::BTreeSet<_> = Exit::ALL.into_iter().map(Exit::code).collect();
        assert_eq!(codes.len(), Exit::ALL.len());
        assert_eq!(
            codes.into_iter().collect::<Vec<_>>(),
            [0, 1, 2, 3, 4, 5, 6, 7, 70, 130]
        );
        assert_eq!(Exit::word(1), "FAILED");
    }
}
