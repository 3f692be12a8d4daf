//! Ollama: runs language models.

use super::{Context, Plan, Preset};
use crate::project::HealthTest;

pub(super) const PRESET: Preset =
    Preset { name: "ollama", table: None, default_version: "0.35.1", plan };

fn plan(context: &Context<'_>) -> Plan {
    let port = context.port(11434);
    // The image has neither curl nor wget; its own client asks the server.
    let test = HealthTest::Exec(vec!["ollama".into(), "list".into()]);
    let image = format!("docker.io/ollama/ollama:{}", context.version);
    let mut plan = Plan::new(image, port, test);
    plan.environment.insert("OLLAMA_HOST", format!("0.0.0.0:{port}"));
    plan.data = Some(("/root/.ollama", "Models; `ollama pull` fetches them again."));
    // A model lies in memory as a whole.
    plan.memory = "8G";
    plan.pids = 1024;
    plan.stop_grace = Some("30s");
    // Models come from a registry. There is no backup: they can be fetched again.
    plan.outward = true;
    plan
}
