//! MongoDB.

use super::{Context, Plan, Preset, secret_path};
use crate::project::{Backup, HealthTest};

pub(super) const PRESET: Preset =
    Preset { name: "mongodb", table: Some("mongo"), default_version: "8.0", plan };

fn plan(context: &Context<'_>) -> Plan {
    let port = context.port(27017);
    // While the data folder is being made, a server answers on 127.0.0.1 only: ask by name. `ping`
    // needs no password.
    let test = HealthTest::Shell(format!(
        r#"HOME=/tmp mongosh --quiet --host "$(hostname)" --port {port} --eval 'db.adminCommand("ping").ok' | grep -q 1"#
    ));
    let tag = context.tag("mongo", &["noble"]);
    let mut plan = Plan::new(format!("docker.io/library/mongo:{tag}"), port, test);
    plan = plan.with_privilege_drop();
    // The shell is a Node program: it takes a second or two of a processor.
    plan.health.interval = "20s".into();
    plan.health.timeout = "15s".into();
    plan.environment.insert("MONGO_INITDB_DATABASE", "app".into());
    plan.environment.insert("MONGO_INITDB_ROOT_USERNAME", "app".into());
    plan.environment.insert("MONGO_INITDB_ROOT_PASSWORD_FILE", secret_path(context.name));
    plan.secret = Some("Password of the user in the database `admin`.");
    plan.data = Some(("/data/db", "The database."));
    // The image declares a volume at /data/configdb, which a single server leaves empty.
    plan.tmpfs = vec!["/data/configdb", "/tmp"];
    plan.memory = "1G";
    let cache = f64::from(context.megabytes(1024)) * 0.4 / 1024.0;
    plan.run(&[
        "mongod",
        "--port",
        &port.to_string(),
        "--wiredTigerCacheSizeGB",
        &format!("{:.2}", cache.max(0.25)),
    ]);
    // One thread for each connection, beside its own.
    plan.pids = 1024;
    plan.stop_grace = Some("1m");
    plan.backup = Some(
        Backup::running(
            tool(context, "mongodump", port, r#"--db="$MONGO_INITDB_DATABASE" --archive --gzip"#),
            tool(
                context,
                "mongorestore",
                port,
                r#"--nsInclude="$MONGO_INITDB_DATABASE.*" --archive --gzip --drop"#,
            ),
        )
        .for_upgrades(),
    );
    plan
}

/// A program that takes its password from a file of options, because arguments show in the process
/// list.
fn tool(context: &Context<'_>, program: &str, port: u16, options: &str) -> String {
    let secret = secret_path(context.name);
    let user = r#"--username="$MONGO_INITDB_ROOT_USERNAME" --authenticationDatabase=admin"#;
    format!(
        r#"file=$(mktemp) && trap 'rm -f "$file"' EXIT && printf "password: '%s'\n" "$(sed "s/'/''/g" {secret})" > "$file" && {program} --config="$file" --port={port} {user} {options}"#
    )
}
