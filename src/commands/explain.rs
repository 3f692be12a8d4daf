//! `gen explain`: what an error code means, why a file is there.

use super::workspace::Workspace;
use super::{CommandError, Stop};
use crate::cli::Exit;
use crate::cli::args::{Explain, Global};
use crate::cli::printer::Printer;
use crate::diagnostic::Code;
use crate::fs::Access;
use crate::lockfile;
use crate::output;
use crate::path::RelativePath;
use crate::rendered::{RenderedFile, Shape};

pub(super) fn run(global: &Global, options: &Explain, printer: &mut Printer) -> Result<Exit, Stop> {
    let Some(subject) = &options.subject else {
        for code in Code::all() {
            printer.data(&format!("{}\n", code.as_str()));
        }
        return Ok(Exit::Done);
    };
    if let Some(code) = Code::parse(subject) {
        printer.data(code.explain());
        return Ok(Exit::Done);
    }
    if subject == lockfile::NAME {
        printer.data(LOCK);
        return Ok(Exit::Done);
    }
    // Codes are single words; what has a dot or a slash is a path, and needs the manifest.
    if subject.contains(['.', '/']) || subject.chars().any(char::is_uppercase) {
        return file(global, subject, printer);
    }
    Err(unknown(subject).into())
}

/// Says where a generated file comes from.
fn file(global: &Global, subject: &str, printer: &mut Printer) -> Result<Exit, Stop> {
    let workspace = Workspace::open(global, &global.file, Access::Read, printer)?;
    let compiled = workspace.compile()?;
    let path = RelativePath::new(subject).ok();
    let file = compiled.compilation.files.iter().find(|file| Some(&file.path) == path.as_ref());
    let Some(file) = file else {
        let message = format!("`{subject}` is neither an error code nor a file that gen writes");
        let hint = format!("`{} check -v` lists the files", workspace.invocation);
        return Err(CommandError::new(Exit::Usage, message).hint(hint).into());
    };
    printer.data(&about(file, &compiled.header.manifest));
    Ok(Exit::Done)
}

fn about(file: &RenderedFile, manifest: &str) -> String {
    let what = match file.shape {
        Shape::WholeFile => "is generated",
        Shape::Block => "holds a generated block; the rest of it is yours",
    };
    let of = match &file.service {
        Some(service) => format!("from `services.{service}` of `{manifest}`"),
        None => format!("from `{manifest}` as a whole"),
    };
    let (purpose, keys) = output::purpose(file.output).unwrap_or_default();
    let mut text = format!("{} {what}: {purpose}.\nIt comes {of}.\n", file.path);
    if !keys.is_empty() {
        text += &format!("What shapes it: `{}`.\n", keys.join("`, `"));
    }
    text
}

const LOCK: &str = "\
gen.lock remembers what gen wrote: the hash of each file, so that a change of the manifest can be
told from an edit by hand. Commit it. `sha256sum -c gen.lock` names the edited files without gen.
";

fn unknown(subject: &str) -> CommandError {
    let near = Code::all()
        .iter()
        .map(|code| (strsim::damerau_levenshtein(code.as_str(), subject), code.as_str()))
        .min()
        .filter(|&(distance, code)| distance <= 2.max(code.len() / 3));
    let error = CommandError::new(Exit::Usage, format!("there is no error code `{subject}`"));
    match near {
        Some((_, code)) => error.hint(format!("did you mean `{code}`?")),
        None => error.hint("`gen explain` without a code lists them all"),
    }
}
