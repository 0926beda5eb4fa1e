//! Requirements on what is not there, and on what is there no more.

use super::change::resource;
use super::reading::{Place, asks_for_list, list, place};
use super::registry::{Check, Cite, Judged, requirements};
use crate::scim::Value;
use crate::wire::{Exchange, Method};

requirements! {
    /// ## What is checked
    /// A request for an id that the target never gave out is answered 404, and creates nothing.
    ///
    /// ## Why it matters
    /// An IdP learns from the 404 that its link is stale and begins anew. With a 500 or 400 it tries the same request for ever; a
    /// PUT that creates leaves an account which nobody asked for.
    ///
    /// ## Example
    /// `GET /Users/5f1c2d80-0000-4000-8000-000000000000`, answered 404 with a SCIM error.
    ///
    /// ## How to fix it
    /// Answer 404 for every id you do not know, also for one whose form is not yours.
    UNKNOWN_ID = "error/unknown-id-is-404" {
        title: "an unknown id is answered with 404",
        outcomes: [
            "found": Must Data "Okta or Entra ID believes in an account that is not the person's, or was created by mistake",
            "other-status": Should Noise "Okta and Entra ID repeat the request instead of linking the person anew",
        ],
        fix: "Answer 404 with a SCIM error for every unknown id.",
        cites: [
            Cite::Rfc7644("3.12"),
            Cite::Rfc7644("3.5.1"),
            Cite::Fact("okta/5.4/1"),
            Cite::Fact("entra/1.2/5"),
        ],
        row: "E4, U6",
        fault: "unknown-id-not-404=200",
        check: Check::Probe(unknown_id),
    }

    /// ## What is checked
    /// After a DELETE every request for the resource is answered 404, no list shows it, and its id is not given again.
    ///
    /// ## Why it matters
    /// Inside, a product may keep what it likes. Over SCIM a deleted person is gone: Entra ID creates who comes back anew, and
    /// must be able to.
    ///
    /// ## Example
    /// `DELETE /Users/2819c223` answered 204, then `GET /Users/2819c223` answered 404.
    ///
    /// ## How to fix it
    /// Leave deleted resources out of every read, write, filter and uniqueness check.
    GONE_AFTER_DELETE = "delete/gone-after-delete" {
        title: "what was deleted is gone",
        outcomes: [
            "still-there": Must Security "people whom Entra ID deleted, and groups that any IdP deleted, are still there",
            "still-listed": Must Data "Okta's import and every lookup show people who were deleted",
            "id-reused": Must Security "somebody new inherits what hangs on a deleted person's id",
            "other-status": Must Noise "Entra ID cannot tell a deleted person from a fault of the target",
            "name-stays-taken": Should Blocks "whoever returns after a deletion cannot be created again from Entra ID",
        ],
        fix: "Treat a deleted resource as one that never was.",
        cites: [
            Cite::Rfc7644("3.6"),
            Cite::Rfc7643("3.1"),
            Cite::Fact("entra/5.2/8"),
        ],
        row: "D2, D3, D5",
        fault: "deleted-still-readable",
        check: Check::Probe(gone_after_delete),
    }

    /// ## What is checked
    /// A path that the target does not serve is answered 404, and not with a page for people.
    ///
    /// ## Why it matters
    /// Products answer unknown paths with their web page and 200. When provisioning is switched off, or an address is mistyped,
    /// the IdP takes the page for success.
    ///
    /// ## Example
    /// `GET /NoSuchType` is answered 404.
    ///
    /// ## How to fix it
    /// Answer every path below the base URL by SCIM's own router.
    UNKNOWN_PATH = "error/unknown-path-is-404" {
        title: "a path that is not served is answered with 404",
        outcomes: [
            "accepted": Should Blocks "an administrator who switched provisioning off, or mistyped the address, is told that all is well",
        ],
        fix: "Answer 404 with a SCIM error below the base URL.",
        cites: [Cite::Rfc7644("3.12")],
        row: "E4",
        fault: "disabled-endpoint-200-html",
        check: Check::Probe(unknown_path),
    }
}

fn unknown_path(exchanges: &[Exchange<'_>]) -> Judged {
    let mut judged = Judged::NotApplicable;
    for exchange in exchanges {
        let unknown = place(exchange) == Place::Other && exchange.sent.method == Method::Get;
        match exchange.status().filter(|_| unknown) {
            Some(status @ 200..300) => {
                let observed = format!("{status} to GET {}", exchange.path());
                return Judged::fail("accepted", "404", observed);
            }
            Some(400..500) => judged = Judged::Pass,
            _ => {}
        }
    }
    judged
}

/// The ids that answers have shown to exist.
fn shown_ids<'a>(exchanges: &'a [Exchange<'_>]) -> Vec<&'a str> {
    exchanges
        .iter()
        .filter(|exchange| exchange.sent.method == Method::Post && exchange.succeeded())
        .filter_map(|exchange| exchange.reply()?.get("id")?.as_str())
        .collect()
}

fn unknown_id(exchanges: &[Exchange<'_>]) -> Judged {
    let known = shown_ids(exchanges);
    let mut judged = Judged::NotApplicable;
    for exchange in exchanges {
        let (Place::Resource(_, id), Some(status)) = (place(exchange), exchange.status()) else {
            continue;
        };
        if known.contains(&id) {
            continue;
        }
        let method = exchange.sent.method;
        let observed = format!("{status} to {method} {}", exchange.path());
        match status {
            404 => {
                if judged == Judged::NotApplicable {
                    judged = Judged::Pass;
                }
            }
            200..300 if method != Method::Delete => {
                return Judged::fail("found", "404", observed);
            }
            // A method that is not served, credentials and a busy target say nothing about ids.
            401 | 403 | 405 | 429 | 501..=504 => {}
            _ => judged = Judged::fail("other-status", "404", observed),
        }
    }
    judged
}

fn gone_after_delete(exchanges: &[Exchange<'_>]) -> Judged {
    let deleted = exchanges.iter().position(|exchange| {
        let resource = matches!(place(exchange), Place::Resource(..));
        exchange.sent.method == Method::Delete && resource && exchange.succeeded()
    });
    let Some(deleted) = deleted else {
        return Judged::NotApplicable;
    };
    let (before, after) = exchanges.split_at(deleted);
    let Some((deletion, after)) = after.split_first() else {
        return Judged::NotApplicable;
    };
    let Place::Resource(kind, id) = place(deletion) else {
        return Judged::NotApplicable;
    };
    let names: Vec<&Value> = before
        .iter()
        .filter(|exchange| exchange.sent.method == Method::Post && exchange.succeeded())
        .filter_map(|exchange| exchange.request()?.get("userName"))
        .collect();
    let mut judged = Judged::NotApplicable;
    let mut other = None;
    for exchange in after {
        let Some(status) = exchange.status() else {
            continue;
        };
        let method = exchange.sent.method;
        let observed = format!("{status} to {method} {}", exchange.path());
        if place(exchange) == Place::Resource(kind, id) {
            match status {
                404 => judged = Judged::Pass,
                200..300 if method != Method::Delete && resource(exchange, id).is_some() => {
                    return Judged::fail("still-there", "404", observed);
                }
                401 | 403 | 405 | 429 | 501..=504 => {}
                _ => other = other.or(Some(observed)),
            }
        } else if asks_for_list(exchange) == Some(kind) {
            let Some(list) = list(exchange) else {
                continue;
            };
            if list.ids().any(|listed| listed == id) {
                let observed = format!("the id {id} in {}", exchange.path());
                return Judged::fail("still-listed", "a list without it", observed);
            }
            judged = Judged::Pass;
        } else if method == Method::Post && place(exchange) == Place::Collection(kind) {
            let new = exchange.reply().and_then(|body| body.get("id"));
            if exchange.succeeded() && new.and_then(Value::as_str) == Some(id) {
                return Judged::fail("id-reused", "a new id", format!("{id} again"));
            }
            let name = exchange.request().and_then(|body| body.get("userName"));
            if status == 409 && name.is_some_and(|name| names.contains(&name)) {
                return Judged::fail("name-stays-taken", "201", observed);
            }
        }
    }
    if let Some(observed) = other {
        return Judged::fail("other-status", "404", observed);
    }
    judged
}

#[cfg(test)]
mod tests {
    use super::super::sample::{delete, get, post, probe_table, put};
    use super::*;

    #[test]
    fn an_id_that_was_never_given_out_is_not_found() {
        let created = post("/Users", 201, r#"{"id":"1"}"#);
        probe_table(
            &UNKNOWN_ID,
            &[
                (&[get("/Users/x", 404, "")], "pass"),
                (
                    &[
                        created,
                        get("/Users/1", 200, "{}"),
                        get("/Groups/x", 404, ""),
                    ],
                    "pass",
                ),
                (&[get("/Users/x", 200, r#"{"id":"x"}"#)], "found"),
                (&[put("/Users/x", 201, r#"{"id":"x"}"#)], "found"),
                (
                    &[get("/Users/x", 500, ""), put("/Users/x", 404, "")],
                    "other-status",
                ),
                (&[get("/Users/x", 400, "")], "other-status"),
                (&[delete("/Users/x", 204, "")], "other-status"),
                (&[put("/Users/x", 501, "")], "n/a"),
                (&[get("/Users/x", 403, "")], "n/a"),
                (&[get("/Users?filter=x", 400, "")], "n/a"),
            ],
        );
    }

    #[test]
    fn a_path_that_is_not_served_is_no_success() {
        probe_table(
            &UNKNOWN_PATH,
            &[
                (&[get("/NoSuchType", 404, "")], "pass"),
                (&[get("/NoSuchType", 200, "<html>")], "accepted"),
                (&[get("/NoSuchType", 503, "")], "n/a"),
                (&[get("/Users", 200, "")], "n/a"),
            ],
        );
    }

    #[test]
    fn a_deleted_user_is_gone_from_everywhere() {
        let ada = r#"{"userName":"ada"}"#;
        let created = post("/Users", 201, r#"{"id":"1"}"#).request(ada);
        let gone = delete("/Users/1", 204, "");
        let with = |id: &str| format!(r#"{{"totalResults":1,"Resources":[{{"id":"{id}"}}]}}"#);
        let again = |status, body: &str| post("/Users", status, body).request(ada);
        probe_table(
            &GONE_AFTER_DELETE,
            &[
                (&[gone.clone(), get("/Users/1", 404, "")], "pass"),
                (
                    &[
                        gone.clone(),
                        get("/Users?filter=x", 200, r#"{"totalResults":0}"#),
                    ],
                    "pass",
                ),
                (
                    &[
                        gone.clone(),
                        delete("/Users/1", 404, ""),
                        again(201, r#"{"id":"2"}"#),
                    ],
                    "pass",
                ),
                (
                    &[
                        gone.clone(),
                        get("/Users/1", 200, r#"{"id":"1","active":false}"#),
                    ],
                    "still-there",
                ),
                (&[gone.clone(), delete("/Users/1", 204, "")], "other-status"),
                (
                    &[gone.clone(), get("/Users", 200, &with("1"))],
                    "still-listed",
                ),
                (&[gone.clone(), get("/Users", 200, &with("2"))], "pass"),
                (&[gone.clone(), get("/Users/1", 410, "")], "other-status"),
                (&[gone.clone(), again(201, r#"{"id":"1"}"#)], "id-reused"),
                (
                    &[created.clone(), gone.clone(), again(409, "")],
                    "name-stays-taken",
                ),
                (&[gone.clone(), again(409, "")], "n/a"),
                (
                    &[delete("/Users/1", 500, ""), get("/Users/1", 200, "{}")],
                    "n/a",
                ),
                (&[created, gone], "n/a"),
            ],
        );
    }
}
