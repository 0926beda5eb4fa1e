//! The facts as data: `fixtures/facts.toml`, which is part of the program.

use std::sync::LazyLock;

use serde::Deserialize;

use super::Confidence;

/// One thing that is known of an IdP.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fact {
    /// The id, such as `okta/8.3/4`.
    pub id: String,
    /// What is known, in one line, corrections applied.
    pub statement: String,
    /// How sure it is.
    pub confidence: Confidence,
    /// Where it is from: names of `fixtures/sources.toml`, threads and issues, parted by `; `.
    pub source: String,
    /// The correction that changed it, if one did.
    #[serde(default)]
    pub corrected_by: Option<String>,
    /// What holds it here, each as [`super::Reference`] reads it.
    pub covered: Vec<String>,
    /// Why nothing here sends or decides it; empty where something does.
    pub not_sent: String,
}

impl Fact {
    /// The IdP it is about, by its id's first part: `okta`, `entra`, `jumpcloud`; a correction's prefix tells.
    pub fn idp(&self) -> &'static str {
        let starts = |prefix: &str| self.id.starts_with(prefix);
        if starts("okta/") || starts("corrections/OK-") {
            "okta"
        } else if starts("entra/") || starts("corrections/EN-") {
            "entra"
        } else if starts("jumpcloud/") || starts("corrections/JC-") {
            "jumpcloud"
        } else {
            "other"
        }
    }

    /// Whether it is held, or the reason stands why nothing could hold it.
    pub fn accounted_for(&self) -> bool {
        !self.covered.is_empty() || !self.not_sent.is_empty()
    }

    /// Whether an id that somebody cites means this fact: its own, or that of a section that holds it.
    pub fn is_meant_by(&self, cited: &str) -> bool {
        self.id
            .strip_prefix(cited)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.']))
    }
}

/// Every fact, in the order of the table.
pub fn all() -> &'static [Fact] {
    static FACTS: LazyLock<Vec<Fact>> = LazyLock::new(|| {
        #[derive(Deserialize)]
        struct Table {
            fact: Vec<Fact>,
        }
        let text = include_str!("../../fixtures/facts.toml");
        match toml::from_str::<Table>(text) {
            Ok(table) => table.fact,
            Err(error) => unreachable!("a test reads the table before anybody else does: {error}"),
        }
    });
    &FACTS
}

/// The fact of that id.
pub fn find(id: &str) -> Option<&'static Fact> {
    all().iter().find(|fact| fact.id == id)
}

/// One place that facts were taken from.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The name that facts use.
    pub name: String,
    /// Who published it.
    pub publisher: String,
    /// Whether it is a vendor's word, a capture, or somebody else's.
    pub kind: String,
    /// How a reader finds it.
    #[serde(rename = "where")]
    pub place: String,
}

/// Every source with a name of its own, in the order of `fixtures/sources.toml`.
pub fn sources() -> &'static [Source] {
    static SOURCES: LazyLock<Vec<Source>> = LazyLock::new(|| {
        #[derive(Deserialize)]
        struct Table {
            source: Vec<Source>,
        }
        let text = include_str!("../../fixtures/sources.toml");
        match toml::from_str::<Table>(text) {
            Ok(table) => table.source,
            Err(error) => unreachable!("a test reads the table before anybody else does: {error}"),
        }
    });
    &SOURCES
}
