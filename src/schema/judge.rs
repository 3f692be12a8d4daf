//! What the schema is shown: the document as JSON, with numbers as the types will read them.
//!
//! A version may be written as a number, but its pattern only judges text. So where both are
//! allowed, a number is shown as the text that its author wrote.

use serde_json::{Map, Value};

use crate::document::{Entry, Node, NodeKind, number};

/// The document as JSON, for its schema.
pub(super) fn instance(schema: &Value, root: &Node) -> Value {
    value(schema, &[schema], root)
}

/// Every way to write a value that a schema allows: references followed, choices laid out.
pub(super) fn alternatives<'s>(root: &'s Value, schema: &'s Value) -> Vec<&'s Value> {
    let mut found = Vec::new();
    let mut open = vec![schema];
    while let Some(schema) = open.pop() {
        if let Some(reference) = schema["$ref"].as_str() {
            open.extend(root.pointer(reference.trim_start_matches('#')));
        } else if let Some(choices) = schema["anyOf"].as_array().or(schema["oneOf"].as_array()) {
            open.extend(choices.iter().rev());
        } else if let Some(all) = schema["allOf"].as_array() {
            open.extend(all.iter().rev());
        } else {
            found.push(schema);
        }
    }
    found
}

/// Whether a schema without choices allows a type.
pub(super) fn allows(schema: &Value, kind: &str) -> bool {
    match &schema["type"] {
        Value::String(only) => only == kind,
        Value::Array(kinds) => kinds.iter().any(|allowed| allowed == kind),
        _ => true,
    }
}

fn value(root: &Value, schemas: &[&Value], node: &Node) -> Value {
    let alternatives: Vec<_> =
        schemas.iter().flat_map(|schema| alternatives(root, schema)).collect();
    match &node.kind {
        NodeKind::Null => Value::Null,
        NodeKind::Boolean(boolean) => (*boolean).into(),
        NodeKind::Text(text) => text.as_str().into(),
        NodeKind::Integer(integer) if as_written(&alternatives) => integer.to_string().into(),
        NodeKind::Integer(integer) => (*integer).into(),
        NodeKind::Number(raw) if as_written(&alternatives) => raw.as_str().into(),
        NodeKind::Number(raw) => match number(raw) {
            // `8000.0` is an integer for a schema, but not for the types.
            Value::Number(number) if number.as_f64().is_some_and(|float| float.fract() == 0.0) => {
                let fits = alternatives.iter().any(|schema| allows(schema, "number"));
                if fits { Value::Number(number) } else { raw.as_str().into() }
            }
            number => number,
        },
        NodeKind::Sequence(items) => {
            let schemas: Vec<_> =
                alternatives.iter().filter_map(|schema| schema.get("items")).collect();
            items.iter().map(|item| value(root, &schemas, item)).collect()
        }
        NodeKind::Mapping(entries) => entries
            .iter()
            .map(|entry| member(root, &alternatives, entry))
            .collect::<Map<_, _>>()
            .into(),
    }
}

fn member(root: &Value, schemas: &[&Value], entry: &Entry) -> (String, Value) {
    let schemas: Vec<_> = schemas
        .iter()
        .filter_map(|schema| {
            schema["properties"].get(&entry.key).or_else(|| schema.get("additionalProperties"))
        })
        .collect();
    (entry.key.clone(), value(root, &schemas, &entry.value))
}

/// Whether a number is a text here, too, and judged by its spelling.
fn as_written(alternatives: &[&Value]) -> bool {
    alternatives.iter().any(|schema| {
        schema["type"].is_array()
            && schema.get("pattern").is_some()
            && allows(schema, "string")
            && (allows(schema, "number") || allows(schema, "integer"))
    })
}
