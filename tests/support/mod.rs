//! What the integration tests share: cases, compiling, folders, running programs.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use composegen::compile::{CompileError, compile};
use composegen::diagnostic::Report;
use composegen::document::Document;
use composegen::rendered::{RenderedFile, Shape};
use composegen::tree::AnyTree;

/// The folder of the package.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The systems, and the smaller applications: their names and folders.
pub fn systems() -> Vec<(String, PathBuf)> {
    let mut systems: Vec<_> = fs::read_dir(root().join("fixtures"))
        .expect("fixtures")
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            (name.starts_with("system-") || name.starts_with("app-")).then(|| (name, entry.path()))
        })
        .collect();
    systems.sort();
    systems
}

/// The small manifests that between them reach every option: their topics and files.
pub fn options() -> Vec<(String, PathBuf)> {
    let mut options: Vec<_> = fs::read_dir(root().join("fixtures/options"))
        .expect("options")
        .flatten()
        .filter_map(|entry| {
            let topic = entry.file_name().to_str()?.strip_suffix(".yaml")?.to_owned();
            Some((topic, entry.path()))
        })
        .collect();
    options.sort();
    options
}

/// The files of a manifest, or the problems as a person sees them.
pub fn try_render(manifest: &[u8]) -> Result<Vec<RenderedFile>, String> {
    let document = Document::parse("gen.yaml", manifest).map_err(|report| report.render(false))?;
    match compile(&document, &AnyTree) {
        Ok(compilation) => Ok(compilation.files),
        Err(CompileError::Invalid(problems)) => Err(Report::new(document, problems).render(false)),
        Err(fault) => panic!("{fault}"),
    }
}

/// The files of a manifest that is right.
pub fn render(manifest: &[u8]) -> Vec<RenderedFile> {
    try_render(manifest).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The files by path, as text.
pub fn texts(files: &[RenderedFile]) -> BTreeMap<String, String> {
    files.iter().map(|file| (file.path.to_string(), file.text.clone())).collect()
}

/// Writes files into a folder.
pub fn write(files: &[RenderedFile], folder: &Path) {
    for file in files.iter().filter(|file| file.shape == Shape::WholeFile) {
        let path = folder.join(file.path.as_str());
        fs::create_dir_all(path.parent().expect("a folder")).expect("folder");
        fs::write(&path, &file.text).expect("file");
        if file.executable {
            use std::os::unix::fs::PermissionsExt;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("mode");
        }
    }
}

/// Every file below a folder, by its path from there.
pub fn files_below(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    walkdir::WalkDir::new(folder)
        .sort_by_file_name()
        .into_iter()
        .flatten()
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| {
            let path = entry.path().strip_prefix(folder).expect("below").to_string_lossy();
            (path.into_owned(), fs::read(entry.path()).expect("readable"))
        })
        .collect()
}

/// Copies a folder.
pub fn copy(from: &Path, to: &Path) {
    for (path, bytes) in files_below(from) {
        let target = to.join(&path);
        fs::create_dir_all(target.parent().expect("a folder")).expect("folder");
        fs::write(&target, bytes).expect("file");
        let mode = fs::metadata(from.join(&path)).expect("there").permissions();
        fs::set_permissions(&target, mode).expect("mode");
    }
}

/// Runs a program in a folder and gives what it printed; `None` if there is no such program.
pub fn run(folder: &Path, program: &str, arguments: &[&str]) -> Option<Output> {
    let path = format!("{}:/opt/judges/bin", std::env::var("PATH").unwrap_or_default());
    Command::new(program).args(arguments).current_dir(folder).env("PATH", path).output().ok()
}

/// Says loudly that something was not tested, or fails where it has to be.
pub fn skip(variable: &str, what: &str) {
    assert!(std::env::var(variable).as_deref() != Ok("1"), "{variable}=1, but {what}");
    eprintln!("\n*** SKIPPED: {what} ({variable}=1 makes this a failure) ***\n");
}
