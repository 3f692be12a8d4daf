//! `gen config`: the project with every default filled in.

use super::workspace::Workspace;
use super::{CommandError, Stop, tell};
use crate::cli::Exit;
use crate::cli::args::{Config, Environment, Format, Global};
use crate::cli::printer::Printer;
use crate::fs::Access;

pub(super) fn run(global: &Global, options: &Config, printer: &mut Printer) -> Result<Exit, Stop> {
    let workspace = Workspace::open(global, &global.file, Access::Read, printer)?;
    let compiled = workspace.compile()?;
    tell(&compiled.report, printer);
    let all = &crate::compile::config(&compiled.compilation.project);
    let name = match options.env {
        Some(Environment::Dev) => "dev",
        Some(Environment::Prod) => "prod",
        None => "",
    };
    let shown = all.get(name).unwrap_or(all);
    match options.report.format {
        Format::Json => printer.json(shown),
        Format::Text => {
            let text = serde_yaml::to_string(shown).map_err(|error| {
                CommandError::new(Exit::Failure, format!("this is a bug in gen: {error}"))
            })?;
            printer.data(&text);
        }
    }
    Ok(Exit::Done)
}
