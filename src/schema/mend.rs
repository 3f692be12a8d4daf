//! How a value of the wrong type becomes what was wanted.

use serde_json::{Value, json};

use super::describe::{choice, list, quoted, words};
use super::judge::allows;
use crate::diagnostic::word;
use crate::document::{Document, Node, NodeKind};

/// More keys than this are not listed.
const MAXIMUM_LIST: usize = 12;

/// What is written instead, and why, if that is certain.
pub(super) fn mend(
    document: &Document,
    node: &Node,
    alternatives: &[&Value],
) -> Option<(&'static str, String)> {
    let wants = |kind| has(alternatives, kind);
    let written = &document.source()[node.span.clone()];
    match &node.kind {
        NodeKind::Text(text) => {
            let plain = !quoted(document, node);
            match (boolean(text), whole(text)) {
                (Some(boolean), _) if wants("boolean") => {
                    let help = if plain { BOOLEANS } else { UNQUOTED };
                    Some((help, boolean.to_string()))
                }
                (_, Some(number)) if wants("integer") => Some((UNQUOTED, number.to_string())),
                _ if wants("array") && !wants("string") => listed(written),
                _ => None,
            }
        }
        NodeKind::Number(raw) if wants("integer") => {
            Some(("write it as a plain number", whole(raw)?.to_string()))
        }
        NodeKind::Integer(bit @ (0 | 1)) if wants("boolean") && !wants("string") => {
            Some((BOOLEANS, (*bit == 1).to_string()))
        }
        NodeKind::Integer(_) | NodeKind::Number(_) | NodeKind::Boolean(_) => {
            let fits = alternatives.iter().any(|schema| is_text(schema, written));
            let plain = written.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
            (fits && plain).then(|| ("put it in quotes", format!("\"{written}\"")))
        }
        NodeKind::Sequence(items) => match items.as_slice() {
            [Node { span, kind: NodeKind::Text(text) }] if wants("string") => {
                let fits = alternatives.iter().any(|schema| is_text(schema, text));
                let item = document.source()[span.clone()].to_owned();
                (fits && written.starts_with('[')).then_some(("write it without brackets", item))
            }
            _ => None,
        },
        NodeKind::Mapping(entries) if wants("array") && written.starts_with('{') => {
            let keys: Vec<_> =
                entries.iter().map(|entry| &document.source()[entry.key_span.clone()]).collect();
            (!keys.is_empty()).then(|| ("write a list", format!("[{}]", keys.join(", "))))
        }
        _ => None,
    }
}

const BOOLEANS: &str = "booleans are `true` and `false`";
const UNQUOTED: &str = "write it without quotes";

/// What to write, where no change is certain.
pub(super) fn advise(node: &Node, alternatives: &[&Value]) -> Option<String> {
    let words = words(alternatives);
    if !words.is_empty() {
        return Some(format!("write {}", choice(&words)));
    }
    if let Some(expected) = alternatives
        .iter()
        .filter(|schema| schema.get("pattern").is_some())
        .find_map(|schema| schema["x-expected"].as_str())
    {
        return Some(format!("write {expected}"));
    }
    if ["string", "integer", "boolean", "array"].iter().any(|kind| has(alternatives, kind)) {
        return None;
    }
    if let (NodeKind::Sequence(items), true) = (&node.kind, has(alternatives, "object")) {
        let pair = items.iter().find_map(|item| match &item.kind {
            // As Compose writes variables, and mounts.
            NodeKind::Text(text) => Some((text, text.split_once(['=', ':'])?)),
            _ => None,
        });
        if let Some((text, (name, value))) = pair {
            let (pair, item) = (format!("{name}: {value}"), format!("- {text}"));
            return Some(format!("write {} instead of {}", word(&pair), word(&item)));
        }
        if let [Node { kind: NodeKind::Text(name), .. }, ..] = items.as_slice() {
            let (pair, item) = (format!("{name}: …"), format!("- {name}"));
            return Some(format!("write {} instead of {}", word(&pair), word(&item)));
        }
    }
    let keys = alternatives.iter().find_map(|schema| schema["properties"].as_object())?;
    let keys: Vec<_> = keys.keys().map(String::as_str).collect();
    match keys.as_slice() {
        [only] => Some(format!("write `{only}: …` below it")),
        _ if keys.len() <= MAXIMUM_LIST => Some(format!("its keys are {}", list(&keys))),
        _ => None,
    }
}

fn has(alternatives: &[&Value], kind: &str) -> bool {
    alternatives.iter().any(|schema| schema.get("type").is_some() && allows(schema, kind))
}

/// Whether a text is one that a schema takes.
fn is_text(schema: &Value, text: &str) -> bool {
    let fixed = schema.get("const").is_some() || schema.get("enum").is_some();
    let typed = schema.get("type").is_some() && allows(schema, "string");
    typed && !fixed && schema.get("pattern").is_none_or(|pattern| matches(pattern, text))
}

/// Whether a text matches a pattern of the schema.
pub(super) fn matches(pattern: &Value, text: &str) -> bool {
    jsonschema::options()
        .offline()
        .build(&json!({"pattern": pattern}))
        .is_ok_and(|validator| validator.is_valid(&text.into()))
}

/// A single value as a list of one.
fn listed(written: &str) -> Option<(&'static str, String)> {
    let plain = !written.is_empty() && !written.contains(['\n', '[', ']', '{', '}', ',']);
    plain.then(|| ("write a list, even of one item", format!("[{written}]")))
}

fn boolean(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "yes" | "on" | "y" | "true" | "enabled" => Some(true),
        "no" | "off" | "n" | "false" | "disabled" => Some(false),
        _ => None,
    }
}

/// The whole number that a number stands for, however it is spelled.
fn whole(raw: &str) -> Option<i64> {
    let plain = raw.trim().replace('_', "");
    let digits = plain.strip_prefix('+').unwrap_or(&plain);
    if let Some(hexadecimal) = digits.strip_prefix("0x") {
        return i64::from_str_radix(hexadecimal, 16).ok();
    }
    if let Some(octal) = digits.strip_prefix("0o") {
        return i64::from_str_radix(octal, 8).ok();
    }
    match digits.split_once('.') {
        Some((digits, zeros)) if zeros.bytes().all(|digit| digit == b'0') => digits.parse().ok(),
        _ => digits.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::whole;

    #[test]
    fn reads_numbers_however_they_are_spelled() {
        for (raw, expected) in [
            ("8080", Some(8080)),
            ("8_080", Some(8080)),
            ("+8080", Some(8080)),
            ("0x1F90", Some(8080)),
            ("0o17", Some(15)),
            ("8080.0", Some(8080)),
            ("8080.5", None),
            ("http", None),
        ] {
            assert_eq!(whole(raw), expected, "{raw}");
        }
    }
}
