//! What can be wrong with a document before its contents are looked at, in words for people.

mod hints;

use std::ops::Range;

use serde_saphyr::budget::BudgetBreach;
use serde_saphyr::granit_parser::ErrorKind;
use serde_saphyr::{Error, ExternalMessageSource};

use super::{MAXIMUM_BYTES, Node, NodeKind, clamp};
use crate::diagnostic::{Code, Diagnostic, Location, word};

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
        .help("`gen explain empty-manifest` shows one to begin with");
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
            .label(format!("YAML reads this as {found}"));
    match key.kind {
        NodeKind::Boolean(_) | NodeKind::Integer(_) | NodeKind::Number(_) => {
            diagnostic.help("put it in quotes").patch(location, format!("\"{written}\""))
        }
        NodeKind::Null if written.eq_ignore_ascii_case("null") => {
            diagnostic.help("put it in quotes").patch(location, format!("\"{written}\""))
        }
        _ if written.starts_with('{') => {
            diagnostic.help("`{` begins a mapping; put a text that holds it in quotes")
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

/// Says what the YAML reader did not like. `first` finds the earlier of two equal keys.
pub(super) fn diagnose(
    source: &str,
    error: &Error,
    first: impl FnOnce(&str, usize) -> Option<Range<usize>>,
) -> Diagnostic {
    let at = error.location().map_or(0..0, |location| span(source, &location));
    let place = Location::span(at.clone());
    match error.without_snippet() {
        Error::AliasError { error, .. } => diagnose(source, error, first),
        Error::DuplicateMappingKey { key, .. } => {
            let key = key.as_deref().unwrap_or("a key");
            let problem = Diagnostic::error(
                Code::DuplicateKey,
                place,
                format!("{} is there twice", word(key)),
            )
            .label("here again")
            .help("keep one of them");
            match first(key, at.start) {
                Some(first) => problem.cause(Location::span(first), "first here"),
                None => problem,
            }
        }
        Error::MergeKeyNotAllowed { .. } => {
            Diagnostic::error(Code::MergeKey, place, "merge keys (`<<`) are not part of YAML 1.2")
                .label("this key")
                .help("write the keys out, or give a whole value a name with `&name` and repeat it with `*name`")
        }
        Error::UnsupportedTag { tag, .. } => hints::tag(source, &at, tag),
        Error::MultipleDocuments { .. } => Diagnostic::error(
            Code::SeveralDocuments,
            place,
            "the file holds more than one document",
        )
        .label("a second document begins here")
        .help("keep one, and remove the `---` or `...` between them"),
        Error::UnknownAnchor { .. } => hints::unknown_anchor(source, &at),
        Error::RecursiveReferencesRequireWeakTypes { .. } => {
            Diagnostic::error(Code::ManifestSyntax, place, "a value contains itself")
                .label("this stands for a value that it is part of")
                .help("write the value out")
        }
        Error::Budget { breach: BudgetBreach::Depth { .. }, .. } => too_deep(place),
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. } => {
            Diagnostic::error(Code::ManifestTooComplex, place, "the manifest is too large to read")
                .label("the limit is reached here")
                .help("write fewer values, and fewer aliases (`*name`) of large ones")
        }
        Error::ExternalMessage { source: reader, msg, .. } => match reader.as_ref() {
            ExternalMessageSource::Parser(error) => scan(source, &at, error.kind(), msg),
            _ => unreadable(place, msg),
        },
        other => unreadable(place, &without_place(&other.to_string())),
    }
}

fn too_deep(place: Location) -> Diagnostic {
    Diagnostic::error(Code::ManifestTooComplex, place, "values are nested too deeply")
        .label(format!("more than {} levels", super::reader::MAXIMUM_DEPTH))
        .help("a manifest needs fewer than ten")
}

/// What has no better words.
fn unreadable(place: Location, message: &str) -> Diagnostic {
    Diagnostic::error(Code::ManifestSyntax, place, "this is not YAML that can be read")
        .label(message.to_owned())
}

/// The reader's sentence without the line and column that it ends with.
fn without_place(message: &str) -> String {
    message.split(" at line ").next().unwrap_or(message).to_owned()
}

/// Says what is wrong with the characters.
fn scan(source: &str, at: &Range<usize>, kind: &ErrorKind, message: &str) -> Diagnostic {
    use ErrorKind as K;
    let error =
        |title: &str| Diagnostic::error(Code::ManifestSyntax, Location::span(at.clone()), title);
    match kind {
        K::TabNotAllowed
        | K::TabInBlockIndentation
        | K::TabInIndentation
        | K::TabAtBlockScalarStart
        | K::TabInPlainScalar => hints::tab(source, at),
        K::UnclosedQuotedScalar
        | K::InvalidQuotedScalarIndent
        | K::DocumentIndicatorInQuotedScalar => hints::quote(source, at),
        K::UnexpectedEofFlowSequence
        | K::UnexpectedEofFlowMapping
        | K::UnexpectedEofImplicitFlowMapping
        | K::UnclosedFlowCollection { .. }
        | K::MismatchedFlowCollectionEnd { .. }
        | K::ExpectedFlowMappingSeparator
        | K::ExpectedFlowSequenceSeparator
        | K::InvalidColonPlacement
        | K::InvalidFlowScalarIndent => hints::bracket(source, at),
        K::MisplacedFlowCollectionEnd => error("this bracket closes nothing")
            .label("no bracket was opened before it")
            .help("remove it, or put a text that holds brackets in quotes"),
        K::MappingValueNotAllowed => hints::colon(source, at),
        K::ExpectedBlockMappingKey | K::InvalidIndentation => {
            error("the indentation of this line matches no line above it")
                .label("indented differently from its neighbours")
                .help("indent the keys of one mapping by the same number of spaces")
        }
        K::SimpleKeyExpected | K::InvalidSimpleKey => hints::no_pair(source, at),
        K::ExpectedBlockSequenceEntry => error("a list and a mapping are mixed")
            .label("expected an item of the list above, which begins with `- `")
            .help("indent this line like the key that the list belongs to, or begin it with `- `"),
        K::BlockSequenceEntryNotAllowed => error("a list cannot begin on this line")
            .label("`- ` is only allowed at the beginning of a line")
            .help("begin the list on a line of its own, or write `[a, b]`"),
        K::UnexpectedCharacter { character } => hints::character(source, at, *character),
        K::RecursionLimitExceeded => too_deep(Location::span(at.clone())),
        K::InvalidTrailingDoubleQuotedScalar | K::InvalidTrailingSingleQuotedScalar => {
            error("there is more text behind the closing quote")
                .label("this is outside of the quotes")
                .help("put all of the text between the quotes")
        }
        K::UnknownQuotedScalarEscape => hints::escape(source, at),
        K::CommentInterceptedScalar => error("a comment interrupts a text of several lines")
            .label("the text above the comment goes on below it")
            .help("put the comment on a line before the key; check the indentation below it"),
        K::MissingAnchorOrAliasName => hints::unknown_anchor(source, at),
        K::UnsupportedYamlMajorVersion => error("only YAML 1.2 is read").label("this line"),
        _ => unreadable(Location::span(at.clone()), &without_place(message)),
    }
}
