//! How a service's image is built.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// System packages, by the stage that needs them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Packages {
    /// Needed to build dependencies, absent from production: compilers, headers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub build: Vec<String>,
    /// Needed while the service runs, in every stage. Not with `base: distroless`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub runtime: Vec<String>,
    /// Needed in development only.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub development: Vec<String>,
}

/// A file that is fetched while the image is built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Asset {
    /// Where it is fetched from.
    #[schemars(
        regex(
            pattern = r"^https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~!&()*+,;=:@%/?-]*)?$"
        ),
        extend("x-expected" = "an address that begins with `https://` or `http://`, without spaces, quotes, `$` or `#`")
    )]
    pub url: String,
    /// Its SHA-256; a file with another one fails the build.
    #[schemars(
        regex(pattern = r"^[0-9a-f]{64}$"),
        extend("x-expected" = "64 hexadecimal digits in lower case, as `sha256sum` prints them")
    )]
    pub sha256: String,
    /// Where it is put, relative to the application's folder in the image.
    pub to: String,
}

/// Details of an image's build.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Build {
    /// Build context, relative to this file, where a service needs files outside its `path`.
    /// Default: `path`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// Build arguments and their default values. They are visible in the image: no secrets. In Go
    /// programs, `VERSION` is the value of `main.version`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("propertyNames" = {
        "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
        "x-expected": "letters, digits and `_`, not beginning with a digit, like `LOG_LEVEL`"
    }))]
    pub args: BTreeMap<String, String>,
    /// Secrets that the step which installs dependencies may read, and that stay out of the
    /// image: the token of a private package index.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("propertyNames" = {
        "pattern": "^[A-Za-z0-9][A-Za-z0-9_.-]*$",
        "x-expected": "letters, digits, `_`, `.` and `-`, beginning with a letter or digit"
    }))]
    pub secrets: BTreeMap<String, BuildSecret>,
    /// Further files that the step which installs dependencies needs, relative to `path`: `.npmrc`,
    /// patches, constraints.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// The command that builds the application, where it differs from the stack's own. Python has
    /// none: see `python.collect`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<super::Command>,
    /// Dockerfile instructions of your own, put at the end of a stage as they are written.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("propertyNames" = {
        "enum": ["base", "dependencies", "development", "build", "production"]
    }))]
    pub snippets: BTreeMap<SnippetStage, Vec<String>>,
}

/// A secret of the build.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct BuildSecret {
    /// File below `/run/secrets/` or an absolute path at which the step finds it, for example
    /// `/root/.netrc`. Default: `/run/secrets/NAME`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// A stage that takes instructions of one's own.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum SnippetStage {
    /// What every stage has.
    Base,
    /// Where dependencies are installed.
    Dependencies,
    /// What developers run.
    Development,
    /// Where the application is built.
    Build,
    /// What production runs; before the change to the unprivileged user.
    Production,
}
