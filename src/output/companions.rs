//! Blocks in files that are the user's: how git treats what is generated, and what it must not see.

use crate::path::RelativePath;
use crate::project::Project;
use crate::rendered::{RenderedFile, Shape};

/// The block of `.gitattributes`, for the files that were rendered, and that of `.gitignore`.
#[must_use]
pub fn render(project: &Project, files: &[RenderedFile]) -> Vec<RenderedFile> {
    // Line ends as they were hashed, on every system; and no reviewer need scroll through them.
    let attributes: String = files
        .iter()
        .map(|file| format!("/{} text eol=lf linguist-generated\n", file.path))
        .collect();
    let mut ignored = String::from("/.env\n/.dev-cache/\n/sbom/\n");
    if !project.secrets.is_empty() || project.builds().any(|(_, build)| !build.secrets.is_empty()) {
        ignored.push_str("/secrets/\n");
    }
    vec![
        block(".gitattributes", "gitattributes", attributes),
        block(".gitignore", "gitignore", ignored),
    ]
}

fn block(name: &str, output: &'static str, text: String) -> RenderedFile {
    RenderedFile {
        path: RelativePath::root().file(name),
        executable: false,
        text,
        service: None,
        output,
        shape: Shape::Block,
    }
}
