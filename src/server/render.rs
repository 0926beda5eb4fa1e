//! Resources as they are shown: the stored text with what the server knows around it.

use std::borrow::Cow;
use std::fmt::Write;

use super::choices::Choices;
use super::store::{Kind, Row, Store};
use super::types::Types;
use crate::scim::{Object, Value};

/// Which costly parts are wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts {
    pub(super) members: bool,
    pub(super) groups: bool,
    /// The names of the members, which are shown on request.
    pub(super) names: bool,
}

impl Parts {
    pub(super) const ALL: Self = Self {
        members: true,
        groups: true,
        names: false,
    };
}

/// Writes resources with URIs below a base.
#[derive(Debug, Clone, Copy)]
pub(super) struct Renderer<'a> {
    pub(super) store: &'a Store,
    pub(super) base: &'a str,
    pub(super) types: Types,
    pub(super) choices: &'a Choices,
}

impl Renderer<'_> {
    /// The resource's own URI.
    pub(super) fn location(&self, kind: Kind, row: &Row) -> String {
        format!("{}{}/{}", self.base, kind.resource_type().endpoint, row.id)
    }

    /// The whole resource as JSON.
    pub(super) fn text(&self, kind: Kind, row: &Row, parts: Parts) -> String {
        let mut out = String::with_capacity(row.text().len() + 640);
        self.write(&mut out, kind, row, parts);
        out
    }

    /// The whole resource as a value.
    pub(super) fn object(&self, kind: Kind, row: &Row, parts: Parts) -> Object {
        match Value::parse(&self.text(kind, row, parts)) {
            Ok(Value::Object(object)) => object,
            _ => unreachable!("the renderer writes an object"),
        }
    }

    fn write(&self, out: &mut String, kind: Kind, row: &Row, parts: Parts) {
        let core = kind.resource_type().schema.id;
        push(out, format_args!(r#"{{"schemas":["{core}""#));
        for extension in row.extensions(self.types.of(kind)) {
            push(out, format_args!(r#","{}""#, extension.id));
        }
        push(out, format_args!(r#"],"id":"{}""#, row.id));
        if !row.text().is_empty() {
            push(out, format_args!(",{}", row.text()));
        }
        if parts.groups && !row.groups.is_empty() && kind == Kind::User {
            self.list(out, "groups", row.groups.iter(), true);
        }
        if parts.members && !row.members.is_empty() {
            self.list(out, "members", row.members.iter(), parts.names);
        }
        push(
            out,
            format_args!(
                r#","meta":{{"resourceType":"{}","created":"{}","lastModified":"{}","location":"{}{}/{}""#,
                kind.resource_type().name,
                self.choices.time(row.created),
                self.choices.time(row.modified),
                escaped(self.base),
                kind.resource_type().endpoint,
                row.id,
            ),
        );
        if self.choices.offers.etag {
            push(out, format_args!(r#","version":"W/\"{}\"""#, row.version));
        }
        out.push_str("}}");
    }

    /// References to other resources.
    fn list<'h>(
        &self,
        out: &mut String,
        name: &str,
        handles: impl Iterator<Item = &'h u32>,
        named: bool,
    ) {
        push(out, format_args!(r#","{name}":["#));
        for (i, handle) in handles.enumerate() {
            if i > 0 {
                out.push(',');
            }
            if let Some((kind, row)) = self.store.any_row(*handle) {
                self.reference(out, name, kind, row, named);
            }
        }
        out.push(']');
    }

    fn reference(&self, out: &mut String, list: &str, kind: Kind, row: &Row, named: bool) {
        let base = match self.choices.answers.relative_references {
            true => "",
            false => self.base,
        };
        let word = match (list, kind) {
            ("groups", _) => "direct",
            (_, kind) => kind.resource_type().name,
        };
        let (base, endpoint) = (escaped(base), kind.resource_type().endpoint);
        push(
            out,
            format_args!(
                r#"{{"value":"{}","$ref":"{base}{endpoint}/{}""#,
                row.id, row.id
            ),
        );
        if named {
            push(out, format_args!(r#","display":"{}""#, escaped(&row.label)));
        }
        push(out, format_args!(r#","type":"{word}"}}"#));
    }

    /// One element of a members list, for filters that look into it.
    pub(super) fn member(&self, handle: u32) -> Option<Object> {
        let (kind, row) = self.store.any_row(handle)?;
        let mut text = String::new();
        self.reference(&mut text, "members", kind, row, true);
        match Value::parse(&text) {
            Ok(Value::Object(object)) => Some(object),
            _ => None,
        }
    }
}

/// Writing to a text cannot fail.
fn push(out: &mut String, piece: std::fmt::Arguments<'_>) {
    let written = out.write_fmt(piece);
    debug_assert!(written.is_ok(), "a text takes everything");
}

/// A text as it stands between the quotes of JSON.
fn escaped(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|b| b < b' ' || matches!(b, b'"' | b'\\')) {
        return text.into();
    }
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned().into()
}
