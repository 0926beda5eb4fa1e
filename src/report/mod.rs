//! What a run found, as plain data, and one pure writer a format.
//!
//! A [`Report`] is everything that a writer may say: no writer looks anywhere else, and none reads the clock, the
//! environment or the terminal. Its JSON form is public: `reports/report.schema.json` describes it, and within
//! `report: 1` members are only added.

mod document;
pub mod escape;
mod excerpt;
mod exchange;
mod exit;
mod finding;
mod fix_first;
mod json;
mod junit;
mod layout;
mod palette;
#[cfg(test)]
pub(crate) mod sample;
mod text;

pub use document::{
    Cleanup, Ended, EndedKind, Report, RequestCounts, RequirementCounts, RequirementResult, Run,
    ScenarioCounts, ScenarioOutcome, ScenarioResult, SilentStep, Summary, Tool, VariantResult,
    Verdict,
};
pub use exchange::{Body, Exchange, ExchangeFailure, ExchangeRequest, ExchangeResponse};
pub use exit::Exit;
pub use finding::{Cause, Difference, Finding, Known, StaleEntry, StaleWhy, Standing, Step};
pub use json::{json, schema};
pub use junit::junit;
pub(crate) use layout::count;
pub use palette::Palette;
pub use text::text;
