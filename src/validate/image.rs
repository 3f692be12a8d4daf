//! References of images: whole ones, and no two builds of one name.

use std::collections::BTreeMap;

use super::kind::{Kind, kind};
use super::{Rules, at};
use crate::diagnostic::{Code, Diagnostic, Location, word};
use crate::manifest::Service;
use crate::pointer;
use crate::{images, preset, resolve};

/// The parts of a reference: `registry/path:tag@digest`.
struct Reference<'t> {
    name: &'t str,
    tag: Option<&'t str>,
    digest: Option<&'t str>,
}

impl<'t> Reference<'t> {
    fn new(text: &'t str) -> Self {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        let last = rest.rfind('/').map_or(0, |slash| slash + 1);
        let (name, tag) = match rest[last..].find(':') {
            Some(colon) => (&rest[..last + colon], Some(&rest[last + colon + 1..])),
            None => (rest, None),
        };
        Self { name, tag, digest }
    }

    /// Whether it begins with a registry.
    fn is_qualified(&self) -> bool {
        self.name
            .split_once('/')
            .is_some_and(|(host, _)| host.contains(['.', ':']) || host == "localhost")
    }

    /// Where the first character stands that cannot be there.
    fn wrong(&self) -> Option<usize> {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-/:".contains(c);
        if let Some(offset) = self.name.find(|c| !allowed(c)) {
            return Some(offset);
        }
        let empty = self.name.split('/').any(|part| part.is_empty());
        if empty {
            return Some(self.name.find("//").map_or(0, |offset| offset + 1));
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if let Some(tag) = self.tag {
            let wrong = if tag.is_empty() { Some(0) } else { tag.find(|c| !allowed(c)) };
            if let Some(offset) = wrong {
                return Some(self.name.len() + offset + usize::from(!tag.is_empty()));
            }
        }
        let digest = self.digest?;
        let before = self.name.len() + self.tag.map_or(0, |tag| tag.len() + 1);
        let allowed = |c: char| c.is_ascii_alphanumeric() || ":._+-".contains(c);
        match digest.find(|c| !allowed(c)) {
            Some(offset) => Some(before + 1 + offset),
            None if !digest.contains(':') => Some(before),
            None => None,
        }
    }
}

pub(super) fn check(rules: &mut Rules<'_>, name: &str, service: &Service, kind: Kind) {
    let Some(written) = service.image.as_deref() else { return };
    let at = at(name, "image");
    let reference = Reference::new(written);
    let wrong = reference.wrong().filter(|offset| *offset < written.len());
    if written.is_empty() || wrong.is_some() {
        let place = match wrong
            .and_then(|from| Some(from..from + written[from..].chars().next()?.len_utf8()))
        {
            Some(range) => Location::within(at, range),
            None => Location::value(at),
        };
        let title = format!("{} is no reference of an image", word(written));
        let problem = Diagnostic::error(Code::BadFormat, place, title);
        rules.report(
            problem
                .help("write registry, path and tag, in lower case: `docker.io/library/redis:8`"),
        );
        return;
    }
    if kind == Kind::Image {
        ready(rules, name, service, written, &reference);
    } else {
        built(rules, name, written, &reference);
    }
}

/// An image that is used as it is: registry, and tag or digest.
fn ready(
    rules: &mut Rules<'_>,
    name: &str,
    service: &Service,
    written: &str,
    reference: &Reference<'_>,
) {
    let at = at(name, "image");
    if let (Some(_), Some(_)) = (&service.digest, reference.digest) {
        let place = Location::key(super::at(name, "digest"));
        let title = "the image has a digest already";
        let problem = Diagnostic::error(Code::NotApplicable, place, title);
        rules.report(problem.cause(Location::value(at.clone()), "here").help("remove one of them"));
    }
    let pinned = reference.digest.is_some() || service.digest.is_some();
    let full = qualified(reference.name);
    if reference.tag == Some("latest") && !pinned {
        let range = reference.name.len() + 1..reference.name.len() + 1 + "latest".len();
        let title = "`latest` is another image tomorrow";
        let place = Location::within(at.clone(), range);
        let problem = Diagnostic::error(Code::ImageNotQualified, place, title);
        rules.report(problem.help(tag_help(&full)));
    }
    let untagged = reference.tag.is_none() && !pinned;
    if reference.is_qualified() && !untagged {
        return;
    }
    let lacks = match (reference.is_qualified(), untagged) {
        (true, _) => "neither a tag nor a digest",
        (false, true) => "no registry, and neither a tag nor a digest",
        (false, false) => "no registry",
    };
    let place = Location::value(at.clone());
    let title = format!("the image {} has {lacks}", word(written));
    let problem = Diagnostic::error(Code::ImageNotQualified, place.clone(), title);
    let rest = &written[reference.name.len()..];
    rules.report(if untagged {
        problem.help(tag_help(&full))
    } else {
        problem.help("images of Docker Hub are named in full").patch(place, format!("{full}{rest}"))
    });
}

/// The name with its registry; without one, it is Docker Hub's.
fn qualified(name: &str) -> String {
    let reference = Reference { name, tag: None, digest: None };
    if reference.is_qualified() {
        name.to_owned()
    } else if name.contains('/') {
        format!("docker.io/{name}")
    } else {
        format!("docker.io/library/{name}")
    }
}

/// A tag of an image that is known, or how to find one.
fn tag_help(full: &str) -> String {
    let official = full.strip_prefix("docker.io/library/");
    let newest = official.and_then(images::newest);
    let preset = official.filter(|name| preset::find(name).is_some());
    match (newest, preset) {
        (Some(tag), Some(preset)) => {
            format!("write `{full}:{tag}`, or use the `preset` of that name, `{preset}`")
        }
        (Some(tag), None) => format!("write `{full}:{tag}`, or another version"),
        (None, _) => format!("name a version: `{full}:VERSION`, or pin it with `digest`"),
    }
}

/// The name of an image that is built here: versions are given when it is built.
fn built(rules: &mut Rules<'_>, name: &str, written: &str, reference: &Reference<'_>) {
    let at = at(name, "image");
    if reference.tag.is_some() || reference.digest.is_some() {
        let place = Location::within(at.clone(), reference.name.len()..written.len());
        let title = "the name of an image that is built here has no tag";
        let problem = Diagnostic::error(Code::BadFormat, place.clone(), title);
        rules.report(
            problem
                .label("not here")
                .help("the version is given when it is built")
                .patch(place, ""),
        );
    }
    if !reference.is_qualified() {
        let place = Location::within(at, 0..reference.name.len());
        let title = format!("the image {} has no registry", word(written));
        let problem = Diagnostic::error(Code::ImageNotQualified, place.clone(), title);
        let full = format!("localhost/{}", reference.name);
        rules.report(
            problem.help("an image that stays here is under `localhost`").patch(place, full),
        );
    }
}

/// No two builds make an image of the same name.
pub(super) fn clashes(rules: &mut Rules<'_>) {
    let mut names: BTreeMap<String, &str> = BTreeMap::new();
    for (name, service) in rules.services() {
        if !kind(service).is_some_and(Kind::is_built) {
            continue;
        }
        let image = resolve::image(rules.manifest, name, service);
        // On this machine an image is known by the last part of its name.
        let image = image.to_lowercase();
        let short = image.rsplit('/').next().unwrap_or(&image).to_owned();
        let Some(first) = names.insert(short.clone(), name) else { continue };
        let place = |name: &str| match rules.manifest.services.get(name) {
            Some(service) if service.image.is_some() => Location::value(at(name, "image")),
            _ => Location::key(pointer!["services", name]),
        };
        let (here, there) = match (&service.image, rules.manifest.services.get(first)) {
            (None, Some(_)) => (first, name),
            _ => (name, first),
        };
        let title = format!("`{first}` and `{name}` both build the image `{short}`");
        let problem = Diagnostic::error(Code::ImageNameClash, place(here), title)
            .cause(place(there), "the other one")
            .help("give one of them another `image`, or let it run the other's with `extends`");
        rules.report(problem);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_references_apart() {
        let reference = Reference::new("localhost:5000/shop/web:1.2@sha256:ab");
        assert_eq!(reference.name, "localhost:5000/shop/web");
        assert_eq!((reference.tag, reference.digest), (Some("1.2"), Some("sha256:ab")));
        assert!(reference.is_qualified() && !Reference::new("library/redis").is_qualified());
        assert_eq!(qualified("redis"), "docker.io/library/redis");
        assert_eq!(qualified("grafana/grafana"), "docker.io/grafana/grafana");
    }

    #[test]
    fn finds_what_cannot_be_there() {
        for (text, expected) in [
            ("docker.io/library/redis:8", None),
            ("docker.io/Library/redis", Some(10)),
            ("docker.io//redis", Some(10)),
            ("docker.io/redis:8 alpine", Some(17)),
            ("docker.io/redis:", Some(15)),
            ("docker.io/redis:8@sha256:0a", None),
            ("docker.io/redis:8@sha256:$(id)", Some(25)),
            ("docker.io/redis@latest", Some(15)),
            ("/redis", Some(0)),
        ] {
            assert_eq!(Reference::new(text).wrong(), expected, "{text}");
        }
    }
}
