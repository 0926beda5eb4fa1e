//! The JSON Schema of a story file, by which editors complete and check it.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::syntax::File;

/// The schema that lies beside the bundled stories.
pub fn schema() -> Value {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<File>();
    schema.insert("title".to_owned(), "scimulate story".into());
    schema.to_value()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::scenario::syntax::as_editors_read;
    use crate::scenario::{bundled, parse};

    #[test]
    fn the_published_schema_is_the_one_of_the_types() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/scenario.schema.json");
        let published = std::fs::read_to_string(file).unwrap_or_default();
        let right = format!("{:#}\n", schema());
        assert!(
            published == right,
            "scenarios/scenario.schema.json is not what the types say: \
             run `cargo test --lib scenario::schema::tests::write_the_schema -- --ignored`"
        );
    }

    #[test]
    #[ignore = "writes scenarios/scenario.schema.json"]
    fn write_the_schema() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios/scenario.schema.json");
        std::fs::write(file, format!("{:#}\n", schema())).unwrap();
    }

    #[test]
    fn every_bundled_story_fits_the_published_schema_as_an_editor_reads_it() {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        for story in bundled() {
            let json: serde_json::Value = as_editors_read(&story.text);
            let errors: Vec<_> = validator
                .iter_errors(&json)
                .map(|error| error.to_string())
                .collect();
            assert!(errors.is_empty(), "{}: {errors:?}", story.file);
        }
    }

    #[test]
    fn the_schema_refuses_what_is_no_story() {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        let right = String::from(
            "scenario: 1\ntitle: a story\nwhy: it matters\npeople: {ada: {given: Ada, family: 2.0}}\ngroups: {no: {}}\nsteps: [cycle, {assign: ada, disturb: time-out}]\n",
        );
        assert!(validator.is_valid(&as_editors_read(&right)));
        for (from, to) in [
            ("scenario: 1", "scenario: 2"),
            ("steps:", "step:"),
            ("given:", "givn:"),
            ("assign:", "asign:"),
            ("disturb: time-out", "disturb: storm"),
            ("title: a story\n", ""),
        ] {
            let wrong = right.replace(from, to);
            assert!(!validator.is_valid(&as_editors_read(&wrong)), "{to}");
            assert!(parse("story.yaml", &wrong).is_err(), "{to}");
        }
    }
}
