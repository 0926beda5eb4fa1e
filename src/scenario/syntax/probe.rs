//! A raw request of the prober as it is written.

use schemars::JsonSchema;
use serde::Deserialize;

use super::wrapper::{Field, Json, Many, Named, Spot, Text};
use crate::scenario::{Beyond, Credentials};

/// A raw request. `${instance}`, `${mail-domain}`, `${password}`, `${administrator}` (the administrator's role at the product)
/// and captured names stand for their values in the path, headers and body, and the name of a person or a group for its id;
/// `${name|upper}` writes capitals, `${name|query}` escapes for a query.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename = "probe", rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::scenario) struct Probe {
    /// Method and path below the base URL: `GET /Users?startIndex=1&count=2`.
    pub(in crate::scenario) send: Text,
    /// Headers beside those that every request has.
    #[serde(default)]
    pub(in crate::scenario) headers: Field<Named<Text>>,
    /// The body: a mapping is sent as JSON, a text as it stands.
    #[serde(default)]
    pub(in crate::scenario) body: Field<Spot<Json>>,
    /// Which limit of bulk requests the body is made to pass by one; the story is passed over where the target names none.
    #[serde(default)]
    pub(in crate::scenario) beyond: Field<Spot<Beyond>>,
    /// Which credentials are sent: the `right` ones if nothing is said. With `other-tenant` the request goes to the second
    /// customer's tenant, and the story is played where one is known.
    #[serde(default)]
    pub(in crate::scenario) credentials: Field<Credentials>,
    /// A captured name: without a value for it the probe is passed over, and the story goes on.
    #[serde(default)]
    pub(in crate::scenario) only_with: Field<Text>,
    /// The requirements that the answer is judged by.
    #[serde(default)]
    pub(in crate::scenario) judges: Field<Many<Text>>,
    /// Names for parts of the answer, each by its JSON pointer: `{id: /id}`.
    #[serde(default)]
    pub(in crate::scenario) capture: Field<Named<Text>>,
    /// What the vendor's own test demands of the answer; a requirement of the area `listing` judges it.
    #[serde(default)]
    pub(in crate::scenario) answer: Field<Answer>,
}

/// What a vendor's own test demands of an answer.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename = "answer", rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::scenario) struct Answer {
    /// The vendor's name for the step.
    pub(in crate::scenario) test: Text,
    /// The status, or the statuses of which one must be; any success if nothing is said.
    #[serde(default)]
    pub(in crate::scenario) status: Field<Many<Spot<u16>>>,
    /// How many results the list must have.
    #[serde(default)]
    pub(in crate::scenario) results: Field<Spot<u32>>,
    /// The values that the resource, or the first of the list, must have: `{active: false, name.givenName: Pia}`.
    #[serde(default)]
    pub(in crate::scenario) has: Field<Named<Spot<Json>>>,
    /// The places that must hold nothing.
    #[serde(default)]
    pub(in crate::scenario) lacks: Field<Many<Text>>,
}
