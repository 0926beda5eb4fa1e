//! What the server says about itself (RFC 7644 §4): features, resource types, schemas.

use serde_json::{Map, Value as Json, json};

use super::handler::Handler;
use super::reply::{Failure, Reply};
use super::store::Kind;
use crate::scim::Value;
use crate::scim::message::{LIST_RESPONSE, Query};
use crate::scim::schema::{
    Attribute, Mutability, RESOURCE_TYPE_URN, ResourceType, Returned, SCHEMA_URN,
    SERVICE_PROVIDER_CONFIG_URN, Schema, Type, Uniqueness,
};

/// A document or a list of documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Document {
    ServiceProviderConfig,
    ResourceTypes,
    Schemas,
}

impl Document {
    /// The document of that endpoint.
    pub(super) fn named(endpoint: &str) -> Option<Self> {
        match endpoint {
            "ServiceProviderConfig" => Some(Self::ServiceProviderConfig),
            "ResourceTypes" => Some(Self::ResourceTypes),
            "Schemas" => Some(Self::Schemas),
            _ => None,
        }
    }
}

/// The answer to a request for a document.
pub(super) fn reply(
    handler: &Handler<'_>,
    document: Document,
    name: Option<&str>,
    query: &Query,
) -> Result<Reply, Failure> {
    if query.filter.is_some() {
        // So that no client takes the whole list for what its filter selected.
        return Err(Failure::new(403, None, "discovery takes no filter"));
    }
    let base = &handler.base;
    let types = [Kind::User, Kind::Group].map(|kind| handler.tenant.types.of(kind));
    let (all, key) = match document {
        Document::ServiceProviderConfig => {
            let config = service_provider_config(handler);
            return match name {
                None => Ok(Reply::value(200, &Value::from(config))),
                Some(_) => Err(Failure::not_found("such document")),
            };
        }
        Document::ResourceTypes => {
            let all: Vec<Json> = types.iter().map(|t| resource_type(t, base)).collect();
            (all, "name")
        }
        Document::Schemas => {
            let schemas = types.iter().flat_map(|t| {
                let extensions = t.extensions.iter();
                std::iter::once(t.schema).chain(extensions)
            });
            (schemas.map(|s| schema(s, base)).collect(), "id")
        }
    };
    match name {
        None => {
            let list = json!({
                "schemas": [LIST_RESPONSE],
                "totalResults": all.len(),
                "startIndex": 1,
                "itemsPerPage": all.len(),
                "Resources": all,
            });
            Ok(Reply::value(200, &Value::from(list)))
        }
        Some(name) => {
            let named = |one: &Json| {
                one[key]
                    .as_str()
                    .is_some_and(|n| n.eq_ignore_ascii_case(name))
            };
            let one = all.into_iter().find(named);
            let one = one.ok_or_else(|| Failure::not_found("such document"))?;
            Ok(Reply::value(200, &Value::from(one)))
        }
    }
}

fn service_provider_config(handler: &Handler<'_>) -> Json {
    let (settings, base) = (handler.settings, &handler.base);
    let offers = &handler.tenant.choices.offers;
    let (default_page, max_page) = handler.pages();
    // Where a feature is not there its limits are still required (RFC 7643 §5), and nothing is what they allow.
    let (operations, bytes) = match offers.bulk {
        true => (settings.max_bulk, settings.max_bulk_bytes),
        false => (0, 0),
    };
    let user = handler.tenant.types.of(Kind::User);
    json!({
        "schemas": [SERVICE_PROVIDER_CONFIG_URN],
        "patch": {"supported": offers.patch},
        "bulk": {
            "supported": offers.bulk,
            "maxOperations": operations,
            "maxPayloadSize": bytes,
        },
        "filter": {"supported": true, "maxResults": max_page},
        "changePassword": {"supported": user.attribute("password").is_some()},
        "sort": {"supported": offers.sort},
        "etag": {"supported": offers.etag},
        "pagination": {
            "cursor": offers.cursor,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": default_page,
            "maxPageSize": max_page,
        },
        "authenticationSchemes": handler.tenant.gate.schemes(),
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{base}/ServiceProviderConfig"),
        },
    })
}

fn resource_type(of: &ResourceType, base: &str) -> Json {
    let extensions: Vec<Json> = of
        .extensions
        .iter()
        .map(|s| json!({"schema": s.id, "required": of.required_extensions.contains(&s.id)}))
        .collect();
    json!({
        "schemas": [RESOURCE_TYPE_URN],
        "id": of.name,
        "name": of.name,
        "description": of.description,
        "endpoint": of.endpoint,
        "schema": of.schema.id,
        "schemaExtensions": extensions,
        "meta": {
            "resourceType": "ResourceType",
            "location": format!("{base}/ResourceTypes/{}", of.name),
        },
    })
}

fn schema(of: &Schema, base: &str) -> Json {
    json!({
        "schemas": [SCHEMA_URN],
        "id": of.id,
        "name": of.name,
        "description": of.description,
        "attributes": attributes(of.attributes),
        "meta": {
            "resourceType": "Schema",
            "location": format!("{base}/Schemas/{}", of.id),
        },
    })
}

fn attributes(list: &[Attribute]) -> Vec<Json> {
    list.iter().map(attribute).collect()
}

fn attribute(of: &Attribute) -> Json {
    let mut json = Map::new();
    let mut set = |name: &str, value: Json| json.insert(name.to_owned(), value);
    set("name", of.name.into());
    set("type", type_word(of.kind).into());
    set("multiValued", of.multi_valued.into());
    set("description", of.description.into());
    set("required", of.required.into());
    if of.kind != Type::Complex && of.kind != Type::Boolean {
        set("caseExact", of.case_exact.into());
    }
    set("mutability", mutability_word(of.mutability).into());
    set("returned", returned_word(of.returned).into());
    if of.kind != Type::Complex {
        set("uniqueness", uniqueness_word(of.uniqueness).into());
    }
    if !of.canonical_values.is_empty() {
        set("canonicalValues", of.canonical_values.into());
    }
    if !of.reference_types.is_empty() {
        set("referenceTypes", of.reference_types.into());
    }
    if !of.subs.is_empty() {
        set("subAttributes", attributes(of.subs).into());
    }
    json.into()
}

fn type_word(kind: Type) -> &'static str {
    match kind {
        Type::String => "string",
        Type::Boolean => "boolean",
        Type::Decimal => "decimal",
        Type::Integer => "integer",
        Type::DateTime => "dateTime",
        Type::Binary => "binary",
        Type::Reference => "reference",
        Type::Complex => "complex",
    }
}

fn mutability_word(mutability: Mutability) -> &'static str {
    match mutability {
        Mutability::ReadOnly => "readOnly",
        Mutability::ReadWrite => "readWrite",
        Mutability::Immutable => "immutable",
        Mutability::WriteOnly => "writeOnly",
    }
}

fn returned_word(returned: Returned) -> &'static str {
    match returned {
        Returned::Always => "always",
        Returned::Never => "never",
        Returned::Default => "default",
        Returned::Request => "request",
    }
}

fn uniqueness_word(uniqueness: Uniqueness) -> &'static str {
    match uniqueness {
        Uniqueness::None => "none",
        Uniqueness::Server => "server",
        Uniqueness::Global => "global",
    }
}
