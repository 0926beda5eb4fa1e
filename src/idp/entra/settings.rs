//! Every switch of an Entra job that its sources name, with the default and what is known of it.
//!
//! Where sources disagree, or none says anything, the other value has its place here. The two bundled variants differ in
//! these values alone: there is one sequence of calls, and the flag `aadOptscim062020` changes bodies only (entra/14/1).

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
    /// By `remove` with the path alone, another variant of the validator.
    Remove,
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
    /// Whether the groups are probed too. Documented; two administrators saw otherwise (corrections/EN-8). Default yes.
    pub group_probe: bool,
    /// Which operation writes an attribute.
    pub add_or_replace: AddOrReplace,
    /// How PATCH operations are written.
    pub operations: Operations,
    /// How booleans travel in a PATCH (entra/4.5).
    pub booleans: Booleans,
    /// How `active` travels in a POST: JSON in three captures, text in 2020 (corrections/EN-3). Default JSON.
    pub post_active: Booleans,
    /// Whether a POST has `roles: []`. Only where roles are mapped (corrections/EN-4). Default no.
    pub post_roles: bool,
    /// Whether each address and phone number says whether it is primary; captured in 2019 only (corrections/EN-2). Default no.
    pub primary_everywhere: bool,
    /// Whether the manager stands in the POST; two reports (corrections/EN-20). Default no.
    pub manager_in_post: bool,
    /// How a manager is taken away.
    pub manager_removal: ManagerRemoval,
    /// Whether the target is asked first if the manager is set already; an older document says so (entra/7.1/1). Default no.
    pub manager_check: bool,
    /// The schemas of a group's POST.
    pub group_schemas: GroupSchemas,
    /// Whether a group's POST has `members: []`: captured three times (corrections/EN-14), not documented. Default yes.
    pub group_empty_members: bool,
    /// How many members one PATCH carries. Every capture shows one; gallery apps may send more (entra/6.3).
    #[schemars(range(min = 1, max = 1000))]
    pub members_per_patch: usize,
    /// Whether an added member has `$ref: null`: documented, live in 2019, absent since (corrections/EN-19). Default no.
    pub member_ref_null: bool,
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
    /// `SkipOutOfScopeDeletions`: whoever leaves the scope is left alone (entra/5.2/5). Default no.
    pub skip_out_of_scope: bool,
}

impl Settings {
    /// A non-gallery job whose tenant URL has no flag.
    pub fn unflagged() -> Self {
        Self {
            version_header: VersionHeader::DateAndActivity,
            forward_flag: false,
            cycle_minutes: 40,
            user_probes: 1,
            group_probe: true,
            add_or_replace: AddOrReplace::ByPresence,
            operations: Operations::PathEach,
            booleans: Booleans::Text,
            post_active: Booleans::Json,
            post_roles: false,
            primary_everywhere: false,
            manager_in_post: false,
            manager_removal: ManagerRemoval::EmptyText,
            manager_check: false,
            group_schemas: GroupSchemas::Core,
            group_empty_members: true,
            members_per_patch: 1,
            member_ref_null: false,
            member_removal: MemberRemoval::ValueList,
            replace_shown_members: false,
            membership_check: false,
            gone_link: GoneLink::Fails,
            get_before_delete: false,
            skip_out_of_scope: false,
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
}
