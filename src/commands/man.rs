//! `gen man`: the manual page.

use std::io;

use clap_mangen::Man;

use super::CommandError;
use crate::cli::Exit;
use crate::cli::printer::Printer;

pub(super) fn run(printer: &mut Printer) -> Result<Exit, CommandError> {
    let page = page().map_err(|error| CommandError::disk("lay out the manual page", &error))?;
    printer.data(&page);
    Ok(Exit::Done)
}

/// One page for all: that of the program, then what each command takes.
fn page() -> io::Result<String> {
    let mut command = crate::cli::command();
    command.build();
    let man = Man::new(command.clone());
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_options_section(&mut page)?;
    let mut page = String::from_utf8_lossy(&page).into_owned();
    for sub in command.get_subcommands() {
        let about = sub.get_about().map(ToString::to_string).unwrap_or_default();
        let title = format!(".SH \"GEN {}\"\n{about}", sub.get_name().to_uppercase());
        match options(sub)? {
            section if section.contains(".SH OPTIONS") => {
                page += &section.replace(".SH OPTIONS", &title);
            }
            _ => page += &format!("{title}\n"),
        }
    }
    let mut extra = Vec::new();
    man.render_extra_section(&mut extra)?;
    page += &String::from_utf8_lossy(&extra)
        .replace(".SH EXTRA", ".SH \"EXIT STATUS\"")
        .replace("Exit codes:\n", "");
    page.push('\n');
    Ok(page)
}

/// The options of a command, without those that every command has.
fn options(command: &clap::Command) -> io::Result<String> {
    let own = command.clone().mut_args(|argument| {
        let general = argument.is_global_set() || argument.get_id() == "help";
        argument.hide(general)
    });
    let mut section = Vec::new();
    Man::new(own).render_options_section(&mut section)?;
    Ok(String::from_utf8_lossy(&section).into_owned())
}
