//! What is not the same in every Okta tenant, or not known for sure: one switch each, with its default.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::directory::{AppSettings, Attribute, Family, Mapping, Source};
use crate::idp::Encoding;

/// Which kind of app it is. It decides how existing resources are written (`okta/2`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Made with the App Integration Wizard: every change is a GET and a PUT, never a PATCH.
    CustomApp,
    /// From the catalogue (OIN, or the SCIM 2.0 test apps): PATCH for `active` and for groups, GET and PUT for profiles.
    CatalogApp,
    /// Behind the on-premises provisioning agent: every change is a PUT of what Okta knows, and nothing is read before it.
    /// The vendor shows its messages in SCIM 1.1 alone, so what a body of SCIM 2.0 looks like is inferred from them.
    OnPremAgent,
}

/// How the blank, the language tag and the like are written, and which of several recorded sequences is sent.
///
/// Each field names the fact behind it; the defaults are those of `okta/16` with the corrections applied.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a yes or no of its own, as the sources have it"
)]
pub struct Switches {
    /// How a change to a user who exists is written (`okta/2`, documented): a part of the app's definition, which Okta can
    /// change for a catalogue app and nobody for a custom one (`okta/2/13`).
    pub user_writes: Writing,
    /// How a change to a group that exists is written (`okta/2`, documented). The OIN Wizard asks for it apart from users.
    pub group_writes: Writing,
    /// How a query is encoded (`okta/16/2`, captured): `%20` today, `+` in a dump of 2018.
    pub query: Encoding,
    /// How a language is written (`okta/16/3`, documented both ways).
    pub locale: LocaleForm,
    /// Whether the e-mail carries its `type` (`okta/16/4`, documented): absent where the admin deleted that attribute.
    pub email_type: bool,
    /// How a PUT writes a mapped attribute that has no value (`okta/5.2/3`, open; a POST leaves it out, `corrections/OK-7`).
    pub empty: Empty,
    /// Whether passwords that Okta makes up may hold symbols (`corrections/OK-22`: seen both ways).
    pub password_symbols: bool,
    /// How many GET and PUT pairs follow a match (`okta/16/5`, captured): one, or two as one log has it.
    #[schemars(range(min = 1, max = 10))]
    pub link_puts: usize,
    /// How many GET and PUT pairs follow the match of somebody whom the app had before (`corrections/OK-4`, captured).
    #[schemars(range(min = 1, max = 10))]
    pub reactivation_puts: usize,
    /// Whether a reactivation is put off and tried again while the answer says that the user is inactive still
    /// (`corrections/OK-20`, one source).
    pub reschedule_inactive: bool,
    /// Whether a group is looked for by name before it is created (`corrections/OK-6`, captured): while groups are not
    /// imported. [`Follow::Setting`] means just that.
    pub group_lookup: Follow,
    /// Whether the groups are read when provisioning is saved (`corrections/OK-5`, captured): while they are imported.
    pub groups_on_save: Follow,
    /// What the agent reads at its configuration (`okta/13/5`): the provider's configuration, from the path of SCIM 2.0 as
    /// reported in 2026, or from that of SCIM 1.1 as documented. The cloud client reads neither.
    pub provider_config: ProviderConfig,
    /// Whether the schemas and resource types are read when provisioning is saved, for *Import User Schema*
    /// (`okta/11`, documented).
    pub import_user_schema: bool,
    /// Whether the POST of a group has its members (`okta/16/7`): a custom app's has, the reference's catalogue app's
    /// has not, though one of 2021 had (`corrections/OK-15`).
    pub group_post_members: bool,
    /// Whether a custom app's PUT of a group has the `id` (`okta/16/8`, captured; the reference's sample has none).
    pub group_put_id: bool,
    /// How many GETs and PUTs a custom app sends for one push (`corrections/OK-1`, captured).
    pub group_put_repeat: PutRepeat,
    /// Whether a group carries its description, under `urn:okta:custom:group:1.0` (`okta/13/11`, documented of the agent).
    pub group_description: bool,
    /// In which order a catalogue app fills a new group (`okta/16/9`).
    pub create_order: CreateOrder,
    /// How a catalogue app overwrites a group's members (`okta/16/10`).
    pub push_now_form: PushNowForm,
    /// Whether a catalogue app repeats the name with each change of members (`okta/16/11`, documented).
    pub name_patch_with_members: bool,
    /// How many members one PATCH changes at most (`okta/16/12`, documented: 100, up to 1000 by agreement).
    #[schemars(range(min = 1, max = 1000))]
    pub patch_batch: usize,
    /// What a catalogue app reads before it deactivates (`okta/16/13`): nothing by the reference.
    pub deactivate_prefetch: Prefetch,
    /// When an import has seen the last page (`okta/16/14`, documented; others report the empty page).
    pub import_stop: ImportStop,
    /// Whether an import after the first asks only for what has changed since (`okta/13/12`, documented of the agent):
    /// where the provider's configuration announces it. [`Follow::Setting`] means just that.
    pub incremental_import: Follow,
    /// Whether a DELETE that is answered 404 counts as done (`okta/8.4/13`, inferred).
    pub delete_404_is_done: bool,
    /// How a 429 is waited out (`okta/16/17`, documented).
    pub throttle: Throttle,
    /// Whether a POST that timed out is sent once more (`corrections/OK-21`: two reports say so, the vendor does not).
    pub repeat_create_after_timeout: bool,
}

/// How a change to what exists is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Writing {
    /// By a GET, then a PUT of what came, with the change in it.
    ReadAndPut,
    /// By a PATCH: `active`, passwords, group names and members. Profiles are read and PUT all the same.
    Patch,
    /// By a PUT of what Okta knows, without a GET before it.
    Put,
}

/// What is read at the configuration of an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ProviderConfig {
    /// The first two users, as the cloud client does.
    None,
    /// `/ServiceProviderConfig`, the path of SCIM 2.0.
    Singular,
    /// `/ServiceProviderConfigs`, the path of SCIM 1.1.
    Plural,
}

/// How a language is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum LocaleForm {
    /// `en-US`, as in the present reference.
    Hyphen,
    /// `en_US`, as in the older ones.
    Underscore,
}

/// How a mapped attribute without a value is written into a PUT.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Empty {
    /// Left out.
    Absent,
    /// As an empty text.
    Text,
    /// As `null`.
    Null,
}

/// Whether something follows what is set elsewhere, such as *Import Groups*, or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Follow {
    /// As it is set there.
    Setting,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How many GETs and PUTs a push of a group is made of. With two, the first PUT has the old list if somebody left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PutRepeat {
    /// For *Push now*: captured as two.
    #[schemars(range(min = 1, max = 10))]
    pub push_now: usize,
    /// For a join or leave: captured as one when an administrator changed the group in Okta, which is what a story's
    /// joins and leaves are; captured as two when the change came from an import of the customer's directory.
    #[schemars(range(min = 1, max = 10))]
    pub member_change: usize,
}

/// In which order a catalogue app fills a group that it has just created.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum CreateOrder {
    /// The name, then the members.
    NameFirst,
    /// The members, a GET, then the name.
    MembersFirst,
    /// The members only (`corrections/OK-16`).
    AddOnly,
}

/// How a catalogue app overwrites a group's members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum PushNowForm {
    /// `replace` with the path `members`, as in the reference.
    Path,
    /// `replace` without a path, the value holding `members` alone.
    Pathless,
    /// `replace` without a path, the value holding `members`, `id` and `displayName` (`corrections/OK-17`).
    PathlessWithName,
}

/// What a catalogue app reads before it deactivates somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Prefetch {
    /// Nothing.
    None,
    /// The lookup by userName.
    Lookup,
    /// The user by id.
    Id,
}

/// When an import has seen the last page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum ImportStop {
    /// When as many as `totalResults` says were asked for.
    Total,
    /// When a page is empty.
    EmptyPage,
}

/// How a 429 is waited out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Throttle {
    /// How long the first wait is where the target names no whole number of seconds, such as `5m`.
    #[serde(with = "jiff::fmt::serde::unsigned_duration::friendly::compact::required")]
    #[schemars(with = "String")]
    pub first: Duration,
    /// How often a job is taken up again before it fails for good.
    #[schemars(range(max = 100))]
    pub tries: u32,
}

impl Switches {
    /// The defaults of that kind of app.
    pub fn of(profile: Profile) -> Self {
        let agent = profile == Profile::OnPremAgent;
        let writes = match profile {
            Profile::CustomApp => Writing::ReadAndPut,
            Profile::CatalogApp => Writing::Patch,
            Profile::OnPremAgent => Writing::Put,
        };
        Self {
            user_writes: writes,
            group_writes: writes,
            query: Encoding::Percent,
            locale: LocaleForm::Hyphen,
            email_type: true,
            empty: Empty::Absent,
            password_symbols: false,
            link_puts: 1,
            reactivation_puts: 1,
            reschedule_inactive: false,
            group_lookup: Follow::Setting,
            groups_on_save: if agent {
                Follow::Never
            } else {
                Follow::Setting
            },
            provider_config: if agent {
                ProviderConfig::Singular
            } else {
                ProviderConfig::None
            },
            import_user_schema: false,
            group_post_members: profile != Profile::CatalogApp,
            group_put_id: true,
            group_put_repeat: PutRepeat {
                push_now: 2,
                member_change: 1,
            },
            group_description: agent,
            create_order: CreateOrder::NameFirst,
            push_now_form: PushNowForm::Path,
            name_patch_with_members: true,
            patch_batch: 100,
            deactivate_prefetch: Prefetch::None,
            import_stop: ImportStop::Total,
            incremental_import: if agent {
                Follow::Setting
            } else {
                Follow::Never
            },
            delete_404_is_done: true,
            throttle: Throttle {
                first: Duration::from_mins(5),
                tries: 10,
            },
            repeat_create_after_timeout: false,
        }
    }
}

impl Profile {
    /// The settings of a new app of that kind. The agent's has no table for the enterprise extension, and its addresses are
    /// of types of their own (`okta/13/8`); it reads the groups with every import of users.
    pub fn app_settings(self) -> AppSettings {
        let mut settings = AppSettings::defaults(Family::Okta);
        if self == Self::OnPremAgent {
            settings.features.import_groups = true;
            settings.mappings = AGENT_MAPPINGS
                .iter()
                .filter_map(|(attribute, place)| {
                    let source = Source::Attribute(*attribute);
                    let place = place.parse().ok()?;
                    Some(Mapping { source, place })
                })
                .collect();
        }
        settings
    }
}

/// What the agent's messages hold of a person (`okta/13/8`).
const AGENT_MAPPINGS: &[(Attribute, &str)] = &[
    (Attribute::UserName, "userName"),
    (Attribute::Given, "name.givenName"),
    (Attribute::Family, "name.familyName"),
    (Attribute::Email, "emails[type eq \"primary\"].value"),
    (
        Attribute::MobilePhone,
        "phoneNumbers[type eq \"mobile\"].value",
    ),
];

impl Follow {
    /// Whether it happens, where the setting alone would say `setting`.
    pub(super) fn holds(self, setting: bool) -> bool {
        match self {
            Self::Setting => setting,
            Self::Always => true,
            Self::Never => false,
        }
    }
}
