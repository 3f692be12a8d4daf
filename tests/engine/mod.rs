//! What tests of generated stacks share: the engines, and stacks that go away again.
//!
//! Names begin with `GEN_TEST_PREFIX` (default `gen-test`), so that what a killed test left behind
//! can be found.
#![allow(dead_code, reason = "each test file uses its own part")]

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use composegen::project::Step;

use crate::support;

pub(crate) mod rootless;

/// The longest that a service may take to become healthy, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(240);

/// An engine, with the compose program that belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    /// Docker, with `docker compose`.
    Docker,
    /// Podman, with `podman-compose`.
    Podman,
    /// The same programs, run by an ordinary user.
    Rootless,
}

impl Engine {
    /// Those that this user runs.
    pub(crate) const ALL: [Self; 2] = [Self::Docker, Self::Podman];

    /// The name of its program.
    pub(crate) fn program(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman | Self::Rootless => "podman",
        }
    }

    /// Whether the engine and its compose program answer. Asked once.
    pub(crate) fn available(self) -> bool {
        static ANSWERS: [OnceLock<bool>; 3] = [const { OnceLock::new() }; 3];
        *ANSWERS[self as usize].get_or_init(|| {
            let answers = |mut command: Command| {
                let quiet = command.stdout(Stdio::null()).stderr(Stdio::null());
                quiet.status().is_ok_and(|status| status.success())
            };
            answers(self.command(&["info"])) && answers(self.compose(&["version"]))
        })
    }

    /// The engines that this run tests a case on: with `GEN_MATRIX=full` both, else one, in turn.
    /// Says loudly what it leaves out for want of an engine, or fails with
    /// `GEN_REQUIRE_ENGINES=1`.
    pub(crate) fn chosen(turn: usize) -> Vec<Self> {
        if std::env::var("GEN_REQUIRE_ENGINES").as_deref() != Ok("1") {
            support::skip("GEN_REQUIRE_ENGINES", "stacks are started only where that is asked for");
            return Vec::new();
        }
        let there: Vec<_> = Self::ALL.into_iter().filter(|engine| engine.available()).collect();
        for engine in Self::ALL.into_iter().filter(|engine| !there.contains(engine)) {
            support::skip("GEN_REQUIRE_ENGINES", &format!("{} does not answer", engine.program()));
        }
        if std::env::var("GEN_MATRIX").as_deref() == Ok("full") || there.is_empty() {
            return there;
        }
        vec![there[turn % there.len()]]
    }

    /// Rootless Podman, where it is asked for and this machine can run it. Says loudly why not, or
    /// fails with `GEN_REQUIRE_ENGINES=1`.
    pub(crate) fn rootless() -> Option<Self> {
        if std::env::var("GEN_REQUIRE_ENGINES").as_deref() != Ok("1") {
            support::skip("GEN_REQUIRE_ENGINES", "stacks are started only where that is asked for");
            return None;
        }
        if let Err(why) = rootless::user() {
            support::skip("GEN_REQUIRE_ENGINES", &format!("no ordinary user runs Podman: {why}"));
            return None;
        }
        // What Podman itself says: a stack of root's under that name would prove nothing.
        let rootless = Self::Rootless.ask(&["info", "--format", "{{.Host.Security.Rootless}}"]);
        if rootless.as_deref() != Some("true") || !Self::Rootless.available() {
            support::skip("GEN_REQUIRE_ENGINES", "podman does not answer to an ordinary user");
            return None;
        }
        Some(Self::Rootless)
    }

    /// A program, run by the user of this engine.
    pub(crate) fn start(self, program: &str) -> Command {
        match self {
            Self::Docker | Self::Podman => Command::new(program),
            Self::Rootless => rootless::user().expect("an ordinary user").start(program),
        }
    }

    /// The user and the group of a developer's files, as on a machine where people work with this
    /// engine.
    pub(crate) fn developer(self) -> String {
        match self {
            Self::Docker => "1000:1000".to_owned(),
            Self::Podman => "0:0".to_owned(),
            Self::Rootless => rootless::user().expect("an ordinary user").owner(),
        }
    }

    /// The engine's program with arguments.
    pub(crate) fn command(self, arguments: &[&str]) -> Command {
        let mut command = self.start(self.program());
        command.args(arguments);
        command
    }

    /// The compose program with arguments.
    pub(crate) fn compose(self, arguments: &[&str]) -> Command {
        let mut command = match self {
            Self::Docker => self.command(&["compose"]),
            Self::Podman | Self::Rootless => self.start("podman-compose"),
        };
        command.args(arguments);
        command
    }

    /// What a command prints, or `None` where it fails.
    pub(crate) fn ask(self, arguments: &[&str]) -> Option<String> {
        let output = self.command(arguments).output().ok()?;
        let text = || String::from_utf8_lossy(&output.stdout).trim().to_owned();
        output.status.success().then(text)
    }

    /// Sees to it that an image is there: as it is, under the tag of its stand-in, or pulled.
    pub(crate) fn provide(self, image: &str) -> bool {
        let there = |image: &str| self.ask(&["image", "inspect", "--format", "{{.Id}}", image]);
        if there(image).is_some() {
            return true;
        }
        let stand_in = STAND_INS.iter().find(|(name, _)| *name == image).map(|(_, other)| *other);
        if let Some(other) = stand_in.filter(|other| there(other).is_some()) {
            return self.ask(&["tag", other, image]).is_some();
        }
        // An ordinary user has a store of images of his own: what the machine's has is copied.
        if self == Self::Rootless && Self::Podman.provide(image) {
            return rootless::load(image);
        }
        self.ask(&["pull", "--quiet", image]).is_some()
    }
}

/// Images of the engines for tests that have another tag.
const STAND_INS: &[(&str, &str)] = &[
    ("docker.io/library/mariadb:11.8-noble", "docker.io/library/mariadb:11.8"),
    ("docker.io/library/memcached:1.6-trixie", "docker.io/library/memcached:1.6"),
    ("docker.io/library/mysql:9.7-oraclelinux9", "docker.io/library/mysql:9.7"),
    ("docker.io/library/rabbitmq:4.3-management", "docker.io/library/rabbitmq:4-management"),
    ("docker.io/library/redis:8-trixie", "docker.io/library/redis:8"),
    ("docker.io/nginxinc/nginx-unprivileged:1.30", "docker.io/nginxinc/nginx-unprivileged:stable"),
    (
        "docker.io/nginxinc/nginx-unprivileged:1.30-trixie",
        "docker.io/nginxinc/nginx-unprivileged:stable",
    ),
];

/// A stack of generated files in a folder of its own. Its containers, volumes and networks go when
/// it goes.
pub(crate) struct Stack {
    /// The engine that runs it.
    pub(crate) engine: Engine,
    /// The project's name.
    pub(crate) name: String,
    folder: tempfile::TempDir,
    file: &'static str,
}

impl Stack {
    /// Compiles a manifest into a folder, with a random value for each secret that it mounts.
    /// `file` is the compose file that runs.
    pub(crate) fn new(engine: Engine, label: &str, manifest: &str, file: &'static str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let folder = tempfile::tempdir().expect("a folder");
        support::write(&support::render(manifest.as_bytes()), folder.path());
        let prefix = std::env::var("GEN_TEST_PREFIX").unwrap_or_else(|_| "gen-test".into());
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("{prefix}-{label}-{}-{}-{count}", engine.program(), std::process::id());
        let stack = Self { engine, name, folder, file };
        stack.make_secrets();
        stack
    }

    /// The folder with the files.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn make_secrets(&self) {
        let text = fs::read_to_string(self.folder().join(self.file)).expect("a compose file");
        let folder = self.folder().join("secrets");
        fs::create_dir(&folder).expect("folder");
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).expect("mode");
        for name in text.lines().filter_map(|line| {
            let (_, path) = line.split_once("./secrets/")?;
            path.split_once(':').map(|(name, _)| name)
        }) {
            let path = folder.join(name);
            fs::write(&path, format!("{}\n", random())).expect("secret");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("mode");
        }
    }

    /// The value of a secret.
    pub(crate) fn secret(&self, name: &str) -> String {
        let path = self.folder().join("secrets").join(name);
        fs::read_to_string(path).expect("a secret").trim().to_owned()
    }

    /// The compose program on this stack's file.
    pub(crate) fn compose(&self, arguments: &[&str]) -> Command {
        let mut command = self.engine.compose(&["-p", &self.name, "-f", self.file]);
        command.args(arguments).current_dir(self.folder());
        command
    }

    /// Starts everything.
    pub(crate) fn up(&self) {
        succeed(&mut self.compose(&["up", "-d"]));
    }

    /// Stops everything and removes the containers; volumes stay.
    pub(crate) fn down(&self) {
        succeed(&mut self.compose(&["down"]));
    }

    /// The container of a service.
    pub(crate) fn container(&self, service: &str) -> String {
        let project = format!("label=com.docker.compose.project={}", self.name);
        let service = format!("label=com.docker.compose.service={service}");
        let arguments = ["ps", "-a", "-q", "--filter", &project, "--filter", &service];
        let listed = self.engine.ask(&arguments).expect("a list");
        listed.lines().next().unwrap_or_else(|| panic!("no container: {service}")).to_owned()
    }

    /// What a container has printed.
    pub(crate) fn logs(&self, service: &str) -> String {
        let output =
            self.engine.command(&["logs", &self.container(service)]).output().expect("logs");
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }

    /// Everything that the engine tells of a container.
    pub(crate) fn inspect(&self, service: &str) -> String {
        self.engine.ask(&["inspect", &self.container(service)]).expect("a container")
    }

    /// Waits until a service is healthy.
    pub(crate) fn wait_healthy(&self, service: &str) {
        let began = Instant::now();
        let id = self.container(service);
        let format = "{{.State.Status}} {{.State.Health.Status}}";
        loop {
            let state = self.engine.ask(&["inspect", "--format", format, &id]).unwrap_or_default();
            if state == "running healthy" {
                return;
            }
            let hopeless = state.starts_with("exited") || state.starts_with("dead");
            if hopeless || began.elapsed() > PATIENCE {
                let checks = self.engine.ask(&["inspect", "--format", "{{json .State}}", &id]);
                panic!(
                    "{} {service} is {state}\n{}\n{}",
                    self.name,
                    checks.unwrap_or_default(),
                    self.logs(service)
                );
            }
            thread::sleep(Duration::from_millis(500));
        }
    }

    /// Runs a line in a service's container, with input, and gives what it prints.
    pub(crate) fn try_shell(&self, service: &str, line: &str, input: &[u8]) -> Output {
        let id = self.container(service);
        feed(&mut self.engine.command(&["exec", "-i", &id, "sh", "-c", line]), input)
    }

    /// Runs a line in a service's container and gives what it prints.
    pub(crate) fn shell(&self, service: &str, line: &str) -> String {
        let output = checked(line, self.try_shell(service, line, b""));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    /// Does a step of a backup as scripts do it.
    pub(crate) fn step(&self, service: &str, step: &Step, input: &[u8]) -> Vec<u8> {
        match step {
            Step::Running(line) => checked(line, self.try_shell(service, line, input)).stdout,
            Step::Stopped(line) => {
                succeed(&mut self.compose(&["stop", service]));
                let run = ["run", "--rm", "--no-deps", "-T", "--entrypoint", "/bin/sh"];
                let arguments = [&run[..], &[service, "-c", line]].concat();
                let output = checked(line, feed(&mut self.compose(&arguments), input));
                self.up();
                output.stdout
            }
        }
    }

    /// The full name of a volume or a network of the project. The compose programs put different
    /// signs between the parts.
    pub(crate) fn full_name(&self, kind: &str, name: &str) -> String {
        let listed = self.list(&[kind, "ls", "--format", "{{.Name}}"]);
        let full = listed.into_iter().find(|full| {
            full.strip_prefix(&self.name).and_then(|rest| rest.get(1..)) == Some(name)
        });
        full.unwrap_or_else(|| panic!("{} has no {kind} {name}", self.name))
    }

    /// What a listing command of the engine prints of this project, a line each.
    fn list(&self, arguments: &[&str]) -> Vec<String> {
        let filter = format!("label=com.docker.compose.project={}", self.name);
        let listed = self.engine.ask(&[arguments, &["--filter", &filter]].concat());
        listed.unwrap_or_default().lines().map(str::to_owned).collect()
    }

    /// Runs a line in another container of an image, in one of the stack's networks, as a program
    /// beside a service would. The value of `PASSWORD` goes by the environment.
    pub(crate) fn beside(&self, network: &str, image: &str, line: &str, password: &str) -> Output {
        let mut command = self.guest(network, &["--rm", "-e", "PASSWORD"]);
        command.args(["--entrypoint", "sh", image, "-c", line]);
        command.env("PASSWORD", password).output().expect("the engine")
    }

    /// The beginning of a command that runs a further container in one of the stack's networks.
    pub(crate) fn guest(&self, network: &str, arguments: &[&str]) -> Command {
        let label = format!("com.docker.compose.project={}", self.name);
        let network = self.full_name("network", network);
        let mut command = self.engine.command(&["run", "--label", &label, "--network", &network]);
        command.args(arguments);
        command
    }

    /// Removes a volume of the project; its containers are gone.
    pub(crate) fn remove_volume(&self, volume: &str) {
        let volume = self.full_name("volume", volume);
        succeed(&mut self.engine.command(&["volume", "rm", &volume]));
    }
}

impl Drop for Stack {
    fn drop(&mut self) {
        // What is not there any more need not go, so nothing is asked of the outcome.
        let remove = |arguments: &[&str], names: Vec<String>| {
            if !names.is_empty() {
                drop(self.engine.command(arguments).args(names).output());
            }
        };
        let mut containers = self.list(&["ps", "-a", "-q"]);
        // Podman keeps one on which another depends until that is gone.
        for _ in 0..5 {
            if containers.is_empty() {
                break;
            }
            remove(&["kill"], self.list(&["ps", "-q"]));
            remove(&["rm", "--force", "--volumes"], containers);
            containers = self.list(&["ps", "-a", "-q"]);
        }
        remove(&["volume", "rm", "--force"], self.list(&["volume", "ls", "-q"]));
        remove(&["network", "rm"], self.list(&["network", "ls", "-q"]));
    }
}

/// Looks, from its making to its end, whether a text shows in the arguments of any process.
pub(crate) struct Watch {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<Option<String>>>,
}

impl Watch {
    /// Begins to look.
    pub(crate) fn over(text: String) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            while !seen.load(Ordering::Relaxed) {
                for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
                    let arguments = fs::read(entry.path().join("cmdline")).unwrap_or_default();
                    let arguments = String::from_utf8_lossy(&arguments).replace('\0', " ");
                    if arguments.contains(&text) {
                        return Some(arguments);
                    }
                }
                thread::sleep(Duration::from_millis(30));
            }
            None
        });
        Self { stop, thread: Some(thread) }
    }

    /// The arguments in which the text was seen.
    pub(crate) fn end(mut self) -> Option<String> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take()?.join().expect("the watch")
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// A random text of 32 letters and digits.
pub(crate) fn random() -> String {
    fs::read("/proc/sys/kernel/random/uuid")
        .map(|text| String::from_utf8_lossy(&text).trim().replace('-', ""))
        .expect("randomness")
}

/// A port of this machine that nothing listens on.
pub(crate) fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("an address").port()
}

/// Runs a command that has to succeed.
pub(crate) fn succeed(command: &mut Command) -> Output {
    let output = command.stdin(Stdio::null()).output().expect("a program");
    checked(&format!("{command:?}"), output)
}

fn checked(what: &str, output: Output) -> Output {
    assert!(
        output.status.success(),
        "{what}\n{}\n{}\n{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    output
}

/// Runs a command with input.
fn feed(command: &mut Command, input: &[u8]) -> Output {
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().expect("a program");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_vec();
    // Apart, because a program that prints before it has read all would wait for us.
    let writer = thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().expect("output");
    writer.join().expect("the writer");
    output
}
