//! Memcached.

use super::{Context, Plan, Preset};
use crate::project::HealthTest;

pub(super) const PRESET: Preset =
    Preset { name: "memcached", table: Some("memcached"), default_version: "1.6", plan };

fn plan(context: &Context<'_>) -> Plan {
    let port = context.port(11211);
    // The image has no client; bash can open a connection.
    let test = HealthTest::Shell(format!(
        r#"bash -c 'exec 3<>/dev/tcp/127.0.0.1/{port} && printf "version\r\nquit\r\n" >&3 && grep -q VERSION <&3'"#
    ));
    let tag = context.tag("memcached", &["trixie"]);
    let mut plan = Plan::new(format!("docker.io/library/memcached:{tag}"), port, test);
    plan.memory = "256M";
    let memory = context.megabytes(256) / 4 * 3;
    plan.run(&["memcached", "-p", &port.to_string(), "-m", &memory.to_string(), "-c", "1024"]);
    plan.health.start_period = "10s".into();
    plan
}
