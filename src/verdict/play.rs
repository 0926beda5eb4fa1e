//! One story with one variant, as the tape tells it.

use std::collections::BTreeMap;

use crate::directory::Subject;
use crate::model::{Observation, Presence, Promise};
use crate::run::tape::{Begin, Finish, Line, Skipped, Step};
use crate::wire::tape::{Answered, Failed};
use crate::wire::{Exchange, Method, Origin, split_target};

/// One story with one variant.
#[derive(Debug)]
pub(super) struct Play<'a> {
    pub(super) idp: &'a str,
    pub(super) scenario: &'a str,
    pub(super) begin: Option<&'a Begin>,
    pub(super) skipped: Option<&'a Skipped>,
    pub(super) finish: Option<&'a Finish>,
    /// Every exchange, in order.
    pub(super) exchanges: Vec<Exchange<'a>>,
    /// The steps, each with what was seen and promised in it.
    pub(super) steps: Vec<Act<'a>>,
    /// Whose resource an id stands for.
    pub(super) owners: BTreeMap<String, Subject>,
    /// The POSTs that were answered with the id of somebody who was known by it already, each with that somebody.
    pub(super) handed_over: BTreeMap<u64, Subject>,
    /// Whether the IdP sent a request before the one before was answered.
    pub(super) abreast: bool,
}

/// One step as it was played.
#[derive(Debug)]
pub(super) struct Act<'a> {
    pub(super) step: &'a Step,
    /// The looks taken in this step, each with the write it followed, if it followed one.
    pub(super) looks: Vec<Look<'a>>,
    pub(super) promises: &'a [Promise],
    /// The exchanges of the step, as indices into the play's.
    pub(super) exchanges: std::ops::Range<usize>,
}

/// One look at one subject.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look<'a> {
    pub(super) after: Option<u64>,
    pub(super) settled: Option<u64>,
    pub(super) seen: &'a Observation,
}

impl<'a> Play<'a> {
    /// The exchange of that number.
    pub(super) fn exchange(&self, n: u64) -> Option<&Exchange<'a>> {
        let at = self.exchanges.binary_search_by_key(&n, |e| e.sent.n).ok()?;
        self.exchanges.get(at)
    }

    /// Whose resource a request is about: the one its path names, else the one its job is about.
    pub(super) fn subject<'b>(&'b self, exchange: &'b Exchange<'a>) -> Option<&'b Subject> {
        match split_target(&exchange.sent.target) {
            Some((_, id)) => self.owners.get(&id),
            None => exchange.sent.by.subject.as_ref(),
        }
    }

    /// The IdP's writes, in order.
    pub(super) fn writes(&self) -> impl Iterator<Item = &Exchange<'a>> {
        self.exchanges
            .iter()
            .filter(|e| e.sent.by.origin == Origin::Idp && e.sent.method.writes())
    }
}

/// Reads the plays from a tape, in the order in which they began.
pub(super) fn plays(lines: &[Line]) -> Vec<Play<'_>> {
    let mut order: Vec<(&str, &str)> = Vec::new();
    let mut parts: BTreeMap<(&str, &str), Vec<&Line>> = BTreeMap::new();
    let mut whose: BTreeMap<u64, (&str, &str)> = BTreeMap::new();
    for line in lines {
        let key = match line {
            Line::Run(_) | Line::End(_) => continue,
            Line::Begin(l) => (l.idp.as_str(), l.scenario.as_str()),
            Line::Skipped(l) => (l.idp.as_str(), l.scenario.as_str()),
            Line::Observed(l) => (l.idp.as_str(), l.scenario.as_str()),
            Line::Promised(l) => (l.idp.as_str(), l.scenario.as_str()),
            Line::Step(l) => (l.idp.as_str(), l.scenario.as_str()),
            Line::Finish(l) => (l.idp.as_str(), l.scenario.as_str()),
            Line::Sent(l) => {
                let key = (l.by.idp.as_str(), l.by.scenario.as_str());
                whose.insert(l.n, key);
                key
            }
            Line::Answered(l) => match whose.get(&l.n) {
                Some(key) => *key,
                None => continue,
            },
            Line::Failed(l) => match whose.get(&l.n) {
                Some(key) => *key,
                None => continue,
            },
        };
        parts
            .entry(key)
            .or_insert_with(|| {
                order.push(key);
                Vec::new()
            })
            .push(line);
    }
    order
        .into_iter()
        .map(|key| read(key, parts.get(&key).map(Vec::as_slice).unwrap_or_default()))
        .collect()
}

fn read<'a>((idp, scenario): (&'a str, &'a str), lines: &[&'a Line]) -> Play<'a> {
    let mut answers: BTreeMap<u64, &Answered> = BTreeMap::new();
    let mut failures: BTreeMap<u64, &Failed> = BTreeMap::new();
    for line in lines {
        match line {
            Line::Answered(line) => {
                answers.insert(line.n, line);
            }
            Line::Failed(line) => {
                failures.insert(line.n, line);
            }
            _ => {}
        }
    }
    let mut under_way: Option<u64> = None;
    let mut play = Play {
        idp,
        scenario,
        begin: None,
        skipped: None,
        finish: None,
        exchanges: Vec::new(),
        steps: Vec::new(),
        owners: BTreeMap::new(),
        handed_over: BTreeMap::new(),
        abreast: false,
    };
    let mut looks = Vec::new();
    let mut promises: &[Promise] = &[];
    let mut first = 0;
    for line in lines {
        match line {
            Line::Begin(line) => play.begin = Some(line),
            Line::Skipped(line) => play.skipped = Some(line),
            Line::Finish(line) => play.finish = Some(line),
            Line::Sent(sent) => {
                let answered = answers.get(&sent.n).copied();
                let failed = failures.get(&sent.n).copied();
                let exchange = Exchange::new(sent, answered, failed);
                learn_owner(&mut play, &exchange);
                play.exchanges.push(exchange);
                if sent.by.origin == Origin::Idp {
                    play.abreast |= under_way.is_some();
                    under_way = Some(sent.n);
                }
            }
            Line::Observed(line) => {
                if let Presence::Here(id) = &line.observation.presence {
                    play.owners
                        .entry(id.clone())
                        .or_insert_with(|| line.observation.subject.clone());
                }
                looks.push(Look {
                    after: line.after,
                    settled: line.settled,
                    seen: &line.observation,
                });
            }
            Line::Promised(line) => promises = &line.promises,
            Line::Step(step) => {
                play.steps.push(Act {
                    step,
                    looks: std::mem::take(&mut looks),
                    promises: std::mem::take(&mut promises),
                    exchanges: first..play.exchanges.len(),
                });
                first = play.exchanges.len();
            }
            Line::Answered(Answered { n, .. }) | Line::Failed(Failed { n, .. }) => {
                under_way = under_way.filter(|sent| sent != n);
            }
            Line::Run(_) | Line::End(_) => {}
        }
    }
    play
}

/// Whoever the POST was about owns the id that came back.
fn learn_owner(play: &mut Play<'_>, exchange: &Exchange<'_>) {
    if exchange.sent.method != Method::Post || !exchange.succeeded() || !exchange.is_scim() {
        return;
    }
    let id = exchange
        .reply()
        .and_then(|r| r.get("id"))
        .and_then(crate::scim::Value::as_str);
    if let (Some(id), Some(subject)) = (id, &exchange.sent.by.subject) {
        let before = play.owners.insert(id.to_owned(), subject.clone());
        if let Some(before) = before.filter(|before| before != subject) {
            play.handed_over.insert(exchange.sent.n, before);
        }
    }
}
