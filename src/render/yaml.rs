//! Writes YAML with comments, that YAML 1.2 and 1.1 readers take for the same.
//!
//! Our own, because serialisers write no comments, and because podman-compose reads with a YAML 1.1
//! parser for which `no`, `22:22` and `1_000` are not text. Every scalar that any reader could take
//! for something else is quoted. Lines stay within 80 columns, which is yamllint's default.

use super::RenderError;

const WIDTH: usize = 80;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Yaml {
    /// Text, quoted where it has to be.
    Text(String),
    /// Text in double quotes in any case.
    Quoted(String),
    /// Text of our own making in single quotes, as linters want ports to be.
    SingleQuoted(String),
    /// A whole number.
    Integer(i64),
    /// `true` or `false`.
    Boolean(bool),
    /// A list.
    Sequence(Vec<Item>),
    /// A list of words, on one line where it fits: the words of a command.
    Words(Vec<String>),
    /// A mapping.
    Mapping(Mapping),
}

/// An entry of a list, with the comment above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    comment: Option<String>,
    value: Yaml,
}

impl From<Yaml> for Item {
    fn from(value: Yaml) -> Self {
        Self { comment: None, value }
    }
}

impl Item {
    /// An entry with a comment above it.
    #[must_use]
    pub fn commented(value: Yaml, comment: &str) -> Self {
        Self { comment: Some(comment.to_owned()), value }
    }
}

/// A mapping, in the order in which it is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping(Vec<Entry>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    comment: Option<String>,
    blank_before: bool,
    key: String,
    value: Yaml,
}

impl Mapping {
    /// An empty mapping.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a key.
    pub fn set(&mut self, key: &str, value: impl Into<Yaml>) -> &mut Self {
        self.0.push(Entry {
            comment: None,
            blank_before: false,
            key: key.to_owned(),
            value: value.into(),
        });
        self
    }

    /// Adds a key if there is a value for it.
    pub fn set_some(&mut self, key: &str, value: Option<impl Into<Yaml>>) -> &mut Self {
        if let Some(value) = value {
            self.set(key, value);
        }
        self
    }

    /// Adds keys in the order of their names.
    pub fn extend(&mut self, entries: std::collections::BTreeMap<&str, Yaml>) -> &mut Self {
        for (key, value) in entries {
            self.set(key, value);
        }
        self
    }

    /// Puts a comment above the key that was added last. Line breaks in it are kept, and long
    /// lines are broken.
    pub fn comment(&mut self, text: &str) -> &mut Self {
        if let Some(entry) = self.0.last_mut() {
            entry.comment = Some(text.to_owned());
        }
        self
    }

    /// Adds a key with an empty line above it, unless it is the first.
    pub fn set_apart(&mut self, key: &str, value: impl Into<Yaml>) -> &mut Self {
        let first = self.is_empty();
        self.set(key, value);
        if first { self } else { self.apart() }
    }

    /// Puts an empty line above the key that was added last.
    pub fn apart(&mut self) -> &mut Self {
        if let Some(entry) = self.0.last_mut() {
            entry.blank_before = true;
        }
        self
    }

    /// Whether nothing was added.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Yaml)> {
        self.0.iter().map(|entry| (entry.key.as_str(), &entry.value))
    }
}

impl From<Mapping> for Yaml {
    fn from(mapping: Mapping) -> Self {
        Self::Mapping(mapping)
    }
}

impl From<&str> for Yaml {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Yaml {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Yaml {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i64> for Yaml {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<u32> for Yaml {
    fn from(value: u32) -> Self {
        Self::Integer(value.into())
    }
}

impl<T: Into<Yaml>> From<Vec<T>> for Yaml {
    fn from(values: Vec<T>) -> Self {
        Self::Sequence(values.into_iter().map(|value| Item::from(value.into())).collect())
    }
}

/// A text as a scalar on one line, quoted where it has to be.
#[must_use]
pub fn scalar(text: &str) -> String {
    if is_plain(text) { text.to_owned() } else { double_quoted(text) }
}

/// Writes a document: the header as a comment, the document's start, the mapping.
///
/// Another library reads the text back and has to see the same values, before anybody else does.
///
/// # Errors
/// It sees other values: a fault of this program.
pub fn document(header: &str, mapping: &Mapping) -> Result<String, RenderError> {
    let mut out = String::new();
    write_comment(&mut out, header, 0);
    out.push_str("---\n");
    write_mapping(&mut out, mapping, 0);
    match serde_yaml::from_str::<serde_yaml::Value>(&out) {
        Ok(read) if read == mapping_value(mapping) => Ok(out),
        Ok(_) => Err(RenderError::Reread("it reads back as other values".into())),
        Err(error) => Err(RenderError::Reread(error.to_string())),
    }
}

/// What a reader has to see.
fn mapping_value(mapping: &Mapping) -> serde_yaml::Value {
    let entries = mapping.0.iter().map(|entry| (entry.key.clone().into(), value(&entry.value)));
    serde_yaml::Value::Mapping(entries.collect())
}

fn value(yaml: &Yaml) -> serde_yaml::Value {
    match yaml {
        Yaml::Text(text) | Yaml::Quoted(text) | Yaml::SingleQuoted(text) => text.clone().into(),
        Yaml::Integer(number) => (*number).into(),
        Yaml::Boolean(boolean) => (*boolean).into(),
        Yaml::Sequence(items) => items.iter().map(|item| value(&item.value)).collect(),
        Yaml::Words(words) => {
            words.iter().map(|word| serde_yaml::Value::from(word.clone())).collect()
        }
        Yaml::Mapping(mapping) => mapping_value(mapping),
    }
}

fn write_comment(out: &mut String, text: &str, indent: usize) {
    for paragraph in text.lines() {
        // An indented line is an example: it stays as it is indented.
        let blanks = paragraph.len() - paragraph.trim_start_matches(' ').len();
        let mut line = " ".repeat(blanks);
        for word in paragraph.split_whitespace() {
            let begun = !line.trim_start().is_empty();
            if begun && indent + 2 + line.chars().count() + 1 + word.chars().count() > WIDTH {
                push_line(out, indent, &format!("# {line}"));
                line = " ".repeat(blanks);
            } else if begun {
                line.push(' ');
            }
            line.extend(word.chars().filter(|c| !c.is_control()));
        }
        push_line(out, indent, format!("# {line}").trim_end());
    }
}

fn push_line(out: &mut String, indent: usize, text: &str) {
    out.extend(std::iter::repeat_n(' ', indent));
    out.push_str(text);
    out.push('\n');
}

fn write_mapping(out: &mut String, mapping: &Mapping, indent: usize) {
    for entry in &mapping.0 {
        if entry.blank_before {
            out.push('\n');
        }
        if let Some(comment) = &entry.comment {
            write_comment(out, comment, indent);
        }
        out.extend(std::iter::repeat_n(' ', indent));
        let key = if is_plain(&entry.key) { entry.key.clone() } else { double_quoted(&entry.key) };
        out.push_str(&key);
        out.push(':');
        write_value(out, &entry.value, indent, indent + key.chars().count() + 1);
    }
}

/// Writes a value after `key:` or `-`; `column` is where the line stands.
fn write_value(out: &mut String, value: &Yaml, indent: usize, column: usize) {
    match value {
        Yaml::Mapping(mapping) if mapping.is_empty() => out.push_str(" {}\n"),
        Yaml::Mapping(mapping) => {
            out.push('\n');
            write_mapping(out, mapping, indent + 2);
        }
        Yaml::Sequence(items) if items.is_empty() => out.push_str(" []\n"),
        Yaml::Sequence(items) => {
            out.push('\n');
            items.iter().for_each(|item| write_item(out, item, indent + 2));
        }
        Yaml::Words(words) => {
            let words_on_line: Vec<_> = words.iter().map(|word| double_quoted(word)).collect();
            let line = format!(" [{}]", words_on_line.join(", "));
            if column + line.chars().count() <= WIDTH {
                out.push_str(&line);
                out.push('\n');
                return;
            }
            out.push('\n');
            for word in words {
                write_item(out, &Item::from(Yaml::Text(word.clone())), indent + 2);
            }
        }
        Yaml::Integer(number) => out.push_str(&format!(" {number}\n")),
        Yaml::Boolean(value) => out.push_str(&format!(" {value}\n")),
        Yaml::Text(text) => write_text(out, text, is_plain(text), indent, column),
        Yaml::Quoted(text) => write_text(out, text, false, indent, column),
        Yaml::SingleQuoted(text) => out.push_str(&format!(" '{}'\n", text.replace('\'', "''"))),
    }
}

fn write_item(out: &mut String, item: &Item, indent: usize) {
    if let Some(comment) = &item.comment {
        write_comment(out, comment, indent);
    }
    out.extend(std::iter::repeat_n(' ', indent));
    out.push('-');
    if let Yaml::Mapping(mapping) = &item.value
        && !mapping.is_empty()
    {
        // The first key stands on the line of the dash.
        let mut block = String::new();
        write_mapping(&mut block, mapping, indent + 2);
        out.push(' ');
        out.push_str(block.trim_start());
        return;
    }
    write_value(out, &item.value, indent, indent + 1);
}

fn write_text(out: &mut String, text: &str, plain: bool, indent: usize, column: usize) {
    let quoted = if plain { text.to_owned() } else { double_quoted(text) };
    // A long word alone behind a dash cannot be broken, which linters know; behind a key they want
    // it on a line of its own.
    let alone = column == indent + 1 && !quoted.contains(' ');
    let room = WIDTH.saturating_sub(indent + 2);
    if can_stand_in_a_block(text, room) {
        out.push_str(if text.ends_with('\n') { " |\n" } else { " |-\n" });
        for line in text.lines() {
            match line {
                "" => out.push('\n'),
                line => push_line(out, indent + 2, line),
            }
        }
    } else if column + 1 + quoted.chars().count() <= WIDTH || alone {
        out.push_str(&format!(" {quoted}\n"));
    } else if can_fold(text) {
        out.push_str(" >-\n");
        let mut line = String::new();
        for word in text.split(' ') {
            if !line.is_empty()
                && indent + 2 + line.chars().count() + 1 + word.chars().count() > WIDTH
            {
                push_line(out, indent + 2, &line);
                line.clear();
            }
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
        push_line(out, indent + 2, &line);
    } else {
        write_broken(out, text, indent);
    }
}

/// Whether a folded block gives the text back: single spaces between words of printable ASCII.
fn can_fold(text: &str) -> bool {
    text.split(' ').all(|word| !word.is_empty() && word.chars().all(|c| c.is_ascii_graphic()))
        && !text.starts_with('#')
}

/// Whether a literal block gives the text back: lines of printable ASCII that are not too long.
fn can_stand_in_a_block(text: &str, room: usize) -> bool {
    let body = text.strip_suffix('\n').unwrap_or(text);
    let fits = |line: &str| {
        line.len() <= room
            && !line.ends_with(' ')
            && line.chars().all(|c| c == ' ' || c.is_ascii_graphic())
    };
    body.contains('\n')
        && !body.starts_with([' ', '\n'])
        && !body.ends_with('\n')
        && body.split('\n').all(fits)
}

/// Double quotes over several lines, each but the last ended by an escaped line break.
fn write_broken(out: &mut String, text: &str, indent: usize) {
    out.push_str(" \"");
    let room = WIDTH.saturating_sub(indent + 4).max(20);
    let mut line = String::new();
    let mut first = true;
    for character in text.chars() {
        let escaped = double_quoted(&character.to_string());
        // Leading blanks of a continued line would be dropped: keep them on the line before.
        if line.chars().count() >= room && character != ' ' {
            if !first {
                out.extend(std::iter::repeat_n(' ', indent + 2));
            }
            out.push_str(&line);
            out.push_str("\\\n");
            line.clear();
            first = false;
        }
        line.push_str(&escaped[1..escaped.len() - 1]);
    }
    if !first {
        out.extend(std::iter::repeat_n(' ', indent + 2));
    }
    out.push_str(&line);
    out.push_str("\"\n");
}

/// Whether a text may stand without quotes, for YAML 1.1 and 1.2, in block and flow context.
fn is_plain(text: &str) -> bool {
    let mut characters = text.chars();
    let Some(first) = characters.next() else { return false };
    if text == "." || is_quantity(text) {
        return true;
    }
    let usual = first.is_ascii_alphabetic() || matches!(first, '/' | '_');
    if !(usual || text.starts_with("./") || text.starts_with("${")) {
        return false;
    }
    // Braces only in what we interpolate ourselves; a colon never before a blank or at the end.
    if !text.chars().all(|c| c.is_ascii_alphanumeric() || "._/:@=+,$%~-{}?".contains(c))
        || text.ends_with(':')
        || (text.contains(['{', '}']) && !text.starts_with(['$', '/', '.']) && !text.contains("${"))
    {
        return false;
    }
    const WORDS: [&str; 12] =
        ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf", "undefined"];
    let lower = text.to_ascii_lowercase();
    if WORDS.contains(&lower.as_str()) || lower.starts_with("./inf") {
        return false;
    }
    // `1e3` cannot begin with a letter; `.5` and `0x1f` neither: nothing else is a number.
    true
}

/// A scalar in double quotes (YAML 1.2, 5.7): ASCII apart from letters, so that no reader trips.
fn double_quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_ascii_graphic() || c == ' ' || c.is_alphanumeric() => quoted.push(c),
            c => match u32::from(c) {
                code @ 0..=0xffff => quoted.push_str(&format!("\\u{code:04x}")),
                code => quoted.push_str(&format!("\\U{code:08x}")),
            },
        }
    }
    quoted.push('"');
    quoted
}

/// Whether a text is a whole number with a unit, which no reader takes for a number: `10s`, `512M`.
fn is_quantity(text: &str) -> bool {
    let unit = text.trim_start_matches(|c: char| c.is_ascii_digit());
    unit.len() < text.len()
        && !text.starts_with('0')
        && matches!(unit, "ms" | "s" | "m" | "h" | "k" | "K" | "M" | "g" | "G")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(value: Yaml) -> String {
        let mut mapping = Mapping::new();
        mapping.set("key", value);
        let mut out = String::new();
        write_mapping(&mut out, &mapping, 0);
        out
    }

    #[test]
    fn quotes_what_a_reader_could_misread() {
        for text in ["no", "On", "3.10", "22:22", "1_000", "", " a", "a ", "a: b", "#x", "- x", "~"]
        {
            assert_eq!(one(text.into()), format!("key: \"{text}\"\n"));
        }
        assert_eq!(one("./src:/app/src:Z".into()), "key: ./src:/app/src:Z\n");
        assert_eq!(one("${TAG:-local}".into()), "key: ${TAG:-local}\n");
    }

    #[test]
    fn long_text_reads_back_unchanged() {
        for text in [
            "word ".repeat(40).trim().to_owned(),
            format!("{}  {}", "x ".repeat(60), "y\n\t\"\\ é \u{1F600} ".repeat(20)),
            format!("# {}", "a b".repeat(50)),
            format!("  {}", "a  b".repeat(50)),
            "a\n\n  b # c\n".into(),
            "a: b\n- c".into(),
            "a\n\n".into(),
            "a\nb \nc".into(),
            "\na".into(),
            " a\nb".into(),
            "\n".into(),
            "--- \n...\na".into(),
            "---\n...\n%a".into(),
        ] {
            let out = one(text.as_str().into());
            let back: std::collections::BTreeMap<String, String> =
                serde_yaml::from_str(&out).expect("valid YAML");
            assert_eq!(back["key"], text, "{out}");
            let back: std::collections::BTreeMap<String, String> =
                serde_saphyr::from_str(&out).expect("valid YAML");
            assert_eq!(back["key"], text, "{out}");
        }
    }

    #[test]
    fn writes_blocks() {
        let mut inner = Mapping::new();
        inner.set("path", "./a").set("action", "sync");
        let mut mapping = Mapping::new();
        mapping.set("list", Yaml::Sequence(vec![Item::commented(inner.into(), "why")]));
        mapping.set("words", Yaml::Words(vec!["a".into(), "b c".into()])).comment("two\nlines");
        assert_eq!(
            document("head", &mapping).expect("reads back"),
            "# head\n---\nlist:\n  # why\n  - path: ./a\n    action: sync\n# two\n# lines\n\
             words: [\"a\", \"b c\"]\n"
        );
    }
}
