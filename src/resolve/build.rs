//! The build of an image.

use std::collections::BTreeMap;

use crate::manifest::{self, Command, Manifest};
use crate::path::RelativePath;
use crate::project::{Asset, Build, BuildSecret, Manager, StackSettings};
use crate::stack;

/// How many Dockerfiles are written into each folder.
pub(super) struct Neighbours(BTreeMap<RelativePath, usize>);

impl Neighbours {
    pub(super) fn of(manifest: &Manifest) -> Self {
        let mut counts = BTreeMap::new();
        for service in manifest.services.values() {
            if service.stack.is_some() && service.dockerfile.is_none() {
                *counts.entry(folder(service)).or_default() += 1;
            }
        }
        Self(counts)
    }
}

/// Resolves the build of a service that has a stack or a Dockerfile of its own.
pub(super) fn resolve(
    manifest: &Manifest,
    neighbours: &Neighbours,
    name: &str,
    service: &manifest::Service,
) -> Build {
    let written = service.build.clone().unwrap_or_default();
    let packages = service.packages.clone().unwrap_or_default();
    let stack = service.stack.and_then(stack::find).filter(|_| service.dockerfile.is_none());
    let root = stack.map_or_else(|| folder(service), |stack| stack.root(service));
    let context = context(service);
    let command = service.command.as_ref().map(Command::words).unwrap_or_else(|| {
        stack.map(|stack| stack.default_command(name, service)).unwrap_or_default()
    });
    let production = service.prod.as_ref().and_then(|prod| prod.command.as_ref());
    let development = service.dev.as_ref().and_then(|dev| dev.command.as_ref());
    let version = service.version.as_ref().map(|version| version.0.clone());
    let mut dependency_files =
        stack.map(|stack| stack.dependency_files(service)).unwrap_or_default();
    dependency_files.extend(RelativePath::list(&written.files));
    Build {
        stack: stack.map(|stack| stack.name()),
        image: image(manifest, name, service),
        folder: root.below(&context).unwrap_or_else(RelativePath::root),
        dockerfile: dockerfile(neighbours, name, service),
        context,
        version: version
            .or_else(|| stack.map(|stack| stack.default_version().to_owned()))
            .unwrap_or_default(),
        base: service.base.or_else(|| stack.map(|stack| stack.default_base())).unwrap_or_default(),
        digest: service.digest.clone(),
        manager: stack.map_or_else(
            || Manager { name: String::new(), version: None },
            |stack| {
                let (name, version) = stack::manager(stack, service);
                Manager { name, version }
            },
        ),
        build_packages: sorted(packages.build),
        runtime_packages: sorted(packages.runtime),
        development_packages: sorted(packages.development),
        source: source(service),
        dependency_files,
        assets: service.assets.iter().filter_map(asset).collect(),
        args: written.args,
        secrets: written
            .secrets
            .into_iter()
            .map(|(id, secret)| BuildSecret {
                target: secret.target.unwrap_or_else(|| format!("/run/secrets/{id}")),
                description: secret.description.unwrap_or_default(),
                id,
            })
            .collect(),
        snippets: written.snippets,
        development_command: match (development, stack) {
            (Some(written), Some(stack)) => {
                stack.debugged(written.words(), &service.dev.clone().unwrap_or_default())
            }
            (Some(written), None) => written.words(),
            (None, Some(stack)) => stack.development(name, service, &command).command,
            (None, None) => Vec::new(),
        },
        command: production.map_or(command, Command::words),
        volume_folders: volume_folders(service),
        labels: service.labels.clone(),
        settings: stack.map_or(StackSettings::Own, |stack| stack.settings(manifest, name, service)),
    }
}

/// The folder of a service.
pub(crate) fn folder(service: &manifest::Service) -> RelativePath {
    service
        .path
        .as_deref()
        .and_then(|path| RelativePath::new(path).ok())
        .unwrap_or_else(RelativePath::root)
}

/// The build context of a service.
pub(crate) fn context(service: &manifest::Service) -> RelativePath {
    let written = service.build.as_ref().and_then(|build| build.context.as_deref());
    written.and_then(|path| RelativePath::new(path).ok()).unwrap_or_else(|| folder(service))
}

/// The source of a service, relative to its folder.
pub(super) fn source(service: &manifest::Service) -> Vec<RelativePath> {
    match &service.source {
        Some(paths) => RelativePath::list(paths),
        None => vec![RelativePath::root()],
    }
}

/// The Dockerfile of a service: its own name where several are built from the same folder.
fn dockerfile(neighbours: &Neighbours, name: &str, service: &manifest::Service) -> RelativePath {
    let folder = folder(service);
    if let Some(own) = &service.dockerfile {
        return RelativePath::new(own)
            .map_or_else(|_| folder.file("Dockerfile"), |own| folder.join(&own));
    }
    if neighbours.0.get(&folder).is_some_and(|count| *count > 1) {
        folder.file(&format!("Dockerfile.{name}"))
    } else {
        folder.file("Dockerfile")
    }
}

/// The name of a service's image, without a tag.
pub(crate) fn image(manifest: &Manifest, name: &str, service: &manifest::Service) -> String {
    match (&service.image, &manifest.registry) {
        (Some(image), _) => image.clone(),
        (None, Some(registry)) => format!("{registry}/{}-{name}", manifest.name),
        (None, None) => format!("localhost/{}-{name}", manifest.name),
    }
}

fn asset(asset: &manifest::Asset) -> Option<Asset> {
    Some(Asset {
        url: asset.url.clone(),
        sha256: asset.sha256.clone(),
        to: RelativePath::new(&asset.to).ok()?,
    })
}

/// Where volumes are mounted, so that the image holds folders there that belong to its user: an
/// empty named volume takes over their owner (docker-run(1); containers/podman#5257).
fn volume_folders(service: &manifest::Service) -> Vec<String> {
    let mounts = service.volumes.iter();
    let mut folders: Vec<_> = mounts
        .filter(|(source, _)| !source.starts_with(['.', '/']))
        .filter_map(|(source, target)| super::runtime::mount(source, target))
        .map(|mount| mount.target.to_string())
        .collect();
    folders.sort();
    folders
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort();
    names.dedup();
    names
}
