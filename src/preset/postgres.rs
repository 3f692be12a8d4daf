//! PostgreSQL.

use super::{Context, Plan, Preset, secret_path};
use crate::project::{Backup, HealthTest};

pub(super) const PRESET: Preset =
    Preset { name: "postgres", table: Some("postgres"), default_version: "17", plan };

fn plan(context: &Context<'_>) -> Plan {
    let name = context.name;
    let test = HealthTest::Shell("pg_isready --quiet --username=app --dbname=app".into());
    let image = format!("docker.io/library/postgres:{}-trixie", context.version);
    let mut plan = Plan::new(image, 5432, test).with_privilege_drop();
    plan.environment.insert("POSTGRES_DB", "app".into());
    plan.environment.insert("POSTGRES_USER", "app".into());
    plan.environment.insert("POSTGRES_PASSWORD_FILE", secret_path(name));
    plan.secret = Some("Password of the user `app` of the database.");
    plan.data = Some((data_folder(context.version), "The database."));
    plan.tmpfs = vec!["/run", "/tmp"];
    // Settings for the memory limit below; the image's own are those of a machine of 1996.
    plan.command = Some(
        [
            "postgres",
            "-c",
            "shared_buffers=256MB",
            "-c",
            "effective_cache_size=768MB",
            "-c",
            "work_mem=8MB",
            "-c",
            "maintenance_work_mem=64MB",
        ]
        .map(String::from)
        .to_vec(),
    );
    plan.memory = "1G";
    plan.backup = Some(Backup {
        dump: "pg_dump --username=app --dbname=app --format=custom".into(),
        restore: "pg_restore --username=app --dbname=app --clean --if-exists --no-owner".into(),
    });
    plan
}

/// Version 18 moved its data, so that `pg_upgrade --link` works within one volume
/// (docker-library/postgres#1259).
fn data_folder(version: &str) -> &'static str {
    let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_some_and(|major| major >= 18) {
        "/var/lib/postgresql"
    } else {
        "/var/lib/postgresql/data"
    }
}
