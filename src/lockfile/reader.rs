//! Reads a lock that may be anything.

use std::collections::BTreeMap;

use super::{ContentHash, FORMAT, Header, Lockfile, Record, TOOL};
use crate::path::RelativePath;
use crate::rendered::Shape;

/// Problems that are told one by one; the rest is counted.
const SHOWN: usize = 5;

/// What could be read of a lock.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// What could be used.
    pub lock: Lockfile,
    /// What could not, for people. Empty if the lock is sound.
    pub problems: Vec<String>,
    /// Whether there is a lock at all.
    pub found: bool,
}

/// The lock is from a newer gen, which may know better.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Newer {
    /// A format of the lock that this program does not read.
    #[error("`gen.lock` has format {0}, and this gen reads format {FORMAT}")]
    Format(u32),
    /// A version of gen above this one.
    #[error("`gen.lock` was written by gen {0}, and this is gen {TOOL}")]
    Tool(String),
}

/// Reads a lock.
///
/// # Errors
/// If a newer gen wrote it. Damage is no error: what is left is used.
pub fn read(bytes: &[u8]) -> Result<Reading, Newer> {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = Lines::default();
    for (number, line) in text.lines().enumerate() {
        if lines.take(line)?.is_none() {
            lines.bad.push(number + 1);
        }
    }
    Ok(lines.finish())
}

#[derive(Default)]
struct Lines {
    header: Option<Header>,
    tool: Option<String>,
    format: bool,
    details: BTreeMap<RelativePath, Record>,
    records: BTreeMap<RelativePath, Record>,
    bad: Vec<usize>,
}

impl Lines {
    /// Takes a line in; `None` if it cannot be used.
    fn take(&mut self, line: &str) -> Result<Option<()>, Newer> {
        let Some(comment) = line.strip_prefix('#') else { return Ok(self.sum(line)) };
        let mut words = comment.split_whitespace();
        Ok(match (words.next(), words.next()) {
            (Some("format"), Some(number)) => {
                match number.parse() {
                    Ok(format) if format > FORMAT => return Err(Newer::Format(format)),
                    Ok(FORMAT) => self.format = true,
                    _ => return Ok(None),
                }
                Some(())
            }
            (Some("gen"), Some(version)) => {
                if is_newer(version) {
                    return Err(Newer::Tool(version.to_owned()));
                }
                self.tool = Some(version.to_owned());
                Some(())
            }
            (Some("manifest"), Some(hash)) => self.manifest(hash, comment),
            (Some(kind @ ("file" | "block")), Some(path)) => self.details(kind, path, words),
            // Any other comment is somebody's own.
            _ => Some(()),
        })
    }

    fn manifest(&mut self, hash: &str, comment: &str) -> Option<()> {
        let sum = ContentHash::parse(hash.strip_prefix("sha256=")?)?;
        let manifest = comment.split_once(hash)?.1.trim().to_owned();
        self.header = Some(Header { tool: String::new(), manifest, hash: sum });
        Some(())
    }

    fn details<'l>(
        &mut self,
        kind: &str,
        path: &str,
        words: impl Iterator<Item = &'l str>,
    ) -> Option<()> {
        let path = safe(path)?;
        let shape = if kind == "block" { Shape::Block } else { Shape::WholeFile };
        let mut record = Record::unknown(shape);
        for (key, value) in words.filter_map(|word| word.split_once('=')) {
            match key {
                "mode" => record.executable = value == "0755",
                "output" => record.output = value.to_owned(),
                "service" => record.service = Some(value.to_owned()),
                "sha256" => record.hashes.push(ContentHash::parse(value)?),
                // A key of a later gen.
                _ => {}
            }
        }
        if shape == Shape::Block {
            let hashes = std::mem::take(&mut record.hashes);
            add(self.records.entry(path).or_insert(record), hashes);
        } else {
            self.details.insert(path, record);
        }
        Some(())
    }

    /// A line of `sha256sum`.
    fn sum(&mut self, line: &str) -> Option<()> {
        let (hash, path) = line.split_once(' ')?;
        let hash = ContentHash::parse(hash)?;
        let path = safe(path.strip_prefix([' ', '*'])?)?;
        let details = self.details.get(&path).cloned();
        let known = self
            .records
            .entry(path)
            .or_insert_with(|| details.unwrap_or_else(|| Record::unknown(Shape::WholeFile)));
        add(known, vec![hash]);
        Some(())
    }

    fn finish(mut self) -> Reading {
        let mut problems: Vec<_> = self
            .bad
            .iter()
            .take(SHOWN)
            .map(|line| format!("line {line} of `gen.lock` cannot be used and is passed over"))
            .collect();
        if let Some(more @ 1..) = self.bad.len().checked_sub(SHOWN) {
            problems.push(format!("{more} more lines of `gen.lock` cannot be used"));
        }
        if !self.format {
            problems.push("`gen.lock` does not say which format it has".to_owned());
        }
        if let (Some(header), Some(tool)) = (&mut self.header, self.tool) {
            header.tool = tool;
        }
        let lock = Lockfile { header: self.header, records: self.records };
        Reading { lock, problems, found: true }
    }
}

fn add(record: &mut Record, hashes: Vec<ContentHash>) {
    for hash in hashes {
        if !record.hashes.contains(&hash) {
            record.hashes.push(hash);
        }
    }
}

/// A path that gen could have written itself.
fn safe(text: &str) -> Option<RelativePath> {
    RelativePath::new(text)
        .ok()
        .filter(|path| path.as_str() == text && !crate::fs::is_reserved(path))
}

/// Whether a version is above that of this program. What is no version is not.
fn is_newer(version: &str) -> bool {
    numbers(version).zip(numbers(TOOL)).is_some_and(|(theirs, ours)| theirs > ours)
}

fn numbers(version: &str) -> Option<[u64; 3]> {
    let release = version.split(['-', '+']).next()?;
    let mut parts = release.split('.').map(|part| part.parse().ok());
    let numbers = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RelativePath {
        RelativePath::new(text).expect("a path")
    }

    fn lock() -> Lockfile {
        let record = |shape, service: Option<&str>| Record {
            hashes: vec![ContentHash::of(b"x")],
            executable: shape == Shape::WholeFile,
            shape,
            output: "script".into(),
            service: service.map(Into::into),
        };
        Lockfile {
            header: Some(Header::new("my gen.yaml", b"version: 1\n")),
            records: BTreeMap::from([
                (path(".gitattributes"), record(Shape::Block, None)),
                (path("apps/web/Dockerfile"), record(Shape::WholeFile, Some("web"))),
            ]),
        }
    }

    #[test]
    fn reads_what_it_wrote() {
        let reading = read(lock().to_string().as_bytes()).expect("not newer");
        assert_eq!(reading, Reading { lock: lock(), problems: Vec::new(), found: true });
        let with_crlf = lock().to_string().replace('\n', "\r\n");
        assert_eq!(read(with_crlf.as_bytes()).expect("not newer").lock, lock());
    }

    #[test]
    fn takes_both_sides_of_a_conflict() {
        let (a, b) = (ContentHash::of(b"a"), ContentHash::of(b"b"));
        let text = format!(
            "# format 1\n<<<<<<< HEAD\n{a}  Dockerfile\n=======\n{b}  Dockerfile\n>>>>>>> other\n"
        );
        let reading = read(text.as_bytes()).expect("not newer");
        assert_eq!(reading.lock.records[&path("Dockerfile")].hashes, [a, b]);
        assert_eq!(reading.problems.len(), 3);
    }

    #[test]
    fn passes_over_paths_that_gen_never_writes() {
        for bad in
            ["/etc/passwd", "../x", "a/../../x", "gen.lock", ".git/hooks/x", ".", "a//b", "a b"]
        {
            let text =
                format!("# format 1\n{}  {bad}\n# block {bad} sha256=0\n", ContentHash::of(b""));
            let reading = read(text.as_bytes()).expect("not newer");
            assert!(reading.lock.records.is_empty(), "{bad}");
            assert!(!reading.problems.is_empty(), "{bad}");
        }
    }

    #[test]
    fn survives_rubbish() {
        for bytes in [
            &b""[..],
            b"\xff\xfe\0",
            b"# format x\n# gen\n# gen x.y\n# file\n# manifest sha256=\n#",
        ] {
            let reading = read(bytes).expect("not newer");
            assert!(reading.lock.records.is_empty() && !reading.problems.is_empty());
        }
    }

    #[test]
    fn refuses_what_a_newer_gen_wrote() {
        assert_eq!(read(b"# format 2\n"), Err(Newer::Format(2)));
        assert_eq!(read(b"# gen 99.0.0\n"), Err(Newer::Tool("99.0.0".into())));
        assert!(read(b"# gen 0.0.1\n# gen 99\n").is_ok());
    }
}
