//! Trouble on the wire, and which requests meet it.

use super::step::Compiler;
use crate::scenario::diagnostic::Mistake;
use crate::scenario::syntax::{self, Disturb, Field, Text};
use crate::wire::{Disturbance, Injected, Method, On};

impl Compiler<'_> {
    pub(super) fn disturbance(&mut self, Disturb(written): Disturb) -> Option<Disturbance> {
        let retry_after = written.retry_after.read();
        let what = match (written.answer.text.as_str(), &retry_after) {
            ("time-out", None) => Some(Injected::TimeOut),
            ("answer-lost", None) => Some(Injected::AnswerLost),
            ("time-out" | "answer-lost", Some(text)) => {
                let message = "an answer that does not come has no `Retry-After`";
                self.notes
                    .add(Mistake::wrong(message, "leave it out"), text.span);
                None
            }
            (text, _) => match text.parse() {
                Ok(status @ 400..=599) => Some(Injected::Answer {
                    status,
                    retry_after: retry_after.map(|text| self.notes.filled(&text, "`retry-after`")),
                }),
                _ => {
                    let message =
                        format!("`{}` is not an answer that disturbs", syntax::shorten(text));
                    let help = "write a status from 400 to 599, `time-out` or `answer-lost`";
                    self.notes
                        .add(Mistake::wrong(message, help), written.answer.span);
                    None
                }
            },
        };
        let times = match written.times {
            Field::Read(times) if times.value == 0 => {
                self.notes.add(
                    Mistake::wrong("0 requests are not disturbed", "write 1 or more"),
                    times.span,
                );
                1
            }
            Field::Read(times) => times.value,
            Field::Missing | Field::Faulty => 1,
        };
        let on = match written.on {
            Field::Read(on) => self.on(&on),
            Field::Missing | Field::Faulty => On::default(),
        };
        Some(Disturbance {
            on,
            what: what?,
            times,
        })
    }

    /// `POST /Users`, `POST` or `/Users`.
    fn on(&mut self, written: &Text) -> On {
        let mut on = On::default();
        for word in written.text.split_whitespace() {
            match method(word) {
                Some(method) if on.method.is_none() && on.path.is_none() => {
                    on.method = Some(method)
                }
                None if word.starts_with('/') && on.path.is_none() => {
                    on.path = Some(word.to_owned())
                }
                _ => {
                    let message =
                        format!("`{}` selects no requests", syntax::shorten(&written.text));
                    let help = "write a method, the start of a path, or both: `POST /Users`";
                    self.notes.add(Mistake::wrong(message, help), written.span);
                    return On::default();
                }
            }
        }
        on
    }
}

/// The method of that name.
pub(super) fn method(word: &str) -> Option<Method> {
    [
        Method::Get,
        Method::Post,
        Method::Put,
        Method::Patch,
        Method::Delete,
    ]
    .into_iter()
    .find(|method| method.as_str() == word)
}
