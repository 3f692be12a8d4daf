//! One service of the manifest, and the small values it is made of.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::build::{Asset, Build, Packages};
use super::environment::{Development, Production, Publish};
use super::stack::{Base, Go, Node, Python, StackName};

/// One service: built from source (`stack` or `dockerfile`), a ready-made backing service
/// (`preset`), any other image (`image`), or a further process of another service's image
/// (`extends`). Exactly one of these is named.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Service {
    /// Language of the application. A Dockerfile is generated for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack: Option<StackName>,
    /// A ready-made backing service, tuned and with health check, volume, secret and backup
    /// command: `postgres`, `mysql`, `mariadb`, `redis`, `valkey`, `mongodb`, `rabbitmq`,
    /// `memcached`, `seaweedfs`, `mailpit`, `ollama`, `nginx`, `caddy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<String>,
    /// An image that is used as it is, fully qualified and with a tag or digest. Beside `stack`
    /// it is the name under which the built image is kept, without a tag.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<String>,
    /// A Dockerfile of your own, relative to `path`. It is used and never written. It needs the
    /// stages `development` and `production`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dockerfile: Option<String>,
    /// Another service of this manifest whose image this one runs with a command of its own: a
    /// worker, a scheduler.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub extends: Option<String>,
    /// Version of the language, or of the preset, as the images name it: `"3.13"`, `"22"`,
    /// `"17"`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<VersionText>,
    /// Package manager: `pip`, `poetry` or `uv` for Python; `npm`, `pnpm` or `yarn` for Node.
    /// A version of its own may follow: `pnpm@10.12.1`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manager: Option<String>,
    /// Folder of the service, relative to this file: build context and source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What production runs on: `slim` (Debian without extras), `distroless` (no shell, no
    /// package manager) or `alpine`. Default: `distroless` for Go, `slim` for the others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<Base>,
    /// Digest that pins the base image, or the preset's or named image: `sha256:…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        regex(pattern = r"^sha256:[0-9a-f]{64}$"),
        extend("x-expected" = "`sha256:` and 64 hexadecimal digits in lower case")
    )]
    pub digest: Option<String>,
    /// System packages, by the stage that needs them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packages: Option<Packages>,
    /// Files and folders of the application, relative to `path`. Folders are mounted in
    /// development, below `/app`, or where the stack has the application. Left out: everything
    /// below `path`, or with a `dockerfile` of your own nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Vec<String>>,
    /// The program that the container runs, as a list of words, or as one line that is split like
    /// a shell does but never given to a shell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Command>,
    /// The port that the application listens on inside its container; also the port on the host
    /// under which it is reached in development.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<u16>,
    /// Whether `port` is published on the host, and under which number. Default: `true` for
    /// services that are built and for fronts, `false` for backing services.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub publish: Option<Publish>,
    /// Address of the host on which ports are published. Default: `127.0.0.1`, this machine alone;
    /// `0.0.0.0` opens them to others.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        regex(pattern = r"^[0-9]{1,3}(\.[0-9]{1,3}){3}$"),
        extend("x-expected" = "an IPv4 address, like `0.0.0.0`")
    )]
    pub bind: Option<String>,
    /// Further published ports, `"HOST:CONTAINER"` or `"CONTAINER"`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<PortText>,
    /// How the engines find out that the service answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<Healthcheck>,
    /// Files that are fetched once while the image is built, and checked: models, data sets.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub assets: Vec<Asset>,
    /// Mounts: a volume's name, or a folder of the project beginning with `./`, to a path in the
    /// container. `:ro` after the path makes it read-only.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub volumes: BTreeMap<String, String>,
    /// Folders that are writable although production's file system is read-only; their contents
    /// are lost with the container. `/tmp` is always one.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tmpfs: Vec<String>,
    /// Environment variables. A plain value is passed on as it is written; `{from: NAME}` takes
    /// it from the host's environment or `.env`. Secrets do not belong here: see `secrets`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("propertyNames" = {
        "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
        "x-expected": "letters, digits and `_`, not beginning with a digit, like `LOG_LEVEL`"
    }))]
    pub environment: BTreeMap<String, EnvironmentValue>,
    /// Secrets that the service reads from `/run/secrets/NAME`. Each is declared under `secrets`
    /// of the project, or belongs to a preset (`SERVICE_password`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<String>,
    /// Services that have to be there first: a list of names (each must be healthy, or started
    /// where it has no health check), or names with a condition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depends_on: Option<DependsOn>,
    /// The service starts only with one of these profiles.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<String>,
    /// Whether the service reaches programs on the host under `host.docker.internal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_access: Option<bool>,
    /// GPUs of the host, by CDI name, which both engines know: `true` for all of NVIDIA's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu: Option<Gpu>,
    /// A command that runs to its end, in a container of its own, before the service starts:
    /// migrations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub migrate: Option<Command>,
    /// Where a front, or a single-page application's web server, sends requests: a path to the
    /// name of a service. The longest path that fits wins, and is passed on as it came.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend(
        "propertyNames" = {
            "pattern": "^/([A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*/?)?$",
            "x-expected": "a path of letters, digits, `.`, `_`, `~` and `-`, like `/api`"
        }
    ))]
    pub routes: BTreeMap<String, String>,
    /// Details of the image's build.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build: Option<Build>,
    /// What only Python services have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub python: Option<Python>,
    /// What only Node services have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<Node>,
    /// What only Go services have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub go: Option<Go>,
    /// Labels of this service's image.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("propertyNames" = {
        "pattern": "^[a-z0-9]([a-z0-9./-]*[a-z0-9])?$",
        "x-expected": "lower-case letters, digits, `.`, `/` and `-`, like `org.opencontainers.image.source`"
    }))]
    pub labels: BTreeMap<String, String>,
    /// What is different in development. Maps merge, scalars and lists replace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dev: Option<Development>,
    /// What is different in production. Maps merge, scalars and lists replace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prod: Option<Production>,
}

/// A version as it was written: `3.10` stays `3.10`, quoted or not.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct VersionText(pub String);

impl JsonSchema for VersionText {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "VersionText".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "number"],
            "pattern": r"^[0-9A-Za-z][0-9A-Za-z._+-]{0,63}$",
            "x-expected": "a version as images name it: letters, digits, `.`, `_`, `+` and `-`, like `3.13` or `17-alpine`"
        })
    }
}

/// A published port as it was written: `"8081:8080"`, `"8080"` or `8080`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PortText(pub String);

impl JsonSchema for PortText {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PortText".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "integer"],
            "pattern": r"^([0-9]{1,5}:)?[0-9]{1,5}(/(tcp|udp))?$",
            "x-expected": "a port, or a port of the host and one of the container, like `8080` or `8081:8080`"
        })
    }
}

/// A program and its arguments: a list of words, or one line that is split into words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Command {
    /// One line, split like a shell does.
    Line(String),
    /// The words themselves.
    Words(#[schemars(extend("minItems" = 1, "x-expected" = "a list of words"))] Vec<String>),
}

impl Command {
    /// The words, or `None` where a line's quotes do not close.
    #[must_use]
    pub fn try_words(&self) -> Option<Vec<String>> {
        match self {
            Self::Line(line) => shlex::split(line),
            Self::Words(words) => Some(words.clone()),
        }
    }

    /// The words; none where a line's quotes do not close, which validation refuses.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        self.try_words().unwrap_or_default()
    }
}

/// The value of an environment variable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum EnvironmentValue {
    /// `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// The value itself; a number with a fraction stays as it was written.
    Text(PlainText),
    /// Taken from the host's environment, or from `.env`.
    Variable(ServiceVariable),
}

/// A text, or a number that is kept as it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlainText(pub String);

impl JsonSchema for PlainText {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PlainText".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "number"]})
    }
}

/// A variable that comes from the host's environment or from `.env`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceVariable {
    /// Name of the variable on the host.
    #[schemars(
        regex(pattern = r"^[A-Za-z_][A-Za-z0-9_]*$"),
        extend("x-expected" = "letters, digits and `_`, not beginning with a digit, like `LOG_LEVEL`")
    )]
    pub from: String,
    /// Value where the host has none. Without it the service gets an empty value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// What the variable means; it stands beside it in `.env.example`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// How the engines find out that a service answers. One of `http`, `tcp`, `grpc`, `command`, or
/// `disable`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Healthcheck {
    /// A path that answers with a status below 400, asked with the application's own runtime.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        regex(pattern = r"^/[A-Za-z0-9._~!&()*+,;=:@%/?-]*$"),
        extend("x-expected" = "a path that begins with `/`, without a host, spaces, quotes, `$` or `#`, like `/health`")
    )]
    pub http: Option<String>,
    /// Whether the port accepts a connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tcp: Option<bool>,
    /// Whether the standard gRPC health service says that it serves. Go only: the images of other
    /// stacks have nothing to ask with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grpc: Option<bool>,
    /// A command of your own that ends with 0 when all is well.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<HealthcheckCommand>,
    /// No health check at all, not even that of the image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disable: Option<bool>,
    /// Time between two checks. Default: `10s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        regex(pattern = r"^([0-9]+(ms|s|m|h))+$"),
        extend("x-expected" = "a time with its unit, like `10s`, `1m30s` or `500ms`")
    )]
    pub interval: Option<String>,
    /// Time after which a check has failed. Default: `5s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        regex(pattern = r"^([0-9]+(ms|s|m|h))+$"),
        extend("x-expected" = "a time with its unit, like `10s`, `1m30s` or `500ms`")
    )]
    pub timeout: Option<String>,
    /// Failures in a row that make a service unhealthy. Default: `5`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 100))]
    pub retries: Option<u32>,
    /// Time after the start in which failures do not count. Default: `30s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        regex(pattern = r"^([0-9]+(ms|s|m|h))+$"),
        extend("x-expected" = "a time with its unit, like `10s`, `1m30s` or `500ms`")
    )]
    pub start_period: Option<String>,
}

/// The words of a health check command.
pub type HealthcheckCommand = Command;

/// What has to be there first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum DependsOn {
    /// Names; each has to be healthy, or started where it has no health check.
    Names(#[schemars(extend("x-expected" = "a list of services"))] Vec<String>),
    /// Names, each with its condition.
    Conditions(BTreeMap<String, Condition>),
}

/// How far a dependency has to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Condition {
    /// `service_started`, `service_healthy` or `service_completed_successfully`.
    pub condition: ConditionName,
}

/// How far a dependency has to be.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ConditionName {
    /// The container runs.
    ServiceStarted,
    /// The health check passes.
    ServiceHealthy,
    /// The container has ended with status 0.
    ServiceCompletedSuccessfully,
}

/// GPUs of the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Gpu {
    /// `true`: all of NVIDIA's.
    All(bool),
    /// One device by its CDI name, for example `nvidia.com/gpu=0`.
    Device(
        #[schemars(
            regex(pattern = r"^[a-z0-9.-]+/[A-Za-z0-9_-]+=[A-Za-z0-9_.:-]+$"),
            extend("x-expected" = "a device by its CDI name, like `nvidia.com/gpu=0`")
        )]
        String,
    ),
}
