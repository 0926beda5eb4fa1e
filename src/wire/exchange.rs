//! One request and what came of it, read from the tape.

use std::cell::OnceCell;

use super::tape::{Answered, Failed, Sent};
use crate::scim::Value;

/// One request and what came of it, with both bodies read once, when they are first asked for.
#[derive(Debug)]
pub struct Exchange<'a> {
    /// The request.
    pub sent: &'a Sent,
    /// The answer, if one came.
    pub answered: Option<&'a Answered>,
    /// Why no answer came.
    pub failed: Option<&'a Failed>,
    request: OnceCell<Option<Value>>,
    reply: OnceCell<Option<Value>>,
}

impl<'a> Exchange<'a> {
    /// Puts an exchange together.
    pub fn new(sent: &'a Sent, answered: Option<&'a Answered>, failed: Option<&'a Failed>) -> Self {
        Self {
            sent,
            answered,
            failed,
            request: OnceCell::new(),
            reply: OnceCell::new(),
        }
    }

    /// Lets go of the bodies' values, which take several times the room of their text; they are read again when asked for.
    pub fn forget(&mut self) {
        self.request.take();
        self.reply.take();
    }

    /// The request's body as JSON.
    pub fn request(&self) -> Option<&Value> {
        let read = || Value::parse(self.sent.body.as_deref()?).ok();
        self.request.get_or_init(read).as_ref()
    }

    /// The answer's body as JSON.
    pub fn reply(&self) -> Option<&Value> {
        let read = || Value::parse(&self.answered?.body).ok();
        self.reply.get_or_init(read).as_ref()
    }

    /// The answer's status; none where the wire itself answered or no answer came.
    pub fn status(&self) -> Option<u16> {
        self.answered.filter(|a| !a.injected).map(|a| a.status)
    }

    /// Whether the target itself answered with 2xx.
    pub fn succeeded(&self) -> bool {
        self.status()
            .is_some_and(|status| (200..300).contains(&status))
    }

    /// The answer's first header of that name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.answered?.headers.get(name)
    }

    /// Whether it went to the SCIM endpoint and not to the product's door beside it.
    pub fn is_scim(&self) -> bool {
        self.sent.target.is_empty() || self.sent.target.starts_with(['/', '?'])
    }

    /// Whether it only reads: a GET, or a search by POST (RFC 7644 §3.4.3).
    pub fn is_read(&self) -> bool {
        !self.sent.method.writes() || self.path().ends_with("/.search")
    }

    /// The path of the request, without its query.
    pub fn path(&self) -> &str {
        self.sent.target.split('?').next().unwrap_or_default()
    }

    /// A parameter of the query, decoded.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let (_, query) = self.sent.target.split_once('?')?;
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.into_owned())
    }
}
