//! One requirement as a page of text.

use std::fmt;

use super::registry::{Check, Requirement};

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
            Check::Told(_) => {
                "the form of every message, held against what the target says of itself"
            }
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
    #[test]
    fn a_page_says_everything() {
        let page = super::super::group::REMOVED_BY_FILTER.page();
        insta::assert_snapshot!(page);
    }
}
