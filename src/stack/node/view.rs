//! What the Dockerfile templates of Node read.

use serde::Serialize;

use super::web::Names;
use super::{NGINX, is_berry, major};
use crate::manifest::{Base, SnippetStage};
use crate::output::dockerfile::{Common, copy_files, development_entrypoint, secret_mounts};
use crate::path::RelativePath;
use crate::project::{Build, BuiltPath, Project, Service, StackSettings};
use crate::render::quote::{Printable, composed, shell_word, shell_words};

/// npm without questions to its registry that nobody reads the answers of.
const QUIET_NPM: &[&str] =
    &["NPM_CONFIG_AUDIT=false", "NPM_CONFIG_FUND=false", "NPM_CONFIG_UPDATE_NOTIFIER=false"];

/// How a manager installs.
struct Installer {
    /// The package of npm that brings it, with its version.
    package: Option<String>,
    /// Variables that it needs.
    variables: &'static [&'static str],
    /// Where it keeps what it has fetched.
    cache: &'static str,
    /// Installs everything that the lock file names.
    install: &'static str,
    /// Takes away what only development needs.
    prune: &'static str,
}

impl Installer {
    fn new(build: &Build) -> Self {
        let version = build.manager.version.as_deref().unwrap_or_default();
        match build.manager.name.as_str() {
            "pnpm" => Self {
                package: Some(format!("pnpm@{version}")),
                variables: &[],
                cache: "/root/.local/share/pnpm/store",
                install: "pnpm install --frozen-lockfile --store-dir /root/.local/share/pnpm/store",
                prune: "CI=true pnpm install --frozen-lockfile --prod --ignore-scripts --prefer-offline \\\n      \
                        --config.modules-cache-max-age=0 --store-dir /root/.local/share/pnpm/store",
            },
            "yarn" if is_berry("yarn", version) => Self {
                package: Some(format!("@yarnpkg/cli-dist@{version}")),
                // A release in the repository would be taken instead, but is not copied.
                variables: &[
                    "YARN_ENABLE_TELEMETRY=0",
                    "YARN_IGNORE_PATH=1",
                    "YARN_NODE_LINKER=node-modules",
                ],
                cache: "/root/.cache/yarn",
                install: "YARN_GLOBAL_FOLDER=/root/.cache/yarn yarn install --immutable",
                prune: "YARN_GLOBAL_FOLDER=/root/.cache/yarn yarn workspaces focus --all --production",
            },
            "yarn" => Self {
                package: Some(format!("yarn@{version}")),
                variables: &[],
                cache: "/root/.cache/yarn",
                install: "yarn install --frozen-lockfile --cache-folder /root/.cache/yarn",
                prune: "yarn install --frozen-lockfile --production --ignore-scripts --prefer-offline \\\n      \
                        --cache-folder /root/.cache/yarn",
            },
            _ => Self {
                package: (!version.is_empty()).then(|| format!("npm@{version}")),
                variables: &[],
                cache: "/root/.npm",
                install: "npm ci",
                prune: "npm prune --omit=dev",
            },
        }
    }
}

#[derive(Serialize)]
pub(super) struct View {
    #[serde(flatten)]
    common: Common,
    dependency_copies: Vec<Printable>,
    dependency_files: Printable,
    secret_mounts: Printable,
    manager: Option<Printable>,
    replaces: bool,
    variables: Printable,
    cache: Printable,
    install: Printable,
    prune: Printable,
    build: Option<Printable>,
    output: Vec<Printable>,
    modules: bool,
    package_copy: Option<Printable>,
    static_site: bool,
    early_args: bool,
    node_entrypoint: Printable,
    production_image: Printable,
    configuration: Printable,
    resolver: Option<Printable>,
}

impl View {
    pub(super) fn new(project: &Project, service: &Service, build: &Build) -> Self {
        let StackSettings::Node { build: command, output, standalone, web } = &build.settings
        else {
            unreachable!("the Node stack renders Node builds only")
        };
        let common = Common::new(project, service, build, &base_image(build), "/app");
        let installer = Installer::new(build);
        let package = RelativePath::root().file("package.json");
        let everything = if output.is_empty() {
            build.source.iter().any(RelativePath::is_root)
        } else {
            *standalone || output.iter().any(|entry| entry.from.is_root())
        };
        let names = Names::new(build);
        let in_context = |file: &RelativePath| build.folder.join(file).to_string();
        let files: Vec<_> = build.dependency_files.iter().map(ToString::to_string).collect();
        let target = if web.is_some() { "/usr/share/nginx/html" } else { "." };
        let early = [SnippetStage::Base, SnippetStage::Dependencies];
        Self {
            dependency_copies: copy_files(build, build.dependency_files.iter()),
            dependency_files: shell_words(&files),
            secret_mounts: secret_mounts(build),
            manager: installer.package.as_deref().map(shell_word),
            replaces: build.manager.name == "yarn",
            variables: composed([QUIET_NPM, installer.variables].concat().join(" \\\n    ")),
            cache: shell_word(installer.cache),
            install: composed(installer.install.to_owned()),
            prune: composed(installer.prune.to_owned()),
            build: command.as_ref().map(|words| shell_words(words)),
            output: output.iter().map(|entry| copy_built(entry, target)).collect(),
            modules: !standalone && web.is_none(),
            package_copy: (!everything)
                .then(|| copy_files(build, [&package].into_iter()).pop())
                .flatten(),
            static_site: web.is_some(),
            early_args: early.iter().any(|stage| build.snippets.contains_key(stage)),
            node_entrypoint: development_entrypoint(build, "/app", &FILL_VOLUME),
            production_image: shell_word(&production_image(build)),
            configuration: shell_word(&in_context(&names.configuration)),
            resolver: web
                .as_ref()
                .filter(|web| !web.routes.is_empty())
                .map(|_| shell_word(&in_context(&names.resolver))),
            common,
        }
    }
}

/// Fills the volume over `node_modules` with the packages of the image, and gives them to the
/// developer, whenever the image has others than it. The engines fill a volume only once, so that
/// a rebuilt image would go on with yesterday's packages.
const FILL_VOLUME: [&str; 9] = [
    "if mountpoint -q /app/node_modules; then",
    "  exec 9</app/node_modules && flock 9 || exit 1;",
    "  cmp -s /opt/node_modules.sum /app/node_modules/.image.sum || {",
    "    find /app/node_modules -mindepth 1 -delete &&",
    "    cp -a /opt/node_modules/. /app/node_modules/ &&",
    "    chown -R \"$owner\" /app/node_modules &&",
    "    cp /opt/node_modules.sum /app/node_modules/.image.sum; } || exit 1;",
    "  exec 9<&-;",
    "fi;",
];

/// The words after `COPY --from=build` for a part of the output.
fn copy_built(entry: &BuiltPath, target: &str) -> Printable {
    let from =
        if entry.from.is_root() { "/app".to_owned() } else { format!("/app/{}", entry.from) };
    if entry.to.is_root() {
        // A folder's contents, or a file.
        return composed(format!("{from} {target}/"));
    }
    composed(format!("{from} {target}/{}", entry.to))
}

/// The base image: its exact version, on Debian 13 or the newest Alpine of the table.
fn base_image(build: &Build) -> String {
    let suite = if build.base == Base::Alpine { "alpine3.24" } else { "trixie-slim" };
    format!("docker.io/library/node:{}-{suite}", build.version)
}

fn production_image(build: &Build) -> String {
    match (&build.settings, build.base) {
        (StackSettings::Node { web: Some(_), .. }, Base::Alpine) => format!("{NGINX}-alpine3.24"),
        (StackSettings::Node { web: Some(_), .. }, _) => format!("{NGINX}-trixie"),
        _ => format!("gcr.io/distroless/nodejs{}-debian13:nonroot", major(&build.version)),
    }
}
