//! Valkey.

use super::redis::plan_as;
use super::{Context, Plan, Preset};

pub(super) const PRESET: Preset =
    Preset { name: "valkey", table: None, default_version: "8.1", plan };

fn plan(context: &Context<'_>) -> Plan {
    plan_as(context, format!("docker.io/valkey/valkey:{}", context.version), "valkey")
}
