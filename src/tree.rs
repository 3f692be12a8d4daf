//! What the project folder holds, as far as rules ask. Pure data: nothing here reads a disk.

use std::collections::BTreeMap;

use crate::path::RelativePath;

/// Texts that are longer are not handed out by a [`Tree`].
pub const MAXIMUM_TEXT: u64 = 1024 * 1024;

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// Whatever is wanted, in a tree in which everything is there.
    Any,
}

/// A project folder.
pub trait Tree {
    /// What a path leads to; `None` if nothing is there, or nothing that belongs to the project.
    fn kind(&self, path: &RelativePath) -> Option<EntryKind>;

    /// The text of a small file; `None` if there is none, it is no text, or longer than
    /// [`MAXIMUM_TEXT`].
    fn text(&self, path: &RelativePath) -> Option<String>;

    /// Whether a file is there.
    fn is_file(&self, path: &RelativePath) -> bool {
        matches!(self.kind(path), Some(EntryKind::File | EntryKind::Any))
    }

    /// Whether a folder is there.
    fn is_folder(&self, path: &RelativePath) -> bool {
        matches!(self.kind(path), Some(EntryKind::Folder | EntryKind::Any))
    }
}

/// A tree that is held in memory, for tests and for rules that are tried out.
#[derive(Debug, Clone, Default)]
pub struct MemoryTree(BTreeMap<RelativePath, String>);

impl MemoryTree {
    /// A tree without files.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a file, and with it the folders above it.
    #[must_use]
    pub fn with(mut self, path: RelativePath, text: impl Into<String>) -> Self {
        self.0.insert(path, text.into());
        self
    }
}

/// From paths and texts; what is no path of a project is left out.
impl<P: AsRef<str>, T: Into<String>> FromIterator<(P, T)> for MemoryTree {
    fn from_iter<I: IntoIterator<Item = (P, T)>>(files: I) -> Self {
        let files = files.into_iter();
        let files =
            files.filter_map(|(path, text)| Some((RelativePath::new(path.as_ref()).ok()?, text)));
        Self(files.map(|(path, text)| (path, text.into())).collect())
    }
}

impl Tree for MemoryTree {
    fn kind(&self, path: &RelativePath) -> Option<EntryKind> {
        if self.0.contains_key(path) {
            return Some(EntryKind::File);
        }
        let is_folder = path.is_root() || self.0.keys().any(|file| file.below(path).is_some());
        is_folder.then_some(EntryKind::Folder)
    }

    fn text(&self, path: &RelativePath) -> Option<String> {
        self.0.get(path).filter(|text| text.len() as u64 <= MAXIMUM_TEXT).cloned()
    }
}

/// A tree in which everything is there: for manifests that are judged alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct AnyTree;

impl Tree for AnyTree {
    fn kind(&self, _: &RelativePath) -> Option<EntryKind> {
        Some(EntryKind::Any)
    }

    fn text(&self, _: &RelativePath) -> Option<String> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_there_in_any_tree() {
        let root = RelativePath::root();
        assert!(AnyTree.is_file(&root) && AnyTree.is_folder(&root));
    }

    #[test]
    fn knows_the_folders_above_a_file() {
        let path = |text: &str| RelativePath::new(text).expect("a path");
        let tree = MemoryTree::new().with(path("apps/web/package.json"), "{}");
        assert!(tree.is_file(&path("apps/web/package.json")));
        assert!(tree.is_folder(&path("apps")) && tree.is_folder(&RelativePath::root()));
        assert_eq!(tree.kind(&path("app")), None);
        assert_eq!(tree.text(&path("apps/web/package.json")).as_deref(), Some("{}"));
    }
}
