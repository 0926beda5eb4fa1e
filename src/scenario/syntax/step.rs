//! The steps of a story as they are written.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::wrapper::{Field, Items, Many, Named, Nullable, Spot, Text};
use super::{Changes, Probe};
use crate::directory::{RuleMatch, UnlinkChoice};
use crate::scenario::{Ability, State};

/// One step: an action, trouble on the wire while the IdP acts on it, and how many of its jobs run at the same time.
#[derive(Debug, Deserialize)]
#[serde(rename = "step")]
pub(in crate::scenario) struct Step {
    pub(in crate::scenario) action: Spot<Action>,
    #[serde(default)]
    pub(in crate::scenario) disturb: Field<Many<Disturb>>,
    #[serde(default, rename = "at-once")]
    pub(in crate::scenario) at_once: Field<Spot<u32>>,
}

/// More jobs at the same time are an attack on the target, and none of an IdP's habits.
pub(in crate::scenario) const AT_ONCE: u32 = 100;

/// What happens.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename = "action", rename_all = "kebab-case")]
pub(in crate::scenario) enum Action {
    /// People are assigned to the app.
    Assign(Many<Text>),
    /// People are taken off the app.
    Unassign(Many<Text>),
    /// People's accounts in the directory are deactivated.
    Deactivate(Many<Text>),
    /// People's accounts in the directory are activated again.
    Reactivate(Many<Text>),
    /// People get new passwords in the directory.
    ChangePassword(Many<Text>),
    /// People are suspended.
    Suspend(Many<Text>),
    /// People's suspension ends.
    Unsuspend(Many<Text>),
    /// People's accounts in the directory are deleted for good.
    Delete(Many<Text>),
    /// People's profiles change: `{ada: {title: Countess}}`; `null` empties an attribute.
    Update(Named<Changes>),
    /// People get a new name: `{ada: Ada King}`. Given, family and display name change.
    Rename(Named<Text>),
    /// People get another manager: `{ada: bob}`; `null` takes the manager away.
    Manager(Named<Nullable<Text>>),
    /// Groups are pushed to the app by their names.
    PushGroup(Many<Text>),
    /// Every group whose name fits is pushed: `{starts-with: eng}`.
    PushRule(PushRule),
    /// Groups get new names: `{engineering: Research}`.
    RenameGroup(Named<Text>),
    /// People join groups: `{engineering: [ada, bob]}`.
    Join(Named<Many<Text>>),
    /// People leave groups: `{engineering: ada}`.
    Leave(Named<Many<Text>>),
    /// The administrator presses *Push now* for groups.
    PushNow(Many<Text>),
    /// Groups are no longer pushed: `{engineering: delete}` deletes the app's group, `leave` leaves it.
    Unlink(Named<UnlinkChoice>),
    /// Groups are deleted in the directory.
    DeleteGroup(Many<Text>),
    /// Provisioning is switched on, after people were assigned.
    SwitchOnProvisioning,
    /// The administrator presses *Provision User* for people who were assigned before provisioning was on.
    ProvisionUser(Many<Text>),
    /// The IdP imports the app's people.
    Import,
    /// The administrator tests the connection.
    TestConnection,
    /// The clock starts a provisioning cycle.
    Cycle,
    /// The clock moves on: `40m`.
    Wait(Text),
    /// The administrator retries the tasks that failed (Entra: restarts the job).
    RetryTasks,
    /// The administrator allows the deletions that are held back because they are so many.
    AllowDeletions,
    /// The product's administrator gives people a role of the product, the one that the target file names.
    GrantRole(Many<Text>),
    /// The product's administrator makes somebody of the story the only administrator, where there is no other.
    MakeOnlyAdministrator(Text),
    /// The product's administrator bans people.
    Ban(Many<Text>),
    /// People sign on by the word of an identity provider, whether the product lets them in or not.
    SignOn(Many<Text>),
    /// People sign on, and the identity provider says that they are in a group: `{ada: engineering}`.
    SignOnWithGroup(Named<Text>),
    /// The product makes people of whom SCIM knows nothing, each with a password.
    MakeLocalPerson(Many<Text>),
    /// Whoever holds the credentials for SCIM tries to deactivate people whom the product made, if SCIM shows them.
    DeactivateByScim(Many<Text>),
    /// The product's administrator switches provisioning by SCIM off.
    SwitchOffScim,
    /// The product's administrator switches provisioning by SCIM on again.
    SwitchOnScim,
    /// The product's administrator limits the seats so that so many are free.
    FreeSeats(Spot<u32>),
    /// Several things happen before the IdP acts, so that one cycle carries them all.
    Together(Items<Spot<Together>>),
    /// What the author wants said aloud, beyond what the IdP promises by itself.
    Expect(Many<Expect>),
    /// What must hold at the product before a change of it can show anything; the story ends where it does not.
    Given(Many<Expect>),
    /// A raw request of the prober, on resources of its own.
    Probe(Box<Probe>),
}

/// One of several things that happen together.
#[derive(Debug, Deserialize)]
#[serde(rename = "step")]
pub(in crate::scenario) struct Together {
    pub(in crate::scenario) action: Spot<Action>,
}

/// A rule that selects groups by their names.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(
    rename = "push rule",
    rename_all = "kebab-case",
    deny_unknown_fields,
    default
)]
#[schemars(rename = "push-rule", extend("minProperties" = 1, "maxProperties" = 1))]
#[derive(Default)]
pub(in crate::scenario) struct PushRule {
    /// The name starts with this text.
    starts_with: Field<Text>,
    /// The name ends with this text.
    ends_with: Field<Text>,
    /// The name contains this text.
    contains: Field<Text>,
}

impl PushRule {
    /// The comparisons that are written; one is right.
    pub(in crate::scenario) fn comparisons(self) -> Vec<(RuleMatch, Text)> {
        [
            (RuleMatch::StartsWith, self.starts_with),
            (RuleMatch::EndsWith, self.ends_with),
            (RuleMatch::Contains, self.contains),
        ]
        .into_iter()
        .filter_map(|(how, text)| Some((how, text.read()?)))
        .collect()
    }
}

/// What is to be seen at the target now. Whoever is not named is not asked for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(
    rename = "expectation",
    rename_all = "kebab-case",
    deny_unknown_fields,
    default
)]
#[derive(Default)]
pub(in crate::scenario) struct Expect {
    /// The person meant.
    pub(in crate::scenario) person: Field<Text>,
    /// The group meant.
    pub(in crate::scenario) group: Field<Text>,
    /// One of these states: a person is `active`, `inactive` or `absent`, a group `present` or `absent`.
    pub(in crate::scenario) is: Field<Many<Spot<State>>>,
    /// People who are members of the group.
    pub(in crate::scenario) has: Field<Many<Text>>,
    /// People who are not members of the group.
    pub(in crate::scenario) hasnt: Field<Many<Text>>,
    /// What the person may do at the product.
    pub(in crate::scenario) may: Field<Many<Spot<Ability>>>,
    /// What the person may not do at the product.
    pub(in crate::scenario) may_not: Field<Many<Spot<Ability>>>,
    /// Roles that the person has at the product: `administrator`, `granted` (by `grant-role`), or a group's name.
    pub(in crate::scenario) has_role: Field<Many<Text>>,
    /// Roles that the person does not have at the product.
    pub(in crate::scenario) hasnt_role: Field<Many<Text>>,
    /// The requirement that is broken where it is otherwise.
    pub(in crate::scenario) judges: Field<Text>,
}

/// Trouble on the wire. Without conditions its answer may stand alone: `time-out`.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(in crate::scenario) struct Disturb(pub(in crate::scenario) Conditions);

/// Trouble on the wire, and which requests meet it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename = "disturbance", rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::scenario) struct Conditions {
    /// The status that the wire answers with in the target's place, or `time-out`, or `answer-lost`.
    pub(in crate::scenario) answer: Text,
    /// The value of `Retry-After`: seconds or a date.
    #[serde(default)]
    pub(in crate::scenario) retry_after: Field<Text>,
    /// How many requests meet it; 1 if nothing is said.
    #[serde(default)]
    pub(in crate::scenario) times: Field<Spot<u32>>,
    /// Which requests meet it: `POST /Users`, `POST` or `/Users`; all if nothing is said.
    #[serde(default)]
    pub(in crate::scenario) on: Field<Text>,
}

/// The schema of a mapping of at most `most` entries that begins with an action.
fn step_schema(generator: &mut SchemaGenerator, companions: Schema, most: usize) -> Schema {
    let actions = Action::json_schema(generator).to_value();
    let mut words = Vec::new();
    let mut properties = serde_json::Map::new();
    for variant in actions["oneOf"].as_array().into_iter().flatten() {
        let description = &variant["description"];
        if let Some(word) = variant["const"].as_str() {
            words.push(variant.clone());
            let nothing = serde_json::json!({ "type": "null", "description": description });
            properties.insert(word.to_owned(), nothing);
        }
        for (word, content) in variant["properties"].as_object().into_iter().flatten() {
            let mut content = content.clone();
            if let Some(content) = content.as_object_mut() {
                content.insert("description".to_owned(), description.clone());
            }
            properties.insert(word.clone(), content);
        }
    }
    if let Some(more) = companions.as_object() {
        properties.extend(more.clone());
    }
    json_schema!({
        "anyOf": [
            { "oneOf": words },
            {
                "type": "object",
                "properties": properties,
                "additionalProperties": false,
                "minProperties": 1,
                "maxProperties": most,
            },
        ],
    })
}

impl JsonSchema for Step {
    fn schema_name() -> Cow<'static, str> {
        "step".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let disturb = generator.subschema_for::<Many<Disturb>>();
        let at_once = json_schema!({
            "description": "How many of the IdP's jobs for different people run at the same time; 1 if nothing is said.",
            "type": "integer",
            "minimum": 1,
            "maximum": AT_ONCE,
        });
        step_schema(
            generator,
            json_schema!({ "disturb": disturb, "at-once": at_once }),
            3,
        )
    }
}

impl JsonSchema for Together {
    fn schema_name() -> Cow<'static, str> {
        "together".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        step_schema(generator, json_schema!({}), 1)
    }
}

impl JsonSchema for Disturb {
    fn schema_name() -> Cow<'static, str> {
        "disturbance".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let full = Conditions::json_schema(generator);
        json_schema!({ "anyOf": [{ "enum": ["time-out", "answer-lost"] }, full] })
    }
}
