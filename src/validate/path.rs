//! Paths: relative ones of the project, absolute ones of containers.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Rules, at, character, volumes};
use crate::diagnostic::{Code, Diagnostic, Location, Part, word};
use crate::manifest::Service;
use crate::path::{ContainerPath, PathError, RelativePath};
use crate::pointer;
use crate::pointer::Pointer;
use crate::resolve;
use crate::stack;

/// Where the image has assets.
const ASSETS: &str = "/app";

/// What a path may hold.
const ALLOWED: &str = "rename it: letters, digits and `._-+@=,~` mean the same everywhere";

pub(super) fn check(rules: &mut Rules<'_>, name: &str, service: &Service) {
    for (at, text) in relative(name, service) {
        if let Err(error) = RelativePath::new(text) {
            report(rules, Location::value(at), text, &error);
        }
    }
    let targets = service.build.iter().flat_map(|build| &build.secrets);
    let targets = targets.filter_map(|(id, secret)| {
        let at = pointer!["services", name, "build", "secrets", id, "target"];
        Some((at, secret.target.as_deref()?))
    });
    let tmpfs = service.tmpfs.iter().enumerate();
    let tmpfs = tmpfs.map(|(index, path)| (at(name, "tmpfs").join(index), path.as_str()));
    for (at, text) in targets.chain(tmpfs) {
        if let Err(error) = ContainerPath::new(text) {
            report_absolute(rules, Location::value(at), text, &error);
        }
    }
    let secrets = service.build.iter().flat_map(|build| &build.secrets);
    for (id, secret) in secrets {
        let Some(comma) = secret.target.as_deref().and_then(|target| target.find(',')) else {
            continue;
        };
        let at = pointer!["services", name, "build", "secrets", id, "target"];
        report_comma(rules, at, comma);
    }
    context(rules, name, service);
    assets(rules, name, service);
    hidden(rules, name, service);
}

/// Reports a comma in a path that stands in the options of a mount, which commas divide: those of
/// `RUN --mount`, and those of `--mount`, with which podman-compose mounts volumes.
pub(super) fn report_comma(rules: &mut Rules<'_>, at: Pointer, offset: usize) {
    let place = Location::within(at, offset..offset + 1);
    let title = "a comma in the path would begin another option of the mount";
    rules.report(
        Diagnostic::error(Code::BadPath, place, title).help("choose a path without a comma"),
    );
}

/// The relative paths of a service. Those of `node` are judged by their stack.
pub(super) fn relative<'s>(name: &str, service: &'s Service) -> Vec<(Pointer, &'s str)> {
    let build = service.build.as_ref();
    let python = service.python.as_ref();
    let mut all = Vec::new();
    let mut one = |at: Pointer, path: Option<&'s String>| {
        all.extend(path.map(|path| (at, path.as_str())));
    };
    one(at(name, "path"), service.path.as_ref());
    one(at(name, "dockerfile"), service.dockerfile.as_ref());
    let below = |key: &str, below: &str| pointer!["services", name, key, below];
    one(below("build", "context"), build.and_then(|build| build.context.as_ref()));
    one(below("python", "import_from"), python.and_then(|python| python.import_from.as_ref()));
    let go = service.go.as_ref();
    one(below("go", "main"), go.and_then(|go| go.main.as_ref()));
    for (index, asset) in service.assets.iter().enumerate() {
        one(at(name, "assets").join(index).join("to"), Some(&asset.to));
    }
    let lists = [
        (at(name, "source"), service.source.as_ref()),
        (below("build", "files"), build.map(|build| &build.files)),
        (below("python", "requirements"), python.and_then(|python| python.requirements.as_ref())),
        (below("python", "dev_requirements"), python.map(|python| &python.dev_requirements)),
        (below("go", "programs"), go.map(|go| &go.programs)),
    ];
    for (above, list) in lists {
        for (index, path) in list.into_iter().flatten().enumerate() {
            one(above.join(index), Some(path));
        }
    }
    all
}

/// Where in a text the problem is.
fn part(text: &str, error: &PathError) -> Option<Range<usize>> {
    match error {
        PathError::Empty => None,
        PathError::Absolute | PathError::Home => Some(0..1),
        PathError::Character(character) => {
            let start = text.find(*character)?;
            Some(start..start + character.len_utf8())
        }
        PathError::Parent => find_part(text, |part| part == "..").map(|at| at..at + 2),
        PathError::Dash => find_part(text, |part| part.starts_with('-')).map(|at| at..at + 1),
    }
}

fn find_part(text: &str, wanted: impl Fn(&str) -> bool) -> Option<usize> {
    let mut offset = 0;
    for part in text.split('/') {
        if wanted(part) {
            return Some(offset);
        }
        offset += part.len() + 1;
    }
    None
}

/// The smallest place of a problem with a text that is written as a key or as a value.
fn narrow(location: Location, text: &str, error: &PathError) -> Location {
    match (part(text, error), &location.part) {
        (Some(range), Part::Value) => Location::within(location.pointer, range),
        _ => location,
    }
}

/// Reports a relative path that cannot be used. Control characters are another rule's.
pub(super) fn report(rules: &mut Rules<'_>, location: Location, text: &str, error: &PathError) {
    if matches!(error, PathError::Character(found) if character::is_bad(*found)) {
        return;
    }
    let title = match error {
        PathError::Character(' ') => "the path holds a space".to_owned(),
        PathError::Character(found) => format!("the path holds {}", word(&found.to_string())),
        _ => error.to_string(),
    };
    let place = narrow(location.clone(), text, error);
    let problem = Diagnostic::error(Code::BadPath, place, title);
    let turned = text.replace('\\', "/");
    let is_windows =
        matches!(error, PathError::Character('\\')) && RelativePath::new(&turned).is_ok();
    rules.report(match error {
        PathError::Empty => problem.help("write `.` for the folder itself, or remove it"),
        PathError::Absolute => problem
            .help("write it from the manifest's folder on, or from the `path` of its service"),
        PathError::Parent if location.part == Part::Key => {
            problem.help("only what lies beside the manifest can be mounted")
        }
        PathError::Parent => problem.help(
            "nothing outside of the manifest's folder can be used; a service that needs files \
             outside of its `path` has `build: {context: .}`",
        ),
        PathError::Character('\\') if is_windows => {
            problem.help("parts of a path have `/` between them").patch(location, turned)
        }
        PathError::Character('*' | '?' | '[') => {
            problem.help("patterns are not expanded: name the folder, or each file")
        }
        PathError::Character('$' | '{' | '}') => {
            problem.help("variables are not replaced in paths")
        }
        PathError::Character(_) => problem.help(ALLOWED),
        PathError::Dash => problem.help("rename it"),
        PathError::Home => problem.help("only what lies beside the manifest can be used"),
    });
}

/// Reports a path of a container that cannot be used.
pub(super) fn report_absolute(
    rules: &mut Rules<'_>,
    location: Location,
    text: &str,
    error: &PathError,
) {
    if matches!(error, PathError::Character(found) if character::is_bad(*found)) {
        return;
    }
    let (title, help) = match error {
        PathError::Absolute | PathError::Home => (
            "the path in the container is not absolute".to_owned(),
            format!(
                "begin it with `/`, for example `/app/{}`",
                text.trim_start_matches(['.', '/', '~'])
            ),
        ),
        PathError::Empty => {
            ("the path in the container is empty".to_owned(), "begin it with `/`".into())
        }
        PathError::Parent => ("the path holds `..`".to_owned(), "write where it leads to".into()),
        PathError::Character(found) => {
            (format!("the path holds {}", word(&found.to_string())), ALLOWED.into())
        }
        PathError::Dash => (error.to_string(), "choose another one".into()),
    };
    let place = narrow(location, text, error);
    rules.report(Diagnostic::error(Code::BadPath, place, title).help(help));
}

/// A service's folder lies in its build context.
fn context(rules: &mut Rules<'_>, name: &str, service: &Service) {
    let Some(written) = service.build.as_ref().and_then(|build| build.context.as_deref()) else {
        return;
    };
    let Ok(context) = RelativePath::new(written) else { return };
    let folder = resolve::folder(service);
    let is_good = service.path.as_deref().is_none_or(|path| RelativePath::new(path).is_ok());
    if !is_good || folder.below(&context).is_some() {
        return;
    }
    let place = Location::value(pointer!["services", name, "build", "context"]);
    let title = format!("the build context `{context}` does not hold the service's folder");
    let problem = Diagnostic::error(Code::BadPath, place, title);
    rules.report(match &service.path {
        Some(_) => problem
            .cause(Location::value(at(name, "path")), "which is this one")
            .help("both are relative to the manifest; the context is the same or one further up"),
        None => problem.help(format!(
            "the service has no `path`, so its folder is that of the manifest: set `path: \
             {context}`"
        )),
    });
}

/// Each asset is a file of its own.
fn assets(rules: &mut Rules<'_>, name: &str, service: &Service) {
    let mut places: BTreeMap<RelativePath, Pointer> = BTreeMap::new();
    for (index, asset) in service.assets.iter().enumerate() {
        let at = at(name, "assets").join(index).join("to");
        let Ok(path) = RelativePath::new(&asset.to) else { continue };
        let problem =
            |title: String| Diagnostic::error(Code::BadPath, Location::value(at.clone()), title);
        if path.is_root() || asset.to.ends_with('/') {
            let file = asset.url.rsplit('/').next().unwrap_or_default();
            let file = file.split('?').next().filter(|file| !file.is_empty()).unwrap_or("NAME");
            let place = path.file(file);
            rules.report(
                problem(format!("`{}` is a folder, and the asset is a file", asset.to))
                    .help(format!("name the file, for example `{place}`")),
            );
        } else if let Some(first) = places.get(&path) {
            rules.report(
                problem(format!("two assets would be put at `{path}`"))
                    .cause(Location::value(first.clone()), "the other one")
                    .help("give one of them another name"),
            );
        } else {
            places.insert(path, at);
        }
    }
}

/// Assets that developers would not see, because the mounted source lies over them.
fn hidden(rules: &mut Rules<'_>, name: &str, service: &Service) {
    let stack = service.stack.filter(|_| service.dockerfile.is_none()).and_then(stack::find);
    // Elsewhere than the source, assets lie in the open.
    let Some(folder) = stack.map(|stack| stack.workdir()).filter(|folder| *folder == ASSETS) else {
        return;
    };
    let source = match &service.source {
        Some(paths) => RelativePath::list(paths),
        None => vec![RelativePath::root()],
    };
    let volumes: Vec<String> = volumes(name, service)
        .into_iter()
        .flat_map(|(_, mounts)| mounts)
        .filter(|(source, _)| !source.starts_with('.'))
        .map(|(_, target)| format!("{}/", target.trim_end_matches(":ro").trim_end_matches('/')))
        .collect();
    for (index, asset) in service.assets.iter().enumerate() {
        let Ok(path) = RelativePath::new(&asset.to) else { continue };
        let place = format!("{folder}/{path}");
        let is_over = |mount: &RelativePath| mount.is_root() || path.below(mount).is_some();
        if !source.iter().any(is_over) || volumes.iter().any(|volume| place.starts_with(volume)) {
            continue;
        }
        let at = at(name, "assets").join(index).join("to");
        let title = format!("developers do not see `{path}`: their source is mounted over it");
        let folder = place.rsplit_once('/').map_or(folder, |(folder, _)| folder);
        rules.report(Diagnostic::warning(Code::NestedMount, Location::value(at), title).help(
            if folder == ASSETS {
                "put it into a folder of its own, and mount a volume there".to_owned()
            } else {
                format!("mount a volume at `{folder}`, or list `source` without it")
            },
        ));
    }
}
