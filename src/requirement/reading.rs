//! What an exchange asks and shows, in the protocol's words: the ground on which the checks stand.

use crate::scim::filter::Op;
use crate::scim::message::{ERROR, LIST_RESPONSE};
use crate::scim::{Filter, Value};
use crate::wire::{Exchange, Method};

/// A resource type that the IdPs write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A person's account.
    User,
    /// A group.
    Group,
}

/// What a request's path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place<'a> {
    /// All resources of a type.
    Collection(Kind),
    /// All resources of a type, searched by POST (RFC 7644 §3.4.3).
    Search(Kind),
    /// One resource, by its id.
    Resource(Kind, &'a str),
    /// What the target says of itself (RFC 7644 §4).
    Discovery(&'a str),
    /// Anything else.
    Other,
}

impl Kind {
    /// The URN of the type's own schema.
    pub(super) fn schema(self) -> &'static str {
        match self {
            Self::User => "urn:ietf:params:scim:schemas:core:2.0:User",
            Self::Group => "urn:ietf:params:scim:schemas:core:2.0:Group",
        }
    }

    /// The type's endpoint.
    pub(super) fn endpoint(self) -> &'static str {
        match self {
            Self::User => "Users",
            Self::Group => "Groups",
        }
    }
}

/// What the exchange's path names.
pub(super) fn place<'a>(exchange: &'a Exchange<'_>) -> Place<'a> {
    let path = exchange.path().trim_matches('/');
    let mut segments = path.split('/');
    let kind = match segments.next() {
        Some("Users") => Kind::User,
        Some("Groups") => Kind::Group,
        Some(name @ ("ServiceProviderConfig" | "ResourceTypes" | "Schemas")) => {
            return Place::Discovery(name);
        }
        _ => return Place::Other,
    };
    match (segments.next(), segments.next()) {
        (None, _) => Place::Collection(kind),
        (Some(".search"), None) => Place::Search(kind),
        (Some(id), None) => Place::Resource(kind, id),
        _ => Place::Other,
    }
}

/// Whether the exchange asks for a list of resources, by GET or by a search.
pub(super) fn asks_for_list(exchange: &Exchange<'_>) -> Option<Kind> {
    match (exchange.sent.method, place(exchange)) {
        (Method::Get, Place::Collection(kind)) | (Method::Post, Place::Search(kind)) => Some(kind),
        _ => None,
    }
}

/// A parameter of a query, from the URL or from a search's body.
pub(super) fn asked(exchange: &Exchange<'_>, name: &str) -> Option<String> {
    if let Some(text) = exchange.parameter(name) {
        return Some(text);
    }
    if !matches!(place(exchange), Place::Search(_)) {
        return None;
    }
    match exchange.request()?.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Null => None,
        Value::Array(items) => {
            let names: Vec<_> = items.iter().filter_map(Value::as_str).collect();
            Some(names.join(","))
        }
        other => Some(other.to_string()),
    }
}

/// A parameter of a query that is a number.
pub(super) fn asked_number(exchange: &Exchange<'_>, name: &str) -> Option<i64> {
    asked(exchange, name)?.trim().parse().ok()
}

/// Whether the exchange asks for a part of each resource only (RFC 7644 §3.9).
pub(super) fn is_projected(exchange: &Exchange<'_>) -> bool {
    asked(exchange, "attributes").is_some() || asked(exchange, "excludedAttributes").is_some()
}

/// The value of a filter that compares that one attribute for equality.
pub(super) fn equals(exchange: &Exchange<'_>, attribute: &str) -> Option<String> {
    let filter: Filter = asked(exchange, "filter")?.parse().ok()?;
    match filter {
        Filter::Compare(path, Op::Eq, Value::String(value)) if path.is_simple(attribute) => {
            Some(value)
        }
        _ => None,
    }
}

/// Whether `schemas` lists that URN.
pub(super) fn lists_schema(value: &Value, urn: &str) -> bool {
    let schemas = value.get("schemas").and_then(Value::as_array);
    schemas.unwrap_or_default().iter().any(|schema| {
        schema
            .as_str()
            .is_some_and(|text| text.eq_ignore_ascii_case(urn))
    })
}

/// The reply as a list, in whatever envelope: something that counts results or holds resources.
pub(super) fn list<'a>(exchange: &'a Exchange<'_>) -> Option<List<'a>> {
    let kind = asks_for_list(exchange)?;
    if exchange.status() != Some(200) {
        return None;
    }
    let body = exchange.reply()?;
    let is_list = lists_schema(body, LIST_RESPONSE)
        || body.get("totalResults").is_some()
        || body.get("Resources").is_some();
    is_list.then(|| List {
        kind,
        body,
        items: body
            .get("Resources")
            .and_then(Value::as_array)
            .unwrap_or_default(),
    })
}

/// A list as the target answered it.
#[derive(Clone, Copy, Debug)]
pub(super) struct List<'a> {
    /// Of what type.
    pub(super) kind: Kind,
    /// The whole body.
    pub(super) body: &'a Value,
    /// The resources on this page.
    pub(super) items: &'a [Value],
}

impl<'a> List<'a> {
    /// A counter, where it is a whole number.
    pub(super) fn counter(&self, name: &str) -> Option<i64> {
        whole(self.body.get(name)?)
    }

    /// The ids on this page.
    pub(super) fn ids(&self) -> impl Iterator<Item = &'a str> {
        self.items
            .iter()
            .filter_map(|item| item.get("id").and_then(Value::as_str))
    }
}

/// A number without a fraction, however it is written.
pub(super) fn whole(value: &Value) -> Option<i64> {
    let Value::Number(number) = value else {
        return None;
    };
    number.as_i64().or_else(|| {
        let float = number.as_f64().filter(|float| float.fract() == 0.0)?;
        format!("{float:.0}").parse().ok()
    })
}

/// The users and groups that a successful answer shows, each by itself or in a list.
pub(super) fn shown<'a>(exchange: &'a Exchange<'_>) -> Vec<(Kind, &'a Value)> {
    if !exchange.succeeded() {
        return Vec::new();
    }
    if let Some(list) = list(exchange) {
        return list.items.iter().map(|item| (list.kind, item)).collect();
    }
    let kind = match (exchange.sent.method, place(exchange)) {
        (Method::Delete, _) => None,
        (_, Place::Resource(kind, _)) | (Method::Post, Place::Collection(kind)) => Some(kind),
        _ => None,
    };
    let body = exchange.reply().filter(|body| {
        body.as_object().is_some() && !lists_schema(body, ERROR) && body.get("Resources").is_none()
    });
    kind.zip(body).into_iter().collect()
}

/// What a resource holds at that place, if it holds anything there. An element without its `type` is no match.
pub(super) fn at<'a>(resource: &'a Value, place: &crate::directory::Place) -> Option<&'a Value> {
    let holder = match &place.extension {
        Some(urn) => resource.get(urn)?,
        None => resource,
    };
    let value = holder.get(&place.attribute)?;
    let chosen = match &place.element {
        None => value,
        Some(kind) => value.as_array()?.iter().find(|item| {
            let found = item.get("type").and_then(Value::as_str);
            found.is_some_and(|found| found.eq_ignore_ascii_case(kind))
        })?,
    };
    let found = match &place.sub {
        None => chosen,
        Some(sub) => chosen.get(sub)?,
    };
    (!found.is_unassigned()).then_some(found)
}

/// The answer's body, if it has one.
pub(super) fn body<'a>(exchange: &Exchange<'a>) -> Option<&'a str> {
    let answered = exchange.answered.filter(|answered| !answered.injected)?;
    Some(answered.body.trim()).filter(|body| !body.is_empty())
}

/// A value as it may stand in a message: short, on one line.
pub(super) fn brief(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(80) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, get, post};
    use super::*;

    #[test]
    fn a_path_names_what_it_is_about() {
        let named = |target: &str| {
            let sample = get(target, 200, "");
            format!("{:?}", place(&sample.exchange()))
        };
        assert_eq!(named("/Users"), "Collection(User)");
        assert_eq!(named("/Users/?count=2"), "Collection(User)");
        assert_eq!(named("/Groups/1"), "Resource(Group, \"1\")");
        assert_eq!(named("/Groups/.search"), "Search(Group)");
        assert_eq!(named("/Schemas"), "Discovery(\"Schemas\")");
        assert_eq!(named("/Me"), "Other");
    }

    #[test]
    fn a_search_asks_in_its_body() {
        let search = post("/Users/.search", 200, "{}")
            .request(r#"{"count": 2, "filter": "userName eq \"ada\""}"#);
        let search = search.exchange();
        assert_eq!(asked_number(&search, "count"), Some(2));
        assert_eq!(equals(&search, "username").as_deref(), Some("ada"));
    }

    #[test]
    fn only_a_successful_answer_shows_resources() {
        let shows = |sample: Sample| shown(&sample.exchange()).len();
        assert_eq!(
            shows(get(
                "/Users",
                200,
                r#"{"Resources": [{"id": "1"}, {"id": "2"}]}"#
            )),
            2
        );
        assert_eq!(shows(get("/Users/1", 200, r#"{"id": "1"}"#)), 1);
        assert_eq!(shows(get("/Users/1", 404, r#"{"id": "1"}"#)), 0);
        assert_eq!(shows(get("/Schemas/x", 200, r#"{"id": "x"}"#)), 0);
    }
}
