//! Turns views into text: templates for Dockerfiles and scripts, one writer for YAML.
//!
//! Quoting is done by types. A view's string reaches the page only through one of the newtypes of
//! [`quote`], or if it holds nothing that any of our formats could misread; everything else is an
//! error of ours, found by the first test that renders it.

pub mod quote;
pub mod yaml;

use std::sync::LazyLock;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value};
use serde::Serialize;

use crate::templates;

/// A fault of this program, never of the manifest.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// A template does not fit its view.
    #[error("the template `{template}` does not render: {source:#}")]
    Template {
        /// Its name.
        template: String,
        /// What the engine says.
        source: Error,
    },
    /// A YAML file is not read as it was meant.
    #[error("a rendered YAML file is not what it should be: {0}")]
    Reread(String),
}

static ENVIRONMENT: LazyLock<Environment<'static>> = LazyLock::new(environment);

/// Renders a template with its view.
///
/// # Errors
/// Only where a template and its view do not fit, or a value is printed unquoted.
pub fn template(name: &str, view: &impl Serialize) -> Result<String, RenderError> {
    let fault = |source| RenderError::Template { template: name.to_owned(), source };
    let text = ENVIRONMENT.get_template(name).and_then(|t| t.render(Serde(view))).map_err(fault)?;
    Ok(tidy(&text))
}

/// Collapses runs of blank lines, which loops and conditions leave behind, and ends the text with
/// exactly one newline.
fn tidy(text: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in text.lines() {
        let line = line.trim_end();
        if line.is_empty() && lines.last().is_none_or(|last| last.is_empty()) {
            continue;
        }
        lines.push(line);
    }
    while lines.last().is_some_and(|last| last.is_empty()) {
        lines.pop();
    }
    let mut text = lines.join("\n");
    text.push('\n');
    // Text of the user's own was one line until here.
    text.replace(quote::LINE_BREAK, "\n")
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    // The usual braces collide with `${#array[@]}`, docker's `{{.Names}}` and GitHub's `${{ }}`.
    let syntax = SyntaxConfig::builder()
        .variable_delimiters("{{{", "}}}")
        .block_delimiters("{{%", "%}}")
        .comment_delimiters("{{#", "#}}")
        .trim_blocks(true)
        .lstrip_blocks(true)
        .build();
    if let Ok(syntax) = syntax {
        environment.set_syntax(syntax);
    }
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::Custom("quoted".into()));
    environment.set_formatter(print);
    environment.remove_filter("safe");
    environment.remove_filter("escape");
    environment.remove_filter("e");
    // Parsed when first asked for: no manifest needs all of them.
    environment.set_loader(|name| {
        let found = templates::ALL.iter().find(|(known, _)| *known == name);
        Ok(found.map(|(_, text)| (*text).to_owned()))
    });
    environment
}

/// Prints what a quoting type has made safe, and of the rest only what needs no quotes anywhere.
fn print(output: &mut Output, _: &mut State, value: &Value) -> Result<(), Error> {
    let plain = |c: char| c.is_alphanumeric() || "._/:@=+,~-".contains(c);
    match value.as_str() {
        Some(text) if value.is_safe() || text.chars().all(plain) => {
            output.write_str(text).map_err(Error::from)
        }
        None if value.is_number() => output.write_fmt(format_args!("{value}")).map_err(Error::from),
        _ => Err(Error::new(
            ErrorKind::BadEscape,
            format!("printed without a quoting type: {value:?}"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_to_print_what_is_not_quoted() {
        let environment = environment();
        for value in ["a b", "$(x)", "\"", "a\nb", "{{", "#"] {
            let view = std::collections::BTreeMap::from([("value", value)]);
            assert!(environment.render_str("{{{ value }}}", Serde(&view)).is_err(), "{value}");
        }
    }

    #[test]
    fn every_template_parses() {
        let environment = environment();
        for (name, _) in templates::ALL {
            if let Err(error) = environment.get_template(name) {
                panic!("{error:#}");
            }
        }
    }

    #[test]
    fn leaves_one_blank_line_at_most() {
        assert_eq!(tidy("\n\na  \n\n\n\nb\n\n"), "a\n\nb\n");
    }

    #[test]
    fn leaves_instructions_as_they_are_written() {
        let text = "RUN <<EOF\n\n\na  \n\tb\nEOF";
        let own = quote::instruction(text);
        assert_eq!(tidy(&format!("{}  \n\n\nX\n", own.as_str())), format!("{text}\n\nX\n"));
    }
}
