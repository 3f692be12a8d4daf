//! The disk. The only module that asks the operating system about files, or changes them.
//!
//! Nothing leaves the project folder: paths come in as [`RelativePath`]s, links are looked at
//! before they are followed, and what stands in the way is told before anything is written.

#![expect(clippy::disallowed_methods, reason = "this module owns access to files")]

mod disk;
mod guard;
mod tree;
mod write;

use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

pub use disk::{Disk, Found, Obstacle};
pub use guard::{Access, Guard};
pub use tree::DiskTree;
pub use write::{DiskWriter, FileMode, Writer};

use crate::path::RelativePath;

/// What is longer is not read to its end.
const MAXIMUM_BYTES: u64 = 64 * 1024 * 1024;

/// A project folder on disk.
#[derive(Debug)]
pub struct Project {
    root: PathBuf,
    parents: RefCell<HashMap<RelativePath, Parent>>,
}

/// What the folder above a file is.
#[derive(Debug, Clone)]
enum Parent {
    Folder(PathBuf),
    Absent,
    Blocked(Obstacle),
}

impl Project {
    /// Opens a folder that is there.
    ///
    /// # Errors
    /// If it is not, or is no folder.
    pub fn open(folder: &Path) -> io::Result<Self> {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let root = folder.canonicalize()?;
        if !root.metadata()?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        Ok(Self { root, parents: RefCell::default() })
    }

    /// Opens a folder, and makes it first where needed.
    ///
    /// # Errors
    /// If that is not possible.
    pub fn create(folder: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        Self::open(folder)
    }

    /// Reads the manifest: a regular file right in the folder, or a link to one. `None` if there
    /// is none.
    ///
    /// # Errors
    /// If it cannot be read, or is no regular file.
    pub fn read_manifest(&self, name: &OsStr) -> io::Result<Option<Vec<u8>>> {
        let path = self.root.join(name);
        match path.metadata() {
            Ok(metadata) => read_regular(&path, &metadata).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads the lock: a regular file right in the folder. `None` if there is none.
    ///
    /// # Errors
    /// If it cannot be read, or is no regular file.
    pub fn read_lock(&self) -> io::Result<Option<Vec<u8>>> {
        let path = self.root.join(crate::lockfile::NAME);
        metadata_of(&path)?.map(|metadata| read_regular(&path, &metadata)).transpose()
    }

    /// Whether a file of that name lies right in the folder.
    #[must_use]
    pub fn has(&self, name: &OsStr) -> bool {
        self.root.join(name).is_file()
    }

    /// The nearest folder above this one that holds a file of that name, as steps up.
    #[must_use]
    pub fn find_above(&self, name: &OsStr) -> Option<PathBuf> {
        let depth = self.root.ancestors().skip(1).position(|folder| folder.join(name).is_file())?;
        Some(std::iter::repeat_n("..", depth + 1).collect())
    }

    /// The folder above a path, with links resolved.
    fn parent(&self, path: &RelativePath) -> io::Result<(Parent, String)> {
        let (folder, name) = match path.as_str().rsplit_once('/') {
            Some((folder, name)) => (RelativePath::root().file(folder), name),
            None => (RelativePath::root(), path.as_str()),
        };
        Ok((self.folder(&folder)?, name.to_owned()))
    }

    fn folder(&self, path: &RelativePath) -> io::Result<Parent> {
        if path.is_root() {
            return Ok(Parent::Folder(self.root.clone()));
        }
        if let Some(known) = self.parents.borrow().get(path) {
            return Ok(known.clone());
        }
        let parent = match self.parent(path)? {
            (Parent::Folder(above), name) => self.step(&above.join(name), path)?,
            (other, _) => other,
        };
        self.parents.borrow_mut().insert(path.clone(), parent.clone());
        Ok(parent)
    }

    /// What one name on the way to a file is.
    fn step(&self, real: &Path, path: &RelativePath) -> io::Result<Parent> {
        let Some(metadata) = metadata_of(real)? else { return Ok(Parent::Absent) };
        if metadata.is_dir() {
            return Ok(Parent::Folder(real.to_owned()));
        }
        if !metadata.is_symlink() {
            return Ok(Parent::Blocked(Obstacle::ParentIsFile(path.clone())));
        }
        Ok(match real.canonicalize() {
            Ok(target) if self.holds(&target) => {
                if target.is_dir() {
                    Parent::Folder(target)
                } else {
                    Parent::Blocked(Obstacle::ParentIsFile(path.clone()))
                }
            }
            // Whatever a broken link would lead to, it is not known to be inside.
            _ => Parent::Blocked(Obstacle::ParentLeaves(path.clone())),
        })
    }

    /// Whether a path without links lies in the project, and not in git's own folder.
    fn holds(&self, target: &Path) -> bool {
        target.strip_prefix(&self.root).is_ok_and(|inside| {
            inside.components().all(|part| !part.as_os_str().eq_ignore_ascii_case(".git"))
        })
    }
}

impl Disk for Project {
    fn look(&self, path: &RelativePath) -> io::Result<Found> {
        if is_reserved(path) {
            return Ok(Found::Blocked(Obstacle::Reserved));
        }
        let real = match self.parent(path)? {
            (Parent::Folder(folder), name) => folder.join(name),
            (Parent::Absent, _) => return Ok(Found::Nothing),
            (Parent::Blocked(obstacle), _) => return Ok(Found::Blocked(obstacle)),
        };
        let Some(metadata) = metadata_of(&real)? else { return Ok(Found::Nothing) };
        if let Some(obstacle) = obstacle(&metadata) {
            return Ok(Found::Blocked(obstacle));
        }
        let bytes = read_regular(&real, &metadata)?;
        Ok(Found::File { bytes, executable: executable(&metadata) })
    }

    fn real_path(&self, path: &RelativePath) -> RelativePath {
        let Ok((Parent::Folder(folder), name)) = self.parent(path) else { return path.clone() };
        let inside = folder.strip_prefix(&self.root).ok().and_then(Path::to_str);
        match inside.map(|text| text.replace(std::path::MAIN_SEPARATOR, "/")) {
            Some(text) if text.is_empty() => RelativePath::root().file(&name),
            Some(text) => RelativePath::root().file(&text).file(&name),
            None => path.clone(),
        }
    }

    fn is_same(&self, one: &RelativePath, other: &RelativePath) -> bool {
        let metadata = |path| match self.parent(path) {
            Ok((Parent::Folder(folder), name)) => metadata_of(&folder.join(name)).ok().flatten(),
            _ => None,
        };
        metadata(one).zip(metadata(other)).is_some_and(|(one, other)| is_same(&one, &other))
    }
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    // It cannot be told, and a file that stays is better than one that is lost.
    true
}

/// Whether a place is git's or gen's own, so that no manifest and no lock may name it.
#[must_use]
pub fn is_reserved(path: &RelativePath) -> bool {
    path.is_root()
        || path.as_str() == crate::lockfile::NAME
        || path.as_str().split('/').any(|part| part.eq_ignore_ascii_case(".git"))
}

/// What is said about an entry that is no regular file.
fn obstacle(metadata: &Metadata) -> Option<Obstacle> {
    match metadata.file_type() {
        kind if kind.is_file() => None,
        kind if kind.is_dir() => Some(Obstacle::Folder),
        kind if kind.is_symlink() => Some(Obstacle::Link),
        _ => Some(Obstacle::Special),
    }
}

/// The bytes of a regular file; anything else is not even opened, it could block for ever.
fn read_regular(path: &Path, metadata: &Metadata) -> io::Result<Vec<u8>> {
    if let Some(obstacle) = obstacle(metadata) {
        return Err(io::Error::other(obstacle));
    }
    let length = metadata.len().min(MAXIMUM_BYTES);
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(0) + 1);
    File::open(path)?.take(MAXIMUM_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The metadata of an entry, not of what it links to; `None` if there is no entry.
fn metadata_of(path: &Path) -> io::Result<Option<Metadata>> {
    match path.symlink_metadata() {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
fn executable(metadata: &Metadata) -> Option<bool> {
    use std::os::unix::fs::PermissionsExt;
    Some(metadata.permissions().mode() & 0o100 != 0)
}

#[cfg(not(unix))]
fn executable(_: &Metadata) -> Option<bool> {
    None
}
