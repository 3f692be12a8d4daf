//! MySQL.

use super::{Context, Plan, Preset, secret_path};
use crate::project::{Backup, HealthTest};

pub(super) const PRESET: Preset =
    Preset { name: "mysql", table: Some("mysql"), default_version: "9.7", plan };

fn plan(context: &Context<'_>) -> Plan {
    let port = context.port(3306);
    let secret = secret_path(context.name);
    // While the data folder is being made, a server answers on the socket only: ask by TCP. The
    // password goes by the environment, because arguments show in the process list.
    let test = HealthTest::Shell(format!(
        r#"MYSQL_PWD="$(cat {secret})" mysqladmin ping --silent --host=127.0.0.1 --port={port} --user="$MYSQL_USER""#
    ));
    let tag = context.tag("mysql", &["oraclelinux9"]);
    let mut plan = Plan::new(format!("docker.io/library/mysql:{tag}"), port, test);
    plan = plan.with_privilege_drop();
    plan.environment.insert("MYSQL_DATABASE", "app".into());
    plan.environment.insert("MYSQL_USER", "app".into());
    plan.environment.insert("MYSQL_PASSWORD_FILE", secret.clone());
    // `root` gets the same password, but is let in from inside the container only.
    plan.environment.insert("MYSQL_ROOT_HOST", "localhost".into());
    plan.environment.insert("MYSQL_ROOT_PASSWORD_FILE", secret.clone());
    plan.secret = Some("Password of the database's user, and of `root` inside the container.");
    plan.data = Some(("/var/lib/mysql", "The database."));
    plan.tmpfs = vec!["/run", "/tmp"];
    plan.memory = "1G";
    plan.run(&[
        "mysqld",
        &format!("--port={port}"),
        &format!("--innodb-buffer-pool-size={}M", context.megabytes(1024) / 2),
        "--max-connections=100",
        // Three days of changes are kept for a restore to a point in time; the default is thirty.
        "--binlog-expire-logs-seconds=259200",
        "--mysqlx=OFF",
    ]);
    // One thread for each connection, beside its own.
    plan.pids = 512;
    plan.stop_grace = Some("1m");
    // As `root`: with `--single-transaction` MySQL asks for RELOAD where GTIDs are on.
    plan.backup = Some(Backup::running(
        format!(
            r#"MYSQL_PWD="$(cat {secret})" mysqldump --user=root --single-transaction --set-gtid-purged=OFF --routines --events --triggers --add-drop-database --databases "$MYSQL_DATABASE""#
        ),
        format!(r#"MYSQL_PWD="$(cat {secret})" mysql --user=root"#),
    ));
    plan
}
