//! One run: stories, variants and a target in; a tape out.

pub mod tape;
