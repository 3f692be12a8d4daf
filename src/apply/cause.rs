//! Why a path is in its state, in words.

use std::fmt;

use crate::fs::Obstacle;
use crate::lockfile::Header;

/// Why a path is in its state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// There is nothing to explain.
    None,
    /// The manifest is not what it was.
    Manifest(String),
    /// Another version of gen wrote the file.
    Tool {
        /// The version that wrote it.
        from: String,
        /// The version that runs.
        to: String,
    },
    /// Both.
    ManifestAndTool(String),
    /// Neither: a file of the project that gen looks at changed.
    Project,
    /// The file was there.
    Deleted,
    /// The file was never there.
    New,
    /// Somebody edited the file.
    Edited,
    /// A merge left its markers.
    Conflict,
    /// Gen did not write the file.
    NotOurs,
    /// The manifest does not ask for it any more.
    Dropped,
    /// The manifest does not ask for it any more, and somebody edited it.
    DroppedAndEdited,
    /// The permissions are wrong.
    Mode {
        /// Whether the file should be a program.
        executable: bool,
    },
    /// Something else is in its place.
    Blocked(Obstacle),
    /// `gen.lock` does not say what the files hold.
    Lock,
}

impl Cause {
    /// Why gen's own file is not what is rendered now.
    pub(super) fn outdated(written: Option<&Header>, now: &Header) -> Self {
        let Some(written) = written else { return Self::Manifest(now.manifest.clone()) };
        let tool = written.tool != now.tool && !written.tool.is_empty();
        match (written.hash != now.hash, tool) {
            (true, true) => Self::ManifestAndTool(now.manifest.clone()),
            (true, false) => Self::Manifest(now.manifest.clone()),
            (false, true) => Self::Tool { from: written.tool.clone(), to: now.tool.clone() },
            (false, false) => Self::Project,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => Ok(()),
            Self::Manifest(name) => write!(f, "`{name}` changed since it was written"),
            Self::Tool { from, to } => write!(f, "gen {from} wrote it, and this is gen {to}"),
            Self::ManifestAndTool(name) => {
                write!(f, "`{name}` and the version of gen changed since it was written")
            }
            Self::Project => f.write_str("files of the project changed since it was written"),
            Self::Deleted => f.write_str("it was deleted"),
            Self::New => f.write_str("it is not written yet"),
            Self::Edited => f.write_str("it was edited by hand"),
            Self::Conflict => f.write_str("it holds the markers of a merge conflict"),
            Self::NotOurs => f.write_str("it is there, but gen did not write it"),
            Self::Dropped => f.write_str("the manifest does not ask for it any more"),
            Self::DroppedAndEdited => {
                f.write_str("the manifest does not ask for it any more, but it was edited by hand")
            }
            Self::Mode { executable: true } => f.write_str("it should be executable"),
            Self::Mode { executable: false } => f.write_str("it should not be executable"),
            Self::Blocked(obstacle) => obstacle.fmt(f),
            Self::Lock => f.write_str("it does not record what the files hold"),
        }
    }
}

/// Whether a merge left its markers in a file.
pub(super) fn has_conflict(bytes: &[u8]) -> bool {
    let starts = |marker: &[u8]| bytes.split(|&byte| byte == b'\n').any(|l| l.starts_with(marker));
    starts(b"<<<<<<< ") && starts(b">>>>>>> ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_changed() {
        let now = Header::new("gen.yaml", b"now");
        let old_tool = |bytes| Header { tool: "0.0.1".into(), ..Header::new("gen.yaml", bytes) };
        let manifest = Cause::Manifest("gen.yaml".into());
        assert_eq!(Cause::outdated(None, &now), manifest);
        assert_eq!(Cause::outdated(Some(&Header::new("gen.yaml", b"old")), &now), manifest);
        assert_eq!(Cause::outdated(Some(&now), &now), Cause::Project);
        let tool = Cause::Tool { from: "0.0.1".into(), to: now.tool.clone() };
        assert_eq!(Cause::outdated(Some(&old_tool(b"now")), &now), tool);
        let both = Cause::ManifestAndTool("gen.yaml".into());
        assert_eq!(Cause::outdated(Some(&old_tool(b"old")), &now), both);
    }
}
