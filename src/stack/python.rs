//! Python: pip, Poetry, uv.

use serde::Serialize;

use super::{DevelopmentFacts, ManagerFacts, Probe, Stack, manager, shell_wait, wait_with};
use crate::diagnostic::{Code, Diagnostic, Location, word};
use crate::manifest::{self, Base, Development, Manifest, Service, SnippetStage, StackName};
use crate::output::dockerfile::{Common, copy_files, secret_mounts};
use crate::path::RelativePath;
use crate::pointer;
use crate::project::{Build, HealthTest, Project, StackSettings};
use crate::render::quote::{Printable, shell_word, shell_words};
use crate::render::{self, RenderError};
use crate::validate::Rules;

/// The stack.
pub(super) struct Python;

/// Pinned, so that the same manifest builds the same image; raised with each release of gen.
const POETRY: &str = "2.5.1";
const POETRY_EXPORT: &str = "1.10.0";
const UV: &str = "0.13.9";

/// The interpreter of distroless has this version, and no other (gcr.io/distroless/python3-debian13).
const DISTROLESS: &str = "3.13";

const MANAGERS: &[ManagerFacts] = &[
    ManagerFacts { name: "pip", version: None, lock_files: &[], lock_command: "" },
    ManagerFacts {
        name: "poetry",
        version: Some(POETRY),
        lock_files: &["poetry.lock"],
        lock_command: "poetry lock",
    },
    ManagerFacts {
        name: "uv",
        version: Some(UV),
        lock_files: &["uv.lock"],
        lock_command: "uv lock",
    },
];

/// The debugger of development, for projects that bring none. Raised with each release of gen.
const DEBUGPY: &str = "debugpy==1.8.17";

/// Waits until every address before `--` accepts a connection, and becomes the command behind it.
const WAIT: &str = r#"import os, socket, sys, time

end = sys.argv.index("--")
for address in sys.argv[1:end]:
    host, port = address.rsplit(":", 1)
    for attempt in range(120):
        try:
            socket.create_connection((host, port), 4).close()
            break
        except OSError:
            time.sleep(1)
    else:
        sys.exit(f"{address} does not answer")
os.execvp(sys.argv[end + 1], sys.argv[end + 1 :])
"#;

impl Stack for Python {
    fn name(&self) -> StackName {
        StackName::Python
    }

    fn image(&self) -> &'static str {
        "python"
    }

    fn default_version(&self) -> &'static str {
        "3.13"
    }

    fn managers(&self) -> &'static [ManagerFacts] {
        MANAGERS
    }

    fn later_managers(&self) -> &'static [&'static str] {
        &["pipenv", "pdm", "conda", "rye", "hatch"]
    }

    fn bases(&self) -> &'static [Base] {
        &[Base::Slim, Base::Distroless, Base::Alpine]
    }

    fn made_files(&self) -> &'static [&'static str] {
        &[
            "**/__pycache__",
            "**/*.py[co]",
            "**/.venv",
            "**/venv",
            "**/.pytest_cache",
            "**/.mypy_cache",
            "**/.ruff_cache",
            "**/*.egg-info",
            "**/.coverage",
        ]
    }

    fn validate(&self, rules: &mut Rules<'_>, name: &str, service: &Service) {
        let version = service.version.as_ref().map_or(self.default_version(), |v| &v.0);
        let ours = version == DISTROLESS || version.starts_with(&format!("{DISTROLESS}."));
        if service.base == Some(Base::Distroless) && !ours {
            let at = pointer!["services", name, "version"];
            rules.report(
                Diagnostic::error(
                    Code::UnsupportedBase,
                    Location::value(at),
                    format!("`base: distroless` has Python {DISTROLESS} only"),
                )
                .help(format!("set `version: \"{DISTROLESS}\"`, or use `base: slim`")),
            );
        }
        nothing_to_build(rules, name, service);
        let problems = [debug_problem(self, name, service), reload_problem(name, service)];
        problems.into_iter().flatten().for_each(|problem| rules.report(problem));
        names(rules, name, service);
        let requirements = service.python.as_ref().and_then(|python| python.requirements.as_ref());
        if manager(self, service).0 == "pip" && requirements.is_none() {
            let file = RelativePath::root().file("requirements.txt");
            rules.need_dependency_file(
                name,
                service,
                &file,
                "make it, for example with `pip freeze > requirements.txt`",
            );
        }
        if manager(self, service).0 != "pip" {
            let file = RelativePath::root().file("pyproject.toml");
            rules.need_dependency_file(
                name,
                service,
                &file,
                "write one: it names the project and what it needs",
            );
        }
    }

    fn settings(&self, _: &Manifest, _: &str, service: &Service) -> StackSettings {
        let python = service.python.clone().unwrap_or_default();
        let locked = manager(self, service).0 != "pip";
        let src = service.source.iter().flatten().any(|path| path.trim_matches('/') == "src");
        let default_import = if src { "src" } else { "." };
        StackSettings::Python {
            requirements: if locked { Vec::new() } else { requirements(&python) },
            dev_requirements: RelativePath::list(&python.dev_requirements),
            groups: python.groups,
            dev_groups: python.dev_groups.or_else(|| (!locked).then(Vec::new)),
            extras: python.extras,
            import_from: RelativePath::list(&[python
                .import_from
                .as_deref()
                .unwrap_or(default_import)])
            .pop()
            .unwrap_or_else(RelativePath::root),
            collect: python.collect.map(|command| command.words()),
        }
    }

    fn dependency_files(&self, service: &Service) -> Vec<RelativePath> {
        match manager(self, service).0.as_str() {
            "poetry" => RelativePath::list(&["pyproject.toml", "poetry.lock"]),
            "uv" => RelativePath::list(&["pyproject.toml", "uv.lock"]),
            _ => {
                let python = service.python.clone().unwrap_or_default();
                [requirements(&python), RelativePath::list(&python.dev_requirements)].concat()
            }
        }
    }

    fn development(&self, _: &str, service: &Service, command: &[String]) -> DevelopmentFacts {
        let development = service.dev.clone().unwrap_or_default();
        DevelopmentFacts { command: development_command(command, &development), mounts: Vec::new() }
    }

    fn health_test(&self, _: &Service, probe: &Probe) -> HealthTest {
        let line = match probe {
            Probe::Http { port, path } => format!(
                "from urllib.request import urlopen; urlopen('http://127.0.0.1:{port}{path}', timeout=4)"
            ),
            Probe::Tcp { port } | Probe::Grpc { port } => format!(
                "from socket import create_connection; create_connection(('127.0.0.1', {port}), 4).close()"
            ),
        };
        HealthTest::Exec(vec!["python3".into(), "-c".into(), line])
    }

    fn debugged(&self, command: Vec<String>, development: &Development) -> Vec<String> {
        debugged(command, development)
    }

    fn wait(&self, base: Base, awaited: &[(String, u16)]) -> Vec<String> {
        if base != Base::Distroless {
            return shell_wait(base, awaited);
        }
        wait_with(&["python3", "-c", WAIT], awaited)
    }

    fn files(
        &self,
        project: &Project,
        service: &crate::project::Service,
        build: &Build,
    ) -> Result<Vec<(RelativePath, String)>, RenderError> {
        let view = View::new(project, service, build);
        let text = render::template("dockerfile/python.j2", &view)?;
        Ok(vec![(build.dockerfile.clone(), text)])
    }
}

/// Packages are installed, not built: there is no stage for a command or for instructions.
fn nothing_to_build(rules: &mut Rules<'_>, name: &str, service: &Service) {
    let build = service.build.clone().unwrap_or_default();
    let keys = [
        (
            build.command.is_some(),
            pointer!["services", name, "build", "command"],
            "nothing is built for the stack `python`, so there is no such command",
            "what runs once, after the source is copied, is `python: {collect: …}`",
        ),
        (
            build.snippets.contains_key(&SnippetStage::Build),
            pointer!["services", name, "build", "snippets", "build"],
            "nothing is built for the stack `python`, so there is no stage `build`",
            "use the stage `dependencies` or `production`",
        ),
    ];
    for (_, at, title, help) in keys.into_iter().filter(|(written, ..)| *written) {
        let problem = Diagnostic::error(Code::NotApplicable, Location::key(at), title);
        rules.report(problem.help(help));
    }
}

/// Groups and extras have names as packages have them (PEP 508): a manager would take another text
/// for an option, or for several names.
fn names(rules: &mut Rules<'_>, name: &str, service: &Service) {
    let python = service.python.clone().unwrap_or_default();
    let lists = [
        ("groups", python.groups),
        ("dev_groups", python.dev_groups.unwrap_or_default()),
        ("extras", python.extras),
    ];
    let is_end = |c: char| c.is_ascii_alphanumeric();
    let is_name = |text: &str| {
        text.starts_with(is_end)
            && text.ends_with(is_end)
            && text.chars().all(|c| is_end(c) || "._-".contains(c))
    };
    for (key, list) in lists {
        for (index, text) in list.iter().enumerate().filter(|(_, text)| !is_name(text)) {
            let at = pointer!["services", name, "python", key, index];
            rules.report(
                Diagnostic::error(
                    Code::BadName,
                    Location::value(at),
                    format!("{} is no name of a group or an extra", word(text)),
                )
                .help("use letters, digits, `.`, `_` and `-`; each is an entry of its own"),
            );
        }
    }
}

/// The requirements files of production.
fn requirements(python: &manifest::Python) -> Vec<RelativePath> {
    match &python.requirements {
        None => RelativePath::list(&["requirements.txt"]),
        Some(files) => RelativePath::list(files),
    }
}

/// The command of developers: the production command, reloading, and under a debugger where one is
/// asked for.
fn development_command(command: &[String], development: &Development) -> Vec<String> {
    let mut words = command.to_vec();
    let program = command.first().map(String::as_str).unwrap_or_default();
    if development.reload != Some(false) {
        // Each server's own flag; a program without one runs as it is.
        let flag = reload_flag(program);
        if let Some(flag) = flag
            && !words.iter().any(|word| word == flag || word == "--reload")
        {
            words.push(flag.into());
        }
    }
    debugged(words, development)
}

/// Programs that are modules of the same name.
const MODULES: &[&str] =
    &["celery", "fastapi", "flask", "granian", "gunicorn", "hypercorn", "pytest", "uvicorn"];

/// Whether debugpy can run a command.
fn is_debuggable(command: &[String]) -> bool {
    let program = command.first().map(String::as_str).unwrap_or_default();
    ["python", "python3"].contains(&program) || MODULES.contains(&program)
}

/// A command under debugpy, where one is asked for and it can be, and it does not begin one itself.
fn debugged(mut command: Vec<String>, development: &Development) -> Vec<String> {
    let Some(port) = development.debug_port else { return command };
    if !is_debuggable(&command) || command.iter().any(|word| word.contains("debugpy")) {
        return command;
    }
    let mut words: Vec<String> =
        ["python", "-Xfrozen_modules=off", "-m", "debugpy", "--listen"].map(String::from).to_vec();
    words.push(format!("0.0.0.0:{port}"));
    if MODULES.contains(&command[0].as_str()) {
        words.push("-m".into());
    } else {
        command.remove(0);
    }
    words.extend(command);
    words
}

/// A reload that is asked for, and that the program does not do.
fn reload_problem(name: &str, service: &Service) -> Option<Diagnostic> {
    let development = service.dev.as_ref()?;
    let command = service.command.as_ref().map(manifest::Command::words).unwrap_or_default();
    let program = command.first()?;
    let asked = development.reload == Some(true) && development.command.is_none();
    (asked && reload_flag(program).is_none()).then(|| {
        Diagnostic::warning(
            Code::NotApplicable,
            Location::value(pointer!["services", name, "dev", "reload"]),
            format!("{} has no flag that reloads it after an edit", word(program)),
        )
        .help("write `dev.command` with a program that begins it anew, `watchfiles` for one")
    })
}

/// The flag with which a server reloads after an edit.
fn reload_flag(program: &str) -> Option<&'static str> {
    match program {
        "uvicorn" | "gunicorn" | "fastapi" | "hypercorn" | "granian" => Some("--reload"),
        "flask" => Some("--debug"),
        _ => None,
    }
}

/// A debugger's port that nothing opens.
fn debug_problem(stack: &Python, name: &str, service: &Service) -> Option<Diagnostic> {
    let development = service.dev.as_ref()?;
    let port = development.debug_port?;
    let words = match &development.command {
        Some(command) => stack.debugged(command.words(), development),
        None => {
            let command =
                service.command.as_ref().map(manifest::Command::words).unwrap_or_default();
            stack.development(name, service, &command).command
        }
    };
    let program = words.first()?;
    (!words.iter().any(|word| word.contains("debugpy"))).then(|| {
        Diagnostic::warning(
            Code::NotApplicable,
            Location::value(pointer!["services", name, "dev", "debug_port"]),
            format!("nothing opens the debugger's port {port}: the program is {}", word(program)),
        )
        .help(format!(
            "write `dev.command` with `python -m debugpy --listen 0.0.0.0:{port}` before the program"
        ))
    })
}

#[derive(Serialize)]
struct View {
    #[serde(flatten)]
    common: Common,
    import_path: Printable,
    poetry: Option<Poetry>,
    uv: Option<Uv>,
    wheel_requirements: Option<Printable>,
    dev_requirements: Option<Printable>,
    dependency_copies: Vec<Printable>,
    dev_copies: Vec<Printable>,
    secret_mounts: Printable,
    debugger: Option<Printable>,
    collect: Option<Printable>,
    empty_folders: Printable,
    production_image: Printable,
}

#[derive(Serialize)]
struct Poetry {
    package: Printable,
    plugin: Printable,
    main: Printable,
    /// What development has besides, if anything.
    dev: Option<Printable>,
}

#[derive(Serialize)]
struct Uv {
    package: Printable,
    main: Printable,
    /// What development has besides, if anything.
    dev: Option<Printable>,
}

impl View {
    fn new(project: &Project, service: &crate::project::Service, build: &Build) -> Self {
        let StackSettings::Python {
            requirements,
            dev_requirements,
            groups,
            dev_groups,
            extras,
            import_from,
            collect,
        } = &build.settings
        else {
            unreachable!("the Python stack renders Python builds only")
        };
        let version = build.manager.version.as_deref().unwrap_or_default();
        let repeated = |flag: &str, values: &[String]| -> Vec<String> {
            values.iter().flat_map(|value| [flag.to_owned(), value.clone()]).collect()
        };
        let poetry = (build.manager.name == "poetry").then(|| {
            let select = |groups: &[String]| {
                let all: Vec<_> =
                    std::iter::once("main".to_owned()).chain(groups.to_vec()).collect();
                let mut words = vec!["--only".to_owned(), all.join(",")];
                words.extend(repeated("--extras", extras));
                shell_words(&words)
            };
            Poetry {
                package: shell_word(&format!("poetry=={version}")),
                plugin: shell_word(&format!("poetry-plugin-export=={POETRY_EXPORT}")),
                main: select(groups),
                dev: match dev_groups {
                    None => Some(shell_words(
                        &[vec!["--all-groups".to_owned()], repeated("--extras", extras)].concat(),
                    )),
                    Some(more) if more.is_empty() => None,
                    Some(more) => Some(select(&[groups.clone(), more.clone()].concat())),
                },
            }
        });
        let uv = (build.manager.name == "uv").then(|| {
            let mut main = vec!["--no-default-groups".to_owned()];
            main.extend(repeated("--group", groups));
            main.extend(repeated("--extra", extras));
            // Without that flag uv takes the group `dev` where there is one.
            let skipped = usize::from(dev_groups.is_none());
            let mut dev = main[skipped..].to_vec();
            dev.extend(repeated("--group", dev_groups.as_deref().unwrap_or_default()));
            Uv {
                package: shell_word(&format!("uv=={version}")),
                dev: (dev != main).then(|| shell_words(&dev)),
                main: shell_words(&main),
            }
        });
        let listed = |files: &[RelativePath]| {
            let files: Vec<_> = files.iter().map(ToString::to_string).collect();
            shell_words(&repeated("--requirement", &files))
        };
        let locked = poetry.is_some();
        let common = Common::new(project, service, build, &base_image(build), "/app");
        let extra = build.dependency_files.iter().filter(|file| {
            // Poetry's files are read in the stage that exports them; development's come later.
            !(dev_requirements.contains(file)
                || locked && matches!(file.as_str(), "pyproject.toml" | "poetry.lock"))
        });
        let is_debugged = |command: &[String]| command.iter().any(|word| word == "debugpy");
        let users = project.users_of(&service.name);
        let mut commands = users.filter_map(|user| user.development.command.as_deref());
        let debugged = is_debugged(&build.development_command) || commands.any(is_debugged);
        let workdir = crate::path::ContainerPath::new("/app").ok();
        let import_path = workdir.map(|app| app.join(import_from).to_string()).unwrap_or_default();
        Self {
            import_path: shell_word(&import_path),
            debugger: debugged.then(|| shell_word(DEBUGPY)),
            wheel_requirements: uv.is_none().then(|| {
                if locked {
                    shell_words(&["--require-hashes", "--requirement", "requirements.txt"])
                } else {
                    listed(requirements)
                }
            }),
            dev_requirements: match (locked, dev_requirements.is_empty()) {
                (true, _) if dev_groups.as_ref().is_some_and(Vec::is_empty) => None,
                (true, _) => Some(shell_words(&[
                    "--require-hashes",
                    "--requirement",
                    "requirements-dev.txt",
                ])),
                (false, false) => Some(listed(dev_requirements)),
                (false, true) => None,
            },
            poetry,
            uv,
            dependency_copies: copy_files(build, extra),
            // A file of development may begin with `-r` and one of production.
            dev_copies: copy_files(build, requirements.iter().chain(dev_requirements)),
            secret_mounts: secret_mounts(build),
            collect: collect.as_ref().map(|words| shell_words(words)),
            empty_folders: shell_word("/empty"),
            production_image: shell_word("gcr.io/distroless/python3-debian13:nonroot"),
            common,
        }
    }
}

/// The base image: its exact version, on Debian 13 or the newest Alpine of the table.
fn base_image(build: &Build) -> String {
    let suite = if build.base == Base::Alpine { "alpine3.24" } else { "slim-trixie" };
    format!("docker.io/library/python:{}-{suite}", build.version)
}
