//! The IdPs that are known: those of the binary, and those that are written as data in files that the user names.

use std::path::{Path, PathBuf};

use super::args::KnownArgs;
use super::console::Console;
use super::failure::Failure;
use super::target_file;
use crate::idp::{self, Variant, custom};

/// Every IdP that is known: those of the binary as the target file sets them up, its own, and those of the files.
pub(super) fn known(args: &KnownArgs, console: &Console) -> Result<Vec<Variant>, Failure> {
    let config = target_file::applying(args.config.as_deref(), args.no_config, console)?;
    let all = config.map_or_else(|| idp::every().to_vec(), |config| config.variants);
    with_files(all, &args.idp_profile)
}

/// Those IdPs, and those of the files.
pub(super) fn with_files(
    mut all: Vec<Variant>,
    files: &[PathBuf],
) -> Result<Vec<Variant>, Failure> {
    for file in files {
        let profile = custom::load(file, &all).map_err(|e| Failure::File(Box::new(e)))?;
        all.push(profile);
    }
    Ok(all)
}

/// Whether a file is a profile and not a story, by the word that it begins with.
pub(super) fn is_profile(path: &Path) -> bool {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().any(|line| line.starts_with("idp-profile:"))
}
