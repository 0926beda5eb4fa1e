//! The judgement of a whole tape.

use std::collections::{BTreeMap, BTreeSet};

use super::abreast;
use super::assemble::assemble;
use super::door;
use super::evidence::{self, Evidence};
use super::finding::Draft;
use super::play::{self, Play};
use super::shape;
use crate::fact::Confidence;
use crate::model::Aspect;
use crate::report::{Advice, Report};
use crate::requirement::{self, Check, Impact, Judged, Level};
use crate::run::tape::Tape;
use crate::scim::Value;
use crate::wire::{Exchange, Method, split_target};

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

/// Why a finding does not count by the rules, if it does not.
pub(super) fn advice(level: Level, confidence: Confidence, rules: &Rules) -> Option<Advice> {
    let sure = rules.strict_inferred || confidence >= Confidence::Captured;
    match (rules.fail_on.contains(&level), sure) {
        (true, true) => None,
        (true, false) => Some(Advice::Basis),
        (false, _) => Some(Advice::Level),
    }
}
