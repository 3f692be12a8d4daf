//! What the commands share: the folder, its manifest, its lock, and the plan that follows.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::{CommandError, Stop, counted};
use crate::apply::{self, Cause, Change, State};
use crate::cli::Exit;
use crate::cli::args::Global;
use crate::cli::printer::Printer;
use crate::compile::{Compilation, CompileError, compile};
use crate::diagnostic::Report;
use crate::document::Document;
use crate::fs::{Access, Guard, Obstacle, Project};
use crate::lockfile::{self, Header, Lockfile, Newer, Reading};

/// A manifest to begin with.
const EXAMPLE: &str = "\
version: 1
name: example
services:
  web: {stack: python, manager: uv, port: 8000, command: [python, -m, app]}
  db: {preset: postgres, version: \"17\"}";

/// A project folder whose turn this run has.
pub(super) struct Workspace {
    pub(super) project: Project,
    /// The folder as it was named.
    folder: PathBuf,
    /// The file name of the manifest.
    file: OsString,
    /// The manifest as people know it.
    pub(super) display: String,
    /// How gen is called to do something in this folder.
    pub(super) invocation: String,
    _guard: Guard,
}

/// What a manifest became.
pub(super) struct Compiled {
    pub(super) header: Header,
    pub(super) compilation: Compilation,
    /// The warnings, with their document.
    pub(super) report: Report,
}

/// How the disk compares.
pub(super) struct Survey {
    pub(super) reading: Reading,
    pub(super) lock_bytes: Option<Vec<u8>>,
    pub(super) changes: Vec<Change>,
    /// What is to be said of data that another version has written.
    upgrades: Vec<String>,
}

impl Workspace {
    /// Opens the folder of the manifest, and waits for other runs.
    pub(super) fn open(
        global: &Global,
        file: &Path,
        access: Access,
        printer: &mut Printer,
    ) -> Result<Self, CommandError> {
        let path = global.directory.join(file);
        let name = path.file_name().ok_or_else(|| {
            CommandError::new(Exit::Usage, format!("`{}` is no name of a file", path.display()))
        })?;
        let folder = path.parent().unwrap_or(Path::new("."));
        let project = Project::open(folder).map_err(|error| {
            CommandError::disk(format_args!("open the folder `{}`", shown(folder)), &error)
        })?;
        let guard = project
            .guard(access, || printer.note("waiting for another run of gen in this folder"))
            .map_err(|error| CommandError::disk("get the turn of this run", &error))?;
        let invocation = invocation(global);
        Ok(Self {
            project,
            folder: folder.to_owned(),
            file: name.to_owned(),
            display: shown(&path),
            invocation,
            _guard: guard,
        })
    }

    /// Reads the manifest and makes its files, in memory.
    pub(super) fn compile(&self) -> Result<Compiled, Stop> {
        let bytes = self
            .project
            .read_manifest(&self.file)
            .map_err(|error| CommandError::disk(format_args!("read `{}`", self.display), &error))?
            .ok_or_else(|| self.no_manifest())?;
        let document = Document::parse(&self.display, &bytes).map_err(Stop::Invalid)?;
        match compile(&document, &self.project.tree()) {
            Ok(mut compilation) => {
                let warnings = std::mem::take(&mut compilation.warnings);
                let header = Header::new(&self.file.to_string_lossy(), &bytes);
                Ok(Compiled { header, compilation, report: Report::new(document, warnings) })
            }
            Err(CompileError::Invalid(diagnostics)) => {
                Err(Stop::Invalid(Box::new(Report::new(document, diagnostics))))
            }
            Err(CompileError::Fault(fault)) => {
                let message = format!("this is a fault of gen, not of the manifest: {fault}");
                Err(CommandError::new(Exit::Failure, message).into())
            }
        }
    }

    /// Compares what a manifest became with a folder: the project, or one that it is written to.
    pub(super) fn survey(
        &self,
        compiled: &Compiled,
        target: &Project,
    ) -> Result<Survey, CommandError> {
        let name = lockfile::NAME;
        let lock_bytes = target
            .read_lock()
            .map_err(|error| CommandError::disk(format_args!("read `{name}`"), &error))?;
        let mut reading = match &lock_bytes {
            Some(bytes) => lockfile::read(bytes).map_err(|newer| too_new(&newer))?,
            None => Reading::default(),
        };
        self.refuse_foreign_lock(&reading.lock, target)?;
        // A lock that claims the manifest would have it removed.
        reading.lock.records.retain(|path, _| OsStr::new(path.as_str()) != self.file);
        // What the manifest names as its people's own is theirs, whoever wrote it.
        for path in compiled.compilation.project.own_files() {
            let wanted = || compiled.compilation.files.iter().any(|file| file.path == path);
            // The records first: nearly none of these paths is among them.
            if reading.lock.records.contains_key(&path) && !wanted() {
                reading.lock.records.remove(&path);
                reading
                    .problems
                    .push(format!("`{path}` is yours from now on: the manifest names it"));
            }
        }
        let files = &compiled.compilation.files;
        let changes = apply::plan(files, &reading.lock, &compiled.header, target)
            .map_err(|error| CommandError::new(Exit::Failure, error.to_string()))?;
        let compose = changes.iter().find(|change| change.path.as_str() == "docker-compose.yml");
        let before = compose.filter(|change| change.state == State::Outdated);
        let before = before.and_then(|change| change.before.as_deref());
        let project = &compiled.compilation.project;
        let upgrades = before.map(|before| apply::upgrades(project, before)).unwrap_or_default();
        Ok(Survey { reading, lock_bytes, changes, upgrades })
    }

    /// Two manifests in one folder would take each other's files away.
    fn refuse_foreign_lock(&self, lock: &Lockfile, target: &Project) -> Result<(), CommandError> {
        let Some(other) = lock.header.as_ref().map(|header| OsStr::new(&header.manifest)) else {
            return Ok(());
        };
        let is_name = Path::new(other).file_name() == Some(other);
        if other == self.file || !is_name || !target.has(other) {
            return Ok(());
        }
        let other = other.to_string_lossy();
        let message = format!("`gen.lock` belongs to `{other}`, which is still there");
        Err(CommandError::new(Exit::Refused, message).hint(format!(
            "a folder has one manifest: move `{}` into a folder of its own, or remove `{other}`",
            self.display
        )))
    }

    fn no_manifest(&self) -> CommandError {
        let error = CommandError::new(Exit::Failure, format!("there is no `{}`", self.display));
        if let Some(above) = self.project.find_above(&self.file) {
            let above = self.folder.join(above);
            let (folder, file) = (shown(&above), shown(&above.join(&self.file)));
            let folder = quoted(Path::new(&folder));
            return error.hint(format!("there is `{file}`: `gen -C {folder}` works with it"));
        }
        error.hint(format!("begin with these lines, then run `gen generate`:\n{EXAMPLE}"))
    }

    /// The command that mends a change, given how many changes are refused in all.
    pub(super) fn fix(&self, change: &Change, refused: usize) -> Option<String> {
        let program = &self.invocation;
        if let Cause::Blocked(obstacle) = &change.cause {
            let in_the_way = match obstacle {
                Obstacle::Folder | Obstacle::Link | Obstacle::Special => &change.path,
                Obstacle::ParentIsFile(path) | Obstacle::ParentLeaves(path) => path,
                _ => return None,
            };
            return Some(format!("mv {in_the_way} {in_the_way}.bak && {program} generate"));
        }
        let others = refused - usize::from(change.state.is_refused());
        let on = if others > 0 { " --keep-going" } else { "" };
        match change.state {
            State::Ok | State::Ejected => None,
            State::Modified | State::Unowned => {
                Some(format!("{program} generate{on} --force {}", change.path))
            }
            _ => Some(format!("{program} generate{on}")),
        }
    }
}

impl Survey {
    /// Says what is wrong with the lock, and which data would not be read.
    pub(super) fn warn(&self, printer: &mut Printer) {
        for problem in self.reading.problems.iter().chain(&self.upgrades) {
            printer.warning(problem);
        }
    }

    /// How many changes are refused.
    pub(super) fn refused(&self) -> usize {
        self.changes.iter().filter(|change| change.state.is_refused()).count()
    }
}

/// What is said where files are refused.
pub(super) fn refusal(count: usize) -> String {
    let verb = if count == 1 { "was" } else { "were" };
    format!("{} {verb} edited by hand, or not written by gen", counted(count, "file"))
}

fn too_new(newer: &Newer) -> CommandError {
    let least = match newer {
        Newer::Format(_) => "a newer gen".to_owned(),
        Newer::Tool(version) => format!("gen {version} or newer"),
    };
    CommandError::new(Exit::Newer, newer.to_string()).hint(format!("install {least}"))
}

/// How gen is called for the same manifest again.
fn invocation(global: &Global) -> String {
    let mut words = "gen".to_owned();
    if global.directory != Path::new(".") {
        words += &format!(" -C {}", quoted(&global.directory));
    }
    if global.file != Path::new("gen.yaml") {
        words += &format!(" -f {}", quoted(&global.file));
    }
    words
}

/// A path as one word of a shell.
fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-+@=,/".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.into_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A path without steps that lead nowhere.
fn shown(path: &Path) -> String {
    let short: PathBuf = path.components().collect();
    let short = short.strip_prefix(".").unwrap_or(&short);
    if short.as_os_str().is_empty() { ".".into() } else { short.display().to_string() }
}
