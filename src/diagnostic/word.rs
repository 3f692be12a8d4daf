//! Words of the user's inside messages.

use super::visible::show;

/// Longer texts are cut.
const MAXIMUM_CHARACTERS: usize = 40;

/// A text of the user's in backticks, on one line, without what a terminal would act on, and not
/// too long.
#[must_use]
pub fn word(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars().take(MAXIMUM_CHARACTERS) {
        show(character, &mut escaped);
    }
    let more = if text.chars().nth(MAXIMUM_CHARACTERS).is_some() { "…" } else { "" };
    format!("`{escaped}{more}`")
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn is_safe_to_print() {
        assert_eq!(word("web"), "`web`");
        assert_eq!(word("a\nb\u{1b}[31m\u{202e}"), "`a\\nb\\u{1b}[31m\\u{202e}`");
        assert_eq!(word(&"ä".repeat(41)), format!("`{}…`", "ä".repeat(40)));
    }
}
