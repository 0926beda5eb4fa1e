//! No event and no answer breaks a connection.

use proptest::prelude::*;

use super::{Settings, connection};
use crate::directory::Family;
use crate::idp::chaos::{chaos, survives};

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_event_and_no_answer_breaks_a_connection((steps, answers) in chaos()) {
        let plain = Settings { pages: 5, ..Settings::default() };
        let odd = Settings {
            test_reads_groups: true,
            test_pages: true,
            group_tries: 2,
            probe_adds_member: true,
            lookup_before_update: true,
            update_by_patch: true,
            reactivate_by_post: true,
            password: true,
            remove_by_filter: true,
            locale: false,
            empty_lists: false,
            members_in_post: true,
            patch_schemas: true,
            user_agent: Some("Go-http-client/1.1".to_owned()),
            ..plain.clone()
        };
        for settings in [plain, odd] {
            survives(connection(settings), Family::Jumpcloud, &steps, answers.clone())?;
        }
    }
}
