//! Between them the manifests of `fixtures` reach every option: each key of the schema, each value
//! of a list, and each form that a value can be written in.
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a test asks the machine, and stops where something is wrong"
)]

mod support;

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;

use support::{options, render, root, systems, texts, try_render};

/// The keywords that hold alternatives.
const ALTERNATIVES: [&str; 2] = ["anyOf", "oneOf"];

#[test]
fn every_option_is_reached() {
    let schema = Schema::committed();
    let mut missing = schema.options();
    for manifest in manifests() {
        let mut used = BTreeSet::new();
        schema.mark(&schema.0, "", &manifest, &mut used);
        missing.retain(|option| !used.contains(option));
    }
    let missing: Vec<_> = missing.into_iter().collect();
    assert!(missing.is_empty(), "no manifest of fixtures/options has:\n{}", missing.join("\n"));
}

#[test]
fn what_is_not_reached_is_told() {
    let schema = Schema::committed();
    let mut used = BTreeSet::new();
    let manifest = serde_json::json!({
        "x-mine": 1,
        "engine": "podman",
        "services": {"web": {"command": ["a"], "ports": [80], "publish": null}},
    });
    schema.mark(&schema.0, "", &manifest, &mut used);
    let all = schema.options();
    for reached in ["/engine", "Engine = podman", "Command: array", "Service/ports: integer"] {
        assert!(used.contains(reached) && all.contains(reached), "{reached}: {used:#?}");
    }
    for missed in ["Engine = any", "Command: string", "Service/ports: string", "Service/publish"] {
        assert!(!used.contains(missed) && all.contains(missed), "{missed}: {all:#?}");
    }
    assert!(used.is_subset(&all), "{:#?}", used.difference(&all));
}

#[test]
fn what_is_written_has_an_effect() {
    let mut idle = Vec::new();
    for (topic, path) in options() {
        let text = fs::read_to_string(path).expect("a manifest");
        let manifest: Value = serde_yaml::from_str(&text).expect("YAML");
        let files = texts(&render(text.as_bytes()));
        let mut keys = Vec::new();
        keys_below(&manifest, "", &mut keys);
        for key in keys {
            let mut without = manifest.clone();
            let (above, name) = key.rsplit_once('/').expect("a pointer");
            if is_said_aloud(manifest.pointer(above).expect("there"), name) {
                continue;
            }
            let name = name.replace("~1", "/").replace("~0", "~");
            without.pointer_mut(above).and_then(Value::as_object_mut).expect("there").remove(&name);
            let without = serde_yaml::to_string(&without).expect("YAML");
            if try_render(without.as_bytes()).is_ok_and(|other| texts(&other) == files) {
                idle.push(format!("{topic}: {key}"));
            }
        }
    }
    assert!(idle.is_empty(), "without effect:\n{}", idle.join("\n"));
}

/// Values that say what holds without them.
const DEFAULTS: [(&str, &str); 11] = [
    ("engine", "any"),
    ("engine", "docker"),
    ("gpu", "false"),
    ("host_access", "false"),
    ("manager", "npm"),
    ("manager", "pip"),
    ("reload", "true"),
    ("restart", "unless-stopped"),
    ("serve", "server"),
    ("serve", "static"),
    ("tcp", "true"),
];

/// Whether a key says what holds without it, or nothing but keys of one's own.
fn is_said_aloud(above: &Value, key: &str) -> bool {
    let value = &above[key];
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    // Beside a Dockerfile of one's own a stack is a word for people.
    let own = above.get("dockerfile").is_some() && key == "stack";
    own || DEFAULTS.contains(&(key, text.as_str())) || is_empty(value)
}

fn is_empty(value: &Value) -> bool {
    let said = |(key, value): (&String, &Value)| {
        key.starts_with("x-") || is_said_aloud(&serde_json::json!({ key: value }), key)
    };
    value.as_object().is_some_and(|entries| entries.iter().all(said))
}

/// The pointers of all keys but one's own.
fn keys_below(value: &Value, above: &str, keys: &mut Vec<String>) {
    for (key, value) in value.as_object().into_iter().flatten() {
        let pointer = format!("{above}/{}", key.replace('~', "~0").replace('/', "~1"));
        if !key.starts_with("x-") {
            keys_below(value, &pointer, keys);
            keys.push(pointer);
        }
    }
    for (index, value) in value.as_array().into_iter().flatten().enumerate() {
        keys_below(value, &format!("{above}/{index}"), keys);
    }
}

#[test]
fn every_option_says_what_it_is_about() {
    for (topic, path) in options() {
        let text = fs::read_to_string(path).expect("a manifest");
        let first = text.lines().next().unwrap_or_default();
        assert!(first.starts_with("# ") && first.ends_with('.'), "{topic}: {first}");
    }
}

fn manifests() -> impl Iterator<Item = Value> {
    let systems = systems().into_iter().map(|(_, folder)| folder.join("input/gen.yaml"));
    systems.chain(options().into_iter().map(|(_, path)| path)).map(|path| {
        let text = fs::read_to_string(&path).expect("a manifest");
        serde_yaml::from_str(&text).expect("YAML")
    })
}

/// The schema of manifests.
struct Schema(Value);

impl Schema {
    fn committed() -> Self {
        let text = fs::read_to_string(root().join("schema/gen.schema.json")).expect("the schema");
        Self(serde_json::from_str(&text).expect("JSON"))
    }

    /// Every option that there is, by a name of its own.
    fn options(&self) -> BTreeSet<String> {
        let mut options = BTreeSet::new();
        self.collect(&self.0, "", &mut options);
        let definitions = self.0["definitions"].as_object().expect("definitions");
        for (name, definition) in definitions {
            self.collect(definition, name, &mut options);
        }
        options
    }

    fn collect(&self, schema: &Value, name: &str, options: &mut BTreeSet<String>) {
        options.extend(schema.get("const").map(|value| constant(name, value)));
        for form in forms(schema) {
            options.insert(format!("{name}: {form}"));
        }
        for branch in branches(schema) {
            options.extend(self.form(branch, name));
            self.collect(branch, name, options);
        }
        for (key, property) in schema["properties"].as_object().into_iter().flatten() {
            let name = format!("{name}/{key}");
            options.insert(name.clone());
            self.collect(property, &name, options);
        }
        for pattern in schema["patternProperties"].as_object().into_iter().flatten() {
            options.insert(format!("{name}/{}", pattern.0));
        }
        for key in schema["propertyNames"]["enum"].as_array().into_iter().flatten() {
            options.insert(constant(name, key));
        }
        for below in ["items", "additionalProperties"].iter().filter_map(|key| schema.get(key)) {
            self.collect(below, name, options);
        }
    }

    /// What a value uses of a schema.
    fn mark(&self, schema: &Value, name: &str, value: &Value, used: &mut BTreeSet<String>) {
        if value.is_null() {
            return;
        }
        if let Some(definition) = definition(schema) {
            let schema = &self.0["definitions"][definition];
            return self.mark(schema, definition, value, used);
        }
        used.extend(schema.get("const").map(|value| constant(name, value)));
        let form = forms(schema).into_iter().find(|form| is_of(form, value));
        used.extend(form.map(|form| format!("{name}: {form}")));
        for part in schema["allOf"].as_array().into_iter().flatten() {
            self.mark(part, name, value, used);
        }
        // The first that fits is what the value is: a whole number is a number as well.
        if let Some(branch) = branches(schema).find(|branch| self.fits(branch, value)) {
            used.extend(self.form(branch, name));
            self.mark(branch, name, value, used);
        }
        for (key, value) in value.as_object().into_iter().flatten().filter(|pair| !pair.1.is_null())
        {
            used.extend(
                schema["propertyNames"].get("enum").map(|_| constant(name, &key.clone().into())),
            );
            if let Some(property) = schema["properties"].get(key) {
                let name = format!("{name}/{key}");
                self.mark(property, &name, value, used);
                used.insert(name);
            } else if key.starts_with("x-") && schema.get("patternProperties").is_some() {
                used.insert(format!("{name}/^x-"));
            } else {
                self.mark_below(schema, "additionalProperties", name, value, used);
            }
        }
        for item in value.as_array().into_iter().flatten() {
            self.mark_below(schema, "items", name, item, used);
        }
    }

    fn mark_below(
        &self,
        schema: &Value,
        keyword: &str,
        name: &str,
        value: &Value,
        used: &mut BTreeSet<String>,
    ) {
        if let Some(below) = schema.get(keyword) {
            self.mark(below, name, value, used);
        }
    }

    /// The name of one of several forms. That a value may be left out is none.
    fn form(&self, branch: &Value, name: &str) -> Option<String> {
        if branch.get("const").is_some() || branch["type"] == "null" {
            return None;
        }
        let form = definition(branch)
            .or_else(|| definition(&branch["allOf"][0]))
            .or_else(|| branch["type"].as_str())?;
        Some(format!("{name}: {form}"))
    }

    fn fits(&self, branch: &Value, value: &Value) -> bool {
        if let Some(definition) = definition(branch) {
            return self.fits(&self.0["definitions"][definition], value);
        }
        if let Some(constant) = branch.get("const") {
            return constant == value;
        }
        if let Some(part) = branch["allOf"].get(0) {
            return self.fits(part, value);
        }
        if branches(branch).next().is_some() {
            return branches(branch).any(|branch| self.fits(branch, value));
        }
        let types = match &branch["type"] {
            Value::Array(types) => types.iter().collect(),
            one => vec![one],
        };
        types.iter().filter_map(|name| name.as_str()).any(|name| is_of(name, value))
    }
}

fn constant(name: &str, value: &Value) -> String {
    format!("{name} = {}", value.as_str().unwrap_or_default())
}

fn definition(schema: &Value) -> Option<&str> {
    schema["$ref"].as_str()?.strip_prefix("#/definitions/")
}

fn branches(schema: &Value) -> impl Iterator<Item = &Value> {
    ALTERNATIVES.iter().filter_map(|keyword| schema[keyword].as_array()).flatten()
}

/// The forms of a value that can be written in several.
fn forms(schema: &Value) -> Vec<&str> {
    let types = schema["type"].as_array().into_iter().flatten();
    let forms: Vec<_> = types.filter_map(Value::as_str).filter(|form| *form != "null").collect();
    if forms.len() > 1 { forms } else { Vec::new() }
}

fn is_of(name: &str, value: &Value) -> bool {
    match name {
        "array" => value.is_array(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "object" => value.is_object(),
        "string" => value.is_string(),
        _ => false,
    }
}
