//! The published schema is the one of the types, and takes what the reader takes.

use std::path::Path;

use crate::idp::custom::{bundled, parse, schema};
use crate::yaml::as_editors_read;

fn published() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("idps/profile.schema.json")
}

fn profiles() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("idps");
    let files = std::fs::read_dir(folder).unwrap();
    let mut found: Vec<_> = files
        .map(|file| file.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "yaml"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    found.sort();
    found
}

#[test]
fn the_published_schema_is_the_one_of_the_types() {
    let text = std::fs::read_to_string(published()).unwrap_or_default();
    assert!(
        text == format!("{:#}\n", schema()),
        "idps/profile.schema.json is not what the types say: \
         run `cargo test --lib custom::tests::schema::write_the_schema -- --ignored`"
    );
}

#[test]
#[ignore = "writes idps/profile.schema.json"]
fn write_the_schema() {
    std::fs::write(published(), format!("{:#}\n", schema())).unwrap();
}

#[test]
fn every_bundled_profile_compiles_and_fits_the_schema_as_an_editor_reads_it() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let profiles = profiles();
    for (file, text) in &profiles {
        let read = parse(file, text, &[]);
        let why: Vec<_> = read
            .as_ref()
            .err()
            .map(|e| e.lines().collect())
            .unwrap_or_default();
        assert!(read.is_ok(), "{why:#?}");
        let json: serde_json::Value = as_editors_read(text);
        let errors: Vec<_> = validator
            .iter_errors(&json)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{file}: {errors:?}");
    }
    assert_eq!(bundled().len(), profiles.len());
}
