//! How the reader walks through mappings and lists, and past what cannot be read.

use serde::de::{
    self, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, value::StrDeserializer,
};

use super::diagnostic::Span;
use super::reader::{Failure, Reader};
use super::tree::Node;
use super::variant::{Action, Variant};

pub(crate) type Part<'de> = (&'de str, Span, PartValue<'de>);

#[derive(Clone, Copy)]
pub(crate) enum PartValue<'de> {
    Node(Reader<'de>),
    Action(Variant<'de>),
}

/// The fields of a structure.
pub(crate) struct Parts<'de> {
    pub(crate) parts: std::vec::IntoIter<Part<'de>>,
    pub(crate) value: Option<(Span, PartValue<'de>)>,
}

impl<'de> MapAccess<'de> for Parts<'de> {
    type Error = Failure;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Failure> {
        let Some((name, span, value)) = self.parts.next() else {
            return Ok(None);
        };
        self.value = Some((span, value));
        let name: StrDeserializer<'_, Failure> = name.into_deserializer();
        seed.deserialize(name).map(Some).map_err(|e| e.at(span))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Failure> {
        match self.value.take() {
            Some((span, PartValue::Node(reader))) => {
                seed.deserialize(reader).map_err(|e| e.at(span))
            }
            Some((span, PartValue::Action(variant))) => {
                seed.deserialize(Action(variant)).map_err(|e| e.at(span))
            }
            None => Err(de::Error::custom("a value was asked for before its key")),
        }
    }
}

/// The keys of a mapping that is no structure, each with its place.
pub(crate) struct Entries<'de> {
    pub(crate) reader: Reader<'de>,
    pub(crate) entries: std::vec::IntoIter<(&'de str, &'de Node, &'de Node)>,
    pub(crate) value: Option<&'de Node>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Failure;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Failure> {
        let Some((_, key, value)) = self.entries.next() else {
            return Ok(None);
        };
        self.value = Some(value);
        // A key is text even inside JSON.
        let reader = Reader::new(key, self.reader.problems);
        seed.deserialize(reader).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Failure> {
        match self.value.take() {
            Some(node) => seed.deserialize(self.reader.to(node)),
            None => Err(de::Error::custom("a value was asked for before its key")),
        }
    }
}

pub(crate) struct Elements<'de> {
    pub(crate) reader: Reader<'de>,
    pub(crate) nodes: std::slice::Iter<'de, Node>,
}

impl<'de> SeqAccess<'de> for Elements<'de> {
    type Error = Failure;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Failure> {
        let Some(node) = self.nodes.next() else {
            return Ok(None);
        };
        seed.deserialize(self.reader.to(node)).map(Some)
    }
}

/// One value, or none if it cannot be read, which is then reported.
pub(crate) struct Tried<'de>(pub(crate) Option<Reader<'de>>);

impl<'de> SeqAccess<'de> for Tried<'de> {
    type Error = Failure;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Failure> {
        let Some(reader) = self.0.take() else {
            return Ok(None);
        };
        match seed.deserialize(reader) {
            Ok(value) => Ok(Some(value)),
            Err(failure) => {
                let problem = failure.at(reader.node.span).problem();
                reader.problems.borrow_mut().push(problem);
                Ok(None)
            }
        }
    }
}

/// A value behind the numbers of its place: start, length, value.
pub(crate) struct Placed<D> {
    span: Span,
    pub(crate) value: Option<D>,
    next: u8,
}

impl<D> Placed<D> {
    pub(crate) fn new(value: D, span: Span) -> Self {
        Self {
            span,
            value: Some(value),
            next: 0,
        }
    }
}

impl<'de, D: de::Deserializer<'de, Error = Failure>> SeqAccess<'de> for Placed<D> {
    type Error = Failure;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Failure> {
        self.next += 1;
        match self.next {
            1 => seed
                .deserialize(self.span.start.into_deserializer())
                .map(Some),
            2 => seed
                .deserialize(self.span.length.into_deserializer())
                .map(Some),
            _ => self
                .value
                .take()
                .map(|value| seed.deserialize(value))
                .transpose(),
        }
    }
}
