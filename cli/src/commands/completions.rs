//! `pss completions`: prints completions for a shell.

use clap::CommandFactory as _;
use clap_complete::Shell;

use crate::arguments::Arguments;
use crate::error::Result;
use crate::exit::Exit;
use crate::terminal;

/// Runs the command.
pub(crate) fn run(shell: Shell) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "pss", &mut script);
    terminal::print(&script)
}
