//! Caddy as the front.

use super::{Context, Plan, Preset, Settings};
use crate::project::{APPLICATION_USER, Capability, HealthTest};

pub(super) const PRESET: Preset =
    Preset { name: "caddy", table: Some("caddy"), default_version: "2.11", plan };

fn plan(context: &Context<'_>) -> Plan {
    let port = context.port(8080);
    let url = format!("http://127.0.0.1:{port}/-/health");
    let test = HealthTest::Exec(["wget", "-q", "-O", "/dev/null", &url].map(String::from).to_vec());
    let image = format!("docker.io/library/caddy:{}", context.version);
    let mut plan = Plan::new(image, port, test);
    plan.configuration =
        Some(Settings { file: "Caddyfile", template: "config/Caddyfile.j2", folder: "/etc/caddy" });
    // The program's file carries this capability: without it in reach the kernel does not start it.
    plan.capabilities.insert(Capability::NetBindService);
    plan.user = Some(format!("{APPLICATION_USER}:{APPLICATION_USER}"));
    plan.tmpfs = vec!["/config", "/data", "/tmp"];
    plan.health.start_period = "10s".into();
    plan.memory = "256M";
    plan.front = true;
    plan
}
