//! From a manifest that is known to be right to the resolved project. Defaults are applied here,
//! last, and nowhere else.

mod build;
mod health;
mod runtime;
mod service;

use std::collections::{BTreeMap, BTreeSet};

pub(crate) use build::{context, folder, image};

use crate::manifest::Manifest;
use crate::preset;
use crate::project::{Project, Secret, Service, Storage, Value, Variable};

pub(crate) use service::routes;

/// Resolves a manifest. It has passed validation: what is not right in it is left out here.
#[must_use]
pub fn project(manifest: &Manifest) -> Project {
    let neighbours = build::Neighbours::of(manifest);
    let mut services: BTreeMap<String, Service> = manifest
        .services
        .iter()
        .map(|(name, service)| {
            (name.clone(), service::resolve(manifest, &neighbours, name, service))
        })
        .collect();
    let behind: BTreeSet<String> = manifest
        .services
        .iter()
        .filter(|(name, service)| {
            service::preset_plan(name, service).is_some_and(|plan| !plan.outward && !plan.front)
        })
        .map(|(name, _)| name.clone())
        .collect();
    service::connect(&mut services, &behind);
    let mut project = Project {
        name: manifest.name.clone(),
        description: manifest.description.clone(),
        engine: manifest.engine.unwrap_or_default(),
        registry: manifest.registry.clone(),
        volumes: volumes(manifest, &services),
        secrets: secrets(manifest),
        variables: BTreeMap::new(),
        services,
        labels: manifest.labels.clone(),
    };
    project.variables = variables(manifest, &project);
    project
}

fn volumes(manifest: &Manifest, services: &BTreeMap<String, Service>) -> BTreeMap<String, String> {
    let mut volumes = BTreeMap::new();
    for (name, service) in services {
        let mounts = service.local.mounts.iter().chain(&service.development.mounts);
        for mount in mounts {
            if let Storage::Volume(volume) = &mount.storage {
                let described = manifest.volumes.get(volume).and_then(|v| v.description.clone());
                let text = described.or_else(|| service::data_description(manifest, name));
                volumes.entry(volume.clone()).or_insert_with(|| text.unwrap_or_default());
            }
        }
    }
    volumes
}

fn secrets(manifest: &Manifest) -> BTreeMap<String, Secret> {
    let mut secrets: BTreeMap<String, Secret> = manifest
        .secrets
        .iter()
        .map(|(name, secret)| {
            let description = secret.description.clone().unwrap_or_default();
            (name.clone(), Secret { description, random: true })
        })
        .collect();
    for (name, service) in &manifest.services {
        let purpose = service::preset_plan(name, service).and_then(|plan| plan.secret);
        if let Some(purpose) = purpose {
            secrets
                .entry(preset::secret_name(name))
                .or_insert_with(|| Secret { description: purpose.to_owned(), random: true });
        }
    }
    secrets
}

fn variables(manifest: &Manifest, project: &Project) -> BTreeMap<String, Variable> {
    let mut variables = BTreeMap::from([(
        "VERSION".to_owned(),
        Variable {
            default: Some("local".into()),
            description: "Version of the images that docker-compose.prod.yml runs.".into(),
        },
    )]);
    for (name, service) in &project.services {
        let written = manifest.services.get(name);
        for runtime in [&service.local, &service.development, &service.production] {
            for (key, value) in &runtime.environment {
                let Value::Variable { name: variable, default } = value else { continue };
                let described = written.and_then(|service| runtime::description(service, variable));
                let text = described.unwrap_or_else(|| format!("`{key}` of the service `{name}`."));
                variables.entry(variable.clone()).or_insert_with(|| Variable {
                    default: Some(default.clone()),
                    description: text,
                });
            }
        }
    }
    variables
}
