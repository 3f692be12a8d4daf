//! The five systems, for real: built by their own scripts, started from each compose file, asked
//! over HTTP, edited while they run.
//!
//! Each system runs on one engine, in turn, and with `GEN_MATRIX=full` on both. Two of them run on
//! rootless Podman as well.
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a test asks the machine, and stops where something is wrong"
)]

mod engine;
mod support;

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use engine::rootless::Session;
use engine::{Engine, free_port, random, succeed};
use serde_yaml::Value;

/// What is asked of a system.
struct System {
    /// The fixture.
    name: &'static str,
    /// Requests: service, port in its container, path, and what the answer holds.
    answers: &'static [(&'static str, &'static str, &'static str)],
    /// An edit: file, what to replace, by what, and the request that shows it.
    edits: &'static [(&'static str, &'static str, &'static str, &'static str, &'static str)],
    /// A mounted folder of a service, as it is named in its development container and here.
    mounts: &'static [(&'static str, &'static str, &'static str)],
}

const SYSTEMS: [System; 6] = [
    System {
        name: "system-a",
        answers: &[("backend", "/health", "ok"), ("backend", "/", "prism-backend")],
        edits: &[("app/main.py", "\"ok\"", "\"edited\"", "backend", "/health")],
        mounts: &[("backend", "/app", ".")],
    },
    System {
        name: "system-b",
        answers: &[
            ("app", "/api/health", "ok"),
            ("app", "/api/ready", "true"),
            ("app", "/api/mean?v=1&v=2", "1.5"),
            ("frontend", "/", "<html"),
            ("frontend", "/api/health", "ok"),
        ],
        edits: &[
            ("services/health.py", "\"ok\"", "\"edited\"", "app", "/api/health"),
            ("frontend/src/main.ts", "String(error)", "'edited'", "frontend", "/src/main.ts"),
        ],
        mounts: &[("app", "/app/services", "services"), ("frontend", "/app/src", "frontend/src")],
    },
    System {
        name: "system-c",
        answers: &[
            ("api", "/health", "ok"),
            ("api", "/items", "["),
            ("web", "/health", "ok"),
            ("web", "/", "Hello"),
        ],
        edits: &[
            ("cmd/api/handler.go", "\"ok\"", "\"edited\"", "api", "/health"),
            ("apps/web/web/app.py", "\"ok\"", "\"edited\"", "web", "/health"),
        ],
        mounts: &[("api", "/src/cmd", "cmd"), ("web", "/app/web", "apps/web/web")],
    },
    System {
        name: "system-d",
        answers: &[("web", "/health", "ok"), ("web", "/ready", "ok"), ("web", "/orders", "[")],
        edits: &[("orders/views.py", "\"ok\"", "\"edited\"", "web", "/health")],
        mounts: &[("web", "/app/orders", "orders")],
    },
    System {
        name: "system-e",
        answers: &[
            ("backend", "/health", "ok"),
            ("backend", "/api/models", "en.onnx"),
            // The program on the host.
            ("backend", "/api/host", "\"reachable\":true"),
            ("frontend", "/", "<html"),
            ("frontend", "/api/models", "en.onnx"),
        ],
        edits: &[("src/jarvis/app.py", "\"ok\"", "\"edited\"", "backend", "/health")],
        mounts: &[("backend", "/app/src", "src"), ("frontend", "/app/src", "frontend/src")],
    },
    System {
        name: "app-tools",
        answers: &[
            ("api", "/health", "ok"),
            ("api", "/", "cacert.pem"),
            ("page", "/", "86400000"),
            ("page", "/api/", "cacert.pem"),
            ("clock", "/", "time"),
        ],
        edits: &[("page/src/server.js", "\"ok\"", "\"edited\"", "page", "/health")],
        mounts: &[("page", "/app/src", "page/src"), ("api", "/app/api", "api/api")],
    },
];

#[test]
fn system_a() {
    prove(0);
}

#[test]
fn system_b() {
    prove(1);
}

#[test]
fn system_c() {
    prove(2);
}

#[test]
fn system_d() {
    prove(3);
}

#[test]
fn system_e() {
    prove(4);
}

#[test]
fn app_tools() {
    prove(5);
}

#[test]
fn system_a_rootless() {
    Engine::rootless().into_iter().for_each(|engine| prove_on(engine, &SYSTEMS[0]));
}

#[test]
fn system_e_rootless() {
    Engine::rootless().into_iter().for_each(|engine| prove_on(engine, &SYSTEMS[4]));
}

fn prove(index: usize) {
    for engine in Engine::chosen(index) {
        prove_on(engine, &SYSTEMS[index]);
    }
}

fn prove_on(engine: Engine, system: &'static System) {
    let project = Project::new(engine, system);
    project.build();
    project.local_stack();
    project.rebuild_after_an_edit();
    project.development_stack();
    project.production_stack();
}

/// A copy of a system, under a name of its own and on ports that are free.
struct Project {
    engine: Engine,
    system: &'static System,
    name: String,
    folder: tempfile::TempDir,
    ports: Vec<(String, u16)>,
    _assets: Option<Assets>,
    _session: Option<Session>,
}

const LOCAL: &[&str] = &["-f", "docker-compose.yml"];
const DEVELOPMENT: &[&str] = &["-f", "docker-compose.yml", "-f", "docker-compose.dev.yml"];
const PRODUCTION: &[&str] = &["-f", "docker-compose.prod.yml"];

impl Project {
    fn new(engine: Engine, system: &'static System) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let fixture = support::root().join("fixtures").join(system.name);
        support::copy(&fixture.join("input"), folder.path());
        let manifest = fs::read_to_string(folder.path().join("gen.yaml")).expect("a manifest");
        let mut manifest: Value = serde_yaml::from_str(&manifest).expect("YAML");
        let name = format!("gentest-{}-{}", system.name, &random()[..6]);
        manifest["name"] = name.clone().into();
        if let Value::Mapping(mapping) = &mut manifest {
            // Images stay on this machine.
            mapping.remove("registry");
        }
        let assets = Assets::serve(&fixture.join("assets"), &mut manifest);
        let ports = own_ports(&mut manifest);
        let text = serde_yaml::to_string(&manifest).expect("YAML");
        fs::write(folder.path().join("gen.yaml"), &text).expect("a manifest");
        if text.contains("manager: uv") {
            lock_with_uv(folder.path());
        }
        if text.contains("manager: yarn") {
            lock_with_yarn(&folder.path().join("page"));
        }
        let generated = Command::new(env!("CARGO_BIN_EXE_gen"))
            .args(["-C", &folder.path().to_string_lossy(), "generate"])
            .output()
            .expect("gen");
        assert!(generated.status.success(), "{}", String::from_utf8_lossy(&generated.stderr));
        show_what_go_compiles(folder.path());
        let session = (engine == Engine::Rootless).then(|| Session::of(&name));
        let project =
            Self { engine, system, name, folder, ports, _assets: assets, _session: session };
        if engine == Engine::Rootless {
            project.belongs_to_the_developer();
        }
        project.provide_images();
        project
    }

    fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// As on a developer's machine, where the files are not root's.
    fn belongs_to_the_developer(&self) -> String {
        let owner = self.engine.developer();
        succeed(Command::new("chown").args(["-R", &owner]).arg(self.folder.path()));
        owner
    }

    /// Base images that have another tag on this machine.
    fn provide_images(&self) {
        let files = support::files_below(self.folder.path());
        for (path, bytes) in files {
            let text = String::from_utf8_lossy(&bytes);
            let is_dockerfile =
                path.rsplit('/').next().is_some_and(|n| n.starts_with("Dockerfile"));
            let images = text.lines().filter_map(|line| {
                let mut words = line.split_whitespace();
                match words.next()? {
                    "FROM" if is_dockerfile => words.find(|word| !word.starts_with("--")),
                    "image:" if path.ends_with(".yml") => words.next(),
                    _ => None,
                }
            });
            let foreign = images.filter(|image| {
                image.contains('/') && !image.starts_with("localhost/") && !image.contains('$')
            });
            for image in foreign {
                assert!(self.engine.provide(image), "{path}: there is no {image}");
            }
        }
    }

    fn script(&self, name: &str, arguments: &[&str]) -> String {
        let output = self
            .engine
            .start("bash")
            .arg(self.path(&format!("scripts/{name}")))
            .args(["--engine", self.engine.program()])
            .args(arguments)
            .env("BUILDKIT_PROGRESS", "plain")
            .output()
            .expect("bash");
        let log = [output.stdout, output.stderr].concat();
        let log = String::from_utf8_lossy(&log).into_owned();
        assert!(output.status.success(), "{} {name}:\n{log}", self.name);
        log
    }

    fn build(&self) {
        self.script("build-local-dev.sh", &[]);
        self.script("build-enterprise.sh", &[]);
    }

    fn compose(&self, stack: &[&str], arguments: &[&str]) -> Command {
        let mut command = self.engine.compose(&[stack, arguments].concat());
        command.current_dir(self.folder.path());
        command
    }

    fn up(&self, stack: &[&str]) {
        // podman-compose waits for ever for a container that has ended.
        let mut up = self.compose(stack, &["up", "-d", "--no-build"]).spawn().expect("compose");
        let began = Instant::now();
        let status = loop {
            match up.try_wait().expect("its state") {
                Some(status) => break Some(status),
                None if began.elapsed() > Duration::from_secs(240) => {
                    drop(up.kill());
                    break None;
                }
                None => thread::sleep(Duration::from_millis(200)),
            }
        };
        if status.is_none_or(|status| !status.success()) {
            self.fail(stack, "it does not start");
        }
        self.wait_healthy(stack);
    }

    fn down(&self, stack: &[&str]) {
        succeed(&mut self.compose(stack, &["down", "--volumes"]));
    }

    /// Waits until every service that has a health check is healthy, and no container has failed.
    fn wait_healthy(&self, stack: &[&str]) {
        let began = Instant::now();
        loop {
            let states = self.states();
            let waiting = states
                .iter()
                .any(|(_, state)| state.contains("starting") || state.starts_with("created"));
            let failed: Vec<_> = states
                .iter()
                .filter(|(_, s)| {
                    s.contains("unhealthy") || s.starts_with("exited") && !s.ends_with(" 0")
                })
                .collect();
            let late = began.elapsed() > Duration::from_secs(180);
            if !failed.is_empty() || late {
                self.fail(stack, "it does not become healthy");
            }
            if !waiting && !states.is_empty() {
                return;
            }
            thread::sleep(Duration::from_millis(500));
        }
    }

    /// Ends the test with all that the containers say.
    fn fail(&self, stack: &[&str], why: &str) -> ! {
        let logs = self.compose(stack, &["logs"]).output().expect("logs");
        let logs = [logs.stdout, logs.stderr].concat();
        panic!("{}: {why}: {:#?}\n{}", self.name, self.states(), String::from_utf8_lossy(&logs));
    }

    /// The containers of this project: the service, its state, its health, its exit status.
    fn states(&self) -> Vec<(String, String)> {
        let format = "{{.Name}} {{.State.Status}} \
                      {{if .State.Health}}{{.State.Health.Status}}{{end}} {{.State.ExitCode}}";
        let list = self.engine.ask(&["ps", "-a", "-q", "--filter", &format!("name={}", self.name)]);
        let ids = list.unwrap_or_default();
        ids.lines()
            .filter_map(|id| self.engine.ask(&["inspect", "--format", format, id]))
            .filter_map(|line| {
                let (name, state) = line.split_once(' ')?;
                Some((name.trim_start_matches('/').to_owned(), state.to_owned()))
            })
            .collect()
    }

    fn answers(&self) {
        for (service, path, expected) in self.system.answers {
            self.expect(service, path, expected);
        }
    }

    /// Asks until the answer holds what is expected.
    fn expect(&self, service: &str, path: &str, expected: &str) {
        let port = self.ports.iter().find(|(name, _)| name == service).expect("published").1;
        let began = Instant::now();
        loop {
            let answer = get(port, path).unwrap_or_default();
            if answer.contains(expected) {
                return;
            }
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "{} {service}{path} does not answer {expected}: {answer}",
                self.name
            );
            thread::sleep(Duration::from_millis(300));
        }
    }

    fn local_stack(&self) {
        self.up(LOCAL);
        self.answers();
        self.down(LOCAL);
    }

    /// After an edit of the source no layer with dependencies is made again.
    fn rebuild_after_an_edit(&self) {
        for (file, ..) in self.system.edits {
            let path = self.path(file);
            // Of its own in every run, because compilers remember what they have seen.
            let sign = if file.ends_with(".py") { "#" } else { "//" };
            let comment = format!("\n{sign} edited {}\n", random());
            let text = fs::read_to_string(&path).expect("source") + &comment;
            fs::write(&path, text).expect("source");
        }
        let mut log = self.script("build-local-dev.sh", &[]);
        log += &self.script("build-enterprise.sh", &[]);
        let again = steps_run(self.engine, &log);
        let installs: Vec<_> = again
            .iter()
            .filter(|step| {
                let words = ["pip wheel", "pip --python", "pip install", "uv sync", "npm ci"];
                let more =
                    ["pnpm install", "yarn install", "go mod download", "apt-get", "go install"];
                words.iter().chain(&more).any(|word| step.contains(word))
            })
            .collect();
        assert!(installs.is_empty(), "{}: made again after an edit: {installs:#?}", self.name);
        assert!(!again.is_empty() || log.contains("COPY"), "{}: nothing was built", self.name);
        if self.system.name == "system-c" {
            // What was edited is compiled, and what it imports from elsewhere is not.
            assert!(log.contains("controlplane/cmd/api"), "nothing was compiled: {log}");
            let imported = ["google.golang.org/grpc", "net/http", "jackc/pgx"];
            let compiled: Vec<_> = log.lines().filter(|l| !l.contains("RUN")).collect();
            for package in imported {
                let found = compiled.iter().find(|line| line.trim_end().ends_with(package));
                assert!(found.is_none(), "{package} was compiled again: {found:?}");
            }
        }
    }

    /// The debuggers of the development stack speak their protocols.
    fn debuggers_answer(&self) {
        let text = fs::read_to_string(self.path("gen.yaml")).expect("a manifest");
        let manifest: Value = serde_yaml::from_str(&text).expect("YAML");
        let Some(Value::Mapping(services)) = manifest.get("services") else { return };
        for (name, service) in services {
            let Some(port) = service.get("dev").and_then(|dev| dev["debug_port"].as_u64()) else {
                continue;
            };
            // What is said to it, and what its answer holds.
            let (request, expected) = match service["stack"].as_str() {
                Some("python") => ("", "Content-Length"),
                Some("node") => {
                    ("GET /json/version HTTP/1.0\r\nHost: localhost\r\n\r\n", "node.js")
                }
                _ => (
                    "{\"method\":\"RPCServer.GetVersion\",\"params\":[{}],\"id\":1}\n",
                    "DelveVersion",
                ),
            };
            let began = Instant::now();
            loop {
                let answer = converse(u16::try_from(port).expect("a port"), request);
                if answer.as_ref().is_some_and(|answer| answer.contains(expected)) {
                    break;
                }
                let late = began.elapsed() > Duration::from_secs(60);
                assert!(!late, "{}: the debugger of {name:?} says {answer:?}", self.name);
                thread::sleep(Duration::from_millis(500));
            }
        }
    }

    fn development_stack(&self) {
        let owner = self.belongs_to_the_developer();
        self.up(DEVELOPMENT);
        self.answers();
        self.debuggers_answer();
        for (file, old, new, service, path) in self.system.edits {
            let text = fs::read_to_string(self.path(file)).expect("source");
            assert!(text.contains(old), "{file} holds no {old}");
            fs::write(self.path(file), text.replacen(old, new, 1)).expect("source");
            self.expect(service, path, "edited");
        }
        for (service, inside, here) in self.system.mounts {
            let file = format!("{inside}/written-in-the-container");
            let run = ["run", "--rm", "--no-deps", "-T", service, "touch", &file];
            succeed(&mut self.compose(DEVELOPMENT, &run));
            let stat = succeed(
                Command::new("stat")
                    .args(["-c", "%u:%g"])
                    .arg(self.path(here).join("written-in-the-container")),
            );
            let found = String::from_utf8_lossy(&stat.stdout);
            assert_eq!(found.trim(), owner, "{}: {service} leaves files of others", self.name);
        }
        self.down(DEVELOPMENT);
    }

    fn production_stack(&self) {
        // Nothing but the file, the secrets and the configuration.
        for entry in fs::read_dir(self.folder.path()).expect("a folder").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if !["docker-compose.prod.yml", "secrets", "config"].contains(&name.as_str()) {
                let gone = self.path(".source");
                fs::create_dir_all(&gone).expect("folder");
                fs::rename(entry.path(), gone.join(&name)).expect("moved");
            }
        }
        self.up(PRODUCTION);
        self.answers();
        let list = self.engine.ask(&["ps", "-q", "--filter", &format!("name={}", self.name)]);
        for id in list.unwrap_or_default().lines() {
            let format =
                "{{.Name}} {{.HostConfig.ReadonlyRootfs}} {{.Config.User}} {{.Config.Image}}";
            let state = self.engine.ask(&["inspect", "--format", format, id]).expect("a container");
            let words: Vec<&str> = state.split_whitespace().collect();
            assert_eq!(words.get(1), Some(&"true"), "{state}: its file system can be written");
            if state.contains("localhost/") {
                let user = words.get(2).copied().unwrap_or_default();
                let number: String = user.chars().take_while(char::is_ascii_digit).collect();
                assert!(number.parse().unwrap_or(0u32) > 0, "{state}: it runs as root");
            }
        }
        self.down(PRODUCTION);
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        for project in [self.name.clone(), format!("{}-prod", self.name)] {
            let filter = format!("label=com.docker.compose.project={project}");
            let list = |arguments: &[&str]| {
                let listed = self.engine.ask(&[arguments, &["--filter", &filter]].concat());
                listed.unwrap_or_default().lines().map(str::to_owned).collect::<Vec<_>>()
            };
            // Podman's containers hold on to those that they were started after.
            let depend: &[&str] = if self.engine == Engine::Docker { &[] } else { &["--depend"] };
            for id in list(&["ps", "-a", "-q"]) {
                let remove = [&["rm", "--force", "--volumes"][..], depend, &[&id]].concat();
                drop(self.engine.command(&remove).output());
            }
            for name in list(&["volume", "ls", "-q"]) {
                drop(self.engine.command(&["volume", "rm", "--force", &name]).output());
            }
            for name in list(&["network", "ls", "-q"]) {
                drop(self.engine.command(&["network", "rm", &name]).output());
            }
        }
        let images = ["images", "--format", "{{.Repository}}:{{.Tag}}"];
        let images = self.engine.ask(&images).unwrap_or_default();
        for image in images.lines().filter(|image| image.contains(&format!("/{}-", self.name))) {
            drop(self.engine.command(&["rmi", "--force", image]).output());
        }
    }
}

/// Publishes every published port under a number that is free.
fn own_ports(manifest: &mut Value) -> Vec<(String, u16)> {
    let Some(Value::Mapping(services)) = manifest.get_mut("services") else { return Vec::new() };
    let mut ports = Vec::new();
    for (name, service) in services.iter_mut() {
        let Value::Mapping(service) = service else { continue };
        let hidden = service.get("publish") == Some(&Value::Bool(false));
        if service.contains_key("port") && !hidden {
            let port = free_port();
            service.insert("publish".into(), u64::from(port).into());
            ports.push((name.as_str().expect("a name").to_owned(), port));
        }
        if let Some(Value::Mapping(dev)) = service.get_mut("dev")
            && dev.contains_key("debug_port")
        {
            dev.insert("debug_port".into(), u64::from(free_port()).into());
        }
        if let Some(Value::Mapping(prod)) = service.get_mut("prod") {
            // Several containers publish nothing, and this test asks through the host.
            prod.remove("replicas");
        }
    }
    ports
}

fn lock_with_uv(folder: &Path) {
    let home = support::root().join("target/uv");
    if !home.join("bin/uv").exists() {
        succeed(Command::new("python3").args(["-m", "venv"]).arg(&home));
        succeed(Command::new(home.join("bin/pip")).args(["install", "--quiet", "uv"]));
    }
    let python = ["lock", "--no-python-downloads", "--python-preference", "only-system"];
    let lock = Command::new(home.join("bin/uv")).args(python).current_dir(folder).output();
    let lock = lock.expect("uv");
    assert!(lock.status.success(), "{}", String::from_utf8_lossy(&lock.stderr));
}

/// Yarn's lock file names the registry, so it is made here.
fn lock_with_yarn(folder: &Path) {
    let yarn = ["exec", "--yes", "--package", "yarn@1.22.22", "--", "yarn", "install"];
    let options = ["--ignore-scripts", "--non-interactive"];
    succeed(Command::new("npm").args(yarn).args(options).current_dir(folder));
    fs::remove_dir_all(folder.join("node_modules")).expect("its packages");
}

/// Has Go print the name of every package that it compiles.
fn show_what_go_compiles(folder: &Path) {
    for (path, bytes) in support::files_below(folder) {
        if path.contains("Dockerfile") {
            let text = String::from_utf8_lossy(&bytes);
            let text = text.replace("&& go build -trimpath", "&& go build -v -trimpath");
            fs::write(folder.join(path), text).expect("a Dockerfile");
        }
    }
}

/// A GET request, without a client of HTTP: status and body as text.
fn get(port: u16, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: localhost\r\nAccept: */*\r\n\r\n").ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    Some(String::from_utf8_lossy(&answer).into_owned())
}

/// What a server says first to a request, or to a silent client.
fn converse(port: u16, request: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = [0; 4096];
    let length = stream.read(&mut answer).ok()?;
    Some(String::from_utf8_lossy(&answer[..length]).into_owned())
}

/// The RUN steps of a build's log that were not taken from the cache.
fn steps_run(engine: Engine, log: &str) -> Vec<String> {
    let mut run = Vec::new();
    match engine {
        Engine::Docker => {
            let cached: Vec<&str> =
                log.lines().filter_map(|line| line.strip_suffix(" CACHED")).collect();
            for line in log.lines().filter(|line| line.contains("] RUN ")) {
                let number = line.split(' ').next().unwrap_or_default();
                if !cached.contains(&number) {
                    run.push(line.to_owned());
                }
            }
        }
        Engine::Podman | Engine::Rootless => {
            let lines: Vec<&str> = log.lines().collect();
            for (index, line) in lines.iter().enumerate() {
                let used = lines.get(index + 1).is_some_and(|next| next.contains("Using cache"));
                if line.contains("STEP") && line.contains(": RUN ") && !used {
                    run.push((*line).to_owned());
                }
            }
        }
    }
    run
}

/// A server of the fixture's assets, as the internet would be, and of whatever a program on the host
/// would say.
struct Assets;

impl Assets {
    fn serve(folder: &Path, manifest: &mut Value) -> Option<Self> {
        if !folder.exists() {
            return None;
        }
        let listener = std::net::TcpListener::bind("0.0.0.0:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let output = succeed(Command::new("hostname").arg("-I"));
        let addresses = String::from_utf8_lossy(&output.stdout).into_owned();
        let address = addresses.split_whitespace().next().expect("an address").to_owned();
        let Some(Value::Mapping(services)) = manifest.get_mut("services") else { return None };
        for (_, service) in services.iter_mut() {
            if let Some(Value::Mapping(variable)) =
                service.get_mut("environment").and_then(|map| map.get_mut("HOST_LLM_URL"))
            {
                let url = format!("http://host.docker.internal:{port}/v1/models");
                variable.insert("default".into(), url.into());
            }
            let Some(Value::Sequence(assets)) = service.get_mut("assets") else { continue };
            for asset in assets {
                let url = asset["url"].as_str().expect("an address");
                let name = url.rsplit('/').next().expect("a name").to_owned();
                asset["url"] = format!("http://{address}:{port}/{name}").into();
            }
        }
        let folder = folder.to_owned();
        thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut request = [0; 1024];
                let length = stream.read(&mut request).unwrap_or(0);
                let request = String::from_utf8_lossy(&request[..length]).into_owned();
                let name = request.split(['/', ' ']).nth(2).unwrap_or_default().to_owned();
                let bytes = fs::read(folder.join(name)).unwrap_or_default();
                let head = format!("HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n", bytes.len());
                drop(stream.write_all(&[head.as_bytes(), &bytes].concat()));
            }
        });
        Some(Self)
    }
}
