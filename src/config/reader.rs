//! The tables of a TOML file, with the place of every key and value.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::mistake::{FileError, Mistake};
use crate::nearest;

/// What is wrong with the file, as it is found.
#[derive(Debug, Default)]
pub(super) struct Notes {
    mistakes: RefCell<Vec<Mistake>>,
    /// Bytes that no message may show.
    hidden: RefCell<Vec<Range<usize>>>,
}

impl Notes {
    /// Adds a mistake with the word at its place.
    pub(super) fn add(
        &self,
        at: Range<usize>,
        label: &str,
        what: impl Into<String>,
        help: impl Into<String>,
    ) {
        let at = (at.start, at.len());
        let mistake = Mistake::new(at, what, help).labelled(label);
        self.mistakes.borrow_mut().push(mistake);
    }

    /// Adds that a name does not exist, with the nearest that does.
    pub(super) fn unknown<'a>(
        &self,
        at: Range<usize>,
        what: impl Into<String>,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) {
        let known: Vec<&str> = known.into_iter().collect();
        let help = match nearest::name(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => "leave it out".to_owned(),
            None => format!("these exist: {}", known.join(", ")),
        };
        self.add(at, "unknown name", what, help);
    }

    /// Keeps those bytes of the file out of every message.
    pub(super) fn hide(&self, at: Range<usize>) {
        self.hidden.borrow_mut().push(at);
    }

    /// The whole of what is wrong, if anything is.
    pub(super) fn into_result(self, file: &str, text: &str) -> Result<(), FileError> {
        let mistakes = self.mistakes.into_inner();
        if mistakes.is_empty() {
            return Ok(());
        }
        let hidden = self.hidden.into_inner();
        let shown: String = text
            .char_indices()
            .map(|(at, c)| {
                // As many bytes as before, so that the places of other mistakes stay right.
                let hide = c != '\n' && hidden.iter().any(|range| range.contains(&at));
                if hide {
                    "*".repeat(c.len_utf8())
                } else {
                    c.to_string()
                }
            })
            .collect();
        Err(FileError::new(file, &shown, mistakes))
    }
}

/// A table of the file. Keys are taken out of it by name; what is left at the end is unknown.
pub(super) struct Section<'a> {
    /// How messages call it: `[okta]`.
    what: String,
    at: Range<usize>,
    entries: BTreeMap<&'a str, (Range<usize>, &'a Spanned<DeValue<'a>>)>,
    known: Vec<&'a str>,
    notes: &'a Notes,
}

impl<'a> Section<'a> {
    pub(super) fn new(
        what: impl Into<String>,
        at: Range<usize>,
        table: &'a DeTable<'a>,
        notes: &'a Notes,
    ) -> Self {
        let entries = table.iter();
        let entries = entries.map(|(key, value)| (key.get_ref().as_ref(), (key.span(), value)));
        Self {
            what: what.into(),
            at,
            entries: entries.collect(),
            known: Vec::new(),
            notes,
        }
    }

    /// Where mistakes go.
    pub(super) fn notes(&self) -> &'a Notes {
        self.notes
    }

    /// Where the table begins.
    pub(super) fn at(&self) -> Range<usize> {
        self.at.clone()
    }

    /// Takes a key out, with its place.
    fn take(&mut self, key: &'a str) -> Option<(Range<usize>, &'a Spanned<DeValue<'a>>)> {
        self.known.push(key);
        self.entries.remove(key)
    }

    /// Takes a key out of any type.
    pub(super) fn value(&mut self, key: &'a str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.take(key).map(|(_, value)| value)
    }

    /// The place of a key, which stays where it is.
    pub(super) fn key(&self, key: &str) -> Option<Range<usize>> {
        self.entries.get(key).map(|(at, _)| at.clone())
    }

    /// A text.
    pub(super) fn text(&mut self, key: &'a str) -> Option<Spanned<String>> {
        let value = self.value(key)?;
        self.string(key, value)
    }

    fn string(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Spanned<String>> {
        match value.get_ref() {
            DeValue::String(text) if text.trim().is_empty() => {
                let what = format!("`{key}` is empty");
                self.notes.add(
                    value.span(),
                    "nothing is here",
                    what,
                    "write a text, or leave the key out",
                );
                None
            }
            DeValue::String(text) => Some(Spanned::new(value.span(), text.clone().into_owned())),
            other => {
                self.wrong_type(key, value.span(), "a text in quotes", other);
                None
            }
        }
    }

    /// `true` or `false`.
    pub(super) fn flag(&mut self, key: &'a str) -> Option<bool> {
        let value = self.value(key)?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            other => {
                self.wrong_type(key, value.span(), "true or false", other);
                None
            }
        }
    }

    /// Several texts; one may stand alone.
    pub(super) fn texts(&mut self, key: &'a str) -> Option<Vec<Spanned<String>>> {
        let value = self.value(key)?;
        match value.get_ref() {
            DeValue::Array(items) => {
                let items = items.iter();
                Some(items.filter_map(|item| self.string(key, item)).collect())
            }
            _ => self.string(key, value).map(|text| vec![text]),
        }
    }

    /// A number or a text that `read` understands.
    pub(super) fn read<T>(
        &mut self,
        key: &'a str,
        read: impl Fn(&str) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.value(key)?;
        let text = match value.get_ref() {
            DeValue::Integer(number) => number.to_string(),
            _ => self.string(key, value)?.into_inner(),
        };
        match read(&text) {
            Ok(read) => Some(read),
            Err(why) => {
                let (what, help) = why.split_once(": ").unwrap_or((&why, "see the README"));
                self.notes.add(value.span(), "this", what, help);
                None
            }
        }
    }

    /// One of several words.
    pub(super) fn word<T: Clone>(&mut self, key: &'a str, words: &[(&str, T)]) -> Option<T> {
        let written = self.text(key)?;
        let word = written.get_ref();
        let found = words.iter().find(|(name, _)| name == word);
        if found.is_none() {
            let what = format!("`{key}` cannot be `{word}`");
            let known = words.iter().map(|(name, _)| *name);
            self.notes.unknown(written.span(), what, word, known);
        }
        found.map(|(_, value)| value.clone())
    }

    /// A table within this one.
    pub(super) fn section(&mut self, key: &'a str) -> Option<Section<'a>> {
        let value = self.value(key)?;
        let what = format!("[{key}]");
        self.table(&what, value)
    }

    fn table(&self, what: &str, value: &'a Spanned<DeValue<'a>>) -> Option<Section<'a>> {
        match value.get_ref() {
            DeValue::Table(table) => Some(Section::new(what, value.span(), table, self.notes)),
            other => {
                self.wrong_type(what, value.span(), "a table", other);
                None
            }
        }
    }

    /// A list of tables.
    pub(super) fn sections(&mut self, key: &'a str) -> Option<Vec<Section<'a>>> {
        let value = self.value(key)?;
        let what = format!("each of `{key}`");
        match value.get_ref() {
            DeValue::Array(items) => {
                let items = items.iter();
                Some(items.filter_map(|item| self.table(&what, item)).collect())
            }
            other => {
                self.wrong_type(key, value.span(), "a list of tables", other);
                None
            }
        }
    }

    /// Every key that is left, in the order of the file: for tables whose keys are the user's own.
    pub(super) fn rest(&mut self) -> Vec<(Spanned<&'a str>, &'a Spanned<DeValue<'a>>)> {
        let entries = std::mem::take(&mut self.entries).into_iter();
        let entries = entries.map(|(key, (at, value))| (Spanned::new(at, key), value));
        let mut entries: Vec<_> = entries.collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        entries
    }

    /// Says of every key that nobody asked for that it is unknown.
    pub(super) fn end(self) {
        for (key, (at, _)) in &self.entries {
            let what = format!("{} has no `{key}`", self.what);
            self.notes
                .unknown(at.clone(), what, key, self.known.iter().copied());
        }
    }

    pub(super) fn wrong_type(
        &self,
        key: &str,
        at: Range<usize>,
        expected: &str,
        found: &DeValue<'_>,
    ) {
        let found = match found {
            DeValue::String(_) => "a text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a time",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        let what = format!("`{key}` takes {expected}, not {found}");
        self.notes
            .add(at, "this", what, format!("write {expected}"));
    }
}
