//! What a body is made of.

use crate::requirement::reading::{Place, body, place};
use crate::requirement::registry::{Check, Cite, Judged, requirements};
use crate::scim::message::MEDIA_TYPE;
use crate::wire::{Exchange, Method};

requirements! {
    /// ## What is checked
    /// A successful answer that has something to say says it in JSON.
    ///
    /// ## Why it matters
    /// Behind a single-page application or a login portal an endpoint that is switched off answers 200 with a web page. An IdP
    /// reads that as a broken service, and its administrator as a riddle.
    ///
    /// ## Example
    /// `GET /Users` answered 200 with `<!DOCTYPE html>`.
    ///
    /// ## How to fix it
    /// Let the SCIM paths never fall through to pages; answer 404 or 501 where SCIM is switched off.
    ANSWERS_ARE_JSON = "message/answers-are-json" {
        title: "a successful answer is JSON and no web page",
        outcomes: [
            "html": Must Blocks "Entra ID takes the service for incompatible and stops; Okta shows a parser's message",
            "not-json": Must Blocks "the IdP cannot read the answer and stops",
            "empty": Must Blocks "the IdP gets no answer to what it asked and stops",
        ],
        fix: "Answer every SCIM path with JSON, whatever runs beside it on the same host.",
        cites: [
            Cite::Rfc7644("3.8"),
            Cite::Fact("entra/1/21"),
            Cite::Fact("entra/2/5"),
            Cite::Fact("okta/1.4/6"),
        ],
        row: "E7",
        fault: "disabled-endpoint-200-html=all",
        check: Check::Message(answers_are_json),
    }

    /// ## What is checked
    /// A JSON body is declared as `application/scim+json` or `application/json`.
    ///
    /// ## Why it matters
    /// SCIM's own type is the default, plain JSON is accepted. Okta does not look; Entra ID asks for the former.
    ///
    /// ## Example
    /// `Content-Type: application/scim+json; charset=utf-8`
    ///
    /// ## How to fix it
    /// Send `application/scim+json` with every body, errors included.
    MEDIA = "message/media-type" {
        title: "a body is declared as SCIM's JSON",
        outcomes: [
            "other": Should Noise "Entra ID asks for SCIM's media type; an IdP that insists refuses the answer",
            "missing": Should Noise "Entra ID asks for SCIM's media type; an IdP that insists refuses the answer",
        ],
        fix: "Send `Content-Type: application/scim+json` with every body.",
        cites: [Cite::Rfc7644("3.8"), Cite::Rfc7644("8.1"), Cite::Fact("entra/1/21"), Cite::Fact("okta/1.4/1")],
        row: "E7",
        fault: "wrong-response-content-type",
        check: Check::Message(media),
    }

    /// ## What is checked
    /// A request whose body is declared as `application/scim+json` is not refused for that.
    ///
    /// ## Why it matters
    /// It is SCIM's own type. Okta and Entra ID send it with every write, often with `; charset=utf-8`.
    ///
    /// ## Example
    /// `Content-Type: application/scim+json; charset=utf-8`
    ///
    /// ## How to fix it
    /// Read `application/scim+json`, with parameters, as you read `application/json`.
    SCIM_JSON = "message/scim-json-is-accepted" {
        title: "a body declared as SCIM's JSON is accepted",
        outcomes: [
            "refused": Must Blocks "no write of Okta or Entra ID arrives",
        ],
        fix: "Accept `application/scim+json`, with parameters.",
        cites: [Cite::Rfc7644("3.8"), Cite::Rfc7644("8.1"), Cite::Fact("entra/1/21")],
        row: "E7",
        fault: "rejects-scim-json",
        check: Check::Message(scim_json),
    }
}

fn scim_json(exchange: &Exchange<'_>) -> Judged {
    let mut headers = exchange.sent.headers.iter();
    let declared = headers.any(|(name, value)| {
        let scim = value.to_ascii_lowercase().starts_with(MEDIA_TYPE);
        name.eq_ignore_ascii_case("content-type") && scim
    });
    match exchange
        .status()
        .filter(|_| declared && exchange.sent.body.is_some())
    {
        Some(415) => Judged::fail("refused", "SCIM's own media type accepted", "415"),
        Some(200..300) => Judged::Pass,
        _ => Judged::NotApplicable,
    }
}

fn answers_are_json(exchange: &Exchange<'_>) -> Judged {
    // Only where the protocol has an answer in store; what lies beside it is not SCIM.
    let (status, place) = (exchange.status(), place(exchange));
    if !matches!(status, Some(200 | 201)) || place == Place::Other {
        return Judged::NotApplicable;
    }
    let expected = "a JSON body";
    let Some(text) = body(exchange) else {
        // Writes may be answered without a body, to the point that other requirements make.
        let reads = exchange.sent.method == Method::Get || matches!(place, Place::Search(_));
        return match reads {
            true => Judged::fail("empty", expected, "no body"),
            false => Judged::NotApplicable,
        };
    };
    if exchange.reply().is_some() {
        return Judged::Pass;
    }
    let beginning: String = text.chars().take(40).collect();
    let media = exchange.header("Content-Type").unwrap_or_default();
    if text.starts_with('<') || media.to_ascii_lowercase().contains("html") {
        return Judged::fail(
            "html",
            expected,
            format!("a page that begins {beginning:?}"),
        );
    }
    Judged::fail(
        "not-json",
        expected,
        format!("a body that begins {beginning:?}"),
    )
}

fn media(exchange: &Exchange<'_>) -> Judged {
    if exchange.status().is_none() || place(exchange) == Place::Other {
        return Judged::NotApplicable;
    }
    // A page instead of JSON is another requirement's matter.
    if body(exchange).is_none() || exchange.reply().is_none() {
        return Judged::NotApplicable;
    }
    let expected = format!("`{MEDIA_TYPE}` or `application/json`");
    let Some(header) = exchange.header("Content-Type") else {
        return Judged::fail("missing", expected, "no `Content-Type`");
    };
    let essence = header.split(';').next().unwrap_or_default().trim();
    match [MEDIA_TYPE, "application/json"]
        .iter()
        .any(|right| essence.eq_ignore_ascii_case(right))
    {
        true => Judged::Pass,
        false => Judged::fail("other", expected, format!("`{header}`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requirement::sample::{delete, get, message_table, patch, post};

    #[test]
    fn a_web_page_is_no_answer() {
        let page = "<!DOCTYPE html><p>log in</p>";
        message_table(
            &ANSWERS_ARE_JSON,
            &[
                (get("/Users", 200, "{}"), "pass"),
                (post("/Users", 201, "{}"), "pass"),
                (get("/Users", 200, page), "html"),
                (get("/Schemas", 200, page), "html"),
                (
                    get("/Users", 200, "Users").header("Content-Type", "text/html"),
                    "html",
                ),
                (get("/Users/1", 200, "ok"), "not-json"),
                (get("/Users/1", 200, "{\"id\":"), "not-json"),
                (get("/Users/1", 200, ""), "empty"),
                (post("/Users/.search", 200, ""), "empty"),
                (patch("/Users/1", 200, ""), "n/a"),
                (post("/Users", 201, ""), "n/a"),
                (patch("/Users/1", 204, ""), "n/a"),
                (get("/Users", 404, page), "n/a"),
                (get("/login", 200, page), "n/a"),
            ],
        );
    }

    #[test]
    fn both_json_types_will_do() {
        let as_type = |media: &str| get("/Users", 200, "{}").header("Content-Type", media);
        message_table(
            &MEDIA,
            &[
                (as_type("application/scim+json"), "pass"),
                (as_type("application/json"), "pass"),
                (as_type("Application/SCIM+json; charset=utf-8"), "pass"),
                (get("/Users/1", 404, "{}"), "pass"),
                (as_type("application/json+scim"), "other"),
                (as_type("text/json;charset=UTF-8"), "other"),
                (as_type(""), "other"),
                (get("/Users", 200, "{}").bare(), "missing"),
                (get("/Users", 200, "<html>"), "n/a"),
                (delete("/Users/1", 204, ""), "n/a"),
                (get("/metrics", 200, "{}").bare(), "n/a"),
            ],
        );
    }

    #[test]
    fn a_type_of_its_own_is_no_reason_to_refuse() {
        let sent = |status, media: &str| {
            post("/Users", status, "")
                .request("{}")
                .asking("Content-Type", media)
        };
        message_table(
            &SCIM_JSON,
            &[
                (sent(201, "application/scim+json; charset=utf-8"), "pass"),
                (sent(415, "application/scim+json"), "refused"),
                (sent(415, "application/json"), "n/a"),
                (sent(400, "application/scim+json"), "n/a"),
                (get("/Users", 415, ""), "n/a"),
            ],
        );
    }
}
