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

    /// ## What is checked
    /// The configuration, the schemas and the resource types can be read.
    ///
    /// ## Why it matters
    /// Entra ID fills its list of attributes from them. Provisioning works without, so this is advice.
    ///
    /// ## Example
    /// `GET /ServiceProviderConfig` is answered 200.
    ///
    /// ## How to fix it
    /// Serve the three endpoints; fixed documents will do.
    SERVED = "discovery/is-served" {
        title: "the target describes itself",
        outcomes: [
            "missing": May Noise "Entra ID offers none of the target's own attributes for mapping",
        ],
        fix: "Serve `/ServiceProviderConfig`, `/Schemas` and `/ResourceTypes`.",
        cites: [Cite::Rfc7644("4"), Cite::Fact("entra/1.3/10")],
        row: "V1, V4",
        fault: "discovery-missing",
        check: Check::Probe(served),
    }

    /// ## What is checked
    /// An extension that the target keeps for users is named by its resource type.
    ///
    /// ## Why it matters
    /// A client that asks what it may send does not send what is not named.
    ///
    /// ## Example
    /// `{"schemaExtensions":[{"schema":"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User","required":false}]}`
    ///
    /// ## How to fix it
    /// Name every extension in the resource type that it belongs to.
    EXTENSION_LISTED = "discovery/extension-is-listed" {
        title: "an extension that is kept is named",
        outcomes: [
            "unlisted": Should Noise "an IdP that asks for the target's attributes does not offer those of the extension",
        ],
        fix: "List the extension under `schemaExtensions`.",
        cites: [Cite::Rfc7643("6"), Cite::Rfc7643("3.3")],
        row: "V7",
        fault: "discovery-shape-wrong=extension-missing",
        check: Check::Probe(extension_listed),
    }
}

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn served(exchanges: &[Exchange<'_>]) -> Judged {
    let mut judged = Judged::NotApplicable;
    for exchange in exchanges {
        match (place(exchange), exchange.status()) {
            (Place::Discovery(_), Some(200)) if judged == Judged::NotApplicable => {
                judged = Judged::Pass;
            }
            (Place::Discovery(name), Some(status @ (400 | 404 | 405 | 500 | 501))) => {
                return Judged::fail("missing", format!("/{name}"), status.to_string());
            }
            _ => {}
        }
    }
    judged
}

fn extension_listed(exchanges: &[Exchange<'_>]) -> Judged {
    let keeps = exchanges.iter().any(|exchange| {
        let shown = exchange
            .reply()
            .and_then(|body| body.at(&[ENTERPRISE, "department"]));
        exchange.succeeded() && shown.is_some()
    });
    let types = exchanges
        .iter()
        .find(|exchange| described(exchange) == Some("ResourceTypes"));
    let Some(body) = types
        .and_then(|exchange| exchange.reply())
        .filter(|_| keeps)
    else {
        return Judged::NotApplicable;
    };
    match body.to_string().contains(ENTERPRISE) {
        true => Judged::Pass,
        false => Judged::fail(
            "unlisted",
            ENTERPRISE,
            "no such extension in /ResourceTypes",
        ),
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
    use super::super::sample::{get, message_table, post, probe_table};
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

    #[test]
    fn the_target_describes_itself() {
        probe_table(
            &SERVED,
            &[
                (&[get("/Schemas", 200, "{}")], "pass"),
                (
                    &[get("/Schemas", 200, "{}"), get("/ResourceTypes", 404, "")],
                    "missing",
                ),
                (&[get("/Schemas", 401, "")], "n/a"),
            ],
        );
    }

    #[test]
    fn a_kept_extension_is_named() {
        let kept = format!(r#"{{"id":"1","{ENTERPRISE}":{{"department":"d"}}}}"#);
        let kept = post("/Users", 201, &kept);
        let named = get("/ResourceTypes", 200, &format!(r#"{{"x":"{ENTERPRISE}"}}"#));
        let silent = get("/ResourceTypes", 200, "{}");
        probe_table(
            &EXTENSION_LISTED,
            &[
                (&[named, kept.clone()], "pass"),
                (&[silent.clone(), kept], "unlisted"),
                (&[silent, post("/Users", 201, r#"{"id":"1"}"#)], "n/a"),
            ],
        );
    }
}
