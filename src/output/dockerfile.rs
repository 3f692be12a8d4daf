//! Dockerfiles: what those of all stacks have in common. The rest is each stack's own.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::manifest::{Base, SnippetStage};
use crate::path::RelativePath;
use crate::project::{
    APPLICATION_USER, Build, Health, HealthTest, Project, Service, StackSettings,
};
use crate::render::RenderError;
use crate::render::quote::{
    Printable, comment, composed, docker_value, exec_form, instruction, json_string, shell_word,
};
use crate::rendered::{RenderedFile, Shape};
use crate::stack;

/// Starts the program as the owner of the mounted source.
///
/// Root inside a rootful Docker container would leave files of root behind. The owner of the
/// mounted folder is who may write there: the developer's number on rootful engines, 0 on rootless
/// ones, where 0 is the developer.
///
/// `before` are lines that root does first; `$owner` is the developer in them. A line ends with a
/// `;`, or in the middle of a command.
#[must_use]
pub fn development_entrypoint(build: &Build, workdir: &str, before: &[&str]) -> Printable {
    let source = build.source.first().map_or(".", |path| path.as_str());
    let mounted = if source == "." { workdir.to_owned() } else { format!("{workdir}/{source}") };
    // An empty named volume takes over the owner that its folder has in the image, which is
    // production's user.
    let volumes = match build.volume_folders.as_slice() {
        [] => None,
        folders => Some(format!("chown \"$owner\" {};", folders.join(" "))),
    };
    let before: Vec<&str> = before.iter().copied().chain(volumes.as_deref()).collect();
    if !before.is_empty() {
        return long_entrypoint(build.base, &mounted, &before);
    }
    let drop = match build.base {
        Base::Alpine => "exec su-exec \"$(stat -c %u:%g \"$0\")\" \"$@\"",
        Base::Slim | Base::Distroless => {
            "exec setpriv --reuid \"$(stat -c %u \"$0\")\" --regid \"$(stat -c %g \"$0\")\" \
             --clear-groups \"$@\""
        }
    };
    let script = format!("[ \"$(id -u)\" != 0 ] || {drop}; exec \"$@\"");
    exec_form(&["/bin/sh", "-c", &script, &mounted])
}

/// The same over several lines, which the builders join before they read the list.
fn long_entrypoint(base: Base, mounted: &str, before: &[&str]) -> Printable {
    let drop = match base {
        Base::Alpine => "exec su-exec \"$owner\" \"$@\";",
        Base::Slim | Base::Distroless => {
            "exec setpriv --reuid \"${owner%:*}\" --regid \"${owner#*:}\" --clear-groups \"$@\";"
        }
    };
    let mut lines = vec!["if [ \"$(id -u)\" = 0 ]; then".to_owned()];
    let root = std::iter::once("owner=\"$(stat -c %u:%g \"$0\")\";").chain(before.iter().copied());
    lines.extend(root.chain([drop]).map(|line| format!("  {line}")));
    lines.push("fi;".into());
    let mut text = String::from("[\"/bin/sh\", \"-c\", \"\\\n");
    for line in lines {
        text.push_str(&format!("    {} \\\n", json_string(&line).trim_matches('"')));
    }
    text.push_str(&format!("    exec \\\"$@\\\"\", {}]", json_string(mounted)));
    composed(text)
}

/// Renders the Dockerfile of every image that is built from a known stack.
///
/// # Errors
/// Only where a template and its view do not fit.
pub fn render(project: &Project) -> Result<Vec<RenderedFile>, RenderError> {
    let mut files = Vec::new();
    for (service, build) in project.builds() {
        let Some(stack) = build.stack.and_then(stack::find) else { continue };
        for (path, text) in stack.files(project, service, build)? {
            files.push(RenderedFile {
                executable: path.as_str().ends_with(".sh"),
                path,
                text,
                service: Some(service.name.clone()),
                output: "dockerfile",
                shape: Shape::WholeFile,
            });
        }
    }
    // Services that share a folder share what lies beside their Dockerfiles.
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    Ok(files)
}

/// What the templates of all stacks read.
#[derive(Debug, Serialize)]
pub struct Common {
    service: Printable,
    image: Printable,
    alpine: bool,
    distroless: bool,
    user_id: u32,
    args: Vec<Argument>,
    label_list: Vec<Argument>,
    build_packages: Vec<Printable>,
    runtime_packages: Vec<Printable>,
    development_packages: Vec<Printable>,
    snippets: Snippets,
    asset_list: Vec<AssetView>,
    source_copies: Vec<Printable>,
    volume_folders: Vec<Printable>,
    port: Option<u16>,
    healthcheck: Option<Printable>,
    development_healthcheck: Option<Printable>,
    entrypoint: Printable,
    command: Printable,
    development_command: Printable,
    continued: Printable,
}

/// A name and its value, of `ARG` or `LABEL`.
#[derive(Debug, Serialize)]
pub struct Argument {
    name: Printable,
    value: Printable,
}

#[derive(Debug, Serialize)]
struct AssetView {
    folder: Option<Printable>,
    url: Printable,
    checksum: Printable,
    to: Printable,
}

#[derive(Debug, Serialize)]
struct Snippets {
    base: Vec<Printable>,
    dependencies: Vec<Printable>,
    development: Vec<Printable>,
    build: Vec<Printable>,
    production: Vec<Printable>,
}

impl Common {
    /// The view of a build; `base_image` is the reference of its base, without a digest.
    #[must_use]
    pub fn new(
        project: &Project,
        service: &Service,
        build: &Build,
        base_image: &str,
        workdir: &str,
    ) -> Self {
        let words = |names: &[String]| names.iter().map(|name| shell_word(name)).collect();
        let snippet = |stage| {
            let lines = build.snippets.get(&stage).into_iter().flatten();
            lines.map(|line| instruction(line)).collect()
        };
        let tools: &[String] = if build.base == Base::Alpine { &["su-exec".into()] } else { &[] };
        let image = match &build.digest {
            Some(digest) => format!("{base_image}@{digest}"),
            None => base_image.to_owned(),
        };
        Self {
            service: comment(&service.name),
            image: shell_word(&image),
            alpine: build.base == Base::Alpine,
            distroless: build.base == Base::Distroless,
            user_id: user_id(build),
            args: arguments(&build.args),
            label_list: arguments(&labels(project, service, build)),
            build_packages: words(&build.build_packages),
            runtime_packages: words(&build.runtime_packages),
            development_packages: words(&[tools, &build.development_packages].concat()),
            snippets: Snippets {
                base: snippet(SnippetStage::Base),
                dependencies: snippet(SnippetStage::Dependencies),
                development: snippet(SnippetStage::Development),
                build: snippet(SnippetStage::Build),
                production: snippet(SnippetStage::Production),
            },
            asset_list: build.assets.iter().map(AssetView::new).collect(),
            source_copies: copy_source(build),
            volume_folders: words(&build.volume_folders),
            port: service.port,
            healthcheck: service.health.as_ref().map(health_instruction),
            development_healthcheck: development_health(service),
            entrypoint: development_entrypoint(build, workdir, &[]),
            command: exec_form(&build.command),
            development_command: exec_form(&build.development_command),
            continued: composed(" \\".into()),
        }
    }
}

impl AssetView {
    fn new(asset: &crate::project::Asset) -> Self {
        let folder = asset.to.as_str().rsplit_once('/').map(|(folder, _)| shell_word(folder));
        Self {
            folder,
            url: shell_word(&asset.url),
            // A line as `sha256sum` reads it.
            checksum: shell_word(&format!("{}  {}", asset.sha256, asset.to)),
            to: shell_word(asset.to.as_str()),
        }
    }
}

/// The user of production: that of the image where it brings one.
#[must_use]
pub fn user_id(build: &Build) -> u32 {
    match (&build.settings, build.base) {
        // nginxinc/nginx-unprivileged: `nginx` is 101.
        (StackSettings::Node { web: Some(_), .. }, _) => 101,
        // gcr.io/distroless: `nonroot` is 65532.
        (_, Base::Distroless) => 65532,
        (_, Base::Slim | Base::Alpine) => APPLICATION_USER,
    }
}

/// The words after `HEALTHCHECK` in the development stage.
fn development_health(service: &Service) -> Option<Printable> {
    let health = service.health.as_ref()?;
    let own = service.development_test.clone().map(|test| Health { test, ..health.clone() });
    Some(health_instruction(own.as_ref().unwrap_or(health)))
}

fn arguments(map: &BTreeMap<String, String>) -> Vec<Argument> {
    map.iter()
        .map(|(name, value)| Argument { name: shell_word(name), value: docker_value(value) })
        .collect()
}

fn labels(project: &Project, service: &Service, build: &Build) -> BTreeMap<String, String> {
    let mut labels = BTreeMap::from([(
        "org.opencontainers.image.title".to_owned(),
        format!("{}-{}", project.name, service.name),
    )]);
    if let Some(description) = &project.description {
        labels.insert("org.opencontainers.image.description".into(), description.clone());
    }
    labels.extend(project.labels.clone());
    labels.extend(build.labels.clone());
    labels
}

/// The words after `COPY` for files, one instruction for each folder they lie in.
#[must_use]
pub fn copy_files<'a>(
    build: &Build,
    files: impl Iterator<Item = &'a RelativePath>,
) -> Vec<Printable> {
    let mut by_folder: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for file in files {
        let folder = file.as_str().rsplit_once('/').map_or("", |(folder, _)| folder);
        by_folder.entry(folder).or_default().push(build.folder.join(file).to_string());
    }
    by_folder
        .into_iter()
        .map(|(folder, files)| {
            let slash = if folder.is_empty() { "" } else { "/" };
            composed(format!("{} ./{folder}{slash}", files.join(" ")))
        })
        .collect()
}

/// The words after `COPY` for source: a file or a folder each, named on both sides so that a
/// folder's contents stay in their folder.
#[must_use]
pub fn copy_source(build: &Build) -> Vec<Printable> {
    let copy = |path: &RelativePath| {
        let from = build.folder.join(path);
        match (from.is_root(), path.is_root()) {
            (true, _) => composed(". ./".into()),
            (false, true) => composed(format!("{from}/ ./")),
            (false, false) => composed(format!("{from} ./{path}")),
        }
    };
    build.source.iter().map(copy).collect()
}

/// The mounts of build secrets for a `RUN` instruction, each on its line.
#[must_use]
pub fn secret_mounts(build: &Build) -> Printable {
    let mounts = build.secrets.iter().map(|secret| {
        format!(" \\\n    --mount=type=secret,id={},target={}", secret.id, secret.target)
    });
    composed(mounts.collect())
}

/// The words after `HEALTHCHECK`.
#[must_use]
pub fn health_instruction(health: &Health) -> Printable {
    let test = match &health.test {
        HealthTest::Exec(words) => exec_form(words).as_str().to_owned(),
        HealthTest::Shell(line) => line.clone(),
    };
    let [interval, timeout, start_period] =
        [&health.interval, &health.timeout, &health.start_period].map(|time| one_unit(time));
    composed(format!(
        "--interval={interval} --timeout={timeout} --start-period={start_period} --retries={} \\\n    \
         CMD {test}",
        health.retries
    ))
}

/// A time with a single unit and no milliseconds, because hadolint reads neither `1m30s` nor
/// `500ms`.
fn one_unit(time: &str) -> String {
    let units = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000)];
    let mut milliseconds: u64 = 0;
    let mut parts = 0;
    let mut rest = time;
    while let Some(end) = rest.find(|c: char| !c.is_ascii_digit()) {
        let (number, after) = rest.split_at(end);
        let length = after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len());
        let unit = units.iter().find(|(name, _)| *name == &after[..length]);
        let (Ok(number), Some((_, factor))) = (number.parse::<u64>(), unit) else {
            return time.to_owned();
        };
        milliseconds = milliseconds.saturating_add(number.saturating_mul(*factor));
        parts += 1;
        rest = &after[length..];
    }
    if parts < 2 && !time.ends_with("ms") {
        return time.to_owned();
    }
    let fraction = format!("{:03}", milliseconds % 1_000);
    let seconds = format!("{}.{fraction}", milliseconds / 1_000);
    format!("{}s", seconds.trim_end_matches('0').trim_end_matches('.'))
}

#[cfg(test)]
mod tests {
    use super::one_unit;

    #[test]
    fn times_have_one_unit() {
        for (time, expected) in [
            ("10s", "10s"),
            ("500ms", "0.5s"),
            ("2000ms", "2s"),
            ("10050ms", "10.05s"),
            ("2h", "2h"),
            ("1m30s", "90s"),
            ("1s500ms", "1.5s"),
            ("1h1m1s", "3661s"),
            ("100m0s", "6000s"),
        ] {
            assert_eq!(one_unit(time), expected);
        }
    }
}
