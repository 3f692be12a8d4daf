//! What is wrong with keys: unknown, missing, badly named.

use jsonschema::ValidationError;
use serde_json::Value;

use super::describe::{choice, list, meaning, name, words};
use super::explain::Judge;
use super::mend::matches;
use crate::diagnostic::suggest::nearest;
use crate::diagnostic::{Code, Diagnostic, Location, word};
use crate::pointer::Pointer;

/// More keys than this are not listed.
const MAXIMUM_LIST: usize = 12;

/// Keys that people know from Compose, and what takes their place.
const FROM_COMPOSE: [(&str, &str); 12] = [
    ("container_name", "leave it out: engines name containers after project and service"),
    ("deploy", "write `replicas` and `resources` under `prod`"),
    ("depends", "write `depends_on`"),
    ("entrypoint", "write all of it as `command`"),
    ("env", "write `environment`"),
    ("env_file", "list the variables under `environment`; `{from: NAME}` takes one from `.env`"),
    ("expose", "write `port`: services reach each other's ports without more"),
    ("hostname", "leave it out: a service is reached under its own name"),
    ("links", "name the services under `depends_on`"),
    ("network_mode", "leave it out: the services of a project share a network"),
    ("networks", "leave it out: the services of a project share a network"),
    ("user", "leave it out: production runs as a user without privileges"),
];

impl Judge<'_> {
    pub(super) fn unknown_keys(
        &self,
        parent: &Pointer,
        schema: &Value,
        keys: &[String],
    ) -> Vec<Diagnostic> {
        let written = self.document.get(parent);
        let known = properties(schema);
        let free = |key: &&str| written.is_none_or(|node| node.entry(key).is_none());
        // A key that is there already is not what another one was meant to be.
        let free: Vec<_> = known.iter().copied().filter(free).collect();
        let keys = keys.iter().take(super::MAXIMUM_PROBLEMS + 1);
        keys.map(|key| self.unknown_key(parent, schema, key, &known, &free)).collect()
    }

    fn unknown_key(
        &self,
        parent: &Pointer,
        schema: &Value,
        key: &str,
        known: &[&str],
        free: &[&str],
    ) -> Diagnostic {
        let at = Location::key(parent.join(key));
        let place = match parent.split_last() {
            None => "at the top level".to_owned(),
            Some(_) => format!("in {}", name(self.document, parent)),
        };
        let problem = Diagnostic::error(
            Code::UnknownKey,
            at.clone(),
            format!("unknown key {} {place}", word(key)),
        );
        if let Some(nearest) = nearest(key, free.iter().copied()) {
            return problem.help(format!("did you mean `{nearest}`?")).patch(at, nearest);
        }
        if let Some(elsewhere) = self.elsewhere(parent, schema, key) {
            return problem.label("not here").help(elsewhere);
        }
        if let Some((_, advice)) = FROM_COMPOSE.iter().find(|(known, _)| *known == key) {
            return problem.help(*advice);
        }
        if known.len() <= MAXIMUM_LIST {
            return problem.help(format!("known here: {}", list(known)));
        }
        problem.help("`gen schema` prints all keys; keys that begin with `x-` are passed over")
    }

    /// Where a key would be known: one level further down, or further up.
    fn elsewhere(&self, parent: &Pointer, schema: &Value, key: &str) -> Option<String> {
        let below = schema["properties"].as_object()?.iter().find(|(_, property)| {
            self.follow(property).is_some_and(|schema| schema["properties"].get(key).is_some())
        });
        if let Some((below, _)) = below {
            return Some(format!("`{key}` belongs under `{below}`"));
        }
        let (up, _) = parent.split_last()?;
        let above = self.schema_at(&up)?;
        above["properties"].get(key)?;
        let place = match up.split_last() {
            None => "the top of the manifest".to_owned(),
            Some((_, name)) => word(name),
        };
        Some(format!("`{key}` belongs one level up, to {place}"))
    }

    /// The one alternative of a schema that has fixed keys.
    fn follow<'s>(&'s self, schema: &'s Value) -> Option<&'s Value> {
        super::judge::alternatives(self.schema, schema)
            .into_iter()
            .find(|schema| schema["properties"].is_object())
    }

    /// The schema with fixed keys at a place.
    fn schema_at(&self, pointer: &Pointer) -> Option<&Value> {
        let mut schema = self.schema;
        for segment in pointer.segments() {
            schema =
                super::judge::alternatives(self.schema, schema).into_iter().find_map(|schema| {
                    let property = schema["properties"].get(segment);
                    property.or_else(|| schema.get("additionalProperties")).or(schema.get("items"))
                })?;
        }
        self.follow(schema)
    }

    pub(super) fn missing_key(&self, parent: &Pointer, schema: &Value, key: &str) -> Diagnostic {
        let property = &schema["properties"][key];
        let meaning = meaning(self.schema, property);
        let at = Location::key(parent.clone());
        if parent.split_last().is_some() {
            let name = name(self.document, parent);
            let problem =
                Diagnostic::error(Code::MissingKey, at, format!("{name} lacks the key `{key}`"));
            return match meaning {
                Some(meaning) => problem.help(format!("add `{key}`: {}", lower_first(&meaning))),
                None => problem.help(format!("add `{key}: …`")),
            };
        }
        let problem =
            Diagnostic::error(Code::MissingKey, at, format!("the manifest lacks the key `{key}`"));
        let start = self.document.root().span.start;
        match key {
            "version" => problem
                .help("say which format the manifest has")
                .patch(Location::span(start..start), "version: 1\n"),
            "name" => problem.help("add `name: …`: images, volumes and networks carry it"),
            "services" => problem.help("add `services:` and below it at least one service, for example `web: {stack: node, path: web}`"),
            _ => problem.help(format!("add `{key}: …`")),
        }
    }

    pub(super) fn bad_name(
        &self,
        parent: &Pointer,
        schema: &Value,
        key: &str,
        error: &ValidationError<'_>,
    ) -> Diagnostic {
        let at = Location::key(parent.join(key));
        let names = schema.get("propertyNames").unwrap_or(schema);
        let place = name(self.document, parent);
        let problem = |text: String| Diagnostic::error(Code::BadName, at.clone(), text);
        let words = words(&[names]);
        if !words.is_empty() {
            let problem = problem(format!("unknown key {} in {place}", word(key)))
                .label(format!("expected {}", choice(&words)));
            return match nearest(key, words.iter().copied()) {
                Some(word) => problem.help(format!("did you mean `{word}`?")).patch(at, word),
                None => problem,
            };
        }
        let expected = names["x-expected"].as_str().unwrap_or("another name");
        let problem = if key.is_empty() {
            problem(format!("a name in {place} must not be empty"))
        } else {
            problem(format!("{} cannot be a name in {place}", word(key)))
        };
        let problem = problem.help(format!("use {expected}"));
        // Only patterns remain, and there the nearest good name can be tried.
        match mended(key)
            .find(|name| error.kind().keyword() == "pattern" && matches(&names["pattern"], name))
        {
            Some(name) => problem.patch(at, name),
            None => problem,
        }
    }
}

/// Names that are like this one, from the nearest on.
fn mended(name: &str) -> impl Iterator<Item = String> {
    let simple = |separator: &str| {
        let words: Vec<_> = name
            .split(|character: char| !character.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        words.join(separator)
    };
    let (dashed, scored) = (simple("-"), simple("_"));
    let lower = [dashed.to_lowercase(), scored.to_lowercase()];
    [dashed, scored].into_iter().chain(lower)
}

fn properties(schema: &Value) -> Vec<&str> {
    schema["properties"]
        .as_object()
        .map_or_else(Vec::new, |keys| keys.keys().map(String::as_str).collect())
}

fn lower_first(text: &str) -> String {
    let mut characters = text.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => String::new(),
    }
}

/// A mistyped required key is unknown and missing at once. One message is enough.
pub(super) fn drop_echoes(diagnostics: &mut Vec<Diagnostic>) {
    let mended: Vec<_> = diagnostics
        .iter()
        .filter(|diagnostic| diagnostic.code == Code::UnknownKey)
        .filter_map(|diagnostic| {
            let (parent, _) = diagnostic.location.pointer.split_last()?;
            Some((parent, format!("lacks the key `{}`", diagnostic.patch.as_ref()?.replacement)))
        })
        .collect();
    diagnostics.retain(|diagnostic| {
        diagnostic.code != Code::MissingKey
            || !mended.iter().any(|(parent, title)| {
                diagnostic.location.pointer == *parent && diagnostic.title.ends_with(title)
            })
    });
}
