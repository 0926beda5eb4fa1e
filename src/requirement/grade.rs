//! Levels and impacts as options, files and reports write them.

use std::fmt;

use super::{Impact, Level};

impl Level {
    /// Every level, the most binding first.
    pub const ALL: [Self; 4] = [Self::Must, Self::Should, Self::May, Self::Interop];

    /// The level's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::Should => "should",
            Self::May => "may",
            Self::Interop => "interop",
        }
    }
}

impl Impact {
    /// The impact's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Security => "security",
            Self::Data => "data",
            Self::Blocks => "blocks",
            Self::Noise => "noise",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for Impact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
