//! Characters that no generated file may hold, in every text of the manifest.

use super::Rules;
use crate::diagnostic::{Code, Diagnostic, Location};
use crate::document::{Node, NodeKind};
use crate::pointer::Pointer;

/// Places whose texts may hold line breaks and tabs; `*` is any name.
const SEVERAL_LINES: [&[&str]; 17] = [
    &["services", "*", "environment", "*"],
    &["services", "*", "dev", "environment", "*"],
    &["services", "*", "prod", "environment", "*"],
    &["services", "*", "command"],
    &["services", "*", "dev", "command"],
    &["services", "*", "prod", "command"],
    &["services", "*", "migrate"],
    &["services", "*", "healthcheck", "command"],
    &["services", "*", "build", "command"],
    &["services", "*", "python", "collect"],
    &["services", "*", "build", "snippets", "*"],
    // Variables say on several lines what they mean; `.env.example` breaks the lines anew.
    &["services", "*", "environment", "*", "description"],
    &["services", "*", "environment", "*", "default"],
    &["services", "*", "dev", "environment", "*", "description"],
    &["services", "*", "dev", "environment", "*", "default"],
    &["services", "*", "prod", "environment", "*", "description"],
    &["services", "*", "prod", "environment", "*", "default"],
];

/// Mappings whose keys are names, so that `x-` at their beginning has no meaning.
const NAMES: [&str; 7] =
    ["services", "secrets", "volumes", "labels", "environment", "args", "routes"];

/// Whether a character is refused everywhere but where lines may break.
pub(super) fn is_bad(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}' | '\u{2029}' | '\u{FEFF}')
        // No YAML file may hold them (YAML 1.2, 5.1).
        || matches!(character, '\u{FFFE}' | '\u{FFFF}')
        // They make a line look like another one (CVE-2021-42574).
        || matches!(character, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

pub(super) fn check(rules: &mut Rules<'_>) {
    let mut found = Vec::new();
    look(rules.document.root(), &mut Vec::new(), &mut found);
    for diagnostic in found {
        rules.report(diagnostic);
    }
}

fn look<'d>(node: &'d Node, way: &mut Vec<&'d str>, found: &mut Vec<Diagnostic>) {
    match &node.kind {
        NodeKind::Text(text) => found.extend(judge(text, way)),
        NodeKind::Sequence(items) => {
            // The items of a list are judged like the list.
            for (index, item) in items.iter().enumerate() {
                if let NodeKind::Text(text) = &item.kind {
                    found.extend(judge(text, way).map(|problem| below(problem, index)));
                } else {
                    let mut inner = Vec::new();
                    look(item, way, &mut inner);
                    let depth = way.len();
                    found.extend(inner.into_iter().map(|problem| insert(problem, depth, index)));
                }
            }
        }
        NodeKind::Mapping(entries) => {
            let names = way.last().is_some_and(|key| NAMES.contains(key));
            for entry in entries.iter().filter(|entry| names || !entry.key.starts_with("x-")) {
                way.push(&entry.key);
                if let Some((_, character)) = bad(&entry.key, false) {
                    let place = Location::key(way.iter().collect());
                    found.push(describe(place, character));
                }
                look(&entry.value, way, found);
                way.pop();
            }
        }
        _ => {}
    }
}

/// The same problem, of an item of the list.
fn below(mut problem: Diagnostic, index: usize) -> Diagnostic {
    problem.location.pointer = problem.location.pointer.join(index);
    problem
}

/// The same problem, in an item of a list that lies so deep.
fn insert(mut problem: Diagnostic, depth: usize, index: usize) -> Diagnostic {
    let segments = problem.location.pointer.segments().map(str::to_owned);
    let mut segments: Vec<String> = segments.collect();
    segments.insert(depth, index.to_string());
    problem.location.pointer = segments.iter().collect();
    problem
}

fn judge(text: &str, way: &[&str]) -> Option<Diagnostic> {
    let several = SEVERAL_LINES.iter().any(|place| {
        place.len() == way.len() && place.iter().zip(way).all(|(a, b)| *a == "*" || a == b)
    });
    let (offset, character) = bad(text, several)?;
    let at: Pointer = way.iter().collect();
    // A line break is invisible: the whole value is shown.
    let place = if character == '\n' {
        Location::value(at)
    } else {
        Location::within(at, offset..offset + character.len_utf8())
    };
    let problem = describe(place, character);
    Some(if character == '\n' && text.trim_end().len() <= offset {
        problem.help("write the text on one line; after a `>` or `|`, add a `-`: `>-`")
    } else {
        problem
    })
}

/// The first character that is refused.
fn bad(text: &str, several_lines: bool) -> Option<(usize, char)> {
    text.char_indices().find(|(_, character)| {
        is_bad(*character) && !(several_lines && matches!(character, '\n' | '\t'))
    })
}

fn describe(place: Location, character: char) -> Diagnostic {
    let what = match character {
        '\n' => "a line break".to_owned(),
        '\t' => "a tab".to_owned(),
        '\r' => "a carriage return, U+000D".to_owned(),
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {
            format!("U+{:04X}, which turns the direction of writing", u32::from(character))
        }
        '\u{2028}' | '\u{2029}' => format!("the line break U+{:04X}", u32::from(character)),
        '\u{FFFE}' | '\u{FFFF}' => format!("U+{:04X}, which is no character", u32::from(character)),
        _ => format!("the control character U+{:04X}", u32::from(character)),
    };
    let problem = Diagnostic::error(
        Code::BadControlCharacter,
        place,
        format!("no generated file can carry {what}"),
    );
    problem.help(if character == '\n' {
        "write the text on one line"
    } else {
        "remove it; a value that needs it goes into a file that the service reads"
    })
}
