//! What the manifest names is there: folders, files, lock files, stages of one's own Dockerfile.

use super::kind::Kind;
use super::{Rules, at, path, volumes};
use crate::diagnostic::{Code, Diagnostic, Location};
use crate::manifest::Service;
use crate::path::RelativePath;
use crate::resolve;
use crate::stack::{self, Stack};
use crate::tree::EntryKind;

/// What has to be at a path.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    File,
    Folder,
    Either,
}

impl Rules<'_> {
    /// Reports a file of the dependency step that is not there.
    pub fn need_dependency_file(
        &mut self,
        name: &str,
        service: &Service,
        file: &RelativePath,
        mend: &str,
    ) {
        let folder = resolve::folder(service);
        let path = folder.join(file);
        if !self.tree.is_folder(&folder) || self.tree.is_file(&path) {
            return;
        }
        let (key, other) = (manager_key(service), other_manager(self, service, &folder));
        let title = if self.tree.kind(&path).is_some() {
            format!("`{path}` is a folder, and has to be a file")
        } else {
            format!("`{path}` is not there")
        };
        let place = Location::value(at(name, key));
        let problem = Diagnostic::error(Code::MissingFile, place, title);
        self.report(match other {
            Some((lock, manager)) => {
                problem.help(format!("`{lock}` is there: set `manager: {manager}`"))
            }
            None => problem.help(mend.to_owned()),
        });
    }
}

pub(super) fn check(rules: &mut Rules<'_>, name: &str, service: &Service, kind: Kind) {
    mounted(rules, name, service);
    if !kind.is_built() {
        return;
    }
    let folder = resolve::folder(service);
    let root = service.stack.and_then(stack::find).map(|stack| stack.root(service));
    let root = root.unwrap_or_else(|| folder.clone());
    let mut whole = true;
    for (at, text) in path::relative(name, service) {
        let segments: Vec<_> = at.segments().skip(2).collect();
        let (above, wanted) = match segments[..] {
            // Another rule says that the context does not hold the folder.
            ["build", "context"] if folder.below(&resolve::context(service)).is_none() => continue,
            ["path"] | ["build", "context"] => (RelativePath::root(), Wanted::Folder),
            ["dockerfile"] | ["python", "requirements" | "dev_requirements", _] => {
                (folder.clone(), Wanted::File)
            }
            ["python", "import_from"] => (folder.clone(), Wanted::Folder),
            ["source" | "build", ..] => (root.clone(), Wanted::Either),
            // Assets are fetched.
            _ => continue,
        };
        let Ok(path) = RelativePath::new(text) else { continue };
        let own = path.clone();
        let path = above.join(&path);
        let is_path = segments[..] == ["path"];
        if !whole && !above.is_root() {
            continue;
        }
        let found = need(rules, Location::value(at.clone()), &path, wanted);
        whole &= found || !is_path;
        if !found && !above.is_root() {
            mend_prefix(rules, &own, &above, Location::value(at));
        }
    }
    if !whole {
        return;
    }
    match service.dockerfile {
        Some(_) => stages(rules, name, service, &folder),
        None => lock_file(rules, name, service, &folder),
    }
}

/// Reports what is missing at a path, or is of the other kind.
fn need(rules: &mut Rules<'_>, place: Location, path: &RelativePath, wanted: Wanted) -> bool {
    let absent = "make it, or mend the path";
    let (code, title, help) = match (rules.tree.kind(path), wanted) {
        (Some(EntryKind::Folder), Wanted::File) => (
            Code::MissingFile,
            format!("`{path}` is a folder, and has to be a file"),
            "name a file in it",
        ),
        (Some(EntryKind::File), Wanted::Folder) => (
            Code::MissingFolder,
            format!("`{path}` is a file, and has to be a folder"),
            "name the folder that it is in",
        ),
        (Some(_), _) => return true,
        (None, Wanted::Folder) => {
            (Code::MissingFolder, format!("there is no folder `{path}`"), absent)
        }
        (None, Wanted::File) => (Code::MissingFile, format!("there is no file `{path}`"), absent),
        (None, Wanted::Either) => {
            (Code::MissingFile, format!("there is neither a file nor a folder `{path}`"), absent)
        }
    };
    rules.report(Diagnostic::error(code, place, title).help(help));
    false
}

/// A path that was written from the manifest's folder on instead of the service's.
fn mend_prefix(rules: &mut Rules<'_>, own: &RelativePath, folder: &RelativePath, place: Location) {
    let Some(below) = own.below(folder).filter(|_| !folder.is_root()) else { return };
    if rules.tree.kind(own).is_none() {
        return;
    }
    let Some(problem) = rules.diagnostics.last_mut() else { return };
    problem.help = Some(format!("paths are relative to the service's `path`, `{folder}`"));
    problem.patch =
        Some(crate::diagnostic::Patch { location: place, replacement: below.to_string() });
}

/// The key that decides the manager.
fn manager_key(service: &Service) -> &'static str {
    if service.manager.is_some() { "manager" } else { "stack" }
}

/// Another manager of the stack whose lock file is there.
fn other_manager(
    rules: &Rules<'_>,
    service: &Service,
    folder: &RelativePath,
) -> Option<(RelativePath, &'static str)> {
    let stack = stack::find(service.stack?)?;
    let named = stack::manager(stack, service).0;
    stack.managers().iter().filter(|facts| facts.name != named).find_map(|facts| {
        let lock = facts.lock_files.iter().map(|file| folder.file(file));
        let lock = lock.into_iter().find(|lock| rules.tree.kind(lock) == Some(EntryKind::File))?;
        Some((lock, facts.name))
    })
}

/// One of the manager's lock files is there.
fn lock_file(rules: &mut Rules<'_>, name: &str, service: &Service, folder: &RelativePath) {
    let Some(stack) = service.stack.and_then(stack::find) else { return };
    let manager = stack::manager(stack, service).0;
    let Some(facts) = stack.managers().iter().find(|facts| facts.name == manager) else { return };
    let locks: Vec<_> = facts.lock_files.iter().map(|file| folder.file(file)).collect();
    let Some(first) = locks.first() else { return };
    if locks.iter().any(|lock| rules.tree.is_file(lock)) {
        return;
    }
    let place = Location::value(at(name, manager_key(service)));
    let title = format!("`{manager}` has no lock file: `{first}` is not there");
    let problem = Diagnostic::error(Code::MissingLockFile, place.clone(), title);
    rules.report(match other_manager(rules, service, folder) {
        Some((lock, other)) if service.manager.is_some() => {
            problem.help(format!("`{lock}` is there, which `{other}` made")).patch(place, other)
        }
        Some((lock, other)) => problem.help(format!("`{lock}` is there: set `manager: {other}`")),
        None => problem.help(make(facts.lock_command, folder, stack)),
    });
}

/// How a lock file is made.
fn make(command: &str, folder: &RelativePath, stack: &dyn Stack) -> String {
    if command.is_empty() {
        return format!("make it with the tools of {}, and commit it", stack::word(stack.name()));
    }
    if folder.is_root() {
        format!("make it with `{command}`, and commit it")
    } else {
        format!("make it with `cd {folder} && {command}`, and commit it")
    }
}

/// The stages that the compose files ask for are in a Dockerfile of one's own.
fn stages(rules: &mut Rules<'_>, name: &str, service: &Service, folder: &RelativePath) {
    let own = service.dockerfile.as_deref().and_then(|own| RelativePath::new(own).ok());
    let Some(path) = own.map(|own| folder.join(&own)) else { return };
    let Some(text) = rules.tree.text(&path) else { return };
    let has = |stage: &str| text.lines().any(|line| stage_name(line) == Some(stage));
    for stage in ["development", "production"] {
        if has(stage) {
            continue;
        }
        let place = Location::value(at(name, "dockerfile"));
        let title = format!("`{path}` has no stage `{stage}`");
        rules.report(
            Diagnostic::error(Code::MissingStage, place, title)
                .help(format!("name it in its `FROM` line: `FROM … AS {stage}`")),
        );
    }
}

/// The name of the stage that a line of a Dockerfile begins.
fn stage_name(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    let from = words.next()?;
    let name = words.skip_while(|word| !word.eq_ignore_ascii_case("as")).nth(1)?;
    from.eq_ignore_ascii_case("from").then_some(name)
}

/// Folders that are mounted. The engines make one that is missing, which then belongs to root.
fn mounted(rules: &mut Rules<'_>, name: &str, service: &Service) {
    for (above, mounts) in volumes(name, service) {
        for source in mounts.keys().filter(|source| source.starts_with('.')) {
            let Ok(path) = RelativePath::new(source) else { continue };
            if rules.tree.kind(&path).is_some() {
                continue;
            }
            let place = Location::key(above.join(source));
            let title = format!("there is no folder `{path}` to mount");
            rules.report(
                Diagnostic::warning(Code::MissingFolder, place, title)
                    .label("the engine would make an empty one, perhaps as root")
                    .help("make it, or mend the path"),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::stage_name;

    #[test]
    fn reads_the_names_of_stages() {
        assert_eq!(stage_name("FROM debian:13 AS production"), Some("production"));
        assert_eq!(stage_name("from --platform=x base as dev "), Some("dev"));
        assert_eq!(stage_name("FROM debian:13"), None);
        assert_eq!(stage_name("RUN echo as production"), None);
    }
}
