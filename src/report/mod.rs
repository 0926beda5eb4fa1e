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
pub use finding::{
    Advice, Cause, Difference, Finding, Known, StaleEntry, StaleWhy, Standing, Step,
};
pub use json::{json, schema};
pub use junit::junit;
pub(crate) use layout::{beside, count};
pub use palette::Palette;
pub use text::text;

#[cfg(test)]
mod generated {
    //! The files in `reports/`: the schema, and a sample of every format.

    use super::{Palette, json, junit, sample, schema, text};

    fn files() -> [(&'static str, String); 4] {
        let report = sample::report();
        [
            ("report.schema.json", schema().unwrap()),
            ("sample.txt", text(&report, Palette::Plain)),
            ("sample.json", json(&report).unwrap()),
            ("sample.xml", junit(&report).unwrap()),
        ]
    }

    fn path(name: &str) -> String {
        format!("{}/reports/{name}", env!("CARGO_MANIFEST_DIR"))
    }

    #[test]
    fn the_files_that_are_checked_in_are_what_the_writers_write() {
        for (name, text) in files() {
            let checked_in = std::fs::read_to_string(path(name)).unwrap();
            assert!(
                checked_in == text,
                "reports/{name} is out of date: run `cargo test --lib report -- --ignored`, look at what changes, commit it"
            );
        }
    }

    #[test]
    #[ignore = "writes the files in reports/"]
    fn write_them() {
        for (name, text) in files() {
            std::fs::write(path(name), text).unwrap();
        }
    }
}
