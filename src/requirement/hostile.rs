//! Requirements on requests that nobody sends by mistake alone: filters made to hurt, forged versions, text that looks like
//! code, identifiers that look like keys, tokens that are none.

use super::change::{changes, resource};
use super::reading::{Kind, Place, asked, asks_for_list, place};
use super::registry::{Check, Cite, Judged, requirements};
use crate::scim::{Filter, Value};
use crate::wire::{Exchange, Method};

requirements! {
    /// ## What is checked
    /// A filter that the target cannot carry out is answered 400 and is no fault of the target, however deep it is nested.
    ///
    /// ## Why it matters
    /// An IdP takes 5xx for an outage and comes again, and a filter that ends a process ends it for everybody. A list given for a
    /// filter that nobody understood names people who were not asked for.
    ///
    /// ## Example
    /// `GET /Users?filter=userName zz "x"` is answered 400 with `invalidFilter`.
    ///
    /// ## How to fix it
    /// Parse filters with a limit of depth, and turn every mistake into 400 `invalidFilter`.
    ERROR_IS_400 = "filter/error-is-400" {
        title: "a filter that cannot be carried out is answered 400",
        outcomes: [
            "server-error": Must Blocks "one odd filter stops the provisioning of everybody until somebody restarts the target",
            "answered": Must Security "people whom nobody asked for are taken for the one who was looked up",
            "other-status": Should Noise "the IdP's administrator does not read that the filter is to blame",
        ],
        fix: "Answer 400 with `invalidFilter`.",
        cites: [Cite::Rfc7644("3.4.2.2"), Cite::Rfc7644("3.12")],
        row: "F2",
        fault: "unsupported-filter-5xx",
        check: Check::Probe(error_is_400),
    }

    /// ## What is checked
    /// A user is found by `externalId`, or the filter is refused with 400.
    ///
    /// ## Why it matters
    /// Entra ID can be told to match people by it. A target need not serve such filters; it must not deny people who are there.
    ///
    /// ## Example
    /// `GET /Users?filter=externalId eq "701984"`
    ///
    /// ## How to fix it
    /// Index `externalId`, and compare it exactly.
    EXTERNAL_ID = "filter/external-id-lookup" {
        title: "users can be looked up by their `externalId`",
        outcomes: [
            "server-error": Must Blocks "Entra ID stops where its administrator matches people by `externalId`",
            "missing": Must Blocks "Entra ID creates people anew where its administrator matches them by `externalId`",
            "refused": May Blocks "an administrator of Entra ID cannot match people by `externalId`",
        ],
        fix: "Serve `externalId eq`.",
        cites: [Cite::Rfc7643("3.1"), Cite::Rfc7644("3.4.2.2")],
        row: "F1, F9",
        fault: "externalid-filter-unsupported=empty",
        check: Check::Probe(external_id),
    }

    /// ## What is checked
    /// A write whose `If-Match` names another version is refused, where the target says that it knows versions.
    ///
    /// ## Why it matters
    /// Two administrators who write at once lose one change. A client that sends the version relies on being told.
    ///
    /// ## Example
    /// `If-Match: W/"an-old-version"` is answered 412.
    ///
    /// ## How to fix it
    /// Compare the version before you write, or say `etag.supported: false`.
    STALE_REFUSED = "version/stale-is-refused" {
        title: "a write on an old version is refused",
        outcomes: [
            "accepted": Must Data "of two changes made at once one is lost without a word",
        ],
        fix: "Answer 412 where `If-Match` is not the stored version.",
        cites: [Cite::Rfc7644("3.14"), Cite::Rfc7644("3.12")],
        row: "E12",
        fault: "if-match-ignored",
        check: Check::Probe(stale_refused),
    }

    /// ## What is checked
    /// A text in a request comes back as it was sent, or not at all, and never as what it would be worth as code.
    ///
    /// ## Why it matters
    /// Frameworks fill error messages by templates. If the value that is complained of becomes part of the template, whoever can
    /// name a person can run code in the product.
    ///
    /// ## Example
    /// `{"userName":"ada@example.com","active":"{{1337*7331}}"}` is answered 400 without the product 9801547.
    ///
    /// ## How to fix it
    /// Pass values to messages as parameters.
    NOT_EVALUATED = "error/text-is-not-evaluated" {
        title: "a text in a request is never evaluated",
        outcomes: [
            "evaluated": Must Security "whoever can name a person in the directory can run code in the product",
        ],
        fix: "Never build a template from what a client sent.",
        cites: [Cite::Rfc7644("7"), Cite::Rfc7644("3.12")],
        row: "E1",
        fault: "validation-message-code-execution",
        check: Check::Probe(not_evaluated),
    }

    /// ## What is checked
    /// An `externalId` that looks like a key of the target's store makes a new account like any other.
    ///
    /// ## Why it matters
    /// The client chooses `externalId`. If the target takes it for its own key, whoever may create an account may take over
    /// another.
    ///
    /// ## Example
    /// `{"userName":"ada@example.com","externalId":"1"}` is answered 201 with an id that was never seen.
    ///
    /// ## How to fix it
    /// Keep `externalId` as a text of the client's, and never find an account by it alone.
    OPAQUE = "identity/external-id-is-opaque" {
        title: "an `externalId` is no key of the target",
        outcomes: [
            "linked": Must Security "whoever may create an account can take over another by its number",
        ],
        fix: "Never read `externalId` as your own key.",
        cites: [Cite::Rfc7643("3.1")],
        row: "C18, C19",
        fault: "numeric-externalid-becomes-user-id",
        check: Check::Probe(opaque),
    }

    /// ## What is checked
    /// Two users may have the same `externalId`.
    ///
    /// ## Why it matters
    /// The client answers for its being unique. Two IdPs, or one that sends an empty text for everybody, write the same value
    /// twice; a target that refuses it keeps the second person out.
    ///
    /// ## Example
    /// Two users with `"externalId": "701984"` are both answered 201.
    ///
    /// ## How to fix it
    /// Put no unique index on `externalId`.
    MAY_REPEAT = "user/external-id-may-repeat" {
        title: "two users may have the same `externalId`",
        outcomes: [
            "refused": Should Blocks "people whom another IdP has numbered alike are kept out",
        ],
        fix: "Let the client answer for `externalId`.",
        cites: [Cite::Rfc7643("3.1")],
        row: "C18",
        fault: "externalid-globally-unique",
        check: Check::Probe(may_repeat),
    }
}

fn error_is_400(exchanges: &[Exchange<'_>]) -> Judged {
    let mut judged = Judged::NotApplicable;
    for exchange in exchanges {
        let (Some(_), Some(text), Some(status)) = (
            asks_for_list(exchange),
            asked(exchange, "filter"),
            exchange.status(),
        ) else {
            continue;
        };
        let legal = text.parse::<Filter>().is_ok();
        let short = text.get(..40).unwrap_or(&text);
        let observed = format!("{status} to the filter `{short}`");
        match status {
            500 => return Judged::fail("server-error", "400 `invalidFilter`", observed),
            400 => judged = Judged::Pass,
            200 if !legal => return Judged::fail("answered", "400 `invalidFilter`", observed),
            // A legal filter may be carried out, and a target without filters may say so in other ways.
            200 if judged == Judged::NotApplicable => judged = Judged::Pass,
            200 | 401 | 403 | 413 | 414 | 429 | 431 | 501..=504 => {}
            _ if !legal => return Judged::fail("other-status", "400 `invalidFilter`", observed),
            _ => {}
        }
    }
    judged
}

fn external_id(exchanges: &[Exchange<'_>]) -> Judged {
    let mut made: Option<(&Value, &str)> = None;
    for exchange in exchanges {
        if exchange.sent.method == Method::Post
            && exchange.succeeded()
            && let (Some(sent), Some(body)) = (exchange.request(), exchange.reply())
            && let (Some(external), Some(id)) = (sent.get("externalId"), body.get("id"))
            // A target that does not keep it need not find it.
            && body.get("externalId") == Some(external)
        {
            made = id.as_str().map(|id| (external, id));
        }
        let (Some((external, id)), Some(_), Some(status)) =
            (made, asked(exchange, "filter"), exchange.status())
        else {
            continue;
        };
        let expected = format!("the user with the `externalId` {external}");
        match status {
            200 => {
                let found = super::reading::list(exchange);
                let there = found.is_some_and(|list| list.ids().any(|listed| listed == id));
                return match there {
                    true => Judged::Pass,
                    false => Judged::fail("missing", expected, "a list without that user"),
                };
            }
            500 => return Judged::fail("server-error", expected, "500"),
            400 | 403 | 501 => {
                return Judged::fail("refused", expected, status.to_string());
            }
            _ => {}
        }
    }
    Judged::NotApplicable
}

fn stale_refused(exchanges: &[Exchange<'_>]) -> Judged {
    let knows_versions = exchanges.iter().any(|exchange| {
        let body = exchange.reply().filter(|_| exchange.succeeded());
        let supported = body.and_then(|body| body.at(&["etag", "supported"])?.as_bool());
        place(exchange) == Place::Discovery("ServiceProviderConfig") && supported == Some(true)
    });
    if !knows_versions {
        return Judged::NotApplicable;
    }
    let forged = |exchange: &Exchange<'_>| exchange.sent.headers.get("if-match").is_some();
    let mut judged = Judged::NotApplicable;
    let patches = changes(exchanges, Method::Patch);
    for change in patches.iter().filter(|change| forged(change.write)) {
        match change.status {
            412 | 409 => judged = Judged::Pass,
            200..300 => {
                let observed = format!("{} to an `If-Match` that was never given", change.status);
                return Judged::fail("accepted", "412", observed);
            }
            _ => {}
        }
    }
    judged
}

/// What the expression in the probe's request is worth.
const WORTH: &str = "9801547";

fn not_evaluated(exchanges: &[Exchange<'_>]) -> Judged {
    let mut judged = Judged::NotApplicable;
    for exchange in exchanges {
        let sent = exchange.sent.body.as_deref().unwrap_or_default();
        let Some(body) = exchange.answered.filter(|_| exchange.status().is_some()) else {
            continue;
        };
        if !sent.contains("1337*7331") {
            continue;
        }
        if body.body.contains(WORTH) {
            let observed = format!("{WORTH}, which is what the text is worth as code");
            return Judged::fail("evaluated", "the text as it was sent, or none", observed);
        }
        judged = Judged::Pass;
    }
    judged
}

fn opaque(exchanges: &[Exchange<'_>]) -> Judged {
    let mut people: Vec<&str> = Vec::new();
    let mut numbers: Vec<&Value> = Vec::new();
    let mut judged = Judged::NotApplicable;
    for exchange in exchanges {
        let made = exchange.sent.method == Method::Post
            && place(exchange) == Place::Collection(Kind::User)
            && exchange.succeeded();
        let numbered = exchange.request().and_then(|body| body.get("externalId"));
        if made && let Some(id) = exchange.reply().and_then(|body| body.get("id")?.as_str()) {
            if numbered.is_some() && people.contains(&id) {
                let observed = format!("the account {id}, which was there before");
                return Judged::fail("linked", "a new account", observed);
            }
            match numbered {
                Some(_) => {
                    judged = Judged::Pass;
                    numbers.extend(exchange.request().and_then(|body| body.get("userName")));
                }
                None => people.push(id),
            }
        }
        for id in &people {
            let read = resource(exchange, id).filter(|_| exchange.sent.method == Method::Get);
            let Some(shown) = read.and_then(|body| body.get("userName")) else {
                continue;
            };
            if numbers.contains(&shown) {
                let observed = format!("the account {id} is {shown} now");
                return Judged::fail("linked", "the other accounts as they were", observed);
            }
        }
    }
    judged
}

fn may_repeat(exchanges: &[Exchange<'_>]) -> Judged {
    let mut seen: Vec<&Value> = Vec::new();
    for exchange in exchanges {
        let posts = exchange.sent.method == Method::Post
            && place(exchange) == Place::Collection(Kind::User);
        let external = exchange.request().and_then(|body| body.get("externalId"));
        let (Some(external), true) = (external, posts) else {
            continue;
        };
        if seen.contains(&external) {
            return match exchange.status() {
                Some(200..300) => Judged::Pass,
                Some(status @ (400 | 409 | 500)) => {
                    Judged::fail("refused", "201", status.to_string())
                }
                _ => Judged::NotApplicable,
            };
        }
        if exchange.succeeded() {
            seen.push(external);
        }
    }
    Judged::NotApplicable
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, get, patch, post, probe_table};
    use super::*;

    #[test]
    fn a_filter_that_cannot_be_carried_out_is_no_fault_of_the_target() {
        let odd = |status| get("/Users?filter=userName%20zz%20%22x%22", status, "");
        let deep = |status| get("/Users?filter=((title%20pr))", status, "");
        probe_table(
            &ERROR_IS_400,
            &[
                (&[odd(400), deep(200)], "pass"),
                (&[odd(400), deep(500)], "server-error"),
                (&[odd(200)], "answered"),
                (&[odd(404)], "other-status"),
                (&[odd(501), deep(403)], "n/a"),
            ],
        );
    }

    fn numbered(id: &str, name: &str, external: &str) -> Sample {
        let body = format!(r#"{{"id":"{id}","externalId":"{external}"}}"#);
        let sent = format!(r#"{{"userName":"{name}","externalId":"{external}"}}"#);
        post("/Users", 201, &body).request(&sent)
    }

    #[test]
    fn a_user_is_found_by_the_external_id() {
        let made = numbered("1", "a", "x");
        let ask = |status, body: &str| get("/Users?filter=x", status, body);
        let with = r#"{"totalResults":1,"Resources":[{"id":"1"}]}"#;
        probe_table(
            &EXTERNAL_ID,
            &[
                (&[made.clone(), ask(200, with)], "pass"),
                (
                    &[made.clone(), ask(200, r#"{"totalResults":0}"#)],
                    "missing",
                ),
                (&[made.clone(), ask(500, "")], "server-error"),
                (&[made, ask(400, "")], "refused"),
                (&[ask(400, "")], "n/a"),
            ],
        );
    }

    #[test]
    fn a_forged_version_is_refused_where_versions_are_known() {
        let says = |on: bool| {
            let body = format!(r#"{{"etag":{{"supported":{on}}}}}"#);
            get("/ServiceProviderConfig", 200, &body)
        };
        let forged = |status| patch("/Users/1", status, "").asking("If-Match", "W/\"never\"");
        probe_table(
            &STALE_REFUSED,
            &[
                (&[says(true), forged(412)], "pass"),
                (&[says(true), forged(204)], "accepted"),
                (&[says(true), patch("/Users/1", 204, "")], "n/a"),
                (&[says(false), forged(204)], "n/a"),
            ],
        );
    }

    #[test]
    fn a_text_stays_a_text() {
        let sent = |answer: &str| post("/Users", 400, answer).request(r#"{"x":"{{1337*7331}}"}"#);
        probe_table(
            &NOT_EVALUATED,
            &[
                (
                    &[sent(r#"{"detail":"{{1337*7331}} is no boolean"}"#)],
                    "pass",
                ),
                (
                    &[sent(r#"{"detail":"9801547 is no boolean"}"#)],
                    "evaluated",
                ),
                (&[post("/Users", 400, "9801547")], "n/a"),
            ],
        );
    }

    #[test]
    fn a_number_is_no_key() {
        let plain = post("/Users", 201, r#"{"id":"1"}"#).request(r#"{"userName":"a"}"#);
        let read = |name: &str| {
            get(
                "/Users/1",
                200,
                &format!(r#"{{"id":"1","userName":"{name}"}}"#),
            )
        };
        probe_table(
            &OPAQUE,
            &[
                (
                    &[plain.clone(), numbered("2", "b", "1"), read("corp/a")],
                    "pass",
                ),
                (&[plain.clone(), numbered("1", "b", "1")], "linked"),
                (
                    &[plain.clone(), numbered("2", "b", "1"), read("b")],
                    "linked",
                ),
                (&[plain, read("a")], "n/a"),
            ],
        );
    }

    #[test]
    fn an_external_id_may_come_twice() {
        let again = |status| post("/Users", status, "").request(r#"{"externalId":"x"}"#);
        probe_table(
            &MAY_REPEAT,
            &[
                (&[again(201), again(201)], "pass"),
                (&[again(201), again(409)], "refused"),
                (&[again(400), again(409)], "n/a"),
                (&[again(201), again(503)], "n/a"),
            ],
        );
    }
}
