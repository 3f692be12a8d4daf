//! How the data of a backing service is saved and brought back.

use serde::Serialize;

/// How a service's data is saved and brought back. The copy goes through standard output and input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Backup {
    /// Prints the copy.
    pub dump: Step,
    /// Reads it back, in place of what is there.
    pub restore: Step,
    /// Whether another major version of the program reads the data in no other way.
    pub for_upgrades: bool,
}

/// A line for the container's shell, and the state in which the service has to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// In the service's container, while it runs: `compose exec`.
    Running(String),
    /// The service is stopped, the line runs in a container of the same service that is removed
    /// afterwards (`compose run --rm --no-deps --entrypoint /bin/sh SERVICE -c LINE`), and the
    /// service is started again.
    Stopped(String),
}

impl Backup {
    /// For programs that take and print their data while they run.
    #[must_use]
    pub fn running(dump: impl Into<String>, restore: impl Into<String>) -> Self {
        Self {
            dump: Step::Running(dump.into()),
            restore: Step::Running(restore.into()),
            for_upgrades: false,
        }
    }

    /// For programs that do not: stop, copy the folder of the volume, start.
    #[must_use]
    pub fn of_folder(folder: &str) -> Self {
        Self {
            dump: Step::Stopped(format!("tar -c -C {folder} .")),
            // The mount point itself stays.
            restore: Step::Stopped(format!(
                "find {folder} -mindepth 1 -delete && tar -x -p -C {folder}"
            )),
            for_upgrades: false,
        }
    }

    /// The same, for programs that do not read the data of another major version.
    #[must_use]
    pub fn for_upgrades(self) -> Self {
        Self { for_upgrades: true, ..self }
    }
}

impl Step {
    /// The line.
    #[must_use]
    pub fn line(&self) -> &str {
        match self {
            Self::Running(line) | Self::Stopped(line) => line,
        }
    }
}
