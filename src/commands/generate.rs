//! `gen generate`: from the manifest to files.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::workspace::{Survey, Workspace, refusal};
use super::{CommandError, Stop, counted, tell};
use crate::apply::{self, Action, Change, Decision, Done};
use crate::cli::Exit;
use crate::cli::args::{Format, Generate, Global};
use crate::cli::printer::{Look, Printer};
use crate::fs::{Access, Project};
use crate::path::RelativePath;

pub(super) fn run(
    global: &Global,
    options: &Generate,
    printer: &mut Printer,
) -> Result<Exit, Stop> {
    let access = if options.dry_run { Access::Read } else { Access::Write };
    let workspace = Workspace::open(global, &global.file, access, printer)?;
    let compiled = workspace.compile()?;
    tell(&compiled.report, printer);
    let elsewhere = match &options.output {
        Some(folder) => Some(open_output(global, folder, options.dry_run)?),
        None => None,
    };
    let target = elsewhere.as_ref().unwrap_or(&workspace.project);
    let survey = workspace.survey(&compiled, target)?;
    survey.warn(printer);
    let force = forced(&options.force, &survey)?;
    let decision = apply::decide(&survey.changes, &force);
    let header = &compiled.header;
    let lock = apply::lock_change(&decision, &survey.reading, survey.lock_bytes.clone(), header);
    let run = Run { workspace: &workspace, options, decision: &decision, lock: lock.as_ref() };

    let refused = decision.refused().count();
    let stopped = refused > 0 && !options.keep_going;
    if options.diff && !stopped {
        run.show_diff(printer);
    }
    let done = if stopped {
        Vec::new()
    } else if options.dry_run {
        run.intended()
    } else {
        let reading = &survey.reading;
        let result =
            apply::write(&decision, run.lock, reading, header, target, &mut target.writer());
        result.map_err(|failed| run.failed(&failed, printer))?
    };
    match options.format {
        Format::Json => printer.json(&run.as_json(&done, refused)),
        Format::Text => run.report(&done, stopped, printer),
    }
    for change in decision.kept() {
        printer.warning(&format!("`{}` is yours from now on: {}", change.path, change.cause));
    }
    if refused > 0 {
        run.refuse(refused, stopped, printer);
        return Ok(Exit::Refused);
    }
    Ok(Exit::Done)
}

/// The folder that files are written to instead of the project.
fn open_output(
    global: &Global,
    folder: &std::path::Path,
    dry_run: bool,
) -> Result<Project, CommandError> {
    let path = global.directory.join(folder);
    let open = if dry_run { Project::open } else { Project::create };
    open(&path)
        .map_err(|error| CommandError::disk(format_args!("open `{}`", path.display()), &error))
}

/// The paths of `--force`, each of which must be one that gen knows.
fn forced(paths: &[String], survey: &Survey) -> Result<BTreeSet<RelativePath>, CommandError> {
    let known = |path: &RelativePath| survey.changes.iter().any(|change| change.path == *path);
    paths
        .iter()
        .map(|text| match RelativePath::new(text) {
            Ok(path) if known(&path) => Ok(path),
            _ => Err(CommandError::new(Exit::Usage, format!("gen does not write `{text}`"))
                .hint("`--force` takes paths as `gen check` prints them")),
        })
        .collect()
}

struct Run<'r> {
    workspace: &'r Workspace,
    options: &'r Generate,
    decision: &'r Decision<'r>,
    lock: Option<&'r Change>,
}

impl Run<'_> {
    /// What would be done.
    fn intended(&self) -> Vec<Done> {
        let steps = self.decision.steps.iter().filter(|step| step.action.writes());
        let mut done: Vec<_> = steps
            .map(|step| Done { path: step.change.path.clone(), action: step.action, backup: None })
            .collect();
        done.extend(self.lock.map(|lock| {
            let action = if lock.before.is_some() { Action::Update } else { Action::Create };
            Done { path: lock.path.clone(), action, backup: None }
        }));
        done
    }

    fn show_diff(&self, printer: &mut Printer) {
        for step in self.decision.steps.iter().filter(|step| step.action.writes()) {
            printer.diff(&step.difference());
        }
        if let Some(lock) = self.lock {
            printer.diff(&lock.difference());
        }
    }

    /// Names every file that changed; with `--diff` beside the diff, not in it.
    fn report(&self, done: &[Done], stopped: bool, printer: &mut Printer) {
        for one in done {
            self.line(one, printer);
        }
        if printer.is_verbose() {
            let unchanged =
                self.decision.steps.iter().filter(|step| step.action == Action::Unchanged);
            for step in unchanged {
                let path = step.change.path.clone();
                self.line(&Done { path, action: step.action, backup: None }, printer);
            }
        }
        if stopped {
            return;
        }
        let dry = self.options.dry_run;
        match done.len() {
            0 => printer
                .note(format_args!("{} up to date", counted(self.decision.steps.len(), "file"))),
            number if dry => {
                printer.note(format_args!("{} would change", counted(number, "file")));
            }
            number => printer.note(format_args!("{} changed", counted(number, "file"))),
        }
    }

    fn line(&self, done: &Done, printer: &mut Printer) {
        let look = match done.action {
            Action::Create => Look::Good,
            Action::Unchanged => Look::Faint,
            _ => Look::Notable,
        };
        let word = format!("{:<9}", done.action.as_str());
        let text = match &done.backup {
            Some(backup) => format!("{} (what it held is in `{backup}`)", done.path),
            None => done.path.to_string(),
        };
        if self.options.diff {
            printer.note(format_args!("{word} {text}"));
        } else {
            printer.entry(look, &word, &text);
        }
    }

    /// Says what is in the way, and the ways out.
    fn refuse(&self, refused: usize, stopped: bool, printer: &mut Printer) {
        let outcome = if stopped { "nothing is written" } else { "the rest is written" };
        printer.error(&format!("{}; {outcome}", refusal(refused)), &[]);
        let mut forcible = String::new();
        for change in self.decision.refused() {
            let word = format!("{:<9}", change.state);
            printer.item(Look::Bad, &word, &format!("{}: {}", change.path, change.cause));
            if !matches!(change.cause, apply::Cause::Blocked(_)) {
                forcible += &format!(" {}", change.path);
            } else if let Some(fix) = self.workspace.fix(change, refused) {
                printer.hint(&format!("`{fix}`"));
            }
        }
        if !forcible.is_empty() {
            let program = &self.workspace.invocation;
            printer.hint(&format!("`{program} diff` shows what would be lost"));
            let manifest = &self.workspace.display;
            printer.hint(&format!("a change that should last goes into `{manifest}`"));
            let them = if refused == 1 { "it" } else { "them" };
            printer.hint(&format!(
                "`{program} generate --force{forcible}` writes over {them}, and keeps a copy as `.bak`"
            ));
        }
    }

    fn failed(&self, failed: &apply::Failed, printer: &mut Printer) -> CommandError {
        for one in &failed.done {
            self.line(one, printer);
        }
        CommandError::new(Exit::Failure, failed.to_string())
            .hint(format!("`{} generate` completes it once it can", self.workspace.invocation))
    }

    fn as_json(&self, done: &[Done], refused: usize) -> Value {
        let entry = |change: &Change, action: Action| {
            let backup = done.iter().find(|done| done.path == change.path);
            let cause = match &change.cause {
                apply::Cause::None => Value::Null,
                cause => cause.to_string().into(),
            };
            json!({
                "path": change.path,
                "action": action.as_str(),
                "state": change.state.as_str(),
                "cause": cause,
                "service": change.service,
                "backup": backup.and_then(|done| done.backup.as_ref()),
            })
        };
        let mut files: Vec<_> =
            self.decision.steps.iter().map(|step| entry(step.change, step.action)).collect();
        files.extend(self.lock.map(|lock| {
            let action = if lock.before.is_some() { Action::Update } else { Action::Create };
            entry(lock, action)
        }));
        let written = !self.options.dry_run && (refused == 0 || self.options.keep_going);
        json!({"done": refused == 0, "written": written, "files": files})
    }
}
