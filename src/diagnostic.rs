//! What is wrong, where, and how to mend it.
//!
//! Owns the [`Diagnostic`]: every problem that is told to a person is one. A rule names a place of
//! the manifest by its [`Pointer`]; only `render` asks the [`Document`] for bytes.

mod code;
mod render;
pub mod suggest;
mod visible;
mod word;

use std::ops::Range;

pub use code::Code;
pub use render::{render, sort, to_json};
pub use word::word;

use crate::document::Document;
use crate::pointer::Pointer;
use visible::visible;

/// How much a problem weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing is generated until it is mended.
    Error,
    /// Files are generated, but somebody should look.
    Warning,
}

impl Severity {
    /// The word for it, as reports carry it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
        }
    }
}

/// Which part of a place is meant.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Part {
    /// The key of the entry.
    Key,
    /// The value of the entry. Where it spans lines, a caret goes to its key.
    Value,
    /// These bytes of the value's text; the whole value where quoting makes that ambiguous.
    Within(Range<usize>),
    /// These bytes of the document, whatever is there.
    Span(Range<usize>),
}

/// A place of the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Location {
    /// The entry.
    pub pointer: Pointer,
    /// The part of it.
    pub part: Part,
}

impl Location {
    /// The key of an entry.
    #[must_use]
    pub fn key(pointer: Pointer) -> Self {
        Self { pointer, part: Part::Key }
    }

    /// The value of an entry.
    #[must_use]
    pub fn value(pointer: Pointer) -> Self {
        Self { pointer, part: Part::Value }
    }

    /// Some bytes of a value's text.
    #[must_use]
    pub fn within(pointer: Pointer, range: Range<usize>) -> Self {
        Self { pointer, part: Part::Within(range) }
    }

    /// Some bytes of the document.
    #[must_use]
    pub fn span(span: Range<usize>) -> Self {
        Self { pointer: Pointer::root(), part: Part::Span(span) }
    }
}

/// A change of the manifest that mends a problem for certain, or very probably.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patch {
    /// What is replaced.
    pub location: Location,
    /// What it is replaced with, as it would be written in the document.
    pub replacement: String,
}

/// One problem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its kind.
    pub code: Code,
    /// Its weight.
    pub severity: Severity,
    /// What is wrong: one line in lower case, without a full stop, the user's words in backticks.
    pub title: String,
    /// The smallest place that is wrong.
    pub location: Location,
    /// What stands under the caret: what was found, or what was expected.
    pub label: Option<String>,
    /// Further places that explain the problem, each with its text.
    pub labels: Vec<(Location, String)>,
    /// What to do.
    pub help: Option<String>,
    /// The change that does it.
    pub patch: Option<Patch>,
}

impl Diagnostic {
    /// A problem that stops generation.
    #[must_use]
    pub fn error(code: Code, location: Location, title: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            title: visible(title.into()),
            location,
            label: None,
            labels: Vec::new(),
            help: None,
            patch: None,
        }
    }

    /// A problem that does not stop generation.
    #[must_use]
    pub fn warning(code: Code, location: Location, title: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, location, title) }
    }

    /// Puts a text under the caret.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.label = Some(visible(text.into()));
        self
    }

    /// Points at a second place that has to do with it.
    #[must_use]
    pub fn cause(mut self, location: Location, text: impl Into<String>) -> Self {
        self.labels.push((location, visible(text.into())));
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.help = Some(visible(text.into()));
        self
    }

    /// Shows the change that mends it.
    #[must_use]
    pub fn patch(mut self, location: Location, replacement: impl Into<String>) -> Self {
        self.patch = Some(Patch { location, replacement: replacement.into() });
        self
    }
}

/// Problems together with the document that they are about.
#[derive(Debug, Clone)]
pub struct Report {
    /// The document.
    pub document: Document,
    /// Its problems, by place.
    pub diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// Puts the problems in the order of their places.
    #[must_use]
    pub fn new(document: Document, mut diagnostics: Vec<Diagnostic>) -> Self {
        sort(&document, &mut diagnostics);
        Self { document, diagnostics }
    }

    /// Whether something stops generation.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// The problems for a person; see [`fn@render`].
    #[must_use]
    pub fn render(&self, colour: bool) -> String {
        render(&self.document, &self.diagnostics, colour)
    }

    /// The problems for a program; see [`to_json`].
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        to_json(&self.document, &self.diagnostics)
    }
}
