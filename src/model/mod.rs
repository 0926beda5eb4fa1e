//! What was promised to the IdP's customer, what is observed at the target, and where the two differ.
//!
//! The promised state is computed from the directory, the app's settings and the policy, never by applying what was
//! sent: this module knows neither PATCH nor filters nor the wire.

mod diff;
mod observation;
mod policy;
mod promise;

pub use diff::{Comparison, Difference, Divergence, compare};
pub use observation::{Observation, Presence, Seen, read_group, read_person};
pub use policy::{LINES, Line, Policy, Seed, find as policy_line};
pub use promise::{Aspect, Datum, Promise, Want};
