//! The templates, embedded. A test proves that every file below `templates/` is listed and parses.

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        /// Every template: its name, and its text.
        pub const ALL: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../templates/", $name)))),*];
    };
}

templates![
    "dockerfile/go.j2",
    "dockerfile/macros.j2",
    "dockerfile/python.j2",
    "dockerignore.j2",
    "go/healthcheck-grpc.go.j2",
    "go/healthcheck-http.go.j2",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    #[test]
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
