//! The tape: everything that happened, one JSON object a line, written as the run goes.
//!
//! The verdict is a pure function of the tape, so an old tape can be judged again by new rules. A tape without an
//! [`Line::End`] was interrupted.

use std::fs::File;
use std::io::{self, BufRead, BufWriter, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::directory::Subject;
use crate::idp::JobReport;
use crate::model::{Observation, Promise};
use crate::wire::tape::{Answered, Failed, Recorder, Sent};

/// One line of a tape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "line", rename_all = "kebab-case")]
pub enum Line {
    /// The first line: what ran, with what, against what.
    Run(Head),
    /// A story begins with a variant.
    Begin(Begin),
    /// A story was not played with a variant.
    Skipped(Skipped),
    /// A request is about to be written to the socket.
    Sent(Box<Sent>),
    /// A complete answer.
    Answered(Answered),
    /// No answer.
    Failed(Failed),
    /// What was seen of one person or group.
    Observed(Observed),
    /// What is promised of the people and groups that a step is judged by.
    Promised(Promised),
    /// A step is over and may be judged.
    Step(Step),
    /// A story is over with a variant, and cleaned up.
    Finish(Finish),
    /// The run is over.
    End(End),
}

/// The first line of a tape.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The version of the tape's form.
    pub tape: u32,
    /// The program's version.
    pub version: String,
    /// The run's seed.
    pub seed: u64,
    /// When the run began.
    pub started: String,
    /// The target's base URL.
    pub target: String,
    /// Whether the target is the bundled server.
    pub bundled: bool,
    /// The variants that were selected.
    pub idps: Vec<String>,
    /// The stories that were selected, with their text.
    pub scenarios: Vec<Text>,
}

/// A story as it was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its file, as a person would look for it.
    pub file: String,
    /// The SHA-256 of its text, in hexadecimal.
    pub sha256: String,
    /// Its text.
    pub text: String,
    /// The requirements that its probes and expectations name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub judges: Vec<String>,
}

/// A story begins with a variant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begin {
    /// The variant.
    pub idp: String,
    /// The story.
    pub scenario: String,
    /// The mark in the names of everything it makes.
    pub instance: String,
    /// Path that every request of the story begins with.
    pub base: String,
    /// The same for requests to the second customer's tenant, in stories that have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub other_base: Option<String>,
}

/// A story was not played with a variant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// The variant.
    pub idp: String,
    /// The story.
    pub scenario: String,
    /// Why, as a sentence.
    pub reason: String,
}

/// What was seen of one person or group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// The variant.
    pub idp: String,
    /// The story.
    pub scenario: String,
    /// The step.
    pub step: Option<usize>,
    /// The write right after which it was seen, if it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u64>,
    /// Milliseconds for which the target was given time to settle, after a first look had differed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settled: Option<u64>,
    /// What was seen.
    pub observation: Observation,
}

/// What is promised at the end of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promised {
    /// The variant.
    pub idp: String,
    /// The story.
    pub scenario: String,
    /// The step; `None` after the last.
    pub step: Option<usize>,
    /// The promises.
    pub promises: Vec<Promise>,
}

/// A step is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The variant.
    pub idp: String,
    /// The story.
    pub scenario: String,
    /// The step; `None` after the last.
    pub step: Option<usize>,
    /// What the administrator did, in the story's words.
    pub action: String,
    /// The line of the story's file, counted from 1.
    pub at_line: usize,
    /// What became of the IdP's jobs.
    pub reports: Vec<JobReport>,
    /// The people and groups whose jobs the wire itself disturbed: nothing is judged of them before the IdP has caught up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<Subject>,
}

/// A story is over with a variant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finish {
    /// The variant.
    pub idp: String,
    /// The story.
    pub scenario: String,
    /// Why the story could not be judged to its end, if it could not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inconclusive: Option<String>,
    /// How many resources are gone again.
    pub gone: u32,
    /// How many could only be made inactive.
    pub released: u32,
    /// What was left behind, as paths.
    pub left: Vec<String>,
}

/// The run is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// Whether everything that was selected was played.
    pub complete: bool,
    /// Why the run ended early, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Whether it ended early because the target cannot be examined.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unexaminable: bool,
    /// Milliseconds since the run began.
    pub at: u64,
}

/// A whole tape in memory.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tape {
    /// The lines in their order.
    pub lines: Vec<Line>,
}

/// Why a tape cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file cannot be read.
    #[error("the tape {path} cannot be read: {source}")]
    Io {
        /// Which file.
        path: String,
        /// Why.
        source: io::Error,
    },
    /// A line is not one of a tape's.
    #[error("line {line} of {path} is not a line of a tape: {why}")]
    Line {
        /// Which file.
        path: String,
        /// Which line, counted from 1.
        line: usize,
        /// Why.
        why: String,
    },
    /// The tape was written by a later version.
    #[error("{path} is a tape of form {found}, this program reads form 1: use a newer scimulate")]
    Version {
        /// Which file.
        path: String,
        /// The form found.
        found: u32,
    },
    /// There is nothing on it.
    #[error("{0} is no tape: its first line is not a `run` line")]
    Empty(String),
}

impl Tape {
    /// Reads a tape from a file. A last line that was cut off by an interruption is passed over.
    ///
    /// # Errors
    /// The file cannot be read or is no tape.
    pub fn read(path: &Path) -> Result<Self, ReadError> {
        let name = path.display().to_string();
        let io = |source| ReadError::Io {
            path: name.clone(),
            source,
        };
        let file = File::open(path).map_err(io)?;
        let texts: Vec<String> = io::BufReader::new(file)
            .lines()
            .collect::<Result<_, _>>()
            .map_err(io)?;
        let last = texts.len();
        let mut lines = Vec::with_capacity(last);
        for (at, text) in texts.iter().enumerate() {
            match serde_json::from_str(text) {
                Ok(line) => lines.push(line),
                Err(e) if at + 1 == last && e.is_eof() && at > 0 => {}
                Err(e) => {
                    return Err(ReadError::Line {
                        path: name,
                        line: at + 1,
                        why: e.to_string(),
                    });
                }
            }
        }
        match lines.first() {
            Some(Line::Run(head)) if head.tape == 1 => Ok(Self { lines }),
            Some(Line::Run(head)) => Err(ReadError::Version {
                path: name,
                found: head.tape,
            }),
            _ => Err(ReadError::Empty(name)),
        }
    }

    /// The first line, if there is one.
    pub fn head(&self) -> Option<&Head> {
        match self.lines.first() {
            Some(Line::Run(head)) => Some(head),
            _ => None,
        }
    }
}

/// Writes a tape to memory and, where there is one, to a file.
#[derive(Clone, Debug)]
pub struct TapeWriter(Arc<Mutex<Writer>>);

#[derive(Debug)]
struct Writer {
    tape: Tape,
    file: Option<BufWriter<File>>,
    broken: Option<String>,
}

impl TapeWriter {
    /// A writer to that file, or to memory only.
    ///
    /// # Errors
    /// The file cannot be created.
    pub fn create(path: Option<&Path>) -> io::Result<Self> {
        let file = path.map(File::create).transpose()?.map(BufWriter::new);
        Ok(Self(Arc::new(Mutex::new(Writer {
            tape: Tape::default(),
            file,
            broken: None,
        }))))
    }

    /// Writes one line, and makes sure of it before it returns.
    pub fn write(&self, line: Line) {
        let mut writer = self.lock();
        if let Err(e) = writer.append(&line) {
            // A full disk must not end a run that is about to clean up; the loss is said at the end.
            writer.file = None;
            writer.broken = Some(e.to_string());
        }
        writer.tape.lines.push(line);
    }

    /// How many lines there are.
    pub fn len(&self) -> usize {
        self.lock().tape.lines.len()
    }

    /// Whether nothing was written yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Calls `look` with the lines from `start` on.
    pub fn with_lines<T>(&self, start: usize, look: impl FnOnce(&[Line]) -> T) -> T {
        look(self.lock().tape.lines.get(start..).unwrap_or_default())
    }

    /// Takes the tape out of memory, and says why the file is incomplete, if it is.
    pub fn finish(self) -> (Tape, Option<String>) {
        let mut writer = self.lock();
        (std::mem::take(&mut writer.tape), writer.broken.take())
    }

    fn lock(&self) -> MutexGuard<'_, Writer> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Writer {
    fn append(&mut self, line: &Line) -> io::Result<()> {
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        serde_json::to_writer(&mut *file, line)?;
        file.write_all(b"\n")?;
        file.flush()
    }
}

impl Recorder for TapeWriter {
    fn sent(&self, line: Sent) {
        self.write(Line::Sent(Box::new(line)));
    }

    fn answered(&self, line: Answered) {
        self.write(Line::Answered(line));
    }

    fn failed(&self, line: Failed) {
        self.write(Line::Failed(line));
    }
}
