//! Schemas and values in words.

use serde_json::Value;

use super::judge::{allows, alternatives};
use crate::diagnostic::word;
use crate::document::{Document, Node, NodeKind};
use crate::pointer::Pointer;

/// What a schema allows: "a whole number from 1 to 65535", "a text or a list of words".
pub(super) fn expected(root: &Value, schema: &Value) -> String {
    let mut parts: Vec<String> = Vec::new();
    for schema in alternatives(root, schema) {
        for part in one(root, schema) {
            if !parts.contains(&part) {
                parts.push(part);
            }
        }
    }
    if parts.iter().any(|part| part == "a number") {
        parts.retain(|part| part != "a whole number");
    }
    join(&parts)
}

/// The words that a schema with fixed words allows.
pub(super) fn words<'s>(alternatives: &[&'s Value]) -> Vec<&'s str> {
    let constants = alternatives.iter().filter_map(|schema| schema["const"].as_str());
    let lists = alternatives
        .iter()
        .filter_map(|schema| schema["enum"].as_array())
        .flatten()
        .filter_map(Value::as_str);
    constants.chain(lists).collect()
}

/// "`a`", or "one of `a`, `b` and `c`".
pub(super) fn choice(words: &[&str]) -> String {
    match words {
        [only] => format!("`{only}`"),
        _ => format!("one of {}", list(words)),
    }
}

/// "`a`, `b`, `c`".
pub(super) fn list(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn join(parts: &[String]) -> String {
    match parts {
        [] => "nothing".into(),
        [only] => only.clone(),
        [first, last] if !first.contains(" or ") => format!("{first} or {last}"),
        [rest @ .., last] => format!("{}, or {last}", rest.join(", ")),
    }
}

/// The types of one alternative in words; none for `null`, which only says that a key may be left
/// out. What a pattern wants is said elsewhere.
fn one(root: &Value, schema: &Value) -> Vec<String> {
    if let (Some(expected), None) = (schema["x-expected"].as_str(), schema.get("pattern")) {
        return vec![expected.to_owned()];
    }
    let kinds = ["string", "integer", "number", "boolean", "array", "object"];
    kinds
        .into_iter()
        .filter(|kind| schema.get("type").is_some() && allows(schema, kind))
        .map(|kind| match kind {
            "string" => "a text".to_owned(),
            "integer" => format!("a whole number{}", range(schema)),
            "number" => format!("a number{}", range(schema)),
            "boolean" => "true or false".to_owned(),
            "array" => format!("a list{}", items(root, schema)),
            _ => "a mapping".to_owned(),
        })
        .collect()
}

/// " from 1 to 65535", " of at least 1", or nothing.
pub(super) fn range(schema: &Value) -> String {
    let bound = |key: &str| {
        let bound = &schema[key];
        // Bounds that only come from the width of a type are nobody's business.
        bound.as_i64().map(|bound| bound.to_string())
    };
    match (bound("minimum"), bound("maximum")) {
        (Some(minimum), Some(maximum)) => format!(" from {minimum} to {maximum}"),
        (Some(minimum), None) => format!(" of at least {minimum}"),
        (None, Some(maximum)) => format!(" of at most {maximum}"),
        (None, None) => String::new(),
    }
}

fn items(root: &Value, schema: &Value) -> String {
    let items: Vec<_> =
        schema.get("items").map_or_else(Vec::new, |items| alternatives(root, items));
    if !items.is_empty() && items.iter().all(|schema| schema["type"] == "string") {
        " of texts".into()
    } else if items.iter().any(|schema| schema["type"] == "object") {
        " of mappings".into()
    } else {
        String::new()
    }
}

/// What a value is: "the number `5`", "a list", "`yes`", "nothing".
pub(super) fn found(document: &Document, node: &Node) -> String {
    match &node.kind {
        NodeKind::Null => "nothing".into(),
        NodeKind::Boolean(boolean) => format!("`{boolean}`"),
        NodeKind::Integer(integer) => format!("the number `{integer}`"),
        NodeKind::Number(raw) => format!("the number `{raw}`"),
        NodeKind::Text(text) if quoted(document, node) => format!("the text {}", word(text)),
        NodeKind::Text(text) => word(text),
        NodeKind::Sequence(items) if items.is_empty() => "an empty list".into(),
        NodeKind::Sequence(_) => "a list".into(),
        NodeKind::Mapping(entries) if entries.is_empty() => "an empty mapping".into(),
        NodeKind::Mapping(_) => "a mapping".into(),
    }
}

/// Whether a text is written in quotes, so that `"8000"` is no number.
pub(super) fn quoted(document: &Document, node: &Node) -> bool {
    document.source()[node.span.clone()].starts_with(['"', '\''])
}

/// The name of a place: "`port`", "item 2 of `command`", "the manifest".
pub(super) fn name(document: &Document, pointer: &Pointer) -> String {
    let Some((parent, last)) = pointer.split_last() else { return "the manifest".into() };
    match (document.get(&parent).map(|node| &node.kind), last.parse::<usize>()) {
        (Some(NodeKind::Sequence(_)), Ok(index)) => {
            format!("item {} of {}", index + 1, name(document, &parent))
        }
        _ => word(last),
    }
}

/// The first sentence of a schema's description, as it can follow a colon.
pub(super) fn meaning(root: &Value, schema: &Value) -> Option<String> {
    let own = schema["description"].as_str();
    let text = own.or_else(|| {
        let reference = schema["$ref"].as_str()?;
        root.pointer(reference.trim_start_matches('#'))?["description"].as_str()
    })?;
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let sentence = text.split_inclusive(". ").next()?.trim().trim_end_matches('.');
    Some(sentence.split("; ").next()?.to_owned())
}
