//! The command line: from words to an exit code.

pub mod args;
pub mod printer;

use std::ffi::OsString;

use clap::{CommandFactory, FromArgMatches};

use crate::commands;
use args::{Arguments, Colour};
use printer::Printer;

/// How a run ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exit {
    /// Done, or up to date.
    Done,
    /// The disk failed, or gen did.
    Failure,
    /// The command line is wrong.
    Usage,
    /// The files are not what the manifest says.
    Drift,
    /// Files that people wrote or edited are in the way.
    Refused,
    /// The manifest is wrong.
    Invalid,
    /// The manifest or the lock was written for a newer gen.
    Newer,
}

impl Exit {
    /// The number that the shell sees.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            Self::Drift => 3,
            Self::Refused => 4,
            Self::Invalid => 5,
            Self::Newer => 6,
        }
    }
}

/// Runs the program with its arguments, the first of which is its name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> Exit {
    let parsed = command().try_get_matches_from(arguments);
    let arguments = match parsed.and_then(|matches| Arguments::from_arg_matches(&matches)) {
        Ok(arguments) => arguments,
        Err(error) => return tell(&error),
    };
    let global = &arguments.global;
    let mut printer = Printer::new(global.color, global.quiet, global.verbose);
    let exit = commands::run(&arguments, &mut printer);
    match printer.finish() {
        Ok(()) => exit,
        Err(error) if exit == Exit::Done => {
            printer.error(&format!("cannot write to the standard output: {error}"), &[]);
            Exit::Failure
        }
        Err(_) => exit,
    }
}

/// The command line as clap knows it.
#[must_use]
pub fn command() -> clap::Command {
    Arguments::command()
}

/// Prints help, the version, or what is wrong with the command line.
fn tell(error: &clap::Error) -> Exit {
    // A reader that went away wants no help any more.
    let _ = error.print();
    if error.use_stderr() { Exit::Usage } else { Exit::Done }
}

impl From<Colour> for anstream::ColorChoice {
    fn from(colour: Colour) -> Self {
        match colour {
            Colour::Auto => Self::Auto,
            Colour::Always => Self::Always,
            Colour::Never => Self::Never,
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_sound() {
        super::command().debug_assert();
    }
}
