//! What each command does. The only callers of `fs` and `apply`.

mod check;
mod completions;
mod config;
mod diff;
mod explain;
mod generate;
mod man;
mod schema;
mod validate;
mod workspace;

use std::io;

use crate::cli::Exit;
use crate::cli::args::{Arguments, Command, Format};
use crate::cli::printer::Printer;
use crate::diagnostic::{Code, Report, Severity};

/// A command that could not do its work.
#[derive(Debug)]
pub struct CommandError {
    /// How the run ends.
    pub exit: Exit,
    /// What went wrong.
    pub message: String,
    /// What to do about it.
    pub hints: Vec<String>,
}

impl CommandError {
    fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hints: Vec::new() }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The disk failed at something.
    fn disk(what: impl std::fmt::Display, error: &io::Error) -> Self {
        Self::new(Exit::Failure, format!("cannot {what}: {error}"))
    }
}

/// Why a command ends before its work is done.
enum Stop {
    /// The manifest is wrong.
    Invalid(Box<Report>),
    /// Anything else.
    Error(CommandError),
}

impl From<CommandError> for Stop {
    fn from(error: CommandError) -> Self {
        Self::Error(error)
    }
}

/// Runs a command.
pub fn run(arguments: &Arguments, printer: &mut Printer) -> Exit {
    let global = &arguments.global;
    let (result, format) = match &arguments.command {
        Command::Generate(options) => (generate::run(global, options, printer), options.format),
        Command::Check(report) => (check::run(global, report.format, printer), report.format),
        Command::Diff(report) => (diff::run(global, report.format, printer), report.format),
        Command::Validate(options) => {
            (validate::run(global, options, printer), options.report.format)
        }
        Command::Config(options) => (config::run(global, options, printer), options.report.format),
        Command::Explain(options) => (explain::run(global, options, printer), Format::Text),
        Command::Schema => (Ok(schema::run(printer)), Format::Text),
        Command::Completions(options) => (Ok(completions::run(options, printer)), Format::Text),
        Command::Man => (man::run(printer).map_err(Stop::from), Format::Text),
    };
    match result {
        Ok(exit) => exit,
        Err(Stop::Invalid(report)) => {
            match (&arguments.command, format) {
                (command, Format::Json) => printer.json(&invalid(command, &report)),
                (_, Format::Text) => tell(&report, printer),
            }
            exit_of(&report)
        }
        Err(Stop::Error(error)) => {
            printer.error(&error.message, &error.hints);
            error.exit
        }
    }
}

/// The report of a command whose manifest is wrong, for a program.
fn invalid(command: &Command, report: &Report) -> serde_json::Value {
    let diagnostics = report.to_json();
    match command {
        Command::Check(_) | Command::Diff(_) => {
            serde_json::json!({"clean": false, "files": [], "diagnostics": diagnostics})
        }
        Command::Generate(_) => {
            serde_json::json!({"done": false, "files": [], "diagnostics": diagnostics})
        }
        _ => serde_json::json!({"valid": false, "diagnostics": diagnostics}),
    }
}

/// Shows the problems of a manifest to a person.
fn tell(report: &Report, printer: &mut Printer) {
    if report.diagnostics.is_empty() {
        return;
    }
    let text = report.render(printer.talk_colour());
    printer.talk(&text);
    let count = |severity| report.diagnostics.iter().filter(|d| d.severity == severity).count();
    match (count(Severity::Error), count(Severity::Warning)) {
        (0, _) => {}
        (errors, 0) => printer.note(format_args!("\n{}", counted(errors, "error"))),
        (errors, warnings) => printer.note(format_args!(
            "\n{}, {}",
            counted(errors, "error"),
            counted(warnings, "warning")
        )),
    }
}

/// How a run with a wrong manifest ends.
fn exit_of(report: &Report) -> Exit {
    let errors = report.diagnostics.iter().filter(|d| d.severity == Severity::Error);
    let (newer, others): (Vec<_>, Vec<_>) = errors.partition(|d| d.code == Code::NewerManifest);
    if others.is_empty() && !newer.is_empty() { Exit::Newer } else { Exit::Invalid }
}

/// `1 file`, `2 files`.
fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
