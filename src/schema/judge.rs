//! What the schema is shown: the document as JSON, with numbers as the types will read them.
//!
//! A version may be written as a number, but its pattern only judges text. So where both are
//! allowed, a number is shown as the text that its author wrote.

use serde_json::{Map, Value};

use crate::document::{Entry, Node, NodeKind, number};

/// The keys below `services` whose numbers are judged by their spelling, with those of a list among
/// them. Looked up here and not in the schema, which need not be read for a manifest that is right.
const AS_WRITTEN: [&str; 3] = ["cpus", "ports", "version"];

/// The document as JSON, for its schema.
pub(super) fn instance(root: &Node) -> Value {
    let NodeKind::Mapping(entries) = &root.kind else { return value(root, false) };
    let member = |entry: &Entry| {
        let value = match (entry.key.as_str(), &entry.value.kind) {
            // The number of the format is no version of a service.
            ("version", NodeKind::Integer(integer)) => (*integer).into(),
            _ => value(&entry.value, false),
        };
        (entry.key.clone(), value)
    };
    entries.iter().map(member).collect::<Map<_, _>>().into()
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

fn value(node: &Node, as_written: bool) -> Value {
    match &node.kind {
        NodeKind::Null => Value::Null,
        NodeKind::Boolean(boolean) => (*boolean).into(),
        NodeKind::Text(text) => text.as_str().into(),
        NodeKind::Integer(integer) if as_written => integer.to_string().into(),
        NodeKind::Integer(integer) => (*integer).into(),
        NodeKind::Number(raw) if as_written => raw.as_str().into(),
        NodeKind::Number(raw) => match number(raw) {
            // `8000.0` is an integer for a schema, but not for the types.
            Value::Number(number) if number.as_f64().is_some_and(|float| float.fract() == 0.0) => {
                raw.as_str().into()
            }
            number => number,
        },
        NodeKind::Sequence(items) => items.iter().map(|item| value(item, as_written)).collect(),
        NodeKind::Mapping(entries) => {
            let member = |entry: &Entry| {
                let as_written = AS_WRITTEN.contains(&entry.key.as_str());
                (entry.key.clone(), value(&entry.value, as_written))
            };
            entries.iter().map(member).collect::<Map<_, _>>().into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every place in a schema where a number may stand for a text that has a pattern.
    fn places<'s>(schema: &'s Value, key: &'s str, found: &mut Vec<&'s str>) {
        match schema {
            Value::Object(members) => {
                if schema["type"].is_array()
                    && schema.get("pattern").is_some()
                    && (allows(schema, "number") || allows(schema, "integer"))
                {
                    found.push(key);
                }
                for (name, member) in members {
                    let structure = ["items", "properties", "definitions"];
                    let key = if structure.contains(&name.as_str()) { key } else { name };
                    places(member, key, found);
                }
            }
            Value::Array(items) => items.iter().for_each(|item| places(item, key, found)),
            _ => {}
        }
    }

    #[test]
    fn knows_the_keys_whose_numbers_are_texts() {
        let mut found = Vec::new();
        let schema = crate::schema::generate();
        places(&schema, "", &mut found);
        found.sort_unstable();
        found.dedup();
        assert_eq!(found, AS_WRITTEN);
    }
}
