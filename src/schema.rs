//! The JSON schema of the manifest, and the judgement of a document by it.
//!
//! The schema is made from the manifest types. Where a pattern stands in it, `x-expected` beside
//! it says in words what is allowed: no person ever sees a regular expression.

mod describe;
mod explain;
mod judge;
mod keys;
mod mend;
pub mod reference;
mod values;

use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use crate::diagnostic::{Code, Diagnostic, Location, sort};
use crate::document::{Document, NodeKind};
use crate::manifest::{FORMAT, Manifest};
use crate::pointer;

/// No more problems than this are told at once.
pub const MAXIMUM_PROBLEMS: usize = 1000;

/// The committed schema. A test keeps it equal to [`generate`].
pub const COMMITTED: &str = include_str!("../schema/gen.schema.json");

/// The schema as data, to look things up in.
static SCHEMA: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(COMMITTED).expect("the committed schema is JSON"));

/// Tells right from wrong, and nothing more. Compiled with this program, because making a
/// validator from the schema costs more than everything else that a run does.
#[jsonschema::validator(
    path = "schema/gen.schema.json",
    draft = Draft7,
    pattern_options = { engine = regex },
    methods = { is_valid = true, validate = false, iter_errors = false }
)]
struct Verdict;

/// Finds every error of a document that is known to be wrong.
fn validator() -> Validator {
    jsonschema::options()
        .with_draft(jsonschema::Draft::Draft7)
        .offline()
        .build(&SCHEMA)
        .expect("the manifest types make a schema that can be compiled")
}

/// The JSON schema (draft 7) of the manifest.
#[must_use]
pub fn generate() -> Value {
    let mut schema = schemars::generate::SchemaSettings::draft07()
        .for_deserialize()
        .into_generator()
        .into_root_schema_for::<Manifest>()
        .to_value();
    close(&mut schema);
    schema
}

/// Forbids unknown keys wherever keys are fixed, except for those that begin with `x-`, and lets
/// lists and maps that may be left out be empty: `environment:` with nothing behind it.
fn close(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(close),
        Value::Object(object) => {
            if object.get("properties").is_some_and(Value::is_object) {
                close_object(object);
            }
            object.values_mut().for_each(close);
        }
        _ => {}
    }
}

fn close_object(object: &mut Map<String, Value>) {
    let required = object.get("required").cloned().unwrap_or_default();
    let is_required = |key: &str| {
        required.as_array().is_some_and(|keys| keys.iter().any(|required| required == key))
    };
    if let Some(Value::Object(properties)) = object.get_mut("properties") {
        for (key, property) in properties {
            let nullable = match property["type"].as_str() {
                Some(kind @ ("array" | "object")) => json!([kind, "null"]),
                _ => continue,
            };
            if !is_required(key) {
                property["type"] = nullable;
            }
        }
    }
    object.insert("additionalProperties".into(), false.into());
    object.insert("patternProperties".into(), json!({"^x-": true}));
}

/// What a document's shape has against it, in the order of the places.
#[must_use]
pub fn check(document: &Document) -> Vec<Diagnostic> {
    if let Some(newer) = newer(document) {
        return vec![newer];
    }
    let instance = judge::instance(document.root());
    if Verdict::is_valid(&instance) {
        return Vec::new();
    }
    let judge = explain::Judge { schema: &SCHEMA, document };
    let mut diagnostics: Vec<_> = validator()
        .iter_errors(&instance)
        .flat_map(|error| judge.explain(&error))
        .take(MAXIMUM_PROBLEMS + 1)
        .collect();
    let more = diagnostics.len() > MAXIMUM_PROBLEMS;
    diagnostics.truncate(MAXIMUM_PROBLEMS);
    sort(document, &mut diagnostics);
    diagnostics.dedup();
    keys::drop_echoes(&mut diagnostics);
    if more {
        let end = document.root().span.end;
        diagnostics.push(Diagnostic::warning(
            Code::ManifestTooComplex,
            Location::span(end..end),
            format!("more than {MAXIMUM_PROBLEMS} problems: the others show when these are mended"),
        ));
    }
    diagnostics
}

/// A manifest of a later format: nothing else about it can be judged.
fn newer(document: &Document) -> Option<Diagnostic> {
    let pointer = pointer!["version"];
    let version = match document.get(&pointer)?.kind {
        NodeKind::Integer(version) if version > i64::from(FORMAT) => version,
        _ => return None,
    };
    Some(
        Diagnostic::error(
            Code::NewerManifest,
            Location::value(pointer),
            format!("the manifest has format {version}, this gen reads format {FORMAT}"),
        )
        .label(format!("expected `{FORMAT}`"))
        .help("install a newer gen; do not change the number, the keys differ as well"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Changes every value of a document in turn, in many ways.
    fn changed(value: &Value, report: &mut dyn FnMut(Value)) {
        let strange = [Value::Null, true.into(), (-1).into(), 1.5.into(), "a b".into(), "".into()];
        strange.into_iter().chain([json!([]), json!({}), json!([[]])]).for_each(&mut *report);
        match value {
            Value::Array(items) => {
                for index in 0..items.len() {
                    changed(&items[index], &mut |item| {
                        let mut items = items.clone();
                        items[index] = item;
                        report(items.into());
                    });
                }
            }
            Value::Object(members) => {
                for (key, member) in members {
                    let mut without = members.clone();
                    without.remove(key);
                    without.insert(format!("{key}x"), member.clone());
                    report(without.into());
                    changed(member, &mut |member| {
                        let mut members = members.clone();
                        members.insert(key.clone(), member);
                        report(members.into());
                    });
                }
            }
            _ => {}
        }
    }

    #[test]
    fn the_compiled_verdict_is_that_of_the_schema() {
        let validator = validator();
        let (mut right, mut wrong) = (0, 0);
        for text in [
            include_str!("../fixtures/system-b/input/gen.yaml"),
            include_str!("../fixtures/system-c/input/gen.yaml"),
            include_str!("../fixtures/system-e/input/gen.yaml"),
        ] {
            let document = Document::parse("gen.yaml", text.as_bytes()).expect("YAML");
            let instance = judge::instance(document.root());
            assert!(Verdict::is_valid(&instance));
            changed(&instance, &mut |instance| {
                let expected = validator.is_valid(&instance);
                *if expected { &mut right } else { &mut wrong } += 1;
                assert_eq!(Verdict::is_valid(&instance), expected, "{instance:#}");
            });
        }
        assert!(right > 20 && wrong > 500, "{right} right, {wrong} wrong");
    }
}
