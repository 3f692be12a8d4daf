//! The program as a shell sees it: exit codes, streams, reports.
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
#![expect(clippy::print_stderr, reason = "a test that is skipped says so")]

mod sandbox;

use std::fs::File;
use std::io::Read;
use std::process::Stdio;
use std::time::Duration;

use sandbox::{MANIFEST, Sandbox, code, data, json, pass_time, talk};

const COMPOSE: &str = "docker-compose.yml";

#[test]
fn generate_then_check_then_nothing_to_do() {
    let sandbox = Sandbox::project();
    let check = sandbox.expect(3, &["check"]);
    assert!(data(&check).contains("missing        docker-compose.yml: it is not written yet\n"));
    let generate = sandbox.expect(0, &["generate"]);
    for file in [COMPOSE, "api/Dockerfile", "web/Dockerfile", "gen.lock", ".gitattributes"] {
        assert!(data(&generate).contains(&format!("create    {file}\n")), "{}", data(&generate));
        assert!(sandbox.at(file).is_file(), "{file}");
    }
    let before = sandbox.photograph();
    pass_time();
    for quiet in [&["check"][..], &["diff"], &["generate"], &["generate", "--dry-run", "--diff"]] {
        assert_eq!(data(&sandbox.expect(0, quiet)), "");
    }
    assert_eq!(sandbox.photograph(), before);
    let verbose = data(&sandbox.expect(0, &["generate", "-v"]));
    assert!(verbose.contains("unchanged docker-compose.yml\n"));
    assert!(
        data(&sandbox.expect(0, &["check", "-v"])).contains("ok             docker-compose.yml\n")
    );
}

#[test]
fn every_ending_has_its_exit_code() {
    type Scene<'s> = &'s dyn Fn(&Sandbox);
    let edit: Scene<'_> = &|s| s.append(COMPOSE, "# mine\n");
    let invalid: Scene<'_> = &|s| s.put("gen.yaml", "version: [");
    let newer_manifest: Scene<'_> =
        &|s| s.put("gen.yaml", MANIFEST.replace("version: 1\n", "version: 9\n"));
    let newer_lock: Scene<'_> = &|s| s.put("gen.lock", "# format 9\n");
    let newer_tool: Scene<'_> = &|s| s.put("gen.lock", "# format 1\n# gen 99.0.0\n");
    let gone: Scene<'_> = &|s| s.remove("gen.yaml");
    let both: Scene<'_> = &|s| {
        invalid(s);
        newer_lock(s);
        edit(s);
    };
    let lock_and_edit: Scene<'_> = &|s| {
        newer_lock(s);
        edit(s);
    };
    // The scene; then how generate, check, diff and validate end.
    let table: [(&str, Scene<'_>, [i32; 4]); 9] = [
        ("nothing", &|_| {}, [0, 0, 0, 0]),
        ("drift", &|s| s.remove(COMPOSE), [0, 3, 3, 0]),
        ("edit", edit, [4, 3, 3, 0]),
        ("invalid", invalid, [5, 5, 5, 5]),
        ("newer manifest", newer_manifest, [6, 6, 6, 6]),
        ("newer lock", newer_lock, [6, 6, 6, 0]),
        ("newer tool", newer_tool, [6, 6, 6, 0]),
        ("5 before 6 before 4", both, [5, 5, 5, 5]),
        ("6 before 4", lock_and_edit, [6, 6, 6, 0]),
    ];
    for (name, scene, expected) in table {
        for (command, expected) in ["generate", "check", "diff", "validate"].iter().zip(expected) {
            let sandbox = Sandbox::generated();
            scene(&sandbox);
            let before = sandbox.photograph();
            let output = sandbox.gen_(&[command]);
            assert_eq!(code(&output), expected, "{name} {command} {}", talk(&output));
            if *command != "generate" || expected != 0 {
                assert_eq!(sandbox.photograph(), before, "{name} {command}");
            }
        }
    }
    let sandbox = Sandbox::generated();
    gone(&sandbox);
    sandbox.expect(1, &["check"]);
    for usage in [&["frobnicate"][..], &[], &["check", "--format", "xml"], &["-qv", "check"]] {
        sandbox.expect(2, usage);
    }
    sandbox.expect(2, &["explain", "no-such-code"]);
    for help in ["--help", "--version"] {
        assert_ne!(data(&sandbox.expect(0, &[help])), "");
    }
}

#[test]
fn check_as_json_names_state_cause_and_fix() {
    let sandbox = Sandbox::generated();
    let clean = json(&sandbox.expect(0, &["check", "--format", "json"]));
    assert_eq!(clean["clean"], true);
    let entry = |report: &serde_json::Value, path: &str| {
        let files = report["files"].as_array().unwrap();
        files.iter().find(|file| file["path"] == path).cloned().unwrap_or_default()
    };
    let ok = entry(&clean, "api/Dockerfile");
    assert_eq!((&ok["state"], &ok["cause"], &ok["fix"]), (&"ok".into(), &().into(), &().into()));
    assert_eq!(ok["service"], "api");

    sandbox.append(COMPOSE, "# mine\n");
    sandbox.remove("api/Dockerfile");
    sandbox.set_mode("web/Dockerfile", 0o755);
    let report = json(&sandbox.expect(3, &["check", "--format", "json"]));
    assert_eq!(report["clean"], false);
    let keys: Vec<_> = entry(&report, COMPOSE).as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["cause", "fix", "path", "service", "state"]);
    for (path, state, cause, fix) in [
        (COMPOSE, "modified", "it was edited by hand", "gen generate --force docker-compose.yml"),
        ("api/Dockerfile", "missing", "it was deleted", "gen generate --keep-going"),
        ("web/Dockerfile", "mode", "it should not be executable", "gen generate --keep-going"),
    ] {
        let entry = entry(&report, path);
        assert_eq!((&entry["state"], &entry["cause"]), (&state.into(), &cause.into()), "{path}");
        assert_eq!(entry["fix"], fix);
    }
}

/// The command that a report names is the one that mends it.
#[test]
fn every_fix_fixes() {
    type Scene<'s> = &'s dyn Fn(&Sandbox);
    let scenes: [(&str, Scene<'_>); 8] = [
        (COMPOSE, &|s| s.append(COMPOSE, "# mine\n")),
        (COMPOSE, &|s| s.remove(COMPOSE)),
        (COMPOSE, &|s| s.set_mode(COMPOSE, 0o755)),
        ("gen.lock", &|s| s.remove("gen.lock")),
        ("web/Dockerfile", &|s| s.put("gen.yaml", MANIFEST.replace("path: web", "path: api/web"))),
        (COMPOSE, &|s| {
            s.remove(COMPOSE);
            s.link("elsewhere", COMPOSE);
        }),
        (COMPOSE, &|s| {
            s.remove(COMPOSE);
            s.put("docker-compose.yml/x", "");
        }),
        ("scripts/", &|s| {
            assert!(s.shell("rm -r scripts && touch scripts").status.success());
        }),
    ];
    for (path, scene) in scenes {
        let sandbox = Sandbox::generated();
        sandbox.put("api/web/requirements.txt", "");
        scene(&sandbox);
        let report = json(&sandbox.expect(3, &["check", "--format", "json"]));
        let files = report["files"].as_array().unwrap();
        let is_it = |file: &&serde_json::Value| file["path"].as_str().unwrap().starts_with(path);
        let entry = files.iter().find(is_it).unwrap();
        let fix = entry["fix"].as_str().unwrap();
        let script = fix.replace("gen generate", "\"$GEN\" generate");
        assert_eq!(code(&sandbox.shell(&script)), 0, "{fix}");
        let report = json(&sandbox.gen_(&["check", "--format", "json"]));
        let files = report["files"].as_array().unwrap();
        let now = files.iter().find(is_it);
        assert!(now.is_none_or(|entry| entry["state"] == "ok"), "{fix}: {now:?}");
    }
}

#[test]
fn fixes_name_the_folder_and_the_manifest_of_the_run() {
    let sandbox = Sandbox::new();
    for (path, text) in [("my app/it's.yaml", MANIFEST), ("my app/api/requirements.txt", "")] {
        sandbox.put(path, text);
    }
    sandbox.put("my app/web/requirements.txt", "");
    let arguments = ["-C", "my app", "-f", "it's.yaml", "check", "--format", "json"];
    let report = json(&sandbox.expect(3, &arguments));
    let fix = report["files"][0]["fix"].as_str().unwrap();
    assert_eq!(fix, r"gen -C 'my app' -f 'it'\''s.yaml' generate");
    assert_eq!(code(&sandbox.shell(&fix.replacen("gen", "\"$GEN\"", 1))), 0);
    sandbox.expect(0, &arguments);
}

#[test]
fn validate_as_json() {
    let sandbox = Sandbox::project();
    let report = json(&sandbox.expect(0, &["validate", "--format", "json"]));
    assert_eq!(report["valid"], true);
    assert!(report["diagnostics"].is_array());
    sandbox.put("broken.yaml", "version: [\n");
    for arguments in [
        &["validate", "broken.yaml", "--format", "json"][..],
        &["-f", "broken.yaml", "validate", "--format=json"],
    ] {
        let report = json(&sandbox.expect(5, arguments));
        assert_eq!(report["valid"], false);
        let first = report["diagnostics"][0].as_object().unwrap();
        for key in ["code", "severity", "message", "help", "path", "file", "line", "column"] {
            assert!(first.contains_key(key), "{key}");
        }
        assert_eq!(first["file"], "broken.yaml");
    }
    for command in ["generate", "check", "diff"] {
        let output = sandbox.expect(5, &["-f", "broken.yaml", command, "--format", "json"]);
        assert!(json(&output)["diagnostics"].is_array(), "{command}");
    }
}

#[test]
fn generate_as_json() {
    let sandbox = Sandbox::generated();
    sandbox.append(COMPOSE, "# mine\n");
    let report = json(&sandbox.expect(4, &["generate", "--format", "json"]));
    assert_eq!((&report["done"], &report["written"]), (&false.into(), &false.into()));
    let arguments = ["generate", "--format", "json", "--force", COMPOSE];
    let report = json(&sandbox.expect(0, &arguments));
    assert_eq!((&report["done"], &report["written"]), (&true.into(), &true.into()));
    let files = report["files"].as_array().unwrap();
    let compose = files.iter().find(|file| file["path"] == COMPOSE).unwrap();
    assert_eq!((&compose["action"], &compose["state"]), (&"update".into(), &"modified".into()));
    assert_eq!(compose["backup"], "docker-compose.yml.bak");
}

#[test]
fn a_refusal_names_the_files_and_the_ways_out() {
    let sandbox = Sandbox::generated();
    sandbox.append(COMPOSE, "# mine\n");
    sandbox.put("gen.yaml", MANIFEST.replace("8000", "8001"));
    let before = sandbox.photograph();
    let output = sandbox.expect(4, &["generate"]);
    assert_eq!(data(&output), "");
    assert_eq!(sandbox.photograph(), before);
    insta::assert_snapshot!(talk(&output), @r"
    error: 1 file was edited by hand, or not written by gen; nothing is written
      modified  docker-compose.yml: it was edited by hand
    hint: `gen diff` shows what would be lost
    hint: a change that should last goes into `gen.yaml`
    hint: `gen generate --force docker-compose.yml` writes over it, and keeps a copy as `.bak`
    ");
    let diff = data(&sandbox.expect(3, &["diff"]));
    assert!(diff.contains("--- a/docker-compose.yml\n+++ b/docker-compose.yml\n"));
    assert!(diff.contains("\n-# mine\n"));
}

#[test]
fn force_takes_only_files_of_gen() {
    let sandbox = Sandbox::generated();
    for path in ["gen.yaml", "../x", "/etc/passwd", "nothing"] {
        let output = sandbox.expect(2, &["generate", "--force", path]);
        assert!(talk(&output).contains(path));
    }
    sandbox.append(COMPOSE, "# mine\n");
    sandbox.expect(0, &["generate", "--force", "./docker-compose.yml", "api/Dockerfile"]);
    assert!(sandbox.get("docker-compose.yml.bak").unwrap().ends_with("# mine\n"));
    sandbox.expect(0, &["check"]);
}

#[test]
fn a_service_that_goes_takes_its_files_along() {
    let sandbox = Sandbox::generated();
    let without: String =
        MANIFEST.lines().filter(|l| !l.contains("web")).fold(String::new(), |a, l| a + l + "\n");
    sandbox.put("gen.yaml", without);
    let check = data(&sandbox.expect(3, &["check"]));
    assert!(check.contains("stale          web/Dockerfile: the manifest does not ask for it"));
    let output = sandbox.expect(0, &["generate"]);
    assert!(data(&output).contains("remove    web/Dockerfile\n"));
    assert!(!sandbox.at("web/Dockerfile").exists() && sandbox.at("web/requirements.txt").exists());
    sandbox.expect(0, &["check"]);
}

#[test]
fn a_dockerfile_that_the_manifest_takes_over_stays() {
    let sandbox = Sandbox::generated();
    let was = sandbox.get("web/Dockerfile").unwrap();
    let own = "  web: {dockerfile: Dockerfile, path: web, port: 5173}";
    let manifest: String = MANIFEST
        .lines()
        .map(|line| if line.starts_with("  web") { own } else { line })
        .fold(String::new(), |all, line| all + line + "\n");
    sandbox.put("gen.yaml", manifest);
    let output = sandbox.expect(0, &["generate"]);
    assert!(talk(&output).contains("`web/Dockerfile` is yours from now on"), "{}", talk(&output));
    assert_eq!(sandbox.get("web/Dockerfile").unwrap(), was);
    assert!(!sandbox.get("gen.lock").unwrap().contains("web/Dockerfile"));
    sandbox.append("web/Dockerfile", "# mine\n");
    sandbox.expect(0, &["check"]);
    sandbox.expect(0, &["generate"]);
}

#[test]
fn another_major_version_of_a_database_is_told() {
    let sandbox = Sandbox::project();
    let manifest =
        |version: &str| format!("{MANIFEST}  db: {{preset: postgres, version: \"{version}\"}}\n");
    sandbox.put("gen.yaml", manifest("17"));
    sandbox.expect(0, &["generate"]);
    sandbox.put("gen.yaml", manifest("18"));
    for command in ["diff", "generate"] {
        let said = talk(&sandbox.gen_(&[command]));
        assert!(said.contains("the data of `db` is that of version 17, and 18"), "{said}");
    }
    let said = talk(&sandbox.expect(0, &["generate"]));
    assert!(!said.contains("the data of"), "{said}");
}

#[test]
fn the_diff_can_be_applied() {
    let sandbox = Sandbox::generated();
    sandbox.remove("web/Dockerfile");
    sandbox.append(COMPOSE, "# mine\n");
    sandbox.put("gen.yaml", MANIFEST.replace("8000", "8001"));
    let applied = sandbox.shell("\"$GEN\" diff > change.diff; git apply change.diff");
    if talk(&applied).contains("git: not found") {
        eprintln!("skipped: there is no git");
        return;
    }
    assert!(applied.status.success(), "{}", talk(&applied));
    // The record of the refused file is all that may be left to write.
    let rest = data(&sandbox.expect(0, &["generate"]));
    assert!(rest.is_empty() || rest == "update    gen.lock\n", "{rest}");
    sandbox.expect(0, &["check"]);
}

#[test]
fn output_goes_to_another_folder_and_leaves_what_is_there() {
    let sandbox = Sandbox::project();
    sandbox.put("out/mine", "mine\n");
    sandbox.expect(0, &["generate", "--output", "out"]);
    assert!(sandbox.at("out/docker-compose.yml").is_file() && sandbox.at("out/mine").is_file());
    assert!(!sandbox.at(COMPOSE).exists() && !sandbox.at("gen.lock").exists());
    assert_eq!(data(&sandbox.expect(0, &["generate", "--output", "out"])), "");
    sandbox.append("out/docker-compose.yml", "# mine\n");
    sandbox.expect(4, &["generate", "--output", "out"]);
    sandbox.expect(0, &["generate", "--output", "deep/er"]);
    assert!(sandbox.at("deep/er/gen.lock").is_file());
    sandbox.expect(1, &["generate", "--dry-run", "--output", "none"]);
    assert!(!sandbox.at("none").exists());
}

#[test]
fn dry_run_writes_nothing() {
    let sandbox = Sandbox::project();
    let before = sandbox.photograph();
    let output = sandbox.expect(0, &["generate", "--dry-run"]);
    assert!(data(&output).contains("create    docker-compose.yml\n"));
    let output = sandbox.expect(0, &["generate", "--dry-run", "--diff"]);
    assert!(data(&output).starts_with("diff --git a/"));
    assert!(talk(&output).contains("create    docker-compose.yml\n"));
    assert_eq!(sandbox.photograph(), before);
}

#[test]
fn permissions_do_not_depend_on_the_umask() {
    for umask in ["000", "022", "027", "077", "777"] {
        let sandbox = Sandbox::project();
        let output = sandbox.shell(&format!("umask {umask}; exec \"$GEN\" generate"));
        assert_eq!(code(&output), 0, "{umask} {}", talk(&output));
        let lock = sandbox.get("gen.lock").unwrap();
        let files = lock.lines().filter_map(|line| line.strip_prefix("# file "));
        for (path, rest) in files.filter_map(|line| line.split_once(' ')) {
            let expected = if rest.starts_with("mode=0755") { 0o755 } else { 0o644 };
            assert_eq!(sandbox.mode(path), expected, "{umask} {path}");
        }
        assert!(lock.contains("mode=0755") && sandbox.mode("gen.lock") == 0o644);
        assert_eq!(sandbox.mode("scripts"), 0o755, "{umask}");
        sandbox.expect(0, &["check"]);
    }
}

#[test]
fn output_does_not_depend_on_surroundings() {
    let reference = Sandbox::generated();
    for scene in ["LC_ALL=tr_TR.UTF-8", "TZ=Asia/Kolkata", "HOME=/nonexistent", "TERM=dumb"] {
        let sandbox = Sandbox::project();
        let output = sandbox.shell(&format!("cd api && env {scene} \"$GEN\" -C .. generate"));
        assert_eq!(code(&output), 0, "{scene}");
        for path in reference.files() {
            assert_eq!(sandbox.get(&path), reference.get(&path), "{scene} {path}");
        }
    }
}

#[test]
fn a_checkout_with_other_line_ends_is_the_same() {
    let sandbox = Sandbox::generated();
    for path in sandbox.files().iter().filter(|path| *path != "gen.yaml") {
        sandbox.put(path, sandbox.get(path).unwrap().replace('\n', "\r\n"));
    }
    let before = sandbox.photograph();
    sandbox.expect(0, &["check"]);
    assert_eq!(data(&sandbox.expect(0, &["generate"])), "");
    assert_eq!(sandbox.photograph(), before);
    // And gen still knows its own files when something changes.
    sandbox.put("gen.yaml", MANIFEST.replace("8000", "8001"));
    sandbox.expect(0, &["generate"]);
    sandbox.expect(0, &["check"]);
}

#[test]
fn a_comment_in_the_manifest_changes_nothing() {
    let sandbox = Sandbox::generated();
    let lock = sandbox.get("gen.lock");
    sandbox.put("gen.yaml", format!("# hello\n{MANIFEST}"));
    sandbox.expect(0, &["check"]);
    sandbox.expect(0, &["generate"]);
    assert_eq!(sandbox.get("gen.lock"), lock);
}

#[test]
fn the_lock_is_a_list_of_sha256sum() {
    let sandbox = Sandbox::generated();
    let check = |sandbox: &Sandbox| sandbox.shell("sha256sum --strict -c gen.lock");
    let output = check(&sandbox);
    if talk(&output).contains("not found") {
        eprintln!("skipped: there is no sha256sum");
        return;
    }
    assert!(output.status.success(), "{}", talk(&output));
    assert!(data(&output).contains("docker-compose.yml: OK\n"));
    sandbox.append(COMPOSE, "# mine\n");
    assert!(!check(&sandbox).status.success());
}

#[test]
fn two_branches_that_add_a_service_merge() {
    let sandbox = Sandbox::generated();
    let lock = |sandbox: &Sandbox| sandbox.get("gen.lock").unwrap();
    let base = lock(&sandbox);
    let service = |name: &str| {
        let port = if name == "alpha" { 9000 } else { 9001 };
        format!(
            "  {name}: {{stack: python, version: \"3.13\", manager: pip, path: {name}, port: {port}, command: [app]}}\n"
        )
    };
    for name in ["alpha", "omega"] {
        sandbox.put(&format!("{name}/requirements.txt"), "");
        sandbox.put("gen.yaml", format!("{MANIFEST}{}", service(name)));
        sandbox.expect(0, &["generate"]);
        sandbox.put(&format!("lock.{name}"), lock(&sandbox));
    }
    sandbox.put("lock.base", base);
    sandbox.put("gen.yaml", format!("{MANIFEST}{}{}", service("alpha"), service("omega")));
    // Whatever a merge makes of the lock, markers and all, the next run heals it.
    let merged = sandbox.shell("git merge-file -p lock.alpha lock.base lock.omega > gen.lock");
    if talk(&merged).contains("not found") {
        eprintln!("skipped: there is no git");
        return;
    }
    sandbox.expect(0, &["generate"]);
    sandbox.expect(0, &["check"]);
    assert!(!lock(&sandbox).contains("<<<<"));
}

#[test]
fn a_second_run_waits_and_works_on_fresh_state() {
    let sandbox = Sandbox::generated();
    let turn = File::open(sandbox.path()).unwrap();
    turn.lock().unwrap();
    let mut command = sandbox.command(&["generate"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = [0; 7];
    child.stderr.as_mut().unwrap().read_exact(&mut said).unwrap();
    assert_eq!(&said, b"waiting");
    sandbox.put("gen.yaml", MANIFEST.replace("8000", "8001"));
    std::thread::sleep(Duration::from_millis(50));
    assert!(child.try_wait().unwrap().is_none());
    turn.unlock().unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(data(&output).contains("update    api/Dockerfile\n"));
    sandbox.expect(0, &["check"]);
}

#[test]
fn many_runs_at_once_end_well() {
    let sandbox = Sandbox::project();
    let runs: Vec<_> = (0..8)
        .map(|number| {
            let command = if number % 2 == 0 { "generate" } else { "check" };
            let mut command = sandbox.command(&[command]);
            command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    let mut wrote = 0;
    for run in runs {
        let output = run.wait_with_output().unwrap();
        let all = data(&output).lines().count();
        // A check sees everything or nothing of a run.
        assert!([0, 3].contains(&code(&output)), "{}", talk(&output));
        assert!(
            code(&output) == 0 || data(&output).lines().all(|line| line.starts_with("missing"))
        );
        wrote += usize::from(code(&output) == 0 && all > 0);
    }
    assert_eq!(wrote, 1);
    sandbox.expect(0, &["check"]);
}

#[test]
fn a_process_that_is_killed_leaves_nothing_that_matters() {
    let sandbox = Sandbox::generated();
    for round in 0..30 {
        sandbox.put("gen.yaml", MANIFEST.replace("8000", &(8001 + round).to_string()));
        let mut command = sandbox.command(&["generate"]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_micros(200 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        sandbox.expect(0, &["generate"]);
        sandbox.expect(0, &["check"]);
    }
    assert!(sandbox.files().iter().all(|path| !path.contains("gen-tmp")), "{:?}", sandbox.files());
}

#[test]
fn a_tree_that_cannot_be_written_can_be_checked() {
    let sandbox = Sandbox::generated();
    sandbox.shell("chmod -R a-w .");
    let before = sandbox.photograph();
    for command in ["check", "diff", "validate", "config"] {
        sandbox.expect(0, &[command]);
    }
    sandbox.expect(0, &["generate"]);
    assert_eq!(sandbox.photograph(), before);
    sandbox.shell("chmod -R u+w .");
}

#[test]
fn without_a_manifest_there_is_something_to_begin_with() {
    let sandbox = Sandbox::new();
    let output = sandbox.expect(1, &["generate"]);
    insta::assert_snapshot!(talk(&output), @r#"
    error: there is no `gen.yaml`
    hint: begin with these lines, then run `gen generate`:
          version: 1
          name: example
          services:
            web: {stack: python, manager: uv, port: 8000, command: [python, -m, app]}
            db: {preset: postgres, version: "17"}
    "#);
    // What is offered can be taken as it is.
    let offered: String =
        talk(&output).lines().skip(2).fold(String::new(), |text, line| text + line + "\n");
    sandbox.put("gen.yaml", offered);
    for path in ["pyproject.toml", "uv.lock"] {
        sandbox.put(path, "");
    }
    sandbox.expect(0, &["validate"]);
    sandbox.put("a/b/x", "");
    let output = sandbox.expect(1, &["-C", "a/b", "check"]);
    insta::assert_snapshot!(talk(&output), @r"
    error: there is no `a/b/gen.yaml`
    hint: there is `a/b/../../gen.yaml`: `gen -C a/b/../..` works with it
    ");
    let output = sandbox.expect(1, &["-C", "none", "check"]);
    assert!(talk(&output).starts_with("error: cannot open the folder `none`: "));
}

#[test]
fn a_manifest_that_is_no_file_is_refused() {
    for scene in ["mkdir gen.yaml", "mkfifo gen.yaml", "ln -s gen.yaml gen.yaml"] {
        let sandbox = Sandbox::new();
        sandbox.shell(scene);
        let output = sandbox.expect(1, &["check"]);
        assert!(talk(&output).starts_with("error: cannot read `gen.yaml`: "), "{}", talk(&output));
    }
}

#[test]
fn a_folder_has_one_manifest() {
    let sandbox = Sandbox::generated();
    sandbox.put("other.yaml", MANIFEST);
    let output = sandbox.expect(4, &["-f", "other.yaml", "generate"]);
    assert!(talk(&output).contains("`gen.lock` belongs to `gen.yaml`, which is still there"));
    // Unless it only got another name.
    sandbox.remove("gen.yaml");
    sandbox.expect(0, &["-f", "other.yaml", "generate"]);
}

#[test]
fn talk_and_data_are_apart_and_can_be_had_less() {
    let sandbox = Sandbox::project();
    let quiet = sandbox.expect(0, &["-q", "generate"]);
    assert_eq!((data(&quiet), talk(&quiet)), (String::new(), String::new()));
    sandbox.append(COMPOSE, "# mine\n");
    let quiet = sandbox.expect(3, &["check", "--quiet"]);
    assert_eq!((data(&quiet), talk(&quiet)), (String::new(), String::new()));
    let quiet = sandbox.expect(4, &["generate", "-q"]);
    assert_eq!(data(&quiet), "");
    assert!(talk(&quiet).starts_with("error: ") && !talk(&quiet).contains("hint"));
    for colour in [true, false] {
        let when = if colour { "always" } else { "auto" };
        let output = sandbox.expect(3, &["check", "--color", when]);
        assert_eq!(data(&output).contains('\x1b'), colour);
        let output = sandbox.expect(3, &["diff", "--color", when]);
        assert_eq!(data(&output).contains('\x1b'), colour);
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let sandbox = Sandbox::generated();
    for command in ["schema", "man", "config"] {
        let mut command = sandbox.command(&[command]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!((code(&output), talk(&output).as_str()), (0, ""));
    }
    // But the work is done all the same, and what was found is not lost.
    sandbox.put("gen.yaml", MANIFEST.replace("8000", "8001"));
    assert_eq!(code(&sandbox.shell("(\"$GEN\" check; echo $? > code) | true")), 0);
    assert_eq!(sandbox.get("code").as_deref(), Some("3\n"));
    sandbox.shell("\"$GEN\" generate -v | true");
    sandbox.expect(0, &["check"]);
    let full = sandbox.shell("\"$GEN\" schema > /dev/full");
    assert_eq!(code(&full), 1);
    assert!(talk(&full).starts_with("error: cannot write to the standard output: "));
}

#[test]
fn the_quiet_commands_print_what_they_are_for() {
    let sandbox = Sandbox::generated();
    let schema = json(&sandbox.expect(0, &["schema"]));
    assert!(schema["properties"]["services"].is_object());
    let config = json(&sandbox.expect(0, &["config", "--format", "json"]));
    assert!(config.is_object());
    assert_ne!(data(&sandbox.expect(0, &["config", "--env", "prod"])), "");
    let codes = data(&sandbox.expect(0, &["explain"]));
    assert!(codes.lines().any(|code| code == "newer-manifest"), "{codes}");
    assert_ne!(data(&sandbox.expect(0, &["explain", "newer-manifest"])), "");
    assert!(talk(&sandbox.expect(2, &["explain", "newer-manifset"])).contains("`newer-manifest`"));
    let why = data(&sandbox.expect(0, &["explain", "api/Dockerfile"]));
    assert!(why.contains("`services.api` of `gen.yaml`"), "{why}");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        assert!(data(&sandbox.expect(0, &["completions", shell])).contains("generate"));
    }
    let bash = sandbox.shell("\"$GEN\" completions bash > c.bash && bash -n c.bash");
    assert!(bash.status.success(), "{}", talk(&bash));
    assert!(data(&sandbox.expect(0, &["man"])).contains(".SH \"GEN GENERATE\""));
}

#[test]
fn help_reads_well() {
    let sandbox = Sandbox::new();
    let help = |arguments: &[&str]| data(&sandbox.expect(0, arguments));
    insta::assert_snapshot!("help", help(&["--help"]));
    for command in ["generate", "check", "diff", "validate", "config", "explain", "completions"] {
        insta::assert_snapshot!(format!("help-{command}"), help(&[command, "-h"]));
    }
}
