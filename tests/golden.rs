//! The generated files of each system are those that were read and committed, and no others.
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

use std::collections::BTreeMap;
use std::fs;

use support::{files_below, render, root, systems, texts};

#[test]
fn systems_are_as_committed() {
    let mut different = Vec::new();
    for (name, folder) in systems() {
        let files = render(&fs::read(folder.join("input/gen.yaml")).expect("a manifest"));
        let expected = folder.join("expected");
        if std::env::var("SNAPSHOTS").as_deref() == Ok("overwrite") {
            drop(fs::remove_dir_all(&expected));
            for (path, text) in texts(&files) {
                let path = expected.join(path);
                fs::create_dir_all(path.parent().expect("a folder")).expect("folder");
                fs::write(path, text).expect("file");
            }
        }
        let committed: BTreeMap<String, String> = files_below(&expected)
            .into_iter()
            .map(|(path, bytes)| (path, String::from_utf8(bytes).expect("text")))
            .collect();
        let rendered = texts(&files);
        for path in committed.keys().chain(rendered.keys()) {
            if committed.get(path) != rendered.get(path) {
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

#[test]
fn the_order_of_keys_means_nothing() {
    for (name, folder) in systems() {
        let text = fs::read_to_string(folder.join("input/gen.yaml")).expect("a manifest");
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
    for (name, folder) in systems() {
        for file in render(&fs::read(folder.join("input/gen.yaml")).expect("a manifest")) {
            let at = format!("{name}/{}", file.path);
            assert!(file.text.ends_with('\n') && !file.text.contains('\r'), "{at}");
            assert!(!file.text.contains(&*root().to_string_lossy()), "{at} names this machine");
        }
    }
}
