//! Stories by id and story files by path.

use std::path::{Path, PathBuf};

use super::failure::Failure;
use crate::nearest;
use crate::scenario::{self, Scenario};

/// The bundled story of that id, or of that former id.
pub(super) fn bundled(id: &str) -> Result<&'static Scenario, Failure> {
    let found = scenario::bundled()
        .iter()
        .find(|story| story.id == id || story.was.iter().any(|was| was == id));
    found.ok_or_else(|| {
        let near = nearest::hint(id, scenario::bundled().iter().map(|s| s.id.as_str()));
        Failure::Usage(format!("there is no story `{id}`{near}"))
    })
}

/// Every story file that a path means: itself, or those in a folder and below.
pub(super) fn files(path: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let unreadable = |source| Failure::Read {
        path: path.to_owned(),
        source,
    };
    let entries = std::fs::read_dir(path).map_err(unreadable)?;
    let mut entries = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(unreadable)?;
    entries.sort();
    let mut found = Vec::new();
    for entry in entries {
        if entry.is_dir() {
            found.extend(files(&entry)?);
        } else if is_story(&entry) {
            found.push(entry);
        }
    }
    Ok(found)
}

/// Whether a path is called like a story file.
pub(super) fn is_story(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "yaml" || e == "yml")
}
