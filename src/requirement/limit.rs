//! Requirements on the limits that a target names in its configuration.

use super::reading::{asked, list};
use super::registry::{Check, Cite, Judged, requirements};
use crate::scim::Value;
use crate::wire::{Exchange, Method};

requirements! {
    /// ## What is checked
    /// An answer to a query holds no more resources than the configuration's `filter.maxResults`. A target without filters,
    /// without that number or with 0 names no limit. For a list without a filter it is advice, for the number stands
    /// beside the filters.
    ///
    /// ## Why it matters
    /// The limit keeps one request from loading the whole directory. Where it is named and not kept, Okta's import, or
    /// anybody with the token, decides how much memory an answer takes; and a client that sized its pages by the number is
    /// sent more than it can hold.
    ///
    /// ## Example
    /// `{"filter":{"supported":true,"maxResults":200}}`, and `GET /Users?count=1000` is answered with at most 200 resources.
    ///
    /// ## How to fix it
    /// Cut `count` at the limit before the query runs, or publish the limit that is kept.
    RESULTS = "list/no-longer-than-the-limit" {
        title: "a list holds no more resources than the configuration allows",
        outcomes: [
            "too-many": Must Noise "Okta's import, or anybody with the token, can have more loaded at once than the target says that it takes",
            "too-many-unfiltered": May Noise "Okta's import can have more loaded at once than the target says that it takes",
        ],
        fix: "Return at most `filter.maxResults` resources, or name a higher number.",
        cites: [Cite::Rfc7643("5"), Cite::Rfc7644("3.4.2.4"), Cite::Fact("okta/9.1/1")],
        row: "Q5",
        fault: "count-unbounded",
        check: Check::Told(results),
    }

    /// ## What is checked
    /// A bulk request with one operation more than `bulk.maxOperations` is refused with 413. The operations delete one user
    /// that the probe has made itself, again and again. A target that names no number, or one above ten thousand, is not
    /// asked.
    ///
    /// ## Why it matters
    /// The limit is what keeps one request from taking the target's time for minutes, while Okta, Entra ID and JumpCloud
    /// wait for theirs. None of the three sends bulk requests; whoever has the token can.
    ///
    /// ## Example
    /// `{"bulk":{"supported":true,"maxOperations":1000,"maxPayloadSize":1048576}}`, and a request with 1,001 operations is
    /// answered 413 before the first is carried out.
    ///
    /// ## How to fix it
    /// Count the operations before the first is carried out, and name the limit in the error's `detail`.
    OPERATIONS = "bulk/too-many-operations-refused" {
        title: "a bulk request with too many operations is refused with 413",
        outcomes: [
            "accepted": Must Blocks "one request can keep the target busy while Okta, Entra ID and JumpCloud run into their time-outs",
            "other-status": Must Noise "a client cannot tell that it has to send smaller requests",
        ],
        fix: "Answer 413 where a request has more than `bulk.maxOperations` operations.",
        cites: [Cite::Rfc7644("3.7.4"), Cite::Rfc7643("5")],
        row: "B11",
        fault: "bulk-limit-unenforced",
        check: Check::Probe(refused),
    }

    /// ## What is checked
    /// A bulk request of one byte more than `bulk.maxPayloadSize` is refused with 413. It holds one operation and blanks
    /// behind it. A target that names no number, or one above eight mebibytes, is not asked.
    ///
    /// ## Why it matters
    /// A body is held in memory as a whole. Without a limit a few of them take all there is, and the target answers nobody,
    /// Okta, Entra ID and JumpCloud included.
    ///
    /// ## Example
    /// `{"bulk":{"supported":true,"maxOperations":1000,"maxPayloadSize":1048576}}`, and a request of 1,048,577 bytes is
    /// answered 413.
    ///
    /// ## How to fix it
    /// Compare `Content-Length`, and what has been read so far, with the limit before the body is parsed.
    PAYLOAD = "bulk/too-large-refused" {
        title: "a bulk request that is too large is refused with 413",
        outcomes: [
            "accepted": Must Blocks "one request can take the memory that Okta's, Entra ID's and JumpCloud's requests need",
            "other-status": Must Noise "a client cannot tell that it has to send smaller requests",
        ],
        fix: "Answer 413 where a body has more than `bulk.maxPayloadSize` bytes.",
        cites: [Cite::Rfc7644("3.7.4"), Cite::Rfc7643("5")],
        row: "B11",
        fault: "bulk-limit-unenforced=bytes",
        check: Check::Probe(refused),
    }
}

fn results(exchange: &Exchange<'_>, told: &Value) -> Judged {
    let filters = told.at(&["filter", "supported"]).and_then(Value::as_bool);
    let limit = told.at(&["filter", "maxResults"]).and_then(Value::as_i64);
    let (Some(true), Some(limit), Some(list)) =
        (filters, limit.filter(|limit| *limit > 0), list(exchange))
    else {
        return Judged::NotApplicable;
    };
    let shown = i64::try_from(list.items.len()).unwrap_or(i64::MAX);
    if shown <= limit {
        return Judged::Pass;
    }
    let outcome = match asked(exchange, "filter") {
        Some(_) => "too-many",
        None => "too-many-unfiltered",
    };
    let expected = format!("at most {limit} resources, the configuration's `filter.maxResults`");
    Judged::fail(outcome, expected, format!("{shown} resources"))
}

fn refused(exchanges: &[Exchange<'_>]) -> Judged {
    let bulk = |exchange: &&Exchange<'_>| {
        exchange.sent.method == Method::Post && exchange.path() == "/Bulk"
    };
    let Some(status) = exchanges.iter().find(bulk).and_then(Exchange::status) else {
        return Judged::NotApplicable;
    };
    match status {
        413 => Judged::Pass,
        200..=299 => Judged::fail("accepted", "413", status.to_string()),
        // Redirections, credentials, a busy target, and a gateway or service without bulk requests say nothing of limits.
        300..=399 | 401 | 403..=405 | 408 | 429 | 501..=504 => Judged::NotApplicable,
        _ => Judged::fail("other-status", "413", status.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{get, post, probe_table, told_table};
    use super::*;

    #[test]
    fn a_list_keeps_to_the_limit_that_is_named() {
        let items: Vec<_> = (0..3).map(|n| format!(r#"{{"id":"{n}"}}"#)).collect();
        let body = format!(r#"{{"totalResults":9,"Resources":[{}]}}"#, items.join(","));
        let all = || get("/Users?count=9", 200, &body);
        let some = || get("/Users?filter=title%20pr&count=9", 200, &body);
        let search = || post("/Users/.search", 200, &body).request(r#"{"filter":"title pr"}"#);
        let says =
            |limit: &str| format!(r#"{{"filter":{{"supported":true,"maxResults":{limit}}}}}"#);
        told_table(
            &RESULTS,
            &[
                (some(), &says("2"), "too-many"),
                (search(), &says("2"), "too-many"),
                (all(), &says("2"), "too-many-unfiltered"),
                (some(), &says("3"), "pass"),
                (all(), &says("200"), "pass"),
                (some(), &says("0"), "n/a"),
                (some(), &says("null"), "n/a"),
                (some(), r#"{"filter":{"supported":true}}"#, "n/a"),
                (
                    some(),
                    r#"{"filter":{"supported":false,"maxResults":2}}"#,
                    "n/a",
                ),
                (some(), "{}", "n/a"),
                (get("/Users/1", 200, r#"{"id":"1"}"#), &says("2"), "n/a"),
                (some().injected(), &says("2"), "n/a"),
            ],
        );
    }

    #[test]
    fn a_bulk_request_beyond_a_limit_is_refused() {
        let bulk = |status| post("/Bulk", status, "");
        for requirement in [&OPERATIONS, &PAYLOAD] {
            probe_table(
                requirement,
                &[
                    (&[bulk(413)], "pass"),
                    (&[bulk(200)], "accepted"),
                    (&[bulk(400)], "other-status"),
                    (&[bulk(500)], "other-status"),
                    (&[bulk(401)], "n/a"),
                    (&[bulk(404)], "n/a"),
                    (&[bulk(501)], "n/a"),
                    (&[bulk(413).injected()], "n/a"),
                    (&[get("/Users", 200, "{}")], "n/a"),
                ],
            );
        }
    }
}
