//! The build scripts with their options, on real engines and a registry.
//!
//! The registry is `localhost:5000`, or what `GEN_TEST_REGISTRY` names.
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
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output};

use engine::{Engine, free_port, random, succeed};

#[test]
fn build_scripts() {
    let registry =
        std::env::var("GEN_TEST_REGISTRY").unwrap_or_else(|_| "localhost:5000".to_owned());
    let engines = Engine::chosen(0);
    if !engines.is_empty() && TcpStream::connect(&registry).is_err() {
        support::skip("GEN_REQUIRE_ENGINES", &format!("no registry answers at {registry}"));
        return;
    }
    for engine in engines {
        let project = Project::new(engine, &registry);
        project.dry_runs_do_nothing();
        project.developers_get_their_image();
        project.what_is_pushed_is_what_production_pulls();
        project.several_platforms();
        project.contents_and_scan();
        project.failures_are_told();
    }
}

/// A small service, under a name of its own.
struct Project {
    engine: Engine,
    name: String,
    registry: String,
    port: u16,
    folder: tempfile::TempDir,
}

impl Project {
    fn new(engine: Engine, registry: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let name = format!("gentest-scripts-{}", &random()[..6]);
        let port = free_port();
        let manifest = format!(
            "version: 1\nname: {name}\nregistry: {registry}/gentest\nlabels: {{vendor: Example}}\n\
             services:\n  web:\n    stack: python\n    version: \"3.13\"\n    manager: pip\n    \
             source: [site]\n    command: [python, -m, http.server, \"8000\", --directory, site]\n    \
             port: 8000\n    publish: {port}\n"
        );
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("folder");
            fs::write(path, text).expect("file");
        };
        write("gen.yaml", &manifest);
        write("requirements.txt", "certifi==2025.8.3\n");
        write("site/index.html", "it is pulled\n");
        let project = Self { engine, name, registry: registry.to_owned(), port, folder };
        succeed(
            Command::new(env!("CARGO_BIN_EXE_gen"))
                .args(["generate", "-C"])
                .arg(project.folder.path()),
        );
        assert!(engine.provide("docker.io/library/python:3.13-slim-trixie"));
        project
    }

    fn image(&self) -> String {
        format!("{}/gentest/{}-web", self.registry, self.name)
    }

    fn script(&self, name: &str, arguments: &[&str]) -> Output {
        let stubs = self.folder.path().join("stubs");
        let path = std::env::var("PATH").unwrap_or_default();
        Command::new("bash")
            .arg(self.folder.path().join("scripts").join(name))
            .args(["--engine", self.engine.program()])
            .args(arguments)
            .env("BUILDKIT_PROGRESS", "plain")
            .env("PATH", format!("{}:{path}", stubs.display()))
            .current_dir("/")
            .output()
            .expect("bash")
    }

    /// Runs a script that has to succeed, and gives what it said.
    fn succeed(&self, name: &str, arguments: &[&str]) -> String {
        let output = self.script(name, arguments);
        let text = said(&output);
        assert!(output.status.success(), "{name} {arguments:?}: {text}");
        text
    }

    /// Runs a script that has to fail, and gives what it said.
    fn fail(&self, name: &str, arguments: &[&str]) -> String {
        let output = self.script(name, arguments);
        let text = said(&output);
        assert!(!output.status.success(), "{name} {arguments:?}: {text}");
        text
    }

    fn has(&self, image: &str) -> bool {
        self.engine.ask(&["image", "inspect", "--format", "{{.Id}}", image]).is_some()
    }

    fn dry_runs_do_nothing(&self) {
        let text = self.succeed("build-local-dev.sh", &["--dry-run"]);
        assert!(text.contains("--target development"), "{text}");
        assert!(!self.has(&format!("localhost/{}-web:development", self.name)));
        let all = ["--dry-run", "--no-cache", "--cache-registry", "--push", "--version", "9"];
        let text = self.succeed("build-enterprise.sh", &all);
        for word in ["--no-cache", "--pull", "--cache-from", "--cache-to", ":9"] {
            assert!(text.contains(word), "{word}: {text}");
        }
        assert!(!self.has(&format!("{}:9", self.image())));
        if self.engine == Engine::Podman {
            self.succeed("build-enterprise.sh", &["--dry-run", "--sbom", "--scan"]);
            assert!(!self.folder.path().join("sbom").exists());
        }
    }

    fn developers_get_their_image(&self) {
        let text = self.succeed("build-local-dev.sh", &["web"]);
        assert!(text.contains("ready: "), "{text}");
        assert!(self.has(&format!("localhost/{}-web:development", self.name)));
    }

    fn what_is_pushed_is_what_production_pulls(&self) {
        let options = ["--version", "1.2.3", "--platform", "linux/amd64"];
        self.succeed(
            "build-enterprise.sh",
            &[&options[..], &["--cache-registry", "--push"]].concat(),
        );
        let image = format!("{}:1.2.3", self.image());
        self.engine.ask(&["rmi", "--force", &image]).expect("it was there");
        let compose = |arguments: &[&str]| {
            let file = ["-f", "docker-compose.prod.yml"];
            let mut command = self.engine.compose(&[&file[..], arguments].concat());
            command.current_dir(self.folder.path()).env("VERSION", "1.2.3");
            command
        };
        succeed(&mut compose(&["pull"]));
        let format = "{{json .Config.Labels}} {{.Config.User}} {{json .Config.Healthcheck}}";
        let facts = self.engine.ask(&["image", "inspect", "--format", format, &image]);
        let facts = facts.expect("it was pulled");
        for part in [
            r#""org.opencontainers.image.version":"1.2.3""#,
            r#""vendor":"Example""#,
            "org.opencontainers.image.created",
            " 10001:10001 ",
            "python3",
        ] {
            assert!(facts.contains(part), "{part}: {facts}");
        }
        succeed(&mut compose(&["up", "-d"]));
        let page = (0..100).find_map(|_| {
            std::thread::sleep(std::time::Duration::from_millis(300));
            let url = format!("http://127.0.0.1:{}/", self.port);
            let output = Command::new("curl").args(["-fsS", &url]).output().ok()?;
            output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
        });
        succeed(&mut compose(&["down", "--volumes"]));
        assert_eq!(page.as_deref(), Some("it is pulled\n"));
    }

    /// Base images for another platform cannot be had here: what would run is looked at.
    fn several_platforms(&self) {
        let both = ["--platform", "linux/amd64,linux/arm64", "--version", "2"];
        if self.engine == Engine::Docker {
            let text = self.fail("build-enterprise.sh", &[&both[..], &["--dry-run"]].concat());
            assert!(text.contains("add --push"), "{text}");
        } else {
            let options = [&both[..], &["--dry-run", "--push"]].concat();
            let text = self.succeed("build-enterprise.sh", &options);
            assert!(text.contains("--manifest") && text.contains("manifest push --all"), "{text}");
        }
    }

    fn contents_and_scan(&self) {
        let stubs = self.folder.path().join("stubs");
        fs::create_dir(&stubs).expect("folder");
        let stub = |name: &str, status: u8| {
            let path = stubs.join(name);
            let text = format!("#!/bin/sh\necho \"{name} was asked: $*\"\nexit {status}\n");
            fs::write(&path, text).expect("stub");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("mode");
        };
        stub("trivy", 0);
        let text = self.succeed("build-enterprise.sh", &["--version", "3", "--scan"]);
        assert!(text.contains("--exit-code 1 --severity HIGH,CRITICAL"), "{text}");
        stub("trivy", 1);
        self.fail("build-enterprise.sh", &["--version", "3", "--scan"]);
        // What does not pass is not published.
        self.fail("build-enterprise.sh", &["--version", "3.1", "--scan", "--push"]);
        let tags = format!("http://{}/v2/gentest/{}-web/tags/list", self.registry, self.name);
        let tags = succeed(Command::new("curl").args(["-fsS", &tags])).stdout;
        let tags = String::from_utf8_lossy(&tags).into_owned();
        assert!(tags.contains("1.2.3") && !tags.contains("3.1"), "{tags}");
        if self.engine == Engine::Podman {
            stub("syft", 0);
            let text = self.succeed("build-enterprise.sh", &["--version", "3", "--sbom"]);
            assert!(text.contains("syft was asked: podman:"), "{text}");
        }
        // Its tag, and not the default one.
        let text = self.succeed(
            "build-enterprise.sh",
            &["--target", "development", "--version", "tools", "web"],
        );
        assert!(text.contains("building web"), "{text}");
        assert!(self.has(&format!("{}:tools", self.image())));
        self.succeed("build-enterprise.sh", &["--target", "development"]);
        assert!(self.has(&format!("{}:development", self.image())));
        assert!(!self.has(&format!("{}:local", self.image())));
    }

    fn failures_are_told(&self) {
        for (options, expected) in [
            (&["--version", "a b"][..], "cannot be the tag of an image"),
            (&["--version"], "needs a value"),
            (&["--colour"], "there is no option --colour"),
            (&["db"], "no image is built for the service db"),
        ] {
            let text = self.fail("build-enterprise.sh", options);
            assert!(text.contains(expected), "{expected}: {text}");
        }
        // The engine's own status is kept, and what it said.
        fs::write(self.folder.path().join("requirements.txt"), "no-such-package-at-all==0\n")
            .expect("file");
        let text = self.fail("build-local-dev.sh", &[]);
        assert!(text.contains("no-such-package-at-all"), "{text}");
    }
}

impl Drop for Project {
    fn drop(&mut self) {
        let images = ["images", "--format", "{{.Repository}}:{{.Tag}}"];
        let images = self.engine.ask(&images).unwrap_or_default();
        for image in images.lines().filter(|image| image.contains(&self.name)) {
            drop(self.engine.command(&["rmi", "--force", image]).output());
        }
    }
}

fn said(output: &Output) -> String {
    let all = [&output.stdout[..], &output.stderr].concat();
    String::from_utf8_lossy(&all).into_owned()
}
