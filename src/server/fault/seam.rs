//! The seams: points that every request passes, each with what a fault may see and change there.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Method};

use super::{Faults, Notes};
use crate::scim::message::Query;
use crate::scim::patch::Operation;
use crate::scim::{Filter, Object, Value};
use crate::server::bulk;
use crate::server::credential::Access;
use crate::server::handler::{Route, State};
use crate::server::product::Write;
use crate::server::reply::{Failure, Reply};
use crate::server::settings::Leniency;
use crate::server::store::{Draft, Kind, Row, Store};

/// What the credentials of a request are worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::server) enum Verdict {
    /// They open the tenant.
    Granted,
    /// There are none.
    Missing,
    /// They do not open the tenant.
    Wrong,
}

/// Who asks, and whether that is enough.
#[derive(Debug)]
pub(in crate::server) struct Admission<'a> {
    pub(in crate::server) headers: &'a HeaderMap,
    pub(in crate::server) verdict: Verdict,
}

/// A request that was let in.
#[derive(Debug)]
pub(in crate::server) struct Incoming<'a> {
    pub(in crate::server) method: &'a Method,
    pub(in crate::server) route: &'a Route,
    pub(in crate::server) headers: &'a mut HeaderMap,
    pub(in crate::server) query: &'a mut Query,
    pub(in crate::server) bulk: &'a mut bulk::Limits,
    pub(in crate::server) notes: &'a Notes,
    /// An answer in the server's place.
    pub(in crate::server) answer: Option<Reply>,
}

/// A request as it arrived, before anything is done with it.
#[derive(Debug)]
pub(in crate::server) struct Arriving<'a> {
    pub(in crate::server) method: &'a Method,
    pub(in crate::server) route: &'a Route,
    pub(in crate::server) query: &'a str,
    pub(in crate::server) body: &'a [u8],
    /// The tenant that it came to. Nobody looks into two tenants' stores at the same time.
    pub(in crate::server) tenant: &'a State,
    /// The server's other tenants.
    pub(in crate::server) others: &'a [Arc<State>],
    /// How long it waits before it is answered.
    pub(in crate::server) pause: Duration,
    /// An answer in the server's place.
    pub(in crate::server) answer: Option<Reply>,
    /// Serves it from what another tenant holds.
    pub(in crate::server) instead: Option<Arc<State>>,
    /// Does the same, if it is done, to the resource of that id in another tenant.
    pub(in crate::server) also: Option<(Arc<State>, String)>,
}

/// A body that was read.
#[derive(Debug)]
pub(in crate::server) struct Body<'a> {
    pub(in crate::server) method: &'a Method,
    pub(in crate::server) kind: Kind,
    pub(in crate::server) store: &'a Store,
    pub(in crate::server) value: &'a mut Value,
    pub(in crate::server) refuse: Option<Failure>,
}

/// A PATCH before its first operation.
#[derive(Debug)]
pub(in crate::server) struct Patching<'a> {
    pub(in crate::server) kind: Kind,
    pub(in crate::server) store: &'a Store,
    pub(in crate::server) operations: &'a mut Vec<Operation>,
    /// The resource as it stands.
    pub(in crate::server) before: &'a Object,
    pub(in crate::server) leniency: &'a mut Leniency,
    pub(in crate::server) notes: &'a Notes,
    pub(in crate::server) refuse: Option<Failure>,
}

/// A write before it is stored, and before names are compared.
#[derive(Debug)]
pub(in crate::server) struct Commit<'a> {
    pub(in crate::server) method: &'a Method,
    pub(in crate::server) kind: Kind,
    pub(in crate::server) store: &'a Store,
    /// The resource as it stands, unless it is new.
    pub(in crate::server) row: Option<&'a Row>,
    pub(in crate::server) draft: &'a mut Draft,
    pub(in crate::server) notes: &'a Notes,
    /// Refuses the write …
    pub(in crate::server) refuse: Option<Failure>,
    /// … although it is done.
    pub(in crate::server) keep: bool,
    /// Writes to this resource in place of a new one.
    pub(in crate::server) instead: Option<u32>,
    /// Writes to another resource as well.
    pub(in crate::server) elsewhere: Option<(u32, Draft)>,
    /// Creates another resource as well.
    pub(in crate::server) beside: Option<(Kind, Draft)>,
    /// Does not ask whether a seat is free and an administrator left.
    pub(in crate::server) unguarded: bool,
}

/// A write that is about to be refused: an operation of a PATCH failed, or a name is taken.
#[derive(Debug)]
pub(in crate::server) struct Refusal<'a> {
    pub(in crate::server) kind: Kind,
    pub(in crate::server) method: &'a Method,
    /// The name that is taken, as the client wrote it and as the other resource has it; none if it is not about a name.
    pub(in crate::server) names: Option<(&'a str, &'a str)>,
    /// Without it the write goes on.
    pub(in crate::server) failure: Option<Failure>,
    /// Stores what the operations before did.
    pub(in crate::server) keep: bool,
}

/// A filter, read or not.
#[derive(Debug)]
pub(in crate::server) struct Filtering<'a> {
    pub(in crate::server) kind: Kind,
    pub(in crate::server) text: &'a str,
    pub(in crate::server) filter: &'a mut Result<Option<Filter>, Failure>,
    /// Case counts for every text.
    pub(in crate::server) exact: bool,
}

/// What a query found, before a page is cut.
#[derive(Debug)]
pub(in crate::server) struct Found<'a> {
    pub(in crate::server) kind: Kind,
    pub(in crate::server) store: &'a Store,
    pub(in crate::server) found: &'a mut Vec<u32>,
    pub(in crate::server) filtered: bool,
    pub(in crate::server) start: &'a mut usize,
    pub(in crate::server) count: &'a mut usize,
    pub(in crate::server) refuse: Option<Failure>,
}

/// A list before it is written.
#[derive(Debug)]
pub(in crate::server) struct Listing<'a> {
    pub(in crate::server) total: &'a mut i64,
    pub(in crate::server) all: usize,
    pub(in crate::server) asked: Option<i64>,
    pub(in crate::server) per_page: &'a mut i64,
    pub(in crate::server) shown: usize,
    pub(in crate::server) refuse: Option<Failure>,
}

/// Where a resource is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::server) enum Place {
    /// By itself.
    Single,
    /// In a list.
    List,
    /// In the answer to a write.
    Write,
}

/// A resource before it is shown.
#[derive(Debug)]
pub(in crate::server) struct Showing<'a> {
    pub(in crate::server) kind: Kind,
    pub(in crate::server) place: Place,
    /// Only a part of it was asked for.
    pub(in crate::server) projected: bool,
    pub(in crate::server) notes: &'a Notes,
    pub(in crate::server) resource: &'a mut Object,
}

/// A resource before it is deleted.
#[derive(Debug)]
pub(in crate::server) struct Removal<'a> {
    pub(in crate::server) kind: Kind,
    pub(in crate::server) row: &'a Row,
    pub(in crate::server) refuse: Option<Failure>,
    /// Answers as if it were done.
    pub(in crate::server) ignore: bool,
    /// Does not ask whether an administrator is left.
    pub(in crate::server) unguarded: bool,
}

/// What is done at the product.
#[derive(Debug)]
pub(in crate::server) enum Act<'a> {
    /// Somebody comes in for whom the identity provider vouches.
    Vouch,
    /// Somebody comes in by name and password.
    Password(&'a str, &'a str),
    /// Somebody comes in after a sign-on with claims.
    SignOn {
        /// The user name.
        name: &'a str,
        /// The names of the groups, if the claims speak of groups.
        groups: Option<&'a [&'a str]>,
    },
    /// Somebody comes in by what was opened or made before.
    Enter(Access),
    /// A person of that name is made of whom SCIM knows nothing.
    LetIn(&'a str),
    /// Somebody makes a token for provisioning.
    MakeToken,
    /// Provisioning is switched on or off.
    Switch(bool),
}

/// Something that is about to be done at the product.
#[derive(Debug)]
pub(in crate::server) struct Acting<'a> {
    pub(in crate::server) store: &'a Store,
    pub(in crate::server) act: Act<'a>,
    /// Who does it, if that is known.
    pub(in crate::server) person: Option<u32>,
    /// Whether it is done.
    pub(in crate::server) allowed: bool,
    /// What is written to SCIM's resources as well.
    pub(in crate::server) writes: Vec<Write>,
}

/// What a person may do in the product because of groups.
#[derive(Debug)]
pub(in crate::server) struct Rights<'a> {
    pub(in crate::server) row: &'a Row,
    /// All groups that the person is in.
    pub(in crate::server) groups: &'a [&'a Row],
    pub(in crate::server) notes: &'a Notes,
    pub(in crate::server) roles: &'a mut BTreeSet<String>,
}

/// An answer on its way out.
#[derive(Debug)]
pub(in crate::server) struct Outgoing<'a> {
    pub(in crate::server) method: &'a Method,
    pub(in crate::server) route: &'a Route,
    pub(in crate::server) notes: &'a Notes,
    pub(in crate::server) reply: &'a mut Reply,
}

macro_rules! seams {
    ($($(#[$doc:meta])* $method:ident $variant:ident $view:ident;)*) => {
        /// What a fault does, and at which seam; the text is the fault's mode.
        #[derive(Debug)]
        pub(super) enum Hook {
            $($(#[$doc])* $variant(fn(&mut $view<'_>, &str)),)*
        }

        impl Hook {
            /// The seam's name.
            pub(super) fn seam(&self) -> &'static str {
                match self {
                    $(Self::$variant(_) => stringify!($method),)*
                }
            }
        }

        impl Faults {
            $($(#[$doc])*
            pub(in crate::server) fn $method(&self, view: &mut $view<'_>) {
                for (hook, mode) in self.hooks() {
                    if let Hook::$variant(act) = hook {
                        act(view, mode);
                    }
                }
            })*
        }
    };
}

seams! {
    /// Credentials were checked.
    auth Auth Admission;
    /// A request was let in and has arrived as a whole.
    arrive Arrive Arriving;
    /// Its address was read.
    request Request Incoming;
    /// A body was read.
    body Body Body;
    /// A PATCH is about to begin.
    patch Patch Patching;
    /// A write is about to be stored.
    commit Commit Commit;
    /// A write is about to be refused.
    refusal Refusal Refusal;
    /// A filter was read.
    filter Filter Filtering;
    /// A query found its resources.
    found Found Found;
    /// A page was cut.
    list List Listing;
    /// A resource is about to be shown.
    show Show Showing;
    /// A resource is about to be deleted.
    removal Removal Removal;
    /// Something is about to be done at the product.
    act Act Acting;
    /// What somebody may do in the product was found out.
    rights Rights Rights;
    /// The answer is complete.
    reply Reply Outgoing;
}

impl Faults {
    /// Whether resources must be made into values before they are shown.
    pub(in crate::server) fn change_what_is_shown(&self) -> bool {
        self.hooks().any(|(hook, _)| matches!(hook, Hook::Show(_)))
    }
}
