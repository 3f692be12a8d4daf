//! The `gen` program.

use std::process::ExitCode;

use composegen::cli::{self, Exit};

fn main() -> ExitCode {
    // A panic is a bug of gen: the message of Rust names the place, the exit code is the one for
    // internal errors.
    let exit = std::panic::catch_unwind(|| cli::run(std::env::args_os()));
    ExitCode::from(exit.unwrap_or(Exit::Failure).code())
}
