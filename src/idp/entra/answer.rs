//! How Entra reads answers (entra/1.2, entra/1.3).

use std::time::Duration;

use crate::idp::{Lookup, Outcome, id_of};
use crate::scim::Value;
use crate::wire::{Basis, Failure, FailureKind, Reply};

/// What a request was sent for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    /// A query by filter: a probe, a match, a check.
    Query,
    /// A GET by id.
    Read,
    /// A POST.
    Create,
    /// A PATCH of attributes.
    Update,
    /// A PATCH of members or manager.
    Reference,
    /// A DELETE.
    Delete,
}

/// Why an object was given up for this cycle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    /// The exchange that ended it, if it was one.
    pub(super) exchange: Option<u64>,
    /// Why, as a sentence.
    pub(super) why: String,
    /// The provisioning log's code.
    pub(super) code: &'static str,
    /// How it is known that Entra reacts so.
    pub(super) basis: Basis,
    /// How far it reaches.
    pub(super) reach: Reach,
}

/// How far a trouble reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// The object fails and is tried again in the next cycle.
    Object,
    /// The linked object is gone.
    Gone,
    /// The request was held back: nothing more is sent for this object.
    Held,
    /// The job is quarantined at once: the cycle ends.
    Job,
    /// The run on demand fails, and nothing else.
    Run,
}

impl Trouble {
    /// A trouble that no exchange caused.
    pub(super) fn without_exchange(why: &str, code: &'static str, basis: Basis) -> Self {
        Self {
            exchange: None,
            why: why.to_owned(),
            code,
            basis,
            reach: Reach::Object,
        }
    }

    /// The same trouble where it met a run on demand: it reaches no further.
    pub(super) fn of_one_run(self) -> Self {
        match self.reach {
            Reach::Held => self,
            _ => Self {
                reach: Reach::Run,
                ..self
            },
        }
    }

    /// What the job's report says.
    pub(super) fn outcome(self) -> Outcome {
        let then = match self.reach {
            Reach::Object | Reach::Gone => "failed; the next cycle tries the object again",
            Reach::Run => "failed, as the page of the run on demand shows",
            // The real service would have written, and nobody would have been told.
            Reach::Held => "success, on a record that the app had before",
            Reach::Job => "the job is in quarantine, and an e-mail tells the administrators so",
        };
        Outcome::Stopped {
            exchange: self.exchange,
            why: self.why,
            admin_sees: format!("Provisioning log: {}; {then}", self.code),
            basis: self.basis,
        }
    }
}

/// What a request that got no reply means.
pub(super) fn failed(failure: &Failure) -> Trouble {
    let (code, reach, basis) = match failure.kind {
        FailureKind::Guarded => ("Update", Reach::Held, Basis::inferred("entra/1.2")),
        // Without a token there is nothing to show: credentials are invalid before the target is even asked.
        FailureKind::Credentials => (
            "InvalidCredentials",
            Reach::Job,
            Basis::inferred("entra/1.2/3"),
        ),
        FailureKind::TimedOut | FailureKind::Injected => {
            ("Timeout", Reach::Object, Basis::documented("entra/1.2/10"))
        }
        FailureKind::Unreachable
        | FailureKind::Tls
        | FailureKind::Closed
        | FailureKind::Unreadable => (
            "WebExceptionProtocolError",
            Reach::Object,
            Basis::documented("entra/1.2/10"),
        ),
    };
    Trouble {
        exchange: Some(failure.exchange),
        why: failure.message.clone(),
        code,
        basis,
        reach,
    }
}

/// Whether a reply is what the action needs; if not, what Entra makes of its status.
pub(super) fn judge(action: Action, reply: &Reply) -> Result<(), Trouble> {
    use Action as A;
    if reply.ok() {
        return Ok(());
    }
    let documented = Basis::documented;
    let inferred = Basis::inferred;
    let (code, reach, basis) = match (reply.status, action) {
        // What is gone need not be deleted.
        (404, A::Delete) => return Ok(()),
        (400, _) => (
            "SystemForCrossDomainIdentityManagementBadRequest",
            Reach::Object,
            documented("entra/1.2/2"),
        ),
        (401, _) => ("Unauthorized", Reach::Job, documented("entra/1.2/3")),
        (403, _) => ("InsufficientRights", Reach::Job, documented("entra/1.2/3")),
        (404, A::Query) => (
            "SystemForCrossDomainIdentityManagementServiceIncompatible",
            Reach::Job,
            documented("entra/1.2/4"),
        ),
        (404, A::Read) => ("InvalidAnchor", Reach::Gone, documented("entra/1.2/5")),
        (404, A::Update) => ("InvalidAnchor", Reach::Object, documented("entra/1.3/5")),
        (404, A::Reference) => ("InvalidAnchor", Reach::Object, documented("entra/1.3/8")),
        (404, A::Create) => (
            "SystemForCrossDomainIdentityManagementServiceIncompatible",
            Reach::Object,
            inferred("entra/3.3/10"),
        ),
        (405, _) => ("MethodNotAllowed", Reach::Object, inferred("entra/1.2/3")),
        (409, A::Query) => (
            "SystemForCrossDomainIdentityManagementServiceIncompatibleFiltering",
            Reach::Object,
            Basis::reported("entra/1.2/7"),
        ),
        (409, A::Create) => ("EntryConflict", Reach::Object, documented("entra/1.2/6")),
        (409, A::Reference) => ("Conflict", Reach::Object, Basis::reported("entra/1.2/8")),
        (409, _) => ("Conflict", Reach::Object, inferred("entra/1.3/5")),
        (422, _) => (
            "UnprocessableEntity",
            Reach::Object,
            documented("entra/1.2/12"),
        ),
        (429, _) => ("TooManyRequests", Reach::Object, documented("entra/1.2/9")),
        (501, _) => ("NotImplemented", Reach::Object, documented("entra/1.2/11")),
        (500.., _) => (
            "InternalServerError",
            Reach::Object,
            documented("entra/1.2/10"),
        ),
        (_, _) => (
            "WebExceptionProtocolError",
            Reach::Object,
            inferred("entra/1.2"),
        ),
    };
    Err(Trouble {
        exchange: Some(reply.exchange),
        why: format!("the target answered {} to {}", reply.status, what(action)),
        code,
        basis,
        reach,
    })
}

/// How long a 429 asks to be left alone, where it says so in seconds.
pub(super) fn asks_for_patience(reply: &Reply) -> Option<Duration> {
    let seconds = reply
        .header("Retry-After")
        .filter(|_| reply.status == 429)?;
    seconds.trim().parse().ok().map(Duration::from_secs)
}

fn what(action: Action) -> &'static str {
    match action {
        Action::Query => "a query that is to be answered 200 with a list",
        Action::Read => "the GET of an object that it had created or shown",
        Action::Create => "the POST that creates the object",
        Action::Update => "the PATCH of the object's attributes",
        Action::Reference => "the PATCH of a reference",
        Action::Delete => "the DELETE",
    }
}

/// Reads the answer to a query: a list is needed, each of its resources with an id (entra/1/22, entra/1/23).
pub(super) fn lookup(reply: &Reply) -> Lookup {
    if !reply.ok() {
        return Lookup::Unreadable(format!(
            "HTTP {} where 200 with a list is expected",
            reply.status
        ));
    }
    let Some(list) = reply.json().and_then(Value::as_object) else {
        return Lookup::Unreadable("the answer to a query is not a JSON object".to_owned());
    };
    let resources = match list.get("Resources") {
        Some(Value::Array(resources)) => resources.as_slice(),
        // RFC 7644 §3.4.2 lets an empty list go without its resources.
        None | Some(Value::Null) if list.get("totalResults").and_then(Value::as_i64) == Some(0) => {
            &[]
        }
        _ => return Lookup::Unreadable("the answer to a query is not a ListResponse".to_owned()),
    };
    Lookup::among(resources)
}

/// Reads the answer to a query of which more than one hit is an error.
pub(super) fn at_most_one(reply: &Reply) -> Result<Option<(String, Value)>, Trouble> {
    judge(Action::Query, reply)?;
    match lookup(reply) {
        Lookup::Found { id, resource } => Ok(Some((id, resource))),
        Lookup::None => Ok(None),
        Lookup::Many(count) => Err(Trouble {
            exchange: Some(reply.exchange),
            why: format!("the target found {count} objects where at most one may match"),
            code: "DuplicateTargetEntries",
            basis: Basis::documented("entra/1.2/13"),
            reach: Reach::Object,
        }),
        Lookup::Unreadable(why) => Err(incompatible(reply, &why)),
    }
}

/// Reads the answer to a probe or a check: how many there are does not matter to a probe.
pub(super) fn list(reply: &Reply) -> Result<usize, Trouble> {
    judge(Action::Query, reply)?;
    match lookup(reply) {
        Lookup::Found { .. } => Ok(1),
        Lookup::None => Ok(0),
        Lookup::Many(count) => Ok(count),
        Lookup::Unreadable(why) => Err(incompatible(reply, &why)),
    }
}

/// Reads the answer to a GET by id.
pub(super) fn resource(reply: &Reply) -> Result<Value, Trouble> {
    judge(Action::Read, reply)?;
    let Some(json) = reply.json().filter(|json| json.as_object().is_some()) else {
        return Err(incompatible(
            reply,
            "the answer to a GET is not a JSON object",
        ));
    };
    if json.get("Resources").is_some() {
        return Err(Trouble {
            exchange: Some(reply.exchange),
            why: "the target answered the GET of one object with a list".to_owned(),
            code: "SystemForCrossDomainIdentityManagementMultipleEntriesInResponse",
            basis: Basis::documented("entra/1.2/13"),
            reach: Reach::Object,
        });
    }
    if id_of(json).is_none() {
        return Err(incompatible(reply, "the resource has no `id`"));
    }
    Ok(json.clone())
}

/// Reads the answer to a POST, which has to carry the new object's id.
pub(super) fn created(reply: &Reply) -> Result<(String, Value), Trouble> {
    judge(Action::Create, reply)?;
    let made = reply.json().and_then(|json| Some((id_of(json)?, json)));
    let (id, resource) = made.ok_or_else(|| Trouble {
        exchange: Some(reply.exchange),
        why: format!(
            "the target answered {} to the POST, but without the new object's `id`",
            reply.status
        ),
        code: "SystemForCrossDomainIdentityManagementServiceIncompatible",
        basis: Basis::inferred("entra/3.3/13"),
        reach: Reach::Object,
    })?;
    Ok((id.to_owned(), resource.clone()))
}

/// Whatever does not read as SCIM makes the whole service incompatible (entra/1/21).
fn incompatible(reply: &Reply, why: &str) -> Trouble {
    Trouble {
        exchange: Some(reply.exchange),
        why: format!("the target's answer cannot be read: {why}"),
        code: "SystemForCrossDomainIdentityManagementServiceIncompatible",
        basis: Basis::documented("entra/1/21"),
        reach: Reach::Job,
    }
}
