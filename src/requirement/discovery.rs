//! Requirements on what the target says of itself.

use super::reading::{Place, brief, lists_schema, place};
use super::registry::{Check, Cite, Judged, requirements};
use crate::scim::message::LIST_RESPONSE;
use crate::wire::{Exchange, Method};

/// What the configuration must hold (RFC 7643 §5).
const MEMBERS: [&str; 7] = [
    "patch",
    "bulk",
    "filter",
    "changePassword",
    "sort",
    "etag",
    "authenticationSchemes",
];

requirements! {
    /// ## What is checked
    /// `/ServiceProviderConfig` is one object and says of each optional part of the protocol whether it is there.
    ///
    /// ## Why it matters
    /// It is the one place where a client can learn, without trying, that a target has no PATCH or no filters. Okta's agent and
    /// tools read it; this program goes by it before it calls something a fault.
    ///
    /// ## Example
    /// `{"patch":{"supported":true},"bulk":{"supported":false,"maxOperations":0,"maxPayloadSize":0},"filter":{"supported":true,"maxResults":200}}`
    ///
    /// ## How to fix it
    /// Answer one object with all seven members, whatever their values.
    CONFIGURATION = "discovery/configuration-form" {
        title: "the service's configuration is one object with all its members",
        outcomes: [
            "not-one-object": Must Noise "no cloud IdP reads it; Okta's on-premises agent and other tools cannot tell what is supported",
            "incomplete": Must Noise "no cloud IdP reads it; Okta's on-premises agent and other tools cannot tell what is supported",
        ],
        fix: "Answer one object that has every member of the configuration's schema.",
        cites: [Cite::Rfc7643("5"), Cite::Rfc7644("4"), Cite::Fact("okta/13/5")],
        row: "V1, V2",
        fault: "discovery-shape-wrong",
        check: Check::Message(configuration),
    }

    /// ## What is checked
    /// `/Schemas` and `/ResourceTypes` are answered with a ListResponse.
    ///
    /// ## Why it matters
    /// Entra ID reads the schemas to offer the target's own attributes for mapping; Okta finds entitlements by the resource
    /// types.
    ///
    /// ## Example
    /// `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":1,"Resources":[{"id":"User"}]}`
    ///
    /// ## How to fix it
    /// Wrap both lists as every other; a single one, under its own path, stands bare.
    LISTS = "discovery/schemas-and-types-are-lists" {
        title: "schemas and resource types are answered as lists",
        outcomes: [
            "not-a-list": Must Noise "Entra ID offers none of the target's own attributes for mapping, and Okta finds no entitlements",
            "no-schemas": Must Noise "an IdP that checks the envelope's URN refuses the answer",
        ],
        fix: "Answer both with `schemas`, `totalResults` and `Resources`.",
        cites: [
            Cite::Rfc7644("4"),
            Cite::Rfc7644("3.4.2"),
            Cite::Fact("entra/1.3/10"),
            Cite::Fact("okta/11.3/1"),
        ],
        row: "V4",
        fault: "discovery-shape-wrong",
        check: Check::Message(lists),
    }
}

/// The name of what an exchange successfully asked the target about itself.
fn described<'a>(exchange: &'a Exchange<'_>) -> Option<&'a str> {
    let asks = exchange.sent.method == Method::Get && exchange.status() == Some(200);
    match place(exchange) {
        Place::Discovery(name) if asks => Some(name),
        _ => None,
    }
}

fn configuration(exchange: &Exchange<'_>) -> Judged {
    let (Some("ServiceProviderConfig"), Some(body)) = (described(exchange), exchange.reply())
    else {
        return Judged::NotApplicable;
    };
    let Some(object) = body
        .as_object()
        .filter(|object| !object.contains("Resources"))
    else {
        return Judged::fail("not-one-object", "one object", brief(body));
    };
    match MEMBERS.iter().find(|name| !object.contains(name)) {
        Some(name) => Judged::fail("incomplete", format!("`{name}`"), format!("no `{name}`")),
        None => Judged::Pass,
    }
}

fn lists(exchange: &Exchange<'_>) -> Judged {
    let whole = exchange.path().trim_matches('/').split('/').count() == 1;
    let (Some("Schemas" | "ResourceTypes"), Some(body)) =
        (described(exchange).filter(|_| whole), exchange.reply())
    else {
        return Judged::NotApplicable;
    };
    let expected = "a ListResponse with `schemas`, `totalResults` and `Resources`";
    let resources = body.get("Resources").and_then(|value| value.as_array());
    if resources.is_none() {
        return Judged::fail("not-a-list", expected, brief(body));
    }
    if body.get("totalResults").is_none() {
        return Judged::fail("not-a-list", expected, "no `totalResults`");
    }
    match lists_schema(body, LIST_RESPONSE) {
        true => Judged::Pass,
        false => {
            let observed = body.get("schemas").map_or("no `schemas`".to_owned(), brief);
            Judged::fail(
                "no-schemas",
                format!("`schemas` with {LIST_RESPONSE}"),
                observed,
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{get, message_table};
    use super::*;

    #[test]
    fn the_configuration_is_complete() {
        let members: Vec<_> = MEMBERS
            .iter()
            .map(|name| format!(r#""{name}":{{}}"#))
            .collect();
        let whole = format!("{{{}}}", members.join(","));
        let part = format!("{{{}}}", members[1..].join(","));
        let config = |body: &str| get("/ServiceProviderConfig", 200, body);
        message_table(
            &CONFIGURATION,
            &[
                (config(&whole), "pass"),
                (config(&part), "incomplete"),
                (config("{}"), "incomplete"),
                (config(&format!("[{whole}]")), "not-one-object"),
                (
                    config(r#"{"totalResults":1,"Resources":[]}"#),
                    "not-one-object",
                ),
                (config("<html>"), "n/a"),
                (get("/ServiceProviderConfig", 401, "{}"), "n/a"),
                (get("/ServiceProviderConfigs", 200, "{}"), "n/a"),
                (get("/Schemas", 200, "{}"), "n/a"),
            ],
        );
    }

    #[test]
    fn schemas_and_types_are_lists() {
        let list = format!(r#"{{"schemas":["{LIST_RESPONSE}"],"totalResults":0,"Resources":[]}}"#);
        message_table(
            &LISTS,
            &[
                (get("/Schemas", 200, &list), "pass"),
                (get("/ResourceTypes", 200, &list), "pass"),
                (get("/Schemas", 200, "[]"), "not-a-list"),
                (get("/Schemas", 200, r#"{"Resources":[]}"#), "not-a-list"),
                (
                    get(
                        "/ResourceTypes",
                        200,
                        r#"{"totalResults":0,"Resources":[]}"#,
                    ),
                    "no-schemas",
                ),
                (get("/Schemas/urn:x", 200, "{}"), "n/a"),
                (get("/ResourceTypes", 404, "{}"), "n/a"),
            ],
        );
    }
}
