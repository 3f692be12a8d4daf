//! What is wrong with values: another type, or an unknown word.

use serde_json::Value;

use super::describe::{choice, expected, found, name, short, words};
use super::explain::Judge;
use super::judge::allows;
use super::keys::is_empty_service;
use crate::diagnostic::suggest::nearest;
use crate::diagnostic::{Code, Diagnostic, Location};
use crate::document::{Node, NodeKind};
use crate::pointer::Pointer;

impl<'a> Judge<'a> {
    /// A value that no form of its schema takes.
    pub(super) fn wrong_value(
        &self,
        pointer: &Pointer,
        node: &Node,
        schema: &'a Value,
    ) -> Diagnostic {
        let alternatives = self.alternatives_of(schema);
        let words = words(&alternatives);
        if let (NodeKind::Text(text), false) = (&node.kind, words.is_empty()) {
            return self.unknown_word(pointer, text, &words);
        }
        if is_empty_service(pointer, &node.kind) {
            let name = name(self.document, pointer);
            return Diagnostic::error(
                Code::WrongType,
                Location::value(pointer.clone()),
                format!("the service {name} is empty"),
            )
            .label("expected a mapping, found nothing")
            .help("say what it is, with `stack`, `preset`, `image`, `dockerfile` or `extends`");
        }
        let name = name(self.document, pointer);
        let problem = Diagnostic::error(
            Code::WrongType,
            Location::value(pointer.clone()),
            format!(
                "{name}: expected {}, found {}",
                expected(self.schema, schema),
                found(self.document, node)
            ),
        );
        match self.mend(node, &alternatives) {
            Some((help, replacement)) => {
                problem.help(help).patch(Location::value(pointer.clone()), replacement)
            }
            None => problem,
        }
    }

    fn unknown_word(&self, pointer: &Pointer, text: &str, words: &[&str]) -> Diagnostic {
        let at = Location::value(pointer.clone());
        let name = name(self.document, pointer);
        let problem = Diagnostic::error(
            Code::UnknownValue,
            at.clone(),
            format!("{name} cannot be {}", short(text)),
        );
        match nearest(text, words.iter().copied()) {
            Some(word) => problem
                .label(format!("expected {}", choice(words)))
                .help(format!("did you mean `{word}`?"))
                .patch(at, word),
            None => problem.help(format!("write {}", choice(words))),
        }
    }

    /// How a value becomes what was wanted, if that is certain.
    fn mend(&self, node: &Node, alternatives: &[&Value]) -> Option<(&'static str, String)> {
        let wants = |kind| {
            alternatives.iter().any(|schema| schema.get("type").is_some() && allows(schema, kind))
        };
        let written = &self.document.source()[node.span.clone()];
        match &node.kind {
            NodeKind::Text(text) => {
                let boolean = match text.to_lowercase().as_str() {
                    "yes" | "on" | "y" | "true" | "enabled" => Some(true),
                    "no" | "off" | "n" | "false" | "disabled" => Some(false),
                    _ => None,
                };
                if let (true, Some(boolean)) = (wants("boolean"), boolean) {
                    return Some(("write it as YAML 1.2 does", boolean.to_string()));
                }
                let number = text.trim().replace('_', "").parse::<i64>().ok();
                if let (true, Some(number)) = (wants("integer"), number) {
                    return Some(("write it without quotes", number.to_string()));
                }
                self.listed(written, wants("array"))
            }
            NodeKind::Number(raw) if wants("integer") => {
                Some(("write it as a plain number", whole(raw)?.to_string()))
            }
            NodeKind::Integer(_) | NodeKind::Number(_) | NodeKind::Boolean(_)
                if wants("string") =>
            {
                Some(("put it in quotes", format!("\"{written}\"")))
            }
            _ => None,
        }
    }

    /// A single value as a list of one.
    fn listed(&self, written: &str, wanted: bool) -> Option<(&'static str, String)> {
        let plain = !written.is_empty() && !written.contains(['\n', '[', ']', '{', '}', ',']);
        (wanted && plain).then(|| ("write a list, also of one item", format!("[{written}]")))
    }
}

/// The whole number that a number stands for, however it is spelled.
fn whole(raw: &str) -> Option<i64> {
    let plain = raw.replace('_', "");
    let digits = plain.strip_prefix('+').unwrap_or(&plain);
    if let Some(hexadecimal) = digits.strip_prefix("0x") {
        return i64::from_str_radix(hexadecimal, 16).ok();
    }
    if let Some(octal) = digits.strip_prefix("0o") {
        return i64::from_str_radix(octal, 8).ok();
    }
    let digits = match digits.split_once('.') {
        Some((digits, zeros)) if zeros.bytes().all(|digit| digit == b'0') => digits,
        _ => digits,
    };
    digits.parse().ok()
}
