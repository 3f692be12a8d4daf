//! The manifest's reference, as Markdown, made from the schema: one table for each mapping.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// The mappings in the order in which a reader meets them; a test proves that none is left out.
const ORDER: [&str; 16] = [
    "Service",
    "Packages",
    "Healthcheck",
    "Asset",
    "ServiceVariable",
    "Condition",
    "Build",
    "BuildSecret",
    "Python",
    "Node",
    "Go",
    "Development",
    "Production",
    "Resources",
    "Secret",
    "Volume",
];

/// Writes the reference of a schema that [`super::generate`] made.
#[must_use]
pub fn reference(schema: &Value) -> String {
    let mut out = String::new();
    section(&mut out, "The manifest", schema);
    for name in ORDER {
        section(&mut out, name, &schema["definitions"][name]);
    }
    out
}

fn section(out: &mut String, title: &str, schema: &Value) {
    let Some(properties) = schema["properties"].as_object() else { return };
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    // Writing to a string cannot fail.
    let _ = writeln!(out, "#### {title}\n");
    let _ = writeln!(out, "{}\n", one_line(schema));
    let _ = writeln!(out, "| key | value | meaning |\n| --- | --- | --- |");
    for (key, property) in properties {
        let mark = if required.contains(&key.as_str()) { " (required)" } else { "" };
        let _ = writeln!(
            out,
            "| `{key}`{mark} | {} | {} |",
            kind(property).replace('|', "\\|"),
            one_line(property).replace('|', "\\|")
        );
    }
    out.push('\n');
}

/// The first paragraph of a description on one line.
fn one_line(schema: &Value) -> String {
    schema["description"]
        .as_str()
        .unwrap_or_default()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// What a value is, in a few words.
fn kind(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|path| path.rsplit('/').next()) {
        return referred(name);
    }
    if let Some(name) = schema["allOf"][0]["$ref"].as_str().and_then(|path| path.rsplit('/').next())
    {
        return referred(name);
    }
    let choices = schema["anyOf"].as_array().or_else(|| schema["oneOf"].as_array());
    if let Some(choices) = choices {
        let mut words: Vec<_> = choices.iter().filter(|c| c["type"] != "null").map(kind).collect();
        words.dedup();
        return words.join(" or ");
    }
    if let Some(word) = schema["const"].as_str() {
        return format!("`{word}`");
    }
    let types: Vec<&str> = match &schema["type"] {
        Value::String(one) => vec![one],
        Value::Array(all) => {
            all.iter().filter_map(Value::as_str).filter(|t| *t != "null").collect()
        }
        _ => Vec::new(),
    };
    types.iter().map(|name| named(name, schema)).collect::<Vec<_>>().join(" or ")
}

fn named(name: &str, schema: &Value) -> String {
    match name {
        "string" => "text".into(),
        "integer" => "whole number".into(),
        "number" => "number".into(),
        "boolean" => "`true` or `false`".into(),
        "array" => format!("list of {}", kind(&schema["items"])),
        "object" => {
            let patterns =
                schema["patternProperties"].as_object().and_then(|map| map.values().next());
            let values = if schema["additionalProperties"].is_object() {
                kind(&schema["additionalProperties"])
            } else {
                patterns.map(kind).unwrap_or_default()
            };
            let keys = schema["propertyNames"]["enum"].as_array().is_some();
            format!("map of {} to {values}", if keys { "words" } else { "names" })
        }
        other => other.to_owned(),
    }
}

/// A definition that has a table is linked, the others are spelled out.
fn referred(name: &str) -> String {
    if ORDER.contains(&name) {
        return format!("[{name}](#{})", name.to_lowercase());
    }
    super::SCHEMA["definitions"].get(name).map(kind).unwrap_or_default()
}

/// The names of all mappings with fixed keys.
#[must_use]
pub fn mappings(schema: &Value) -> Vec<String> {
    let empty = Map::new();
    let definitions = schema["definitions"].as_object().unwrap_or(&empty);
    definitions
        .iter()
        .filter(|(_, definition)| definition["properties"].is_object())
        .map(|(name, _)| name.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mapping_has_its_table() {
        for name in mappings(&super::super::SCHEMA) {
            assert!(ORDER.contains(&name.as_str()), "`{name}` is not in the reference");
        }
    }
}
