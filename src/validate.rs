//! Rules between the fields of a manifest, and between it and the project's folder. A rule names
//! places by pointer; only the diagnostic turns them into lines.

use crate::diagnostic::{Code, Diagnostic, Location};
use crate::document::Document;
use crate::manifest::{Manifest, Service};
use crate::path::RelativePath;
use crate::pointer;
use crate::tree::Tree;

/// What rules read, and where they report.
pub struct Rules<'a> {
    /// The manifest's document.
    pub document: &'a Document,
    /// The manifest.
    pub manifest: &'a Manifest,
    /// The project's folder.
    pub tree: &'a dyn Tree,
    diagnostics: Vec<Diagnostic>,
}

/// Applies every rule.
#[must_use]
pub fn check(document: &Document, manifest: &Manifest, tree: &dyn Tree) -> Vec<Diagnostic> {
    let mut rules = Rules { document, manifest, tree, diagnostics: Vec::new() };
    for (name, service) in &manifest.services {
        if let Some(stack) = service.stack.and_then(crate::stack::find) {
            stack.validate(&mut rules, name, service);
        }
    }
    rules.diagnostics
}

impl Rules<'_> {
    /// Reports a problem.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// Reports a file of the dependency step that is not there.
    pub fn need_dependency_file(
        &mut self,
        name: &str,
        service: &Service,
        file: &RelativePath,
        mend: &str,
    ) {
        let folder = service.path.as_deref().unwrap_or(".");
        let Ok(folder) = RelativePath::new(folder) else { return };
        let path = folder.join(file);
        if self.tree.kind(&path).is_some() {
            return;
        }
        let stack = pointer!["services", name, "stack"];
        self.report(
            Diagnostic::error(
                Code::MissingFile,
                Location::value(stack),
                format!("`{path}` is not there"),
            )
            .help(mend.to_owned()),
        );
    }
}
