//! The form of errors.

use crate::requirement::reading::{Place, body, brief, lists_schema, place};
use crate::requirement::registry::{Check, Cite, Judged, requirements};
use crate::scim::Value;
use crate::scim::message::ERROR;
use crate::wire::Exchange;

requirements! {
    /// ## What is checked
    /// An error has a JSON body with the Error URN and, as text, the status that the HTTP line has.
    ///
    /// ## Why it matters
    /// `detail` is what the IdP shows to its administrator. Without it Okta shows a parser's message and Entra ID a number.
    /// A gateway before the product often answers 401 and 5xx by itself; that weighs little.
    ///
    /// ## Example
    /// `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"404","detail":"there is no user 2819c223"}`
    ///
    /// ## How to fix it
    /// Turn every refusal of the SCIM paths into this form, in one place, and write the status as a string.
    ERROR_FORM = "message/error-form" {
        title: "an error has SCIM's error body",
        outcomes: [
            "missing": Must Noise "Okta's and Entra ID's administrators are not told what is wrong",
            "not-json": Must Noise "Okta's administrators read `Invalid JSON` instead of the reason",
            "wrong-form": Must Noise "the reason does not reach the administrators of Okta and Entra ID",
            "wrong-status": Must Noise "an IdP that reads the status from the body reads another one",
            "gateway": May Noise "administrators are not told why the target refused or failed before SCIM was reached",
        ],
        fix: "Answer errors with `schemas`, `status` as text, and a `detail` that helps.",
        cites: [
            Cite::Rfc7644("3.12"),
            Cite::Fact("okta/1.4/5"),
            Cite::Fact("okta/1.4/6"),
            Cite::Fact("okta/1.4/7"),
        ],
        row: "E1, E2",
        fault: "error-not-json",
        check: Check::Message(error_form),
    }
}

fn error_form(exchange: &Exchange<'_>) -> Judged {
    let Some(status) = exchange.status().filter(|status| *status >= 400) else {
        return Judged::NotApplicable;
    };
    if place(exchange) == Place::Other {
        return Judged::NotApplicable;
    }
    let expected = format!("a SCIM error with `\"status\":\"{status}\"`");
    let (outcome, observed) = match (body(exchange), exchange.reply()) {
        (None, _) => ("missing", "no body".to_owned()),
        (Some(text), None) => {
            let beginning: String = text.chars().take(40).collect();
            ("not-json", format!("a body that begins {beginning:?}"))
        }
        (_, Some(reply)) if !lists_schema(reply, ERROR) => ("wrong-form", brief(reply)),
        (_, Some(reply)) => match reply.get("status") {
            Some(Value::String(text)) if text.trim() == status.to_string() => return Judged::Pass,
            found => {
                let observed = match found {
                    Some(value) => format!("`status` is the {} {value}", value.kind()),
                    None => "no `status`".to_owned(),
                };
                return Judged::fail("wrong-status", expected, observed);
            }
        },
    };
    // What stands before the product answers these by itself.
    let outcome = match status {
        401 | 429 | 500.. => "gateway",
        _ => outcome,
    };
    Judged::fail(outcome, expected, format!("{status} with {observed}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requirement::sample::{Sample, get, message_table};

    fn error(status: u16, rest: &str) -> Sample {
        let body = format!(r#"{{"schemas":["{ERROR}"]{rest}}}"#);
        get("/Users/1", status, &body)
    }

    #[test]
    fn an_error_says_its_status_as_text() {
        message_table(
            &ERROR_FORM,
            &[
                (error(404, r#","status":"404""#), "pass"),
                (
                    error(
                        409,
                        r#","status":"409","scimType":"uniqueness","detail":"x""#,
                    ),
                    "pass",
                ),
                (error(401, r#","status":"401""#), "pass"),
                (get("/Users/1", 404, ""), "missing"),
                (get("/Users/1", 403, ""), "missing"),
                (get("/Users/1", 404, "<html>"), "not-json"),
                (get("/Users/1", 400, r#"{"error":"bad"}"#), "wrong-form"),
                (get("/Users/1", 400, r#"{"status":"400"}"#), "wrong-form"),
                (error(404, r#","status":404"#), "wrong-status"),
                (error(404, r#","status":"400""#), "wrong-status"),
                (error(404, ""), "wrong-status"),
                (error(500, r#","status":500"#), "wrong-status"),
                (get("/Users/1", 401, ""), "gateway"),
                (get("/Users/1", 502, "<html>"), "gateway"),
                (
                    get("/Users/1", 429, r#"{"message":"slow down"}"#),
                    "gateway",
                ),
                (get("/Users/1", 200, "{}"), "n/a"),
                (get("/Users/1", 304, ""), "n/a"),
                (get("/Me", 404, ""), "n/a"),
            ],
        );
    }
}
