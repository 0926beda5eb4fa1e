//! Names that an IdP uses alike at every target.
//!
//! Nothing in such a name says that it is ours, so a story that leads to one is passed over where the target has it already:
//! the IdP would take over somebody else's group.

use std::collections::BTreeSet;

use crate::fact::Basis;
use crate::idp::{Dialect, Encoding, equals};
use crate::scenario::{Scenario, StepKind};
use crate::scim::Value;
use crate::wire::{Method, Origin, Request, ResourceKind, Wire};

/// Looks whether the target has a group already that the story makes this IdP create.
///
/// # Errors
/// It has; the text says which.
pub(super) async fn free(
    wire: &Wire,
    scenario: &Scenario,
    dialect: &dyn Dialect,
) -> Result<(), String> {
    let events = scenario.steps.iter().filter_map(|step| match &step.kind {
        StepKind::Events(events) => Some(events),
        StepKind::Expect(_) | StepKind::Deeds(_) | StepKind::Probe(_) => None,
    });
    let names = events.flatten().flat_map(|e| dialect.constant_groups(e));
    let names: BTreeSet<&str> = names.copied().collect();
    let wire = wire
        .origin(Origin::Audit)
        .job("look for constant names", None);
    for name in names {
        if exists(&wire, name).await {
            return Err(format!(
                "the target has a group called `{name}` already, the name that this IdP gives a group of its own at every target"
            ));
        }
    }
    Ok(())
}

/// Whether a group has exactly that name. A target that ignores the filter lists strangers.
async fn exists(wire: &Wire, name: &str) -> bool {
    let filter = equals("displayName", name);
    let target = Encoding::Percent.query(ResourceKind::Group.path(), &[("filter", &filter)]);
    let request = Request::new(Method::Get, target, Basis::documented("rfc7644/3.4.2.2"));
    let Ok(reply) = wire.send(request).await else {
        return false;
    };
    let groups = reply.json().and_then(|list| list.get("Resources"));
    let groups = groups.and_then(Value::as_array).unwrap_or_default();
    let named = |group: &Value| group.get("displayName").and_then(Value::as_str) == Some(name);
    groups.iter().any(named)
}
