//! What is mounted where, and with which SELinux label.

use serde::Serialize;

use super::{Project, Runtime, Service};
use crate::path::{ContainerPath, RelativePath};

/// A mount.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Mount {
    /// Where in the container.
    pub target: ContainerPath,
    /// What.
    pub storage: Storage,
    /// Whether it cannot be written.
    pub read_only: bool,
}

/// What is mounted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Storage {
    /// A named volume.
    Volume(String),
    /// A folder or file of the project.
    Folder(RelativePath),
    /// A socket or system folder of the host, which must not be relabelled.
    Host(ContainerPath),
}

/// The SELinux label of a mounted path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Label {
    /// `Z`: one container alone uses it.
    Private,
    /// `z`: several do.
    Shared,
}

impl Label {
    /// The letter in the short form of a mount.
    #[must_use]
    pub fn letter(self) -> &'static str {
        match self {
            Self::Private => "Z",
            Self::Shared => "z",
        }
    }
}

/// Where the value of a secret lies.
#[must_use]
pub fn secret_file(name: &str) -> RelativePath {
    RelativePath::root().file("secrets").file(name)
}

/// The label for a path, over all services of the stacks that run together.
///
/// `Z` gives the files a label that only one container may read; a second container on the same
/// path, or on one above or below it, takes the label away from the first
/// (podman-run(1), `--volume`; containers/podman#7512). So it is given only where exactly one
/// container mounts the path and nothing around it.
pub fn label<'a>(
    project: &'a Project,
    path: &RelativePath,
    runtimes: impl Fn(&'a Service) -> Vec<&'a Runtime>,
) -> Label {
    let overlaps = |other: &RelativePath| {
        other.is_root()
            || path.is_root()
            || other.below(path).is_some()
            || path.below(other).is_some()
    };
    let users = project.services.values().flat_map(|service| {
        let copies = service.deployment.replicas.max(1) + u32::from(service.migration.is_some());
        let mut mounts = runtimes(service).into_iter().flat_map(|runtime| &runtime.mounts);
        let uses = mounts
            .any(|mount| matches!(&mount.storage, Storage::Folder(other) if overlaps(other)))
            || service.secrets.iter().any(|name| overlaps(&secret_file(name)));
        std::iter::repeat_n((), if uses { copies as usize } else { 0 })
    });
    if users.take(2).count() > 1 { Label::Shared } else { Label::Private }
}
