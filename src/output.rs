//! The kinds of files that are made from a project. One file and one line of [`ALL`] each.

pub mod companions;
pub mod compose;
pub mod configuration;
pub mod dockerfile;
pub mod dockerignore;
pub mod environment;
pub mod judges;
pub mod script;

use crate::project::Project;
use crate::render::RenderError;
use crate::rendered::RenderedFile;

/// A kind of file: what it makes of a project.
pub type Output = fn(&Project) -> Result<Vec<RenderedFile>, RenderError>;

/// Every kind.
pub const ALL: &[Output] = &[
    dockerfile::render,
    dockerignore::render,
    compose::base::render,
    compose::development::render,
    compose::production::render,
    configuration::render,
    environment::render,
    judges::render,
    script::render,
];

/// For each kind, as [`RenderedFile::output`] names it: what its files are for, and the keys of the
/// manifest that shape them; those of a service without its name.
const PURPOSES: &[(&str, &str, &[&str])] = &[
    (
        "dockerfile",
        "how the image of a service is built",
        &[
            "stack",
            "version",
            "manager",
            "base",
            "digest",
            "packages",
            "source",
            "command",
            "assets",
            "build",
            "python",
            "node",
            "go",
            "labels",
            "port",
            "healthcheck",
            "volumes",
            "dev",
            "description",
        ],
    ),
    ("dockerignore", "what a build does not see", &["path", "source", "stack", "build"]),
    (
        "compose",
        "which containers run, and how",
        &[
            "name",
            "registry",
            "command",
            "port",
            "ports",
            "publish",
            "bind",
            "environment",
            "secrets",
            "volumes",
            "depends_on",
            "healthcheck",
            "migrate",
            "profiles",
            "preset",
            "image",
            "extends",
            "routes",
            "host_access",
            "gpu",
            "tmpfs",
            "dev",
            "prod",
        ],
    ),
    ("configuration", "what a front or a backing service reads", &["preset", "routes", "port"]),
    ("environment", "which variables and secrets there are", &["environment", "secrets"]),
    ("judges", "what linters are told, and why", &["packages", "assets"]),
    ("script", "how a team builds and runs it all", &["name", "engine", "registry", "secrets"]),
    ("gitattributes", "that line ends stay, and reviews fold the files", &[]),
    ("gitignore", "what is never committed", &["secrets"]),
];

/// What the files of a kind are for, and the keys of the manifest that shape them.
#[must_use]
pub fn purpose(output: &str) -> Option<(&'static str, &'static [&'static str])> {
    let found = PURPOSES.iter().find(|(name, _, _)| *name == output);
    found.map(|(_, purpose, keys)| (*purpose, *keys))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_name_keys_that_there_are() {
        let schema = crate::schema::generate();
        let has = |object: &serde_json::Value, key: &str| object["properties"].get(key).is_some();
        for (output, _, keys) in PURPOSES {
            for key in *keys {
                let known = has(&schema, key) || has(&schema["definitions"]["Service"], key);
                assert!(known, "{output}: {key}");
            }
        }
    }
}
