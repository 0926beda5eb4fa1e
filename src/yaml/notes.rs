//! The mistakes that are found while names are resolved and values checked.

use super::{Field, Mistake, Problem, Span, Text, Unknown, shorten};

/// The mistakes found so far.
pub(crate) struct Notes {
    pub(crate) problems: Vec<Problem>,
}

impl Notes {
    pub(crate) fn add(&mut self, mistake: Mistake, span: Span) {
        self.problems.push(Problem::new(mistake, span));
    }

    /// The value of a field without which its part of the file makes no sense.
    pub(crate) fn required<T>(
        &mut self,
        field: Field<T>,
        what: &str,
        key: &str,
        span: Span,
    ) -> Option<T> {
        if matches!(field, Field::Missing) {
            let (what, key) = (what.to_owned(), key.to_owned());
            self.add(Mistake::MissingKey { what, key }, span);
        }
        field.read()
    }

    /// The text of a field, which may not be empty.
    pub(crate) fn filled(&mut self, text: &Text, what: &str) -> String {
        if text.text.trim().is_empty() {
            let what = what.to_owned();
            self.add(Mistake::Empty { what }, text.span);
        }
        text.text.trim().to_owned()
    }

    /// A word that is none of those that are known.
    pub(crate) fn unknown<S: Into<String>>(
        &mut self,
        what: &str,
        word: &Text,
        known: impl IntoIterator<Item = S>,
    ) {
        let unknown = Unknown::new(&word.text, known);
        let what = what.to_owned();
        self.add(Mistake::UnknownWord { what, unknown }, word.span);
    }

    /// Whether the file is of the one version that there is, which stands under `key` in `noun`. Another version has other
    /// words; complaints about them would only confuse.
    pub(crate) fn version(&mut self, version: Field<Text>, noun: &str, key: &str) -> bool {
        let start = Span::default();
        let version = self.required(version, &format!("the {noun}"), key, start);
        let Some(other) = version.filter(|version| version.text != "1") else {
            return true;
        };
        let found = format!("`{}`", shorten(&other.text));
        let (what, key) = (format!("a {noun}"), key.to_owned());
        self.add(Mistake::Version { found, what, key }, other.span);
        false
    }
}
