//! `pss man`: prints the manual page, with a section for each command.

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use crate::arguments::Arguments;
use crate::error::Result;
use crate::exit::Exit;
use crate::terminal;

/// Runs the command.
pub(crate) fn run() -> Result<Exit> {
    let mut command = Arguments::command();
    command.build();
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    sections(&command, "PSS", &mut page)?;
    terminal::print(&page)
}

/// Appends a section for each command below a command.
fn sections(command: &Command, name: &str, page: &mut Vec<u8>) -> Result<()> {
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        let name = format!("{name} {}", subcommand.get_name().to_uppercase());
        page.extend_from_slice(format!(".SH \"{name}\"\n").as_bytes());
        let man = Man::new(subcommand.clone());
        man.render_synopsis_section(page)?;
        man.render_description_section(page)?;
        man.render_options_section(page)?;
        sections(subcommand, &name, page)?;
    }
    Ok(())
}
