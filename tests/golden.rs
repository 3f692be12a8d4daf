//! The generated files of each system, and of each option, are those that were read and committed,
//! and no others.
//! `SNAPSHOTS=overwrite cargo test --test golden` writes them anew: read the difference.
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

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use support::{files_below, options, render, root, systems, texts};

#[test]
fn systems_are_as_committed() {
    let cases = systems().into_iter().map(|(name, folder)| {
        let files = texts(&rendered(&folder.join("input/gen.yaml")));
        (name, folder.join("expected"), files)
    });
    are_as_committed(cases.collect());
}

#[test]
fn options_are_as_committed() {
    let expected = root().join("fixtures/options/expected");
    // Rendered, not read, because the test beside this one may be writing them anew.
    let systems = systems().into_iter();
    let systems = systems.flat_map(|(_, folder)| texts(&rendered(&folder.join("input/gen.yaml"))));
    let of_systems: BTreeSet<(String, String)> =
        systems.map(|(path, text)| (file_name(&path).to_owned(), text)).collect();
    let cases: Vec<(String, PathBuf, BTreeMap<String, String>)> = options()
        .into_iter()
        .map(|(topic, manifest)| {
            let mut files = texts(&rendered(&manifest));
            files.retain(|path, text| !is_read_elsewhere(&topic, path, text, &of_systems));
            (topic.clone(), expected.join(topic), files)
        })
        .collect();
    let mut forgotten = fs::read_dir(&expected).expect("the folder").flatten();
    let forgotten = forgotten.find(|entry| !cases.iter().any(|case| case.1 == entry.path()));
    assert!(forgotten.is_none(), "there is no such option: {forgotten:?}");
    are_as_committed(cases);
}

/// The options whose scripts differ in more than the table of images.
const SCRIPTED: [&str; 4] = ["build-secrets", "engine-any", "engine-docker", "secrets"];

/// Whether an option's file is one of a system to the letter, or a library of scripts with another
/// table: those are read there, so that the option's own tree stays small.
fn is_read_elsewhere(
    topic: &str,
    path: &str,
    text: &str,
    of_systems: &BTreeSet<(String, String)>,
) -> bool {
    let library = path == "scripts/lib.sh" && !SCRIPTED.contains(&topic);
    library || of_systems.contains(&(file_name(path).to_owned(), text.to_owned()))
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn rendered(manifest: &Path) -> Vec<composegen::rendered::RenderedFile> {
    render(&fs::read(manifest).expect("a manifest"))
}

/// Compares the files of each case with its folder, both ways; or writes the folder anew.
fn are_as_committed(cases: Vec<(String, PathBuf, BTreeMap<String, String>)>) {
    let mut different = Vec::new();
    for (name, expected, files) in cases {
        if std::env::var("SNAPSHOTS").as_deref() == Ok("overwrite") {
            drop(fs::remove_dir_all(&expected));
            for (path, text) in &files {
                let path = expected.join(path);
                fs::create_dir_all(path.parent().expect("a folder")).expect("folder");
                fs::write(path, text).expect("file");
            }
        }
        let committed: BTreeMap<String, String> = files_below(&expected)
            .into_iter()
            .map(|(path, bytes)| (path, String::from_utf8(bytes).expect("text")))
            .collect();
        for path in committed.keys().chain(files.keys()) {
            if committed.get(path) != files.get(path) {
                different.push(format!("{name}/{path}"));
            }
        }
    }
    different.sort();
    different.dedup();
    assert!(
        different.is_empty(),
        "other than committed: {different:#?}\nSNAPSHOTS=overwrite cargo test --test golden"
    );
}

/// Every manifest.
fn cases() -> Vec<(String, PathBuf)> {
    let systems = systems().into_iter().map(|(name, folder)| (name, folder.join("input/gen.yaml")));
    systems.chain(options()).collect()
}

#[test]
fn the_order_of_keys_means_nothing() {
    for (name, manifest) in cases() {
        let text = fs::read_to_string(manifest).expect("a manifest");
        let value: serde_json::Value = serde_yaml::from_str(&text).expect("YAML");
        let turned = serde_yaml::to_string(&turn(&value)).expect("YAML");
        assert_eq!(
            texts(&render(text.as_bytes())),
            texts(&render(turned.as_bytes())),
            "{name} differs when its keys are turned around"
        );
    }
}

/// The same value with the keys of every mapping in the opposite order.
fn turn(value: &serde_json::Value) -> serde_yaml::Value {
    match value {
        serde_json::Value::Object(map) => serde_yaml::Value::Mapping(
            map.iter().rev().map(|(key, value)| (key.clone().into(), turn(value))).collect(),
        ),
        serde_json::Value::Array(items) => items.iter().map(turn).collect(),
        other => serde_yaml::to_value(other).expect("a value"),
    }
}

#[test]
fn every_file_is_portable_text() {
    for (name, manifest) in cases() {
        for file in rendered(&manifest) {
            let at = format!("{name}/{}", file.path);
            assert!(file.text.ends_with('\n') && !file.text.contains('\r'), "{at}");
            assert!(!file.text.contains(&*root().to_string_lossy()), "{at} names this machine");
        }
    }
}
