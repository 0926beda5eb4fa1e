//! The prober sends what no IdP sends, on resources of its own.

use std::collections::BTreeMap;

use crate::fact::Basis;
use crate::scenario::{Credentials, ProbeSpec};
use crate::wire::{Origin, Request, Show, Wire};

/// A token that no target gave out. It is constant, so that runs are alike.
const NO_TOKEN: &str = "Bearer scimulate-never-issued-0000000000";

/// Sends one probe and captures what later ones need.
///
/// # Errors
/// A value that the probe needs is missing: the text says which.
pub(super) async fn probe(
    wire: &Wire,
    spec: &ProbeSpec,
    values: &mut BTreeMap<String, String>,
) -> Result<(), String> {
    let filled = spec.fill(values).map_err(|e| e.to_string())?;
    let wire = wire.origin(Origin::Probe).speaking(|context| {
        context.by.judges.clone_from(&spec.judges);
        context.by.demand.clone_from(&filled.demand);
        context.show = match spec.credentials {
            Credentials::Right => Show::Right,
            Credentials::None => Show::None,
            Credentials::Wrong => Show::Other(NO_TOKEN.to_owned()),
        };
    });
    let mut request = Request::new(spec.method, filled.target, Basis::documented("rfc7644/3"));
    request.beside = filled.headers;
    request.body = filled.body;
    let reply = match wire.send(request).await {
        Ok(reply) => reply,
        Err(failure) => return Err(failure.to_string()),
    };
    for (name, pointer) in &spec.capture {
        let json = serde_json::from_str::<serde_json::Value>(&reply.body.text).unwrap_or_default();
        let found = match json.pointer(pointer) {
            Some(serde_json::Value::String(text)) => Some(text.clone()),
            Some(value @ (serde_json::Value::Number(_) | serde_json::Value::Bool(_))) => {
                Some(value.to_string())
            }
            _ => None,
        };
        match found {
            Some(value) => values.insert(name.clone(), value),
            // A later probe that needs it says that it is missing.
            None => values.remove(name),
        };
    }
    Ok(())
}
