//! The rules between the fields of a manifest. A new case is a file in `tests/rules/`: its first line
//! names the codes that it is to have, `x-files` what lies in the folder; without it, everything is
//! there.
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a test asks the machine, and stops where something is wrong"
)]
#![expect(clippy::disallowed_methods, reason = "cases are files, and time is measured")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use composegen::compile;
use composegen::diagnostic::{Code, Diagnostic, Report};
use composegen::document::{Document, MAXIMUM_BYTES, NodeKind};
use composegen::fs::Project;
use composegen::path::RelativePath;
use composegen::pointer;
use composegen::tree::{AnyTree, MemoryTree, Tree};

/// What the cases write where a secret stands.
const SECRET: &str = "unter2";

fn cases(folder: &str) -> Vec<(String, Vec<u8>)> {
    let folder = support::root().join(folder);
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

/// The folder that a case describes.
fn tree(document: &Document) -> Option<MemoryTree> {
    let files = document.get(&pointer!["x-files"])?;
    let path = |text: &str| RelativePath::new(text).unwrap();
    let mut tree = MemoryTree::new();
    match &files.kind {
        NodeKind::Sequence(items) => {
            for item in items {
                let NodeKind::Text(text) = &item.kind else { panic!("a path") };
                tree = tree.with(path(text), "");
            }
        }
        NodeKind::Mapping(entries) => {
            for entry in entries {
                let NodeKind::Text(text) = &entry.value.kind else { panic!("a text") };
                tree = tree.with(path(&entry.key), text.as_str());
            }
        }
        _ => panic!("a list or a mapping"),
    }
    Some(tree)
}

fn check(document: &Document, tree: &dyn Tree) -> Vec<Diagnostic> {
    match compile::check(document, tree) {
        Ok((_, warnings)) => warnings,
        Err(problems) => problems,
    }
}

fn judge(bytes: &[u8]) -> Report {
    let document = match Document::parse("gen.yaml", bytes) {
        Ok(document) => document,
        Err(report) => return *report,
    };
    let diagnostics = match tree(&document) {
        Some(tree) => check(&document, &tree),
        None => check(&document, &AnyTree),
    };
    Report::new(document, diagnostics)
}

/// The codes of the first line: `# expects: port-clash low-port`.
fn expected(bytes: &[u8]) -> Vec<String> {
    let text = std::str::from_utf8(bytes).unwrap();
    let line = text.lines().next().unwrap().strip_prefix("# expects: ").unwrap();
    let mut codes: Vec<_> = line.split(' ').map(str::to_owned).collect();
    codes.retain(|code| code != "nothing");
    codes.sort();
    codes
}

#[test]
fn cases_have_the_problems_that_they_are_to_have() {
    let mut wrong = Vec::new();
    for (name, bytes) in cases("tests/rules") {
        let report = judge(&bytes);
        let codes = report.diagnostics.iter().map(|found| found.code.to_string());
        let mut codes: Vec<_> = codes.collect();
        codes.sort();
        if codes != expected(&bytes) {
            wrong.push(format!("{name}: {codes:?}\n{}", report.render(false)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn messages_are_as_they_were() {
    let mut settings = insta::Settings::clone_current();
    settings.set_prepend_module_to_snapshot(false);
    settings.set_snapshot_path("snapshots/rules");
    settings.set_omit_expression(true);
    settings.bind(|| {
        for (name, bytes) in cases("tests/rules") {
            insta::assert_snapshot!(name.as_str(), judge(&bytes).render(false));
        }
    });
}

#[test]
fn messages_are_in_the_house_style() {
    for (name, bytes) in cases("tests/rules") {
        for diagnostic in judge(&bytes).diagnostics {
            let help = diagnostic.help.unwrap_or_default();
            let label = diagnostic.label.unwrap_or_default();
            let text = format!("{} | {label} | {help}", diagnostic.title);
            assert!(!text.contains("TODO") && !help.is_empty(), "{name}: {text}");
            assert!(!diagnostic.title.ends_with('.') && !help.ends_with('.'), "{name}: {text}");
            assert!(!diagnostic.title.starts_with(char::is_uppercase), "{name}: {text}");
            assert!(!help.starts_with(char::is_uppercase) || help.starts_with("MinIO"), "{text}");
            assert!(diagnostic.title.chars().count() <= 110, "{name}: {text}");
            assert_eq!(text.matches('`').count() % 2, 0, "{name}: {text}");
        }
    }
}

#[test]
fn secrets_are_never_shown() {
    let mut found = 0;
    for (name, bytes) in cases("tests/rules") {
        let report = judge(&bytes);
        if !report.diagnostics.iter().any(|found| found.code == Code::SecretLiteral) {
            continue;
        }
        found += 1;
        for text in [report.render(false), report.render(true), report.to_json().to_string()] {
            assert!(!text.to_lowercase().contains(SECRET), "{name}: {text}");
        }
    }
    assert!(found > 0);
}

fn patched(report: &Report, diagnostic: &Diagnostic) -> Option<String> {
    let patch = diagnostic.patch.as_ref()?;
    let mut text = report.document.source().to_owned();
    text.replace_range(report.document.extent(&patch.location), &patch.replacement);
    Some(text)
}

#[test]
fn every_patch_mends_its_problem() {
    let mut patches = 0;
    for (name, bytes) in cases("tests/rules") {
        let report = judge(&bytes);
        for diagnostic in &report.diagnostics {
            let Some(text) = patched(&report, diagnostic) else { continue };
            patches += 1;
            let after = judge(text.as_bytes());
            let left = after.diagnostics.len() + 1;
            assert!(left <= report.diagnostics.len(), "{name}:\n{text}\n{}", after.render(false));
            assert!(
                after.diagnostics.iter().all(|other| other.title != diagnostic.title),
                "{name}:\n{text}\n{}",
                after.render(false)
            );
        }
    }
    assert!(patches > 20, "{patches}");
}

/// Whoever adds a code adds a case that has it.
#[test]
fn every_code_has_a_case() {
    let mut seen: BTreeSet<Code> = BTreeSet::new();
    for (_, bytes) in cases("tests/rules").into_iter().chain(cases("tests/diagnostics")) {
        seen.extend(judge(&bytes).diagnostics.into_iter().map(|found| found.code));
    }
    // What no file of text can show.
    let deep = format!("a: {}", "[".repeat(200));
    for bytes in [vec![b'#'; MAXIMUM_BYTES + 1], vec![0xFF], deep.into_bytes()] {
        seen.extend(judge(&bytes).diagnostics.into_iter().map(|found| found.code));
    }
    let document = Document::parse("gen.yaml", b"a: b").unwrap();
    seen.insert(document.read::<Vec<u8>>().unwrap_err().code);
    let unseen: Vec<_> = Code::all().iter().filter(|code| !seen.contains(code)).collect();
    assert!(unseen.is_empty(), "no case has {unseen:?}");
}

#[test]
fn systems_have_nothing_to_mend() {
    for (name, folder) in support::systems() {
        let folder: &Path = &folder.join("input");
        let bytes = fs::read(folder.join("gen.yaml")).unwrap();
        let document = Document::parse("gen.yaml", &bytes).unwrap();
        let project = Project::open(folder).unwrap();
        let mut diagnostics = check(&document, &project.tree());
        // The lock file of one of them is made when the system is run.
        diagnostics.retain(|problem| problem.code != Code::MissingLockFile);
        let report = Report::new(document, diagnostics);
        assert!(report.diagnostics.is_empty(), "{name}:\n{}", report.render(false));
    }
}

/// Each service takes about as long, however many there are.
#[test]
fn time_grows_with_the_number_of_services() {
    let seconds = |count: usize| {
        let mut text =
            String::from("version: 1\nname: shop\nservices:\n  s0: {preset: postgres}\n");
        for number in 1..count {
            let before = number - 1;
            text.push_str(&format!(
                "  s{number}: {{stack: python, command: [app], path: s{number}, port: {}, \
                 depends_on: [s{before}], volumes: {{v{number}: /data}}, secrets: [none]}}\n",
                2000 + number
            ));
        }
        let document = Document::parse("gen.yaml", text.as_bytes()).unwrap();
        let manifest = document.read().unwrap();
        let begin = std::time::Instant::now();
        let problems = composegen::validate::check(&document, &manifest, &AnyTree);
        assert_eq!(problems.len(), count - 1);
        begin.elapsed().as_secs_f64()
    };
    let least = |count| (0..3).map(|_| seconds(count)).fold(f64::INFINITY, f64::min);
    let (few, many) = (least(200), least(1000));
    // Five times as many; the square would be 25.
    assert!(many / few < 15.0, "{few} s for 200 services, {many} s for 1000");
}
