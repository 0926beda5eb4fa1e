//! Requirements on who is let in.

use super::reading::{Place, place};
use super::registry::{Check, Cite, Judged, requirements};
use crate::wire::Exchange;

requirements! {
    /// ## What is checked
    /// A request with a token that the target never issued is refused with 401 or 403.
    ///
    /// ## Why it matters
    /// The token is all that stands between the internet and every account of the product. An IdP's connection test shows
    /// only that the right one works.
    ///
    /// ## Example
    /// `GET /Users?count=1` with a made-up bearer token, answered 401.
    ///
    /// ## How to fix it
    /// Compare the presented token with the issued one, in constant time, before anything is read or written.
    WRONG_TOKEN = "auth/wrong-token-refused" {
        title: "a wrong token is refused",
        outcomes: [
            "accepted": Must Security "whoever finds the endpoint reads and changes the accounts of every customer, with any IdP",
            "wrong-status": May Noise "the IdP's administrator is not told that the token is wrong",
        ],
        fix: "Check the token on every request and answer 401.",
        cites: [
            Cite::Rfc7644("2"),
            Cite::Rfc7644("7.4"),
            Cite::Fact("okta/3/6"),
            Cite::Fact("entra/1.2/3"),
        ],
        row: "E4",
        fault: "any-principal-accepted",
        check: Check::Probe(refused),
    }

    /// ## What is checked
    /// A request without credentials is refused with 401 or 403.
    ///
    /// ## Why it matters
    /// A target that compares a missing token with an unset secret, or does not ask at all, is open to everybody.
    ///
    /// ## Example
    /// `GET /Users?count=1` without an `Authorization` header, answered 401.
    ///
    /// ## How to fix it
    /// Refuse before routing whatever has no credentials; only the description of the service itself may be open.
    MISSING_TOKEN = "auth/missing-token-refused" {
        title: "a request without credentials is refused",
        outcomes: [
            "accepted": Must Security "whoever finds the endpoint reads and changes the accounts of every customer, with any IdP",
            "wrong-status": May Noise "the IdP's administrator is not told that credentials are missing",
        ],
        fix: "Answer 401 to every request that shows no credentials.",
        cites: [Cite::Rfc7644("2"), Cite::Rfc7644("2.2"), Cite::Rfc7644("7.6")],
        row: "E4",
        fault: "unauth-wrong-status=200",
        check: Check::Probe(refused),
    }

    /// ## What is checked
    /// An answer 401 names the accepted schemes in `WWW-Authenticate`.
    ///
    /// ## Why it matters
    /// It tells an administrator, and any client, with what kind of credentials to come back.
    ///
    /// ## Example
    /// `WWW-Authenticate: Bearer realm="scim"`
    ///
    /// ## How to fix it
    /// Add the header wherever 401 is answered, also in a gateway before the product.
    CHALLENGE = "auth/challenge" {
        title: "an answer 401 names the schemes that the target accepts",
        outcomes: [
            "missing": Must Noise "nothing breaks with Okta, Entra ID or JumpCloud; their administrators get one hint less",
        ],
        fix: "Send `WWW-Authenticate` with every 401.",
        cites: [Cite::Rfc7644("2")],
        row: "E3",
        fault: "unauth-wrong-status=401-without-challenge",
        check: Check::Message(challenged),
    }
}

fn refused(exchanges: &[Exchange<'_>]) -> Judged {
    let mut judged = Judged::NotApplicable;
    for exchange in exchanges {
        // What the target says of itself may be open (RFC 7643 §5); whether anything else is, is the question.
        let Some(status) = exchange.status() else {
            continue;
        };
        if matches!(place(exchange), Place::Discovery(_)) {
            continue;
        }
        let (method, path) = (exchange.sent.method, exchange.path());
        let observed = format!("{method} {path} was answered {status}");
        match status {
            401 | 403 => {
                if judged == Judged::NotApplicable {
                    judged = Judged::Pass;
                }
            }
            200..300 => return Judged::fail("accepted", "401 or 403", observed),
            // A busy or absent target says nothing about credentials.
            429 | 502..=504 => {}
            _ => judged = Judged::fail("wrong-status", "401 or 403", observed),
        }
    }
    judged
}

fn challenged(exchange: &Exchange<'_>) -> Judged {
    if exchange.status() != Some(401) {
        return Judged::NotApplicable;
    }
    match exchange.header("WWW-Authenticate") {
        Some(schemes) if !schemes.trim().is_empty() => Judged::Pass,
        _ => Judged::fail("missing", "a `WWW-Authenticate` header", "no such header"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{get, message_table, probe_table};
    use super::*;

    #[test]
    fn only_a_refusal_keeps_strangers_out() {
        for requirement in [&WRONG_TOKEN, &MISSING_TOKEN] {
            probe_table(
                requirement,
                &[
                    (&[get("/Users", 401, "")], "pass"),
                    (&[get("/Users", 403, "")], "pass"),
                    (&[get("/Users", 200, "{}")], "accepted"),
                    (
                        &[get("/Users", 401, ""), get("/Groups", 200, "{}")],
                        "accepted",
                    ),
                    (
                        &[get("/Users", 500, ""), get("/Groups", 200, "{}")],
                        "accepted",
                    ),
                    (&[get("/Users", 404, "")], "wrong-status"),
                    (&[get("/Users", 302, "")], "wrong-status"),
                    (&[get("/Users", 429, "")], "n/a"),
                    (&[get("/ServiceProviderConfig", 200, "{}")], "n/a"),
                ],
            );
        }
    }

    #[test]
    fn a_challenge_names_a_scheme() {
        let named = get("/Users", 401, "").header("www-authenticate", "Bearer");
        message_table(
            &CHALLENGE,
            &[
                (named, "pass"),
                (get("/Users", 401, ""), "missing"),
                (
                    get("/Users", 401, "").header("WWW-Authenticate", " "),
                    "missing",
                ),
                (get("/Users", 403, ""), "n/a"),
                (get("/Users", 200, "{}"), "n/a"),
            ],
        );
    }
}
