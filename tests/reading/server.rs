//! Configurations of nginx and Caddy: words, blocks and the ends of directives.

use super::{ACTIVE, Fact, Facts};

/// One fact for each directive: its words. Both languages have words, double quotes, comments at
/// the beginning of a word, and braces; a line end divides directives in Caddy's.
pub fn read(text: &str) -> Result<Facts, String> {
    let ends_with_semicolon = text.lines().any(|line| line.trim_end().ends_with(';'));
    let mut facts = Facts::new();
    let mut directive: Vec<String> = Vec::new();
    let mut depth = 0_usize;
    let mut word: Option<String> = None;
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let ends = c.is_whitespace() || (ends_with_semicolon && matches!(c, ';' | '{' | '}'));
        if ends {
            if let Some(word) = word.take() {
                depth = match word.as_str() {
                    "{" => depth + 1,
                    "}" => depth.checked_sub(1).ok_or("a `}` too many")?,
                    _ => depth,
                };
                directive.push(unescaped(&word));
            }
            if matches!(c, '{' | '}') {
                depth = if c == '{' {
                    depth + 1
                } else {
                    depth.checked_sub(1).ok_or("a `}` too many")?
                };
                directive.push(format!("{ACTIVE}{c}"));
            }
            let over = if ends_with_semicolon { !c.is_whitespace() } else { c == '\n' };
            if over && !directive.is_empty() {
                facts.push((format!("{depth}"), Fact::Words(std::mem::take(&mut directive))));
            }
            continue;
        }
        match (c, &mut word) {
            ('#', None) => while characters.next_if(|c| *c != '\n').is_some() {},
            (quote @ ('"' | '\'' | '`'), None) => {
                let mut quoted = String::new();
                loop {
                    match characters.next() {
                        Some(c) if c == quote => break,
                        Some('\\') if quote != '`' => match characters.next() {
                            Some(c @ ('"' | '\'' | '\\')) => quoted.push(c),
                            Some(c) => quoted.extend(['\\', c]),
                            None => return Err("an open quote".into()),
                        },
                        Some(c) => quoted.push(c),
                        None => return Err("an open quote".into()),
                    }
                }
                word = Some(quoted);
            }
            (c, word) => word.get_or_insert_default().push(c),
        }
    }
    if depth != 0 || !directive.is_empty() {
        return Err("it ends in the middle of a block".into());
    }
    Ok(facts)
}

/// A regular expression of nginx that matches one path: the path.
fn unescaped(word: &str) -> String {
    if word.starts_with('^') { word.replace('\\', "") } else { word.to_owned() }
}
