//! `gen diff`: what `generate` would change.

use serde_json::json;

use super::workspace::{Workspace, refusal};
use super::{Stop, tell};
use crate::apply;
use crate::cli::Exit;
use crate::cli::args::{Format, Global};
use crate::cli::printer::Printer;
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
    let differing = decision.steps.iter().filter(|step| !step.change.state.is_clean());
    let mut files: Vec<_> = differing.map(|step| (step.change, step.difference())).collect();
    files.extend(lock.as_ref().map(|lock| (lock, lock.difference())));
    match format {
        Format::Json => {
            let entries: Vec<_> = files
                .iter()
                .map(|(change, diff)| {
                    json!({"path": change.path, "state": change.state.as_str(), "diff": diff})
                })
                .collect();
            printer.json(&json!({"clean": files.is_empty(), "files": entries}));
        }
        Format::Text => {
            for (change, text) in &files {
                if text.is_empty() {
                    printer.warning(&format!("`{}`: {}", change.path, change.cause));
                }
                printer.diff(text);
            }
        }
    }
    if survey.refused() > 0 {
        printer.warning(&refusal(survey.refused()));
        let program = &workspace.invocation;
        printer.hint(&format!(
            "`{program} check` names them, and `{program} generate` says what to do"
        ));
    }
    Ok(if files.is_empty() { Exit::Done } else { Exit::Drift })
}
