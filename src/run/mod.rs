//! One run: stories, variants and a target in; a tape out.
//!
//! Each story is played with each variant, one after the other: seeds, steps, read-back, clean-up. What it amounts to is
//! the verdict's matter, which reads the tape.

mod auditor;
mod bench;
mod cleanup;
mod constant;
mod door;
mod expectation;
mod known;
mod patience;
mod plan;
mod play;
mod population;
mod prober;
mod product;
pub mod rehearsal;
mod seed;
mod sweep;
pub mod tape;
mod target;
mod visit;

pub use bench::Bench;
pub use cleanup::Cleanup;
pub use plan::{Access, Endpoint, Over, PROBER, Plan, Progress};
pub use product::{
    Action, Administrators, Ask, Ban, Capture, CredentialKind, CredentialSpec, GrantRole,
    MakePerson, Mint, Part, Product, ProductError, Provisioning, ProvisioningToken, RoleGroup,
    Roles, Seats, SignIn, SignOn, Usage, is_template,
};
pub use sweep::{Remnant, Sweep, Swept, sweep};
pub use target::{CannotExamine, Offer};

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::directory::{AppSettings, Dice, Family, Instance};
use crate::idp::Variant;
use crate::scenario::{Scenario, StepKind};
use bench::Stand;
use play::Play;
use population::Marks;
use sha2::{Digest as _, Sha256};
use tape::{Begin, End, Head, Line, Skipped, Tape, TapeWriter, Text};

/// What a run leaves.
#[derive(Debug)]
pub struct Finished {
    /// The tape.
    pub tape: Tape,
    /// Why the tape's file is incomplete, if it is.
    pub tape_broken: Option<String>,
}

/// Why a run could not begin.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The tape's file cannot be created.
    #[error("the tape {path} cannot be written: {source}")]
    Tape {
        /// Which file.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The bundled server cannot be started, or the transport cannot be set up.
    #[error("{0}")]
    Bench(String),
}

/// Plays what the plan says and returns when everything is cleaned up.
///
/// `stopped` becomes true when the run is to be interrupted; `say` hears what begins.
///
/// # Errors
/// The run could not begin; nothing was sent.
pub async fn run(
    plan: &Plan,
    stopped: tokio::sync::watch::Receiver<bool>,
    mut say: impl FnMut(&Progress),
) -> Result<Finished, RunError> {
    let tape = TapeWriter::create(plan.tape.as_deref()).map_err(|source| RunError::Tape {
        path: plan
            .tape
            .as_ref()
            .map(|path| path.display().to_string())
            .unwrap_or_default(),
        source,
    })?;
    let bench = Bench::set_up(plan).await.map_err(RunError::Bench)?;
    tape.write(Line::Run(head(plan, &bench)));
    let ended = play_all(plan, &bench, &tape, &stopped, &mut say).await;
    let (complete, why, unexaminable) = match ended {
        Ended::Complete => (true, None, false),
        Ended::Interrupted => (false, Some("the run was interrupted".to_owned()), false),
        Ended::Unexaminable(why) => (false, Some(why), true),
    };
    tape.write(Line::End(End {
        complete,
        why,
        unexaminable,
        at: u64::try_from(bench.clock().real().as_millis()).unwrap_or(u64::MAX),
    }));
    bench.take_down().await;
    let (tape, tape_broken) = tape.finish();
    Ok(Finished { tape, tape_broken })
}

enum Ended {
    Complete,
    Interrupted,
    Unexaminable(String),
}

async fn play_all(
    plan: &Plan,
    bench: &Bench,
    tape: &TapeWriter,
    stopped: &tokio::sync::watch::Receiver<bool>,
    say: &mut impl FnMut(&Progress),
) -> Ended {
    let stand = bench.stand("examine");
    let stand = match stand {
        Ok(stand) => stand,
        Err(why) => return Ended::Unexaminable(why),
    };
    let wire = stand.wire(bench, tape, PROBER, "examine");
    let mut interrupted = stopped.clone();
    let offer = tokio::select! {
        offer = target::examine(&wire) => offer,
        _ = interrupted.wait_for(|stop| *stop) => return Ended::Interrupted,
    };
    bench.remove("examine");
    let offer = match offer {
        Ok(offer) => Arc::new(offer),
        Err(e) => return Ended::Unexaminable(e.to_string()),
    };
    let pairs = pairs(plan);
    let of = pairs.len();
    for (done, (variant, scenario)) in pairs.into_iter().enumerate() {
        let idp = variant.map_or(PROBER, |variant| variant.id.as_str());
        say(&Progress {
            done,
            of,
            idp: idp.to_owned(),
            scenario: scenario.id.clone(),
        });
        if let Err(reason) = play_one(plan, bench, tape, variant, scenario, &offer, stopped).await {
            tape.write(Line::Skipped(Skipped {
                idp: idp.to_owned(),
                scenario: scenario.id.clone(),
                reason,
            }));
        }
        if *stopped.borrow() {
            return Ended::Interrupted;
        }
        if bench.timeouts_in_a_row() >= play::TIMEOUTS {
            let why = format!(
                "the target stopped answering: {} requests in a row were not answered in time",
                play::TIMEOUTS
            );
            return Ended::Unexaminable(why);
        }
    }
    Ended::Complete
}

/// Every variant with every story; stories of probes once, with the prober.
fn pairs(plan: &Plan) -> Vec<(Option<&Variant>, &Scenario)> {
    let probes = plan
        .scenarios
        .iter()
        .filter(|s| is_probe(s))
        .map(|s| (None, s));
    let variants = plan.variants.iter().flat_map(|variant| {
        let stories = plan.scenarios.iter().filter(|s| !is_probe(s));
        stories
            .filter(|s| !s.once || first_suited(plan, s) == Some(&variant.id))
            .map(move |scenario| (Some(variant), scenario))
    });
    probes.chain(variants).collect()
}

/// The variant that plays a story of which one play is enough.
fn first_suited<'a>(plan: &'a Plan, scenario: &Scenario) -> Option<&'a String> {
    let mut variants = plan.variants.iter();
    let suited = variants.find(|variant| scenario.suits(&variant.base).is_ok());
    suited.map(|variant| &variant.id)
}

/// Whether a story is the prober's: nothing in it happens in an IdP.
fn is_probe(scenario: &Scenario) -> bool {
    let idp = |kind: &StepKind| matches!(kind, StepKind::Events(_));
    !scenario.steps.iter().any(|step| idp(&step.kind))
}

/// Plays one story with one variant.
///
/// # Errors
/// The story is not played with this variant; the text says why.
async fn play_one(
    plan: &Plan,
    bench: &Bench,
    tape: &TapeWriter,
    variant: Option<&Variant>,
    scenario: &Scenario,
    offer: &Arc<Offer>,
    stopped: &tokio::sync::watch::Receiver<bool>,
) -> Result<(), String> {
    let idp = variant.map_or(PROBER, |variant| variant.id.as_str());
    if let Some(variant) = variant {
        scenario.suits(&variant.base).map_err(str::to_owned)?;
    }
    for need in &scenario.needs {
        offer.meets(*need)?;
    }
    for step in &scenario.steps {
        if let StepKind::Probe(probe) = &step.kind
            && let Some(beyond) = probe.beyond
        {
            offer.limit(beyond)?;
        }
    }
    let instance = Instance::new(plan.seed, idp, &scenario.id);
    let mut dice = Dice::new(plan.seed, idp, &scenario.id);
    let (family, app) = match variant {
        Some(variant) => (variant.family, variant.app.clone()),
        None => (Family::Okta, AppSettings::defaults(Family::Okta)),
    };
    let marks = Marks {
        instance: &instance,
        mail_domain: &plan.mail_domain,
        required: &plan.required,
    };
    let directory = marks
        .directory(scenario, family, app, &mut dice)
        .map_err(|e| e.to_string())?;
    let stand: Stand = bench.stand(instance.as_str())?;
    let product = stand.product.as_ref().map(|(product, _)| &**product);
    if let Some(why) = door::lacks(scenario, product) {
        bench.remove(instance.as_str());
        return Err(why);
    }
    let wire = stand.wire(bench, tape, idp, &scenario.id);
    let other = match scenario.needs_other_tenant() {
        true => Some(bench.other_stand(instance.as_str())?),
        false => None,
    };
    let play = Play {
        scenario,
        variant,
        marks,
        directory,
        dice,
        wire: match variant {
            Some(variant) => wire.with_constants(&variant.constants),
            None => wire,
        },
        tape: tape.clone(),
        offer: Arc::clone(offer),
        settle: plan.settle,
        product: stand.product.clone(),
        other_tenant: other
            .as_ref()
            .map(|stand| stand.wire(bench, tape, idp, &scenario.id)),
    };
    if let Some(variant) = variant {
        let dialect = variant.dialect(play.setup());
        let free = constant::free(&play.wire, scenario, &*dialect).await;
        if let Err(taken) = free {
            bench.remove(instance.as_str());
            return Err(taken);
        }
    }
    tape.write(Line::Begin(Begin {
        idp: idp.to_owned(),
        scenario: scenario.id.clone(),
        instance: instance.as_str().to_owned(),
        base: stand.base,
        other_base: other.map(|stand| stand.base),
    }));
    let finish = play.perform(stopped.clone()).await;
    bench.note_timeouts(play.wire.timeouts_in_a_row());
    tape.write(Line::Finish(finish));
    bench.remove(instance.as_str());
    Ok(())
}

/// The requirements that a story names, each once.
fn judges(scenario: &Scenario) -> Vec<String> {
    let all: BTreeSet<&str> = scenario.judges().collect();
    all.into_iter().map(str::to_owned).collect()
}

fn head(plan: &Plan, bench: &Bench) -> Head {
    let text = |scenario: &Scenario| Text {
        id: scenario.id.clone(),
        title: scenario.title.clone(),
        file: scenario.file.clone(),
        sha256: data_encoding::HEXLOWER.encode(&Sha256::digest(scenario.text.as_bytes())),
        text: scenario.text.clone(),
        judges: judges(scenario),
    };
    Head {
        tape: 1,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        seed: plan.seed,
        started: bench.clock().started().to_string(),
        target: bench.target().to_owned(),
        bundled: matches!(plan.endpoint, Endpoint::Bundled { .. }),
        idps: plan
            .variants
            .iter()
            .map(|variant| variant.id.clone())
            .collect(),
        scenarios: plan.scenarios.iter().map(text).collect(),
    }
}
