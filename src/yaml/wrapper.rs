//! What the format's types are made of: values with their place, values that may be faulty, lists of one.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::diagnostic::Span;

/// Marks a [`Field`] for the reader.
pub(crate) const FIELD: &str = "field";
/// Marks a [`Spot`] for the reader.
pub(crate) const SPOT: &str = "spot";
/// Marks a [`Nullable`] for the reader.
pub(crate) const NULLABLE: &str = "nullable";
/// Marks a [`Many`] for the reader.
pub(crate) const MANY: &str = "many";
/// Marks a [`Json`] for the reader.
pub(crate) const JSON: &str = "json";

/// A type that looks in the schema like what it holds.
macro_rules! transparent_schema {
    ($($wrapper:ident)*) => {$(
        impl<T: JsonSchema> JsonSchema for $wrapper<T> {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                T::schema_name()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                generator.subschema_for::<T>()
            }
        }
    )*};
}

transparent_schema!(Field Spot);

/// A list that is empty when nothing is written, whatever it holds.
macro_rules! empty_by_default {
    ($($wrapper:ident)*) => {$(
        impl<T> Default for $wrapper<T> {
            fn default() -> Self {
                Self(Vec::new())
            }
        }
    )*};
}

empty_by_default!(Many Items Named);

/// A value that may be missing, or written but faulty, which is then already reported.
#[derive(Clone, Debug, Default)]
pub(crate) enum Field<T> {
    /// Not written.
    #[default]
    Missing,
    /// Written and not readable.
    Faulty,
    /// Read.
    Read(T),
}

impl<T> Field<T> {
    /// The value, where it was read.
    pub(crate) fn read(self) -> Option<T> {
        match self {
            Self::Read(value) => Some(value),
            Self::Missing | Self::Faulty => None,
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Field<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for FieldVisitor<T> {
            type Value = Field<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Field<T>, A::Error> {
                Ok(access.next_element()?.map_or(Field::Faulty, Field::Read))
            }
        }

        deserializer.deserialize_newtype_struct(FIELD, FieldVisitor(PhantomData))
    }
}

/// A value and its place in the file.
#[derive(Clone, Debug)]
pub(crate) struct Spot<T> {
    pub(crate) value: T,
    pub(crate) span: Span,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spot<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SpotVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for SpotVisitor<T> {
            type Value = Spot<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value with its place")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Spot<T>, A::Error> {
                let lost = |part| de::Error::invalid_length(part, &self);
                let start = access.next_element()?.ok_or_else(|| lost(0))?;
                let length = access.next_element()?.ok_or_else(|| lost(1))?;
                let value = access.next_element()?.ok_or_else(|| lost(2))?;
                let span = Span { start, length };
                Ok(Spot { value, span })
            }
        }

        deserializer.deserialize_newtype_struct(SPOT, SpotVisitor(PhantomData))
    }
}

/// A value or a bare `null`, which empties what it stands for.
#[derive(Clone, Debug)]
pub(crate) struct Nullable<T>(pub(crate) Option<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Nullable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NullableVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for NullableVisitor<T> {
            type Value = Nullable<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value or `null`")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Nullable<T>, A::Error> {
                Ok(Nullable(None))
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                value: D,
            ) -> Result<Nullable<T>, D::Error> {
                T::deserialize(value).map(|value| Nullable(Some(value)))
            }
        }

        deserializer.deserialize_newtype_struct(NULLABLE, NullableVisitor(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for Nullable<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Nullable{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<Option<T>>()
    }
}

/// Anything that JSON can hold: here, bare numbers, booleans and `null` are such.
#[derive(Clone, Debug)]
pub(crate) struct Json(pub(crate) serde_json::Value);

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct JsonVisitor;

        impl<'de> Visitor<'de> for JsonVisitor {
            type Value = Json;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value of JSON")
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                value: D,
            ) -> Result<Json, D::Error> {
                serde_json::Value::deserialize(value).map(Json)
            }
        }

        deserializer.deserialize_newtype_struct(JSON, JsonVisitor)
    }
}

impl JsonSchema for Json {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Json".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        Schema::default()
    }
}

/// Text and its place. A bare number, boolean or `null` is its text, whatever YAML would make of it.
#[derive(Clone, Debug)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) span: Span,
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Spot { value: text, span } = Spot::deserialize(deserializer)?;
        Ok(Self { text, span })
    }
}

impl JsonSchema for Text {
    fn schema_name() -> Cow<'static, str> {
        "text".into()
    }

    /// Editors read `2.0` and `no` as YAML does, so the schema lets every scalar pass.
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "type": ["string", "number", "boolean", "null"] })
    }
}

/// One value, or a list of them.
#[derive(Clone, Debug)]
pub(crate) struct Many<T>(pub(crate) Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ManyVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for ManyVisitor<T> {
            type Value = Many<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one value or a list of values")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, access: A) -> Result<Many<T>, A::Error> {
                let list = Items::deserialize(de::value::SeqAccessDeserializer::new(access))?;
                Ok(Many(list.0))
            }

            fn visit_newtype_struct<D: Deserializer<'de>>(
                self,
                value: D,
            ) -> Result<Many<T>, D::Error> {
                Ok(Many(vec![T::deserialize(value)?]))
            }
        }

        deserializer.deserialize_newtype_struct(MANY, ManyVisitor(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for Many<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Many{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        let list = generator.subschema_for::<Vec<T>>();
        schemars::json_schema!({ "anyOf": [one, list] })
    }
}

/// A list whose faulty elements are left out.
#[derive(Clone, Debug)]
pub(crate) struct Items<T>(pub(crate) Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Items<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields: Vec<Field<T>> = Vec::deserialize(deserializer)?;
        Ok(Self(fields.into_iter().filter_map(Field::read).collect()))
    }
}

impl<T: JsonSchema> JsonSchema for Items<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Items{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<Vec<T>>()
    }
}

/// Values by name, in the order of the file; a faulty value keeps its name, so that what names it is not wrong too.
#[derive(Clone, Debug)]
pub(crate) struct Named<T>(pub(crate) Vec<(Text, Option<T>)>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NamedVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for NamedVisitor<T> {
            type Value = Named<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping of names")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Named<T>, A::Error> {
                let mut entries = Vec::new();
                while let Some((key, value)) = access.next_entry::<Text, Field<T>>()? {
                    entries.push((key, value.read()));
                }
                Ok(Named(entries))
            }
        }

        deserializer.deserialize_map(NamedVisitor(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for Named<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Named{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let value = generator.subschema_for::<T>();
        schemars::json_schema!({ "type": "object", "additionalProperties": value })
    }
}
