//! Several containers of a service: none of them can have a port of the host to itself.

use std::collections::BTreeSet;

use super::dependency::waits;
use super::{Rules, at};
use crate::diagnostic::{Code, Diagnostic, Location};
use crate::manifest::{Publish, Service};
use crate::pointer;

pub(super) fn check(rules: &mut Rules<'_>) {
    let mut reached = BTreeSet::new();
    for (name, service) in rules.services() {
        reached.extend(waits(rules, name, service).into_iter().map(|wait| wait.on));
    }
    for (name, service) in rules.services() {
        let replicas = service.prod.as_ref().and_then(|prod| prod.replicas).unwrap_or(1);
        if replicas < 2 {
            continue;
        }
        let place = Location::value(pointer!["services", name, "prod", "replicas"]);
        if let Some(published) = published(name, service) {
            let title =
                format!("{replicas} containers of `{name}` cannot share a port of the host");
            rules.report(
                Diagnostic::error(Code::ReplicasNeedFront, place, title)
                    .cause(published, "it is published here")
                    .help(format!(
                        "publish a front instead: a service with `preset: caddy` and `routes: {{/: \
                         {name}}}`"
                    )),
            );
        } else if service.port.is_some() && !reached.contains(name) {
            let title = format!("nothing sends requests to the {replicas} containers of `{name}`");
            rules.report(
                Diagnostic::warning(Code::ReplicasNeedFront, place, title)
                    .label("production does not publish its port then")
                    .help(format!(
                        "add a front: a service with `preset: caddy` and `routes: {{/: {name}}}`"
                    )),
            );
        }
    }
}

/// Where a service says that production publishes a port.
fn published(name: &str, service: &Service) -> Option<Location> {
    let says = |publish: Publish| !matches!(publish, Publish::Whether(false));
    let production = service.prod.as_ref().and_then(|prod| prod.publish);
    if production.is_some_and(says) {
        return Some(Location::value(pointer!["services", name, "prod", "publish"]));
    }
    if production.is_none() && service.publish.is_some_and(says) {
        return Some(Location::value(at(name, "publish")));
    }
    (!service.ports.is_empty()).then(|| Location::key(at(name, "ports")))
}
