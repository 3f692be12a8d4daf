//! The ordinary user who runs rootless Podman: made when absent, with a range of subordinate
//! numbers and a store of images of his own.
//!
//! He stays, with the base images and the caches of the package managers, for the next run. To take
//! all of him away: `userdel --remove gen-test`, then remove `/run/gen-test` and the folder
//! `/var/tmp/buildah-cache-` with his number.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::Engine;

const NAME: &str = "gen-test";

/// How many numbers a container of the user may use. As many as `useradd` gives.
const NUMBERS: u32 = 65_536;

/// Variables that lead to places of the user who runs the tests.
const FOREIGN: [&str; 6] = [
    "CONTAINERS_STORAGE_CONF",
    "DBUS_SESSION_BUS_ADDRESS",
    "REGISTRY_AUTH_FILE",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
];

/// An ordinary user of this machine.
pub(crate) struct User {
    uid: u32,
    gid: u32,
    home: PathBuf,
    runtime: PathBuf,
}

/// The user, or why there can be none. Asked and made once.
pub(crate) fn user() -> Result<&'static User, &'static str> {
    static USER: OnceLock<Result<User, String>> = OnceLock::new();
    USER.get_or_init(User::prepare).as_ref().map_err(String::as_str)
}

impl User {
    fn prepare() -> Result<Self, String> {
        let root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
        if !root {
            return Err("only root can become another user".into());
        }
        for program in ["podman", "podman-compose", "newuidmap", "newgidmap"] {
            let found = Command::new("sh").args(["-c", "command -v \"$0\"", program]).output();
            if !found.is_ok_and(|found| found.status.success()) {
                return Err(format!("there is no program {program}"));
            }
        }
        if entry().is_none() {
            run("useradd", &["--create-home", "--shell", "/bin/sh", NAME])?;
        }
        let entry = entry().ok_or("useradd has made no user")?;
        let fields: Vec<&str> = entry.trim().split(':').collect();
        let [_, _, uid, gid, _, home, _] = fields[..] else {
            return Err(format!("not an entry of a user: {entry}"));
        };
        let number = |text: &str| text.parse().map_err(|_| format!("not a number: {text}"));
        let (uid, gid) = (number(uid)?, number(gid)?);
        grant("/etc/subuid", "--add-subuids")?;
        grant("/etc/subgid", "--add-subgids")?;
        let runtime = Path::new("/run").join(NAME);
        if !runtime.exists() {
            // Podman keeps its sockets here and refuses a folder that others can enter.
            let made = fs::DirBuilder::new().mode(0o700).create(&runtime);
            made.and_then(|()| chown(&runtime, Some(uid), Some(gid)))
                .map_err(|error| format!("{}: {error}", runtime.display()))?;
        }
        Ok(Self { uid, gid, home: home.into(), runtime })
    }

    /// A program, run by the user. It starts in his home, because he may not enter the folder of
    /// the tests.
    pub(crate) fn start(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        for variable in FOREIGN {
            command.env_remove(variable);
        }
        command
            .uid(self.uid)
            .gid(self.gid)
            .current_dir(&self.home)
            .env("HOME", &self.home)
            .env("USER", NAME)
            .env("LOGNAME", NAME)
            .env("XDG_RUNTIME_DIR", &self.runtime)
            // `Session` runs the checks, on every machine alike.
            .env("DISABLE_HC_SYSTEMD", "true");
        command
    }

    /// The numbers that his files have, as `chown` wants them.
    pub(crate) fn owner(&self) -> String {
        format!("{}:{}", self.uid, self.gid)
    }
}

/// The line about the user that the machine has.
fn entry() -> Option<String> {
    run("getent", &["passwd", NAME]).ok()
}

/// Gives the user a range of numbers for his containers, behind all that others have.
fn grant(file: &str, option: &str) -> Result<(), String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    if text.lines().any(|line| line.split(':').next() == Some(NAME)) {
        return Ok(());
    }
    let ends = text.lines().filter_map(|line| {
        let mut numbers = line.split(':').skip(1).map(|number| number.trim().parse::<u32>());
        numbers.next()?.ok()?.checked_add(numbers.next()?.ok()?)
    });
    let first = ends.max().unwrap_or(0).max(100_000);
    let range = format!("{first}-{}", first + NUMBERS - 1);
    run("usermod", &[option, &range, NAME]).map(drop)
}

/// What a program prints, or why it failed.
fn run(program: &str, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(program).args(arguments).output();
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(format!("{program} {}: {}", arguments.join(" "), text(&output.stderr)))
    }
}

/// Copies an image from the machine's store to the user's.
pub(super) fn load(image: &str) -> bool {
    let save = Engine::Podman.command(&["save", image]).stdout(Stdio::piped()).spawn();
    let mut save = save.expect("podman");
    let archive = save.stdout.take().expect("a pipe");
    let load = Engine::Rootless.command(&["load", "--quiet"]).stdin(archive).output();
    let saved = save.wait().expect("podman").success();
    saved && load.expect("podman").status.success()
}

/// The time in which a project runs. Does what systemd does for a user who has logged in, where
/// there is systemd: runs the health checks of the project's containers at their intervals. The
/// last session that ends takes away the layers of all builds, and the process that holds the
/// user's namespaces open.
pub(crate) struct Session {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
    /// Locked by every session, also by those of other runs of the tests on this machine.
    lock: File,
}

impl Session {
    /// Begins, with the containers whose names hold that of the project.
    pub(crate) fn of(project: &str) -> Self {
        let user = user().expect("an ordinary user");
        let lock = File::create(user.runtime.join("sessions")).expect("a file");
        lock.lock_shared().expect("a lock");
        let over = Arc::new(AtomicBool::new(false));
        let (seen, filter) = (Arc::clone(&over), format!("name={project}"));
        let thread = thread::spawn(move || {
            let mut due = BTreeMap::new();
            while !seen.load(Ordering::Relaxed) {
                check_health(&filter, &mut due);
                thread::sleep(Duration::from_secs(1));
            }
        });
        Self { over, thread: Some(thread), lock }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            // It ends by itself; what it may have to say is not this test's matter.
            drop(thread.join());
        }
        if self.lock.try_lock().is_ok() {
            drop(Engine::Rootless.ask(&["image", "prune", "--force"]));
            drop(Engine::Rootless.ask(&["system", "migrate"]));
        }
    }
}

/// Runs the health checks that are due.
fn check_health(filter: &str, due: &mut BTreeMap<String, Instant>) {
    let format = "{{if .Config.Healthcheck}}{{printf \"%d\" .Config.Healthcheck.Interval}}{{end}}";
    let running = Engine::Rootless.ask(&["ps", "-q", "--filter", filter]).unwrap_or_default();
    for id in running.lines() {
        if due.get(id).is_some_and(|due| Instant::now() < *due) {
            continue;
        }
        let interval = Engine::Rootless.ask(&["inspect", "--format", format, id]);
        let Some(interval) = interval.and_then(|interval| interval.parse().ok()) else { continue };
        due.insert(id.to_owned(), Instant::now() + Duration::from_nanos(interval));
        // A check that fails is no fault here: the engine keeps count.
        drop(Engine::Rootless.ask(&["healthcheck", "run", id]));
    }
}
