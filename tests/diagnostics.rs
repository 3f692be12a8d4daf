//! Every message as a person sees it. A new case is a file in `tests/diagnostics/`.
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a test asks the machine, and stops where something is wrong"
)]

use std::fs;
use std::path::Path;

use composegen::diagnostic::{Code, Diagnostic, Report};
use composegen::document::Document;
use composegen::manifest::Manifest;
use composegen::schema;

/// What no person should have to read: words of the libraries, regular expressions.
const FORBIDDEN: [&str; 16] = [
    "anyOf",
    "oneOf",
    "under any of",
    "schema",
    "additional properties",
    "is not of type",
    "regex",
    "^[",
    "]+",
    "]*",
    "expected value",
    "DuplicateKeyPolicy",
    "from_str",
    " at line ",
    "TODO",
    "serde",
];

fn judge(name: &str, bytes: &[u8]) -> Report {
    match Document::parse(name, bytes) {
        Ok(document) => {
            let diagnostics = schema::check(&document);
            Report::new(document, diagnostics)
        }
        Err(report) => *report,
    }
}

fn cases() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics");
    let mut cases: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap())
        })
        .collect();
    cases.sort();
    cases
}

#[test]
fn messages_are_as_they_were() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path("snapshots/diagnostics");
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (name, bytes) in cases() {
            insta::assert_snapshot!(name.as_str(), judge("gen.yaml", &bytes).render(false));
        }
    });
}

#[test]
fn every_case_has_a_problem_in_words_for_people() {
    assert!(cases().len() > 100);
    for (name, bytes) in cases() {
        let report = judge("gen.yaml", &bytes);
        assert!(report.has_errors(), "{name}");
        for diagnostic in &report.diagnostics {
            let help = diagnostic.help.clone().unwrap_or_default();
            let label = diagnostic.label.clone().unwrap_or_default();
            let text = format!("{} {label} {help}", diagnostic.title);
            let text = text.replace("`gen schema`", "");
            for forbidden in FORBIDDEN {
                assert!(!text.contains(forbidden), "{name}: {text}");
            }
            assert!(!diagnostic.title.ends_with('.') && !help.ends_with('.'), "{name}: {text}");
            assert!(!diagnostic.title.starts_with(char::is_uppercase), "{name}: {text}");
            assert_ne!(diagnostic.code, Code::BadValue, "{name}: {text}");
        }
        assert!(!report.render(false).contains('\u{1b}'), "{name}");
        assert!(report.render(true).contains('\u{1b}'), "{name}");
    }
}

fn patched(report: &Report, diagnostic: &Diagnostic) -> Option<String> {
    let patch = diagnostic.patch.as_ref()?;
    let mut text = report.document.source().to_owned();
    let span = report.document.extent(&patch.location);
    let space = if span.is_empty() && text[..span.start].ends_with(':') { " " } else { "" };
    text.replace_range(span, &format!("{space}{}", patch.replacement));
    Some(text)
}

#[test]
fn every_patch_mends_its_problem() {
    let mut patches = 0;
    for (name, bytes) in cases() {
        let report = judge("gen.yaml", &bytes);
        for diagnostic in &report.diagnostics {
            let Some(text) = patched(&report, diagnostic) else { continue };
            patches += 1;
            let after = judge("gen.yaml", text.as_bytes());
            assert!(
                !after.diagnostics.iter().any(|other| other.title == diagnostic.title),
                "{name}:\n{}\n{}",
                report.render(false),
                after.render(false)
            );
        }
    }
    assert!(patches > 40, "{patches}");
}

#[test]
fn what_the_schema_takes_the_types_take() {
    let text = "version: 1\nname: shop\nx-top: 1\nvolumes:\nservices:\n  x-web:\n    stack: python\n    \
        x-note: [1]\n    version: 3.10\n    ports: [8080, \"8081:80\"]\n    environment: {A: 1, B: 1.50, \
        C: yes, D: true, E: 0x1F, F: 99999999999999999999, G: {from: G, x-h: 1}}\n    volumes:\n    \
        depends_on: {x-db: {condition: service_started}}\n    prod: {publish: false, restart: no, \
        resources: {cpus: 1.0}}\n    command: node server.js\n  x-db: {preset: postgres, version: 017}\n";
    let report = judge("gen.yaml", text.as_bytes());
    assert!(report.diagnostics.is_empty(), "{}", report.render(false));
    let manifest: Manifest = report.document.read().unwrap();
    insta::assert_debug_snapshot!(manifest.services["x-web"].environment);
    assert_eq!(manifest.services["x-web"].version.as_ref().unwrap().0, "3.10");
    assert_eq!(manifest.services["x-db"].version.as_ref().unwrap().0, "017");
    assert_eq!(manifest.services["x-web"].ports[0].0, "8080");
    let prod = manifest.services["x-web"].prod.clone().unwrap();
    assert_eq!(prod.resources.unwrap().cpus.unwrap().0, "1.0");
}

#[test]
fn json_has_places_and_pointers() {
    let text = "version: 1\nname: \"ä\"\nservices:\n  web: {stack: node, labels: {a/b: 1}}\n";
    let report = judge("gen.yaml", text.as_bytes());
    insta::assert_snapshot!(serde_json::to_string_pretty(&report.to_json()).unwrap());
}

#[test]
fn a_thousand_problems_are_shown_in_time() {
    use std::fmt::Write;
    let mut text = "version: 1\nname: shop\nservices:\n".to_owned();
    for number in 0..1000 {
        writeln!(text, "  s{number}:\n    stack: node\n    prot: {number}").unwrap();
    }
    let report = judge("gen.yaml", text.as_bytes());
    assert_eq!(report.diagnostics.len(), 1000);
    assert!(report.render(false).len() > 100_000);
    let many: String = (0..20_000).map(|number| format!("k{number}: [a]\n")).collect();
    let report = judge("gen.yaml", many.as_bytes());
    assert_eq!(report.diagnostics.len(), schema::MAXIMUM_PROBLEMS + 1);
}
