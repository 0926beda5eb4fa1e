//! Writing a first file.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::report::{Known, Report, Standing};

/// A baseline file for everything in a report that fails, with the reasons still to be written.
///
/// What a baseline already knew keeps its reason. The file is refused as long as a reason is missing.
pub fn write(report: &Report) -> String {
    let mut text = String::from(
        "# Deviations that are known and accepted. Each needs a reason; without one the file is refused.\n\
         # `until: YYYY-MM-DD` makes an entry expire.\n\
         baseline: 1\n",
    );
    let mut entries: Vec<(&str, &str, Option<&Known>, BTreeSet<&str>)> = Vec::new();
    for finding in &report.findings {
        if finding.standing == Standing::Advice {
            continue;
        }
        let (requirement, outcome) = (finding.requirement.as_str(), finding.outcome.as_str());
        let known = finding.known.as_ref();
        let same = entries
            .iter_mut()
            .find(|(r, o, k, _)| (*r, *o, *k) == (requirement, outcome, known));
        match same {
            Some((.., idps)) => {
                idps.insert(&finding.idp);
            }
            None => entries.push((
                requirement,
                outcome,
                known,
                BTreeSet::from([finding.idp.as_str()]),
            )),
        }
    }
    entries.sort_by(|a, b| (a.0, a.1, &a.3).cmp(&(b.0, b.1, &b.3)));
    text.push_str(if entries.is_empty() {
        "entries: []\n"
    } else {
        "entries:\n"
    });
    for (requirement, outcome, known, idps) in entries {
        let idps: Vec<_> = idps.into_iter().collect();
        let reason = known.map_or("", |known| &known.reason);
        // A JSON string is a double-quoted YAML one. Writing to a String cannot fail.
        let reason = serde_json::Value::from(reason);
        let _ = writeln!(text, "  - requirement: {requirement}");
        let _ = writeln!(text, "    outcome: {outcome}");
        let _ = writeln!(text, "    idp: [{}]", idps.join(", "));
        let _ = writeln!(text, "    reason: {reason}");
        if let Some(day) = known.and_then(|known| known.until.as_ref()) {
            let _ = writeln!(text, "    until: {day}");
        }
    }
    text
}
