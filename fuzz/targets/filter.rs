//! Any text as a filter: it is read or refused, and what was read is written so that it reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scimulate::scim::Filter;
use scimulate::scim::filter::FilterError;

fuzz_target!(|text: &str| {
    if let Ok(filter) = text.parse::<Filter>() {
        let written = filter.to_string();
        match written.parse::<Filter>() {
            Ok(again) => assert_eq!(again, filter, "{written}"),
            // A filter at the bounds may be written with more words than it was read with.
            Err(FilterError::TooLong | FilterError::TooDeep | FilterError::TooMany) => {}
            Err(e) => panic!("{text:?} is written as {written:?}: {e}"),
        }
    }
});
