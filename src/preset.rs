//! Ready-made backing services and fronts. One file and one line of [`ALL`] each.

mod postgres;

use std::collections::{BTreeMap, BTreeSet};

use crate::manifest::Service;
use crate::path::{ContainerPath, RelativePath};
use crate::project::{Backup, Capability, Health, HealthTest};

/// What a preset is told.
#[derive(Debug)]
pub struct Context<'a> {
    /// Name of the service.
    pub name: &'a str,
    /// Version that the manifest asks for, or the preset's own.
    pub version: &'a str,
    /// The service as it was written.
    pub service: &'a Service,
    /// Where its requests go, for a front: path, host, port; longest path first.
    pub routes: &'a [(String, String, u16)],
}

/// What a preset makes of it.
#[derive(Debug)]
pub struct Plan {
    /// The image with its tag, fully qualified.
    pub image: String,
    /// The port that it listens on.
    pub port: u16,
    /// Further ports that are published where the service is: consoles, web interfaces.
    pub ports: Vec<u16>,
    /// The command, where it differs from the image's own.
    pub command: Option<Vec<String>>,
    /// The program before the command, where it differs from the image's own.
    pub entrypoint: Option<Vec<String>>,
    /// The user, where it differs from the image's own.
    pub user: Option<String>,
    /// Environment variables.
    pub environment: BTreeMap<&'static str, String>,
    /// Where the data lies, and what it is.
    pub data: Option<(&'static str, &'static str)>,
    /// Configuration that is written beside the compose files and mounted: its name below
    /// `config/SERVICE/`, its text, where it is mounted.
    pub configuration: Vec<(&'static str, String, &'static str)>,
    /// Writable folders in memory.
    pub tmpfs: Vec<&'static str>,
    /// Capabilities that it cannot do without.
    pub capabilities: BTreeSet<Capability>,
    /// The health check.
    pub health: Health,
    /// What the secret `SERVICE_password` is for, where there is one.
    pub secret: Option<&'static str>,
    /// How its data is saved and brought back.
    pub backup: Option<Backup>,
    /// Memory limit in production.
    pub memory: &'static str,
    /// Whether requests from outside come in here.
    pub front: bool,
    /// Whether it has to reach the outside itself.
    pub outward: bool,
}

/// A preset.
#[derive(Debug)]
pub struct Preset {
    /// Its name in the manifest.
    pub name: &'static str,
    /// The image as the table of images names it, if it is there.
    pub table: Option<&'static str>,
    /// The version where the manifest names none.
    pub default_version: &'static str,
    /// What it makes of a service.
    pub plan: fn(&Context<'_>) -> Plan,
}

/// Every preset.
pub const ALL: &[Preset] = &[postgres::PRESET];

/// The preset of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Preset> {
    ALL.iter().find(|preset| preset.name == name)
}

/// The name of a preset's secret.
#[must_use]
pub fn secret_name(service: &str) -> String {
    format!("{service}_password")
}

/// Where a preset finds its secret.
#[must_use]
pub fn secret_path(service: &str) -> String {
    format!("/run/secrets/{}", secret_name(service))
}

impl Plan {
    /// A plan with the usual values; a preset changes what is different.
    #[must_use]
    pub fn new(image: String, port: u16, test: HealthTest) -> Self {
        Self {
            image,
            port,
            ports: Vec::new(),
            command: None,
            entrypoint: None,
            user: None,
            environment: BTreeMap::new(),
            data: None,
            configuration: Vec::new(),
            tmpfs: vec!["/tmp"],
            capabilities: BTreeSet::new(),
            health: Health {
                test,
                interval: "10s".into(),
                timeout: "5s".into(),
                retries: 6,
                start_period: "60s".into(),
            },
            secret: None,
            backup: None,
            memory: "512M",
            front: false,
            outward: false,
        }
    }

    /// What the official entry points need, which begin as root to prepare the data folder and go
    /// on as a user of their own.
    #[must_use]
    pub fn with_privilege_drop(mut self) -> Self {
        self.capabilities = BTreeSet::from([
            Capability::Chown,
            Capability::DacOverride,
            Capability::Fowner,
            Capability::Setgid,
            Capability::Setuid,
        ]);
        self
    }
}

/// The folder of a service's configuration.
#[must_use]
pub fn configuration_folder(service: &str) -> RelativePath {
    RelativePath::root().file("config").file(service)
}

/// An absolute path that this program chose.
pub(crate) fn container_path(path: &str) -> ContainerPath {
    ContainerPath::new(path).unwrap_or_else(|_| ContainerPath::root())
}
