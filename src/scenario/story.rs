//! What a story file means: the types that are played.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AtTarget, Credentials, ProbeSpec};
use crate::directory::{AppChanges, Attribute, Event, GroupKey, PersonKey, Subject};
use crate::wire::Disturbance;

/// A story.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// The path below the folder of stories, without its ending: `offboarding/leaver`.
    pub id: String,
    /// Ids that the story had before.
    pub was: Vec<String>,
    /// One line that says what happens.
    pub title: String,
    /// What a customer loses when this fails.
    pub why: String,
    /// Words by which stories are selected.
    pub tags: Vec<String>,
    /// What the target must be able to do.
    pub needs: Vec<Need>,
    /// The variants that play the story, where not all do.
    pub only: Option<Only>,
    /// Whether one variant is enough, because the IdP does not matter.
    pub once: bool,
    /// Switches of the app that differ from a new app's.
    pub settings: AppChanges,
    /// The people, in the order of the file.
    pub people: Vec<PersonSpec>,
    /// The groups, in the order of the file.
    pub groups: Vec<GroupSpec>,
    /// What happens.
    pub steps: Vec<Step>,
    /// The file's text.
    pub text: String,
    /// The file's name, for messages.
    pub file: String,
}

impl Scenario {
    /// Whether that variant plays the story, or why not.
    ///
    /// # Errors
    /// The story's own reason why it does not suit the variant.
    pub fn suits(&self, variant: &str) -> Result<(), &str> {
        match &self.only {
            Some(only) if !only.idps.iter().any(|id| id == variant) => Err(&only.reason),
            _ => Ok(()),
        }
    }

    /// Whether a request of the story goes to a second customer's tenant.
    pub fn needs_other_tenant(&self) -> bool {
        self.steps.iter().any(|step| match &step.kind {
            StepKind::Probe(probe) => probe.credentials == Credentials::OtherTenant,
            StepKind::Events(_) | StepKind::Expect(_) | StepKind::Deeds(_) => false,
        })
    }

    /// The requirements that its probes and expectations name.
    pub fn judges(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().flat_map(|step| {
            let (probed, expected) = match &step.kind {
                StepKind::Probe(probe) => (probe.judges.as_slice(), None),
                StepKind::Expect(expectation) => (&[][..], expectation.judges.as_deref()),
                StepKind::Events(_) | StepKind::Deeds(_) => (&[][..], None),
            };
            probed.iter().map(String::as_str).chain(expected)
        })
    }

    /// Whether provisioning is on when the story begins: it is, unless a step switches it on.
    pub fn begins_provisioned(&self) -> bool {
        !self.steps.iter().any(|step| match &step.kind {
            StepKind::Events(events) => events.contains(&Event::SwitchOnProvisioning),
            StepKind::Expect(_) | StepKind::Deeds(_) | StepKind::Probe(_) => false,
        })
    }
}

/// Something that a target may lack, and without which a story cannot be played.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename = "need", rename_all = "kebab-case")]
pub enum Need {
    /// Groups.
    Groups,
    /// PATCH.
    Patch,
    /// Filters.
    Filter,
    /// Sorting.
    Sort,
    /// Versions of resources.
    Etag,
    /// Bulk requests.
    Bulk,
}

impl Need {
    /// The word that stories and messages use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Groups => "groups",
            Self::Patch => "patch",
            Self::Filter => "filter",
            Self::Sort => "sort",
            Self::Etag => "etag",
            Self::Bulk => "bulk",
        }
    }
}

/// The variants that play a story, and why no others do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Only {
    /// Ids of variants.
    pub idps: Vec<String>,
    /// Why.
    pub reason: String,
}

/// A person as the story introduces it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonSpec {
    /// The story's name for the person.
    pub key: PersonKey,
    /// The attributes as they are written. Sign-in name and address may be absent, or lack their domain: the run derives
    /// them from the key, its own mark and the mail domain.
    pub profile: BTreeMap<Attribute, String>,
    /// The person's manager.
    pub manager: Option<PersonKey>,
    /// Whether the app has an account of this sign-in name before the IdP starts.
    pub at_target: Option<AtTarget>,
    /// Whether the person was assigned to the app before provisioning was switched on.
    pub assigned_before: bool,
}

/// A group as the story introduces it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupSpec {
    /// The story's name for the group.
    pub key: GroupKey,
    /// The group's name.
    pub name: String,
    /// The group's description.
    pub description: String,
    /// The members, in the order of the file.
    pub members: Vec<PersonKey>,
    /// The members of the app's group of this name, where it exists before the IdP starts.
    pub at_target: Option<Vec<PersonKey>>,
}

/// A step.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// The line of the file in which it begins, from 1.
    pub line: usize,
    /// What happens, in the story's words: `unassign ada`.
    pub action: String,
    /// What happens.
    pub kind: StepKind,
    /// Trouble on the wire meanwhile.
    pub disturb: Vec<Disturbance>,
    /// How many of the IdP's jobs for different people run at the same time.
    pub at_once: usize,
}

/// What a step is.
#[derive(Clone, Debug, PartialEq)]
pub enum StepKind {
    /// Things happen in the directory or in the IdP's console; the IdP acts once, on all of them.
    Events(Vec<Event>),
    /// Something is to be seen at the target now.
    Expect(Expectation),
    /// Somebody does something at the product behind the endpoint.
    Deeds(Vec<Deed>),
    /// The prober sends a request.
    Probe(Box<ProbeSpec>),
}

/// What the author wants said aloud. Nothing is said about whoever is not named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    /// About whom.
    pub subject: Subject,
    /// One of these states; any if there is none.
    pub is: Vec<State>,
    /// People who are members of the group.
    pub has: Vec<PersonKey>,
    /// People who are not members of the group.
    pub hasnt: Vec<PersonKey>,
    /// What the person can or has at the product, or not.
    pub door: Vec<(Wish, bool)>,
    /// The requirement that is broken where it is otherwise, if it has one of its own.
    pub judges: Option<String>,
    /// Whether it is what must hold before a change can show anything.
    pub given: bool,
}

/// Something done at the product behind the endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Its administrator gives somebody a role.
    GrantRole(PersonKey),
    /// Its administrator makes somebody the only administrator.
    MakeOnlyAdministrator(PersonKey),
    /// Its administrator bans somebody.
    Ban(PersonKey),
    /// Somebody signs on by an identity provider's word.
    SignOn {
        /// Who.
        person: PersonKey,
        /// The group that the identity provider says the person is in.
        claim: Option<GroupKey>,
    },
    /// It makes a person of its own.
    MakeLocalPerson(PersonKey),
    /// Somebody tries to deactivate a person by SCIM whom the product made.
    DeactivateByScim(PersonKey),
    /// Its administrator switches provisioning off.
    SwitchOffScim,
    /// Its administrator switches provisioning on again.
    SwitchOnScim,
    /// Its administrator sets the number of seats.
    LimitSeats {
        /// How many are free afterwards.
        free: u32,
    },
}

impl Deed {
    /// Whom it is about.
    pub fn person(&self) -> Option<&PersonKey> {
        match self {
            Self::GrantRole(person)
            | Self::MakeOnlyAdministrator(person)
            | Self::Ban(person)
            | Self::SignOn { person, .. }
            | Self::MakeLocalPerson(person)
            | Self::DeactivateByScim(person) => Some(person),
            Self::SwitchOffScim | Self::SwitchOnScim | Self::LimitSeats { .. } => None,
        }
    }
}

/// What somebody may be able to do at the product, or have there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wish {
    /// To be let in.
    Enter,
    /// To sign in with a password.
    SignIn,
    /// To make credentials for provisioning.
    MintToken,
    /// A role.
    Role(RoleName),
}

/// A role, as stories name it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RoleName {
    /// The administrator's.
    Administrator,
    /// The one that the administrator gives.
    Granted,
    /// The one that a group of that name gives its members.
    OfGroup(String),
}

impl std::fmt::Display for RoleName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Administrator => f.write_str("administrator"),
            Self::Granted => f.write_str("granted"),
            Self::OfGroup(name) => write!(f, "of group {name}"),
        }
    }
}

/// Something that a person may do at the product.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename = "ability", rename_all = "kebab-case")]
pub enum Ability {
    /// Be let in by the identity provider's word.
    Enter,
    /// Sign in with a password.
    SignIn,
    /// Make credentials for provisioning.
    MintToken,
}

impl Ability {
    /// The word that stories and reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Enter => "enter",
            Self::SignIn => "sign in with a password",
            Self::MintToken => "make a provisioning token",
        }
    }

    /// The same among all that somebody can do or have.
    pub fn wish(self) -> Wish {
        match self {
            Self::Enter => Wish::Enter,
            Self::SignIn => Wish::SignIn,
            Self::MintToken => Wish::MintToken,
        }
    }
}

/// A state at the target.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename = "state", rename_all = "kebab-case")]
pub enum State {
    /// A person is there and active.
    Active,
    /// A person is there and not active.
    Inactive,
    /// A group is there.
    Present,
    /// Nobody of the sign-in name, or no group of the name, is there.
    Absent,
}

impl State {
    /// The word that stories and reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Present => "present",
            Self::Absent => "absent",
        }
    }
}
