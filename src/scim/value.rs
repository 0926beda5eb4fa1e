//! JSON as it stood on the wire: member order, duplicate keys and the text of numbers survive.
//!
//! `serde_json::Value` folds duplicate keys and re-writes numbers. A tester of foreign servers must see both,
//! and an IdP that reads, changes and writes back a resource must not change what it did not mean to change.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde_json::value::RawValue;

/// How deep arrays and objects may nest. SCIM itself needs four levels.
pub const MAX_DEPTH: usize = 64;

/// One JSON value.
#[derive(Clone, PartialEq, Eq)]
pub enum Value {
    /// `null`, which SCIM equates with "unassigned" (RFC 7643 §2.5).
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, kept as its text.
    Number(Number),
    /// A string, unescaped.
    String(String),
    /// An array.
    Array(Vec<Value>),
    /// An object.
    Object(Object),
}

/// A JSON number as it was written: `1`, `1.0` and `1e0` stay apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Number(String);

/// A JSON object: members in their order, duplicate names included.
///
/// Names are compared without case wherever a name is looked up (RFC 7643 §2.1).
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Object(Vec<(String, Value)>);

/// Why a text is not a JSON value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// The text breaks JSON's grammar, or holds a lone surrogate or bytes that are not UTF-8.
    #[error("not JSON: {0}")]
    Syntax(String),
    /// Arrays and objects nest deeper than [`MAX_DEPTH`].
    #[error("nested deeper than {MAX_DEPTH} levels")]
    TooDeep,
}

impl Number {
    /// The number's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number as an integer, if it is written as one and fits.
    pub fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    /// The number as a float.
    pub fn as_f64(&self) -> Option<f64> {
        self.0.parse().ok()
    }
}

impl Object {
    /// An object without members.
    pub fn new() -> Self {
        Self::default()
    }

    /// The first member of that name, in any case.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v)
    }

    /// The first member of that name, in any case, to change it.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        self.0
            .iter_mut()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v)
    }

    /// Whether a member of that name exists, in any case.
    pub fn contains(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// Sets a member: in place where the name exists (in any case), at the end where not.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        let name = name.into();
        match self.get_mut(&name) {
            Some(old) => *old = value.into(),
            None => self.0.push((name, value.into())),
        }
    }

    /// Appends a member without looking for one of the same name.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.0.push((name.into(), value.into()));
    }

    /// Takes out every member of that name, in any case, and returns the first.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let mut first = None;
        self.0.retain_mut(|(n, v)| {
            if !n.eq_ignore_ascii_case(name) {
                return true;
            }
            let taken = std::mem::replace(v, Value::Null);
            first.get_or_insert(taken);
            false
        });
        first
    }

    /// The members in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v))
    }

    /// The members in their order, to change their values.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut Value)> {
        self.0.iter_mut().map(|(n, v)| (n.as_str(), v))
    }

    /// Keeps the members for which `keep` says so.
    pub fn retain(&mut self, mut keep: impl FnMut(&str, &Value) -> bool) {
        self.0.retain(|(n, v)| keep(n, v));
    }

    /// How many members there are, duplicates counted.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no member.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first name that occurs twice (in any case), if one does.
    pub fn duplicate(&self) -> Option<&str> {
        // A set, because a body may hold a million names.
        let mut seen = BTreeSet::new();
        let mut names = self.0.iter().map(|(name, _)| name.as_str());
        names.find(|name| !seen.insert(name.to_ascii_lowercase()))
    }
}

impl FromIterator<(String, Value)> for Object {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(members: I) -> Self {
        Self(members.into_iter().collect())
    }
}

impl IntoIterator for Object {
    type Item = (String, Value);
    type IntoIter = std::vec::IntoIter<(String, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl Value {
    /// Reads one JSON value from text.
    ///
    /// ```
    /// use scimulate::scim::Value;
    ///
    /// let value = Value::parse(r#"{"b": 1.0, "a": 1, "b": 2}"#).unwrap();
    /// assert_eq!(value.to_string(), r#"{"b":1.0,"a":1,"b":2}"#);
    /// ```
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let raw: &RawValue =
            serde_json::from_str(text).map_err(|e| ParseError::Syntax(e.to_string()))?;
        from_raw(raw, MAX_DEPTH)
    }

    /// Reads one JSON value from bytes, which must be UTF-8.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, ParseError> {
        let text = std::str::from_utf8(bytes).map_err(|e| ParseError::Syntax(e.to_string()))?;
        Self::parse(text)
    }

    /// The member of that name, in any case, if this is an object that has one.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.as_object()?.get(name)
    }

    /// The value behind a series of member names.
    pub fn at(&self, names: &[&str]) -> Option<&Value> {
        names.iter().try_fold(self, |value, name| value.get(name))
    }

    /// The string, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean, if this is one. Text is never one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// The integer, if this is a number written as one.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// The elements, if this is an array.
    pub fn as_array(&self) -> Option<&[Value]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The elements to change, if this is an array.
    pub fn as_array_mut(&mut self) -> Option<&mut Vec<Value>> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The object, if this is one.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The object to change, if this is one.
    pub fn as_object_mut(&mut self) -> Option<&mut Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// Whether SCIM reads this as "no value": `null` or an empty array (RFC 7643 §2.5).
    pub fn is_unassigned(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Array(items) => items.is_empty(),
            _ => false,
        }
    }

    /// The first name that an object in this value holds twice (in any case), if one does.
    pub fn duplicate(&self) -> Option<&str> {
        match self {
            Self::Object(object) => object
                .duplicate()
                .or_else(|| object.iter().find_map(|(_, value)| value.duplicate())),
            Self::Array(items) => items.iter().find_map(Self::duplicate),
            _ => None,
        }
    }

    /// What JSON calls this kind of value, for messages.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Number(_) => "number",
            Self::String(_) => "string",
            Self::Array(_) => "array",
            Self::Object(_) => "object",
        }
    }
}

/// Reads a value level by level, so that the depth is bounded and numbers keep their text.
fn from_raw(raw: &RawValue, depth: usize) -> Result<Value, ParseError> {
    let syntax = |e: serde_json::Error| ParseError::Syntax(e.to_string());
    let text = raw.get();
    let deeper = depth.checked_sub(1).ok_or(ParseError::TooDeep);
    Ok(match text.as_bytes().first() {
        Some(b'{') => {
            let deeper = deeper?;
            let members: RawMembers<'_> = serde_json::from_str(text).map_err(syntax)?;
            let members = members.0.into_iter();
            Value::Object(
                members
                    .map(|(name, raw)| Ok((name, from_raw(raw, deeper)?)))
                    .collect::<Result<_, ParseError>>()?,
            )
        }
        Some(b'[') => {
            let deeper = deeper?;
            let items: Vec<&RawValue> = serde_json::from_str(text).map_err(syntax)?;
            let items = items.into_iter();
            Value::Array(
                items
                    .map(|raw| from_raw(raw, deeper))
                    .collect::<Result<_, _>>()?,
            )
        }
        Some(b'"') => Value::String(serde_json::from_str(text).map_err(syntax)?),
        Some(b't') => Value::Bool(true),
        Some(b'f') => Value::Bool(false),
        Some(b'n') => Value::Null,
        _ => Value::Number(Number(text.to_owned())),
    })
}

struct RawMembers<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for RawMembers<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<'a>(std::marker::PhantomData<&'a ()>);
        impl<'de: 'a, 'a> Visitor<'de> for Members<'a> {
            type Value = RawMembers<'a>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(RawMembers(members))
            }
        }
        deserializer.deserialize_map(Members(std::marker::PhantomData))
    }
}

/// Reads from any format (tapes, YAML); the text of a float is then as that format's reader gives it.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON value")
            }

            fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }

            fn visit_none<E: de::Error>(self) -> Result<Value, E> {
                Ok(Value::Null)
            }

            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
                Value::deserialize(deserializer)
            }

            fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Value, E> {
                Ok(Value::Bool(flag))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Value, E> {
                Ok(Value::from(number))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Value, E> {
                Ok(Value::Number(Number(number.to_string())))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Value, E> {
                Ok(Value::Number(Number(format!("{number:?}"))))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
                Ok(Value::from(text))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Value::Array(items))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
                let mut object = Object::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    object.push(name, value);
                }
                Ok(Value::Object(object))
            }
        }
        deserializer.deserialize_any(Any)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(flag) => serializer.serialize_bool(*flag),
            Self::Number(number) => match RawValue::from_string(number.0.clone()) {
                Ok(raw) => raw.serialize(serializer),
                Err(e) => Err(serde::ser::Error::custom(e)),
            },
            Self::String(text) => serializer.serialize_str(text),
            Self::Array(items) => {
                let mut seq = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    seq.serialize_element(item)?;
                }
                seq.end()
            }
            Self::Object(object) => {
                let mut map = serializer.serialize_map(Some(object.len()))?;
                for (name, value) in object.iter() {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

/// Compact JSON; `{:#}` gives indented JSON.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = if f.alternate() {
            serde_json::to_string_pretty(self)
        } else {
            serde_json::to_string(self)
        };
        f.write_str(&text.map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&Value::Object(self.clone()), f)
    }
}

/// Lets bodies be written with `serde_json::json!`, whose member order is kept.
impl From<serde_json::Value> for Value {
    fn from(json: serde_json::Value) -> Self {
        use serde_json::Value as Json;
        match json {
            Json::Null => Self::Null,
            Json::Bool(flag) => Self::Bool(flag),
            Json::Number(number) => Self::Number(Number(number.to_string())),
            Json::String(text) => Self::String(text),
            Json::Array(items) => Self::Array(items.into_iter().map(Self::from).collect()),
            Json::Object(members) => {
                let members = members.into_iter();
                Self::Object(members.map(|(n, v)| (n, Self::from(v))).collect())
            }
        }
    }
}

impl From<Object> for Value {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Bool(flag)
    }
}

impl From<i64> for Number {
    fn from(number: i64) -> Self {
        Self(number.to_string())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Number(number.into())
    }
}

impl From<Vec<Value>> for Value {
    fn from(items: Vec<Value>) -> Self {
        Self::Array(items)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_duplicates_and_number_text_survive() {
        let text =
            r#"{"z":1.0,"a":[1e2,-0,12345678901234567890123],"z":null,"t":"\u00e4\"","o":{}}"#;
        let value = Value::parse(text).unwrap();
        assert_eq!(value.to_string(), text.replace("\\u00e4", "ä"));
        assert_eq!(value.duplicate(), Some("z"));
        let inside = Value::parse(r#"[{"a":{"b":1,"B":2}}]"#).unwrap();
        assert_eq!(inside.duplicate(), Some("B"));
        assert_eq!(
            Value::parse(r#"[{"a":1},{"a":1}]"#).unwrap().duplicate(),
            None
        );
    }

    #[test]
    fn names_are_found_in_any_case() {
        let value = Value::parse(r#"{"UserName":"ada","name":{"GIVENNAME":"Ada"}}"#).unwrap();
        assert_eq!(value.get("username").and_then(Value::as_str), Some("ada"));
        assert_eq!(
            value.at(&["Name", "givenName"]).and_then(Value::as_str),
            Some("Ada")
        );
    }

    #[test]
    fn deep_nesting_and_broken_text_are_errors() {
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert!(Value::parse(&deep).is_err());
        let deep = "[".repeat(65) + &"]".repeat(65);
        assert_eq!(Value::parse(&deep), Err(ParseError::TooDeep));
        for broken in [
            "",
            "{",
            "{\"a\":}",
            "\"\\ud800\"",
            "nul",
            "1 2",
            "01",
            "{\"a\":1,}",
        ] {
            assert!(Value::parse(broken).is_err(), "{broken}");
        }
        assert!(Value::from_slice(b"\"\xff\"").is_err());
    }

    #[test]
    fn set_keeps_the_place_and_remove_takes_all() {
        let Value::Object(mut object) = Value::parse(r#"{"a":1,"B":2,"b":3}"#).unwrap() else {
            unreachable!("written as an object")
        };
        object.set("A", true);
        assert_eq!(object.remove("b"), Some(Value::from(2)));
        object.set("c", "x");
        assert_eq!(Value::from(object).to_string(), r#"{"a":true,"c":"x"}"#);
    }
}
