//! What is kept between runs: the tapes of the last ones.

use std::path::{Path, PathBuf};

use super::environment;
use super::failure::Failure;

/// How many tapes are kept; the oldest go first.
const KEPT: usize = 20;

/// The folder of the tapes.
#[derive(Clone, Debug)]
pub(super) struct Tapes(PathBuf);

impl Tapes {
    /// The folder in the user's state folder.
    pub(super) fn of_the_user() -> Option<Self> {
        environment::state_folder().map(|folder| Self(folder.join("tapes")))
    }

    /// A place for the tape of a run that begins now. Makes the folder and lets the oldest tapes go.
    pub(super) fn next(&self, started: jiff::Timestamp) -> std::io::Result<PathBuf> {
        std::fs::create_dir_all(&self.0)?;
        let tapes = self.all();
        for old in tapes.iter().rev().skip(KEPT - 1) {
            std::fs::remove_file(old)?;
        }
        // The name sorts by time, and no file system minds it.
        let time = started.strftime("%Y%m%dT%H%M%S%.6fZ").to_string();
        Ok(self.0.join(format!("{time}.ndjson")))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_tape_is_the_youngest_and_old_ones_go() {
        let folder = tempfile::tempdir().unwrap();
        let tapes = Tapes(folder.path().join("tapes"));
        assert_eq!(tapes.last(), None);
        let mut last = PathBuf::new();
        for second in 0..30 {
            let started = jiff::Timestamp::from_second(second).unwrap();
            last = tapes.next(started).unwrap();
            std::fs::write(&last, "").unwrap();
        }
        assert_eq!(tapes.last(), Some(last));
        assert_eq!(tapes.all().len(), KEPT);
    }
}
