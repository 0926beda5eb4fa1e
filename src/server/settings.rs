//! What can be set: clock and seed, limits, tenants, and the leniencies towards what IdPs send.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use super::choices::Choices;
use super::fault::{ChoiceError, FaultChoice};
use super::persona::Persona;
use super::scope::Scopes;
use super::types::Types;
use crate::nearest;

/// The tenant that is served at `/scim/v2`.
pub const DEFAULT_TENANT: &str = "default";

/// What time it is.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// What holds for all tenants of a server.
#[derive(Clone)]
pub struct Settings {
    /// What time it is; resources carry this clock's times.
    pub clock: Clock,
    /// Where ids come from: the same seed and the same requests give the same ids.
    pub seed: u64,
    /// Scheme and authority of the server's own URIs; without it, those of the socket that [`serve`](super::serve)
    /// was given.
    pub base_url: Option<String>,
    /// How many bytes a request's body may have.
    pub max_body: usize,
    /// How many resources a page holds where the client names no number.
    pub default_page: usize,
    /// How many resources a page holds at most.
    pub max_page: usize,
    /// How many operations a bulk request may hold.
    pub max_bulk: usize,
    /// How many bytes a bulk request may have.
    pub max_bulk_bytes: usize,
    /// How many resources a query may look at that no index answers; beyond it the answer is `tooMany`.
    pub max_scan: usize,
    /// Whether `/` shows who exists and what was asked last. It shows people's names, so only for loopback.
    pub status_page: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            clock: Arc::new(wall_clock),
            seed: 0,
            base_url: None,
            max_body: 16 * 1024 * 1024,
            default_page: 100,
            max_page: 1_000,
            max_bulk: 1_000,
            max_bulk_bytes: 4 * 1024 * 1024,
            max_scan: 250_000,
            status_page: false,
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a server by itself tells the time; a run that has a clock gives it"
)]
fn wall_clock() -> Timestamp {
    Timestamp::now()
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("seed", &self.seed)
            .field("base_url", &self.base_url)
            .field("max_body", &self.max_body)
            .field("default_page", &self.default_page)
            .field("max_page", &self.max_page)
            .field("max_bulk", &self.max_bulk)
            .field("max_bulk_bytes", &self.max_bulk_bytes)
            .field("max_scan", &self.max_scan)
            .field("status_page", &self.status_page)
            .finish_non_exhaustive()
    }
}

/// A customer of the server, with resources of its own.
#[derive(Clone, Default)]
pub struct Tenant {
    /// Its name: letters, digits, `-`, `_`.
    pub name: String,
    /// The bearer token that opens it.
    pub token: String,
    /// What that token and the basic credentials may be used for.
    pub scopes: Scopes,
    /// Further bearer tokens with what each may be used for.
    pub tokens: Vec<(String, Scopes)>,
    /// A name and a password that open it as well (RFC 7617).
    pub basic: Option<(String, String)>,
    /// The client that is given tokens of limited life.
    pub oauth: Option<OAuthClient>,
    /// In which respects it is wrong.
    pub faults: Vec<FaultChoice>,
    /// What it forgives.
    pub leniency: Leniency,
    /// The group whose members administer the product: the last of them who is active is neither deactivated nor
    /// deleted. Without it nobody is kept.
    pub administrators: Option<String>,
    /// What it offers, and which choices it takes.
    pub choices: Choices,
    /// Which types of resources it has.
    pub types: Types,
}

impl Tenant {
    /// The tenant with a persona's choices.
    #[must_use]
    pub fn playing(mut self, persona: &Persona) -> Self {
        self.choices = persona.choices.clone();
        self.administrators = persona.choices.product.administrators.clone();
        self.leniency = persona.leniency;
        self.types = persona.types;
        self
    }
}

/// A client of the tenant's token endpoint (RFC 6749 §4.4).
#[derive(Clone)]
pub struct OAuthClient {
    /// The client's identifier.
    pub id: String,
    /// The client's secret.
    pub secret: String,
    /// How long a token opens the tenant, in seconds.
    pub lifetime: u32,
    /// What tokens may be used for at most.
    pub scopes: Scopes,
}

/// The secret is never shown.
impl fmt::Debug for OAuthClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthClient")
            .field("id", &self.id)
            .field("lifetime", &self.lifetime)
            .finish_non_exhaustive()
    }
}

/// What is secret is never shown.
impl fmt::Debug for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tenant")
            .field("name", &self.name)
            .field("faults", &self.faults)
            .field("leniency", &self.leniency)
            .field("administrators", &self.administrators)
            .finish_non_exhaustive()
    }
}

/// Where a tenant is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TenantInfo {
    /// The path of the service root, without a slash at the end.
    pub base_path: String,
    /// The path of the token endpoint, which answers where the tenant has an OAuth client.
    pub token_path: String,
    /// The path of the product behind the endpoint: `login`, `me`, `tokens` and `session` lie below it.
    pub app_path: String,
}

/// How many resources a tenant holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Users, active or not.
    pub users: usize,
    /// Users that are not active.
    pub inactive: usize,
    /// Groups.
    pub groups: usize,
}

/// What the server forgives although RFC 7643 and RFC 7644 would let it refuse. All on by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leniency {
    /// `op` in any case: Entra ID writes `Add`, `Replace`, `Remove`.
    pub op_case: bool,
    /// `"True"` and `"False"` where a boolean is wanted: Entra ID without its flag.
    pub text_booleans: bool,
    /// In a PATCH value without a path, keys such as `name.givenName` and `urn:…:User:department` are paths.
    pub flat_keys: bool,
    /// A value path that selects nothing creates its element, for `add` and for `replace`: Entra ID.
    pub create_by_value_path: bool,
    /// `remove` with a value takes out only what is listed in it: Entra ID, JumpCloud. The standard gives such a value
    /// no meaning, so it is refused otherwise: without it the whole list would go.
    pub listed_removal: bool,
    /// A bare text stands for an object with that `value` (manager, members, roles), a list of one such object for
    /// the text, and a single value for a list of one.
    pub loose_values: bool,
    /// A body, whether resource or message, may come without `schemas`: JumpCloud's PATCH.
    pub missing_schemas: bool,
}

impl Leniency {
    /// Nothing is forgiven.
    pub const STRICT: Self = Self {
        op_case: false,
        text_booleans: false,
        flat_keys: false,
        create_by_value_path: false,
        listed_removal: false,
        loose_values: false,
        missing_schemas: false,
    };
}

impl Default for Leniency {
    fn default() -> Self {
        Self {
            op_case: true,
            text_booleans: true,
            flat_keys: true,
            create_by_value_path: true,
            listed_removal: true,
            loose_values: true,
            missing_schemas: true,
        }
    }
}

/// A name that no leniency has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no leniency `{name}`{hint}; there are {}", Leniency::NAMES.join(", "))]
pub struct UnknownLeniency {
    /// The name.
    pub name: String,
    /// The name that was meant, perhaps.
    pub hint: String,
}

impl Leniency {
    /// The names under which the leniencies are set.
    pub const NAMES: [&str; 7] = [
        "op-case",
        "text-booleans",
        "flat-keys",
        "create-by-value-path",
        "listed-removal",
        "loose-values",
        "missing-schemas",
    ];

    /// Nothing is forgiven but what is named.
    pub fn only<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, UnknownLeniency> {
        let mut leniency = Self::STRICT;
        for name in names {
            *match name {
                "op-case" => &mut leniency.op_case,
                "text-booleans" => &mut leniency.text_booleans,
                "flat-keys" => &mut leniency.flat_keys,
                "create-by-value-path" => &mut leniency.create_by_value_path,
                "listed-removal" => &mut leniency.listed_removal,
                "loose-values" => &mut leniency.loose_values,
                "missing-schemas" => &mut leniency.missing_schemas,
                _ => {
                    return Err(UnknownLeniency {
                        name: name.to_owned(),
                        hint: nearest::hint(name, Self::NAMES),
                    });
                }
            } = true;
        }
        Ok(leniency)
    }
}

/// Why a tenant cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The name cannot stand in a path.
    #[error("`{0}` cannot name a tenant: use letters, digits, `-` and `_`, at most 64")]
    Name(String),
    /// The token is empty, which would leave the tenant open, or cannot stand in a header.
    #[error("tenant `{0}` needs a token of visible ASCII characters without blanks")]
    Token(String),
    /// There is a tenant of that name.
    #[error("there is a tenant `{0}` already; remove it first")]
    Taken(String),
    /// A fault was chosen that does not exist, or not in that mode.
    #[error(transparent)]
    Fault(#[from] ChoiceError),
    /// The data file does not tell what the tenant holds.
    #[error(transparent)]
    Data(#[from] super::DataError),
}
