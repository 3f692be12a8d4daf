//! `.dockerignore`: one for each build context.
//!
//! A list of what to leave out, not of what to let in: it is made of what the tools of each stack
//! produce and of what must not enter an image, so that a lock file, a README or a licence that a
//! build needs is never hidden from it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::path::RelativePath;
use crate::project::Project;
use crate::render::quote::{Printable, instruction};
use crate::render::{self, RenderError};
use crate::rendered::{RenderedFile, Shape};
use crate::stack;

#[derive(Serialize)]
struct View {
    folders: Vec<Printable>,
    made: Vec<Printable>,
}

/// Renders one file for each build context.
///
/// # Errors
/// Only where the template and its view do not fit.
pub fn render(project: &Project) -> Result<Vec<RenderedFile>, RenderError> {
    let mut contexts: BTreeMap<&RelativePath, BTreeSet<String>> = BTreeMap::new();
    let mut used: BTreeMap<&RelativePath, Vec<RelativePath>> = BTreeMap::new();
    for (_, build) in project.builds() {
        let made = contexts.entry(&build.context).or_default();
        if let Some(stack) = build.stack.and_then(stack::find) {
            made.extend(stack.made_files().iter().map(|pattern| (*pattern).to_owned()));
            let own = stack.made_by(build).into_iter();
            made.extend(own.map(|path| build.folder.join(&path).to_string()));
        }
        used.entry(&build.context).or_default().push(build.context.join(&build.folder));
    }
    let mut files = Vec::new();
    for (context, made) in &contexts {
        // Another service's folder inside this context is left out, unless it is built from here.
        let others: BTreeSet<_> = project
            .builds()
            .map(|(_, build)| build.context.join(&build.folder))
            .filter(|folder| !used[context].contains(folder))
            .filter_map(|folder| folder.below(context).filter(|below| !below.is_root()))
            .collect();
        let view = View {
            folders: others.iter().map(|folder| instruction(folder.as_str())).collect(),
            made: made.iter().map(|pattern| instruction(pattern)).collect(),
        };
        files.push(RenderedFile {
            path: context.file(".dockerignore"),
            executable: false,
            text: render::template("dockerignore.j2", &view)?,
            service: None,
            output: "dockerignore",
            shape: Shape::WholeFile,
        });
    }
    Ok(files)
}
