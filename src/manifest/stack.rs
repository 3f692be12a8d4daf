//! What only services of one stack have.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Command;

/// A language or kind of application.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum StackName {
    /// Python.
    Python,
    /// Node.js.
    Node,
    /// Go.
    Go,
    /// Rust.
    Rust,
    /// Java and Kotlin.
    Java,
    /// PHP.
    Php,
    /// Ruby.
    Ruby,
    /// .NET.
    Dotnet,
    /// Deno.
    Deno,
    /// Elixir.
    Elixir,
    /// Ready-made static files.
    Static,
}

/// What production runs on.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Base {
    /// Debian without extras.
    #[default]
    Slim,
    /// No shell and no package manager.
    Distroless,
    /// Alpine Linux.
    Alpine,
}

/// What only Python services have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Python {
    /// Requirements files for production, with `manager: pip`. Default: `[requirements.txt]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requirements: Option<Vec<String>>,
    /// Requirements files that development has besides.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dev_requirements: Vec<String>,
    /// Dependency groups for production besides the main one, with `poetry` and `uv`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<String>,
    /// Dependency groups that development has besides, with `poetry` and `uv`. Left out: with
    /// `uv` its default groups, which is `dev` where there is one, with `poetry` every group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dev_groups: Option<Vec<String>>,
    /// Extras of the project to install, with `poetry` and `uv`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub extras: Vec<String>,
    /// Folder from which modules are imported, relative to `path`. Default: `src` where `source`
    /// lists it, else the application's folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub import_from: Option<String>,
    /// Command that runs once while the production image is built, after the source is copied, for
    /// example `python manage.py collectstatic --noinput`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collect: Option<Command>,
}

/// What only Node services have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Node {
    /// Whether production runs a server program or serves built files. Default: `server`, or
    /// `static` where no `command` is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub serve: Option<NodeServe>,
    /// Script of `package.json` that builds the application; `false` for none. Default: `build`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build_script: Option<BuildScript>,
    /// Folders and files that production needs from the build, relative to `path`. Default:
    /// `[dist]`. `FROM:TO` puts one elsewhere: `.next/standalone:.` puts a folder's contents into
    /// the application's own folder. A server finds the others where the build left them; a site's
    /// lie at its root. What the build only copied (`views`, `public`) may be named as well.
    /// Next.js with `output: 'standalone'`: `[".next/standalone:.", .next/static, public]`, with
    /// `standalone: true`, `command: [node, server.js]`, `environment: {HOSTNAME: 0.0.0.0}`, and
    /// `tmpfs: [/app/.next/cache]` where it renders pages again while it runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output: Option<Vec<String>>,
    /// Whether the build's output carries its own `node_modules` (Next.js with
    /// `output: standalone`), so that none are installed for production.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub standalone: Option<bool>,
}

/// The script that builds the application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum BuildScript {
    /// `false`: nothing has to be built.
    None(bool),
    /// Name of a script in `package.json`.
    Name(
        #[schemars(
            regex(pattern = r"^[A-Za-z0-9][A-Za-z0-9:._-]*$"),
            extend("x-expected" = "the name of a script in `package.json`: letters, digits, `:`, `.`, `_` and `-`")
        )]
        String,
    ),
}

/// What production of a Node service does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NodeServe {
    /// Runs a server program.
    Server,
    /// Serves built files with an unprivileged web server.
    Static,
}

/// What only Go services have.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Go {
    /// Package of the program, relative to the module: the folder `build.context`, or `path` where
    /// that is not written. Default: the package in `path`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub main: Option<String>,
    /// Further packages whose programs the image holds, for example `./cmd/migrate`, relative to
    /// the module. Each becomes `/app/NAME`, where NAME is the last part of its path.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub programs: Vec<String>,
    /// Whether C code is linked. Production then runs on `slim` or on distroless with a C library.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cgo: Option<bool>,
    /// Build tags.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
}
