//! Go: modules.

mod rules;
mod view;

use super::{DevelopmentFacts, ManagerFacts, Probe, Stack, wait_with};
use crate::manifest::{Base, Development, Manifest, Service, StackName};
use crate::path::RelativePath;
use crate::preset::container_path;
use crate::project::{Build, HealthTest, Mount, Program, Project, StackSettings, Storage};
use crate::render::quote::shell_word;
use crate::render::{self, RenderError};
use crate::resolve;
use crate::validate::Rules;

/// The stack.
pub(super) struct Go;

/// The lock file is not demanded as other stacks do: a module without dependencies has no
/// `go.sum`. [`rules`] asks for it where `go.mod` requires something.
const MANAGERS: &[ManagerFacts] =
    &[ManagerFacts { name: "go", version: None, lock_files: &[], lock_command: "go mod tidy" }];

/// Where the module lies while it is built and developed.
const SOURCE: &str = "/src";
/// What Go has compiled, in development.
const CACHE: &str = "/var/cache/go-build";
/// The programs that ask whether a service answers. Two, because only one of them needs a package
/// that not every module has.
const HEALTHCHECK: &str = "/usr/local/bin/healthcheck";
const GRPC_HEALTHCHECK: &str = "/usr/local/bin/healthcheck-grpc";
/// The settings of `air` in the development image.
const AIR_SETTINGS: &str = "/etc/air.toml";

impl Stack for Go {
    fn name(&self) -> StackName {
        StackName::Go
    }

    fn image(&self) -> &'static str {
        "golang"
    }

    fn workdir(&self) -> &'static str {
        SOURCE
    }

    fn default_version(&self) -> &'static str {
        "1.26"
    }

    fn managers(&self) -> &'static [ManagerFacts] {
        MANAGERS
    }

    fn later_managers(&self) -> &'static [&'static str] {
        &["dep", "glide"]
    }

    fn bases(&self) -> &'static [Base] {
        &[Base::Distroless, Base::Slim, Base::Alpine]
    }

    fn default_base(&self) -> Base {
        Base::Distroless
    }

    /// The module's folder: several services may be built from one module, each from a folder of
    /// its own below it.
    fn root(&self, service: &Service) -> RelativePath {
        resolve::context(service)
    }

    fn default_command(&self, name: &str, service: &Service) -> Vec<String> {
        programs(name, service).first().map(|main| vec![image_path(main)]).unwrap_or_default()
    }

    /// Neither `bin` nor `build` nor `vendor`: a package may be called so.
    fn made_files(&self) -> &'static [&'static str] {
        &["**/*.test", "**/*.prof", "**/coverage.out", "**/cover.out", "**/__debug_bin*"]
    }

    fn validate(&self, rules: &mut Rules<'_>, name: &str, service: &Service) {
        rules::check(self, rules, name, service);
    }

    fn settings(&self, _: &Manifest, name: &str, service: &Service) -> StackSettings {
        let go = service.go.clone().unwrap_or_default();
        let build = service.build.as_ref().and_then(|build| build.command.as_ref());
        StackSettings::Go {
            programs: programs(name, service),
            cgo: go.cgo.unwrap_or(false),
            tags: go.tags,
            build: build.map(|command| command.words()),
        }
    }

    fn dependency_files(&self, _: &Service) -> Vec<RelativePath> {
        RelativePath::list(&["go.mod", "go.sum"])
    }

    fn development(&self, name: &str, service: &Service, command: &[String]) -> DevelopmentFacts {
        let owner = service.extends.as_deref().unwrap_or(name);
        let development = service.dev.clone().unwrap_or_default();
        DevelopmentFacts {
            command: development_command(&programs(owner, service), command, &development),
            mounts: vec![Mount {
                target: container_path(CACHE),
                storage: Storage::Volume(format!("{owner}-go-build")),
                read_only: false,
            }],
        }
    }

    fn health_test(&self, _: &Service, probe: &Probe) -> HealthTest {
        HealthTest::Exec(match probe {
            Probe::Http { port, path } => {
                vec![HEALTHCHECK.into(), format!("http://127.0.0.1:{port}{path}")]
            }
            Probe::Tcp { port } => {
                vec![HEALTHCHECK.into(), "tcp".into(), format!("127.0.0.1:{port}")]
            }
            Probe::Grpc { port } => vec![GRPC_HEALTHCHECK.into(), format!("127.0.0.1:{port}")],
        })
    }

    /// Without a shell the program waits that asks for health.
    fn wait(&self, _: Base, awaited: &[(String, u16)]) -> Vec<String> {
        wait_with(&[HEALTHCHECK, "wait"], awaited)
    }

    fn asks_by_grpc(&self) -> bool {
        true
    }

    fn files(
        &self,
        project: &Project,
        service: &crate::project::Service,
        build: &Build,
    ) -> Result<Vec<(RelativePath, String)>, RenderError> {
        let view = view::View::new(project, service, build);
        let mut files =
            vec![(build.dockerfile.clone(), render::template("dockerfile/go.j2", &view)?)];
        for (file, template) in view.healthchecks() {
            files.push((build.context.join(&file), render::template(template, &view)?));
        }
        Ok(files)
    }
}

/// The programs of a service's image, its own first.
fn programs(name: &str, service: &Service) -> Vec<Program> {
    let go = service.go.clone().unwrap_or_default();
    let module = resolve::context(service);
    let own = resolve::folder(service).below(&module).unwrap_or_else(RelativePath::root);
    let main = go.main.as_deref().and_then(|main| RelativePath::new(main).ok()).unwrap_or(own);
    let program = |package: &RelativePath| Program {
        name: if package.is_root() { name.to_owned() } else { last_part(package).to_owned() },
        package: if package.is_root() { ".".into() } else { format!("./{package}") },
    };
    std::iter::once(&main).chain(&RelativePath::list(&go.programs)).map(program).collect()
}

fn last_part(path: &RelativePath) -> &str {
    path.as_str().rsplit('/').next().unwrap_or(path.as_str())
}

/// Where production has a program.
fn image_path(program: &Program) -> String {
    format!("/app/{}", program.name)
}

/// The command of developers: built from the mounted source, again after each change, and under a
/// debugger where one is asked for. A command that is none of the image's programs runs as it is.
fn development_command(
    programs: &[Program],
    command: &[String],
    development: &Development,
) -> Vec<String> {
    let named = command.first().map_or_else(
        || programs.first(),
        |first| programs.iter().find(|program| image_path(program) == *first),
    );
    let Some(program) = named else { return command.to_vec() };
    let arguments = command.get(1..).unwrap_or_default();
    // Not where the source is mounted: what is built there would lie in the developer's folder.
    let binary = format!("/tmp/app/{}", program.name);
    let mut debugger: Vec<String> = Vec::new();
    if let Some(port) = development.debug_port {
        debugger.extend(["--headless".into(), format!("--listen=:{port}")]);
        debugger.extend(["--accept-multiclient", "--continue"].map(String::from));
    }
    let debugged = !debugger.is_empty();
    let mut words: Vec<String> = Vec::new();
    match (development.reload != Some(false), debugged) {
        (true, _) => {
            words.extend(["air", "-c", AIR_SETTINGS, "--build.cmd"].map(String::from));
            words.push(format!("go build -o {binary} {}", program.package));
            words.push("--build.entrypoint".into());
            words.push(if debugged { "dlv".into() } else { binary.clone() });
            let mut rest = Vec::new();
            if debugged {
                rest.push("exec".into());
                rest.extend(debugger);
                rest.push(binary);
            }
            if debugged && !arguments.is_empty() {
                rest.push("--".into());
            }
            // air puts them on a line for the shell.
            rest.extend(arguments.iter().map(|word| shell_word(word).as_str().to_owned()));
            if !rest.is_empty() {
                words.push("--".into());
                words.extend(rest);
            }
        }
        (false, true) => {
            words.extend(["dlv", "debug"].map(String::from));
            words.extend(debugger);
            words.extend(["--output".into(), binary, program.package.clone()]);
            if !arguments.is_empty() {
                words.push("--".into());
                words.extend(arguments.iter().cloned());
            }
        }
        (false, false) => {
            words.push(image_path(program));
            words.extend(arguments.iter().cloned());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest;

    fn service(path: &str, context: Option<&str>, main: Option<&str>, more: &[&str]) -> Service {
        Service {
            path: Some(path.into()),
            build: context.map(|context| manifest::Build {
                context: Some(context.into()),
                ..Default::default()
            }),
            go: Some(manifest::Go {
                main: main.map(Into::into),
                programs: more.iter().map(|text| (*text).into()).collect(),
                ..Default::default()
            }),
            ..Default::default()
        }
    }

    fn named(service: &Service) -> Vec<(String, String)> {
        programs("shop", service).into_iter().map(|p| (p.name, p.package)).collect()
    }

    #[test]
    fn finds_the_packages_of_programs() {
        let pair = |name: &str, package: &str| (name.to_owned(), package.to_owned());
        assert_eq!(named(&service(".", None, None, &[])), [pair("shop", ".")]);
        assert_eq!(named(&service("go", None, None, &[])), [pair("shop", ".")]);
        assert_eq!(
            named(&service(".", None, Some("./cmd/api"), &["./cmd/migrate"])),
            [pair("api", "./cmd/api"), pair("migrate", "./cmd/migrate")]
        );
        assert_eq!(
            named(&service("go/services/api", Some("go"), None, &["cmd/migrate"])),
            [pair("api", "./services/api"), pair("migrate", "./cmd/migrate")]
        );
    }

    #[test]
    fn develops_with_reload_and_debugger() {
        let programs = programs("shop", &service(".", None, Some("cmd/api"), &["cmd/worker"]));
        let command = |command: &[&str], reload: bool, debug_port: Option<u16>| {
            let command: Vec<_> = command.iter().map(|&word| word.to_owned()).collect();
            let development =
                Development { reload: Some(reload), debug_port, ..Default::default() };
            development_command(&programs, &command, &development).join(" ")
        };
        assert_eq!(
            command(&[], true, None),
            "air -c /etc/air.toml --build.cmd go build -o /tmp/app/api ./cmd/api \
             --build.entrypoint /tmp/app/api"
        );
        assert_eq!(
            command(&["/app/worker", "--queue", "a b"], true, Some(2345)),
            "air -c /etc/air.toml --build.cmd go build -o /tmp/app/worker ./cmd/worker \
             --build.entrypoint dlv -- exec --headless --listen=:2345 --accept-multiclient \
             --continue /tmp/app/worker -- --queue 'a b'"
        );
        assert_eq!(
            command(&["/app/api", "-v"], false, Some(2345)),
            "dlv debug --headless --listen=:2345 --accept-multiclient --continue \
             --output /tmp/app/api ./cmd/api -- -v"
        );
        assert_eq!(command(&["/app/api", "-v"], false, None), "/app/api -v");
        assert_eq!(command(&["sh", "-c", "x"], true, None), "sh -c x");
    }
}
