//! Requirements of the vendors' own acceptance tests: what stands between a product and its place in a catalogue.
//!
//! The stories of `scenarios/listing/` restate those tests step by step. They demand more than the RFCs do, so they are
//! played only where somebody asks for them, and are never `must`.

use super::reading::{at, brief, list, whole};
use super::registry::{Check, Cite, Judged, requirements};
use crate::scim::Value;
use crate::wire::Exchange;
use crate::wire::tape::Demand;

requirements! {
    /// ## What is checked
    /// Each step of Okta's SPEC test is answered with the status and the values that its assertions name.
    ///
    /// ## Why it matters
    /// Okta asks for a passed SPEC test with every submission to its catalogue.
    ///
    /// ## Example
    /// The second POST of one user is answered 409, and an id that nobody has 404 with a `detail`.
    ///
    /// ## How to fix it
    /// The finding names the step and the assertion; play `scimulate run --tag listing --idp okta` until it is green.
    OKTA_SPEC = "listing/okta-spec-test" {
        title: "the SPEC test of Okta passes",
        outcomes: [
            "wrong-status": Interop Blocks "the app cannot be submitted to Okta's catalogue",
            "wrong-value": Interop Blocks "the app cannot be submitted to Okta's catalogue",
        ],
        fix: "Answer each step of the SPEC test as its assertions say.",
        cites: [Cite::Other("Okta-SCIM-20-SPEC-Test.json, export of 2024-05-13")],
        row: "no row: the demand is the catalogue's, not the RFC's",
        fault: "unknown-id-not-404",
        check: Check::Message(|exchange| as_demanded(exchange, "listing/okta-spec-test")),
    }

    /// ## What is checked
    /// Each test of Microsoft's SCIM validator is answered with the status and the values that its assertions name.
    ///
    /// ## Why it matters
    /// Microsoft points every author of an endpoint at this validator before the app goes into its gallery.
    ///
    /// ## Example
    /// A user whom a PATCH has disabled is still found by a filter, with `active` false.
    ///
    /// ## How to fix it
    /// The finding names the test and the assertion; play `scimulate run --tag listing` until it is green.
    ENTRA_VALIDATOR = "listing/entra-validator" {
        title: "the SCIM validator of Microsoft passes",
        outcomes: [
            "wrong-status": Interop Blocks "the app does not pass Microsoft's validator, and with it not the way into Entra ID's gallery",
            "wrong-value": Interop Blocks "the app does not pass Microsoft's validator, and with it not the way into Entra ID's gallery",
        ],
        fix: "Answer each test of the validator as its assertions say.",
        cites: [
            Cite::Other("Microsoft Entra documentation: tutorial of the SCIM validator, October 2025"),
        ],
        row: "no row: the demand is the validator's, not the RFC's",
        fault: "duplicate-create-accepted",
        check: Check::Message(|exchange| as_demanded(exchange, "listing/entra-validator")),
    }

    /// ## What is checked
    /// The direct tests of Entra ID's gallery validation, which speak to the endpoint without a tenant between, are answered
    /// with the status and the values that they look for.
    ///
    /// ## Why it matters
    /// An app enters Entra ID's gallery only after Microsoft's automated validation has passed; these tests are mandatory there.
    ///
    /// ## Example
    /// `GET /Users?startIndex=6&count=5` among eleven users is answered with a `startIndex` of 6.
    ///
    /// ## How to fix it
    /// The finding names the test and what it looks for; play `scimulate run --tag listing` until it is green.
    ENTRA_GALLERY = "listing/entra-gallery" {
        title: "the gallery validation of Entra ID passes",
        outcomes: [
            "wrong-status": Interop Blocks "the app does not enter Entra ID's gallery",
            "wrong-value": Interop Blocks "the app does not enter Entra ID's gallery",
        ],
        fix: "Answer each test of the gallery validation as it asks.",
        cites: [
            Cite::Other("Microsoft Entra documentation: validate user provisioning for the app gallery, 2026"),
        ],
        row: "no row: the demand is the gallery's, not the RFC's",
        fault: "paging-params-ignored",
        check: Check::Message(|exchange| as_demanded(exchange, "listing/entra-gallery")),
    }
}

/// Whether the answer is what the vendor's test demands, where the probe names that requirement.
fn as_demanded(exchange: &Exchange<'_>, requirement: &str) -> Judged {
    let by = &exchange.sent.by;
    let demand = by.demand.as_ref();
    let demand = demand.filter(|_| by.judges.iter().any(|id| id == requirement));
    let (Some(demand), Some(status)) = (demand, exchange.status()) else {
        return Judged::NotApplicable;
    };
    let accepted = match demand.status.as_slice() {
        [] => (200..300).contains(&status),
        wanted => wanted.contains(&status),
    };
    if !accepted {
        let wanted: Vec<_> = demand.status.iter().map(u16::to_string).collect();
        let wanted = match wanted.as_slice() {
            [] => "a success".to_owned(),
            wanted => wanted.join(" or "),
        };
        let expected = format!("{wanted} in the test `{}`", demand.test);
        return Judged::fail("wrong-status", expected, status.to_string());
    }
    match wrong_value(exchange, demand) {
        Some((expected, observed)) => {
            let expected = format!("{expected} in the test `{}`", demand.test);
            Judged::fail("wrong-value", expected, observed)
        }
        None => Judged::Pass,
    }
}

/// What is demanded and what is there, where they differ.
fn wrong_value(exchange: &Exchange<'_>, demand: &Demand) -> Option<(String, String)> {
    let nothing = Value::Null;
    let body = exchange.reply().unwrap_or(&nothing);
    let found = list(exchange);
    if let Some(wanted) = demand.results {
        let results = body.get("totalResults").and_then(whole);
        if results != Some(wanted) {
            let observed = results.map_or("no list that counts".to_owned(), |n| n.to_string());
            return Some((format!("a totalResults of {wanted}"), observed));
        }
    }
    // A list is asked for what one of its resources holds, a single resource for itself.
    let resource = match &found {
        Some(list) if demand.results.is_some() => list.items.first().unwrap_or(&nothing),
        _ => body,
    };
    for (place, wanted) in &demand.has {
        let seen = at(resource, place);
        if !seen.is_some_and(|seen| same(seen, wanted)) {
            let observed = seen.map_or("nothing".to_owned(), brief);
            return Some((format!("{place} with the value {wanted}"), observed));
        }
    }
    // The vendors take an empty text for nothing.
    let held = |place| at(resource, place).filter(|value| value.as_str() != Some(""));
    let (place, value) = demand
        .lacks
        .iter()
        .find_map(|place| Some((place, held(place)?)))?;
    Some((format!("nothing in {place}"), brief(value)))
}

/// Whether the target's value is the wanted one, whatever else an object holds beside it.
fn same(seen: &Value, wanted: &serde_json::Value) -> bool {
    match wanted {
        serde_json::Value::Object(members) => members
            .iter()
            .all(|(name, wanted)| seen.get(name).is_some_and(|seen| same(seen, wanted))),
        serde_json::Value::Array(items) => seen.as_array().is_some_and(|seen| {
            let held = |wanted| seen.iter().any(|seen| same(seen, wanted));
            seen.len() == items.len() && items.iter().all(held)
        }),
        serde_json::Value::String(text) => seen.as_str() == Some(text),
        serde_json::Value::Bool(flag) => seen.as_bool() == Some(*flag),
        serde_json::Value::Number(number) => whole(seen) == number.as_i64(),
        serde_json::Value::Null => seen.is_unassigned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, get, message_table};
    use super::*;

    fn demanded(sample: Sample, requirement: &str, demand: &Demand) -> Sample {
        sample.demand(requirement, demand.clone())
    }

    fn with(has: &[(&str, serde_json::Value)], lacks: &[&str]) -> Demand {
        let has = has.iter();
        Demand {
            test: "T1".to_owned(),
            status: vec![200],
            results: None,
            has: has
                .map(|(place, value)| (place.parse().unwrap(), value.clone()))
                .collect(),
            lacks: lacks.iter().map(|place| place.parse().unwrap()).collect(),
        }
    }

    #[test]
    fn an_answer_is_held_against_what_the_vendor_demands_of_it() {
        let user = r#"{"active": false, "title": "", "emails": [{"type": "work", "value": "a@example.com"}]}"#;
        let off = with(&[("active", false.into())], &["title"]);
        let mail = "emails[type eq \"work\"].value";
        let mail = [(mail, "a@example.com".into())];
        for requirement in [&OKTA_SPEC, &ENTRA_VALIDATOR, &ENTRA_GALLERY] {
            let shown = |status, body, demand: &Demand| {
                demanded(get("/Users/1", status, body), requirement.id, demand)
            };
            message_table(
                requirement,
                &[
                    (shown(200, user, &off), "pass"),
                    (shown(200, user, &with(&mail, &["nickName"])), "pass"),
                    (shown(200, user, &with(&mail, &["active"])), "wrong-value"),
                    (shown(200, "{}", &off), "wrong-value"),
                    (shown(404, "", &with(&[], &[])), "wrong-status"),
                    (get("/Users/1", 404, ""), "n/a"),
                    (
                        demanded(get("/Users/1", 404, ""), "listing/other", &off),
                        "n/a",
                    ),
                ],
            );
        }
    }

    #[test]
    fn a_list_is_asked_for_its_count_and_for_its_first_resource() {
        let page = r#"{"totalResults": 1, "Resources": [{"userName": "ada"}]}"#;
        let judged = |results| {
            let demand = Demand {
                results: Some(results),
                ..with(&[("userName", "ada".into())], &[])
            };
            let sample = get("/Users?count=1", 200, page).demand(OKTA_SPEC.id, demand);
            as_demanded(&sample.exchange(), OKTA_SPEC.id)
        };
        assert_eq!(judged(1), Judged::Pass);
        assert!(matches!(judged(2), Judged::Fail(_)));
    }
}
