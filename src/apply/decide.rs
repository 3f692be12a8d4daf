//! What to do about each change.

use std::collections::BTreeSet;

use super::{Cause, Change, State};
use crate::path::RelativePath;

/// What is done about a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Nothing; all is well.
    Unchanged,
    /// A file is written where none was.
    Create,
    /// A file is written over.
    Update,
    /// A file is removed.
    Remove,
    /// Permissions are set.
    Mode,
    /// Nothing, because a person's work would be lost.
    Refuse,
    /// Nothing; the file is left to its people.
    Keep,
}

impl Action {
    /// The word for it, as reports carry it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Create => "create",
            Self::Update => "update",
            Self::Remove => "remove",
            Self::Mode => "mode",
            Self::Refuse => "refuse",
            Self::Keep => "keep",
        }
    }

    /// Whether the disk changes.
    #[must_use]
    pub const fn writes(self) -> bool {
        matches!(self, Self::Create | Self::Update | Self::Remove | Self::Mode)
    }
}

/// A change and what is done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step<'c> {
    /// The change.
    pub change: &'c Change,
    /// What is done.
    pub action: Action,
    /// Whether the file is kept beside its place before it is written over.
    pub backup: bool,
}

/// What to do, in the order of paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision<'c> {
    /// The steps.
    pub steps: Vec<Step<'c>>,
}

impl<'c> Decision<'c> {
    /// What is not done, because a person's work would be lost.
    pub fn refused(&self) -> impl Iterator<Item = &'c Change> {
        self.steps.iter().filter(|step| step.action == Action::Refuse).map(|step| step.change)
    }

    /// What is left to its people from now on.
    pub fn kept(&self) -> impl Iterator<Item = &'c Change> {
        self.steps.iter().filter(|step| step.action == Action::Keep).map(|step| step.change)
    }
}

/// Decides about every change. Paths in `force` may be written over; a copy is kept.
#[must_use]
pub fn decide<'c>(changes: &'c [Change], force: &BTreeSet<RelativePath>) -> Decision<'c> {
    let step = |change: &'c Change| {
        let blocked = matches!(change.cause, Cause::Blocked(_));
        let forced = force.contains(&change.path) && !blocked;
        let write = match (&change.before, &change.after) {
            (_, None) => Action::Remove,
            (None, Some(_)) => Action::Create,
            (Some(_), Some(_)) => Action::Update,
        };
        let (action, backup) = match change.state {
            State::Ok | State::Ejected => (Action::Unchanged, false),
            State::Mode => (Action::Mode, false),
            State::Outdated | State::Missing | State::Stale => (write, false),
            State::Modified | State::Unowned | State::StaleModified if forced => (write, true),
            State::Modified | State::Unowned => (Action::Refuse, false),
            State::StaleModified => (Action::Keep, false),
        };
        Step { change, action, backup }
    };
    Decision { steps: changes.iter().map(step).collect() }
}
