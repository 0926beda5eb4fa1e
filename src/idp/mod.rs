//! The identity providers: how each variant turns events into requests.
//!
//! A dialect reads like the vendor's own sequence, top to bottom: one sequential async function for each thing an
//! administrator does (Entra: one for each phase of its cycle), branching on what came back. It may not know what was
//! promised: promises come from the policy, which in turn may not name a dialect.

mod answer;
#[cfg(test)]
mod chaos;
pub mod custom;
pub mod entra;
#[cfg(test)]
mod good;
pub mod jumpcloud;
pub mod okta;
mod place;
mod query;
mod report;
#[cfg(test)]
mod script;
#[cfg(test)]
mod stage;
mod switches;
mod variant;

pub use answer::{Lookup, id_of};
pub use query::{Encoding, equals};
pub use report::{JobReport, Outcome};
pub use switches::{Switch, SwitchError};
pub use variant::{Setup, UnknownIdp, VARIANTS, Variant, every, names, select, select_from};

use futures_util::future::BoxFuture;

use crate::directory::{Directory, Event, Group, Person};
use crate::wire::{Reply, Request, Wire};

/// One variant of an IdP, with its memory of one app: links to the target's ids, what it pushed last, what failed.
pub trait Dialect: Send {
    /// Does everything that the events of one step make the IdP do, and returns when it has caught up.
    ///
    /// `before` is the directory as it stood before the step, `now` with all its events applied.
    fn perform<'a>(
        &'a mut self,
        events: &'a [Event],
        before: &'a Directory,
        now: &'a Directory,
        wire: &'a Wire,
    ) -> BoxFuture<'a, Vec<JobReport>>;

    /// The request by which the IdP looks for a person, byte for byte.
    fn find_person(&self, person: &Person) -> Request;

    /// The request by which the IdP looks for a group, byte for byte.
    fn find_group(&self, group: &Group) -> Request;

    /// Reads the reply to either lookup by the IdP's own rules.
    fn read_lookup(&self, reply: &Reply) -> Lookup;

    /// The groups that an event makes the IdP create under the same name at every target, so that no name says whose they
    /// are: where a target has one of that name already, the story is passed over.
    fn constant_groups(&self, _event: &Event) -> &'static [&'static str] {
        &[]
    }
}
