//! `gen.lock`: what gen wrote, so that a change of the manifest can be told from an edit by hand.
//!
//! The file is a list for `sha256sum -c` with comments in between, sorted by path, a file in
//! adjacent lines, so that branches merge. It is read with suspicion: it comes from a repository
//! and may be in conflict, damaged or made up. What cannot be used is passed over and told.

mod reader;

use std::collections::BTreeMap;
use std::fmt;

use sha2::{Digest, Sha256};

use crate::path::RelativePath;
use crate::rendered::{RenderedFile, Shape};

pub use reader::{Newer, Reading, read};

/// The name of the file, beside the manifest.
pub const NAME: &str = "gen.lock";
/// The format that this program writes.
pub const FORMAT: u32 = 1;
/// The version of this program.
pub const TOOL: &str = env!("CARGO_PKG_VERSION");

/// The SHA-256 of a content whose lines end with LF.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentHash([u8; 32]);

impl ContentHash {
    /// Hashes a content; CRLF counts as LF, so that a checkout with other line ends is the same.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(normalise(bytes)).into())
    }

    /// Reads 64 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut hash = [0; 32];
        if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        for (byte, at) in hash.iter_mut().zip((0..64).step_by(2)) {
            *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
        }
        Some(Self(hash))
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentHash({self})")
    }
}

/// A content with LF where it has CRLF.
#[must_use]
pub fn normalise(bytes: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    if !bytes.windows(2).any(|pair| pair == b"\r\n") {
        return bytes.into();
    }
    let mut text = Vec::with_capacity(bytes.len());
    for (at, &byte) in bytes.iter().enumerate() {
        if byte != b'\r' || bytes.get(at + 1) != Some(&b'\n') {
            text.push(byte);
        }
    }
    text.into()
}

/// What all files of a lock have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The version of gen that wrote it.
    pub tool: String,
    /// The file name of the manifest.
    pub manifest: String,
    /// What the manifest held.
    pub hash: ContentHash,
}

impl Header {
    /// The header for a run of this program.
    #[must_use]
    pub fn new(manifest: &str, bytes: &[u8]) -> Self {
        let manifest = manifest.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
        Self { tool: TOOL.into(), manifest, hash: ContentHash::of(bytes) }
    }
}

/// What is known of one file that gen wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// What it held. More than one in a lock with a merge conflict: any of them is gen's own.
    pub hashes: Vec<ContentHash>,
    /// Whether it is a program.
    pub executable: bool,
    /// How much of it is generated. Of a block, only its body is hashed.
    pub shape: Shape,
    /// What kind of file it is.
    pub output: String,
    /// The service that it belongs to.
    pub service: Option<String>,
}

impl Record {
    /// The record of a file of which nothing is known.
    fn unknown(shape: Shape) -> Self {
        Self { hashes: Vec::new(), executable: false, shape, output: String::new(), service: None }
    }

    /// The record for a file that has just been rendered.
    #[must_use]
    pub fn of(file: &RenderedFile) -> Self {
        Self {
            hashes: vec![ContentHash::of(file.text.as_bytes())],
            executable: file.executable,
            shape: file.shape,
            output: file.output.into(),
            service: file.service.clone(),
        }
    }
}

/// Every file that gen wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lockfile {
    /// What they have in common; `None` if the lock is not there or lost it.
    pub header: Option<Header>,
    /// The files.
    pub records: BTreeMap<RelativePath, Record>,
}

impl fmt::Display for Lockfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "# What gen wrote. Commit this file, and leave its content to `gen generate`."
        )?;
        writeln!(
            f,
            "# Without gen, `sha256sum -c {NAME}` names the files that were edited since."
        )?;
        writeln!(f, "# format {FORMAT}")?;
        if let Some(header) = &self.header {
            writeln!(f, "# gen {}", header.tool)?;
            writeln!(f, "# manifest sha256={} {}", header.hash, header.manifest)?;
        }
        for (path, record) in &self.records {
            let kind = match record.shape {
                Shape::WholeFile => "file",
                Shape::Block => "block",
            };
            let mode = if record.executable { "0755" } else { "0644" };
            write!(f, "# {kind} {path} mode={mode} output={}", record.output)?;
            if let Some(service) = &record.service {
                write!(f, " service={service}")?;
            }
            for hash in &record.hashes {
                match record.shape {
                    Shape::WholeFile => write!(f, "\n{hash}  {path}")?,
                    Shape::Block => write!(f, " sha256={hash}")?,
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_crlf_as_lf_and_leaves_a_lone_cr() {
        assert_eq!(ContentHash::of(b"a\r\nb\r\n"), ContentHash::of(b"a\nb\n"));
        assert_ne!(ContentHash::of(b"a\rb"), ContentHash::of(b"ab"));
        assert_eq!(&*normalise(b"\r\r\n\r"), b"\r\n\r");
    }

    #[test]
    fn hashes_are_read_as_they_are_written() {
        let hash = ContentHash::of(b"");
        assert!(hash.to_string().starts_with("e3b0c44298fc1c149afbf4c8996fb924"));
        assert_eq!(ContentHash::parse(&hash.to_string()), Some(hash));
        assert_eq!(ContentHash::parse(&"é".repeat(32)), None);
        assert_eq!(ContentHash::parse("+1"), None);
    }
}
