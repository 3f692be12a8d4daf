//! Conditions that are never met.

use super::dependency::waits;
use super::{Rules, health};
use crate::diagnostic::{Code, Diagnostic, Location};
use crate::manifest::{ConditionName, Restart, Service};
use crate::pointer;

pub(super) fn check(rules: &mut Rules<'_>) {
    for (name, service) in rules.services() {
        for wait in waits(rules, name, service) {
            let Some(other) = rules.manifest.services.get(wait.on) else { continue };
            let place = match &service.depends_on {
                Some(_) => {
                    let pointer = wait.location.pointer.join("condition");
                    Location::value(pointer)
                }
                None => wait.location,
            };
            let on = wait.on;
            match wait.condition {
                Some(ConditionName::ServiceHealthy) if !health::has(rules, other) => {
                    let title =
                        format!("`{name}` waits for `{on}` to be healthy, which it never is");
                    let (cause, why) = health::absence(on, other);
                    let problem = Diagnostic::error(Code::BadCondition, place.clone(), title)
                        .cause(cause, why)
                        .help("give it a health check, or wait for `service_started`");
                    rules.report(match &service.depends_on {
                        Some(_) => problem.patch(place, "service_started"),
                        None => problem,
                    });
                }
                Some(ConditionName::ServiceCompletedSuccessfully) if !ends(other) => {
                    let title = format!("`{name}` waits for `{on}` to end, which it never does");
                    let (cause, why) = stays(on, other);
                    rules.report(
                        Diagnostic::error(Code::BadCondition, place, title).cause(cause, why).help(
                            "wait for `service_healthy`; or set `prod: {restart: on-failure}` where \
                             the program does its work and ends; `migrate` runs a command before \
                             its service",
                        ),
                    );
                }
                _ => {}
            }
        }
    }
}

fn restart(service: &Service) -> Option<Restart> {
    service.prod.as_ref()?.restart
}

/// Whether a service does its work and ends.
fn ends(service: &Service) -> bool {
    service.preset.is_none()
        && service.port.is_none()
        && matches!(restart(service), Some(Restart::No | Restart::OnFailure))
}

/// Why a service does not end.
fn stays(name: &str, service: &Service) -> (Location, &'static str) {
    let at = |key: &str| pointer!["services", name, key];
    if service.preset.is_some() {
        (Location::value(at("preset")), "a backing service runs on")
    } else if service.port.is_some() {
        (Location::value(at("port")), "it listens on a port")
    } else if restart(service).is_some() {
        let pointer = pointer!["services", name, "prod", "restart"];
        (Location::value(pointer), "it is started again when it ends")
    } else {
        (Location::key(pointer!["services", name]), "it is started again when it ends")
    }
}
