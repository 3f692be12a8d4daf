//! Paths of the project: relative, without `..`, safe to print into every kind of file.
//!
//! A path is checked once, here, when it enters; everything behind takes a [`RelativePath`] and
//! need not ask again.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

/// A path relative to the folder of the manifest, with `/` between its parts: `src/app`, or `.`
/// for the folder itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct RelativePath(String);

/// Why a text is not a path that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Nothing is there.
    #[error("the path is empty")]
    Empty,
    /// It begins at the root of the file system.
    #[error("the path is absolute")]
    Absolute,
    /// It leaves the project.
    #[error("the path leaves the project with `..`")]
    Parent,
    /// It holds a character that some generated file could not carry.
    #[error("the path holds {0:?}, which is not allowed: letters, digits and `._-+@=,~` are")]
    Character(char),
    /// A part begins with `-` and would be read as an option.
    #[error("a part of the path begins with `-`, which programs read as an option")]
    Dash,
    /// It begins with `~`, which shells read as a home folder.
    #[error("the path begins with `~`, which shells read as a home folder")]
    Home,
}

/// Whether a character may stand in any path, in any generated file, without quotes.
fn allowed(character: char) -> bool {
    character.is_alphanumeric() || "._-+@=,~".contains(character)
}

impl RelativePath {
    /// Checks and normalises a path of the manifest: a leading `./`, a trailing `/` and doubled
    /// slashes go away.
    ///
    /// # Errors
    /// Says what is wrong with it.
    pub fn new(text: &str) -> Result<Self, PathError> {
        if text.is_empty() {
            return Err(PathError::Empty);
        }
        if text.starts_with('/') {
            return Err(PathError::Absolute);
        }
        if text.starts_with('~') {
            return Err(PathError::Home);
        }
        let mut parts = Vec::new();
        for part in text.split('/') {
            match part {
                "" | "." => {}
                ".." => return Err(PathError::Parent),
                _ if part.starts_with('-') => return Err(PathError::Dash),
                _ => match part.chars().find(|&c| !allowed(c)) {
                    Some(character) => return Err(PathError::Character(character)),
                    None => parts.push(part),
                },
            }
        }
        Ok(Self(if parts.is_empty() { ".".into() } else { parts.join("/") }))
    }

    /// The paths of a list; those that validation has refused are left out.
    #[must_use]
    pub fn list<S: AsRef<str>>(texts: &[S]) -> Vec<Self> {
        texts.iter().filter_map(|text| Self::new(text.as_ref()).ok()).collect()
    }

    /// The folder of the manifest.
    #[must_use]
    pub fn root() -> Self {
        Self(".".into())
    }

    /// Whether this is the folder of the manifest.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0 == "."
    }

    /// A path below this one.
    #[must_use]
    pub fn join(&self, below: &Self) -> Self {
        match (self.is_root(), below.is_root()) {
            (true, _) => below.clone(),
            (_, true) => self.clone(),
            _ => Self(format!("{}/{}", self.0, below.0)),
        }
    }

    /// A file of that name below this path. The name is one that this program chose.
    #[must_use]
    pub fn file(&self, name: &str) -> Self {
        if self.is_root() { Self(name.into()) } else { Self(format!("{}/{name}", self.0)) }
    }

    /// This path as seen from `folder`, if it lies below it (or is it).
    #[must_use]
    pub fn below(&self, folder: &Self) -> Option<Self> {
        if folder.is_root() {
            return Some(self.clone());
        }
        match self.0.strip_prefix(&folder.0)? {
            "" => Some(Self::root()),
            rest => rest.strip_prefix('/').map(|rest| Self(rest.into())),
        }
    }

    /// The text, without a leading `./`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RelativePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Values by path, which are found from above and from below.
#[derive(Debug, Clone)]
pub struct PathMap<V>(BTreeMap<RelativePath, V>);

impl<V: Default> PathMap<V> {
    /// The value of a path, made where there was none.
    pub fn entry(&mut self, path: RelativePath) -> &mut V {
        self.0.entry(path).or_default()
    }
}

impl<V> PathMap<V> {
    /// What lies in a folder, however deep, and the path itself.
    pub fn within<'m>(
        &'m self,
        folder: &RelativePath,
    ) -> impl Iterator<Item = (&'m RelativePath, &'m V)> {
        let all = folder.is_root().then(|| self.0.iter());
        let own = self.0.get_key_value(folder).filter(|_| !folder.is_root());
        // `0` comes next after `/`.
        let (from, to) = (format!("{folder}/"), format!("{folder}0"));
        let deeper = self.0.range(RelativePath(from)..RelativePath(to));
        let deeper = (!folder.is_root()).then_some(deeper);
        all.into_iter().flatten().chain(own).chain(deeper.into_iter().flatten())
    }

    /// What the folders above a path have, up to the root.
    pub fn above<'m>(&'m self, path: &RelativePath) -> impl Iterator<Item = &'m V> {
        let text = path.as_str().to_owned();
        let ends: Vec<usize> = text.match_indices('/').map(|(at, _)| at).collect();
        let folders = ends.into_iter().map(move |end| RelativePath(text[..end].to_owned()));
        let root = (!path.is_root()).then(RelativePath::root);
        folders.chain(root).filter_map(|folder| self.0.get(&folder))
    }
}

impl<V> Default for PathMap<V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<V> FromIterator<(RelativePath, V)> for PathMap<V> {
    fn from_iter<I: IntoIterator<Item = (RelativePath, V)>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

/// An absolute path inside a container, with the same characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ContainerPath(String);

impl ContainerPath {
    /// The root of the file system.
    #[must_use]
    pub fn root() -> Self {
        Self("/".into())
    }

    /// Checks and normalises an absolute path.
    ///
    /// # Errors
    /// Says what is wrong with it; [`PathError::Absolute`] means that it is not absolute.
    pub fn new(text: &str) -> Result<Self, PathError> {
        let Some(below) = text.strip_prefix('/') else {
            return Err(if text.is_empty() { PathError::Empty } else { PathError::Absolute });
        };
        if below.is_empty() {
            return Ok(Self("/".into()));
        }
        let below = RelativePath::new(below)?;
        Ok(Self(if below.is_root() { "/".into() } else { format!("/{below}") }))
    }

    /// A path below this one.
    #[must_use]
    pub fn join(&self, below: &RelativePath) -> Self {
        if below.is_root() {
            return self.clone();
        }
        Self(format!("{}/{below}", self.0.trim_end_matches('/')))
    }

    /// Whether this path lies below `other`, or is it.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        self.0
            .strip_prefix(other.0.trim_end_matches('/'))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ContainerPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_lies_below_and_above() {
        let path = |text: &str| RelativePath::new(text).expect("a path");
        let paths = [".", "a", "a/b", "a/b/c", "a-b", "ab", "b"];
        let map: PathMap<&str> = paths.iter().map(|text| (path(text), *text)).collect();
        let within = |text| map.within(&path(text)).map(|(_, text)| *text).collect::<Vec<_>>();
        let above = |text| map.above(&path(text)).copied().collect::<Vec<_>>();
        assert_eq!(within("a"), ["a", "a/b", "a/b/c"]);
        assert_eq!(within("."), [".", "a", "a-b", "a/b", "a/b/c", "ab", "b"]);
        assert_eq!(within("c").len(), 0);
        assert_eq!(above("a/b/c"), ["a", "a/b", "."]);
        assert_eq!(above("b"), ["."]);
        assert_eq!(above(".").len(), 0);
    }

    #[test]
    fn normalises() {
        for (text, expected) in [("./src//app/", "src/app"), (".", "."), ("./", "."), ("a", "a")] {
            assert_eq!(RelativePath::new(text).map(|p| p.to_string()), Ok(expected.to_owned()));
        }
        assert_eq!(ContainerPath::new("/app//x/").map(|p| p.to_string()), Ok("/app/x".to_owned()));
    }

    #[test]
    fn refuses_what_could_break_out() {
        for (text, error) in [
            ("", PathError::Empty),
            ("/etc", PathError::Absolute),
            ("a/../../b", PathError::Parent),
            ("a b", PathError::Character(' ')),
            ("a$(x)", PathError::Character('$')),
            ("a\n", PathError::Character('\n')),
            ("-rf", PathError::Dash),
            ("~/x", PathError::Home),
        ] {
            assert_eq!(RelativePath::new(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn knows_what_lies_below() {
        let path = RelativePath("apps/web/src".into());
        assert_eq!(path.below(&RelativePath("apps/web".into())), Some(RelativePath("src".into())));
        assert_eq!(path.below(&RelativePath("apps/we".into())), None);
        assert!(ContainerPath("/app/src".into()).is_within(&ContainerPath("/app".into())));
        assert!(!ContainerPath("/apple".into()).is_within(&ContainerPath("/app".into())));
    }
}
