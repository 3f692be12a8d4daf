//! What a distroless image has no program for: no shell, no package manager.

use super::command::SHELLS;
use super::{Rules, at};
use crate::diagnostic::{Code, Diagnostic, Location};
use crate::manifest::{Base, Command, Service, SnippetStage, StackName};
use crate::pointer;
use crate::pointer::Pointer;
use crate::stack::Stack;

/// Checks a service whose Dockerfile is generated.
pub(super) fn check(rules: &mut Rules<'_>, name: &str, service: &Service, stack: &dyn Stack) {
    if service.base.unwrap_or_else(|| stack.default_base()) != Base::Distroless {
        return;
    }
    packages(rules, name, service);
    snippets(rules, name, service, stack.name());
    let others = rules.services().filter(|(_, other)| other.extends.as_deref() == Some(name));
    for (user, other) in std::iter::once((name, service)).chain(others) {
        for (at, command) in commands(user, other, stack.name()) {
            shell(rules, at, command);
        }
    }
}

fn report(rules: &mut Rules<'_>, place: Location, title: &str, help: &str) {
    rules.report(Diagnostic::error(Code::UnsupportedBase, place, title).help(help));
}

fn packages(rules: &mut Rules<'_>, name: &str, service: &Service) {
    if service.packages.as_ref().is_some_and(|packages| !packages.runtime.is_empty()) {
        let place = Location::key(pointer!["services", name, "packages", "runtime"]);
        let title = "a distroless image has no package manager to install these with";
        report(rules, place, title, "set `base: slim`");
    }
}

/// Instructions of one's own that production gets. Go's has those of `base` too, because it does
/// not begin as `base` does.
fn snippets(rules: &mut Rules<'_>, name: &str, service: &Service, stack: StackName) {
    let snippets = service.build.iter().flat_map(|build| &build.snippets);
    for (stage, instructions) in snippets {
        let stage = match stage {
            SnippetStage::Production => "production",
            SnippetStage::Base if stack == StackName::Go => "base",
            _ => continue,
        };
        for (index, text) in instructions.iter().enumerate().filter(|(_, text)| runs_shell(text)) {
            let at = pointer!["services", name, "build", "snippets", stage, index];
            let title = if text.contains('\n') {
                "a `RUN` of these needs a shell, and a distroless image has none"
            } else {
                "`RUN` needs a shell, and a distroless image has none"
            };
            report(rules, Location::value(at), title, "set `base: slim`, or copy what is needed");
        }
    }
}

/// Whether one of the instructions is given to a shell.
fn runs_shell(text: &str) -> bool {
    let mut continued = false;
    text.lines().map(str::trim).any(|line| {
        let begins = !continued;
        continued = line.ends_with('\\');
        let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        begins && word.eq_ignore_ascii_case("run") && !rest.trim_start().starts_with('[')
    })
}

/// The commands that production runs. Node judges its own: its image has one program only.
fn commands<'s>(name: &str, service: &'s Service, stack: StackName) -> Vec<(Pointer, &'s Command)> {
    let health = service.healthcheck.as_ref().and_then(|health| health.command.as_ref());
    let health = (pointer!["services", name, "healthcheck", "command"], health);
    let production = service.prod.as_ref().and_then(|prod| prod.command.as_ref());
    let others = [
        (at(name, "command"), service.command.as_ref()),
        (pointer!["services", name, "prod", "command"], production),
        (at(name, "migrate"), service.migrate.as_ref()),
    ];
    let others = others.into_iter().filter(|_| stack != StackName::Node);
    others.chain([health]).filter_map(|(at, command)| Some((at, command?))).collect()
}

fn shell(rules: &mut Rules<'_>, at: Pointer, command: &Command) {
    let words = command.words();
    let program = words.first().and_then(|word| word.rsplit('/').next()).unwrap_or_default();
    if SHELLS.contains(&program) {
        let title = "a distroless image has no shell";
        let help = "begin the command with the program itself, or set `base: slim`";
        report(rules, Location::value(at), title, help);
    }
}

#[cfg(test)]
mod tests {
    use super::runs_shell;

    #[test]
    fn knows_who_needs_a_shell() {
        for text in ["RUN true", "run true", "ENV A=b\nRUN true", "RUN --mount=type=cache x"] {
            assert!(runs_shell(text), "{text}");
        }
        for text in ["ENV A=b", "RUN [\"/app/x\"]", "ENV A=b \\\n    RUN=x", "# RUN x"] {
            assert!(!runs_shell(text), "{text}");
        }
    }
}
