//! What a tenant offers, and which of the choices that RFC 7643 and RFC 7644 leave it takes. Personas are such choices
//! as data; the default is the reference server's own.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::reply::Failure;
use super::store::Kind;
use crate::scim::filter::{Filter, Op};

/// All choices of a tenant.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Choices {
    /// The path of the service root, below the tenant's own.
    pub base_path: String,
    /// Which parts of the protocol are served.
    pub offers: Offers,
    /// How much is served.
    pub limits: Limits,
    /// How answers look.
    pub answers: Answers,
    /// How writes are read.
    pub writes: Writes,
    /// How the types of resources differ from the standard's.
    pub schema: SchemaChoices,
    /// What the product behind the endpoint insists on.
    pub product: ProductChoices,
    /// What a new user has where the client says nothing.
    pub defaults: BTreeMap<String, serde_json::Value>,
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            base_path: "/scim/v2".to_owned(),
            offers: Offers::default(),
            limits: Limits::default(),
            answers: Answers::default(),
            writes: Writes::default(),
            schema: SchemaChoices::default(),
            product: ProductChoices::default(),
            defaults: BTreeMap::new(),
        }
    }
}

/// Which parts of the protocol are served.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Offers {
    /// `/ServiceProviderConfig`, `/ResourceTypes` and `/Schemas` (RFC 7644 §4).
    pub discovery: bool,
    /// The same without credentials.
    pub open_discovery: bool,
    /// PATCH (RFC 7644 §3.5.2).
    pub patch: bool,
    /// Bulk (RFC 7644 §3.7).
    pub bulk: bool,
    /// Sorting (RFC 7644 §3.4.2.3).
    pub sort: bool,
    /// Versions (RFC 7644 §3.14).
    pub etag: bool,
    /// Searching by POST and over all types (RFC 7644 §3.4.2.1, §3.4.3).
    pub search: bool,
    /// Paging by cursor (RFC 9865).
    pub cursor: bool,
    /// Which filters are understood.
    pub filter: FilterSupport,
    /// The attributes that [`FilterSupport::Lookup`] understands, by type.
    pub lookups: BTreeMap<String, Vec<String>>,
}

impl Default for Offers {
    fn default() -> Self {
        Self {
            discovery: true,
            open_discovery: true,
            patch: true,
            bulk: true,
            sort: true,
            etag: true,
            search: true,
            cursor: true,
            filter: FilterSupport::Full,
            lookups: BTreeMap::new(),
        }
    }
}

/// Which filters are understood; others are answered 400 `invalidFilter`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FilterSupport {
    /// The whole grammar.
    Full,
    /// `eq`, joined by `and`.
    Equality,
    /// One `eq` with one of the named attributes.
    Lookup,
}

/// How much is served; what is absent is the server's own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Limits {
    /// How many resources a page holds where the client names no number.
    pub default_page: Option<usize>,
    /// How many resources a page holds at most.
    pub max_page: Option<usize>,
    /// How many members a request may add, remove or list.
    pub members_per_request: Option<usize>,
    /// How many values a user's multi-valued attribute may have.
    pub values_per_attribute: Option<usize>,
    /// How many requests are served, by kind of request.
    pub rates: Vec<Rate>,
}

/// How many requests of a kind are served. Each kind has a bucket of tokens that fills steadily.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rate {
    /// The methods that are counted together.
    pub methods: Vec<String>,
    /// Only those to that endpoint, such as `Users`; to all where it is absent.
    pub endpoint: Option<String>,
    /// Only those to one resource by its id.
    #[serde(default)]
    pub single: bool,
    /// How many a minute.
    pub per_minute: u32,
    /// How many at once.
    pub burst: u32,
}

/// How answers look.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Answers {
    /// What a PATCH of a user is answered.
    pub patched_user: Patched,
    /// What a PATCH of a group is answered.
    pub patched_group: Patched,
    /// In which order resources are listed that no client sorts.
    pub order: Order,
    /// Whether the attributes of a resource stand in the reverse order.
    pub reversed_attributes: bool,
    /// The media type of bodies.
    pub media_type: String,
    /// Whether references lead on from the service root instead of naming it.
    pub relative_references: bool,
    /// Whether times carry `+00:00` in place of `Z`.
    pub offset_times: bool,
    /// Whether single attributes without a value are shown as null (RFC 7643 §2.5).
    pub nulls: bool,
    /// Whether a list without resources has no `Resources`.
    pub absent_resources: bool,
    /// Whether a complete list says nothing of `startIndex` and `itemsPerPage`.
    pub bare_lists: bool,
    /// Whether a resource of which a part is shown has no `schemas`.
    pub bare_projections: bool,
    /// Whether 200 comes with a `Location` too.
    pub locations: bool,
    /// The status of a PUT or PATCH that would take another resource's name.
    pub conflicting_change: u16,
    /// What a request beyond its scopes is answered.
    pub forbidden: Forbidden,
    /// What users show beside what clients wrote, by attribute or by a schema's URN.
    pub extra: BTreeMap<String, serde_json::Value>,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            patched_user: Patched::Resource,
            patched_group: Patched::Empty,
            order: Order::Oldest,
            reversed_attributes: false,
            media_type: crate::scim::message::MEDIA_TYPE.to_owned(),
            relative_references: false,
            offset_times: false,
            nulls: false,
            absent_resources: false,
            bare_lists: false,
            bare_projections: false,
            locations: false,
            conflicting_change: 409,
            forbidden: Forbidden::Scim,
            extra: BTreeMap::new(),
        }
    }
}

/// What a PATCH is answered (RFC 7644 §3.5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Patched {
    /// 200 and the resource.
    Resource,
    /// 204, unless the client asks for attributes.
    Empty,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// The oldest first.
    Oldest,
    /// The newest first.
    Newest,
}

/// The body of a 403 for want of a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Forbidden {
    /// A SCIM error.
    Scim,
    /// What was got and what is needed, without a SCIM error around it.
    GotAndNeed,
}

/// How writes are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Writes {
    /// Whether a PUT keeps what it does not name (RFC 7644 §3.5.1 lets it clear).
    pub put_keeps: bool,
    /// Whether a PUT with the id of another resource is refused, as the example of RFC 7644 §3.12 does.
    pub put_refuses_id: bool,
    /// Whether unknown attributes are refused.
    pub refuse_unknown: bool,
    /// Whether removing what no filter selects is an error.
    pub remove_needs_match: bool,
    /// Whether adding to a complex attribute takes away what the value does not name.
    pub add_replaces_complex: bool,
    /// Whether groups may share a name.
    pub shared_group_names: bool,
    /// Whether all members may be replaced or removed at once by PATCH.
    pub member_replacement: bool,
    /// Whether user names are kept in small letters.
    pub lower_user_names: bool,
    /// Whether a new user without `active` stays without it.
    pub active_may_be_absent: bool,
    /// Whether filters on attributes that a type does not have match nothing instead of being refused.
    pub unknown_filters_match_nothing: bool,
}

impl Default for Writes {
    fn default() -> Self {
        Self {
            put_keeps: false,
            put_refuses_id: false,
            refuse_unknown: false,
            remove_needs_match: false,
            add_replaces_complex: false,
            shared_group_names: false,
            member_replacement: true,
            lower_user_names: false,
            active_may_be_absent: false,
            unknown_filters_match_nothing: false,
        }
    }
}

/// How the types of resources differ from the standard's. Attributes are named as in `User.name.givenName`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct SchemaChoices {
    /// Attributes that are not known.
    pub without: Vec<String>,
    /// Attributes that a resource must have.
    pub required: Vec<String>,
    /// Attributes that are shown when the client asks for them.
    pub on_request: Vec<String>,
    /// Attributes that are never shown.
    pub never_returned: Vec<String>,
    /// Attributes that resources may share.
    pub not_unique: Vec<String>,
}

/// What the product behind the endpoint insists on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProductChoices {
    /// Whether no two users may have one e-mail address.
    pub unique_email: bool,
    /// The group whose last active member is neither deactivated nor deleted.
    pub administrators: Option<String>,
    /// Whether whoever is deactivated leaves all groups.
    pub deactivation_erases_groups: bool,
}

impl Choices {
    /// Whether a filter is one that the tenant understands.
    pub(super) fn check_filter(&self, kind: Kind, filter: &Filter) -> Result<(), Failure> {
        let type_name = kind.resource_type().name;
        match self.offers.filter {
            FilterSupport::Full => Ok(()),
            FilterSupport::Equality if is_equality(filter) => Ok(()),
            FilterSupport::Equality => {
                Err(Failure::filter("only `eq`, joined by `and`, is supported"))
            }
            FilterSupport::Lookup => {
                let known = self.offers.lookups.get(type_name);
                let known = known.map(Vec::as_slice).unwrap_or_default();
                let is_known = |name: &str| known.iter().any(|k| k.eq_ignore_ascii_case(name));
                match filter {
                    Filter::Compare(path, Op::Eq, value)
                        if value.as_str().is_some() && is_known(&path.to_string()) =>
                    {
                        Ok(())
                    }
                    _ => Err(Failure::filter(format!(
                        "the only filters here are {}",
                        known
                            .iter()
                            .map(|k| format!("`{k} eq \"…\"`"))
                            .collect::<Vec<_>>()
                            .join(", ")
                    ))),
                }
            }
        }
    }
}

fn is_equality(filter: &Filter) -> bool {
    match filter {
        Filter::And(parts) => parts.iter().all(is_equality),
        Filter::Compare(_, Op::Eq, _) => true,
        _ => false,
    }
}
