//! Keys that have no effect for the kind of service that they are written in.

use super::kind::Kind;
use super::{Rules, at, plan};
use crate::diagnostic::{Code, Diagnostic, Location};
use crate::manifest::{Publish, Service, StackName};
use crate::pointer;
use crate::pointer::Pointer;
use crate::stack;

/// Presets that send requests on to other services.
pub(super) const FRONTS: [&str; 2] = ["caddy", "nginx"];

pub(super) fn check(rules: &mut Rules<'_>, name: &str, service: &Service, kind: Kind) {
    for key in written(service) {
        if let Some((reason, help)) = useless(kind, service, key) {
            report(rules, at(name, key), key, &reason, help);
        }
    }
    build(rules, name, service, kind);
    sections(rules, name, service, kind);
    routes(rules, name, service, kind);
    publish(rules, name, service, kind);
    development(rules, name, service, kind);
}

fn report(rules: &mut Rules<'_>, at: Pointer, key: &str, reason: &str, help: &str) {
    let problem = Diagnostic::error(
        Code::NotApplicable,
        Location::key(at),
        format!("`{key}` has no effect here: {reason}"),
    );
    rules.report(problem.help(help));
}

/// The keys of a service that some kinds have no use for.
fn written(service: &Service) -> Vec<&'static str> {
    let keys = [
        ("version", service.version.is_some()),
        ("manager", service.manager.is_some()),
        ("path", service.path.is_some()),
        ("base", service.base.is_some()),
        ("digest", service.digest.is_some()),
        ("packages", service.packages.is_some()),
        ("source", service.source.is_some()),
        ("assets", !service.assets.is_empty()),
        ("migrate", service.migrate.is_some()),
        ("build", service.build.is_some()),
        ("labels", !service.labels.is_empty()),
    ];
    keys.into_iter().filter(|(_, written)| *written).map(|(key, _)| key).collect()
}

/// Why a key has no effect, and what to do.
fn useless(kind: Kind, service: &Service, key: &str) -> Option<(String, &'static str)> {
    let reason = match kind {
        Kind::Stack => return None,
        Kind::Dockerfile => {
            let help = match key {
                "manager" if service.stack.is_some() => return None,
                "manager" => "name the `stack` as well, or remove it",
                "version" | "base" | "digest" => "write it in the `FROM` lines of the Dockerfile",
                "packages" | "assets" => "install or fetch them in the Dockerfile",
                "labels" => "write `LABEL` lines into the Dockerfile",
                _ => return None,
            };
            return Some(("the Dockerfile is your own".into(), help));
        }
        Kind::Preset if matches!(key, "version" | "digest") => return None,
        Kind::Image if key == "digest" => return None,
        Kind::Extends if key == "migrate" => return None,
        Kind::Preset => "a preset is ready-made, nothing is built".into(),
        Kind::Image => "the image is ready-made, nothing is built".into(),
        Kind::Extends => {
            let other = service.extends.as_deref().unwrap_or_default();
            format!("the service runs the image of `{other}`")
        }
    };
    let help = match (kind, key) {
        (Kind::Image, "version") => "write the version into the tag of `image`",
        (Kind::Preset | Kind::Image, "migrate") => "move it to the service whose program migrates",
        (Kind::Extends, _) => "move it there, or give this service a `stack` of its own",
        _ => "remove it",
    };
    Some((reason, help))
}

/// What only a generated Dockerfile can take up.
fn build(rules: &mut Rules<'_>, name: &str, service: &Service, kind: Kind) {
    let Some(build) = service.build.as_ref().filter(|_| kind == Kind::Dockerfile) else { return };
    let keys = [
        ("args", !build.args.is_empty(), "write `ARG NAME=value` into the Dockerfile"),
        ("files", !build.files.is_empty(), "write a `COPY` line into the Dockerfile"),
        ("command", build.command.is_some(), "write it as a `RUN` line into the Dockerfile"),
        ("snippets", !build.snippets.is_empty(), "write the lines into the Dockerfile"),
    ];
    for (key, _, help) in keys.into_iter().filter(|(_, written, _)| *written) {
        let at = pointer!["services", name, "build", key];
        report(rules, at, key, "the Dockerfile is your own", help);
    }
}

/// `python`, `node` and `go` belong to services of their stack.
fn sections(rules: &mut Rules<'_>, name: &str, service: &Service, kind: Kind) {
    let sections = [
        ("python", StackName::Python, service.python.is_some()),
        ("node", StackName::Node, service.node.is_some()),
        ("go", StackName::Go, service.go.is_some()),
    ];
    for (key, stack, written) in sections {
        if !written || service.stack == Some(stack) {
            continue;
        }
        let (reason, help) = match service.stack {
            Some(other) => {
                (format!("the stack is `{}`", stack::word(other)), "remove it, or mend `stack`")
            }
            None if kind == Kind::Extends => {
                let other = service.extends.as_deref().unwrap_or_default();
                (format!("the service runs the image of `{other}`"), "move it there")
            }
            None if kind == Kind::Dockerfile => {
                ("the service has no `stack`".to_owned(), "remove it, or name the `stack`")
            }
            None => ("nothing is built for the service".to_owned(), "remove it"),
        };
        report(rules, at(name, key), key, &reason, help);
    }
    python(rules, name, service);
}

/// Some keys of `python` belong to some managers.
fn python(rules: &mut Rules<'_>, name: &str, service: &Service) {
    let Some(python) = service.python.as_ref() else { return };
    let Some(stack) = service.stack.filter(|name| *name == StackName::Python) else { return };
    let Some(stack) = stack::find(stack) else { return };
    let manager = stack::manager(stack, service).0;
    let keys = [
        ("requirements", python.requirements.is_some(), true),
        ("dev_requirements", !python.dev_requirements.is_empty(), true),
        ("groups", !python.groups.is_empty(), false),
        ("dev_groups", python.dev_groups.is_some(), false),
        ("extras", !python.extras.is_empty(), false),
    ];
    for (key, written, of_pip) in keys {
        if !written || of_pip == (manager == "pip") {
            continue;
        }
        let (reason, help) = if of_pip {
            let reason = format!("`{manager}` installs from its lock file");
            (reason, "remove it, or set `manager: pip`")
        } else {
            (
                "`pip` installs from requirements files".to_owned(),
                "name `poetry` or `uv` as `manager`",
            )
        };
        report(rules, pointer!["services", name, "python", key], key, &reason, help);
    }
}

/// Only a front and a site of static files pass requests on. Node's stack judges its own services.
fn routes(rules: &mut Rules<'_>, name: &str, service: &Service, kind: Kind) {
    let front = service.preset.as_deref().is_some_and(|preset| FRONTS.contains(&preset));
    let node = kind == Kind::Stack && service.stack == Some(StackName::Node);
    if service.routes.is_empty() || front || node {
        return;
    }
    report(
        rules,
        at(name, "routes"),
        "routes",
        "the service is no front and no site of static files",
        "give these `routes` to a service with `preset: caddy`",
    );
}

/// What is published is `port`; a preset has one of its own.
fn publish(rules: &mut Rules<'_>, name: &str, service: &Service, kind: Kind) {
    if service.port.is_some() || kind == Kind::Preset {
        return;
    }
    let own = (at(name, "publish"), service.publish);
    let production = pointer!["services", name, "prod", "publish"];
    let production = (production, service.prod.as_ref().and_then(|prod| prod.publish));
    for (at, written) in [own, production] {
        if matches!(written, Some(Publish::Port(_) | Publish::Whether(true))) {
            let help = "add the `port` that the program listens on";
            report(rules, at, "publish", "the service has no `port`", help);
        }
    }
}

/// Nothing is reloaded or debugged in an image that is not built here, and data has one server.
fn development(rules: &mut Rules<'_>, name: &str, service: &Service, kind: Kind) {
    if matches!(kind, Kind::Preset | Kind::Image) {
        let development = service.dev.clone().unwrap_or_default();
        let keys = [
            ("reload", development.reload.is_some()),
            ("debug_port", development.debug_port.is_some()),
        ];
        for (key, _) in keys.into_iter().filter(|(_, written)| *written) {
            let at = pointer!["services", name, "dev", key];
            report(rules, at, key, "the image is ready-made, its source is not here", "remove it");
        }
    }
    let replicas = service.prod.as_ref().and_then(|prod| prod.replicas).unwrap_or(1);
    if replicas > 1 && plan(name, service).is_some_and(|plan| plan.data.is_some()) {
        let preset = service.preset.as_deref().unwrap_or_default();
        let problem = Diagnostic::error(
            Code::NotApplicable,
            Location::value(pointer!["services", name, "prod", "replicas"]),
            format!("several containers of `{preset}` would write to the same data"),
        );
        rules.report(problem.help("remove it; a cluster is set up outside of this manifest"));
    }
}
