//! The reference server: SCIM 2.0 (RFC 7643, RFC 7644) over an in-memory store, with tenants that cannot see each other.
//!
//! It stands in for the target, so it knows nothing of identity providers, requirements or the harness; of this crate
//! it uses [`crate::scim`] alone. A request goes router → auth → handler → store. On its way it passes the seams of
//! [`fault`], where a tenant can be made wrong in one named respect; no handler names a fault.

mod administrator;
mod auth;
mod bulk;
mod credential;
mod cursor;
#[cfg(feature = "durable")]
mod data;
mod discovery;
pub mod fault;
mod handler;
mod id;
mod journal;
mod matching;
mod members;
mod patch;
mod product;
mod projection;
mod reading;
mod render;
mod reply;
mod search;
mod service;
mod settings;
mod store;
mod values;
mod write;

#[cfg(test)]
mod tests;

#[cfg(feature = "durable")]
pub use data::DataError;
pub use service::{Server, serve};
pub use settings::{
    Clock, Counts, DEFAULT_TENANT, Error, Leniency, OAuthClient, Settings, Tenant, TenantInfo,
};
