//! Words of a shell, and the library of the scripts, which bash itself reads.

use std::fs;
use std::process::{Command, Stdio};

use super::{ACTIVE, Fact, Facts};

/// The words of commands. Operators, and what a shell would expand, are marked.
pub fn words(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            ' ' | '\t' | '\n' => {
                words.extend(word.take());
                if c == '\n' {
                    words.push(format!("{ACTIVE}newline"));
                }
            }
            '\'' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next() {
                        Some('\'') => break,
                        Some(c) => word.push(c),
                        None => return Err(format!("an open `'` in {text:?}")),
                    }
                }
            }
            '"' => {
                let word = word.get_or_insert_default();
                loop {
                    match characters.next() {
                        Some('"') => break,
                        Some('\\') => match characters.next() {
                            Some(c @ ('"' | '\\' | '$' | '`')) => word.push(c),
                            Some('\n') => {}
                            Some(c) => word.extend(['\\', c]),
                            None => return Err(format!("an open `\"` in {text:?}")),
                        },
                        Some(c @ ('$' | '`')) => word.extend([ACTIVE, c]),
                        Some(c) => word.push(c),
                        None => return Err(format!("an open `\"` in {text:?}")),
                    }
                }
            }
            '\\' => match characters.next() {
                Some('\n') => {}
                Some(c) => word.get_or_insert_default().push(c),
                None => return Err(format!("a `\\` at the end of {text:?}")),
            },
            '&' | '|' | ';' | '<' | '>' | '(' | ')' => {
                words.extend(word.take());
                words.push(format!("{ACTIVE}{c}"));
            }
            '$' | '`' | '*' | '?' | '[' => word.get_or_insert_default().extend([ACTIVE, c]),
            '~' | '#' | '{' | '}' | '!' if word.is_none() => word = Some(format!("{ACTIVE}{c}")),
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

/// The words of a line that no shell sees: split at blanks, with quotes, escapes and comments as a
/// shell has them, and nothing else.
pub fn split(text: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match (c, quote) {
            (_, Some(open)) if c == open => quote = None,
            ('\\', Some('"')) => match characters.next() {
                Some(c @ ('"' | '\\' | '$' | '`')) => word.get_or_insert_default().push(c),
                Some('\n') => {}
                Some(c) => word.get_or_insert_default().extend(['\\', c]),
                None => return Err(format!("an open quote in {text:?}")),
            },
            (_, Some(_)) => word.get_or_insert_default().push(c),
            (' ' | '\t' | '\n', None) => words.extend(word.take()),
            ('#', None) if word.is_none() => while characters.next().is_some_and(|c| c != '\n') {},
            ('\'' | '"', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            ('\\', None) => match characters.next() {
                Some('\n') => {}
                Some(c) => word.get_or_insert_default().push(c),
                None => return Err(format!("a `\\` at the end of {text:?}")),
            },
            (c, None) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    match quote {
        Some(_) => Err(format!("an open quote in {text:?}")),
        None => Ok(words),
    }
}

/// The words of a command, of which `air` gives those behind `--` to a shell.
pub fn watched(words: Vec<String>) -> Vec<String> {
    if words.first().is_none_or(|program| program != "air") {
        return words;
    }
    let Some(end) = words.iter().position(|word| word == "--") else { return words };
    let line = words[end + 1..].join(" ");
    match self::words(&line) {
        Ok(rest) => words[..=end].iter().cloned().chain(rest).collect(),
        Err(_) => words,
    }
}

/// What `lib.sh` holds once bash has read it, in a folder and with a `PATH` that have nothing in
/// them: whatever it would run is told of instead.
pub fn library(text: &str) -> Result<Facts, String> {
    const SCRIPT: &str = r#"
command_not_found_handle() { printf 'ran\0%s\0' "$*"; }
dirname() { printf '%s\n' .; }
cat() { local line; while IFS= read -r line; do printf '%s\n' "$line"; done; }
. ./lib.sh
for name in PROJECT REGISTRY LOCAL_TAG DEVELOPMENT_TAG; do printf '%s\0%s\0' "$name" "${!name}"; done
builds | while IFS= read -r line; do printf 'build\0%s\0' "$line"; done
secrets | while IFS= read -r line; do printf 'secret\0%s\0' "$line"; done
declare -F | while read -r _ _ name; do printf 'function\0%s\0' "$name"; done
"#;
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    let file = folder.path().join("lib.sh");
    fs::write(file, text).map_err(|error| error.to_string())?;
    let output = Command::new("/usr/bin/env")
        .args(["-i", "PATH=/nowhere", "/bin/bash", "--norc", "--noprofile", "-c", SCRIPT])
        .current_dir(folder.path())
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    let entries = fs::read_dir(folder.path()).map_err(|error| error.to_string())?;
    if entries.count() != 1 {
        return Err("something was written while lib.sh was read".into());
    }
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() || !told.is_empty() {
        return Err(format!("bash says {told:?}"));
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let mut facts = Facts::new();
    let mut parts = text.split_terminator('\0');
    while let (Some(place), Some(value)) = (parts.next(), parts.next()) {
        if place == "ran" {
            return Err(format!("reading lib.sh runs {value:?}"));
        }
        facts.push((place.to_owned(), Fact::Text(value.to_owned())));
    }
    // The rest is the same for every project: what differs is above.
    Ok(facts)
}
