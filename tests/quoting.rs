//! Arbitrary text at every place of the manifest: it is refused there, or every reader of the
//! generated files finds it unchanged, in its place, and nothing runs it.
//!
//! Nothing is listed by hand: the places are those of the manifests that are tried, and a test
//! holds those to the schema. Of each place, a harmless text is compiled first. What readers find
//! of it in the files has to be what they find of the hostile text, once the one is put in the
//! place of the other.
//!
//! `QUOTING_CASES=500 cargo test --test quoting` tries so many texts at each place.
#![allow(
    clippy::disallowed_methods,
    clippy::panic,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    unreachable_pub,
    reason = "a test asks the machine, and stops where something is wrong"
)]
#![cfg(unix)]

mod reading;
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use composegen::compile::{CompileError, compile};
use composegen::diagnostic::{Part, Report, Severity};
use composegen::document::Document;
use composegen::pointer::Pointer;
use composegen::tree::AnyTree;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use reading::{Fact, Facts};
use serde_json::Value;

/// A text that is nowhere else in any file.
const PROBE: &str = "zqxprobe";

/// The same for a folder.
const FOLDER: &str = "zqxfolder";

/// What may have to stand around a text for a place to take it.
const AROUND: [(&str, &str); 12] = [
    ("", ""),
    ("RUN ", ""),
    ("./", ""),
    ("/", ""),
    ("/app/", ""),
    ("/run/secrets/", ""),
    ("docker.io/library/", ":1"),
    ("localhost/", ""),
    ("https://example.org/", ""),
    ("example.com/", "=0"),
    ("npm@1.", ""),
    ("./src/", ""),
];

/// Texts that each break something when they are not quoted; the first are tried everywhere.
const HOSTILE: [&str; 96] = [
    "$(touch CANARY)",
    "`touch CANARY`",
    "${X}",
    "it's \"quoted\"",
    "a\nRUN touch CANARY",
    "back\\",
    "a b",
    "#x",
    "é",
    "yes",
    "a,b=c",
    "-x",
    // From here on a part of them is tried at each place.
    "",
    " ",
    "\t",
    " leading",
    "trailing ",
    "$X",
    "$$",
    "$$X",
    "$",
    "a$",
    "${X:-y}",
    "${X:?stop}",
    "}",
    "{",
    "a}b",
    "a{b",
    "x${",
    "'",
    "\"",
    "\"\"\"",
    "'; touch CANARY; '",
    "\"; touch CANARY; \"",
    "a; touch CANARY",
    "a && touch CANARY",
    "a | touch CANARY",
    "a\r\nb",
    "a\rb",
    "a\tb",
    "a\0b",
    "\u{1b}[31mred",
    "a\u{7f}b",
    "a\u{85}b",
    "a\u{2028}b",
    "a\u{202e}b",
    "a\u{2066}b",
    "\u{feff}a",
    "a\u{feff}",
    "a\u{200b}b",
    "a\u{a0}b",
    "\u{3000}",
    "a\u{fffe}b",
    "a\u{ffff}",
    "a\u{e000}b",
    "a\u{301}",
    "日本語",
    "\u{1f600}",
    "\u{10ffff}",
    "${{ github.token }}",
    "{{ x }}",
    "{{.Names}}",
    "{% x %}",
    "{{{ x }}}",
    "{{% x %}}",
    "{{# x #}}",
    "%",
    "%s%n",
    "a: b",
    "a:",
    ": a",
    "- a",
    "---",
    "...",
    "no",
    "on",
    "null",
    "~",
    "~/x",
    "1e3",
    "0x1f",
    "3.10",
    "2024-01-01",
    "22:22",
    "0o17",
    ".inf",
    "<<",
    "<<EOF",
    "a <<EOF",
    "\\n",
    "\\",
    "a\\\nb",
    "*",
    "&a",
    "!tag",
    "[a",
];

/// The rest of them, where a list has no more room; all are tried like the others.
const MORE: [&str; 22] = [
    "{a: b}",
    "@x",
    "|",
    ">",
    "?",
    "--mount=type=bind,target=/",
    "--help",
    "/etc/passwd",
    "../x",
    "a/../../b",
    "a//b",
    "CON",
    "TABLE",
    "_END",
    "EOF",
    "a=b",
    "A=b c",
    "a@b",
    "a+b",
    "x\u{1f468}\u{200d}\u{1f469}",
    "!",
    "x'y",
];

/// Instructions of one's own that try to leave their stage, or to take the next one's with them.
const SNIPPETS: [&str; 16] = [
    "RUN a \\\\\nFROM scratch AS production",
    "RUN a \\\\\\\nFROM scratch AS production",
    "RUN echo \"<<EOF\"\nFROM scratch\nEOF",
    "RUN echo '<<EOF'\nFROM scratch\nEOF",
    "RUN echo a<<EOF\nFROM scratch\nEOF",
    "RUN echo $((1<<EOF))\nFROM scratch\nEOF",
    "RUN echo \\<<EOF\nFROM scratch\nEOF",
    "RUN # <<EOF\nFROM scratch\nEOF",
    "ENV A=<<EOF\nFROM scratch\nEOF",
    "LABEL a=<<EOF\nFROM scratch\nEOF",
    "RUN <<EOF\na\nEOF",
    "RUN <<EOF\n\n\na  \n\n\n\tb\nEOF",
    "RUN <<-EOF\n\ta\n\tEOF",
    "RUN <<A cat <<B\na\nA\nb\nB",
    "RUN <<A cat <<B\na\nA\nFROM scratch\nB",
    "RUN cat <<\"E F\"\nFROM scratch\nE F",
];

/// Manifests that have every place between them.
const MANIFESTS: [(&str, &str); 9] = [
    ("poetry", include_str!("quoting/poetry.yaml")),
    ("uv", include_str!("quoting/uv.yaml")),
    ("pip", include_str!("quoting/pip.yaml")),
    ("server", include_str!("quoting/server.yaml")),
    ("site", include_str!("quoting/site.yaml")),
    ("go", include_str!("quoting/go.yaml")),
    ("images", include_str!("quoting/images.yaml")),
    ("fronts", include_str!("quoting/fronts.yaml")),
    ("presets", include_str!("quoting/presets.yaml")),
];

// ---------------------------------------------------------------------------------------------
// Places

/// A place whose text is replaced.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// The value there.
    Value(Vec<String>),
    /// The last key.
    Key(Vec<String>),
}

impl Place {
    fn steps(&self) -> &[String] {
        match self {
            Self::Value(steps) | Self::Key(steps) => steps,
        }
    }

    /// The place, with names and numbers left out.
    fn pattern(&self, patterns: &BTreeSet<Vec<String>>) -> Option<Vec<String>> {
        let steps = self.steps();
        let fits = |pattern: &&Vec<String>| {
            pattern.len() == steps.len()
                && pattern.iter().zip(steps).all(|(a, b)| a == b || a == "*" || a == "[]")
        };
        patterns.iter().find(fits).cloned()
    }

    /// The manifest with another text there; `None` where that changes nothing.
    fn with(&self, manifest: &Value, text: &str) -> Option<Value> {
        let mut new = manifest.clone();
        let (last, above) = self.steps().split_last()?;
        let node = above.iter().try_fold(&mut new, |node, step| match node {
            Value::Array(items) => items.get_mut(step.parse::<usize>().ok()?),
            other => other.get_mut(step),
        })?;
        match (self, node) {
            (Self::Value(_), Value::Array(items)) => {
                items[last.parse::<usize>().ok()?] = text.into();
            }
            (Self::Value(_), Value::Object(map)) => {
                map.insert(last.clone(), text.into());
            }
            (Self::Key(_), Value::Object(map)) => {
                if map.contains_key(text) {
                    return None;
                }
                let value = map.remove(last)?;
                map.insert(text.into(), value);
            }
            _ => return None,
        }
        Some(new)
    }

    /// Whether a problem of these steps is about this place once `text` stands there.
    fn is_near(&self, other: &Pointer, text: &str) -> bool {
        let other: Vec<&str> = other.segments().collect();
        let mut own: Vec<&str> = self.steps().iter().map(String::as_str).collect();
        if matches!(self, Self::Key(_)) {
            own.pop();
            own.push(text);
        }
        // The whole document is near its own keys only.
        let related = own.iter().zip(&other).all(|(a, b)| a == b);
        related && (!other.is_empty() || own.len() < 2)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = if matches!(self, Self::Key(_)) { " (key)" } else { "" };
        write!(f, "/{}{key}", self.steps().join("/"))
    }
}

/// Every plain value and every key.
fn places(value: &Value, steps: &mut Vec<String>, found: &mut Vec<Place>) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                steps.push(key.clone());
                found.push(Place::Key(steps.clone()));
                places(value, steps, found);
                steps.pop();
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                steps.push(index.to_string());
                places(item, steps, found);
                steps.pop();
            }
        }
        _ => found.push(Place::Value(steps.clone())),
    }
}

/// The manifest as YAML in which every character that any YAML reader could stumble over is
/// escaped: what is tried is what the values become, not the reader of manifests.
fn write(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            out.push('{');
            for (index, (key, value)) in map.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                // A key may not be longer than a line of 1024 characters without a `?` before it.
                write_text(key, out);
                out.push_str(": ");
                write(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                write(item, out);
            }
            out.push(']');
        }
        Value::String(text) => write_text(text, out),
        other => out.push_str(&other.to_string()),
    }
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || (c.is_ascii_graphic() && !"\"\\".contains(c)) || c == ' ' {
            out.push(c);
        } else {
            out.push_str(&format!("\\U{:08x}", u32::from(c)));
        }
    }
    out.push('"');
}

fn yaml(manifest: &Value) -> String {
    let mut text = String::new();
    write(manifest, &mut text);
    text.push('\n');
    text
}

// ---------------------------------------------------------------------------------------------
// Trying

/// What became of a manifest.
enum Outcome {
    Files(BTreeMap<String, String>),
    Refused(Box<Report>),
}

/// Compiles, and holds a fault and a panic for the bugs that they are.
fn outcome(manifest: &Value) -> Result<Outcome, String> {
    let text = yaml(manifest);
    let compiled = catch_unwind(AssertUnwindSafe(|| {
        let document = match Document::parse("gen.yaml", text.as_bytes()) {
            Ok(document) => document,
            Err(report) => return Ok(Outcome::Refused(report)),
        };
        match compile(&document, &AnyTree) {
            Ok(done) => Ok(Outcome::Files(support::texts(&done.files))),
            Err(CompileError::Invalid(problems)) => {
                Ok(Outcome::Refused(Box::new(Report::new(document, problems))))
            }
            Err(CompileError::Fault(fault)) => Err(format!("a fault: {fault}")),
        }
    }));
    compiled.unwrap_or_else(|_| Err("a panic".into()))
}

/// What readers find in the files; the same text is read once.
fn facts(files: &BTreeMap<String, String>, known: &mut Known) -> Result<Facts, String> {
    let mut all = Facts::new();
    for (path, text) in files {
        let place = (path.clone(), text.clone());
        if let Some(facts) = known.get(&place) {
            all.extend(facts.iter().cloned());
            continue;
        }
        let facts = reading::read(path, text).map_err(|error| format!("{path}: {error}"))?;
        known.insert(place, facts.clone());
        all.extend(facts);
    }
    Ok(all)
}

type Files = BTreeMap<String, String>;
type Known = BTreeMap<(String, String), Facts>;

/// A place, ready to be tried.
struct Trial<'m> {
    manifest: &'m Value,
    place: Place,
    /// What has to stand around a text, and what becomes of [`PROBE`] there; `None` where no text
    /// of one's own is taken.
    probe: Option<(&'static str, &'static str, BTreeMap<String, String>)>,
    original: Files,
    known: Known,
}

impl<'m> Trial<'m> {
    fn new(manifest: &'m Value, original: Files, place: Place, is_text: bool) -> Self {
        let around = AROUND.into_iter().filter(|_| is_text);
        let probe = around.into_iter().find_map(|(before, after)| {
            let new = place.with(manifest, &format!("{before}{PROBE}{after}"))?;
            match outcome(&new) {
                Ok(Outcome::Files(files)) => Some((before, after, files)),
                _ => None,
            }
        });
        Self { manifest, place, probe, original, known: Known::new() }
    }

    fn is(&self, key: &str) -> bool {
        self.place.steps().iter().any(|step| step == key)
    }

    /// Whether the text is a line that is split into words.
    fn is_line(&self) -> bool {
        let last = self.place.steps().last().map_or("", String::as_str);
        matches!(self.place, Place::Value(_)) && ["command", "migrate", "collect"].contains(&last)
    }

    /// Tries a text, alone and with what the place wants around it.
    fn judge(&mut self, text: &str) -> Result<(), String> {
        self.one("", "", text)?;
        match self.probe {
            Some((before, after, _)) if !before.is_empty() || !after.is_empty() => {
                self.one(before, after, text)
            }
            _ => Ok(()),
        }
    }

    fn one(&mut self, before: &str, after: &str, text: &str) -> Result<(), String> {
        let whole = format!("{before}{text}{after}");
        let Some(new) = self.place.with(self.manifest, &whole) else { return Ok(()) };
        match outcome(&new)? {
            Outcome::Refused(report) => self.refused(&report, &whole),
            Outcome::Files(files) => self.accepted(&files, before, after, text),
        }
    }

    /// A problem is told at the place, in words that a terminal can be given.
    fn refused(&self, report: &Report, whole: &str) -> Result<(), String> {
        let errors = report.diagnostics.iter().filter(|d| d.severity == Severity::Error);
        let mut places: Vec<&Pointer> = Vec::new();
        let mut by_span = false;
        for error in errors {
            by_span |= matches!(error.location.part, Part::Span(_));
            places.push(&error.location.pointer);
            places.extend(error.labels.iter().map(|(location, _)| &location.pointer));
        }
        // A name that others call by is missed where they call it.
        let is_called = matches!(self.place, Place::Key(_))
            && calls(self.manifest, self.place.steps().last().map_or("", String::as_str));
        let near = places.iter().any(|pointer| self.place.is_near(pointer, whole));
        if !near && !is_called && !by_span {
            let places: Vec<_> = places.iter().map(ToString::to_string).collect();
            return Err(format!("refused elsewhere: {places:?}"));
        }
        let told = report.render(false);
        match told.chars().find(|c| c.is_control() && *c != '\n' || bidirectional(*c)) {
            Some(found) => Err(format!("the message has {found:?} in it:\n{told}")),
            None => Ok(()),
        }
    }

    fn accepted(
        &mut self,
        files: &BTreeMap<String, String>,
        before: &str,
        after: &str,
        text: &str,
    ) -> Result<(), String> {
        if self.is("snippets") {
            return self.snippet(files, &format!("{before}{text}{after}"));
        }
        let found = facts(files, &mut self.known)?;
        if self.is("volumes") && matches!(self.place, Place::Key(_)) && text.starts_with('.') {
            // A folder where the probe is a volume: other places are right.
            return Ok(());
        }
        if self.is("output") && text.contains(':') {
            // Two paths where the probe is one.
            return Ok(());
        }
        let exact = self.probe.as_ref().filter(|(b, a, _)| *b == before && *a == after);
        let Some((_, _, probed)) = exact else {
            let original = facts(&self.original, &mut self.known)?;
            return compare(&shape(&original), &shape(&found), "another shape");
        };
        let expected = facts(probed, &mut self.known)?;
        // A path may be written with more slashes and dots than it needs, and one with folders is
        // put elsewhere than one without.
        let parts: Vec<_> = text.split('/').filter(|p| !matches!(*p, "" | ".")).collect();
        if let [above @ .., last] = &parts[..]
            && !above.is_empty()
            && let Some(new) =
                self.place.with(self.manifest, &format!("{before}{FOLDER}/{PROBE}{after}"))
            && let Ok(Outcome::Files(nested)) = outcome(&new)
        {
            let put = |text: &str| text.replace(FOLDER, &above.join("/")).replace(PROBE, last);
            let nested = facts(&nested, &mut self.known)?.into_iter().map(|(place, fact)| {
                let fact = match fact {
                    Fact::Text(text) => Fact::Text(put(&text)),
                    Fact::Words(words) => Fact::Words(words.iter().map(|w| put(w)).collect()),
                };
                (put(&place), fact)
            });
            if settled(&nested.collect(), false) == settled(&found, false) {
                return Ok(());
            }
        }
        let is_told = self.is("description");
        let found = settled(&found, is_told);
        let with = |text: &str| -> Result<Facts, String> {
            let expected = expected.iter().map(|fact| self.replaced(fact, text));
            Ok(settled(&expected.collect::<Result<Facts, String>>()?, is_told))
        };
        if text.contains('/') && with(&parts.join("/"))? == found {
            return Ok(());
        }
        compare(&with(text)?, &found, "other values")
    }

    /// A fact about the probe, as it has to be about a text.
    fn replaced(&self, fact: &(String, Fact), text: &str) -> Result<(String, Fact), String> {
        let put = |found: &str| found.replace(PROBE, text);
        let fact = match &fact.1 {
            // What cannot be written stays away; it stands in the compose files all the same.
            Fact::Text(found)
                if fact.0.contains(".env.example:variable/")
                    && !reading::dotenv::can_hold(&put(found)) =>
            {
                return Ok((put(&fact.0), Fact::Text(String::new())));
            }
            Fact::Text(found) => (put(&fact.0), Fact::Text(put(found))),
            Fact::Words(words) => {
                let mut new = Vec::new();
                for word in words {
                    if word == PROBE && self.is_line() {
                        new.extend(reading::shell::split(text)?);
                    } else {
                        new.push(put(word));
                    }
                }
                (put(&fact.0), Fact::Words(new))
            }
        };
        Ok(fact)
    }

    /// An instruction of one's own is printed as it is, and the others stay what they were.
    fn snippet(&self, files: &BTreeMap<String, String>, whole: &str) -> Result<(), String> {
        let Some((before, after, probed)) = &self.probe else { return Ok(()) };
        let probe = format!("{before}{PROBE}{after}");
        for (path, text) in files {
            let without = probed.get(path).ok_or(format!("{path} is new"))?;
            let expected = without.replace(&probe, whole.trim_end());
            if *text != expected {
                return Err(format!("{path} holds it otherwise than it is written:\n{text}"));
            }
            if without.contains(&probe) {
                let own = format!("FROM scratch\n{}\n", whole.trim_end());
                let (before, own, after) =
                    (reading::kinds(without)?, reading::kinds(&own)?, reading::kinds(text)?);
                let added = before.len() - without.matches(&probe).count();
                let expected = added + (own.len() - 1) * without.matches(&probe).count();
                let stages = |kinds: &[String]| {
                    kinds
                        .iter()
                        .filter(|kind| kind.starts_with("FROM"))
                        .cloned()
                        .collect::<Vec<_>>()
                };
                if stages(&own).len() != 1 || stages(&before) != stages(&after) {
                    return Err(format!("{path} has other stages:\n{text}"));
                }
                if after.len() != expected {
                    return Err(format!("{path} has {} instructions, not {expected}", after.len()));
                }
            }
        }
        Ok(())
    }
}

/// Whether a name stands anywhere as a value.
fn calls(value: &Value, name: &str) -> bool {
    match value {
        Value::Object(map) => map.values().any(|value| calls(value, name)),
        Value::Array(items) => items.iter().any(|value| calls(value, name)),
        Value::String(text) => text.contains(name),
        _ => false,
    }
}

fn bidirectional(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The places alone.
fn shape(facts: &Facts) -> Facts {
    let place = |(place, _): &(String, Fact)| (place.clone(), Fact::Text(String::new()));
    let mut shape: Facts = facts.iter().filter(|(p, _)| is_value(p)).map(place).collect();
    shape.sort();
    shape
}

fn is_value(place: &str) -> bool {
    !place.ends_with(":comments") && !place.ends_with(":prose")
}

/// In one order, and without prose where no text of the manifest belongs into it.
fn settled(facts: &Facts, prose: bool) -> Facts {
    let wanted = |place: &String| !place.is_empty() && (prose || is_value(place));
    let mut settled: Facts = facts.iter().filter(|(p, _)| wanted(p)).cloned().collect();
    for (place, fact) in &mut settled {
        match fact {
            Fact::Text(text) if !is_value(place) => {
                *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            }
            // The names of packages are sorted.
            Fact::Words(words) if words.iter().any(|w| w == "apt-get" || w == "apk") => {
                words.sort()
            }
            _ => {}
        }
    }
    settled.retain(|(place, fact)| is_value(place) || *fact != Fact::Text(String::new()));
    settled.sort();
    settled
}

fn compare(expected: &Facts, found: &Facts, what: &str) -> Result<(), String> {
    if expected == found {
        return Ok(());
    }
    let (old, new): (BTreeSet<_>, BTreeSet<_>) =
        (expected.iter().collect(), found.iter().collect());
    let gone: Vec<_> = old.difference(&new).take(4).collect();
    let come: Vec<_> = new.difference(&old).take(4).collect();
    Err(format!("{what}\n  expected {gone:?}\n     found {come:?}"))
}

// ---------------------------------------------------------------------------------------------
// Texts

/// Texts put together from pieces that mean something somewhere, and from any characters.
fn texts() -> impl Strategy<Value = String> {
    let pieces: Vec<String> = HOSTILE.iter().chain(&MORE).map(|text| (*text).to_owned()).collect();
    let piece = proptest::prop_oneof![
        4 => proptest::sample::select(pieces),
        2 => proptest::string::string_regex("[ -~]{1,6}").unwrap(),
        1 => proptest::arbitrary::any::<char>().prop_map(String::from),
        1 => proptest::string::string_regex("[a-z0-9._-]{1,70}").unwrap(),
    ];
    proptest::collection::vec(piece, 1..5).prop_map(|pieces| pieces.concat())
}

/// How many texts are tried at each place.
fn cases(usual: usize) -> usize {
    std::env::var("QUOTING_CASES").ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Tries texts at a place: the first of the list, a part of the others, and random ones. Of a
/// random text that fails, the smallest like it is told.
fn attack(trial: &mut Trial<'_>, seed: usize, amount: usize) -> Vec<String> {
    let mut failures = Vec::new();
    let mut tell = |text: &str, problem: String, place: &Place| {
        let text: String = text.chars().take(200).collect();
        failures.push(format!("{place} = {text:?}\n  {problem}"));
    };
    let rest: Vec<&str> = HOSTILE.iter().skip(FIRST).chain(&MORE).copied().collect();
    let listed = amount.saturating_sub(FIRST) / 2;
    let turned = rest.iter().cycle().skip(seed * listed % rest.len()).take(listed.min(rest.len()));
    let snippets = SNIPPETS.iter().filter(|_| trial.is("snippets"));
    let long = "long ".repeat(400);
    let fixed: Vec<&str> = HOSTILE
        .iter()
        .take(FIRST.min(amount))
        .chain(turned)
        .chain(snippets)
        .copied()
        .chain(seed.is_multiple_of(7).then_some(long.as_str()))
        .collect();
    for text in fixed {
        if let Err(problem) = trial.judge(text) {
            tell(text, problem, &trial.place.clone());
        }
    }
    let mut seeds = [0_u8; 32];
    seeds[..8].copy_from_slice(&(seed as u64).to_le_bytes());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &seeds);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    for _ in 0..amount.saturating_sub(FIRST + listed) {
        let mut tree = texts().new_tree(&mut runner).unwrap();
        let Err(mut problem) = trial.judge(&tree.current()) else { continue };
        let mut smallest = tree.current();
        let mut patience = 200;
        while patience > 0 && tree.simplify() {
            patience -= 1;
            match trial.judge(&tree.current()) {
                Err(same) => (problem, smallest) = (same, tree.current()),
                Ok(()) => {
                    while patience > 0 && tree.complicate() {
                        patience -= 1;
                        if let Err(same) = trial.judge(&tree.current()) {
                            (problem, smallest) = (same, tree.current());
                            break;
                        }
                    }
                }
            }
        }
        tell(&smallest, problem, &trial.place.clone());
    }
    failures
}

/// So many texts of the list are tried everywhere.
const FIRST: usize = 9;

/// Tries all places of some manifests, on every processor: those of each of them, or every kind of
/// place once.
fn attack_all(manifests: &[(String, Value)], usual: usize, each: bool) {
    let patterns = schema_places();
    let mut jobs: Vec<(usize, Place, bool)> = Vec::new();
    let mut seen = BTreeSet::new();
    for (index, (name, manifest)) in manifests.iter().enumerate() {
        let mut found = Vec::new();
        places(manifest, &mut Vec::new(), &mut found);
        for place in found {
            // Two services of one manifest differ by their kind, not by their name.
            let service = &manifest["services"][place.steps().get(1).map_or("", String::as_str)];
            let kind = ["stack", "preset", "image", "dockerfile", "extends"]
                .map(|key| service[key].as_str().unwrap_or_default().to_owned());
            let is_key = matches!(place, Place::Key(_));
            let pattern = place.pattern(if is_key { &patterns.1 } else { &patterns.0 });
            let is_text = pattern.is_some();
            let pattern = pattern.unwrap_or_else(|| place.steps().to_vec());
            if seen.insert((each.then_some(name), is_key, pattern, kind)) {
                jobs.push((index, place, is_text));
            }
        }
    }
    let originals: Vec<Files> = manifests
        .iter()
        .map(|(name, manifest)| match outcome(manifest) {
            Ok(Outcome::Files(files)) => files,
            Ok(Outcome::Refused(report)) => {
                panic!("{name} is not right:\n{}", report.render(false))
            }
            Err(problem) => panic!("{name}: {problem}"),
        })
        .collect();
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(BTreeMap::new());
    let (tried, free) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let job = next.fetch_add(1, Ordering::Relaxed);
                    let Some((index, place, is_text)) = jobs.get(job) else { break };
                    let (name, manifest) = &manifests[*index];
                    let mut trial =
                        Trial::new(manifest, originals[*index].clone(), place.clone(), *is_text);
                    // A place of few words has little that could go wrong.
                    let amount = if trial.probe.is_some() { cases(usual) } else { 2 };
                    free.fetch_add(usize::from(trial.probe.is_some()), Ordering::Relaxed);
                    tried.fetch_add(amount, Ordering::Relaxed);
                    let found = attack(&mut trial, job, amount);
                    if !found.is_empty() {
                        let found = found.into_iter().map(|text| format!("{name} {text}"));
                        failures.lock().unwrap().insert(job, found.collect::<Vec<_>>());
                    }
                }
            });
        }
    });
    println!(
        "{} places, {} of them free, {} texts",
        jobs.len(),
        free.into_inner(),
        tried.into_inner()
    );
    let failures = failures.into_inner().unwrap();
    let all: Vec<_> = failures.values().flat_map(|found| found.iter().take(3)).collect();
    let told: Vec<_> = all.iter().take(40).map(|text| text.as_str()).collect();
    assert!(all.is_empty(), "{} texts got out of their places:\n{}", all.len(), told.join("\n"));
}

// ---------------------------------------------------------------------------------------------
// The schema

/// The places of plain values and those of free keys, as the schema has them: `*` is any key, `[]`
/// any index.
fn schema_places() -> (BTreeSet<Vec<String>>, BTreeSet<Vec<String>>) {
    let text = fs::read_to_string(support::root().join("schema/gen.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    let (mut values, mut keys) = (BTreeSet::new(), BTreeSet::new());
    schema_walk(&schema, &schema, &mut Vec::new(), &mut values, &mut keys);
    (values, keys)
}

fn schema_walk(
    whole: &Value,
    node: &Value,
    steps: &mut Vec<String>,
    values: &mut BTreeSet<Vec<String>>,
    keys: &mut BTreeSet<Vec<String>>,
) {
    if let Some(name) = node["$ref"].as_str().and_then(|text| text.rsplit('/').next()) {
        let below = if whole["definitions"].is_object() { "definitions" } else { "$defs" };
        schema_walk(whole, &whole[below][name], steps, values, keys);
    }
    for list in ["anyOf", "oneOf", "allOf"] {
        for part in node[list].as_array().into_iter().flatten() {
            schema_walk(whole, part, steps, values, keys);
        }
    }
    let is_text = |kind: &Value| kind == "string";
    let is_plain = is_text(&node["type"])
        || node["type"].as_array().is_some_and(|types| types.iter().any(is_text))
        || node["enum"].is_array()
        || node["const"].is_string();
    if is_plain {
        values.insert(steps.clone());
    }
    let mut below = |step: &str, node: &Value| {
        steps.push(step.to_owned());
        if step == "*" {
            keys.insert(steps.clone());
        }
        schema_walk(whole, node, steps, values, keys);
        steps.pop();
    };
    for (key, node) in node["properties"].as_object().into_iter().flatten() {
        below(key, node);
    }
    if node["additionalProperties"].is_object() {
        below("*", &node["additionalProperties"]);
    }
    if node["items"].is_object() {
        below("[]", &node["items"]);
    }
}

fn own_manifests() -> Vec<(String, Value)> {
    let parse = |text: &str| serde_yaml::from_str(text).expect("YAML");
    MANIFESTS.iter().map(|(name, text)| ((*name).to_owned(), parse(text))).collect()
}

#[test]
fn the_manifests_have_every_place_of_the_schema() {
    let (values, keys) = schema_places();
    let mut found = Vec::new();
    for (_, manifest) in own_manifests() {
        places(&manifest, &mut Vec::new(), &mut found);
    }
    let (of_values, of_keys): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|place| matches!(place, Place::Value(_)));
    let had: BTreeSet<_> = of_values.iter().filter_map(|place| place.pattern(&values)).collect();
    let missing: Vec<_> = values.difference(&had).map(|steps| steps.join("/")).collect();
    assert!(missing.is_empty(), "no manifest has a text at {missing:#?}");
    let had: BTreeSet<_> = of_keys.iter().filter_map(|place| place.pattern(&keys)).collect();
    let missing: Vec<_> = keys.difference(&had).map(|steps| steps.join("/")).collect();
    assert!(missing.is_empty(), "no manifest has a key at {missing:#?}");
}

#[test]
fn nothing_leaves_its_place() {
    attack_all(&own_manifests(), 14, true);
}

#[test]
fn nothing_leaves_its_place_in_the_fixtures() {
    let systems = support::systems();
    let systems = systems.into_iter().map(|(name, path)| (name, path.join("input/gen.yaml")));
    let all = systems.chain(support::options()).map(|(name, path)| {
        let text = fs::read_to_string(path).unwrap();
        (name, serde_yaml::from_str(&text).expect("YAML"))
    });
    attack_all(&all.collect::<Vec<_>>(), 3, false);
}

// ---------------------------------------------------------------------------------------------
// Running what is generated

/// A service whose build runs a command, in each way that there is.
const BUILDS: [(&str, &str); 3] = [
    ("collect", "stack: python, manager: pip, command: serve, python: {collect: COMMAND}"),
    ("build", "stack: node, command: node x, build: {command: COMMAND}"),
    ("build", "stack: go, port: 80, build: {command: COMMAND}"),
];

#[test]
fn a_shell_hands_the_words_of_a_build_on_unchanged() {
    let folder = tempfile::tempdir().unwrap();
    let programs = folder.path().join("bin");
    fs::create_dir(&programs).unwrap();
    program(&programs.join("record"), "printf '%s\\0' \"$@\" >\"${RECORD}\"");
    let mut tried = 0;
    for (key, service) in BUILDS {
        for text in HOSTILE.iter().chain(&MORE) {
            let mut words = String::new();
            write(&serde_json::json!(["record", text, "last"]), &mut words);
            let service = service.replace("COMMAND", &words);
            let manifest = format!("version: 1\nname: shop\nservices:\n  api: {{{service}}}\n");
            let files = match support::try_render(manifest.as_bytes()) {
                Ok(files) => support::texts(&files),
                Err(told) => {
                    assert!(told.contains("error[bad-co"), "{text:?}: {told}");
                    continue;
                }
            };
            let lines = reading::runs(&files["Dockerfile"]).unwrap();
            let line = lines.into_iter().find(|line| line.contains("record ")).expect(key);
            let record = folder.path().join("record");
            let output = std::process::Command::new("/bin/sh")
                .args(["-c", &line])
                .current_dir(folder.path())
                .env_clear()
                .env("PATH", &programs)
                .env("RECORD", &record)
                .output()
                .unwrap();
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success() && told.is_empty(), "{text:?}: {line}\n{told}");
            let found = fs::read_to_string(&record).unwrap();
            assert_eq!(found, format!("{text}\0last\0"), "{line}");
            assert!(!folder.path().join("CANARY").exists(), "{line}");
            tried += 1;
        }
    }
    assert!(tried > 150, "only {tried} texts were taken");
}

#[test]
fn a_reader_of_yaml_1_1_sees_the_same() {
    // podman-compose reads with PyYAML, for which `no`, `22:22` and `1_000` are not text.
    let mut manifest = serde_json::json!({"version": 1, "name": "no", "services": {
        "y": {"image": "docker.io/library/a:1", "environment": {}, "volumes": {
            "no": "/a", "1e3": "/b", "0x1f": "/c", "12": "/d", "null": "/e", "1_0": "/f"}},
        "22": {"image": "docker.io/library/a:1", "depends_on": ["y"]},
        "1e3": {"image": "docker.io/library/a:1", "profiles": ["no", "1e3", "3.10"]},
        "2024-01-01": {"image": "docker.io/library/a:1", "command": []},
    }});
    let environment = &mut manifest["services"]["y"]["environment"];
    for name in ["y", "n", "no", "on", "off", "null", "true", "NaN", "_"] {
        environment[name] = name.into();
    }
    let random = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    let usual = HOSTILE.iter().chain(&MORE).map(|text| (*text).to_owned());
    let long = HOSTILE.iter().map(|text| format!("{} {text} ", text.repeat(30)).repeat(3));
    let more = (0..400).map(|_| texts().new_tree(&mut runner).unwrap().current());
    let mut words = Vec::new();
    for (index, text) in usual.chain(long).chain(more).enumerate() {
        let place = Place::Value(["services", "y", "environment", "X"].map(String::from).to_vec());
        let alone = place.with(&manifest, &text).expect("a place");
        if matches!(outcome(&alone), Ok(Outcome::Files(_))) {
            manifest["services"]["y"]["environment"][format!("V{index}")] = text.clone().into();
            words.push(text);
        }
    }
    words.insert(0, "run".into());
    manifest["services"]["2024-01-01"]["command"] = words.into();
    let Ok(Outcome::Files(files)) = outcome(&manifest) else { panic!("each alone was taken") };
    let script = "import json, sys, yaml; json.dump(yaml.safe_load(sys.stdin.buffer), sys.stdout)";
    for name in ["docker-compose.yml", "docker-compose.prod.yml"] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, &files[name]).unwrap();
        let output = std::process::Command::new("python3")
            .args(["-c", script])
            .stdin(fs::File::open(&path).unwrap())
            .output();
        let Some(output) = output.ok().filter(|output| output.status.success()) else {
            return support::skip("REQUIRE_PYYAML", "there is no Python with PyYAML, or it fails");
        };
        let found: Value = serde_json::from_slice(&output.stdout).unwrap();
        let expected: Value = serde_yaml::from_str(&files[name]).unwrap();
        assert_eq!(found, expected, "{name}");
        let services = &found["services"];
        assert_eq!(services["y"]["environment"]["no"], "no");
    }
}

/// Makes a program of a few lines for a shell.
fn program(path: &std::path::Path, lines: &str) {
    use std::os::unix::fs::PermissionsExt;
    fs::write(path, format!("#!/bin/sh\n{lines}\n")).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Everything that a path, a name or a registry may be, at its strangest.
const STRANGE: &str = r#"
version: 1
name: a__b--c
registry: registry.example.org:5000/é-is-not/but_this/is
services:
  x--y: {stack: python, manager: pip, command: serve, path: "日本語/a=b,c~d@e+f/...g", port: 80,
    build: {secrets: {TABLE: {}, "a..b_-": {target: /root/a=b}}}}
  own: {dockerfile: "D~=,@+é", path: own, command: serve}
secrets: {TABLE: {}, EOF: {}, "touch": {}, CANARY: {}, ROWS: {}, NAMES: {}}
"#;

#[test]
fn scripts_hand_values_on_unchanged_from_any_folder() {
    let manifest = STRANGE.replace("é-is-not/", "");
    let files = support::render(manifest.as_bytes());
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("a b $(touch CANARY) `touch CANARY` 'q' \"d\" *é\\ #");
    fs::create_dir(&folder).unwrap();
    support::write(&files, &folder);
    let programs = temporary.path().join("bin");
    fs::create_dir(&programs).unwrap();
    // Engines that say yes to everything, and write down the words of what they are to build.
    for name in ["docker", "podman"] {
        program(
            &programs.join(name),
            "case \"$1\" in build | buildx) printf '%s\\0' \"${0##*/}\" \"$@\" >>\"${RECORD}\" ;; esac\n\
             case \"${0##*/} $1\" in 'podman --version') echo podman version 5 ;; esac",
        );
    }
    program(&programs.join("docker-compose"), "echo 2.40.0");
    let record = temporary.path().join("record");
    let run = |arguments: &[&str]| {
        drop(fs::remove_file(&record));
        let output = std::process::Command::new("/bin/bash")
            .args(arguments)
            .current_dir(&folder)
            .env_clear()
            .env("PATH", format!("{}:/usr/bin:/bin", programs.display()))
            .env("RECORD", &record)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {told}");
        let words = fs::read_to_string(&record).unwrap_or_default();
        words.split_terminator('\0').map(str::to_owned).collect::<Vec<_>>()
    };
    for script in ["lib.sh", "build-local-dev.sh", "build-enterprise.sh"] {
        run(&["-n", &format!("scripts/{script}")]);
    }
    let root = folder.to_str().unwrap();
    let service = "日本語/a=b,c~d@e+f/...g";
    for engine in ["docker", "podman"] {
        for script in ["scripts/build-local-dev.sh", "scripts/build-enterprise.sh"] {
            assert_eq!(run(&[script, "--help"]), [""; 0]);
            let words = run(&[script, "--engine", engine]);
            let has = |wanted: [&str; 2]| words.windows(2).any(|pair| pair == wanted);
            for wanted in [
                ["--file", &format!("{root}/{service}/Dockerfile")],
                ["--file", &format!("{root}/own/D~=,@+é")],
            ] {
                assert!(has(wanted), "{script} --engine {engine} lacks {wanted:?} in {words:#?}");
            }
            let image = if script.contains("local") {
                "localhost/a__b--c-x--y:development"
            } else {
                "registry.example.org:5000/but_this/is/a__b--c-x--y:local"
            };
            assert!(has(["--tag", image]), "{script} lacks {image}: {words:#?}");
            let contexts = [format!("{root}/{service}"), format!("{root}/own")];
            for context in contexts {
                assert!(words.contains(&context), "{script} lacks {context}: {words:#?}");
            }
        }
    }
    // Every secret was made, by its own name.
    let made: BTreeSet<_> = support::files_below(&folder.join("secrets")).into_keys().collect();
    let expected = ["CANARY", "EOF", "NAMES", "ROWS", "TABLE", "touch"].map(String::from);
    assert_eq!(made, BTreeSet::from(expected));
    for entry in walkdir::WalkDir::new(temporary.path()) {
        let path = entry.unwrap().into_path();
        let is_canary = path.file_name().is_some_and(|name| name == "CANARY");
        assert!(!is_canary || path.ends_with("secrets/CANARY"), "{} was made", path.display());
    }
}

#[test]
fn what_got_out_once_stays_in() {
    let python = "stack: python, manager: pip, command: serve";
    let own = |text: &str| format!("{python}, build: {{snippets: {{base: [{text:?}]}}}}");
    // A service, and the place at which it is refused.
    for (service, place) in [
        // A line break ended the `RUN` instruction.
        (format!("{python}, python: {{collect: [a, \"b\\nUSER root\"]}}"), "python/collect/1"),
        (format!("{python}, python: {{collect: \"a 'b\\nUSER root'\"}}"), "python/collect"),
        // The first word was an option of `RUN`.
        (format!("{python}, python: {{collect: [--network=host, a]}}"), "python/collect/0"),
        // A comma began another option of the mount.
        (
            format!("{python}, build: {{secrets: {{a: {{target: \"/a,env=B\"}}}}}}"),
            "build/secrets/a/target",
        ),
        (format!("{python}, volumes: {{data: \"/a,readonly\"}}"), "volumes/data"),
        // The readers of variables differ.
        (
            format!("{python}, environment: {{A: {{from: A, default: \"a$b\"}}}}"),
            "environment/A/default",
        ),
        (
            format!("{python}, environment: {{A: {{from: A, default: \"a{{b\"}}}}"),
            "environment/A/default",
        ),
        // `FROM` stood in what only seemed to be a text.
        (own("RUN echo \"<<EOF\"\nFROM scratch\nEOF"), "build/snippets/base/0"),
        (own("ENV A=<<EOF\nFROM scratch\nEOF"), "build/snippets/base/0"),
        (own("RUN a \\\\\nFROM scratch"), "build/snippets/base/0"),
        // No text began for us, but one did for the builders.
        (own("RUN echo 1<<2"), "build/snippets/base/0"),
        // A digest was any text.
        ("image: \"docker.io/library/a@sha256:$(b)\"".to_owned(), "image"),
        // apt removes what is called like this.
        (format!("{python}, packages: {{runtime: [git-]}}"), "packages/runtime/0"),
        // An option of the package manager.
        (
            "stack: python, manager: uv, command: a, python: {groups: [--all-groups]}".to_owned(),
            "python/groups/0",
        ),
        // A word of the linker's options.
        ("stack: go, build: {args: {VERSION: \"1' -s\"}}".to_owned(), "build/args/VERSION"),
        // No YAML reader takes it.
        (format!("{python}, environment: {{A: \"\\uffff\"}}"), "environment/A"),
    ] {
        let text = format!("version: 1\nname: shop\nservices:\n  api: {{{service}}}\n");
        let document = Document::parse("gen.yaml", text.as_bytes()).expect("YAML");
        let Err(CompileError::Invalid(problems)) = compile(&document, &AnyTree) else {
            panic!("{service} is taken")
        };
        let place = format!("/services/api/{place}");
        let found: Vec<_> = problems.iter().map(|p| p.location.pointer.to_string()).collect();
        assert!(found.contains(&place), "{service}: {found:?}");
    }
    // A name ended the list that it stands in, and the next ones were run.
    let text = format!(
        "version: 1\nname: shop\nservices:\n  api: {{{python}}}\nsecrets: {{TABLE: {{}}, touch: {{}}}}\n"
    );
    let files = support::texts(&support::render(text.as_bytes()));
    let facts = reading::read("scripts/lib.sh", &files["scripts/lib.sh"]).expect("is read");
    assert!(facts.contains(&("scripts/lib.sh:secret".into(), Fact::Text("touch".into()))));
    // Blank lines and blanks at the ends of lines belong to a text.
    let instruction = "RUN <<EOF\n\n\na  \nEOF";
    let text = format!("version: 1\nname: shop\nservices:\n  api: {{{}}}\n", own(instruction));
    let files = support::texts(&support::render(text.as_bytes()));
    assert!(files["Dockerfile"].contains(instruction), "{}", files["Dockerfile"]);
    // A quoted path stood inside of quotes.
    let hash = "0".repeat(64);
    let asset = format!("{{url: \"https://example.org/x\", sha256: \"{hash}\", to: a=b}}");
    let text =
        format!("version: 1\nname: shop\nservices:\n  api: {{{python}, assets: [{asset}]}}\n");
    let files = support::texts(&support::render(text.as_bytes()));
    assert!(files["Dockerfile"].contains(&format!("echo '{hash}  a=b' >")));
}
