//! The judgement of a whole tape.

use std::collections::{BTreeMap, BTreeSet};

use super::abreast;
use super::door;
use super::evidence::{self, Evidence};
use super::finding::{self, Draft};
use super::play::{self, Play};
use super::shape;
use crate::fact::Confidence;
use crate::idp::Outcome as JobOutcome;
use crate::model::Aspect;
use crate::report::{
    Advice, Cause, Cleanup, Ended, EndedKind, Report, RequestCounts, RequirementResult, Run,
    ScenarioOutcome, ScenarioResult, SilentStep, Standing, Step, Tool, VariantResult, Verdict,
};
use crate::requirement::{self, Check, Impact, Judged, Level, Requirement};
use crate::run::tape::{Line, Tape};
use crate::scim::Value;
use crate::wire::{Exchange, Method, Origin, split_target};

/// By which rules a tape is judged.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The levels whose findings count.
    pub fail_on: BTreeSet<Level>,
    /// Whether findings count whose deciding request is only reported or inferred.
    pub strict_inferred: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            fail_on: BTreeSet::from([Level::Must, Level::Interop]),
            strict_inferred: false,
        }
    }
}

/// The edition of the rules, which reports carry.
const EDITION: &str = "2026.11";

/// Judges a tape.
pub fn judge(tape: &Tape, rules: &Rules) -> Report {
    let mut plays = play::plays(&tape.lines);
    let told = plays.iter().find_map(configuration).cloned();
    let mut exercised: BTreeSet<(&'static str, String)> = BTreeSet::new();
    let mut drafts: Vec<Draft> = Vec::new();
    let mut gathered: Vec<Evidence> = Vec::new();
    let mut unreadable: Vec<BTreeMap<u64, Vec<usize>>> = Vec::new();
    for (at, play) in plays.iter_mut().enumerate() {
        let first = drafts.len();
        check_messages(at, play, told.as_ref(), &mut exercised, &mut drafts);
        check_probes(at, play, &mut exercised, &mut drafts);
        let mut violations: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
        let mut serious: BTreeSet<u64> = BTreeSet::new();
        for (n, draft) in drafts.iter().enumerate().skip(first) {
            for exchange in &draft.exchanges {
                violations.entry(*exchange).or_default().push(n);
            }
            // What breaks a form that matters to an IdP can lead its flow astray; noise cannot.
            if draft.impact() != Impact::Noise {
                serious.extend(&draft.exchanges);
            }
        }
        let evidence = evidence::gather(play, &serious);
        note_exercised(play, &evidence, &mut exercised);
        gathered.push(evidence);
        unreadable.push(violations);
        play.exchanges.iter_mut().for_each(Exchange::forget);
    }
    let spectrum = abreast::settle(&plays, &mut gathered);
    for (at, (play, evidence)) in plays.iter().zip(&gathered).enumerate() {
        for failure in &evidence.failures {
            let shown = failure.exchange.and_then(|n| unreadable[at].get(&n));
            match shown.filter(|_| failure.settled.is_none() && is_lookup(play, failure.exchange)) {
                // The form of that answer is a finding already: what followed belongs to it.
                Some(drafts_of_it) => {
                    for n in drafts_of_it {
                        drafts[*n].adopt(failure);
                    }
                }
                None => drafts.push(Draft::of_failure(at, play, failure, &spectrum)),
            }
        }
    }
    if drafts
        .iter()
        .any(|d| d.requirement.id == "patch/takes-effect")
    {
        drafts.retain(|draft| !draft.is_explained_by(&plays[draft.play], &spectrum));
    }
    // One per play, requirement and outcome for messages; states keep one per step and subject.
    for draft in &drafts {
        exercised.insert((draft.requirement.id, plays[draft.play].idp.to_owned()));
    }
    assemble(tape, &plays, &gathered, drafts, &exercised, rules)
}

fn is_lookup(play: &Play<'_>, exchange: Option<u64>) -> bool {
    let exchange = exchange.and_then(|n| play.exchange(n));
    exchange.is_some_and(|e| e.sent.method == Method::Get || e.succeeded())
}

/// What the target says of itself, as one of the play's reads shows it.
fn configuration<'p>(play: &'p Play<'_>) -> Option<&'p Value> {
    let reads = |e: &&Exchange<'_>| {
        e.sent.method == Method::Get && e.path() == "/ServiceProviderConfig" && e.succeeded()
    };
    play.exchanges.iter().find(reads)?.reply()
}

/// The exchanges that the target answered with success although there was nothing to give: the probes of a stranger, and what
/// is asked of a resource that never was, is another customer's, or is deleted. That they succeed is judged; in which form is of no account then.
fn wrongly_granted(play: &Play<'_>) -> BTreeSet<u64> {
    let mut deleted = BTreeSet::new();
    let mut granted = BTreeSet::new();
    for exchange in play.exchanges.iter().filter(|e| e.succeeded()) {
        let by = &exchange.sent.by;
        let key = split_target(&exchange.sent.target);
        let of_another = |id: &str| id == "tenant/objects-stay-inside" && !by.other_tenant;
        let refusable = |id: &String| {
            id.starts_with("auth/")
                || id == "error/unknown-id-is-404"
                || (of_another(id) && key.is_some())
        };
        let of_nothing = by.judges.iter().any(refusable);
        if of_nothing || key.as_ref().is_some_and(|key| deleted.contains(key)) {
            granted.insert(exchange.sent.n);
        } else if exchange.sent.method == Method::Delete {
            deleted.extend(key);
        }
    }
    granted
}

fn check_messages(
    at: usize,
    play: &Play<'_>,
    told: Option<&Value>,
    exercised: &mut BTreeSet<(&'static str, String)>,
    drafts: &mut Vec<Draft>,
) {
    let wrongly_granted = wrongly_granted(play);
    for requirement in requirement::all() {
        let judge = |exchange: &Exchange<'_>| match requirement.check {
            Check::Message(check) => check(exchange),
            Check::Told(check) => told.map_or(Judged::NotApplicable, |told| check(exchange, told)),
            Check::Probe(_) | Check::State => Judged::NotApplicable,
        };
        if matches!(requirement.check, Check::Probe(_) | Check::State) {
            continue;
        }
        // Each of a vendor's tests is a matter of its own; otherwise one play shows one outcome once.
        let mut own: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for exchange in &play.exchanges {
            let judged = exchange.status().is_some() && exchange.is_scim();
            if !judged || wrongly_granted.contains(&exchange.sent.n) {
                continue;
            }
            match judge(exchange) {
                Judged::NotApplicable => {}
                Judged::Pass => {
                    exercised.insert((requirement.id, play.idp.to_owned()));
                }
                Judged::Fail(violation) => {
                    let demand = exchange.sent.by.demand.as_ref();
                    let test = demand.map_or("", |demand| demand.test.as_str());
                    let n = *own.entry((violation.outcome, test)).or_insert_with(|| {
                        drafts.push(Draft::of_violation(
                            at,
                            play,
                            requirement,
                            &violation,
                            exchange,
                        ));
                        drafts.len() - 1
                    });
                    if !drafts[n].exchanges.contains(&exchange.sent.n) {
                        drafts[n].exchanges.push(exchange.sent.n);
                    }
                }
            }
        }
    }
}

fn check_probes(
    at: usize,
    play: &Play<'_>,
    exercised: &mut BTreeSet<(&'static str, String)>,
    drafts: &mut Vec<Draft>,
) {
    let judges = play.exchanges.iter().flat_map(|e| &e.sent.by.judges);
    for id in judges.collect::<BTreeSet<_>>() {
        let Some(requirement) = requirement::find(id) else {
            continue;
        };
        let Check::Probe(check) = requirement.check else {
            continue;
        };
        let exchanges = requirement::asked(&play.exchanges, id);
        match check(&exchanges) {
            Judged::NotApplicable => {}
            Judged::Pass => {
                exercised.insert((requirement.id, play.idp.to_owned()));
            }
            Judged::Fail(violation) => {
                let Some(first) = exchanges.first() else {
                    continue;
                };
                let mut draft = Draft::of_violation(at, play, requirement, &violation, first);
                draft.exchanges = exchanges.iter().map(|e| e.sent.n).collect();
                drafts.push(draft);
            }
        }
    }
}

/// Which requirements a play put to the test without breaking them.
fn note_exercised(
    play: &Play<'_>,
    evidence: &Evidence,
    exercised: &mut BTreeSet<(&'static str, String)>,
) {
    let mut note = |id: &'static str| {
        exercised.insert((id, play.idp.to_owned()));
    };
    for form in evidence.worked.iter().flat_map(|part| &part.forms) {
        note(form.requirement());
    }
    if evidence.compared > 0 {
        note("lifecycle/state-as-promised");
    }
    for write in play.writes().filter(|w| w.succeeded()) {
        note("identity/no-stranger-is-linked");
        for part in shape::parts(write) {
            if play.abreast && abreast::changes_members(&part) {
                note("group/overlapping-changes-are-kept");
            }
            part.forms
                .iter()
                .filter_map(|form| form.overreach())
                .for_each(&mut note);
        }
    }
    for act in &play.steps {
        for promise in act.promises {
            match promise.aspect {
                Aspect::Found if promise.line == "person/inactive-is-still-found" => {
                    note("user/inactive-user-is-found");
                }
                Aspect::Found => {
                    note("filter/user-name-lookup");
                    note("filter/finds-what-exists");
                    note("user/user-name-unique");
                }
                Aspect::Imported => note("import/everybody-once"),
                Aspect::GroupName => note("filter/group-name-lookup"),
                _ => {}
            }
            if let Some(id) = door::requirement(promise).filter(|_| door::is_seen(act, promise)) {
                note(id);
            }
        }
        if act.looks.iter().any(|look| look.settled.is_some()) {
            note("consistency/reads-follow-writes");
        }
    }
    let lookups = play.exchanges.iter().filter_map(|e| e.parameter("filter"));
    if lookups
        .into_iter()
        .any(|filter| evidence::has_special_characters(&filter))
    {
        note("filter/special-characters");
    }
}

fn assemble(
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

/// Why a finding does not count by the rules, if it does not.
pub(super) fn advice(level: Level, confidence: Confidence, rules: &Rules) -> Option<Advice> {
    let sure = rules.strict_inferred || confidence >= Confidence::Captured;
    match (rules.fail_on.contains(&level), sure) {
        (true, true) => None,
        (true, false) => Some(Advice::Basis),
        (false, _) => Some(Advice::Level),
    }
}
