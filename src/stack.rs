//! The stacks: what each language contributes. One file and one line of [`ALL`] each.

mod go;
mod node;
mod python;

use serde_json::Value;

use crate::manifest::{Base, Development, Manifest, Service, StackName};
use crate::path::RelativePath;
use crate::project::{Build, HealthTest, Mount, Project, StackSettings};
use crate::render::RenderError;
use crate::validate::Rules;

/// What a health check asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe {
    /// A path that answers with a status below 400.
    Http {
        /// The port.
        port: u16,
        /// The path.
        path: String,
    },
    /// A port that accepts a connection.
    Tcp {
        /// The port.
        port: u16,
    },
    /// The standard gRPC health service.
    Grpc {
        /// The port.
        port: u16,
    },
}

/// A package manager of a stack.
#[derive(Debug)]
pub struct ManagerFacts {
    /// Its command.
    pub name: &'static str,
    /// The version that images install, if they install one.
    pub version: Option<&'static str>,
    /// The files that it keeps exact versions in; one of them has to be there.
    pub lock_files: &'static [&'static str],
    /// How to make the lock file.
    pub lock_command: &'static str,
}

/// How developers run a service of the stack.
#[derive(Debug, Default)]
pub struct DevelopmentFacts {
    /// The command, where the manifest names none.
    pub command: Vec<String>,
    /// Mounts for dependencies, so that those of the image are not hidden by the source.
    pub mounts: Vec<Mount>,
}

/// What a language contributes: facts, defaults, a Dockerfile.
pub trait Stack: Sync {
    /// Its name in the manifest.
    fn name(&self) -> StackName;
    /// Its official image, as the table of images names it.
    fn image(&self) -> &'static str;
    /// The folder of the application in its images.
    fn workdir(&self) -> &'static str {
        "/app"
    }
    /// The version where the manifest names none.
    fn default_version(&self) -> &'static str;
    /// Its package managers, the usual one first.
    fn managers(&self) -> &'static [ManagerFacts];
    /// Managers that exist but are not rendered yet.
    fn later_managers(&self) -> &'static [&'static str];
    /// The bases on which its production can run.
    fn bases(&self) -> &'static [Base];
    /// The base where the manifest names none.
    fn default_base(&self) -> Base {
        Base::default()
    }
    /// The folder whose contents are the application's in its images: the service's own, unless
    /// the stack builds from one further up.
    fn root(&self, service: &Service) -> RelativePath {
        crate::resolve::folder(service)
    }
    /// The command of production where the manifest names none.
    fn default_command(&self, _name: &str, _service: &Service) -> Vec<String> {
        Vec::new()
    }
    /// Patterns of files that its tools make, for `.dockerignore`.
    fn made_files(&self) -> &'static [&'static str];
    /// What this build makes besides, relative to the service's folder: names that elsewhere may be
    /// source.
    fn made_by(&self, _: &Build) -> Vec<RelativePath> {
        Vec::new()
    }
    /// Checks what only this stack can check.
    fn validate(&self, rules: &mut Rules<'_>, name: &str, service: &Service);
    /// Fills in its settings.
    fn settings(&self, manifest: &Manifest, name: &str, service: &Service) -> StackSettings;
    /// Files that decide the dependencies, relative to the service's folder.
    fn dependency_files(&self, service: &Service) -> Vec<RelativePath>;
    /// How developers run it.
    fn development(&self, name: &str, service: &Service, command: &[String]) -> DevelopmentFacts;
    /// A command of developers that the manifest names, under the debugger that it asks for.
    fn debugged(&self, command: Vec<String>, _: &Development) -> Vec<String> {
        command
    }
    /// The health check, asked with the stack's own runtime. It holds in development too, unless
    /// [`Stack::development_health_test`] names another.
    fn health_test(&self, service: &Service, probe: &Probe) -> HealthTest;
    /// Whether its images have what asks the standard gRPC health service.
    fn asks_by_grpc(&self) -> bool {
        false
    }
    /// The health check in development, where production's does not hold there.
    fn development_health_test(&self, _: &Service, _: &Probe) -> Option<HealthTest> {
        None
    }
    /// The words before a command, in an image of this base, that make it wait until other services
    /// accept connections: for two minutes each, and then it fails.
    fn wait(&self, base: Base, awaited: &[(String, u16)]) -> Vec<String>;
    /// The Dockerfile, and further files that it copies, by path relative to the project.
    ///
    /// # Errors
    /// Only where a template and its view do not fit.
    fn files(
        &self,
        project: &Project,
        service: &crate::project::Service,
        build: &Build,
    ) -> Result<Vec<(RelativePath, String)>, RenderError>;
}

/// [`Stack::wait`] with a program that takes the addresses, `--`, and the command.
fn wait_with(program: &[&str], awaited: &[(String, u16)]) -> Vec<String> {
    let program = program.iter().map(|&word| word.to_owned());
    let addresses = awaited.iter().map(|(host, port)| format!("{host}:{port}"));
    program.chain(addresses).chain(["--".to_owned()]).collect()
}

/// [`Stack::wait`] with what a base's shell has.
fn shell_wait(base: Base, awaited: &[(String, u16)]) -> Vec<String> {
    let alpine = base == Base::Alpine;
    let probe = |(host, port): &(String, u16)| {
        let bash = format!("(: </dev/tcp/{host}/{port}) 2>/dev/null");
        if alpine { format!("nc -z {host} {port}") } else { bash }
    };
    let probes: Vec<String> = awaited.iter().map(probe).collect();
    let line = format!(
        "for try in $(seq 120); do {} && exec \"$@\"; sleep 1; done; exit 1",
        probes.join(" && ")
    );
    [if alpine { "sh" } else { "bash" }, "-c", &line, "migrate"].map(String::from).into()
}

/// The stacks that can be rendered.
pub const ALL: &[&dyn Stack] = &[&go::Go, &node::Node, &python::Python];

/// The stacks that are known, so that they can be detected, and cannot be rendered yet.
pub const LATER: &[StackName] = &[
    StackName::Rust,
    StackName::Java,
    StackName::Php,
    StackName::Ruby,
    StackName::Dotnet,
    StackName::Deno,
    StackName::Elixir,
    StackName::Static,
];

/// The stack of that name, if it can be rendered.
#[must_use]
pub fn find(name: StackName) -> Option<&'static dyn Stack> {
    ALL.iter().copied().find(|stack| stack.name() == name)
}

/// The name of a stack as the manifest writes it.
#[must_use]
pub fn word(name: StackName) -> String {
    match serde_json::to_value(name) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

/// The manager that a service names, or its stack's usual one, and its version.
#[must_use]
pub fn manager(stack: &dyn Stack, service: &Service) -> (String, Option<String>) {
    let named = service.manager.as_deref().unwrap_or_default();
    let (name, version) = match named.split_once('@') {
        Some((name, version)) => (name, Some(version.to_owned())),
        None => (named, None),
    };
    let facts = if name.is_empty() {
        stack.managers().first()
    } else {
        stack.managers().iter().find(|facts| facts.name == name)
    };
    let name = facts.map_or(name, |facts| facts.name);
    (name.to_owned(), version.or_else(|| facts?.version.map(str::to_owned)))
}
