//! Requirements on PATCH that no IdP's own requests put to the test: order, unity, and what must be refused.

use super::change::{Change, changes, operation};
use super::registry::{Check, Cite, Judged, requirements};
use crate::scim::Value;
use crate::wire::{Exchange, Method};

requirements! {
    /// ## What is checked
    /// A PATCH that is answered with an error has changed nothing, although its first operation could have been done.
    ///
    /// ## Why it matters
    /// An IdP takes an error for *nothing happened* and sends the whole change again, or gives up. What was half done stays,
    /// and nobody knows of it.
    ///
    /// ## Example
    /// `{"Operations":[{"op":"replace","path":"name.familyName","value":"King"},{"op":"replace","path":"noSuchAttribute","value":"x"}]}`
    ///
    /// ## How to fix it
    /// Apply the operations to a copy, and store it when all of them are done.
    ALL_OR_NOTHING = "patch/all-or-nothing" {
        title: "a refused PATCH changes nothing",
        outcomes: [
            "partly": Must Data "half of a change stays that Okta and Entra ID were told had failed",
        ],
        fix: "Apply a PATCH to a copy and store the copy at the end.",
        cites: [Cite::Rfc7644("3.5.2")],
        row: "P17",
        fault: "patch-not-atomic",
        check: Check::Probe(all_or_nothing),
    }

    /// ## What is checked
    /// Of two operations on one attribute the later one counts.
    ///
    /// ## Why it matters
    /// Entra ID puts all changes of a person into one PATCH. Each operation starts from what the one before it left.
    ///
    /// ## Example
    /// `[{"op":"replace","path":"name.familyName","value":"Byron"},{"op":"replace","path":"name.familyName","value":"King"}]` leaves King.
    ///
    /// ## How to fix it
    /// Apply each operation to the result of the one before.
    IN_ORDER = "patch/operations-in-order" {
        title: "the operations of a PATCH are applied one after the other",
        outcomes: [
            "first-wins": Must Data "of two changes in one PATCH of Entra ID the older one stays",
        ],
        fix: "Go through `Operations` from first to last, each on the result of the last.",
        cites: [Cite::Rfc7644("3.5.2"), Cite::Fact("entra/1.3/10")],
        row: "no row: RFC 7644 section 3.5.2 demands the order in plain words",
        fault: "patch-ops-not-sequential",
        check: Check::Probe(in_order),
    }

    /// ## What is checked
    /// A PATCH with an operation or an attribute that does not exist is answered 400.
    ///
    /// ## Why it matters
    /// A success that does nothing is the one answer that no IdP can see through: the change counts as made for ever.
    ///
    /// ## Example
    /// `{"op":"replace","path":"noSuchAttribute","value":"x"}` is answered 400 with `invalidPath` or `noTarget`.
    ///
    /// ## How to fix it
    /// Resolve operation and path before you apply anything, and refuse what you do not know.
    UNKNOWN_REFUSED = "patch/unknown-is-refused" {
        title: "a PATCH that cannot be understood is refused",
        outcomes: [
            "accepted": Must Data "an IdP believes in changes that the target never understood",
            "other-status": Should Noise "the IdP's administrator reads of a fault of the target instead of the request",
        ],
        fix: "Answer 400 with `invalidPath`, `noTarget` or `invalidSyntax`.",
        cites: [Cite::Rfc7644("3.5.2"), Cite::Rfc7644("3.12")],
        row: "P22",
        fault: "unsupported-patch-silently-ok",
        check: Check::Probe(unknown_refused),
    }

    /// ## What is checked
    /// A PATCH of a read-only attribute is refused, in whatever case its name is written.
    ///
    /// ## Why it matters
    /// Who can write `id` or a user's `groups` makes one account into another, or grants what only a group may grant. A guard that
    /// knows the name in one spelling is none: attribute names have no case.
    ///
    /// ## Example
    /// `{"op":"replace","path":"ID","value":"2819c223"}` is answered 400 with `mutability`.
    ///
    /// ## How to fix it
    /// Resolve the attribute first, then look at its mutability.
    READ_ONLY_REFUSED = "patch/read-only-is-refused" {
        title: "a PATCH of a read-only attribute is refused",
        outcomes: [
            "changed": Must Security "whoever may write a profile can turn one account into another or grant groups",
            "accepted": Must Noise "a client believes in a change that was not made",
            "accepted-in-capitals": Must Noise "the guard of read-only attributes is passed by writing their names in capitals",
        ],
        fix: "Answer 400 with `mutability`, by the attribute and not by its spelling.",
        cites: [Cite::Rfc7644("3.5.2"), Cite::Rfc7643("2.1"), Cite::Rfc7643("2.2")],
        row: "P19",
        fault: "readonly-not-enforced",
        check: Check::Probe(read_only_refused),
    }

    /// ## What is checked
    /// A `remove` that carries a value does not write it.
    ///
    /// ## Why it matters
    /// Entra ID sends the old value along when it takes something away. It may have changed since; a target that stores it turns
    /// a removal into a change.
    ///
    /// ## Example
    /// `{"op":"remove","path":"displayName","value":"Somebody Else"}`
    ///
    /// ## How to fix it
    /// Remove what the path selects and leave the value alone, or answer 400.
    REMOVE_WRITES_NOTHING = "patch/remove-writes-nothing" {
        title: "a removal writes nothing",
        outcomes: [
            "written": Must Data "what Entra ID takes away comes back with another value",
        ],
        fix: "Never assign the value of a `remove`.",
        cites: [Cite::Rfc7644("3.5.2.2"), Cite::Fact("entra/1.3/10")],
        row: "P5",
        fault: "remove-mismatch-writes-value",
        check: Check::Probe(remove_writes_nothing),
    }

    /// ## What is checked
    /// A `replace` of a list leaves the new values and none of the old ones.
    ///
    /// ## Why it matters
    /// Roles come as such a list. A role that stays is access that was taken away in the directory.
    ///
    /// ## Example
    /// `{"op":"replace","path":"roles","value":[{"value":"viewer"}]}`
    ///
    /// ## How to fix it
    /// Replace the whole list; it is written at any time, not at creation alone.
    LIST_REPLACED = "patch/list-replaced" {
        title: "a replaced list has the new values only",
        outcomes: [
            "ignored": Must Security "a role that was taken away in the directory stays",
            "kept": Must Security "new roles come on top of those that were taken away in the directory",
        ],
        fix: "Store the list of the request in place of the old one.",
        cites: [Cite::Rfc7644("3.5.2.3")],
        row: "P10",
        fault: "role-only-at-create",
        check: Check::Probe(list_replaced),
    }

    /// ## What is checked
    /// An e-mail address that is added without `primary` leaves the primary one primary.
    ///
    /// ## Why it matters
    /// Invitations and new passwords go to the primary address. It moves when somebody says so, not when a second one is added.
    ///
    /// ## Example
    /// `{"op":"add","path":"emails","value":[{"type":"home","value":"ada@example.com"}]}`
    ///
    /// ## How to fix it
    /// Read a missing `primary` as false.
    PRIMARY_STAYS = "patch/added-value-is-not-primary" {
        title: "an added value is primary only if the request says so",
        outcomes: [
            "stolen": Must Data "invitations and new passwords go to an address that nobody made the primary one",
        ],
        fix: "Let a missing `primary` mean false.",
        cites: [Cite::Rfc7643("2.4")],
        row: "no row: RFC 7643 section 2.4 says what a missing `primary` means",
        fault: "added-email-steals-primary",
        check: Check::Probe(primary_stays),
    }

    /// ## What is checked
    /// A path means the same in capitals and with the URN of the core schema before it.
    ///
    /// ## Why it matters
    /// Attribute names have no case, and their full name begins with the schema's URN. Mappings that an administrator typed by
    /// hand in Entra ID carry either.
    ///
    /// ## Example
    /// `{"op":"replace","path":"urn:ietf:params:scim:schemas:core:2.0:User:displayName","value":"Ada King"}`
    ///
    /// ## How to fix it
    /// Fold the case of names, and strip the URN of the resource's own schema.
    ANY_SPELLING = "patch/path-in-any-spelling" {
        title: "a path is understood in capitals and with its schema's URN",
        outcomes: [
            "refused": Must Blocks "changes that Entra ID writes with a full or capitalised path never arrive",
            "ignored": Must Data "changes that Entra ID writes with a full or capitalised path are lost without a word",
        ],
        fix: "Resolve a path by its folded name, with or without the schema's URN.",
        cites: [Cite::Rfc7643("2.1"), Cite::Rfc7644("3.10")],
        row: "C9",
        fault: "patch-path-case-or-urn-sensitive",
        check: Check::Probe(any_spelling),
    }

    /// ## What is checked
    /// A `replace` of `name` by an object sets the parts that the object names and leaves the others.
    ///
    /// ## Why it matters
    /// A rename sends the new family name and not the given one. A target that replaces the whole, or loses names with capitals
    /// in them, spoils the profile.
    ///
    /// ## Example
    /// `{"op":"replace","path":"name","value":{"familyName":"King"}}`
    ///
    /// ## How to fix it
    /// Merge the object into the stored one under the names of the schema.
    COMPLEX_MERGED = "patch/complex-value-is-merged" {
        title: "a replaced complex attribute keeps the parts that are not named",
        outcomes: [
            "ignored": Must Data "the new name of a person is lost although the change was answered with success",
            "too-much": Must Data "a change of the family name takes the given name away",
        ],
        fix: "Set the sub-attributes that the value names and leave the others.",
        cites: [Cite::Rfc7644("3.5.2.3"), Cite::Rfc7643("2.1")],
        row: "P7",
        fault: "patch-value-keys-lowercased",
        check: Check::Probe(complex_merged),
    }

    /// ## What is checked
    /// Two operations whose paths select the same element make one element.
    ///
    /// ## Why it matters
    /// Entra ID sends one operation for each part of an address. Two halves of an address are none.
    ///
    /// ## Example
    /// `[{"op":"add","path":"addresses[type eq \"work\"].locality","value":"London"},{"op":"add","path":"addresses[type eq \"work\"].country","value":"GB"}]`
    ///
    /// ## How to fix it
    /// Let the second operation find the element that the first has made.
    ONE_ELEMENT = "patch/value-paths-make-one-element" {
        title: "operations that select the same element make one",
        outcomes: [
            "split": Must Data "addresses from Entra ID arrive in pieces",
        ],
        fix: "Apply each operation to the result of the one before, and look for the element there.",
        cites: [Cite::Rfc7644("3.5.2"), Cite::Fact("entra/1.3/10")],
        row: "P2",
        fault: "valuepath-add-splits-entries",
        check: Check::Probe(one_element),
    }
}

/// Judges every PATCH: the first failure counts, and one that passes makes the others not matter.
fn each(exchanges: &[Exchange<'_>], judge: impl Fn(&Change<'_>) -> Judged) -> Judged {
    let mut judged = Judged::NotApplicable;
    for change in changes(exchanges, Method::Patch) {
        match judge(&change) {
            Judged::NotApplicable => {}
            Judged::Pass => judged = Judged::Pass,
            fail @ Judged::Fail(_) => return fail,
        }
    }
    judged
}

/// Judges every PATCH behind the first, if the first, which is a plain one, took effect: where no PATCH does, nothing can be
/// said of an odd one.
fn behind_a_plain_one(exchanges: &[Exchange<'_>], judge: impl Fn(&Change<'_>) -> Judged) -> Judged {
    let first = exchanges
        .iter()
        .position(|exchange| exchange.sent.method == Method::Patch);
    let Some(first) = first else {
        return Judged::NotApplicable;
    };
    let all = changes(exchanges, Method::Patch);
    let took_effect = all.first().is_some_and(|plain| {
        let (Some((path, Some(value))), Some(after)) = (operation(plain.write), plain.after) else {
            return false;
        };
        plain.done() && after.get(path) == Some(value)
    });
    match took_effect {
        true => each(&exchanges[first + 1..], judge),
        false => Judged::NotApplicable,
    }
}

fn all_or_nothing(exchanges: &[Exchange<'_>]) -> Judged {
    each(exchanges, |change| {
        let (Some(before), Some(after)) = (change.before, change.after) else {
            return Judged::NotApplicable;
        };
        if !change.refused() {
            return Judged::NotApplicable;
        }
        let own = |name: &str| !name.eq_ignore_ascii_case("meta");
        let fields = before.as_object().into_iter().flat_map(|o| o.iter());
        let changed = fields
            .filter(|(name, _)| own(name))
            .find(|(name, value)| after.get(name) != Some(value));
        match changed {
            None => Judged::Pass,
            Some((name, _)) => {
                let observed = format!("{}, and `{name}` has changed", change.status);
                Judged::fail("partly", "nothing changed by a refused PATCH", observed)
            }
        }
    })
}

fn family_name(user: &Value) -> Option<&str> {
    user.at(&["name", "familyName"])?.as_str()
}

fn in_order(exchanges: &[Exchange<'_>]) -> Judged {
    each(exchanges, |change| {
        let operations = change.write.request().and_then(|b| b.get("Operations"));
        let operations = operations.and_then(Value::as_array).unwrap_or_default();
        let values: Vec<_> = operations
            .iter()
            .filter_map(|o| o.get("value")?.as_str())
            .collect();
        let (Some(first), Some(last)) = (values.first(), values.last()) else {
            return Judged::NotApplicable;
        };
        match change.after.and_then(family_name) {
            Some(name) if change.done() && name == *last => Judged::Pass,
            Some(name) if change.done() && name == *first => {
                Judged::fail("first-wins", format!("{last:?}"), format!("{name:?}"))
            }
            // Nothing changed, or the target keeps no such name: another requirement's matter.
            _ => Judged::NotApplicable,
        }
    })
}

/// Whether a status says nothing about the request: who asks, the method, or the moment.
fn says_nothing(status: u16) -> bool {
    matches!(status, 401 | 403 | 405 | 429 | 501..=504)
}

fn unknown_refused(exchanges: &[Exchange<'_>]) -> Judged {
    let mut other = None;
    let judged = each(exchanges, |change| match change.status {
        400 => Judged::Pass,
        200..300 => {
            let body = change.write.sent.body.as_deref().unwrap_or_default();
            let what = if body.contains("noSuchAttribute") {
                "an attribute that does not exist"
            } else {
                "an operation that does not exist"
            };
            let observed = format!("{} to a PATCH of {what}", change.status);
            Judged::fail("accepted", "400", observed)
        }
        _ => Judged::NotApplicable,
    });
    for change in changes(exchanges, Method::Patch) {
        let odd = !matches!(change.status, 200..300 | 400) && !says_nothing(change.status);
        other = other.or(odd.then_some(change.status));
    }
    match (&judged, other) {
        (Judged::Fail(_), _) | (_, None) => judged,
        (_, Some(status)) => Judged::fail("other-status", "400", status.to_string()),
    }
}

/// Whether a path is written in capitals throughout.
fn capitals(path: &str) -> bool {
    path == path.to_uppercase()
}

fn read_only_refused(exchanges: &[Exchange<'_>]) -> Judged {
    let mut in_capitals = None;
    let judged = each(exchanges, |change| {
        let Some((path, value)) = operation(change.write) else {
            return Judged::NotApplicable;
        };
        let lower = path.to_lowercase();
        let now = change.after.and_then(|after| after.get(&lower));
        if change.done() && value.is_some() && now == value {
            let observed = format!("{} to a PATCH of `{path}`, which changed", change.status);
            return Judged::fail("changed", "400, and no change", observed);
        }
        match change.status {
            200..300 if !capitals(path) => {
                let observed = format!("{} to a PATCH of `{path}`", change.status);
                Judged::fail("accepted", "400 with `mutability`", observed)
            }
            400 => Judged::Pass,
            _ => Judged::NotApplicable,
        }
    });
    for change in changes(exchanges, Method::Patch) {
        if let Some((path, _)) = operation(change.write)
            && change.done()
            && capitals(path)
        {
            in_capitals = in_capitals.or(Some(format!("{} to a PATCH of `{path}`", change.status)));
        }
    }
    match (&judged, in_capitals) {
        (Judged::Fail(_), _) | (_, None) => judged,
        (_, Some(observed)) => {
            Judged::fail("accepted-in-capitals", "400 with `mutability`", observed)
        }
    }
}

fn remove_writes_nothing(exchanges: &[Exchange<'_>]) -> Judged {
    each(exchanges, |change| {
        let (Some((path, Some(value))), Some(after)) = (operation(change.write), change.after)
        else {
            return Judged::NotApplicable;
        };
        if after.get(path) == Some(value) {
            let observed = format!("`{path}` is {value}");
            return Judged::fail("written", "the value of a removal not stored", observed);
        }
        Judged::Pass
    })
}

/// The `value` of every element of a list.
fn values<'a>(resource: &'a Value, name: &str) -> Vec<&'a Value> {
    let items = resource.get(name).and_then(Value::as_array);
    let items = items.unwrap_or_default().iter();
    items.filter_map(|item| item.get("value")).collect()
}

fn list_replaced(exchanges: &[Exchange<'_>]) -> Judged {
    behind_a_plain_one(exchanges, |change| {
        let (Some((path, Some(_))), Some(before), Some(after)) =
            (operation(change.write), change.before, change.after)
        else {
            return Judged::NotApplicable;
        };
        let old = values(before, path);
        let new = values(after, path);
        // What a target never kept it need not replace.
        if !change.done() || old.is_empty() {
            return Judged::NotApplicable;
        }
        let expected = "the new values and no others";
        if new == old {
            return Judged::fail("ignored", expected, format!("`{path}` as before"));
        }
        if old.iter().any(|value| new.contains(value)) {
            return Judged::fail("kept", expected, format!("old values of `{path}` stay"));
        }
        Judged::Pass
    })
}

fn primary_stays(exchanges: &[Exchange<'_>]) -> Judged {
    let primary = |user: &Value| {
        let emails = user.get("emails").and_then(Value::as_array);
        let emails = emails.unwrap_or_default().iter();
        let chosen = |e: &&Value| e.get("primary").and_then(Value::as_bool) == Some(true);
        let found: Vec<_> = emails
            .filter(chosen)
            .filter_map(|e| e.get("value").cloned())
            .collect();
        found
    };
    each(exchanges, |change| {
        let (Some(before), Some(after)) = (change.before, change.after) else {
            return Judged::NotApplicable;
        };
        let (old, new) = (primary(before), primary(after));
        // Where nothing is primary, or several are, another requirement speaks.
        let ([old], [new]) = (old.as_slice(), new.as_slice()) else {
            return Judged::NotApplicable;
        };
        if !change.done() {
            return Judged::NotApplicable;
        }
        if old != new {
            let observed = format!("{new} is the primary address");
            return Judged::fail("stolen", format!("{old} stays primary"), observed);
        }
        Judged::Pass
    })
}

fn any_spelling(exchanges: &[Exchange<'_>]) -> Judged {
    behind_a_plain_one(exchanges, |change| {
        let Some((path, Some(value))) = operation(change.write) else {
            return Judged::NotApplicable;
        };
        let name = path.rsplit(':').next().unwrap_or(path);
        let expected = format!("`{path}` understood");
        if change.refused() || change.status == 404 {
            return Judged::fail("refused", expected, change.status.to_string());
        }
        let now = |seen: Option<&Value>| seen.and_then(|v| v.get(name).cloned());
        match now(change.after) {
            Some(now) if change.done() && now == *value => Judged::Pass,
            // What is not kept at all says nothing about paths.
            Some(_) if change.done() && now(change.before).is_some() => {
                let observed = format!("{}, and no change", change.status);
                Judged::fail("ignored", expected, observed)
            }
            _ => Judged::NotApplicable,
        }
    })
}

fn complex_merged(exchanges: &[Exchange<'_>]) -> Judged {
    behind_a_plain_one(exchanges, |change| {
        let (Some((path, Some(value))), Some(before), Some(after)) =
            (operation(change.write), change.before, change.after)
        else {
            return Judged::NotApplicable;
        };
        let (Some(wanted), Some(before)) = (
            value.as_object(),
            before.get(path).and_then(Value::as_object),
        ) else {
            return Judged::NotApplicable;
        };
        if !change.done() {
            return Judged::NotApplicable;
        }
        let now = |name: &str| after.get(path).and_then(|v| v.get(name));
        let new = wanted.iter().find(|(name, value)| now(name) != Some(value));
        if let Some((name, _)) = new {
            let observed = format!(
                "{}, and `{path}.{name}` has not the new value",
                change.status
            );
            return Judged::fail("ignored", "the parts that the value names", observed);
        }
        let parts = ["givenName", "familyName", "middleName"];
        let mut others = parts.iter().filter(|name| !wanted.contains(name));
        match others.find(|name| before.contains(name) && now(name).is_none()) {
            Some(name) => {
                let observed = format!("`{path}.{name}` is gone");
                Judged::fail("too-much", "the other parts as they were", observed)
            }
            None => Judged::Pass,
        }
    })
}

fn one_element(exchanges: &[Exchange<'_>]) -> Judged {
    each(exchanges, |change| {
        let Some(after) = change.after.filter(|_| change.done()) else {
            return Judged::NotApplicable;
        };
        let addresses = after.get("addresses").and_then(Value::as_array);
        let work = |a: &&Value| a.get("type").and_then(Value::as_str) == Some("work");
        match addresses.unwrap_or_default().iter().filter(work).count() {
            0 => Judged::NotApplicable,
            1 => Judged::Pass,
            n => Judged::fail("split", "one work address", format!("{n} work addresses")),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, get, patch, post, probe_table};
    use super::*;

    fn ops(operations: &str, status: u16) -> Sample {
        let body = format!(r#"{{"Operations":[{operations}]}}"#);
        patch("/Users/1", status, "").request(&body)
    }

    fn created(rest: &str) -> Sample {
        post("/Users", 201, &format!(r#"{{"id":"1",{rest}}}"#))
    }

    fn read(rest: &str) -> Sample {
        get("/Users/1", 200, &format!(r#"{{"id":"1",{rest}}}"#))
    }

    /// A PATCH that took effect.
    fn plain() -> [Sample; 2] {
        let change = ops(r#"{"op":"replace","path":"x","value":1}"#, 204);
        [
            change,
            read(
                r#""x":1,"displayName":"A","roles":[{"value":"a"}],"name":{"givenName":"G","familyName":"A"}"#,
            ),
        ]
    }

    #[test]
    fn a_refused_patch_leaves_everything_as_it_was() {
        let bad = ops(r#"{"op":"replace","path":"noSuchAttribute"}"#, 400);
        let before = created(r#""title":"a","meta":{"v":1}"#);
        let same = read(r#""title":"a","meta":{"v":2}"#);
        let done = ops("", 204);
        probe_table(
            &ALL_OR_NOTHING,
            &[
                (&[before.clone(), bad.clone(), same], "pass"),
                (&[before.clone(), bad, read(r#""title":"b""#)], "partly"),
                (
                    &[before.clone(), ops("", 500), read(r#""title":"b""#)],
                    "partly",
                ),
                (&[before.clone(), done, read(r#""title":"b""#)], "n/a"),
                (&[before, ops("", 501), read(r#""title":"b""#)], "n/a"),
            ],
        );
    }

    #[test]
    fn the_later_of_two_operations_counts() {
        let two = |status| ops(r#"{"value":"A"},{"value":"B"}"#, status);
        let named = |name: &str| read(&format!(r#""name":{{"familyName":"{name}"}}"#));
        probe_table(
            &IN_ORDER,
            &[
                (&[two(204), named("B")], "pass"),
                (&[two(204), named("A")], "first-wins"),
                (&[two(204), named("Z")], "n/a"),
                (&[two(400), named("A")], "n/a"),
            ],
        );
    }

    #[test]
    fn what_nobody_understands_is_answered_400() {
        let unknown = |status| ops(r#"{"op":"replace","path":"noSuchAttribute"}"#, status);
        let odd = |status| ops(r#"{"op":"frobnicate","path":"title"}"#, status);
        probe_table(
            &UNKNOWN_REFUSED,
            &[
                (&[unknown(400), odd(400)], "pass"),
                (&[unknown(400), odd(204)], "accepted"),
                (&[unknown(200), odd(500)], "accepted"),
                (&[unknown(500), odd(400)], "other-status"),
                (&[unknown(501)], "n/a"),
            ],
        );
    }

    #[test]
    fn a_read_only_attribute_is_refused_in_every_spelling() {
        let to = |path: &str, status| {
            ops(
                &format!(r#"{{"op":"replace","path":"{path}","value":"9"}}"#),
                status,
            )
        };
        let groups = read(r#""groups":"9""#);
        probe_table(
            &READ_ONLY_REFUSED,
            &[
                (&[to("groups", 400), to("GROUPS", 400)], "pass"),
                (&[to("groups", 204), to("GROUPS", 400)], "accepted"),
                (
                    &[to("groups", 400), to("GROUPS", 204)],
                    "accepted-in-capitals",
                ),
                (&[to("GROUPS", 204), groups], "changed"),
                (&[to("groups", 501)], "n/a"),
            ],
        );
    }

    #[test]
    fn a_removal_does_not_store_its_value() {
        let remove = ops(r#"{"op":"remove","path":"title","value":"b"}"#, 204);
        probe_table(
            &REMOVE_WRITES_NOTHING,
            &[
                (&[remove.clone(), read(r#""x":1"#)], "pass"),
                (&[remove.clone(), read(r#""title":"a""#)], "pass"),
                (&[remove.clone(), read(r#""title":"b""#)], "written"),
                (&[remove], "n/a"),
            ],
        );
    }

    #[test]
    fn a_replaced_list_is_the_new_one() {
        let replace = ops(
            r#"{"op":"replace","path":"roles","value":[{"value":"b"}]}"#,
            204,
        );
        let [change, seen] = plain();
        let all = |rest: &str| read(&format!(r#""roles":[{rest}]"#));
        probe_table(
            &LIST_REPLACED,
            &[
                (
                    &[
                        change.clone(),
                        seen.clone(),
                        replace.clone(),
                        all(r#"{"value":"b"}"#),
                    ],
                    "pass",
                ),
                (
                    &[
                        change.clone(),
                        seen.clone(),
                        replace.clone(),
                        all(r#"{"value":"a"}"#),
                    ],
                    "ignored",
                ),
                (
                    &[
                        change.clone(),
                        seen,
                        replace.clone(),
                        all(r#"{"value":"a"},{"value":"b"}"#),
                    ],
                    "kept",
                ),
                (&[change, read(r#""x":1"#), replace.clone(), all("")], "n/a"),
                (
                    &[created(r#""roles":[{"value":"a"}]"#), replace, all("")],
                    "n/a",
                ),
            ],
        );
    }

    #[test]
    fn an_added_address_does_not_become_the_primary_one() {
        let add = ops(
            r#"{"op":"add","path":"emails","value":[{"value":"h"}]}"#,
            200,
        );
        let emails = |work: bool, home: bool| {
            format!(
                r#""emails":[{{"value":"w","primary":{work}}},{{"value":"h","primary":{home}}}]"#
            )
        };
        let before = created(r#""emails":[{"value":"w","primary":true}]"#);
        probe_table(
            &PRIMARY_STAYS,
            &[
                (
                    &[before.clone(), add.clone(), read(&emails(true, false))],
                    "pass",
                ),
                (
                    &[before.clone(), add.clone(), read(&emails(false, true))],
                    "stolen",
                ),
                (&[before, add, read(&emails(true, true))], "n/a"),
            ],
        );
    }

    #[test]
    fn a_path_is_understood_in_every_spelling() {
        let to = |status| {
            ops(
                r#"{"op":"replace","path":"urn:x:2.0:User:displayName","value":"B"}"#,
                status,
            )
        };
        let [change, seen] = plain();
        let shows = |name: &str| read(&format!(r#""displayName":"{name}""#));
        probe_table(
            &ANY_SPELLING,
            &[
                (&[change.clone(), seen.clone(), to(204), shows("B")], "pass"),
                (
                    &[change.clone(), seen.clone(), to(204), shows("A")],
                    "ignored",
                ),
                (
                    &[change.clone(), seen.clone(), to(400), shows("A")],
                    "refused",
                ),
                (
                    &[change.clone(), read(r#""x":1"#), to(204), read(r#""x":1"#)],
                    "n/a",
                ),
                (&[change, seen, to(501)], "n/a"),
                (&[to(400), shows("A"), to(400)], "n/a"),
            ],
        );
    }

    #[test]
    fn a_complex_value_is_merged() {
        let change = ops(
            r#"{"op":"replace","path":"name","value":{"familyName":"B"}}"#,
            200,
        );
        let [first, seen] = plain();
        let shows = |name: &str| read(&format!(r#""name":{name}"#));
        probe_table(
            &COMPLEX_MERGED,
            &[
                (
                    &[
                        first.clone(),
                        seen.clone(),
                        change.clone(),
                        shows(r#"{"givenName":"G","familyName":"B"}"#),
                    ],
                    "pass",
                ),
                (
                    &[
                        first.clone(),
                        seen.clone(),
                        change.clone(),
                        shows(r#"{"familyName":"B"}"#),
                    ],
                    "too-much",
                ),
                (
                    &[
                        first.clone(),
                        seen,
                        change.clone(),
                        shows(r#"{"givenName":"G"}"#),
                    ],
                    "ignored",
                ),
                (
                    &[first, read(r#""x":1"#), change.clone(), read(r#""x":1"#)],
                    "n/a",
                ),
                (&[change, shows(r#"{"familyName":"B"}"#)], "n/a"),
            ],
        );
    }

    #[test]
    fn one_selected_element_is_one() {
        let shows = |list: &str| read(&format!(r#""addresses":[{list}]"#));
        let half = r#"{"type":"work","locality":"L"}"#;
        let done = ops("", 204);
        probe_table(
            &ONE_ELEMENT,
            &[
                (&[done.clone(), shows(half)], "pass"),
                (&[done.clone(), shows(&format!("{half},{half}"))], "split"),
                (&[done, shows("")], "n/a"),
                (&[ops("", 400), shows(half)], "n/a"),
            ],
        );
    }
}
