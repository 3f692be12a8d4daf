//! Where a front sends requests, and the files that tell it so.

use serde::Serialize;

use crate::path::RelativePath;

/// Requests that begin with a path, and who answers them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Route {
    /// The path: `/` or `/api`; what follows it belongs to it only after a `/`.
    pub path: String,
    /// The service.
    pub service: String,
    /// The port on which that listens.
    pub port: u16,
}

/// A file that configures a service and is mounted into its container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Configuration {
    /// Where it lies.
    pub path: RelativePath,
    /// The template that it is made from.
    pub template: &'static str,
}
