//! Names of services: under `depends_on` and `routes`.

use std::collections::BTreeSet;

use super::{Rules, at, plan};
use crate::diagnostic::suggest::nearest;
use crate::diagnostic::{Code, Diagnostic, Location, word};
use crate::manifest::{ConditionName, DependsOn, Service};
use crate::pointer;
use crate::pointer::Pointer;

/// A service that another one waits for.
pub(super) struct Wait<'s> {
    /// Its name.
    pub(super) on: &'s str,
    /// Where it is named.
    pub(super) location: Location,
    /// How far it has to be, where the manifest says so.
    pub(super) condition: Option<ConditionName>,
}

/// The services that one waits for, as it says itself.
fn named<'s>(name: &str, depends_on: &'s DependsOn) -> Vec<Wait<'s>> {
    let above = at(name, "depends_on");
    match depends_on {
        DependsOn::Names(names) => names
            .iter()
            .enumerate()
            .map(|(index, on)| Wait {
                on,
                location: Location::value(above.join(index)),
                condition: None,
            })
            .collect(),
        DependsOn::Conditions(all) => all
            .iter()
            .map(|(on, condition)| Wait {
                on,
                location: Location::key(above.join(on)),
                condition: Some(condition.condition),
            })
            .collect(),
    }
}

/// All services that one waits for: those that it names, those of the service that it extends, and
/// those that it sends requests to.
pub(super) fn waits<'a>(rules: &Rules<'a>, name: &str, service: &'a Service) -> Vec<Wait<'a>> {
    let mut all = match (&service.depends_on, rules.origin(service)) {
        (Some(own), _) => named(name, own),
        (None, Some((origin_name, origin))) => {
            let inherited = origin.depends_on.iter().flat_map(|all| named(origin_name, all));
            inherited
                .map(|wait| Wait { location: Location::value(at(name, "extends")), ..wait })
                .collect()
        }
        (None, None) => Vec::new(),
    };
    for (path, on) in &service.routes {
        let location = Location::value(pointer!["services", name, "routes", path]);
        if on != name && all.iter().all(|wait| wait.on != on) {
            all.push(Wait { on, location, condition: None });
        }
    }
    all
}

pub(super) fn check(rules: &mut Rules<'_>) {
    for (name, service) in rules.services() {
        for wait in service.depends_on.iter().flat_map(|all| named(name, all)) {
            let place = wait.location;
            if wait.on == name {
                let title = format!("the service `{name}` waits for itself");
                let problem = Diagnostic::error(Code::DependencyCycle, place, title);
                rules.report(problem.help("remove it"));
            } else if !rules.manifest.services.contains_key(wait.on) {
                rules.report(unknown(rules, name, wait.on, place));
            }
        }
        routes(rules, name, service);
        profiles(rules, name, service);
    }
}

fn unknown(rules: &Rules<'_>, name: &str, wanted: &str, place: Location) -> Diagnostic {
    let problem = Diagnostic::error(
        Code::UnknownService,
        place.clone(),
        format!("there is no service {}", word(wanted)),
    );
    let others = || rules.services().map(|(other, _)| other).filter(|other| *other != name);
    if let Some(near) = nearest(wanted, others()) {
        return problem.help(format!("did you mean `{near}`?")).patch(place, near);
    }
    // A word for the kind of thing, where there is exactly one of it.
    let mut presets =
        rules.services().filter(|(_, service)| service.preset.as_deref() == Some(wanted));
    match (presets.next(), presets.next()) {
        (Some((service, _)), None) => problem
            .help(format!("the service with that preset is `{service}`"))
            .patch(place, service),
        _ => problem.help(format!("add it under `services`, or remove {}", word(wanted))),
    }
}

/// Requests are sent to services that listen.
fn routes(rules: &mut Rules<'_>, name: &str, service: &Service) {
    for (path, target) in &service.routes {
        let place = Location::value(pointer!["services", name, "routes", path]);
        let Some(other) = rules.manifest.services.get(target) else {
            rules.report(unknown(rules, name, target, place));
            continue;
        };
        if target == name {
            let title = format!("`{name}` sends requests to itself");
            let problem = Diagnostic::error(Code::UnknownService, place, title);
            rules.report(problem.help("name the service that answers them"));
        } else if other.port.is_none() && plan(target, other).is_none() {
            let title = format!("`{target}` has no `port` to send requests to");
            let problem = Diagnostic::error(Code::MissingKey, place, title);
            let cause = Location::key(pointer!["services", target]);
            rules.report(
                problem
                    .cause(cause, "this service")
                    .help(format!("add the `port` that `{target}` listens on")),
            );
        }
    }
}

/// A service that always starts cannot wait for one that does not.
fn profiles(rules: &mut Rules<'_>, name: &str, service: &Service) {
    for wait in waits(rules, name, service) {
        let Some(other) = rules.manifest.services.get(wait.on) else { continue };
        let started: BTreeSet<_> = other.profiles.iter().collect();
        let always = service.profiles.is_empty();
        let missing = service.profiles.iter().find(|profile| !started.contains(profile));
        if started.is_empty() || (!always && missing.is_none()) {
            continue;
        }
        let title = match missing {
            Some(profile) => {
                format!("`{}` does not start with the profile `{profile}` of `{name}`", wait.on)
            }
            None => format!("`{name}` always starts, and waits for `{}`, which does not", wait.on),
        };
        let cause: Pointer = at(wait.on, "profiles");
        let problem = Diagnostic::error(Code::InactiveDependency, wait.location, title)
            .cause(Location::key(cause), format!("`{}` starts only with these", wait.on));
        rules.report(match missing {
            Some(profile) => problem.help(format!("add `{profile}` to its `profiles`")),
            None => problem.help(format!(
                "give `{name}` the same `profiles`, or take those of `{}` away",
                wait.on
            )),
        });
    }
}
