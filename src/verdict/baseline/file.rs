//! Reading the file.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::apply::{Baseline, Entry};
use crate::mistake::{FileError, Mistake};
use crate::{idp, nearest, requirement};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    baseline: Spanned<u32>,
    #[serde(default)]
    entries: Vec<Spanned<Written>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    requirement: Spanned<String>,
    outcome: Spanned<String>,
    idp: OneOrMany,
    #[serde(default)]
    reason: Option<Spanned<String>>,
    #[serde(default)]
    until: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(Spanned<String>),
    Many(Vec<Spanned<String>>),
}

impl Baseline {
    /// Reads a baseline file. `file` is the name under which mistakes are reported.
    ///
    /// # Errors
    /// The file is no baseline, or an entry names what does not exist or says no reason.
    pub fn parse(file: &str, text: &str) -> Result<Self, FileError> {
        let wrong = |mistakes| FileError::new(file, text, mistakes);
        let read: File = serde_saphyr::from_str(text).map_err(|e| {
            let at = e.location().map_or((0, 0), span);
            let said = e.without_snippet().render();
            let said = said.lines().next().unwrap_or_default().to_owned();
            wrong(vec![Mistake::new(at, format!("this is not a baseline: {said}"), "write `baseline: 1` and under `entries:` a list of requirement, outcome, idp, reason and, if you like, until")])
        })?;
        if read.baseline.value != 1 {
            return Err(wrong(vec![Mistake::new(
                span(read.baseline.referenced),
                format!("this is form {} of a baseline", read.baseline.value),
                "this version reads form 1; use a newer scimulate",
            )]));
        }
        let mut mistakes = Vec::new();
        let entries = read
            .entries
            .into_iter()
            .map(|entry| check(entry, &mut mistakes))
            .collect();
        if mistakes.is_empty() {
            Ok(Self { entries })
        } else {
            Err(wrong(mistakes))
        }
    }
}

fn check(entry: Spanned<Written>, mistakes: &mut Vec<Mistake>) -> Entry {
    let line = u32::try_from(entry.referenced.line()).unwrap_or(u32::MAX);
    let whole = span(entry.referenced);
    let written = entry.value;
    check_names(&written, mistakes);
    let names = match written.idp {
        OneOrMany::One(name) => vec![name],
        OneOrMany::Many(names) => names,
    };
    if names.is_empty() {
        mistakes.push(Mistake::new(
            whole,
            "the entry names no IdP".to_owned(),
            "write `idp: okta`, or several as `idp: [okta, entra/default]`",
        ));
    }
    let mut variants = BTreeSet::new();
    for name in &names {
        match variants_of(&name.value) {
            Ok(named) => variants.extend(named),
            Err(e) => mistakes.push(Mistake::new(
                span(name.referenced),
                e.to_string(),
                "see `scimulate list idps`; `rfc` stands for the prober",
            )),
        }
    }
    let reason = written.reason.as_ref().map_or("", |r| r.value.trim());
    if reason.is_empty() {
        mistakes.push(Mistake::new(written.reason.as_ref().map_or(whole, |r| span(r.referenced)), format!(
                "nobody has said why `{}` ({}) is accepted",
                written.requirement.value, written.outcome.value
            ), "write the reason: whoever reads this file next has to be able to tell whether it still holds"));
    }
    let until = written.until.as_ref().and_then(|until| {
        let day = until.value.parse::<Date>();
        if let Err(e) = &day {
            mistakes.push(Mistake::new(
                span(until.referenced),
                format!("`{}` is no day: {e}", until.value),
                "write the last day on which it is accepted as YYYY-MM-DD",
            ));
        }
        day.ok()
    });
    Entry {
        reason: reason.to_owned(),
        requirement: written.requirement.value,
        outcome: written.outcome.value,
        idps: names.into_iter().map(|name| name.value).collect(),
        variants,
        until,
        line,
    }
}

fn check_names(written: &Written, mistakes: &mut Vec<Mistake>) {
    let id = &written.requirement;
    let Some(requirement) = requirement::find(&id.value) else {
        let near = nearest::hint(&id.value, requirement::all().map(|r| r.id));
        mistakes.push(Mistake::new(
            span(id.referenced),
            format!("there is no requirement `{}`{near}", id.value),
            "see `scimulate list requirements`",
        ));
        return;
    };
    let outcome = &written.outcome;
    if requirement.outcome(&outcome.value).is_none() {
        let names: Vec<_> = requirement.outcomes.iter().map(|o| o.name).collect();
        mistakes.push(Mistake::new(
            span(outcome.referenced),
            format!("`{}` has no outcome `{}`", id.value, outcome.value),
            format!("its outcomes are {}", names.join(", ")),
        ));
    }
}

fn variants_of(name: &str) -> Result<Vec<String>, idp::UnknownIdp> {
    if name == "rfc" {
        return Ok(vec![name.to_owned()]);
    }
    let variants = idp::select(name)?;
    Ok(variants.iter().map(|v| v.id.clone()).collect())
}

/// Offset and length in bytes.
fn span(location: serde_saphyr::Location) -> (usize, usize) {
    let span = location.span();
    let number = |n: Option<u64>, other: u64| usize::try_from(n.unwrap_or(other)).unwrap_or(0);
    (
        number(span.byte_offset(), span.offset()),
        number(span.byte_len(), span.len()).min(80),
    )
}
