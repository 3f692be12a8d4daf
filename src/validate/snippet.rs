//! Dockerfile instructions of the user's own: whole ones, that stay in their stage.

use super::Rules;
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
                Some(patch) if !text.contains('\n') => diagnostic.patch(place, patch),
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
    let mut continued = false;
    let mut heredoc: Option<String> = None;
    for line in text.lines() {
        if let Some(end) = &heredoc {
            if line.trim_start_matches('\t') == end {
                heredoc = None;
            }
            continue;
        }
        let trimmed = line.trim();
        // Comments and empty lines may stand between the lines of an instruction.
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        if !continued && let Some(found) = judge_beginning(trimmed) {
            return Some(found);
        }
        continued = trimmed.ends_with('\\');
        heredoc = here_document(trimmed);
    }
    if continued {
        return problem(
            "the instruction ends with a `\\`, and would take the next line with it",
            "end it, or write its other lines behind it",
        );
    }
    heredoc.and_then(|end| {
        problem(
            format!("the text that `<<{end}` begins does not end"),
            format!("add a line `{end}`"),
        )
    })
}

/// What is wrong with the first word of an instruction.
fn judge_beginning(line: &str) -> Option<Problem> {
    let first = line.split_whitespace().next().unwrap_or_default();
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

/// The word that ends the text which a line begins: `RUN <<EOF`.
fn here_document(line: &str) -> Option<String> {
    let (_, rest) = line.split_once("<<")?;
    let rest = rest.trim_start_matches('-').trim_start_matches(['"', '\'']);
    let end: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    (!end.is_empty() && !end.starts_with(|c: char| c.is_ascii_digit())).then_some(end)
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
            "copy --from=docker.io/library/busybox:1 /bin/x /x",
        ] {
            assert!(judge(text).is_none(), "{text}");
        }
        for text in ["", "FROM x", "RUN a \\", "ENV A=b\nfrom x", "apt-get update", "RUN <<EOF\nx"]
        {
            assert!(judge(text).is_some(), "{text}");
        }
    }
}
