//! Stand-in until the schema arrives.

use serde_json::Value;

use crate::manifest::Manifest;

/// The JSON schema (draft 7) of the manifest.
#[must_use]
pub fn generate() -> Value {
    schemars::generate::SchemaSettings::draft07()
        .for_deserialize()
        .into_generator()
        .into_root_schema_for::<Manifest>()
        .to_value()
}
