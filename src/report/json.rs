//! The report as JSON, and the schema that describes it.

use schemars::generate::SchemaSettings;

use super::Report;

/// Writes the report as JSON, indented, with a line feed at the end.
///
/// # Errors
/// Serialising fails; nothing in a report makes it.
pub fn json(report: &Report) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(report)?;
    text.push('\n');
    Ok(text)
}

/// The JSON Schema of what [`json`] writes, as it lies in `reports/report.schema.json`.
///
/// # Errors
/// Serialising fails; nothing in the schema makes it.
pub fn schema() -> Result<String, serde_json::Error> {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    let schema = settings.into_generator().into_root_schema_for::<Report>();
    let mut text = serde_json::to_string_pretty(&schema)?;
    text.push('\n');
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn what_is_written_fits_the_schema_and_what_lacks_a_member_does_not() {
        let schema = serde_json::from_str(&super::schema().unwrap()).unwrap();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let text = json(&sample::report()).unwrap();
        let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert!(validator.is_valid(&value));
        value["findings"][0]
            .as_object_mut()
            .unwrap()
            .remove("impact");
        assert!(!validator.is_valid(&value));
    }

    #[test]
    fn keys_and_values_are_those_that_were_published() {
        let text = json(&sample::report()).unwrap();
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["report"], 1);
        assert_eq!(value["run"]["started"], "1970-01-01T00:00:00Z");
        assert_eq!(value["summary"]["requirements"]["not-exercised"], 1);
        assert_eq!(value["requirements"][0]["results"][0]["verdict"], "fail");
        assert_eq!(
            value["findings"][0]["adminSees"],
            "Nothing: Okta shows the person as deprovisioned."
        );
        assert_eq!(value["exchanges"][0]["request"]["method"], "POST");
        assert_eq!(
            value["exchanges"][0]["request"]["headers"][0][0],
            "Authorization"
        );
        assert_eq!(value["scenarios"][0]["reason"], serde_json::Value::Null);
    }
}
