//! `docker-compose.dev.yml`: over the base file, what developers run.

use super::base::{SECRETS, local_labels, reference};
use super::{
    DEVELOPMENT_TAG, environment, file, migration_name, named_volumes, ports, test_line, volumes,
    words,
};
use crate::path::RelativePath;
use crate::project::{Image, Labels, Mount, Project, PublishedPort, Service};
use crate::render::RenderError;
use crate::render::yaml::{Item, Mapping, Yaml};
use crate::rendered::RenderedFile;

const HEADER: &str = "\
The development stack, over docker-compose.yml: source from this folder,
reload, debuggers.
  docker compose -f docker-compose.yml -f docker-compose.dev.yml up --build
  podman-compose -f docker-compose.yml -f docker-compose.dev.yml up --build
Written by gen from gen.yaml: change that file and run `gen generate`. An
edit made here is not overwritten; the next run stops and tells of it.";

/// Renders the file.
///
/// # Errors
/// The file does not read back as it was meant: a fault of this program.
pub fn render(project: &Project) -> Result<Vec<RenderedFile>, RenderError> {
    let labels = local_labels(project);
    let mut all: Vec<(String, Mapping)> = Vec::new();
    for service in project.services.values() {
        let mapping = describe(project, &labels, service);
        if !mapping.is_empty() {
            all.push((service.name.clone(), mapping));
        }
        if let (Some(name), Some(build)) = (migration_name(service), project.build_of(service)) {
            let mut mapping = Mapping::new();
            mapping.set("image", reference(build, DEVELOPMENT_TAG));
            mapping.set_some("volumes", added_mounts(&labels, service));
            mapping.set_some("environment", changed_environment(service));
            all.push((name, mapping));
        }
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    let mut services = Mapping::new();
    for (name, mapping) in all {
        services.set_apart(&name, mapping);
    }
    let mut mapping = Mapping::new();
    mapping.set("name", project.name.as_str()).set("services", services).apart();
    let added = project.services.values().flat_map(|service| added(service));
    let volumes = named_volumes(project, added.collect::<Vec<_>>().into_iter());
    if !volumes.is_empty() {
        mapping.set("volumes", volumes).apart();
    }
    let secrets = if project.secrets.is_empty() { "" } else { SECRETS };
    let header = format!("{HEADER}{secrets}");
    Ok(vec![file("docker-compose.dev.yml", &header, &mapping)?])
}

/// The mounts that development has besides.
fn added(service: &Service) -> Vec<&Mount> {
    let mounts = service.development.mounts.iter();
    mounts.filter(|mount| !service.local.mounts.contains(mount)).collect()
}

fn added_mounts(labels: &Labels, service: &Service) -> Option<Yaml> {
    let added: Vec<Mount> = added(service).into_iter().cloned().collect();
    volumes(&added, &std::collections::BTreeSet::new(), labels)
}

fn changed_environment(service: &Service) -> Option<Mapping> {
    let (local, development) = (&service.local.environment, &service.development.environment);
    let changed = development
        .iter()
        .filter(|(name, value)| local.get(*name) != Some(value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    environment(&changed)
}

fn describe(project: &Project, labels: &Labels, service: &Service) -> Mapping {
    let (local, development) = (&service.local, &service.development);
    let mut mapping = Mapping::new();
    match (&service.image, project.build_of(service)) {
        (Image::Built(build), _) => {
            let mut section = Mapping::new();
            section.set("target", "development");
            mapping.set("image", reference(build, DEVELOPMENT_TAG)).set("build", section);
        }
        (Image::Shared(_), Some(build)) => {
            mapping.set("image", reference(build, DEVELOPMENT_TAG));
        }
        (Image::Shared(_), None) | (Image::Ready(_), _) => {}
    }
    let added_ports: Vec<PublishedPort> =
        development.ports.iter().filter(|port| !local.ports.contains(port)).cloned().collect();
    mapping
        .set_some("volumes", added_mounts(labels, service))
        .set_some("environment", changed_environment(service))
        .set_some("ports", ports(&added_ports));
    if development.command != local.command {
        mapping.set_some("command", development.command.as_deref().map(words));
    }
    if let Some(test) = &service.development_test {
        let mut section = Mapping::new();
        section.set("test", test_line(test));
        mapping.set("healthcheck", section);
    }
    if !development.rebuild_on.is_empty() {
        mapping.set("develop", watch(service));
    }
    if matches!(service.image, Image::Built(_)) {
        mapping.set("pull_policy", "never");
    }
    mapping
}

/// Compose Watch: source is mounted, so only what decides the dependencies calls for a new image.
fn watch(service: &Service) -> Mapping {
    let rule = |path: &RelativePath| {
        let mut rule = Mapping::new();
        rule.set("action", "rebuild").set("path", format!("./{path}"));
        Item::from(Yaml::from(rule))
    };
    let rules = service.development.rebuild_on.iter().map(rule).collect();
    let mut watch = Mapping::new();
    watch.set("watch", Yaml::Sequence(rules));
    watch
}
