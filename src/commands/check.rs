//! `gen check`: are the files what the manifest says?

use serde_json::{Value, json};

use super::workspace::{Workspace, refusal};
use super::{Stop, counted, tell};
use crate::apply::{self, Cause, Change};
use crate::cli::Exit;
use crate::cli::args::{Format, Global};
use crate::cli::printer::{Look, Printer};
use crate::fs::Access;

pub(super) fn run(global: &Global, format: Format, printer: &mut Printer) -> Result<Exit, Stop> {
    let workspace = Workspace::open(global, &global.file, Access::Read, printer)?;
    let compiled = workspace.compile()?;
    tell(&compiled.report, printer);
    let survey = workspace.survey(&compiled, &workspace.project)?;
    survey.warn(printer);
    let decision = apply::decide(&survey.changes, &[].into());
    let lock =
        apply::lock_change(&decision, &survey.reading, survey.lock_bytes.clone(), &compiled.header);
    let refused = survey.refused();
    let all: Vec<_> = survey.changes.iter().chain(&lock).collect();
    let differing: Vec<_> = all.iter().filter(|change| !change.state.is_clean()).collect();
    let clean = differing.is_empty();
    let entry = |change: &&Change| as_json(change, workspace.fix(change, refused));
    match format {
        Format::Json => {
            let files: Vec<_> = all.iter().map(entry).collect();
            printer.json(&json!({"clean": clean, "files": files}));
        }
        Format::Text => {
            list(&all, printer);
            if clean {
                printer.note(format_args!("{} up to date", counted(all.len(), "file")));
            } else {
                let files = counted(all.len(), "file");
                let verb = if differing.len() == 1 { "is" } else { "are" };
                let number = differing.len();
                printer.note(format_args!(
                    "{number} of {files} {verb} not what the manifest asks for"
                ));
                hint(&workspace, refused, printer);
            }
        }
    }
    Ok(if clean { Exit::Done } else { Exit::Drift })
}

fn hint(workspace: &Workspace, refused: usize, printer: &mut Printer) {
    let program = &workspace.invocation;
    if refused == 0 {
        printer.hint(&format!(
            "`{program} generate` brings them up to date, `{program} diff` shows how"
        ));
    } else {
        let text = refusal(refused);
        printer
            .hint(&format!("{text}: `{program} diff` shows how, `{program} generate` what to do"));
    }
}

/// Lists changes: those that are clean only on request.
fn list(changes: &[&Change], printer: &mut Printer) {
    for change in changes {
        let clean = change.state.is_clean();
        let look = match change.state {
            _ if clean => Look::Good,
            state if state.is_refused() => Look::Bad,
            _ => Look::Notable,
        };
        let path = &change.path;
        let word = format!("{:<14}", change.state);
        match &change.cause {
            _ if clean && !printer.is_verbose() => {}
            Cause::None => printer.entry(look, &word, path.as_str()),
            cause => printer.entry(look, &word, &format!("{path}: {cause}")),
        }
    }
}

/// A change for a program.
fn as_json(change: &Change, fix: Option<String>) -> Value {
    let cause = match &change.cause {
        Cause::None => Value::Null,
        cause => cause.to_string().into(),
    };
    json!({
        "path": change.path,
        "state": change.state.as_str(),
        "cause": cause,
        "service": change.service,
        "fix": fix,
    })
}
