//! Trouble that a story makes on the wire: the wire answers in the target's place, or loses the target's answer.
//!
//! What was answered so is never held against the target.

use serde::{Deserialize, Serialize};

use super::{Method, Request};

/// Which requests a disturbance meets.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct On {
    /// Only this method.
    pub method: Option<Method>,
    /// Only targets that begin so, such as `/Users`.
    pub path: Option<String>,
}

/// What happens to a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Injected {
    /// The wire answers with that status; the target never sees the request.
    Answer {
        /// The status.
        status: u16,
        /// The value of `Retry-After`, if one is sent.
        retry_after: Option<String>,
    },
    /// The target never sees the request, and no answer comes.
    TimeOut,
    /// The target gets the request and acts on it; its answer is lost.
    AnswerLost,
}

/// A disturbance that is still to happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disturbance {
    /// Which requests it meets.
    pub on: On,
    /// What happens to them.
    pub what: Injected,
    /// How many requests it still meets.
    pub times: u32,
}

impl On {
    /// Whether the disturbance meets that request.
    pub fn meets(&self, request: &Request) -> bool {
        self.method.is_none_or(|method| method == request.method)
            && self
                .path
                .as_deref()
                .is_none_or(|path| request.target.starts_with(path))
    }
}
