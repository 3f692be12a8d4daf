//! The block of gen inside a file that its people own.

use std::ops::Range;

use crate::fs::Obstacle;
use crate::lockfile::normalise;
use crate::rendered::{BLOCK_BEGIN, BLOCK_END};

/// Where a block stands, in bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// With its first and last line.
    pub(super) whole: Range<usize>,
    /// Between them.
    pub(super) body: Range<usize>,
}

/// Finds the block.
pub(super) fn find(file: &[u8]) -> Result<Option<Place>, Obstacle> {
    let mut begin = None;
    let mut place = None;
    let mut start = 0;
    for line in file.split_inclusive(|&byte| byte == b'\n') {
        let end = start + line.len();
        let text = line.trim_ascii_end();
        if text == BLOCK_BEGIN.as_bytes() {
            if begin.is_some() || place.is_some() {
                return Err(Obstacle::BrokenBlock);
            }
            begin = Some(start..end);
        } else if text == BLOCK_END.as_bytes() {
            let begin = begin.take().ok_or(Obstacle::BrokenBlock)?;
            place = Some(Place { whole: begin.start..end, body: begin.end..start });
        }
        start = end;
    }
    if begin.is_some() { Err(Obstacle::BrokenBlock) } else { Ok(place) }
}

/// The file with a new block: in the place of the old one, or at the end. The lines of the block
/// end like those of the file.
pub(super) fn replace(file: &[u8], body: &[u8]) -> Vec<u8> {
    let mut block = format!("{BLOCK_BEGIN}\n").into_bytes();
    block.extend_from_slice(body);
    if !body.is_empty() && !body.ends_with(b"\n") {
        block.push(b'\n');
    }
    block.extend_from_slice(BLOCK_END.as_bytes());
    block.push(b'\n');
    if normalise(file).len() != file.len() {
        block = with_crlf(&block);
    }
    let Ok(Some(place)) = find(file) else {
        let newline: &[u8] = if block.contains(&b'\r') { b"\r\n" } else { b"\n" };
        let mut text = file.to_owned();
        if !file.is_empty() && !file.ends_with(b"\n") {
            text.extend_from_slice(newline);
        }
        if !file.is_empty() {
            text.extend_from_slice(newline);
        }
        text.extend(block);
        return text;
    };
    [&file[..place.whole.start], &block, &file[place.whole.end..]].concat()
}

/// The file without its block; `None` if nothing is left of it.
pub(super) fn remove(file: &[u8]) -> Option<Vec<u8>> {
    let Ok(Some(place)) = find(file) else { return Some(file.to_owned()) };
    let (before, after) = (&file[..place.whole.start], &file[place.whole.end..]);
    // The empty line above the block came with it.
    let before = ["\r\n\r\n", "\n\n"]
        .iter()
        .find(|gap| before.ends_with(gap.as_bytes()))
        .map_or(before, |gap| &before[..before.len() - gap.len() / 2]);
    let rest = [before, after].concat();
    (!rest.trim_ascii().is_empty()).then_some(rest)
}

fn with_crlf(text: &[u8]) -> Vec<u8> {
    let mut lines = Vec::new();
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        lines.extend_from_slice(line.strip_suffix(b"\n").unwrap_or(line));
        lines.extend_from_slice(b"\r\n");
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(file: &[u8]) -> Option<String> {
        let place = find(file).expect("a sound file")?;
        Some(String::from_utf8_lossy(&file[place.body]).into_owned())
    }

    #[test]
    fn what_was_appended_can_be_removed_again() {
        for file in [&b"*.png binary\n"[..], b"a\r\nb\r\n", b"a\n\n", b""] {
            let with = replace(file, b"x\ny\n");
            let found = body(&with).expect("a block");
            assert_eq!(found.replace('\r', ""), "x\ny\n");
            assert_eq!(found.contains('\r'), file.contains(&b'\r'));
            assert_eq!(remove(&with).unwrap_or_default(), file);
        }
        assert_eq!(remove(&replace(b"a", b"x")), Some(b"a\n".to_vec()));
    }

    #[test]
    fn stays_where_its_people_put_it() {
        let file = format!("a\n{BLOCK_BEGIN}\nold\n{BLOCK_END}\nz\n");
        let new = replace(file.as_bytes(), b"new\n");
        assert_eq!(String::from_utf8_lossy(&new), file.replace("old", "new"));
        assert_eq!(replace(&new, b"new\n"), new);
    }

    #[test]
    fn refuses_lines_that_do_not_pair_up() {
        for file in [
            format!("{BLOCK_BEGIN}\n"),
            format!("{BLOCK_END}\n"),
            format!("{BLOCK_BEGIN}\n{BLOCK_BEGIN}\n{BLOCK_END}\n"),
            format!("{BLOCK_BEGIN}\n{BLOCK_END}\n{BLOCK_BEGIN}\n{BLOCK_END}\n"),
        ] {
            assert_eq!(find(file.as_bytes()), Err(Obstacle::BrokenBlock), "{file}");
        }
    }
}
