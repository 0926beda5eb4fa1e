//! The protocol's own words: values, schemas, filters, paths, patches, messages. No I/O and no judgement.
//!
//! Harness and server both stand on this module, so it may hold only what RFC 7643 and RFC 7644 define,
//! never what a server should answer or what an IdP should send.

pub mod value;

pub use value::{Number, Object, Value};
