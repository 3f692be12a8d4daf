//! Redis, and what Valkey shares with it.

use super::{Context, Plan, Preset, secret_path};
use crate::project::{Backup, HealthTest, Step};

pub(super) const PRESET: Preset =
    Preset { name: "redis", table: Some("redis"), default_version: "8", plan };

fn plan(context: &Context<'_>) -> Plan {
    let tag = context.tag("redis", &["trixie", "bookworm"]);
    plan_as(context, format!("docker.io/library/redis:{tag}"), "redis")
}

/// The plan of either: their programs differ in name only.
pub(super) fn plan_as(context: &Context<'_>, image: String, name: &str) -> Plan {
    let port = context.port(6379);
    let secret = secret_path(context.name);
    // The variable has another name in later versions of Valkey. `ping` ends with 0 even where it
    // is refused, hence the look at its answer.
    let variables = match name {
        "valkey" => "export REDISCLI_AUTH VALKEYCLI_AUTH=\"$REDISCLI_AUTH\"",
        _ => "export REDISCLI_AUTH",
    };
    let client = format!(
        "REDISCLI_AUTH=\"$(cat {secret})\"; {variables}; {name}-cli --no-auth-warning -p {port}"
    );
    let test = HealthTest::Shell(format!("{client} ping | grep -q PONG"));
    let mut plan = Plan::new(image, port, test).with_privilege_drop();
    plan.secret = Some("Password of the user `default`.");
    plan.data = Some(("/data", "The data, as a log of changes."));
    // There is no variable for a file with the password, and arguments show in the process list.
    // So the server reads an ACL file that holds the password's hash. The entry point has closed
    // the umask, and the server is not root: the file has to be opened for it. A quarter of the
    // memory stays free for the copy that a rewrite of the log makes.
    plan.run_line(format!(
        "password=$(cat {secret}) && hash=$(printf %s \"${{password:?}}\" | sha256sum) && \
         echo \"user default on #${{hash%% *}} ~* &* +@all\" > /tmp/users.acl && \
         chmod 444 /tmp/users.acl && exec docker-entrypoint.sh {name}-server --port {port} --aclfile /tmp/users.acl \
         --appendonly yes --maxmemory {}mb --maxmemory-policy noeviction",
        context.megabytes(512) / 4 * 3
    ));
    // The rewritten log is synced to disk at the end.
    plan.stop_grace = Some("30s");
    plan.backup = Some(Backup {
        // By way of a file: the mark that ends the server's stream is cut off a file, but not off
        // standard output.
        dump: Step::Running(format!(
            "trap 'rm -f /data/backup.rdb' EXIT; {client} --rdb /data/backup.rdb >&2 && \
             cat /data/backup.rdb"
        )),
        restore: Step::Stopped(restore(context, name)),
        for_upgrades: false,
    });
    plan
}

/// A server with a log of changes does not look at a dump beside it. So the dump becomes the first
/// part of a log.
fn restore(context: &Context<'_>, name: &str) -> String {
    let empty = "find /data -mindepth 1 -delete";
    if name == "redis" && context.major().is_some_and(|major| major < 7) {
        return format!("{empty} && cat > /data/appendonly.aof && chown -R {name}: /data");
    }
    let file = "appendonly.aof.1.base.rdb";
    format!(
        "{empty} && mkdir /data/appendonlydir && cd /data/appendonlydir && cat > {file} && \
         echo 'file {file} seq 1 type b' > appendonly.aof.manifest && chown -R {name}: /data"
    )
}
