//! What the templates of Go read.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{AIR_SETTINGS, CACHE, GRPC_HEALTHCHECK, HEALTHCHECK, SOURCE, image_path};
use crate::manifest::Base;
use crate::output::dockerfile::{Common, copy_files, secret_mounts};
use crate::path::RelativePath;
use crate::project::{Build, HealthTest, Program, Project, Service, StackSettings};
use crate::render::quote::{
    Printable, composed, docker_value, json_string, shell_word, shell_words,
};

/// The tools of developers. Pinned, so that the same manifest builds the same image; raised with
/// each release of gen. Both are built by, and know, every Go that there are images of (1.26 on).
const AIR: &str = "github.com/air-verse/air@v1.67.4";
const DELVE: &str = "github.com/go-delve/delve/cmd/dlv@v1.27.2";

/// The argument that a program finds as `main.version`.
const VERSION: &str = "VERSION";

#[derive(Serialize)]
pub(super) struct View {
    #[serde(flatten)]
    common: Common,
    cgo: bool,
    workspace: bool,
    flags: Printable,
    development_flags: Option<Printable>,
    go_packages: Vec<Printable>,
    module_copies: Vec<Printable>,
    secret_mounts: Printable,
    healthchecks: Vec<Healthcheck>,
    install_tools: Printable,
    air_settings: Printable,
    cache: Printable,
    unwatched: Printable,
    program_scripts: Printable,
    program_packages: Printable,
    build_command: Printable,
    version: Option<Printable>,
    production_image: Printable,
    production_packages: Vec<Printable>,
}

/// A program that asks whether the service answers.
#[derive(Serialize)]
struct Healthcheck {
    /// Its source, relative to the module.
    source: Printable,
    /// Where images have it.
    program: Printable,
    /// The commands that build it.
    build: Printable,
    #[serde(skip)]
    file: RelativePath,
    #[serde(skip)]
    template: &'static str,
}

impl View {
    pub(super) fn new(project: &Project, service: &Service, build: &Build) -> Self {
        let StackSettings::Go { programs, cgo, tags, build: command } = &build.settings else {
            unreachable!("the Go stack renders Go builds only")
        };
        // Given to the last step alone: another version must not fetch the modules again.
        let mut without_version = build.clone();
        let version = without_version.args.remove(VERSION);
        let common = Common::new(project, service, &without_version, &base_image(build), SOURCE);
        let users: Vec<_> = project.users_of(&service.name).collect();
        let debugged = debugged(build, &users);
        let extra = build.dependency_files.iter().filter(|file| !is_module_file(file));
        let packages: Vec<_> = programs.iter().map(|program| &program.package).collect();
        Self {
            cgo: *cgo,
            workspace: build.dependency_files.iter().any(|file| file.as_str() == "go.work"),
            flags: docker_value(&flags(tags, false)),
            development_flags: debugged.then(|| docker_value(&flags(tags, true))),
            go_packages: go_packages(build, *cgo),
            module_copies: copy_files(build, extra),
            secret_mounts: secret_mounts(build),
            healthchecks: healthchecks(&users, *cgo),
            install_tools: steps(
                std::iter::once(AIR)
                    .chain(debugged.then_some(DELVE))
                    .map(|tool| format!("go install {tool}")),
            ),
            air_settings: shell_word(AIR_SETTINGS),
            cache: shell_word(CACHE),
            unwatched: unwatched(project, build),
            program_scripts: program_scripts(programs),
            program_packages: shell_words(&packages),
            build_command: build_command(programs, command.as_deref(), *cgo, version.is_some()),
            version: version.map(|version| docker_value(&version)),
            production_image: shell_word(production_image(build.base, *cgo)),
            production_packages: production_packages(build),
            common,
        }
    }

    /// The files of the health checks, relative to the module, and their templates.
    pub(super) fn healthchecks(&self) -> impl Iterator<Item = (RelativePath, &'static str)> {
        self.healthchecks.iter().map(|check| (check.file.clone(), check.template))
    }
}

/// The image with the toolchain, of the suite that production has.
fn base_image(build: &Build) -> String {
    let suite = if build.base == Base::Alpine { "alpine3.24" } else { "trixie" };
    format!("docker.io/library/golang:{}-{suite}", build.version)
}

fn production_image(base: Base, cgo: bool) -> &'static str {
    match base {
        Base::Distroless if cgo => "gcr.io/distroless/base-debian13:nonroot",
        Base::Distroless => "gcr.io/distroless/static-debian13:nonroot",
        Base::Slim => "docker.io/library/debian:13-slim",
        Base::Alpine => "docker.io/library/alpine:3.24",
    }
}

/// What distroless images have and the others have not, and what the service asks for.
fn production_packages(build: &Build) -> Vec<Printable> {
    if build.base == Base::Distroless {
        return Vec::new();
    }
    let usual = ["ca-certificates", "tzdata"].map(String::from);
    let all: BTreeSet<_> = usual.iter().chain(&build.runtime_packages).collect();
    all.into_iter().map(|name| shell_word(name)).collect()
}

/// Packages of the build. The Alpine image with Go has no C compiler, the Debian one has.
fn go_packages(build: &Build, cgo: bool) -> Vec<Printable> {
    let compiler = ["gcc", "musl-dev"].map(String::from);
    let compiler = if cgo && build.base == Base::Alpine { &compiler[..] } else { &[] };
    let all: BTreeSet<_> = compiler.iter().chain(&build.build_packages).collect();
    all.into_iter().map(|name| shell_word(name)).collect()
}

fn is_module_file(file: &RelativePath) -> bool {
    matches!(file.as_str(), "go.mod" | "go.sum")
}

/// Commands of one `RUN` instruction, a line each.
fn steps(commands: impl IntoIterator<Item = String>) -> Printable {
    composed(commands.into_iter().collect::<Vec<_>>().join(" \\\n && "))
}

/// Sets the platform that is compiled for. With C code it is that of the stage.
fn cross(cgo: bool) -> Option<String> {
    (!cgo).then(|| r#"export GOOS="${TARGETOS}" GOARCH="${TARGETARCH}""#.to_owned())
}

/// Compiles one package, without symbol table and debug information; panics name their lines all
/// the same.
fn compile(package: &str, version: bool, program: &str) -> String {
    let version = if version { " -X 'main.version=${VERSION}'" } else { "" };
    let (package, program) = (shell_word(package), shell_word(program));
    format!(
        "go build -trimpath -ldflags \"-s -w{version}\" -o {} {}",
        program.as_str(),
        package.as_str()
    )
}

fn build_command(
    programs: &[Program],
    own: Option<&[String]>,
    cgo: bool,
    version: bool,
) -> Printable {
    let own = own.map(|words| vec![shell_words(words).as_str().to_owned()]);
    let commands = own.unwrap_or_else(|| {
        let all = programs.iter();
        all.map(|program| compile(&program.package, version, &image_path(program))).collect()
    });
    steps(cross(cgo).into_iter().chain(commands))
}

/// Scripts that build a program from the mounted source and become it.
fn program_scripts(programs: &[Program]) -> Printable {
    steps(programs.iter().map(|program| {
        // Both are made of characters that need no quotes: see `RelativePath`.
        let (name, package) = (&program.name, &program.package);
        format!(
            "printf '#!/bin/sh\\nset -e\\ngo build -o /tmp/app/{name} {package}\\nexec \
             /tmp/app/{name} \"$@\"\\n' > {}",
            shell_word(&image_path(program)).as_str()
        )
    }))
}

/// The value of `GOFLAGS`.
fn flags(tags: &[String], debugged: bool) -> String {
    // There is no `.git` in the build, and in development it may be another user's.
    let mut flags = "-buildvcs=false".to_owned();
    if !tags.is_empty() {
        flags.push_str(&format!(" -tags={}", tags.join(",")));
    }
    if debugged {
        flags.push_str(" '-gcflags=all=-N -l'");
    }
    flags
}

/// Whether a container of this image runs a debugger in development.
fn debugged(build: &Build, users: &[&Service]) -> bool {
    let commands = users.iter().filter_map(|user| user.development.command.as_ref());
    commands
        .chain(std::iter::once(&build.development_command))
        .any(|command| command.iter().any(|word| word == "dlv"))
}

/// The health checks that containers of this image use: that of the service itself, and those of
/// the services that extend it.
fn healthchecks(users: &[&Service], cgo: bool) -> Vec<Healthcheck> {
    let asks = |program: &str| {
        let tests = users.iter().filter_map(|user| user.health.as_ref());
        tests.into_iter().any(|health| match &health.test {
            HealthTest::Exec(words) => words.first().is_some_and(|word| word == program),
            HealthTest::Shell(_) => false,
        })
    };
    // A one-off waits with it for what its service depends on.
    let waits = users.iter().any(|user| user.migration.is_some() && !user.depends_on.is_empty());
    let all = [
        (HEALTHCHECK, "http.go", "go/healthcheck-http.go.j2"),
        (GRPC_HEALTHCHECK, "grpc.go", "go/healthcheck-grpc.go.j2"),
    ];
    all.into_iter()
        .filter(|(program, _, _)| asks(program) || waits && *program == HEALTHCHECK)
        .map(|(program, name, template)| {
            let file = RelativePath::root().file("healthcheck").file(name);
            Healthcheck {
                source: shell_word(file.as_str()),
                program: shell_word(program),
                build: steps(cross(cgo).into_iter().chain([if cgo {
                    format!("CGO_ENABLED=0 {}", compile(file.as_str(), false, program))
                } else {
                    compile(file.as_str(), false, program)
                }])),
                file,
                template,
            }
        })
        .collect()
}

/// The folders that air does not look into, as a list of its configuration: those of other
/// services, and those that hold much and are no source of this one.
fn unwatched(project: &Project, build: &Build) -> Printable {
    let mut folders: BTreeSet<String> =
        ["node_modules", "testdata", "vendor"].map(String::from).into();
    let others = project.builds().map(|(_, other)| other.context.join(&other.folder));
    let below = others.filter_map(|folder| folder.below(&build.context));
    folders.extend(below.filter(|folder| !folder.is_root()).map(|folder| folder.to_string()));
    let list: Vec<_> = folders.iter().map(|folder| json_string(folder)).collect();
    composed(list.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn puts_flags_together() {
        assert_eq!(flags(&[], false), "-buildvcs=false");
        assert_eq!(
            flags(&["netgo".into(), "prod".into()], true),
            "-buildvcs=false -tags=netgo,prod '-gcflags=all=-N -l'"
        );
    }
}
