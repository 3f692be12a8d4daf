//! The manifest: what a person writes in `gen.yaml`.
//!
//! Owns the wire types only. Their doc comments are the user's manual: the JSON schema, and from
//! it the reference, are made from them. Nothing here is validated beyond its shape; defaults are
//! applied later, by `resolve`, so that "not written" stays visible.

mod build;
mod environment;
mod service;
mod stack;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use build::{Asset, Build, BuildSecret, Packages, SnippetStage};
pub use environment::{CpuText, Development, Production, Publish, Resources, Restart};
pub use service::{
    Command, Condition, ConditionName, DependsOn, EnvironmentValue, Gpu, Healthcheck,
    HealthcheckCommand, PlainText, PortText, Service, ServiceVariable, VersionText,
};
pub use stack::{Base, BuildScript, Go, Node, NodeServe, Python, StackName};

/// The format that this program reads; a manifest that names a newer one is refused.
pub const FORMAT: u32 = 1;

/// One project: its services, and what they share.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "gen manifest")]
pub struct Manifest {
    /// Format of this file. Always `1`.
    #[schemars(range(min = 1))]
    pub version: u32,
    /// Name of the project. Images, volumes and networks carry it, so choose it once: lower-case
    /// letters, digits, `-` and `_`, beginning with a letter or digit.
    #[schemars(
        regex(pattern = r"^[a-z0-9][a-z0-9_-]{0,62}$"),
        extend("x-expected" = "lower-case letters, digits, `-` and `_`, beginning with a letter or digit, at most 63 characters")
    )]
    pub name: String,
    /// One sentence about the project, for people who look at an image. Becomes the label
    /// `org.opencontainers.image.description`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Which engine the scripts try first. `any` takes what answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<Engine>,
    /// Where images are pushed to and production pulls them from, for example
    /// `ghcr.io/acme`. Left out, images stay on this machine under `localhost/`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        regex(
            pattern = r"^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*$"
        ),
        extend("x-expected" = "a registry's host and a path, all in lower case, like `ghcr.io/acme`")
    )]
    pub registry: Option<String>,
    /// The services, by name. The name is also the host name under which other services
    /// reach it: lower-case letters, digits and `-`.
    #[schemars(extend(
        "minProperties" = 1,
        "propertyNames" = {
            "pattern": "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$",
            "x-expected": "lower-case letters, digits and `-`, like a host name, at most 63 characters"
        }
    ))]
    pub services: BTreeMap<String, Service>,
    /// Secrets that services read from files below `/run/secrets/`. Only names: the values lie in
    /// `secrets/NAME` beside the compose files, which is never committed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("propertyNames" = {
        "pattern": "^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}$",
        "x-expected": "letters, digits, `_`, `.` and `-`, beginning with a letter or digit, at most 63 characters"
    }))]
    pub secrets: BTreeMap<String, Secret>,
    /// Named volumes that more than one service mounts. A volume of a single service need not be
    /// listed here.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("propertyNames" = {
        "pattern": "^[a-z0-9][a-z0-9_-]{1,62}$",
        "x-expected": "lower-case letters, digits, `_` and `-`, at least 2 and at most 63 characters"
    }))]
    pub volumes: BTreeMap<String, Volume>,
    /// Labels for every image, for example `org.opencontainers.image.source`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("propertyNames" = {
        "pattern": "^[a-z0-9]([a-z0-9./-]*[a-z0-9])?$",
        "x-expected": "lower-case letters, digits, `.`, `/` and `-`, like `org.opencontainers.image.source`"
    }))]
    pub labels: BTreeMap<String, String>,
}

/// An engine that runs containers.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// Docker first, then Podman.
    Docker,
    /// Podman first, then Docker.
    Podman,
    /// Whichever answers.
    #[default]
    Any,
}

/// A secret that is kept in a file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("type" = ["object", "null"]))]
pub struct Secret {
    /// What the secret is for, for the person who has to make it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A named volume.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(extend("type" = ["object", "null"]))]
pub struct Volume {
    /// What the volume holds, for the person who has to back it up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}
