//! The faults themselves.

use super::seam::Hook;
use super::{Fault, Verdict};
use crate::server::store::Kind;

/// Every fault, by area.
pub static ALL: &[Fault] = &[
    Fault {
        id: "any-principal-accepted",
        title: "A credential that is not the tenant's is accepted",
        modes: &["on"],
        primary: None,
        hooks: &[Hook::Auth(|admission, _| {
            if admission.verdict == Verdict::Wrong {
                admission.verdict = Verdict::Granted;
            }
        })],
    },
    Fault {
        id: "username-filter-case-sensitive",
        title: "A filter on userName compares case",
        modes: &["on"],
        primary: None,
        hooks: &[Hook::Filter(|filtering, _| {
            if filtering.kind == Kind::User {
                filtering.exact = true;
            }
        })],
    },
];
