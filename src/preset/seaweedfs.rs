//! SeaweedFS as an S3 store: all of its parts in one process.

use super::{Context, Plan, Preset, secret_path};
use crate::project::{Backup, HealthTest};

pub(super) const PRESET: Preset =
    Preset { name: "seaweedfs", table: None, default_version: "4.48", plan };

fn plan(context: &Context<'_>) -> Plan {
    let port = context.port(8333);
    let test = HealthTest::Shell(format!("wget -q -O /dev/null http://127.0.0.1:{port}/healthz"));
    let image = format!("docker.io/chrislusf/seaweedfs:{}", context.version);
    let mut plan = Plan::new(image, port, test).with_privilege_drop();
    plan.environment.insert("AWS_ACCESS_KEY_ID", "app".into());
    plan.environment.insert("S3_BUCKET", "app".into());
    plan.secret = Some("Secret access key of the S3 interface.");
    plan.data = Some(("/data", "The objects."));
    // The image's entry point takes its arguments for those of `weed`, so the shell stands before
    // it. Without a key the store would be open to all: an empty secret ends it. The parts find each other on 127.0.0.1: the container's own address changes.
    plan.entrypoint = Some(vec!["/bin/sh".into(), "-c".into()]);
    plan.command = Some(vec![format!(
        "password=$(cat {}) && export AWS_SECRET_ACCESS_KEY=\"${{password:?}}\" && \
         exec /entrypoint.sh mini -dir=/data -ip=127.0.0.1 -ip.bind=0.0.0.0 -s3.port={port} \
         -webdav=false -admin.ui=false",
        secret_path(context.name)
    )]);
    plan.memory = "1G";
    plan.pids = 1024;
    plan.stop_grace = Some("30s");
    plan.backup = Some(Backup::of_folder("/data"));
    plan
}
