//! The only voice of the program: data to the standard output, talk to the standard error.

#![expect(clippy::disallowed_methods, reason = "this module owns the standard streams")]

use std::fmt::Display;
use std::io::{self, ErrorKind, Write};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};

use super::args::Colour;

/// How a word looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// As it is.
    Plain,
    /// All is well.
    Good,
    /// Something changes.
    Notable,
    /// Something is wrong.
    Bad,
    /// Of less weight.
    Faint,
}

impl Look {
    const fn style(self) -> Style {
        match self {
            Self::Plain => Style::new(),
            Self::Good => AnsiColor::Green.on_default(),
            Self::Notable => AnsiColor::Yellow.on_default(),
            Self::Bad => AnsiColor::Red.on_default(),
            Self::Faint => Style::new().dimmed(),
        }
    }
}

/// Prints.
#[derive(Debug)]
pub struct Printer {
    /// Whether the standard output is coloured.
    colour: bool,
    /// Whether the standard error is coloured.
    talk_colour: bool,
    quiet: bool,
    verbose: bool,
    /// What is still to go to the standard output.
    pending: Vec<u8>,
    failure: Option<io::Error>,
}

impl Printer {
    /// A printer as the command line wants it.
    #[must_use]
    pub fn new(colour: Colour, quiet: bool, verbose: bool) -> Self {
        let choice = ColorChoice::from(colour);
        let coloured = |detected: ColorChoice| match choice {
            ColorChoice::Auto => detected != ColorChoice::Never,
            choice => choice != ColorChoice::Never,
        };
        Self {
            colour: coloured(AutoStream::choice(&io::stdout())),
            talk_colour: coloured(AutoStream::choice(&io::stderr())),
            quiet,
            verbose,
            pending: Vec::new(),
            failure: None,
        }
    }

    /// Whether talk is coloured.
    #[must_use]
    pub const fn talk_colour(&self) -> bool {
        self.talk_colour
    }

    /// Whether more is wanted than usual.
    #[must_use]
    pub const fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// Prints what was asked for, as it is.
    pub fn data(&mut self, text: &str) {
        self.pending.extend_from_slice(text.as_bytes());
        if self.pending.len() > 64 * 1024 {
            self.flush();
        }
    }

    /// Prints a value as indented JSON.
    pub fn json(&mut self, value: &serde_json::Value) {
        self.data(&format!("{value:#}\n"));
    }

    /// Prints a line of a report: a word, and what it is about. Nothing if quiet.
    pub fn entry(&mut self, look: Look, word: &str, text: &str) {
        if !self.quiet {
            let word = painted(self.colour, look, word);
            self.data(&format!("{word} {text}\n"));
        }
    }

    /// Prints a diff.
    pub fn diff(&mut self, text: &str) {
        if !self.colour {
            return self.data(text);
        }
        for line in text.split_inclusive('\n') {
            let look = match line.as_bytes().first() {
                Some(b'+') => Look::Good,
                Some(b'-') => Look::Bad,
                Some(b'@') => Look::Notable,
                _ => Look::Plain,
            };
            let line = line.strip_suffix('\n').unwrap_or(line);
            let painted = painted(true, look, line);
            self.data(&format!("{painted}\n"));
        }
    }

    /// Says something that is good to know.
    pub fn note(&mut self, text: impl Display) {
        if !self.quiet {
            self.talk(&format!("{text}\n"));
        }
    }

    /// Says one of several entries that belong to what was said before.
    pub fn item(&mut self, look: Look, word: &str, text: &str) {
        let word = painted(self.talk_colour, look, word);
        self.talk(&format!("  {word} {text}\n"));
    }

    /// Says what to do.
    pub fn hint(&mut self, text: &str) {
        if !self.quiet {
            let word = painted(self.talk_colour, Look::Good, "hint");
            let text = text.replace('\n', "\n      ").replace("\n      \n", "\n\n");
            self.talk(&format!("{word}: {text}\n"));
        }
    }

    /// Says that somebody should look at something.
    pub fn warning(&mut self, text: &str) {
        if !self.quiet {
            let word = painted(self.talk_colour, Look::Notable, "warning");
            self.talk(&format!("{word}: {text}\n"));
        }
    }

    /// Says what went wrong, and what to do about it.
    pub fn error(&mut self, text: &str, hints: &[String]) {
        let word = painted(self.talk_colour, Look::Bad, "error");
        self.talk(&format!("{word}: {text}\n"));
        for hint in hints {
            self.hint(hint);
        }
    }

    /// Says a text that is laid out already.
    pub fn talk(&mut self, text: &str) {
        self.flush();
        // There is nobody left to tell that nobody listens.
        let _ = io::stderr().write_all(text.as_bytes());
    }

    /// Hands everything over. A reader that went away had enough: that is no failure.
    ///
    /// # Errors
    /// If something could not be printed.
    pub fn finish(&mut self) -> io::Result<()> {
        self.flush();
        match self.failure.take() {
            Some(error) if error.kind() != ErrorKind::BrokenPipe => Err(error),
            _ => Ok(()),
        }
    }

    fn flush(&mut self) {
        if self.failure.is_none() && !self.pending.is_empty() {
            let mut stdout = io::stdout().lock();
            let result = stdout.write_all(&self.pending).and_then(|()| stdout.flush());
            self.failure = result.err();
        }
        self.pending.clear();
    }
}

fn painted(colour: bool, look: Look, word: &str) -> String {
    let style = look.style();
    if colour { format!("{style}{word}{style:#}") } else { word.to_owned() }
}
