//! The stack of a service: whether there is a Dockerfile for it, its manager, its base.

use super::{Rules, at, choice};
use crate::diagnostic::suggest::nearest;
use crate::diagnostic::{Code, Diagnostic, Location, word};
use crate::manifest::{Base, Service};
use crate::stack::{self, Stack};

pub(super) fn check(rules: &mut Rules<'_>, name: &str, service: &Service) {
    let Some(wanted) = service.stack else { return };
    if stack::LATER.contains(&wanted) && service.dockerfile.is_none() {
        let stack = stack::word(wanted);
        let problem = Diagnostic::error(
            Code::UnsupportedStack,
            Location::value(at(name, "stack")),
            format!("there is no Dockerfile for the stack `{stack}` yet"),
        );
        rules.report(problem.help(
            "write a Dockerfile with the stages `development` and `production`, and name it with \
             `dockerfile: Dockerfile`",
        ));
    }
    let Some(stack) = stack::find(wanted) else { return };
    manager(rules, name, service, stack);
    if service.dockerfile.is_none() {
        base(rules, name, service, stack);
    }
}

fn manager(rules: &mut Rules<'_>, name: &str, service: &Service, stack: &dyn Stack) {
    let Some(written) = service.manager.as_deref() else { return };
    let (manager, version) = match written.split_once('@') {
        Some((manager, version)) => (manager, Some(version)),
        None => (written, None),
    };
    let place = Location::within(at(name, "manager"), 0..manager.len());
    let supported: Vec<_> = stack.managers().iter().map(|facts| facts.name).collect();
    let language = stack::word(stack.name());
    if stack.later_managers().contains(&manager) {
        let problem = Diagnostic::error(
            Code::UnsupportedManager,
            place,
            format!("there are no build steps for `{manager}` yet"),
        );
        rules.report(problem.help(format!(
            "use {}, or a Dockerfile of your own with `dockerfile`",
            choice(&supported)
        )));
    } else if !supported.contains(&manager) {
        let problem = Diagnostic::error(
            Code::UnknownManager,
            place.clone(),
            format!("{} is no package manager of the stack `{language}`", word(manager)),
        );
        let other = stack::ALL
            .iter()
            .find(|other| other.managers().iter().any(|facts| facts.name == manager));
        rules.report(match (nearest(manager, supported.iter().copied()), other) {
            (_, Some(other)) => problem
                .label(format!("one of `{}`", stack::word(other.name())))
                .help(format!("this stack has {}", choice(&supported))),
            (Some(near), None) => {
                problem.help(format!("did you mean `{near}`?")).patch(place, near)
            }
            (None, None) => problem.help(format!("use {}", choice(&supported))),
        });
    }
    if let Some(version) = version.filter(|version| !is_version(version)) {
        let from = manager.len() + 1;
        let range = if version.is_empty() { from - 1..from } else { from..written.len() };
        let problem = Diagnostic::error(
            Code::UnknownManager,
            Location::within(at(name, "manager"), range),
            format!("behind the `@` of `{manager}` there is no version"),
        );
        rules.report(problem.help("write a plain version, like `10.12.1`, or leave it out"));
    }
}

/// A plain version: numbers with dots between them, and what may follow: `4.0.0-rc.1`, `2.0b1`.
fn is_version(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || ".-+".contains(c))
        && !text.contains("..")
}

fn base(rules: &mut Rules<'_>, name: &str, service: &Service, stack: &dyn Stack) {
    let Some(base) = service.base.filter(|base| !stack.bases().contains(base)) else { return };
    let known: Vec<_> = stack.bases().iter().map(|base| base_word(*base)).collect();
    let problem = Diagnostic::error(
        Code::UnsupportedBase,
        Location::value(at(name, "base")),
        format!("the stack `{}` has no base `{}`", stack::word(stack.name()), base_word(base)),
    );
    rules.report(problem.help(format!("use {}", choice(&known))));
}

fn base_word(base: Base) -> &'static str {
    match base {
        Base::Slim => "slim",
        Base::Distroless => "distroless",
        Base::Alpine => "alpine",
    }
}

#[cfg(test)]
mod tests {
    use super::is_version;

    #[test]
    fn knows_versions_of_programs() {
        for (text, expected) in [
            ("10.12.1", true),
            ("4.0.0-rc.1", true),
            ("2.0b1", true),
            ("latest", false),
            ("^10", false),
            ("1.", false),
            ("1..2", false),
            ("", false),
        ] {
            assert_eq!(is_version(text), expected, "{text}");
        }
    }
}
