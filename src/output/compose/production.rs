//! `docker-compose.prod.yml`: production, that works alone and without the source.

use super::{
    LOCAL_TAG, VERSION, depends_on, environment, extra_hosts, file, health_section,
    migration_command, migration_name, migration_profiles, migration_restart, named_volumes,
    networks, no_health_check, others, podman_settings, ports, service_networks, volumes, words,
};
use std::collections::BTreeMap;

use crate::manifest::Restart;
use crate::path::ContainerPath;
use crate::project::{Image, Labels, Project, Service};
use crate::render::RenderError;
use crate::render::yaml::{Mapping, Yaml};
use crate::rendered::RenderedFile;

const HEADER: &str = "\
Production: images by name, limits, read-only file systems, no capabilities
but those named. It needs this file, `secrets/`, and what it mounts; neither
the source nor another compose file.
  VERSION=1.2.3 docker compose -f docker-compose.prod.yml up -d
  VERSION=1.2.3 podman-compose -f docker-compose.prod.yml up -d
Written by gen from gen.yaml: change that file and run `gen generate`. An
edit made here is not overwritten; the next run stops and tells of it.";

/// Renders the file.
///
/// # Errors
/// The file does not read back as it was meant: a fault of this program.
pub fn render(project: &Project) -> Result<Vec<RenderedFile>, RenderError> {
    let labels = Labels::new(project, |service| vec![&service.production]);
    let mut all: Vec<(String, Mapping)> = Vec::new();
    for service in project.services.values() {
        all.push((service.name.clone(), describe(project, &labels, service)));
        if let (Some(name), Some(command)) = (migration_name(service), &service.migration) {
            all.push((name, one_off(project, &labels, service, command)));
        }
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    let mut services = Mapping::new();
    for (name, mapping) in all {
        services.set_apart(&name, mapping);
    }
    let mut mapping = Mapping::new();
    mapping.set("x-podman", podman_settings());
    mapping.comment("For podman-compose: no pod around the stack, names as Docker Compose's.");
    mapping.set("name", format!("{}-prod", project.name)).apart();
    mapping.set("services", services).apart();
    mapping.set("networks", networks(project)).apart();
    let mounts = project.services.values().flat_map(|service| &service.production.mounts);
    let volumes = named_volumes(project, mounts);
    if !volumes.is_empty() {
        mapping.set("volumes", volumes).apart();
    }
    Ok(vec![file("docker-compose.prod.yml", HEADER, &mapping)?])
}

/// The reference of a service's image: a built one by the version that is asked for.
fn image(project: &Project, service: &Service) -> String {
    match (&service.image, project.build_of(service)) {
        (Image::Ready(reference), _) => reference.clone(),
        (_, Some(build)) => format!("{}:${{{VERSION}:-{LOCAL_TAG}}}", build.image),
        (_, None) => String::new(),
    }
}

fn describe(project: &Project, labels: &Labels, service: &Service) -> Mapping {
    let runtime = &service.production;
    let mut mapping = Mapping::new();
    mapping
        .set("image", image(project, service))
        .set_some("depends_on", depends_on(project, service))
        .set_some("volumes", volumes(&runtime.mounts, &service.secrets, labels))
        .set_some("environment", environment(&runtime.environment))
        .set_some("ports", ports(&runtime.ports))
        .set("networks", service_networks(service))
        .set_some("extra_hosts", extra_hosts(service))
        .set_some("command", runtime.command.as_deref().map(words))
        .set_some("entrypoint", runtime.entrypoint.as_deref().map(words))
        .set("restart", restart(service.deployment.restart))
        .set_some("healthcheck", health_section(service, service.health.as_ref()))
        .set("logging", logging())
        .set_some("user", runtime.user.as_deref());
    mapping.extend(hardened(service, true));
    mapping
}

fn one_off(project: &Project, labels: &Labels, service: &Service, command: &[String]) -> Mapping {
    let mut mapping = Mapping::new();
    mapping
        .set("image", image(project, service))
        .set_some("volumes", volumes(&service.production.mounts, &service.secrets, labels))
        .set_some("environment", environment(&service.production.environment))
        .set("networks", service_networks(service))
        .set_some("extra_hosts", extra_hosts(service))
        .set("command", migration_command(project, service, command))
        .set("restart", migration_restart(project, service))
        .set("healthcheck", no_health_check())
        .set("logging", logging());
    let mut others = hardened(service, false);
    others.extend(migration_profiles(project, service).map(|profiles| ("profiles", profiles)));
    mapping.extend(others);
    mapping
}

/// The rest of the keys: nothing may be written but what is named, and no right be gained.
fn hardened(service: &Service, replicas: bool) -> BTreeMap<&'static str, Yaml> {
    let mut others = others(service);
    if !replicas {
        others.remove("devices");
        others.remove("profiles");
    }
    if service.deployment.read_only {
        others.insert("read_only", true.into());
    }
    if !service.capabilities.is_empty() {
        let names: Vec<_> = service.capabilities.iter().map(|c| c.name()).collect();
        others.insert("cap_add", names.into());
    }
    others.insert("cap_drop", vec!["ALL"].into());
    others.insert("deploy", deploy(service, replicas).into());
    others.insert("security_opt", vec!["no-new-privileges:true"].into());
    // Podman has a writable /tmp of its own under a read-only root, Docker has not.
    let tmpfs: Vec<_> = service.tmpfs.iter().map(ContainerPath::to_string).collect();
    others.insert("tmpfs", tmpfs.into());
    if replicas && !matches!(service.image, Image::Ready(_)) {
        // Servers end the requests that they have; after 10 seconds, the default, they are killed.
        others.entry("stop_grace_period").or_insert_with(|| "30s".into());
    }
    others
}

fn restart(restart: Restart) -> Yaml {
    match restart {
        Restart::No => Yaml::Quoted("no".into()),
        Restart::Always => "always".into(),
        Restart::OnFailure => "on-failure".into(),
        Restart::UnlessStopped => "unless-stopped".into(),
    }
}

/// Docker keeps logs for ever unless it is told not to; Podman takes `json-file` as a name for its
/// own format.
fn logging() -> Mapping {
    let mut options = Mapping::new();
    options.set("max-size", "10m").set("max-file", Yaml::Quoted("3".into()));
    let mut logging = Mapping::new();
    logging.set("driver", "json-file").set("options", options);
    logging
}

fn deploy(service: &Service, replicas: bool) -> Mapping {
    let mut limits = Mapping::new();
    limits.set("memory", service.deployment.memory.as_str());
    limits.set_some("cpus", service.deployment.cpus.clone().map(Yaml::Quoted));
    limits.set("pids", service.deployment.pids);
    let mut resources = Mapping::new();
    resources.set("limits", limits);
    let mut deploy = Mapping::new();
    if replicas && service.deployment.replicas > 1 {
        // podman-compose counts replicas only where the mode is written.
        deploy.set("mode", "replicated").set("replicas", service.deployment.replicas);
    }
    deploy.set("resources", resources);
    deploy
}
