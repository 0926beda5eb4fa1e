//! A client's JSON turned into attributes: names in canonical spelling, values of the schema's types, what is read-only
//! or unknown left aside (RFC 7644 §3.3, §3.5.1).

use std::collections::BTreeSet;

use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine, alphabet};

use super::choices::Writes;
use super::matching::read_time;
use super::reply::Failure;
use super::settings::Leniency;
use crate::scim::schema::{Attribute, Mutability, ResourceType, Type};
use crate::scim::{Object, Value};

/// Reads bodies and values with a tenant's leniency.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader {
    pub(super) kind: &'static ResourceType,
    pub(super) leniency: Leniency,
    pub(super) writes: Writes,
    /// How many values an attribute other than `members` may have.
    pub(super) max_values: usize,
}

/// A resource as a client wrote it.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// The attributes, without members and password.
    pub(super) doc: Object,
    /// The ids under `members`, if it was given.
    pub(super) members: Option<Vec<String>>,
    /// The password, if one was given.
    pub(super) password: Option<String>,
}

impl Reader {
    /// Reads the body of a POST or PUT.
    pub(super) fn resource(&self, body: &Object) -> Result<Written, Failure> {
        check_schemas(body, self.kind.schema.id, self.leniency)?;
        let mut written = Written::default();
        for (name, value) in body.iter() {
            if let Some(extension) = self.kind.extension(name) {
                let inner = self.extension(extension.id, extension.attributes, value)?;
                if let Some(inner) = inner {
                    written.doc.set(extension.id, inner);
                }
                continue;
            }
            let Some(attribute) = self.kind.attribute(name) else {
                if self.writes.refuse_unknown {
                    return Err(Failure::syntax(format!("there is no attribute `{name}`")));
                }
                continue;
            };
            if attribute.mutability == Mutability::ReadOnly {
                continue;
            }
            let value = self.value(attribute, value)?;
            match (attribute.name, value) {
                ("members", value) => written.members = Some(ids_of(value.as_ref())),
                ("password", value) => {
                    written.password = value.and_then(|v| v.as_str().map(str::to_owned));
                }
                (name, Some(value)) => written.doc.push(name, value),
                (_, None) => {}
            }
        }
        Ok(written)
    }

    fn extension(
        &self,
        urn: &str,
        attributes: &'static [Attribute],
        value: &Value,
    ) -> Result<Option<Value>, Failure> {
        match value {
            Value::Null => Ok(None),
            Value::Object(object) => self.object(attributes, object),
            other => Err(wrong_type(urn, "an object", other)),
        }
    }

    /// The value of an attribute, or none if it is unassigned (RFC 7643 §2.5).
    pub(super) fn value(
        &self,
        attribute: &'static Attribute,
        value: &Value,
    ) -> Result<Option<Value>, Failure> {
        if value.is_unassigned() {
            return Ok(None);
        }
        if !attribute.multi_valued {
            return self.single(attribute, value);
        }
        let items = match value {
            Value::Array(items) => items.as_slice(),
            single if self.leniency.loose_values => std::slice::from_ref(single),
            other => return Err(wrong_type(attribute.name, "a list", other)),
        };
        let mut read: Vec<Value> = Vec::with_capacity(items.len());
        // Members are read by id alone, and a set holds them.
        if attribute.name == "members" {
            for item in items {
                read.extend(self.single(attribute, item)?);
            }
            return Ok(Some(Value::Array(read)));
        }
        self.check_size(attribute, items.len())?;
        let mut seen = BTreeSet::new();
        for item in items {
            let Some(item) = self.single(attribute, item)? else {
                continue;
            };
            if seen.insert(entry_key(&item)) {
                read.push(item);
            }
        }
        one_primary(attribute, &read)?;
        Ok((!read.is_empty()).then_some(Value::Array(read)))
    }

    /// One value of an attribute, whether or not it may have several.
    pub(super) fn single(
        &self,
        attribute: &'static Attribute,
        value: &Value,
    ) -> Result<Option<Value>, Failure> {
        let name = attribute.name;
        let loose = self.leniency.loose_values;
        let unwrapped = match (attribute.kind, value) {
            (Type::Complex, _) => None,
            (_, Value::Array(items)) if loose => match &items[..] {
                [only] => only.get("value").or(Some(only)),
                _ => None,
            },
            (_, Value::Object(object)) if loose => object.get("value"),
            _ => None,
        };
        let value = unwrapped.unwrap_or(value);
        if value.is_unassigned() {
            return Ok(None);
        }
        match (attribute.kind, value) {
            (Type::Complex, Value::Object(object)) => self.object(attribute.subs, object),
            (Type::Complex, Value::String(text)) if loose => match attribute.default_sub() {
                Some(_) if text.is_empty() => Ok(None),
                Some(sub) => {
                    let mut object = Object::new();
                    object.push(sub.name, text.as_str());
                    Ok(Some(object.into()))
                }
                None => Err(wrong_type(name, "an object", value)),
            },
            (Type::Complex, Value::Array(items)) if loose && items.len() == 1 => {
                self.single(attribute, &items[0])
            }
            (Type::Complex, other) => Err(wrong_type(name, "an object", other)),
            (Type::Boolean, Value::Bool(_)) => Ok(Some(value.clone())),
            (Type::Boolean, Value::String(text)) if self.leniency.text_booleans => {
                match text.to_ascii_lowercase().as_str() {
                    "true" => Ok(Some(true.into())),
                    "false" => Ok(Some(false.into())),
                    _ => Err(wrong_type(name, "true or false", value)),
                }
            }
            (Type::Boolean, other) => Err(wrong_type(name, "true or false", other)),
            (Type::Integer, Value::Number(number)) if number.as_i64().is_some() => {
                Ok(Some(value.clone()))
            }
            (Type::Integer, other) => Err(wrong_type(name, "a whole number of 64 bits", other)),
            (Type::Decimal, Value::Number(number))
                if number.as_f64().is_some_and(f64::is_finite) =>
            {
                Ok(Some(value.clone()))
            }
            (Type::Decimal, other) => Err(wrong_type(name, "a number of 64 bits", other)),
            (Type::DateTime, Value::String(text)) if read_time(text).is_none() => {
                Err(wrong_type(name, "a date with time", value))
            }
            (Type::Binary, Value::String(text)) if !is_base64(text) => {
                Err(wrong_type(name, "base64", value))
            }
            (_, Value::String(_)) => Ok(Some(value.clone())),
            (_, other) => Err(wrong_type(name, "a text", other)),
        }
    }

    /// Lists other than `members` are short.
    pub(super) fn check_size(&self, attribute: &Attribute, size: usize) -> Result<(), Failure> {
        let (name, max) = (attribute.name, self.max_values);
        if size <= max {
            return Ok(());
        }
        let detail = format!("`{name}` holds {size} values, more than {max}");
        Err(Failure::value(detail))
    }

    fn object(
        &self,
        attributes: &'static [Attribute],
        object: &Object,
    ) -> Result<Option<Value>, Failure> {
        let mut read = Object::new();
        for (name, value) in object.iter() {
            let Some(attribute) = crate::scim::schema::find(attributes, name) else {
                continue;
            };
            if attribute.mutability == Mutability::ReadOnly {
                continue;
            }
            if let Some(value) = self.value(attribute, value)? {
                read.push(attribute.name, value);
            }
        }
        Ok((!read.is_empty()).then(|| read.into()))
    }
}

/// `schemas` must name the type of the resource (RFC 7643 §3) or the message (RFC 7644 §3.5.2, §3.7, §3.4.3); other
/// URNs beside it are left aside.
pub(super) fn check_schemas(body: &Object, own: &str, leniency: Leniency) -> Result<(), Failure> {
    let urns = match body.get("schemas") {
        None | Some(Value::Null) => &[],
        Some(Value::Array(urns)) => urns.as_slice(),
        Some(_) => return Err(Failure::syntax("`schemas` must be a list of URNs")),
    };
    let is_own = |urn: &Value| {
        urn.as_str()
            .is_some_and(|urn| urn.eq_ignore_ascii_case(own))
    };
    if urns.iter().any(is_own) || urns.is_empty() && leniency.missing_schemas {
        return Ok(());
    }
    Err(Failure::syntax(format!("`schemas` must name {own}")))
}

/// Bytes in either alphabet of RFC 4648, padded or not (RFC 7643 §2.3.6).
fn is_base64(text: &str) -> bool {
    let free = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    [&alphabet::STANDARD, &alphabet::URL_SAFE]
        .into_iter()
        .any(|alphabet| GeneralPurpose::new(alphabet, free).decode(text).is_ok())
}

/// How many values a multi-valued attribute other than `members` may hold unless the tenant says less.
pub(super) const MAX_VALUES: usize = 1_000;

/// At most one value is the primary one (RFC 7643 §2.4).
pub(super) fn one_primary(attribute: &Attribute, items: &[Value]) -> Result<(), Failure> {
    let primaries = items.iter().filter(|item| is_primary(item)).count();
    if primaries < 2 {
        return Ok(());
    }
    let name = attribute.name;
    Err(Failure::value(format!(
        "`{name}` has {primaries} primary values"
    )))
}

pub(super) fn is_primary(item: &Value) -> bool {
    item.get("primary").and_then(Value::as_bool) == Some(true)
}

/// What an entry of a list has in common with those that are the same: its type and value, or all that it says where
/// there is no `value` (RFC 7643 §2.4).
pub(super) fn entry_key(item: &Value) -> String {
    let Value::Object(object) = item else {
        return item.to_string();
    };
    let pair = |(name, value): (&str, &Value)| format!("{name}:{value}");
    let mut pairs: Vec<String> = match object.contains("value") {
        true => object
            .iter()
            .filter(|(name, _)| matches!(*name, "value" | "type"))
            .map(pair)
            .collect(),
        false => object.iter().map(pair).collect(),
    };
    pairs.sort_unstable();
    pairs.join(",")
}

/// The `value`s of a list's elements.
pub(super) fn ids_of(list: Option<&Value>) -> Vec<String> {
    let items = list.and_then(Value::as_array).unwrap_or_default();
    let ids = items.iter().map(|item| item.get("value"));
    ids.map(|id| id.and_then(Value::as_str).unwrap_or_default().to_owned())
        .collect()
}

/// Required attributes must have a value that is not empty, and so must those of the extensions that are used.
pub(super) fn check_required(kind: &ResourceType, doc: &Object) -> Result<(), Failure> {
    check_attributes("", kind.schema.attributes, doc)?;
    for extension in kind.extensions {
        match doc.get(extension.id) {
            Some(Value::Object(used)) => {
                check_attributes(&format!("{}:", extension.id), extension.attributes, used)?;
            }
            _ if kind.required_extensions.contains(&extension.id) => {
                return Err(missing(extension.id));
            }
            _ => {}
        }
    }
    Ok(())
}

fn check_attributes(within: &str, attributes: &[Attribute], doc: &Object) -> Result<(), Failure> {
    for attribute in attributes {
        let name = format_args!("{within}{}", attribute.name);
        let value = doc.get(attribute.name).filter(|value| !is_blank(value));
        if attribute.required && value.is_none() {
            return Err(missing(&name.to_string()));
        }
        if !attribute.subs.iter().any(|sub| sub.required) {
            continue;
        }
        let elements = match value {
            Some(Value::Array(items)) => items.as_slice(),
            Some(single) => std::slice::from_ref(single),
            None => continue,
        };
        for element in elements.iter().filter_map(Value::as_object) {
            check_attributes(&format!("{name}."), attribute.subs, element)?;
        }
    }
    Ok(())
}

fn is_blank(value: &Value) -> bool {
    value.is_unassigned() || value.as_str().is_some_and(|text| text.trim().is_empty())
}

fn missing(name: &str) -> Failure {
    Failure::value(format!("`{name}` is required and must not be empty"))
}

fn wrong_type(name: &str, wanted: &str, found: &Value) -> Failure {
    Failure::value(format!("`{name}` must be {wanted}, not {}", found.kind()))
}
