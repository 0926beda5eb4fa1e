//! Requirements on what is shown of one resource: the same everywhere, whole, and in the right form.

use super::change::resource;
use super::reading::{Kind, Place, brief, list, place, shown};
use super::registry::{Check, Cite, Judged, requirements};
use crate::scim::Value;
use crate::wire::{Exchange, Method};

requirements! {
    /// ## What is checked
    /// A list shows of a resource what a read of the resource shows, and the answer to a write shows what was stored.
    ///
    /// ## Why it matters
    /// An import decides by lists whom to deactivate, and an IdP takes the answer to its write for what the target has. Two
    /// views of one account that differ make one of them lie.
    ///
    /// ## Example
    /// `GET /Users/2819c223` shows `"active": false`, and so does `GET /Users?filter=userName eq "ada@example.com"`.
    ///
    /// ## How to fix it
    /// Make every answer from the stored resource by the same code.
    SAME_EVERYWHERE = "consistency/every-view-is-the-same" {
        title: "a resource looks the same in a list, by itself and in the answer to a write",
        outcomes: [
            "list-differs": Must Data "an import of Okta or JumpCloud reads other values than the target has",
            "list-lacks-members": Should Data "an import sees groups without members although the target has them",
            "answer-differs": Should Data "an IdP takes other values for written than the target has stored",
        ],
        fix: "Render lists, reads and the answers to writes from the same stored resource.",
        cites: [Cite::Rfc7643("7"), Cite::Rfc7644("3.3"), Cite::Rfc7644("3.4.2")],
        row: "no row: RFC 7643 section 7 says for each attribute when it is returned, and knows no difference between lists and reads",
        fault: "list-vs-filter-inconsistent",
        check: Check::Probe(same_everywhere),
    }

    /// ## What is checked
    /// An account that has a user name and nothing else can be listed.
    ///
    /// ## Why it matters
    /// Accounts are made by hand, by older versions and by other clients. If one without an e-mail address breaks the list or is
    /// left out of it, no IdP can import anybody, or one person is never seen.
    ///
    /// ## Example
    /// `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada@example.com"}`
    ///
    /// ## How to fix it
    /// Leave out of the answer what a record does not have.
    MINIMAL_LISTED = "list/minimal-record-is-listed" {
        title: "an account with a name and nothing else is listed",
        outcomes: [
            "refused": Must Blocks "one account without an address stops every import of Okta and JumpCloud",
            "missing": Must Data "an account without an address is never seen by an import",
        ],
        fix: "Write what is there, and leave out what is not.",
        cites: [Cite::Rfc7644("3.4.2"), Cite::Rfc7643("2.5")],
        row: "C21",
        fault: "one-bad-record-breaks-list",
        check: Check::Probe(minimal_listed),
    }

    /// ## What is checked
    /// `meta.created` and `meta.lastModified` are points in time as XML Schema writes them.
    ///
    /// ## Why it matters
    /// A client that reads them to learn what has changed fails at anything else.
    ///
    /// ## Example
    /// `{"meta":{"created":"2026-01-23T04:56:22Z","lastModified":"2026-05-13T04:42:34.5+02:00"}}`
    ///
    /// ## How to fix it
    /// Write date, `T`, time and zone.
    TIMES = "message/times-are-date-times" {
        title: "`meta.created` and `meta.lastModified` are points in time",
        outcomes: [
            "wrong-form": Must Noise "nothing breaks with Okta, Entra ID or JumpCloud; clients that read changes by time fail",
        ],
        fix: "Write `2026-01-23T04:56:22Z`.",
        cites: [Cite::Rfc7643("2.3.5"), Cite::Rfc7643("3.1")],
        row: "C22",
        fault: "timestamps-wrong",
        check: Check::Message(times),
    }

    /// ## What is checked
    /// What a write was to do is not done when the write is answered with an error.
    ///
    /// ## Why it matters
    /// An IdP takes an error for *nothing happened*. It repeats the write, or tells its administrator that the person still has
    /// access; both are wrong when the target did it all the same.
    ///
    /// ## Example
    /// `{"op":"replace","path":"active","value":false}` answered 500, and the next GET shows `"active": false`.
    ///
    /// ## How to fix it
    /// Answer what became of the stored state; roll back what is not answered with success.
    REFUSED_UNDONE = "consistency/refused-write-changes-nothing" {
        title: "a write that is refused changes nothing",
        outcomes: [
            "applied": Must Data "Okta and Entra ID report a failure to their administrators, and the change is made",
        ],
        fix: "Commit last, and answer what was committed.",
        cites: [Cite::Rfc7644("3.5.2"), Cite::Rfc7644("3.12")],
        row: "P17",
        fault: "refused-write-partially-applied",
        check: Check::State,
    }

    /// ## What is checked
    /// A changed resource has the id of before.
    ///
    /// ## Why it matters
    /// The id is how an IdP finds the account again. With a new one every later change of the person goes astray, and the groups
    /// hold somebody who is not there.
    ///
    /// ## Example
    /// `PATCH /Users/2819c223` is answered with `"id": "2819c223"`.
    ///
    /// ## How to fix it
    /// Keep the id as long as the resource is there.
    SAME_ID = "identity/id-is-stable" {
        title: "a change leaves the id as it is",
        outcomes: [
            "changed": Must Security "the account of a person who came back is out of the IdP's reach, and nobody can deactivate it",
        ],
        fix: "Never give a resource another id.",
        cites: [Cite::Rfc7643("3.1"), Cite::Rfc7644("3.5.2")],
        row: "C19",
        fault: "reprovision-mints-new-id",
        check: Check::Message(same_id),
    }
}

fn same_id(exchange: &Exchange<'_>) -> Judged {
    let changes = matches!(exchange.sent.method, Method::Put | Method::Patch);
    let Place::Resource(_, id) = place(exchange) else {
        return Judged::NotApplicable;
    };
    let shown = exchange.reply().filter(|_| changes && exchange.succeeded());
    match shown.and_then(|body| body.get("id")?.as_str()) {
        Some(now) if now == id => Judged::Pass,
        Some(now) => Judged::fail("changed", format!("the id {id}"), format!("the id {now}")),
        None => Judged::NotApplicable,
    }
}

/// The attributes whose values must agree wherever both views show them.
const COMPARED: [&str; 5] = ["userName", "displayName", "active", "externalId", "title"];

fn differ(one: &Value, other: &Value) -> Option<String> {
    COMPARED.into_iter().find_map(|name| {
        let (a, b) = (one.get(name)?, other.get(name)?);
        // Whether the case of a name is kept is the target's choice (RFC 7643 §7).
        let same = match (a.as_str(), b.as_str()) {
            (Some(a), Some(b)) => a.eq_ignore_ascii_case(b),
            _ => a == b,
        };
        (!same).then(|| format!("`{name}` {} and {}", brief(a), brief(b)))
    })
}

fn same_everywhere(exchanges: &[Exchange<'_>]) -> Judged {
    let mut judged = Judged::NotApplicable;
    for (at, read) in exchanges.iter().enumerate() {
        let Place::Resource(_, id) = place(read) else {
            continue;
        };
        let Some(body) = resource(read, id).filter(|_| read.sent.method == Method::Get) else {
            continue;
        };
        // The write right before the read, and the lists right behind it: nothing is written in between.
        if let Some(write) = exchanges[..at].last().filter(|e| e.sent.method.writes())
            && let Some(answer) = resource(write, id)
        {
            let observed = differ(answer, body).or_else(|| {
                let members = |v: &Value| v.get("members").is_some_and(|m| !m.is_unassigned());
                (members(body) && !members(answer)).then(|| "no members and some".to_owned())
            });
            if let Some(observed) = observed {
                let expected = "the same in the answer to the write and in the read behind it";
                judged = Judged::fail("answer-differs", expected, observed);
            }
        }
        let behind = exchanges[at + 1..]
            .iter()
            .take_while(|e| e.sent.method == Method::Get);
        for item in behind.filter_map(list).flat_map(|list| list.items) {
            if item.get("id").and_then(Value::as_str) != Some(id) {
                continue;
            }
            if let Some(observed) = differ(item, body) {
                let expected = "the same in the list and in the read before it";
                return Judged::fail("list-differs", expected, observed);
            }
            let members = body.get("members").is_some_and(|m| !m.is_unassigned());
            if members && item.get("members").is_none_or(Value::is_unassigned) {
                let expected = "the members in the list, as in the read before it";
                judged = Judged::fail("list-lacks-members", expected, "no members");
            } else if judged == Judged::NotApplicable {
                judged = Judged::Pass;
            }
        }
    }
    judged
}

fn minimal_listed(exchanges: &[Exchange<'_>]) -> Judged {
    let mut made: Option<&str> = None;
    for exchange in exchanges {
        let posts = exchange.sent.method == Method::Post
            && place(exchange) == Place::Collection(Kind::User);
        if posts && exchange.succeeded() {
            // Under another name than the one that was posted it need not be found.
            let named = |body: Option<&'_ Value>| body.and_then(|b| b.get("userName").cloned());
            let renamed =
                named(exchange.reply()).is_some_and(|name| Some(name) != named(exchange.request()));
            let id = exchange.reply().and_then(|body| body.get("id")?.as_str());
            made = id.filter(|_| !renamed);
        }
        let (Some(id), Method::Get, Place::Collection(Kind::User)) =
            (made, exchange.sent.method, place(exchange))
        else {
            continue;
        };
        match exchange.status() {
            Some(500) => {
                return Judged::fail("refused", "a list with the account", "500");
            }
            Some(200) => {
                let Some(list) = list(exchange) else {
                    continue;
                };
                if list.ids().any(|listed| listed == id) {
                    return Judged::Pass;
                }
                // On a page of a longer list the account may come later.
                let all = i64::try_from(list.items.len()).ok();
                if list.counter("totalResults") <= all || list.items.is_empty() {
                    return Judged::fail("missing", "a list with the account", "a list without it");
                }
            }
            _ => {}
        }
    }
    Judged::NotApplicable
}

fn times(exchange: &Exchange<'_>) -> Judged {
    let mut judged = Judged::NotApplicable;
    for (_, resource) in shown(exchange) {
        for name in ["created", "lastModified"] {
            let Some(time) = resource.at(&["meta", name]).filter(|t| !t.is_unassigned()) else {
                continue;
            };
            if !time.as_str().is_some_and(is_date_time) {
                let observed = format!("`{name}` is {}", brief(time));
                return Judged::fail("wrong-form", "a point in time", observed);
            }
            judged = Judged::Pass;
        }
    }
    judged
}

/// Whether a text is an `xsd:dateTime`; the zone may be missing.
fn is_date_time(text: &str) -> bool {
    let digits = |part: &str, n: usize| part.len() >= n && part.bytes().all(|b| b.is_ascii_digit());
    let Some((date, rest)) = text.trim().split_once('T') else {
        return false;
    };
    let date: Vec<_> = date.trim_start_matches('-').split('-').collect();
    let zone = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let (time, zone) = rest.split_at(zone);
    let time: Vec<_> = time.split(':').collect();
    let seconds = time.get(2).copied().unwrap_or_default();
    let (seconds, fraction) = seconds.split_once('.').unwrap_or((seconds, "0"));
    let zone = zone.trim_start_matches(['+', '-']).replace(':', "");
    date.len() == 3
        && digits(date[0], 4)
        && digits(date[1], 2)
        && digits(date[2], 2)
        && time.len() == 3
        && digits(time[0], 2)
        && digits(time[1], 2)
        && digits(seconds, 2)
        && digits(fraction, 1)
        && (zone.is_empty() || zone == "Z" || digits(&zone, 4))
}

#[cfg(test)]
mod tests {
    use super::super::sample::{get, message_table, patch, post, probe_table};
    use super::*;

    #[test]
    fn a_resource_looks_the_same_everywhere() {
        let read = |rest: &str| get("/Users/1", 200, &format!(r#"{{"id":"1",{rest}}}"#));
        let listed = |rest: &str| {
            let body = format!(r#"{{"totalResults":1,"Resources":[{{"id":"1",{rest}}}]}}"#);
            get("/Users?filter=x", 200, &body)
        };
        let off = r#""active":false"#;
        let members = r#""members":[{"value":"a"}]"#;
        let group = get("/Groups/1", 200, &format!(r#"{{"id":"1",{members}}}"#));
        let answer = patch("/Users/1", 200, r#"{"id":"1","active":true}"#);
        probe_table(
            &SAME_EVERYWHERE,
            &[
                (&[read(off), listed(off)], "pass"),
                (&[read(off), listed(r#""active":true"#)], "list-differs"),
                (&[group.clone(), listed(r#""x":1"#)], "list-lacks-members"),
                (&[group, listed(members)], "pass"),
                (&[answer.clone(), read(off)], "answer-differs"),
                (
                    &[
                        post("/Groups", 201, r#"{"id":"1"}"#),
                        get("/Groups/1", 200, r#"{"id":"1","members":[{"value":"a"}]}"#),
                    ],
                    "answer-differs",
                ),
                (&[read(off), answer, listed(r#""active":true"#)], "n/a"),
            ],
        );
    }

    #[test]
    fn an_account_with_a_name_alone_is_listed() {
        let made = post("/Users", 201, r#"{"id":"1"}"#);
        let found = |body: &str| get("/Users?filter=x", 200, body);
        probe_table(
            &MINIMAL_LISTED,
            &[
                (
                    &[
                        made.clone(),
                        found(r#"{"totalResults":1,"Resources":[{"id":"1"}]}"#),
                    ],
                    "pass",
                ),
                (&[made.clone(), found(r#"{"totalResults":0}"#)], "missing"),
                (
                    &[
                        post("/Users", 201, r#"{"id":"1","userName":"x/a"}"#)
                            .request(r#"{"userName":"a"}"#),
                        found(r#"{"totalResults":0}"#),
                    ],
                    "n/a",
                ),
                (&[made.clone(), get("/Users?filter=x", 500, "")], "refused"),
                (
                    &[
                        made.clone(),
                        found(r#"{"totalResults":9,"Resources":[{"id":"2"}]}"#),
                    ],
                    "n/a",
                ),
                (&[made, get("/Users?filter=x", 400, "")], "n/a"),
                (
                    &[post("/Users", 400, ""), found(r#"{"totalResults":0}"#)],
                    "n/a",
                ),
            ],
        );
    }

    #[test]
    fn a_change_keeps_the_id() {
        message_table(
            &SAME_ID,
            &[
                (patch("/Users/1", 200, r#"{"id":"1"}"#), "pass"),
                (patch("/Users/1", 200, r#"{"id":"2"}"#), "changed"),
                (patch("/Users/1", 204, ""), "n/a"),
                (get("/Users/1", 200, r#"{"id":"2"}"#), "n/a"),
            ],
        );
    }

    #[test]
    fn points_in_time_are_read_leniently_and_nothing_else_is_one() {
        let at = |time: &str| {
            get(
                "/Users/1",
                200,
                &format!(r#"{{"id":"1","meta":{{"created":{time}}}}}"#),
            )
        };
        message_table(
            &TIMES,
            &[
                (at(r#""2026-01-23T04:56:22Z""#), "pass"),
                (at(r#""2026-01-23T04:56:22.123456+02:00""#), "pass"),
                (at(r#""2026-01-23T04:56:22""#), "pass"),
                (at(r#""23.01.2026 04:56""#), "wrong-form"),
                (at(r#""2026-01-23""#), "wrong-form"),
                (at("1769144182"), "wrong-form"),
                (at("null"), "n/a"),
                (get("/Users/1", 200, r#"{"id":"1"}"#), "n/a"),
            ],
        );
    }
}
