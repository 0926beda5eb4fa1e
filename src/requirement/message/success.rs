//! The status, headers and body of what succeeded.

use percent_encoding::percent_decode_str;

use crate::requirement::reading::{Place, body, is_projected, place, shown};
use crate::requirement::registry::{Check, Cite, Judged, requirements};
use crate::scim::Value;
use crate::wire::{Exchange, Method};

requirements! {
    /// ## What is checked
    /// A POST that creates is answered 201.
    ///
    /// ## Why it matters
    /// Entra ID documents 201 as the only success of a creation. With another status an IdP may not link what was created and
    /// creates it again.
    ///
    /// ## Example
    /// `POST /Users` answered `201 Created` with the whole user.
    ///
    /// ## How to fix it
    /// Answer 201; for a name that is taken answer 409 and leave the account alone.
    CREATED_201 = "message/created-is-201" {
        title: "a creation is answered with 201",
        outcomes: [
            "other-status": Must Blocks "Entra ID may not link the new account and tries to create it in every cycle",
        ],
        fix: "Answer a POST that created with 201.",
        cites: [Cite::Rfc7644("3.3"), Cite::Fact("entra/1.3/4"), Cite::Fact("okta/4.1/4")],
        row: "C1",
        fault: "post-200-not-201",
        check: Check::Message(created_201),
    }

    /// ## What is checked
    /// A 201 shows what was created.
    ///
    /// ## Why it matters
    /// The RFC recommends the body and does not demand it. Okta and Entra ID take the id from it: without one the account
    /// exists and is not linked.
    ///
    /// ## Example
    /// `POST /Users` answered 201 with `{"id":"2819c223","userName":"ada@example.com"}` and the rest.
    ///
    /// ## How to fix it
    /// Put the stored resource into the answer to its POST.
    CREATED_IS_SHOWN = "message/created-shows-the-resource" {
        title: "the answer to a creation shows what was created",
        outcomes: [
            "empty": Interop Blocks "Okta and Entra ID count the creation as failed although the account is there",
        ],
        fix: "Answer 201 with the whole resource.",
        cites: [Cite::Rfc7644("3.3"), Cite::Fact("okta/4.5/4"), Cite::Fact("entra/3.3/13")],
        row: "C1",
        fault: "created-without-body",
        check: Check::Message(created_is_shown),
    }

    /// ## What is checked
    /// A 201 has a `Location` header.
    ///
    /// ## Why it matters
    /// It is where the new resource is read. Okta does without; other clients follow it.
    ///
    /// ## Example
    /// `Location: https://example.com/scim/v2/Users/2819c223`
    ///
    /// ## How to fix it
    /// Send the resource's URI in `Location`, the same as in `meta.location`.
    LOCATION = "message/location-on-201" {
        title: "a creation is answered with a `Location`",
        outcomes: [
            "missing": Must Noise "Okta and Entra ID do without; a client that follows the header cannot read what it created",
        ],
        fix: "Send `Location` with every 201.",
        cites: [Cite::Rfc7644("3.3"), Cite::Rfc7644("3.1"), Cite::Fact("okta/1.4/2")],
        row: "C1, E8",
        fault: "created-without-location",
        check: Check::Message(location),
    }

    /// ## What is checked
    /// `meta.location` is there in a whole resource, and agrees with `Location` and `Content-Location` where they are sent.
    ///
    /// ## Why it matters
    /// Behind a proxy many targets write an internal host or a doubled path. Okta echoes `meta` in its next PUT.
    ///
    /// ## Example
    /// `"meta":{"resourceType":"User","location":"https://example.com/scim/v2/Users/2819c223"}`
    ///
    /// ## How to fix it
    /// Build both from one configured base URL.
    META_LOCATION = "message/meta-location-agrees" {
        title: "`meta.location` agrees with the headers of the answer",
        outcomes: [
            "disagrees": Must Noise "no IdP here follows it; one that did would read another resource, or none",
            "other-resource": Must Noise "no IdP here follows it; one that did would read another resource, or none",
            "missing": Should Noise "no IdP here follows it; one that did would not find the resource",
        ],
        fix: "Write one URI, from the configured base URL, in `meta.location` and the headers.",
        cites: [Cite::Rfc7643("3.1"), Cite::Rfc7644("3.3"), Cite::Fact("okta/5.2/1")],
        row: "E8, E9",
        fault: "location-header-differs",
        check: Check::Message(meta_location),
    }

    /// ## What is checked
    /// `meta.version` and the `ETag` header of the same answer are the same.
    ///
    /// ## Why it matters
    /// Versions are optional. A client that stores one and sends it back as `If-Match` must not be told that the resource has
    /// changed.
    ///
    /// ## Example
    /// `ETag: W/"3"` beside `"meta":{"version":"W/\"3\""}`
    ///
    /// ## How to fix it
    /// Write the same tag in both, or in neither.
    VERSION = "message/version-is-the-etag" {
        title: "`meta.version` is the `ETag` of the answer",
        outcomes: [
            "disagrees": Must Noise "none of the IdPs here sends `If-Match`; a client that does is refused without reason",
        ],
        fix: "Write the entity tag in `meta.version`.",
        cites: [Cite::Rfc7643("3.1"), Cite::Rfc7644("3.14")],
        row: "E10",
        fault: "version-differs-from-etag",
        check: Check::Message(version),
    }

    /// ## What is checked
    /// A DELETE that succeeds is answered 204.
    ///
    /// ## Why it matters
    /// Entra ID and Okta expect 204. Another success still ends the account, but leaves the IdP in doubt.
    ///
    /// ## Example
    /// `DELETE /Users/2819c223` answered `204 No Content`.
    ///
    /// ## How to fix it
    /// Answer 204 without a body.
    DELETE_204 = "message/delete-is-204" {
        title: "a deletion is answered with 204",
        outcomes: [
            "other-status": Must Noise "Entra ID may record the deletion as failed and repeat it",
        ],
        fix: "Answer a successful DELETE with 204 and no body.",
        cites: [Cite::Rfc7644("3.6"), Cite::Fact("entra/1.3/9"), Cite::Fact("jumpcloud/2.2/6")],
        row: "D1",
        fault: "delete-status-wrong=200-with-body",
        check: Check::Message(delete_204),
    }

    /// ## What is checked
    /// A PATCH that succeeds is answered 200 with the whole resource, or 204.
    ///
    /// ## Why it matters
    /// All three IdPs take either. A 202 or a 200 without a body leaves open whether the change is done.
    ///
    /// ## Example
    /// `PATCH /Groups/abf4dd94` answered `204 No Content`.
    ///
    /// ## How to fix it
    /// Answer 204, or 200 with the resource; 200 where the request names `attributes`.
    PATCH_ANSWER = "message/patch-answer-is-200-or-204" {
        title: "a PATCH is answered with 200 and the resource, or with 204",
        outcomes: [
            "other-status": Must Noise "Entra ID counts anything but 200 and 204 as a failure and repeats the change",
            "empty": Should Noise "an IdP that reads the resource from a 200 finds none",
        ],
        fix: "Answer 204, or 200 with the whole resource.",
        cites: [
            Cite::Rfc7644("3.5.2"),
            Cite::Fact("entra/1.3/5"),
            Cite::Fact("okta/8.3/13"),
            Cite::Fact("jumpcloud/6/4"),
        ],
        row: "P16",
        fault: "patch-answers-202",
        check: Check::Message(patch_answer),
    }

    /// ## What is checked
    /// A PUT that succeeds is answered 200 with the whole resource.
    ///
    /// ## Why it matters
    /// Okta asks for the user in the answer; whether it takes a 204 is not documented.
    ///
    /// ## Example
    /// `PUT /Users/2819c223` answered 200 with the updated user.
    ///
    /// ## How to fix it
    /// Answer 200 with the resource as it is now stored.
    PUT_ANSWER = "message/put-answer-is-200" {
        title: "a PUT is answered with 200 and the resource",
        outcomes: [
            "no-content": Should Blocks "Okta, which wants the updated user, may count the update as failed",
            "empty": Should Blocks "Okta, which wants the updated user, may count the update as failed",
            "other-status": Should Noise "Okta and JumpCloud are told of something else than an update",
        ],
        fix: "Answer a successful PUT with 200 and the whole resource.",
        cites: [Cite::Rfc7644("3.5.1"), Cite::Fact("okta/5.1/2"), Cite::Fact("okta/5.4/4")],
        row: "U7",
        fault: "put-answers-204",
        check: Check::Message(put_answer),
    }
}

/// The status of a successful request of that method for that kind of place.
fn success(
    exchange: &Exchange<'_>,
    method: Method,
    fits: impl Fn(Place<'_>) -> bool,
) -> Option<u16> {
    let right = exchange.sent.method == method && fits(place(exchange)) && exchange.succeeded();
    exchange.status().filter(|_| right)
}

fn creation(exchange: &Exchange<'_>) -> Option<u16> {
    success(exchange, Method::Post, |place| {
        matches!(place, Place::Collection(_))
    })
}

fn of_resource(exchange: &Exchange<'_>, method: Method) -> Option<u16> {
    success(exchange, method, |place| {
        matches!(place, Place::Resource(..))
    })
}

fn created_201(exchange: &Exchange<'_>) -> Judged {
    match creation(exchange) {
        None => Judged::NotApplicable,
        Some(201) => Judged::Pass,
        Some(status) => Judged::fail("other-status", "201", status.to_string()),
    }
}

fn created_is_shown(exchange: &Exchange<'_>) -> Judged {
    if creation(exchange) != Some(201) {
        return Judged::NotApplicable;
    }
    match body(exchange) {
        Some(_) => Judged::Pass,
        None => Judged::fail("empty", "201 with the resource", "201 without a body"),
    }
}

fn location(exchange: &Exchange<'_>) -> Judged {
    if creation(exchange) != Some(201) {
        return Judged::NotApplicable;
    }
    match exchange.header("Location").map(str::trim) {
        Some(uri) if !uri.is_empty() => Judged::Pass,
        _ => Judged::fail("missing", "a `Location` header", "no such header"),
    }
}

fn meta_location(exchange: &Exchange<'_>) -> Judged {
    let mut judged = Judged::NotApplicable;
    let shown = shown(exchange);
    // A list's items are read by themselves; headers speak of a single resource only.
    let single = shown.len() == 1 && exchange.reply().is_some_and(|body| shown[0].1 == body);
    for (kind, resource) in shown {
        let location = resource.at(&["meta", "location"]).and_then(Value::as_str);
        let Some(location) = location else {
            if is_projected(exchange) {
                continue;
            }
            return Judged::fail("missing", "`meta.location`", "no `meta.location`");
        };
        if let Some(id) = resource.get("id").and_then(Value::as_str) {
            let tail = format!("{}/{id}", kind.endpoint());
            if !decoded(location).ends_with(&decoded(&tail)) {
                let expected = format!("a URI that ends in {tail}");
                return Judged::fail("other-resource", expected, location);
            }
        }
        for name in ["Location", "Content-Location"] {
            if let Some(header) = exchange.header(name).filter(|_| single)
                && !agree(location, header)
            {
                let expected = format!("the `{name}` header's {header}");
                return Judged::fail("disagrees", expected, location);
            }
        }
        judged = Judged::Pass;
    }
    judged
}

/// Whether two URIs name the same: one of them may be relative (RFC 7643 §2.3.7).
fn agree(one: &str, other: &str) -> bool {
    let (one, other) = (decoded(one), decoded(other));
    let (short, long) = match one.len() <= other.len() {
        true => (one, other),
        false => (other, one),
    };
    short == long || (!short.contains("://") && long.ends_with(short.trim_start_matches('.')))
}

fn decoded(uri: &str) -> String {
    let uri = uri.trim().trim_end_matches('/');
    percent_decode_str(uri).decode_utf8_lossy().into_owned()
}

fn version(exchange: &Exchange<'_>) -> Judged {
    let shown = shown(exchange);
    let (Some(tag), [(_, resource)]) = (exchange.header("ETag"), shown.as_slice()) else {
        return Judged::NotApplicable;
    };
    let version = resource.at(&["meta", "version"]).and_then(Value::as_str);
    let Some(version) = version.filter(|_| exchange.reply() == Some(*resource)) else {
        return Judged::NotApplicable;
    };
    // A gateway that compresses makes a tag weak; the version is the same.
    let opaque = |tag: &str| {
        tag.trim()
            .trim_start_matches("W/")
            .trim_matches('"')
            .to_owned()
    };
    match opaque(tag) == opaque(version) {
        true => Judged::Pass,
        false => Judged::fail("disagrees", format!("the `ETag` {tag}"), version),
    }
}

fn delete_204(exchange: &Exchange<'_>) -> Judged {
    match of_resource(exchange, Method::Delete) {
        None => Judged::NotApplicable,
        Some(204) => Judged::Pass,
        Some(status) => Judged::fail("other-status", "204", status.to_string()),
    }
}

fn patch_answer(exchange: &Exchange<'_>) -> Judged {
    let expected = "200 with the resource, or 204";
    match of_resource(exchange, Method::Patch) {
        None => Judged::NotApplicable,
        Some(204) if exchange.parameter("attributes").is_none() => Judged::Pass,
        Some(200) if body(exchange).is_some() => Judged::Pass,
        Some(200) => Judged::fail("empty", expected, "200 without a body"),
        Some(204) => {
            let expected = "200, because the request names `attributes`";
            Judged::fail("other-status", expected, "204")
        }
        Some(status) => Judged::fail("other-status", expected, status.to_string()),
    }
}

fn put_answer(exchange: &Exchange<'_>) -> Judged {
    let expected = "200 with the resource";
    match of_resource(exchange, Method::Put) {
        None => Judged::NotApplicable,
        Some(200) if body(exchange).is_some() => Judged::Pass,
        Some(200) => Judged::fail("empty", expected, "200 without a body"),
        Some(204) => Judged::fail("no-content", expected, "204"),
        Some(status) => Judged::fail("other-status", expected, status.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requirement::sample::{Sample, delete, get, message_table, patch, post, put};

    const ADA: &str = r#"{"id":"1","meta":{"location":"https://example.com/scim/Users/1"}}"#;

    #[test]
    fn a_creation_is_201_with_body_and_location() {
        message_table(
            &CREATED_201,
            &[
                (post("/Users", 201, "{}"), "pass"),
                (post("/Groups", 201, ""), "pass"),
                (post("/Users", 200, "{}"), "other-status"),
                (post("/Users", 202, ""), "other-status"),
                (post("/Users", 409, "{}"), "n/a"),
                (post("/Users/.search", 200, "{}"), "n/a"),
                (put("/Users/1", 200, "{}"), "n/a"),
            ],
        );
        message_table(
            &CREATED_IS_SHOWN,
            &[
                (post("/Users", 201, "{}"), "pass"),
                (post("/Users", 201, ""), "empty"),
                (post("/Users", 200, ""), "n/a"),
            ],
        );
        let placed = post("/Users", 201, "").header("location", "/Users/1");
        message_table(
            &LOCATION,
            &[
                (placed, "pass"),
                (post("/Users", 201, "{}"), "missing"),
                (post("/Users", 200, "{}"), "n/a"),
                (get("/Users/1", 200, "{}"), "n/a"),
            ],
        );
    }

    #[test]
    fn locations_agree() {
        let at = |location: &str| format!(r#"{{"id":"1","meta":{{"location":"{location}"}}}}"#);
        let created = |header: &str| post("/Users", 201, ADA).header("Location", header);
        let read = |body: &str| get("/Users/1", 200, body);
        let part = r#"{"id":"1","userName":"ada"}"#;
        let list = format!(r#"{{"totalResults":1,"Resources":[{ADA}]}}"#);
        let encoded = r#"{"id":"a b","meta":{"location":"https://example.com/Users/a%20b"}}"#;
        message_table(
            &META_LOCATION,
            &[
                (read(ADA), "pass"),
                (read(&at("/Users/1")), "pass"),
                (read(&at("../Users/1")), "pass"),
                (read(encoded), "pass"),
                (created("https://example.com/scim/Users/1"), "pass"),
                (created("https://example.com/scim/Users/1/"), "pass"),
                (created("/scim/Users/1"), "pass"),
                (
                    get("/Users", 200, &list).header("Content-Location", "/Users"),
                    "pass",
                ),
                (created("https://internal:8080/scim/Users/1"), "disagrees"),
                (
                    created("https://example.com/scim/scim/Users/1"),
                    "disagrees",
                ),
                (
                    read(ADA).header("Content-Location", "/Users/2"),
                    "disagrees",
                ),
                (
                    read(&at("https://example.com/scim/Users/2")),
                    "other-resource",
                ),
                (
                    read(&at("https://example.com/scim/Users")),
                    "other-resource",
                ),
                (read(part), "missing"),
                (get("/Users/1?attributes=userName", 200, part), "n/a"),
                (get("/Users/1", 404, part), "n/a"),
            ],
        );
    }

    #[test]
    fn the_version_is_the_tag() {
        let read = |tag: &str| {
            get(
                "/Users/1",
                200,
                r#"{"id":"1","meta":{"version":"W/\"3\""}}"#,
            )
            .header("ETag", tag)
        };
        message_table(
            &VERSION,
            &[
                (read("W/\"3\""), "pass"),
                (read("\"3\""), "pass"),
                (read("W/\"4\""), "disagrees"),
                (get("/Users/1", 200, ADA).header("ETag", "\"3\""), "n/a"),
                (get("/Users/1", 200, r#"{"meta":{"version":"3"}}"#), "n/a"),
            ],
        );
    }

    #[test]
    fn each_write_has_its_status() {
        let write =
            |method: fn(&str, u16, &str) -> Sample, status, body| method("/Users/1", status, body);
        message_table(
            &DELETE_204,
            &[
                (write(delete, 204, ""), "pass"),
                (write(delete, 200, "{}"), "other-status"),
                (write(delete, 202, ""), "other-status"),
                (write(delete, 404, "{}"), "n/a"),
            ],
        );
        message_table(
            &PATCH_ANSWER,
            &[
                (write(patch, 204, ""), "pass"),
                (write(patch, 200, "{}"), "pass"),
                (write(patch, 200, ""), "empty"),
                (write(patch, 202, ""), "other-status"),
                (patch("/Users/1?attributes=active", 204, ""), "other-status"),
                (patch("/Users/1?attributes=active", 200, "{}"), "pass"),
                (write(patch, 501, ""), "n/a"),
            ],
        );
        message_table(
            &PUT_ANSWER,
            &[
                (write(put, 200, "{}"), "pass"),
                (write(put, 200, ""), "empty"),
                (write(put, 204, ""), "no-content"),
                (write(put, 201, "{}"), "other-status"),
                (write(put, 404, ""), "n/a"),
                (write(patch, 204, ""), "n/a"),
            ],
        );
    }
}
