//! From what was found to the report: findings in their order, their causes, stories and requirements, and the exchanges
//! that show them.

use std::collections::{BTreeMap, BTreeSet};

use super::door;
use super::evidence::Evidence;
use super::finding::{self, Draft};
use super::judge::Rules;
use super::play::Play;
use crate::idp::Outcome as JobOutcome;
use crate::report::{
    Cause, Cleanup, Ended, EndedKind, Report, RequestCounts, RequirementResult, Run,
    ScenarioOutcome, ScenarioResult, SilentStep, Standing, Step, Tool, VariantResult, Verdict,
};
use crate::requirement::{self, Requirement};
use crate::run::tape::{Line, Tape};
use crate::wire::Origin;

/// The edition of the rules, which reports carry.
const EDITION: &str = "2026.11";

/// The report on the plays of a tape.
pub(super) fn assemble(
    tape: &Tape,
    plays: &[Play<'_>],
    gathered: &[Evidence],
    drafts: Vec<Draft>,
    exercised: &BTreeSet<(&'static str, String)>,
    rules: &Rules,
) -> Report {
    let tool = Tool {
        name: "scimulate".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        rules: EDITION.to_owned(),
    };
    let mut report = Report::new(tool, run_of(tape, plays));
    let files = files(tape);
    for draft in drafts {
        let finding = draft.finding(&plays[draft.play], rules, &files);
        report.findings.push(finding);
    }
    report.findings.sort_by(|a, b| {
        (
            a.standing,
            a.impact,
            &a.requirement,
            &a.outcome,
            &a.idp,
            &a.scenario,
        )
            .cmp(&(
                b.standing,
                b.impact,
                &b.requirement,
                &b.outcome,
                &b.idp,
                &b.scenario,
            ))
    });
    report.causes = causes(&report);
    report.scenarios = plays
        .iter()
        .zip(gathered)
        // The first look at the target is no story.
        .filter(|(play, _)| play.begin.is_some() || play.skipped.is_some())
        .map(|(play, evidence)| scenario(play, evidence, &report, &files))
        .collect();
    report.requirements = requirements(plays, &report, exercised, &reasons(tape, plays));
    let shown = shown(plays, &report);
    report.exchanges = plays
        .iter()
        .flat_map(|play| play.exchanges.iter().map(move |e| (play, e)))
        .filter(|(_, e)| shown.contains(&e.sent.n))
        .map(|(play, e)| finding::shown(play, e, &report.run.target))
        .collect();
    report.exchanges.sort_by_key(|e| e.n);
    report.finish();
    report
}

/// The numbers of the exchanges that a report holds: those that findings cite, and those that led to the first finding of
/// each cause, so that it can be repeated.
fn shown(plays: &[Play<'_>], report: &Report) -> BTreeSet<u64> {
    let cited = report.findings.iter().flat_map(|f| f.exchanges.iter());
    let mut shown: BTreeSet<u64> = cited.copied().collect();
    for cause in &report.causes {
        let first = cause.findings.first().and_then(|n| report.findings.get(*n));
        let Some(finding) = first else { continue };
        let last = finding.exchanges.iter().max().copied().unwrap_or(0);
        let play = plays
            .iter()
            .find(|play| play.idp == finding.idp && play.scenario == finding.scenario);
        let sent = play
            .into_iter()
            .flat_map(|play| &play.exchanges)
            .map(|e| e.sent);
        shown.extend(
            sent.filter(|sent| {
                let repeated = matches!(sent.by.origin, Origin::Idp | Origin::Seed | Origin::Probe);
                repeated && sent.n <= last
            })
            .map(|sent| sent.n),
        );
    }
    shown
}

/// The file of every story, by its id.
fn files(tape: &Tape) -> BTreeMap<String, (String, String)> {
    let texts = tape
        .head()
        .map(|head| head.scenarios.as_slice())
        .unwrap_or_default();
    let pair = |t: &crate::run::tape::Text| (t.id.clone(), (t.file.clone(), t.title.clone()));
    texts.iter().map(pair).collect()
}

fn run_of(tape: &Tape, plays: &[Play<'_>]) -> Run {
    let head = tape.head();
    let end = tape.lines.iter().rev().find_map(|line| match line {
        Line::End(end) => Some(end),
        _ => None,
    });
    let mut requests = RequestCounts::default();
    for exchange in plays.iter().flat_map(|play| &play.exchanges) {
        let count = match exchange.sent.by.origin {
            _ if exchange.answered.is_some_and(|a| a.injected) => &mut requests.injected,
            Origin::Idp => &mut requests.idp,
            Origin::Audit => &mut requests.audit,
            Origin::Probe => &mut requests.probe,
            Origin::Seed => &mut requests.seed,
            Origin::Cleanup => &mut requests.cleanup,
            Origin::Injected => &mut requests.injected,
        };
        *count += 1;
    }
    let mut cleanup = Cleanup::default();
    for finish in plays.iter().filter_map(|play| play.finish) {
        cleanup.gone += u64::from(finish.gone);
        cleanup.released += u64::from(finish.released);
        cleanup.left.extend(finish.left.iter().cloned());
    }
    let started = head
        .and_then(|h| h.started.parse().ok())
        .unwrap_or_default();
    let ended = match end {
        Some(end) => end.why.as_ref().map(|why| Ended {
            kind: if end.unexaminable {
                EndedKind::Unexaminable
            } else {
                EndedKind::Interrupted
            },
            message: why.clone(),
        }),
        None => Some(Ended {
            kind: EndedKind::Interrupted,
            message: "the tape has no end: the run was interrupted".to_owned(),
        }),
    };
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds of a run fit a float"
    )]
    let seconds = end.map_or(0.0, |end| end.at as f64 / 1000.0);
    Run {
        id: head
            .map(|h| crate::directory::Instance::new(h.seed, "run", &h.started))
            .map_or_else(String::new, |instance| instance.as_str().to_owned()),
        seed: head.map_or(0, |h| h.seed),
        started,
        seconds,
        target: head.map(|h| h.target.clone()).unwrap_or_default(),
        bundled: head.is_some_and(|h| h.bundled),
        complete: end.is_some_and(|end| end.complete),
        ended,
        exit: 0,
        requests,
        cleanup,
    }
}

/// One cause for each requirement and outcome: the reason why a requirement is named is that it explains.
fn causes(report: &Report) -> Vec<Cause> {
    let mut causes: BTreeMap<&str, Cause> = BTreeMap::new();
    for (n, finding) in report.findings.iter().enumerate() {
        let cause = causes.entry(&finding.cause).or_insert_with(|| {
            let title = requirement::find(&finding.requirement).map(|r| r.title);
            Cause {
                id: finding.cause.clone(),
                title: title.unwrap_or_default().to_owned(),
                requirement: finding.requirement.clone(),
                outcome: finding.outcome.clone(),
                level: finding.level,
                impact: finding.impact,
                standing: finding.standing,
                fix: finding.fix.clone(),
                source: finding.source.clone(),
                confidence: finding.confidence,
                idps: Vec::new(),
                findings: Vec::new(),
            }
        });
        cause.standing = cause.standing.min(finding.standing);
        cause.impact = cause.impact.min(finding.impact);
        cause.confidence = cause.confidence.max(finding.confidence);
        if !cause.idps.contains(&finding.idp) {
            cause.idps.push(finding.idp.clone());
        }
        cause.findings.push(n);
    }
    causes.into_values().collect()
}

fn scenario(
    play: &Play<'_>,
    evidence: &Evidence,
    report: &Report,
    files: &BTreeMap<String, (String, String)>,
) -> ScenarioResult {
    let failed = report.findings.iter().any(|finding| {
        finding.idp == play.idp
            && finding.scenario == play.scenario
            && finding.standing == Standing::Fails
    });
    let inconclusive = play.finish.and_then(|finish| finish.inconclusive.clone());
    let unfinished = play.skipped.is_none() && play.finish.is_none();
    let (outcome, reason) = match (play.skipped, failed, inconclusive) {
        (Some(skipped), ..) => (ScenarioOutcome::Skipped, Some(skipped.reason.clone())),
        (None, true, why) => (ScenarioOutcome::Failed, why),
        (None, false, Some(why)) => (ScenarioOutcome::Inconclusive, Some(why)),
        (None, false, None) if unfinished => {
            let why = "the run ended before the story did".to_owned();
            (ScenarioOutcome::Inconclusive, Some(why))
        }
        (None, false, None) => (ScenarioOutcome::Passed, None),
    };
    let (file, title) = files.get(play.scenario).cloned().unwrap_or_default();
    let silent = play.steps.iter().flat_map(|act| {
        let file = file.clone();
        act.step
            .reports
            .iter()
            .filter_map(move |report| match &report.outcome {
                JobOutcome::SendsNothing { why, basis } => Some(SilentStep {
                    step: Step {
                        index: act.step.step.unwrap_or_default(),
                        action: act.step.action.clone(),
                        file: Some(file.clone()),
                        line: u32::try_from(act.step.at_line).ok(),
                    },
                    why: why.clone(),
                    source: basis.fact.to_string(),
                    confidence: basis.confidence,
                }),
                _ => None,
            })
    });
    ScenarioResult {
        scenario: play.scenario.to_owned(),
        title,
        idp: play.idp.to_owned(),
        outcome,
        reason,
        requests: play.exchanges.len() as u64,
        compared: evidence.compared as u64,
        silent: silent.collect(),
    }
}

/// Why requirements were not put to the test, each with one variant, where that is known.
fn reasons(tape: &Tape, plays: &[Play<'_>]) -> BTreeMap<(String, String), String> {
    let mut reasons = BTreeMap::new();
    let mut note = |id: &str, play: &Play<'_>, why: &str| {
        let key = (id.to_owned(), play.idp.to_owned());
        reasons.entry(key).or_insert_with(|| why.to_owned());
    };
    let texts = tape.head().map(|head| head.scenarios.as_slice());
    for play in plays {
        for act in &play.steps {
            for promise in act.promises {
                let unseen = door::requirement(promise).zip(door::unseen(act, promise));
                if let Some((id, why)) = unseen {
                    note(id, play, why);
                }
            }
        }
        let skipped = play.skipped.map(|skipped| skipped.reason.as_str());
        let inconclusive = play
            .finish
            .and_then(|finish| finish.inconclusive.as_deref());
        let mut own = texts.unwrap_or_default().iter();
        if let (Some(why), Some(text)) = (
            skipped.or(inconclusive),
            own.find(|text| text.id == play.scenario),
        ) {
            text.judges.iter().for_each(|id| note(id, play, why));
        }
    }
    reasons
}

fn requirements(
    plays: &[Play<'_>],
    report: &Report,
    exercised: &BTreeSet<(&'static str, String)>,
    reasons: &BTreeMap<(String, String), String>,
) -> Vec<RequirementResult> {
    let idps: BTreeSet<&str> = plays.iter().map(|play| play.idp).collect();
    let result = |requirement: &'static Requirement, idp: &str| {
        let own = report
            .findings
            .iter()
            .filter(|f| f.requirement == requirement.id && f.idp == idp);
        let worst = own.min_by_key(|f| (f.standing, f.impact));
        let (verdict, outcome) = match worst {
            Some(finding) if finding.standing == Standing::Fails => {
                (Verdict::Fail, Some(finding.outcome.clone()))
            }
            // Advice does not fail anybody; the finding itself is in the report.
            Some(finding) => (Verdict::Pass, Some(finding.outcome.clone())),
            None if exercised.contains(&(requirement.id, idp.to_owned())) => (Verdict::Pass, None),
            None => (Verdict::NotExercised, None),
        };
        VariantResult {
            idp: idp.to_owned(),
            verdict,
            outcome,
            reason: match verdict {
                Verdict::NotExercised => {
                    let key = (requirement.id.to_owned(), idp.to_owned());
                    reasons.get(&key).cloned()
                }
                _ => None,
            },
        }
    };
    requirement::all()
        .map(|requirement| RequirementResult {
            id: requirement.id.to_owned(),
            title: requirement.title.to_owned(),
            level: requirement.level(),
            results: idps.iter().map(|idp| result(requirement, idp)).collect(),
        })
        .collect()
}
