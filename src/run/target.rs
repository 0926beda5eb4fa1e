//! The first look at a target: can it be examined at all, and what does it say that it offers.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::directory::Place;
use crate::fact::Basis;
use crate::scenario::{Beyond, Need};
use crate::scim::Value;
use crate::wire::{FailureKind, Method, Origin, Reply, Request, Wire};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// Why a target cannot be examined at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CannotExamine {
    /// There is no answer.
    #[error("the target cannot be examined: {0}")]
    NoAnswer(String),
    /// The credentials are refused.
    #[error(
        "the target refuses the credentials: GET /Users was answered with {0}; check --token-env (or the other --…-env options) and what they hold"
    )]
    Credentials(u16),
    /// The target sends elsewhere.
    #[error(
        "the target answers {0} and sends to {1:?}; no request follows a redirect: give the final base URL"
    )]
    Redirect(u16, String),
    /// The answer is not SCIM.
    #[error(
        "what answers there is no SCIM endpoint: GET /Users was answered with {status} and {what}; is the base URL complete (it often ends in /scim/v2)?"
    )]
    NotScim {
        /// The status.
        status: u16,
        /// What the body is.
        what: String,
    },
}

/// What the target says that it offers, in its `/Schemas`, and what it was seen to show.
#[derive(Debug, Default)]
pub struct Offer {
    user: Option<Value>,
    group: Option<Value>,
    extensions: Vec<(String, Value)>,
    no_groups: bool,
    config: Option<Value>,
    members_shown: AtomicBool,
}

impl Offer {
    /// Whether the target offers that attribute. A target that publishes no schema offers everything.
    pub(super) fn has(&self, place: &Place) -> bool {
        let schema = match &place.extension {
            None => self.user.as_ref(),
            Some(urn) => {
                let found = self
                    .extensions
                    .iter()
                    .find(|(id, _)| id.eq_ignore_ascii_case(urn));
                match found {
                    Some((_, schema)) => Some(schema),
                    // The core schema is published and this extension is not.
                    None => return self.user.is_none(),
                }
            }
        };
        let Some(schema) = schema else {
            return true;
        };
        // `externalId` is a common attribute, which schemas need not list (RFC 7643 §3.1).
        if place.attribute.eq_ignore_ascii_case("externalId") {
            return true;
        }
        let Some(attribute) = attribute(schema, &place.attribute) else {
            return false;
        };
        match &place.sub {
            None => true,
            Some(sub) => match attribute.get("subAttributes").and_then(Value::as_array) {
                Some(subs) => subs.iter().any(|s| named(s, sub)),
                None => true,
            },
        }
    }

    /// Whether the target offers what a story needs.
    ///
    /// # Errors
    /// It does not; the text is the reason for passing the story over.
    pub(super) fn meets(&self, need: Need) -> Result<(), String> {
        if need == Need::Groups {
            return match self.no_groups {
                true => Err("the target offers no groups: GET /Groups is not there".to_owned()),
                false => Ok(()),
            };
        }
        let says = self
            .config
            .as_ref()
            .and_then(|c| c.at(&[need.name(), "supported"]));
        match says.and_then(Value::as_bool) {
            Some(false) => Err(format!(
                "the target says in /ServiceProviderConfig that it does not support {}",
                need.name()
            )),
            // Bulk requests are for targets that offer them: elsewhere the path may be anything.
            None if need == Need::Bulk => Err(
                "the target does not say in /ServiceProviderConfig that it supports bulk"
                    .to_owned(),
            ),
            // Otherwise nothing is known without a configuration, and the story finds out.
            _ => Ok(()),
        }
    }

    /// The limit that the target names for bulk requests.
    ///
    /// # Errors
    /// It names none, or one that would be a burden to pass; the text is the reason for passing the story over.
    pub(super) fn limit(&self, beyond: Beyond) -> Result<usize, String> {
        let name = beyond.name();
        let says = self.config.as_ref().and_then(|c| c.at(&["bulk", name]));
        match says.and_then(Value::as_i64) {
            Some(limit) if limit > beyond.most() => Err(format!(
                "the target's {name} is {limit}, and more than {} are not sent",
                beyond.most()
            )),
            Some(limit) if limit > 0 => usize::try_from(limit).map_err(|e| e.to_string()),
            _ => Err(format!(
                "the target names no {name} in /ServiceProviderConfig"
            )),
        }
    }

    /// Whether the target publishes that a group's members are returned unless they are asked away.
    pub(super) fn members_by_default(&self) -> bool {
        let members = self
            .group
            .as_ref()
            .and_then(|group| attribute(group, "members"));
        members.is_some_and(|members| {
            let returned = members.get("returned").and_then(Value::as_str);
            returned.is_none_or(|r| {
                ["default", "always"]
                    .iter()
                    .any(|d| r.eq_ignore_ascii_case(d))
            })
        })
    }

    /// Remembers that this target shows members without being asked for them.
    pub(super) fn shows_members(&self) {
        self.members_shown.store(true, Ordering::Relaxed);
    }

    /// Whether this target was seen to show members without being asked for them.
    pub(super) fn members_shown(&self) -> bool {
        self.members_shown.load(Ordering::Relaxed)
    }
}

/// Looks whether the target can be examined, and at what it says that it offers.
///
/// # Errors
/// The target cannot be examined; the error says why and what to do.
pub(super) async fn examine(wire: &Wire) -> Result<Offer, CannotExamine> {
    let wire = wire.origin(Origin::Audit).job("examine", None);
    let get = |target: &str| {
        let basis = Basis::documented("rfc7644/3.4.2");
        wire.send(Request::new(Method::Get, target, basis))
    };
    let first = get("/Users?startIndex=1&count=1").await;
    check(&first)?;
    let mut offer = Offer::default();
    if let Ok(reply) = get("/Groups?startIndex=1&count=1").await {
        offer.no_groups = matches!(reply.status, 404 | 405 | 501);
    }
    if let Ok(reply) = get("/ServiceProviderConfig").await
        && reply.ok()
    {
        offer.config = reply.json().cloned();
    }
    if let Ok(reply) = get("/Schemas").await
        && reply.ok()
        && let Some(list) = reply
            .json()
            .and_then(|body| body.get("Resources"))
            .and_then(Value::as_array)
    {
        for schema in list {
            match schema.get("id").and_then(Value::as_str) {
                Some(id) if id.eq_ignore_ascii_case(USER) => offer.user = Some(schema.clone()),
                Some(id) if id.eq_ignore_ascii_case(GROUP) => offer.group = Some(schema.clone()),
                Some(id) => offer.extensions.push((id.to_owned(), schema.clone())),
                None => {}
            }
        }
    }
    Ok(offer)
}

fn check(first: &Result<Reply, crate::wire::Failure>) -> Result<(), CannotExamine> {
    let reply = match first {
        Ok(reply) => reply,
        Err(failure) => {
            let message = match failure.kind {
                FailureKind::Credentials => format!("no access token: {}", failure.message),
                _ => failure.message.clone(),
            };
            return Err(CannotExamine::NoAnswer(message));
        }
    };
    match reply.status {
        401 | 403 => Err(CannotExamine::Credentials(reply.status)),
        300..=399 => {
            let to = reply.header("location").unwrap_or_default().to_owned();
            Err(CannotExamine::Redirect(reply.status, to))
        }
        // A SCIM server may be wrong in any way it likes, as long as it speaks JSON.
        status if reply.json().is_none() && !reply.body.text.is_empty() => {
            let text = reply.body.text.trim_start();
            let what = if text.starts_with('<') {
                "a web page"
            } else {
                "a body that is not JSON"
            };
            Err(CannotExamine::NotScim {
                status,
                what: what.to_owned(),
            })
        }
        status if reply.body.text.is_empty() => Err(CannotExamine::NotScim {
            status,
            what: "an empty body".to_owned(),
        }),
        _ => Ok(()),
    }
}

fn attribute<'a>(schema: &'a Value, name: &str) -> Option<&'a Value> {
    let attributes = schema.get("attributes")?.as_array()?;
    attributes.iter().find(|attribute| named(attribute, name))
}

fn named(attribute: &Value, name: &str) -> bool {
    let found = attribute.get("name").and_then(Value::as_str);
    found.is_some_and(|found| found.eq_ignore_ascii_case(name))
}
