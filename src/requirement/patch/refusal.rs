//! Requirements on what a PATCH refuses: what nobody understands, what is read-only, and that a refusal changes nothing.

use super::super::change::{changes, each_patch, operation};
use super::super::registry::{Check, Cite, Judged, requirements};
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
}

fn all_or_nothing(exchanges: &[Exchange<'_>]) -> Judged {
    each_patch(exchanges, |change| {
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

/// Whether a status says nothing about the request: who asks, the method, or the moment.
fn says_nothing(status: u16) -> bool {
    matches!(status, 401 | 403 | 405 | 429 | 501..=504)
}

fn unknown_refused(exchanges: &[Exchange<'_>]) -> Judged {
    let mut other = None;
    let judged = each_patch(exchanges, |change| match change.status {
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
    let judged = each_patch(exchanges, |change| {
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

#[cfg(test)]
mod tests {
    use super::super::super::sample::{created, operations, probe_table, read};
    use super::*;

    #[test]
    fn a_refused_patch_leaves_everything_as_it_was() {
        let bad = operations(r#"{"op":"replace","path":"noSuchAttribute"}"#, 400);
        let before = created(r#""title":"a","meta":{"v":1}"#);
        let same = read(r#""title":"a","meta":{"v":2}"#);
        let done = operations("", 204);
        probe_table(
            &ALL_OR_NOTHING,
            &[
                (&[before.clone(), bad.clone(), same], "pass"),
                (&[before.clone(), bad, read(r#""title":"b""#)], "partly"),
                (
                    &[before.clone(), operations("", 500), read(r#""title":"b""#)],
                    "partly",
                ),
                (&[before.clone(), done, read(r#""title":"b""#)], "n/a"),
                (
                    &[before, operations("", 501), read(r#""title":"b""#)],
                    "n/a",
                ),
            ],
        );
    }

    #[test]
    fn what_nobody_understands_is_answered_400() {
        let unknown = |status| operations(r#"{"op":"replace","path":"noSuchAttribute"}"#, status);
        let odd = |status| operations(r#"{"op":"frobnicate","path":"title"}"#, status);
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
            operations(
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
}
