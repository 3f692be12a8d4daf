//! MariaDB.

use super::{Context, Plan, Preset, secret_path};
use crate::project::{Backup, HealthTest};

pub(super) const PRESET: Preset =
    Preset { name: "mariadb", table: Some("mariadb"), default_version: "11.8", plan };

fn plan(context: &Context<'_>) -> Plan {
    let port = context.port(3306);
    let secret = secret_path(context.name);
    // Asks by TCP with a user that the image makes for it.
    let test = HealthTest::Shell("healthcheck.sh --connect --innodb_initialized".into());
    let tag = context.tag("mariadb", &["noble"]);
    let mut plan = Plan::new(format!("docker.io/library/mariadb:{tag}"), port, test);
    plan = plan.with_privilege_drop();
    // The image takes MySQL's names as well, but its own win: keep out of the way of the former.
    let mut database = "MARIADB_DATABASE";
    if context.sets("MYSQL_DATABASE") {
        database = "MYSQL_DATABASE";
    } else {
        plan.environment.insert("MARIADB_DATABASE", "app".into());
    }
    if !context.sets("MYSQL_USER") {
        plan.environment.insert("MARIADB_USER", "app".into());
    }
    plan.environment.insert("MARIADB_PASSWORD_FILE", secret.clone());
    // `root` gets the same password, but is let in from inside the container only.
    plan.environment.insert("MARIADB_ROOT_HOST", "localhost".into());
    plan.environment.insert("MARIADB_ROOT_PASSWORD_FILE", secret.clone());
    // A newer image brings the system tables up to date.
    plan.environment.insert("MARIADB_AUTO_UPGRADE", "1".into());
    plan.secret = Some("Password of the database's user, and of `root` inside the container.");
    plan.data = Some(("/var/lib/mysql", "The database."));
    plan.tmpfs = vec!["/run/mysqld", "/tmp"];
    plan.memory = "1G";
    plan.run(&[
        "mariadbd",
        &format!("--port={port}"),
        &format!("--innodb-buffer-pool-size={}M", context.megabytes(1024) / 2),
        "--max-connections=100",
    ]);
    // One thread for each connection, beside its own.
    plan.pids = 512;
    plan.stop_grace = Some("1m");
    plan.backup = Some(Backup::running(
        format!(
            r#"MYSQL_PWD="$(cat {secret})" mariadb-dump --user=root --single-transaction --routines --events --triggers --add-drop-database --databases "${database}""#
        ),
        format!(r#"MYSQL_PWD="$(cat {secret})" mariadb --user=root"#),
    ));
    plan
}
