//! Dockerfile instructions of the user's own: whole ones, that stay in their stage.

use super::{Rules, character};
use crate::diagnostic::suggest::nearest;
use crate::diagnostic::{Code, Diagnostic, Location, word};
use crate::manifest::{Service, SnippetStage};
use crate::pointer;

/// The instructions of a Dockerfile, without the one that begins a stage.
const INSTRUCTIONS: [&str; 17] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// What is wrong with an instruction.
struct Problem {
    title: String,
    help: String,
    patch: Option<String>,
}

pub(super) fn check(rules: &mut Rules<'_>, name: &str, service: &Service) {
    let snippets = service.build.iter().flat_map(|build| &build.snippets);
    for (stage, instructions) in snippets {
        let stage = stage_name(*stage);
        for (index, text) in instructions.iter().enumerate() {
            let at = pointer!["services", name, "build", "snippets", stage, index];
            let Some(problem) = judge(text) else { continue };
            let place = Location::value(at);
            let diagnostic = Diagnostic::error(Code::BadSnippet, place.clone(), problem.title);
            let diagnostic = diagnostic.help(problem.help);
            rules.report(match problem.patch {
                Some(patch) if !text.chars().any(|c| c == '\n' || character::is_bad(c)) => {
                    diagnostic.patch(place, patch)
                }
                _ => diagnostic,
            });
        }
    }
}

fn stage_name(stage: SnippetStage) -> &'static str {
    match stage {
        SnippetStage::Base => "base",
        SnippetStage::Dependencies => "dependencies",
        SnippetStage::Development => "development",
        SnippetStage::Build => "build",
        SnippetStage::Production => "production",
    }
}

fn problem(title: impl Into<String>, help: impl Into<String>) -> Option<Problem> {
    Some(Problem { title: title.into(), help: help.into(), patch: None })
}

fn judge(text: &str) -> Option<Problem> {
    if text.trim().is_empty() {
        return problem("the instruction is empty", "remove it");
    }
    let mut lines = text.lines().map(Line::new);
    while let Some(line) = lines.next() {
        let Line::Text(first) = line else { continue };
        if let Some(found) = judge_beginning(first.trim_start()) {
            return Some(found);
        }
        let whole = match whole_instruction(first, &mut lines) {
            Ok(whole) => whole,
            Err(found) => return Some(found),
        };
        for end in here_documents(&whole) {
            let Some(end) = end else {
                return problem(
                    "a `<<` that builders could take for the beginning of a text",
                    "write `<<NAME` as a word of its own, with letters, digits and `_`, or call a \
                     script",
                );
            };
            // In the text, blanks and comments are as good as anything.
            let is_end = |line: &Line<'_>| {
                line.written().trim_start_matches(if end.indented { '\t' } else { '\n' })
                    == end.name
            };
            if !lines.any(|line| is_end(&line)) {
                let name = end.name;
                return problem(
                    format!("the text that `<<{name}` begins does not end"),
                    format!("add a line `{name}`"),
                );
            }
        }
    }
    None
}

/// A line of a Dockerfile.
enum Line<'t> {
    /// A part of an instruction.
    Text(&'t str),
    /// Nothing, or a comment: it may stand between the lines of an instruction.
    Passed(&'t str),
}

impl<'t> Line<'t> {
    fn new(line: &'t str) -> Self {
        let begin = line.trim_start();
        let passed = begin.is_empty() || begin.starts_with('#');
        if passed { Self::Passed(line) } else { Self::Text(line) }
    }

    fn written(&self) -> &'t str {
        match self {
            Self::Text(line) | Self::Passed(line) => line,
        }
    }
}

/// The lines of an instruction as one.
fn whole_instruction<'t>(
    first: &'t str,
    lines: &mut impl Iterator<Item = Line<'t>>,
) -> Result<String, Problem> {
    let mut whole = String::new();
    let mut line = first;
    loop {
        // Blanks may follow the `\`.
        let end = line.trim_end_matches([' ', '\t']);
        let Some(before) = end.strip_suffix('\\') else {
            whole.push_str(line);
            return Ok(whole);
        };
        if before.ends_with('\\') {
            return Err(Problem {
                title: "builders differ in whether a line goes on behind `\\\\`".into(),
                help: "end the line with a single `\\`, or with something else".into(),
                patch: None,
            });
        }
        whole.push_str(before);
        let next = lines.find_map(|line| match line {
            Line::Text(text) => Some(text),
            Line::Passed(_) => None,
        });
        line = next.ok_or_else(|| Problem {
            title: "the instruction ends with a `\\`, and would take the next line with it".into(),
            help: "end it, or write its other lines behind it".into(),
            patch: None,
        })?;
    }
}

/// What is wrong with the first word of an instruction.
fn judge_beginning(line: &str) -> Option<Problem> {
    let first = line.split([' ', '\t']).next().unwrap_or_default();
    let upper = first.to_ascii_uppercase();
    if upper == "FROM" {
        return problem(
            "`FROM` would begin a stage of its own",
            "use `COPY --from=IMAGE`, or write a Dockerfile of your own and name it with \
             `dockerfile`",
        );
    }
    if INSTRUCTIONS.contains(&upper.as_str()) {
        return None;
    }
    let title = format!("{} is no instruction of a Dockerfile", word(first));
    let rest = &line[first.len()..];
    Some(match nearest(first, INSTRUCTIONS) {
        Some(near) => Problem {
            title,
            help: format!("did you mean `{near}`?"),
            patch: Some(format!("{near}{rest}")),
        },
        None => Problem {
            title,
            help: "a command begins with `RUN`".into(),
            patch: Some(format!("RUN {line}")),
        },
    })
}

/// A text behind an instruction: `<<EOF`, `<<-EOF`.
struct HereDocument {
    name: String,
    /// Whether tabs may stand before the line that ends it.
    indented: bool,
}

/// The texts that follow an instruction, as the builders find them (BuildKit,
/// `frontend/dockerfile/parser`): a word that begins with `<<`, or a digit and `<<`, outside of
/// quotes. `None` for one whose end they could see elsewhere than we do.
fn here_documents(instruction: &str) -> Vec<Option<HereDocument>> {
    let mut words = words(instruction).into_iter();
    let mut keyword = words.next().unwrap_or_default().to_ascii_uppercase();
    if keyword == "ONBUILD" {
        keyword = words.next().unwrap_or_default().to_ascii_uppercase();
    }
    if !["ADD", "COPY", "RUN"].contains(&keyword.as_str()) {
        return Vec::new();
    }
    words.filter_map(here_document).collect()
}

fn here_document(word: &str) -> Option<Option<HereDocument>> {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix("<<")?;
    let (indented, rest) = match rest.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    // `<<<` is a word for the shell alone.
    if rest.is_empty() || rest.contains('<') {
        return None;
    }
    let inner = ['"', '\'']
        .iter()
        .find_map(|quote| rest.strip_prefix(*quote).and_then(|rest| rest.strip_suffix(*quote)));
    let name = inner.unwrap_or(rest);
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    Some((is_name && begins).then(|| HereDocument { name: name.to_owned(), indented }))
}

/// The words of an instruction, with their quotes and escapes.
fn words(instruction: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut begin = None;
    let mut quote = None;
    let mut escaped = false;
    for (offset, character) in instruction.char_indices() {
        if character.is_whitespace() && quote.is_none() && !escaped {
            words.extend(begin.take().map(|begin| &instruction[begin..offset]));
            continue;
        }
        begin = begin.or(Some(offset));
        match (character, quote) {
            _ if escaped => escaped = false,
            ('\\', None | Some('"')) => escaped = true,
            ('"' | '\'', None) => quote = Some(character),
            (_, Some(open)) if open == character => quote = None,
            _ => {}
        }
    }
    words.extend(begin.map(|begin| &instruction[begin..]));
    words
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn takes_whole_instructions() {
        for text in [
            "RUN apt-get update \\\n  # comment\n  && apt-get install x",
            "# why\nENV A=b",
            "RUN <<EOF\nFROM x\nEOF",
            "RUN <<-'A' cat 3<<B\nFROM x\n\tA\n# FROM x\n\nB\nENV A=b",
            "RUN echo $((1 << 2)) <<<x; test 1 -lt 2",
            "ONBUILD RUN <<EOF\nFROM x\nEOF",
            "copy --from=docker.io/library/busybox:1 /bin/x /x",
        ] {
            assert!(judge(text).is_none(), "{text}");
        }
        for text in [
            "",
            "FROM x",
            "RUN a \\",
            "RUN a \\ \t",
            "ENV A=b\nfrom x",
            "apt-get update",
            "RUN <<EOF\nx",
            "RUN <<EOF\n\tEOF",
            // The builders see an instruction where a text seems to be.
            "RUN a \\\\\nFROM x",
            "RUN echo \"<<EOF\"\nFROM x\nEOF",
            "RUN echo a<<EOF\nFROM x\nEOF",
            "RUN echo \\<<EOF\nFROM x\nEOF",
            "ENV A=<<EOF\nFROM x\nEOF",
            // They see a text where none seems to be.
            "RUN echo 1<<2",
            "RUN cat <<'E F'\nx\nE F",
        ] {
            assert!(judge(text).is_some(), "{text}");
        }
    }
}
