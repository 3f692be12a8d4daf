//! Mailpit: catches mail and shows it.

use super::{Context, Plan, Preset};
use crate::project::{Backup, HealthTest};

pub(super) const PRESET: Preset =
    Preset { name: "mailpit", table: None, default_version: "1.31", plan };

/// Where applications send their mail.
const SMTP: u16 = 1025;

fn plan(context: &Context<'_>) -> Plan {
    // The port is that of the web interface.
    let port = context.port(8025);
    let test = HealthTest::Exec(vec!["/mailpit".into(), "readyz".into()]);
    let version = context.version;
    let v = if version.starts_with(|c: char| c.is_ascii_digit()) { "v" } else { "" };
    let image = format!("docker.io/axllent/mailpit:{v}{version}");
    let mut plan = Plan::new(image, port, test);
    plan.ports = vec![SMTP];
    plan.environment.insert("MP_DATABASE", "/data/mailpit.db".into());
    plan.environment.insert("MP_DISABLE_VERSION_CHECK", "true".into());
    plan.environment.insert("MP_MAX_MESSAGES", "5000".into());
    // Applications may log in with what they will use in production; nothing checks it here.
    plan.environment.insert("MP_SMTP_AUTH_ACCEPT_ANY", "true".into());
    plan.environment.insert("MP_SMTP_AUTH_ALLOW_INSECURE", "true".into());
    plan.environment.insert("MP_UI_BIND_ADDR", format!("0.0.0.0:{port}"));
    plan.data = Some(("/data", "Mail that was caught."));
    plan.health.start_period = "10s".into();
    plan.memory = "256M";
    plan.backup = Some(Backup::of_folder("/data"));
    // People look at it.
    plan.front = true;
    plan
}
