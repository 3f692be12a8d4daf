//! The templates, embedded. A test proves that every file below `templates/` is listed and parses.

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        /// Every template: its name, and its text.
        pub const ALL: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../templates/", $name)))),*];
    };
}

#[rustfmt::skip] // One a line, so that branches merge.
templates![
    "config/Caddyfile.j2",
    "config/nginx.conf.j2",
    "dockerfile/go.j2",
    "dockerfile/macros.j2",
    "dockerfile/node-stages.j2",
    "dockerfile/node-static.j2",
    "dockerfile/node.j2",
    "dockerfile/python.j2",
    "dockerignore.j2",
    "go/healthcheck-grpc.go.j2",
    "go/healthcheck-http.go.j2",
    "hadolint.yaml.j2",
    "script/build-enterprise.sh.j2",
    "script/build-local-dev.sh.j2",
    "script/lib.sh.j2",
    "web/nginx-resolver.sh.j2",
    "web/nginx.conf.j2",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "looks at the package's own folder")]
    fn every_file_is_listed() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let on_disk: BTreeSet<String> = walkdir::WalkDir::new(&root)
            .into_iter()
            .flatten()
            .filter(|entry| entry.file_type().is_file())
            .filter_map(|entry| {
                Some(entry.path().strip_prefix(&root).ok()?.to_string_lossy().into_owned())
            })
            .collect();
        let listed: BTreeSet<String> = super::ALL.iter().map(|(name, _)| (*name).into()).collect();
        assert_eq!(on_disk, listed);
    }
}
