//! Requirements on the operations of a PATCH: their order, the spelling of a path, what a path selects, and removals.

use super::super::change::{behind_a_plain_patch, each_patch, operation};
use super::super::registry::{Check, Cite, Judged, requirements};
use crate::scim::Value;
use crate::wire::Exchange;

requirements! {
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
}

fn family_name(user: &Value) -> Option<&str> {
    user.at(&["name", "familyName"])?.as_str()
}

fn in_order(exchanges: &[Exchange<'_>]) -> Judged {
    each_patch(exchanges, |change| {
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

fn any_spelling(exchanges: &[Exchange<'_>]) -> Judged {
    behind_a_plain_patch(exchanges, |change| {
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

fn one_element(exchanges: &[Exchange<'_>]) -> Judged {
    each_patch(exchanges, |change| {
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

fn remove_writes_nothing(exchanges: &[Exchange<'_>]) -> Judged {
    each_patch(exchanges, |change| {
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

#[cfg(test)]
mod tests {
    use super::super::super::sample::{operations, probe_table, read, taken_effect};
    use super::*;

    #[test]
    fn the_later_of_two_operations_counts() {
        let two = |status| operations(r#"{"value":"A"},{"value":"B"}"#, status);
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
    fn a_path_is_understood_in_every_spelling() {
        let to = |status| {
            operations(
                r#"{"op":"replace","path":"urn:x:2.0:User:displayName","value":"B"}"#,
                status,
            )
        };
        let [change, seen] = taken_effect();
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
    fn one_selected_element_is_one() {
        let shows = |list: &str| read(&format!(r#""addresses":[{list}]"#));
        let half = r#"{"type":"work","locality":"L"}"#;
        let done = operations("", 204);
        probe_table(
            &ONE_ELEMENT,
            &[
                (&[done.clone(), shows(half)], "pass"),
                (&[done.clone(), shows(&format!("{half},{half}"))], "split"),
                (&[done, shows("")], "n/a"),
                (&[operations("", 400), shows(half)], "n/a"),
            ],
        );
    }

    #[test]
    fn a_removal_does_not_store_its_value() {
        let remove = operations(r#"{"op":"remove","path":"title","value":"b"}"#, 204);
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
}
