//! Comparing, deciding and writing: every state, and everything that may stand in the way.
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a test asks the machine, and stops where something is wrong"
)]
#![cfg(unix)]
#![expect(clippy::disallowed_methods, reason = "tests set their own scene")]

#[expect(dead_code, reason = "the program itself is tested elsewhere")]
mod sandbox;

use std::collections::BTreeSet;
use std::io;

use composegen::apply::{self, Action, Cause, Change, Done, Failed, State};
use composegen::fs::{FileMode, Obstacle, Project, Writer};
use composegen::lockfile::{self, Header, Reading};
use composegen::path::RelativePath;
use composegen::rendered::{BLOCK_BEGIN, BLOCK_END, RenderedFile, Shape};
use sandbox::{Sandbox, pass_time};

fn path(text: &str) -> RelativePath {
    RelativePath::new(text).unwrap()
}

fn file(place: &str, text: &str) -> RenderedFile {
    RenderedFile {
        path: path(place),
        executable: place.ends_with(".sh"),
        text: text.into(),
        service: None,
        output: "test",
        shape: Shape::WholeFile,
    }
}

fn block(place: &str, text: &str) -> RenderedFile {
    RenderedFile { shape: Shape::Block, ..file(place, text) }
}

/// One run, as `generate` does it.
struct Run {
    changes: Vec<Change>,
    result: Result<Vec<Done>, Failed>,
    refused: usize,
}

impl Run {
    fn states(&self) -> Vec<(&str, State)> {
        self.changes.iter().map(|change| (change.path.as_str(), change.state)).collect()
    }

    fn actions(&self) -> Vec<(String, Action)> {
        let done = self.result.as_ref().unwrap();
        done.iter().map(|done| (done.path.to_string(), done.action)).collect()
    }
}

#[derive(Default)]
struct Choice<'c> {
    force: &'c [&'c str],
    keep_going: bool,
    fail_at: Option<(usize, bool)>,
}

fn run_with(sandbox: &Sandbox, files: &[RenderedFile], choice: &Choice<'_>) -> Run {
    let project = Project::open(sandbox.path()).unwrap();
    let header = Header::new("gen.yaml", format!("{files:?}").as_bytes());
    let bytes = project.read_lock().unwrap();
    let reading = match &bytes {
        Some(bytes) => lockfile::read(bytes).unwrap(),
        None => Reading::default(),
    };
    let changes = apply::plan(files, &reading.lock, &header, &project).unwrap();
    let force: BTreeSet<_> = choice.force.iter().map(|text| path(text)).collect();
    let decision = apply::decide(&changes, &force);
    let refused = decision.refused().count();
    let lock = apply::lock_change(&decision, &reading, bytes, &header);
    let mut disk = project.writer();
    let (fail_at, recovers) = choice.fail_at.unwrap_or((usize::MAX, false));
    let mut writer = Failing { disk: &mut disk, left: fail_at, recovers };
    let result = if refused > 0 && !choice.keep_going {
        Ok(Vec::new())
    } else {
        apply::write(&decision, lock.as_ref(), &reading, &header, &project, &mut writer)
    };
    drop(decision);
    Run { refused, result, changes }
}

fn run(sandbox: &Sandbox, files: &[RenderedFile]) -> Run {
    run_with(sandbox, files, &Choice::default())
}

/// A disk that stops after some operations: for good, as if the process had been killed, or once,
/// as if it had been full.
struct Failing<'w> {
    disk: &'w mut dyn Writer,
    left: usize,
    recovers: bool,
}

impl Failing<'_> {
    fn count(&mut self) -> io::Result<()> {
        if self.left == 0 {
            if self.recovers {
                self.left = usize::MAX;
            }
            return Err(io::Error::other("the test stops here"));
        }
        self.left -= 1;
        Ok(())
    }
}

impl Writer for Failing<'_> {
    fn write(&mut self, path: &RelativePath, bytes: &[u8], mode: FileMode) -> io::Result<()> {
        self.count()?;
        self.disk.write(path, bytes, mode)
    }

    fn set_mode(&mut self, path: &RelativePath, mode: FileMode) -> io::Result<()> {
        self.count()?;
        self.disk.set_mode(path, mode)
    }

    fn remove(&mut self, path: &RelativePath) -> io::Result<()> {
        self.count()?;
        self.disk.remove(path)
    }
}

const KINDS: [&str; 4] = ["compose.yml", "api/Dockerfile", "scripts/run.sh", "data/x.json"];

/// Sets up what gen wrote, what is on disk now and what is rendered now; runs twice.
#[test]
fn every_state_does_what_the_table_says() {
    use State::*;
    let rows = [
        // lock, disk, rendered; then the state, and what the disk holds after a run.
        (None, None, Some("new\n"), Some(Missing), Some("new\n")),
        (Some("old\n"), None, Some("new\n"), Some(Missing), Some("new\n")),
        (Some("old\n"), Some("old\n"), Some("old\n"), Some(Ok), Some("old\n")),
        (Some("old\n"), Some("new\n"), Some("new\n"), Some(Ok), Some("new\n")),
        (None, Some("new\n"), Some("new\n"), Some(Ok), Some("new\n")),
        (Some("old\n"), Some("old\n"), Some("new\n"), Some(Outdated), Some("new\n")),
        (Some("old\n"), Some("mine\n"), Some("new\n"), Some(Modified), Some("mine\n")),
        (Some("old\n"), Some("mine\n"), Some("old\n"), Some(Modified), Some("mine\n")),
        (None, Some("mine\n"), Some("new\n"), Some(Unowned), Some("mine\n")),
        (Some("old\n"), Some("old\n"), None, Some(Stale), None),
        (Some("old\n"), Some("mine\n"), None, Some(StaleModified), Some("mine\n")),
        (Some("old\n"), None, None, None, None),
    ];
    for name in KINDS {
        for crlf in [false, true] {
            for (lock, disk, rendered, state, after) in rows {
                let case = format!("{name} crlf={crlf} {lock:?} {disk:?} {rendered:?}");
                let sandbox = Sandbox::new();
                let wanted = |text: Option<&str>| text.map(|text| file(name, text));
                assert!(run(&sandbox, wanted(lock).as_slice()).result.is_ok());
                let _ = std::fs::remove_file(sandbox.at(name));
                if let Some(text) = disk {
                    let text = if crlf { text.replace('\n', "\r\n") } else { text.to_owned() };
                    sandbox.put(name, text);
                    sandbox.set_mode(name, if name.ends_with(".sh") { 0o755 } else { 0o644 });
                }
                let first = run(&sandbox, wanted(rendered).as_slice());
                let expected: Vec<_> = state.map(|state| (name, state)).into_iter().collect();
                assert_eq!(first.states(), expected, "{case}");
                assert_eq!(first.refused, usize::from(state.is_some_and(State::is_refused)));
                let found = sandbox.get(name).map(|text| text.replace('\r', ""));
                assert_eq!(found.as_deref(), after, "{case}");
                if first.refused == 0 {
                    let second = run(&sandbox, wanted(rendered).as_slice());
                    assert_eq!(second.actions(), [], "{case}");
                    assert!(second.states().iter().all(|(_, state)| *state == Ok), "{case}");
                }
            }
        }
    }
}

#[test]
fn permissions_are_set_without_touching_the_content() {
    for (name, wrong, right) in [("run.sh", 0o644, 0o755), ("Dockerfile", 0o755, 0o644)] {
        let sandbox = Sandbox::new();
        let files = [file(name, "x\n")];
        run(&sandbox, &files);
        assert_eq!(sandbox.mode(name), right);
        sandbox.set_mode(name, wrong);
        let again = run(&sandbox, &files);
        assert_eq!(again.states(), [(name, State::Mode)]);
        assert_eq!(again.actions(), [(name.to_owned(), Action::Mode)]);
        assert_eq!(sandbox.mode(name), right);
    }
}

#[test]
fn a_second_run_touches_nothing() {
    let sandbox = Sandbox::new();
    let files = [file("a/Dockerfile", "a\n"), file("b.sh", "b\n"), block(".gitattributes", "c\n")];
    run(&sandbox, &files);
    let before = sandbox.photograph();
    pass_time();
    assert_eq!(run(&sandbox, &files).actions(), []);
    assert_eq!(sandbox.photograph(), before);
}

#[test]
fn unchanged_files_keep_their_time_beside_changed_ones() {
    let sandbox = Sandbox::new();
    run(&sandbox, &[file("a", "a\n"), file("b", "b\n")]);
    let time = |name| std::fs::metadata(sandbox.at(name)).unwrap().modified().unwrap();
    let before = (time("a"), time("b"));
    pass_time();
    run(&sandbox, &[file("a", "a\n"), file("b", "new\n")]);
    assert_eq!(time("a"), before.0);
    assert_ne!(time("b"), before.1);
}

#[test]
fn one_refused_file_stops_the_whole_run() {
    let sandbox = Sandbox::new();
    sandbox.put("b", "mine\n");
    let files = [file("a", "a\n"), file("b", "b\n"), file("c", "c\n")];
    let before = sandbox.photograph();
    assert_eq!(run(&sandbox, &files).refused, 1);
    assert_eq!(sandbox.photograph(), before);

    let on = Choice { keep_going: true, ..Choice::default() };
    let run = run_with(&sandbox, &files, &on);
    assert_eq!((run.refused, run.actions().len()), (1, 3));
    assert_eq!(sandbox.files(), ["a", "b", "c", "gen.lock"]);
    assert_eq!(sandbox.get("b").as_deref(), Some("mine\n"));
    // The lock does not claim what was refused.
    assert!(!sandbox.get("gen.lock").unwrap().contains("  b\n"));
    assert_eq!(run_with(&sandbox, &files, &on).actions(), []);
}

#[test]
fn force_keeps_a_copy_and_never_loses_an_older_one() {
    let sandbox = Sandbox::new();
    let files = [file("a.sh", "a\n")];
    let force = Choice { force: &["a.sh"], ..Choice::default() };
    for text in ["one\n", "two\n", "one\n"] {
        sandbox.put("a.sh", text);
        sandbox.set_mode("a.sh", 0o755);
        let run = run_with(&sandbox, &files, &force);
        assert_eq!(run.refused, 0);
        assert!(run.result.unwrap()[0].backup.is_some());
        assert_eq!(sandbox.get("a.sh").as_deref(), Some("a\n"));
    }
    assert_eq!(sandbox.files(), ["a.sh", "a.sh.bak", "a.sh.bak2", "gen.lock"]);
    assert_eq!(sandbox.get("a.sh.bak").as_deref(), Some("one\n"));
    assert_eq!(sandbox.get("a.sh.bak2").as_deref(), Some("two\n"));
    assert_eq!(sandbox.mode("a.sh.bak"), 0o755);
    // A file that needs no force gets no copy.
    run_with(&sandbox, &[file("a.sh", "b\n")], &force);
    assert_eq!(sandbox.files().len(), 4);
}

#[test]
fn force_removes_an_edited_file_that_is_not_wanted_any_more() {
    let sandbox = Sandbox::new();
    run(&sandbox, &[file("a/x", "x\n")]);
    sandbox.put("a/x", "mine\n");
    run_with(&sandbox, &[], &Choice { force: &["a/x"], ..Choice::default() });
    assert_eq!(sandbox.files(), ["a/x.bak", "gen.lock"]);
}

#[test]
fn an_edited_file_that_is_not_wanted_any_more_is_reported_once() {
    let sandbox = Sandbox::new();
    run(&sandbox, &[file("a", "a\n")]);
    sandbox.put("a", "mine\n");
    assert_eq!(run(&sandbox, &[]).states(), [("a", State::StaleModified)]);
    assert_eq!(run(&sandbox, &[]).states(), []);
    assert_eq!(sandbox.get("a").as_deref(), Some("mine\n"));
}

#[test]
fn removal_takes_empty_folders_along_and_no_others() {
    let sandbox = Sandbox::new();
    run(&sandbox, &[file("a/b/c/x", "x\n"), file("d/e/x", "x\n")]);
    sandbox.put("d/mine", "");
    run(&sandbox, &[]);
    assert_eq!(sandbox.files(), ["d/mine", "gen.lock"]);
    assert!(!sandbox.at("a").exists() && !sandbox.at("d/e").exists());
}

#[test]
fn a_lock_cannot_have_anything_else_removed() {
    let outside = Sandbox::new();
    outside.put("victim", "x\n");
    let sandbox = Sandbox::new();
    sandbox.put("mine", "mine\n");
    sandbox.put(".git/hooks/x", "x\n");
    sandbox.link(outside.path(), "link");
    let hash = lockfile::ContentHash::of(b"x\n");
    let absolute = outside.at("victim").display().to_string();
    let mut lock = "# format 1\n".to_owned();
    for place in ["link/victim", ".git/hooks/x", "../x", &absolute, "mine", "."] {
        lock += &format!("{hash}  {place}\n");
    }
    sandbox.put("gen.lock", lock);
    let run = run(&sandbox, &[]);
    let expected = [("link/victim", State::StaleModified), ("mine", State::StaleModified)];
    assert_eq!(run.states(), expected);
    assert_eq!(outside.get("victim").as_deref(), Some("x\n"));
    assert_eq!(sandbox.get("mine").as_deref(), Some("mine\n"));
    assert!(sandbox.at(".git/hooks/x").exists());
}

#[test]
fn what_stands_in_the_way_is_told_before_anything_is_written() {
    let outside = Sandbox::new();
    outside.put("folder/Dockerfile", "x\n");
    let folder = || Obstacle::ParentLeaves(path("a"));
    type Scene<'s> = &'s dyn Fn(&Sandbox);
    let scenes: [(&str, Scene<'_>, Obstacle); 9] = [
        ("a", &|s| std::fs::create_dir(s.at("a")).unwrap(), Obstacle::Folder),
        ("a", &|s| s.link("b", "a"), Obstacle::Link),
        ("a", &|s| s.link(outside.at("folder/Dockerfile"), "a"), Obstacle::Link),
        ("a", &|s| assert!(s.shell("mkfifo a").status.success()), Obstacle::Special),
        ("a/b", &|s| s.put("a", ""), Obstacle::ParentIsFile(path("a"))),
        ("a/Dockerfile", &|s| s.link(outside.at("folder"), "a"), folder()),
        ("a/Dockerfile", &|s| s.link("../..", "a"), folder()),
        ("a/b/Dockerfile", &|s| s.link("nowhere", "a"), folder()),
        (".git/hooks/pre-commit", &|_| {}, Obstacle::Reserved),
    ];
    for (name, scene, obstacle) in scenes {
        let sandbox = Sandbox::new();
        scene(&sandbox);
        let files = [file("0", "0\n"), file(name, "x\n")];
        let before = sandbox.files();
        let force = Choice { force: &[name], ..Choice::default() };
        let run = run_with(&sandbox, &files, &force);
        assert_eq!(run.refused, 1, "{name} {obstacle:?}");
        assert_eq!(sandbox.files(), before, "{name} {obstacle:?}");
        let change = run.changes.iter().find(|change| change.path.as_str() == name).unwrap();
        assert_eq!(change.cause, Cause::Blocked(obstacle));
        // The rest can still be written.
        run_with(&sandbox, &files, &Choice { keep_going: true, ..force });
        assert_eq!(sandbox.get("0").as_deref(), Some("0\n"));
    }
    assert_eq!(outside.files(), ["folder/Dockerfile"]);
    assert_eq!(outside.get("folder/Dockerfile").as_deref(), Some("x\n"));
}

#[test]
fn links_inside_the_project_are_folders_like_others() {
    let sandbox = Sandbox::new();
    sandbox.put("packages/web/x", "");
    sandbox.link("packages/web", "web");
    let files = [file("web/Dockerfile", "x\n")];
    run(&sandbox, &files);
    assert_eq!(sandbox.get("packages/web/Dockerfile").as_deref(), Some("x\n"));
    assert_eq!(run(&sandbox, &files).actions(), []);
    // But one file is not written under two names.
    let real = file("packages/web/Dockerfile", "x\n");
    let both = run(&sandbox, &[real.clone(), file("web/Dockerfile", "x\n")]);
    let same = Cause::Blocked(Obstacle::SameFile(real.path.clone()));
    assert_eq!(both.changes[1].cause, same);
    assert_eq!(both.refused, 1);
    // And giving up one name does not take the file away from the other.
    assert_eq!(run(&sandbox, &[real]).states(), [("packages/web/Dockerfile", State::Ok)]);
    assert_eq!(sandbox.get("packages/web/Dockerfile").as_deref(), Some("x\n"));
}

#[test]
fn a_file_cannot_lie_below_another() {
    let sandbox = Sandbox::new();
    let run = run(&sandbox, &[file("a", "a\n"), file("a/b/c", "c\n")]);
    assert_eq!(run.changes[1].cause, Cause::Blocked(Obstacle::BelowFile(path("a"))));
    assert_eq!(sandbox.files(), Vec::<String>::new());
}

#[test]
fn a_block_leaves_the_rest_of_its_file_alone() {
    let sandbox = Sandbox::new();
    let name = ".gitattributes";
    sandbox.put(name, "*.png binary\n");
    sandbox.set_mode(name, 0o640);
    run(&sandbox, &[block(name, "a eol=lf\n")]);
    let expected = format!("*.png binary\n\n{BLOCK_BEGIN}\na eol=lf\n{BLOCK_END}\n");
    assert_eq!(sandbox.get(name), Some(expected));
    assert_eq!(sandbox.mode(name), 0o640);

    // An edit around the block is none of gen's business.
    sandbox.append(name, "*.jpg binary\n");
    assert_eq!(run(&sandbox, &[block(name, "a eol=lf\n")]).actions(), []);
    let update = run(&sandbox, &[block(name, "b eol=lf\n")]);
    assert_eq!(update.states(), [(name, State::Outdated)]);
    assert!(sandbox.get(name).unwrap().ends_with("\nb eol=lf\n# <<< gen\n*.jpg binary\n"));

    // An edit inside is.
    sandbox.put(name, sandbox.get(name).unwrap().replace("b eol", "mine eol"));
    assert_eq!(run(&sandbox, &[block(name, "b eol=lf\n")]).states(), [(name, State::Modified)]);
    sandbox.put(name, sandbox.get(name).unwrap().replace("mine eol", "b eol"));

    // One line gone: nobody knows where the block ends.
    let whole = sandbox.get(name).unwrap();
    sandbox.put(name, whole.replace("# <<< gen\n", ""));
    let broken = run(&sandbox, &[block(name, "b eol=lf\n")]);
    assert_eq!(broken.changes[0].cause, Cause::Blocked(Obstacle::BrokenBlock));
    sandbox.put(name, whole);

    run(&sandbox, &[]);
    assert_eq!(sandbox.get(name).as_deref(), Some("*.png binary\n*.jpg binary\n"));
}

#[test]
fn a_file_of_nothing_but_a_block_goes_with_it() {
    let sandbox = Sandbox::new();
    run(&sandbox, &[block(".gitattributes", "a\n")]);
    run(&sandbox, &[]);
    assert_eq!(sandbox.files(), ["gen.lock"]);
}

#[test]
fn a_block_follows_the_line_ends_of_its_file() {
    let sandbox = Sandbox::new();
    sandbox.put("x", "mine\r\n");
    run(&sandbox, &[block("x", "a\n")]);
    let text = sandbox.get("x").unwrap();
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    assert_eq!(run(&sandbox, &[block("x", "a\n")]).actions(), []);
}

fn generation(number: usize) -> Vec<RenderedFile> {
    let mut files = vec![block(".gitattributes", &format!("# {number}\n"))];
    for name in KINDS {
        files.push(file(name, &format!("{name} {number}\n")));
    }
    // One comes, one goes.
    files.push(file(&format!("only/{number}"), "x\n"));
    files
}

/// Whatever operation a run is stopped at, each file is old or new, and the next run completes it.
#[test]
fn a_killed_run_is_completed_by_the_next() {
    for stop in 0..9 {
        let sandbox = Sandbox::new();
        run(&sandbox, &generation(1));
        let killed = Choice { fail_at: Some((stop, false)), ..Choice::default() };
        let result = run_with(&sandbox, &generation(2), &killed).result;
        assert_eq!(result.is_err(), stop < 8, "{stop}");
        for name in KINDS {
            let text = sandbox.get(name).unwrap();
            assert!([1, 2].iter().any(|n| text == format!("{name} {n}\n")), "{stop} {text}");
        }
        let next = run(&sandbox, &generation(2));
        assert_eq!(next.refused, 0, "{stop}");
        assert!(next.result.is_ok());
        assert_eq!(run(&sandbox, &generation(2)).actions(), [], "{stop}");
        assert!(!sandbox.at("only/1").exists() && sandbox.at("only/2").exists());
    }
}

/// A run that failed and goes on living writes down what it did, so that even another manifest
/// takes it from there.
#[test]
fn a_failed_run_leaves_a_lock_that_knows_what_was_done() {
    for stop in 0..7 {
        let sandbox = Sandbox::new();
        run(&sandbox, &generation(1));
        let failing = Choice { fail_at: Some((stop, true)), ..Choice::default() };
        let failed = run_with(&sandbox, &generation(2), &failing).result.unwrap_err();
        assert_eq!(failed.done.len(), stop);
        assert!(failed.to_string().contains("the test stops here"));
        let next = run(&sandbox, &generation(3));
        assert_eq!(next.refused, 0, "{stop}");
        assert_eq!(run(&sandbox, &generation(3)).actions(), [], "{stop}");
        assert!(!sandbox.at("only/1").exists() && !sandbox.at("only/2").exists());
    }
}

#[test]
fn what_a_killed_run_left_beside_a_file_goes_away() {
    let sandbox = Sandbox::new();
    sandbox.put(".Dockerfile.gen-tmp", "half of it");
    run(&sandbox, &[file("Dockerfile", "x\n")]);
    assert_eq!(sandbox.files(), ["Dockerfile", "gen.lock"]);
}

#[test]
fn a_lost_or_damaged_or_conflicted_lock_is_written_anew() {
    let files = [file("a", "a\n"), file("b", "b\n")];
    let sandbox = Sandbox::new();
    run(&sandbox, &files);
    let sound = sandbox.get("gen.lock").unwrap();
    let half = &sound[..sound.len() / 2];
    let conflict = format!("<<<<<<< HEAD\n{sound}=======\n{sound}>>>>>>> x\n");
    for damaged in ["", "\0\0\0", half, &conflict] {
        sandbox.put("gen.lock", damaged);
        assert_eq!(run(&sandbox, &files).actions().len(), 1);
        assert_eq!(sandbox.get("gen.lock").as_deref(), Some(sound.as_str()));
    }
    sandbox.remove("gen.lock");
    assert_eq!(run(&sandbox, &files).actions(), [("gen.lock".to_owned(), Action::Create)]);
    assert_eq!(sandbox.get("gen.lock"), Some(sound));
}

#[test]
fn both_sides_of_a_conflicted_lock_are_gens_own() {
    let sandbox = Sandbox::new();
    run(&sandbox, &[file("a", "ours\n")]);
    let ours = sandbox.get("gen.lock").unwrap();
    run(&sandbox, &[file("a", "theirs\n")]);
    let theirs = sandbox.get("gen.lock").unwrap();
    sandbox.put("gen.lock", format!("<<<<<<< x\n{ours}=======\n{theirs}>>>>>>> y\n"));
    for text in ["ours\n", "theirs\n"] {
        sandbox.put("a", text);
        let project = Project::open(sandbox.path()).unwrap();
        let reading = lockfile::read(&project.read_lock().unwrap().unwrap()).unwrap();
        let header = Header::new("gen.yaml", b"");
        let files = [file("a", "merged\n")];
        let changes = apply::plan(&files, &reading.lock, &header, &project).unwrap();
        assert_eq!(changes[0].state, State::Outdated);
    }
}

#[test]
fn a_lock_that_is_a_link_is_not_followed() {
    let sandbox = Sandbox::new();
    sandbox.put("elsewhere", "# format 1\n");
    sandbox.link("elsewhere", "gen.lock");
    assert!(Project::open(sandbox.path()).unwrap().read_lock().is_err());
}

#[test]
fn the_tree_shows_nothing_from_outside() {
    use composegen::tree::Tree;
    let outside = Sandbox::new();
    outside.put("secret", "x");
    let sandbox = Sandbox::new();
    sandbox.put("a/file", "text");
    sandbox.put("bytes", b"\xff\xfe");
    sandbox.put("big", vec![b'x'; 1024 * 1024 + 1]);
    sandbox.link("a/file", "inside");
    sandbox.link(outside.at("secret"), "out");
    sandbox.link(outside.path(), "folder");
    sandbox.link("loop", "loop");
    assert!(sandbox.shell("mkfifo pipe").status.success());
    let project = Project::open(sandbox.path()).unwrap();
    let tree = project.tree();
    assert_eq!(tree.text(&path("a/file")).as_deref(), Some("text"));
    assert_eq!(tree.text(&path("inside")).as_deref(), Some("text"));
    assert!(tree.is_folder(&path("a")) && tree.is_folder(&RelativePath::root()));
    for hidden in ["out", "folder", "folder/secret", "loop", "pipe", "none", "a/file/x"] {
        assert_eq!(tree.kind(&path(hidden)), None, "{hidden}");
    }
    for wordless in ["bytes", "big", "a", "pipe", "out", "folder/secret"] {
        assert_eq!(tree.text(&path(wordless)), None, "{wordless}");
    }
}

proptest::proptest! {
    /// Whatever a lock holds, it names no path that gen would not write.
    #[test]
    fn no_lock_breaks_the_reader(text in r"(# (file|block|gen|format|manifest) )?[ -~\n]{0,200}") {
        if let Ok(reading) = lockfile::read(text.as_bytes()) {
            for place in reading.lock.records.keys() {
                proptest::prop_assert!(!composegen::fs::is_reserved(place));
            }
            let again = lockfile::read(reading.lock.to_string().as_bytes());
            proptest::prop_assert_eq!(again.map(|again| again.lock.records), Ok(reading.lock.records));
        }
    }
}
