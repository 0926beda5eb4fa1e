//! The protocol's own words: values, schemas, filters, paths, patches, messages. No I/O and no judgement.
//!
//! Harness and server both stand on this module, so it may hold only what RFC 7643 and RFC 7644 define,
//! never what a server should answer or what an IdP should send.

pub mod attr;
pub mod filter;
pub mod message;
pub mod patch;
pub mod path;
pub mod schema;
pub mod value;

pub use attr::AttrPath;
pub use filter::Filter;
pub use path::PatchPath;
pub use value::{Number, Object, Value};
