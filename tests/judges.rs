//! Independent judges find nothing in any generated file: parsers, linters, and the engines' own
//! checks. Without them this says that it was skipped; `GEN_REQUIRE_JUDGES=1` makes that a failure.
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a test asks the machine, and stops where something is wrong"
)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use support::{options, render, run, skip, systems, texts, write};

/// Every manifest.
fn manifests() -> impl Iterator<Item = (String, PathBuf)> {
    let systems = systems().into_iter().map(|(name, folder)| (name, folder.join("input/gen.yaml")));
    systems.chain(options())
}

/// Every case with its files in a folder of its own.
fn cases() -> Vec<(String, tempfile::TempDir)> {
    manifests()
        .map(|(name, manifest)| {
            let folder = tempfile::tempdir().expect("a folder");
            write(&render(&fs::read(manifest).expect("a manifest")), folder.path());
            (name, folder)
        })
        .collect()
}

/// The files of a folder whose names end so.
fn named(folder: &Path, fits: impl Fn(&str) -> bool) -> Vec<String> {
    support::files_below(folder).into_keys().filter(|path| fits(path)).collect()
}

fn is_dockerfile(path: &str) -> bool {
    path.rsplit('/')
        .next()
        .is_some_and(|name| name == "Dockerfile" || name.starts_with("Dockerfile."))
}

/// Lets a judge look at the files of every case that fit, and gathers what it says.
fn judge(program: &str, fixed: &[&str], fits: impl Fn(&str) -> bool) {
    if run(Path::new("/"), program, &["--version"]).is_none() {
        skip("GEN_REQUIRE_JUDGES", &format!("there is no {program}"));
        return;
    }
    let mut findings = String::new();
    for (name, folder) in cases() {
        let files = named(folder.path(), &fits);
        if files.is_empty() {
            continue;
        }
        let arguments: Vec<&str> =
            fixed.iter().copied().chain(files.iter().map(String::as_str)).collect();
        let output = run(folder.path(), program, &arguments).expect("it ran before");
        let said = [output.stdout, output.stderr].concat();
        if !output.status.success() {
            findings.push_str(&format!("{name}: {}\n", String::from_utf8_lossy(&said)));
        }
    }
    assert!(findings.is_empty(), "{program} finds:\n{findings}");
}

/// Two readers that have no code in common see the same values in every YAML file.
#[test]
fn yaml_readers_agree() {
    for (name, files) in rendered() {
        let is_yaml = |path: &str| path.ends_with(".yml") || path.ends_with(".yaml");
        for (path, text) in files.iter().filter(|(path, _)| is_yaml(path)) {
            let one: serde_json::Value = serde_yaml::from_str(text).expect(path);
            let other: serde_json::Value = serde_saphyr::from_str(text).expect(path);
            assert_eq!(one, other, "{name}/{path}\n{text}");
        }
    }
}

#[test]
fn dockerfiles_parse() {
    for (manifest, files) in rendered() {
        for (path, text) in files.iter().filter(|(path, _)| is_dockerfile(path)) {
            // The parser asks for a word; the engines take an empty list for none, and without it a
            // distroless image would give every command to its interpreter.
            let text = &text.replace("\nENTRYPOINT []\n", "\n");
            if let Err(error) = parse_dockerfile::parse(text) {
                panic!("{manifest}/{path}: {error}\n{text}");
            }
        }
    }
}

fn rendered() -> Vec<(String, std::collections::BTreeMap<String, String>)> {
    manifests()
        .map(|(name, manifest)| (name, texts(&render(&fs::read(manifest).expect("a manifest")))))
        .collect()
}

#[test]
fn hadolint() {
    judge("hadolint", &[], is_dockerfile);
}

#[test]
fn yamllint() {
    judge("yamllint", &["--strict"], |path| path.ends_with(".yml"));
}

#[test]
fn dclint() {
    judge("dclint", &["--max-warnings", "0"], |path| path.ends_with(".yml"));
}

#[test]
fn compose_schema() {
    let schema = ["--builtin-schema", "vendor.compose-spec"];
    judge("check-jsonschema", &schema, |path| path.ends_with(".yml"));
}

#[test]
fn shellcheck() {
    judge("shellcheck", &["--external-sources", "--enable=all"], |path| path.ends_with(".sh"));
}

#[test]
fn shfmt() {
    judge("shfmt", &["--diff"], |path| path.ends_with(".sh"));
}

/// One run over all cases: it takes long to begin.
#[test]
fn checkov() {
    if run(Path::new("/"), "checkov", &["--version"]).is_none() {
        skip("GEN_REQUIRE_JUDGES", "there is no checkov");
        return;
    }
    let all = tempfile::tempdir().expect("a folder");
    for (name, manifest) in manifests() {
        let folder = all.path().join(name);
        write(&render(&fs::read(manifest).expect("a manifest")), &folder);
    }
    let fixed = ["--framework", "dockerfile", "--skip-download", "--quiet", "--compact"];
    let arguments = [&fixed[..], &["--output", "json", "--directory", "."]].concat();
    let output = run(all.path(), "checkov", &arguments).expect("it ran before");
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let findings = &said["results"]["failed_checks"];
    assert!(findings.as_array().is_some_and(Vec::is_empty), "checkov finds:\n{findings:#}");
    let count = named(all.path(), is_dockerfile).len();
    assert_eq!(said["summary"]["resource_count"], count, "checkov has not seen every Dockerfile");
    assert_eq!(said["summary"]["parsing_errors"], 0);
}

#[test]
fn docker_build_check() {
    if run(Path::new("/"), "docker", &["info"]).is_none_or(|output| !output.status.success()) {
        skip("GEN_REQUIRE_ENGINES", "docker does not answer");
        return;
    }
    let mut findings = String::new();
    for (name, folder) in cases() {
        for file in named(folder.path(), is_dockerfile) {
            // The checks look at the file alone: nothing is asked of a registry.
            let path = folder.path().join(&file);
            let text = fs::read_to_string(&path).expect("a Dockerfile");
            fs::write(&path, without_bases(&text)).expect("a Dockerfile");
            let arguments = ["buildx", "build", "--check", "--file", &file, "."];
            let output = run(folder.path(), "docker", &arguments).expect("it ran before");
            if !output.status.success() {
                let said = [output.stdout, output.stderr].concat();
                findings.push_str(&format!("{name}/{file}: {}\n", String::from_utf8_lossy(&said)));
            }
        }
    }
    assert!(findings.is_empty(), "docker build --check finds:\n{findings}");
}

/// A Dockerfile whose stages begin with nothing instead of an image of a registry.
fn without_bases(text: &str) -> String {
    let line = |line: &str| {
        let words: Vec<_> = line.split(' ').collect();
        match words[..] {
            ["FROM", platform, image, "AS", _] if image.contains('/') => {
                line.replace(image, "scratch").replace(&format!("{platform} "), "")
            }
            ["FROM", image, "AS", _] if image.contains('/') => line.replace(image, "scratch"),
            _ => line.to_owned(),
        }
    };
    text.lines().map(|text| line(text) + "\n").collect()
}

#[test]
fn compose_programs_read_every_stack() {
    let stacks: [&[&str]; 3] = [
        &["-f", "docker-compose.yml"],
        &["-f", "docker-compose.yml", "-f", "docker-compose.dev.yml"],
        &["-f", "docker-compose.prod.yml"],
    ];
    for program in [&["docker", "compose"][..], &["podman-compose"][..]] {
        let version: Vec<&str> = [&program[1..], &["version"]].concat();
        if run(Path::new("/"), program[0], &version).is_none_or(|output| !output.status.success()) {
            skip("GEN_REQUIRE_ENGINES", &format!("there is no {}", program.join(" ")));
            continue;
        }
        for (name, folder) in cases() {
            for stack in stacks {
                let arguments: Vec<&str> = [&program[1..], stack, &["config"]].concat();
                let output = run(folder.path(), program[0], &arguments).expect("it ran before");
                assert!(
                    output.status.success(),
                    "{name}: {program:?} {stack:?}: {}",
                    String::from_utf8_lossy(&output.stderr)
                );
            }
        }
    }
}
