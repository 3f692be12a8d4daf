//! Compose files: what the three of them have in common.
//!
//! The subset that Docker Compose v2 and v5, `podman compose` and podman-compose read alike:
//! - Mounts in short form, because Docker Compose loses the SELinux label of the long one
//!   (docker/compose#13396), and secrets as mounts, because no program relabels those of
//!   `secrets:` (containers/podman-compose#655).
//! - The development file only adds to mappings and lists of the base file, or repeats a scalar:
//!   podman-compose appends to lists where Docker Compose replaces.
//! - No `start_interval`, no `configs`, no `env_file`, no `!reset`.

pub mod base;
pub mod development;
pub mod production;

use std::collections::{BTreeMap, BTreeSet};

use crate::path::RelativePath;
use crate::project::{
    Dependency, Health, HealthTest, Image, Labels, Mount, Network, Project, PublishedPort, Service,
    Storage, Value, secret_file,
};
use crate::render::RenderError;
use crate::render::quote;
use crate::render::yaml::{Mapping, Yaml, document};
use crate::rendered::{RenderedFile, Shape};
use crate::stack;

/// The variable that says which version production runs.
pub const VERSION: &str = "VERSION";
/// The tag of images that are built on this machine.
pub const LOCAL_TAG: &str = "local";
/// The tag of images for developers.
pub const DEVELOPMENT_TAG: &str = "development";

/// Text of the manifest as Compose has to find it: a `$` that stays a `$`.
fn literal(text: &str) -> String {
    text.replace('$', "$$")
}

fn words(words: &[String]) -> Yaml {
    Yaml::Words(words.iter().map(|word| literal(word)).collect())
}

fn file(name: &str, header: &str, mapping: &Mapping) -> Result<RenderedFile, RenderError> {
    Ok(RenderedFile {
        path: RelativePath::root().file(name),
        executable: false,
        text: document(header, mapping)?,
        service: None,
        output: "compose",
        shape: Shape::WholeFile,
    })
}

/// What podman-compose needs to do as Docker Compose does; Docker Compose passes over it.
fn podman_settings() -> Mapping {
    let mut settings = Mapping::new();
    // One pod for all would forbid user namespaces of one container (podman-compose#795).
    settings.set("in_pod", false).set("docker_compose_compat", true);
    settings
}

fn environment(values: &BTreeMap<String, Value>) -> Option<Mapping> {
    let mut mapping = Mapping::new();
    for (name, value) in values {
        let text = match value {
            Value::Text(text) => literal(text),
            Value::Variable { name, default } => format!("${{{name}:-{}}}", literal(default)),
        };
        mapping.set(name, text);
    }
    (!mapping.is_empty()).then_some(mapping)
}

fn volumes(mounts: &[Mount], secrets: &BTreeSet<String>, labels: &Labels) -> Option<Yaml> {
    let short = |mount: &Mount| {
        let read_only = if mount.read_only { Some("ro") } else { None };
        let (source, letter) = match &mount.storage {
            Storage::Volume(name) => (name.clone(), None),
            Storage::Folder(path) if path.is_root() => {
                ("./".into(), Some(labels.of(path).letter()))
            }
            Storage::Folder(path) => (format!("./{path}"), Some(labels.of(path).letter())),
            Storage::Host(path) => (path.to_string(), None),
        };
        let options: Vec<_> = read_only.into_iter().chain(letter).collect();
        let colon = if options.is_empty() { "" } else { ":" };
        Yaml::Text(format!("{source}:{}{colon}{}", mount.target, options.join(",")))
    };
    let secrets = secrets.iter().map(|name| {
        let path = secret_file(name);
        let letter = labels.of(&path).letter();
        Yaml::Text(format!("./{path}:/run/secrets/{name}:ro,{letter}"))
    });
    let all: Vec<_> = mounts.iter().map(short).chain(secrets).collect();
    (!all.is_empty()).then(|| all.into())
}

fn ports(ports: &[PublishedPort]) -> Option<Yaml> {
    let text = |port: &PublishedPort| {
        let udp = if port.udp { "/udp" } else { "" };
        Yaml::SingleQuoted(format!("{}:{}:{}{udp}", port.address, port.host, port.container))
    };
    let mut sorted: Vec<&PublishedPort> = ports.iter().collect();
    sorted.sort_by_key(|port| (port.host, port.container));
    (!ports.is_empty()).then(|| sorted.into_iter().map(text).collect::<Vec<_>>().into())
}

/// The keys without a place of their own, which linters want in the order of their names.
fn others(service: &Service) -> BTreeMap<&'static str, Yaml> {
    let mut others = BTreeMap::new();
    if !service.devices.is_empty() {
        others.insert("devices", service.devices.clone().into());
    }
    if !service.profiles.is_empty() {
        others.insert("profiles", service.profiles.iter().cloned().collect::<Vec<_>>().into());
    }
    if !matches!(service.image, Image::Ready(_)) {
        // Reaps what the program leaves behind, and passes signals on.
        others.insert("init", true.into());
    }
    if let Some(size) = &service.shared_memory {
        others.insert("shm_size", size.as_str().into());
    }
    if let Some(time) = &service.stop_grace {
        others.insert("stop_grace_period", time.as_str().into());
    }
    others
}

/// What has to be there before a service, its migration among it.
fn depends_on(project: &Project, service: &Service) -> Option<Mapping> {
    let owner = match &service.image {
        Image::Shared(other) => project.services.get(other).unwrap_or(service),
        Image::Built(_) | Image::Ready(_) => service,
    };
    let migrations = [migration_name(owner), migration_name(service)];
    let mut all: BTreeMap<&str, Dependency> =
        service.depends_on.iter().map(|(name, dependency)| (name.as_str(), *dependency)).collect();
    all.extend(migrations.iter().flatten().map(|name| (name.as_str(), Dependency::Completed)));
    let mut mapping = Mapping::new();
    for (name, dependency) in all {
        let condition = match dependency {
            Dependency::Started => "service_started",
            Dependency::Healthy => "service_healthy",
            Dependency::Completed => "service_completed_successfully",
        };
        let mut value = Mapping::new();
        value.set("condition", condition);
        mapping.set(name, value);
    }
    (!mapping.is_empty()).then_some(mapping)
}

fn service_networks(service: &Service) -> Mapping {
    let mut mapping = Mapping::new();
    for network in &service.networks {
        mapping.set(network.name(), Mapping::new());
    }
    mapping
}

fn healthcheck(health: &Health) -> Mapping {
    let test = match &health.test {
        HealthTest::Exec(test) => {
            words(&std::iter::once("CMD".to_owned()).chain(test.clone()).collect::<Vec<_>>())
        }
        HealthTest::Shell(line) => Yaml::Text(literal(line)),
    };
    let mut mapping = Mapping::new();
    mapping
        .set("test", test)
        .set("interval", health.interval.as_str())
        .set("timeout", health.timeout.as_str())
        .set("retries", health.retries)
        .set("start_period", health.start_period.as_str());
    mapping
}

/// A test as one line for a shell. An overlay replaces such a scalar, whichever program reads it;
/// podman-compose appends one list to the other.
fn shell_line(test: &HealthTest) -> String {
    match test {
        HealthTest::Exec(words) => quote::shell_line(words),
        HealthTest::Shell(line) => line.clone(),
    }
}

fn test_line(test: &HealthTest) -> Yaml {
    Yaml::Text(literal(&shell_line(test)))
}

/// Where the one-off can wait for others it runs once; else it is begun again until it succeeds.
fn migration_restart(project: &Project, service: &Service) -> Yaml {
    let can_wait = awaited(project, service).is_empty() || wait(project, service).is_some();
    if can_wait { Yaml::Quoted("no".into()) } else { "on-failure".into() }
}

/// The health check of a service; where it has none, that of its image must not be asked either.
fn health_section(service: &Service, health: Option<&Health>) -> Option<Mapping> {
    health.map(healthcheck).or_else(|| service.health_off.then(no_health_check))
}

/// A one-off has none: it would stay at the image's own, and never pass it.
fn no_health_check() -> Mapping {
    let mut mapping = Mapping::new();
    mapping.set("disable", true);
    mapping
}

fn extra_hosts(service: &Service) -> Option<Yaml> {
    service.host_access.then(|| vec!["host.docker.internal:host-gateway"].into())
}

/// The command of the one-off before a service: it waits for what the service depends on by itself.
///
/// It cannot say `depends_on`: Podman refuses to start a container whose dependency has ended and
/// has itself a dependency that runs ("generating dependency graph … not found in input list",
/// seen with Podman 5.4), and podman-compose hands every `depends_on` down as `--requires`.
fn migration_command(project: &Project, service: &Service, command: &[String]) -> Yaml {
    words(&[&wait(project, service).unwrap_or_default(), command].concat())
}

/// The words before a one-off's command that make it wait, where there is something to wait for and
/// something to wait with.
fn wait(project: &Project, service: &Service) -> Option<Vec<String>> {
    let awaited = awaited(project, service);
    let build = project.build_of(service)?;
    let stack = stack::find(build.stack?)?;
    (!awaited.is_empty()).then(|| stack.wait(build.base, &awaited))
}

/// Where the services answer that another one depends on.
fn awaited(project: &Project, service: &Service) -> Vec<(String, u16)> {
    let port = |name: &String| Some((name.clone(), project.services.get(name)?.port?));
    service.depends_on.keys().filter_map(port).collect()
}

/// The name of the one-off service that comes before another.
#[must_use]
pub fn migration_name(service: &Service) -> Option<String> {
    service.migration.as_ref().map(|_| format!("{}-migrate", service.name))
}

/// The profiles of the one-off before a service: those of the services that wait for it, or none
/// where one of them always starts.
fn migration_profiles(project: &Project, service: &Service) -> Option<Yaml> {
    let mut all = BTreeSet::new();
    for user in project.users_of(&service.name) {
        if user.profiles.is_empty() {
            return None;
        }
        all.extend(user.profiles.iter().cloned());
    }
    Some(all.into_iter().collect::<Vec<_>>().into())
}

/// The volumes that services of a file mount, each with what it holds.
fn named_volumes<'a>(project: &Project, mounts: impl Iterator<Item = &'a Mount>) -> Mapping {
    let used: BTreeSet<_> = mounts
        .filter_map(|mount| match &mount.storage {
            Storage::Volume(name) => Some(name.as_str()),
            Storage::Folder(_) | Storage::Host(_) => None,
        })
        .collect();
    let mut mapping = Mapping::new();
    for name in used {
        mapping.set(name, Mapping::new());
        if let Some(description) = project.volumes.get(name).filter(|text| !text.is_empty()) {
            mapping.comment(description);
        }
    }
    mapping
}

/// The networks that services are in.
///
/// The back is not `internal`: on a machine that runs Docker too, whose firewall forwards nothing
/// by itself, Podman's containers cannot talk to each other in such a network.
fn networks(project: &Project) -> Mapping {
    let used: BTreeSet<Network> =
        project.services.values().flat_map(|service| service.networks.iter().copied()).collect();
    let mut mapping = Mapping::new();
    for network in used {
        mapping.set(network.name(), Mapping::new());
        mapping.comment(match network {
            Network::Back => "Data services, and those that use them.",
            Network::Front => "Where requests come in.",
        });
    }
    mapping
}
