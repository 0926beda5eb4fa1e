//! IdPs that are written as data: those of the binary, and those of the files that the user names.

use std::path::{Path, PathBuf};

use super::failure::Failure;
use crate::idp::{self, Variant, custom};

/// Every IdP that the binary holds, and those of the files.
pub(super) fn every(files: &[PathBuf]) -> Result<Vec<Variant>, Failure> {
    let mut all = idp::every().to_vec();
    for file in files {
        let profile = custom::load(file, &all).map_err(|e| Failure::File(Box::new(e)))?;
        all.push(profile);
    }
    Ok(all)
}

/// The IdPs of a name, out of those of the binary and of the files.
pub(super) fn select(name: &str, files: &[PathBuf]) -> Result<Vec<Variant>, Failure> {
    let all = every(files)?;
    let named = idp::select_from(&all, name).map_err(|e| Failure::Usage(e.to_string()))?;
    Ok(named.into_iter().cloned().collect())
}

/// Whether a file is a profile and not a story, by the word that it begins with.
pub(super) fn is_profile(path: &Path) -> bool {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    text.lines().any(|line| line.starts_with("idp-profile:"))
}
