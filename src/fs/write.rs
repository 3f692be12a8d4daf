//! Changes to the disk. Each is whole or not there: a file is written beside its place, then
//! renamed.

use std::fs::{File, Metadata, Permissions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::{Obstacle, Parent, Project, metadata_of, obstacle};
use crate::path::RelativePath;

/// Which permissions a file gets. They do not depend on the umask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileMode {
    /// `0644`.
    Plain,
    /// `0755`.
    Executable,
    /// Those that the file has; `0644` for a new one.
    Keep,
}

/// Something that changes files. Tests put one in between that fails.
pub trait Writer {
    /// Writes a file, and the folders above it.
    ///
    /// # Errors
    /// If it cannot; the file is then as it was.
    fn write(&mut self, path: &RelativePath, bytes: &[u8], mode: FileMode) -> io::Result<()>;

    /// Sets the permissions of a file.
    ///
    /// # Errors
    /// If it cannot.
    fn set_mode(&mut self, path: &RelativePath, mode: FileMode) -> io::Result<()>;

    /// Removes a file, and the folders above it that are empty then.
    ///
    /// # Errors
    /// If it cannot remove the file. A folder that stays is no error.
    fn remove(&mut self, path: &RelativePath) -> io::Result<()>;
}

/// Changes a project folder.
#[derive(Debug)]
pub struct DiskWriter<'p>(&'p Project);

impl Project {
    /// A way to change the folder. Whoever asks holds a [`Guard`](super::Guard).
    #[must_use]
    pub fn writer(&self) -> DiskWriter<'_> {
        DiskWriter(self)
    }
}

impl Writer for DiskWriter<'_> {
    fn write(&mut self, path: &RelativePath, bytes: &[u8], mode: FileMode) -> io::Result<()> {
        let (folder, name) = self.make_parent(path)?;
        let target = folder.join(&name);
        let existing = regular(&target)?;
        // The name is fixed: what a killed run left behind, the next one takes away.
        let (prefix, suffix) = (format!(".{name}."), "gen-tmp");
        let left_over = folder.join(format!("{prefix}{suffix}"));
        let new = || {
            tempfile::Builder::new()
                .prefix(&prefix)
                .suffix(suffix)
                .rand_bytes(0)
                .tempfile_in(&folder)
        };
        let mut file: NamedTempFile = match new() {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                std::fs::remove_file(left_over)?;
                new()?
            }
            result => result?,
        };
        file.write_all(bytes)?;
        set_permissions(file.as_file(), mode, existing.as_ref())?;
        file.persist(target).map_err(|error| error.error)?;
        Ok(())
    }

    fn set_mode(&mut self, path: &RelativePath, mode: FileMode) -> io::Result<()> {
        let target = self.target(path)?;
        let metadata = regular(&target)?.ok_or(io::ErrorKind::NotFound)?;
        if let Some(permissions) = permissions(mode, Some(&metadata)) {
            std::fs::set_permissions(target, permissions)?;
        }
        Ok(())
    }

    fn remove(&mut self, path: &RelativePath) -> io::Result<()> {
        let target = self.target(path)?;
        if regular(&target)?.is_none() {
            return Ok(());
        }
        std::fs::remove_file(target)?;
        self.0.parents.borrow_mut().clear();
        let mut folder = path.as_str();
        while let Some((above, _)) = folder.rsplit_once('/') {
            // Only an empty folder can be removed this way; the first that is not ends it.
            if std::fs::remove_dir(self.0.root.join(above)).is_err() {
                break;
            }
            folder = above;
        }
        Ok(())
    }
}

impl DiskWriter<'_> {
    /// Where a file lies, once the folder above it is there.
    fn target(&self, path: &RelativePath) -> io::Result<PathBuf> {
        match self.0.parent(path)? {
            (Parent::Folder(folder), name) => Ok(folder.join(name)),
            (Parent::Absent, _) => Err(io::ErrorKind::NotFound.into()),
            (Parent::Blocked(obstacle), _) => Err(io::Error::other(obstacle)),
        }
    }

    /// The folder above a file, made step by step, and the name of the file.
    fn make_parent(&self, path: &RelativePath) -> io::Result<(PathBuf, String)> {
        if super::is_reserved(path) && path.as_str() != crate::lockfile::NAME {
            return Err(io::Error::other(Obstacle::Reserved));
        }
        match self.0.parent(path)? {
            (Parent::Folder(folder), name) => Ok((folder, name)),
            (Parent::Blocked(obstacle), _) => Err(io::Error::other(obstacle)),
            (Parent::Absent, name) => {
                self.make_folders(path)?;
                match self.0.parent(path)? {
                    (Parent::Folder(folder), _) => Ok((folder, name)),
                    _ => Err(io::ErrorKind::NotADirectory.into()),
                }
            }
        }
    }

    fn make_folders(&self, path: &RelativePath) -> io::Result<()> {
        self.0.parents.borrow_mut().clear();
        let ends = path.as_str().match_indices('/').map(|(end, _)| end);
        for folder in ends.map(|end| RelativePath::root().file(&path.as_str()[..end])) {
            match self.0.parent(&folder)? {
                (Parent::Folder(above), name) => make_folder(&above.join(name))?,
                (Parent::Blocked(obstacle), _) => return Err(io::Error::other(obstacle)),
                (Parent::Absent, _) => return Err(io::ErrorKind::NotFound.into()),
            }
        }
        self.0.parents.borrow_mut().clear();
        Ok(())
    }
}

/// Makes one folder that others may enter, whatever the umask says.
fn make_folder(path: &Path) -> io::Result<()> {
    match std::fs::create_dir(path) {
        Ok(()) => match mode_bits(0o755) {
            Some(permissions) => std::fs::set_permissions(path, permissions),
            None => Ok(()),
        },
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

/// The metadata of a regular file; an error for anything else that is there.
fn regular(path: &Path) -> io::Result<Option<Metadata>> {
    match metadata_of(path)? {
        Some(metadata) => match obstacle(&metadata) {
            Some(obstacle) => Err(io::Error::other(obstacle)),
            None => Ok(Some(metadata)),
        },
        None => Ok(None),
    }
}

fn set_permissions(file: &File, mode: FileMode, existing: Option<&Metadata>) -> io::Result<()> {
    match permissions(mode, existing) {
        Some(permissions) => file.set_permissions(permissions),
        None => Ok(()),
    }
}

fn permissions(mode: FileMode, existing: Option<&Metadata>) -> Option<Permissions> {
    match (mode, existing) {
        (FileMode::Keep, Some(existing)) => Some(existing.permissions()),
        (FileMode::Executable, _) => mode_bits(0o755),
        (FileMode::Plain | FileMode::Keep, _) => mode_bits(0o644),
    }
}

#[cfg(unix)]
fn mode_bits(mode: u32) -> Option<Permissions> {
    use std::os::unix::fs::PermissionsExt;
    Some(Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn mode_bits(_: u32) -> Option<Permissions> {
    None
}
