//! Brings the disk to what was rendered, and never loses what a person wrote.
//!
//! [`plan()`] compares three things for each path: what is on disk, what the lock remembers, what
//! was rendered. [`decide()`] says what to do about it, [`write()`] does it. Everything before
//! [`write()`] only looks.

mod block;
mod cause;
mod decide;
mod difference;
mod state;
mod upgrade;
mod write;

use std::collections::BTreeMap;
use std::io;

pub use cause::Cause;
pub use decide::{Action, Decision, Step, decide};
pub use difference::unified;
pub use state::{Content, State, judge};
pub use upgrade::upgrades;
pub use write::{Done, Failed, lock_change, write};

use crate::fs::{Disk, FileMode, Found, Obstacle};
use crate::lockfile::{self, ContentHash, Header, Lockfile, Record};
use crate::path::RelativePath;
use crate::rendered::{RenderedFile, Shape};

/// One path that is generated, or was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The path.
    pub path: RelativePath,
    /// What was found.
    pub state: State,
    /// Why it is so.
    pub cause: Cause,
    /// The service that the file belongs to.
    pub service: Option<String>,
    /// What kind of file it is.
    pub output: String,
    /// The bytes of the file; `None` if there is no file.
    pub before: Option<Vec<u8>>,
    /// Whether the file is a program now, where the system knows.
    pub was_executable: Option<bool>,
    /// What the file should be; `None` if it should go.
    pub after: Option<After>,
    /// What the lock says now.
    pub old_record: Option<Record>,
    /// What the lock says once this is done.
    pub new_record: Option<Record>,
}

/// What a file should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct After {
    /// All of its bytes.
    pub bytes: Vec<u8>,
    /// Its permissions.
    pub mode: FileMode,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The operating system refuses to say what is there.
    #[error("cannot look at `{0}`: {1}")]
    Look(RelativePath, #[source] io::Error),
    /// Two outputs claim one path; that is a mistake of gen.
    #[error("this is a bug in gen: `{0}` is generated twice")]
    Twice(RelativePath),
}

/// Compares what was rendered with the disk and the lock. One change for each path that is
/// generated, or that the lock remembers and the disk still has; in the order of paths.
///
/// # Errors
/// If the disk cannot be read.
pub fn plan(
    files: &[RenderedFile],
    lock: &Lockfile,
    header: &Header,
    disk: &dyn Disk,
) -> Result<Vec<Change>, PlanError> {
    let mut rendered = BTreeMap::new();
    for file in files {
        if rendered.insert(&file.path, file).is_some() {
            return Err(PlanError::Twice(file.path.clone()));
        }
    }
    let look =
        |path: &RelativePath| disk.look(path).map_err(|error| PlanError::Look(path.clone(), error));
    let inputs = |path, file| Inputs { path, file, record: lock.records.get(path), lock, header };
    let mut changes = Vec::new();
    // Where each rendered file really lies, by the name that a forgetful file system knows.
    let mut places = BTreeMap::new();
    for (&path, &file) in &rendered {
        let real = disk.real_path(path);
        let above = ancestors(path).find(|above| rendered.contains_key(above));
        let found = match above {
            Some(above) => Found::Blocked(Obstacle::BelowFile(above)),
            None if real != *path && (rendered.contains_key(&real) || taken(&places, &real)) => {
                Found::Blocked(Obstacle::SameFile(real.clone()))
            }
            None => look(path)?,
        };
        places.insert(folded(&real), real);
        changes.extend(inputs(path, Some(file)).change(found));
    }
    for path in lock.records.keys().filter(|path| !rendered.contains_key(path)) {
        let real = disk.real_path(path);
        // Another name for a file that is still wanted: only the name goes.
        let wanted = places.get(&folded(&real));
        if !wanted.is_some_and(|wanted| *wanted == real || disk.is_same(wanted, path)) {
            changes.extend(inputs(path, None).change(look(path)?));
        }
    }
    changes.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(changes)
}

/// Whether one of the places is this one.
fn taken(places: &BTreeMap<String, RelativePath>, real: &RelativePath) -> bool {
    places.get(&folded(real)) == Some(real)
}

/// A path as a file system sees it that does not tell capitals from small letters.
fn folded(path: &RelativePath) -> String {
    path.as_str().to_lowercase()
}

/// The folders above a path, without the project itself.
fn ancestors(path: &RelativePath) -> impl Iterator<Item = RelativePath> {
    let ends = path.as_str().rmatch_indices('/').map(|(end, _)| end);
    ends.map(|end| RelativePath::root().file(&path.as_str()[..end]))
}

/// What is known of one path besides the disk.
struct Inputs<'i> {
    path: &'i RelativePath,
    file: Option<&'i RenderedFile>,
    record: Option<&'i Record>,
    lock: &'i Lockfile,
    header: &'i Header,
}

impl Inputs<'_> {
    fn change(&self, found: Found) -> Option<Change> {
        match found {
            Found::Blocked(obstacle) => Some(self.blocked(obstacle, None)),
            Found::Nothing => self.compare(None),
            Found::File { bytes, executable } => self.compare(Some((bytes, executable))),
        }
    }

    fn shape(&self) -> Shape {
        let recorded = || self.record.map_or(Shape::WholeFile, |record| record.shape);
        self.file.map_or_else(recorded, |file| file.shape)
    }

    /// The record, unless it is about something of another shape.
    fn hashes(&self) -> &[ContentHash] {
        match self.record {
            Some(record) if record.shape == self.shape() => &record.hashes,
            _ => &[],
        }
    }

    fn compare(&self, disk: Option<(Vec<u8>, Option<bool>)>) -> Option<Change> {
        let (before, was_executable) = match disk {
            Some((bytes, executable)) => (Some(bytes), executable),
            None => (None, None),
        };
        let body = match self.body(before.as_deref()) {
            Ok(body) => body,
            Err(obstacle) => return Some(self.blocked(obstacle, before)),
        };
        let new_record = self.file.map(Record::of);
        let wanted = self.file.zip(new_record.as_ref()).map(|(file, record)| Content {
            hash: record.hashes[0],
            executable: (self.shape() == Shape::WholeFile).then_some(file.executable),
        });
        let content = body.map(|bytes| Content {
            hash: match (self.file, &wanted) {
                // The same bytes need no second hash.
                (Some(file), Some(wanted)) if bytes == file.text.as_bytes() => wanted.hash,
                _ => ContentHash::of(&bytes),
            },
            executable: was_executable,
        });
        let state = judge(content.as_ref(), self.hashes(), wanted.as_ref())?;
        let cause = self.cause(state, before.as_deref());
        let after = self.after(before.as_deref());
        Some(Change { new_record, was_executable, after, ..self.frame(state, cause, before) })
    }

    /// What of a file is compared: all of it, or the block inside.
    fn body(&self, bytes: Option<&[u8]>) -> Result<Option<Vec<u8>>, Obstacle> {
        match (self.shape(), bytes) {
            (_, None) => Ok(None),
            (Shape::WholeFile, Some(bytes)) => Ok(Some(bytes.to_owned())),
            (Shape::Block, Some(bytes)) => {
                Ok(block::find(bytes)?.map(|place| bytes[place.body].to_owned()))
            }
        }
    }

    /// The whole file as it should be.
    fn after(&self, before: Option<&[u8]>) -> Option<After> {
        let Some(file) = self.file else {
            let bytes = block::remove(before.filter(|_| self.shape() == Shape::Block)?)?;
            return Some(After { bytes, mode: FileMode::Keep });
        };
        let text = lockfile::normalise(file.text.as_bytes());
        Some(match file.shape {
            Shape::WholeFile => {
                let mode = if file.executable { FileMode::Executable } else { FileMode::Plain };
                After { bytes: text.into_owned(), mode }
            }
            Shape::Block => {
                let bytes = block::replace(before.unwrap_or_default(), &text);
                After { bytes, mode: FileMode::Keep }
            }
        })
    }

    /// A change that must not happen, because of what stands there.
    fn blocked(&self, obstacle: Obstacle, before: Option<Vec<u8>>) -> Change {
        let state = if self.file.is_some() { State::Unowned } else { State::StaleModified };
        self.frame(state, Cause::Blocked(obstacle), before)
    }

    fn frame(&self, state: State, cause: Cause, before: Option<Vec<u8>>) -> Change {
        let recorded = self.record;
        Change {
            path: self.path.clone(),
            state,
            cause,
            service: match self.file {
                Some(file) => file.service.clone(),
                None => recorded.and_then(|record| record.service.clone()),
            },
            output: match self.file {
                Some(file) => file.output.to_owned(),
                None => recorded.map(|record| record.output.clone()).unwrap_or_default(),
            },
            before,
            was_executable: None,
            after: None,
            old_record: recorded.cloned(),
            new_record: None,
        }
    }

    fn cause(&self, state: State, before: Option<&[u8]>) -> Cause {
        match state {
            State::Ok | State::Ejected => Cause::None,
            State::Outdated => Cause::outdated(self.lock.header.as_ref(), self.header),
            State::Missing if self.record.is_some() => Cause::Deleted,
            State::Missing => Cause::New,
            State::Modified if before.is_some_and(cause::has_conflict) => Cause::Conflict,
            State::Modified => Cause::Edited,
            State::Unowned => Cause::NotOurs,
            State::Stale => Cause::Dropped,
            State::StaleModified => Cause::DroppedAndEdited,
            State::Mode => {
                Cause::Mode { executable: self.file.is_some_and(|file| file.executable) }
            }
        }
    }
}
