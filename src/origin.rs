//! Where each value of the resolved project comes from: a line of the manifest, or a default.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::diagnostic::Location;
use crate::document::{Document, NodeKind};
use crate::pointer::Pointer;
use crate::project::Project;
use crate::render::yaml::scalar;

/// The environments whose values can be asked for alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Environment {
    /// What developers run.
    Development,
    /// What is deployed.
    Production,
}

/// The resolved project as data, each value with its origin.
#[derive(Debug)]
pub struct Described {
    /// The project.
    pub project: Value,
    /// The origin of every value in it that is neither a list nor a mapping, by JSON pointer.
    pub origins: BTreeMap<String, String>,
}

/// Describes a project, or what one environment sees of it.
#[must_use]
pub fn describe(
    document: &Document,
    project: &Project,
    environment: Option<Environment>,
) -> Described {
    let mut value = serde_json::to_value(project).unwrap_or_default();
    let hidden: &[&str] = match environment {
        None => &[],
        Some(Environment::Development) => &["local", "production", "deployment"],
        Some(Environment::Production) => &["local", "development"],
    };
    if let Some(services) = value.get_mut("services").and_then(Value::as_object_mut) {
        for service in services.values_mut().filter_map(Value::as_object_mut) {
            hidden.iter().for_each(|key| drop(service.remove(*key)));
        }
    }
    let mut origins = BTreeMap::new();
    leaves(&value, &Pointer::root(), &mut |pointer| {
        origins.insert(pointer.to_string(), origin(document, pointer));
    });
    Described { project: value, origins }
}

impl Described {
    /// The project as YAML, each value with its origin behind it.
    #[must_use]
    pub fn to_yaml(&self) -> String {
        let mut out = String::new();
        self.write(&mut out, &self.project, &Pointer::root(), 0);
        out
    }

    fn write(&self, out: &mut String, value: &Value, pointer: &Pointer, indent: usize) {
        // Writing to a string cannot fail.
        match value {
            Value::Object(map) => {
                for (key, value) in map.iter().filter(|(_, value)| !is_empty(value)) {
                    let _ = write!(out, "{:indent$}{}:", "", scalar(key));
                    self.value(out, value, &pointer.join(key), indent);
                }
            }
            Value::Array(items) => {
                for (index, value) in items.iter().enumerate() {
                    let _ = write!(out, "{:indent$}-", "");
                    let mut item = String::new();
                    self.value(&mut item, value, &pointer.join(index), indent);
                    // The first key of a mapping stands on the line of the dash.
                    let item = item.trim_start();
                    let _ = write!(out, " {item}");
                }
            }
            _ => {}
        }
    }

    fn value(&self, out: &mut String, value: &Value, pointer: &Pointer, indent: usize) {
        let text = match value {
            Value::Object(_) | Value::Array(_) => {
                out.push('\n');
                self.write(out, value, pointer, indent + 2);
                return;
            }
            Value::String(text) => scalar(text),
            other => other.to_string(),
        };
        let origin = self.origins.get(&pointer.to_string()).map_or("", String::as_str);
        let _ = writeln!(out, " {text}  # {origin}");
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

fn leaves(value: &Value, pointer: &Pointer, visit: &mut impl FnMut(&Pointer)) {
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, value)| leaves(value, &pointer.join(key), visit));
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items.for_each(|(index, value)| leaves(value, &pointer.join(index), visit));
        }
        _ => visit(pointer),
    }
}

fn origin(document: &Document, pointer: &Pointer) -> String {
    let segments: Vec<&str> = pointer.segments().collect();
    for candidate in candidates(&segments) {
        // The value itself, or what it is part of, down to the field.
        let field = if candidate.first() == Some(&"services") { 3 } else { 1 };
        for length in (field..=candidate.len()).rev() {
            let place: Pointer = candidate[..length].iter().collect();
            if let Some(node) = document.get(&place) {
                // A mapping without the key: the value was not written.
                if length < candidate.len() && matches!(node.kind, NodeKind::Mapping(_)) {
                    break;
                }
                let span = document.locate(&Location::value(place));
                return format!("{}:{}", document.name(), document.line_column(span.start).0);
            }
        }
    }
    let service = segments.get(1).filter(|_| segments.first() == Some(&"services"));
    let preset = service.and_then(|name| {
        document.get(&["services", *name, "preset"].into_iter().collect())?;
        Some("preset")
    });
    preset.unwrap_or("default").to_owned()
}

/// The places of the manifest that a value of the project may have been written at.
fn candidates<'s>(segments: &[&'s str]) -> Vec<Vec<&'s str>> {
    let ["services", name, field, rest @ ..] = segments else { return vec![segments.to_vec()] };
    let place = |below: &[&'s str]| [&["services", *name], below, rest].concat();
    let within = |below: &[&'s str], rest: &[&'s str]| [&["services", *name], below, rest].concat();
    match (*field, rest) {
        ("local", _) => vec![place(&[])],
        ("development", _) => vec![place(&["dev"]), place(&[])],
        ("production", _) => vec![place(&["prod"]), place(&[])],
        ("deployment", _) => vec![place(&["prod"]), place(&["prod", "resources"])],
        ("health", ["test", ..]) => vec![within(&["healthcheck"], &[])],
        ("health", _) => vec![place(&["healthcheck"])],
        ("migration", _) => vec![place(&["migrate"])],
        ("devices", _) => vec![within(&["gpu"], &[])],
        ("image", ["built", part, rest @ ..]) => match *part {
            "folder" => vec![within(&["path"], &[])],
            "context" => vec![within(&["build", "context"], &[]), within(&["path"], &[])],
            "build_packages" => vec![within(&["packages", "build"], rest)],
            "runtime_packages" => vec![within(&["packages", "runtime"], rest)],
            "development_packages" => vec![within(&["packages", "development"], rest)],
            "args" | "secrets" | "snippets" => vec![within(&["build", part], rest)],
            "development_command" => {
                vec![within(&["dev", "command"], rest), within(&["command"], rest)]
            }
            "settings" => settings(name, rest),
            "volume_folders" => vec![within(&["volumes"], &[])],
            part => vec![within(&[part], rest)],
        },
        ("image", ["shared", ..]) => vec![within(&["extends"], &[])],
        ("image", ["ready", ..]) => {
            vec![within(&["image"], &[]), within(&["version"], &[]), within(&["preset"], &[])]
        }
        (field, rest) => vec![within(&[field], rest)],
    }
}

fn settings<'s>(name: &'s str, rest: &[&'s str]) -> Vec<Vec<&'s str>> {
    vec![[&["services", name], rest].concat()]
}
