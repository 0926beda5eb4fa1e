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
            StepKind::Events(_) | StepKind::Expect(_) => false,
        })
    }

    /// Whether provisioning is on when the story begins: it is, unless a step switches it on.
    pub fn begins_provisioned(&self) -> bool {
        !self.steps.iter().any(|step| match &step.kind {
            StepKind::Events(events) => events.contains(&Event::SwitchOnProvisioning),
            StepKind::Expect(_) | StepKind::Probe(_) => false,
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
