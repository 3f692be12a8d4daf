//! Node: npm, pnpm, Yarn. Production runs a server, or is a web server with the built files.

use serde::Serialize;
use serde_json::Value;

use super::{DevelopmentFacts, ManagerFacts, Probe, Stack, manager, shell_wait};
use crate::diagnostic::{Code, Diagnostic, Location};
use crate::manifest::{
    Base, BuildScript, Command, Development, Manifest, NodeServe, Service, SnippetStage, StackName,
};
use crate::output::dockerfile::{Common, copy_files, development_entrypoint, secret_mounts};
use crate::path::RelativePath;
use crate::pointer;
use crate::pointer::Pointer;
use crate::preset::container_path;
use crate::project::{Build, BuiltPath, HealthTest, Mount, Project, StackSettings, Storage, Web};
use crate::render::quote::{Printable, comment, composed, json_string, shell_word, shell_words};
use crate::render::{self, RenderError};
use crate::resolve;
use crate::validate::Rules;

/// The stack.
pub(super) struct Node;

/// Pinned, so that the same manifest builds the same image; raised with each release of gen.
const PNPM: &str = "10.34.9";
/// The last Yarn 1. The images of Node 26 and later have none (nodejs/docker-node#2422).
const YARN: &str = "1.22.22";

/// The versions of gcr.io/distroless/nodejs*-debian13.
const DISTROLESS: &[&str] = &["22", "24", "26"];

/// What production's web server is: nginx that runs as user 101 and writes to `/tmp` only, so that
/// it needs no capability and no writable root. The stable line, because its configuration stays
/// valid; the suites are those of the official images, which it follows.
const NGINX: &str = "docker.io/nginxinc/nginx-unprivileged:1.30";

/// The port of a static site that names none.
const STATIC_PORT: u16 = 8080;

const MODULES: &str = "/app/node_modules";

/// Folders that builds make, and that are never source where a manifest calls them an output.
const MADE: &[&str] =
    &["dist", "build", "out", ".next", ".nuxt", ".output", ".svelte-kit", "storybook-static"];

const MANAGERS: &[ManagerFacts] = &[
    ManagerFacts {
        name: "npm",
        version: None,
        lock_files: &["package-lock.json"],
        lock_command: "npm install --package-lock-only",
    },
    ManagerFacts {
        name: "pnpm",
        version: Some(PNPM),
        lock_files: &["pnpm-lock.yaml"],
        lock_command: "pnpm install --lockfile-only",
    },
    ManagerFacts {
        name: "yarn",
        version: Some(YARN),
        lock_files: &["yarn.lock"],
        lock_command: "yarn install",
    },
];

/// Waits until every address before the last `--` accepts a connection, and runs the command behind
/// it. What it was told ends it, as it was told to: Node cannot become another program.
const WAIT: &str = r#"
const { spawn } = require("child_process");
const { connect } = require("net");
const words = process.argv.slice(1);
const end = words.indexOf("--");
const [command, ...rest] = words.slice(end + 1);

function run() {
  const child = spawn(command, rest, { stdio: "inherit" });
  for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => child.kill(name));
  child.on("error", (error) => { console.error(error.message); process.exit(127); });
  child.on("exit", (code) => process.exit(code ?? 1));
}

function wait([address, ...others], attempts) {
  if (!address) return run();
  if (!attempts) { console.error(`${address} does not answer`); process.exit(1); }
  const [host, port] = address.split(":");
  const socket = connect(port, host);
  socket.setTimeout(4000, () => socket.destroy(new Error("timeout")));
  socket.on("connect", () => { socket.destroy(); wait(others, 120); });
  socket.on("error", () => setTimeout(wait, 1000, [address, ...others], attempts - 1));
}

wait(words.slice(0, end), 120);
"#;

impl Stack for Node {
    fn name(&self) -> StackName {
        StackName::Node
    }

    fn image(&self) -> &'static str {
        "node"
    }

    fn default_version(&self) -> &'static str {
        "24"
    }

    fn managers(&self) -> &'static [ManagerFacts] {
        MANAGERS
    }

    fn later_managers(&self) -> &'static [&'static str] {
        &["bun"]
    }

    fn bases(&self) -> &'static [Base] {
        &[Base::Slim, Base::Distroless, Base::Alpine]
    }

    fn made_files(&self) -> &'static [&'static str] {
        // Only names that no source has: `build`, `dist` and `lib` may well be source.
        &[
            "**/node_modules",
            "**/.pnpm-store",
            "**/.pnp.*",
            "**/.yarn/install-state.gz",
            "**/.yarn/unplugged",
            "**/.next",
            "**/.nuxt",
            "**/.svelte-kit",
            "**/.turbo",
            "**/.vite",
            "**/.vite-temp",
            "**/.parcel-cache",
            "**/.eslintcache",
            "**/.nyc_output",
            "**/*.tsbuildinfo",
            "**/npm-debug.log*",
            "**/pnpm-debug.log*",
            "**/yarn-debug.log*",
            "**/yarn-error.log*",
        ]
    }

    fn made_by(&self, build: &Build) -> Vec<RelativePath> {
        let StackSettings::Node { build: Some(_), output, .. } = &build.settings else {
            return Vec::new();
        };
        // What an earlier build left behind must not be taken for source, nor end up in the image.
        let mut made: Vec<_> = output
            .iter()
            .filter_map(|entry| entry.from.as_str().split('/').next())
            .filter(|name| MADE.contains(name))
            .chain(["coverage"])
            .map(|name| RelativePath::root().file(name))
            .filter(|made| !build.source.iter().any(|source| source.below(made).is_some()))
            .collect();
        made.sort();
        made.dedup();
        made
    }

    fn validate(&self, rules: &mut Rules<'_>, name: &str, service: &Service) {
        let file = RelativePath::root().file("package.json");
        rules.need_dependency_file(name, service, &file, "write it, or run `npm init`");
        for problem in problems(rules, self, name, service) {
            rules.report(problem);
        }
    }

    fn settings(&self, manifest: &Manifest, _: &str, service: &Service) -> StackSettings {
        let node = service.node.clone().unwrap_or_default();
        let build = build_command(self, service);
        let fixed = is_static(service);
        let output = match &node.output {
            Some(entries) => entries.iter().filter_map(|entry| output(entry, fixed)).collect(),
            None if build.is_some() || fixed => output("dist", fixed).into_iter().collect(),
            None => Vec::new(),
        };
        StackSettings::Node {
            build,
            output,
            standalone: node.standalone == Some(true),
            web: fixed.then(|| Web {
                port: service.port.unwrap_or(STATIC_PORT),
                routes: resolve::routes(manifest, service),
            }),
        }
    }

    fn dependency_files(&self, service: &Service) -> Vec<RelativePath> {
        let lock = match manager(self, service).0.as_str() {
            "pnpm" => "pnpm-lock.yaml",
            "yarn" => "yarn.lock",
            _ => "package-lock.json",
        };
        RelativePath::list(&["package.json", lock])
    }

    fn development(&self, name: &str, service: &Service, command: &[String]) -> DevelopmentFacts {
        DevelopmentFacts {
            command: development_command(self, service, command),
            mounts: vec![Mount {
                target: container_path(MODULES),
                storage: Storage::Volume(format!("{name}-node-modules")),
                read_only: false,
            }],
        }
    }

    fn health_test(&self, service: &Service, probe: &Probe) -> HealthTest {
        if is_static(service) {
            let (port, path) = match probe {
                Probe::Http { port, path } => (port, path.as_str()),
                Probe::Tcp { port } | Probe::Grpc { port } => (port, "/"),
            };
            let url = format!("http://127.0.0.1:{port}{path}");
            let flags = ["--fail", "--silent", "--show-error", "--output", "/dev/null"];
            let words = ["curl"].into_iter().chain(flags).chain(["--max-time", "4", &url]);
            return HealthTest::Exec(words.map(str::to_owned).collect());
        }
        ask_with_node(probe)
    }

    fn development_health_test(&self, service: &Service, probe: &Probe) -> Option<HealthTest> {
        // The web server's image has curl and no node, that of developers node and no curl.
        is_static(service).then(|| ask_with_node(probe))
    }

    fn wait(&self, base: Base, awaited: &[(String, u16)]) -> Vec<String> {
        if base != Base::Distroless {
            return shell_wait(base, awaited);
        }
        let addresses = awaited.iter().map(|(host, port)| format!("{host}:{port}"));
        let begin = ["node", "--eval", WAIT, "--"].map(String::from).into_iter();
        begin.chain(addresses).chain(["--".to_owned()]).collect()
    }

    fn files(
        &self,
        project: &Project,
        service: &crate::project::Service,
        build: &Build,
    ) -> Result<Vec<(RelativePath, String)>, RenderError> {
        let StackSettings::Node { web, .. } = &build.settings else {
            unreachable!("the Node stack renders Node builds only")
        };
        let view = View::new(project, service, build);
        let template =
            if web.is_some() { "dockerfile/node-static.j2" } else { "dockerfile/node.j2" };
        let mut files = vec![(build.dockerfile.clone(), render::template(template, &view)?)];
        if let Some(web) = web {
            let folder = build.context.join(&build.folder);
            let names = WebNames::new(build);
            let view = WebView::new(service, web);
            let text = render::template("web/nginx.conf.j2", &view)?;
            files.push((folder.join(&names.configuration), text));
            if !web.routes.is_empty() {
                let text = render::template("web/nginx-resolver.sh.j2", &view)?;
                files.push((folder.join(&names.resolver), text));
            }
        }
        Ok(files)
    }
}

/// Whether production serves files: where the manifest says so, or names no program.
fn is_static(service: &Service) -> bool {
    let production = service.prod.as_ref().and_then(|prod| prod.command.as_ref());
    match service.node.as_ref().and_then(|node| node.serve) {
        Some(serve) => serve == NodeServe::Static,
        None => service.command.is_none() && production.is_none(),
    }
}

/// Whether the service is installed by Yarn 2 or later, which has other commands than Yarn 1.
fn is_berry(name: &str, version: &str) -> bool {
    let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    name == "yarn" && major.is_some_and(|major| major >= 2)
}

/// The command that builds the application.
fn build_command(stack: &dyn Stack, service: &Service) -> Option<Vec<String>> {
    let written = service.build.as_ref().and_then(|build| build.command.as_ref());
    if let Some(command) = written {
        return Some(command.words());
    }
    let script = build_script(service)?;
    Some(run_script(stack, service, &script))
}

/// The script that builds the application, unless nothing is built.
fn build_script(service: &Service) -> Option<String> {
    match service.node.as_ref().and_then(|node| node.build_script.as_ref()) {
        Some(BuildScript::Name(name)) => Some(name.clone()),
        Some(BuildScript::None(false)) => None,
        Some(BuildScript::None(true)) | None => Some("build".into()),
    }
}

fn run_script(stack: &dyn Stack, service: &Service, script: &str) -> Vec<String> {
    vec![manager(stack, service).0, "run".into(), script.into()]
}

/// The command of developers: the program itself, watching its files, where nothing is built; else
/// the script `dev`.
fn development_command(stack: &dyn Stack, service: &Service, command: &[String]) -> Vec<String> {
    let development = service.dev.clone().unwrap_or_default();
    let program = command.first().map(String::as_str);
    if program != Some("node") || build_command(stack, service).is_some() || is_static(service) {
        // A worker's program is its own; only the service itself has a script for developers.
        if service.extends.is_some() && !command.is_empty() {
            return command.to_vec();
        }
        return run_script(stack, service, "dev");
    }
    let mut words = vec!["node".to_owned()];
    if development.reload != Some(false) {
        words.push("--watch".into());
    }
    words.extend(development.debug_port.map(|port| format!("--inspect=0.0.0.0:{port}")));
    words.extend(command.iter().skip(1).cloned());
    words
}

/// An entry of `node.output`: `FROM`, or `FROM:TO`. A site's files lie at its root unless an entry
/// says otherwise; a server's keep their place.
fn output(entry: &str, fixed: bool) -> Option<BuiltPath> {
    let (from, to) = match entry.split_once(':') {
        Some((from, to)) => (from, Some(to)),
        None => (entry, None),
    };
    let from = RelativePath::new(from).ok()?;
    let to = match to {
        Some(to) => RelativePath::new(to).ok()?,
        None if fixed => RelativePath::root(),
        None => from.clone(),
    };
    Some(BuiltPath { from, to })
}

/// A health check by node itself: `http` rather than `fetch`, which follows redirects and refuses
/// the ports that browsers refuse.
fn ask_with_node(probe: &Probe) -> HealthTest {
    let script = match probe {
        Probe::Http { port, path } => format!(
            "require('http').get('http://127.0.0.1:{port}{path}', \
             {{ signal: AbortSignal.timeout(4000) }}, \
             (answer) => process.exit(answer.statusCode < 400 ? 0 : 1))"
        ),
        Probe::Tcp { port } | Probe::Grpc { port } => format!(
            "setTimeout(process.exit, 4000, 1); \
             require('net').connect({port}, '127.0.0.1', () => process.exit(0))"
        ),
    };
    HealthTest::Exec(vec!["node".into(), "--eval".into(), script])
}

// ---------------------------------------------------------------------------------------------
// Rules

fn problems(rules: &Rules<'_>, stack: &Node, name: &str, service: &Service) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let at = |key: &str| pointer!["services", name, key];
    let node = service.node.clone().unwrap_or_default();
    let fixed = is_static(service);
    let built = build_command(stack, service).is_some();
    if fixed {
        if !built && node.output.is_none() {
            problems.push(
                missing_command(
                    at("stack"),
                    "nothing is built, and no `command` says what production runs",
                )
                .help("add `command: [node, server.js]`"),
            );
        }
        if service.port.is_none() {
            problems.push(
                Diagnostic::error(
                    Code::MissingKey,
                    Location::value(at("stack")),
                    "a site of static files has no `port`",
                )
                .help(format!("add `port: {STATIC_PORT}`: its web server listens there")),
            );
        }
        if service.base == Some(Base::Distroless) {
            problems.push(
                Diagnostic::error(
                    Code::UnsupportedBase,
                    Location::value(at("base")),
                    "a site of static files is served by nginx, which has no distroless image",
                )
                .help("use `base: slim` or `base: alpine`"),
            );
        }
        for path in service.routes.keys().filter(|path| *path == "/" || !path.starts_with('/')) {
            problems.push(
                Diagnostic::error(
                    Code::BadValue,
                    Location::key(pointer!["services", name, "routes", path]),
                    format!("`{path}` is not a path below the site"),
                )
                .help("begin it with `/` and name a part of the site, for example `/api`"),
            );
        }
    } else {
        if service.command.is_none() && service.prod.as_ref().is_none_or(|p| p.command.is_none()) {
            problems.push(
                missing_command(at("stack"), "no `command` says what production runs")
                    .help("add `command: [node, dist/server.js]`, or `node: {serve: static}`"),
            );
        }
        if !service.routes.is_empty() {
            problems.push(
                Diagnostic::error(
                    Code::NotApplicable,
                    Location::key(at("routes")),
                    "a Node server sends its requests on by itself",
                )
                .help("put a front before it: a service with `preset: caddy` and these `routes`"),
            );
        }
    }
    if fixed && node.standalone == Some(true) {
        problems.push(Diagnostic::error(
            Code::NotApplicable,
            Location::key(pointer!["services", name, "node", "standalone"]),
            "a site of static files has no `node_modules` in production",
        ));
    }
    let snippets = service.build.iter().flat_map(|build| build.snippets.keys());
    if !fixed
        && !built
        && node.output.is_none()
        && snippets.clone().any(|s| *s == SnippetStage::Build)
    {
        problems.push(Diagnostic::error(
            Code::NotApplicable,
            Location::key(pointer!["services", name, "build", "snippets", "build"]),
            "nothing is built, so there is no stage `build`",
        ));
    }
    for (index, entry) in node.output.iter().flatten().enumerate() {
        if output(entry, fixed).is_none() {
            problems.push(
                Diagnostic::error(
                    Code::BadPath,
                    Location::value(pointer!["services", name, "node", "output", index]),
                    format!("`{entry}` is neither a path nor two with `:` between them"),
                )
                .help("for example `dist`, or `.next/standalone:.`"),
            );
        }
    }
    if service.base == Some(Base::Distroless) && !fixed {
        problems.extend(distroless_problems(rules, stack, name, service));
    }
    problems.extend(extending_problems(rules, stack, name, service));
    problems.extend(debug_problem(stack, name, service));
    problems.extend(package_problems(rules, stack, name, service));
    problems
}

fn missing_command(at: Pointer, title: &str) -> Diagnostic {
    Diagnostic::error(Code::MissingCommand, Location::value(at), title)
}

/// An image without a shell and without npm runs `node`, and nothing else.
fn distroless_problems(
    rules: &Rules<'_>,
    stack: &Node,
    name: &str,
    service: &Service,
) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let version = service.version.as_ref().map_or(stack.default_version(), |v| &v.0);
    if !DISTROLESS.contains(&major(version)) {
        problems.push(
            Diagnostic::error(
                Code::UnsupportedBase,
                Location::value(pointer!["services", name, "version"]),
                format!("`base: distroless` has Node {} only", DISTROLESS.join(", ")),
            )
            .help("use `base: slim`"),
        );
    }
    let others = rules.manifest.services.iter();
    let extending = others.filter(|(_, other)| other.extends.as_deref() == Some(name));
    for (user, other) in
        std::iter::once((name, service)).chain(extending.map(|(n, s)| (n.as_str(), s)))
    {
        let production = other.prod.as_ref().and_then(|prod| prod.command.as_ref());
        let commands = [
            (pointer!["services", user, "command"], other.command.as_ref()),
            (pointer!["services", user, "prod", "command"], production),
            (pointer!["services", user, "migrate"], other.migrate.as_ref()),
        ];
        for (at, command) in commands {
            let words = command.map(Command::words).unwrap_or_default();
            if words.first().is_some_and(|program| program != "node") {
                problems.push(
                    Diagnostic::error(
                        Code::UnsupportedBase,
                        Location::value(at),
                        "the distroless image has the program `node`, and no other",
                    )
                    .help("begin the command with `node`, or use `base: slim`"),
                );
            }
        }
    }
    problems
}

/// Services of the same image: a site has no program for them, and what is built for production is
/// not there for developers.
fn extending_problems(
    rules: &Rules<'_>,
    stack: &Node,
    name: &str,
    service: &Service,
) -> Vec<Diagnostic> {
    let settings = stack.settings(rules.manifest, name, service);
    let StackSettings::Node { build, output, web, .. } = settings else { return Vec::new() };
    let others = rules.manifest.services.iter();
    let extending = others.filter(|(_, other)| other.extends.as_deref() == Some(name));
    let mut problems = Vec::new();
    for (user, other) in extending {
        if web.is_some() {
            problems.push(
                Diagnostic::error(
                    Code::NotApplicable,
                    Location::value(pointer!["services", user, "extends"]),
                    format!("production of `{name}` is a web server, and has no program to run"),
                )
                .help(format!("make `{user}` a service of its own, with `stack: node`")),
            );
            continue;
        }
        let own = other.dev.as_ref().is_some_and(|dev| dev.command.is_some());
        let words = other.command.as_ref().map(Command::words).unwrap_or_default();
        let built = |word: &String| {
            let path = RelativePath::new(word).ok()?;
            let made = |entry: &BuiltPath| !entry.to.is_root() && path.below(&entry.to).is_some();
            output.iter().any(made).then(|| word.clone())
        };
        let Some(word) = words.iter().find_map(built).filter(|_| build.is_some() && !own) else {
            continue;
        };
        problems.push(
            Diagnostic::warning(
                Code::MissingCommand,
                Location::value(pointer!["services", user, "command"]),
                format!("`{word}` is built for production, developers have its source only"),
            )
            .help("write `dev: {command: …}` with what runs the source"),
        );
    }
    problems
}

/// A debugger's port that nothing would open.
fn debug_problem(stack: &Node, name: &str, service: &Service) -> Option<Diagnostic> {
    let development = service.dev.as_ref()?;
    let port = development.debug_port?;
    let written = development.command.as_ref().map(Command::words);
    let own = written.is_some();
    let words = written.unwrap_or_else(|| {
        let command = service.command.as_ref().map(Command::words).unwrap_or_default();
        development_command(stack, service, &command)
    });
    let asked = words.iter().any(|word| word.contains("inspect") || word.contains("debug"));
    if asked {
        return None;
    }
    let key = if own { "command" } else { "debug_port" };
    Some(
        Diagnostic::warning(
            Code::NotApplicable,
            Location::value(pointer!["services", name, "dev", key]),
            format!(
                "nothing opens the debugger's port {port}: the program is `{}`",
                words[..words.len().min(3)].join(" ")
            ),
        )
        .help(format!(
            "write `dev.command` with `--inspect=0.0.0.0:{port}` where the program takes it"
        )),
    )
}

/// What `package.json` and the files beside it say otherwise than the manifest.
fn package_problems(
    rules: &Rules<'_>,
    stack: &Node,
    name: &str,
    service: &Service,
) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let folder = service.path.as_deref().unwrap_or(".");
    let Ok(folder) = RelativePath::new(folder) else { return problems };
    let text = |file: &str| rules.tree.text(&folder.join(&RelativePath::root().file(file)));
    let (manager_name, version) = manager(stack, service);
    let version = version.unwrap_or_default();

    let build = service.build.clone().unwrap_or_default();
    let files = [
        (".npmrc", true),
        (".yarnrc", manager_name == "yarn" && !is_berry(&manager_name, &version)),
        (".yarnrc.yml", is_berry(&manager_name, &version)),
        ("pnpm-workspace.yaml", manager_name == "pnpm"),
    ];
    for (file, read) in files {
        let listed = build.files.iter().any(|entry| entry.trim_start_matches("./") == file);
        let secret = build.secrets.values().filter_map(|secret| secret.target.as_deref());
        let secret = secret.into_iter().any(|target| target.ends_with(file));
        if read && !listed && !secret && text(file).is_some() {
            problems.push(
                Diagnostic::warning(
                    Code::MissingFile,
                    Location::value(pointer!["services", name, "stack"]),
                    format!("`{file}` is there, but the step that installs dependencies does not see it"),
                )
                .help(format!(
                    "add `build: {{files: [{file}]}}`; where it holds a token, make it a secret of the build"
                )),
            );
        }
    }

    let package = text("package.json").and_then(|text| serde_json::from_str::<Value>(&text).ok());
    let Some(package) = package else { return problems };
    if let Some(named) = package["packageManager"].as_str() {
        let named = named.split('+').next().unwrap_or(named);
        let ours = if version.is_empty() {
            manager_name.clone()
        } else {
            format!("{manager_name}@{version}")
        };
        let same =
            named == ours || version.is_empty() && named.starts_with(&format!("{manager_name}@"));
        if !same {
            let at = if service.manager.is_some() { "manager" } else { "stack" };
            problems.push(
                Diagnostic::warning(
                    Code::UnsupportedManager,
                    Location::value(pointer!["services", name, at]),
                    format!("`package.json` wants {named}, the image gets {ours}"),
                )
                .help(format!("write `manager: {named}`")),
            );
        }
    }
    let own_build = build.command.is_some();
    let own_development =
        service.dev.as_ref().is_some_and(|dev: &Development| dev.command.is_some());
    let command = service.command.as_ref().map(Command::words).unwrap_or_default();
    let runs_dev =
        development_command(stack, service, &command).first() != Some(&"node".to_owned());
    let has = |script: &str| package["scripts"][script].is_string();
    if let Some(script) = build_script(service).filter(|script| !own_build && !has(script)) {
        problems.push(
            missing_command(
                pointer!["services", name, "stack"],
                &format!(
                    "`package.json` has no script `{script}` that would build the application"
                ),
            )
            .help("name it with `node: {build_script: …}`, or write `node: {build_script: false}`"),
        );
    }
    if runs_dev && !own_development && !has("dev") {
        problems.push(
            missing_command(
                pointer!["services", name, "stack"],
                "`package.json` has no script `dev`, so developers have nothing to run",
            )
            .help("write one, or a command of your own: `dev: {command: [npm, run, watch]}`"),
        );
    }
    problems
}

// ---------------------------------------------------------------------------------------------
// Views

fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or(version)
}

/// npm without questions to its registry that nobody reads the answers of.
const QUIET_NPM: &[&str] =
    &["NPM_CONFIG_AUDIT=false", "NPM_CONFIG_FUND=false", "NPM_CONFIG_UPDATE_NOTIFIER=false"];

/// How a manager installs.
struct Installer {
    /// The package of npm that brings it, with its version.
    package: Option<String>,
    /// Variables that it needs.
    variables: &'static [&'static str],
    /// Where it keeps what it has fetched.
    cache: &'static str,
    /// Installs everything that the lock file names.
    install: &'static str,
    /// Takes away what only development needs.
    prune: &'static str,
}

impl Installer {
    fn new(build: &Build) -> Self {
        let version = build.manager.version.as_deref().unwrap_or_default();
        match build.manager.name.as_str() {
            "pnpm" => Self {
                package: Some(format!("pnpm@{version}")),
                variables: &[],
                cache: "/root/.local/share/pnpm/store",
                install: "pnpm install --frozen-lockfile --store-dir /root/.local/share/pnpm/store",
                prune: "CI=true pnpm install --frozen-lockfile --prod --ignore-scripts --prefer-offline \\\n      \
                        --config.modules-cache-max-age=0 --store-dir /root/.local/share/pnpm/store",
            },
            "yarn" if is_berry("yarn", version) => Self {
                package: Some(format!("@yarnpkg/cli-dist@{version}")),
                // A release in the repository would be taken instead, but is not copied.
                variables: &[
                    "YARN_ENABLE_TELEMETRY=0",
                    "YARN_IGNORE_PATH=1",
                    "YARN_NODE_LINKER=node-modules",
                ],
                cache: "/root/.cache/yarn",
                install: "YARN_GLOBAL_FOLDER=/root/.cache/yarn yarn install --immutable",
                prune: "YARN_GLOBAL_FOLDER=/root/.cache/yarn yarn workspaces focus --all --production",
            },
            "yarn" => Self {
                package: Some(format!("yarn@{version}")),
                variables: &[],
                cache: "/root/.cache/yarn",
                install: "yarn install --frozen-lockfile --cache-folder /root/.cache/yarn",
                prune: "yarn install --frozen-lockfile --production --ignore-scripts --prefer-offline \\\n      \
                        --cache-folder /root/.cache/yarn",
            },
            _ => Self {
                package: (!version.is_empty()).then(|| format!("npm@{version}")),
                variables: &[],
                cache: "/root/.npm",
                install: "npm ci",
                prune: "npm prune --omit=dev",
            },
        }
    }
}

#[derive(Serialize)]
struct View {
    #[serde(flatten)]
    common: Common,
    dependency_copies: Vec<Printable>,
    dependency_files: Printable,
    secret_mounts: Printable,
    manager: Option<Printable>,
    replaces: bool,
    variables: Printable,
    cache: Printable,
    install: Printable,
    prune: Printable,
    build: Option<Printable>,
    output: Vec<Printable>,
    modules: bool,
    package_copy: Option<Printable>,
    static_site: bool,
    early_args: bool,
    node_entrypoint: Printable,
    production_image: Printable,
    configuration: Printable,
    resolver: Option<Printable>,
}

impl View {
    fn new(project: &Project, service: &crate::project::Service, build: &Build) -> Self {
        let StackSettings::Node { build: command, output, standalone, web } = &build.settings
        else {
            unreachable!("the Node stack renders Node builds only")
        };
        let common = Common::new(project, service, build, &base_image(build), "/app");
        let installer = Installer::new(build);
        let package = RelativePath::root().file("package.json");
        let everything = if output.is_empty() {
            build.source.iter().any(RelativePath::is_root)
        } else {
            *standalone || output.iter().any(|entry| entry.from.is_root())
        };
        let names = WebNames::new(build);
        let in_context = |file: &RelativePath| build.folder.join(file).to_string();
        let files: Vec<_> = build.dependency_files.iter().map(ToString::to_string).collect();
        let target = if web.is_some() { "/usr/share/nginx/html" } else { "." };
        let early = [SnippetStage::Base, SnippetStage::Dependencies];
        Self {
            dependency_copies: copy_files(build, build.dependency_files.iter()),
            dependency_files: shell_words(&files),
            secret_mounts: secret_mounts(build),
            manager: installer.package.as_deref().map(shell_word),
            replaces: build.manager.name == "yarn",
            variables: composed([QUIET_NPM, installer.variables].concat().join(" \\\n    ")),
            cache: shell_word(installer.cache),
            install: composed(installer.install.to_owned()),
            prune: composed(installer.prune.to_owned()),
            build: command.as_ref().map(|words| shell_words(words)),
            output: output.iter().map(|entry| copy_built(entry, target)).collect(),
            modules: !standalone && web.is_none(),
            package_copy: (!everything)
                .then(|| copy_files(build, [&package].into_iter()).pop())
                .flatten(),
            static_site: web.is_some(),
            early_args: early.iter().any(|stage| build.snippets.contains_key(stage)),
            node_entrypoint: development_entrypoint(build, "/app", &FILL_VOLUME),
            production_image: shell_word(&production_image(build)),
            configuration: shell_word(&in_context(&names.configuration)),
            resolver: web
                .as_ref()
                .filter(|web| !web.routes.is_empty())
                .map(|_| shell_word(&in_context(&names.resolver))),
            common,
        }
    }
}

/// Fills the volume over `node_modules` with the packages of the image, and gives them to the
/// developer, whenever the image has others than it. The engines fill a volume only once, so that
/// a rebuilt image would go on with yesterday's packages.
const FILL_VOLUME: [&str; 9] = [
    "if mountpoint -q /app/node_modules; then",
    "  exec 9</app/node_modules && flock 9 || exit 1;",
    "  cmp -s /opt/node_modules.sum /app/node_modules/.image.sum || {",
    "    find /app/node_modules -mindepth 1 -delete &&",
    "    cp -a /opt/node_modules/. /app/node_modules/ &&",
    "    chown -R \"$owner\" /app/node_modules &&",
    "    cp /opt/node_modules.sum /app/node_modules/.image.sum; } || exit 1;",
    "  exec 9<&-;",
    "fi;",
];

/// The words after `COPY --from=build` for a part of the output.
fn copy_built(entry: &BuiltPath, target: &str) -> Printable {
    let from =
        if entry.from.is_root() { "/app".to_owned() } else { format!("/app/{}", entry.from) };
    if entry.to.is_root() {
        // A folder's contents, or a file.
        return composed(format!("{from} {target}/"));
    }
    composed(format!("{from} {target}/{}", entry.to))
}

/// The base image: its exact version, on Debian 13 or the newest Alpine of the table.
fn base_image(build: &Build) -> String {
    let suite = if build.base == Base::Alpine { "alpine3.24" } else { "trixie-slim" };
    format!("docker.io/library/node:{}-{suite}", build.version)
}

fn production_image(build: &Build) -> String {
    match (&build.settings, build.base) {
        (StackSettings::Node { web: Some(_), .. }, Base::Alpine) => format!("{NGINX}-alpine3.24"),
        (StackSettings::Node { web: Some(_), .. }, _) => format!("{NGINX}-trixie"),
        _ => format!("gcr.io/distroless/nodejs{}-debian13:nonroot", major(&build.version)),
    }
}

/// The files of the web server, named like the Dockerfile: `nginx.NAME.conf` beside
/// `Dockerfile.NAME`.
struct WebNames {
    configuration: RelativePath,
    resolver: RelativePath,
}

impl WebNames {
    fn new(build: &Build) -> Self {
        let name = build.dockerfile.as_str().rsplit('/').next().unwrap_or_default();
        let part = name.strip_prefix("Dockerfile").unwrap_or_default();
        Self {
            configuration: RelativePath::root().file(&format!("nginx{part}.conf")),
            resolver: RelativePath::root().file(&format!("nginx-resolver{part}.sh")),
        }
    }
}

#[derive(Serialize)]
struct WebView {
    service: Printable,
    port: u16,
    routes: Vec<RouteView>,
}

#[derive(Serialize)]
struct RouteView {
    path: Printable,
    target: Printable,
    /// What the location matches: the path itself, and all below it.
    pattern: Printable,
    upstream: Printable,
}

impl WebView {
    fn new(service: &crate::project::Service, web: &Web) -> Self {
        Self {
            service: comment(&service.name),
            port: web.port,
            routes: web
                .routes
                .iter()
                .map(|(path, host, port)| RouteView::new(path, host, *port))
                .collect(),
        }
    }
}

impl RouteView {
    fn new(path: &str, host: &str, port: u16) -> Self {
        let end = if path.ends_with('/') { "" } else { "(/|$)" };
        Self {
            path: comment(path),
            target: comment(host),
            pattern: composed(json_string(&format!("^{}{end}", escape(path)))),
            upstream: composed(format!("http://{host}:{port}")),
        }
    }
}

/// A text as a regular expression that matches it alone.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        if !character.is_alphanumeric() && !"/_-".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compile::{CompileError, compile};
    use crate::diagnostic::Report;
    use crate::document::Document;
    use crate::tree::MemoryTree;

    #[test]
    fn outputs_keep_their_place_unless_told_otherwise() {
        let entry = |text, fixed| {
            output(text, fixed).map(|entry| (entry.from.to_string(), entry.to.to_string()))
        };
        let pair = |from: &str, to: &str| Some((from.to_owned(), to.to_owned()));
        assert_eq!(entry("dist", false), pair("dist", "dist"));
        assert_eq!(entry("dist", true), pair("dist", "."));
        assert_eq!(entry(".next/standalone:.", false), pair(".next/standalone", "."));
        assert_eq!(entry("dist:app", true), pair("dist", "app"));
        assert_eq!(entry("../dist", false), None);
        assert_eq!(entry("a:b:c", false), None);
    }

    #[test]
    fn knows_the_later_yarns() {
        assert!(is_berry("yarn", "4.18.1") && is_berry("yarn", "2"));
        assert!(!is_berry("yarn", "1.22.22") && !is_berry("pnpm", "10.34.9"));
    }

    #[test]
    fn patterns_match_one_path() {
        let view = RouteView::new("/api.v1", "backend", 8000);
        assert_eq!(view.pattern.as_str(), r#""^/api\\.v1(/|$)""#);
        assert_eq!(view.upstream.as_str(), "http://backend:8000");
        assert_eq!(RouteView::new("/ws/", "b", 1).pattern.as_str(), r#""^/ws/""#);
    }

    fn compiled(services: &str, files: &[(&str, &str)]) -> Result<Vec<(String, String)>, String> {
        let manifest = format!("version: 1\nname: shop\nservices:\n{services}");
        let document = Document::parse("gen.yaml", manifest.as_bytes());
        let document = document.map_err(|report| report.render(false))?;
        let mut tree: MemoryTree = files.iter().copied().collect();
        for folder in files.iter().filter_map(|(path, _)| path.strip_suffix("package.json")) {
            for lock in ["package-lock.json", "pnpm-lock.yaml"] {
                let path = RelativePath::new(&format!("{folder}{lock}")).expect("a path");
                tree = tree.with(path, "");
            }
        }
        match compile(&document, &tree) {
            Ok(compilation) => {
                let warnings = Report::new(document, compilation.warnings).render(false);
                let files = compilation.files.into_iter().map(|f| (f.path.to_string(), f.text));
                Ok(files.chain([("warnings".to_owned(), warnings)]).collect())
            }
            Err(CompileError::Invalid(problems)) => {
                Err(Report::new(document, problems).render(false))
            }
            Err(CompileError::Fault(fault)) => Err(fault),
        }
    }

    fn file<'a>(files: &'a [(String, String)], path: &str) -> &'a str {
        files.iter().find(|(name, _)| name == path).map_or("", |(_, text)| text)
    }

    const BUILT: &str = r#"{"scripts": {"build": "tsc", "dev": "tsx watch src/main.ts"}}"#;
    const PLAIN: &str = r#"{"dependencies": {}}"#;

    #[test]
    fn installs_before_the_code_is_there() {
        let service = "  api: {stack: node, command: [node, dist/main.js], port: 3000}\n";
        let files = compiled(service, &[("package.json", BUILT)]).expect("is right");
        let dockerfile = file(&files, "Dockerfile");
        let place = |text: &str| dockerfile.find(text).expect(text);
        assert!(place("npm ci") < place("COPY . ./"));
        assert!(dockerfile.contains("COPY --from=build /app/dist ./dist"));
        assert!(dockerfile.contains("USER 10001:10001"));
        assert!(file(&files, ".dockerignore").contains("\ndist\n"));
        let development = file(&files, "docker-compose.dev.yml");
        assert!(development.contains("- api-node-modules:/app/node_modules"));
        assert!(!development.contains("healthcheck"));
    }

    #[test]
    fn a_site_has_a_health_check_for_each_of_its_images() {
        let service = "  site: {stack: node, port: 5173, routes: {/api: api}}\n  \
                       api: {stack: node, path: api, port: 3000, command: node main.js, \
                       node: {build_script: false}}\n";
        let tree = [("package.json", BUILT), ("api/package.json", PLAIN)];
        let files = compiled(service, &tree).expect("is right");
        assert!(file(&files, "docker-compose.yml").contains("curl --fail"));
        let development = file(&files, "docker-compose.dev.yml");
        assert!(
            development.contains("test: >-\n        node --eval \"setTimeout"),
            "{development}"
        );
        let configuration = file(&files, "nginx.conf");
        assert!(configuration.contains("location ~ \"^/api(/|$)\""));
        assert!(configuration.contains("http://api:3000;"));
        assert!(file(&files, "Dockerfile").contains("15-resolver.sh"));
        assert!(file(&files, "nginx-resolver.sh").contains("/tmp/resolver.conf"));
        assert!(file(&files, "api/Dockerfile").contains(r#"CMD ["node", "--watch", "main.js"]"#));
        assert!(!file(&files, "api/Dockerfile").contains("FROM dependencies AS build"));
    }

    #[test]
    fn tells_what_cannot_work() {
        let built = [("package.json", BUILT)];
        for (service, tree, expected) in [
            ("stack: node, node: {serve: server}", &built[..], "missing-command"),
            ("stack: node", &built[..], "missing-key"),
            ("stack: node, port: 1, node: {build_script: false}", &built[..], "missing-command"),
            ("stack: node, port: 1, base: distroless", &built[..], "unsupported-base"),
            ("stack: node, command: npm start, base: distroless", &built[..], "unsupported-base"),
            (
                "stack: node, command: node x, base: distroless, version: 20",
                &built[..],
                "unsupported-base",
            ),
            ("stack: node, command: node x, routes: {/: a}", &built[..], "not-applicable"),
            ("stack: node, port: 1, routes: {/: a}", &built[..], "bad-value"),
            ("stack: node, command: node x, node: {output: [../x]}", &built[..], "bad-path"),
            ("stack: node, command: node x", &[][..], "missing-file"),
            ("stack: node, command: node x", &[("package.json", PLAIN)][..], "no script `build`"),
            (
                "stack: node, command: node x, node: {build_script: false}, \
                 build: {snippets: {build: [RUN true]}}",
                &built[..],
                "not-applicable",
            ),
        ] {
            let report = compiled(&format!("  a: {{{service}}}\n"), tree).expect_err(service);
            assert!(report.contains(expected), "{service}: {report}");
        }
    }

    #[test]
    fn warns_of_what_differs() {
        let package = r#"{"packageManager": "pnpm@10.1.0", "scripts": {"build": "x", "dev": "x"}}"#;
        let tree = [("package.json", package), (".npmrc", "x=y"), (".yarnrc.yml", "")];
        let service = "  a: {stack: node, manager: pnpm, command: node dist/a.js, dev: {debug_port: 9229}}\n  \
                       b: {extends: a, command: node dist/b.js}\n";
        let files = compiled(service, &tree).expect("is right");
        let warnings = file(&files, "warnings");
        for expected in
            ["wants pnpm@10.1.0", "`.npmrc` is there", "port 9229", "`dist/b.js` is built"]
        {
            assert!(warnings.contains(expected), "{expected}: {warnings}");
        }
        assert!(!warnings.contains(".yarnrc.yml"));
    }
}
