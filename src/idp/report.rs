//! What became of an IdP's jobs.

use serde::{Deserialize, Serialize};

use crate::directory::Subject;
use crate::wire::Basis;

/// One of the IdP's jobs and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobReport {
    /// What the job was, such as `create user`.
    pub job: String,
    /// About whom or what.
    pub subject: Option<Subject>,
    /// What became of it.
    pub outcome: Outcome,
}

/// What became of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The IdP believes that the target is as it should be.
    Done,
    /// The IdP sends nothing for this, by its own rules.
    SendsNothing {
        /// Why, as a short phrase.
        why: String,
        /// How that is known.
        basis: Basis,
    },
    /// The IdP gave up.
    Stopped {
        /// The exchange after which it gave up, if it was one.
        exchange: Option<u64>,
        /// Why, as a sentence of ours.
        why: String,
        /// What the IdP's administrator sees.
        admin_sees: String,
        /// How it is known that the IdP stops here.
        basis: Basis,
    },
    /// The IdP has read the target's people or groups.
    Imported {
        /// The ids in the order in which they came, repeats included.
        ids: Vec<String>,
    },
    /// The run's bounds ended the job, so nothing can be said about the target.
    Inconclusive {
        /// Why, as a sentence.
        why: String,
    },
}
