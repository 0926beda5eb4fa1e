//! No event and no answer breaks an IdP that is written as data.

use proptest::prelude::*;

use super::{bundled, dialect};
use crate::idp::chaos::{chaos, survives};

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_event_and_no_answer_breaks_a_profile((steps, answers) in chaos()) {
        for id in ["authentik", "onelogin", "pingfederate"] {
            let variant = bundled(id);
            survives(dialect(&variant), variant.family, &steps, answers.clone())?;
        }
    }
}
