//! Diagnostics as a person reads them, and as a program does.

use std::borrow::Cow;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Patch, Renderer, Snippet};
use serde_json::{Value, json};

use super::{Code, Diagnostic, Location, Part, Severity};
use crate::document::Document;

/// Puts diagnostics in the order of their places; of one place, errors come first.
pub fn sort(document: &Document, diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by_cached_key(|diagnostic| {
        let span = document.locate(&diagnostic.location);
        (span.start, diagnostic.severity, span.end, diagnostic.title.clone())
    });
}

/// The diagnostics with the lines that they are about, carets and patches, in the order given.
///
/// Each begins with `error[code]: title` or `warning[code]: title`; a blank line parts them. With
/// `colour` the text holds ANSI sequences, without it none, whatever the document holds.
#[must_use]
pub fn render(document: &Document, diagnostics: &[Diagnostic], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let source = &*concealed(document, diagnostics);
    let mut text = String::new();
    for (number, diagnostic) in diagnostics.iter().enumerate() {
        if number > 0 {
            text.push('\n');
        }
        text.push_str(&renderer.render(&groups(document, source, diagnostic)));
        text.push('\n');
    }
    text
}

/// The text of a document as it may be shown: a secret does not go on from the manifest into the
/// log of a CI run. Every byte stays at its place.
fn concealed<'d>(document: &'d Document, diagnostics: &[Diagnostic]) -> Cow<'d, str> {
    let mut source = Cow::Borrowed(document.source());
    for diagnostic in diagnostics.iter().filter(|found| found.code == Code::SecretLiteral) {
        let pointer = diagnostic.location.pointer.clone();
        let span = document.extent(&Location { pointer, part: Part::Value });
        let stars: String = source[span.clone()]
            .chars()
            .flat_map(|c| if c == '\n' { "\n".chars() } else { STARS[c.len_utf8()].chars() })
            .collect();
        source.to_mut().replace_range(span, &stars);
    }
    source
}

/// As many stars as a character has bytes.
const STARS: [&str; 5] = ["", "*", "**", "***", "****"];

/// The parts of one diagnostic: the problem with its places, then the patch.
fn groups<'a>(
    document: &'a Document,
    source: &'a str,
    diagnostic: &'a Diagnostic,
) -> Vec<Group<'a>> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(diagnostic.title.as_str()).id(diagnostic.code.as_str());
    let mut problem = if document.source().trim().is_empty() {
        title.element(Origin::path(document.name()))
    } else {
        title.element(snippet(document, source, diagnostic))
    };
    let Some(patch) = &diagnostic.patch else {
        if let Some(help) = &diagnostic.help {
            problem = problem.element(Level::HELP.message(help.as_str()));
        }
        return vec![problem];
    };
    let span = document.extent(&patch.location);
    let before = document.source().as_bytes().get(span.start.wrapping_sub(1));
    let window = Window::around(source, std::iter::once(&span));
    // `key:` without a value ends at the colon: what is put there needs a space before it.
    let space = if span.is_empty() && before == Some(&b':') { " " } else { "" };
    let replacement = format!("{space}{}", patch.replacement);
    let help = diagnostic.help.as_deref().unwrap_or("write this instead");
    let suggestion = Level::HELP.secondary_title(help).element(
        Snippet::source(window.text)
            .line_start(window.line)
            .path(document.name())
            .patch(Patch::new(window.within(&span), replacement)),
    );
    vec![problem, suggestion]
}

/// The lines of the problem, with its carets.
fn snippet<'a>(
    document: &'a Document,
    source: &'a str,
    diagnostic: &'a Diagnostic,
) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
    let primary = document.locate(&diagnostic.location);
    let causes: Vec<_> = diagnostic
        .labels
        .iter()
        .map(|(location, text)| (document.locate(location), text.as_str()))
        .collect();
    let window = Window::around(
        source,
        std::iter::once(&primary).chain(causes.iter().map(|(span, _)| span)),
    );
    Snippet::source(window.text)
        .line_start(window.line)
        .path(document.name())
        .annotation(
            AnnotationKind::Primary
                .span(window.within(&primary))
                .label(diagnostic.label.as_deref()),
        )
        .annotations(causes.iter().map(|(span, text)| {
            AnnotationKind::Context.span(window.within(span)).label(Some(*text))
        }))
}

/// The whole lines of a document that some spans touch. The renderer reads all that it is given,
/// so a long document with many problems would be slow without it.
struct Window<'a> {
    text: &'a str,
    start: usize,
    line: usize,
}

impl<'a> Window<'a> {
    fn around<'s>(source: &'a str, spans: impl Iterator<Item = &'s Range<usize>>) -> Self {
        let (start, end) = spans.fold((source.len(), 0), |(start, end), span| {
            (start.min(span.start), end.max(span.end))
        });
        let end = end.max(start);
        let start = source[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let end = source[end..].find('\n').map_or(source.len(), |newline| end + newline + 1);
        let line = 1 + source[..start].bytes().filter(|&byte| byte == b'\n').count();
        Self { text: &source[start..end], start, line }
    }

    fn within(&self, span: &Range<usize>) -> Range<usize> {
        span.start.saturating_sub(self.start)..span.end.saturating_sub(self.start)
    }
}

/// The diagnostics as data: a list of `{"code", "severity", "message", "help", "path", "file",
/// "line", "column", "end_line", "end_column"}`.
///
/// `path` is the JSON pointer of the place. Lines and columns count from 1, columns in characters;
/// the end lies behind the last character.
#[must_use]
pub fn to_json(document: &Document, diagnostics: &[Diagnostic]) -> Value {
    diagnostics.iter().map(|diagnostic| item(document, diagnostic)).collect()
}

fn item(document: &Document, diagnostic: &Diagnostic) -> Value {
    let span = document.locate(&diagnostic.location);
    let (line, column) = document.line_column(span.start);
    let (end_line, end_column) = document.line_column(span.end);
    json!({
        "code": diagnostic.code.as_str(),
        "severity": diagnostic.severity.as_str(),
        "message": diagnostic.title,
        "help": diagnostic.help,
        "path": diagnostic.location.pointer.to_string(),
        "file": document.name(),
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    })
}
