//! Secrets are declared before they are used, and used once they are declared.

use std::collections::BTreeSet;

use super::{Rules, at, environments, plan};
use crate::diagnostic::suggest::nearest;
use crate::diagnostic::{Code, Diagnostic, Location, word};
use crate::manifest::{EnvironmentValue, Service};
use crate::pointer;
use crate::preset;

/// Where services find their secrets.
const FOLDER: &str = "/run/secrets/";

pub(super) fn check(rules: &mut Rules<'_>) {
    let of_presets: BTreeSet<String> = rules
        .services()
        .filter(|(name, service)| plan(name, service).is_some_and(|plan| plan.secret.is_some()))
        .map(|(name, _)| preset::secret_name(name))
        .collect();
    let mut used: BTreeSet<&str> = of_presets.iter().map(String::as_str).collect();
    for (name, service) in rules.services() {
        for (index, secret) in service.secrets.iter().enumerate() {
            used.insert(secret);
            if rules.manifest.secrets.contains_key(secret) || of_presets.contains(secret) {
                continue;
            }
            let place = Location::value(at(name, "secrets").join(index));
            rules.report(undeclared(rules, secret, place, &of_presets));
        }
        used.extend(
            service.build.iter().flat_map(|build| build.secrets.keys().map(String::as_str)),
        );
        unlisted(rules, name, service);
    }
    for secret in rules.manifest.secrets.keys().filter(|name| !used.contains(name.as_str())) {
        let place = Location::key(pointer!["secrets", secret]);
        let title = format!("no service reads the secret `{secret}`");
        let problem = Diagnostic::warning(Code::UnusedDeclaration, place, title);
        rules.report(
            problem.help(format!(
                "add `secrets: [{secret}]` to the service that reads it, or remove it"
            )),
        );
    }
}

fn undeclared(
    rules: &Rules<'_>,
    secret: &str,
    place: Location,
    of_presets: &BTreeSet<String>,
) -> Diagnostic {
    let title = format!("the secret {} is not declared", word(secret));
    let problem = Diagnostic::error(Code::UndeclaredSecret, place.clone(), title);
    let known = rules.manifest.secrets.keys().chain(of_presets).map(String::as_str);
    match nearest(secret, known) {
        Some(near) => problem.help(format!("did you mean `{near}`?")).patch(place, near),
        None => problem.help(format!(
            "declare it at the top of the manifest: `secrets: {{{secret}: {{}}}}`; its value goes \
             to the file `secrets/{secret}`"
        )),
    }
}

/// A value names a secret's file, but the service has no such secret.
fn unlisted(rules: &mut Rules<'_>, name: &str, service: &Service) {
    let inherited = rules.origin(service).filter(|_| service.secrets.is_empty());
    let listed = inherited.map_or(&service.secrets, |(_, origin)| &origin.secrets);
    let own = plan(name, service).and_then(|plan| plan.secret).map(|_| preset::secret_name(name));
    for (at, environment) in environments(name, service) {
        for (key, value) in environment {
            let EnvironmentValue::Text(text) = value else { continue };
            let Some(secret) = text.0.strip_prefix(FOLDER) else { continue };
            let known = listed.iter().any(|listed| listed == secret);
            if known || secret.is_empty() || own.as_deref() == Some(secret) {
                continue;
            }
            let range = FOLDER.len()..text.0.len();
            let title = format!("the service `{name}` does not list the secret {}", word(secret));
            let place = Location::within(at.join(key), range);
            let problem = Diagnostic::error(Code::UndeclaredSecret, place.clone(), title)
                .label("there will be no such file");
            let declared = rules.manifest.secrets.contains_key(secret);
            let near = nearest(secret, listed.iter().map(String::as_str));
            rules.report(match near.filter(|_| !declared) {
                Some(near) => problem.help(format!("did you mean `{near}`?")).patch(place, near),
                None => problem.help(format!("add it to the `secrets` of `{name}`")),
            });
        }
    }
}
