//! How an image is built.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::manifest::{Base, SnippetStage, StackName};
use crate::path::RelativePath;

/// The build of one image.
#[derive(Debug, Clone, Serialize)]
pub struct Build {
    /// The stack, or `None` where the Dockerfile is the user's own.
    pub stack: Option<StackName>,
    /// Name of the image, without a tag.
    pub image: String,
    /// Build context.
    pub context: RelativePath,
    /// Folder of the service, relative to the context.
    pub folder: RelativePath,
    /// The Dockerfile, relative to the project.
    pub dockerfile: RelativePath,
    /// Version of the language.
    pub version: String,
    /// Base of production.
    pub base: Base,
    /// Digest of the base image.
    pub digest: Option<String>,
    /// Package manager.
    pub manager: Manager,
    /// System packages of the build.
    pub build_packages: Vec<String>,
    /// System packages of every stage.
    pub runtime_packages: Vec<String>,
    /// System packages of development.
    pub development_packages: Vec<String>,
    /// Source, relative to the service's folder.
    pub source: Vec<RelativePath>,
    /// Files that the dependency step reads, relative to the service's folder.
    pub dependency_files: Vec<RelativePath>,
    /// Files that are fetched.
    pub assets: Vec<Asset>,
    /// Build arguments with their defaults.
    pub args: BTreeMap<String, String>,
    /// Secrets of the dependency step.
    pub secrets: Vec<BuildSecret>,
    /// The user's own instructions.
    pub snippets: BTreeMap<SnippetStage, Vec<String>>,
    /// The command of production.
    pub command: Vec<String>,
    /// The command of development.
    pub development_command: Vec<String>,
    /// Folders that volumes are mounted at: they have to exist and belong to the user.
    pub volume_folders: Vec<String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// What is particular to the stack.
    pub settings: StackSettings,
}

/// What is particular to one stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StackSettings {
    /// A Dockerfile of the user's own has none.
    Own,
    /// Python.
    Python {
        /// Requirements files of production.
        requirements: Vec<RelativePath>,
        /// Requirements files of development.
        dev_requirements: Vec<RelativePath>,
        /// Dependency groups of production.
        groups: Vec<String>,
        /// Dependency groups of development; `None`: those that the project has.
        dev_groups: Option<Vec<String>>,
        /// Extras.
        extras: Vec<String>,
        /// Folder from which modules are imported.
        import_from: RelativePath,
        /// A command at the end of the build.
        collect: Option<Vec<String>>,
    },
    /// Node.
    Node {
        /// The command that builds the application, if there is one.
        build: Option<Vec<String>>,
        /// What production takes from the build.
        output: Vec<BuiltPath>,
        /// Whether the output brings its own dependencies.
        standalone: bool,
        /// The web server, where production serves files.
        web: Option<Web>,
    },
    /// Go.
    Go {
        /// The programs.
        programs: Vec<Program>,
        /// Whether C code is linked.
        cgo: bool,
        /// Build tags.
        tags: Vec<String>,
        /// The command that builds the programs, where it is the user's own.
        build: Option<Vec<String>>,
    },
}

/// A web server that serves built files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Web {
    /// Port that it listens on.
    pub port: u16,
    /// Paths that are passed on: path, host, port.
    pub routes: Vec<(String, String, u16)>,
}

/// A part of what a build makes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BuiltPath {
    /// Where the build leaves it, relative to the application's folder.
    pub from: RelativePath,
    /// Where production has it, relative to its folder.
    pub to: RelativePath,
}

/// A Go program of the image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Program {
    /// Its package, relative to the module: `./cmd/api`.
    pub package: String,
    /// Its name below `/app`.
    pub name: String,
}

/// A package manager.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Manager {
    /// Name of its command.
    pub name: String,
    /// Its version, where the image installs it.
    pub version: Option<String>,
}

/// A file that is fetched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Asset {
    /// Where from.
    pub url: String,
    /// Its SHA-256.
    pub sha256: String,
    /// Where to, relative to the application's folder.
    pub to: RelativePath,
}

/// A secret of the dependency step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BuildSecret {
    /// Its name.
    pub id: String,
    /// Where the step finds it.
    pub target: String,
    /// What it is for.
    pub description: String,
}
