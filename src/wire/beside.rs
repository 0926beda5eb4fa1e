//! The way to a place beside the SCIM endpoint: the product's own door.
//!
//! Its exchanges stand on the same tape. What is answered there can be a credential, or say things of a person that are
//! nobody's business; so an answer goes on the tape by its shape alone.

use std::sync::atomic::{AtomicBool, AtomicU32};
use std::sync::{Arc, Mutex};

use super::handle::Shared;
use super::transport::Transport;
use super::{Wire, WireOptions};

/// A place beside the SCIM endpoint.
#[derive(Clone)]
pub struct Beside {
    /// Scheme, authority and prefix, which stand before the path on the tape.
    pub base: String,
    /// The path that every request there begins with; it is part of `base`.
    pub prefix: String,
    /// The `Host` header's value.
    pub host: String,
    /// How requests travel.
    pub transport: Arc<dyn Transport>,
}

impl std::fmt::Debug for Beside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Beside({})", self.base)
    }
}

impl Wire {
    /// A wire to another place, for the same story and on the same tape.
    #[must_use]
    pub fn beside(&self, place: &Beside) -> Self {
        let own = &self.shared.options;
        Self {
            shared: Arc::new(Shared {
                options: WireOptions {
                    transport: Arc::clone(&place.transport),
                    base_path: place.prefix.clone(),
                    host: place.host.clone(),
                    authority: Arc::clone(&own.authority),
                    recorder: Arc::clone(&own.recorder),
                    secrets: Arc::clone(&own.secrets),
                    clock: own.clock.clone(),
                    limits: own.limits,
                    numbers: Arc::clone(&own.numbers),
                },
                beside: Some(place.base.clone()),
                guard: Mutex::default(),
                disturbances: Mutex::default(),
                marked: Arc::clone(&self.shared.marked),
                timeouts: AtomicU32::new(0),
                halted: AtomicBool::new(false),
                under_way: tokio::sync::RwLock::default(),
            }),
            context: Arc::clone(&self.context),
            watcher: None,
            at_once: 1,
            rounds: None,
        }
    }

    /// An answer's header as it is written down.
    pub(super) fn shown_header(&self, name: &str, value: &str) -> String {
        let harmless = ["content-type", "content-length", "date", "server"];
        let known = harmless
            .iter()
            .any(|other| name.eq_ignore_ascii_case(other));
        if self.shared.beside.is_none() || known {
            self.redact(value)
        } else {
            HIDDEN.to_owned()
        }
    }

    /// An answer's body as it is written down.
    pub(super) fn shown_body(&self, text: &str) -> String {
        match self.shared.beside {
            None => self.redact(text),
            Some(_) => shape(text),
        }
    }
}

/// What stands for a text that is not written down.
const HIDDEN: &str = "[hidden]";

/// A body's shape: its members, without any text, number or truth of it.
fn shape(text: &str) -> String {
    fn hide(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Array(items) => items.iter_mut().for_each(hide),
            serde_json::Value::Object(members) => members.values_mut().for_each(hide),
            other => *other = HIDDEN.into(),
        }
    }
    if text.is_empty() {
        return String::new();
    }
    match serde_json::from_str(text) {
        Ok(mut value) => {
            hide(&mut value);
            value.to_string()
        }
        Err(_) => HIDDEN.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shape_holds_names_and_no_value() {
        let shape_of = |text| shape(text);
        assert_eq!(
            shape_of(r#"{"token":"abc","ids":[7,true],"more":{"x":null}}"#),
            r#"{"token":"[hidden]","ids":["[hidden]","[hidden]"],"more":{"x":"[hidden]"}}"#
        );
        assert_eq!(shape_of("session=abc"), HIDDEN);
        assert_eq!(shape_of(""), "");
    }
}
