//! The state of one path, as a function of three contents.

use std::fmt;

use crate::lockfile::ContentHash;

/// How a path stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// The disk holds what was rendered.
    Ok,
    /// The disk holds what gen wrote, and something else is rendered now.
    Outdated,
    /// Nothing is there, and something should be.
    Missing,
    /// The disk holds something that gen did not write, where gen wrote something.
    Modified,
    /// The disk holds something, and gen never wrote there.
    Unowned,
    /// Gen wrote it, nobody changed it, and it is not rendered any more.
    Stale,
    /// Gen wrote it, somebody changed it, and it is not rendered any more.
    StaleModified,
    /// The manifest gives the file to its people.
    Ejected,
    /// The content is right, and the permissions are not.
    Mode,
}

impl State {
    /// The word for it, as reports carry it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Outdated => "outdated",
            Self::Missing => "missing",
            Self::Modified => "modified",
            Self::Unowned => "unowned",
            Self::Stale => "stale",
            Self::StaleModified => "stale-modified",
            Self::Ejected => "ejected",
            Self::Mode => "mode",
        }
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub const fn is_clean(self) -> bool {
        matches!(self, Self::Ok | Self::Ejected)
    }

    /// Whether gen would write over what a person wrote.
    #[must_use]
    pub const fn is_refused(self) -> bool {
        matches!(self, Self::Modified | Self::Unowned)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A content, and whether it is a program where that matters and is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Content {
    /// Its hash.
    pub hash: ContentHash,
    /// Whether it is a program.
    pub executable: Option<bool>,
}

/// The state of a path: what the disk holds, what the lock remembers, what was rendered. `None`
/// if it is nowhere any more.
///
/// Equality with what was rendered comes first: a change by hand that is right is harmless, and so
/// is a lost lock.
#[must_use]
pub fn judge(
    disk: Option<&Content>,
    lock: &[ContentHash],
    rendered: Option<&Content>,
) -> Option<State> {
    let ours = |content: &Content| lock.contains(&content.hash);
    Some(match (disk, rendered) {
        (None, None) => return None,
        (None, Some(_)) => State::Missing,
        (Some(disk), Some(rendered)) if disk.hash == rendered.hash => {
            match (disk.executable, rendered.executable) {
                (Some(is), Some(should)) if is != should => State::Mode,
                _ => State::Ok,
            }
        }
        (Some(disk), Some(_)) if ours(disk) => State::Outdated,
        (Some(_), Some(_)) if lock.is_empty() => State::Unowned,
        (Some(_), Some(_)) => State::Modified,
        (Some(disk), None) if ours(disk) => State::Stale,
        (Some(_), None) => State::StaleModified,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(text: &str, executable: Option<bool>) -> Option<Content> {
        let hash = ContentHash::of(text.as_bytes());
        (!text.is_empty()).then_some(Content { hash, executable })
    }

    #[test]
    fn knows_every_state() {
        use State::*;
        // Disk, lock, rendered; nothing is "".
        for (disk, lock, rendered, expected) in [
            ("", "", "", None),
            ("", "", "r", Some(Missing)),
            ("", "l", "r", Some(Missing)),
            ("", "l", "", None),
            ("r", "", "r", Some(Ok)),
            ("r", "r", "r", Some(Ok)),
            ("r", "l", "r", Some(Ok)),
            ("l", "l", "r", Some(Outdated)),
            ("d", "l", "r", Some(Modified)),
            ("d", "r", "r", Some(Modified)),
            ("d", "", "r", Some(Unowned)),
            ("l", "l", "", Some(Stale)),
            ("d", "l", "", Some(StaleModified)),
        ] {
            let lock: Vec<_> = content(lock, None).iter().map(|lock| lock.hash).collect();
            let state =
                judge(content(disk, None).as_ref(), &lock, content(rendered, None).as_ref());
            assert_eq!(state, expected, "{disk:?} {lock:?} {rendered:?}");
        }
    }

    #[test]
    fn looks_at_permissions_only_where_they_are_known() {
        for (is, should, expected) in [
            (Some(false), Some(true), State::Mode),
            (Some(true), Some(false), State::Mode),
            (Some(true), Some(true), State::Ok),
            (None, Some(true), State::Ok),
            (Some(true), None, State::Ok),
        ] {
            let state = judge(content("r", is).as_ref(), &[], content("r", should).as_ref());
            assert_eq!(state, Some(expected), "{is:?} {should:?}");
        }
    }

    #[test]
    fn takes_any_hash_of_a_lock_in_conflict_as_its_own() {
        let lock = ["a", "b"].map(|text| ContentHash::of(text.as_bytes()));
        let rendered = content("r", None);
        for disk in ["a", "b"] {
            let state = judge(content(disk, None).as_ref(), &lock, rendered.as_ref());
            assert_eq!(state, Some(State::Outdated));
        }
    }
}
