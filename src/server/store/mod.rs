//! One tenant's resources: each as the text it was given, beside the indexes that find it.
//!
//! A tree of values takes ten times its text, so none is kept. Memberships are sets of handles at both ends and are
//! not part of any text: joining a group of 100,000 writes one entry into either set.

mod index;
mod kept;
mod local;
mod memory;
mod product;
mod row;

pub(super) use index::fold;
pub(super) use memory::Store;
pub(super) use product::ADMINISTRATOR;
pub(super) use row::{Draft, Kind, Known, Row, is_active};
