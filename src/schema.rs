//! The JSON schema of the manifest, and the judgement of a document by it.

use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::document::Document;
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

/// What a document's shape has against it, by place.
#[must_use]
pub fn check(document: &Document) -> Vec<Diagnostic> {
    let _ = document;
    Vec::new()
}
