//! No event and no answer breaks a job.

use proptest::prelude::*;

use super::{Settings, dialect, setup};
use crate::directory::Family;
use crate::idp::chaos::{chaos, survives};
use crate::idp::entra::{
    AddOrReplace, Booleans, Emptied, GoneLink, GroupMatching, GroupProbe, GroupSchemas,
    ManagerRemoval, MemberForm, MemberRemoval, Operations, Quarantine, RoleForm, VersionHeader,
};

/// Every switch away from its default. There is no `..` at its end, so that no switch is forgotten.
fn odd() -> Settings {
    Settings {
        version_header: VersionHeader::Absent,
        forward_flag: true,
        cycle_minutes: 20,
        user_probes: 2,
        group_probe: GroupProbe::WhereGroupsAreMapped,
        group_probe_on_test: false,
        gallery_user_agent: true,
        add_or_replace: AddOrReplace::AlwaysAdd,
        operations: Operations::Merged {
            single_replace_without_path: false,
        },
        booleans: Booleans::LowerCaseText,
        post_active: Booleans::Text,
        role_form: RoleForm::Text,
        post_roles: true,
        primary_everywhere: true,
        manager_in_post: true,
        emptied: Emptied::EmptyText,
        repeats_active: true,
        renames_soft_deleted: true,
        manager_removal: ManagerRemoval::Remove,
        manager_check: true,
        group_matching: GroupMatching::ExternalId,
        group_description: true,
        group_schemas: GroupSchemas::WithMicrosoft,
        group_empty_members: false,
        members_per_patch: 2,
        member_form: MemberForm::Text,
        member_removal: MemberRemoval::FilteredPath,
        replace_shown_members: true,
        membership_check: true,
        gone_link: GoneLink::MatchedAnew,
        get_before_delete: true,
        honours_retry_after: true,
        quarantine: Quarantine {
            from: 1,
            percent: 50,
            failures: 2,
            absolute: 3,
        },
        on_demand: false,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_event_and_no_answer_breaks_a_job((steps, answers) in chaos()) {
        for settings in [Settings::unflagged(), Settings::flagged(), Settings::on_demand(), odd()] {
            survives(dialect(settings, setup()), Family::Entra, &steps, answers.clone())?;
        }
    }
}
