//! Values of environment variables: what stays as it is written, and what comes from the host.

use super::{Rules, environments};
use crate::diagnostic::{Code, Diagnostic, Location, word};
use crate::manifest::{EnvironmentValue, Service, ServiceVariable};
use crate::pointer::Pointer;

/// Variables that the generated files read for themselves.
const OWN: [&str; 1] = ["VERSION"];

/// The first `$NAME`, `${NAME}` or `${NAME:-…}` of a text.
pub(super) fn reference(text: &str) -> Option<&str> {
    text.match_indices('$').find_map(|(start, _)| {
        let rest = &text[start + 1..];
        if rest.starts_with('{') {
            let end = rest.find('}')?;
            return Some(&text[start..start + 1 + end + 1]);
        }
        let length = name_length(rest);
        (length > 0).then(|| &text[start..start + 1 + length])
    })
}

/// How many bytes at the beginning of a text are the name of a variable.
fn name_length(text: &str) -> usize {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    text.find(|c| !is_name(c)).unwrap_or(text.len())
}

pub(super) fn check(rules: &mut Rules<'_>, name: &str, service: &Service) {
    for (above, environment) in environments(name, service) {
        for (key, value) in environment {
            match value {
                EnvironmentValue::Text(text) => literal(rules, above.join(key), key, &text.0),
                EnvironmentValue::Variable(variable) => {
                    from_host(rules, &above.join(key), key, variable);
                }
                EnvironmentValue::Boolean(_) | EnvironmentValue::Integer(_) => {}
            }
        }
    }
}

/// A `$` has no meaning in a value.
fn literal(rules: &mut Rules<'_>, at: Pointer, key: &str, text: &str) {
    let Some(found) = reference(text) else { return };
    let inner = found.trim_start_matches(['$', '{']).trim_end_matches('}');
    let length = name_length(inner);
    let (name, rest) = inner.split_at(length);
    let start = text.find(found).unwrap_or_default();
    let problem = Diagnostic::warning(
        Code::LiteralDollar,
        Location::within(at.clone(), start..start + found.len()),
        format!("{} in the value of `{key}` is not replaced", word(found)),
    )
    .label("stays as it is written");
    let default = rest.strip_prefix(":-").or_else(|| rest.strip_prefix('-'));
    if name.is_empty() || found.len() != text.len() || (default.is_none() && !rest.is_empty()) {
        let name = if name.is_empty() { key } else { name };
        rules.report(
            problem.help(format!(
                "where the whole value comes from the host, write `{{from: {name}}}`"
            )),
        );
        return;
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "._/-".contains(c);
    let replacement = match default {
        None => format!("{{from: {name}}}"),
        Some(default) if !default.is_empty() && default.chars().all(plain) => {
            format!("{{from: {name}, default: \"{default}\"}}")
        }
        Some(_) => format!("{{from: {name}, default: …}}"),
    };
    rules.report(if replacement.contains('…') {
        problem.help(format!("take it from the host: `{replacement}`"))
    } else {
        problem
            .help("take it from the host's environment, or from `.env`")
            .patch(Location::value(at), replacement)
    });
}

fn from_host(rules: &mut Rules<'_>, at: &Pointer, key: &str, variable: &ServiceVariable) {
    if OWN.contains(&variable.from.as_str()) {
        let title =
            format!("`{}` is the version of the images that production runs", variable.from);
        let problem =
            Diagnostic::error(Code::ReservedName, Location::value(at.join("from")), title);
        rules.report(problem.help(format!(
            "take the value of `{key}` from a variable of another name: `{{from: APP_{}}}`",
            variable.from
        )));
    }
    let Some(default) = variable.default.as_deref() else { return };
    // Docker Compose looks for variables in a default, podman-compose takes `$$` for itself; and
    // braces are counted by one of them only (compose-go `template.go`, `podman_compose.py`).
    let Some(offset) = default.find(['}', '{', '$', '\n']) else { return };
    let place = Location::within(at.join("default"), offset..offset + 1);
    let (what, label) = match default.as_bytes()[offset] {
        b'}' => ("a `}`", "the default would end here"),
        b'{' => ("a `{`", "the compose programs look for its end in different places"),
        b'$' => ("a `$`", "the compose programs read it in different ways"),
        _ => ("a line break", "the default would end here"),
    };
    let title = format!("the default of `{key}` holds {what}");
    rules.report(Diagnostic::error(Code::BadValue, place, title).label(label).help(
        "leave `default` out and set the value in `.env`, or write the value without `from`",
    ));
}

#[cfg(test)]
mod tests {
    use super::reference;

    #[test]
    fn finds_references() {
        for (text, expected) in [
            ("a ${B:-c} d", Some("${B:-c}")),
            ("$HOME/x", Some("$HOME")),
            ("$$NAME", Some("$NAME")),
            ("costs $5", None),
            ("^a$", None),
            ("${open", None),
        ] {
            assert_eq!(reference(text), expected, "{text}");
        }
    }
}
