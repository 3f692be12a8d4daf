//! What only Go services can have wrong.

use std::collections::BTreeMap;

use super::{Go, last_part};
use crate::diagnostic::{Code, Diagnostic, Location};
use crate::manifest::Service;
use crate::path::RelativePath;
use crate::pointer;
use crate::pointer::Pointer;
use crate::resolve;
use crate::stack::Stack;
use crate::validate::Rules;

pub(super) fn check(stack: &Go, rules: &mut Rules<'_>, name: &str, service: &Service) {
    let module = stack.root(service);
    if module_file(rules, name, service, &module) {
        module_text(stack, rules, name, service, &module);
    }
    programs(rules, name, service, &module);
    tags(rules, name, service);
    version(rules, name, service);
    if service.source.is_some() && resolve::folder(service) != module {
        let at = pointer!["services", name, "source"];
        rules.report(
            Diagnostic::error(
                Code::NotApplicable,
                Location::key(at),
                "`source` with a `path` below the module would leave the rest of the module out",
            )
            .help(format!(
                "set `path: {module}`, name the program with `go: {{main: …}}`, and list the \
                 module's folders"
            )),
        );
    }
}

/// Whether there is a module.
fn module_file(
    rules: &mut Rules<'_>,
    name: &str,
    service: &Service,
    module: &RelativePath,
) -> bool {
    let file = module.file("go.mod");
    if rules.tree.kind(&file).is_some() {
        return true;
    }
    let own = resolve::folder(service).file("go.mod");
    let help = if rules.tree.kind(&own).is_some() {
        format!("`{own}` is there: leave `build.context` out, it names the module's folder")
    } else {
        "make it with `go mod init`, or name the module's folder with `build: {context: …}`".into()
    };
    let at = pointer!["services", name, "stack"];
    rules.report(
        Diagnostic::error(Code::MissingFile, Location::value(at), format!("`{file}` is not there"))
            .help(help),
    );
    false
}

/// What the text of the module says: versions, dependencies, a workspace around it.
fn module_text(
    stack: &Go,
    rules: &mut Rules<'_>,
    name: &str,
    service: &Service,
    module: &RelativePath,
) {
    let file = module.file("go.mod");
    let Some(text) = rules.tree.text(&file) else { return };
    let sum = module.file("go.sum");
    if requires(&text) && rules.tree.kind(&sum).is_none() {
        let at = pointer!["services", name, "stack"];
        rules.report(
            Diagnostic::error(
                Code::MissingLockFile,
                Location::value(at),
                format!("`{sum}` is not there, and `{file}` requires modules"),
            )
            .help("make it with `go mod tidy`, and commit it"),
        );
    }
    let version = service.version.as_ref().map_or(stack.default_version(), |version| &version.0);
    if let Some(least) = directive(&text)
        && is_older(version, least)
    {
        let key = if service.version.is_some() { "version" } else { "stack" };
        rules.report(
            Diagnostic::error(
                Code::UnknownVersion,
                Location::value(pointer!["services", name, key]),
                format!("`{file}` needs Go {least}, the service has {version}"),
            )
            .help(format!("set `version: \"{}\"`", minor(least))),
        );
    }
    let workspace = module.file("go.work");
    let listed = service.build.iter().flat_map(|build| &build.files).any(|file| file == "go.work");
    if !listed && rules.tree.text(&workspace).is_some() {
        let at = pointer!["services", name, "stack"];
        rules.report(
            Diagnostic::warning(
                Code::NotApplicable,
                Location::value(at),
                format!("`{workspace}` is not used in images"),
            )
            .help(
                "where the program needs modules of the workspace, list `go.work` and their \
                 `go.mod` and `go.sum` under `build: {files: […]}`",
            ),
        );
    }
}

/// The packages are folders of the module that the image gets, and their programs have names of
/// their own. What is no path is told of elsewhere.
fn programs(rules: &mut Rules<'_>, name: &str, service: &Service, module: &RelativePath) {
    let go = service.go.clone().unwrap_or_default();
    let Some(own) = resolve::folder(service).below(module) else { return };
    let first = match go.main {
        Some(text) => (text, pointer!["services", name, "go", "main"]),
        None => (own.to_string(), pointer!["services", name, "path"]),
    };
    let more = go.programs.into_iter().enumerate().map(|(index, text)| {
        let at = pointer!["services", name, "go", "programs", index];
        (text, at)
    });
    // Elsewhere than beside the module, `source` itself is wrong.
    let source = service.source.as_ref().filter(|_| own.is_root());
    let source = source.map(|paths| RelativePath::list(paths));
    let mut names: BTreeMap<String, Pointer> = BTreeMap::new();
    for (text, at) in std::iter::once(first).chain(more) {
        let Ok(package) = RelativePath::new(&text) else { continue };
        let folder = module.join(&package);
        let is_copied = |paths: &Vec<RelativePath>| {
            package.is_root() || paths.iter().any(|path| package.below(path).is_some())
        };
        if rules.tree.kind(&folder).is_none() {
            let title = format!("there is no folder `{folder}`");
            let problem =
                Diagnostic::error(Code::MissingFolder, Location::value(at.clone()), title);
            rules.report(problem.help("packages are named from the module on: `./cmd/api`"));
        } else if !source.as_ref().is_none_or(is_copied) {
            let title = format!("`{folder}` is not among the `source` of the service");
            let problem = Diagnostic::error(Code::BadPath, Location::value(at.clone()), title);
            rules.report(
                problem
                    .cause(Location::key(pointer!["services", name, "source"]), "which is this")
                    .help("add it there: what is not listed is not in the image"),
            );
        }
        let program = if package.is_root() { name } else { last_part(&package) };
        if let Some(first) = names.insert(program.to_owned(), at.clone()) {
            rules.report(
                Diagnostic::error(
                    Code::BadName,
                    Location::value(at),
                    format!("two programs would be `/app/{program}`"),
                )
                .cause(Location::value(first), "the other one")
                .help("programs are called after the last part of their package"),
            );
        }
    }
}

/// Tags are words of a list that commas divide.
fn tags(rules: &mut Rules<'_>, name: &str, service: &Service) {
    let plain = |c: char| c.is_alphanumeric() || "_.".contains(c);
    for (index, tag) in service.go.iter().flat_map(|go| &go.tags).enumerate() {
        if tag.is_empty() || !tag.chars().all(plain) {
            rules.report(
                Diagnostic::error(
                    Code::BadValue,
                    Location::value(pointer!["services", name, "go", "tags", index]),
                    format!("`{tag}` is not a build tag"),
                )
                .help("tags are letters, digits, `_` and `.`; each is an entry of its own"),
            );
        }
    }
}

/// The value of `VERSION` is a word of the linker's options, which are split at quotes and blanks.
fn version(rules: &mut Rules<'_>, name: &str, service: &Service) {
    let value = service.build.as_ref().and_then(|build| build.args.get("VERSION"));
    let Some(offset) = value.and_then(|value| value.find(['\'', '"'])) else { return };
    let at = pointer!["services", name, "build", "args", "VERSION"];
    rules.report(
        Diagnostic::error(
            Code::BadValue,
            Location::within(at, offset..offset + 1),
            "a quote in `VERSION` would end the option of the linker that it stands in",
        )
        .help("leave it out"),
    );
}

/// Whether a module requires others.
fn requires(text: &str) -> bool {
    text.lines().any(|line| line.split_whitespace().next() == Some("require"))
}

/// The Go version that a module wants at least.
fn directive(text: &str) -> Option<&str> {
    text.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        (words.next() == Some("go")).then(|| words.next()).flatten()
    })
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map_while(|part| part.parse().ok()).collect()
}

/// Whether an image of a version lacks what a module wants. `1.26` is the newest 1.26 there is.
fn is_older(version: &str, least: &str) -> bool {
    let (version, least) = (numbers(version), numbers(least));
    let both = version.len().min(least.len());
    !version.is_empty() && version[..both] < least[..both]
}

/// The part of a version that a tag begins with.
fn minor(version: &str) -> String {
    version.split('.').take(2).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::manifest::Manifest;
    use crate::tree::MemoryTree;

    fn problems(manifest: &str, files: &[(&str, &str)]) -> Vec<String> {
        let text = format!("version: 1\nname: shop\nservices:\n  api:\n    stack: go\n{manifest}");
        let document = Document::parse("gen.yaml", text.as_bytes()).expect("a document");
        let manifest: Manifest = document.read().expect("a manifest");
        let tree: MemoryTree = files.iter().copied().collect();
        let found = crate::validate::check(&document, &manifest, &tree);
        found.into_iter().map(|problem| problem.title).collect()
    }

    const MODULE: &str = "module example.com/shop\n\ngo 1.26.2\n";

    #[test]
    fn a_module_without_dependencies_has_no_sum() {
        assert_eq!(problems("", &[("go.mod", MODULE)]), [""; 0]);
        let text = format!("{MODULE}\nrequire example.com/x v1.0.0\n");
        assert_eq!(
            problems("", &[("go.mod", &text)]),
            ["`go.sum` is not there, and `go.mod` requires modules"]
        );
    }

    #[test]
    fn the_module_may_lie_above_the_service() {
        let files = [("go.mod", MODULE), ("services/api/main.go", ""), ("x/x.go", "")];
        let below = "    path: services/api\n    build: {context: .}\n";
        assert_eq!(problems(below, &files), [""; 0]);
        assert_eq!(
            problems("    path: services/api\n", &files),
            ["`services/api/go.mod` is not there"]
        );
        assert_eq!(problems(&format!("{below}    source: [x]\n"), &files).len(), 1);
    }

    #[test]
    fn finds_what_cannot_be_built() {
        let module = MODULE.replace("1.26.2", "1.27");
        let files = [
            ("go.mod", module.as_str()),
            ("cmd/api/main.go", ""),
            ("cmd/y/main.go", ""),
            ("go.work", "go 1.26\n"),
        ];
        let manifest = "    version: 1.26\n    packages: {runtime: [ffmpeg]}\n    \
                        source: [cmd/api]\n    \
                        go: {main: ../api, programs: [cmd/api, ./cmd/api, cmd/x, cmd/y], \
                        tags: [\"a b\"]}\n";
        for title in [
            "`go.mod` needs Go 1.27, the service has 1.26",
            "`go.work` is not used in images",
            "the path leaves the project with `..`",
            "two programs would be `/app/api`",
            "there is no folder `cmd/x`",
            "`cmd/y` is not among the `source` of the service",
            "`a b` is not a build tag",
            "a distroless image has no package manager to install these with",
        ] {
            let found = problems(manifest, &files);
            assert!(found.iter().any(|found| found == title), "{title}: {found:?}");
            assert_eq!(found.len(), 8, "{found:?}");
        }
    }

    #[test]
    fn compares_versions() {
        for (version, least, older) in [
            ("1.26", "1.26.9", false),
            ("1.26.1", "1.26.9", true),
            ("1.9", "1.26", true),
            ("1.27", "1.26.9", false),
            ("tip", "1.26", false),
        ] {
            assert_eq!(is_older(version, least), older, "{version} {least}");
        }
    }
}
