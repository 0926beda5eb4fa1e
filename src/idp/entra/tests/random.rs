//! No event and no answer breaks a job.

use proptest::prelude::*;

use super::{Settings, dialect, setup};
use crate::directory::Family;
use crate::idp::chaos::{chaos, survives};
use crate::idp::entra::{
    AddOrReplace, GoneLink, ManagerRemoval, MemberRemoval, Operations, VersionHeader,
};

/// Every switch away from its default.
fn odd() -> Settings {
    Settings {
        version_header: VersionHeader::Absent,
        forward_flag: true,
        user_probes: 2,
        group_probe: false,
        add_or_replace: AddOrReplace::AlwaysAdd,
        operations: Operations::Merged {
            single_replace_without_path: false,
        },
        post_roles: true,
        primary_everywhere: true,
        manager_in_post: true,
        manager_removal: ManagerRemoval::Remove,
        manager_check: true,
        members_per_patch: 2,
        member_ref_null: true,
        member_removal: MemberRemoval::FilteredPath,
        replace_shown_members: true,
        membership_check: true,
        gone_link: GoneLink::MatchedAnew,
        get_before_delete: true,
        skip_out_of_scope: true,
        ..Settings::unflagged()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_event_and_no_answer_breaks_a_job((steps, answers) in chaos()) {
        for settings in [Settings::unflagged(), Settings::flagged(), odd()] {
            survives(dialect(settings, setup()), Family::Entra, &steps, answers.clone())?;
        }
    }
}
