//! Health checks: one way to ask, and somebody who can answer.

use super::kind::Kind;
use super::{Rules, at};
use crate::diagnostic::{Code, Diagnostic, Location};
use crate::manifest::{Healthcheck, Service};
use crate::pointer;
use crate::stack;

/// The ways to ask that a health check names.
fn ways(health: &Healthcheck) -> Vec<&'static str> {
    let ways = [
        ("http", health.http.is_some()),
        ("tcp", health.tcp == Some(true)),
        ("grpc", health.grpc == Some(true)),
        ("command", health.command.is_some()),
        ("disable", health.disable == Some(true)),
    ];
    ways.into_iter().filter(|(_, named)| *named).map(|(way, _)| way).collect()
}

pub(super) fn check(rules: &mut Rules<'_>, name: &str, service: &Service, kind: Kind) {
    let Some(health) = &service.healthcheck else { return };
    let at = |key: &str| Location::key(pointer!["services", name, "healthcheck", key]);
    let ways = ways(health);
    if let [first, second, ..] = ways[..] {
        let problem = Diagnostic::error(
            Code::BadHealthcheck,
            at(second),
            format!("the health check has both `{first}` and `{second}`"),
        );
        rules.report(problem.cause(at(first), "the other way to ask").help("keep one of them"));
        return;
    }
    let probe = ways.first().copied().filter(|way| !matches!(*way, "command" | "disable"));
    let Some(way) = probe else {
        if ways.is_empty() && kind == Kind::Image {
            let place = Location::key(super::at(name, "healthcheck"));
            let title = "the health check does not say how it asks";
            let problem = Diagnostic::error(Code::BadHealthcheck, place, title);
            rules.report(problem.help(
                "add a `command` that the image has; nothing else is known of it to ask with",
            ));
        }
        return;
    };
    let problem = |title: String| Diagnostic::error(Code::BadHealthcheck, at(way), title);
    let asks_with_stack = match kind {
        Kind::Preset => {
            let preset = service.preset.as_deref().unwrap_or_default();
            let title = format!("`{preset}` has a health check of its own, `{way}` is not asked");
            rules.report(problem(title).help("remove it, or write a `command` of your own"));
            return;
        }
        Kind::Image => false,
        Kind::Stack => true,
        Kind::Dockerfile => service.stack.is_some(),
        Kind::Extends => rules.origin(service).is_none_or(|(_, origin)| origin.stack.is_some()),
    };
    if !asks_with_stack {
        let help = if kind == Kind::Image {
            "write a `command` that the image has"
        } else {
            "write a `command`, or name the `stack`, whose runtime can ask"
        };
        let title = format!("nothing is known of the image that could ask by `{way}`");
        rules.report(problem(title).help(help));
        return;
    }
    let origin = rules.origin(service).map_or(service, |(_, origin)| origin);
    let stack = origin.stack.and_then(stack::find);
    if let Some(stack) = stack.filter(|stack| way == "grpc" && !stack.asks_by_grpc()) {
        let title = format!(
            "the images of the stack `{}` have nothing that asks by `grpc`",
            stack::word(stack.name())
        );
        let help = "ask by `tcp` whether the port answers, or write a `command`";
        rules.report(problem(title).help(help));
        return;
    }
    if service.port.is_none() {
        let title = format!("the health check asks by `{way}`, but the service has no `port`");
        let help = "add the `port` that the program listens on, or write a `command`";
        rules.report(problem(title).help(help));
    }
}

/// Whether a service has a health check, written or not.
pub(super) fn has(rules: &Rules<'_>, service: &Service) -> bool {
    let health = service.healthcheck.clone().unwrap_or_default();
    if health.disable == Some(true) {
        return false;
    }
    let origin = rules.origin(service).map_or(service, |(_, origin)| origin);
    health.command.is_some()
        || service.preset.is_some()
        || (origin.stack.is_some() && service.port.is_some())
}

/// Why a service has none.
pub(super) fn absence(name: &str, service: &Service) -> (Location, &'static str) {
    let disabled = service.healthcheck.as_ref().is_some_and(|h| h.disable == Some(true));
    if disabled {
        let place = pointer!["services", name, "healthcheck", "disable"];
        (Location::value(place), "its health check is switched off")
    } else if service.healthcheck.is_some() {
        (Location::key(at(name, "healthcheck")), "this does not say how to ask")
    } else {
        (Location::key(pointer!["services", name]), "it has no health check")
    }
}
