//! Each service says in exactly one way what it is.

use super::{Rules, at};
use crate::diagnostic::suggest::nearest;
use crate::diagnostic::{Code, Diagnostic, Location, word};
use crate::manifest::Service;
use crate::pointer;
use crate::preset;

/// What a service is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Built by a Dockerfile that is generated.
    Stack,
    /// Built by a Dockerfile of the user's own.
    Dockerfile,
    /// A ready-made backing service.
    Preset,
    /// Any other image.
    Image,
    /// A further process of another service's image.
    Extends,
}

impl Kind {
    /// The key that says so.
    fn key(self) -> &'static str {
        match self {
            Self::Stack => "stack",
            Self::Dockerfile => "dockerfile",
            Self::Preset => "preset",
            Self::Image => "image",
            Self::Extends => "extends",
        }
    }

    /// Whether an image is built for it.
    pub(super) fn is_built(self) -> bool {
        matches!(self, Self::Stack | Self::Dockerfile)
    }
}

/// All that a service says of its kind.
fn kinds(service: &Service) -> Vec<Kind> {
    let own = service.dockerfile.is_some().then_some(Kind::Dockerfile);
    let built = own.or_else(|| service.stack.map(|_| Kind::Stack));
    let image = service.image.as_ref().filter(|_| built.is_none()).map(|_| Kind::Image);
    let preset = service.preset.as_ref().map(|_| Kind::Preset);
    let extends = service.extends.as_ref().map(|_| Kind::Extends);
    [built, preset, extends, image].into_iter().flatten().collect()
}

/// What a service is, if it says so once.
pub(super) fn kind(service: &Service) -> Option<Kind> {
    match kinds(service)[..] {
        [kind] => Some(kind),
        _ => None,
    }
}

pub(super) fn check(rules: &mut Rules<'_>, name: &str, service: &Service) -> Option<Kind> {
    let kinds = kinds(service);
    match kinds[..] {
        [] => rules.report(unknown(name, service)),
        [Kind::Extends] => extends(rules, name, service),
        [_] => {}
        [first, second, ..] => rules.report(several(name, first, second)),
    }
    kind(service)
}

fn unknown(name: &str, service: &Service) -> Diagnostic {
    let problem = Diagnostic::error(
        Code::ServiceKind,
        Location::key(pointer!["services", name]),
        format!("the service `{name}` does not say what it is"),
    );
    let sections = [
        ("python", service.python.is_some()),
        ("node", service.node.is_some()),
        ("go", service.go.is_some()),
    ];
    let manager = service.manager.as_deref().unwrap_or_default();
    let manager = manager.split('@').next().unwrap_or_default();
    let of_manager = crate::stack::ALL
        .iter()
        .find(|stack| stack.managers().iter().any(|facts| facts.name == manager))
        .map(|stack| crate::stack::word(stack.name()));
    let of_section =
        sections.into_iter().find(|(_, written)| *written).map(|(word, _)| word.to_owned());
    problem.help(if let Some(stack) = of_section.or(of_manager) {
        format!("add `stack: {stack}`")
    } else if preset::find(name).is_some() {
        format!("add `preset: {name}`")
    } else {
        "add one of `stack` (a Dockerfile is generated), `dockerfile` (yours is used), `preset`, \
         `image` and `extends`"
            .into()
    })
}

fn several(name: &str, first: Kind, second: Kind) -> Diagnostic {
    let (first, second) = (first.key(), second.key());
    let help = match (first, second) {
        ("preset", "image") => {
            "a preset has its own image: pin it with `digest`, or leave `preset` out"
        }
        ("stack" | "dockerfile", "extends") => {
            "leave `extends` out: a service is built on its own, or runs another one's image"
        }
        _ => "keep the one that is meant, or make two services of it",
    };
    Diagnostic::error(
        Code::ServiceKind,
        Location::key(at(name, second)),
        format!("the service `{name}` has both `{first}` and `{second}`"),
    )
    .label("this says what it is")
    .cause(Location::key(at(name, first)), "and so does this")
    .help(help)
}

/// The service whose image is run has one that is built here.
fn extends(rules: &mut Rules<'_>, name: &str, service: &Service) {
    let Some(target) = service.extends.as_deref() else { return };
    let place = Location::value(at(name, "extends"));
    if target == name {
        let problem = Diagnostic::error(
            Code::ServiceKind,
            place,
            format!("the service `{name}` extends itself"),
        );
        rules.report(problem.help("name the service whose image it runs, or give it a `stack`"));
        return;
    }
    let Some(other) = rules.manifest.services.get(target) else {
        let built = rules
            .services()
            .filter(|(other, service)| *other != name && kind(service).is_some_and(Kind::is_built));
        let names: Vec<&str> = built.map(|(other, _)| other).collect();
        let problem = Diagnostic::error(
            Code::UnknownService,
            place.clone(),
            format!("`{name}` extends {}, which is no service", word(target)),
        );
        rules.report(match nearest(target, names.iter().copied()) {
            Some(near) => problem.help(format!("did you mean `{near}`?")).patch(place, near),
            None => problem.help("name a service with `stack` or `dockerfile`"),
        });
        return;
    };
    let Some(kind) = kind(other).filter(|kind| !kind.is_built()) else { return };
    let key = kind.key();
    let problem = Diagnostic::error(
        Code::ServiceKind,
        place.clone(),
        format!("`{name}` extends `{target}`, which has no build of its own"),
    )
    .cause(Location::key(at(target, key)), format!("`{target}` is described by its `{key}`"));
    let root = other
        .extends
        .as_deref()
        .filter(|root| *root != name && rules.manifest.services.get(*root).is_some_and(is_built));
    rules.report(match root {
        Some(root) => {
            problem.help(format!("extend `{root}` itself: both run its image")).patch(place, root)
        }
        None => problem.help("only a service with `stack` or `dockerfile` can be extended"),
    });
}

fn is_built(service: &Service) -> bool {
    kind(service).is_some_and(Kind::is_built)
}
