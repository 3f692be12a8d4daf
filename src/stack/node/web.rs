//! The web server of a site: its configuration, and the files that have it.

use serde::Serialize;

use crate::path::RelativePath;
use crate::project::{Build, Service, Web};
use crate::render::quote::{Printable, comment, composed, json_string};

/// The files of the web server, named like the Dockerfile: `nginx.NAME.conf` beside
/// `Dockerfile.NAME`.
pub(super) struct Names {
    pub(super) configuration: RelativePath,
    pub(super) resolver: RelativePath,
}

impl Names {
    pub(super) fn new(build: &Build) -> Self {
        let name = build.dockerfile.as_str().rsplit('/').next().unwrap_or_default();
        let part = name.strip_prefix("Dockerfile").unwrap_or_default();
        Self {
            configuration: RelativePath::root().file(&format!("nginx{part}.conf")),
            resolver: RelativePath::root().file(&format!("nginx-resolver{part}.sh")),
        }
    }
}

#[derive(Serialize)]
pub(super) struct View {
    service: Printable,
    port: u16,
    routes: Vec<Route>,
}

#[derive(Serialize)]
struct Route {
    path: Printable,
    target: Printable,
    /// What the location matches: the path itself, and all below it.
    pattern: Printable,
    upstream: Printable,
}

impl View {
    pub(super) fn new(service: &Service, web: &Web) -> Self {
        Self {
            service: comment(&service.name),
            port: web.port,
            routes: web
                .routes
                .iter()
                .map(|(path, host, port)| Route::new(path, host, *port))
                .collect(),
        }
    }
}

impl Route {
    fn new(path: &str, host: &str, port: u16) -> Self {
        let end = if path.ends_with('/') { "" } else { "(/|$)" };
        Self {
            path: comment(path),
            target: comment(host),
            pattern: composed(json_string(&format!("^{}{end}", escape(path)))),
            upstream: composed(format!("http://{host}:{port}")),
        }
    }
}

/// A text as a regular expression that matches it alone.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for character in text.chars() {
        if !character.is_alphanumeric() && !"/_-".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_one_path() {
        let view = Route::new("/api.v1", "backend", 8000);
        assert_eq!(view.pattern.as_str(), r#""^/api\\.v1(/|$)""#);
        assert_eq!(view.upstream.as_str(), "http://backend:8000");
        assert_eq!(Route::new("/ws/", "b", 1).pattern.as_str(), r#""^/ws/""#);
    }
}
