//! What is wrong with values: another type, or an unknown word.

use serde_json::Value;

use super::describe::{choice, expected, found, name, words};
use super::explain::Judge;
use super::mend;
use crate::diagnostic::suggest::nearest;
use crate::diagnostic::{Code, Diagnostic, Location, word};
use crate::document::{Node, NodeKind};
use crate::pointer::Pointer;

const KINDS_OF_SERVICES: &str =
    "say what it is, with `stack`, `preset`, `image`, `dockerfile` or `extends`";

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
        let segments: Vec<_> = pointer.segments().collect();
        let is_service = matches!(segments[..], ["services", _]);
        if is_service && node.kind == NodeKind::Null {
            let name = name(self.document, pointer);
            return Diagnostic::error(
                Code::WrongType,
                Location::value(pointer.clone()),
                format!("the service {name} is empty"),
            )
            .label("expected a mapping, found nothing")
            .help(KINDS_OF_SERVICES);
        }
        if segments == ["services"] && node.kind == NodeKind::Null {
            return self.empty(Location::value(pointer.clone()), "`services`", pointer);
        }
        let problem = Diagnostic::error(
            Code::WrongType,
            Location::value(pointer.clone()),
            format!(
                "{}: expected {}, found {}",
                name(self.document, pointer),
                expected(self.schema, schema),
                found(self.document, node)
            ),
        );
        if let Some((help, replacement)) = mend::mend(self.document, node, &alternatives) {
            return problem.help(help).patch(Location::value(pointer.clone()), replacement);
        }
        if is_service {
            return problem.help(KINDS_OF_SERVICES);
        }
        match mend::advise(node, &alternatives) {
            Some(help) => problem.help(help),
            None => problem,
        }
    }

    fn unknown_word(&self, pointer: &Pointer, text: &str, words: &[&str]) -> Diagnostic {
        let at = Location::value(pointer.clone());
        let name = name(self.document, pointer);
        let problem = Diagnostic::error(
            Code::UnknownValue,
            at.clone(),
            format!("{name} cannot be {}", word(text)),
        );
        match nearest(text, words.iter().copied()) {
            Some(word) => problem
                .label(format!("expected {}", choice(words)))
                .help(format!("did you mean `{word}`?"))
                .patch(at, word),
            None => problem.help(format!("write {}", choice(words))),
        }
    }
}
