//! The form of a requirement and the list of all.

use serde::{Deserialize, Serialize};

use crate::scim::Value;
use crate::wire::Exchange;

/// How binding a requirement is.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The RFC demands it.
    Must,
    /// The RFC recommends it.
    Should,
    /// The RFC permits otherwise; advice.
    May,
    /// The RFC is silent or permits otherwise, but a named IdP breaks.
    Interop,
}

/// What a violation costs the IdP's customer, worst first.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Impact {
    /// Access is kept or gained that nobody granted.
    Security,
    /// Data is lost or wrong.
    Data,
    /// Provisioning stops.
    Blocks,
    /// Nothing but noise.
    Noise,
}

/// One way in which a requirement can fail.
#[derive(Clone, Copy, Debug)]
pub struct Outcome {
    /// Its name: `refused`, `ignored`, `partly`, `too-much`, `wrong-form` …
    pub name: &'static str,
    /// How binding the requirement is in this respect.
    pub level: Level,
    /// What it costs.
    pub impact: Impact,
    /// What it means for the IdP's customers, as a sentence.
    pub customers: &'static str,
}

/// Where a requirement is stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cite {
    /// A section of RFC 7643.
    Rfc7643(&'static str),
    /// A section of RFC 7644.
    Rfc7644(&'static str),
    /// Another published document: its name and where in it.
    Other(&'static str),
    /// A fact about an IdP, by its id in `fixtures/facts.toml`.
    Fact(&'static str),
}

impl std::fmt::Display for Cite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Rfc7643(section) => write!(f, "RFC 7643 §{section}"),
            Self::Rfc7644(section) => write!(f, "RFC 7644 §{section}"),
            Self::Other(text) => f.write_str(text),
            Self::Fact(id) => write!(f, "fact {id}"),
        }
    }
}

/// What one check says of what it was shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judged {
    /// The requirement says nothing about it.
    NotApplicable,
    /// As it should be.
    Pass,
    /// Not as it should be.
    Fail(Violation),
}

/// One violation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// The outcome's name; one of the requirement's.
    pub outcome: &'static str,
    /// What was expected, as a phrase.
    pub expected: String,
    /// What was there, as a phrase.
    pub observed: String,
}

impl Judged {
    /// A failure.
    pub fn fail(
        outcome: &'static str,
        expected: impl Into<String>,
        observed: impl Into<String>,
    ) -> Self {
        Self::Fail(Violation {
            outcome,
            expected: expected.into(),
            observed: observed.into(),
        })
    }
}

/// How a requirement is checked.
#[derive(Clone, Copy)]
pub enum Check {
    /// By the form of single messages, whoever sent them.
    Message(fn(&Exchange<'_>) -> Judged),
    /// By the form of single messages, held against the configuration that the target published (RFC 7643 §5).
    Told(fn(&Exchange<'_>, &Value) -> Judged),
    /// By the exchanges of a probe that names this requirement, in their order.
    Probe(fn(&[Exchange<'_>]) -> Judged),
    /// By what became of the target's state; the verdict finds which write is to blame.
    State,
}

impl std::fmt::Debug for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Message(_) => "message",
            Self::Told(_) => "told",
            Self::Probe(_) => "probe",
            Self::State => "state",
        })
    }
}

/// One thing that a target should do.
#[derive(Clone, Copy, Debug)]
pub struct Requirement {
    /// The id, which never changes.
    pub id: &'static str,
    /// The sentence that a good target fulfils.
    pub title: &'static str,
    /// The ways in which it can fail, the first being the usual one.
    pub outcomes: &'static [Outcome],
    /// What is checked, why it matters, an example, how to fix it: Markdown under those four headings.
    pub explanation: &'static str,
    /// How to fix it, in one line.
    pub fix: &'static str,
    /// Where it is stated.
    pub cites: &'static [Cite],
    /// The row of the table of permitted readings, or `no row:` and why there is none.
    pub row: &'static str,
    /// The fault of the reference server that turns it red, as `ID` or `ID=mode`.
    pub fault: &'static str,
    /// How it is checked.
    pub check: Check,
}

impl Requirement {
    /// The requirement's level: that of its first outcome.
    pub fn level(&self) -> Level {
        self.outcomes
            .first()
            .map_or(Level::May, |outcome| outcome.level)
    }

    /// The outcome of that name.
    pub fn outcome(&self, name: &str) -> Option<&'static Outcome> {
        self.outcomes.iter().find(|outcome| outcome.name == name)
    }
}

/// Declares the requirements of one area. The doc comment is the explanation.
macro_rules! requirements {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident = $id:literal {
            title: $title:literal,
            outcomes: [$($outcome:literal: $level:ident $impact:ident $customers:literal),+ $(,)?],
            fix: $fix:literal,
            cites: [$($cite:expr),+ $(,)?],
            row: $row:literal,
            fault: $fault:literal,
            check: $check:expr $(,)?
        }
    )+) => {
        $(
            $(#[doc = $doc])+
            pub(crate) static $name: $crate::requirement::Requirement = $crate::requirement::Requirement {
                id: $id,
                title: $title,
                outcomes: &[$($crate::requirement::Outcome {
                    name: $outcome,
                    level: $crate::requirement::Level::$level,
                    impact: $crate::requirement::Impact::$impact,
                    customers: $customers,
                }),+],
                explanation: concat!($($doc, "\n"),+),
                fix: $fix,
                cites: &[$($cite),+],
                row: $row,
                fault: $fault,
                check: $check,
            };
        )+

        /// The requirements of this area, in the order of their declaration.
        pub(in crate::requirement) static AREA: &[&$crate::requirement::Requirement] = &[$(&$name),+];
    };
}
pub(in crate::requirement) use requirements;

/// The areas in the order in which they are shown.
static AREAS: &[&[&Requirement]] = &[
    super::lifecycle::AREA,
    super::product::AREA,
    super::user::AREA,
    super::put::AREA,
    super::user_name::AREA,
    super::extension::AREA,
    super::group::AREA,
    super::member::AREA,
    super::patch::form::AREA,
    super::patch::operation::AREA,
    super::patch::value::AREA,
    super::patch::refusal::AREA,
    super::filter::AREA,
    super::list::AREA,
    super::limit::AREA,
    super::identity::AREA,
    super::view::AREA,
    super::hostile::AREA,
    super::error::AREA,
    super::auth::AREA,
    super::tenant::AREA,
    super::discovery::AREA,
    super::listing::AREA,
    super::message::body::AREA,
    super::message::list::AREA,
    super::message::resource::AREA,
    super::message::success::AREA,
    super::message::refusal::AREA,
];

/// Every requirement, by area.
pub fn all() -> impl Iterator<Item = &'static Requirement> {
    AREAS.iter().flat_map(|area| area.iter().copied())
}

/// The requirement of that id.
pub fn find(id: &str) -> Option<&'static Requirement> {
    all().find(|requirement| requirement.id == id)
}
