//! Carries a decision out. Whatever moment a run is stopped at, each file is old or new, and the
//! next run completes it.

use std::io;

use super::{Action, After, Cause, Change, Decision, State, Step};
use crate::fs::{Disk, FileMode, Found, Writer};
use crate::lockfile::{self, Header, Lockfile, Reading};
use crate::path::RelativePath;

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The file.
    pub path: RelativePath,
    /// What was done to it.
    pub action: Action,
    /// Where its former content is kept.
    pub backup: Option<RelativePath>,
}

/// A run that stopped in the middle.
#[derive(Debug, thiserror::Error)]
#[error("cannot write `{path}`: {error}")]
pub struct Failed {
    /// The file that could not be changed. It is as it was.
    pub path: RelativePath,
    /// Why.
    #[source]
    pub error: io::Error,
    /// What was done before.
    pub done: Vec<Done>,
}

/// Carries a decision out: files, then removals, the lock last.
///
/// # Errors
/// If a file cannot be written. What was done until then stays, and the lock knows of it where it
/// can still be written.
pub fn write(
    decision: &Decision<'_>,
    lock: Option<&Change>,
    reading: &Reading,
    header: &Header,
    disk: &dyn Disk,
    writer: &mut dyn Writer,
) -> Result<Vec<Done>, Failed> {
    let mut done = Vec::new();
    let mut steps: Vec<_> = decision.steps.iter().filter(|step| step.action.writes()).collect();
    steps.sort_by_key(|step| step.action == Action::Remove);
    for step in steps {
        match carry_out(step, disk, writer) {
            Ok(one) => done.push(one),
            Err(error) => {
                let lock = next_lock(decision, reading, header, |step| {
                    done.iter().any(|done| done.path == step.change.path)
                });
                if lock.records != reading.lock.records {
                    let path = RelativePath::root().file(lockfile::NAME);
                    // The run has failed already. Without this lock the next run completes it as
                    // long as the manifest stays the same; with it, in any case.
                    let _ = writer.write(&path, lock.to_string().as_bytes(), FileMode::Plain);
                }
                return Err(Failed { path: step.change.path.clone(), error, done });
            }
        }
    }
    if let Some(Change { path, after: Some(after), before, .. }) = lock {
        if let Err(error) = writer.write(path, &after.bytes, after.mode) {
            return Err(Failed { path: path.clone(), error, done });
        }
        let action = if before.is_some() { Action::Update } else { Action::Create };
        done.push(Done { path: path.clone(), action, backup: None });
    }
    Ok(done)
}

fn carry_out(step: &Step<'_>, disk: &dyn Disk, writer: &mut dyn Writer) -> io::Result<Done> {
    let Change { path, before, after, was_executable, .. } = step.change;
    let mut backup = None;
    if let Some(before) = before.as_ref().filter(|_| step.backup) {
        let executable = *was_executable == Some(true);
        let mode = if executable { FileMode::Executable } else { FileMode::Plain };
        let (place, exists) = backup_place(path, before, disk)?;
        if !exists {
            writer.write(&place, before, mode)?;
        }
        backup = Some(place);
    }
    match (step.action, after) {
        (Action::Mode, Some(after)) => writer.set_mode(path, after.mode)?,
        (_, Some(after)) => writer.write(path, &after.bytes, after.mode)?,
        (_, None) => writer.remove(path)?,
    }
    Ok(Done { path: path.clone(), action: step.action, backup })
}

/// A place for the former content that holds nothing else, and whether the content is there
/// already.
fn backup_place(
    path: &RelativePath,
    before: &[u8],
    disk: &dyn Disk,
) -> io::Result<(RelativePath, bool)> {
    let endings = std::iter::once(".bak".to_owned()).chain((2..100).map(|n| format!(".bak{n}")));
    for ending in endings {
        let place = RelativePath::root().file(&format!("{path}{ending}"));
        match disk.look(&place)? {
            Found::Nothing => return Ok((place, false)),
            Found::File { bytes, .. } if bytes == before => return Ok((place, true)),
            _ => {}
        }
    }
    Err(io::Error::other("there are a hundred backups beside it already"))
}

/// The lock once the steps that `is_done` knows are carried out.
fn next_lock(
    decision: &Decision<'_>,
    reading: &Reading,
    header: &Header,
    is_done: impl Fn(&Step<'_>) -> bool,
) -> Lockfile {
    let mut lock = Lockfile { header: Some(header.clone()), ..Lockfile::default() };
    for step in &decision.steps {
        let change = step.change;
        let record = match step.action {
            Action::Unchanged => change.new_record.as_ref(),
            Action::Refuse => change.old_record.as_ref(),
            Action::Keep => None,
            _ if is_done(step) => change.new_record.as_ref(),
            _ => change.old_record.as_ref(),
        };
        if let Some(record) = record {
            lock.records.insert(change.path.clone(), record.clone());
        }
    }
    if lock.records == reading.lock.records {
        lock.header.clone_from(&reading.lock.header);
    }
    lock
}

/// What becomes of `gen.lock`; `None` if it stays as it is.
///
/// It is written only if what it says about files changes, so that neither a comment in the
/// manifest nor another version of gen that writes the same files touches it.
#[must_use]
pub fn lock_change(
    decision: &Decision<'_>,
    reading: &Reading,
    before: Option<Vec<u8>>,
    header: &Header,
) -> Option<Change> {
    let lock = next_lock(decision, reading, header, |_| true);
    let sound = reading.found && reading.problems.is_empty();
    if sound && lock.records == reading.lock.records {
        return None;
    }
    let lock = Lockfile { header: Some(header.clone()), ..lock };
    let (state, cause) = match (&before, reading.lock.records.is_empty()) {
        (None, _) => (State::Missing, Cause::New),
        _ => (State::Outdated, Cause::Lock),
    };
    Some(Change {
        path: RelativePath::root().file(lockfile::NAME),
        state,
        cause,
        service: None,
        output: "lock".into(),
        before,
        was_executable: None,
        after: Some(After { bytes: lock.to_string().into_bytes(), mode: FileMode::Plain }),
        old_record: None,
        new_record: None,
    })
}
