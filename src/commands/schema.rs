//! `gen schema`: the JSON schema of the manifest.

use crate::cli::Exit;
use crate::cli::printer::Printer;
use crate::schema;

pub(super) fn run(printer: &mut Printer) -> Exit {
    printer.json(&schema::generate());
    Exit::Done
}
