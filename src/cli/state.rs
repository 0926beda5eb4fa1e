//! What is kept between runs: the tapes of the last ones.

use std::path::{Path, PathBuf};

use super::environment;
use super::failure::Failure;

/// The folder of the tapes.
#[derive(Clone, Debug)]
pub(super) struct Tapes(PathBuf);

impl Tapes {
    /// The folder in the user's state folder.
    pub(super) fn of_the_user() -> Option<Self> {
        environment::state_folder().map(|folder| Self(folder.join("tapes")))
    }

    /// The tape of the last run.
    pub(super) fn last(&self) -> Option<PathBuf> {
        self.all().pop()
    }

    /// Every tape, the oldest first.
    fn all(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(&self.0) else {
            return Vec::new();
        };
        let is_tape = |path: &Path| path.extension().is_some_and(|e| e == "ndjson");
        let mut tapes: Vec<_> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| is_tape(path))
            .collect();
        tapes.sort();
        tapes
    }
}

/// The tape of the last run, or a sentence that says where to get one.
pub(super) fn last_tape() -> Result<PathBuf, Failure> {
    let last = Tapes::of_the_user().and_then(|tapes| tapes.last());
    last.ok_or_else(|| {
        Failure::Usage(
            "there is no tape of an earlier run: run `scimulate run` first, or name a file with --from"
                .to_owned(),
        )
    })
}
