//! The manifest as it is written: its text, its values, and where each of them stands.
//!
//! Owns YAML. Nothing else imports the YAML reader; everything behind sees [`Node`]s with byte
//! spans, and numbers in the spelling of their author.

mod reader;
mod syntax;
mod typed;

use std::ops::Range;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::diagnostic::{Diagnostic, Location, Part, Report};
use crate::pointer::Pointer;

/// A document that is longer is not read.
pub const MAXIMUM_BYTES: usize = 1024 * 1024;

/// A document, read but not judged.
#[derive(Debug, Clone)]
pub struct Document {
    name: String,
    source: String,
    root: Node,
}

/// A value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Bytes of the source that hold the value. For an alias: the alias itself.
    pub span: Range<usize>,
    /// The value.
    pub kind: NodeKind,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub enum NodeKind {
    /// Nothing, or `null`.
    Null,
    /// `true` or `false`. `yes` and `on` are text.
    Boolean(bool),
    /// A whole number in its plain decimal spelling.
    Integer(i64),
    /// Any other number, as it is written: `3.10`, `0x1F`, `1_000`.
    Number(String),
    /// Text.
    Text(String),
    /// A list.
    Sequence(Vec<Node>),
    /// A mapping, in the order of the source. No key is there twice.
    Mapping(Vec<Entry>),
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Bytes of the source that hold the key.
    pub key_span: Range<usize>,
    /// The value.
    pub value: Node,
}

impl Node {
    /// The value under a key, or at an index.
    #[must_use]
    pub fn child(&self, segment: &str) -> Option<&Self> {
        match &self.kind {
            NodeKind::Sequence(items) => items.get(segment.parse::<usize>().ok()?),
            NodeKind::Mapping(_) => self.entry(segment).map(|entry| &entry.value),
            _ => None,
        }
    }

    /// The entry with a key.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        match &self.kind {
            NodeKind::Mapping(entries) => entries.iter().find(|entry| entry.key == key),
            _ => None,
        }
    }
}

impl Document {
    /// Reads a manifest. `name` is how people know the file.
    ///
    /// # Errors
    /// If it is no manifest at all: not text, not YAML, not a mapping. The report holds the
    /// document, as far as there is one, so that the problems can be shown.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Self, Box<Report>> {
        reader::read(name, bytes)
    }

    /// The topmost value. Always a mapping.
    #[must_use]
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// The name of the file.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text, without a byte order mark.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The value at a place.
    #[must_use]
    pub fn get(&self, pointer: &Pointer) -> Option<&Node> {
        pointer.segments().try_fold(&self.root, Node::child)
    }

    /// The bytes that a caret for this place goes under.
    ///
    /// A value that spans lines is shown by its key. A place that is not there is shown by the key
    /// of the nearest place above it that is.
    #[must_use]
    pub fn locate(&self, location: &Location) -> Range<usize> {
        let found = self.find(&location.pointer);
        match &location.part {
            Part::Span(span) => self.clamp(span),
            Part::Key => found.key(),
            _ if !found.complete => found.key(),
            Part::Within(range) => {
                self.inside(found.node, range).unwrap_or_else(|| self.caret(&found))
            }
            Part::Value => self.caret(&found),
        }
    }

    /// All bytes of a place: what a patch of it replaces. Other than [`Document::locate`], a value
    /// that spans lines is given whole.
    #[must_use]
    pub fn extent(&self, location: &Location) -> Range<usize> {
        let found = self.find(&location.pointer);
        match &location.part {
            Part::Value if found.complete => found.node.span.clone(),
            _ => self.locate(location),
        }
    }

    /// The line and the column of a byte, both from 1, the column in characters.
    #[must_use]
    pub fn line_column(&self, offset: usize) -> (usize, usize) {
        let before = &self.source[..boundary(&self.source, offset, false)];
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = 1 + before.bytes().filter(|&byte| byte == b'\n').count();
        (line, 1 + before[start..].chars().count())
    }

    /// The values as JSON. A number that JSON cannot spell becomes text: `0x1F`, `017`, `1_000`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json(&self.root)
    }

    /// Reads the values into a type.
    ///
    /// Text takes numbers and booleans as they are written, an empty value leaves lists and maps
    /// empty, keys that begin with `x-` are passed over where the type has fixed keys.
    ///
    /// # Errors
    /// If a value does not fit. The schema is the place to say that kindly, so this is the last
    /// resort.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Box<Diagnostic>> {
        typed::read(self)
    }

    /// The way down to a place, as far as it goes.
    fn find(&self, pointer: &Pointer) -> Found<'_> {
        let mut found = Found { node: &self.root, key: None, complete: true };
        for segment in pointer.segments() {
            let Some(node) = found.node.child(segment) else {
                found.complete = false;
                break;
            };
            found.key = match found.node.entry(segment) {
                Some(entry) => Some(entry.key_span.clone()),
                // A list has no keys: its items are the smallest place.
                None => Some(first_line(&self.source, &node.span)),
            };
            found.node = node;
        }
        found
    }

    /// Where the caret for a value goes.
    fn caret(&self, found: &Found<'_>) -> Range<usize> {
        let span = &found.node.span;
        if span.is_empty() || self.source[span.clone()].contains('\n') {
            return found.key();
        }
        span.clone()
    }

    /// The bytes of a part of a text, if each character of it is written as itself.
    fn inside(&self, node: &Node, range: &Range<usize>) -> Option<Range<usize>> {
        let text = match &node.kind {
            NodeKind::Text(text) | NodeKind::Number(text) => text.as_str(),
            _ => return None,
        };
        text.get(range.clone())?;
        let written = &self.source[node.span.clone()];
        let start = node.span.start + usize::from(written != text);
        let end = start + text.len();
        (self.source.get(start..end)? == text).then(|| start + range.start..start + range.end)
    }

    /// A span that lies within the source, on the boundaries of characters.
    fn clamp(&self, span: &Range<usize>) -> Range<usize> {
        clamp(&self.source, span)
    }
}

/// How far the way to a place goes.
struct Found<'d> {
    node: &'d Node,
    key: Option<Range<usize>>,
    complete: bool,
}

impl Found<'_> {
    /// The key of the last place on the way; for the document itself, its beginning.
    fn key(&self) -> Range<usize> {
        self.key.clone().unwrap_or(self.node.span.start..self.node.span.start)
    }
}

fn clamp(source: &str, span: &Range<usize>) -> Range<usize> {
    let start = boundary(source, span.start, false);
    start..boundary(source, span.end, true).max(start)
}

/// The nearest boundary of a character: at a place or before it, or at it or behind it.
fn boundary(source: &str, offset: usize, behind: bool) -> usize {
    let mut offset = offset.min(source.len());
    while !source.is_char_boundary(offset) {
        offset = if behind { offset + 1 } else { offset - 1 };
    }
    offset
}

fn first_line(source: &str, span: &Range<usize>) -> Range<usize> {
    let text = &source[span.clone()];
    let length = text.find(['\n', '\r']).unwrap_or(text.len());
    span.start..span.start + length
}

fn json(node: &Node) -> Value {
    match &node.kind {
        NodeKind::Null => Value::Null,
        NodeKind::Boolean(boolean) => (*boolean).into(),
        NodeKind::Integer(integer) => (*integer).into(),
        NodeKind::Number(raw) => number(raw),
        NodeKind::Text(text) => text.as_str().into(),
        NodeKind::Sequence(items) => items.iter().map(json).collect(),
        NodeKind::Mapping(entries) => {
            entries.iter().map(|entry| (entry.key.clone(), json(&entry.value))).collect()
        }
    }
}

/// A number in JSON, or its text where JSON has no such spelling.
pub(crate) fn number(raw: &str) -> Value {
    match serde_json::from_str::<serde_json::Number>(raw) {
        Ok(number) => Value::Number(number),
        Err(_) => Value::String(raw.to_owned()),
    }
}
