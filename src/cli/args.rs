//! What can be written on the command line. Nothing but clap.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// One manifest becomes every container file of a project, for Docker and for Podman
#[derive(Debug, Parser)]
#[command(
    name = "gen",
    version,
    about,
    after_help = "\
Exit codes:
  0  done, or up to date
  1  reading or writing failed, or gen did
  2  the command line is wrong
  3  `check` or `diff` found that files differ
  4  refused: files are in the way that people wrote or edited
  5  the manifest is wrong
  6  the manifest or `gen.lock` needs a newer gen",
    arg_required_else_help = true,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub struct Arguments {
    /// What holds for every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What holds for every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
pub struct Global {
    /// Work in this folder
    #[arg(short = 'C', long, value_name = "DIR", global = true, default_value = ".")]
    #[arg(hide_default_value = true, value_hint = clap::ValueHint::DirPath)]
    pub directory: PathBuf,
    /// Read this manifest
    #[arg(short, long, value_name = "FILE", global = true, default_value = "gen.yaml")]
    #[arg(value_hint = clap::ValueHint::FilePath)]
    pub file: PathBuf,
    /// Colour the output: auto, always or never; `NO_COLOR` is heeded by `auto`
    #[arg(long, value_name = "WHEN", global = true)]
    #[arg(default_value = "auto", hide_possible_values = true)]
    pub color: Colour,
    /// Say nothing but errors and what was asked for
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more: files that stay as they are, too
    #[arg(short, long, global = true)]
    pub verbose: bool,
}

/// When to colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// On a terminal, unless the environment says no.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Write the files that the manifest asks for
    Generate(Generate),
    /// Tell whether the files are what the manifest asks for, and write nothing
    Check(Report),
    /// Show what `generate` would change, as a unified diff
    Diff(Report),
    /// Tell what is wrong with the manifest
    Validate(Validate),
    /// Show the project with every default filled in
    Config(Config),
    /// Print the JSON schema of the manifest
    Schema,
    /// Tell what an error code means, or why a generated file is there
    Explain(Explain),
    /// Print the completions for a shell
    Completions(Completions),
    /// Print the manual page, as roff
    Man,
}

/// How a report is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// A command that only reports.
#[derive(Debug, Clone, Args)]
pub struct Report {
    /// Print the report as text or json
    #[arg(long, value_name = "FORMAT", default_value = "text", hide_possible_values = true)]
    pub format: Format,
}

/// `gen generate`
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
A file that was edited by hand, or that gen did not write, stops the whole run: nothing is written
then. Put the change into the manifest, or name the file with --force.")]
pub struct Generate {
    /// Write nothing, only tell what would be done
    #[arg(long)]
    pub dry_run: bool,
    /// Show the changes as a unified diff
    #[arg(long, conflicts_with = "format")]
    pub diff: bool,
    /// Write over these files even if they were edited; each is kept beside it as `.bak`
    #[arg(long, value_name = "PATH", num_args = 1.., value_hint = clap::ValueHint::FilePath)]
    pub force: Vec<String>,
    /// Write what can be written even if something is refused
    #[arg(long)]
    pub keep_going: bool,
    /// Write into this folder instead of the project; what else is there stays
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub output: Option<PathBuf>,
    /// Print the report as text or json
    #[arg(long, value_name = "FORMAT", default_value = "text", hide_possible_values = true)]
    pub format: Format,
}

/// `gen validate`
#[derive(Debug, Clone, Args)]
pub struct Validate {
    /// The manifest, instead of the one that --file names
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub manifest: Option<PathBuf>,
    /// How the report is printed.
    #[command(flatten)]
    pub report: Report,
}

/// `gen config`
#[derive(Debug, Clone, Args)]
pub struct Config {
    /// Show one environment only: dev or prod
    #[arg(long, value_name = "ENV", hide_possible_values = true)]
    pub env: Option<Environment>,
    /// How the report is printed.
    #[command(flatten)]
    pub report: Report,
}

/// An environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Environment {
    /// Development.
    Dev,
    /// Production.
    Prod,
}

/// `gen explain`
#[derive(Debug, Clone, Args)]
pub struct Explain {
    /// An error code such as `unknown-key`, or the path of a generated file; all codes if left out
    #[arg(value_name = "CODE|PATH")]
    pub subject: Option<String>,
}

/// `gen completions`
#[derive(Debug, Clone, Args)]
pub struct Completions {
    /// The shell: bash, elvish, fish, powershell or zsh
    #[arg(hide_possible_values = true)]
    pub shell: clap_complete::Shell,
}
