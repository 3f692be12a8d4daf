//! Guesses, from the text around it, of what somebody meant who wrote what YAML does not read.

use std::ops::Range;

use super::clamp;
use crate::diagnostic::{Code, Diagnostic, Location, word};

fn error(at: Range<usize>, title: impl Into<String>) -> Diagnostic {
    Diagnostic::error(Code::ManifestSyntax, Location::span(at), title)
}

/// The bytes of the line that holds a byte, without its end.
fn line(source: &str, at: usize) -> Range<usize> {
    let start = source[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let end = source[at..].find(['\n', '\r']).map_or(source.len(), |newline| at + newline);
    start..end.max(start)
}

/// The same line without the blanks around it.
fn words(source: &str, at: usize) -> Range<usize> {
    let line = line(source, at);
    let text = &source[line.clone()];
    let start = line.start + text.len() - text.trim_start().len();
    start..start + text.trim().len()
}

/// The line with something on it before the one that holds `at`.
fn line_above(source: &str, at: usize) -> Option<Range<usize>> {
    let mut start = line(source, at).start;
    while start > 0 {
        let above = words(source, start - 1);
        if !above.is_empty() && !source[above.clone()].starts_with('#') {
            return Some(above);
        }
        start = line(source, start - 1).start;
    }
    None
}

/// A tag that has no meaning here, or a text that begins with `!`.
pub(super) fn tag(source: &str, at: &Range<usize>, tag: &str) -> Diagnostic {
    let written = source[..at.start].rfind(tag).map(|start| start..start + tag.len());
    Diagnostic::error(
        Code::CustomTag,
        Location::span(written.unwrap_or_else(|| at.clone())),
        format!("the tag {} means nothing here", word(tag)),
    )
    .label("`!` begins a tag")
    .help("remove it; put a text that begins with `!` in quotes")
}

/// `*name` without `&name`, or a text that begins with `*`.
pub(super) fn unknown_anchor(source: &str, at: &Range<usize>) -> Diagnostic {
    let rest = &source[at.start..line(source, at.start).end];
    let length = rest.find([' ', ',', ']', '}']).unwrap_or(rest.len()).max(1);
    let span = clamp(source, &(at.start..at.start + length));
    let text = &source[span.clone()];
    let location = Location::span(span.clone());
    if text.starts_with('*') {
        error(span.clone(), format!("{} repeats a value that has no name", word(text)))
            .label(format!("no value before it is named `&{}`", text.trim_start_matches('*')))
            .help("`*` begins an alias; put a text that begins with `*` in quotes")
            .patch(location, quoted(text))
    } else {
        error(span, "a name is missing behind this character")
            .label("`&` gives a value a name, `*` repeats it")
            .help("put a text that begins with `&` or `*` in quotes")
    }
}

/// Indentation with tabs.
pub(super) fn tab(source: &str, at: &Range<usize>) -> Diagnostic {
    let start = line(source, at.start).start;
    let tab = source[start..].lines().take(2).scan(start, |offset, text| {
        let here = *offset;
        *offset += text.len() + 1;
        Some((here, text))
    });
    // A tab in the middle of a line is harmless; the one that hurts is in an indentation.
    let tabs = tab
        .filter_map(|(offset, text)| {
            let indentation = text.len() - text.trim_start().len();
            let tab = text[..indentation].find('\t')?;
            Some(offset + tab..offset + indentation)
        })
        .next()
        .unwrap_or_else(|| at.clone());
    Diagnostic::error(
        Code::TabIndentation,
        Location::span(tabs),
        "this line is indented with a tab",
    )
    .label("YAML does not allow tabs here")
    .help("indent with spaces, two for each level")
}

/// A quote that is not closed.
pub(super) fn quote(source: &str, at: &Range<usize>) -> Diagnostic {
    let opening = source[..at.end].char_indices().rev().find(|&(offset, character)| {
        matches!(character, '"' | '\'')
            && source[..offset].chars().next_back().is_none_or(|before| {
                before.is_whitespace() || matches!(before, '[' | '{' | ',' | ':' | '(')
            })
    });
    let span = opening.map_or_else(|| at.clone(), |(offset, _)| offset..offset + 1);
    error(span, "this quote is not closed")
        .label("the text begins here and has no end")
        .help("close it on the same line; in single quotes a `'` is written `''`")
}

/// A backslash in double quotes that begins no escape.
pub(super) fn escape(source: &str, at: &Range<usize>) -> Diagnostic {
    const KNOWN: &str = "0abt\tnvfre \"/\\N_LPxuU\n\r";
    let text = &source[at.start..];
    let mut characters = text.char_indices().peekable();
    let mut place = at.clone();
    while let Some((offset, character)) = characters.next() {
        if character != '\\' {
            continue;
        }
        match characters.next() {
            Some((_, next)) if KNOWN.contains(next) => {}
            next => {
                let length = 1 + next.map_or(0, |(_, next)| next.len_utf8());
                place = at.start + offset..at.start + offset + length;
                break;
            }
        }
    }
    error(place, "this escape is not known")
        .label("a `\\` in double quotes begins an escape")
        .help("write `\\\\` for a backslash, or use single quotes, where nothing is escaped")
}

/// A bracket that is not closed.
pub(super) fn bracket(source: &str, at: &Range<usize>) -> Diagnostic {
    let mut open = Vec::new();
    let mut comment = false;
    let mut quote = None;
    let mut before = ' ';
    for (offset, character) in source[..at.start].char_indices() {
        match (character, quote) {
            ('\n', _) => comment = false,
            _ if comment => {}
            (_, Some(mark)) if character == mark => quote = None,
            (_, Some(_)) => {}
            ('#', None) if before.is_whitespace() => comment = true,
            ('"' | '\'', None) if before.is_whitespace() || "[{,:".contains(before) => {
                quote = Some(character);
            }
            ('[' | '{', None) if !open.is_empty() || !before.is_alphanumeric() => {
                open.push((offset, character));
            }
            (']' | '}', None) => drop(open.pop()),
            _ => {}
        }
        before = character;
    }
    let Some(&(offset, character)) = open.last() else {
        return error(at.clone(), "this does not belong into a list or mapping in brackets")
            .label("expected `,` or the closing bracket");
    };
    let (close, name) = if character == '[' { (']', "list") } else { ('}', "mapping") };
    let problem = error(offset..offset + 1, format!("this `{character}` is not closed"))
        .label(format!("the {name} begins here"))
        .help(format!("write `,` between the items, and `{close}` after the last one"));
    if at.start >= source.trim_end().len() {
        return problem;
    }
    problem.cause(Location::span(at.clone()), format!("expected `,` or `{close}` before this"))
}

/// A `:` where no key can stand.
pub(super) fn colon(source: &str, at: &Range<usize>) -> Diagnostic {
    let here = words(source, at.start);
    let key = &source[here.start..at.start.max(here.start)];
    if let Some(colon) = key.find(": ") {
        let start = here.start + colon + 2;
        let text = source[start..here.end].split(" #").next().unwrap_or_default().trim();
        let start = start + source[start..here.end].find(text).unwrap_or(0);
        let value = start..start + text.len();
        let problem = error(at.clone(), "a text that holds `: ` needs quotes")
            .label("this colon looks like that of another key");
        if text.contains(['"', '\'', '\\', '[', '{']) {
            return problem.help("put the value in quotes, or the second key on its own line");
        }
        return problem.help("put the value in quotes").patch(Location::span(value), quoted(text));
    }
    let Some(above) = line_above(source, at.start) else {
        return error(at.clone(), "no key can stand here").label("expected a value");
    };
    let text = &source[above.clone()];
    match text.find(':') {
        None if !text.starts_with("- ") => no_pair(source, &above),
        Some(colon) if !text.contains(": ") && colon + 1 < text.len() => {
            let colon = above.start + colon..above.start + colon + 1;
            error(colon.clone(), "a space is missing behind the colon")
                .label("`key: value` needs one")
                .help("write a space behind the colon")
                .patch(Location::span(colon), ": ")
        }
        _ => error(here, "this line is indented too far")
            .label("indented like a part of the value above it")
            .cause(Location::span(above), "this has a value already")
            .help("indent keys of one mapping alike; a key that holds others has nothing behind its colon"),
    }
}

/// A line that is no pair of key and value.
pub(super) fn no_pair(source: &str, at: &Range<usize>) -> Diagnostic {
    error(words(source, at.start), "this line has no `:` after its key")
        .label("expected `key: value`")
        .help("add the colon; a text of several lines has to be indented deeper than its key")
}

/// A character that no plain text can begin with.
pub(super) fn character(source: &str, at: &Range<usize>, character: char) -> Diagnostic {
    let rest = &source[at.start..line(source, at.start).end];
    let rest = rest.split(" #").next().unwrap_or(rest).trim_end();
    let end = if rest.contains([',', ']', '}']) {
        rest.find([',', ']', '}']).unwrap_or(rest.len())
    } else {
        rest.len()
    };
    let name = if character == '`' { "a backtick".into() } else { format!("`{character}`") };
    let problem = error(at.clone(), format!("a text cannot begin with {name}"))
        .label("YAML keeps this character for itself")
        .help("put the text in quotes");
    let text = &rest[..end];
    if text.is_empty() || text.contains(['"', '\\']) || text.contains(": ") {
        return problem;
    }
    problem.patch(Location::span(at.start..at.start + text.len()), quoted(text))
}

fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}
