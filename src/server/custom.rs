//! Schemas from a file: a JSON array of Schema resources (RFC 7643 §7), and of ResourceType resources that say which of
//! them extend users and which groups.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value as Json;

use super::store::Kind;
use super::types::{Types, leaked};
use crate::nearest;
use crate::scim::AttrPath;
use crate::scim::schema::{Attribute, Mutability, Returned, Schema, Type, Uniqueness};

/// How many extensions a type may have.
const MAX_EXTENSIONS: usize = 8;

/// Why a file of schemas cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// It is no JSON array.
    #[error("it must be a JSON array of Schema and ResourceType resources: {0}")]
    Json(String),
    /// An entry is neither.
    #[error(
        "entry {0} is neither a Schema (with `id` and `attributes`) nor a ResourceType (with `schemaExtensions`)"
    )]
    Entry(usize),
    /// An entry has another form than RFC 7643 §7 or §6 gives it.
    #[error("entry {at}{id}: {why}")]
    Form {
        /// Its number, counted from 1.
        at: usize,
        /// Its id in brackets, if it has one.
        id: String,
        /// What is wrong.
        why: String,
    },
    /// An attribute is not as RFC 7643 §7 wants it.
    #[error("the schema {schema}, attribute `{attribute}`: {why}")]
    Attribute {
        /// The schema's URN.
        schema: String,
        /// The attribute's name.
        attribute: String,
        /// What is wrong.
        why: String,
    },
    /// A schema cannot be used as it is.
    #[error("the schema {0} {1}")]
    Schema(String, String),
    /// A resource type cannot be used as it is.
    #[error("the resource type `{0}` {1}")]
    Type(String, String),
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RawSchema {
    #[serde(rename = "schemas")]
    _schemas: Option<Vec<String>>,
    id: String,
    name: Option<String>,
    description: Option<String>,
    attributes: Vec<RawAttribute>,
    #[serde(rename = "meta")]
    _meta: Option<Json>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RawAttribute {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    multi_valued: bool,
    description: Option<String>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    case_exact: bool,
    mutability: Option<String>,
    returned: Option<String>,
    uniqueness: Option<String>,
    #[serde(default)]
    canonical_values: Vec<String>,
    #[serde(default)]
    reference_types: Vec<String>,
    #[serde(default)]
    sub_attributes: Vec<RawAttribute>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct RawType {
    #[serde(rename = "schemas")]
    _schemas: Option<Vec<String>>,
    #[serde(rename = "id")]
    _id: Option<String>,
    name: String,
    #[serde(rename = "description")]
    _description: Option<String>,
    #[serde(rename = "endpoint")]
    _endpoint: Option<String>,
    #[serde(rename = "schema")]
    _schema: Option<String>,
    schema_extensions: Vec<RawExtension>,
    #[serde(rename = "meta")]
    _meta: Option<Json>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawExtension {
    schema: String,
    #[serde(default)]
    required: bool,
}

impl Types {
    /// These types with the schemas of a file.
    pub fn with_schemas(self, text: &str) -> Result<Self, SchemaError> {
        let entries: Vec<Json> =
            serde_json::from_str(text).map_err(|e| SchemaError::Json(e.to_string()))?;
        let (mut schemas, mut types) = (Vec::<Schema>::new(), Vec::<RawType>::new());
        for (entry, at) in entries.into_iter().zip(1..) {
            if entry.get("attributes").is_some() {
                let raw: RawSchema = form(entry, at)?;
                let schema = self.schema(raw)?;
                if schemas.iter().any(|s| s.id.eq_ignore_ascii_case(schema.id)) {
                    let twice = "is there twice; keep one of the two".to_owned();
                    return Err(SchemaError::Schema(schema.id.to_owned(), twice));
                }
                schemas.push(schema);
            } else if entry.get("schemaExtensions").is_some() {
                types.push(form(entry, at)?);
            } else {
                return Err(SchemaError::Entry(at));
            }
        }
        let kinds = [Kind::User, Kind::Group];
        for raw in &types {
            check_type(raw, &schemas, self)?;
        }
        let mut extended = self;
        for kind in kinds {
            let name = kind.resource_type().name;
            let own = types.iter().filter(|raw| raw.name == name);
            let named: Vec<_> = own.flat_map(|raw| &raw.schema_extensions).collect();
            let is_named = |schema: &Schema| named.iter().any(|e| e.schema == schema.id);
            let any_names = |schema: &Schema| {
                let all = types.iter().flat_map(|raw| &raw.schema_extensions);
                all.into_iter().any(|e| e.schema == schema.id)
            };
            // Without a resource type the end of the URN tells, as in `…:2.0:User`.
            let by_urn =
                |schema: &Schema| !any_names(schema) && schema.id.rsplit(':').next() == Some(name);
            let chosen: Vec<Schema> = schemas
                .iter()
                .copied()
                .filter(|schema| is_named(schema) || by_urn(schema))
                .collect();
            let required = named.iter().filter(|e| e.required);
            let required = required.filter_map(|e| {
                let known = chosen.iter().chain(self.of(kind).extensions);
                known.map(|s| s.id).find(|id| *id == e.schema)
            });
            let required: Vec<&'static str> = required.collect();
            if self.of(kind).extensions.len() + chosen.len() > MAX_EXTENSIONS {
                let many = format!("has more than {MAX_EXTENSIONS} extensions; leave some out");
                return Err(SchemaError::Type(name.to_owned(), many));
            }
            extended = extended.extended(kind, chosen, required);
        }
        for schema in &schemas {
            let used = |kind: &Kind| extended.of(*kind).extension(schema.id).is_some();
            if !kinds.iter().any(used) {
                let why = "extends nothing: name it under `schemaExtensions` of a ResourceType resource whose name is \
                    User or Group";
                return Err(SchemaError::Schema(schema.id.to_owned(), why.to_owned()));
            }
        }
        Ok(extended)
    }

    fn schema(self, raw: RawSchema) -> Result<Schema, SchemaError> {
        let wrong = |why: &str| SchemaError::Schema(raw.id.clone(), why.to_owned());
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | ':');
        let is_urn = raw
            .id
            .get(..4)
            .is_some_and(|head| head.eq_ignore_ascii_case("urn:"));
        if !is_urn || !raw.id.chars().all(allowed) || raw.id.ends_with(':') {
            return Err(wrong(
                "must have a URN as id, such as urn:example:params:scim:schemas:extension:hr:2.0:User",
            ));
        }
        let taken = [Kind::User, Kind::Group].into_iter().any(|kind| {
            let of = self.of(kind);
            of.schema.id.eq_ignore_ascii_case(&raw.id) || of.extension(&raw.id).is_some()
        });
        if taken {
            return Err(wrong(
                "is one that the server defines itself; give your attributes a URN of your own",
            ));
        }
        let attributes = attributes(&raw.id, "", raw.attributes)?;
        let id = text(raw.id);
        Ok(Schema {
            id,
            name: raw.name.map_or(id, text),
            description: raw.description.map_or("", text),
            attributes,
        })
    }
}

fn form<T: serde::de::DeserializeOwned>(entry: Json, at: usize) -> Result<T, SchemaError> {
    let id = entry.get("id").and_then(Json::as_str);
    let id = id.map_or_else(String::new, |id| format!(" ({id})"));
    serde_json::from_value(entry).map_err(|e| SchemaError::Form {
        at,
        id,
        why: e.to_string(),
    })
}

fn check_type(raw: &RawType, schemas: &[Schema], types: Types) -> Result<(), SchemaError> {
    let wrong = |why: String| SchemaError::Type(raw.name.clone(), why);
    let kind = match raw.name.as_str() {
        "User" => Kind::User,
        "Group" => Kind::Group,
        _ => return Err(wrong("is not served: name User or Group".to_owned())),
    };
    for extension in &raw.schema_extensions {
        let own = types.of(kind).extensions.iter();
        let known: Vec<&str> = schemas.iter().chain(own).map(|s| s.id).collect();
        if !known.contains(&extension.schema.as_str()) {
            let urn = &extension.schema;
            let near = nearest::hint(urn, known);
            return Err(wrong(format!(
                "has an extension {urn} that no entry defines{near}"
            )));
        }
    }
    Ok(())
}

fn attributes(
    schema: &str,
    within: &str,
    raw: Vec<RawAttribute>,
) -> Result<&'static [Attribute], SchemaError> {
    let mut seen = BTreeSet::new();
    let mut read = Vec::with_capacity(raw.len());
    for attribute in raw {
        let wrong = |why: String| SchemaError::Attribute {
            schema: schema.to_owned(),
            attribute: format!("{within}{}", attribute.name),
            why,
        };
        let is_name = attribute.name.parse::<AttrPath>();
        if !is_name.is_ok_and(|path| path.is_simple(&attribute.name)) {
            return Err(wrong(
                "a name begins with a letter and has letters, digits, `-` and `_`".to_owned(),
            ));
        }
        if !seen.insert(attribute.name.to_ascii_lowercase()) {
            return Err(wrong(
                "there are two of that name, and case does not count".to_owned(),
            ));
        }
        let kind = word(&attribute.kind, &TYPES).map_err(|why| wrong(format!("`type` {why}")))?;
        match (kind, within.is_empty(), attribute.sub_attributes.is_empty()) {
            (Type::Complex, false, _) => {
                return Err(wrong(
                    "a sub-attribute cannot be complex (RFC 7643 §2.3.8)".to_owned(),
                ));
            }
            (Type::Complex, true, true) => {
                return Err(wrong(
                    "a complex attribute needs `subAttributes`".to_owned(),
                ));
            }
            (Type::Complex, true, false) | (_, _, true) => {}
            _ => {
                return Err(wrong(
                    "only a complex attribute has `subAttributes`".to_owned(),
                ));
            }
        }
        let choose =
            |name: &str, chosen: &Option<String>| chosen.clone().unwrap_or_else(|| name.to_owned());
        let mutability = word(&choose("readWrite", &attribute.mutability), &MUTABILITIES)
            .map_err(|why| wrong(format!("`mutability` {why}")))?;
        let default = match mutability {
            Mutability::WriteOnly => "never",
            _ => "default",
        };
        let returned = word(&choose(default, &attribute.returned), &RETURNED)
            .map_err(|why| wrong(format!("`returned` {why}")))?;
        if mutability == Mutability::WriteOnly && returned != Returned::Never {
            return Err(wrong(
                "what is writeOnly is returned `never` (RFC 7643 §7)".to_owned(),
            ));
        }
        let uniqueness = word(&choose("none", &attribute.uniqueness), &UNIQUENESSES)
            .map_err(|why| wrong(format!("`uniqueness` {why}")))?;
        let singular = !attribute.multi_valued && matches!(kind, Type::String | Type::Reference);
        if uniqueness != Uniqueness::None && (!singular || !within.is_empty()) {
            return Err(wrong(
                "only single texts of the schema itself can be unique".to_owned(),
            ));
        }
        let name = text(attribute.name.clone());
        let subs = attributes(schema, &format!("{name}."), attribute.sub_attributes)?;
        read.push(Attribute {
            name,
            description: attribute.description.map_or("", text),
            kind,
            multi_valued: attribute.multi_valued,
            required: attribute.required,
            case_exact: attribute.case_exact,
            mutability,
            returned,
            uniqueness,
            canonical_values: leaked(attribute.canonical_values.into_iter().map(text).collect()),
            reference_types: leaked(attribute.reference_types.into_iter().map(text).collect()),
            subs,
        });
    }
    Ok(leaked(read))
}

const TYPES: [(&str, Type); 8] = [
    ("string", Type::String),
    ("boolean", Type::Boolean),
    ("decimal", Type::Decimal),
    ("integer", Type::Integer),
    ("dateTime", Type::DateTime),
    ("binary", Type::Binary),
    ("reference", Type::Reference),
    ("complex", Type::Complex),
];

const MUTABILITIES: [(&str, Mutability); 4] = [
    ("readOnly", Mutability::ReadOnly),
    ("readWrite", Mutability::ReadWrite),
    ("immutable", Mutability::Immutable),
    ("writeOnly", Mutability::WriteOnly),
];

const RETURNED: [(&str, Returned); 4] = [
    ("always", Returned::Always),
    ("never", Returned::Never),
    ("default", Returned::Default),
    ("request", Returned::Request),
];

const UNIQUENESSES: [(&str, Uniqueness); 3] = [
    ("none", Uniqueness::None),
    ("server", Uniqueness::Server),
    ("global", Uniqueness::Global),
];

fn word<T: Copy>(text: &str, words: &[(&str, T)]) -> Result<T, String> {
    let found = words.iter().find(|(word, _)| *word == text);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let all: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        format!("is `{text}`, which is none of {}", all.join(", "))
    })
}

/// A text that lives as long as the process, as schemas do.
fn text(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}
