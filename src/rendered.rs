//! A file that is ready to be written.

use crate::path::RelativePath;

/// A file that is ready to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedFile {
    /// Where it goes.
    pub path: RelativePath,
    /// Whether it is a program.
    pub executable: bool,
    /// Its text, with `\n` between lines.
    pub text: String,
    /// The service that it belongs to.
    pub service: Option<String>,
    /// The output that made it: `dockerfile`, `compose`, `script`…
    pub output: &'static str,
    /// Whether the file is ours as a whole.
    pub shape: Shape,
}

/// How much of a file is ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// All of it.
    WholeFile,
    /// A block between two marks, in a file that is the user's.
    Block,
}
