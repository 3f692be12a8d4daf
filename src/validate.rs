//! Rules between the fields of a manifest, and between it and the project's folder. A rule names
//! places by pointer; only the diagnostic turns them into lines.
//!
//! One file for each family of rules. All of them are applied, so that a person sees every problem
//! at once; a rule that needs what another one has refused says nothing.

mod applicable;
mod character;
mod command;
mod condition;
mod cycle;
mod dependency;
mod distroless;
mod file;
mod health;
mod image;
mod kind;
mod literal;
mod mount;
mod name;
mod package;
mod path;
mod port;
mod replica;
mod secret;
mod snippet;
mod stack;
mod variable;
mod version;
mod volume;

use std::collections::BTreeMap;

use crate::diagnostic::{Diagnostic, sort, word};
use crate::document::Document;
use crate::manifest::{EnvironmentValue, Manifest, Service};
use crate::pointer;
use crate::pointer::Pointer;
use crate::preset::{self, Context, Plan};
use crate::tree::Tree;

use kind::Kind;

/// What rules read, and where they report.
pub struct Rules<'a> {
    /// The manifest's document.
    pub document: &'a Document,
    /// The manifest.
    pub manifest: &'a Manifest,
    /// The project's folder.
    pub tree: &'a dyn Tree,
    diagnostics: Vec<Diagnostic>,
}

/// Applies every rule. The problems come in the order of their places.
#[must_use]
pub fn check(document: &Document, manifest: &Manifest, tree: &dyn Tree) -> Vec<Diagnostic> {
    let mut rules = Rules { document, manifest, tree, diagnostics: Vec::new() };
    character::check(&mut rules);
    for (name, service) in &manifest.services {
        let Some(kind) = kind::check(&mut rules, name, service) else { continue };
        check_service(&mut rules, name, service, kind);
    }
    literal::shapes(&mut rules);
    dependency::check(&mut rules);
    condition::check(&mut rules);
    cycle::check(&mut rules);
    port::check(&mut rules);
    secret::check(&mut rules);
    volume::check(&mut rules);
    image::clashes(&mut rules);
    name::check(&mut rules);
    replica::check(&mut rules);
    let mut diagnostics = rules.diagnostics;
    sort(document, &mut diagnostics);
    diagnostics.dedup();
    diagnostics
}

/// What can be said of a service alone.
fn check_service(rules: &mut Rules<'_>, name: &str, service: &Service, kind: Kind) {
    applicable::check(rules, name, service, kind);
    stack::check(rules, name, service);
    version::check(rules, name, service);
    command::check(rules, name, service, kind);
    health::check(rules, name, service, kind);
    path::check(rules, name, service);
    file::check(rules, name, service, kind);
    mount::check(rules, name, service);
    literal::check(rules, name, service);
    variable::check(rules, name, service);
    package::check(rules, name, service);
    image::check(rules, name, service, kind);
    snippet::check(rules, name, service);
    if let Some(stack) = service.stack.and_then(crate::stack::find)
        && service.dockerfile.is_none()
    {
        distroless::check(rules, name, service, stack);
        stack.validate(rules, name, service);
    }
}

impl<'a> Rules<'a> {
    /// Reports a problem.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    /// The services with their names.
    fn services(&self) -> impl Iterator<Item = (&'a str, &'a Service)> + use<'a> {
        self.manifest.services.iter().map(|(name, service)| (name.as_str(), service))
    }

    /// The service that another one extends, if it is there.
    fn origin(&self, service: &Service) -> Option<(&'a str, &'a Service)> {
        let manifest = self.manifest;
        let (name, origin) = manifest.services.get_key_value(service.extends.as_deref()?)?;
        Some((name, origin))
    }
}

/// An entry of a service.
fn at(name: &str, key: &str) -> Pointer {
    pointer!["services", name, key]
}

/// What a preset makes of a service, if it has one that is known.
fn plan(name: &str, service: &Service) -> Option<Plan> {
    let preset = preset::find(service.preset.as_deref()?)?;
    let version = service.version.as_ref().map_or(preset.default_version, |version| &version.0);
    Some((preset.plan)(&Context { name, version, service }))
}

/// The environments of a service with their places.
fn environments<'s>(
    name: &str,
    service: &'s Service,
) -> Vec<(Pointer, &'s BTreeMap<String, EnvironmentValue>)> {
    let own = pointer!["services", name, "environment"];
    let development = pointer!["services", name, "dev", "environment"];
    let production = pointer!["services", name, "prod", "environment"];
    let mut all = vec![(own, &service.environment)];
    all.extend(service.dev.as_ref().map(|dev| (development, &dev.environment)));
    all.extend(service.prod.as_ref().map(|prod| (production, &prod.environment)));
    all
}

/// The mounts of a service with their places.
fn volumes<'s>(name: &str, service: &'s Service) -> Vec<(Pointer, &'s BTreeMap<String, String>)> {
    let mut all = vec![(at(name, "volumes"), &service.volumes)];
    let development = pointer!["services", name, "dev", "volumes"];
    all.extend(service.dev.as_ref().map(|dev| (development, &dev.volumes)));
    all
}

/// Words in backticks, with commas and a last `or`.
fn choice<S: AsRef<str>>(words: &[S]) -> String {
    let words: Vec<_> = words.iter().map(|text| word(text.as_ref())).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => words.concat(),
    }
}
