//! Node: npm, pnpm, Yarn. Production runs a server, or is a web server with the built files.

mod rules;
mod view;
mod web;

use super::{DevelopmentFacts, ManagerFacts, Probe, Stack, manager, shell_wait, wait_with};
use crate::manifest::{Base, BuildScript, Manifest, NodeServe, Service, StackName};
use crate::path::RelativePath;
use crate::preset::container_path;
use crate::project::{Build, BuiltPath, HealthTest, Mount, Project, StackSettings, Storage, Web};
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
const WAIT: &str = r#"const { spawn } = require("child_process");
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
  if (!attempts) { console.error(address + " does not answer"); process.exit(1); }
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
        for problem in rules::problems(rules, self, name, service) {
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
        wait_with(&["node", "--eval", WAIT, "--"], awaited)
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
        let view = view::View::new(project, service, build);
        let template =
            if web.is_some() { "dockerfile/node-static.j2" } else { "dockerfile/node.j2" };
        let mut files = vec![(build.dockerfile.clone(), render::template(template, &view)?)];
        if let Some(web) = web {
            let folder = build.context.join(&build.folder);
            let names = web::Names::new(build);
            let view = web::View::new(service, web);
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

/// The first part of a version.
fn major(version: &str) -> &str {
    version.split('.').next().unwrap_or(version)
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
