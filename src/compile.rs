//! The whole way from a manifest's document to rendered files, as one pure function.

use crate::diagnostic::{Diagnostic, Severity};
use crate::document::Document;
use crate::manifest::Manifest;
use crate::output;
use crate::project::Project;
use crate::rendered::RenderedFile;
use crate::tree::Tree;
use crate::{resolve, schema, validate};

/// What a manifest becomes.
#[derive(Debug)]
pub struct Compilation {
    /// The resolved project.
    pub project: Project,
    /// The files, sorted by path.
    pub files: Vec<RenderedFile>,
    /// What is right, but deserves a word.
    pub warnings: Vec<Diagnostic>,
}

/// Why there are no files.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// The manifest is not right; warnings are among them.
    #[error("the manifest is not valid")]
    Invalid(Vec<Diagnostic>),
    /// A fault of this program.
    #[error("{0}")]
    Fault(String),
}

/// Judges a manifest.
///
/// # Errors
/// All problems of the first stage that finds an error, in the order of their places.
pub fn check(
    document: &Document,
    tree: &dyn Tree,
) -> Result<(Manifest, Vec<Diagnostic>), Vec<Diagnostic>> {
    let problems = schema::check(document);
    if has_errors(&problems) {
        return Err(problems);
    }
    let manifest: Manifest = document.read().map_err(|problem| vec![*problem])?;
    let mut diagnostics = problems;
    diagnostics.extend(validate::check(document, &manifest, tree));
    if has_errors(&diagnostics) { Err(diagnostics) } else { Ok((manifest, diagnostics)) }
}

/// Compiles a manifest. Pure: the same document gives the same files, wherever and whenever.
///
/// # Errors
/// The manifest's problems, or a fault of this program.
pub fn compile(document: &Document, tree: &dyn Tree) -> Result<Compilation, CompileError> {
    let (manifest, warnings) = check(document, tree).map_err(CompileError::Invalid)?;
    let project = resolve::project(&manifest);
    let mut files = Vec::new();
    for output in output::ALL {
        files.extend(output(&project).map_err(|fault| CompileError::Fault(fault.to_string()))?);
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.extend(output::companions::render(&project, &files));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Compilation { project, files, warnings })
}

fn has_errors(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
}
