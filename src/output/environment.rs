//! `.env.example`: every variable that the files read, with its meaning.

use std::collections::BTreeMap;

use crate::project::Project;
use crate::render::RenderError;
use crate::rendered::{RenderedFile, Shape};

const HEADER: &str = "\
# Variables that the compose files and scripts of this folder read. Written by gen from gen.yaml.
#
# Copy it to `.env` and change what you need; every variable has a default or may stay away.
";

const NO_SECRETS: &str = "\
# Secrets do not belong here, but into files of their own, which are never committed:
";

/// Renders the file.
///
/// # Errors
/// None: the type is that of all outputs.
pub fn render(project: &Project) -> Result<Vec<RenderedFile>, RenderError> {
    let mut text = HEADER.to_owned();
    let secrets = secrets(project);
    if !secrets.is_empty() {
        text.push_str(NO_SECRETS);
    }
    for (name, description) in secrets {
        text.push_str(&format!("#   secrets/{name}\n"));
        for line in wrap(&description, 92).iter().filter(|line| !line.is_empty()) {
            text.push_str(&format!("#     {line}\n"));
        }
    }
    for (name, variable) in &project.variables {
        text.push('\n');
        for line in wrap(&variable.description, 96) {
            text.push_str(&format!("# {line}\n"));
        }
        let default = variable.default.as_deref().unwrap_or_default();
        let value = quoted(default);
        if value.is_none() {
            text.push_str("# Its default stands in the compose files.\n");
        }
        text.push_str(&format!("#{name}={}\n", value.unwrap_or_default()));
    }
    Ok(vec![RenderedFile {
        path: crate::path::RelativePath::root().file(".env.example"),
        executable: false,
        text,
        service: None,
        output: "environment",
        shape: Shape::WholeFile,
    }])
}

/// The secrets that containers and builds read, with what they are for.
fn secrets(project: &Project) -> BTreeMap<&str, String> {
    let mut secrets: BTreeMap<&str, String> = project
        .secrets
        .iter()
        .map(|(name, secret)| (name.as_str(), secret.description.clone()))
        .collect();
    for (service, build) in project.builds() {
        for secret in &build.secrets {
            let text = secrets.entry(&secret.id).or_default();
            let also = format!("Read while the image of {} is built.", service.name);
            *text = [text.as_str(), &secret.description, &also].join(" ");
        }
    }
    secrets
}

/// A value as both compose programs and a shell read it; `None` if there is no such way.
///
/// They agree on quotes only where nothing between them could be an escape: in single quotes,
/// Docker Compose and python-dotenv undo other ones than each other, and a shell none.
fn quoted(value: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._/:@=+,-".contains(c);
    if value.chars().all(plain) {
        return Some(value.to_owned());
    }
    if !value.contains('\'') && !value.contains("\\\\") && !value.ends_with('\\') {
        return Some(format!("'{value}'"));
    }
    (!value.contains(['"', '\\', '$', '`'])).then(|| format!("\"{value}\""))
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.len() - 1;
        if !lines[last].is_empty() && lines[last].chars().count() + 1 + word.chars().count() > width
        {
            lines.push(word.to_owned());
            continue;
        }
        if !lines[last].is_empty() {
            lines[last].push(' ');
        }
        lines[last].push_str(word);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn quotes_what_all_programs_read_alike() {
        for (value, expected) in [
            ("http://x:80/", Some("http://x:80/")),
            ("a b # c", Some("'a b # c'")),
            (r"C:\data", Some(r"'C:\data'")),
            ("it's", Some("\"it's\"")),
            (r"C:\data\", None),
            (r"\\host", None),
            ("it's \"x\"", None),
        ] {
            assert_eq!(quoted(value).as_deref(), expected, "{value}");
        }
    }
}
