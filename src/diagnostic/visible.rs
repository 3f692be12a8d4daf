//! Messages are one line each, and a terminal acts on nothing in them.

/// A text of a message. It may hold words of the user's, which may hold anything.
pub(super) fn visible(text: String) -> String {
    if !text.chars().any(is_invisible) {
        return text;
    }
    let mut shown = String::new();
    for character in text.chars() {
        show(character, &mut shown);
    }
    shown
}

/// Adds a character, or how it would be written in a text.
pub(super) fn show(character: char, shown: &mut String) {
    match character {
        '\n' | '\r' | '\t' => shown.extend(character.escape_default()),
        _ if is_invisible(character) => shown.extend(character.escape_unicode()),
        _ => shown.push(character),
    }
}

/// Control characters, and those that change the direction of what follows.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::visible;

    #[test]
    fn shows_what_a_terminal_would_act_on() {
        assert_eq!(visible("a `é` b".into()), "a `é` b");
        assert_eq!(visible("`/app/\r\u{1b}[2J`".into()), "`/app/\\r\\u{1b}[2J`");
    }
}
