//! What is wrong with a file, where, and how to mend it.

use std::fmt;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};

/// Everything that is wrong with a file.
///
/// Displayed it is one line a mistake, `file:line:column: what; how to mend it`.
#[derive(Debug)]
pub struct FileError {
    source: NamedSource<String>,
    mistakes: Vec<Mistake>,
}

/// A mistake and its place.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{what}")]
pub struct Mistake {
    /// Offset and length in bytes.
    pub at: (usize, usize),
    /// What is wrong.
    pub what: String,
    /// How to mend it.
    pub help: String,
    /// What stands at the place.
    pub label: String,
}

impl FileError {
    /// What is wrong with that file of that text, in the order of the file.
    pub fn new(file: &str, text: &str, mut mistakes: Vec<Mistake>) -> Self {
        mistakes.sort_by_key(|mistake| mistake.at);
        Self {
            source: NamedSource::new(file, text.to_owned()),
            mistakes,
        }
    }
}

impl Mistake {
    /// A mistake whose place needs no word of its own.
    pub fn new(at: (usize, usize), what: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            at,
            what: what.into(),
            help: help.into(),
            label: "here".to_owned(),
        }
    }

    /// The same with a word at its place.
    #[must_use]
    pub fn labelled(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }
}

impl Diagnostic for Mistake {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.help))
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let label = LabeledSpan::new(Some(self.label.clone()), self.at.0, self.at.1);
        Some(Box::new(std::iter::once(label)))
    }
}

impl fmt::Display for FileError {
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

impl std::error::Error for FileError {}

/// The mistakes are related to the file: a handler draws each with its lines.
impl Diagnostic for FileError {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.mistakes.iter().map(|m| m as &dyn Diagnostic)))
    }
}
