//! What the product behind the endpoint lets people do who should not be able to.

use super::super::{Entering, Entry, Fault, Hook};
use super::{ON, fault};
use crate::server::credential::Access;
use crate::server::store::Kind;

pub(super) const FAULTS: &[Fault] = &[
    fault(
        "deactivate-leaves-sessions",
        "Sessions and tokens survive a deactivation",
        ON,
        &[
            Hook::Commit(|commit, _| commit.draft.spared = &[Access::Session, Access::Token]),
            Hook::Enter(|entering, _| {
                if matches!(entering.entry, Entry::By(_)) {
                    admit(entering);
                }
            }),
        ],
    ),
    fault(
        "tokens-survive-deactivation",
        "Personal access tokens survive a deactivation",
        ON,
        &[
            Hook::Commit(|commit, _| commit.draft.spared = &[Access::Token]),
            Hook::Enter(|entering, _| {
                if matches!(entering.entry, Entry::By(Access::Token)) {
                    admit(entering);
                }
            }),
        ],
    ),
    fault(
        "reactivation-revives-credentials",
        "Sessions and tokens from before a deactivation work again after a reactivation",
        ON,
        &[Hook::Commit(|commit, _| {
            commit.draft.spared = &[Access::Session, Access::Token];
        })],
    ),
    fault(
        "inactive-person-signs-in",
        "Whoever is deactivated can still sign in",
        ON,
        &[Hook::Enter(|entering, _| {
            if matches!(entering.entry, Entry::Vouched | Entry::By(Access::Session)) {
                admit(entering);
            }
        })],
    ),
    fault(
        "scim-password-creates-credential",
        "A password that was set by SCIM lets its owner in past the identity provider",
        ON,
        &[Hook::Enter(|entering, _| {
            if let Entry::Password(name, secret) = entering.entry {
                let known = entering.store.named(Kind::User, name).next();
                let right = known.filter(|user| entering.store.is_password(*user, secret));
                if right.is_some() {
                    entering.person = right;
                    entering.admitted = true;
                }
            }
        })],
    ),
    fault(
        "group-removal-keeps-role",
        "What a group once allowed stays allowed to whoever leaves it",
        ON,
        &[Hook::Rights(|rights, _| {
            let key = format!("roles of {}", rights.row.id);
            let once = rights.notes.take(&key).unwrap_or_default();
            rights.roles.extend(once.lines().map(str::to_owned));
            rights.roles.sort();
            rights.roles.dedup();
            rights.notes.set(key, rights.roles.join("\n"));
        })],
    ),
];

/// Lets somebody in who is known, active or not.
fn admit(entering: &mut Entering<'_>) {
    entering.admitted |= entering.person.is_some();
}
