//! Every switch of an Entra job that its sources name, with the default and what is known of it.
//!
//! Where sources disagree, or none says anything, the other value has its place here. The bundled variants differ in these
//! values alone, and the flag `aadOptscim062020` changes bodies only (entra/14/1).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The value of the request header `ADSCIMVersion` (entra/1/16). Its present syntax is not public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum VersionHeader {
    /// `Date:…, ActivityId:…`, as reported in 2026. The default.
    DateAndActivity,
    /// `5.0`, as captured in 2019.
    Number,
    /// No such header.
    Absent,
}

/// Which operation writes an attribute (entra/13/4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AddOrReplace {
    /// `Add` where the target showed nothing or an empty text, `Replace` where it showed a value (captured). The default.
    ByPresence,
    /// Always `Replace` (one report).
    AlwaysReplace,
    /// Always `Add`.
    AlwaysAdd,
}

/// How booleans travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Booleans {
    /// As the texts `"True"` and `"False"`.
    Text,
    /// As JSON booleans.
    Json,
    /// As the texts `"true"` and `"false"`, which an administrator's own mapping expression gave (entra/4.5/3).
    LowerCaseText,
}

/// How PATCH operations are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Operations {
    /// One for each attribute, always with a path, verbs with a capital (entra/4.1).
    PathEach,
    /// Verbs in lower case; what needs no value filter shares one operation without a path (entra/4.2).
    #[serde(rename_all = "kebab-case")]
    Merged {
        /// Whether a replacement that stands alone goes without a path too. No document shows it; the validator's
        /// *Update User userName* does so (entra/4.2/4), and it is what the merging rule gives. The default is `true`.
        single_replace_without_path: bool,
    },
}

/// How members are taken out (entra/6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MemberRemoval {
    /// `members` with a list of values: the default without the flag.
    ValueList,
    /// `members[value eq "…"]` without a value: the default under the flag.
    FilteredPath,
}

/// What follows when a linked object's GET is answered 404 (entra/13/9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GoneLink {
    /// The object fails with `InvalidAnchor`, which the provisioning log documents. The default.
    Fails,
    /// The link is dropped and the object matched anew (inferred).
    MatchedAnew,
}

/// How a manager is taken away (entra/7.1/6). The wire form of the live service is not captured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ManagerRemoval {
    /// Replaced by an empty text, as the vendor's validation does. The default.
    EmptyText,
    /// Replaced by an object whose `value` is empty, as an older validator did.
    EmptyValue,
    /// By `remove` with the path alone, another variant of the validator.
    Remove,
}

/// What an element of a change of members looks like (entra/6.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MemberForm {
    /// An object with `value`. The default.
    Value,
    /// The same with `$ref: null`: documented, live in 2019, absent since (corrections/EN-19).
    RefNull,
    /// The id as a bare text, by one report (entra/6.3/3). Removals by a list have it too.
    Text,
}

/// What a role looks like where it is written as an object or a text (entra/7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RoleForm {
    /// An object with all that the expression gives. The default.
    Whole,
    /// Without `value`, as where a single role is mapped onto the type (corrections/EN-21).
    TypeAlone,
    /// The name as a bare text, as a plain mapping gave in 2019 (corrections/EN-21).
    Text,
}

/// When a cycle asks for a group that cannot exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GroupProbe {
    /// Always: a target without `/Groups` failed even where people alone were provisioned (entra/13/1). The default.
    Always,
    /// Where groups are pushed.
    WhereGroupsAreMapped,
    /// Never: in the one run on demand that is captured (corrections/EN-7).
    Never,
}

/// The attribute by which an existing group is found (corrections/EN-13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GroupMatching {
    /// `displayName`. The default.
    DisplayName,
    /// `externalId`.
    ExternalId,
}

impl GroupMatching {
    /// The attribute's name.
    pub fn attribute(self) -> &'static str {
        match self {
            Self::DisplayName => "displayName",
            Self::ExternalId => "externalId",
        }
    }
}

/// What a value that was emptied in the directory becomes (entra/4.6).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Emptied {
    /// Nothing is sent. The default.
    NotSent,
    /// It is replaced by an empty text: what administrators reach by a mapping expression.
    EmptyText,
}

/// From how many failures on a cycle quarantines the job (entra/9.3/2). Failures of references do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Quarantine {
    /// Below so many failures nothing is weighed.
    pub from: u64,
    /// More than so many of a hundred objects fail.
    pub percent: u64,
    /// More than so many objects fail.
    pub failures: u64,
    /// More than so many objects fail, whatever else holds.
    pub absolute: u64,
}

impl Quarantine {
    /// Why so many failures among so many objects are too many, if they are.
    pub fn exceeded(&self, objects: u64, failures: u64) -> Option<String> {
        let weighed = failures >= self.from;
        let share = failures.saturating_mul(100) > self.percent.saturating_mul(objects);
        let many = failures > self.absolute || weighed && (share || failures > self.failures);
        many.then(|| format!("{failures} of {objects} objects failed in one cycle"))
    }
}

/// The schemas of a group's POST (entra/6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GroupSchemas {
    /// The core schema: three captures (corrections/EN-14). The default.
    Core,
    /// With a second URN of Microsoft's, as documented and never captured.
    WithMicrosoft,
}

/// The switches of one job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// The version header.
    pub version_header: VersionHeader,
    /// Whether the tenant URL's flag is repeated in the query of each request. No capture shows it; default no (entra/1/2).
    pub forward_flag: bool,
    /// The minutes between two cycles: 40, in some texts 20 to 40 (entra/9.2/1).
    #[schemars(range(min = 1, max = 1440))]
    pub cycle_minutes: u64,
    /// How often the users are probed at the start of a cycle: once; an older trace shows two (corrections/EN-7).
    #[schemars(range(max = 10))]
    pub user_probes: u8,
    /// Whether the groups are probed too.
    pub group_probe: GroupProbe,
    /// Whether the button *Test Connection* probes the groups. Documented; two administrators saw otherwise
    /// (corrections/EN-8). Default yes.
    pub group_probe_on_test: bool,
    /// Whether requests name `Microsoft Azure AD SCIM provisioning 1.0.0` as their agent, which a gallery connector may do
    /// and a non-gallery job does not (corrections/EN-9). Default no.
    pub gallery_user_agent: bool,
    /// Which operation writes an attribute.
    pub add_or_replace: AddOrReplace,
    /// How PATCH operations are written.
    pub operations: Operations,
    /// How booleans travel in a PATCH (entra/4.5).
    pub booleans: Booleans,
    /// How `active` travels in a POST: JSON in three captures, text in 2020 (corrections/EN-3). Default JSON.
    pub post_active: Booleans,
    /// What a role of a POST looks like.
    pub role_form: RoleForm,
    /// Whether a POST of somebody without roles has `roles: []`. Only where roles are mapped (corrections/EN-4). Default no.
    pub post_roles: bool,
    /// Whether each address and phone number says whether it is primary; captured in 2019 only (corrections/EN-2). Default no.
    pub primary_everywhere: bool,
    /// Whether the manager stands in the POST; two reports (corrections/EN-20). Default no.
    pub manager_in_post: bool,
    /// What a value that was emptied becomes.
    pub emptied: Emptied,
    /// Whether `active` stands in every PATCH of a person, as some report (entra/5.2/16). Default no.
    pub repeats_active: bool,
    /// Whether the name of somebody who is soft-deleted becomes the object id and the old name, in one PATCH with `active`;
    /// one report (corrections/EN-22). A deactivated account stands for one in the recycle bin. Default no.
    pub renames_soft_deleted: bool,
    /// How a manager is taken away.
    pub manager_removal: ManagerRemoval,
    /// Whether the target is asked first if the manager is set already; an older document says so (entra/7.1/1). Default no.
    pub manager_check: bool,
    /// How an existing group is found.
    pub group_matching: GroupMatching,
    /// Whether a group's description is mapped, onto `emails[type eq "other"].value`: a further attribute, patched as those
    /// of people are, but as a list of one element (corrections/EN-16). Default no.
    pub group_description: bool,
    /// The schemas of a group's POST.
    pub group_schemas: GroupSchemas,
    /// Whether a group's POST has `members: []`: captured three times (corrections/EN-14), not documented. Default yes.
    pub group_empty_members: bool,
    /// How many members one PATCH carries. Every capture shows one; gallery apps may send more (entra/6.3).
    #[schemars(range(min = 1, max = 1000))]
    pub members_per_patch: usize,
    /// What an element of a change of members looks like.
    pub member_form: MemberForm,
    /// How members are taken out.
    pub member_removal: MemberRemoval,
    /// Whether a target that shows members although they were excluded gets an addition as `replace` of `members` with the
    /// one new member. Captured first hand under the flag, where it is therefore the default; without the flag it is known
    /// from reports alone, which never make a default (corrections/EN-17).
    pub replace_shown_members: bool,
    /// Whether the target is asked first if somebody is a member: disputed, and absent from traces (entra/6.4). Default no.
    pub membership_check: bool,
    /// What follows when a linked object is gone.
    pub gone_link: GoneLink,
    /// Whether a GET precedes a DELETE: the documented sequence has none, an employee says that each write has one
    /// (entra/13/6). Default no.
    pub get_before_delete: bool,
    /// Whether a 429 that says how long is waited out and the request sent once more. Disputed (entra/9.4/3). Default no: the
    /// object fails.
    pub honours_retry_after: bool,
    /// From how many failures on a cycle quarantines the job.
    pub quarantine: Quarantine,
    /// Whether an administrator provisions one person or group after the other, instead of a cycle (entra/13/8).
    pub on_demand: bool,
}

impl Settings {
    /// A non-gallery job whose tenant URL has no flag.
    pub fn unflagged() -> Self {
        Self {
            version_header: VersionHeader::DateAndActivity,
            forward_flag: false,
            cycle_minutes: 40,
            user_probes: 1,
            group_probe: GroupProbe::Always,
            group_probe_on_test: true,
            gallery_user_agent: false,
            add_or_replace: AddOrReplace::ByPresence,
            operations: Operations::PathEach,
            booleans: Booleans::Text,
            post_active: Booleans::Json,
            role_form: RoleForm::Whole,
            post_roles: false,
            primary_everywhere: false,
            manager_in_post: false,
            emptied: Emptied::NotSent,
            repeats_active: false,
            renames_soft_deleted: false,
            manager_removal: ManagerRemoval::EmptyText,
            manager_check: false,
            group_matching: GroupMatching::DisplayName,
            group_description: false,
            group_schemas: GroupSchemas::Core,
            group_empty_members: true,
            members_per_patch: 1,
            member_form: MemberForm::Value,
            member_removal: MemberRemoval::ValueList,
            replace_shown_members: false,
            membership_check: false,
            gone_link: GoneLink::Fails,
            get_before_delete: false,
            honours_retry_after: false,
            quarantine: Quarantine {
                from: 5_000,
                percent: 40,
                failures: 40_000,
                absolute: 60_000,
            },
            on_demand: false,
        }
    }

    /// A non-gallery job whose tenant URL ends in `?aadOptscim062020`.
    pub fn flagged() -> Self {
        Self {
            operations: Operations::Merged {
                single_replace_without_path: true,
            },
            booleans: Booleans::Json,
            member_removal: MemberRemoval::FilteredPath,
            replace_shown_members: true,
            ..Self::unflagged()
        }
    }

    /// Provisioning on demand, which speaks as without the flag whatever the tenant URL says (entra/14/10).
    pub fn on_demand() -> Self {
        Self {
            on_demand: true,
            group_probe: GroupProbe::Never,
            ..Self::unflagged()
        }
    }
}
