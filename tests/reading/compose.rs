//! Compose files, and other YAML: the values, with variables taken apart as the programs do.

use serde_yaml::Value;

use super::{ACTIVE, Fact, Facts};

pub fn read(text: &str) -> Result<Facts, String> {
    // Prose is broken into lines where they are full.
    let prose = text.lines().filter_map(|line| line.trim_start().strip_prefix('#'));
    let prose: Vec<_> = prose.flat_map(str::split_whitespace).collect();
    let mut facts = vec![("comments".to_owned(), Fact::Text(prose.join(" ")))];
    let value: Value = serde_yaml::from_str(text).map_err(|error| error.to_string())?;
    walk(&value, "", &mut facts)?;
    Ok(facts)
}

fn walk(value: &Value, place: &str, facts: &mut Facts) -> Result<(), String> {
    match value {
        Value::Mapping(map) => {
            if map.is_empty() {
                facts.push((place.to_owned(), Fact::Text("{}".into())));
            }
            for (key, value) in map {
                let key = key.as_str().ok_or_else(|| format!("{place}: a key that is no text"))?;
                walk(value, &format!("{place}/{key}"), facts)?;
            }
        }
        Value::Sequence(items) => {
            let key = place.rsplit('/').next().unwrap_or_default();
            if matches!(key, "command" | "entrypoint" | "test") {
                let words = items.iter().map(|item| item.as_str().ok_or("a word that is no text"));
                let words: Result<Vec<_>, _> = words.collect();
                let words: Result<Vec<_>, _> = words?.into_iter().map(interpolated).collect();
                facts.push((place.to_owned(), Fact::Words(super::shell::watched(words?))));
                return Ok(());
            }
            for item in items {
                walk(item, &format!("{place}[]"), facts)?;
            }
        }
        // A test that is a text is a line for a shell.
        Value::String(text) if place.ends_with("/healthcheck/test") => {
            let words = super::shell::words(&interpolated(text)?)?;
            facts.push((place.to_owned(), Fact::Words(words)));
        }
        Value::String(text) => {
            facts.push((place.to_owned(), Fact::Text(interpolated(text)?)));
        }
        other => facts.push((place.to_owned(), Fact::Text(format!("{ACTIVE}{other:?}")))),
    }
    Ok(())
}

/// A text after variables were replaced: `$$` is a `$`, and what is replaced is marked.
///
/// The rules are those that Docker Compose and podman-compose share: a default goes as far as the
/// first `}`, and holds neither braces nor dollars, with which each of them does something else.
pub fn interpolated(text: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('$') {
        out.push_str(&rest[..start]);
        rest = &rest[start + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
            continue;
        }
        let Some(inner) = rest.strip_prefix('{') else {
            return Err(format!("a lone `$` in {text:?}"));
        };
        let (inner, after) = inner.split_once('}').ok_or(format!("an open `${{` in {text:?}"))?;
        let (name, default) = inner.split_once(":-").unwrap_or((inner, ""));
        let is_name =
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        if !is_name || default.contains(['$', '{', '\n']) {
            return Err(format!("the programs read {text:?} in several ways"));
        }
        out.push_str(&format!("{ACTIVE}{name}{ACTIVE}{default}{ACTIVE}"));
        rest = after;
    }
    out.push_str(rest);
    Ok(out)
}
