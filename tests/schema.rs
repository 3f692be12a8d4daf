//! The committed schema is the one that the types make, and has words for all that it demands.
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a test asks the machine, and stops where something is wrong"
)]

use std::fs;

use composegen::schema;
use serde_json::Value;

#[test]
fn the_committed_schema_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schema/gen.schema.json");
    let current = serde_json::to_string_pretty(&schema::generate()).unwrap() + "\n";
    if std::env::var("SNAPSHOTS").is_ok_and(|value| value == "overwrite") {
        fs::write(path, &current).unwrap();
    }
    let committed = fs::read_to_string(path).unwrap();
    assert!(committed == current, "run the tests with SNAPSHOTS=overwrite to renew {path}");
}

/// Every schema inside a schema. Names of properties are no keywords, so they are stepped over.
fn schemas<'s>(schema: &'s Value, found: &mut Vec<&'s Value>) {
    found.push(schema);
    for (keyword, value) in schema.as_object().into_iter().flatten() {
        match keyword.as_str() {
            "properties" | "definitions" => {
                value.as_object().unwrap().values().for_each(|schema| schemas(schema, found));
            }
            "anyOf" | "oneOf" | "allOf" => {
                value.as_array().unwrap().iter().for_each(|schema| schemas(schema, found));
            }
            "items" | "propertyNames" | "additionalProperties" if value.is_object() => {
                schemas(value, found);
            }
            _ => {}
        }
    }
}

#[test]
fn every_pattern_is_said_in_words() {
    let schema = schema::generate();
    let mut all = Vec::new();
    schemas(&schema, &mut all);
    let patterns: Vec<_> = all.iter().filter(|schema| schema.get("pattern").is_some()).collect();
    assert!(patterns.len() > 20);
    for schema in patterns {
        assert!(schema["x-expected"].is_string(), "{schema}");
    }
}

#[test]
fn every_key_has_a_description() {
    let schema = schema::generate();
    let mut all = Vec::new();
    schemas(&schema, &mut all);
    for (name, property) in
        all.iter().filter_map(|schema| schema["properties"].as_object()).flatten()
    {
        assert!(property["description"].is_string(), "{name}");
    }
}

/// A keyword that is new here needs words of its own in `schema/explain.rs`.
#[test]
fn every_keyword_is_known() {
    const KNOWN: [&str; 23] = [
        "allOf",
        "$ref",
        "$schema",
        "additionalProperties",
        "anyOf",
        "const",
        "default",
        "definitions",
        "description",
        "enum",
        "format",
        "items",
        "maximum",
        "minItems",
        "minProperties",
        "minimum",
        "oneOf",
        "pattern",
        "patternProperties",
        "properties",
        "propertyNames",
        "required",
        "title",
    ];
    let schema = schema::generate();
    let mut all = Vec::new();
    schemas(&schema, &mut all);
    for keyword in
        all.iter().filter_map(|schema| schema.as_object()).flat_map(|schema| schema.keys())
    {
        let known =
            KNOWN.contains(&keyword.as_str()) || ["type", "x-expected"].contains(&keyword.as_str());
        assert!(known, "{keyword}");
    }
}

#[test]
fn fixed_keys_are_closed_and_leave_room_for_extensions() {
    let schema = schema::generate();
    let mut all = Vec::new();
    schemas(&schema, &mut all);
    let closed = all.iter().filter(|schema| schema["properties"].is_object());
    for schema in closed {
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema["patternProperties"]["^x-"], true);
    }
}
