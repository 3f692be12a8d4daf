//! What is mounted where, and with which SELinux label.

use serde::Serialize;

use super::{Project, Runtime, Service};
use crate::path::{ContainerPath, PathMap, RelativePath};

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

/// The labels of paths, over all services of the stacks that run together.
///
/// `Z` gives the files a label that only one container may read; a second container on the same
/// path, or on one above or below it, takes the label away from the first
/// (podman-run(1), `--volume`; containers/podman#7512). So it is given only where exactly one
/// container mounts the path and nothing around it.
#[derive(Debug)]
pub struct Labels(PathMap<Vec<User>>);

/// The containers of a service that mount a path.
#[derive(Debug, Clone, Copy)]
struct User {
    service: usize,
    containers: u32,
}

impl Labels {
    /// The labels where each service runs in these ways.
    pub fn new<'p>(
        project: &'p Project,
        runtimes: impl Fn(&'p Service) -> Vec<&'p Runtime>,
    ) -> Self {
        let mut users: PathMap<Vec<User>> = PathMap::default();
        for (index, service) in project.services.values().enumerate() {
            let copies = service.deployment.replicas.max(1);
            let containers = copies + u32::from(service.migration.is_some());
            let user = User { service: index, containers };
            for mount in runtimes(service).into_iter().flat_map(|runtime| &runtime.mounts) {
                if let Storage::Folder(path) = &mount.storage {
                    users.entry(path.clone()).push(user);
                }
            }
            for name in &service.secrets {
                users.entry(secret_file(name)).push(user);
            }
        }
        Self(users)
    }

    /// The label of a path.
    #[must_use]
    pub fn of(&self, path: &RelativePath) -> Label {
        let around = self.0.within(path).map(|(_, users)| users).chain(self.0.above(path));
        let mut first = None;
        for user in around.flatten() {
            if user.containers > 1 || first.is_some_and(|first| first != user.service) {
                return Label::Shared;
            }
            first = Some(user.service);
        }
        Label::Private
    }
}
