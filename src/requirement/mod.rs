//! What a target should do: each requirement is declared once, in the file of its area, beside its check and its tests.
//!
//! Documentation, `list`, `show` and the reports fall out of this registry. A requirement enters with a ticket: a row of
//! the table of permitted readings (or the reason why it has none), a fault of the reference server that turns it
//! red, and a foreign server on which it was seen green.

mod asked;
mod auth;
mod change;
mod discovery;
mod error;
mod explain;
mod extension;
mod filter;
mod grade;
mod group;
mod hostile;
mod identity;
mod lifecycle;
mod limit;
mod list;
mod listing;
mod member;
mod message;
mod patch;
mod product;
mod put;
mod reading;
mod registry;
mod tenant;
mod user;
mod user_name;
mod view;

#[cfg(test)]
mod registry_test;
#[cfg(test)]
mod sample;
#[cfg(test)]
mod tenant_test;

pub use asked::asked;
pub(crate) use lifecycle::STATE_AS_PROMISED;
pub use registry::{
    Check, Cite, Impact, Judged, Level, Outcome, Requirement, Violation, all, find,
};
