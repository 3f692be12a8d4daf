//! `gen validate`: the manifest alone.

use serde_json::json;

use super::workspace::Workspace;
use super::{Stop, tell};
use crate::cli::Exit;
use crate::cli::args::{Format, Global, Validate};
use crate::cli::printer::Printer;
use crate::fs::Access;

pub(super) fn run(
    global: &Global,
    options: &Validate,
    printer: &mut Printer,
) -> Result<Exit, Stop> {
    let file = options.manifest.as_ref().unwrap_or(&global.file);
    let workspace = Workspace::open(global, file, Access::Read, printer)?;
    let compiled = workspace.compile()?;
    match options.report.format {
        Format::Json => {
            printer.json(&json!({"valid": true, "diagnostics": compiled.report.to_json()}));
        }
        Format::Text => {
            tell(&compiled.report, printer);
            printer.note(format_args!("`{}` is valid", compiled.report.document.name()));
        }
    }
    Ok(Exit::Done)
}
