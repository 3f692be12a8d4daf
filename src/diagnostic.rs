//! Stand-in until the diagnostics arrive: the same names, no carets.

use serde_json::{Value, json};

use crate::document::Document;

/// The kind of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// `manifest-syntax`.
    ManifestSyntax,
    /// `wrong-type`.
    WrongType,
    /// `newer-manifest`.
    NewerManifest,
}

impl Code {
    /// Every code.
    #[must_use]
    pub const fn all() -> &'static [Self] {
        &[Self::ManifestSyntax, Self::WrongType, Self::NewerManifest]
    }

    /// Its name, as it is printed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ManifestSyntax => "manifest-syntax",
            Self::WrongType => "wrong-type",
            Self::NewerManifest => "newer-manifest",
        }
    }

    /// What it means.
    #[must_use]
    pub const fn explain(self) -> &'static str {
        "To be written.\n"
    }

    /// The code of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::all().iter().copied().find(|code| code.as_str() == name)
    }
}

/// How much a problem weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Nothing is generated until it is mended.
    Error,
    /// Files are generated, but somebody should look.
    Warning,
}

/// One problem.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// Its kind.
    pub code: Code,
    /// Its weight.
    pub severity: Severity,
    /// What is wrong.
    pub title: String,
}

impl Diagnostic {
    /// A problem that stops generation.
    #[must_use]
    pub fn error(code: Code, title: impl Into<String>) -> Self {
        Self { code, severity: Severity::Error, title: title.into() }
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
    pub fn new(document: Document, diagnostics: Vec<Diagnostic>) -> Self {
        Self { document, diagnostics }
    }

    /// Whether something stops generation.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// The problems for a person.
    #[must_use]
    pub fn render(&self, _colour: bool) -> String {
        let line = |d: &Diagnostic| format!("error[{}]: {}\n", d.code.as_str(), d.title);
        self.diagnostics.iter().map(line).collect()
    }

    /// The problems for a program.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let file = self.document.name();
        let one = |d: &Diagnostic| {
            json!({
                "code": d.code.as_str(), "severity": "error", "message": d.title, "help": null,
                "path": "", "file": file, "line": 1, "column": 1, "end_line": 1, "end_column": 1,
            })
        };
        self.diagnostics.iter().map(one).collect()
    }
}
