//! What is known of the IdPs, and how sure it is.
//!
//! Every request and every promise names the fact it rests on; reports say how sure that fact is, so that nobody takes a
//! conclusion of ours for the vendor's word.

mod reference;
mod table;

pub use reference::{Holds, NoReference, Reference};
pub use table::{Fact, Source, all, find, sources};

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How sure it is that the real IdP behaves so.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Our conclusion; no source states it.
    Inferred,
    /// A third party says so, without a capture.
    Reported,
    /// Taken from a real tenant's traffic.
    Captured,
    /// The vendor says so.
    Documented,
}

/// Where the knowledge of a request's shape comes from: an id of `fixtures/facts.toml`, and how sure it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Basis {
    /// The id of a fact, such as `okta/8.3/4`, or of a section, such as `okta/8.3`.
    pub fact: Cow<'static, str>,
    /// How sure the fact is.
    pub confidence: Confidence,
}

impl Basis {
    /// A fact that the vendor states.
    pub const fn documented(fact: &'static str) -> Self {
        Self::of(fact, Confidence::Documented)
    }

    /// A fact seen in a real tenant's traffic.
    pub const fn captured(fact: &'static str) -> Self {
        Self::of(fact, Confidence::Captured)
    }

    /// A fact that third parties report.
    pub const fn reported(fact: &'static str) -> Self {
        Self::of(fact, Confidence::Reported)
    }

    /// A conclusion of ours.
    pub const fn inferred(fact: &'static str) -> Self {
        Self::of(fact, Confidence::Inferred)
    }

    const fn of(fact: &'static str, confidence: Confidence) -> Self {
        Self {
            fact: Cow::Borrowed(fact),
            confidence,
        }
    }
}
