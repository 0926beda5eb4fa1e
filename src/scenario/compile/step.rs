//! The steps of a story, one after the other.

use super::cast::Cast;
use super::deed;
use super::expect;
use super::probe;
use crate::directory::Event;
use crate::scenario::diagnostic::{Mistake, Span};
use crate::scenario::syntax::{self, AT_ONCE, Action, Field, Items, Spot, Together};
use crate::scenario::{Step, StepKind};
use crate::wire::Disturbance;
use crate::yaml::Notes;

/// Compiles steps one after the other; a probe may use what an earlier one captured.
pub(super) struct Compiler<'a> {
    pub(super) cast: &'a Cast,
    text: &'a str,
    pub(super) notes: &'a mut Notes,
    captured: Vec<String>,
    /// The names that groups got so far.
    pub(super) renamed: Vec<String>,
}

impl<'a> Compiler<'a> {
    pub(super) fn new(cast: &'a Cast, text: &'a str, notes: &'a mut Notes) -> Self {
        Self {
            cast,
            text,
            notes,
            captured: cast.names().map(str::to_owned).collect(),
            renamed: Vec::new(),
        }
    }

    pub(super) fn steps(mut self, steps: Vec<Spot<syntax::Step>>) -> Vec<Step> {
        steps.into_iter().flat_map(|step| self.step(step)).collect()
    }

    /// An expectation of several subjects is a step for each.
    fn step(&mut self, Spot { value: step, span }: Spot<syntax::Step>) -> Vec<Step> {
        let line = span.line(self.text);
        let disturbances = step.disturb.read().unwrap_or_default().0;
        let disturb = disturbances
            .into_iter()
            .filter_map(|d| self.disturbance(d))
            .collect::<Vec<_>>();
        let at_once = self.at_once(step.at_once);
        let made = |action: String, kind: StepKind| Step {
            line,
            action,
            kind,
            disturb: Vec::new(),
            at_once,
        };
        let span = step.action.span;
        match step.action.value {
            Action::Expect(expects) => {
                self.calm(&disturb, "an expectation", span);
                let expectations = expects
                    .0
                    .into_iter()
                    .flat_map(|expect| self.expect(expect, span, false));
                let steps = expectations.map(|e| made(expect::say(&e), StepKind::Expect(e)));
                steps.collect()
            }
            Action::Given(expects) => {
                self.calm(&disturb, "what is given", span);
                let expectations = expects
                    .0
                    .into_iter()
                    .flat_map(|expect| self.expect(expect, span, true));
                let steps = expectations.map(|e| made(expect::say(&e), StepKind::Expect(e)));
                steps.collect()
            }
            Action::Probe(written) => {
                self.calm(&disturb, "a probe", span);
                let action = format!("probe {}", syntax::shorten(&written.send.text));
                let probe = probe::compile(*written, &mut self.captured, self.notes);
                probe
                    .map(|probe| made(action, StepKind::Probe(Box::new(probe))))
                    .into_iter()
                    .collect()
            }
            action if deed::is_deed(&action) => {
                self.calm(&disturb, "what happens at the product", span);
                let (action, deeds) = self.deeds(action, span);
                vec![made(action, StepKind::Deeds(deeds))]
            }
            Action::Together(Items(parts)) => {
                let (actions, events): (Vec<_>, Vec<_>) =
                    parts.into_iter().map(|part| self.part(part.value)).unzip();
                let events: Vec<Event> = events.into_iter().flatten().collect();
                if actions.len() < 2 {
                    let mistake = Mistake::wrong(
                        "one thing alone does not happen together",
                        "write it as a step of its own, or add what happens with it",
                    );
                    self.notes.add(mistake, span);
                }
                let step = made(
                    format!("together: {}", actions.join(", ")),
                    StepKind::Events(events),
                );
                vec![Step { disturb, ..step }]
            }
            action => {
                let (action, events) = self.events(action, span);
                vec![Step {
                    disturb,
                    ..made(action, StepKind::Events(events))
                }]
            }
        }
    }

    /// How many jobs run at the same time.
    fn at_once(&mut self, written: Field<Spot<u32>>) -> usize {
        let Some(written) = written.read() else {
            return 1;
        };
        if !(1..=AT_ONCE).contains(&written.value) {
            let message = format!("{} jobs cannot run at the same time", written.value);
            let mistake = Mistake::wrong(message, format!("write a number from 1 to {AT_ONCE}"));
            self.notes.add(mistake, written.span);
        }
        usize::try_from(written.value).unwrap_or(1).max(1)
    }

    fn part(&mut self, together: Together) -> (String, Vec<Event>) {
        let Spot {
            value: action,
            span,
        } = together.action;
        let what = match &action {
            Action::Together(_) => "`together`",
            Action::Expect(_) => "an expectation",
            Action::Given(_) => "what is given",
            Action::Probe(_) => "a probe",
            action if deed::is_deed(action) => "what happens at the product",
            _ => return self.events(action, span),
        };
        let what = what.to_owned();
        self.notes.add(Mistake::NotTogether { what }, span);
        (String::new(), Vec::new())
    }

    fn calm(&mut self, disturb: &[Disturbance], what: &str, span: Span) {
        if !disturb.is_empty() {
            let what = what.to_owned();
            self.notes.add(Mistake::NotDisturbed { what }, span);
        }
    }
}
