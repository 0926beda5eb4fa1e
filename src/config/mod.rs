//! The target file, `scimulate.toml`: where the target is, and how the administrators of the IdPs set up its app.
//!
//! One module reads one section, from the tables of `reader`: a section knows the keys that it is asked for, so what is
//! left over is unknown, and no list of keys is kept. A mistake is shown with its line, and all of them at once.
//! Secrets have no place here: the file names the environment variables that hold them.

mod app;
mod file;
mod mapping;
mod place;
mod product;
mod reader;
mod switches;
mod target;
#[cfg(test)]
mod tests;
mod value;

pub use file::Config;
pub use target::{AccessSection, TargetSection};
pub use value::{size, time};
