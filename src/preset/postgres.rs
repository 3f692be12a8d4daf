//! PostgreSQL.

use super::{Context, Plan, Preset, secret_path};
use crate::project::{Backup, HealthTest};

pub(super) const PRESET: Preset =
    Preset { name: "postgres", table: Some("postgres"), default_version: "17", plan };

fn plan(context: &Context<'_>) -> Plan {
    let port = context.port(5432);
    // While the data folder is being made, a server answers on the socket only: ask by TCP.
    let test = HealthTest::Shell(
        r#"pg_isready --quiet --host=127.0.0.1 --username="$POSTGRES_USER" --dbname="$POSTGRES_DB""#
            .into(),
    );
    let tag = context.tag("postgres", &["trixie", "bookworm"]);
    let image = format!("docker.io/library/postgres:{tag}");
    let mut plan = Plan::new(image, port, test).with_privilege_drop();
    plan.environment.insert("POSTGRES_DB", "app".into());
    plan.environment.insert("POSTGRES_USER", "app".into());
    plan.environment.insert("POSTGRES_PASSWORD_FILE", secret_path(context.name));
    if port != 5432 {
        // The server and its programs both read it.
        plan.environment.insert("PGPORT", port.to_string());
    }
    plan.secret = Some("Password of the database's user.");
    plan.data = Some((data_folder(context), "The database."));
    plan.tmpfs = vec!["/run", "/tmp"];
    plan.memory = "1G";
    // Settings for the memory limit; the image's own are for 128 MB in all.
    let memory = context.megabytes(1024);
    plan.run(&[
        "postgres",
        "-c",
        &format!("shared_buffers={}MB", memory / 4),
        "-c",
        &format!("effective_cache_size={}MB", memory / 4 * 3),
        "-c",
        "work_mem=8MB",
        "-c",
        &format!("maintenance_work_mem={}MB", (memory / 16).max(16)),
    ]);
    // Parallel queries meet there; 64 MiB fail with "could not resize shared memory segment".
    plan.shared_memory = Some("256M");
    // A checkpoint of a busy database takes longer than 10 seconds.
    plan.stop_grace = Some("1m");
    plan.backup = Some(Backup::running(
        r#"pg_dump --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" --format=custom"#,
        r#"pg_restore --username="$POSTGRES_USER" --dbname="$POSTGRES_DB" --clean --if-exists --no-owner --single-transaction"#,
    ).for_upgrades());
    plan
}

/// Version 18 moved its data, so that `pg_upgrade --link` works within one volume
/// (docker-library/postgres#1259).
fn data_folder(context: &Context<'_>) -> &'static str {
    if context.major().is_some_and(|major| major >= 18) {
        "/var/lib/postgresql"
    } else {
        "/var/lib/postgresql/data"
    }
}
