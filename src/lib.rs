//! `gen`: one manifest becomes every container file of a project, for Docker and for Podman.
//!
//! The flow: manifest text, [`document`] with spans, [`schema`] and [`validate`], typed
//! [`manifest`], resolved [`project`], [`output`] views, rendered files, apply. Everything up to the
//! rendered files is pure and is one call: [`compile::compile`].

pub mod apply;
pub mod cli;
pub mod commands;
pub mod compile;
pub mod diagnostic;
pub mod document;
pub mod fs;
pub mod images;
pub mod lockfile;
pub mod manifest;
pub mod origin;
pub mod output;
pub mod path;
pub mod pointer;
pub mod preset;
pub mod project;
pub mod render;
pub mod rendered;
pub mod resolve;
pub mod schema;
pub mod stack;
pub mod templates;
pub mod tree;
pub mod validate;
