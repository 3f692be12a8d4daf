//! RabbitMQ, with its management interface.

use super::{Context, Plan, Preset, secret_path};
use crate::project::{Backup, HealthTest};

pub(super) const PRESET: Preset =
    Preset { name: "rabbitmq", table: Some("rabbitmq"), default_version: "4.3", plan };

fn plan(context: &Context<'_>) -> Plan {
    let port = context.port(5672);
    let secret = secret_path(context.name);
    // A check that comes before the server would write a cookie that the server cannot read, and
    // keep it from starting (docker-library/rabbitmq#695).
    let test = HealthTest::Shell(
        "test -s /var/lib/rabbitmq/.erlang.cookie && rabbitmq-diagnostics --quiet check_running"
            .into(),
    );
    let tag = context.tag("rabbitmq", &["management"]);
    let mut plan = Plan::new(format!("docker.io/library/rabbitmq:{tag}"), port, test);
    plan = plan.with_privilege_drop();
    // Each check starts an Erlang machine of its own.
    plan.health.interval = "20s".into();
    plan.health.timeout = "15s".into();
    plan.health.start_period = "90s".into();
    plan.ports = vec![15672];
    plan.environment.insert("RABBITMQ_DEFAULT_USER", "app".into());
    plan.environment.insert("RABBITMQ_DEFAULT_VHOST", "/".into());
    plan.environment.insert("RABBITMQ_LOGS", "-".into());
    // The data lies in a folder named after the node: a container's own name would change with it.
    plan.environment.insert("RABBITMQ_NODENAME", "rabbit@localhost".into());
    // Idle schedulers sleep instead of spinning.
    plan.environment.insert(
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS",
        "+sbwt none +sbwtdcpu none +sbwtdio none".into(),
    );
    if port != 5672 {
        plan.environment.insert("RABBITMQ_NODE_PORT", port.to_string());
    }
    plan.secret = Some("Password of the user that is made at the first start.");
    plan.data = Some(("/var/lib/rabbitmq", "Queues, messages and users."));
    plan.tmpfs = vec!["/run", "/tmp"];
    // The image refuses a variable for a file with the password.
    plan.run_line(format!(
        "password=$(cat {secret}) && export RABBITMQ_DEFAULT_PASS=\"${{password:?}}\" && \
         exec docker-entrypoint.sh rabbitmq-server"
    ));
    plan.memory = "1G";
    // Erlang starts threads by the number of processors, and the health check does so again.
    plan.pids = 1024;
    plan.stop_grace = Some("1m");
    // Definitions can be exported while it runs, messages cannot.
    plan.backup = Some(Backup::of_folder("/var/lib/rabbitmq"));
    plan
}
