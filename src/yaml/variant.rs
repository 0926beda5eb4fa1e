//! How the reader takes one word out of several, with what is written behind it.

use serde::de::{self, DeserializeSeed, EnumAccess, VariantAccess, Visitor};

use super::access::Placed;
use super::diagnostic::{Mistake, Unknown};
use super::reader::{Failure, Reader, shown};
use super::wrapper::SPOT;

/// One word out of several, with what is written behind it.
#[derive(Clone, Copy)]
pub(crate) struct Variant<'de> {
    pub(crate) reader: Reader<'de>,
    pub(crate) content: Option<Reader<'de>>,
}

/// A deserialiser of nothing but an enumeration.
pub(crate) struct Action<'de>(pub(crate) Variant<'de>);

impl<'de> de::Deserializer<'de> for Action<'de> {
    type Error = Failure;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failure> {
        visitor.visit_enum(self.0)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        self.0.check(name, variants)?;
        visitor.visit_enum(self.0)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Failure> {
        let span = self.0.reader.node.span;
        match name {
            SPOT => visitor.visit_seq(Placed::new(self, span)),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

impl<'de> Variant<'de> {
    pub(crate) fn check(self, name: &str, variants: &[&str]) -> Result<(), Failure> {
        let word = self.reader.text(&name)?;
        if variants.contains(&word) {
            return Ok(());
        }
        let what = super::article(name);
        let unknown = Unknown::new(word, variants.iter().copied());
        self.reader.fail(Mistake::UnknownWord { what, unknown })
    }
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Failure;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Failure> {
        Ok((seed.deserialize(self.reader)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = Failure;

    fn unit_variant(self) -> Result<(), Failure> {
        match self.content {
            Some(content) if !content.node.is_null() => content.expected(&"nothing more"),
            _ => Ok(()),
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Failure> {
        match self.content {
            Some(content) => seed
                .deserialize(content)
                .map_err(|e| e.at(content.node.span)),
            None => {
                let what = format!("`{}`", self.reader.node.text().unwrap_or_default());
                self.reader.fail(Mistake::Empty { what })
            }
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Failure> {
        self.reader.expected(&shown(&visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failure> {
        match self.content {
            Some(content) => de::Deserializer::deserialize_struct(content, "this", fields, visitor),
            None => self.reader.expected(&shown(&visitor)),
        }
    }
}
