//! Ready-made backing services and fronts. One file and one line of [`ALL`] each.

mod caddy;
mod mailpit;
mod mariadb;
mod memcached;
mod mongodb;
mod mysql;
mod nginx;
mod ollama;
mod postgres;
mod rabbitmq;
mod redis;
mod seaweedfs;
mod valkey;

use std::collections::{BTreeMap, BTreeSet};

use crate::images::{self, Lookup};
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
}

impl Context<'_> {
    /// The port that the program is told to listen on: the manifest's, or the usual one.
    #[must_use]
    pub fn port(&self, usual: u16) -> u16 {
        self.service.port.unwrap_or(usual)
    }

    /// The memory limit of production in MiB, which programs are tuned to: the manifest's, or the
    /// usual one.
    #[must_use]
    pub fn megabytes(&self, usual: u32) -> u32 {
        let production = self.service.prod.as_ref();
        let resources = production.and_then(|production| production.resources.as_ref());
        let written = resources.and_then(|resources| resources.memory.as_deref());
        written.and_then(megabytes).unwrap_or(usual)
    }

    /// Whether the manifest sets a variable, in any environment.
    #[must_use]
    pub fn sets(&self, variable: &str) -> bool {
        let service = self.service;
        let development = service.dev.as_ref().map(|dev| &dev.environment);
        let production = service.prod.as_ref().map(|prod| &prod.environment);
        let maps = [Some(&service.environment), development, production];
        maps.into_iter().flatten().any(|map| map.contains_key(variable))
    }

    /// The major version, where the version begins with a number.
    #[must_use]
    pub fn major(&self) -> Option<u32> {
        self.version.split(['.', '-']).next()?.parse().ok()
    }

    /// The tag of an image of the table: the version and, so that it means the same tomorrow, the
    /// first of these suites that there is an image for. A version that names its variant itself
    /// stays as it is.
    #[must_use]
    pub fn tag(&self, image: &str, suites: &[&str]) -> String {
        let version = self.version;
        if version.contains('-') {
            return version.to_owned();
        }
        let suite = match images::lookup(image, version) {
            Lookup::Known(known) => suites.iter().find(|suite| known.variants.contains(suite)),
            // What the newest versions have, newer ones will have as well.
            Lookup::Newer => suites.first(),
            Lookup::Unknown(_) => None,
        };
        suite.map_or_else(|| version.to_owned(), |suite| format!("{version}-{suite}"))
    }
}

/// A size of the manifest, `512M` or `2G`, in MiB.
fn megabytes(text: &str) -> Option<u32> {
    let text = text.trim_end_matches(['b', 'B']);
    let number: u32 = text.get(..text.len().checked_sub(1)?)?.parse().ok()?;
    match text.chars().last()?.to_ascii_lowercase() {
        'k' => Some(number / 1024),
        'm' => Some(number),
        'g' => number.checked_mul(1024),
        _ => None,
    }
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
    /// Configuration that is written beside the compose files, in `config/SERVICE/`, and the folder
    /// at which that is mounted. A folder, because a file that is replaced stays the old one in
    /// its container.
    pub configuration: Option<Settings>,
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
    /// Limit of processes and threads in production.
    pub pids: u32,
    /// Shared memory, where it needs more than the engines' 64 MiB.
    pub shared_memory: Option<&'static str>,
    /// Time that it is given to end, where 10 seconds may be too short.
    pub stop_grace: Option<&'static str>,
    /// Whether requests from outside come in here.
    pub front: bool,
    /// Whether it has to reach the outside itself.
    pub outward: bool,
}

/// A file that configures a program.
#[derive(Debug)]
pub struct Settings {
    /// Its name.
    pub file: &'static str,
    /// The template that it is made from.
    pub template: &'static str,
    /// The folder in the container.
    pub folder: &'static str,
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
pub const ALL: &[Preset] = &[
    caddy::PRESET,
    mailpit::PRESET,
    mariadb::PRESET,
    memcached::PRESET,
    mongodb::PRESET,
    mysql::PRESET,
    nginx::PRESET,
    ollama::PRESET,
    postgres::PRESET,
    rabbitmq::PRESET,
    redis::PRESET,
    seaweedfs::PRESET,
    valkey::PRESET,
];

/// The preset of that name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Preset> {
    ALL.iter().find(|preset| preset.name == name)
}

/// What to say of a name that people ask for and that is no preset.
#[must_use]
pub fn advice(name: &str) -> Option<&'static str> {
    match name {
        "minio" => Some(
            "MinIO's community edition is archived and its images are gone from Docker Hub; \
             `seaweedfs` stores objects behind the same S3 interface",
        ),
        "s3" => Some("the preset with an S3 interface is `seaweedfs`"),
        "mongo" => Some("the preset is called `mongodb`"),
        "postgresql" | "pg" => Some("the preset is called `postgres`"),
        "rabbit" | "amqp" => Some("the preset is called `rabbitmq`"),
        "mailhog" | "maildev" => Some("`mailpit` catches mail for development"),
        _ => None,
    }
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
            configuration: None,
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
            pids: 256,
            shared_memory: None,
            stop_grace: None,
            front: false,
            outward: false,
        }
    }

    /// The command, word by word.
    pub(crate) fn run(&mut self, words: &[&str]) {
        self.command = Some(words.iter().map(|word| (*word).to_owned()).collect());
    }

    /// A command that a shell reads. It ends with `exec`, so that the program gets the signals.
    pub(crate) fn run_line(&mut self, line: String) {
        self.command = Some(vec!["sh".into(), "-c".into(), line]);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{EnvironmentValue, Production, Resources};

    fn plan(name: &str, version: Option<&str>, service: &Service) -> Plan {
        let preset = find(name).expect("a preset");
        let version = version.unwrap_or(preset.default_version);
        (preset.plan)(&Context { name: "store", version, service })
    }

    fn image(name: &str, version: &str) -> String {
        plan(name, Some(version), &Service::default()).image
    }

    #[test]
    fn every_preset_is_whole() {
        let service = Service::default();
        for preset in ALL {
            let plan = plan(preset.name, None, &service);
            let (repository, tag) = plan.image.rsplit_once(':').expect("a tag");
            assert!(repository.starts_with("docker.io/"), "{}", plan.image);
            assert!(!["latest", "stable"].contains(&tag), "{}", plan.image);
            if let Some(table) = preset.table {
                let known = images::lookup(table, preset.default_version);
                assert!(matches!(known, Lookup::Known(r) if !r.has_ended()), "{}", preset.name);
            }
            for path in plan.tmpfs.iter().chain(plan.data.iter().map(|(path, _)| path)) {
                assert!(ContainerPath::new(path).is_ok(), "{path}");
            }
            assert!(plan.tmpfs.contains(&"/tmp"), "{}", preset.name);
            assert_eq!(
                plan.front,
                plan.data.is_none() && plan.configuration.is_some() || preset.name == "mailpit"
            );
            assert!(megabytes(plan.memory).is_some());
        }
    }

    #[test]
    fn tags_name_the_suite() {
        assert_eq!(image("postgres", "17"), "docker.io/library/postgres:17-trixie");
        assert_eq!(image("postgres", "17.11"), "docker.io/library/postgres:17.11-trixie");
        assert_eq!(image("postgres", "19"), "docker.io/library/postgres:19-trixie");
        assert_eq!(image("postgres", "17-alpine"), "docker.io/library/postgres:17-alpine");
        assert_eq!(image("redis", "8"), "docker.io/library/redis:8-trixie");
        assert_eq!(image("redis", "7.2"), "docker.io/library/redis:7.2-bookworm");
        assert_eq!(image("mongodb", "7.0"), "docker.io/library/mongo:7.0");
        assert_eq!(image("rabbitmq", "4.3"), "docker.io/library/rabbitmq:4.3-management");
        assert_eq!(image("mailpit", "1.31"), "docker.io/axllent/mailpit:v1.31");
        assert_eq!(image("nginx", "1.30"), "docker.io/nginxinc/nginx-unprivileged:1.30");
    }

    #[test]
    fn postgres_keeps_its_data_where_its_version_does() {
        let data = |version| plan("postgres", Some(version), &Service::default()).data;
        assert_eq!(data("17.2").map(|data| data.0), Some("/var/lib/postgresql/data"));
        assert_eq!(data("18").map(|data| data.0), Some("/var/lib/postgresql"));
    }

    #[test]
    fn follows_the_manifest() {
        let mut service = Service { port: Some(15432), ..Service::default() };
        let resources = Resources { memory: Some("4G".into()), ..Resources::default() };
        service.prod = Some(Production { resources: Some(resources), ..Production::default() });
        let of_postgres = plan("postgres", None, &service);
        assert_eq!(of_postgres.port, 15432);
        assert!(of_postgres.command.expect("a command").contains(&"shared_buffers=1024MB".into()));
        service.environment.insert("MYSQL_DATABASE".into(), EnvironmentValue::Boolean(true));
        let of_mariadb = plan("mariadb", None, &service);
        assert!(!of_mariadb.environment.contains_key("MARIADB_DATABASE"));
        assert!(of_mariadb.backup.expect("a backup").dump.line().contains("$MYSQL_DATABASE"));
    }

    #[test]
    fn reads_sizes() {
        assert_eq!(megabytes("512M"), Some(512));
        assert_eq!(megabytes("2gb"), Some(2048));
        assert_eq!(megabytes("2048k"), Some(2));
        assert_eq!(megabytes("M"), None);
        assert_eq!(megabytes(""), None);
    }

    #[test]
    fn no_advice_for_what_there_is() {
        assert!(ALL.iter().all(|preset| advice(preset.name).is_none()));
        assert!(advice("minio").is_some_and(|text| text.contains("seaweedfs")));
    }
}
