//! YAML as a tree of spanned nodes in which every scalar keeps its text.
//!
//! Serde alone would stop at the first mistake and read a group called `no` as a boolean. The tree is read
//! whole, whatever it holds; what a node means is decided where the format's types ask for it.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, Location, NonFiniteFloatPolicy, Spanned};

use super::diagnostic::{Mistake, Problem, Span};

/// How deep lists and mappings may nest; a story needs a quarter of it.
const MAX_DEPTH: usize = 48;

/// One node of a document.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) span: Span,
    pub(crate) kind: Kind,
}

/// What a node is.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Text that YAML takes as text.
    Text(String),
    /// Bare text that YAML could also take as a number, a boolean or null, such as `no`, `2.0` or nothing at all.
    Bare(String),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in the order of the file, doubles included.
    Map(Vec<(Node, Node)>),
}

impl Node {
    /// The text of a scalar.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) | Kind::Bare(text) => Some(text),
            Kind::List(_) | Kind::Map(_) => None,
        }
    }

    /// Whether nothing is written there.
    pub(crate) fn is_blank(&self) -> bool {
        matches!(&self.kind, Kind::Bare(text) if text.is_empty())
    }

    /// Whether YAML takes it as null.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.kind, Kind::Bare(text) if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// What it is, for a message.
    pub(crate) fn describe(&self) -> String {
        match &self.kind {
            _ if self.is_blank() => "nothing".to_owned(),
            Kind::Text(text) | Kind::Bare(text) => format!("the text `{}`", shorten(text)),
            Kind::List(_) => "a list".to_owned(),
            Kind::Map(_) => "a mapping".to_owned(),
        }
    }
}

/// Text of at most forty characters on one line.
pub(crate) fn shorten(text: &str) -> String {
    let line: String = text
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    match line.char_indices().nth(40) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

/// Reads a document.
pub(crate) fn read(text: &str) -> Result<Node, Box<Problem>> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: MAX_DEPTH },
        // A story has few aliases; these bounds keep nested ones from growing without end.
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 10_000 },
        // Serde's maps would keep the last of two; the reader reports both places.
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
    };
    match serde_saphyr::from_str_with_options::<Spanned<Raw>>(text, options) {
        Ok(raw) => Ok(node(raw, text)),
        Err(error) => {
            let span = error
                .location()
                .map_or(Span::default(), |at| span_of(at, text));
            let why = error.without_snippet().to_string();
            // The place is shown by the label; the library repeats it at the end of its sentence.
            let why = why.split(" at line ").next().unwrap_or_default().to_owned();
            Err(Box::new(Problem::new(Mistake::Yaml { why }, span)))
        }
    }
}

/// What the library hands over: the text of a bare scalar is still to be taken from the file.
enum Raw {
    Text(String),
    Bare,
    List(Vec<Spanned<Raw>>),
    Map(Vec<(Spanned<Raw>, Spanned<Raw>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a list or a mapping")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::Text(text.to_owned()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Raw, E> {
        Ok(Raw::Text(text))
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Raw, E> {
        Ok(Raw::Bare)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Raw, E> {
        Ok(Raw::Bare)
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Raw, E> {
        Ok(Raw::Bare)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Raw, E> {
        Ok(Raw::Bare)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Raw, E> {
        Ok(Raw::Bare)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = access.next_element()? {
            items.push(item);
        }
        Ok(Raw::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = access.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Map(entries))
    }
}

fn node(raw: Spanned<Raw>, text: &str) -> Node {
    let span = span_of(raw.referenced, text);
    let kind = match raw.value {
        Raw::Text(value) => Kind::Text(value),
        // An alias stands where it is used, and its text where it is defined.
        Raw::Bare => Kind::Bare(span_of(raw.defined, text).slice(text).trim().to_owned()),
        Raw::List(items) => Kind::List(items.into_iter().map(|item| node(item, text)).collect()),
        Raw::Map(entries) => Kind::Map(
            entries
                .into_iter()
                .map(|(key, value)| (node(key, text), node(value, text)))
                .collect(),
        ),
    };
    Node { span, kind }
}

/// The bytes that a location covers, brought within the text and onto the borders of its characters.
fn span_of(at: Location, text: &str) -> Span {
    let number = |n: Option<u64>| n.and_then(|n| usize::try_from(n).ok());
    let mut start = number(at.span().byte_offset())
        .or_else(|| start_of(at, text))
        .unwrap_or_default()
        .min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = (start + number(at.span().byte_len()).unwrap_or_default()).min(text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    // The span of an unquoted scalar may reach over the end of its line.
    let length = text[start..end].trim_end().len();
    Span { start, length }
}

/// Where a line and a column lie, for errors that carry no bytes.
fn start_of(at: Location, text: &str) -> Option<usize> {
    let (line, column) = (
        usize::try_from(at.line()).ok()?,
        usize::try_from(at.column()).ok()?,
    );
    let mut lines = text.split_inclusive('\n');
    let before: usize = lines
        .by_ref()
        .take(line.checked_sub(1)?)
        .map(str::len)
        .sum();
    let inside = lines
        .next()
        .unwrap_or_default()
        .chars()
        .take(column.checked_sub(1)?);
    Some(before + inside.map(char::len_utf8).sum::<usize>())
}
