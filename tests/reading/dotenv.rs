//! `.env.example`: prose, and variables that are commented out, as three programs would read them.

use super::{Fact, Facts};

pub fn read(text: &str) -> Result<Facts, String> {
    let mut facts = Facts::new();
    let mut prose = String::new();
    for line in text.lines() {
        let Some(rest) = line.strip_prefix('#') else {
            if line.is_empty() {
                facts.push(("prose".into(), Fact::Text(std::mem::take(&mut prose))));
                continue;
            }
            return Err(format!("a line that is no comment: {line:?}"));
        };
        if rest.is_empty() || rest.starts_with(' ') {
            for word in rest.split_whitespace() {
                prose.extend((!prose.is_empty()).then_some(' '));
                prose.push_str(word);
            }
            continue;
        }
        let (name, value) = rest.split_once('=').ok_or(format!("no variable: {line:?}"))?;
        facts.push(("prose".into(), Fact::Text(std::mem::take(&mut prose))));
        facts.push((format!("variable/{name}"), Fact::Text(value_of(value)?)));
    }
    facts.retain(|(place, fact)| place != "prose" || *fact != Fact::Text(String::new()));
    Ok(facts)
}

/// Whether there is a way to write a value that all three read alike.
pub fn can_hold(value: &str) -> bool {
    let ways = [value.to_owned(), format!("'{value}'"), format!("\"{value}\"")];
    ways.iter().any(|way| value_of(way).is_ok_and(|read| read == value))
}

/// The value, where all three read the same.
fn value_of(written: &str) -> Result<String, String> {
    let all = [docker_compose(written), python_dotenv(written), posix_shell(written)];
    match all {
        [Some(a), Some(b), Some(c)] if a == b && b == c => Ok(a),
        _ => Err(format!("{written} is read as {all:?}")),
    }
}

/// compose-go, `dotenv/parser.go`: a `\` before the quote keeps it, and stays.
fn docker_compose(written: &str) -> Option<String> {
    let quote = written.chars().next().filter(|c| matches!(c, '\'' | '"'));
    let Some(quote) = quote else {
        let plain = written.split('#').next()?.trim_end();
        return (!plain.contains('$')).then(|| plain.to_owned());
    };
    let inner = written[1..].strip_suffix(quote)?;
    // In double quotes escapes and variables are replaced.
    let replaced = quote == '"' && inner.contains(['\\', '$']);
    let closed = inner.contains(quote) || inner.ends_with('\\');
    (!replaced && !closed).then(|| inner.to_owned())
}

/// python-dotenv, `parser.py`: in single quotes `\\` and `\'` are escapes, in double quotes more.
fn python_dotenv(written: &str) -> Option<String> {
    let quote = written.chars().next().filter(|c| matches!(c, '\'' | '"'));
    let Some(quote) = quote else {
        let plain = written.split(" #").next()?.trim_end();
        return (!plain.contains("${")).then(|| plain.to_owned());
    };
    let inner = written[1..].strip_suffix(quote)?;
    let replaced = inner.contains(['\\', '"']) || inner.contains("${");
    if quote == '"' && replaced {
        return None;
    }
    let mut out = String::new();
    let mut characters = inner.chars().peekable();
    while let Some(c) = characters.next() {
        match (c, characters.peek()) {
            ('\\', Some('\\' | '\'')) => out.extend(characters.next()),
            ('\\', None) => return None,
            (c, _) if c == quote => return None,
            _ => out.push(c),
        }
    }
    Some(out)
}

/// A POSIX shell that reads the file with `.`.
fn posix_shell(written: &str) -> Option<String> {
    if written.is_empty() {
        return Some(String::new());
    }
    match super::shell::words(written).ok()?.as_slice() {
        [one] if !one.contains(super::ACTIVE) => Some(one.clone()),
        _ => None,
    }
}
