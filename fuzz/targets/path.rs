//! Any text as the path of a PATCH operation: it is read or refused, and what was read is written so that it reads the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scimulate::scim::PatchPath;

fuzz_target!(|text: &str| {
    if let Ok(path) = text.parse::<PatchPath>() {
        let written = path.to_string();
        match written.parse::<PatchPath>() {
            Ok(again) => assert_eq!(again, path, "{written}"),
            Err(e) => panic!("{text:?} is written as {written:?}: {e}"),
        }
    }
});
