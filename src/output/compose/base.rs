//! `docker-compose.yml`: a local stack of production's images, that works alone.

use super::{
    LOCAL_TAG, depends_on, environment, extra_hosts, file, health_section, migration_command,
    migration_name, migration_profiles, migration_restart, named_volumes, networks,
    no_health_check, others, podman_settings, ports, service_networks, shell_line, volumes, words,
};
use crate::project::{Build, HealthTest, Image, Labels, Project, Service};
use crate::render::RenderError;
use crate::render::yaml::Mapping;
use crate::rendered::RenderedFile;

const HEADER: &str = "\
The local stack: what production runs, built and started on this machine.
  docker compose up --build
  podman-compose up --build
Written by gen from gen.yaml: change that file and run `gen generate`. An
edit made here is not overwritten; the next run stops and tells of it. What
you add yourself belongs in docker-compose.override.yml, which is yours.";

/// What there has to be first: an engine makes a folder where a mounted file is missing.
pub(super) const SECRETS: &str = "
The files in secrets/ have to be there first: scripts/build-local-dev.sh
makes those that are missing.";

/// Renders the file.
///
/// # Errors
/// The file does not read back as it was meant: a fault of this program.
pub fn render(project: &Project) -> Result<Vec<RenderedFile>, RenderError> {
    let mut services = Mapping::new();
    for (name, service) in ordered(project) {
        services.set_apart(&name, service);
    }
    let mut mapping = Mapping::new();
    mapping.set("x-podman", podman_settings());
    mapping.comment("For podman-compose: no pod around the stack, names as Docker Compose's.");
    mapping.set("name", project.name.as_str()).apart().set("services", services).apart();
    mapping.set("networks", networks(project)).apart();
    let mounts = project.services.values().flat_map(|service| &service.local.mounts);
    let volumes = named_volumes(project, mounts);
    if !volumes.is_empty() {
        mapping.set("volumes", volumes).apart();
    }
    let secrets = if project.secrets.is_empty() { "" } else { SECRETS };
    let header = format!("{HEADER}{secrets}");
    Ok(vec![file("docker-compose.yml", &header, &mapping)?])
}

/// Every service and every one-off before one, in the order of their names.
fn ordered(project: &Project) -> Vec<(String, Mapping)> {
    let labels = local_labels(project);
    let mut all = Vec::new();
    for service in project.services.values() {
        all.push((service.name.clone(), describe(project, &labels, service)));
        if let (Some(name), Some(command)) = (migration_name(service), &service.migration) {
            all.push((name, one_off(project, &labels, service, command)));
        }
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all
}

/// The labels in the local and the development stack, which run from the same folders.
pub(super) fn local_labels(project: &Project) -> Labels {
    Labels::new(project, |service| vec![&service.local, &service.development])
}

/// The reference of a built image on this machine.
pub(super) fn reference(build: &Build, tag: &str) -> String {
    let name = build.image.rsplit('/').next().unwrap_or(&build.image);
    format!("localhost/{name}:{tag}")
}

fn describe(project: &Project, labels: &Labels, service: &Service) -> Mapping {
    let mut mapping = Mapping::new();
    match (&service.image, project.build_of(service)) {
        (Image::Built(build), _) => {
            mapping.set("image", reference(build, LOCAL_TAG));
            mapping.set("build", build_section(build));
        }
        (Image::Shared(_), Some(build)) => {
            mapping.set("image", reference(build, LOCAL_TAG));
        }
        (Image::Ready(reference), _) => drop(mapping.set("image", reference.as_str())),
        (Image::Shared(_), None) => {}
    }
    mapping.set_some("depends_on", depends_on(project, service));
    let runtime = &service.local;
    mapping
        .set_some("volumes", volumes(&runtime.mounts, &service.secrets, labels))
        .set_some("environment", environment(&runtime.environment))
        .set_some("ports", ports(&runtime.ports))
        .set("networks", service_networks(service))
        .set_some("extra_hosts", extra_hosts(service))
        .set_some("command", runtime.command.as_deref().map(words))
        .set_some("entrypoint", runtime.entrypoint.as_deref().map(words))
        .set_some("healthcheck", local_health(service))
        .set_some("user", runtime.user.as_deref());
    let mut others = others(service);
    if !matches!(service.image, Image::Ready(_)) {
        // Never asked of a registry: it is built here.
        others.insert("pull_policy", "never".into());
    }
    mapping.extend(others);
    mapping
}

/// The health check, with its test on one line where the development file has another one.
fn local_health(service: &Service) -> Option<Mapping> {
    let mut health = service.health.clone();
    if let Some(health) = health.as_mut().filter(|_| service.development_test.is_some()) {
        health.test = HealthTest::Shell(shell_line(&health.test));
    }
    health_section(service, health.as_ref())
}

fn build_section(build: &Build) -> Mapping {
    let mut section = Mapping::new();
    let context = if build.context.is_root() { ".".into() } else { format!("./{}", build.context) };
    let dockerfile = build.dockerfile.below(&build.context);
    section.set("context", context);
    section.set_some("dockerfile", dockerfile.map(|path| path.to_string()));
    section.set("target", "production");
    section
}

fn one_off(project: &Project, labels: &Labels, service: &Service, command: &[String]) -> Mapping {
    let mut mapping = Mapping::new();
    if let Some(build) = project.build_of(service) {
        mapping.set("image", reference(build, LOCAL_TAG));
    }
    mapping
        .set_some("volumes", volumes(&service.local.mounts, &service.secrets, labels))
        .set_some("environment", environment(&service.local.environment))
        .set("networks", service_networks(service))
        .set_some("extra_hosts", extra_hosts(service))
        .set("command", migration_command(project, service, command))
        .set("restart", migration_restart(project, service))
        .set("healthcheck", no_health_check())
        .set("init", true)
        .set_some("profiles", migration_profiles(project, service))
        .set("pull_policy", "never");
    mapping
}
