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
        fault: "duplicate-create-race",
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

/// The exchanges that post a user, each with the user name of its body.
fn posts<'a>(
    exchanges: &'a [Exchange<'a>],
) -> impl Iterator<Item = (&'a Exchange<'a>, Option<&'a Value>, u16)> {
    exchanges.iter().filter_map(|exchange| {
        let posts = exchange.sent.method == Method::Post
            && place(exchange) == Place::Collection(Kind::User);
        let body = exchange.request().filter(|_| posts)?;
        body.as_object()?;
        Some((exchange, body.get("userName"), exchange.status()?))
    })
}

fn duplicate_refused(exchanges: &[Exchange<'_>]) -> Judged {
    let mut taken: Vec<String> = Vec::new();
    let mut judged = Judged::NotApplicable;
    for (exchange, name, status) in posts(exchanges) {
        let Some(name) = name.and_then(Value::as_str) else {
            continue;
        };
        let folded = name.to_lowercase();
        if !taken.contains(&folded) {
            if (200..300).contains(&status) {
                taken.push(folded);
            }
            continue;
        }
        let expected = "409 with `scimType` `uniqueness`";
        match status {
            409 => {
                let keyword = exchange.reply().and_then(|body| body.get("scimType"));
                let right = keyword
                    .and_then(Value::as_str)
                    .is_some_and(|keyword| keyword.eq_ignore_ascii_case("uniqueness"));
                if !right {
                    let observed = match keyword {
                        Some(keyword) => format!("409 with `scimType` {keyword}"),
                        None => "409 without `scimType`".to_owned(),
                    };
                    return Judged::fail("no-keyword", expected, observed);
                }
                judged = Judged::Pass;
            }
            200..300 => {
                let observed = format!("{status} to the second POST of \"{name}\"");
                return Judged::fail("accepted", expected, observed);
            }
            401 | 403 | 429 | 502..=504 => {}
            _ => {
                let observed = format!("{status} to the second POST of \"{name}\"");
                return Judged::fail("wrong-status", expected, observed);
            }
        }
    }
    judged
}

fn required(exchanges: &[Exchange<'_>]) -> Judged {
    let mut judged = Judged::NotApplicable;
    for (exchange, name, status) in posts(exchanges) {
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
            200..300 if is_named(exchange) => judged = better(judged, Judged::Pass),
            200..300 => return Judged::fail(outcome, expected, observed),
            401 | 403 | 429 | 502..=504 => {}
            400..500 => judged = better(judged, Judged::Pass),
            _ => judged = Judged::fail("wrong-status", expected, observed),
        }
    }
    judged
}

fn is_named(exchange: &Exchange<'_>) -> bool {
    let name = exchange.reply().and_then(|body| body.get("userName"));
    name.and_then(Value::as_str)
        .is_some_and(|name| !name.trim().is_empty())
}

/// What was found before stays, unless nothing was.
fn better(found: Judged, new: Judged) -> Judged {
    match found {
        Judged::NotApplicable => new,
        found => found,
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, post, probe_table};
    use super::*;

    fn user(name: &str, status: u16, body: &str) -> Sample {
        post("/Users", status, body).request(&format!(r#"{{"userName":{name}}}"#))
    }

    #[test]
    fn a_name_that_is_taken_is_a_conflict() {
        let first = user(r#""ada""#, 201, r#"{"id":"1"}"#);
        let second = |status, body: &str| user(r#""Ada""#, status, body);
        let conflict = second(409, r#"{"scimType":"uniqueness"}"#);
        probe_table(
            &DUPLICATE_REFUSED,
            &[
                (&[first.clone(), conflict.clone()], "pass"),
                (&[first.clone(), second(201, r#"{"id":"2"}"#)], "accepted"),
                (&[first.clone(), second(200, r#"{"id":"1"}"#)], "accepted"),
                (
                    &[first.clone(), second(400, r#"{"scimType":"uniqueness"}"#)],
                    "wrong-status",
                ),
                (&[first.clone(), second(500, "")], "wrong-status"),
                (&[first.clone(), second(409, "{}")], "no-keyword"),
                (
                    &[first.clone(), second(409, r#"{"scimType":"invalidValue"}"#)],
                    "no-keyword",
                ),
                (&[first.clone(), second(503, "")], "n/a"),
                (&[first.clone(), user(r#""bob""#, 201, "{}")], "n/a"),
                (&[user(r#""ada""#, 400, ""), second(201, "{}")], "n/a"),
                (&[conflict], "n/a"),
            ],
        );
    }

    #[test]
    fn an_account_needs_a_name() {
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
                (&[nameless(500, "")], "wrong-status"),
                (&[nameless(500, ""), user(r#""""#, 400, "")], "wrong-status"),
                (&[nameless(503, "")], "n/a"),
                (&[user(r#""ada""#, 201, "{}")], "n/a"),
            ],
        );
    }
}
