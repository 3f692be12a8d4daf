//! Reads generated files back, each with the rules of its own language and with nothing of the
//! program's: what a value is to the engine, the shell or the server that reads it.
//!
//! A file becomes a list of facts. A character that its language would act on instead of taking
//! it as it is (`$` where it is expanded, `|` outside of quotes) has [`ACTIVE`] before it, so that
//! a value which escapes from its place cannot look like itself.
#![allow(unreachable_pub, reason = "a test program is nobody's library")]

mod compose;
mod dockerfile;
pub mod dotenv;
mod server;
pub mod shell;

pub use dockerfile::{kinds, runs};

/// Stands before what a reader would act on. A character that no manifest may hold.
pub const ACTIVE: char = '\u{1}';

/// What a reader sees at a place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// One text.
    Text(String),
    /// Words in an order that matters.
    Words(Vec<String>),
}

/// What a reader sees: the place, and what is there. The same place may come several times.
pub type Facts = Vec<(String, Fact)>;

/// Reads a file by its name.
///
/// # Errors
/// Says why a reader would refuse it.
pub fn read(path: &str, text: &str) -> Result<Facts, String> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let facts = if name.ends_with(".yml") || name.ends_with(".yaml") {
        compose::read(text)?
    } else if name == "Dockerfile" || name.starts_with("Dockerfile.") {
        dockerfile::read(text)?
    } else if name == ".env.example" {
        dotenv::read(text)?
    } else if name == "lib.sh" {
        shell::library(text)?
    } else if name == "Caddyfile" || name.ends_with(".conf") {
        server::read(text)?
    } else if name.starts_with(".git") || name == ".dockerignore" {
        lines(text)
    } else {
        vec![(String::new(), Fact::Text(text.to_owned()))]
    };
    Ok(facts.into_iter().map(|(place, fact)| (format!("{path}:{place}"), fact)).collect())
}

/// Lists of patterns: a line each, in which `!`, `#`, `*`, `?`, `[` and `\` mean something, and
/// blanks divide a pattern from its attributes.
fn lines(text: &str) -> Facts {
    let lines = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| ("line".to_owned(), Fact::Text(line.to_owned()))).collect()
}
