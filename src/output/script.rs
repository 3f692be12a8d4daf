//! Helper scripts: for teammates who have no gen, only bash and an engine.
//!
//! What differs between projects is in `lib.sh`, as tables; the other scripts are the same
//! everywhere.

use std::collections::BTreeSet;

use serde::Serialize;

use super::compose::{DEVELOPMENT_TAG, LOCAL_TAG};
use crate::manifest::Engine;
use crate::path::RelativePath;
use crate::project::{Build, Project, Service, Storage};
use crate::render::quote::{Printable, composed, shell_word};
use crate::render::{self, RenderError};
use crate::rendered::{RenderedFile, Shape};

#[derive(Serialize)]
struct View {
    project: Printable,
    registry: Printable,
    local_tag: Printable,
    development_tag: Printable,
    engines: Printable,
    builds: Vec<BuildRow>,
    secrets: Vec<Printable>,
    mount_points: BTreeSet<String>,
    components: Printable,
    driver_status: Printable,
}

/// A row of the table of images. Its cells hold no `|` and need no quotes: names, paths and image
/// references are checked when they enter.
#[derive(Serialize)]
struct BuildRow {
    service: Printable,
    context: Printable,
    dockerfile: Printable,
    image: Printable,
    secrets: Printable,
}

impl BuildRow {
    fn new(service: &Service, build: &Build) -> Self {
        let secrets: Vec<_> = build.secrets.iter().map(|secret| secret.id.as_str()).collect();
        Self {
            service: composed(service.name.clone()),
            context: composed(build.context.to_string()),
            dockerfile: composed(build.dockerfile.to_string()),
            image: composed(build.image.clone()),
            secrets: composed(secrets.join(",")),
        }
    }
}

/// The folders of the project that hold nothing but the place of a volume: `node_modules` in a
/// mounted application. A path of the project needs no quotes.
fn mount_points(project: &Project) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for service in project.services.values() {
        let mounts = &service.development.mounts;
        for volume in mounts.iter().filter(|mount| matches!(mount.storage, Storage::Volume(_))) {
            for mount in mounts.iter().filter(|mount| volume.target.is_within(&mount.target)) {
                let below = volume.target.as_str().strip_prefix(mount.target.as_str());
                let below =
                    below.and_then(|below| RelativePath::new(below.strip_prefix('/')?).ok());
                if let (Storage::Folder(folder), Some(below)) = (&mount.storage, below) {
                    all.insert(folder.join(&below).to_string());
                }
            }
        }
    }
    all
}

/// Renders the scripts that the project has a use for.
///
/// # Errors
/// Only where a template and its view do not fit.
pub fn render(project: &Project) -> Result<Vec<RenderedFile>, RenderError> {
    let engines = match project.engine {
        Engine::Docker | Engine::Any => "docker podman",
        Engine::Podman => "podman docker",
    };
    let view = View {
        project: shell_word(&project.name),
        registry: shell_word(project.registry.as_deref().unwrap_or_default()),
        local_tag: shell_word(LOCAL_TAG),
        development_tag: shell_word(DEVELOPMENT_TAG),
        engines: composed(engines.to_owned()),
        builds: project.builds().map(|(service, build)| BuildRow::new(service, build)).collect(),
        secrets: project.secrets.keys().map(|name| composed(name.clone())).collect(),
        mount_points: mount_points(project),
        components: shell_word("{{range .Server.Components}}{{.Name}} {{end}}"),
        driver_status: shell_word("{{.DriverStatus}}"),
    };
    if view.builds.is_empty() && view.secrets.is_empty() {
        return Ok(Vec::new());
    }
    let builds = !view.builds.is_empty();
    let script = |name: &str, executable| {
        Ok(RenderedFile {
            path: RelativePath::root().file("scripts").file(name),
            executable,
            text: render::template(&format!("script/{name}.j2"), &view)?,
            service: None,
            output: "script",
            shape: Shape::WholeFile,
        })
    };
    // Without anything to build, somebody has to make the secrets all the same.
    let mut scripts = vec![script("lib.sh", false)?, script("build-local-dev.sh", true)?];
    if builds {
        scripts.push(script("build-enterprise.sh", true)?);
    }
    Ok(scripts)
}
