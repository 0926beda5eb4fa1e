//! Requirements on what the value of an operation becomes: a new list, one more element, or parts of a complex attribute.

use super::super::change::{behind_a_plain_patch, each_patch, operation};
use super::super::registry::{Check, Cite, Judged, requirements};
use crate::scim::Value;
use crate::wire::Exchange;

requirements! {
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
}

/// The `value` of every element of a list.
fn values<'a>(resource: &'a Value, name: &str) -> Vec<&'a Value> {
    let items = resource.get(name).and_then(Value::as_array);
    let items = items.unwrap_or_default().iter();
    items.filter_map(|item| item.get("value")).collect()
}

fn list_replaced(exchanges: &[Exchange<'_>]) -> Judged {
    behind_a_plain_patch(exchanges, |change| {
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
    each_patch(exchanges, |change| {
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

fn complex_merged(exchanges: &[Exchange<'_>]) -> Judged {
    behind_a_plain_patch(exchanges, |change| {
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

#[cfg(test)]
mod tests {
    use super::super::super::sample::{created, operations, probe_table, read, taken_effect};
    use super::*;

    #[test]
    fn a_replaced_list_is_the_new_one() {
        let replace = operations(
            r#"{"op":"replace","path":"roles","value":[{"value":"b"}]}"#,
            204,
        );
        let [change, seen] = taken_effect();
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
        let add = operations(
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
    fn a_complex_value_is_merged() {
        let change = operations(
            r#"{"op":"replace","path":"name","value":{"familyName":"B"}}"#,
            200,
        );
        let [first, seen] = taken_effect();
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
}
