//! The reference server: SCIM 2.0 (RFC 7643, RFC 7644) over an in-memory store, with tenants that cannot see each other.
//!
//! It stands in for the target, so it knows nothing of identity providers, requirements or the harness; of this crate
//! it uses [`crate::scim`] alone. A request goes router → auth → handler → store. On its way it passes the seams of
//! [`fault`], where a tenant can be made wrong in one named respect; no handler names a fault.

mod auth;
mod bulk;
mod choices;
mod credential;
mod cursor;
mod custom;
mod data;
mod discovery;
mod dress;
mod entry;
pub mod fault;
mod handler;
mod history;
mod id;
mod journal;
mod listen;
mod matching;
mod members;
mod patch;
pub mod persona;
mod product;
mod projection;
mod rate;
mod reading;
mod render;
mod reply;
mod rule;
mod scope;
mod search;
mod service;
mod settings;
mod sort;
mod status;
mod store;
mod types;
mod values;
mod write;

#[cfg(test)]
mod tests;

pub use choices::{
    Answers, Choices, FilterSupport, Forbidden, Limits, Offers, Order, Patched, ProductChoices,
    Rate, SchemaChoices, Writes,
};
pub use custom::SchemaError;
pub use data::DataError;
pub use listen::serve;
pub use scope::{Scopes, UnknownScope};
pub use service::Server;
pub use settings::{
    Clock, Counts, DEFAULT_TENANT, Error, Leniency, OAuthClient, Settings, Tenant, TenantInfo,
    UnknownLeniency,
};
pub use types::Types;
