//! Commands: that there is one, and that a line can be split into words.

use super::kind::Kind;
use super::{Rules, at};
use crate::diagnostic::{Code, Diagnostic, Location, word};
use crate::manifest::{Command, Service, StackName};
use crate::pointer;
use crate::pointer::Pointer;

/// Words that only a shell gives a meaning to.
const OPERATORS: [&str; 10] = ["&&", "||", "|", ";", "&", ">", ">>", "<", "2>", "2>&1"];

/// Programs that a line may be meant for.
pub(super) const SHELLS: [&str; 6] = ["sh", "bash", "ash", "dash", "zsh", "busybox"];

pub(super) fn check(rules: &mut Rules<'_>, name: &str, service: &Service, kind: Kind) {
    missing(rules, name, service, kind);
    for (at, command) in commands(name, service) {
        if matches!(at.segments().skip(2).collect::<Vec<_>>()[..], [_, "collect"] | ["build", _]) {
            built(rules, &at, command);
        }
        match command {
            Command::Line(line) => check_line(rules, at, line),
            Command::Words(words) => {
                if words.first().is_some_and(|first| first.trim().is_empty()) {
                    let problem = Diagnostic::error(
                        Code::BadCommandLine,
                        Location::value(at.join(0)),
                        "the first word of the command is empty",
                    );
                    rules.report(problem.help("begin with the name of the program"));
                }
            }
        }
    }
}

/// A command that becomes a `RUN` instruction: one line, and none of its words an option of `RUN`.
fn built(rules: &mut Rules<'_>, at: &Pointer, command: &Command) {
    let words = command.words();
    let place = |index: usize| match command {
        Command::Line(_) => Location::value(at.clone()),
        Command::Words(_) => Location::value(at.join(index)),
    };
    if let Some(index) = words.iter().position(|word| word.contains('\n')) {
        let title = "a word of the command holds a line break, which would end the instruction";
        let problem = Diagnostic::error(Code::BadCommandLine, place(index), title);
        rules.report(problem.help("put it into a script, and call that"));
    }
    if words.first().is_some_and(|first| first.starts_with('-')) {
        let title = "the command begins with an option";
        let problem = Diagnostic::error(Code::BadCommandLine, place(0), title);
        rules.report(problem.help("begin with the name of the program"));
    }
}

/// Every command of a service with its place.
fn commands<'s>(name: &str, service: &'s Service) -> Vec<(Pointer, &'s Command)> {
    let health = service.healthcheck.as_ref().and_then(|health| health.command.as_ref());
    let development = service.dev.as_ref().and_then(|dev| dev.command.as_ref());
    let production = service.prod.as_ref().and_then(|prod| prod.command.as_ref());
    let build = service.build.as_ref().and_then(|build| build.command.as_ref());
    let collect = service.python.as_ref().and_then(|python| python.collect.as_ref());
    let at = |above: &str, key: &str| pointer!["services", name, above, key];
    let all = [
        (super::at(name, "command"), service.command.as_ref()),
        (super::at(name, "migrate"), service.migrate.as_ref()),
        (at("healthcheck", "command"), health),
        (at("dev", "command"), development),
        (at("prod", "command"), production),
        (at("build", "command"), build),
        (at("python", "collect"), collect),
    ];
    all.into_iter().filter_map(|(at, command)| Some((at, command?))).collect()
}

/// A program that cannot be inferred has to be named. Other stacks than Python's judge their own
/// services; an image and a Dockerfile have a command of their own.
fn missing(rules: &mut Rules<'_>, name: &str, service: &Service, kind: Kind) {
    if service.command.is_some() {
        return;
    }
    let production = service.prod.as_ref().is_some_and(|prod| prod.command.is_some());
    match kind {
        Kind::Stack if service.stack == Some(StackName::Python) && !production => {
            let problem = Diagnostic::error(
                Code::MissingCommand,
                Location::value(at(name, "stack")),
                format!("the service `{name}` has no `command`"),
            );
            let port = service.port.unwrap_or(8000);
            rules.report(problem.help(format!(
                "say what runs, for example `command: uvicorn app.main:app --host 0.0.0.0 --port \
                 {port}`"
            )));
        }
        Kind::Extends if service.extends.as_deref() != Some(name) => {
            let other = service.extends.as_deref().unwrap_or_default();
            let problem = Diagnostic::error(
                Code::MissingCommand,
                Location::value(at(name, "extends")),
                format!("the service `{name}` has no `command`"),
            );
            rules.report(problem.help(format!(
                "say what it runs besides `{other}`, for example `command: celery -A app worker`"
            )));
        }
        _ => {}
    }
}

fn check_line(rules: &mut Rules<'_>, at: Pointer, line: &str) {
    let Some(words) = shlex::split(line) else {
        let place = match open_quote(line) {
            Some(offset) => Location::within(at, offset..offset + 1),
            None => Location::value(at),
        };
        let ends = line.ends_with('\\');
        let title = if ends { "the command ends with a `\\`" } else { "a quote is not closed" };
        let problem = Diagnostic::error(Code::BadCommandLine, place, title);
        rules.report(problem.help(if ends {
            "remove it, or write the words as a list"
        } else {
            "close it, or write the words as a list; a list needs no quotes of a shell"
        }));
        return;
    };
    let Some(program) = words.first().filter(|first| !first.trim().is_empty()) else {
        let problem =
            Diagnostic::error(Code::BadCommandLine, Location::value(at), "the command is empty");
        rules.report(problem.help("begin with the name of the program, or remove the key"));
        return;
    };
    let shell = program.rsplit('/').next().unwrap_or_default();
    if SHELLS.contains(&shell) {
        return;
    }
    let operator = words.iter().find(|word| OPERATORS.contains(&word.as_str()));
    let variable = words.iter().find(|word| super::variable::reference(word).is_some());
    let Some(found) = operator.or(variable) else { return };
    let place = match line.find(found.as_str()) {
        Some(offset) => Location::within(at, offset..offset + found.len()),
        None => Location::value(at),
    };
    let problem = Diagnostic::error(
        Code::BadCommandLine,
        place,
        format!("the command needs a shell for {}, and is not given to one", word(found)),
    );
    rules.report(problem.help(
        "put it into a script, or call the shell: `command: [sh, -c, \"exec …\"]`; a list of words \
         is passed on as it is",
    ));
}

/// Where the quote stands that is not closed.
fn open_quote(line: &str) -> Option<usize> {
    let mut open: Option<(usize, char)> = None;
    let mut characters = line.char_indices();
    while let Some((offset, character)) = characters.next() {
        match (character, open) {
            ('\\', None | Some((_, '"'))) => drop(characters.next()),
            ('"' | '\'', None) => open = Some((offset, character)),
            (_, Some((_, quote))) if quote == character => open = None,
            _ => {}
        }
    }
    open.map(|(offset, _)| offset)
}

#[cfg(test)]
mod tests {
    use super::open_quote;

    #[test]
    fn finds_the_quote_that_is_open() {
        for (line, expected) in [
            ("a 'b' \"c", Some(6)),
            (r#"a \" 'b"#, Some(5)),
            (r#"a "\" b"#, Some(2)),
            ("a 'b\" c'", None),
        ] {
            assert_eq!(open_quote(line), expected, "{line}");
        }
    }
}
