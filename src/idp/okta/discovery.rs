//! What Okta reads of a target's own description: schemas and entitlements, only where they are switched on (`okta/11`).
//!
//! `/Me`, `/.search` and `/Bulk` are never called, and `/ServiceProviderConfig` by the agent alone (`okta/13/5`).

use super::Moment;
use super::dialect::Okta;
use super::headers::bare;
use super::job::{Step, Stop};
use super::settings::ProviderConfig;
use crate::idp::Outcome;
use crate::scim::Value;
use crate::wire::{Basis, Method, Reply};

const CONFIGURE: Step = Step {
    trouble: "The dialog says that the connector could not be reached or does not say what it supports",
    stops: |_| Basis::reported("okta/13/5"),
};
const DISCOVER: Step = Step {
    trouble: "Provisioning tab: the app's schema could not be discovered",
    stops: |_| Basis::inferred("okta/11.3"),
};

/// The URNs of the resources that can be granted (`okta/11.3/4`, `okta/11.3/5`).
const GRANTABLE: [&str; 2] = [
    "urn:okta:scim:schemas:core:1.0:Role",
    "urn:okta:scim:schemas:core:1.0:Entitlement",
];

/// Where the provider's configuration lists what the app may do (`okta/13/5`), and what announces imports of recent changes.
const PROVIDER: &str = "urn:okta:schemas:scim:providerconfig:1.0";
const INCREMENTAL: &str = "OPP_SCIM_INCREMENTAL_IMPORTS";

impl Okta {
    /// What the agent reads when it is configured. Which features the app has is what the administrator then sees in the
    /// console, and here the app's settings say so.
    pub(super) async fn read_provider_config(
        &mut self,
        moment: Moment<'_>,
    ) -> Result<Outcome, Stop> {
        let (path, basis) = match self.switches.provider_config {
            ProviderConfig::Plural => ("/ServiceProviderConfigs", Basis::documented("okta/13/5")),
            _ => ("/ServiceProviderConfig", Basis::reported("okta/13/5")),
        };
        let request = bare(Method::Get, path.to_owned(), basis);
        let reply = CONFIGURE.get_done(moment.wire, request).await?;
        let capabilities = reply
            .json()
            .and_then(|config| config.at(&[PROVIDER, "userManagementCapabilities"]))
            .and_then(Value::as_array)
            .unwrap_or_default();
        let announced = |name: &Value| name.as_str() == Some(INCREMENTAL);
        self.memory.announces_incremental = capabilities.iter().any(announced);
        Ok(Outcome::Done)
    }

    /// *Import User Schema*: the schemas, then the resource types for the extensions of User (`okta/11`).
    pub(super) async fn import_schema(&self, moment: Moment<'_>) -> Result<Outcome, Stop> {
        let basis = Basis::documented("okta/11");
        self.describe("/Schemas", basis.clone(), moment).await?;
        self.describe("/ResourceTypes", basis, moment).await?;
        Ok(Outcome::Done)
    }

    /// Entitlement management: the resource types, the schemas, then everything that can be granted (`okta/11.3`).
    pub(super) async fn discover_entitlements(&self, moment: Moment<'_>) -> Result<Outcome, Stop> {
        let basis = Basis::documented("okta/11.3/1");
        let types = self.describe("/ResourceTypes", basis, moment).await?;
        let basis = Basis::documented("okta/11.3/2");
        self.describe("/Schemas", basis, moment).await?;
        for endpoint in resources(&types).iter().filter_map(grantable_endpoint) {
            let basis = Basis::documented("okta/11.3/3");
            self.pages(endpoint, None, basis, moment).await?;
        }
        Ok(Outcome::Done)
    }

    async fn describe(&self, path: &str, basis: Basis, moment: Moment<'_>) -> Result<Reply, Stop> {
        let request = bare(Method::Get, path.to_owned(), basis);
        DISCOVER.get_done(moment.wire, request).await
    }
}

/// What a list holds; a bare array is taken for one.
fn resources(reply: &Reply) -> &[Value] {
    let body = reply.json();
    let listed = body.and_then(|body| body.get("Resources"));
    listed
        .or(body)
        .and_then(Value::as_array)
        .unwrap_or_default()
}

/// The endpoint of a resource type that can be granted. It is a text from the target, and stays a path of the target's.
fn grantable_endpoint(kind: &Value) -> Option<&str> {
    let schema = kind.get("schema")?.as_str()?;
    let endpoint = kind.get("endpoint")?.as_str()?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "/-_.~".contains(c);
    let path = endpoint.starts_with('/') && endpoint.chars().all(plain);
    let inside = !endpoint.split('/').any(|part| part == "." || part == "..");
    (GRANTABLE.contains(&schema) && path && inside).then_some(endpoint)
}
