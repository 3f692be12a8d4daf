//! Named volumes are shared on purpose only.

use std::collections::{BTreeMap, BTreeSet};

use super::{Rules, plan, volumes};
use crate::diagnostic::suggest::nearest;
use crate::diagnostic::{Code, Diagnostic, Location, word};
use crate::manifest::Service;
use crate::path::ContainerPath;
use crate::pointer;
use crate::project::Storage;
use crate::stack;

/// A named volume of a service.
struct Use<'a> {
    service: &'a str,
    /// Whose image runs: services of one image share their volumes.
    origin: &'a str,
    location: Location,
}

pub(super) fn check(rules: &mut Rules<'_>) {
    let mut uses: BTreeMap<String, Vec<Use<'_>>> = BTreeMap::new();
    for (name, service) in rules.services() {
        let origin = rules.origin(service).map_or(name, |(origin, _)| origin);
        for (above, mounts) in volumes(name, service) {
            for volume in mounts.keys().filter(|source| !source.contains(['.', '/', '~', '$'])) {
                let location = Location::key(above.join(volume));
                let found = Use { service: name, origin, location };
                uses.entry(volume.clone()).or_default().push(found);
            }
        }
        for volume in own(name, service) {
            let location = Location::key(pointer!["services", name]);
            uses.entry(volume).or_default().push(Use { service: name, origin, location });
        }
    }
    let declared = &rules.manifest.volumes;
    let mut problems = Vec::new();
    for (volume, uses) in &uses {
        if declared.contains_key(volume) {
            continue;
        }
        let Some(first) = uses.first() else { continue };
        let shared = uses.iter().find(|other| other.origin != first.origin);
        if let Some(second) = shared {
            problems.push(undeclared(volume, first, second));
        } else if !declared.is_empty() && first.location.pointer.segments().len() > 2 {
            let place = first.location.clone();
            let title = format!("the volume {} is not declared", word(volume));
            let problem = Diagnostic::error(Code::UndeclaredVolume, place.clone(), title);
            problems.push(match nearest(volume, declared.keys().map(String::as_str)) {
                Some(near) => problem.help(format!("did you mean `{near}`?")).patch(place, near),
                None => problem.help(format!(
                    "the manifest declares its volumes: add `{volume}: {{}}` to `volumes`"
                )),
            });
        }
    }
    for volume in declared.keys().filter(|volume| !uses.contains_key(*volume)) {
        let place = Location::key(pointer!["volumes", volume]);
        let title = format!("no service mounts the volume `{volume}`");
        let problem = Diagnostic::warning(Code::UnusedDeclaration, place, title);
        problems.push(problem.help(format!(
            "add `volumes: {{{volume}: /path}}` to the service that needs it, or remove it"
        )));
    }
    for problem in problems {
        rules.report(problem);
    }
}

fn undeclared(volume: &str, first: &Use<'_>, second: &Use<'_>) -> Diagnostic {
    // The place to mend is one that is written; a preset's own volume is not.
    let written = |found: &Use<'_>| found.location.pointer.segments().len() > 2;
    let (first, second) = if written(second) { (first, second) } else { (second, first) };
    let title =
        format!("`{}` and `{}` share a volume that is not declared", first.service, second.service);
    let help = if written(first) {
        format!(
            "declare it at the top of the manifest: `volumes: {{{volume}: {{}}}}`; or give one of \
             them another name"
        )
    } else {
        format!(
            "choose another name; to share it, declare it at the top of the manifest: `volumes: \
             {{{volume}: {{}}}}`"
        )
    };
    Diagnostic::error(Code::UndeclaredVolume, second.location.clone(), title)
        .cause(first.location.clone(), format!("`{}` has it, too", first.service))
        .help(help)
}

/// The volumes that are made for a service: a preset's data, the dependencies of development.
fn own(name: &str, service: &Service) -> Vec<String> {
    let mut all = Vec::new();
    if let Some((path, _)) = plan(name, service).and_then(|plan| plan.data) {
        let targets = service.volumes.values();
        let mut targets = targets.map(|target| target.trim_end_matches(":ro"));
        if !targets.any(|target| ContainerPath::new(target).is_ok_and(|p| p.as_str() == path)) {
            all.push(format!("{name}-data"));
        }
    }
    if let Some(stack) = service.stack.and_then(stack::find) {
        let mounts = stack.development(name, service, &[]).mounts;
        all.extend(mounts.into_iter().filter_map(|mount| match mount.storage {
            Storage::Volume(volume) => Some(volume),
            _ => None,
        }));
    }
    let unique: BTreeSet<_> = all.into_iter().collect();
    unique.into_iter().collect()
}
