//! The base images that exist: versions, tags, ends of life.
//!
//! Data, with a date: `images/table.tsv` is the official image library of 2026-08-21 and the
//! end-of-life table of 2026-08-22. A version that is newer than the table knows is a warning, one
//! that is older than all of it an error.

use std::sync::LazyLock;

/// The day of the table; what has ended by then, or by the day its row names, has ended.
pub const DATE: &str = "2026-11-21";

static TABLE: LazyLock<Vec<Release>> = LazyLock::new(|| parse(include_str!("images/table.tsv")));

/// One version of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Release {
    /// The image's short name: `python`.
    pub image: &'static str,
    /// The version, as tags begin: `3.13`.
    pub version: &'static str,
    /// The day it ended or will end, `YYYY-MM-DD`, if one is known.
    pub end_of_life: Option<&'static str>,
    /// What may follow the version in a tag.
    pub variants: Vec<&'static str>,
}

impl Release {
    /// Whether it gets no more fixes.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.end_of_life.is_some_and(|day| day < DATE)
    }
}

/// What the table says of a version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lookup {
    /// There is such an image.
    Known(&'static Release),
    /// The version is newer than any in the table.
    Newer,
    /// There is no such image; these versions exist.
    Unknown(Vec<&'static str>),
}

/// Looks a version up. A full version (`3.13.5`) is known by its beginning.
#[must_use]
pub fn lookup(image: &str, version: &str) -> Lookup {
    let releases: Vec<_> = TABLE.iter().filter(|release| release.image == image).collect();
    let fits = |known: &str| {
        version == known || version.strip_prefix(known).is_some_and(|rest| rest.starts_with('.'))
    };
    let longest = releases.iter().filter(|r| fits(r.version)).max_by_key(|r| r.version.len());
    if let Some(release) = longest {
        return Lookup::Known(release);
    }
    let newest = releases.iter().map(|release| numbers(release.version)).max();
    let asked = numbers(version);
    if !asked.is_empty() && newest.is_some_and(|newest| asked > newest) {
        return Lookup::Newer;
    }
    Lookup::Unknown(releases.iter().map(|release| release.version).collect())
}

/// The newest version of an image that gets fixes.
#[must_use]
pub fn newest(image: &str) -> Option<&'static str> {
    let current = TABLE.iter().filter(|release| release.image == image && !release.has_ended());
    current.max_by_key(|release| numbers(release.version)).map(|release| release.version)
}

fn numbers(version: &str) -> Vec<u32> {
    version.trim_start_matches('v').split('.').map_while(|part| part.parse().ok()).collect()
}

fn parse(table: &'static str) -> Vec<Release> {
    let rows = table.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|row| {
        let mut columns = row.split('\t');
        let (image, version) = (columns.next()?, columns.next()?);
        let end = columns.nth(1)?;
        Some(Release {
            image,
            version,
            end_of_life: Some(end).filter(|end| end.starts_with("20")),
            variants: columns.nth(1)?.split(' ').collect(),
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read() {
        let rows = include_str!("images/table.tsv").lines().filter(|l| !l.starts_with('#'));
        assert_eq!(TABLE.len(), rows.count());
        assert!(TABLE.iter().all(|r| !r.variants.is_empty() && !r.version.is_empty()));
    }

    #[test]
    fn knows_versions() {
        assert!(matches!(lookup("python", "3.13"), Lookup::Known(r) if !r.has_ended()));
        assert!(matches!(lookup("python", "3.13.5"), Lookup::Known(r) if r.version == "3.13"));
        assert!(matches!(lookup("python", "3.10"), Lookup::Known(r) if r.has_ended()));
        assert_eq!(lookup("python", "3.15"), Lookup::Newer);
        assert!(matches!(lookup("python", "2.7"), Lookup::Unknown(v) if v.contains(&"3.13")));
        assert!(matches!(lookup("python", "3.1"), Lookup::Unknown(_)));
    }
}
