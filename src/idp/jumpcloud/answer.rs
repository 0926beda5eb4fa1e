//! How JumpCloud reads answers (jumpcloud/6). It is a lenient reader, and what it does after most errors is not known.

use crate::idp::answer::lenient::{lookup, resources};
use crate::idp::{Lookup, Outcome, id_of};
use crate::scim::Value;
use crate::wire::{Basis, Failure, FailureKind, Reply};

/// Why a job was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    exchange: Option<u64>,
    why: String,
    basis: Basis,
    /// The status, where there was an answer.
    pub(super) status: Option<u16>,
    /// Whether the guard held the request back.
    held: bool,
}

impl Trouble {
    /// What the job's report says: the event log names what failed, and no reason (jumpcloud/2.1/3).
    pub(super) fn outcome(self, log: &str) -> Outcome {
        Outcome::Stopped {
            exchange: self.exchange,
            why: self.why,
            // The real client would have written to the record that it found, and nobody would have been told.
            admin_sees: if self.held {
                format!("Directory Insights: {log}, success, on a record that the app had before")
            } else {
                format!("Directory Insights: {log} failed, without a reason")
            },
            basis: self.basis,
        }
    }

    fn of(reply: &Reply, why: String) -> Self {
        Self {
            exchange: Some(reply.exchange),
            why,
            basis: Basis::inferred("jumpcloud/6/7"),
            status: Some(reply.status),
            held: false,
        }
    }
}

/// A request that got no reply.
pub(super) fn failed(failure: &Failure) -> Trouble {
    Trouble {
        exchange: Some(failure.exchange),
        why: failure.message.clone(),
        basis: Basis::inferred("jumpcloud/6/7"),
        status: None,
        held: failure.kind == FailureKind::Guarded,
    }
}

/// The address of the activation is somebody's at the target already (jumpcloud/2.2).
pub(super) fn taken(reply: &Reply, address: &str) -> Trouble {
    let why = format!("the target has an account of the test address {address} already");
    Trouble {
        basis: Basis::captured("jumpcloud/2.2"),
        ..Trouble::of(reply, why)
    }
}

/// Whether a write was accepted: any 2xx, with a body or without (jumpcloud/6/4).
pub(super) fn accepted(reply: &Reply) -> Result<(), Trouble> {
    if reply.ok() {
        return Ok(());
    }
    Err(Trouble::of(
        reply,
        format!("the target answered {} to the write", reply.status),
    ))
}

/// The id of what a POST made.
pub(super) fn created(reply: &Reply) -> Result<String, Trouble> {
    accepted(reply)?;
    reply.id().map(str::to_owned).ok_or_else(|| {
        let why = "the target's answer to the POST has no `id`".to_owned();
        Trouble::of(reply, why)
    })
}

/// The one resource that a lookup found.
pub(super) fn found(reply: &Reply) -> Result<Option<String>, Trouble> {
    match lookup(reply) {
        Lookup::Found { id, .. } => Ok(Some(id)),
        Lookup::None => Ok(None),
        Lookup::Many(count) => {
            let why = format!("the lookup found {count} where at most one may match");
            Err(Trouble::of(reply, why))
        }
        Lookup::Unreadable(why) => Err(Trouble::of(reply, why)),
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Page {
    /// How many resources are on it.
    pub(super) count: usize,
    /// Their ids.
    pub(super) ids: Vec<String>,
    /// How many there are in all, as the target says.
    pub(super) total: Option<u64>,
}

/// Reads one page of a list.
pub(super) fn page(reply: &Reply) -> Result<Page, Trouble> {
    if !reply.ok() {
        let why = format!("the target answered {} to the list", reply.status);
        return Err(Trouble::of(reply, why));
    }
    let Some(resources) = resources(reply) else {
        let why = "the answer to the list is not a list".to_owned();
        return Err(Trouble::of(reply, why));
    };
    let ids = resources.iter().filter_map(id_of).map(str::to_owned);
    let total = reply.json().and_then(|list| list.get("totalResults"));
    let total = total.and_then(Value::as_i64);
    Ok(Page {
        count: resources.len(),
        ids: ids.collect(),
        total: total.and_then(|n| u64::try_from(n).ok()),
    })
}
