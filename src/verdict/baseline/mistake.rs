//! What is wrong with a file, where, and how to mend it.

use std::fmt;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};

/// Everything that is wrong with a baseline file.
///
/// Displayed it is one line a mistake, `file:line:column: what; how to mend it`.
#[derive(Debug)]
pub struct BaselineError {
    pub(super) source: NamedSource<String>,
    pub(super) mistakes: Vec<Mistake>,
}

/// A mistake and its place.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{what}")]
pub(super) struct Mistake {
    /// Offset and length in bytes.
    pub(super) at: (usize, usize),
    pub(super) what: String,
    pub(super) help: String,
}

impl Diagnostic for Mistake {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.help))
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = LabeledSpan::new(Some("here".to_owned()), self.at.0, self.at.1);
        Some(Box::new(std::iter::once(label)))
    }
}

impl fmt::Display for BaselineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, mistake) in self.mistakes.iter().enumerate() {
            if n > 0 {
                f.write_str("\n")?;
            }
            let text = self.source.inner();
            let before = text.get(..mistake.at.0).unwrap_or(text);
            let line = before.matches('\n').count() + 1;
            let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
            let (file, help) = (self.source.name(), &mistake.help);
            write!(f, "{file}:{line}:{column}: {mistake}; {help}")?;
        }
        Ok(())
    }
}

impl std::error::Error for BaselineError {}

/// The mistakes are related to the file: a handler draws each with its lines.
impl Diagnostic for BaselineError {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.mistakes.iter().map(|m| m as &dyn Diagnostic)))
    }
}
