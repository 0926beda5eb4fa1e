//! Where profiles come from: the binary itself, a file, or a text.

use std::path::Path;
use std::sync::LazyLock;

use include_dir::{Dir, include_dir};

use super::compile;
use crate::idp::Variant;
use crate::yaml::{Diagnostics, Format};

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/idps");

static BUNDLED: LazyLock<Vec<Variant>> = LazyLock::new(|| {
    let mut files: Vec<_> = FILES
        .files()
        .filter(|file| file.path().extension().is_some_and(|e| e == "yaml"))
        .collect();
    files.sort_by_key(|file| file.path());
    let mut profiles = Vec::new();
    for file in files {
        let name = format!("idps/{}", file.path().display());
        match parse(&name, file.contents_utf8().unwrap_or_default(), &profiles) {
            Ok(variant) => profiles.push(variant),
            Err(why) => unreachable!(
                "a test compiles every bundled profile, yet {}",
                Vec::from_iter(why.lines()).join("\n")
            ),
        }
    }
    profiles
});

/// The IdPs that the binary holds as data. They are played when they are asked for.
pub fn bundled() -> &'static [Variant] {
    &BUNDLED
}

/// Reads a profile from a file. `others` are the profiles that there are beside it, whose names it may not have.
///
/// # Errors
/// The file cannot be read, or is no profile: everything that is wrong with it.
pub fn load(path: &Path, others: &[Variant]) -> Result<Variant, Diagnostics> {
    match std::fs::read_to_string(path) {
        Ok(text) => parse(&path.display().to_string(), &text, others),
        Err(error) => Err(Diagnostics::unreadable(Format::Profile, path, &error)),
    }
}

/// Reads a profile from a text; the file's name stands in messages, `others` are the profiles beside it.
///
/// # Errors
/// Everything that is wrong with it.
pub fn parse(file: &str, text: &str, others: &[Variant]) -> Result<Variant, Diagnostics> {
    compile::compile(file, text, others)
}
