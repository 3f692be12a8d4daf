//! Mounts: what can be mounted, where, and not into each other.

use std::collections::BTreeMap;

use super::{Rules, character, path, plan, volumes};
use crate::diagnostic::{Code, Diagnostic, Location, word};
use crate::manifest::Service;
use crate::path::{ContainerPath, PathError, RelativePath};
use crate::pointer::Pointer;
use crate::stack;

/// Sockets by which a container commands the engine.
const SOCKETS: [&str; 4] = ["docker.sock", "podman.sock", "containerd.sock", "crio.sock"];

/// Folders of the host that hold its system.
const SYSTEM: [&str; 21] = [
    "bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "media", "mnt", "opt", "proc", "run",
    "sbin", "srv", "sys", "tmp", "usr", "var", "Library", "System", "private",
];

/// Folders of the host that hold people's files.
const HOMES: [&str; 3] = ["home", "root", "Users"];

/// Folders of a container that the engine, or the image, cannot do without.
const RESERVED: [(&str, bool, &str); 14] = [
    ("/", false, "it would hide the whole image"),
    ("/proc", true, "the engine mounts it itself"),
    ("/sys", true, "the engine mounts it itself"),
    ("/dev", true, "the engine mounts it itself"),
    ("/run/secrets", true, "the secrets of the service are there"),
    ("/run", false, "the engine keeps files there"),
    ("/bin", false, "it would hide programs of the image"),
    ("/sbin", false, "it would hide programs of the image"),
    ("/lib", false, "it would hide libraries of the image"),
    ("/lib64", false, "it would hide libraries of the image"),
    ("/usr", false, "it would hide programs of the image"),
    ("/etc", false, "it would hide the settings of the image"),
    ("/var", false, "it would hide files of the image"),
    ("/tmp", false, "it is in memory already; a folder below it can be mounted"),
];

pub(super) fn check(rules: &mut Rules<'_>, name: &str, service: &Service) {
    let mut targets: BTreeMap<ContainerPath, Pointer> = BTreeMap::new();
    for (above, mounts) in volumes(name, service) {
        for (source, written) in mounts {
            let at = above.join(source);
            check_source(rules, &at, source);
            let Some(target) = check_target(rules, service, &at, written) else { continue };
            if let Some(first) = targets.get(&target) {
                // Development may say anew what is mounted.
                if first.segments().last() == Some(source.as_str()) {
                    continue;
                }
                let title = format!("two mounts at `{target}`");
                rules.report(
                    Diagnostic::error(Code::NestedMount, Location::value(at), title)
                        .cause(Location::value(first.clone()), "the other one")
                        .help("mount one of them elsewhere, or remove it"),
                );
            } else {
                targets.insert(target, at);
            }
        }
    }
    nested(rules, name, service, &targets);
}

/// What is mounted: a named volume, or a folder of the project.
fn check_source(rules: &mut Rules<'_>, at: &Pointer, source: &str) {
    let place = Location::key(at.clone());
    if source.chars().any(character::is_bad) {
        return;
    }
    if let Some((reason, help)) = host_path(source) {
        let title = format!("{} is not mounted: {reason}", word(source));
        rules.report(Diagnostic::error(Code::ForbiddenMount, place, title).help(help));
        return;
    }
    if source.starts_with('.') {
        if let Err(error) = RelativePath::new(source) {
            path::report(rules, place, source, &error);
        }
        return;
    }
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_-".contains(c);
    let begins = source.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
    if begins && source.len() > 1 && source.len() < 64 && source.chars().all(is_name) {
        return;
    }
    let title = format!("{} is neither a volume nor a folder of the project", word(source));
    let problem = Diagnostic::error(Code::BadMount, place.clone(), title);
    let folder = format!("./{source}");
    rules.report(if source.contains('/') && RelativePath::new(source).is_ok() {
        problem.help("a folder of the project begins with `./`").patch(place, folder)
    } else if source.contains('$') {
        problem.help("variables are not replaced here: write a volume's name, or `./folder`")
    } else {
        problem.help(
            "names of volumes are lower-case letters, digits, `_` and `-`, at least two of them; \
             folders begin with `./`",
        )
    });
}

/// Why a path of the host is not mounted, and what to do.
fn host_path(source: &str) -> Option<(&'static str, &'static str)> {
    let project = "mount a folder of the project, `./folder`, or a volume";
    if SOCKETS.iter().any(|socket| source.ends_with(socket)) {
        return Some((
            "who reaches the engine's socket commands the host",
            "a program that has to manage containers gets a proxy that allows it the few calls \
             that it needs, outside of this manifest",
        ));
    }
    let variable = source.starts_with("$HOME") || source.starts_with("${HOME}");
    if source.starts_with('~') || variable {
        return Some(("a home folder holds keys, and is another one on each machine", project));
    }
    let windows = source.as_bytes();
    if windows.len() > 2 && windows[0].is_ascii_alphabetic() && windows[1] == b':' {
        return Some(("an absolute path is another one on each machine", project));
    }
    let mut parts = source.strip_prefix('/')?.split('/').filter(|part| !part.is_empty());
    let Some(first) = parts.next() else {
        return Some(("it is the whole host", project));
    };
    if HOMES.contains(&first) {
        return Some(("a home folder holds keys, and is another one on each machine", project));
    }
    if SYSTEM.contains(&first) {
        return Some((
            "it belongs to the host's system, and its SELinux label must stay as it is",
            project,
        ));
    }
    Some(("an absolute path is another one on each machine", project))
}

/// Where it is mounted: an absolute path that the image does not need itself.
fn check_target(
    rules: &mut Rules<'_>,
    service: &Service,
    at: &Pointer,
    written: &str,
) -> Option<ContainerPath> {
    let (target, mode) = match written.split_once(':') {
        Some((target, mode)) => (target, Some(mode)),
        None => (written, None),
    };
    if let Some(mode) = mode.filter(|mode| *mode != "ro") {
        let range = target.len()..written.len();
        let title = format!("{} behind a mount is not known", word(&format!(":{mode}")));
        let place = Location::within(at.clone(), range);
        let problem = Diagnostic::error(Code::BadMount, place.clone(), title);
        let only = |wanted: &[&str]| mode.split(',').all(|word| wanted.contains(&word));
        rules.report(if only(&["rw", "z", "Z", "cached", "delegated", "consistent"]) {
            problem
                .help("leave it out: mounts can be written, and `gen` adds the SELinux label")
                .patch(place, "")
        } else if only(&["ro", "z", "Z"]) {
            problem.help("`gen` adds the SELinux label").patch(place, ":ro")
        } else if mode.starts_with('/') {
            problem.help("what is mounted is the key: write `SOURCE: TARGET`")
        } else {
            problem.help("only `:ro` may follow, for what is only read")
        });
    }
    let path =
        match ContainerPath::new(target) {
            Ok(path) => {
                if let Some(comma) = target.find(',') {
                    path::report_comma(rules, at.clone(), comma);
                }
                path
            }
            Err(PathError::Absolute | PathError::Home) => {
                let title = format!("{} is not an absolute path", word(target));
                let place = Location::within(at.clone(), 0..target.len());
                let below = target.trim_start_matches(['.', '/', '~']);
                rules.report(Diagnostic::error(Code::BadMount, place, title).help(format!(
                    "write where it is in the container, for example `/app/{below}`"
                )));
                return None;
            }
            Err(error) => {
                path::report_absolute(rules, Location::value(at.clone()), target, &error);
                return None;
            }
        };
    let application = service.stack.and_then(stack::find).map(|stack| stack.workdir());
    let reason = if application == Some(path.as_str()) {
        Some("it would hide the application; a folder below it can be mounted")
    } else {
        let reserved = RESERVED.iter().find(|(folder, below, _)| {
            path.as_str() == *folder || (*below && path.as_str().starts_with(&format!("{folder}/")))
        });
        reserved.map(|(_, _, reason)| *reason)
    };
    let Some(reason) = reason else { return Some(path) };
    let place = Location::within(at.clone(), 0..target.len());
    let title = format!("nothing can be mounted at `{path}`: {reason}");
    let problem = Diagnostic::error(Code::ForbiddenMount, place, title);
    rules.report(problem.help("mount it at a folder of its own, for example `/app/data`"));
    None
}

/// Mounts that lie in each other, or at a folder in memory.
fn nested(
    rules: &mut Rules<'_>,
    name: &str,
    service: &Service,
    targets: &BTreeMap<ContainerPath, Pointer>,
) {
    for (target, at) in targets {
        let text = target.as_str();
        let above = text.match_indices('/').skip(1).find_map(|(end, _)| {
            let above = ContainerPath::new(&text[..end]).ok()?;
            targets.get_key_value(&above)
        });
        let Some((outer, other)) = above else { continue };
        let title = format!("`{target}` lies inside another mount of `{name}`");
        rules.report(
            Diagnostic::error(Code::NestedMount, Location::value(at.clone()), title)
                .cause(Location::value(other.clone()), format!("everything below `{outer}`"))
                .help("mount them beside each other"),
        );
    }
    let own = service.tmpfs.iter().enumerate();
    let own = own.filter_map(|(index, path)| {
        let at = super::at(name, "tmpfs").join(index);
        Some((ContainerPath::new(path).ok()?, Some(at)))
    });
    let preset = plan(name, service);
    let of_preset = preset.iter().flat_map(|plan| &plan.tmpfs);
    let of_preset = of_preset.filter_map(|path| Some((ContainerPath::new(path).ok()?, None)));
    for (path, memory) in own.chain(of_preset) {
        let Some(at) = targets.get(&path) else { continue };
        let title = format!("`{path}` is a folder in memory already");
        let problem = Diagnostic::error(Code::NestedMount, Location::value(at.clone()), title);
        let problem = match memory {
            Some(memory) => problem.cause(Location::value(memory), "here"),
            None => problem,
        };
        rules.report(problem.help("mount it elsewhere, or take it out of `tmpfs`"));
    }
}
