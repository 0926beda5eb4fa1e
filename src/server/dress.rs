//! Answers as a tenant chooses to give them: what is served at all, and how what is shown looks.

use std::fmt;

use http::Method;
use http::header::{CONTENT_TYPE, ETAG, HeaderValue};
use jiff::Timestamp;
use serde_json::json;

use super::choices::{Choices, Forbidden, Offers};
use super::handler::{Route, State};
use super::reply::{Failure, Reply};
use super::scope::Scopes;
use super::store::Kind;
use crate::scim::message::Query;
use crate::scim::schema::{ResourceType, Returned};
use crate::scim::{Object, Value};

impl Offers {
    /// Leaves parameters aside that another server would understand, as unknown ones are (RFC 7644 §3.4.2).
    pub(super) fn trim(&self, query: &mut Query) {
        if !self.sort {
            query.sort_by = None;
        }
        if !self.cursor {
            query.cursor = None;
        }
    }
}

impl Choices {
    /// Whether what a path leads to is served.
    pub(super) fn check_offer(&self, route: &Route, method: &Method) -> Result<(), Failure> {
        let offers = &self.offers;
        match route {
            Route::Discovery(..) if !offers.discovery => Err(Failure::not_found("endpoint here")),
            Route::Search(_) | Route::Root if !offers.search => {
                Err(Failure::not_found("endpoint here"))
            }
            Route::Bulk if !offers.bulk => Err(Failure::new(501, None, "Bulk is not served")),
            Route::Resource(..) if *method == Method::PATCH && !offers.patch => {
                Err(Failure::new(501, None, "PATCH is not served"))
            }
            _ => Ok(()),
        }
    }

    /// An answer with the headers that the tenant gives.
    pub(super) fn dress(&self, mut reply: Reply) -> Reply {
        if !self.offers.etag {
            reply.headers.remove(ETAG);
        }
        if reply.headers.contains_key(CONTENT_TYPE)
            && let Ok(media_type) = HeaderValue::from_str(&self.answers.media_type)
        {
            reply.headers.insert(CONTENT_TYPE, media_type);
        }
        reply
    }

    /// Whether resources must be made into values before they are shown.
    pub(super) fn change_what_is_shown(&self) -> bool {
        let answers = &self.answers;
        answers.nulls || answers.reversed_attributes || !answers.extra.is_empty()
    }

    /// Adds what the server has beside what clients wrote.
    pub(super) fn fill(&self, kind: Kind, of: &ResourceType, resource: &mut Object) {
        if kind == Kind::User {
            for (name, value) in &self.answers.extra {
                if name.starts_with("urn:")
                    && let Some(Value::Array(schemas)) = resource.get_mut("schemas")
                {
                    schemas.push(name.as_str().into());
                }
                resource.set(name.as_str(), Value::from(value.clone()));
            }
        }
        if self.answers.nulls {
            let shown = |returned| matches!(returned, Returned::Default | Returned::Always);
            for attribute in of.schema.attributes {
                if shown(attribute.returned)
                    && !attribute.multi_valued
                    && !resource.contains(attribute.name)
                {
                    resource.push(attribute.name, Value::Null);
                }
            }
        }
    }

    /// The resource in the tenant's order.
    pub(super) fn arrange(&self, mut resource: Object, whole: bool) -> Object {
        if self.answers.bare_projections && !whole {
            resource.remove("schemas");
        }
        if !self.answers.reversed_attributes {
            return resource;
        }
        let mut members: Vec<(String, Value)> = resource.into_iter().collect();
        members.reverse();
        members.into_iter().collect()
    }

    /// A time as the tenant writes it.
    pub(super) fn time(&self, time: Timestamp) -> impl fmt::Display {
        Time(time, self.answers.offset_times)
    }
}

struct Time(Timestamp, bool);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1 {
            false => self.0.fmt(f),
            true => f.write_str(&self.0.to_string().replace('Z', "+00:00")),
        }
    }
}

impl State {
    /// The refusal of a request that needs more than its credentials may do.
    pub(super) fn forbids(&self, got: Scopes, needed: Scopes) -> Option<Reply> {
        if got.contain(needed) {
            return None;
        }
        let missing = needed.without(got);
        let reply = match self.choices.answers.forbidden {
            Forbidden::Scim => {
                let detail = format!("the credentials lack the scope {missing}");
                Reply::from(Failure::new(403, None, detail))
            }
            Forbidden::GotAndNeed => {
                let body = json!({
                    "got": got.names(),
                    "need": [{"selection": missing.names()}],
                    "detail": "Insufficient scope",
                    "status": "403",
                });
                let mut reply = Reply::value(403, &body.into());
                reply
                    .headers
                    .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
                reply
            }
        };
        let challenge =
            format!(r#"Bearer realm="scim", error="insufficient_scope", scope="{missing}""#);
        Some(reply.with(http::header::WWW_AUTHENTICATE, &challenge))
    }
}
