//! Changes as a unified diff that `git apply` and `patch -p1` take.

use similar::TextDiff;

use super::{Action, Change, Step};
use crate::fs::FileMode;
use crate::lockfile::normalise;

impl Step<'_> {
    /// What this changes on disk, or would change if it were not refused; empty if nothing.
    #[must_use]
    pub fn difference(&self) -> String {
        match (self.action, &self.change.after) {
            (Action::Unchanged | Action::Keep, _) | (Action::Refuse, None) => String::new(),
            _ => self.change.difference(),
        }
    }
}

impl Change {
    /// What has to change on disk to come from what is there to what should be.
    #[must_use]
    pub fn difference(&self) -> String {
        let path = self.path.as_str();
        let mode = match &self.after {
            Some(after) if after.mode == FileMode::Executable => "100755",
            _ => "100644",
        };
        let mut text = format!("diff --git a/{path} b/{path}\n");
        match (&self.before, &self.after) {
            (None, Some(_)) => text += &format!("new file mode {mode}\n"),
            (Some(_), None) => {
                let mode = if self.was_executable == Some(true) { "100755" } else { "100644" };
                text += &format!("deleted file mode {mode}\n");
            }
            (Some(_), Some(after)) if after.mode != FileMode::Keep => {
                let should = after.mode == FileMode::Executable;
                if let Some(is) = self.was_executable.filter(|&is| is != should) {
                    let old = if is { "100755" } else { "100644" };
                    text += &format!("old mode {old}\nnew mode {mode}\n");
                }
            }
            _ => {}
        }
        let after = self.after.as_ref().map(|after| after.bytes.as_slice());
        text + &unified(path, self.before.as_deref(), after)
    }
}

/// The unified diff of two contents; nothing is `/dev/null`.
#[must_use]
pub fn unified(path: &str, before: Option<&[u8]>, after: Option<&[u8]>) -> String {
    let text = |bytes: Option<&[u8]>| {
        String::from_utf8_lossy(&normalise(bytes.unwrap_or_default())).into_owned()
    };
    let name = |side: char, bytes: Option<&[u8]>| match bytes {
        Some(_) => format!("{side}/{path}"),
        None => "/dev/null".to_owned(),
    };
    let (old, new) = (text(before), text(after));
    TextDiff::from_lines(&old, &new)
        .unified_diff()
        .header(&name('a', before), &name('b', after))
        .to_string()
}
