//! `.dockerignore`: one for each build context.
//!
//! A list of what to leave out, not of what to let in: it is made of what the tools of each stack
//! produce and of what must not enter an image, so that a lock file, a README or a licence that a
//! build needs is never hidden from it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::path::{PathMap, RelativePath};
use crate::project::Project;
use crate::render::quote::{Printable, instruction};
use crate::render::{self, RenderError};
use crate::rendered::{RenderedFile, Shape};
use crate::stack;

#[derive(Serialize)]
struct View {
    folders: Vec<Printable>,
    made: Vec<Printable>,
    copied: Vec<Printable>,
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
    let folders = project.builds().map(|(_, build)| (build.context.join(&build.folder), ()));
    let folders: PathMap<()> = folders.collect();
    let mut files = Vec::new();
    let mut copied: BTreeMap<&RelativePath, BTreeSet<String>> = BTreeMap::new();
    for (_, build) in project.builds() {
        let paths = build.source.iter().chain(&build.dependency_files);
        let paths = paths.map(|path| build.folder.join(path).to_string());
        copied.entry(&build.context).or_default().extend(paths);
    }
    for (context, made) in &contexts {
        // Another service's folder inside this context is left out, unless it is built from here.
        let others: BTreeSet<_> = folders
            .within(context)
            .map(|(folder, ())| folder)
            .filter(|folder| !used[context].contains(folder))
            .filter_map(|folder| folder.below(context).filter(|below| !below.is_root()))
            .collect();
        let mut view = View {
            folders: others.iter().map(|folder| instruction(folder.as_str())).collect(),
            made: made.iter().map(|pattern| instruction(pattern)).collect(),
            copied: Vec::new(),
        };
        let mut text = render::template("dockerignore.j2", &view)?;
        let wanted = copied[context].iter().filter(|path| hides(&text, path));
        view.copied = wanted.map(|path| instruction(&format!("!{path}"))).collect();
        if !view.copied.is_empty() {
            text = render::template("dockerignore.j2", &view)?;
        }
        files.push(RenderedFile {
            path: context.file(".dockerignore"),
            executable: false,
            text,
            service: None,
            output: "dockerignore",
            shape: Shape::WholeFile,
        });
    }
    Ok(files)
}

/// Names that stay out of every image, whatever a manifest lists.
const NEVER: [&str; 2] = [".env", "secrets"];

/// Whether the patterns of an ignore file leave a path out.
fn hides(ignore: &str, path: &str) -> bool {
    let patterns = ignore.lines().filter(|line| !line.starts_with(['#', '!']) && !line.is_empty());
    let segments: Vec<&str> = path.split('/').collect();
    patterns.filter(|pattern| !NEVER.contains(pattern)).any(|pattern| {
        match pattern.strip_prefix("**/") {
            Some(name) if !name.contains('/') => segments.iter().any(|part| matches(name, part)),
            _ => {
                let pattern = pattern.trim_start_matches("**/");
                let wanted: Vec<&str> = pattern.split('/').collect();
                let pairs = || wanted.iter().zip(&segments);
                wanted.len() <= segments.len() && pairs().all(|(name, part)| matches(name, part))
            }
        }
    })
}

/// Whether a name fits a pattern with any number of `*`.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| {
            rest.char_indices().any(|(at, _)| matches(after, &rest[at..])) || matches(after, "")
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_a_pattern_hides() {
        let ignore = "# dist\n.env\n.env.*\n!x\n**/dist\nsrc/gen\ndocker-compose*.yml\nsecrets\n";
        for path in [".env.production", "dist", "web/dist", "web/dist/a", "src/gen/b"] {
            assert!(hides(ignore, path), "{path}");
        }
        assert!(hides(ignore, "docker-compose.dev.yml"));
        for path in ["src", "distribution", ".env", "secrets", "x", "src/other", "web/.env.local"] {
            assert!(!hides(ignore, path), "{path}");
        }
    }
}
