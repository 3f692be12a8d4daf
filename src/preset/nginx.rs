//! nginx as the front.

use super::{Context, Plan, Preset, Settings};
use crate::project::HealthTest;

pub(super) const PRESET: Preset =
    Preset { name: "nginx", table: Some("nginx"), default_version: "1.30", plan };

fn plan(context: &Context<'_>) -> Plan {
    let port = context.port(8080);
    let url = format!("http://127.0.0.1:{port}/-/health");
    let test = HealthTest::Exec(
        ["curl", "--fail", "--silent", "--output", "/dev/null", &url].map(String::from).to_vec(),
    );
    // The official image, prepared to run without root.
    let image = format!("docker.io/nginxinc/nginx-unprivileged:{}", context.version);
    let mut plan = Plan::new(image, port, test);
    plan.configuration = Some(Settings {
        file: "default.conf",
        template: "config/nginx.conf.j2",
        folder: "/etc/nginx/conf.d",
    });
    // nginx asks a name server only if it is told which, and that differs between the engines. It
    // does not read addresses with a zone.
    plan.run_line(
        r#"awk '$1 == "nameserver" && $2 !~ "%" { print "resolver " ($2 ~ ":" ? "[" $2 "]" : $2) " valid=10s;"; exit }' /etc/resolv.conf > /tmp/resolver.conf && exec /docker-entrypoint.sh nginx -g 'daemon off;'"#
            .into(),
    );
    plan.health.start_period = "10s".into();
    plan.memory = "256M";
    plan.front = true;
    plan
}
