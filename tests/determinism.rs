//! The same manifest in the same tree gives the same files: whoever runs the program, wherever,
//! whenever, and whatever else the machine says of itself.
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

mod support;

use std::collections::BTreeMap;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime};

use support::{copy, options, render, skip, systems, texts};

const PROGRAM: &str = env!("CARGO_BIN_EXE_gen");

/// Generated files by path: their bytes and their permissions. The folders above them, too.
type Picture = BTreeMap<String, (Option<Vec<u8>>, u32)>;

/// A folder with the input of a system, and how the program is started in it.
struct Scene {
    // Kept, because the folder goes away with it.
    _temporary: tempfile::TempDir,
    folder: PathBuf,
}

impl Scene {
    /// The system's input in a folder of that name.
    fn new(input: &Path, name: &str) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        // Another user has to come this far.
        fs::set_permissions(temporary.path(), Permissions::from_mode(0o755)).unwrap();
        let folder = temporary.path().join(name);
        fs::create_dir(&folder).unwrap();
        copy(input, &folder);
        // A checkout has the modes of whoever made it, and a file that is the user's keeps its own.
        for entry in walkdir::WalkDir::new(&folder).into_iter().map(Result::unwrap) {
            let mode = if entry.file_type().is_dir() { 0o755 } else { 0o644 };
            fs::set_permissions(entry.path(), Permissions::from_mode(mode)).unwrap();
        }
        // One system's lock file is made by its own tool, where images are built; here it only has
        // to be there.
        let is_locked = ["uv.lock", "poetry.lock", "requirements.txt", "requirements"]
            .iter()
            .any(|file| folder.join(file).exists());
        if folder.join("pyproject.toml").exists() && !is_locked {
            fs::write(folder.join("uv.lock"), "").unwrap();
        }
        Self { _temporary: temporary, folder }
    }

    /// `gen generate` in the folder, with nothing in its environment.
    fn command(&self) -> Command {
        let mut command = Command::new(PROGRAM);
        command.arg("generate").current_dir(&self.folder).env_clear().stdin(Stdio::null());
        command
    }

    /// The same through a shell that does something first.
    fn after(&self, script: &str) -> Command {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", &format!("{script}; exec \"$0\" generate"), PROGRAM]);
        command.current_dir(&self.folder).env_clear().stdin(Stdio::null());
        command
    }

    fn picture(&self) -> Picture {
        picture(&self.folder)
    }
}

/// What the lock file names, the lock file itself, and the folders above them.
fn picture(folder: &Path) -> Picture {
    let lock = fs::read_to_string(folder.join("gen.lock")).unwrap();
    let mut paths: Vec<String> = lock
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split_once("  ").expect("a hash and a path").1.to_owned())
        .chain(["gen.lock", ".gitattributes", ".gitignore"].map(String::from))
        .collect();
    let above: Vec<String> = paths
        .iter()
        .flat_map(|path| path.match_indices('/').map(|(end, _)| path[..end].to_owned()))
        .collect();
    paths.extend(above);
    let one = |path: String| {
        let metadata = fs::symlink_metadata(folder.join(&path)).expect(&path);
        let bytes = metadata.is_file().then(|| fs::read(folder.join(&path)).expect("readable"));
        (path, (bytes, metadata.mode() & 0o7777))
    };
    paths.into_iter().map(one).collect()
}

fn succeed(mut command: Command) -> Output {
    let output = command.output().expect("the program starts");
    assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
    output
}

fn generated(input: &Path, name: &str, command: impl Fn(&Scene) -> Command) -> Picture {
    let scene = Scene::new(input, name);
    succeed(command(&scene));
    scene.picture()
}

/// Says which files differ, not what is in them.
fn compare(what: &str, expected: &Picture, found: &Picture) {
    let paths = expected.keys().chain(found.keys());
    let mut different: Vec<_> = paths.filter(|p| expected.get(*p) != found.get(*p)).collect();
    different.sort();
    different.dedup();
    let mode = |picture: &Picture, path: &String| {
        picture.get(path).map_or("missing".to_owned(), |(_, mode)| format!("{mode:o}"))
    };
    let different: Vec<_> = different
        .into_iter()
        .map(|path| format!("{path} ({} -> {})", mode(expected, path), mode(found, path)))
        .collect();
    assert!(different.is_empty(), "{what}: other bytes or modes: {different:#?}");
}

/// A folder name that a careless program trips over.
const AWKWARD: &str = "Ordner – ñ 日本 $(touch CANARY) 'q' \"d\" #x";

/// Everything that programs look for in their environment.
const ENVIRONMENT: [(&str, &str); 24] = [
    ("CONTAINER_ENGINE", "podman"),
    ("COMPOSE_COMMAND", "no-such-compose"),
    ("COMPOSE_PROJECT_NAME", "another"),
    ("COMPOSE_FILE", "another.yml"),
    ("DOCKER_HOST", "tcp://192.0.2.1:2375"),
    ("DOCKER_BUILDKIT", "0"),
    ("VERSION", "9.9.9"),
    ("PROJECT", "another"),
    ("REGISTRY", "registry.example.org/other"),
    ("NO_COLOR", "1"),
    ("CLICOLOR_FORCE", "1"),
    ("COLUMNS", "20"),
    ("TERM", "xterm-256color"),
    ("CI", "true"),
    ("GITHUB_ACTIONS", "true"),
    ("SOURCE_DATE_EPOCH", "1"),
    ("HOSTNAME", "elsewhere"),
    ("LOGNAME", "somebody"),
    ("PWD", "/nowhere"),
    ("TMPDIR", "/nowhere"),
    ("XDG_CONFIG_HOME", "/nowhere"),
    ("RUST_LOG", "trace"),
    ("RUST_BACKTRACE", "full"),
    ("GIT_DIR", "/nowhere"),
];

#[test]
fn machine_user_and_place_do_not_show() {
    for (name, folder) in systems() {
        let input = folder.join("input");
        let expected = generated(&input, "plain", Scene::command);
        let compare = |what: &str, found: &Picture| {
            compare(&format!("{name}, {what}"), &expected, found);
        };
        compare("another folder", &generated(&input, AWKWARD, Scene::command));
        let elsewhere = |scene: &Scene| {
            let mut command = Command::new(PROGRAM);
            command.args(["generate", "--directory"]).arg(&scene.folder);
            command.current_dir("/").env_clear().stdin(Stdio::null());
            command
        };
        compare("started elsewhere", &generated(&input, AWKWARD, elsewhere));
        for umask in ["000", "002", "022", "077"] {
            let masked = |scene: &Scene| scene.after(&format!("umask {umask}"));
            compare(&format!("umask {umask}"), &generated(&input, "plain", masked));
        }
        for (language, zone, home, user) in [
            ("C", "UTC", "/root", "root"),
            ("tr_TR.UTF-8", "Asia/Kathmandu", "/nowhere", "İ"),
            ("de_DE.ISO-8859-1", ":/nonsense", "", "a b"),
            ("", "Pacific/Chatham", "relative", ""),
        ] {
            let with = |scene: &Scene| {
                let mut command = scene.command();
                command.env("LANG", language).env("LC_ALL", language).env("TZ", zone);
                command.env("HOME", home).env("USER", user);
                command
            };
            compare(&format!("{language} {zone}"), &generated(&input, "plain", with));
        }
        let crowded = |scene: &Scene| {
            let mut command = scene.command();
            command.envs(ENVIRONMENT).env("PATH", "/nowhere");
            command
        };
        compare("a full environment", &generated(&input, "plain", crowded));
    }
}

#[test]
fn the_age_and_order_of_files_do_not_show() {
    for (name, folder) in systems() {
        let input = folder.join("input");
        let expected = generated(&input, "plain", Scene::command);
        for (what, seconds) in [("1970", 1), ("2100", 4_102_444_800)] {
            let scene = Scene::new(&input, "plain");
            date(&scene.folder, SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
            succeed(scene.command());
            compare(&format!("{name}, files of {what}"), &expected, &scene.picture());
        }
        // Folders list what is in them in the order in which it came, on many file systems.
        let scene = Scene::new(&input, "plain");
        let mut files: Vec<_> = support::files_below(&scene.folder).into_iter().collect();
        for (path, _) in &files {
            fs::remove_file(scene.folder.join(path)).unwrap();
        }
        files.reverse();
        for (path, bytes) in files {
            let path = scene.folder.join(path);
            fs::write(&path, bytes).unwrap();
            fs::set_permissions(path, Permissions::from_mode(0o644)).unwrap();
        }
        succeed(scene.command());
        compare(&format!("{name}, files in another order"), &expected, &scene.picture());
    }
}

#[test]
fn another_user_gets_the_same() {
    let set = ["--reuid=65534", "--regid=65534", "--clear-groups"];
    let mut probe = Command::new("setpriv");
    probe.args(set).args([PROGRAM, "--version"]).stderr(Stdio::null()).stdout(Stdio::null());
    if !probe.status().is_ok_and(|status| status.success()) {
        return skip("REQUIRE_SETPRIV", "this user cannot become another one with setpriv");
    }
    for (name, folder) in systems() {
        let input = folder.join("input");
        let expected = generated(&input, "plain", Scene::command);
        let scene = Scene::new(&input, "plain");
        for entry in walkdir::WalkDir::new(&scene.folder) {
            chown(entry.unwrap().path(), Some(65534), Some(65534)).unwrap();
        }
        let mut command = Command::new("setpriv");
        command.args(set).args([PROGRAM, "generate"]);
        command.current_dir(&scene.folder).stdin(Stdio::null());
        succeed(command);
        compare(&format!("{name}, another user"), &expected, &scene.picture());
    }
}

#[test]
fn the_modes_are_those_of_the_lock_whatever_the_umask() {
    for (name, folder) in systems() {
        let found = generated(&folder.join("input"), "plain", |scene| scene.after("umask 077"));
        for (path, (bytes, mode)) in &found {
            let is_program =
                path.ends_with(".sh") && bytes.as_ref().is_some_and(|b| b.starts_with(b"#!"));
            let expected = if bytes.is_none() || is_program { 0o755 } else { 0o644 };
            assert_eq!(*mode, expected, "{name}/{path} has {mode:o}");
        }
        let lock = String::from_utf8(found["gen.lock"].0.clone().unwrap()).unwrap();
        let mut recorded = 0;
        // Beside each hash, a comment says what the hash cannot: `# whole PATH mode=0755 …`.
        for line in lock.lines().filter(|line| line.contains(" mode=")) {
            let (path, rest) = line.rsplit_once(" mode=").expect("a mode");
            let path = path.splitn(3, ' ').nth(2).expect("a path");
            let mode = u32::from_str_radix(&rest[..4], 8).expect("an octal number");
            assert_eq!(found[path].1, mode, "{name}: {line}");
            recorded += 1;
        }
        let files = found.values().filter(|(bytes, _)| bytes.is_some()).count();
        assert_eq!(recorded + 1, files, "{name}: all files but the lock itself\n{lock}");
    }
}

/// Gives every file and folder below a folder that age.
fn date(folder: &Path, time: SystemTime) {
    for entry in walkdir::WalkDir::new(folder).contents_first(true) {
        File::open(entry.unwrap().path()).unwrap().set_modified(time).unwrap();
    }
}

#[test]
fn a_second_run_touches_nothing() {
    let identity = |folder: &Path| -> BTreeMap<PathBuf, (u64, i64, i64, i64, i64, u32)> {
        let entries = walkdir::WalkDir::new(folder).into_iter().map(Result::unwrap);
        entries
            .map(|entry| {
                let m = entry.metadata().unwrap();
                let times =
                    (m.ino(), m.mtime(), m.mtime_nsec(), m.ctime(), m.ctime_nsec(), m.mode());
                (entry.path().to_owned(), times)
            })
            .collect()
    };
    for (name, folder) in systems() {
        let scene = Scene::new(&folder.join("input"), "plain");
        succeed(scene.command());
        date(&scene.folder, SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000));
        let before = identity(&scene.folder);
        std::thread::sleep(Duration::from_millis(15));
        let output = succeed(scene.command());
        assert_eq!(String::from_utf8_lossy(&output.stdout), "", "{name}");
        // Even the folders: not a single temporary file was there in between.
        assert_eq!(identity(&scene.folder), before, "{name}: a second run changed something");
        for umask in ["000", "077"] {
            succeed(scene.after(&format!("umask {umask}")));
            assert_eq!(identity(&scene.folder), before, "{name}: umask {umask}");
        }
    }
}

/// A few numbers that look random and are always the same.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

/// Lists that are sets: what they hold is taken in one order, however it is written.
const SETS: [&str; 7] =
    ["build", "runtime", "development", "secrets", "depends_on", "profiles", "tmpfs"];

/// The same manifest with the keys of every mapping, at every depth, in another order, and the
/// items of every list that is a set.
fn shuffled(
    value: &serde_yaml::Value,
    above: [&str; 2],
    numbers: &mut Numbers,
) -> serde_yaml::Value {
    match value {
        serde_yaml::Value::Mapping(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            numbers.shuffle(&mut entries);
            let mut new = serde_yaml::Mapping::new();
            for (key, value) in entries {
                let name = key.as_str().unwrap_or_default();
                new.insert(key.clone(), shuffled(value, [above[1], name], numbers));
            }
            serde_yaml::Value::Mapping(new)
        }
        serde_yaml::Value::Sequence(items) => {
            let mut items: Vec<_> =
                items.iter().map(|item| shuffled(item, ["", ""], numbers)).collect();
            // Instructions of one's own have stages of the same names as packages.
            if SETS.contains(&above[1]) && above[0] != "snippets" {
                numbers.shuffle(&mut items);
            }
            serde_yaml::Value::Sequence(items)
        }
        other => other.clone(),
    }
}

#[test]
fn the_order_of_what_has_none_does_not_show() {
    let mut numbers = Numbers(1);
    let systems = systems().into_iter().map(|(name, folder)| (name, folder.join("input/gen.yaml")));
    for (name, path) in systems.chain(options()) {
        let text = fs::read_to_string(&path).unwrap();
        let expected = texts(&render(text.as_bytes()));
        let value: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
        for round in 0..12 {
            let other = serde_yaml::to_string(&shuffled(&value, ["", ""], &mut numbers)).unwrap();
            assert_eq!(
                expected,
                texts(&render(other.as_bytes())),
                "{name} differs in round {round}, written like this:\n{other}"
            );
        }
    }
}

#[test]
fn no_program_is_started_and_no_network_is_asked() {
    let (name, folder) = systems().pop().expect("a system");
    let scene = Scene::new(&folder.join("input"), "plain");
    let log = scene.folder.with_file_name("calls");
    let calls = "trace=execve,execveat,fork,vfork,socket,connect,bind,sendto,socketpair";
    let trace = |arguments: &[&str]| {
        let mut command = Command::new("strace");
        command.args(["-f", "-qq", "-e", calls, "-o"]).arg(&log).arg(PROGRAM).args(arguments);
        command.current_dir(&scene.folder).stdin(Stdio::null()).output()
    };
    let works = trace(&["--version"]).is_ok_and(|output| output.status.success());
    if !works {
        return skip("REQUIRE_STRACE", "strace is not there, or may not look at programs");
    }
    for arguments in [
        &["generate"][..],
        &["generate"],
        &["check"],
        &["diff"],
        &["validate"],
        &["config"],
        &["schema"],
    ] {
        let output = trace(arguments).unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = fs::read_to_string(&log).unwrap();
        let is_call = |line: &&str| !line.contains("+++") && !line.contains("---");
        let found: Vec<_> = text.lines().filter(is_call).collect();
        // The first one is the program itself.
        assert!(
            found.len() == 1 && found[0].contains("execve("),
            "{name}: gen {arguments:?} calls {found:#?}"
        );
    }
}
