//! Data services whose image is another major version than the one that wrote their data.
//!
//! A database does not read the data of another major version, and some look for it elsewhere
//! (Postgres from 18 on), so such a change is no edit of one number. What ran before is what the
//! compose file on disk says.

use serde_yaml::Value;

use crate::project::{Image, Project};

/// What there is to say of each service whose data would be in the way. `before` is the compose
/// file on disk.
#[must_use]
pub fn upgrades(project: &Project, before: &[u8]) -> Vec<String> {
    let Ok(before) = serde_yaml::from_slice::<Value>(before) else { return Vec::new() };
    let services = project
        .services
        .values()
        .filter(|service| service.backup.as_ref().is_some_and(|backup| backup.for_upgrades));
    services
        .filter_map(|service| {
            let Image::Ready(new) = &service.image else { return None };
            let old = before.get("services")?.get(service.name.as_str())?.get("image")?.as_str()?;
            let ((old_name, old), (new_name, new)) = (parts(old)?, parts(new)?);
            (old_name == new_name && old != new).then(|| {
                format!(
                    "the data of `{}` is that of version {old}, and {new} does not read it: dump \
                     it while {old} runs, remove the volume, start {new} and restore; `gen config` \
                     has the commands",
                    service.name
                )
            })
        })
        .collect()
}

/// The name of an image, and its major version.
fn parts(image: &str) -> Option<(&str, u32)> {
    let image = image.split('@').next()?;
    let (name, tag) = image.rsplit_once(':')?;
    let digits = tag.find(|c: char| !c.is_ascii_digit()).unwrap_or(tag.len());
    Some((name, tag[..digits].parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_major_versions() {
        assert_eq!(
            parts("docker.io/library/postgres:17-trixie"),
            Some(("docker.io/library/postgres", 17))
        );
        assert_eq!(parts("localhost:5000/db:9.7@sha256:00"), Some(("localhost:5000/db", 9)));
        assert_eq!(parts("docker.io/library/postgres:latest"), None);
        assert_eq!(parts("docker.io/library/postgres"), None);
    }
}
