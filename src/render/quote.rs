//! One type per place in which a value can stand: each knows how that place quotes.
//!
//! Control characters never come this far: the manifest's validation refuses them where a format
//! cannot carry them.

use std::fmt::Write as _;

use minijinja::Value;
use serde::{Serialize, Serializer};

/// Text that is ready to be printed as it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Printable(String);

impl Printable {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Serialize for Printable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Value::from_safe_string(self.0.clone()).serialize(serializer)
    }
}

fn is_plain(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with('~')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "._/:@=+,~-".contains(c))
}

/// One word of a POSIX shell: in a script, or in a `RUN` instruction in shell form.
#[must_use]
pub fn shell_word(word: &str) -> Printable {
    if is_plain(word) && !word.contains('=') {
        return Printable(word.to_owned());
    }
    Printable(format!("'{}'", word.replace('\'', r"'\''")))
}

/// Words of a shell, separated by spaces.
#[must_use]
pub fn shell_words<S: AsRef<str>>(words: &[S]) -> Printable {
    let words: Vec<_> = words.iter().map(|w| shell_word(w.as_ref()).0).collect();
    Printable(words.join(" "))
}

/// Words of a shell on one line that people read: in double quotes where that spares escapes.
#[must_use]
pub fn shell_line<S: AsRef<str>>(words: &[S]) -> String {
    let quoted = |word: &str| {
        if word.contains('\'') && !word.contains(['"', '$', '`', '\\', '!', '\n']) {
            format!("\"{word}\"")
        } else {
            shell_word(word).0
        }
    };
    words.iter().map(|word| quoted(word.as_ref())).collect::<Vec<_>>().join(" ")
}

/// The exec form of `CMD`, `ENTRYPOINT`, `HEALTHCHECK` and `COPY`: a JSON array on one line.
#[must_use]
pub fn exec_form<S: AsRef<str>>(words: &[S]) -> Printable {
    let words: Vec<_> = words.iter().map(|w| json_string(w.as_ref())).collect();
    Printable(format!("[{}]", words.join(", ")))
}

/// A value of `ENV`, `ARG` or `LABEL`: the words after `=`. A `$` in it stays a `$`.
#[must_use]
pub fn docker_value(value: &str) -> Printable {
    if is_plain(value) {
        return Printable(value.to_owned());
    }
    let mut quoted = String::from("\"");
    for character in value.chars() {
        if matches!(character, '"' | '\\' | '$') {
            quoted.push('\\');
        }
        quoted.push(character);
    }
    quoted.push('"');
    Printable(quoted)
}

/// Text of a comment: one line, without what could end it.
#[must_use]
pub fn comment(text: &str) -> Printable {
    Printable(text.replace(|c: char| c.is_control() || c == '\u{2028}' || c == '\u{2029}', " "))
}

/// Stands for a line break in text that must not be tidied. No text of a manifest holds it.
pub(super) const LINE_BREAK: &str = "\u{1}";

/// An instruction that the user has written. It is printed as it is: that is what it is for.
#[must_use]
pub fn instruction(text: &str) -> Printable {
    Printable(text.trim_end().replace('\n', LINE_BREAK))
}

/// Text that this program put together itself, from parts that are quoted already.
#[must_use]
pub(crate) fn composed(text: String) -> Printable {
    Printable(text)
}

/// A JSON string, in ASCII apart from letters, so that no tool on the way can misread it.
#[must_use]
pub fn json_string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_ascii_graphic() || c == ' ' || c.is_alphanumeric() => quoted.push(c),
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing to a string cannot fail.
                    let _ = write!(quoted, "\\u{unit:04x}");
                }
            }
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_for_the_shell() {
        for (word, expected) in [
            ("plain-word", "plain-word"),
            ("", "''"),
            ("it's", r"'it'\''s'"),
            ("$(id)", "'$(id)'"),
            ("A=1", "'A=1'"),
            ("~root", "'~root'"),
        ] {
            assert_eq!(shell_word(word).as_str(), expected);
            assert_eq!(shlex::split(shell_word(word).as_str()), Some(vec![word.to_owned()]));
            assert_eq!(shlex::split(&shell_line(&[word])), Some(vec![word.to_owned()]));
        }
        assert_eq!(shell_line(&["a", "it's b"]), "a \"it's b\"");
    }

    #[test]
    fn quotes_for_dockerfiles() {
        assert_eq!(docker_value("a b").as_str(), r#""a b""#);
        assert_eq!(docker_value(r#"$HOME "x" \"#).as_str(), r#""\$HOME \"x\" \\""#);
        assert_eq!(exec_form(&["a", "b \"c\"\n"]).as_str(), r#"["a", "b \"c\"\n"]"#);
        assert_eq!(json_string("\u{85}\u{1F600}"), r#""\u0085\ud83d\ude00""#);
    }
}
