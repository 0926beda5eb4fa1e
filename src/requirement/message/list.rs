//! The envelope of lists.

use crate::requirement::reading::{
    asked, asked_number, asks_for_list, brief, list, lists_schema, whole,
};
use crate::requirement::registry::{Check, Cite, Judged, requirements};
use crate::scim::Value;
use crate::scim::message::LIST_RESPONSE;
use crate::wire::Exchange;

requirements! {
    /// ## What is checked
    /// A query that succeeds is answered with a ListResponse: its URN in `schemas`, `totalResults`, and the resources.
    ///
    /// ## Why it matters
    /// Okta and Entra ID read every lookup out of this envelope. A bare array, a `data` wrapper or a single object fails the
    /// connection test already.
    ///
    /// ## Example
    /// `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":1,"Resources":[{"id":"2819c223"}]}`
    ///
    /// ## How to fix it
    /// Wrap the result of every query, one hit and no hit included.
    LIST_FORM = "message/list-response-form" {
        title: "a query is answered with a ListResponse",
        outcomes: [
            "not-a-list": Must Blocks "the connection tests of Okta and Entra ID fail",
            "no-total": Must Blocks "Okta and Entra ID cannot tell whether anybody was found",
            "no-resources": Must Blocks "the IdP is told of results that it does not get",
            "no-schemas": Must Noise "an IdP that checks the envelope's URN refuses the answer",
        ],
        fix: "Answer queries with `schemas`, `totalResults` and `Resources`.",
        cites: [
            Cite::Rfc7644("3.4.2"),
            Cite::Fact("entra/1/23"),
            Cite::Fact("entra/2/5"),
            Cite::Fact("okta/3/5"),
        ],
        row: "Q1, Q2",
        fault: "list-without-envelope",
        check: Check::Message(list_form),
    }

    /// ## What is checked
    /// `totalResults`, `startIndex` and `itemsPerPage` are numbers.
    ///
    /// ## Why it matters
    /// A list with `"startIndex":"1"` ended Okta's job right after the lookup, without any reason in the log.
    ///
    /// ## Example
    /// `{"totalResults":1,"startIndex":1,"itemsPerPage":1}`
    ///
    /// ## How to fix it
    /// Write the counters as JSON numbers, also when they came as texts in the query.
    COUNTERS = "message/counters-are-numbers" {
        title: "the counters of a list are numbers",
        outcomes: [
            "wrong-type": Must Blocks "Okta's jobs end after the lookup without a reason",
        ],
        fix: "Write the three counters as whole JSON numbers.",
        cites: [Cite::Rfc7644("3.4.2"), Cite::Fact("okta/1.4/3")],
        row: "Q9, Q10",
        fault: "counters-as-text",
        check: Check::Message(counters),
    }

    /// ## What is checked
    /// `totalResults` is not smaller than the number of resources in the same answer.
    ///
    /// ## Why it matters
    /// An IdP believes the counter. With 0 beside a resource the person counts as not found and is created again.
    ///
    /// ## Example
    /// `{"totalResults":0,"Resources":[{"id":"2819c223"}]}` is such a contradiction.
    ///
    /// ## How to fix it
    /// Count all matches before the page is cut.
    TOTAL_AND_PAGE = "message/total-not-below-the-page" {
        title: "`totalResults` is not below the number of resources shown",
        outcomes: [
            "below": Must Data "the IdP takes people who were found for absent, or ends its import early",
        ],
        fix: "Set `totalResults` to the number of all matches.",
        cites: [Cite::Rfc7644("3.4.2"), Cite::Fact("okta/9.1/1"), Cite::Fact("okta/4.1/2")],
        row: "Q9",
        fault: "totalresults-wrong=zero",
        check: Check::Message(total_and_page),
    }

    /// ## What is checked
    /// A list that holds a part of the results says where the part begins and how long it is.
    ///
    /// ## Why it matters
    /// A client that got fewer results than it asked for finds the next page by these counters.
    ///
    /// ## Example
    /// `{"totalResults":5,"startIndex":3,"itemsPerPage":2,"Resources":[{"id":"3"},{"id":"4"}]}`
    ///
    /// ## How to fix it
    /// Echo the first position and write the number of resources returned, not the one asked for.
    PAGE_DESCRIBED = "message/page-is-described" {
        title: "a part of a list says where it begins and how long it is",
        outcomes: [
            "missing": Must Noise "an import that trusts the counters cannot find the next page",
            "other-number": May Noise "an import that trusts `itemsPerPage` skips results",
        ],
        fix: "Write `startIndex` and `itemsPerPage` in every partial list.",
        cites: [Cite::Rfc7644("3.4.2"), Cite::Rfc7644("3.4.2.4"), Cite::Fact("okta/9.1/1")],
        row: "Q10",
        fault: "itemsperpage-wrong",
        check: Check::Message(page_described),
    }

    /// ## What is checked
    /// Attributes that a request excludes are not in the answer.
    ///
    /// ## Why it matters
    /// Entra ID reads groups without their members. Where a target sends them all the same, it is known to write the next new
    /// member as a replacement of the whole list.
    ///
    /// ## Example
    /// `GET /Groups/abf4dd94?excludedAttributes=members` answered without `members`.
    ///
    /// ## How to fix it
    /// Take the named attributes out of every resource before it is written; `id` always stays.
    EXCLUDED = "message/excluded-attributes-honoured" {
        title: "lists of values that a request excludes are left out",
        outcomes: [
            "shown": Must Data "Entra ID may replace a group's members by the newest one, and large groups slow every cycle",
        ],
        fix: "Honour `excludedAttributes` on every read.",
        cites: [
            Cite::Rfc7644("3.4.2.5"),
            Cite::Rfc7644("3.9"),
            Cite::Fact("corrections/EN-17"),
            Cite::Fact("entra/6.1/2"),
        ],
        row: "Q17",
        fault: "attributes-param-ignored",
        check: Check::Message(excluded),
    }
}

fn list_form(exchange: &Exchange<'_>) -> Judged {
    if asks_for_list(exchange).is_none() || exchange.status() != Some(200) {
        return Judged::NotApplicable;
    }
    let Some(body) = exchange.reply() else {
        return Judged::NotApplicable;
    };
    let expected = "a ListResponse with `schemas`, `totalResults` and `Resources`";
    let Some(list) = list(exchange) else {
        return Judged::fail("not-a-list", expected, brief(body));
    };
    let Some(total) = body.get("totalResults") else {
        return Judged::fail("no-total", expected, "no `totalResults`");
    };
    // Resources may be left out where none are shown: nothing found, none asked for, or a page behind the end.
    let start = asked_number(exchange, "startIndex").unwrap_or(1).max(1);
    let expects_some = whole(total).is_some_and(|total| start <= total)
        && asked_number(exchange, "count").is_none_or(|count| count > 0);
    let resources = body.get("Resources");
    let shows = match resources {
        None | Some(Value::Null) => !expects_some,
        Some(resources) => resources.as_array().is_some(),
    };
    if !shows {
        let observed = match resources {
            None => format!("`totalResults` {total} and no `Resources`"),
            Some(other) => format!("`Resources` is {}", brief(other)),
        };
        return Judged::fail("no-resources", expected, observed);
    }
    if !lists_schema(list.body, LIST_RESPONSE) {
        let observed = body.get("schemas").map_or("no `schemas`".to_owned(), brief);
        return Judged::fail(
            "no-schemas",
            format!("`schemas` with {LIST_RESPONSE}"),
            observed,
        );
    }
    Judged::Pass
}

fn counters(exchange: &Exchange<'_>) -> Judged {
    let Some(list) = list(exchange) else {
        return Judged::NotApplicable;
    };
    let mut judged = Judged::NotApplicable;
    for name in ["totalResults", "startIndex", "itemsPerPage"] {
        match list.body.get(name) {
            None => {}
            // The total is required; the others may be unassigned (RFC 7643 §2.5).
            Some(Value::Null) if name != "totalResults" => {}
            Some(value) if whole(value).is_some() => judged = Judged::Pass,
            Some(value) => {
                let observed = format!("`{name}` is the {} {}", value.kind(), brief(value));
                return Judged::fail("wrong-type", format!("`{name}` is a number"), observed);
            }
        }
    }
    judged
}

fn total_and_page(exchange: &Exchange<'_>) -> Judged {
    let Some(list) = list(exchange) else {
        return Judged::NotApplicable;
    };
    let Some(total) = list.counter("totalResults") else {
        return Judged::NotApplicable;
    };
    let shown = i64::try_from(list.items.len()).unwrap_or(i64::MAX);
    if total < shown {
        let observed = format!("`totalResults` {total} beside {shown} resources");
        return Judged::fail("below", format!("at least {shown}"), observed);
    }
    Judged::Pass
}

fn page_described(exchange: &Exchange<'_>) -> Judged {
    let Some(list) = list(exchange) else {
        return Judged::NotApplicable;
    };
    let shown = i64::try_from(list.items.len()).unwrap_or(i64::MAX);
    let is_part = list
        .counter("totalResults")
        .is_some_and(|total| shown < total);
    // Pages by cursor have no positions (RFC 9865 §2).
    let by_cursor = ["nextCursor", "previousCursor"]
        .iter()
        .any(|name| list.body.get(name).is_some());
    if !is_part || shown == 0 || by_cursor {
        return Judged::NotApplicable;
    }
    for name in ["startIndex", "itemsPerPage"] {
        if list.body.get(name).is_none() {
            let expected = format!("`{name}` in a list that shows a part of its results");
            return Judged::fail("missing", expected, format!("no `{name}`"));
        }
    }
    match list.counter("itemsPerPage") {
        Some(number) if number != shown => {
            let observed = format!("`itemsPerPage` {number} beside {shown} resources");
            Judged::fail("other-number", format!("`itemsPerPage` {shown}"), observed)
        }
        _ => Judged::Pass,
    }
}

/// Single values are passed over: a server's own schema may return them always (RFC 7643 §7).
fn excluded(exchange: &Exchange<'_>) -> Judged {
    let Some(names) = asked(exchange, "excludedAttributes") else {
        return Judged::NotApplicable;
    };
    let shown = crate::requirement::reading::shown(exchange);
    let mut judged = Judged::NotApplicable;
    for (_, resource) in shown {
        for name in names.split(',').map(str::trim) {
            if name.is_empty() || name.eq_ignore_ascii_case("schemas") {
                continue;
            }
            match resource.get(name) {
                Some(Value::Array(items)) if !items.is_empty() => {
                    let observed = format!("`{name}` with {} values", items.len());
                    return Judged::fail("shown", format!("no `{name}`"), observed);
                }
                _ => judged = Judged::Pass,
            }
        }
    }
    judged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requirement::sample::{Sample, get, message_table, post};

    const URN: &str = r#""schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"]"#;

    fn users(members: &str) -> Sample {
        get(
            "/Users?startIndex=1&count=2",
            200,
            &format!("{{{members}}}"),
        )
    }

    #[test]
    fn a_list_has_its_envelope() {
        let with = |rest: &str| users(&format!("{URN},{rest}"));
        let none = format!(r#"{{{URN},"totalResults":3}}"#);
        message_table(
            &LIST_FORM,
            &[
                (with(r#""totalResults":1,"Resources":[{"id":"1"}]"#), "pass"),
                (with(r#""totalResults":1,"resources":[{"id":"1"}]"#), "pass"),
                (with(r#""totalResults":0"#), "pass"),
                (with(r#""totalResults":0,"Resources":[]"#), "pass"),
                (with(r#""totalResults":0,"Resources":null"#), "pass"),
                (get("/Users?count=0", 200, &none), "pass"),
                (get("/Users?startIndex=9", 200, &none), "pass"),
                (
                    post("/Users/.search", 200, &none).request(r#"{"count":0}"#),
                    "pass",
                ),
                (get("/Users", 200, "[]"), "not-a-list"),
                (get("/Users", 200, r#"{"id":"1"}"#), "not-a-list"),
                (with(r#""Resources":[{"id":"1"}]"#), "no-total"),
                (get("/Users", 200, &none), "no-resources"),
                (
                    with(r#""totalResults":1,"Resources":{"id":"1"}"#),
                    "no-resources",
                ),
                (
                    users(r#""totalResults":1,"Resources":[{"id":"1"}]"#),
                    "no-schemas",
                ),
                (
                    users(r#""schemas":["urn:x"],"totalResults":0"#),
                    "no-schemas",
                ),
                (get("/Users/1", 200, "{}"), "n/a"),
                (get("/Users", 404, "{}"), "n/a"),
                (get("/Users", 200, "<html>"), "n/a"),
                (post("/Users", 201, "{}"), "n/a"),
            ],
        );
    }

    #[test]
    fn counters_are_json_numbers() {
        message_table(
            &COUNTERS,
            &[
                (
                    users(r#""totalResults":1,"startIndex":1,"itemsPerPage":1.0"#),
                    "pass",
                ),
                (users(r#""totalResults":0"#), "pass"),
                (users(r#""totalResults":"1""#), "wrong-type"),
                (users(r#""totalResults":1,"startIndex":"1""#), "wrong-type"),
                (users(r#""totalResults":1,"itemsPerPage":null"#), "pass"),
                (users(r#""totalResults":null"#), "wrong-type"),
                (users(r#""Resources":[]"#), "n/a"),
                (users(""), "n/a"),
            ],
        );
    }

    #[test]
    fn the_total_covers_the_page() {
        message_table(
            &TOTAL_AND_PAGE,
            &[
                (users(r#""totalResults":1,"Resources":[{}]"#), "pass"),
                (users(r#""totalResults":7,"Resources":[{}]"#), "pass"),
                (users(r#""totalResults":0"#), "pass"),
                (users(r#""totalResults":0,"Resources":[{}]"#), "below"),
                (users(r#""totalResults":"0","Resources":[{}]"#), "n/a"),
            ],
        );
    }

    #[test]
    fn a_partial_list_describes_its_page() {
        let part = |rest: &str| {
            users(&format!(
                r#""totalResults":5,"Resources":[{{}},{{}}]{rest}"#
            ))
        };
        message_table(
            &PAGE_DESCRIBED,
            &[
                (part(r#","startIndex":1,"itemsPerPage":2"#), "pass"),
                (
                    part(r#","startIndex":1,"itemsPerPage":100"#),
                    "other-number",
                ),
                (part(r#","itemsPerPage":2"#), "missing"),
                (part(r#","startIndex":1"#), "missing"),
                (part(r#","nextCursor":"x""#), "n/a"),
                (users(r#""totalResults":1,"Resources":[{}]"#), "n/a"),
                (users(r#""totalResults":3"#), "n/a"),
            ],
        );
    }

    #[test]
    fn excluded_members_stay_away() {
        let group = |body: &str| get("/Groups/1?excludedAttributes=members", 200, body);
        let listed = r#"{"totalResults":1,"Resources":[{"id":"1","members":[{"value":"2"}]}]}"#;
        message_table(
            &EXCLUDED,
            &[
                (group(r#"{"id":"1"}"#), "pass"),
                (group(r#"{"id":"1","members":[]}"#), "pass"),
                (group(r#"{"id":"1","members":[{"value":"2"}]}"#), "shown"),
                (
                    get("/Groups?excludedAttributes=members&count=2", 200, listed),
                    "shown",
                ),
                (
                    get(
                        "/Users/1?excludedAttributes=userName",
                        200,
                        r#"{"userName":"a"}"#,
                    ),
                    "pass",
                ),
                (
                    get("/Groups/1", 200, r#"{"members":[{"value":"2"}]}"#),
                    "n/a",
                ),
                (group("").header("x", "y"), "n/a"),
                (
                    get("/Groups/1?excludedAttributes=members", 404, "{}"),
                    "n/a",
                ),
            ],
        );
    }
}
