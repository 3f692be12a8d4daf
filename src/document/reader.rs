//! From bytes to [`Node`]s: the only place that calls the YAML reader.

use std::fmt;
use std::ops::Range;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy, Options, Spanned};

use super::{Document, Entry, MAXIMUM_BYTES, Node, NodeKind, clamp, syntax};
use crate::diagnostic::{Diagnostic, Report};

/// Containers inside containers. The manifest needs eight.
pub(super) const MAXIMUM_DEPTH: usize = 48;

pub(super) fn read(name: &str, bytes: &[u8]) -> Result<Document, Box<Report>> {
    let (source, encoding) = decode(bytes);
    let root = Node { span: 0..0, kind: NodeKind::Null };
    let mut document = Document { name: name.to_owned(), source, root };
    let problem = match encoding {
        Some(problem) => problem,
        None => match parse(&document.source) {
            Ok(root) => {
                document.root = root;
                return Ok(document);
            }
            Err(problem) => *problem,
        },
    };
    Err(Box::new(Report::new(document, vec![problem])))
}

/// The text of a file, and what speaks against reading it.
fn decode(bytes: &[u8]) -> (String, Option<Diagnostic>) {
    if bytes.len() > MAXIMUM_BYTES {
        return (String::new(), Some(syntax::too_large(bytes.len())));
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), syntax::unreadable_character(text)),
        Err(error) => {
            let text = String::from_utf8_lossy(bytes).into_owned();
            let problem = syntax::not_utf8(&text, error.valid_up_to());
            (text, Some(problem))
        }
    }
}

fn parse(source: &str) -> Result<Node, Box<Diagnostic>> {
    let raw: Spanned<Raw> = serde_saphyr::from_str_with_options(source, options())
        .map_err(|error| Box::new(diagnose(source, &error)))?;
    let root = Builder { source }.node(raw, None)?;
    match root.kind {
        NodeKind::Mapping(_) => Ok(root),
        _ => Err(Box::new(syntax::not_a_mapping(source, &root))),
    }
}

fn diagnose(source: &str, error: &serde_saphyr::Error) -> Diagnostic {
    syntax::diagnose(source, error, |key, before| {
        let mut options = options();
        options.duplicate_keys = DuplicateKeyPolicy::FirstWins;
        let raw = serde_saphyr::from_str_with_options(source, options).ok()?;
        let root = Builder { source }.node(raw, None).ok()?;
        let column = |offset: usize| offset - source[..offset].rfind('\n').map_or(0, |at| at + 1);
        let mut keys = Vec::new();
        collect_keys(&root, key, &mut keys);
        keys.retain(|span| span.start < before);
        // Keys of one block stand below each other; those of a `{…}` just before.
        let same = keys.iter().filter(|span| column(span.start) == column(before));
        same.max_by_key(|span| span.start).or(keys.iter().max_by_key(|span| span.start)).cloned()
    })
}

/// The places of all keys of one name.
fn collect_keys(node: &Node, key: &str, spans: &mut Vec<Range<usize>>) {
    match &node.kind {
        NodeKind::Sequence(items) => {
            items.iter().for_each(|item| collect_keys(item, key, spans));
        }
        NodeKind::Mapping(entries) => {
            for entry in entries {
                if entry.key == key {
                    spans.push(entry.key_span.clone());
                }
                collect_keys(&entry.value, key, spans);
            }
        }
        _ => {}
    }
}

/// Strict where YAML 1.1 and 1.2 differ, and tight against bombs.
fn options() -> Options {
    serde_saphyr::options! {
        strict_booleans: true,
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        reject_unsupported_tags: true,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        with_snippet: false,
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 20_000,
            max_replay_stack_depth: 8,
        },
        budget: serde_saphyr::budget! {
            max_depth: MAXIMUM_DEPTH,
            flow_nesting_limit: MAXIMUM_DEPTH,
            max_nodes: 250_000,
            max_events: 600_000,
            max_aliases: 1_000,
            max_anchors: 1_000,
            max_recorded_anchor_events: 50_000,
            max_recorded_anchor_bytes: 4 * MAXIMUM_BYTES,
            max_total_scalar_bytes: 4 * MAXIMUM_BYTES,
        },
    }
}

/// A value as the YAML reader gives it. What a plain number was spelled like is looked up later.
enum Raw {
    Null,
    Boolean(bool),
    Number(String),
    Text(String),
    Sequence(Vec<Spanned<Self>>),
    Mapping(Vec<(Spanned<Self>, Spanned<Self>)>),
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(RawVisitor)
    }
}

struct RawVisitor;

impl<'de> Visitor<'de> for RawVisitor {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Raw, E> {
        Ok(Raw::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Raw, E> {
        Ok(Raw::Boolean(value))
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Raw, E> {
        Ok(Raw::Number(value.to_string()))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Raw, E> {
        Ok(Raw::Number(value.to_string()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Raw, E> {
        Ok(Raw::Number(value.to_string()))
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Raw, E> {
        Ok(Raw::Text(value.to_owned()))
    }

    fn visit_string<E: de::Error>(self, value: String) -> Result<Raw, E> {
        Ok(Raw::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Raw, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = sequence.next_element()? {
            items.push(item);
        }
        Ok(Raw::Sequence(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut mapping: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = mapping.next_entry()? {
            entries.push(entry);
        }
        Ok(Raw::Mapping(entries))
    }
}

/// Turns raw values into nodes: adds whole spans and the spelling of numbers.
struct Builder<'s> {
    source: &'s str,
}

impl Builder<'_> {
    /// `alias` is the place of the alias that the value was reached through, if any.
    fn node(
        &self,
        raw: Spanned<Raw>,
        alias: Option<&Range<usize>>,
    ) -> Result<Node, Box<Diagnostic>> {
        let defined = syntax::span(self.source, &raw.defined);
        let referenced = syntax::span(self.source, &raw.referenced);
        // Everything below an alias is referenced at that alias; only the alias itself is shown
        // there, the rest where it is written.
        let is_alias = raw.referenced != raw.defined && alias != Some(&referenced);
        let inner = if raw.referenced == raw.defined { None } else { Some(&referenced) };
        let mut end = defined.end;
        let kind = match raw.value {
            Raw::Null => NodeKind::Null,
            Raw::Boolean(boolean) => NodeKind::Boolean(boolean),
            Raw::Text(text) => NodeKind::Text(text),
            Raw::Number(value) => self.number(&defined, value),
            Raw::Sequence(raw) => {
                let mut items = Vec::with_capacity(raw.len());
                for item in raw {
                    items.push(self.node(item, inner)?);
                }
                end = end.max(items.last().map_or(0, |item| item.span.end));
                NodeKind::Sequence(items)
            }
            Raw::Mapping(raw) => {
                let entries = self.entries(raw, inner)?;
                end = end.max(
                    entries.last().map_or(0, |entry| entry.value.span.end.max(entry.key_span.end)),
                );
                NodeKind::Mapping(entries)
            }
        };
        let span = match kind {
            _ if is_alias => referenced,
            NodeKind::Sequence(_) | NodeKind::Mapping(_) => self.container(defined.start, end),
            NodeKind::Null if defined.is_empty() => self.nothing(defined.start),
            _ => self.trimmed(&defined),
        };
        Ok(Node { span, kind })
    }

    fn entries(
        &self,
        raw: Vec<(Spanned<Raw>, Spanned<Raw>)>,
        alias: Option<&Range<usize>>,
    ) -> Result<Vec<Entry>, Box<Diagnostic>> {
        let mut entries = Vec::with_capacity(raw.len());
        for (key, value) in raw {
            let key = self.node(key, alias)?;
            let NodeKind::Text(name) = key.kind else {
                return Err(Box::new(syntax::key_not_text(self.source, &key)));
            };
            let value = self.node(value, alias)?;
            entries.push(Entry { key: name, key_span: key.span, value });
        }
        Ok(entries)
    }

    /// A number in the spelling of its author.
    fn number(&self, span: &Range<usize>, value: String) -> NodeKind {
        let written = &self.source[span.clone()];
        // A tagged or quoted number (`!!int "5"`) has no spelling of its own.
        let raw = match written.chars().next() {
            Some(first) if first.is_ascii_digit() || "+-.".contains(first) => written.to_owned(),
            _ => value,
        };
        match raw.parse::<i64>() {
            Ok(integer) if integer.to_string() == raw => NodeKind::Integer(integer),
            _ => NodeKind::Number(raw),
        }
    }

    /// Where a value that is not there would be written: behind the colon.
    fn nothing(&self, start: usize) -> Range<usize> {
        let start = start + usize::from(self.source[start..].starts_with(':'));
        start..start
    }

    /// A value without the blank lines and the indentation that follow a block of text.
    fn trimmed(&self, span: &Range<usize>) -> Range<usize> {
        span.start..span.start + self.source[span.clone()].trim_end().len()
    }

    /// The whole of a container: the reader gives no more than its beginning.
    fn container(&self, start: usize, end: usize) -> Range<usize> {
        let end = end.max(start);
        let close = match self.source.as_bytes().get(start) {
            Some(b'{') => '}',
            Some(b'[') => ']',
            _ => return clamp(self.source, &(start..end)),
        };
        let mut from = if end == start { start + 1 } else { end };
        while let Some(next) = self.source[from..].chars().next() {
            match next {
                _ if next == close => return start..from + 1,
                '#' => from += self.source[from..].find('\n').unwrap_or(1),
                ',' | ':' => from += 1,
                _ if next.is_whitespace() => from += next.len_utf8(),
                _ => break,
            }
        }
        clamp(self.source, &(start..end))
    }
}
