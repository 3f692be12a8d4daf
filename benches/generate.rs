//! `gen generate` beside a bare program that compares or writes the same bytes, both as whole
//! processes, in turn, in one run; and how the time grows with the number of services.
//!
//! `cargo bench`. Only the ratios mean something: the machine may be busy.
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a benchmark asks the machine, and stops where something is wrong"
)]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

const RUNS: usize = 30;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let work = root.join("target/bench");
    drop(fs::remove_dir_all(&work));
    fs::create_dir_all(&work).expect("folder");
    let floor = compile_floor(root, &work);

    let system = work.join("system-e");
    copy(&root.join("fixtures/system-e/input"), &system);
    fs::write(system.join("uv.lock"), "version = 1\n").expect("lock");
    generate(&system);
    let expected = work.join("expected");
    copy(&system, &expected);
    let mut files = names(&root.join("fixtures/system-e/expected"));
    files.extend(["gen.lock".to_owned(), "gen.yaml".to_owned()]);

    println!("whole processes, median of {RUNS} runs each, in turn");
    let ratio = compare(
        || time(gen_command(&system), ""),
        || time(floor_command(&floor, "compare", &expected, &system), &files.join("\n")),
    );
    println!("unchanged: gen / floor that reads and compares the same bytes = {ratio:.2}");

    let ratio = compare(
        || {
            outdate(&system, &files);
            time(gen_command(&system), "")
        },
        || time(floor_command(&floor, "write", &expected, &system), &files.join("\n")),
    );
    println!("changed:   gen / floor that writes the same bytes = {ratio:.2}");

    let (few, many) = (services(&work, 100), services(&work, 1000));
    let ratio = compare(|| time(gen_command(&many), ""), || time(gen_command(&few), ""));
    println!("1,000 services / 100 services = {ratio:.2}");
}

/// The ratio of the medians of two measurements, taken in turn.
fn compare(mut one: impl FnMut() -> Duration, mut other: impl FnMut() -> Duration) -> f64 {
    let (mut ones, mut others) = (Vec::new(), Vec::new());
    for run in 0..=RUNS {
        let (a, b) = (one(), other());
        // The first run warms the caches.
        if run > 0 {
            ones.push(a);
            others.push(b);
        }
    }
    ones.sort();
    others.sort();
    println!("           {:?} and {:?}", ones[RUNS / 2], others[RUNS / 2]);
    ones[RUNS / 2].as_secs_f64() / others[RUNS / 2].as_secs_f64()
}

fn time(mut command: Command, input: &str) -> Duration {
    let began = Instant::now();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a program");
    drop(child.stdin.take().expect("a pipe").write_all(input.as_bytes()));
    let status = child.wait().expect("its end");
    let took = began.elapsed();
    assert!(status.success(), "{command:?} ends with {status}");
    took
}

fn gen_command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gen"));
    command.arg("-C").arg(folder).arg("generate");
    command
}

fn floor_command(floor: &Path, verb: &str, from: &Path, to: &Path) -> Command {
    let mut command = Command::new(floor);
    command.arg(verb).arg(from).arg(to);
    command
}

fn generate(folder: &Path) {
    time(gen_command(folder), "");
}

/// Makes every generated file look as if an older manifest had made it.
fn outdate(folder: &Path, files: &[String]) {
    for file in files.iter().filter(|file| !file.starts_with("gen.")) {
        drop(fs::remove_file(folder.join(file)));
    }
}

fn compile_floor(root: &Path, work: &Path) -> PathBuf {
    let floor = work.join("floor");
    let status = Command::new("rustc")
        .args(["--edition", "2024", "-O", "-o"])
        .arg(&floor)
        .arg(root.join("benches/floor/main.rs"))
        .status()
        .expect("rustc");
    assert!(status.success());
    floor
}

fn services(work: &Path, count: usize) -> PathBuf {
    let folder = work.join(format!("{count}-services"));
    fs::create_dir_all(&folder).expect("folder");
    let mut manifest = String::from("version: 1\nname: many\nservices:\n");
    for number in 0..count {
        let path = folder.join(format!("s{number}"));
        fs::create_dir_all(&path).expect("folder");
        fs::write(path.join("requirements.txt"), "").expect("file");
        manifest.push_str(&format!(
            "  s{number}: {{stack: python, version: \"3.13\", path: s{number}, port: {}, \
             command: [python, -m, app]}}\n",
            10_000 + number
        ));
    }
    fs::write(folder.join("gen.yaml"), manifest).expect("file");
    generate(&folder);
    folder
}

fn names(folder: &Path) -> Vec<String> {
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().flatten();
    files
        .filter(|entry| entry.file_type().is_file())
        .filter_map(|entry| {
            Some(entry.path().strip_prefix(folder).ok()?.to_string_lossy().into_owned())
        })
        .collect()
}

fn copy(from: &Path, to: &Path) {
    for name in names(from) {
        let target = to.join(&name);
        fs::create_dir_all(target.parent().expect("a folder")).expect("folder");
        fs::copy(from.join(&name), target).expect("file");
    }
}
