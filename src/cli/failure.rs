//! Why a command could not do what it was asked.

use std::io;
use std::path::{Path, PathBuf};

use miette::Diagnostic;

use crate::report::Exit;

/// Why a command could not do what it was asked. A finding is none of these.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The arguments or the environment are wrong.
    #[error("{0}")]
    Usage(String),
    /// A file that was named has a mistake.
    #[error("{0}")]
    File(Box<dyn Diagnostic + Send + Sync>),
    /// A file that was named is not what it should be.
    #[error("{0}")]
    NotThat(String),
    /// A file cannot be read.
    #[error("{} cannot be read: {source}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The target could not be examined.
    #[error("{0}")]
    Unexaminable(String),
    /// Stdout cannot be written.
    #[error("the output cannot be written: {0}")]
    Output(io::Error),
    /// Something that cannot fail has failed.
    #[error("{0}: this is a fault of scimulate itself; please report it")]
    Internal(String),
}

impl Failure {
    /// How the process ends.
    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::Usage(_) => Exit::Usage,
            Self::File(_) | Self::NotThat(_) | Self::Read { .. } => Exit::BadFile,
            Self::Unexaminable(_) => Exit::Unexaminable,
            Self::Output(_) | Self::Internal(_) => Exit::Internal,
        }
    }
}

/// Reads a file that the user named.
pub(super) fn read(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|source| Failure::Read {
        path: path.to_owned(),
        source,
    })
}
