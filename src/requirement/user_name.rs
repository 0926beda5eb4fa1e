//! Requirements on the user name: that there is one, and one only of each.

use super::reading::{Kind, Place, place};
use super::registry::{Check, Cite, Judged, requirements};
use crate::scim::Value;
use crate::wire::{Exchange, Method};

requirements! {
    /// ## What is checked
    /// However often an IdP asks, a user name belongs to one account.
    ///
    /// ## Why it matters
    /// An IdP that got no answer to its POST sends it again, and two jobs may run side by side. Of two accounts of one name only
    /// one is deactivated when the person leaves.
    ///
    /// ## Example
    /// Two `POST /Users` with `"userName":"ada@example.com"`: the second is answered 409.
    ///
    /// ## How to fix it
    /// Put a unique index on the folded user name and turn its violation into 409.
    UNIQUE = "user/user-name-unique" {
        title: "there is one account for a user name",
        outcomes: [
            "duplicate": Must Security "the second account of a person stays active when Okta, Entra ID or JumpCloud deactivates the first",
        ],
        fix: "Let the store enforce uniqueness of the folded user name.",
        cites: [
            Cite::Rfc7643("4.1.1"),
            Cite::Rfc7644("3.3"),
            Cite::Fact("entra/1.2/13"),
            Cite::Fact("okta/4.3/6"),
        ],
        row: "C16",
        fault: "posted-twice",
        check: Check::State,
    }

    /// ## What is checked
    /// A POST with a user name that is taken, in whatever case, is answered 409 with the keyword `uniqueness`.
    ///
    /// ## Why it matters
    /// Okta and Entra ID tell the administrator of a conflict by this status. A 400 or 500 reads like a fault of the request
    /// or of the target and is tried again and again.
    ///
    /// ## Example
    /// `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"409","scimType":"uniqueness","detail":"ada@example.com is taken"}`
    ///
    /// ## How to fix it
    /// Look for the folded name before you write, and turn a violation of the store's index into the same answer.
    DUPLICATE_REFUSED = "user/duplicate-user-name-refused" {
        title: "a user name that is taken is refused with 409",
        outcomes: [
            "accepted": Must Security "one person gets two accounts, of which Okta, Entra ID and JumpCloud know one",
            "other-case-accepted": Must Security "one person gets two accounts whose names differ in capitals; Okta and Entra ID know one",
            "wrong-status": Must Blocks "Okta and Entra ID do not tell their administrators that the name is taken",
            "no-keyword": Must Noise "an IdP that tells conflicts apart by keyword cannot",
        ],
        fix: "Answer 409 with `scimType` `uniqueness`.",
        cites: [
            Cite::Rfc7644("3.3"),
            Cite::Rfc7644("3.12"),
            Cite::Fact("okta/4.5/3"),
            Cite::Fact("entra/1.2/6"),
        ],
        row: "C2",
        fault: "duplicate-not-409",
        check: Check::Probe(duplicate_refused),
    }

    /// ## What is checked
    /// A POST without a user name, or with an empty one, creates no account.
    ///
    /// ## Why it matters
    /// The user name is how an IdP finds the account again. One without is never linked, updated or deactivated; with an empty
    /// one the second such person collides with the first.
    ///
    /// ## Example
    /// `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":""}`
    ///
    /// ## How to fix it
    /// Answer 400 with `invalidValue` where `userName` is missing, null or empty.
    REQUIRED = "user/user-name-required" {
        title: "an account has a user name that is not empty",
        outcomes: [
            "accepted": Must Data "accounts come into being that no IdP finds again",
            "empty-accepted": Must Data "an account with an empty name comes into being that no IdP finds again",
            "wrong-status": Should Noise "the IdP's administrator reads of a fault of the target instead of a missing name",
        ],
        fix: "Refuse a user without a user name with 400 `invalidValue`.",
        cites: [Cite::Rfc7643("4.1.1"), Cite::Rfc7643("2.2"), Cite::Rfc7644("3.12")],
        row: "no row: RFC 7643 section 4.1.1 demands the name in plain words",
        fault: "required-not-enforced",
        check: Check::Probe(required),
    }
}

/// Of an exchange that posts a user: the user name in its body, and the status of the answer.
fn posted<'a>(exchange: &'a Exchange<'_>) -> Option<(Option<&'a Value>, u16)> {
    let posts =
        exchange.sent.method == Method::Post && place(exchange) == Place::Collection(Kind::User);
    let body = exchange.request().filter(|_| posts)?.as_object()?;
    Some((body.get("userName"), exchange.status()?))
}

fn duplicate_refused(exchanges: &[Exchange<'_>]) -> Judged {
    let mut taken: Vec<(String, String)> = Vec::new();
    let mut judged = Judged::NotApplicable;
    for exchange in exchanges {
        // Whatever is changed or deleted may have given its name back.
        if let Place::Resource(Kind::User, id) = place(exchange)
            && exchange.sent.method.writes()
        {
            taken.retain(|(_, owner)| owner != id);
        }
        let Some((Some(Value::String(name)), status)) = posted(exchange) else {
            continue;
        };
        let folded = name.to_lowercase();
        let Some((first, _)) = taken
            .iter()
            .find(|(first, _)| first.to_lowercase() == folded)
        else {
            let id = exchange.reply().and_then(|body| body.get("id"));
            if let (Some(id), true) = (id.and_then(Value::as_str), exchange.succeeded()) {
                taken.push((name.clone(), id.to_owned()));
            }
            continue;
        };
        let expected = "409 with `scimType` `uniqueness`";
        let observed = format!("{status} to a POST of {name:?} although {first:?} is there");
        match status {
            409 => match keyword(exchange) {
                Some("uniqueness") => judged = Judged::Pass,
                Some(other) => {
                    let observed = format!("409 with `scimType` {other:?}");
                    return Judged::fail("no-keyword", expected, observed);
                }
                None => return Judged::fail("no-keyword", expected, "409 without `scimType`"),
            },
            200..300 if first == name => return Judged::fail("accepted", expected, observed),
            200..300 => return Judged::fail("other-case-accepted", expected, observed),
            401 | 403 | 429 | 502..=504 => {}
            _ => return Judged::fail("wrong-status", expected, observed),
        }
    }
    judged
}

fn keyword<'a>(exchange: &'a Exchange<'_>) -> Option<&'a str> {
    exchange.reply()?.get("scimType")?.as_str()
}

fn required(exchanges: &[Exchange<'_>]) -> Judged {
    let mut judged = Judged::NotApplicable;
    for exchange in exchanges {
        let Some((name, status)) = posted(exchange) else {
            continue;
        };
        let outcome = match name {
            None | Some(Value::Null) => "accepted",
            Some(Value::String(text)) if text.trim().is_empty() => "empty-accepted",
            Some(_) => continue,
        };
        let sent = name.map_or("no `userName`".to_owned(), |name| {
            format!("`userName` {name}")
        });
        let expected = "400 with `scimType` `invalidValue`";
        let observed = format!("{status} to a user with {sent}");
        match status {
            // A server may give the account a name of its own (RFC 7644 §3.3 lets it change what is sent).
            200..300 if is_named(exchange) => judged = graver(judged, Judged::Pass),
            200..300 if outcome == "accepted" => return Judged::fail(outcome, expected, observed),
            200..300 => judged = Judged::fail(outcome, expected, observed),
            401 | 403 | 429 | 502..=504 => {}
            400..500 => judged = graver(judged, Judged::Pass),
            _ => judged = graver(judged, Judged::fail("wrong-status", expected, observed)),
        }
    }
    judged
}

fn is_named(exchange: &Exchange<'_>) -> bool {
    let name = exchange.reply().and_then(|body| body.get("userName"));
    name.and_then(Value::as_str)
        .is_some_and(|name| !name.trim().is_empty())
}

/// A failure that was found before stays.
fn graver(found: Judged, new: Judged) -> Judged {
    match found {
        Judged::Fail(_) => found,
        _ => new,
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, delete, post, probe_table};
    use super::*;

    fn user(name: &str, status: u16, body: &str) -> Sample {
        post("/Users", status, body).request(&format!(r#"{{"userName":{name}}}"#))
    }

    #[test]
    fn a_name_that_is_taken_is_a_conflict() {
        let first = user(r#""ada""#, 201, r#"{"id":"1"}"#);
        let again = |status, body: &str| user(r#""ada""#, status, body);
        let other = |status, body: &str| user(r#""Ada""#, status, body);
        let conflict = other(409, r#"{"scimType":"uniqueness"}"#);
        let gone = delete("/Users/1", 204, "");
        probe_table(
            &DUPLICATE_REFUSED,
            &[
                (&[first.clone(), conflict.clone()], "pass"),
                (&[first.clone(), again(201, r#"{"id":"2"}"#)], "accepted"),
                (&[first.clone(), again(200, r#"{"id":"1"}"#)], "accepted"),
                (
                    &[first.clone(), conflict.clone(), other(201, "{}")],
                    "other-case-accepted",
                ),
                (
                    &[first.clone(), other(400, r#"{"scimType":"uniqueness"}"#)],
                    "wrong-status",
                ),
                (&[first.clone(), again(500, "")], "wrong-status"),
                (&[first.clone(), again(409, "{}")], "no-keyword"),
                (
                    &[first.clone(), again(409, r#"{"scimType":"invalidValue"}"#)],
                    "no-keyword",
                ),
                (&[first.clone(), again(503, "")], "n/a"),
                (&[first.clone(), gone, again(201, "{}")], "n/a"),
                (&[first.clone(), user(r#""bob""#, 201, "{}")], "n/a"),
                (&[user(r#""ada""#, 400, ""), again(201, "{}")], "n/a"),
                (&[conflict], "n/a"),
            ],
        );
    }

    #[test]
    fn an_account_needs_a_name() {
        let empty_accepted = user(r#""""#, 201, r#"{"userName":""}"#);
        let nameless = |status, body: &str| post("/Users", status, body).request("{}");
        probe_table(
            &REQUIRED,
            &[
                (&[nameless(400, "")], "pass"),
                (&[nameless(422, "")], "pass"),
                (&[nameless(201, r#"{"userName":"u-17"}"#)], "pass"),
                (&[nameless(201, r#"{"id":"1"}"#)], "accepted"),
                (&[user("null", 201, r#"{"id":"1"}"#)], "accepted"),
                (
                    &[nameless(400, ""), user(r#""""#, 201, r#"{"userName":""}"#)],
                    "empty-accepted",
                ),
                (
                    &[empty_accepted.clone(), nameless(400, "")],
                    "empty-accepted",
                ),
                (
                    &[empty_accepted, nameless(201, r#"{"id":"2"}"#)],
                    "accepted",
                ),
                (&[nameless(400, ""), nameless(500, "")], "wrong-status"),
                (&[nameless(500, "")], "wrong-status"),
                (&[nameless(500, ""), user(r#""""#, 400, "")], "wrong-status"),
                (&[nameless(503, "")], "n/a"),
                (&[user(r#""ada""#, 201, "{}")], "n/a"),
            ],
        );
    }
}
