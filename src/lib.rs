//! `gen`: one manifest becomes every container file of a project, for Docker and for Podman.

pub mod apply;
pub mod cli;
pub mod commands;
pub mod compile;
pub mod diagnostic;
pub mod document;
pub mod fs;
pub mod lockfile;
pub mod manifest;
pub mod path;
pub mod pointer;
pub mod rendered;
pub mod schema;
pub mod tree;
