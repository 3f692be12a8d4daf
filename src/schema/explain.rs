//! From a validator's error to a diagnostic.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::Value;

use super::describe::{name, range};
use super::judge::alternatives;
use crate::diagnostic::{Code, Diagnostic, Location, word};
use crate::document::{Document, Node};
use crate::pointer::Pointer;

/// What every explanation looks at.
pub(super) struct Judge<'a> {
    pub(super) schema: &'a Value,
    pub(super) document: &'a Document,
}

impl<'a> Judge<'a> {
    /// Says what an error means, once for each place that has to change.
    pub(super) fn explain(&self, error: &ValidationError<'_>) -> Vec<Diagnostic> {
        match branch(error) {
            Some(errors) => errors.iter().flat_map(|error| self.explain(error)).collect(),
            None => self.explain_here(error),
        }
    }

    fn explain_here(&self, error: &ValidationError<'_>) -> Vec<Diagnostic> {
        let pointer = place(error);
        let schema = self.schema_of(error);
        match error.kind() {
            Kind::AdditionalProperties { unexpected } => {
                self.unknown_keys(&pointer, schema, unexpected)
            }
            Kind::Required { property } => property
                .as_str()
                .map(|key| self.missing_key(&pointer, schema, key))
                .into_iter()
                .collect(),
            Kind::PropertyNames { error } => error
                .instance()
                .as_str()
                .map(|key| self.bad_name(&pointer, schema, key, error))
                .into_iter()
                .collect(),
            _ => self
                .document
                .get(&pointer)
                .map(|node| self.value(error, &pointer, node, schema))
                .into_iter()
                .collect(),
        }
    }

    /// An error that is about a value as such.
    fn value(
        &self,
        error: &ValidationError<'_>,
        pointer: &Pointer,
        node: &Node,
        schema: &Value,
    ) -> Diagnostic {
        let at = Location::value(pointer.clone());
        let name = name(self.document, pointer);
        match error.kind() {
            Kind::Minimum { .. }
            | Kind::Maximum { .. }
            | Kind::ExclusiveMinimum { .. }
            | Kind::ExclusiveMaximum { .. } => {
                let found = super::describe::found(self.document, node);
                Diagnostic::error(
                    Code::OutOfRange,
                    at,
                    format!(
                        "{name} has to be a number{}, found {}",
                        range(schema),
                        found.trim_start_matches("the number ")
                    ),
                )
                .label("out of range")
            }
            Kind::MinItems { .. } | Kind::MinProperties { .. } => self.empty(at, &name, pointer),
            Kind::Pattern { .. } => self.bad_format(at, &name, node, schema),
            Kind::Type { .. }
            | Kind::AnyOf { .. }
            | Kind::OneOfNotValid { .. }
            | Kind::Constant { .. }
            | Kind::Enum { .. } => self.wrong_value(pointer, node, schema),
            // None of the keywords of the schema leads here; a test walks over them.
            _ => Diagnostic::error(Code::BadValue, at, format!("{name} does not fit here")),
        }
    }

    pub(super) fn empty(&self, at: Location, name: &str, pointer: &Pointer) -> Diagnostic {
        let problem =
            Diagnostic::error(Code::EmptyCollection, at, format!("{name} must not be empty"));
        if pointer.to_string() == "/services" {
            return problem
                .label("no service is named")
                .help("name one, for example `web: {stack: node, path: web}`");
        }
        problem.label("expected at least one item").help("write a value, or leave the key out")
    }

    fn bad_format(&self, at: Location, name: &str, node: &Node, schema: &Value) -> Diagnostic {
        use crate::document::NodeKind as K;
        let text = match &node.kind {
            K::Text(text) | K::Number(text) => text.clone(),
            K::Integer(integer) => integer.to_string(),
            _ => String::new(),
        };
        let expected = schema["x-expected"].as_str().unwrap_or("another spelling");
        let title = if text.is_empty() {
            format!("{name} must not be empty")
        } else {
            format!("{name} cannot be {}", word(&text))
        };
        Diagnostic::error(Code::BadFormat, at, title).help(format!("write {expected}"))
    }

    /// The schema that an error comes from: what holds the keyword that failed.
    fn schema_of(&self, error: &ValidationError<'_>) -> &'a Value {
        let path = error.schema_path().as_str();
        let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
        self.schema.pointer(parent).unwrap_or(&Value::Null)
    }

    /// The schemas of a place, references followed.
    pub(super) fn alternatives_of(&self, schema: &'a Value) -> Vec<&'a Value> {
        alternatives(self.schema, schema)
    }
}

/// The place that an error is about.
fn place(error: &ValidationError<'_>) -> Pointer {
    error.instance_path().segments().collect()
}

/// Of a choice between several forms: the errors of the one form whose type is right. `None` if
/// the error is no choice, or no form or several have the right type.
fn branch<'e>(error: &'e ValidationError<'_>) -> Option<&'e [ValidationError<'static>]> {
    let (Kind::AnyOf { context } | Kind::OneOfNotValid { context }) = error.kind() else {
        return None;
    };
    let here = error.instance_path().as_str();
    let mut fitting = context.iter().filter(|errors| !is_other_type(errors, here));
    match (fitting.next(), fitting.next()) {
        (Some(errors), None) => Some(errors),
        _ => None,
    }
}

/// Whether errors say that a value is not of the type at all.
fn is_other_type(errors: &[ValidationError<'static>], here: &str) -> bool {
    errors.iter().any(|error| match error.kind() {
        _ if error.instance_path().as_str() != here => false,
        Kind::Type { .. } => true,
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            context.iter().all(|errors| is_other_type(errors, here))
        }
        _ => false,
    })
}
