//! Every preset whose image can be had, from `docker-compose.prod.yml` on a real engine: it becomes
//! healthy under a read-only root and without capabilities, takes the secret and shows it nowhere,
//! keeps its data over a restart, and gets it back from a backup.
//!
//! Each preset runs on one engine, in turn; `GEN_MATRIX=full` runs all on both, and
//! `GEN_REQUIRE_ENGINES=1` fails where there is none.
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

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use composegen::compile::compile;
use composegen::document::Document;
use composegen::project::{Backup, Image};
use composegen::tree::AnyTree;

use engine::{Engine, Stack, Watch, free_port, random};

const FILE: &str = "docker-compose.prod.yml";

/// How a preset is tried. Lines are for the shell of its own container; `$SECRET` in them is the
/// file with its password.
struct Case {
    preset: &'static str,
    /// Further keys of the service.
    keys: &'static str,
    /// Writes a value.
    write: &'static str,
    /// Prints it.
    read: &'static str,
    /// Logs in at `store` from another container, with `$PASSWORD`.
    login: Option<&'static str>,
    /// The image of that container, where it is not the preset's own.
    client: Option<&'static str>,
}

const PASSWORD: &str = "store_password";
const PYTHON: &str = "docker.io/library/python:3.13-slim";

/// The image and the backup that a manifest gives the service `store`.
fn resolved(manifest: &str) -> (String, Option<Backup>) {
    let document = Document::parse("gen.yaml", manifest.as_bytes()).expect("a document");
    let Ok(compilation) = compile(&document, &AnyTree) else { panic!("{manifest}") };
    let service = &compilation.project.services["store"];
    let Image::Ready(image) = &service.image else { panic!("an image that is ready") };
    (image.clone(), service.backup.clone())
}

fn line(line: &str) -> String {
    line.replace("$SECRET", &format!("/run/secrets/{PASSWORD}"))
}

fn run(turn: usize, case: &Case) {
    let manifest = format!(
        "version: 1\nname: stores\nservices:\n  store: {{preset: {}{}}}\n",
        case.preset, case.keys
    );
    let (image, backup) = resolved(&manifest);
    for engine in Engine::chosen(turn) {
        if engine.provide(&image) && case.client.is_none_or(|client| engine.provide(client)) {
            run_on(engine, case, &manifest, &image, backup.as_ref());
        } else {
            support::skip("GEN_REQUIRE_ENGINES", &format!("{} has no {image}", engine.program()));
        }
    }
}

fn run_on(engine: Engine, case: &Case, manifest: &str, image: &str, backup: Option<&Backup>) {
    let stack = Stack::new(engine, case.preset, manifest, FILE);
    let password = case.login.map(|_| stack.secret(PASSWORD));
    let watch = password.clone().map(Watch::over);
    stack.up();
    stack.wait_healthy("store");
    if let (Some(login), Some(password)) = (case.login, &password) {
        let client = case.client.unwrap_or(image);
        let output = stack.beside("back", client, login, password);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(!stack.beside("back", client, login, "wrong").status.success());
    }
    stack.shell("store", &line(case.write));
    assert_eq!(stack.shell("store", &line(case.read)), "kept");

    if let Some(backup) = backup {
        stack.down();
        stack.up();
        stack.wait_healthy("store");
        assert_eq!(stack.shell("store", &line(case.read)), "kept", "after a restart");

        let copy = stack.step("store", &backup.dump, b"");
        assert!(!copy.is_empty());
        stack.down();
        stack.remove_volume("store-data");
        stack.up();
        stack.wait_healthy("store");
        let output = stack.try_shell("store", &line(case.read), b"");
        assert_ne!(String::from_utf8_lossy(&output.stdout).trim(), "kept", "not wiped");
        stack.step("store", &backup.restore, &copy);
        stack.wait_healthy("store");
        assert_eq!(stack.shell("store", &line(case.read)), "kept", "after a restore");
        stack.down();
        stack.up();
        stack.wait_healthy("store");
        assert_eq!(stack.shell("store", &line(case.read)), "kept", "restored for good");
    }
    if let Some(password) = password {
        assert!(!stack.inspect("store").contains(&password), "inspect shows the password");
        assert!(!stack.logs("store").contains(&password), "the log shows the password");
    }
    if let Some(arguments) = watch.and_then(Watch::end) {
        panic!("the process list shows the password: {arguments}");
    }
}

#[test]
fn postgres() {
    run(
        0,
        &Case {
            preset: "postgres",
            keys: ", environment: {POSTGRES_DB: shop}",
            write: "psql -U app -d shop -q -c 'CREATE TABLE t (v text)' -c \"INSERT INTO t VALUES ('kept')\"",
            read: "psql -U app -d shop -At -c 'SELECT v FROM t'",
            login: Some("PGPASSWORD=\"$PASSWORD\" psql -h store -U app -d shop -c 'SELECT 1'"),
            client: None,
        },
    );
}

#[test]
fn mysql() {
    run(
        1,
        &Case {
            preset: "mysql",
            keys: ", environment: {MYSQL_DATABASE: shop, MYSQL_USER: clerk}",
            write: "MYSQL_PWD=$(cat $SECRET) mysql -uclerk shop -e \"CREATE TABLE t (v text); INSERT INTO t VALUES ('kept')\"",
            read: "MYSQL_PWD=$(cat $SECRET) mysql -uclerk shop -BN -e 'SELECT v FROM t'",
            login: Some("MYSQL_PWD=\"$PASSWORD\" mysql -hstore -uclerk shop -e 'SELECT 1'"),
            client: None,
        },
    );
}

#[test]
fn mariadb() {
    run(
        2,
        &Case {
            preset: "mariadb",
            keys: ", environment: {MYSQL_DATABASE: shop}, port: 3307",
            write: "MYSQL_PWD=$(cat $SECRET) mariadb -uapp shop -e \"CREATE TABLE t (v text); INSERT INTO t VALUES ('kept')\"",
            read: "MYSQL_PWD=$(cat $SECRET) mariadb -uapp shop -BN -e 'SELECT v FROM t'",
            login: Some("MYSQL_PWD=\"$PASSWORD\" mariadb -hstore -P3307 -uapp shop -e 'SELECT 1'"),
            client: None,
        },
    );
}

#[test]
fn redis() {
    run(
        3,
        &Case {
            preset: "redis",
            keys: "",
            write: "REDISCLI_AUTH=$(cat $SECRET) redis-cli -e set k kept",
            read: "REDISCLI_AUTH=$(cat $SECRET) redis-cli -e get k",
            login: Some("REDISCLI_AUTH=\"$PASSWORD\" redis-cli -e -h store get k"),
            client: None,
        },
    );
}

#[test]
fn valkey() {
    run(
        4,
        &Case {
            preset: "valkey",
            keys: ", port: 6380",
            write: "REDISCLI_AUTH=$(cat $SECRET) valkey-cli -p 6380 -e set k kept",
            read: "REDISCLI_AUTH=$(cat $SECRET) valkey-cli -p 6380 -e get k",
            login: Some("REDISCLI_AUTH=\"$PASSWORD\" valkey-cli -h store -p 6380 -e get k"),
            client: None,
        },
    );
}

#[test]
fn rabbitmq() {
    run(
        5,
        &Case {
            preset: "rabbitmq",
            keys: "",
            write: "rabbitmqctl -q add_vhost kept",
            read: "rabbitmqctl -q list_vhosts --no-table-headers | grep -x kept",
            // The management interface, with the user that was made.
            login: Some(
                r#"python -c "
import base64, os, urllib.request
key = base64.b64encode(b'app:' + os.environb[b'PASSWORD']).decode()
request = urllib.request.Request('http://store:15672/api/whoami')
request.add_header('Authorization', 'Basic ' + key)
urllib.request.urlopen(request, timeout=10)""#,
            ),
            client: Some(PYTHON),
        },
    );
}

#[test]
fn memcached() {
    const ASK: &str = "bash -c 'exec 3<>/dev/tcp/127.0.0.1/11211; \
        printf \"set k 0 0 4\\r\\nkept\\r\\nget k\\r\\nquit\\r\\n\" >&3; cat <&3' | grep -o '^kept'";
    run(
        7,
        &Case { preset: "memcached", keys: "", write: ASK, read: ASK, login: None, client: None },
    );
}

/// An application that answers with what it was asked, and with its name.
const APPLICATION: &str = r#"
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_GET(self):
        if self.headers.get('Upgrade') == 'websocket':
            self.send_response(101)
            self.send_header('Upgrade', 'websocket')
            self.send_header('Connection', 'Upgrade')
            self.end_headers()
            self.wfile.write(b'hello')
            self.close_connection = True
            return
        host = self.headers.get('Host')
        scheme = self.headers.get('X-Forwarded-Proto')
        body = f'{sys.argv[1]} {self.path} {host} {scheme}'.encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.ThreadingHTTPServer(('', 8000), Handler).serve_forever()
"#;

fn front(turn: usize, preset: &str) {
    for engine in Engine::chosen(turn) {
        let published = free_port();
        let program = serde_json::to_string(APPLICATION).expect("JSON");
        let application = |name: &str| {
            format!(
                "  {name}:\n    image: {PYTHON}\n    port: 8000\n    publish: false\n    \
                 command: [python, -c, {program}, {name}]\n"
            )
        };
        let manifest = format!(
            "version: 1\nname: fronts\nservices:\n{}{}  store:\n    preset: {preset}\n    \
             port: 8085\n    publish: {published}\n    routes: {{/: web, /api/: api}}\n",
            application("api"),
            application("web")
        );
        let (image, _) = resolved(&manifest);
        if !engine.provide(&image) || !engine.provide(PYTHON) {
            support::skip("GEN_REQUIRE_ENGINES", &format!("{} has no {image}", engine.program()));
            continue;
        }
        let stack = Stack::new(engine, preset, &manifest, FILE);
        stack.up();
        stack.wait_healthy("store");

        let host = format!("127.0.0.1:{published}");
        let get = |path: &str| wait_for(|| request(published, path, ""));
        assert_eq!(get("/"), format!("web / {host} http"));
        assert_eq!(get("/deep/er?a=1"), format!("web /deep/er?a=1 {host} http"));
        assert_eq!(get("/api"), format!("api /api {host} http"));
        assert_eq!(get("/api/v1"), format!("api /api/v1 {host} http"));
        assert_eq!(get("/apiary"), format!("web /apiary {host} http"));
        let behind_tls = wait_for(|| request(published, "/", "X-Forwarded-Proto: https\r\n"));
        assert_eq!(behind_tls, format!("web / {host} https"));
        let upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\n";
        assert_eq!(wait_for(|| request(published, "/api/ws", upgrade)), "hello");

        // The application comes back under another address: another container has the old one.
        let api = stack.container("api");
        let address = || {
            let format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
            engine.ask(&["inspect", "--format", format, &api])
        };
        let before = address();
        engine::succeed(&mut engine.command(&["kill", &api]));
        let sleep = ["-d", "--entrypoint", "sleep", PYTHON, "300"];
        engine::succeed(&mut stack.guest("front", &sleep));
        engine::succeed(&mut engine.command(&["start", &api]));
        assert_ne!(address(), before, "the address is the same");
        assert_eq!(get("/api/v1"), format!("api /api/v1 {host} http"));
        let user = stack.shell("store", "id -u");
        assert_ne!(user, "0", "the front runs as root");
        let name = random();
        assert!(!stack.try_shell("store", &format!("touch /{name}"), b"").status.success());
    }
}

/// The first answer, within half a minute.
fn wait_for(ask: impl Fn() -> Option<String>) -> String {
    let began = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(began.elapsed() < Duration::from_secs(30), "no answer");
        std::thread::sleep(Duration::from_millis(500));
    }
}

/// The body of an answer that is neither an error nor missing.
fn request(port: u16, path: &str, headers: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(10))).ok()?;
    let connection = if headers.contains("Connection") { "" } else { "Connection: close\r\n" };
    let text =
        format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{headers}{connection}\r\n");
    stream.write_all(text.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let good = head.starts_with("HTTP/1.1 200") || head.starts_with("HTTP/1.1 101");
    good.then(|| body.to_owned())
}

#[test]
fn nginx() {
    front(8, "nginx");
}

#[test]
fn caddy() {
    front(9, "caddy");
}
