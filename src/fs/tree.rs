//! The project folder as rules see it.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use super::{Parent, Project, metadata_of};
use crate::path::RelativePath;
use crate::tree::{EntryKind, MAXIMUM_TEXT, Tree};

/// A project folder that is looked at when a rule asks, and not before. Links are followed as
/// long as they stay inside.
#[derive(Debug, Clone, Copy)]
pub struct DiskTree<'p>(&'p Project);

impl Project {
    /// The folder as rules see it.
    #[must_use]
    pub fn tree(&self) -> DiskTree<'_> {
        DiskTree(self)
    }
}

impl DiskTree<'_> {
    /// The place of a path on disk, without links, and what is there.
    fn entry(&self, path: &RelativePath) -> Option<(PathBuf, EntryKind)> {
        if path.is_root() {
            return Some((self.0.root.clone(), EntryKind::Folder));
        }
        let (Parent::Folder(folder), name) = self.0.parent(path).ok()? else { return None };
        let mut real = folder.join(name);
        let mut metadata = metadata_of(&real).ok()??;
        if metadata.is_symlink() {
            real = real.canonicalize().ok().filter(|target| self.0.holds(target))?;
            metadata = metadata_of(&real).ok()??;
        }
        let kind = match metadata.file_type() {
            kind if kind.is_file() => EntryKind::File,
            kind if kind.is_dir() => EntryKind::Folder,
            _ => return None,
        };
        Some((real, kind))
    }
}

impl Tree for DiskTree<'_> {
    fn kind(&self, path: &RelativePath) -> Option<EntryKind> {
        self.entry(path).map(|(_, kind)| kind)
    }

    fn text(&self, path: &RelativePath) -> Option<String> {
        let (real, EntryKind::File) = self.entry(path)? else { return None };
        let mut bytes = Vec::new();
        File::open(real).ok()?.take(MAXIMUM_TEXT + 1).read_to_end(&mut bytes).ok()?;
        if bytes.len() as u64 > MAXIMUM_TEXT {
            return None;
        }
        String::from_utf8(bytes).ok()
    }
}
