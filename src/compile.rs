//! From a manifest to files, in memory. A stand-in: its files have names, but no substance.

use serde_json::json;

use crate::diagnostic::{Code, Diagnostic};
use crate::document::Document;
use crate::manifest::{FORMAT, Manifest};
use crate::path::RelativePath;
use crate::rendered::{RenderedFile, Shape};
use crate::tree::Tree;

/// What shapes the output besides the manifest.
#[derive(Debug, Clone, Default)]
pub struct Options {}

/// What a manifest becomes.
#[derive(Debug, Clone)]
pub struct Compilation {
    /// The files.
    pub files: Vec<RenderedFile>,
    /// What somebody should look at.
    pub warnings: Vec<Diagnostic>,
    /// The resolved project, for people and programs that ask.
    pub config: serde_json::Value,
}

/// Makes every file of a manifest.
///
/// # Errors
/// If the manifest is wrong; all of its problems, then.
pub fn compile(
    document: &Document,
    _tree: &dyn Tree,
    _options: &Options,
) -> Result<Compilation, Vec<Diagnostic>> {
    let manifest: Manifest = document.read().map_err(|diagnostic| vec![diagnostic])?;
    if manifest.version > FORMAT {
        let title = format!("the manifest has format {}", manifest.version);
        return Err(vec![Diagnostic::error(Code::NewerManifest, title)]);
    }
    let mut files = vec![
        file(&RelativePath::root(), "docker-compose.yml", "compose", None, &manifest),
        file(&RelativePath::root(), ".gitattributes", "gitattributes", None, &manifest),
    ];
    for (name, service) in &manifest.services {
        let folder = RelativePath::new(service.path.as_deref().unwrap_or("."))
            .map_err(|error| vec![Diagnostic::error(Code::WrongType, error.to_string())])?;
        files.push(file(&folder, "Dockerfile", "dockerfile", Some(name), &manifest));
    }
    let mut script = file(&RelativePath::root(), "scripts/build.sh", "script", None, &manifest);
    script.executable = true;
    script.text = "#!/bin/sh\n".into();
    files.push(script);
    let config = json!({"name": manifest.name, "services": manifest.services});
    Ok(Compilation { files, warnings: Vec::new(), config })
}

fn file(
    folder: &RelativePath,
    name: &str,
    output: &'static str,
    service: Option<&String>,
    manifest: &Manifest,
) -> RenderedFile {
    let block = output == "gitattributes";
    let services: Vec<_> = manifest.services.keys().map(String::as_str).collect();
    RenderedFile {
        path: folder.file(name),
        executable: false,
        text: match (block, service) {
            (true, _) => "docker-compose.yml text eol=lf linguist-generated\n".into(),
            (false, Some(service)) => {
                let port = manifest.services[service].port.unwrap_or_default();
                format!("# {service}\nEXPOSE {port}\n")
            }
            (false, None) => format!("# {}: {}\n", manifest.name, services.join(" ")),
        },
        service: service.cloned(),
        output,
        shape: if block { Shape::Block } else { Shape::WholeFile },
    }
}
