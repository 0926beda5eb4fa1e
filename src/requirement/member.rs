//! Requirements on groups that only a probe puts to the test: members nobody knows, groups in groups, taken names.

use super::change::{member_ids, resource};
use super::reading::{Kind, Place, asks_for_list, list, place};
use super::registry::{Check, Cite, Judged, requirements};
use crate::scim::Value;
use crate::wire::{Exchange, Method};

requirements! {
    /// ## What is checked
    /// A member that does not exist makes no account, empties no group and is no fault of the target.
    ///
    /// ## Why it matters
    /// An IdP can hold the id of an account that is gone. The target may refuse such a member or keep the reference. What it must
    /// not do is invent an account, lose the members that are right, or answer with a fault of its own, which is tried for ever.
    ///
    /// ## Example
    /// `{"op":"replace","path":"members","value":[{"value":"2819c223"},{"value":"00000000-0000-4000-8000-000000000000"}]}`
    ///
    /// ## How to fix it
    /// Look for every member before you write, and answer 400 with `invalidValue` if one is missing.
    UNKNOWN_MEMBER = "group/unknown-member" {
        title: "a member that does not exist does no harm",
        outcomes: [
            "wiped": Must Data "one account that is gone costs all others their place in the group",
            "account-created": Must Security "accounts come into being that no directory knows",
            "server-error": Should Blocks "the IdP repeats the whole change of the group for ever",
            "dropped": May Data "the IdP takes people for members who are not",
        ],
        fix: "Check every member before you write, and answer 400 `invalidValue`.",
        cites: [Cite::Rfc7644("3.5.2"), Cite::Rfc7644("3.12"), Cite::Rfc7643("2.3.7")],
        row: "C13, P17",
        fault: "replace-bad-id-wipes-group",
        check: Check::Probe(unknown_member),
    }

    /// ## What is checked
    /// A group that is made a member of another is a member afterwards, or is refused.
    ///
    /// ## Why it matters
    /// A customer who nests groups relies on it for access. A target that does not know groups in groups should say so; one that
    /// drops them leaves people out without a word.
    ///
    /// ## Example
    /// `{"op":"add","path":"members","value":[{"value":"902c246b","type":"Group"}]}`
    ///
    /// ## How to fix it
    /// Keep members of type `Group`, or answer 400.
    NESTED = "group/nested-group" {
        title: "a group inside a group is kept or refused",
        outcomes: [
            "lost": May Data "people of nested groups are left out, and the IdP believes that they are in",
            "server-error": Should Blocks "the IdP repeats the change of the group for ever",
        ],
        fix: "Keep members of type `Group`, or refuse them with 400.",
        cites: [Cite::Rfc7643("4.2"), Cite::Rfc7644("3.12")],
        row: "C13",
        fault: "nested-group-mishandled",
        check: Check::Probe(nested),
    }

    /// ## What is checked
    /// Two removals in one PATCH take out the two who are named and nobody else.
    ///
    /// ## Why it matters
    /// Okta and Entra ID send several leavers of a group in one PATCH. A target that looks up positions first and deletes then
    /// takes out a neighbour in place of the second.
    ///
    /// ## Example
    /// `[{"op":"remove","path":"members[value eq \"1\"]"},{"op":"remove","path":"members[value eq \"3\"]"}]`
    ///
    /// ## How to fix it
    /// Find each member by its id in what the operation before has left.
    SEVERAL_REMOVED = "group/several-removed-at-once" {
        title: "several removals in one PATCH take out those who are named",
        outcomes: [
            "wrong-member": Must Security "somebody who left stays in the group, and somebody else is thrown out",
        ],
        fix: "Evaluate every operation against the result of the one before.",
        cites: [Cite::Rfc7644("3.5.2")],
        row: "no row: RFC 7644 section 3.5.2 demands the order in plain words",
        fault: "multi-remove-index-shift",
        check: Check::Probe(several_removed),
    }

    /// ## What is checked
    /// A second group of a name that is taken is refused.
    ///
    /// ## Why it matters
    /// The RFC lets names repeat. A product that gives roles by the names of groups cannot: of two groups of one name, either
    /// grants what the other was meant to. This is advice.
    ///
    /// ## Example
    /// A second `{"displayName":"administrators"}` is answered 409 with `uniqueness`.
    ///
    /// ## How to fix it
    /// If names matter to the product, refuse a second group of a name with 409.
    NAME_TAKEN = "group/name-is-taken" {
        title: "two groups have different names",
        outcomes: [
            "accepted": May Data "a group that was made by mistake grants what another of its name was meant to",
        ],
        fix: "Answer 409 `uniqueness` where the product knows groups by their names.",
        cites: [Cite::Rfc7643("4.2"), Cite::Rfc7644("3.3")],
        row: "no row: nothing in the RFCs demands that names of groups differ",
        fault: "duplicate-group-accepted",
        check: Check::Probe(name_taken),
    }

    /// ## What is checked
    /// Whoever is deactivated and activated again is in the groups of before.
    ///
    /// ## Why it matters
    /// An IdP that suspends somebody for a while writes `active` twice and nothing else. A target that gives up the memberships
    /// brings back an account that can do nothing. It is free to do so, and some products mean it: this is advice.
    ///
    /// ## Example
    /// `{"op":"replace","path":"active","value":false}`, and a month later the same with true.
    ///
    /// ## How to fix it
    /// Suspend the access, and keep the memberships.
    GRANTS_SURVIVE = "group/memberships-survive-a-suspension" {
        title: "a person who is activated again is in the same groups",
        outcomes: [
            "lost": May Data "whoever returns finds an account without access until somebody pushes the groups again",
        ],
        fix: "Keep memberships when `active` becomes false.",
        cites: [Cite::Rfc7643("4.1.1"), Cite::Rfc7644("3.6")],
        row: "D4",
        fault: "deactivate-destroys-grants",
        check: Check::Probe(grants_survive),
    }
}

/// The ids of what the probes made, of one type.
fn made<'a>(exchanges: &'a [Exchange<'_>], kind: Kind) -> Vec<&'a str> {
    let posts = exchanges.iter().filter(|e| {
        e.sent.method == Method::Post && place(e) == Place::Collection(kind) && e.succeeded()
    });
    posts
        .filter_map(|e| e.reply()?.get("id")?.as_str())
        .collect()
}

/// The members that a PATCH names.
fn named<'a>(exchange: &'a Exchange<'_>) -> Vec<&'a str> {
    let operations = exchange.request().and_then(|body| body.get("Operations"));
    let operations = operations.and_then(Value::as_array).unwrap_or_default();
    let values = operations.iter().filter_map(|o| o.get("value")?.as_array());
    let values = values.flatten();
    values
        .filter_map(|member| member.get("value")?.as_str())
        .collect()
}

/// The members of that group as the next read shows them.
fn next_members<'a>(exchanges: &'a [Exchange<'a>], at: usize, id: &str) -> Option<Vec<&'a str>> {
    let read = |e: &'a Exchange<'a>| resource(e, id).filter(|_| e.sent.method == Method::Get);
    // A target may show members on request only (RFC 7643 §7, `returned`): then a list that is missing says nothing.
    let shown = |group: &Value| group.get("members").is_some();
    if !exchanges.iter().filter_map(read).any(shown) {
        return None;
    }
    read_members(&exchanges[at + 1..], id)
}

/// The members that the first read of the group shows.
fn read_members<'a>(rest: &'a [Exchange<'a>], id: &str) -> Option<Vec<&'a str>> {
    let mut reads = rest.iter().filter(|e| e.sent.method == Method::Get);
    reads.find_map(|e| resource(e, id)).map(member_ids)
}

fn unknown_member(exchanges: &[Exchange<'_>]) -> Judged {
    let people = made(exchanges, Kind::User);
    let mut judged = Judged::NotApplicable;
    let mut strangers: Vec<&str> = Vec::new();
    let mut before: Option<Vec<&str>> = None;
    for (at, exchange) in exchanges.iter().enumerate() {
        if exchange.sent.method == Method::Get
            && exchange.succeeded()
            && let Place::Resource(Kind::User, id) = place(exchange)
            && strangers.contains(&id)
        {
            let observed = format!("an account of the id {id}");
            return Judged::fail(
                "account-created",
                "no account for an unknown member",
                observed,
            );
        }
        if let Some(found) = list(exchange).filter(|found| !found.items.is_empty())
            && asks_for_list(exchange) == Some(Kind::User)
            && !strangers.is_empty()
            && found.ids().all(|id| !people.contains(&id))
        {
            let observed = "an account that is named like the unknown member";
            return Judged::fail(
                "account-created",
                "no account for an unknown member",
                observed,
            );
        }
        let Place::Resource(Kind::Group, id) = place(exchange) else {
            continue;
        };
        if exchange.sent.method == Method::Get {
            before = resource(exchange, id).map(member_ids).or(before);
            continue;
        }
        let named = named(exchange);
        let (known, unknown): (Vec<&str>, Vec<&str>) =
            named.iter().partition(|id| people.contains(id));
        let (Some(status), false) = (exchange.status(), unknown.is_empty()) else {
            continue;
        };
        strangers.extend(&unknown);
        let Some(after) = next_members(exchanges, at, id) else {
            continue;
        };
        let stays: Vec<&str> = match status {
            200..300 => known,
            _ => before.clone().unwrap_or_default(),
        };
        if let Some(gone) = stays.iter().find(|id| !after.contains(id)) {
            let observed = format!("{status}, and {gone} is no member any more");
            return Judged::fail("wiped", "the other members as they were", observed);
        }
        match status {
            500..=501 => {
                let observed = format!("{status} to a member that does not exist");
                return Judged::fail("server-error", "400 `invalidValue`", observed);
            }
            200..300 if unknown.iter().any(|id| !after.contains(id)) => {
                let observed = format!("{status}, and the member is not shown");
                judged = Judged::fail("dropped", "400, or the member as it was sent", observed);
            }
            200..300 | 400 | 404 | 409 | 422 if judged == Judged::NotApplicable => {
                judged = Judged::Pass;
            }
            _ => {}
        }
    }
    judged
}

fn nested(exchanges: &[Exchange<'_>]) -> Judged {
    let groups = made(exchanges, Kind::Group);
    for (at, exchange) in exchanges.iter().enumerate() {
        let (Place::Resource(Kind::Group, id), Some(status)) = (place(exchange), exchange.status())
        else {
            continue;
        };
        let inner: Vec<_> = named(exchange);
        if exchange.sent.method == Method::Get || !inner.iter().any(|id| groups.contains(id)) {
            continue;
        }
        return match status {
            200..300 => match read_members(&exchanges[at + 1..], id) {
                Some(after) if inner.iter().all(|id| after.contains(id)) => Judged::Pass,
                Some(_) => {
                    let observed = format!("{status}, and the group is not shown as a member");
                    Judged::fail("lost", "the group as a member, or 400", observed)
                }
                None => Judged::NotApplicable,
            },
            500 => Judged::fail("server-error", "the group as a member, or 400", "500"),
            400 | 404 | 409 | 422 => Judged::Pass,
            _ => Judged::NotApplicable,
        };
    }
    Judged::NotApplicable
}

/// The member that an operation's path selects.
fn selected(operation: &Value) -> Option<&str> {
    let path = operation.get("path")?.as_str()?;
    let (_, rest) = path.split_once("value eq \"")?;
    rest.split_once('"').map(|(id, _)| id)
}

fn several_removed(exchanges: &[Exchange<'_>]) -> Judged {
    let mut before: Option<Vec<&str>> = None;
    for (at, exchange) in exchanges.iter().enumerate() {
        let Place::Resource(Kind::Group, id) = place(exchange) else {
            continue;
        };
        if exchange.sent.method == Method::Get {
            before = resource(exchange, id).map(member_ids).or(before);
            continue;
        }
        let operations = exchange.request().and_then(|body| body.get("Operations"));
        let operations = operations.and_then(Value::as_array).unwrap_or_default();
        let gone: Vec<_> = operations.iter().filter_map(selected).collect();
        let (Some(before), true, true) = (&before, gone.len() > 1, exchange.succeeded()) else {
            continue;
        };
        let Some(mut after) = next_members(exchanges, at, id) else {
            continue;
        };
        let mut wanted: Vec<&str> = before.clone();
        wanted.retain(|id| !gone.contains(id));
        wanted.sort_unstable();
        after.sort_unstable();
        // That nothing happened at all is the business of another requirement.
        if after == wanted {
            return Judged::Pass;
        }
        // Nor is it this one's when more went than were named: a single removal takes too much there, too.
        if after.len() < before.len() && after.len() >= wanted.len() {
            let expected = format!("the members {}", wanted.join(", "));
            return Judged::fail("wrong-member", expected, after.join(", "));
        }
    }
    Judged::NotApplicable
}

fn name_taken(exchanges: &[Exchange<'_>]) -> Judged {
    let mut names: Vec<&Value> = Vec::new();
    for exchange in exchanges {
        let posts = exchange.sent.method == Method::Post
            && place(exchange) == Place::Collection(Kind::Group);
        let name = exchange.request().and_then(|body| body.get("displayName"));
        let (Some(name), true) = (name, posts) else {
            continue;
        };
        if names.contains(&name) {
            return match exchange.status() {
                Some(409) => Judged::Pass,
                Some(200..300) => {
                    let observed = "a second group of the same name";
                    Judged::fail("accepted", "409 `uniqueness`", observed)
                }
                _ => Judged::NotApplicable,
            };
        }
        if exchange.succeeded() {
            names.push(name);
        }
    }
    Judged::NotApplicable
}

fn grants_survive(exchanges: &[Exchange<'_>]) -> Judged {
    let people = made(exchanges, Kind::User);
    let groups = exchanges.iter().filter(|e| {
        e.sent.method == Method::Get && matches!(place(e), Place::Resource(Kind::Group, _))
    });
    let seen: Vec<_> = groups
        .filter(|e| e.succeeded())
        .filter_map(Exchange::reply)
        .map(member_ids)
        .collect();
    let turned = exchanges.iter().filter(|e| {
        e.sent.method == Method::Patch
            && matches!(place(e), Place::Resource(Kind::User, _))
            && e.succeeded()
    });
    let (Some(first), Some(last), true) = (seen.first(), seen.last(), turned.count() > 1) else {
        return Judged::NotApplicable;
    };
    match people.iter().find(|id| first.contains(id)) {
        None => Judged::NotApplicable,
        Some(id) if last.contains(id) => Judged::Pass,
        Some(id) => {
            let observed = format!("{id} is no member any more");
            Judged::fail("lost", "the memberships of before", observed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, get, patch, post, probe_table};
    use super::*;

    fn person() -> Sample {
        post("/Users", 201, r#"{"id":"a"}"#)
    }

    fn group(members: &[&str]) -> Sample {
        let members: Vec<_> = members
            .iter()
            .map(|id| format!(r#"{{"value":"{id}"}}"#))
            .collect();
        let body = format!(r#"{{"id":"g","members":[{}]}}"#, members.join(","));
        get("/Groups/g", 200, &body)
    }

    fn change(ids: &[&str], status: u16) -> Sample {
        let members: Vec<_> = ids
            .iter()
            .map(|id| format!(r#"{{"value":"{id}"}}"#))
            .collect();
        let body = format!(r#"{{"Operations":[{{"value":[{}]}}]}}"#, members.join(","));
        patch("/Groups/g", status, "").request(&body)
    }

    #[test]
    fn an_unknown_member_is_refused_or_kept_and_harms_nobody() {
        let found = |n: &str| get("/Users?filter=x", 200, n);
        probe_table(
            &UNKNOWN_MEMBER,
            &[
                (
                    &[person(), group(&["a"]), change(&["x"], 400), group(&["a"])],
                    "pass",
                ),
                (
                    &[person(), change(&["a", "x"], 204), group(&["a", "x"])],
                    "pass",
                ),
                (
                    &[person(), group(&["a"]), change(&["x"], 400), group(&[])],
                    "wiped",
                ),
                (&[person(), change(&["a", "x"], 204), group(&[])], "wiped"),
                (
                    &[person(), change(&["a", "x"], 204), group(&["a"])],
                    "dropped",
                ),
                (&[person(), change(&["x"], 500), group(&[])], "server-error"),
                (
                    &[
                        person(),
                        change(&["x"], 204),
                        group(&["x"]),
                        get("/Users/x", 200, "{}"),
                    ],
                    "account-created",
                ),
                (
                    &[
                        person(),
                        change(&["x"], 400),
                        group(&[]),
                        found(r#"{"totalResults":1,"Resources":[{"id":"new"}]}"#),
                    ],
                    "account-created",
                ),
                (&[person(), change(&["a"], 204), group(&["a"])], "n/a"),
            ],
        );
    }

    #[test]
    fn a_group_in_a_group_is_shown_or_refused() {
        let inner = post("/Groups", 201, r#"{"id":"i"}"#);
        probe_table(
            &NESTED,
            &[
                (&[inner.clone(), change(&["i"], 204), group(&["i"])], "pass"),
                (&[inner.clone(), change(&["i"], 400)], "pass"),
                (&[inner.clone(), change(&["i"], 204), group(&[])], "lost"),
                (&[inner, change(&["i"], 500)], "server-error"),
            ],
        );
    }

    #[test]
    fn two_removals_take_out_two() {
        let remove = |status| {
            let one = |id: &str| format!(r#"{{"path":"members[value eq \"{id}\"]"}}"#);
            let body = format!(r#"{{"Operations":[{},{}]}}"#, one("b"), one("d"));
            patch("/Groups/g", status, "").request(&body)
        };
        let all = group(&["a", "b", "c", "d"]);
        probe_table(
            &SEVERAL_REMOVED,
            &[
                (&[all.clone(), remove(204), group(&["c", "a"])], "pass"),
                (
                    &[all.clone(), remove(204), group(&["a", "d"])],
                    "wrong-member",
                ),
                (&[all.clone(), remove(204), all.clone()], "n/a"),
                (&[all.clone(), remove(204), group(&[])], "n/a"),
                (&[all, remove(400), group(&["a"])], "n/a"),
            ],
        );
    }

    #[test]
    fn a_second_group_of_a_name_is_told_of() {
        let make = |status| post("/Groups", status, "").request(r#"{"displayName":"g"}"#);
        probe_table(
            &NAME_TAKEN,
            &[
                (&[make(201), make(409)], "pass"),
                (&[make(201), make(201)], "accepted"),
                (&[make(201), make(500)], "n/a"),
                (&[make(400), make(201)], "n/a"),
            ],
        );
    }

    #[test]
    fn memberships_outlive_a_suspension() {
        let turn = patch("/Users/a", 204, "");
        probe_table(
            &GRANTS_SURVIVE,
            &[
                (
                    &[
                        person(),
                        group(&["a"]),
                        turn.clone(),
                        turn.clone(),
                        group(&["a"]),
                    ],
                    "pass",
                ),
                (
                    &[
                        person(),
                        group(&["a"]),
                        turn.clone(),
                        turn.clone(),
                        group(&[]),
                    ],
                    "lost",
                ),
                (&[person(), group(&["a"]), turn, group(&[])], "n/a"),
            ],
        );
    }
}
