//! The JSON Schema of a profile, by which editors complete and check it.

use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::syntax::File;

/// The schema that lies beside the bundled profiles.
pub fn schema() -> Value {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<File>();
    schema.insert("title".to_owned(), "scimulate IdP profile".into());
    schema.to_value()
}
