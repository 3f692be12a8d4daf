//! A project in a temporary folder, and what the tests ask of it.

#![expect(unreachable_pub, reason = "a test program is nobody's library")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, SystemTime};

use tempfile::TempDir;

/// A manifest of two services.
pub const MANIFEST: &str = "\
version: 1
name: demo
services:
  api: {stack: python, version: \"3.13\", manager: pip, path: api, port: 8000, command: [app]}
  web: {stack: python, version: \"3.13\", manager: pip, path: web, port: 5173, command: [app]}
";

/// A folder that goes away with the test.
pub struct Sandbox(TempDir);

impl Sandbox {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// With [`MANIFEST`] and the files that its stacks look for.
    pub fn project() -> Self {
        let sandbox = Self::new();
        sandbox.put("gen.yaml", MANIFEST);
        sandbox.put("api/requirements.txt", "");
        sandbox.put("web/requirements.txt", "");
        sandbox
    }

    /// A project whose files are written.
    pub fn generated() -> Self {
        let sandbox = Self::project();
        let output = sandbox.gen_(&["generate"]);
        assert_eq!(code(&output), 0, "{}", talk(&output));
        sandbox
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn at(&self, path: &str) -> PathBuf {
        self.0.path().join(path)
    }

    pub fn put(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.at(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub fn append(&self, path: &str, text: &str) {
        self.put(path, self.get(path).unwrap() + text);
    }

    pub fn get(&self, path: &str) -> Option<String> {
        fs::read_to_string(self.at(path)).ok()
    }

    pub fn remove(&self, path: &str) {
        fs::remove_file(self.at(path)).unwrap();
    }

    pub fn link(&self, target: impl AsRef<Path>, path: &str) {
        std::os::unix::fs::symlink(target, self.at(path)).unwrap();
    }

    pub fn mode(&self, path: &str) -> u32 {
        fs::metadata(self.at(path)).unwrap().permissions().mode() & 0o7777
    }

    pub fn set_mode(&self, path: &str, mode: u32) {
        fs::set_permissions(self.at(path), fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Every file and folder with its content and the time of its last change.
    pub fn photograph(&self) -> Vec<(PathBuf, Option<Vec<u8>>, SystemTime, u32)> {
        let entries = walkdir::WalkDir::new(self.path()).sort_by_file_name();
        let one = |entry: walkdir::Result<walkdir::DirEntry>| {
            let entry = entry.unwrap();
            let metadata = entry.metadata().unwrap();
            let bytes = metadata.is_file().then(|| fs::read(entry.path()).unwrap());
            let mode = metadata.permissions().mode();
            (entry.path().to_owned(), bytes, metadata.modified().unwrap(), mode)
        };
        entries.into_iter().map(one).collect()
    }

    /// The names of all files, relative and sorted.
    pub fn files(&self) -> Vec<String> {
        let entries = walkdir::WalkDir::new(self.path()).sort_by_file_name();
        let name = |entry: walkdir::DirEntry| {
            entry.path().strip_prefix(self.path()).unwrap().display().to_string()
        };
        entries
            .into_iter()
            .map(Result::unwrap)
            .filter(|e| !e.file_type().is_dir())
            .map(name)
            .collect()
    }

    /// The real program, in this folder, with nothing in its environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gen"));
        command.args(arguments).current_dir(self.path()).env_clear().stdin(Stdio::null());
        command
    }

    pub fn gen_(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs it, and wants an exit code.
    pub fn expect(&self, expected: i32, arguments: &[&str]) -> Output {
        let output = self.gen_(arguments);
        let (data, talk) = (data(&output), talk(&output));
        assert_eq!(code(&output), expected, "gen {arguments:?}\n{data}\n{talk}");
        output
    }

    /// Runs it through a shell, so that `script` can set the scene.
    pub fn shell(&self, script: &str) -> Output {
        let mut command = Command::new("sh");
        command.args(["-c", script]).current_dir(self.path());
        command.env("GEN", env!("CARGO_BIN_EXE_gen")).stdin(Stdio::null()).output().unwrap()
    }
}

pub fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
}

pub fn data(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn talk(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Long enough that a change of a time stamp shows.
pub fn pass_time() {
    std::thread::sleep(Duration::from_millis(15));
}
