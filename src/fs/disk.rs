//! What a disk is asked, and what it answers.

use std::io;

use crate::path::RelativePath;

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// Nothing; a file can be written there.
    Nothing,
    /// A regular file.
    File {
        /// Its bytes.
        bytes: Vec<u8>,
        /// Whether its owner may run it; `None` where the system knows no such bit.
        executable: Option<bool>,
    },
    /// Something that gen does not write over.
    Blocked(Obstacle),
}

/// Why a file cannot be written, whoever wants it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// A folder has the name of the file.
    #[error("a folder is in the way")]
    Folder,
    /// The file is a link.
    #[error("a symbolic link is in the way, and gen does not write through links")]
    Link,
    /// A pipe, a socket, a device.
    #[error("something that is neither file nor folder is in the way")]
    Special,
    /// A folder above the file is none.
    #[error("`{0}` is in the way: it is not a folder")]
    ParentIsFile(RelativePath),
    /// A folder above the file is a link that leaves the project.
    #[error("`{0}` is a symbolic link that leads out of the project")]
    ParentLeaves(RelativePath),
    /// The place belongs to git or to gen itself.
    #[error("the place is reserved")]
    Reserved,
    /// Another generated file has the name of a folder above this one.
    #[error("`{0}` is generated as a file, so nothing can lie below it")]
    BelowFile(RelativePath),
    /// Through a link this is another generated file.
    #[error("through a symbolic link this is the same file as `{0}`")]
    SameFile(RelativePath),
    /// The lines around a block do not pair up.
    #[error("the lines that begin and end the block of gen do not pair up")]
    BrokenBlock,
}

/// A disk that can be asked.
pub trait Disk {
    /// What is at a path. Links are not followed, except for folders inside the project.
    ///
    /// # Errors
    /// If the operating system refuses to say.
    fn look(&self, path: &RelativePath) -> io::Result<Found>;

    /// The path without links above the file; the path itself where there are none.
    fn real_path(&self, path: &RelativePath) -> RelativePath {
        path.clone()
    }

    /// Whether two paths lead to one file.
    fn is_same(&self, one: &RelativePath, other: &RelativePath) -> bool {
        one == other
    }
}
