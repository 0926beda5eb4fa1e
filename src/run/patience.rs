//! Patience with a target whose reads lag behind its writes: when the answer to a probe may be older than what was written.
//!
//! A probe is judged by what it reads, so a read that may lag is asked again until the target had time to settle, as the
//! auditor looks again. Only the last answer counts.

use std::collections::BTreeMap;

use super::play::Play;
use super::prober;
use super::tape::Line;
use crate::requirement::{self, Check, Judged};
use crate::scenario::{Credentials, StepKind};
use crate::wire::tape::By;
use crate::wire::{Exchange, Method, Wire, split_target};

/// The probes of one story, and how long the target may take to settle.
pub(super) struct Patience<'a> {
    play: &'a Play<'a>,
    /// Where the story begins on the tape.
    start: usize,
    /// The steps in which probes have read since one has written.
    reads: Vec<usize>,
}

impl<'a> Patience<'a> {
    /// For a play that begins there on the tape.
    pub(super) fn new(play: &'a Play<'a>, start: usize) -> Self {
        let reads = Vec::new();
        Self { play, start, reads }
    }

    /// Sends the probe of that step. Where what it reads may be older than what was written, everything that was read since
    /// is read again until the target had time to settle.
    ///
    /// # Errors
    /// A value that the probe needs is missing: the text says which.
    pub(super) async fn probe(
        &mut self,
        wire: &Wire,
        at: usize,
        values: &mut BTreeMap<String, String>,
    ) -> Result<(), String> {
        self.send(wire, at, values).await?;
        match &self.play.scenario.steps[at].kind {
            StepKind::Probe(spec) if spec.method.writes() => self.reads.clear(),
            StepKind::Probe(spec) if spec.credentials == Credentials::Right => self.reads.push(at),
            _ => return Ok(()),
        }
        let settle = self.play.settle;
        let start = wire.clock().real();
        let waited = || wire.clock().real().saturating_sub(start);
        while waited() < settle && self.may_lag(wire) {
            let pause = settle / 10;
            tokio::time::sleep(pause.min(settle.saturating_sub(waited()))).await;
            for at in &self.reads {
                self.send(wire, *at, values).await?;
            }
        }
        Ok(())
    }

    async fn send(
        &self,
        wire: &Wire,
        at: usize,
        values: &mut BTreeMap<String, String>,
    ) -> Result<(), String> {
        let StepKind::Probe(spec) = &self.play.scenario.steps[at].kind else {
            return Ok(());
        };
        let wire = wire.speaking(|context| context.by.step = Some(at));
        let other = self.play.other_tenant.as_ref();
        prober::probe(&wire, other, spec, &self.play.offer, values).await
    }

    /// Whether what the last probe has read may be older than what was written.
    fn may_lag(&self, wire: &Wire) -> bool {
        let by = &wire.context().by;
        self.play
            .tape
            .with_lines(self.start, |lines| may_lag(&exchanges(lines, by)))
    }
}

/// What was exchanged in that story, in order.
fn exchanges<'a>(lines: &'a [Line], by: &By) -> Vec<Exchange<'a>> {
    let mut answers = BTreeMap::new();
    for line in lines {
        if let Line::Answered(answered) = line {
            answers.insert(answered.n, answered);
        }
    }
    let sent = lines.iter().filter_map(|line| match line {
        Line::Sent(sent) if sent.by.idp == by.idp && sent.by.scenario == by.scenario => Some(sent),
        _ => None,
    });
    sent.map(|sent| Exchange::new(sent, answers.get(&sent.n).copied(), None))
        .collect()
}

/// Whether the last exchange is a read whose answer may be older than the writes before it: it shows what was there before
/// them, or it breaks a requirement that held until then.
fn may_lag(exchanges: &[Exchange<'_>]) -> bool {
    let Some((read, earlier)) = exchanges.split_last() else {
        return false;
    };
    let written = |e: &Exchange<'_>| !e.is_read() && e.succeeded();
    read.is_read()
        && earlier.iter().any(written)
        && (is_missing(read, earlier) || is_of_the_past(read, earlier) || breaks(exchanges))
}

/// Whether a resource that was made and not deleted is not found.
fn is_missing(read: &Exchange<'_>, earlier: &[Exchange<'_>]) -> bool {
    let Some((kind, id)) = split_target(&read.sent.target) else {
        return false;
    };
    let made = |e: &Exchange<'_>| {
        let here = !e.sent.by.other_tenant && e.path() == kind.path();
        here && e.sent.method == Method::Post && shows(e, &id)
    };
    let deleted = |e: &Exchange<'_>| {
        e.sent.method == Method::Delete && e.path() == read.path() && e.succeeded()
    };
    read.status() == Some(404) && earlier.iter().any(made) && !earlier.iter().any(deleted)
}

/// Whether a read is answered as it would have been before the last write of what it reads.
fn is_of_the_past(read: &Exchange<'_>, earlier: &[Exchange<'_>]) -> bool {
    let resource = split_target(&read.sent.target);
    let concerns = |e: &Exchange<'_>| match &resource {
        Some(_) => e.path() == read.path(),
        None => e.path().starts_with(read.path()),
    };
    let write = earlier
        .iter()
        .rposition(|e| !e.is_read() && e.succeeded() && concerns(e));
    let (Some(write), Some(now)) = (write, content(read)) else {
        return false;
    };
    let whole = !read.sent.target.contains('?');
    let same_place = |e: &&Exchange<'_>| {
        let same_read = e.is_read() && e.sent.target == read.sent.target && e.succeeded();
        let shown = |(_, id): &(_, String)| whole && shows(e, id);
        same_read || resource.as_ref().is_some_and(shown)
    };
    let before = earlier[..write].iter().rev().find(same_place);
    // A write may say itself that nothing is to change.
    let changed = content(&earlier[write]).as_ref() != Some(&now);
    changed && before.and_then(content) == Some(now)
}

/// What an answer shows, whatever the order of its members. What is said about resources may be newer than they are.
fn content(exchange: &Exchange<'_>) -> Option<serde_json::Value> {
    let answered = exchange.answered.filter(|_| exchange.succeeded())?;
    let mut body: serde_json::Value = serde_json::from_str(&answered.body).ok()?;
    let listed = body
        .get_mut("Resources")
        .and_then(|list| list.as_array_mut());
    for resource in listed.into_iter().flatten() {
        resource.as_object_mut()?.remove("meta");
    }
    body.as_object_mut()?.remove("meta");
    Some(body)
}

/// Whether the answer shows the resource of that id.
fn shows(exchange: &Exchange<'_>, id: &str) -> bool {
    let body = exchange.reply().filter(|_| exchange.succeeded());
    body.and_then(|body| body.get("id")?.as_str()) == Some(id)
}

/// Whether a requirement that the last exchange is judged by fails since that exchange, and did not before.
fn breaks(exchanges: &[Exchange<'_>]) -> bool {
    let Some((last, earlier)) = exchanges.split_last() else {
        return false;
    };
    let fails = |id: &str, exchanges: &[Exchange<'_>]| {
        let Some(Check::Probe(check)) = requirement::find(id).map(|r| r.check) else {
            return false;
        };
        matches!(check(&requirement::asked(exchanges, id)), Judged::Fail(_))
    };
    // What was read in vain in this step is no evidence of before.
    let first_try = earlier
        .iter()
        .position(|e| e.sent.by.step == last.sent.by.step);
    let before = &earlier[..first_try.unwrap_or(earlier.len())];
    let mut judges = last.sent.by.judges.iter();
    judges.any(|id| fails(id, exchanges) && !fails(id, before))
}
