//! The form of users and groups as the target shows them.

use crate::requirement::reading::{Kind, brief, is_projected, lists_schema, shown};
use crate::requirement::registry::{Check, Cite, Judged, requirements};
use crate::scim::Value;
use crate::wire::Exchange;

/// The URN of the enterprise extension (RFC 7643 §4.3).
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

requirements! {
    /// ## What is checked
    /// Every user and group that is shown has an `id`: a text that is not empty and does not hold the word `bulkId`.
    ///
    /// ## Why it matters
    /// The id is the link between directory and product. Okta and Entra ID keep it and put it into every later path; without
    /// it nothing that follows can be sent.
    ///
    /// ## Example
    /// `{"id":"2819c223","userName":"ada@example.com"}`
    ///
    /// ## How to fix it
    /// Show the id in every answer, whatever attributes were asked for, and write it as a string.
    HAS_ID = "message/resource-has-id" {
        title: "every resource that is shown has an id",
        outcomes: [
            "missing": Must Blocks "Okta and Entra ID cannot link the account, so that nobody is updated or deactivated",
            "wrong-form": Must Blocks "an IdP that expects a text as id cannot link the account",
        ],
        fix: "Show a non-empty string as `id` in every resource.",
        cites: [
            Cite::Rfc7643("3.1"),
            Cite::Rfc7644("3.9"),
            Cite::Fact("entra/1/22"),
            Cite::Fact("okta/4.1/4"),
        ],
        row: "C19, Q17",
        fault: "attributes-param-drops-id",
        check: Check::Message(has_id),
    }

    /// ## What is checked
    /// `active` is shown as JSON's `true` or `false`.
    ///
    /// ## Why it matters
    /// An IdP compares it with its directory. A text or a number never equals a boolean: Entra ID writes the value again in every
    /// cycle, and a client that takes any filled text for true sees leavers as active.
    ///
    /// ## Example
    /// `{"id":"2819c223","active":false}`
    ///
    /// ## How to fix it
    /// Convert what the store holds before you write the answer.
    ACTIVE_IS_BOOLEAN = "message/active-is-boolean" {
        title: "`active` is shown as a boolean",
        outcomes: [
            "as-text": Must Blocks "Okta and Entra ID cannot tell who is active",
            "as-number": Must Blocks "Okta and Entra ID cannot tell who is active",
        ],
        fix: "Write `active` as `true` or `false`.",
        cites: [
            Cite::Rfc7643("2.3.2"),
            Cite::Rfc7643("4.1.1"),
            Cite::Fact("entra/1/24"),
            Cite::Fact("okta/5.2/5"),
        ],
        row: "no row: RFC 7643 section 2.3.2 knows two literals and no other form",
        fault: "active-as-number",
        check: Check::Message(active_is_boolean),
    }

    /// ## What is checked
    /// No answer holds a password: not as attribute, clear or hashed, and not the one that the request sent.
    ///
    /// ## Why it matters
    /// Okta sends a password with every new account and echoes one that it is shown. An answer passes through logs on both
    /// sides.
    ///
    /// ## Example
    /// `POST /Users` with `"password":"…"` answered 201 without a `password`.
    ///
    /// ## How to fix it
    /// Never put the attribute into an answer, even when it is asked for, and never quote a refused one in an error.
    PASSWORD = "message/password-never-returned" {
        title: "a password is never shown",
        outcomes: [
            "returned": Must Security "passwords that Okta sends stand in the logs of the IdP and of everything between",
            "quoted": Must Security "a password that Okta sent stands in the answer, and so in logs and consoles",
        ],
        fix: "Leave `password` out of every answer and every error text.",
        cites: [
            Cite::Rfc7643("4.1.1"),
            Cite::Rfc7643("9.2"),
            Cite::Fact("okta/4.2/1"),
            Cite::Fact("okta/5.2/4"),
        ],
        row: "M2",
        fault: "password-returned",
        check: Check::Message(password),
    }

    /// ## What is checked
    /// A whole resource lists in `schemas` the URN of its type and of every extension it shows.
    ///
    /// ## Why it matters
    /// `schemas` tells a client what it reads. Okta's next PUT echoes the list; an extension that is not on it may be passed
    /// over on the way back.
    ///
    /// ## Example
    /// `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"2819c223"}`
    ///
    /// ## How to fix it
    /// Write the list from what the resource holds.
    SCHEMAS = "message/schemas-listed" {
        title: "a whole resource lists its schemas",
        outcomes: [
            "missing": Must Noise "a client that goes by `schemas` cannot tell what it reads",
            "wrong": Must Noise "a client that goes by `schemas` takes the resource for another type",
            "extension-unlisted": Should Noise "an IdP that goes by `schemas` passes over department and manager",
        ],
        fix: "List the type's URN and those of all extensions shown.",
        cites: [Cite::Rfc7643("3"), Cite::Rfc7643("3.3"), Cite::Fact("okta/5.2/1")],
        row: "Q20, P27",
        fault: "schemas-missing",
        check: Check::Message(schemas),
    }

    /// ## What is checked
    /// `members` is a list of objects, each with the member's id as text in `value`.
    ///
    /// ## Why it matters
    /// An IdP that reads a group back, to import it or to write the list anew, looks for `value`. Bare ids are no members to it.
    ///
    /// ## Example
    /// `{"id":"abf4dd94","members":[{"value":"2819c223","display":"ada@example.com"}]}`
    ///
    /// ## How to fix it
    /// Show each member as an object with `value`.
    MEMBERS = "message/members-form" {
        title: "members are shown as objects with the member's id",
        outcomes: [
            "bare-ids": Must Blocks "Okta's import of groups sees none of their members",
            "no-value": Must Blocks "Okta's import of groups cannot tell who the members are",
            "not-a-list": Must Blocks "Okta's import of groups fails",
        ],
        fix: "Write `members` as a list of objects with `value`.",
        cites: [Cite::Rfc7643("4.2"), Cite::Rfc7643("2.4"), Cite::Fact("okta/8.3/10")],
        row: "no row: RFC 7643 section 4.2 gives each member a `value`",
        fault: "members-as-bare-ids",
        check: Check::Message(members),
    }

    /// ## What is checked
    /// Of the values of one attribute at most one is primary.
    ///
    /// ## Why it matters
    /// Okta reads and writes the primary e-mail address. With two of them it is chance which one it takes.
    ///
    /// ## Example
    /// `{"emails":[{"value":"ada@example.com","primary":true},{"value":"ada@example.net","primary":false}]}`
    ///
    /// ## How to fix it
    /// When a value becomes primary, take the mark from the others.
    ONE_PRIMARY = "message/one-primary-at-most" {
        title: "at most one value of an attribute is primary",
        outcomes: [
            "several": Must Data "Okta may read and write the wrong one of two e-mail addresses",
        ],
        fix: "Keep `primary` on the value that received it last.",
        cites: [
            Cite::Rfc7643("2.4"),
            Cite::Rfc7644("3.5.2"),
            Cite::Fact("okta/4.2/7"),
        ],
        row: "C15, P24",
        fault: "two-primaries",
        check: Check::Message(one_primary),
    }

    /// ## What is checked
    /// No attribute shows the same value of the same type twice.
    ///
    /// ## Why it matters
    /// JumpCloud repeats additions of present members. A target that appends each time counts people twice, and a removal may
    /// take out one entry and leave the other.
    ///
    /// ## Example
    /// `{"members":[{"value":"2819c223"},{"value":"2819c223"}]}` shows one member twice.
    ///
    /// ## How to fix it
    /// Append a value only if it is not there.
    NO_VALUE_TWICE = "message/no-value-twice" {
        title: "no attribute shows the same value twice",
        outcomes: [
            "twice": Should Data "a member whom JumpCloud or Entra ID added twice may stay after one removal",
        ],
        fix: "Compare type and value before a value is appended.",
        cites: [Cite::Rfc7643("2.4"), Cite::Fact("jumpcloud/4/10"), Cite::Fact("entra/1.2/8")],
        row: "C14",
        fault: "readd-member-duplicates",
        check: Check::Message(no_value_twice),
    }

    /// ## What is checked
    /// The manager is shown as an object.
    ///
    /// ## Why it matters
    /// Entra ID sends the id alone as text and expects the schema's object back. With a text in its place the reading of the
    /// whole user fails.
    ///
    /// ## Example
    /// `{"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"902c246b"}}}`
    ///
    /// ## How to fix it
    /// Show the manager's id in `manager.value`, or leave the attribute out.
    MANAGER = "message/manager-form" {
        title: "a manager is shown as an object",
        outcomes: [
            "as-text": Must Blocks "Entra ID cannot read the person any more, and no change of theirs arrives",
            "wrong-form": Must Blocks "Entra ID cannot read the person any more, and no change of theirs arrives",
        ],
        fix: "Show `manager` as an object with `value`.",
        cites: [Cite::Rfc7643("4.3"), Cite::Fact("entra/7.1/8")],
        row: "no row: RFC 7643 section 4.3 makes the manager an object",
        fault: "manager-shown-as-text",
        check: Check::Message(manager),
    }
}

/// Judges every resource that the exchange shows: the first failure counts, and one resource that passes is a pass.
fn each<'a>(exchange: &'a Exchange<'_>, judge: impl Fn(Kind, &'a Value) -> Judged) -> Judged {
    let mut judged = Judged::NotApplicable;
    for (kind, resource) in shown(exchange) {
        match judge(kind, resource) {
            Judged::NotApplicable => {}
            Judged::Pass => judged = Judged::Pass,
            fail @ Judged::Fail(_) => return fail,
        }
    }
    judged
}

fn has_id(exchange: &Exchange<'_>) -> Judged {
    let expected = "an `id` that is a text and not empty";
    each(exchange, |_, resource| match resource.get("id") {
        None | Some(Value::Null) => Judged::fail("missing", expected, "no `id`"),
        Some(Value::String(id)) if id.trim().is_empty() => {
            Judged::fail("missing", expected, "an empty `id`")
        }
        // The word is reserved for references inside bulk requests (RFC 7643 §3.1).
        Some(Value::String(id)) if id.contains("bulkId") => Judged::fail(
            "wrong-form",
            "an `id` without the word `bulkId`",
            id.as_str(),
        ),
        Some(Value::String(_)) => Judged::Pass,
        Some(other) => {
            let observed = format!("the {} {}", other.kind(), brief(other));
            Judged::fail("wrong-form", expected, observed)
        }
    })
}

fn active_is_boolean(exchange: &Exchange<'_>) -> Judged {
    each(exchange, |kind, resource| {
        let active = resource.get("active").filter(|_| kind == Kind::User);
        let outcome = match active {
            None | Some(Value::Null) => return Judged::NotApplicable,
            Some(Value::Bool(_)) => return Judged::Pass,
            Some(Value::Number(_)) => "as-number",
            Some(_) => "as-text",
        };
        let observed = active.map(brief).unwrap_or_default();
        Judged::fail(outcome, "`active` is `true` or `false`", observed)
    })
}

fn password(exchange: &Exchange<'_>) -> Judged {
    let Some(answered) = exchange.answered.filter(|answered| !answered.injected) else {
        return Judged::NotApplicable;
    };
    let shows = each(exchange, |_, resource| match resource.get("password") {
        None | Some(Value::Null) => Judged::Pass,
        // The value stays out of the report even where it is marked on the tape.
        Some(_) => Judged::fail("returned", "no `password`", "a `password` in the resource"),
    });
    if matches!(shows, Judged::Fail(_)) {
        return shows;
    }
    let sent = exchange.request().map(passwords).unwrap_or_default();
    if sent.is_empty() {
        return shows;
    }
    match sent.iter().any(|secret| answered.body.contains(secret)) {
        true => Judged::fail(
            "quoted",
            "an answer without the password",
            "the password that was sent",
        ),
        false => Judged::Pass,
    }
}

/// The passwords of a request's body, or their marks; texts too short to be told from others are passed over.
fn passwords(body: &Value) -> Vec<&str> {
    let own = match body {
        Value::Object(object) => object
            .iter()
            .flat_map(|(name, value)| match value {
                Value::String(text) if name.eq_ignore_ascii_case("password") => vec![text.as_str()],
                other => passwords(other),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(passwords).collect(),
        _ => Vec::new(),
    };
    let long = |text: &&str| text.len() >= 8;
    own.into_iter().filter(long).collect()
}

fn schemas(exchange: &Exchange<'_>) -> Judged {
    if is_projected(exchange) {
        return Judged::NotApplicable;
    }
    each(exchange, |kind, resource| {
        let expected = format!("`schemas` with {}", kind.schema());
        let listed = resource.get("schemas");
        if listed.is_none_or(Value::is_unassigned) {
            return Judged::fail("missing", expected, "no `schemas`");
        }
        if !lists_schema(resource, kind.schema()) {
            return Judged::fail("wrong", expected, listed.map(brief).unwrap_or_default());
        }
        let members = resource
            .as_object()
            .into_iter()
            .flat_map(|object| object.iter());
        let mut extensions = members
            .filter(|(name, value)| {
                let urn = name
                    .get(..4)
                    .is_some_and(|urn| urn.eq_ignore_ascii_case("urn:"));
                let filled = value.as_object().is_some_and(|object| !object.is_empty());
                urn && filled
            })
            .map(|(name, _)| name);
        match extensions.find(|urn| !lists_schema(resource, urn)) {
            Some(urn) => {
                let observed = listed.map(brief).unwrap_or_default();
                Judged::fail(
                    "extension-unlisted",
                    format!("`schemas` with {urn}"),
                    observed,
                )
            }
            None => Judged::Pass,
        }
    })
}

fn members(exchange: &Exchange<'_>) -> Judged {
    each(exchange, |kind, resource| {
        let members = match resource.get("members") {
            Some(Value::Array(items)) if kind == Kind::Group && !items.is_empty() => items,
            Some(other) if kind == Kind::Group && !other.is_unassigned() => {
                return Judged::fail("not-a-list", "`members` is a list", brief(other));
            }
            _ => return Judged::NotApplicable,
        };
        for member in members {
            let expected = "each member an object with `value`";
            match member {
                Value::Object(object) => match object.get("value") {
                    Some(Value::String(id)) if !id.is_empty() => {}
                    _ => return Judged::fail("no-value", expected, brief(member)),
                },
                other => return Judged::fail("bare-ids", expected, brief(other)),
            }
        }
        Judged::Pass
    })
}

/// The attributes of a resource, and of its extensions, that have several values.
fn lists(resource: &Value) -> Vec<(&str, &[Value])> {
    let members = resource
        .as_object()
        .into_iter()
        .flat_map(|object| object.iter());
    members
        .flat_map(|(name, value)| match value {
            Value::Array(items) => vec![(name, items.as_slice())],
            Value::Object(_) if name.contains(':') => lists(value),
            _ => Vec::new(),
        })
        .collect()
}

fn one_primary(exchange: &Exchange<'_>) -> Judged {
    each(exchange, |_, resource| {
        let mut judged = Judged::NotApplicable;
        for (name, items) in lists(resource) {
            let primary =
                |item: &&Value| item.get("primary").and_then(Value::as_bool) == Some(true);
            match items.iter().filter(primary).count() {
                0 => {}
                1 => judged = Judged::Pass,
                several => {
                    let observed = format!("{several} primary values in `{name}`");
                    return Judged::fail("several", "at most one", observed);
                }
            }
        }
        judged
    })
}

fn no_value_twice(exchange: &Exchange<'_>) -> Judged {
    each(exchange, |_, resource| {
        let mut judged = Judged::NotApplicable;
        for (name, items) in lists(resource) {
            let key = |item: &Value| {
                let value = item.get("value")?.as_str()?.to_owned();
                let kind = item.get("type").and_then(Value::as_str).unwrap_or_default();
                Some((value, kind.to_lowercase()))
            };
            let mut keys: Vec<_> = items.iter().filter_map(key).collect();
            keys.sort_unstable();
            if let Some(pair) = keys.windows(2).find(|pair| pair[0] == pair[1]) {
                let observed = format!("{:?} twice in `{name}`", pair[0].0);
                return Judged::fail("twice", "each value once", observed);
            }
            if !keys.is_empty() {
                judged = Judged::Pass;
            }
        }
        judged
    })
}

fn manager(exchange: &Exchange<'_>) -> Judged {
    each(exchange, |_, resource| {
        let expected = "`manager` is an object";
        match resource.at(&[ENTERPRISE, "manager"]) {
            None | Some(Value::Null) => Judged::NotApplicable,
            Some(Value::Object(_)) => Judged::Pass,
            Some(Value::String(text)) => Judged::fail("as-text", expected, format!("{text:?}")),
            Some(other) => Judged::fail("wrong-form", expected, brief(other)),
        }
    })
}

#[cfg(test)]
mod tests;
