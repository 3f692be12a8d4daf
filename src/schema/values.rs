//! What is wrong with values: another type, or an unknown word.

use serde_json::Value;

use super::describe::{choice, expected, found, name, short, words};
use super::explain::Judge;
use super::keys::is_empty_service;
use super::mend;
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
        if matches!(pointer.segments().collect::<Vec<_>>()[..], ["services"])
            && node.kind == NodeKind::Null
        {
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
}
