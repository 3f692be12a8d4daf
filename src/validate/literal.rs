//! Secrets that are written into the manifest. No message of these rules holds the value, and the
//! lines that are shown hide it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Rules, at, environments, plan};
use crate::diagnostic::{Code, Diagnostic, Location};
use crate::document::{Document, Node, NodeKind};
use crate::manifest::{EnvironmentValue, Service};
use crate::pointer;
use crate::pointer::Pointer;
use crate::preset;

/// The last words of names whose values are secret.
const NAMES: [&str; 19] = [
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "SECRET",
    "TOKEN",
    "APIKEY",
    "API_KEY",
    "CREDENTIAL",
    "CREDENTIALS",
    "PRIVATE_KEY",
    "ACCESS_KEY",
    "ACCOUNT_KEY",
    "SECRET_KEY",
    "SECRET_KEY_BASE",
    "ENCRYPTION_KEY",
    "SIGNING_KEY",
    "MASTER_KEY",
    "AUTH_KEY",
    "_PWD",
];

/// Values that say nothing secret: switches.
const SWITCHES: [&str; 10] = ["true", "false", "yes", "no", "on", "off", "0", "1", "none", "null"];

/// How some secrets begin, how long they are at least, and what they are.
const SHAPES: [(&str, usize, &str); 18] = [
    ("AKIA", 20, "an access key of AWS"),
    ("ASIA", 20, "an access key of AWS"),
    ("ghp_", 20, "a token of GitHub"),
    ("gho_", 20, "a token of GitHub"),
    ("ghs_", 20, "a token of GitHub"),
    ("ghu_", 20, "a token of GitHub"),
    ("github_pat_", 20, "a token of GitHub"),
    ("glpat-", 20, "a token of GitLab"),
    ("npm_", 30, "a token of npm"),
    ("pypi-", 30, "a token of PyPI"),
    ("xoxb-", 20, "a token of Slack"),
    ("xoxp-", 20, "a token of Slack"),
    ("sk-", 20, "a key of an API"),
    ("sk_live_", 20, "a key of Stripe"),
    ("rk_live_", 20, "a key of Stripe"),
    ("AIza", 30, "a key of Google"),
    ("hf_", 30, "a token of Hugging Face"),
    ("SG.", 40, "a key of SendGrid"),
];

/// What an address is that holds a password.
const ADDRESS: &str = "an address with a password";

/// Whether the value of a variable of that name is secret.
fn is_secret_name(name: &str) -> bool {
    let upper = name.to_ascii_uppercase().replace(['-', '.'], "_");
    let number = |c: char| c.is_ascii_digit() || c == '_';
    let upper = upper.trim_end_matches(number);
    let upper = ["_OLD", "_NEW", "_PREVIOUS"]
        .iter()
        .find_map(|suffix| upper.strip_suffix(suffix))
        .unwrap_or(upper);
    NAMES.iter().any(|word| upper.ends_with(word))
}

/// Whether a value gives nothing away: none, a switch, a path, an address without a password.
fn is_harmless(value: &str) -> bool {
    let value = value.trim();
    value.is_empty()
        || SWITCHES.contains(&value.to_ascii_lowercase().as_str())
        || value.starts_with(['/', '.'])
        || (value.contains("://") && shape(value).is_none())
        || super::variable::reference(value).is_some_and(|found| found.len() == value.len())
}

/// What a value looks like, if it looks like a secret.
fn shape(value: &str) -> Option<&'static str> {
    let begins = |text: &str| {
        let rest = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        let known = SHAPES.iter().find(|(begin, length, _)| {
            text.starts_with(begin) && text.len() >= *length && text.chars().all(rest)
        });
        known.map(|(_, _, what)| *what)
    };
    if value.contains("-----BEGIN ") && value.contains("PRIVATE KEY") {
        return Some("a private key");
    }
    if has_password(value) {
        return Some(ADDRESS);
    }
    value.split(|c: char| c.is_whitespace() || "=\"',:".contains(c)).find_map(begins)
}

/// Whether an address holds the password of a user: `postgres://app:secret@db/app`.
fn has_password(value: &str) -> bool {
    value.match_indices("://").any(|(offset, separator)| {
        let rest = &value[offset + separator.len()..];
        let host = rest.split(['/', '?', '#', ' ', '"', '\'']).next().unwrap_or_default();
        let Some((user, _)) = host.rsplit_once('@') else { return false };
        let Some((_, password)) = user.split_once(':') else { return false };
        !password.is_empty() && super::variable::reference(password).is_none()
    })
}

pub(super) fn check(rules: &mut Rules<'_>, name: &str, service: &Service) {
    for (above, environment) in environments(name, service) {
        for (key, value) in environment {
            let at = above.join(key);
            match value {
                EnvironmentValue::Text(text) => {
                    if is_secret_name(key) && !is_harmless(&text.0) {
                        rules.report(of_variable(name, service, key, at));
                    }
                }
                EnvironmentValue::Integer(number) => {
                    if is_secret_name(key) && !is_harmless(&number.to_string()) {
                        rules.report(of_variable(name, service, key, at));
                    }
                }
                EnvironmentValue::Boolean(_) => {}
                EnvironmentValue::Variable(variable) => {
                    let default = variable.default.as_deref().unwrap_or_default();
                    let named = is_secret_name(key) || is_secret_name(&variable.from);
                    if named && !is_harmless(default) {
                        rules.report(of_default(key, at.join("default")));
                    }
                }
            }
        }
    }
    let arguments = service.build.iter().flat_map(|build| &build.args);
    for (key, value) in arguments {
        if is_secret_name(key) && !is_harmless(value) {
            let at = pointer!["services", name, "build", "args", key];
            let title = format!("the build argument `{key}` looks like a secret");
            let problem = Diagnostic::error(Code::SecretLiteral, Location::value(at), title);
            rules.report(problem.label("hidden here").help(format!(
                "everybody who has the image can read it: use `build: {{secrets: {{{}: {{}}}}}}`",
                key.to_ascii_lowercase()
            )));
        }
    }
    labels(rules, &at(name, "labels"), &service.labels);
}

/// Labels by their names; their values are looked at with all others.
fn labels(rules: &mut Rules<'_>, above: &Pointer, labels: &BTreeMap<String, String>) {
    for (key, value) in labels {
        if is_secret_name(key) && !is_harmless(value) {
            let title = format!("the label `{key}` looks like a secret");
            let place = Location::value(above.join(key));
            let problem = Diagnostic::error(Code::SecretLiteral, place, title);
            rules.report(
                problem
                    .label("hidden here")
                    .help("everybody who has the image can read its labels: remove it"),
            );
        }
    }
}

fn of_variable(name: &str, service: &Service, key: &str, at: Pointer) -> Diagnostic {
    let title = format!("the value of `{key}` looks like a secret, and the manifest is committed");
    let problem =
        Diagnostic::error(Code::SecretLiteral, Location::value(at), title).label("hidden here");
    if plan(name, service).is_some_and(|plan| plan.secret.is_some()) {
        let own = preset::secret_name(name);
        return problem.help(format!(
            "remove it: the preset has a secret of its own, which lies in `secrets/{own}`"
        ));
    }
    let secret = key.to_ascii_lowercase();
    problem.help(format!(
        "put it into a file: `secrets: [{secret}]` and `{key}_FILE: /run/secrets/{secret}`; or take \
         it from the host: `{{from: {key}}}`"
    ))
}

fn of_default(key: &str, at: Pointer) -> Diagnostic {
    let title =
        format!("the default of `{key}` looks like a secret, and the manifest is committed");
    Diagnostic::error(Code::SecretLiteral, Location::value(at), title)
        .label("hidden here")
        .help("leave `default` out: the value comes from `.env` or from the host alone")
}

/// Values that look like secrets, wherever they stand.
pub(super) fn shapes(rules: &mut Rules<'_>) {
    labels(rules, &pointer!["labels"], &rules.manifest.labels);
    let document: &Document = rules.document;
    let mut found = Vec::new();
    look(document.root(), &Pointer::root(), &mut found);
    let told = rules.diagnostics.iter().filter(|problem| problem.code == Code::SecretLiteral);
    let told: BTreeSet<_> = told.map(|problem| problem.location.pointer.clone()).collect();
    for (at, what) in found.into_iter().filter(|(at, _)| !told.contains(at)) {
        let title = format!("this looks like {what}, and the manifest is committed");
        let problem = Diagnostic::error(Code::SecretLiteral, Location::value(at), title);
        let problem = problem.label("hidden here");
        rules.report(problem.help(if what == ADDRESS {
            "leave the password out of the address: the service reads it from a file, see `secrets`"
        } else {
            "replace it at its provider; the new one goes into a file, see `secrets`, or comes from \
             the host: `{from: NAME}`"
        }));
    }
}

fn look(node: &Node, at: &Pointer, found: &mut Vec<(Pointer, &'static str)>) {
    match &node.kind {
        NodeKind::Text(text) => {
            if let Some(what) = shape(text) {
                found.push((at.clone(), what));
            }
        }
        NodeKind::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                look(item, &at.join(index), found);
            }
        }
        NodeKind::Mapping(entries) => {
            for entry in entries {
                look(&entry.value, &at.join(&entry.key), found);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_names_of_secrets() {
        for (name, expected) in [
            ("DB_PASSWORD", true),
            ("PGPASSWORD", true),
            ("SECRET_KEY_BASE", true),
            ("JWT_SECRET_2", true),
            ("API_KEY_OLD", true),
            ("MYSQL_PWD", true),
            ("dbPassword", true),
            ("DB_PASSWORD_FILE", false),
            ("TOKEN_TTL", false),
            ("MAX_TOKENS", false),
            ("PASSWORD_MIN_LENGTH", false),
            ("PWD", false),
            ("KEY", false),
        ] {
            assert_eq!(is_secret_name(name), expected, "{name}");
        }
    }

    #[test]
    fn knows_shapes_of_secrets() {
        for (value, expected) in [
            ("postgres://app:hunter2@db/app", true),
            ("redis://:hunter2@cache:6379/0", true),
            ("postgres://app@db/app", false),
            ("postgres://app:${DB_PASSWORD}@db/app", false),
            ("http://backend:8000/a@b", false),
            ("AKIAIOSFODNN7EXAMPLE", true),
            ("Bearer ghp_0123456789abcdefghij", true),
            ("sk-learn", false),
            ("task-0123456789abcdefghij", false),
            ("-----BEGIN RSA PRIVATE KEY-----\nx", true),
        ] {
            assert_eq!(shape(value).is_some(), expected, "{value}");
        }
    }
}
