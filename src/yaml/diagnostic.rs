//! What is wrong with a file: where, what, and how to mend it.

use std::fmt;
use std::path::Path;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};

use crate::nearest;

/// Some bytes of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) length: usize,
}

impl Span {
    /// The text that the span covers, or nothing where it lies outside.
    pub(crate) fn slice(self, text: &str) -> &str {
        text.get(self.start..self.start + self.length)
            .unwrap_or_default()
    }

    /// The number of the line in which the span begins, from 1.
    pub(crate) fn line(self, text: &str) -> usize {
        let before = text.get(..self.start).unwrap_or(text);
        before.bytes().filter(|byte| *byte == b'\n').count() + 1
    }
}

/// A name that does not exist, and those that do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unknown {
    pub(crate) name: String,
    pub(crate) known: Vec<String>,
}

impl Unknown {
    pub(crate) fn new<S: Into<String>>(name: &str, known: impl IntoIterator<Item = S>) -> Self {
        Self {
            name: name.to_owned(),
            known: known.into_iter().map(Into::into).collect(),
        }
    }

    fn help(&self, none: &str) -> String {
        match nearest::name(&self.name, self.known.iter().map(String::as_str)) {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None if self.known.is_empty() => none.to_owned(),
            None if self.known.len() <= 30 => {
                format!("these exist: {}", self.known.join(", "))
            }
            None => none.to_owned(),
        }
    }
}

/// A mistake in a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Mistake {
    #[error("the file cannot be read: {why}")]
    Unreadable { why: String },
    #[error("this is not YAML: {why}")]
    Yaml { why: String },
    #[error("{what} has no `{}`", unknown.name)]
    UnknownKey { what: String, unknown: Unknown },
    #[error("`{key}` is written twice")]
    DuplicateKey { key: String },
    #[error("{what} needs `{key}`")]
    MissingKey { what: String, key: String },
    #[error("{expected} is expected here, not {found}")]
    WrongType { expected: String, found: String },
    #[error("`{}` is not {what}", unknown.name)]
    UnknownWord { what: String, unknown: Unknown },
    #[error("the story has no person `{}`", .0.name)]
    UnknownPerson(Unknown),
    #[error("the story has no group `{}`", .0.name)]
    UnknownGroup(Unknown),
    #[error("there is no IdP `{}`", .0.name)]
    UnknownIdp(Unknown),
    #[error("this is format {found} of {what}; this version reads format 1")]
    Version {
        found: String,
        what: String,
        key: String,
    },
    #[error("the story has no steps")]
    NoSteps,
    #[error("{what} is empty")]
    Empty { what: String },
    #[error("a step does one thing: `{first}` and `{second}` are two")]
    TwoActions { first: String, second: String },
    #[error("{what} cannot happen together with other things")]
    NotTogether { what: String },
    #[error("{what} cannot be disturbed")]
    NotDisturbed { what: String },
    #[error("{message}")]
    Wrong { message: String, help: String },
}

impl Mistake {
    pub(crate) fn wrong(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Wrong {
            message: message.into(),
            help: help.into(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Unreadable { .. } => "unreadable",
            Self::Yaml { .. } => "yaml",
            Self::UnknownKey { .. } => "unknown_key",
            Self::DuplicateKey { .. } => "duplicate_key",
            Self::MissingKey { .. } => "missing_key",
            Self::WrongType { .. } => "wrong_type",
            Self::UnknownWord { .. } => "unknown_word",
            Self::UnknownPerson(_) => "unknown_person",
            Self::UnknownGroup(_) => "unknown_group",
            Self::UnknownIdp(_) => "unknown_idp",
            Self::Version { .. } => "version",
            Self::NoSteps => "no_steps",
            Self::Empty { .. } => "empty",
            Self::TwoActions { .. } => "two_actions",
            Self::NotTogether { .. } => "not_together",
            Self::NotDisturbed { .. } => "not_disturbed",
            Self::Wrong { .. } => "wrong_value",
        }
    }

    fn label(&self) -> String {
        match self {
            Self::Unreadable { .. } | Self::Yaml { .. } => "here".to_owned(),
            Self::UnknownKey { .. } => "unknown key".to_owned(),
            Self::DuplicateKey { .. } => "again here".to_owned(),
            Self::MissingKey { key, .. } => format!("`{key}` is missing"),
            Self::WrongType { expected, .. } => format!("expected {expected}"),
            Self::UnknownWord { .. } => "unknown word".to_owned(),
            Self::UnknownPerson(_) => "unknown person".to_owned(),
            Self::UnknownGroup(_) => "unknown group".to_owned(),
            Self::UnknownIdp(_) => "unknown IdP".to_owned(),
            Self::Version { .. } => "this format".to_owned(),
            Self::NoSteps => "no steps".to_owned(),
            Self::Empty { .. } => "nothing is written here".to_owned(),
            Self::TwoActions { .. } => "the second".to_owned(),
            Self::NotTogether { .. } => "not here".to_owned(),
            Self::NotDisturbed { .. } => "no effect".to_owned(),
            Self::Wrong { .. } => "this".to_owned(),
        }
    }

    fn help(&self) -> String {
        match self {
            Self::Unreadable { .. } => "check the path and who may read the file".to_owned(),
            Self::Yaml { .. } => {
                "mend the indentation, brackets or quotes; texts that hold `: ` or ` #` need quotes".to_owned()
            }
            Self::UnknownKey { unknown, .. } => unknown.help("nothing may be written here"),
            Self::DuplicateKey { .. } => "keep one of them".to_owned(),
            Self::MissingKey { key, .. } => format!("add `{key}: …`"),
            Self::WrongType { expected, .. } => format!("write {expected}"),
            Self::UnknownWord { unknown, .. } => unknown.help("leave it out"),
            Self::UnknownPerson(unknown) => unknown.help("introduce the person under `people`"),
            Self::UnknownGroup(unknown) => unknown.help("introduce the group under `groups`"),
            Self::UnknownIdp(unknown) => unknown.help("see `scimulate list idps`"),
            Self::Version { key, .. } => format!("write `{key}: 1`"),
            Self::NoSteps => "add `steps:` with at least one step, such as `- assign: ada`".to_owned(),
            Self::Empty { .. } => "write a value".to_owned(),
            Self::TwoActions { .. } => {
                "begin a new step with `- `, or write `together: [ … ]` for changes that one cycle carries".to_owned()
            }
            Self::NotTogether { .. } => "give it a step of its own".to_owned(),
            Self::NotDisturbed { .. } => {
                "put `disturb` to the step that makes the IdP send something".to_owned()
            }
            Self::Wrong { help, .. } => help.clone(),
        }
    }
}

/// Which format a file is in: the first part of the codes of its mistakes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Format {
    /// A story.
    #[default]
    Scenario,
    /// An IdP as data.
    Profile,
}

impl Format {
    fn code(self) -> &'static str {
        match self {
            Self::Scenario => "scenario",
            Self::Profile => "profile",
        }
    }
}

/// A mistake and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    format: Format,
    mistake: Mistake,
    span: Span,
    first: Option<Span>,
}

impl Problem {
    pub(crate) fn new(mistake: Mistake, span: Span) -> Self {
        Self {
            format: Format::default(),
            mistake,
            span,
            first: None,
        }
    }

    /// Also shows what came first and is repeated or contradicted.
    pub(crate) fn after(mut self, first: Span) -> Self {
        self.first = Some(first);
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.mistake.fmt(f)
    }
}

impl std::error::Error for Problem {}

impl Diagnostic for Problem {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(format!(
            "{}::{}",
            self.format.code(),
            self.mistake.code()
        )))
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(self.mistake.help()))
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let at = |span: Span, label: String| LabeledSpan::new(Some(label), span.start, span.length);
        let main = at(self.span, self.mistake.label());
        let first = self.first.map(|span| at(span, "first here".to_owned()));
        Some(Box::new(first.into_iter().chain([main])))
    }
}

/// Everything that is wrong with one file.
///
/// Displayed it says how much is wrong; [`Diagnostics::lines`] says what, one line a mistake, and a report handler of
/// miette draws each with its lines of the file.
#[derive(Debug)]
pub struct Diagnostics {
    file: String,
    source: NamedSource<String>,
    problems: Vec<Problem>,
}

impl Diagnostics {
    pub(crate) fn new(format: Format, file: &str, text: &str, mut problems: Vec<Problem>) -> Self {
        for problem in &mut problems {
            problem.format = format;
        }
        problems.sort_by_key(|problem| problem.span);
        problems.dedup();
        Self {
            file: file.to_owned(),
            source: NamedSource::new(file, text.to_owned()),
            problems,
        }
    }

    pub(crate) fn unreadable(format: Format, path: &Path, error: &std::io::Error) -> Self {
        let why = error.to_string();
        let problem = Problem::new(Mistake::Unreadable { why }, Span::default());
        Self::new(format, &path.display().to_string(), "", vec![problem])
    }

    /// The file that is wrong.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The mistakes in the order of the file, each as `file:line:column: what; how to mend it`.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        let text = self.source.inner();
        self.problems.iter().map(move |problem| {
            let before = text.get(..problem.span.start).unwrap_or_default();
            let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
            let (line, help) = (problem.span.line(text), problem.mistake.help());
            format!("{}:{line}:{column}: {problem}; {help}", self.file)
        })
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.problems.len() {
            1 => write!(f, "{} has a mistake", self.file),
            count => write!(f, "{} has {count} mistakes", self.file),
        }
    }
}

impl std::error::Error for Diagnostics {}

/// The mistakes are related to the file, which has no place of its own: a handler draws each of them once.
impl Diagnostic for Diagnostics {
    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn related<'a>(&'a self) -> Option<Box<dyn Iterator<Item = &'a dyn Diagnostic> + 'a>> {
        Some(Box::new(self.problems.iter().map(|p| p as &dyn Diagnostic)))
    }
}
