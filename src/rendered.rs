//! What rendering hands over: files, whole or in part, not yet on disk.

use crate::path::RelativePath;

/// First line of a block in a file that the user owns.
pub const BLOCK_BEGIN: &str = "# >>> gen: generated, do not edit this block";
/// Last line of a block in a file that the user owns.
pub const BLOCK_END: &str = "# <<< gen";

/// One file as the manifest wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderedFile {
    /// Where it goes.
    pub path: RelativePath,
    /// Whether it is a program.
    pub executable: bool,
    /// All of it, or the body of its block; lines end with LF.
    pub text: String,
    /// The service that it belongs to, if it belongs to one.
    pub service: Option<String>,
    /// What kind of file it is: `dockerfile`, `compose`, `script`.
    pub output: &'static str,
    /// Whether all of the file is generated.
    pub shape: Shape,
}

/// How much of a file is generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// The whole file.
    WholeFile,
    /// A delimited block inside a file that the user owns, for example `.gitattributes`. It
    /// stands between [`BLOCK_BEGIN`] and [`BLOCK_END`].
    Block,
}
