//! The kinds of files that are made from a project. One file and one line of [`ALL`] each.

pub mod companions;
pub mod compose;
pub mod configuration;
pub mod dockerfile;
pub mod dockerignore;
pub mod environment;
pub mod judges;
pub mod script;

use crate::project::Project;
use crate::render::RenderError;
use crate::rendered::RenderedFile;

/// A kind of file: what it makes of a project.
pub type Output = fn(&Project) -> Result<Vec<RenderedFile>, RenderError>;

/// Every kind.
pub const ALL: &[Output] = &[
    dockerfile::render,
    dockerignore::render,
    compose::base::render,
    compose::development::render,
    compose::production::render,
    configuration::render,
    environment::render,
    judges::render,
    script::render,
];
