//! `pss man`: prints the manual page, with a section for each command.

use clap::CommandFactory as _;
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
    let whole = Man::new(command.clone());
    whole.render(&mut page)?;
    for subcommand in command.get_subcommands().filter(|subcommand| subcommand.get_name() != "help") {
        page.extend_from_slice(format!(".SH \"PSS {}\"\n", subcommand.get_name().to_uppercase()).as_bytes());
        let man = Man::new(subcommand.clone());
        man.render_synopsis_section(&mut page)?;
        man.render_description_section(&mut page)?;
        man.render_options_section(&mut page)?;
    }
    terminal::print(&page)
}
