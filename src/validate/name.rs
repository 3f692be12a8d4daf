//! Names that are taken, or that the engines do not take.

use super::{Rules, at, character};
use crate::diagnostic::{Code, Diagnostic, Location, word};
use crate::pointer;

/// Names under which a container already reaches something else.
const HOSTS: [&str; 2] = ["localhost", "host-gateway"];

pub(super) fn check(rules: &mut Rules<'_>) {
    for (name, service) in rules.services() {
        let place = Location::key(pointer!["services", name]);
        if HOSTS.contains(&name) {
            let title = format!("`{name}` means something else to every container");
            let problem = Diagnostic::error(Code::ReservedName, place.clone(), title);
            rules.report(problem.help("choose another name"));
        }
        let owner = name.strip_suffix("-migrate");
        let owner = owner.and_then(|owner| rules.manifest.services.get_key_value(owner));
        if let Some((owner, _)) = owner.filter(|(_, service)| service.migrate.is_some()) {
            let title = format!("`{name}` is the service that migrates for `{owner}`");
            let cause = Location::key(at(owner, "migrate"));
            rules.report(
                Diagnostic::error(Code::ReservedName, place, title)
                    .cause(cause, "it is made of this")
                    .help("choose another name"),
            );
        }
        for (index, profile) in service.profiles.iter().enumerate() {
            let allowed = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
            let begins = profile.starts_with(|c: char| c.is_ascii_alphanumeric());
            let told = profile.chars().any(character::is_bad);
            if told || (begins && profile.chars().all(allowed)) {
                continue;
            }
            let place = Location::value(at(name, "profiles").join(index));
            let title = format!("{} is no name of a profile", word(profile));
            rules.report(
                Diagnostic::error(Code::BadName, place, title).help(
                    "use letters, digits, `_`, `.` and `-`, beginning with a letter or digit",
                ),
            );
        }
    }
    for secret in rules.manifest.secrets.keys().filter(|name| name.contains("..")) {
        let place = Location::key(pointer!["secrets", secret]);
        let title = format!("`{secret}` cannot be the name of a secret's file");
        let problem = Diagnostic::error(Code::ReservedName, place, title);
        rules.report(problem.help("leave the `..` out"));
    }
}
