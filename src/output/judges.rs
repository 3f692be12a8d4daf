//! Configuration of linters, where two of them, or a linter and the world, contradict each other.

use crate::manifest::{Base, StackName};
use crate::path::RelativePath;
use crate::project::{Build, Project};
use crate::render::{self, RenderError};
use crate::rendered::{RenderedFile, Shape};

/// Whether the Dockerfile of a stack installs packages that nobody asked for: `su-exec`, or what
/// distroless images have and others have not.
fn installs_by_itself(build: &Build) -> bool {
    match build.stack {
        None => false,
        Some(StackName::Go) => build.base != Base::Distroless,
        Some(_) => build.base == Base::Alpine,
    }
}

/// Renders `.hadolint.yaml` where an image installs system packages.
///
/// # Errors
/// Only where the template does not render.
pub fn render(project: &Project) -> Result<Vec<RenderedFile>, RenderError> {
    let installs = project.builds().any(|(_, build)| {
        let packages =
            [&build.build_packages, &build.runtime_packages, &build.development_packages];
        packages.iter().any(|list| !list.is_empty())
            || !build.assets.is_empty()
            || installs_by_itself(build)
    });
    if !installs {
        return Ok(Vec::new());
    }
    Ok(vec![RenderedFile {
        path: RelativePath::root().file(".hadolint.yaml"),
        executable: false,
        text: render::template("hadolint.yaml.j2", &())?,
        service: None,
        output: "judges",
        shape: Shape::WholeFile,
    }])
}
