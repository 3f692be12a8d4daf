//! What can be wrong with a document before its contents are looked at, in words for people.

use std::ops::Range;

use serde_saphyr::granit_parser::ErrorKind;
use serde_saphyr::{Error, ExternalMessageSource};

use super::{MAXIMUM_BYTES, Node, NodeKind, clamp};
use crate::diagnostic::{Code, Diagnostic, Location};

pub(super) fn too_large(bytes: usize) -> Diagnostic {
    Diagnostic::error(
        Code::DocumentTooLarge,
        Location::span(0..0),
        format!("the manifest is {bytes} bytes long, more than {MAXIMUM_BYTES} are not read"),
    )
    .help("name the right file with `--file`; a manifest is a few kilobytes")
}

pub(super) fn not_utf8(text: &str, valid: usize) -> Diagnostic {
    Diagnostic::error(
        Code::ManifestEncoding,
        Location::span(clamp(text, &(valid..valid + 1))),
        "the manifest is not UTF-8 text",
    )
    .label("this byte is not UTF-8")
    .help("save the file as UTF-8; UTF-16 and Latin-1 are not read")
}

/// The first character that YAML does not allow in a file.
pub(super) fn unreadable_character(text: &str) -> Option<Diagnostic> {
    let forbidden = |c: char| {
        (c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}'))
            || matches!(c, '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
    };
    let (start, character) = text.char_indices().find(|&(_, c)| forbidden(c))?;
    Some(
        Diagnostic::error(
            Code::ManifestEncoding,
            Location::span(start..start + character.len_utf8()),
            format!(
                "the manifest holds the control character U+{:04X}, which YAML does not allow",
                u32::from(character)
            ),
        )
        .label("this character")
        .help(
            "remove it; where a value needs it, write an escape in double quotes, like `\"\\e\"`",
        ),
    )
}

pub(super) fn not_a_mapping(source: &str, root: &Node) -> Diagnostic {
    if root.kind == NodeKind::Null {
        return Diagnostic::error(
            Code::EmptyManifest,
            Location::span(0..0),
            "the manifest is empty",
        )
        .help("`gen init` writes one for the code that is here");
    }
    let found = match root.kind {
        NodeKind::Sequence(_) => "a list",
        NodeKind::Text(_) => "a text",
        _ => "a single value",
    };
    Diagnostic::error(
        Code::NotAMapping,
        Location::span(super::first_line(source, &root.span)),
        "the manifest has to be a mapping of keys to values",
    )
    .label(format!("this is {found}"))
    .help("begin with `version: 1`, `name:` and `services:`")
}

pub(super) fn key_not_text(source: &str, key: &Node) -> Diagnostic {
    let written = &source[key.span.clone()];
    let found = match key.kind {
        NodeKind::Null => "nothing",
        NodeKind::Boolean(_) => "a boolean",
        NodeKind::Integer(_) | NodeKind::Number(_) => "a number",
        NodeKind::Sequence(_) => "a list",
        _ => "a mapping",
    };
    let location = Location::span(super::first_line(source, &key.span));
    let diagnostic =
        Diagnostic::error(Code::KeyNotText, location.clone(), "a key has to be a text")
            .label(format!("this is {found}"));
    match key.kind {
        NodeKind::Boolean(_) | NodeKind::Integer(_) | NodeKind::Number(_) => {
            diagnostic.help("put it in quotes").patch(location, format!("\"{written}\""))
        }
        _ => diagnostic.help("write `name: value`"),
    }
}

/// The bytes of a place that the YAML reader names.
pub(super) fn span(source: &str, location: &serde_saphyr::Location) -> Range<usize> {
    let span = location.span();
    let index = |offset: u64| usize::try_from(offset).unwrap_or(usize::MAX);
    if let (Some(start), Some(length)) = (span.byte_offset(), span.byte_len()) {
        let start = index(start);
        return clamp(source, &(start..start.saturating_add(index(length))));
    }
    if location.line() == 0 {
        return 0..0;
    }
    let byte = |character: u64| {
        source.char_indices().nth(index(character)).map_or(source.len(), |(byte, _)| byte)
    };
    let start = byte(span.offset());
    clamp(source, &(start..byte(span.offset().saturating_add(span.len()))))
}

/// Says what the YAML reader did not like.
pub(super) fn diagnose(source: &str, error: &Error) -> Diagnostic {
    let at = error.location().map_or(0..0, |location| span(source, &location));
    let place = Location::span(at.clone());
    match error.without_snippet() {
        Error::AliasError { error, .. } => diagnose(source, error),
        _ => Diagnostic::error(Code::ManifestSyntax, place, format!("TODO {error:?}")),
    }
}

#[expect(dead_code, reason = "filled in next")]
fn kind(error: &Error) -> Option<&ErrorKind> {
    match error {
        Error::ExternalMessage { source, .. } => match source.as_ref() {
            ExternalMessageSource::Parser(error) => Some(error.kind()),
            _ => None,
        },
        _ => None,
    }
}
