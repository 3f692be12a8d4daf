//! What the project's folder holds, as far as rules ask.
//!
//! Output never depends on it: it is a function of the manifest alone. Only diagnostics do.

use std::collections::BTreeMap;

use crate::path::RelativePath;

/// What lies at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A file.
    File,
    /// A folder.
    Folder,
}

/// The project's folder.
pub trait Tree {
    /// What lies at a path, links followed as long as they stay inside; `None` for nothing, and for
    /// what is neither file nor folder.
    fn kind(&self, path: &RelativePath) -> Option<EntryKind>;
    /// The text of a small file (up to 1 MiB of UTF-8).
    fn text(&self, path: &RelativePath) -> Option<String>;
}

/// A folder in memory, for tests and benchmarks: paths of files, and their texts.
#[derive(Debug, Clone, Default)]
pub struct MemoryTree(BTreeMap<String, String>);

impl<P: Into<String>, T: Into<String>> FromIterator<(P, T)> for MemoryTree {
    fn from_iter<I: IntoIterator<Item = (P, T)>>(files: I) -> Self {
        Self(files.into_iter().map(|(path, text)| (path.into(), text.into())).collect())
    }
}

impl Tree for MemoryTree {
    fn kind(&self, path: &RelativePath) -> Option<EntryKind> {
        if self.0.contains_key(path.as_str()) {
            return Some(EntryKind::File);
        }
        let folder = format!("{path}/");
        let any = path.is_root() || self.0.keys().any(|file| file.starts_with(&folder));
        any.then_some(EntryKind::Folder)
    }

    fn text(&self, path: &RelativePath) -> Option<String> {
        self.0.get(path.as_str()).cloned()
    }
}

/// A folder in which everything is there: for manifests that are judged alone.
#[derive(Debug, Clone, Copy, Default)]
pub struct AnyTree;

impl Tree for AnyTree {
    fn kind(&self, _: &RelativePath) -> Option<EntryKind> {
        Some(EntryKind::File)
    }

    fn text(&self, _: &RelativePath) -> Option<String> {
        None
    }
}
