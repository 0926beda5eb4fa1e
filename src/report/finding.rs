//! What a target does wrong: findings, the causes that explain them, and what the baseline made of them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fact::Confidence;
use crate::requirement::{Impact, Level};

/// One violation, with the exchanges that show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// A fingerprint that is the same in every run that finds the same.
    pub id: String,
    /// The id of the cause that explains it.
    pub cause: String,
    /// The id of the requirement that is violated.
    pub requirement: String,
    /// The way in which it is violated, such as `ignored`.
    pub outcome: String,
    /// How binding the requirement is for this IdP.
    pub level: Level,
    /// What it costs the customer.
    pub impact: Impact,
    /// Whether it counts.
    pub standing: Standing,
    /// Why it is advice, where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<Advice>,
    /// The baseline's entry that knows it.
    #[serde(default)]
    pub known: Option<Known>,
    /// The variant that was simulated, or `rfc` for the prober.
    pub idp: String,
    /// The story.
    pub scenario: String,
    /// The step of the story.
    #[serde(default)]
    pub step: Option<Step>,
    /// Whom or what it is about, such as `person ada`.
    #[serde(default)]
    pub subject: Option<String>,
    /// Which value it is about, such as `active`.
    #[serde(default)]
    pub attribute: Option<String>,
    /// What a right target does, in a phrase.
    pub expected: String,
    /// What this target did, in a phrase.
    pub observed: String,
    /// Promised against observed state. Empty where a message is wrong and not a state.
    #[serde(default)]
    pub differences: Vec<Difference>,
    /// What happened, in one sentence.
    pub message: String,
    /// How to mend it, in one sentence.
    pub fix: String,
    /// What the IdP's administrator sees of it, where that is known.
    #[serde(default)]
    pub admin_sees: Option<String>,
    /// What it means for which IdP's customers.
    pub customers: String,
    /// The section of the RFC or the vendor's page that says so.
    pub source: String,
    /// How sure it is that the IdP sends the deciding request.
    pub confidence: Confidence,
    /// The numbers of the exchanges that show it, the deciding one first.
    pub exchanges: Vec<u64>,
}

/// A promised value and what the target has in its place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// Of whom or what, such as `group engineering`.
    pub subject: String,
    /// Which value, such as `member bob`.
    pub attribute: String,
    /// What the customer was promised.
    pub promised: String,
    /// What the target has.
    pub observed: String,
}

/// The step of a story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Step {
    /// Its place in the story, counted from 0.
    pub index: usize,
    /// What the administrator did, such as `unassign ada`.
    pub action: String,
    /// The story's file.
    #[serde(default)]
    pub file: Option<String>,
    /// The line in it.
    #[serde(default)]
    pub line: Option<u32>,
}

/// Whether a finding counts. The order is that of urgency.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    /// It makes the run fail.
    Fails,
    /// It is told and does not make the run fail: its level is not in `--fail-on`, or the deciding request is only
    /// reported or inferred.
    Advice,
    /// The baseline knows it.
    Known,
}

/// Why a finding does not make the run fail.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Advice {
    /// Its level is not in `--fail-on`.
    Level,
    /// That the IdP sends the deciding request is only reported or inferred.
    Basis,
}

/// What the baseline says about a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Known {
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it is accepted.
    #[serde(default)]
    pub until: Option<String>,
}

/// One defect that explains several findings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Cause {
    /// An id that is the same in every run that finds the same.
    pub id: String,
    /// The defect, as a sentence without a full stop.
    pub title: String,
    /// The requirement that is violated.
    pub requirement: String,
    /// The way in which it is violated.
    pub outcome: String,
    /// How binding the requirement is: the level of its first finding.
    pub level: Level,
    /// What it costs: the worst of its findings.
    pub impact: Impact,
    /// Whether it counts: the most urgent of its findings.
    pub standing: Standing,
    /// How to mend it, in one line.
    pub fix: String,
    /// The section of the RFC or the vendor's page that says so.
    pub source: String,
    /// How sure it is that an IdP sends the deciding request: the surest of its findings.
    pub confidence: Confidence,
    /// The variants in which it shows, sorted.
    pub idps: Vec<String>,
    /// The places of its findings in the report's list.
    pub findings: Vec<usize>,
}

/// An entry of the baseline that no longer holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StaleEntry {
    /// The requirement that it names.
    pub requirement: String,
    /// The outcome that it names.
    pub outcome: String,
    /// The IdPs that it names.
    pub idps: Vec<String>,
    /// Why it was accepted.
    pub reason: String,
    /// The last day on which it was accepted.
    #[serde(default)]
    pub until: Option<String>,
    /// The line of the baseline file.
    pub line: u32,
    /// Why it no longer holds.
    pub why: StaleWhy,
}

/// Why an entry of the baseline no longer holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StaleWhy {
    /// Its last day is over.
    Expired,
    /// It was exercised and did not happen.
    NotHappening,
}
