//! The resolved project: every default filled in, every name checked, nothing "not written".
//!
//! Speaks of services, ports, health, storage, secrets, limits and replicas in terms of its own.
//! Compose files are one writer of it; others may follow.

mod backup;
mod build;
mod front;
mod mount;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::manifest::{Engine, Restart};
use crate::path::{ContainerPath, RelativePath};

pub use backup::{Backup, Step};
pub use build::{Asset, Build, BuildSecret, BuiltPath, Manager, Program, StackSettings, Web};
pub use front::{Configuration, Route};
pub use mount::{Label, Labels, Mount, Storage, secret_file};

/// The user that production containers run as, where the base image has none of its own.
pub const APPLICATION_USER: u32 = 10001;

/// A project.
#[derive(Debug, Clone, Serialize)]
pub struct Project {
    /// Name of the project.
    pub name: String,
    /// One sentence about it.
    pub description: Option<String>,
    /// Which engine scripts try first.
    pub engine: Engine,
    /// Where images are pushed to.
    pub registry: Option<String>,
    /// The services, by name.
    pub services: BTreeMap<String, Service>,
    /// Named volumes, with what they hold.
    pub volumes: BTreeMap<String, String>,
    /// Secrets, with what they are for.
    pub secrets: BTreeMap<String, Secret>,
    /// Variables that the files read from the host's environment or `.env`.
    pub variables: BTreeMap<String, Variable>,
    /// Labels for every built image.
    pub labels: BTreeMap<String, String>,
}

/// A secret in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Secret {
    /// What it is for.
    pub description: String,
    /// Whether any random text will do, so that a script may make one.
    pub random: bool,
}

/// A variable of the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Variable {
    /// Value where the host has none.
    pub default: Option<String>,
    /// What it means.
    pub description: String,
}

/// A service.
#[derive(Debug, Clone, Serialize)]
pub struct Service {
    /// Its name, and the host name under which others reach it.
    pub name: String,
    /// Where its image comes from.
    pub image: Image,
    /// The port that it listens on.
    pub port: Option<u16>,
    /// The health check.
    pub health: Option<Health>,
    /// Whether the image's own health check is switched off, because it asks for something else.
    pub health_off: bool,
    /// Its test in development, where that is another one.
    pub development_test: Option<HealthTest>,
    /// What has to be there first.
    pub depends_on: BTreeMap<String, Dependency>,
    /// Networks that it is in.
    pub networks: BTreeSet<Network>,
    /// Profiles without which it does not start.
    pub profiles: BTreeSet<String>,
    /// Whether it reaches programs on the host.
    pub host_access: bool,
    /// Devices by CDI name.
    pub devices: Vec<String>,
    /// Writable folders in memory.
    pub tmpfs: Vec<ContainerPath>,
    /// Secrets that it reads.
    pub secrets: BTreeSet<String>,
    /// The one-off command that comes before it.
    pub migration: Option<Vec<String>>,
    /// Capabilities that the program cannot do without.
    pub capabilities: BTreeSet<Capability>,
    /// How its data is saved and brought back.
    pub backup: Option<Backup>,
    /// Where a front sends requests, the longest path first.
    pub routes: Vec<Route>,
    /// The file that configures it, beside the compose files.
    pub configuration: Option<Configuration>,
    /// Shared memory, where it needs more than the engines' 64 MiB.
    pub shared_memory: Option<String>,
    /// Time that it is given to end, where 10 seconds may be too short.
    pub stop_grace: Option<String>,
    /// How the local stack runs it: production's image, on this machine.
    pub local: Runtime,
    /// How developers run it.
    pub development: Runtime,
    /// How production runs it.
    pub production: Runtime,
    /// Deployment of production.
    pub deployment: Deployment,
}

/// Where a service's image comes from.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Image {
    /// It is built here.
    Built(Box<Build>),
    /// It is another service's.
    Shared(String),
    /// It is ready, by its full reference.
    Ready(String),
}

/// How a container runs in one environment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Runtime {
    /// The command, where it differs from the image's own.
    pub command: Option<Vec<String>>,
    /// The program before the command, where it differs from the image's own.
    pub entrypoint: Option<Vec<String>>,
    /// Environment variables.
    pub environment: BTreeMap<String, Value>,
    /// Ports on the host.
    pub ports: Vec<PublishedPort>,
    /// Mounts.
    pub mounts: Vec<Mount>,
    /// Files whose change calls for a new image (development).
    pub rebuild_on: Vec<RelativePath>,
    /// User, where it differs from the image's own.
    pub user: Option<String>,
}

/// The value of an environment variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// The value itself.
    Text(String),
    /// A variable of the host, with the value where it has none.
    Variable {
        /// Its name.
        name: String,
        /// The value where the host has none.
        default: String,
    },
}

/// A port of the container that is reached through the host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PublishedPort {
    /// Number on the host.
    pub host: u16,
    /// Number in the container.
    pub container: u16,
    /// Whether it is UDP.
    pub udp: bool,
    /// Address of the host on which it listens.
    pub address: String,
}

/// A health check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Health {
    /// How it is found out.
    pub test: HealthTest,
    /// Time between two checks.
    pub interval: String,
    /// Time after which a check has failed.
    pub timeout: String,
    /// Failures in a row that make it unhealthy.
    pub retries: u32,
    /// Time after the start in which failures do not count.
    pub start_period: String,
}

/// What a health check does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HealthTest {
    /// A command, without a shell.
    Exec(Vec<String>),
    /// A line for the container's shell.
    Shell(String),
}

/// How far a dependency has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Dependency {
    /// Its container runs.
    Started,
    /// Its health check passes.
    Healthy,
    /// Its container has ended with status 0.
    Completed,
}

/// A network of the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// Between the data services and those that use them.
    Back,
    /// Where requests come in and the applications talk to each other.
    Front,
}

impl Network {
    /// Its name in the files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Back => "back",
            Self::Front => "front",
        }
    }
}

/// A Linux capability that production gives back after dropping all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Capability {
    /// Change the owner of files.
    Chown,
    /// Pass over file permissions.
    DacOverride,
    /// Change what one does not own.
    Fowner,
    /// Bind ports below 1024.
    NetBindService,
    /// Change the group.
    Setgid,
    /// Change the user.
    Setuid,
}

impl Capability {
    /// Its name in the files.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Chown => "CHOWN",
            Self::DacOverride => "DAC_OVERRIDE",
            Self::Fowner => "FOWNER",
            Self::NetBindService => "NET_BIND_SERVICE",
            Self::Setgid => "SETGID",
            Self::Setuid => "SETUID",
        }
    }
}

/// What production does with a service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deployment {
    /// How many containers run.
    pub replicas: u32,
    /// Memory limit.
    pub memory: String,
    /// Processor limit.
    pub cpus: Option<String>,
    /// Limit of processes and threads.
    pub pids: u32,
    /// What the engine does when the program ends.
    #[serde(serialize_with = "restart_name")]
    pub restart: Restart,
    /// Whether the file system is read-only.
    pub read_only: bool,
}

fn restart_name<S: serde::Serializer>(restart: &Restart, serializer: S) -> Result<S::Ok, S::Error> {
    restart.serialize(serializer)
}

impl Project {
    /// The build of a service, if its image is built here: its own, or the one that it shares.
    #[must_use]
    pub fn build_of<'a>(&'a self, service: &'a Service) -> Option<&'a Build> {
        match &service.image {
            Image::Built(build) => Some(build),
            Image::Shared(other) => self.build_of(self.services.get(other)?),
            Image::Ready(_) => None,
        }
    }

    /// The files and folders that the manifest names as the user's own: Dockerfiles, and what is
    /// copied or mounted.
    #[must_use]
    pub fn own_files(&self) -> Vec<RelativePath> {
        let dockerfiles = self.builds().filter(|(_, build)| build.stack.is_none());
        let dockerfiles = dockerfiles.map(|(_, build)| build.dockerfile.clone());
        let copied = self.builds().flat_map(|(_, build)| {
            let files = build.source.iter().chain(&build.dependency_files);
            files.map(|file| build.context.join(&build.folder).join(file))
        });
        let runtimes =
            self.services.values().flat_map(|service| [&service.local, &service.development]);
        let mounted =
            runtimes.flat_map(|runtime| &runtime.mounts).filter_map(|mount| match &mount.storage {
                Storage::Folder(path) => Some(path.clone()),
                Storage::Volume(_) | Storage::Host(_) => None,
            });
        dockerfiles.chain(copied).chain(mounted).collect()
    }

    /// The services that run the image of a service: itself, and those that share it.
    pub fn users_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Service> {
        let shares =
            move |user: &&Service| matches!(&user.image, Image::Shared(other) if other == name);
        self.services.get(name).into_iter().chain(self.services.values().filter(shares))
    }

    /// The services whose images are built here, each once, with their builds.
    pub fn builds(&self) -> impl Iterator<Item = (&Service, &Build)> {
        self.services.values().filter_map(|service| match &service.image {
            Image::Built(build) => Some((service, build.as_ref())),
            Image::Shared(_) | Image::Ready(_) => None,
        })
    }
}
