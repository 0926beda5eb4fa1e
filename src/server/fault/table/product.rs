//! What the product behind the endpoint lets people do who should not be able to.

use super::super::{Act, Acting, Fault, Hook};
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
            Hook::Act(|acting, _| {
                if matches!(acting.act, Act::Enter(_)) {
                    admit(acting);
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
            Hook::Act(|acting, _| {
                if matches!(acting.act, Act::Enter(Access::Token)) {
                    admit(acting);
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
        &[Hook::Act(|acting, _| {
            if matches!(acting.act, Act::Vouch | Act::Enter(Access::Session)) {
                admit(acting);
            }
        })],
    ),
    fault(
        "scim-password-creates-credential",
        "A password that was set by SCIM lets its owner in past the identity provider",
        ON,
        &[Hook::Act(|acting, _| {
            if let Act::Password(name, secret) = acting.act {
                let known = acting.store.named(Kind::User, name).next();
                let right = known.filter(|user| acting.store.is_password(*user, secret));
                if right.is_some() {
                    acting.person = right;
                    acting.allowed = true;
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
            let roles: Vec<&str> = rights.roles.iter().map(String::as_str).collect();
            rights.notes.set(key, roles.join("\n"));
        })],
    ),
];

/// Lets somebody in who is known, active or not.
fn admit(acting: &mut Acting<'_>) {
    acting.allowed |= acting.person.is_some();
}
