//! The product's door: what people can do there, and what its administrator does to them.
//!
//! What a person gets stays in memory. On the tape stands that it was tried and how the product answered, never what the
//! credential is: the wire beside the SCIM endpoint writes answers down by their shape alone.

mod ask;
mod credential;
mod deed;
mod need;
mod undo;
mod wish;

pub(super) use credential::{Door, Tried};
pub(super) use deed::Halt;
pub(super) use need::{UNDESCRIBED, aspect, lacks, uses_password};
pub(super) use undo::Undo;
