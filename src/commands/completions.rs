//! `gen completions`: what a shell needs to complete the command line.

use crate::cli::Exit;
use crate::cli::args::Completions;
use crate::cli::printer::Printer;

pub(super) fn run(options: &Completions, printer: &mut Printer) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(options.shell, &mut crate::cli::command(), "gen", &mut script);
    printer.data(&String::from_utf8_lossy(&script));
    Exit::Done
}
