//! A Serde deserialiser over the tree that reports every mistake with its place and goes on where it can.
//!
//! Scalars are text; only a type that asks for a number or a boolean gets one. Unknown and double keys are reported
//! and passed over. A value inside [`super::Field`] that cannot be read is reported and becomes `Faulty`; outside
//! of one, the mistake ends the value around it.

use std::cell::RefCell;
use std::fmt::{self, Display};

use serde::de::{self, Visitor, value::SeqDeserializer};

use super::access::{Elements, Entries, Part, PartValue, Parts, Placed, Tried};
use super::diagnostic::{Mistake, Problem, Span, Unknown};
use super::tree::{Kind, Node};
use super::variant::Variant;
use super::wrapper::{FIELD, JSON, MANY, NULLABLE, SPOT};

/// The name of a structure that reads a mapping of one action and its companions, see [`Reader::step`].
const STEP: &str = "step";
/// The field of such a structure that holds the action.
const ACTION: &str = "action";
/// The name of a structure whose first field may stand alone.
const DISTURBANCE: &str = "disturbance";

/// Where the mistakes go.
pub(crate) type Problems = RefCell<Vec<Problem>>;

/// A mistake that ends the reading of a value; the place is filled in by whoever knows it.
#[derive(Debug)]
pub(crate) struct Failure(Mistake, Option<Span>);

impl Failure {
    pub(crate) fn at(mut self, span: Span) -> Self {
        self.1.get_or_insert(span);
        self
    }

    pub(crate) fn problem(self) -> Problem {
        Problem::new(self.0, self.1.unwrap_or_default())
    }
}

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Failure {}

impl de::Error for Failure {
    fn custom<T: Display>(message: T) -> Self {
        Self(
            Mistake::wrong(message.to_string(), "write it as the schema says"),
            None,
        )
    }

    fn missing_field(field: &'static str) -> Self {
        let what = "this".to_owned();
        let key = field.to_owned();
        Self(Mistake::MissingKey { what, key }, None)
    }
}

/// A node and where its mistakes go.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'de> {
    pub(crate) node: &'de Node,
    pub(crate) problems: &'de Problems,
    /// Whether bare numbers, booleans and nulls are such: inside JSON.
    infer: bool,
}

impl<'de> Reader<'de> {
    pub(crate) fn new(node: &'de Node, problems: &'de Problems) -> Self {
        Self {
            node,
            problems,
            infer: false,
        }
    }

    pub(crate) fn to(self, node: &'de Node) -> Self {
        Self { node, ..self }
    }

    pub(crate) fn report(self, mistake: Mistake, span: Span) {
        self.problems.borrow_mut().push(Problem::new(mistake, span));
    }

    pub(crate) fn fail<T>(self, mistake: Mistake) -> Result<T, Failure> {
        Err(Failure(mistake, Some(self.node.span)))
    }

    pub(crate) fn expected<T>(self, expected: &dyn Display) -> Result<T, Failure> {
        let (expected, found) = (expected.to_string(), self.node.describe());
        self.fail(Mistake::WrongType { expected, found })
    }

    /// The text of a scalar that is not blank.
    pub(crate) fn text(self, expected: &dyn Display) -> Result<&'de str, Failure> {
        match self.node.text() {
            Some(text) if !self.node.is_blank() => Ok(text),
            _ => self.expected(expected),
        }
    }

    fn number<T: std::str::FromStr>(self) -> Result<T, Failure> {
        match self.text(&"a whole number")?.parse() {
            Ok(number) => Ok(number),
            Err(_) => self.expected(&"a whole number"),
        }
    }

    /// The entries of a mapping whose keys are text, each key once; everything else is reported.
    fn entries(
        self,
        expected: &dyn Display,
    ) -> Result<Vec<(&'de str, &'de Node, &'de Node)>, Failure> {
        let Kind::Map(entries) = &self.node.kind else {
            return self.expected(expected);
        };
        let mut seen: std::collections::BTreeMap<&str, Span> = std::collections::BTreeMap::new();
        let mut kept = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let Some(name) = key.text().filter(|_| !key.is_blank()) else {
                let (expected, found) = ("a key of text".to_owned(), key.describe());
                self.report(Mistake::WrongType { expected, found }, key.span);
                continue;
            };
            if let Some(first) = seen.get(name) {
                let mistake = Mistake::DuplicateKey {
                    key: name.to_owned(),
                };
                self.problems
                    .borrow_mut()
                    .push(Problem::new(mistake, key.span).after(*first));
                continue;
            }
            seen.insert(name, key.span);
            kept.push((name, key, value));
        }
        Ok(kept)
    }

    /// Reads `{assign: ada, disturb: time-out}`: one action, and fields that stand beside it.
    fn step<V: Visitor<'de>>(
        self,
        fields: &[&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        let companion = |name: &str| name != ACTION && fields.contains(&name);
        let mut parts: Vec<Part<'de>> = Vec::new();
        if self.node.text().is_some() && !self.node.is_blank() {
            parts.push((ACTION, self.node.span, PartValue::Node(self)));
        } else {
            let mut action: Option<(&str, Span)> = None;
            for (name, key, value) in self.entries(&"a step, such as `assign: ada`")? {
                if companion(name) {
                    parts.push((name, key.span, PartValue::Node(self.to(value))));
                } else if let Some((first, span)) = action {
                    let (first, second) = (first.to_owned(), name.to_owned());
                    let mistake = Mistake::TwoActions { first, second };
                    self.problems
                        .borrow_mut()
                        .push(Problem::new(mistake, key.span).after(span));
                } else {
                    action = Some((name, key.span));
                    let content = Some(self.to(value));
                    let reader = self.to(key);
                    parts.push((
                        ACTION,
                        key.span,
                        PartValue::Action(Variant { reader, content }),
                    ));
                }
            }
            if action.is_none() {
                return self.fail(Mistake::wrong(
                    "the step does not say what happens",
                    "begin it with an action, such as `assign: ada`",
                ));
            }
        }
        visitor.visit_map(Parts {
            parts: parts.into_iter(),
            value: None,
        })
    }
}

/// What a visitor expects.
pub(crate) fn shown(visitor: &dyn de::Expected) -> String {
    visitor.to_string()
}

macro_rules! numbers {
    ($($method:ident $visit:ident,)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
            visitor.$visit(self.number()?)
        }
    )*};
}

impl<'de> de::Deserializer<'de> for Reader<'de> {
    type Error = Failure;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match &self.node.kind {
            Kind::Bare(text) if self.infer => match text.as_str() {
                "true" => visitor.visit_bool(true),
                "false" => visitor.visit_bool(false),
                _ if self.node.is_null() => visitor.visit_unit(),
                text => match serde_json::from_str::<serde_json::Number>(text) {
                    Ok(number) => de::Deserializer::deserialize_any(number, visitor)
                        .map_err(de::Error::custom),
                    Err(_) => visitor.visit_str(text),
                },
            },
            Kind::Text(text) | Kind::Bare(text) => visitor.visit_str(text),
            Kind::List(nodes) => visitor.visit_seq(Elements {
                reader: self,
                nodes: nodes.iter(),
            }),
            Kind::Map(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_str(self.text(&"text")?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.deserialize_str(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match self.node.text() {
            Some("true") => visitor.visit_bool(true),
            Some("false") => visitor.visit_bool(false),
            _ => self.expected(&"`true` or `false`"),
        }
    }

    numbers! {
        deserialize_i8 visit_i8,
        deserialize_i16 visit_i16,
        deserialize_i32 visit_i32,
        deserialize_i64 visit_i64,
        deserialize_u8 visit_u8,
        deserialize_u16 visit_u16,
        deserialize_u32 visit_u32,
        deserialize_u64 visit_u64,
    }

    /// What is written is there: only [`super::Nullable`] knows `null`.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        match name {
            FIELD => visitor.visit_seq(Tried(Some(self))),
            SPOT => visitor.visit_seq(Placed::new(self, self.node.span)),
            NULLABLE if self.node.is_null() => {
                visitor.visit_seq(SeqDeserializer::<_, Failure>::new(std::iter::empty::<u8>()))
            }
            NULLABLE => visitor.visit_newtype_struct(self),
            MANY if matches!(self.node.kind, Kind::List(_)) => self.deserialize_any(visitor),
            JSON => visitor.visit_newtype_struct(Self {
                infer: true,
                ..self
            }),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        match &self.node.kind {
            Kind::List(_) => self.deserialize_any(visitor),
            _ => self.expected(&"a list"),
        }
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        let entries = self.entries(&shown(&visitor))?.into_iter();
        visitor.visit_map(Entries {
            reader: self,
            entries,
            value: None,
        })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        let what = super::article(name);
        if name == STEP {
            return self.step(fields, visitor);
        }
        let mut parts = Vec::new();
        if name == DISTURBANCE && self.node.text().is_some() {
            let alone = fields
                .first()
                .map(|field| (*field, self.node.span, PartValue::Node(self)));
            let parts = Parts {
                parts: Vec::from_iter(alone).into_iter(),
                value: None,
            };
            return visitor.visit_map(parts);
        }
        for (key, place, value) in self.entries(&super::shape(name))? {
            if fields.contains(&key) {
                parts.push((key, place.span, PartValue::Node(self.to(value))));
            } else {
                let unknown = Unknown::new(key, fields.iter().copied());
                let what = what.clone();
                self.report(Mistake::UnknownKey { what, unknown }, place.span);
            }
        }
        let parts = Parts {
            parts: parts.into_iter(),
            value: None,
        };
        visitor.visit_map(parts).map_err(|failure| match failure {
            Failure(Mistake::MissingKey { key, .. }, None) => {
                Failure(Mistake::MissingKey { what, key }, Some(self.node.span))
            }
            other => other.at(self.node.span),
        })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        let variant = Variant {
            reader: self,
            content: None,
        };
        variant.check(name, variants)?;
        visitor.visit_enum(variant)
    }

    serde::forward_to_deserialize_any! {
        i128 u128 f32 f64 bytes byte_buf unit unit_struct tuple tuple_struct ignored_any
    }
}
