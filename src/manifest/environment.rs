//! What differs between development and production.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::service::{Command, EnvironmentValue};

/// What is different in development.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Development {
    /// The command in development. Default: the stack's own way to reload.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Command>,
    /// Whether the program restarts when its source changes. Default: `true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reload: Option<bool>,
    /// Port on the host's loopback address for a debugger.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65535))]
    pub debug_port: Option<u16>,
    /// Further environment variables, or other values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("propertyNames" = {
        "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
        "x-expected": "letters, digits and `_`, not beginning with a digit, like `LOG_LEVEL`"
    }))]
    pub environment: BTreeMap<String, EnvironmentValue>,
    /// Further mounts.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub volumes: BTreeMap<String, String>,
}

/// What is different in production.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Production {
    /// The command in production.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Command>,
    /// How many containers run. More than one cannot share a port of the host: put a front before
    /// them. Default: `1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub replicas: Option<u32>,
    /// Limits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resources: Option<Resources>,
    /// Whether `port` is published on the host, and under which number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publish: Option<Publish>,
    /// Address of the host on which ports are published.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        regex(pattern = r"^[0-9]{1,3}(\.[0-9]{1,3}){3}$"),
        extend("x-expected" = "an IPv4 address, like `0.0.0.0`")
    )]
    pub bind: Option<String>,
    /// What the engine does when the program ends. Default: `unless-stopped`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub restart: Option<Restart>,
    /// Further environment variables, or other values.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("propertyNames" = {
        "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
        "x-expected": "letters, digits and `_`, not beginning with a digit, like `LOG_LEVEL`"
    }))]
    pub environment: BTreeMap<String, EnvironmentValue>,
}

/// Whether a port is published on the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Publish {
    /// Under its own number, or not at all.
    Whether(bool),
    /// Under this number.
    Port(#[schemars(range(min = 1, max = 65535))] u16),
}

/// Limits of a container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Resources {
    /// Memory, for example `512M` or `2G`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        regex(pattern = r"^[1-9][0-9]*[kKmMgG][bB]?$"),
        extend("x-expected" = "a whole number and a unit, like `512M` or `2G`")
    )]
    pub memory: Option<String>,
    /// Processors, for example `"0.5"`. Rootless Podman needs the `cpu` controller to be delegated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<CpuText>,
    /// Processes and threads. Default: `256`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 4_194_304))]
    pub pids: Option<u32>,
}

/// A number of processors as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CpuText(pub String);

impl JsonSchema for CpuText {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CpuText".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({"type": ["string", "number"],
            "pattern": r"^([1-9][0-9]*|[0-9]+\.[0-9]*[1-9][0-9]*|[1-9][0-9]*\.[0-9]+)$",
            "x-expected": "a number of processors above 0, like `0.5` or `2`"
        })
    }
}

/// What the engine does when the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Restart {
    /// Nothing.
    No,
    /// Starts it again, always.
    Always,
    /// Starts it again if it failed.
    OnFailure,
    /// Starts it again unless a person stopped it.
    UnlessStopped,
}
