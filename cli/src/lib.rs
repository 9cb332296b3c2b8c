//! `pss`: the Pod Security Standards on the command line, in CI and in editors.
//!
//! ```text
//! arguments, pss.toml --> settings, inputs --pss_review--> reports --check--> problems --formats--> text, JSON, SARIF, ...
//! ```
//!
//! The judging, the explanations and the fixes are those of the review (`crates/review`), which the playground shares. This
//! package reads files and settings, and renders the results.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod arguments;
mod check;
mod commands;
mod config;
mod error;
mod exit;
mod file;
mod formats;
mod input;
mod lsp;
mod settings;
mod terminal;

use std::process::ExitCode;

use clap::Parser as _;
use clap::error::ErrorKind;

use crate::arguments::{Arguments, Command};
use crate::exit::Exit;

/// Runs the program with the arguments of the process.
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // A closed standard output, as in `pss --help | head -1`, is no failure.
            let _ = error.print();
            return match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Clean.into(),
                _ => Exit::Usage.into(),
            };
        }
    };
    let result = match &arguments.command {
        Command::Check(check) => check::run(check, &arguments.global),
        Command::Fix(fix) => commands::fix::run(fix, &arguments.global),
        Command::Explain(explain) => commands::explain::run(explain),
        Command::Compare(compare) => commands::compare::run(compare, &arguments.global),
        Command::Policy(policy) => commands::policy::run(policy, &arguments.global),
        Command::Migrate(migrate) => commands::migrate::run(migrate, &arguments.global),
        Command::Lsp(_) => return lsp::run(),
        Command::Completions { shell } => commands::completions::run(*shell),
        Command::Man => commands::man::run(),
    };
    match result {
        Ok(exit) => exit.into(),
        // The reader of a pipe has ended, as `head` does: not a failure of this program.
        Err(error) if error.is_broken_pipe() => Exit::Clean.into(),
        Err(error) => {
            terminal::print_error(&error);
            error.exit().into()
        }
    }
}
