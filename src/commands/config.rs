//! `gen config`: the project with every default filled in.

use serde_json::json;

use super::workspace::Workspace;
use super::{Stop, tell};
use crate::cli::Exit;
use crate::cli::args::{Config, Environment, Format, Global};
use crate::cli::printer::Printer;
use crate::fs::Access;
use crate::origin;

pub(super) fn run(global: &Global, options: &Config, printer: &mut Printer) -> Result<Exit, Stop> {
    let workspace = Workspace::open(global, &global.file, Access::Read, printer)?;
    let compiled = workspace.compile()?;
    tell(&compiled.report, printer);
    let environment = options.env.map(|environment| match environment {
        Environment::Dev => origin::Environment::Development,
        Environment::Prod => origin::Environment::Production,
    });
    let project = &compiled.compilation.project;
    let described = origin::describe(&compiled.report.document, project, environment);
    match options.report.format {
        Format::Json => {
            printer.json(&json!({"project": described.project, "origins": described.origins}));
        }
        Format::Text => printer.data(&described.to_yaml()),
    }
    Ok(Exit::Done)
}
