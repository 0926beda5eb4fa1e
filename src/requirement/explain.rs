//! One requirement as a page of text, and the requirement that was meant by a misspelt id.

use std::fmt;

use super::registry::{Check, Requirement, all};

/// Below this likeness two ids have nothing to do with each other.
const ALIKE: f64 = 0.75;

/// The id that resembles a misspelt one most, if one does.
pub fn nearest(id: &str) -> Option<&'static str> {
    let wanted = id.trim().to_lowercase();
    // People remember the second half: `without-path` means `patch/without-path`.
    let likeness = |known: &str| {
        let half = known.rsplit('/').next().unwrap_or(known);
        strsim::jaro_winkler(&wanted, known).max(strsim::jaro_winkler(&wanted, half))
    };
    all()
        .map(|requirement| (likeness(requirement.id), requirement.id))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, id)| id)
}

impl Requirement {
    /// The explanation as Markdown, without the indentation of doc comments.
    pub fn markdown(&self) -> String {
        let lines = self.explanation.lines();
        let text: Vec<_> = lines
            .map(|line| line.strip_prefix(' ').unwrap_or(line))
            .collect();
        text.join("\n").trim().to_owned()
    }

    /// Everything there is to say about the requirement, on one page.
    pub fn page(&self) -> String {
        Page(self).to_string()
    }

    /// By what it is judged, as a phrase.
    fn judged_by(&self) -> &'static str {
        match self.check {
            Check::Message(_) => "the form of every message that shows it",
            Check::Probe(_) => "a probe of its own",
            Check::State => "what became of the target's state after each step",
        }
    }
}

struct Page<'a>(&'a Requirement);

impl fmt::Display for Page<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(requirement) = self;
        writeln!(f, "{}\n", requirement.id)?;
        writeln!(f, "{}.\n", capitalised(requirement.title))?;
        writeln!(f, "{}\n", requirement.markdown())?;
        writeln!(f, "## In one line\n{}\n", requirement.fix)?;
        writeln!(f, "## How it can fail")?;
        let width = requirement
            .outcomes
            .iter()
            .map(|o| o.name.len())
            .max()
            .unwrap_or(0);
        for outcome in requirement.outcomes {
            let (name, level, impact) = (outcome.name, outcome.level, outcome.impact);
            writeln!(
                f,
                "{name:width$}  {level:7}  {impact:8}  {}",
                outcome.customers
            )?;
        }
        writeln!(
            f,
            "\n## Judged by\n{}\n",
            capitalised(requirement.judged_by())
        )?;
        writeln!(f, "## Sources")?;
        for cite in requirement.cites {
            writeln!(f, "{cite}")?;
        }
        writeln!(f, "permitted readings: {}", requirement.row)?;
        write!(
            f,
            "\n## See it fail\nscimulate serve --fault {}\n",
            requirement.fault
        )
    }
}

/// The sentence with a capital, unless it begins with a name in backticks.
fn capitalised(sentence: &str) -> String {
    let mut chars = sentence.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_id_is_answered_with_the_nearest() {
        assert_eq!(nearest("patch/witout-path"), Some("patch/without-path"));
        assert_eq!(nearest("Without-Path"), Some("patch/without-path"));
        assert_eq!(nearest("gruop/renamed"), Some("group/renamed"));
        assert_eq!(nearest("zzz"), None);
        for requirement in all() {
            assert_eq!(nearest(requirement.id), Some(requirement.id));
        }
    }

    #[test]
    fn a_page_says_everything() {
        let page = super::super::group::REMOVED_BY_FILTER.page();
        insta::assert_snapshot!(page);
    }
}
