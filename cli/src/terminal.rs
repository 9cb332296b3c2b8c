//! What the program prints to standard error, and whether it uses colours.

use std::io::{IsTerminal as _, Write as _};

use crate::arguments::{ColorChoice, Global};
use crate::error::{Error, Result};
use crate::exit::Exit;

/// Prints the error that ends the program.
pub(crate) fn print_error(error: &Error) {
    let _ = writeln!(std::io::stderr(), "pss: {error}");
}

/// Prints a message that does not belong to the output, unless the user wants none.
pub(crate) fn note(global: &Global, message: &str) {
    if !global.quiet {
        let _ = writeln!(std::io::stderr(), "pss: {message}");
    }
}

/// Prints text that does not belong to the output, unless the user wants none.
pub(crate) fn text(global: &Global, text: &str) {
    if !global.quiet {
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
}

/// Returns whether standard output gets colours. `NO_COLOR` is a convention of many programs (https://no-color.org).
pub(crate) fn uses_colors(global: &Global) -> bool {
    match global.color {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => {
            std::io::stdout().is_terminal()
                && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                && std::env::var_os("TERM").is_none_or(|value| value != "dumb")
        }
    }
}

/// Prints the output of a command that succeeds.
pub(crate) fn print(output: &[u8]) -> Result<Exit> {
    let mut out = std::io::stdout().lock();
    out.write_all(output)?;
    out.flush()?;
    Ok(Exit::Clean)
}

/// Prints an error that does not end the program.
pub(crate) fn error(message: &str) {
    let _ = writeln!(std::io::stderr(), "pss: {message}");
}
