//! A profile as it is written.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::directory::{Family, Leavers};
use crate::fact::Confidence;
use crate::idp::Encoding;
use crate::yaml::{Field, Items, Json, Named, Nullable, Spot, Text};

/// An IdP as data: a bundled variant with changes (`based-on`), or an IdP of its own (`directory` and `flows`).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename = "profile", rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("required" = ["idp-profile", "id", "title"]))]
pub(super) struct File {
    /// The version of the format: 1.
    #[serde(default)]
    #[schemars(extend("const" = 1))]
    pub(super) idp_profile: Field<Text>,
    /// The name by which `--idp` selects it: `onelogin`, `okta/our-app`.
    #[serde(default)]
    pub(super) id: Field<Text>,
    /// What its administrators call it.
    #[serde(default)]
    pub(super) title: Field<Text>,
    /// The bundled variant that it behaves like but for what is written here: `okta/catalog-app`.
    #[serde(default)]
    pub(super) based_on: Field<Text>,
    /// Whose directory it resembles: what names it allows, how ids look, what is mapped at first.
    #[serde(default)]
    pub(super) directory: Field<Spot<Family>>,
    /// Headers of every request: another value, or `null` where the IdP does not send that header.
    #[serde(default)]
    pub(super) headers: Field<Named<Nullable<Text>>>,
    /// How queries are encoded, where `flows` are written.
    #[serde(default)]
    pub(super) query: Field<Encoding>,
    /// Lines of the table of mappings, by the place at the target: an attribute of the directory, a text in quotes, or `null`
    /// to take a line out.
    #[serde(default)]
    pub(super) mappings: Field<Named<Nullable<Text>>>,
    /// Switches of the variant that it is based on; `scimulate list idps --format json` shows them.
    #[serde(default)]
    pub(super) switches: Field<Named<Spot<Json>>>,
    /// What its customers are promised.
    #[serde(default)]
    pub(super) promises: Field<Pledges>,
    /// What it sends when something happens. A flow that is not written sends nothing, and nothing is promised of it.
    #[serde(default)]
    pub(super) flows: Field<Flows>,
}

/// What customers are promised where IdPs differ.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(
    rename = "list of promises",
    rename_all = "kebab-case",
    deny_unknown_fields,
    default
)]
#[schemars(rename = "promises")]
pub(super) struct Pledges {
    /// What becomes of the account of whoever is unassigned or deactivated.
    pub(super) unassign: Field<Leavers>,
    /// Whether whoever is suspended may not use the app meanwhile.
    pub(super) suspend_ends_access: Field<bool>,
}

/// The flows. `{name}` in their texts stands for a value: the attributes of the person (`{user-name}`, `{given}` …),
/// `{active}`, `{group-name}`, `{external-id}`, `{id}` (the target's id of whom or what the flow is about), `{member-id}`,
/// `{members}` (whether the group has any), `{test-address}`, and whatever was captured. A member of a body whose value is missing is left out.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(
    rename = "set of flows",
    rename_all = "kebab-case",
    deny_unknown_fields,
    default
)]
#[schemars(rename = "flows")]
pub(super) struct Flows {
    /// The administrator tests the connection.
    pub(super) test_connection: Field<Flow>,
    /// A person is assigned who has no account.
    pub(super) person_assigned: Field<Flow>,
    /// The profile of a person changes who has an account.
    pub(super) person_changed: Field<Flow>,
    /// A person is unassigned or deactivated.
    pub(super) person_left: Field<Flow>,
    /// A person comes back who had an account. What `person-assigned` says if this is not written.
    pub(super) person_returned: Field<Flow>,
    /// A person is suspended.
    pub(super) person_suspended: Field<Flow>,
    /// A person's account in the directory is deleted. What `person-left` says if this is not written.
    pub(super) person_deleted: Field<Flow>,
    /// A group is pushed.
    pub(super) group_pushed: Field<Flow>,
    /// A pushed group gets another name.
    pub(super) group_renamed: Field<Flow>,
    /// A person joins a pushed group.
    pub(super) member_joined: Field<Flow>,
    /// A person leaves a pushed group.
    pub(super) member_left: Field<Flow>,
    /// A pushed group is deleted, or no longer pushed and to be deleted.
    pub(super) group_deleted: Field<Flow>,
}

/// What is sent, one step after the other, and how that is known.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename = "flow", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Flow {
    /// Who says so.
    pub(super) source: Text,
    /// How sure it is.
    pub(super) confidence: Confidence,
    /// The steps in their order.
    pub(super) steps: Items<Spot<Step>>,
}

/// One step: one of `lookup`, `request`, `capture`, `when`, `for-each-member`, with what belongs to it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(
    rename = "flow step",
    rename_all = "kebab-case",
    deny_unknown_fields,
    default
)]
#[schemars(rename = "flow-step")]
pub(super) struct Step {
    /// Reads a list. Whoever is found is the one that the flow is about from then on.
    pub(super) lookup: Field<Spot<Lookup>>,
    /// What follows a lookup that finds one.
    pub(super) found: Field<Items<Spot<Step>>>,
    /// What follows a lookup that finds nothing.
    pub(super) none: Field<Items<Spot<Step>>>,
    /// Sends a request: `PUT /Users/{id}`. An error ends the flow, unless `on` says what follows.
    pub(super) request: Field<Text>,
    /// The request's body. `mapped: all` stands for the mapped values, `{for-each-member: …}` for a list with an element for
    /// each member.
    pub(super) body: Field<Spot<Json>>,
    /// What follows an error of that status, in place of the flow's end: `{409: […]}`.
    pub(super) on: Field<Named<Items<Spot<Step>>>>,
    /// How many members one request has at most, as a number or `{name}`; none or 0 is no bound.
    pub(super) members_per_request: Field<Text>,
    /// Keeps parts of the last answer, each by its JSON pointer: `{id: /id}`. `id` has to be there.
    pub(super) capture: Field<Named<Text>>,
    /// A value's name: what follows depends on whether it is there and not `false`.
    pub(super) when: Field<Text>,
    /// What follows if it is so.
    pub(super) then: Field<Items<Spot<Step>>>,
    /// What follows if it is not so.
    #[serde(rename = "else")]
    pub(super) otherwise: Field<Items<Spot<Step>>>,
    /// Steps for each member of the group.
    pub(super) for_each_member: Field<Spot<Items<Spot<Step>>>>,
}

/// A list that is read, and who is looked for in it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename = "lookup", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Lookup {
    /// Which list.
    pub(super) list: Resources,
    /// Asks the target for one, by a filter: `{userName: "{user-name}"}`.
    #[serde(rename = "where", default)]
    pub(super) filter: Field<Named<Text>>,
    /// Reads the whole list and picks one out of it: `{displayName: "{group-name}"}`.
    #[serde(default)]
    pub(super) pick: Field<Named<Text>>,
    /// What the query ends with.
    #[serde(default)]
    pub(super) end: Field<Text>,
}

/// A list of the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename = "list of the target", rename_all = "kebab-case")]
#[schemars(rename = "resources")]
pub(super) enum Resources {
    /// `/Users`.
    Users,
    /// `/Groups`.
    Groups,
}
