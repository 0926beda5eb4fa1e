//! Requirements on filters: how an IdP finds out whom the target already has.

use super::reading::{List, asked, asks_for_list, body, equals, list};
use super::registry::{Check, Cite, Judged, requirements};
use crate::scim::filter::Op;
use crate::scim::{AttrPath, Filter, Value};
use crate::wire::{Exchange, Method};

requirements! {
    /// ## What is checked
    /// The filter `userName eq "…"` is answered with a list that the IdP can read.
    ///
    /// ## Why it matters
    /// Filters are optional in the RFC. But Okta, Entra ID and JumpCloud send this one before they write anything, and stop
    /// where it is refused.
    ///
    /// ## Example
    /// `GET /Users?filter=userName%20eq%20%22ada%40example.com%22&startIndex=1&count=100`
    ///
    /// ## How to fix it
    /// Support at least `eq` on `userName`, with an index behind it.
    USER_NAME_LOOKUP = "filter/user-name-lookup" {
        title: "users can be looked up by their user name",
        outcomes: [
            "refused": Interop Blocks "nobody can be assigned from Okta, Entra ID or JumpCloud; Entra ID puts the whole job into quarantine",
            "unreadable": Interop Blocks "the IdP cannot tell whether the person exists and stops",
        ],
        fix: "Support `userName eq \"…\"` and answer it 200 with a list.",
        cites: [
            Cite::Rfc7644("3.4.2.2"),
            Cite::Fact("okta/4.1/1"),
            Cite::Fact("entra/1.3/2"),
            Cite::Fact("jumpcloud/3/2"),
        ],
        row: "F1",
        fault: "lookup-refused=users",
        check: Check::State,
    }

    /// ## What is checked
    /// The filter `displayName eq "…"` on groups is answered with a list that the IdP can read.
    ///
    /// ## Why it matters
    /// Okta and Entra ID send it before they create a group, Entra ID with `excludedAttributes=members`.
    ///
    /// ## Example
    /// `GET /Groups?excludedAttributes=members&filter=displayName+eq+%22Engineering%22`
    ///
    /// ## How to fix it
    /// Support at least `eq` on a group's `displayName`.
    GROUP_NAME_LOOKUP = "filter/group-name-lookup" {
        title: "groups can be looked up by their name",
        outcomes: [
            "refused": Interop Blocks "no group can be pushed from Okta or Entra ID",
            "unreadable": Interop Blocks "the IdP cannot tell whether the group exists and stops",
        ],
        fix: "Support `displayName eq \"…\"` on groups and answer it 200 with a list.",
        cites: [
            Cite::Rfc7644("3.4.2.2"),
            Cite::Fact("okta/8.2/1"),
            Cite::Fact("okta/8.3/1"),
            Cite::Fact("entra/6.1/1"),
        ],
        row: "F1",
        fault: "lookup-refused=groups",
        check: Check::State,
    }

    /// ## What is checked
    /// A filtered list holds what the filter selects and nothing else.
    ///
    /// ## Why it matters
    /// A target that does not understand a filter must say so. If it returns everybody instead, an IdP takes the first account
    /// for the person it looks for, or stops because there are several.
    ///
    /// ## Example
    /// `GET /Users?filter=userName eq "nobody@example.com"` answered with all users.
    ///
    /// ## How to fix it
    /// Apply the filter, or answer 400 with `invalidFilter`.
    ONLY_MATCHES = "filter/only-matches-are-returned" {
        title: "a filtered list holds nothing that the filter does not select",
        outcomes: [
            "ignored": Must Security "Okta, Entra ID or JumpCloud may link the person to somebody else's account",
        ],
        fix: "Apply every filter, or refuse it with 400 `invalidFilter`.",
        cites: [
            Cite::Rfc7644("3.4.2.2"),
            Cite::Fact("okta/4.3/1"),
            Cite::Fact("entra/3.2/6"),
        ],
        row: "F1",
        fault: "unsupported-filter-returns-everything=every",
        check: Check::Message(only_matches),
    }

    /// ## What is checked
    /// A filter finds the resource whose value it names.
    ///
    /// ## Why it matters
    /// What an IdP does not find it creates. If the target then says that the name is taken, neither side can go on; if it does
    /// not, there are two.
    ///
    /// ## Example
    /// `GET /Users?filter=userName eq "ada@example.com"` answered with an empty list, although Ada's account is there.
    ///
    /// ## How to fix it
    /// Let the lookup see every account that the uniqueness check sees.
    FINDS_WHAT_EXISTS = "filter/finds-what-exists" {
        title: "a filter finds what exists",
        outcomes: [
            "missing": Must Blocks "Okta, Entra ID and JumpCloud try to create who is already there, and fail or create a second account",
        ],
        fix: "Search the same records that the uniqueness check searches.",
        cites: [
            Cite::Rfc7644("3.4.2.2"),
            Cite::Fact("okta/4.3/1"),
            Cite::Fact("entra/1.2/6"),
        ],
        row: "F9",
        fault: "preexisting-account-not-linkable",
        check: Check::State,
    }

    /// ## What is checked
    /// A filter finds names with apostrophes, quotes, plus signs, accents and other characters beyond letters and digits.
    ///
    /// ## Why it matters
    /// O'Brien, ada+test@example.com and Zoë are ordinary names. In a URL a plus sign must be escaped to be one, and inside the
    /// filter a quote carries a backslash: each layer that decodes twice or not at all loses them.
    ///
    /// ## Example
    /// `GET /Users?filter=userName%20eq%20%22ada%2Btest%40example.com%22`
    ///
    /// ## How to fix it
    /// Decode the query once, read the filter's string as a JSON string, and pass it to the store as a bound parameter.
    SPECIAL_CHARACTERS = "filter/special-characters" {
        title: "a filter finds names with special characters",
        outcomes: [
            "missing": Must Blocks "people with such names are created twice or not at all by Okta, Entra ID and JumpCloud",
            "refused": Must Blocks "people with such names cannot be assigned from Okta, Entra ID or JumpCloud",
        ],
        fix: "Decode the URL once, parse the value as a JSON string, and bind it as a parameter.",
        cites: [
            Cite::Rfc7644("3.4.2.2"),
            Cite::Fact("okta/1.2/7"),
            Cite::Fact("entra/1/5"),
        ],
        row: "F9",
        fault: "plus-sign-in-identifier",
        check: Check::State,
    }

    /// ## What is checked
    /// A filter that selects nothing is answered 200 with a list of no results.
    ///
    /// ## Why it matters
    /// The first lookup for everybody who joins finds nobody. Entra ID takes a 404 there for a broken endpoint and stops all
    /// provisioning; Okta and JumpCloud happen to cope with it.
    ///
    /// ## Example
    /// `{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0,"Resources":[]}`
    ///
    /// ## How to fix it
    /// Answer 200 and an empty list; 404 is for an id in the path.
    NO_MATCH = "filter/no-match-is-an-empty-list" {
        title: "a filter without a match is answered with an empty list",
        outcomes: [
            "status-404": Must Blocks "Entra ID's connection test fails, or the whole job goes into quarantine",
            "unreadable": Must Blocks "Entra ID and Okta cannot tell that the person is not there, and stop",
        ],
        fix: "Answer a filter without a match with 200 and `totalResults` 0.",
        cites: [
            Cite::Rfc7644("3.4.2"),
            Cite::Fact("entra/1.2/4"),
            Cite::Fact("entra/1/23"),
            Cite::Fact("okta/4.1/2"),
            Cite::Fact("jumpcloud/6/6"),
        ],
        row: "Q1",
        fault: "empty-list-404",
        check: Check::Message(no_match),
    }

    /// ## What is checked
    /// A filter on `userName` finds the user whatever the case of the letters in the filter.
    ///
    /// ## Why it matters
    /// User names are compared without case. Directories change the case of an address without thinking of it; an IdP that
    /// then finds nobody tries to create the person again.
    ///
    /// ## Example
    /// `userName eq "ADA@EXAMPLE.COM"` finds `ada@example.com`.
    ///
    /// ## How to fix it
    /// Compare a folded form, and keep an index of it.
    USER_NAME_CASE = "filter/user-name-ignores-case" {
        title: "a filter on the user name does not heed case",
        outcomes: [
            "missing": Must Blocks "people whose address is spelled otherwise in Okta, Entra ID or JumpCloud are not found, and their assignment fails",
        ],
        fix: "Compare `userName` without regard to case.",
        cites: [
            Cite::Rfc7643("4.1.1"),
            Cite::Rfc7644("3.4.2.2"),
            Cite::Fact("corrections/EN-31"),
        ],
        row: "F9",
        fault: "username-filter-case-sensitive",
        check: Check::Probe(other_case),
    }
}

fn no_match(exchange: &Exchange<'_>) -> Judged {
    let lookup = exchange.sent.method == Method::Get && asks_for_list(exchange).is_some();
    let Some(status) = exchange.status().filter(|_| lookup) else {
        return Judged::NotApplicable;
    };
    let Some(filter) = asked(exchange, "filter") else {
        return Judged::NotApplicable;
    };
    let expected = "200 and a list with `totalResults` 0";
    match status {
        404 => Judged::fail(
            "status-404",
            expected,
            format!("404 for the filter {filter}"),
        ),
        200 => match list(exchange) {
            Some(list) if list.counter("totalResults") == Some(0) && list.items.is_empty() => {
                Judged::Pass
            }
            Some(_) => Judged::NotApplicable,
            // A text that is not JSON is the business of `message/answers-are-json`.
            None if exchange.reply().is_none() && body(exchange).is_some() => Judged::NotApplicable,
            None => {
                let observed = match exchange.reply() {
                    Some(reply) => format!("200 and {} that is no list", with_article(reply)),
                    None => "200 without a body".to_owned(),
                };
                Judged::fail("unreadable", expected, observed)
            }
        },
        204 => Judged::fail("unreadable", expected, "204 without a body"),
        // Refusing the filter is another matter.
        _ => Judged::NotApplicable,
    }
}

/// What a filter demands of every result: the comparisons for equality that it consists of.
fn demanded(exchange: &Exchange<'_>) -> Vec<(AttrPath, Value)> {
    let Some(Ok(filter)) = asked(exchange, "filter").map(|text| text.parse::<Filter>()) else {
        return Vec::new();
    };
    let parts = match filter {
        Filter::And(parts) => parts,
        other => vec![other],
    };
    let equality = |part| match part {
        Filter::Compare(path, Op::Eq, value) => Some((path, value)),
        _ => None,
    };
    parts.into_iter().filter_map(equality).collect()
}

/// Judges comparisons for equality, where the target shows the attribute that was compared.
fn only_matches(exchange: &Exchange<'_>) -> Judged {
    let Some(list) = list(exchange) else {
        return Judged::NotApplicable;
    };
    let mut judged = Judged::NotApplicable;
    for (path, wanted) in demanded(exchange) {
        let names = ["userName", "displayName", "externalId", "title"];
        let one = match &wanted {
            Value::String(wanted) => {
                let name = names.into_iter().find(|name| path.is_simple(name));
                name.map(|name| only_texts(&list, name, wanted))
            }
            Value::Bool(wanted) if path.is_simple("active") => Some(only_active(&list, *wanted)),
            _ => None,
        };
        match one {
            Some(Judged::Pass) => judged = Judged::Pass,
            Some(fail @ Judged::Fail(_)) => return fail,
            _ => {}
        }
    }
    judged
}

fn only_active(list: &List<'_>, wanted: bool) -> Judged {
    let shown = list
        .items
        .iter()
        .filter_map(|item| item.get("active")?.as_bool());
    let mut judged = Judged::NotApplicable;
    for active in shown {
        if active != wanted {
            let expected = format!("nothing but `active` {wanted}");
            return Judged::fail("ignored", expected, format!("`active` {active}"));
        }
        judged = Judged::Pass;
    }
    judged
}

fn only_texts(list: &List<'_>, name: &str, wanted: &str) -> Judged {
    // Letters beyond ASCII may be prepared before they are compared (RFC 7644 §5), and a target may write more around a
    // name than was asked for; neither makes another resource of it.
    let folded = wanted.to_lowercase();
    let mut judged = Judged::NotApplicable;
    for shown in list
        .items
        .iter()
        .filter_map(|item| item.get(name)?.as_str())
    {
        if !shown.is_ascii() || !wanted.is_ascii() {
            continue;
        }
        if !shown.to_lowercase().contains(&folded) {
            let expected = format!("nothing but `{name}` {wanted:?}");
            return Judged::fail("ignored", expected, format!("`{name}` {shown:?}"));
        }
        judged = Judged::Pass;
    }
    judged
}

fn with_article(value: &Value) -> String {
    match value.kind() {
        kind @ ("array" | "object") => format!("an {kind}"),
        "null" => "null".to_owned(),
        kind => format!("a {kind}"),
    }
}

/// Judges lookups of which another exchange of the probe shows that they must find somebody: a POST that succeeded, or a
/// lookup in another spelling.
fn other_case(exchanges: &[Exchange<'_>]) -> Judged {
    let created = exchanges
        .iter()
        .filter(|exchange| exchange.sent.method == Method::Post && exchange.succeeded());
    let mut known: Vec<String> = created
        .filter_map(|exchange| Some(exchange.request()?.get("userName")?.as_str()?.to_owned()))
        .collect();
    let lookups: Vec<_> = exchanges
        .iter()
        .filter_map(|exchange| {
            let name = equals(exchange, "userName")?;
            Some((name, list(exchange)?.items.len()))
        })
        .collect();
    let found = lookups.iter().filter(|(_, hits)| *hits > 0);
    known.extend(found.map(|(name, _)| name.clone()));

    let mut judged = Judged::NotApplicable;
    for (name, hits) in &lookups {
        let folded = name.to_lowercase();
        let twin = known
            .iter()
            .find(|other| other.to_lowercase() == folded && *other != name);
        let Some(twin) = twin else {
            continue;
        };
        if *hits == 0 {
            return Judged::fail(
                "missing",
                format!("userName eq \"{name}\" finds the user \"{twin}\""),
                "an empty list",
            );
        }
        judged = Judged::Pass;
    }
    judged
}

#[cfg(test)]
mod tests {
    use super::super::sample::{get, message_table, post, probe_table};
    use super::*;

    const EMPTY: &str =
        r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":0}"#;
    const ONE: &str = r#"{"totalResults":1,"Resources":[{"id":"1","userName":"ada"}]}"#;
    const LOOKUP: &str = "/Users?filter=userName%20eq%20%22ada%22&startIndex=1&count=100";
    const OTHER: &str = "/Users?filter=userName%20eq%20%22ADA%22";

    #[test]
    fn nobody_found_is_an_empty_list() {
        message_table(
            &NO_MATCH,
            &[
                (get(LOOKUP, 200, EMPTY), "pass"),
                (
                    get(LOOKUP, 200, r#"{"totalResults":0,"Resources":[]}"#),
                    "pass",
                ),
                (
                    get(LOOKUP, 200, r#"{"totalResults":0,"Resources":null}"#),
                    "pass",
                ),
                (
                    get("/Groups?filter=displayName+eq+%22x%22", 404, ""),
                    "status-404",
                ),
                (get(LOOKUP, 404, r#"{"status":"404"}"#), "status-404"),
                (get(LOOKUP, 200, "[]"), "unreadable"),
                (get(LOOKUP, 200, "{}"), "unreadable"),
                (get(LOOKUP, 200, ""), "unreadable"),
                (get(LOOKUP, 204, ""), "unreadable"),
                (get(LOOKUP, 200, "<html>"), "n/a"),
                (get(LOOKUP, 200, ONE), "n/a"),
                (get(LOOKUP, 400, ""), "n/a"),
                (get("/Users/1", 404, ""), "n/a"),
                (get("/Users?count=2", 404, ""), "n/a"),
            ],
        );
    }

    #[test]
    fn a_filter_selects() {
        let ids = r#"{"totalResults":1,"Resources":[{"id":"1"}]}"#;
        let other = r#"{"totalResults":2,"Resources":[{"userName":"ada"},{"userName":"bob"}]}"#;
        let group = r#"{"totalResults":1,"Resources":[{"displayName":"Staff"}]}"#;
        let accents = r#"{"totalResults":1,"Resources":[{"userName":"zoë"}]}"#;
        let plain = "/Groups?excludedAttributes=members&filter=displayName+eq+%22staff%22";
        message_table(
            &ONLY_MATCHES,
            &[
                (get(LOOKUP, 200, ONE), "pass"),
                (get(OTHER, 200, ONE), "pass"),
                (get(plain, 200, group), "pass"),
                (
                    get(LOOKUP, 200, r#"{"Resources":[{"userName":"tenant/ada"}]}"#),
                    "pass",
                ),
                (get(LOOKUP, 200, other), "ignored"),
                (
                    get("/Groups?filter=displayName+eq+%22x%22", 200, group),
                    "ignored",
                ),
                (get(LOOKUP, 200, accents), "n/a"),
                (get(LOOKUP, 200, ids), "n/a"),
                (get(LOOKUP, 200, EMPTY), "n/a"),
                (get("/Users?filter=userName+sw+%22a%22", 200, other), "n/a"),
                (get("/Users", 200, other), "n/a"),
                (get(LOOKUP, 400, ""), "n/a"),
            ],
        );
    }

    #[test]
    fn a_user_is_found_in_any_spelling() {
        let created = post("/Users", 201, "{}").request(r#"{"userName":"ada"}"#);
        let refused = post("/Users", 400, "{}").request(r#"{"userName":"ada"}"#);
        probe_table(
            &USER_NAME_CASE,
            &[
                (&[created.clone(), get(OTHER, 200, ONE)], "pass"),
                (&[created.clone(), get(OTHER, 200, EMPTY)], "missing"),
                (&[get(LOOKUP, 200, ONE), get(OTHER, 200, EMPTY)], "missing"),
                (&[get(LOOKUP, 200, EMPTY), get(OTHER, 200, ONE)], "missing"),
                (&[get(LOOKUP, 200, ONE), get(OTHER, 200, ONE)], "pass"),
                (&[get(LOOKUP, 200, ONE), get(OTHER, 400, "")], "n/a"),
                (&[refused, get(OTHER, 200, EMPTY)], "n/a"),
                (&[created, get(LOOKUP, 200, EMPTY)], "n/a"),
                (&[get(OTHER, 200, EMPTY)], "n/a"),
            ],
        );
    }
}
