//! What only Node services can have wrong.

use serde_json::Value;

use super::{
    DISTROLESS, Node, STATIC_PORT, build_command, build_script, development_command, is_berry,
    is_static, major, output,
};
use crate::diagnostic::{Code, Diagnostic, Location};
use crate::manifest::{Base, Command, Development, Service, SnippetStage};
use crate::path::RelativePath;
use crate::pointer;
use crate::pointer::Pointer;
use crate::project::{BuiltPath, StackSettings};
use crate::stack::{Stack, manager};
use crate::validate::Rules;

pub(super) fn problems(
    rules: &Rules<'_>,
    stack: &Node,
    name: &str,
    service: &Service,
) -> Vec<Diagnostic> {
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
