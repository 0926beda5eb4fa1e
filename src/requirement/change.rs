//! A write of one resource with what was read of it before and afterwards: what probes of writes are judged by.

use super::reading::{Place, place};
use super::registry::Judged;
use crate::scim::Value;
use crate::wire::{Exchange, Method};

/// A write of one resource with the reads around it.
pub(super) struct Change<'a> {
    /// The write.
    pub(super) write: &'a Exchange<'a>,
    /// The status of its answer.
    pub(super) status: u16,
    /// The resource as it was shown last before.
    pub(super) before: Option<&'a Value>,
    /// The resource as the next read shows it.
    pub(super) after: Option<&'a Value>,
}

impl Change<'_> {
    /// Whether the target did what it was asked.
    pub(super) fn done(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether the target refused the request itself: not the caller, the method or the moment.
    pub(super) fn refused(&self) -> bool {
        matches!(self.status, 400..=500) && !matches!(self.status, 401 | 403 | 404 | 405 | 429)
    }
}

/// The changes of single resources by that method, in order.
pub(super) fn changes<'a>(exchanges: &'a [Exchange<'a>], method: Method) -> Vec<Change<'a>> {
    let of = |(at, write): (usize, &'a Exchange<'a>)| {
        let Place::Resource(_, id) = place(write) else {
            return None;
        };
        Some(Change {
            write,
            status: write.status().filter(|_| write.sent.method == method)?,
            before: exchanges[..at].iter().rev().find_map(|e| resource(e, id)),
            after: exchanges[at + 1..]
                .iter()
                .filter(|e| e.sent.method == Method::Get)
                .find_map(|e| resource(e, id)),
        })
    };
    exchanges.iter().enumerate().filter_map(of).collect()
}

/// The whole resource of that id, where the answer shows it by itself.
pub(super) fn resource<'a>(exchange: &'a Exchange<'a>, id: &str) -> Option<&'a Value> {
    let body = exchange.reply().filter(|_| exchange.succeeded())?;
    (body.get("id").and_then(Value::as_str) == Some(id)).then_some(body)
}

/// The ids of a group's members, where the value lists any.
pub(super) fn member_ids(group: &Value) -> Vec<&str> {
    let members = group.get("members").and_then(Value::as_array);
    let members = members.unwrap_or_default().iter();
    members
        .filter_map(|member| member.get("value")?.as_str())
        .collect()
}

/// What the first operation of a PATCH names: its path, and its value.
pub(super) fn operation<'a>(write: &'a Exchange<'_>) -> Option<(&'a str, Option<&'a Value>)> {
    let operations = write.request()?.get("Operations")?.as_array()?;
    let first = operations.first()?;
    Some((first.get("path")?.as_str()?, first.get("value")))
}

/// Judges every PATCH: the first failure counts, and one that passes makes the others not matter.
pub(super) fn each_patch(
    exchanges: &[Exchange<'_>],
    judge: impl Fn(&Change<'_>) -> Judged,
) -> Judged {
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
pub(super) fn behind_a_plain_patch(
    exchanges: &[Exchange<'_>],
    judge: impl Fn(&Change<'_>) -> Judged,
) -> Judged {
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
        true => each_patch(&exchanges[first + 1..], judge),
        false => Judged::NotApplicable,
    }
}
