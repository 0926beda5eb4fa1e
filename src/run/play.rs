//! One story with one variant, from the first seed to the last clean-up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::auditor::Auditor;
use super::door::{Door, Halt, Undo};
use super::expectation::{bears, expected};
use super::patience::Patience;
use super::plan::PROBER;
use super::population::Marks;
use super::product::Product;
use super::tape::{Finish, Line, Promised, Skipped, Step as StepLine, TapeWriter};
use super::target::Offer;
use super::visit::given;
use super::{cleanup, door, seed};
use crate::directory::{AppSettings, Dice, Directory, Event, Push, Subject};
use crate::idp::{Dialect, JobReport, Outcome, Setup, Variant};
use crate::model::{Aspect, Datum, Observation, Policy, Presence, Promise, Seen, compare};
use crate::scenario::{Expectation, Scenario, Step, StepKind};
use crate::wire::{Beside, FailureKind, Wire};

/// How many requests in a row may go unanswered before a target counts as dead.
pub(super) const TIMEOUTS: u32 = 3;

/// What one play needs.
pub(super) struct Play<'a> {
    pub(super) scenario: &'a Scenario,
    /// The variant, or nothing for a story of probes.
    pub(super) variant: Option<&'a Variant>,
    pub(super) marks: Marks<'a>,
    pub(super) directory: Directory,
    pub(super) dice: Dice,
    pub(super) wire: Wire,
    pub(super) tape: TapeWriter,
    pub(super) offer: Arc<Offer>,
    pub(super) settle: std::time::Duration,
    /// The product behind the endpoint and the way there, if they are known.
    pub(super) product: Option<(Arc<Product>, Beside)>,
    /// Where the second customer's requests go, in the stories that have one.
    pub(super) other_tenant: Option<Wire>,
}

/// What is carried from step to step.
pub(super) struct Stage<'a> {
    pub(super) play: &'a Play<'a>,
    patience: Patience<'a>,
    pub(super) directory: Directory,
    pub(super) policy: Policy,
    dialect: Option<Box<dyn Dialect>>,
    pub(super) auditor: Auditor,
    pub(super) door: Option<Door>,
    pub(super) pending: BTreeSet<Subject>,
    /// The app's push rules, until they are set.
    rules: Vec<Event>,
    pub(super) values: BTreeMap<String, String>,
    inconclusive: Option<String>,
}

impl Play<'_> {
    fn idp(&self) -> &str {
        self.variant.map_or(PROBER, |variant| &variant.id)
    }

    /// Whether the administrator left the app as it comes. An author speaks of such an app: as it is set up otherwise, less
    /// may be promised than a story says aloud.
    fn app_is_new(&self) -> bool {
        let changed = |variant: &&Variant| variant.app != AppSettings::defaults(variant.family);
        self.variant.filter(changed).is_none()
    }

    /// Whether the administrator of the app switched nothing off that the product's promises hang on.
    fn app_does_all(&self) -> bool {
        let settings = &self.directory.settings;
        let features = &settings.features;
        let people = features.create && features.update && features.deactivate;
        people && features.push_groups && settings.rename_groups
    }

    /// Plays the story; `stopped` becomes true when the run is interrupted. Cleans up in every case.
    pub(super) async fn perform(&self, mut stopped: tokio::sync::watch::Receiver<bool>) -> Finish {
        let undo = Undo::default();
        let mut acting = std::pin::pin!(self.act(&undo));
        let ended = tokio::select! {
            ended = &mut acting => ended,
            _ = stopped.wait_for(|stop| *stop) => {
                tokio::select! {
                    _ = &mut acting => {}
                    () = self.halt() => {}
                }
                Err(Halt::Inconclusive("the run was interrupted".to_owned()))
            }
        };
        let inconclusive = match ended {
            Ok(inconclusive) => inconclusive,
            Err(Halt::Inconclusive(why)) => Some(why),
            Err(Halt::Skip(reason)) => {
                self.tape.write(Line::Skipped(Skipped {
                    idp: self.idp().to_owned(),
                    scenario: self.scenario.id.clone(),
                    reason,
                }));
                None
            }
        };
        // What was changed at the product comes first: where provisioning is off, nothing can be cleaned up.
        let mut left = undo.all().await;
        let mut cleaned = cleanup::clean(&self.wire).await;
        if let Some(other) = &self.other_tenant {
            cleaned.add(cleanup::clean(other).await);
        }
        left.append(&mut cleaned.left);
        Finish {
            idp: self.idp().to_owned(),
            scenario: self.scenario.id.clone(),
            inconclusive,
            gone: cleaned.gone,
            released: cleaned.released,
            left,
        }
    }

    /// Ends what is under way, and begins nothing more.
    async fn halt(&self) {
        self.wire.halt().await;
        if let Some(other) = &self.other_tenant {
            other.halt().await;
        }
    }

    /// The product's door.
    fn door(&self, undo: &Undo) -> Option<Door> {
        let (product, way) = self.product.as_ref()?;
        let (wire, product) = (self.wire.beside(way), Arc::clone(product));
        Some(Door::new(wire, product, self.password(), undo.clone()))
    }

    /// Whether the story is about people who leave: then their sessions and tokens are looked at.
    pub(super) fn is_of_leavers(&self) -> bool {
        self.scenario.tags.iter().any(|tag| tag == "offboarding")
    }

    /// The password of everybody who gets one by the story: of every kind of character that products ask for.
    fn password(&self) -> String {
        let drawn = self
            .dice
            .clone()
            .text(20, b"abcdefghijkmnpqrstuvwxyz23456789");
        format!("Aa1!{drawn}")
    }

    /// What the variant's dialect begins with.
    pub(super) fn setup(&self) -> Setup {
        let mark = self.marks.instance.as_str();
        Setup {
            dice: self.dice.clone(),
            test_email: format!("activation.{mark}@{}", self.marks.mail_domain),
            app: self.directory.settings.clone(),
        }
    }

    fn rules(&self) -> Vec<Event> {
        let rules = self.directory.settings.push_rules.iter();
        let events = rules.map(|rule| self.marks.event(&Event::PushRule(rule.clone())));
        events.collect()
    }

    async fn act(&self, undo: &Undo) -> Result<Option<String>, Halt> {
        let patience = Patience::new(self, self.tape.len());
        let family = self.directory.family;
        let base = self.variant.map_or(PROBER, |variant| &variant.base);
        let mut policy = Policy::new(base, family);
        if let Some(variant) = self.variant {
            policy = policy.under(variant.terms);
        }
        let seeded = seed::seed(&self.wire, self.scenario, &self.directory, &mut policy).await;
        seeded.map_err(Halt::Inconclusive)?;
        let auditor = Auditor::new(self.tape.clone(), Arc::clone(&self.offer), &self.directory);
        let mut stage = Stage {
            play: self,
            patience,
            directory: self.directory.clone(),
            policy,
            dialect: self.variant.map(|variant| variant.dialect(self.setup())),
            auditor,
            door: self.door(undo),
            pending: BTreeSet::new(),
            rules: self.rules(),
            values: self.values(),
            inconclusive: None,
        };
        stage.prologue().await;
        for (at, step) in self.scenario.steps.iter().enumerate() {
            stage.step(at, step).await?;
            if self.wire.timeouts_in_a_row() >= TIMEOUTS {
                return Err(Halt::Inconclusive(format!(
                    "{TIMEOUTS} requests in a row were not answered in time"
                )));
            }
        }
        stage.curtain().await;
        Ok(stage.inconclusive)
    }

    /// What a probe may name.
    fn values(&self) -> BTreeMap<String, String> {
        let mut values = self.marks.values();
        let named = self.scenario.text.contains("${password}");
        if named || door::uses_password(self.scenario) {
            let password = self.password();
            self.wire.mark_password(&password);
            values.insert("password".to_owned(), password);
        }
        let roles = self
            .product
            .as_ref()
            .and_then(|(product, _)| product.roles.as_ref());
        if let Some(role) = roles.and_then(|roles| roles.administrator.clone()) {
            values.insert("administrator".to_owned(), role);
        }
        values
    }
}

impl Stage<'_> {
    async fn step(&mut self, at: usize, step: &Step) -> Result<(), Halt> {
        let wire = self
            .play
            .wire
            .speaking(|context| context.by.step = Some(at))
            .bounded(step.at_once);
        for disturbance in &step.disturb {
            wire.disturb(disturbance.clone());
        }
        let outcome = match &step.kind {
            StepKind::Events(events) => {
                let done = self.events(&wire, at, step, events).await;
                done.map_err(Halt::Inconclusive)
            }
            StepKind::Expect(expectation) => self.expect(&wire, at, step, expectation).await,
            StepKind::Deeds(deeds) => {
                for deed in deeds {
                    self.deed(&wire, at, deed).await?;
                }
                // Who did something at the product may have changed what SCIM shows.
                self.auditor.doubt_everything();
                self.over(Some(at), step, Vec::new());
                Ok(())
            }
            StepKind::Probe(_) => {
                self.note_ids(&wire);
                let probed = self.patience.probe(&wire, at, &mut self.values).await;
                probed.map_err(Halt::Inconclusive)?;
                self.auditor.doubt_everything();
                self.over(Some(at), step, Vec::new());
                Ok(())
            }
        };
        wire.calm();
        outcome
    }

    async fn events(
        &mut self,
        wire: &Wire,
        at: usize,
        step: &Step,
        events: &[Event],
    ) -> Result<(), String> {
        let marked = events.iter().map(|event| self.play.marks.event(event));
        let events = self.with_rules(marked.collect());
        let before = self.directory.clone();
        let mut now = before.clone();
        for event in &events {
            now.apply(event).map_err(|e| e.to_string())?;
            if let Event::Wait { seconds } = event {
                wire.clock().skip(std::time::Duration::from_secs(*seconds));
            }
        }
        let Some(mut dialect) = self.dialect.take() else {
            return Err("a story of probes has no IdP that events could happen in".to_owned());
        };
        self.before_the_change(at, &events, &before, &now).await;
        let start = self.play.tape.len();
        let watched = wire.watched(Arc::new(self.auditor.clone()));
        let reports = dialect.perform(&events, &before, &now, &watched).await;
        self.policy.after(&before, &events, &now);
        self.directory = now;
        self.note_pending(&events, &reports, start);
        let subjects = self.subjects(&events, &reports, &before);
        self.audit(wire, &subjects, &*dialect).await;
        self.imported(wire, &reports);
        self.at_the_door(wire, at, &subjects).await;
        self.promise(Some(at), |promise| {
            subjects.contains(&promise.subject) || promise.aspect == Aspect::Imported
        });
        self.dialect = Some(dialect);
        self.over(Some(at), step, reports);
        Ok(())
    }

    /// The rules by which groups are pushed are set as soon as provisioning is on.
    fn with_rules(&mut self, events: Vec<Event>) -> Vec<Event> {
        let on = self.directory.provisioning;
        if !on && !events.contains(&Event::SwitchOnProvisioning) {
            return events;
        }
        let rules = std::mem::take(&mut self.rules).into_iter();
        if on {
            rules.chain(events).collect()
        } else {
            events.into_iter().chain(rules).collect()
        }
    }

    /// Whose jobs the wire itself disturbed, so that nothing can be said of the target yet.
    fn note_pending(&mut self, events: &[Event], reports: &[JobReport], start: usize) {
        let disturbed: BTreeSet<u64> = self.play.tape.with_lines(start, |lines| {
            let number = |line: &Line| match line {
                Line::Answered(a) if a.injected => Some(a.n),
                Line::Failed(f) if f.kind == FailureKind::Injected => Some(f.n),
                _ => None,
            };
            lines.iter().filter_map(number).collect()
        });
        for report in reports {
            let stopped_by_us = match &report.outcome {
                Outcome::Stopped { exchange, .. } => {
                    exchange.is_some_and(|n| disturbed.contains(&n))
                }
                Outcome::Inconclusive { why } => {
                    self.inconclusive.get_or_insert_with(|| why.clone());
                    true
                }
                Outcome::Done | Outcome::SendsNothing { .. } | Outcome::Imported { .. } => false,
            };
            match (&report.subject, stopped_by_us) {
                (Some(subject), true) => {
                    self.pending.insert(subject.clone());
                }
                (Some(subject), false) if report.outcome == Outcome::Done => {
                    self.pending.remove(subject);
                }
                // A whole cycle was cut short: whatever it was to do is open.
                (None, true) => {
                    let people = events.iter().flat_map(Event::people).cloned();
                    self.pending.extend(people.map(Subject::Person));
                    let groups = events.iter().filter_map(Event::group).cloned();
                    self.pending.extend(groups.map(Subject::Group));
                }
                _ => {}
            }
        }
    }

    /// Whom a step is judged by: whom its events and jobs are about, and the pushed groups of those people.
    fn subjects(
        &self,
        events: &[Event],
        reports: &[JobReport],
        before: &Directory,
    ) -> BTreeSet<Subject> {
        let mut subjects: BTreeSet<Subject> =
            reports.iter().filter_map(|r| r.subject.clone()).collect();
        for event in events {
            for key in event.people() {
                subjects.insert(Subject::Person(key.clone()));
                let groups = self.directory.pushed_groups_of(key);
                subjects.extend(groups.map(|group| Subject::Group(group.key.clone())));
            }
            subjects.extend(event.group().cloned().map(Subject::Group));
        }
        let turned = |group: &&crate::directory::Group| {
            before
                .group(&group.key)
                .is_some_and(|earlier| earlier.push != group.push)
        };
        let groups = self.directory.groups().filter(turned);
        subjects.extend(groups.map(|group| Subject::Group(group.key.clone())));
        // A group that is not pushed now and never was is nobody's business here.
        subjects.retain(|subject| match subject {
            Subject::Group(key) => self
                .directory
                .group(key)
                .is_some_and(|group| group.push != Push::Off),
            Subject::Person(_) => true,
        });
        subjects
    }

    async fn audit(&self, wire: &Wire, subjects: &BTreeSet<Subject>, dialect: &dyn Dialect) {
        for subject in subjects.difference(&self.pending) {
            self.look(wire, subject, dialect).await;
        }
    }

    /// Looks at a subject, and where what is seen differs from what is promised, again until the target had time to settle.
    async fn look(&self, wire: &Wire, subject: &Subject, dialect: &dyn Dialect) {
        let first = self.look_once(wire, subject, dialect, None).await;
        let settle = self.play.settle;
        if settle.is_zero() {
            return;
        }
        let promises = self.policy.promises(&self.directory);
        let start = wire.clock().real();
        let mut seen = first;
        while !compare(&promises, &seen).divergences.is_empty() {
            let waited = wire.clock().real().saturating_sub(start);
            if waited >= settle {
                return;
            }
            tokio::time::sleep((settle / 10).min(settle.saturating_sub(waited))).await;
            self.auditor.doubt_everything();
            let waited = wire.clock().real().saturating_sub(start);
            seen = self.look_once(wire, subject, dialect, Some(waited)).await;
        }
    }

    async fn look_once(
        &self,
        wire: &Wire,
        subject: &Subject,
        dialect: &dyn Dialect,
        settled: Option<std::time::Duration>,
    ) -> Observation {
        match subject {
            Subject::Person(key) => {
                let person = self.directory.person(key);
                self.auditor
                    .person(wire, key, person, dialect, settled)
                    .await
            }
            Subject::Group(key) => self.auditor.group(wire, key, settled).await,
        }
    }

    /// Counts how often each prepared person turned up in an import.
    fn imported(&self, wire: &Wire, reports: &[JobReport]) {
        let ids: Vec<&String> = reports
            .iter()
            .filter_map(|report| match &report.outcome {
                Outcome::Imported { ids } => Some(ids),
                _ => None,
            })
            .flatten()
            .collect();
        if ids.is_empty()
            && !reports
                .iter()
                .any(|r| matches!(r.outcome, Outcome::Imported { .. }))
        {
            return;
        }
        for person in self.directory.people() {
            let subject = Subject::Person(person.key.clone());
            let Some(id) = wire.guard().of(&subject).map(|owned| owned.id.clone()) else {
                continue;
            };
            let times = ids.iter().filter(|other| ***other == id).count();
            let times = Datum::Count(u32::try_from(times).unwrap_or(u32::MAX));
            let mut seen = self.auditor.last(&subject).unwrap_or(Observation {
                subject,
                exchanges: Vec::new(),
                presence: Presence::Here(id),
                values: BTreeMap::new(),
            });
            seen.values.insert(Aspect::Imported, Seen::Value(times));
            self.auditor.note(wire, seen);
        }
    }

    async fn expect(
        &mut self,
        wire: &Wire,
        at: usize,
        step: &Step,
        expectation: &Expectation,
    ) -> Result<(), Halt> {
        let subject = &expectation.subject;
        let mut promises = expected(expectation);
        if !self.play.app_is_new() {
            let promised = self.policy.promises(&self.directory);
            let does_all = self.play.app_does_all();
            promises.retain(|p| match p.aspect.is_at_the_door() {
                true => does_all,
                false => promised.iter().any(|q| bears(q, p)),
            });
        }
        let at_the_endpoint = |promise: &Promise| !promise.aspect.is_at_the_door();
        if promises.iter().any(at_the_endpoint)
            && let Some(dialect) = self.dialect.take()
        {
            self.look(wire, subject, &*dialect).await;
            self.dialect = Some(dialect);
        }
        let own: Vec<Promise> = promises
            .iter()
            .filter(|promise| promise.aspect.is_at_the_door())
            .cloned()
            .collect();
        let seen = self.see(wire, at, subject, &expectation.door, &own).await;
        if expectation.given {
            self.over(Some(at), step, Vec::new());
            return given(&own, seen);
        }
        if let Some(seen) = seen {
            self.auditor.note(wire, seen);
        }
        self.write_promises(Some(at), promises);
        self.over(Some(at), step, Vec::new());
        Ok(())
    }

    /// Looks at what was prepared, so that it is known what the IdP's first write finds.
    async fn prologue(&mut self) {
        let Some(dialect) = self.dialect.take() else {
            return;
        };
        let wire = self.play.wire.clone();
        for subject in self.policy.seeds() {
            match subject {
                Subject::Person(key) => {
                    self.auditor.person(&wire, key, None, &*dialect, None).await;
                }
                Subject::Group(key) => {
                    self.auditor.group(&wire, key, None).await;
                }
            }
        }
        self.dialect = Some(dialect);
    }

    /// After the last step everybody is looked at once more who was not since the last write: nobody else may have changed.
    async fn curtain(&mut self) {
        let Some(dialect) = self.dialect.take() else {
            return;
        };
        let wire = self.play.wire.clone();
        let people = self
            .directory
            .people()
            .map(|p| Subject::Person(p.key.clone()));
        let groups = self
            .directory
            .groups()
            .map(|g| Subject::Group(g.key.clone()));
        let all: BTreeSet<Subject> = people.chain(groups).collect();
        let stale: BTreeSet<Subject> = all
            .into_iter()
            .filter(|s| !self.auditor.is_fresh(s))
            .collect();
        for subject in stale.difference(&self.pending) {
            let known = wire.guard().of(subject).is_some();
            match subject {
                // Whoever has no record of ours is looked for by name.
                Subject::Person(key) => {
                    let person = self.directory.person(key).filter(|_| !known);
                    self.auditor
                        .person(&wire, key, person, &*dialect, None)
                        .await;
                }
                Subject::Group(key) => {
                    self.auditor.group(&wire, key, None).await;
                }
            }
        }
        self.promise(None, |promise| {
            stale.contains(&promise.subject) && promise.aspect != Aspect::Imported
        });
        let end = Step {
            line: 0,
            action: "after the last step".to_owned(),
            kind: StepKind::Events(Vec::new()),
            disturb: Vec::new(),
            at_once: 1,
        };
        self.over(None, &end, Vec::new());
    }

    fn promise(&self, at: Option<usize>, about: impl Fn(&Promise) -> bool) {
        let mut promises = self.policy.promises(&self.directory);
        promises.retain(about);
        self.write_promises(at, promises);
    }

    fn write_promises(&self, step: Option<usize>, promises: Vec<Promise>) {
        self.play.tape.write(Line::Promised(Promised {
            idp: self.play.idp().to_owned(),
            scenario: self.play.scenario.id.clone(),
            step,
            promises,
        }));
    }

    fn over(&self, at: Option<usize>, step: &Step, reports: Vec<JobReport>) {
        self.play.tape.write(Line::Step(StepLine {
            idp: self.play.idp().to_owned(),
            scenario: self.play.scenario.id.clone(),
            step: at,
            action: step.action.clone(),
            at_line: step.line,
            reports,
            pending: self.pending.iter().cloned().collect(),
        }));
    }
}
